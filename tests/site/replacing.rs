//! Replacing a file of the library: posts show the new one, old addresses lead to it, nothing is half done.

use image::ImageFormat;
use rejoinder::accounts::permissions::Actor;
use rejoinder::media::library;
use rejoinder::posts::draft::PostInput;
use rejoinder::store::entity::user::Role;
use reqwest::{Method, StatusCode};

use crate::media::{BOUNDARY, added, address_in, encoded, item_path, photo};
use crate::on_both_databases;
use crate::support::client::{Client, Page};
use crate::support::site::{PASSWORD, Site};

/// Sends the form of a page that asks for another file.
async fn replace(client: &Client, page: &Page, name: &str, bytes: &[u8]) -> Page {
    let seen = page.attribute("input[name='seen']", "value").unwrap();
    replace_seen(client, &page.path, &seen, name, bytes).await
}

async fn replace_seen(client: &Client, path: &str, seen: &str, name: &str, bytes: &[u8]) -> Page {
    let mut body = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"seen\"\r\n\r\n{seen}\r\n--{BOUNDARY}\r\n\
         Content-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: image/png\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(bytes);
    body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    let media_type = format!("multipart/form-data; boundary={BOUNDARY}");
    let headers = [("content-type", media_type.as_str())];
    client.request(Method::POST, path, body, &headers).await
}

fn png(width: u32, height: u32) -> Vec<u8> {
    encoded(&photo(width, height), ImageFormat::Png)
}

