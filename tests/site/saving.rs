//! Saving posts: no post overwrites another, different tags stay different, and what nobody changed stays
//! as it is.

use rejoinder::clock::Moment;
use rejoinder::commands::serve::Workers;
use rejoinder::posts::draft::PostInput;
use rejoinder::store::entity::post::Model as Post;
use rejoinder::store::entity::user::Role;
use rejoinder::store::{jobs, posts};
use reqwest::StatusCode;

use crate::on_both_databases;
use crate::support::client::{Client, Page};
use crate::support::site::Site;

const BERLIN: &str = "[site]\ntime_zone = \"Europe/Berlin\"\n";

fn moment(utc: &str) -> Moment {
    utc.parse::<jiff::Timestamp>().unwrap().into()
}

async fn row(site: &Site, post: &Post) -> Post {
    posts::find(site.app.store.read(), post.id)
        .await
        .unwrap()
        .unwrap()
}

async fn press(editor: &Client, post: &Post, fill: &[(&str, &str)], button: &str) -> Page {
    let edit = editor.get(&format!("/desk/posts/{}/edit", post.id)).await;
    let mut form = edit.form("form.compose");
    for (name, value) in fill {
        form = form.fill(name, value);
    }
    editor.submit(&form.press(button)).await
}

async fn publish(editor: &Client, title: &str, tags: &str) -> Page {
    let form = editor.get("/desk/posts/new").await.form("form.compose");
    let form = form
        .fill("title", title)
        .fill("body", &format!("Text of {title}"))
        .fill("tags", tags);
    let saved = editor.submit(&form.press("Publish")).await;
    assert_eq!(
        saved.status,
        StatusCode::SEE_OTHER,
        "{title}: {}",
        saved.text()
    );
    editor.follow(saved).await
}

