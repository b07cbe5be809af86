//! Pictures of other sites in posts: what the editor says of them, importing them, and the hosts whose pictures
//! may be shown.

use std::fs;
use std::io::Cursor;
use std::time::Duration;

use image::{ImageFormat, Rgb, RgbImage};
use rejoinder::commands::serve::Workers;
use rejoinder::config::Config;
use rejoinder::posts::draft::PostInput;
use rejoinder::posts::rerender_pictures;
use rejoinder::store::entity::user::Role;
use rejoinder::store::{media, posts};
use reqwest::StatusCode;

use crate::commands::{run, stderr_of, stdout_of};
use crate::on_both_databases;
use crate::support::client::{Client, Form, Page};
use crate::support::database::{Database, Kind};
use crate::support::neighbour::Neighbour;
use crate::support::site::{PASSWORD, Site};

fn png(width: u32, height: u32) -> Vec<u8> {
    let picture = RgbImage::from_fn(width, height, |x, y| Rgb([x as u8, y as u8, 90]));
    let mut bytes = Vec::new();
    picture
        .write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png)
        .unwrap();
    bytes
}

fn show_png(neighbour: &Neighbour, path: &str) -> String {
    neighbour.show_as(path, 200, "image/png", &png(40, 20), Duration::ZERO)
}

async fn site_near(db: Kind, neighbour: &Neighbour) -> Site {
    Site::with(db, &neighbour.allowed(), Workers::Off).await
}

/// The form of a new post with this text.
async fn form_with(author: &Client, body: &str) -> Form {
    let page = author.get("/desk/posts/new").await;
    page.form("form.compose")
        .fill("title", "With a picture")
        .fill("body", body)
}

async fn preview_of(author: &Client, body: &str) -> Page {
    let form = form_with(author, body).await;
    author.submit(&form.press("Preview")).await
}

async fn import_all(author: &Client, body: &str) -> Page {
    let form = form_with(author, body).await;
    author.submit(&form.fill("import", "all")).await
}

async fn count_media(site: &Site) -> u64 {
    media::count(site.app.store.read(), "").await.unwrap()
}