on_both_databases! {
    async fn posts_show_the_new_picture_and_keep_their_texts(db) {
        let site = Site::start(db).await;
        let editor = site.signed_in(Role::Editor).await;
        let item = added(&editor, "map.png", &png(400, 300)).await;
        let (path, old) = (item_path(&item), address_in(&item));
        let post = site.post("With a map", &format!("![The old map]({old} \"A caption\")")).await;
        let reader = site.visitor();
        assert_eq!(reader.get(&site.path(&post)).await.attribute("figure img", "width").as_deref(), Some("400"));

        assert_eq!(item.attribute(&format!("a[href='{path}/replace']"), "class").as_deref(), Some("button"));
        let form = editor.get(&format!("{path}/replace")).await;
        assert!(form.one(".attention").contains("cannot be restored"));
        assert!(form.text().contains("With a map"));
        let answer = replace(&editor, &form, "new map.webp", &png(700, 500)).await;
        let item = editor.follow(answer).await;
        assert!(item.one(".received").starts_with("Replaced."), "{}", item.text());
        assert_eq!(item.one("h1"), "new-map.png");
        let new = address_in(&item);
        assert_ne!(new, old);
        assert!(item.one("#markdown").starts_with("![Ships]("));

        let page = reader.get(&site.path(&post)).await;
        assert_eq!(page.attribute("figure img", "width").as_deref(), Some("700"));
        assert_eq!(page.attribute("figure img", "alt").as_deref(), Some("The old map"));
        assert_eq!(page.one("figure figcaption"), "A caption");
        let token = new.split('/').nth(2).unwrap();
        assert!(page.attribute("figure img", "srcset").unwrap().contains(token));
        // Old addresses lead on: in feeds, in mails, on other sites.
        let moved = reader.get(&old).await;
        assert_eq!((moved.status, moved.header("location")), (StatusCode::TEMPORARY_REDIRECT, Some(new.as_str())));
        assert_eq!(moved.header("cache-control"), Some("no-cache"));
        let old_token = old.split('/').nth(2).unwrap();
        let smaller = reader.get(&format!("/media/{old_token}/320.webp")).await;
        assert_eq!(smaller.header("location"), Some(format!("/media/{token}/320.webp").as_str()));
        let missing = reader.get(&format!("/media/{old_token}/400.webp")).await;
        assert_eq!(missing.header("location"), Some(new.as_str()));
        assert!(!site.database.media_folder().join(old_token).exists());
        // Saved again with the address that its writer typed, the post still uses the file.
        let edit = format!("/desk/posts/{}/edit", post.id);
        let form = editor.get(&edit).await.form("form.compose");
        assert!(form.value("body").contains(&old));
        assert_eq!(editor.submit(&form.press("Update")).await.status, StatusCode::SEE_OTHER);
        assert!(editor.get(&path).await.all("a").contains(&"With a map".to_owned()));
        assert_eq!(reader.get(&site.path(&post)).await.attribute("figure img", "width").as_deref(), Some("700"));

        // Twice: the oldest address leads to the newest file. Deleted, none leads anywhere.
        let form = editor.get(&format!("{path}/replace")).await;
        let item = editor.follow(replace(&editor, &form, "third.png", &png(80, 60)).await).await;
        assert_eq!(reader.get(&old).await.header("location"), Some(address_in(&item).as_str()));
        let deleted = editor.post(&format!("{path}/delete"), &[("sure", "1")]).await;
        assert_eq!(deleted.status, StatusCode::SEE_OTHER);
        for address in [&old, &new] {
            assert_eq!(reader.get(address).await.status, StatusCode::NOT_FOUND);
        }
        assert_eq!(reader.get(&site.path(&post)).await.status, StatusCode::OK);
    }

    async fn nobody_changes_what_readers_see_by_a_file_of_theirs(db) {
        let site = Site::start(db).await;
        let editor = site.account(Role::Editor).await;
        for (role, may_change_own_post) in [(Role::Contributor, false), (Role::Author, true)] {
            let writer = site.account(role).await;
            let client = site.signed_in(role).await;
            let item = added(&client, "map.png", &png(40, 30)).await;
            let (path, address) = (item_path(&item), address_in(&item));
            let post_with = |title: &str, address: &str| PostInput {
                title: title.to_owned(),
                body: format!("![Map]({address})"),
                ..PostInput::default()
            };
            let may_change = async || {
                let statuses = [
                    client.get(&format!("{path}/replace")).await.status,
                    client.get(&format!("{path}/delete")).await.status,
                    client.post(&path, &[("alt", "Something else")]).await.status,
                ];
                let may_change = client.get(&path).await.has("a.danger");
                let expected = match may_change {
                    true => [StatusCode::OK, StatusCode::OK, StatusCode::SEE_OTHER],
                    false => [StatusCode::FORBIDDEN; 3],
                };
                assert_eq!(statuses, expected, "{role:?}");
                may_change
            };
            assert!(may_change().await);
            if may_change_own_post {
                site.publish_as(&writer, post_with("Their own", &address)).await;
                assert!(may_change().await);
            }
            // Opened before an editor published a post with it, sent after that.
            let form = client.get(&format!("{path}/replace")).await;
            site.publish_as(&editor, post_with("Of the editor", &address)).await;
            assert!(!may_change().await, "{role:?}");
            let late = replace(&client, &form, "other.png", &png(50, 40)).await;
            assert_eq!(late.status, StatusCode::FORBIDDEN);
            assert!(late.text().contains("Ask an editor"));
            let late = client.post(&format!("{path}/delete"), &[("sure", "1")]).await;
            assert_eq!(late.status, StatusCode::FORBIDDEN);
            let of_editor = site.signed_in(Role::Editor).await;
            assert!(of_editor.get(&path).await.has("a.danger"));
        }
    }

    async fn a_picture_of_the_design_is_changed_by_editors_alone(db) {
        let site = Site::start(db).await;
        let author = site.signed_in(Role::Author).await;
        let path = item_path(&added(&author, "logo.png", &png(40, 30)).await);
        let administrator = site.signed_in(Role::Administrator).await;
        let form = administrator.get("/settings/design").await;
        let form = form.form("form.design");
        let number = path.rsplit('/').next().unwrap();
        let saved = administrator.submit(&form.fill("logo", number)).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text());
        assert!(!author.get(&path).await.has("a.danger"));
        for verb in ["replace", "delete"] {
            let answer = author.get(&format!("{path}/{verb}")).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{verb}");
        }
        assert_eq!(author.post(&format!("{path}/delete"), &[("sure", "1")]).await.status, StatusCode::FORBIDDEN);
        let editor = site.signed_in(Role::Editor).await;
        assert!(editor.get(&path).await.has("a.danger"));
    }

    async fn a_file_is_replaced_by_its_like_and_only_as_it_was_seen(db) {
        let site = Site::start(db).await;
        let author = site.signed_in(Role::Author).await;
        let item = added(&author, "map.png", &png(40, 30)).await;
        let path = format!("{}/replace", item_path(&item));
        let form = author.get(&path).await;
        for (name, bytes, says) in [
            ("notes.txt", b"Some notes".to_vec(), "A picture can only be replaced by a picture"),
            ("drawing.svg", b"<svg/>".to_vec(), "Export the picture"),
            ("empty.png", Vec::new(), "The file is empty"),
        ] {
            let answer = replace(&author, &form, name, &bytes).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
            assert!(answer.one(".problems").contains(says), "{name}");
            assert!(answer.has("#file-problem"), "{name}");
        }
        let nothing = author.request(Method::POST, &path, format!("--{BOUNDARY}--\r\n"), &[("content-type", &format!("multipart/form-data; boundary={BOUNDARY}"))]).await;
        assert!(nothing.status.is_client_error());
        // Two who replace the same file: the second is told.
        let second = author.get(&path).await;
        assert_eq!(replace(&author, &form, "first.png", &png(50, 40)).await.status, StatusCode::SEE_OTHER);
        let late = replace(&author, &second, "second.png", &png(60, 50)).await;
        assert_eq!(late.status, StatusCode::CONFLICT);
        assert!(late.one(".problems").contains("Someone else replaced this file"));
        let again = replace(&author, &late, "second.png", &png(60, 50)).await;
        assert_eq!(again.status, StatusCode::SEE_OTHER);

        let other = site.account_named("Other Author", Role::Author).await;
        let stranger = site.visitor();
        stranger.sign_in(&other.email, PASSWORD).await;
        assert_eq!(stranger.get(&path).await.status, StatusCode::FORBIDDEN);
        let seen = late.attribute("input[name='seen']", "value").unwrap();
        let refused = replace_seen(&stranger, &path, &seen, "a.png", &png(9, 9)).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        let gone = replace_seen(&author, "/desk/media/999999/replace", &seen, "a.png", &png(9, 9)).await;
        assert_eq!(gone.status, StatusCode::NOT_FOUND);
    }

    async fn of_many_who_replace_a_file_at_once_one_does(db) {
        let site = Site::start(db).await;
        let editor = site.signed_in(Role::Editor).await;
        let item = added(&editor, "map.png", &png(40, 30)).await;
        let path = format!("{}/replace", item_path(&item));
        let form = editor.get(&path).await;
        let seen = form.attribute("input[name='seen']", "value").unwrap();
        let mut sending = tokio::task::JoinSet::new();
        for width in 41..47 {
            let client = editor.copy_at(&site.base);
            let (path, seen) = (path.clone(), seen.clone());
            sending.spawn(async move {
                replace_seen(&client, &path, &seen, "new.png", &png(width, 30)).await.status
            });
        }
        let answers = sending.join_all().await;
        let replaced = answers.iter().filter(|status| **status == StatusCode::SEE_OTHER).count();
        assert_eq!(replaced, 1, "{answers:?}");
        assert!(answers.iter().all(|status| [StatusCode::SEE_OTHER, StatusCode::CONFLICT].contains(status)), "{answers:?}");
        let found = library::page(&site.app, &Actor::operator(), "", 1).await.unwrap();
        assert_eq!(found.count, 1);
        let now = editor.get(&item_path(&item)).await;
        assert_eq!(site.visitor().get(&address_in(&now)).await.status, StatusCode::OK);
    }

    async fn every_post_that_uses_a_file_is_rendered_again(db) {
        let site = Site::start(db).await;
        let editor = site.signed_in(Role::Editor).await;
        let item = added(&editor, "map.png", &png(40, 30)).await;
        let address = address_in(&item);
        let mut posts = Vec::new();
        // More than are rendered before the answer.
        for number in 0..60 {
            posts.push(site.post(&format!("Post {number}"), &format!("![]({address})")).await);
        }
        let form = editor.get(&format!("{}/replace", item_path(&item))).await;
        assert_eq!(replace(&editor, &form, "new.png", &png(70, 30)).await.status, StatusCode::SEE_OTHER);
        site.run_jobs().await;
        let reader = site.visitor();
        for post in &posts {
            let page = reader.get(&site.path(post)).await;
            assert_eq!(page.attribute(".text img", "width").as_deref(), Some("70"));
        }
    }
}