on_both_databases! {
    async fn titles_that_make_one_slug_make_posts_of_their_own(db) {
        let site = Site::start(db).await;
        let editor = site.signed_in(Role::Editor).await;
        let long = "a".repeat(150);
        let titles = ["???", "!!!", "时事", "实事", "C++", "C#", "C", "C", long.as_str(), long.as_str()];
        let mut paths = Vec::new();
        for title in titles {
            let page = publish(&editor, title, "").await;
            assert_eq!(page.one("article.post h1"), title);
            paths.push(page.path);
        }
        for (title, path) in titles.iter().zip(&paths) {
            let page = site.visitor().get(path).await;
            assert_eq!(page.one("article.post .e-content"), format!("Text of {title}"), "{path}");
        }
        let slugs: Vec<&str> = paths.iter().map(|path| path.split('/').nth(4).unwrap()).collect();
        assert_eq!(slugs[..8], ["post", "post-2", "shi-shi", "shi-shi-2", "c", "c-2", "c-3", "c-4"]);
        // A numbered slug can be saved again.
        let list = posts::page_for_desk(site.app.store.read(), None, None, None, 1, 1).await.unwrap();
        let last = posts::find(site.app.store.read(), list[0].id).await.unwrap().unwrap();
        let saved = press(&editor, &last, &[("body", "Changed")], "Update").await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text());
    }

    async fn a_slug_that_is_taken_says_by_what(db) {
        let site = Site::start(db).await;
        let (first, second) = (site.post("First", "x").await, site.post("Second", "x").await);
        let editor = site.signed_in(Role::Editor).await;
        press(&editor, &first, &[("slug", "renamed")], "Update").await;
        let answer = press(&editor, &second, &[("slug", "first")], "Update").await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.one("#slug-problem").contains("now has the slug renamed"), "{}", answer.text());
        let answer = press(&editor, &second, &[("slug", "renamed")], "Update").await;
        assert!(answer.one("#slug-problem").contains("nother post has this slug"), "{}", answer.text());
        editor.post(&format!("/desk/posts/{}/trash", first.id), &[]).await;
        let answer = press(&editor, &second, &[("slug", "renamed")], "Update").await;
        assert!(answer.one("#slug-problem").contains("in the trash"), "{}", answer.text());
        // Back to one's own former slug is no clash.
        press(&editor, &second, &[("slug", "other")], "Update").await;
        let back = press(&editor, &second, &[("slug", "second")], "Update").await;
        assert_eq!(back.status, StatusCode::SEE_OTHER, "{}", back.text());
    }

    async fn tags_whose_names_differ_are_never_one(db) {
        let site = Site::start(db).await;
        let editor = site.signed_in(Role::Editor).await;
        let tags = ["C", "C++", "C#", "F#", "时事", "实事", "!!!", "???", "\"Oil, gas\"", "Oil gas"];
        for (nth, tag) in tags.iter().enumerate() {
            publish(&editor, &format!("Post {nth}"), tag).await;
        }
        let all = publish(&editor, "All", &tags.join(", ")).await;
        assert_eq!(all.all("ul.tags a").len(), tags.len());
        for (nth, tag) in tags.iter().enumerate() {
            let name = tag.trim_matches('"');
            let page = site.visitor().get(&format!("/?p={}", nth + 1)).await;
            let page = site.visitor().follow(page).await;
            assert_eq!(page.all("ul.tags a"), [name]);
            let tagged = page.attribute("ul.tags a", "href").unwrap();
            let titles = site.visitor().get(&tagged).await.all("article h2");
            assert_eq!(titles, ["All".to_owned(), format!("Post {nth}")], "{tag} at {tagged}");
        }
    }

    async fn the_longest_allowed_fields_are_kept_whole_and_longer_ones_are_refused(db) {
        let site = Site::start(db).await;
        let editor = site.signed_in(Role::Editor).await;
        let title = "t".repeat(300);
        let mut tags: Vec<String> = (10..29).map(|number| format!("Tag {number}")).collect();
        tags.push("u".repeat(60));
        let page = publish(&editor, &title, &tags.join(", ")).await;
        assert_eq!(page.one("article.post h1"), title);
        assert_eq!(page.all("ul.tags a"), tags);
        let post = site.post("Short", "x").await;
        let saved = press(&editor, &post, &[("body", &"x".repeat(200_000))], "Update").await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER);
        let too_many = format!("{}, one more", tags.join(", "));
        for (field, value) in [("title", "t".repeat(301)), ("body", "x".repeat(200_001)), ("tags", "u".repeat(61)), ("tags", too_many)] {
            let answer = press(&editor, &post, &[(field, &value)], "Update").await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
            assert!(answer.has(&format!("#{field}-problem")), "{field}: {}", answer.text());
        }
    }

    async fn spellings_of_one_tag_are_one_and_keep_its_first_form(db) {
        let site = Site::start(db).await;
        let editor = site.signed_in(Role::Editor).await;
        for (nth, tag) in ["Straße", "STRASSE", "ｓｔｒａｓｓｅ", "straße, Strasse"].iter().enumerate() {
            let page = publish(&editor, &format!("Post {nth}"), tag).await;
            assert_eq!(page.all("ul.tags a"), ["Straße"], "{tag}");
        }
        assert_eq!(site.visitor().get("/tag/strasse/").await.all("article h2").len(), 4);
    }

    async fn saving_what_nobody_changed_changes_nothing(db) {
        let site = Site::with(db, BERLIN, Workers::Off).await;
        // The second 02:30 of the night in which clocks went back.
        let input = |title: &str, date: &str| PostInput {
            title: title.into(),
            body: "One\r\ntwo\n\n[link](https://elsewhere.example/)".into(),
            tags: "b, \"a, c\"".into(),
            date: date.into(),
            comments: true,
            sends_linkbacks: true,
            ..PostInput::default()
        };
        let older = site.post_of(input("Older", "2026-10-25T02:30:41.5+01:00")).await;
        let newer = site.post_of(input("Newer", "2026-10-25T02:30:42.123+01:00")).await;
        assert_eq!(newer.published_at, Some(moment("2026-10-25T01:30:42.123Z")));
        let later = site.post_of(input("Later", "2030-10-27T02:30:59+01:00")).await;
        let editor = site.signed_in(Role::Editor).await;
        let jobs_before = jobs::list(site.app.store.read(), None, 100).await.unwrap().len();
        site.app.clock.step(std::time::Duration::from_secs(3600));
        for post in [&newer, &older, &later] {
            let before = row(&site, post).await;
            for _ in 0..2 {
                let saved = press(&editor, post, &[], "Update").await;
                assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text());
            }
            assert_eq!(row(&site, post).await, before);
        }
        let jobs_after = jobs::list(site.app.store.read(), None, 100).await.unwrap().len();
        assert_eq!(jobs_after, jobs_before, "no linkback is sent");
        assert_eq!(site.visitor().get("/").await.all("article h2"), ["Newer", "Older"]);
        // The form of somebody who opened it before still fits.
        let old_form = editor.get(&format!("/desk/posts/{}/edit", older.id)).await.form("form.compose");
        press(&editor, &older, &[], "Update").await;
        let saved = editor.submit(&old_form.fill("body", "Changed").press("Update")).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER);
        let changed = row(&site, &older).await;
        assert_eq!(changed.published_at, older.published_at, "only a person changes when it appeared");
        assert_eq!(changed.revision, older.revision + 1);
        assert!(changed.updated_at > older.updated_at);
    }

    async fn a_date_changes_when_a_person_changes_it_and_says_what_cannot_be(db) {
        let site = Site::with(db, BERLIN, Workers::Off).await;
        let post = site.post("Dated", "x").await;
        let editor = site.signed_in(Role::Editor).await;
        for (typed, utc) in [
            ("2026-10-25T02:30", "2026-10-25T00:30:00Z"),
            ("2026-07-01T12:00:05", "2026-07-01T10:00:05Z"),
            ("2026-01-02T03:04:05-08:00", "2026-01-02T11:04:05Z"),
            ("0001-01-02T00:00", "0001-01-01T23:06:32Z"),
        ] {
            let saved = press(&editor, &post, &[("date", typed)], "Update").await;
            assert_eq!(saved.status, StatusCode::SEE_OTHER, "{typed}: {}", saved.text());
            assert_eq!(row(&site, &post).await.published_at, Some(moment(utc)), "{typed}");
        }
        let reader = site.visitor();
        assert_eq!(reader.get(&site.path(&row(&site, &post).await)).await.status, StatusCode::OK);
        for feed in ["/", "/feed/", "/feed/atom/", "/feed.json", "/sitemap.xml"] {
            assert_eq!(reader.get(feed).await.status, StatusCode::OK, "{feed}");
        }
        for (typed, says) in [
            ("2026-03-29T02:30", "does not exist in Europe/Berlin"),
            ("0000-12-31T12:00", "Enter a date"),
            ("10000-01-01T00:00", "Enter a date"),
            ("soon", "Enter a date"),
        ] {
            let answer = press(&editor, &post, &[("date", typed)], "Update").await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{typed}");
            assert!(answer.one("#date-problem").contains(says), "{typed}: {}", answer.text());
        }
        let far = press(&editor, &post, &[("date", "9999-12-30T00:00")], "Update").await;
        assert_eq!(far.status, StatusCode::SEE_OTHER, "{}", far.text());
    }

    async fn an_empty_form_is_no_post(db) {
        let site = Site::start(db).await;
        let editor = site.signed_in(Role::Editor).await;
        let form = editor.get("/desk/posts/new").await.form("form.compose");
        for button in ["Save draft", "Publish"] {
            let answer = editor.submit(&form.clone().fill("body", " \n").press(button)).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{button}");
            assert!(answer.one("#title-problem").contains("othing to save yet"), "{}", answer.text());
        }
        assert!(editor.get("/desk/").await.text().contains("No posts here."));
    }
}