on_both_databases! {
    async fn a_picture_of_another_site_is_imported_into_the_text(db) {
        let neighbour = Neighbour::start().await;
        let address = show_png(&neighbour, "/Ships%20at%20dusk.png?size=l");
        let site = site_near(db, &neighbour).await;
        let author = site.signed_in(Role::Author).await;
        let body = format!("Before\n\n![Three *ships*]({address} \"At dusk\")\n\n[link]({address})");
        let page = preview_of(&author, &body).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.one("#checks").contains("This picture is on another site. Import it."));
        assert_eq!(page.one("#preview a.picture-elsewhere"), "Three ships");
        assert!(!page.has("#preview img"));
        let form = page.form("form.compose").fill("title", "Typed since").fill("tags", "harbour");
        let page = author.submit(&form.press("Import")).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.one(".received").contains("1 picture imported"));
        assert_eq!(page.one("#checks-list"), "No issues found.");
        // Nothing is saved, and nothing that was typed is lost.
        assert!(posts::list_newest(site.app.store.read(), 5).await.unwrap().is_empty());
        let form = page.form("form.compose");
        assert_eq!((form.value("title"), form.value("tags")), ("Typed since", "harbour"));
        let text = form.value("body").to_owned();
        assert!(text.starts_with("Before\n\n![Three *ships*](/media/"), "{text}");
        assert!(text.contains("/ships-at-dusk.png \"At dusk\")"), "{text}");
        assert!(text.ends_with(&format!("[link]({address})")), "{text}");
        let page = author.follow(author.submit(&form.press("Publish")).await).await;
        let image = "figure.picture img";
        assert_eq!(page.attribute(image, "alt").as_deref(), Some("Three ships"));
        assert_eq!(page.attribute(image, "width").as_deref(), Some("40"));
        assert_eq!(page.one("figcaption"), "At dusk 127.0.0.1");
        // The same picture in another text is not fetched again.
        let again = import_all(&author, &format!("![]({address})")).await;
        assert!(again.one(".received").contains("1 picture imported"));
        assert_eq!(neighbour.visits().len(), 1, "{:?}", neighbour.visits());
        assert_eq!(count_media(&site).await, 1);
    }

    async fn what_cannot_be_imported_says_why_and_the_rest_is_imported(db) {
        let neighbour = Neighbour::start().await;
        let database = Database::migrated(db).await;
        let folder = database.media_folder();
        let media = format!("[media]\nfolder = \"{}\"\nmax_upload = 1\n", folder.display());
        let overrides = format!("{}{media}", neighbour.allowed());
        let site = Site::on(database, &overrides, Workers::Off).await;
        let author = site.signed_in(Role::Author).await;
        let good = show_png(&neighbour, "/good.png");
        let page_address = neighbour.show("/page.png", "<p>Not a picture</p>");
        let svg = neighbour.show_as("/x.svg", 200, "image/svg+xml", b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>", Duration::ZERO);
        let lying = neighbour.show_as("/lying.png", 200, "image/png", b"<?xml version=\"1.0\"?><svg/>", Duration::ZERO);
        let large = neighbour.show_as("/large.png", 200, "image/png", &[png(9, 9), vec![0; 2 << 20]].concat(), Duration::ZERO);
        let document = neighbour.show_as("/report.pdf", 200, "application/pdf", b"%PDF-1.7\n", Duration::ZERO);
        let broken = neighbour.show_as("/broken.png", 200, "image/png", &png(40, 40)[..60], Duration::ZERO);
        let gone = neighbour.url("/gone.png");
        let forbidden = "http://127.0.0.1:1/x.png".to_owned();
        let inside = "http://169.254.169.254/latest/x.png".to_owned();
        let cases = [
            (&page_address, "There is no JPEG, PNG, GIF or WebP picture at this address."),
            (&svg, "This is an SVG picture"),
            (&lying, "This is an SVG picture"),
            (&large, "larger than 1 MB"),
            (&document, "There is no JPEG, PNG, GIF or WebP picture at this address."),
            (&broken, "damaged"),
            (&gone, "status 404"),
            (&forbidden, "could not be reached"),
            (&inside, "could not be reached"),
        ];
        let mut body = format!("![good]({good})\n");
        for (address, _) in &cases {
            body.push_str(&format!("\n![]({address})\n"));
        }
        let page = import_all(&author, &body).await;
        assert!(page.one(".received").contains("1 picture imported"));
        assert!(page.text().contains("9 pictures were not imported"), "{}", page.text());
        for (address, says) in cases {
            let shown = address.trim_start_matches("http://");
            let entries = page.all("#checks li");
            let entry = entries.iter().find(|entry| entry.contains(shown) && entry.contains("Import")).unwrap();
            assert!(entry.contains(says), "{address}: {entry}");
            assert!(page.form("form.compose").value("body").contains(address.as_str()));
        }
        assert!(!page.form("form.compose").value("body").contains(&good));
        assert_eq!(count_media(&site).await, 1);
    }

    async fn only_pictures_of_the_text_are_fetched(db) {
        let neighbour = Neighbour::start().await;
        let address = show_png(&neighbour, "/x.png");
        let site = site_near(db, &neighbour).await;
        let author = site.signed_in(Role::Author).await;
        for body in ["Text", &format!("[a link]({address}) and {address}"), "![a](/media/x/y.png)"] {
            let form = form_with(&author, body).await.fill("import", &address);
            let page = author.submit(&form).await;
            assert!(page.one(".notice").contains("There was nothing to import"));
            assert_eq!(page.form("form.compose").value("body"), body);
        }
        assert_eq!(neighbour.visits(), Vec::<String>::new());
    }

    async fn only_those_who_may_write_the_post_can_import(db) {
        let neighbour = Neighbour::start().await;
        let address = show_png(&neighbour, "/x.png");
        let site = site_near(db, &neighbour).await;
        let post = site.post("Someone's", "Text").await;
        let body = format!("![a]({address})");
        let fields = [("title", "T"), ("body", body.as_str()), ("import", "all")];
        let own = format!("/desk/posts/{}", post.id);
        for (who, path) in [
            (site.visitor(), "/desk/posts"),
            (site.signed_in(Role::Moderator).await, "/desk/posts"),
            (site.signed_in(Role::Contributor).await, own.as_str()),
        ] {
            let answer = who.post(path, &fields).await;
            assert_ne!(answer.status, StatusCode::OK, "{}", answer.text());
        }
        assert_eq!(neighbour.visits(), Vec::<String>::new());
        assert_eq!(count_media(&site).await, 0);
    }

    async fn many_pictures_are_imported_some_at_a_time(db) {
        let neighbour = Neighbour::start().await;
        let site = site_near(db, &neighbour).await;
        let author = site.signed_in(Role::Author).await;
        let mut body = String::new();
        for nth in 0..22 {
            let address = show_png(&neighbour, &format!("/{nth}.png"));
            body.push_str(&format!("![p{nth}]({address})\n\n"));
        }
        let page = import_all(&author, &body).await;
        assert!(page.one(".received").contains("20 pictures imported"));
        assert!(page.text().contains("2 pictures are left"));
        let form = page.form("form.compose");
        assert_eq!(form.value("body").matches("](/media/").count(), 20);
        let page = author.submit(&form.press("Import all pictures")).await;
        assert!(page.one(".received").contains("2 pictures imported"));
        assert_eq!(page.form("form.compose").value("body").matches("](/media/").count(), 22);
    }

    async fn a_slow_site_takes_a_bounded_time(db) {
        let neighbour = Neighbour::start().await;
        let slow = neighbour.show_as("/slow.png", 200, "image/png", &png(9, 9), Duration::from_secs(60));
        let site = site_near(db, &neighbour).await;
        let author = site.signed_in(Role::Author).await;
        let page = import_all(&author, &format!("![a]({slow})")).await;
        assert!(page.one("#checks").contains("The other site was too slow"), "{}", page.one("#checks"));
        assert!(page.form("form.compose").value("body").contains(&slow));
    }

    async fn two_people_who_import_the_same_picture_both_get_it(db) {
        let neighbour = Neighbour::start().await;
        let address = show_png(&neighbour, "/x.png");
        let site = site_near(db, &neighbour).await;
        let (one, two) = (site.signed_in(Role::Author).await, site.signed_in(Role::Editor).await);
        let body = format!("![a]({address})");
        let (one, two) = tokio::join!(import_all(&one, &body), import_all(&two, &body));
        for page in [one, two] {
            let text = page.form("form.compose").value("body").to_owned();
            let own = text.trim_start_matches("![a](").trim_end_matches(')').to_owned();
            assert_eq!(site.visitor().get(&own).await.status, StatusCode::OK, "{text}");
        }
        assert_eq!(count_media(&site).await, 1);
    }

    async fn readers_get_a_link_to_a_picture_that_was_not_imported(db) {
        let site = Site::start(db).await;
        let author = site.signed_in(Role::Author).await;
        let body = "![Three ships](https://other.example/x.png)\n\n![](https://other.example/y.png)";
        let form = form_with(&author, body).await;
        // The editor hears of it, and does not find out on the page.
        let saved = author.follow(author.submit(&form.press("Publish")).await).await;
        assert!(saved.path.contains("/edit"), "{}", saved.path);
        assert!(saved.text().contains("Readers will not see some of the pictures."));
        assert_eq!(saved.all("#checks li button").len(), 2);
        let link = saved.attributes(".title-row a", "href").pop().unwrap();
        let page = site.visitor().get(&link).await;
        assert_eq!(page.all(".text a.picture-elsewhere"), ["Three ships", "other.example/y.png"]);
        assert!(!page.has(".text img"));
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.contains("img-src 'self' data:;"), "{policy}");
    }

    async fn pictures_of_an_allowed_host_are_shown_where_posts_are(db) {
        let overrides = "[media]\nallow_hosts = [\"img.example.org\", \"cdn.example.net\"]\n";
        let site = Site::with(db, overrides, Workers::Off).await;
        let author = site.signed_in(Role::Author).await;
        let body = "![Ships](https://img.example.org/x.png)\n\n![Evil](https://evil.example/x.png)\n\n![Plain](http://img.example.org/x.png)";
        let page = preview_of(&author, body).await;
        assert_eq!(page.attributes("#preview img", "src"), ["https://img.example.org/x.png"]);
        assert_eq!(page.all("#preview a.picture-elsewhere"), ["Evil", "Plain"]);
        let post = site.post("Shown", body).await;
        let path = site.path(&post);
        let policy_of = async |client: &Client, path: &str| {
            let page = client.get(path).await;
            page.header("content-security-policy").unwrap().to_owned()
        };
        let allowed = "img-src 'self' data: https://img.example.org https://cdn.example.net;";
        for path in [path.as_str(), "/", "/desk/posts/new"] {
            let policy = policy_of(&author, path).await;
            assert!(policy.contains(allowed), "{path}: {policy}");
        }
        for path in ["/login", "/desk/", "/desk/media"] {
            let policy = policy_of(&author, path).await;
            assert!(policy.contains("img-src 'self' data:;"), "{path}: {policy}");
        }
        let page = site.visitor().get(&path).await;
        assert_eq!(page.attributes(".text img", "src"), ["https://img.example.org/x.png"]);
        assert_eq!(page.attribute(".text img", "referrerpolicy").as_deref(), Some("no-referrer"));
    }

    async fn posts_are_rendered_again_when_the_allowed_hosts_change(db) {
        let database = Database::migrated(db).await;
        let site = Site::on(database.shared(), "", Workers::Off).await;
        let post = site.post("Older", "![Ships](https://img.example.org/x.png)").await;
        let other = site.post("Without", "Text").await;
        site.run_jobs().await;
        rerender_pictures::enqueue_if_hosts_changed(&site.app).await.unwrap();
        assert_eq!(site.run_jobs().await, 0, "nothing changed");
        let (path, revision) = (site.path(&post), other.revision);
        assert!(site.visitor().get(&path).await.has(".text a.picture-elsewhere"));
        drop(site.stop().await);
        let allowed = "[media]\nallow_hosts = [\"img.example.org\"]\n";
        let site = Site::on(database.shared(), allowed, Workers::Off).await;
        for jobs in [2, 0] {
            rerender_pictures::enqueue_if_hosts_changed(&site.app).await.unwrap();
            assert_eq!(site.run_jobs().await, jobs);
        }
        assert!(site.visitor().get(&path).await.has(".text img"));
        let db = site.app.store.read();
        assert_eq!(posts::find(db, other.id).await.unwrap().unwrap().revision, revision);
    }

    async fn the_checks_beside_the_preview_name_what_to_fix(db) {
        let neighbour = Neighbour::start().await;
        let address = show_png(&neighbour, "/x.png");
        let site = site_near(db, &neighbour).await;
        let author = site.signed_in(Role::Author).await;
        let imported = import_all(&author, &format!("![]({address})")).await;
        let text = imported.form("form.compose").value("body").to_owned();
        let body = format!(
            "{text}\n\n#### Deep\n\n## Next\n\n![a](/media/{}/x.png) ![b](photo.jpg) ![c](data:image/png;base64,AA)",
            "0a".repeat(16)
        );
        let page = preview_of(&author, &body).await;
        let checks = page.all("#checks li");
        let has = |words: &str| checks.iter().any(|check| check.contains(words));
        assert!(has("This picture has no alternative text"), "{checks:?}");
        assert!(has("This heading has level 4, but level 2 comes next: Deep"), "{checks:?}");
        assert!(has("This picture will not show"), "{checks:?}");
        assert!(has("It shows only if this site has a file at: photo.jpg"), "{checks:?}");
        let item = page.attributes("#checks li a[href^='/desk/media/']", "href").pop().unwrap();
        assert_eq!(author.get(&item).await.status, StatusCode::OK);
        let anchor = page.attributes("#checks li a[href^='#']", "href").pop().unwrap();
        assert!(page.has(&format!("#preview {anchor}")), "{anchor}");
        // The text of the library counts.
        author.post(&item, &[("alt", "Ships"), ("caption", ""), ("credit", "")]).await;
        assert!(!preview_of(&author, &text).await.text().contains("no alternative text"));
        // The script gets the same.
        let headers = [("accept", "application/json"), ("content-type", "application/x-www-form-urlencoded")];
        let sent = "body=%23%23%23+Deep".as_bytes().to_vec();
        let answer = author.request(reqwest::Method::POST, "/desk/preview", sent, &headers).await;
        let json: serde_json::Value = serde_json::from_slice(&answer.bytes).unwrap();
        assert!(json["html"].as_str().unwrap().contains("<h3 id=\"p-deep\">"), "{json}");
        assert!(json["checks"].as_str().unwrap().contains("level 3"), "{json}");
    }

    async fn the_picture_above_a_post_can_be_named_by_its_address(db) {
        let neighbour = Neighbour::start().await;
        let address = show_png(&neighbour, "/x.png");
        let site = site_near(db, &neighbour).await;
        let user = site.account_named("Ada Writer", Role::Author).await;
        let author = site.visitor();
        author.sign_in(&user.email, PASSWORD).await;
        let imported = import_all(&author, &format!("![Ships]({address})")).await;
        let text = imported.form("form.compose").value("body").to_owned();
        let own = text.trim_start_matches("![Ships](").trim_end_matches(')').to_owned();
        for featured in [own.clone(), site.app.urls.absolute(&own)] {
            let input = PostInput {
                title: "Featured".to_owned(),
                body: "Text".to_owned(),
                featured: Some(featured),
                ..PostInput::default()
            };
            let post = site.publish_as(&user, input).await;
            let page = site.visitor().get(&site.path(&post)).await;
            assert!(page.has("img[alt='Ships']"), "{}", page.text());
        }
        for wrong in [address.as_str(), "/media/x/y.png", "/", "x"] {
            let form = form_with(&author, "Text").await.fill("featured", wrong);
            let page = author.submit(&form.press("Save draft")).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
            assert!(page.text().contains("no picture with this number or address"), "{wrong}");
            assert_eq!(page.form("form.compose").value("featured"), wrong);
        }
    }

    async fn pictures_beside_a_file_are_published_with_it(db) {
        let database = Database::migrated(db).await;
        let folder = tempfile::tempdir().unwrap();
        let posts = folder.path().join("posts");
        fs::create_dir_all(posts.join("pictures")).unwrap();
        fs::write(posts.join("pictures/the harbour.png"), png(30, 20)).unwrap();
        fs::write(posts.join("map.png"), png(20, 20)).unwrap();
        fs::write(folder.path().join("secret.png"), png(10, 10)).unwrap();
        fs::write(posts.join("note.png"), "text").unwrap();
        let publish = |text: &str| {
            fs::write(posts.join("post.md"), text).unwrap();
            run(&database.url, folder.path(), &["post", "publish", "posts/post.md"], "")
        };
        let add = ["user", "add", "--email", "ada@x.example", "--name", "Ada", "--role", "author", "--password-stdin"];
        stdout_of(&run(&database.url, folder.path(), &add, PASSWORD));
        let text = "---\ntitle: With pictures\nslug: with\nfeatured: pictures/the harbour.png\nfeatured_alt: The harbour\n---\n\
                    ![A map](map.png \"Where\")\n\n![x](missing.png)\n\nAgain ![A map](./map.png).";
        for _ in 0..2 {
            let output = publish(text);
            stdout_of(&output);
            let remarks = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(remarks.contains("The file missing.png does not exist"), "{remarks}");
        }
        let store = folder.path().join("data/media");
        // The command is another process: a page may be a moment behind it.
        let shows = async |site: &Site, path: &str, wanted: bool| {
            for _ in 0..100 {
                if site.visitor().get(path).await.has("img[alt='The harbour']") == wanted {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            panic!("{path} does not change");
        };
        let site = Site::on(database.shared(), &format!("[media]\nfolder = {store:?}\n"), Workers::Off).await;
        let db = site.app.store.read();
        let post = rejoinder::store::posts::find_by_slug(db, "with").await.unwrap().unwrap();
        let page = site.visitor().get(&site.path(&post)).await;
        assert_eq!(page.attribute(".e-content figure.picture img", "alt").as_deref(), Some("A map"));
        shows(&site, &site.path(&post), true).await;
        // Published twice, each picture is in the library once.
        assert_eq!(media::count(db, "").await.unwrap(), 2);
        // An empty key removes the featured picture; without it the post keeps it.
        stdout_of(&publish("---\ntitle: With pictures\nslug: with\n---\nText"));
        shows(&site, &site.path(&post), true).await;
        stdout_of(&publish("---\ntitle: With pictures\nslug: with\nfeatured:\n---\nText"));
        shows(&site, &site.path(&post), false).await;
        for (front, says) in [
            ("featured: ../secret.png", "outside the folder"),
            ("featured: note.png", "not a JPEG, PNG, GIF or WebP picture"),
            ("featured: nowhere.png", "the file nowhere.png does not exist"),
            ("featured: /media/x/y.png", "no picture with this number or address"),
            ("featured: 99", "no picture with this number or address"),
        ] {
            let error = stderr_of(&publish(&format!("---\ntitle: T\n{front}\n---\nText")));
            assert!(error.contains(says), "{front}: {error}");
        }
        let error = stderr_of(&publish("---\ntitle: T\n---\n![a](../secret.png)"));
        assert!(error.contains("outside the folder"), "{error}");
        assert_eq!(media::count(db, "").await.unwrap(), 2);
    }
}

#[test]
fn only_names_of_hosts_can_be_allowed() {
    for host in [
        "https://img.example.org",
        "*.example.org",
        "img.example.org:8080",
        "img.example.org; script-src *",
        "IMG.example.org",
        "127.0.0.1",
        "",
    ] {
        let error = Config::with(&format!("[media]\nallow_hosts = [{host:?}]")).unwrap_err();
        assert!(
            error.to_string().contains("media.allow_hosts"),
            "{host}: {error}"
        );
    }
    assert!(Config::with("[media]\nallow_hosts = [\"img.example.org\"]").is_ok());
}
