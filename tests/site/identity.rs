//! The site's design: logo, icon, fonts, header, home page and custom CSS, what administrators change under
//! /settings/design, what readers see of it, who is told, and how it is undone.

use std::time::{Duration, Instant};

use image::ImageFormat;
use rejoinder::site::css_problem::MAX_BYTES;
use rejoinder::store::entity::user::Role;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::media::{BOUNDARY, added, encoded, photo};
use crate::on_both_databases;
use crate::support::browser::{Browser, Scripts};
use crate::support::client::{Client, Form, Page};
use crate::support::database::Kind;
use crate::support::site::{PASSWORD, Site};
use crate::support::two_nodes::{run_at_once, two_nodes};

const DESIGN: &str = "/settings/design";
const PREVIEW: &str = "/settings/design/preview";
const FORM: &str = "form.design";

fn png(width: u32, height: u32) -> Vec<u8> {
    encoded(&photo(width, height), ImageFormat::Png)
}

async fn form(admin: &Client) -> Form {
    admin.get(DESIGN).await.form(FORM)
}

async fn save(admin: &Client, form: &Form) {
    let saved = admin.submit(form).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text());
}

/// Sends the form as browsers do, with files: the names of their fields, of the files, and their bytes.
async fn send(admin: &Client, form: &Form, files: &[(&str, &str, &[u8])]) -> Page {
    let mut body = Vec::new();
    for (name, value) in &form.fields {
        let is_file = name.ends_with("_file");
        let file_name = if is_file { "; filename=\"\"" } else { "" };
        if files.iter().any(|(field, ..)| field == name) {
            continue;
        }
        let part = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"{file_name}\r\n\r\n{value}\r\n"
        );
        body.extend_from_slice(part.as_bytes());
    }
    for (field, name, bytes) in files {
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    let media_type = format!("multipart/form-data; boundary={BOUNDARY}");
    let headers = [("content-type", media_type.as_str())];
    admin.request(Method::POST, DESIGN, body, &headers).await
}

/// The number of a picture that was just uploaded.
async fn picture(admin: &Client, name: &str, width: u32, height: u32) -> String {
    let page = added(admin, name, &png(width, height)).await;
    let path = page.path.split('?').next().unwrap().to_owned();
    path.rsplit('/').next().unwrap().to_owned()
}

async fn second_admin(site: &Site) -> Client {
    let user = site.account_named("Ben Carter", Role::Administrator).await;
    let client = site.visitor();
    client.sign_in(&user.email, PASSWORD).await;
    client
}

/// Publishes a page, and returns its number.
async fn publish_page(admin: &Client, title: &str, body: &str) -> String {
    let form = admin
        .get("/desk/posts/new?kind=page")
        .await
        .form("form.compose");
    let form = form
        .fill("title", title)
        .fill("body", body)
        .press("Publish");
    let done = admin.submit(&form).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    let page = admin.get(DESIGN).await;
    let options = page.all("#home_page option");
    let nth = options.iter().position(|option| option == title).unwrap();
    page.attributes("#home_page option", "value")[nth].clone()
}

on_both_databases! {
    async fn a_logo_is_chosen_from_the_library_and_shown_with_the_name_for_those_who_do_not_see_it(db) {
        let site = Site::start(db).await;
        let admin = site.signed_in(Role::Administrator).await;
        let reader = site.visitor();
        reader.get("/").await;
        let light = picture(&admin, "light.png", 300, 100).await;
        let dark = picture(&admin, "dark.png", 900, 300).await;
        let chosen = form(&admin).await.fill("logo", &light).fill("logo_dark", &dark);
        save(&admin, &chosen).await;
        let home = reader.get("/").await;
        let logo = |page: &Page, name: &str| page.attribute(".site-name img", name).unwrap_or_default();
        assert_eq!((logo(&home, "width"), logo(&home, "height")), ("300".into(), "100".into()));
        assert_eq!(logo(&home, "alt"), "", "the name stands beside it");
        assert_eq!(home.one(".site-name"), "Rejoinder");
        let source = home.attribute(".site-name source", "srcset").unwrap();
        assert!(source.ends_with("/640.webp"), "a size that is sharp: {source}");
        assert_eq!(home.attribute(".site-name source", "media").as_deref(), Some("(prefers-color-scheme: dark)"));
        assert_eq!(reader.get(&logo(&home, "src")).await.status, StatusCode::OK);
        save(&admin, &form(&admin).await.fill("hides_name", "yes")).await;
        let home = reader.get("/").await;
        assert_eq!((logo(&home, "alt").as_str(), home.one(".site-name").as_str()), ("Rejoinder", ""));
        // Deleted in the library, it is gone from all pages.
        let page = format!("/desk/media/{light}/delete");
        let question = admin.get(&page).await;
        assert!(question.one("main .notice").contains("logo or icon"), "{}", question.text());
        admin.submit(&question.form(&format!("form[action='{page}']"))).await;
        let page = format!("/desk/media/{dark}/delete");
        let sure = admin.get(&page).await.form(&format!("form[action='{page}']"));
        admin.submit(&sure).await;
        let home = reader.get("/").await;
        assert!(!home.has(".site-name img"));
        assert_eq!(home.one(".site-name"), "Rejoinder", "never without a name");
    }

    async fn pictures_are_uploaded_with_the_form(db) {
        let site = Site::start(db).await;
        let admin = site.signed_in(Role::Administrator).await;
        let reader = site.visitor();
        let (logo, icon) = (png(400, 100), png(64, 64));
        let files = [("logo_file", "Our logo.png", &logo[..]), ("icon_file", "icon.png", &icon[..])];
        let typed = form(&admin).await.fill("header_style", "centred");
        let saved = send(&admin, &typed, &files).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text());
        let home = reader.get("/").await;
        assert!(home.attribute(".site-name img", "src").unwrap().contains("/media/"));
        assert!(home.has("header.header-centred"));
        assert!(home.has("link[rel='icon'][href^='/icons/']"));
        assert!(admin.get("/desk/media").await.text().contains("our-logo.png"), "it is in the library");
        // What cannot be used is refused beside its field, and the rest of the form is kept.
        let typed = form(&admin).await.fill("header_style", "banner");
        let bad = [("logo_dark_file", "x.png", &b"no picture"[..]), ("icon_file", "new.png", &icon[..])];
        let page = send(&admin, &typed, &bad).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.has("#logo_dark-problem") && !page.has("#icon-problem"));
        assert_eq!(page.form(FORM).value("header_style"), "banner");
        assert_ne!(page.form(FORM).value("icon"), form(&admin).await.value("icon"), "the one that arrived is chosen");
        // A document is no picture.
        let text = [("logo_file", "notes.txt", &b"Notes of the meeting"[..])];
        let page = send(&admin, &form(&admin).await, &text).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.has("#logo-problem"));
        assert!(reader.get("/").await.has("header.header-centred"), "nothing was saved");
    }

    async fn the_icon_has_all_sizes_at_addresses_that_change_with_it(db) {
        let site = Site::start(db).await;
        let admin = site.signed_in(Role::Administrator).await;
        let reader = site.visitor();
        let home = reader.get("/").await;
        let default = home.attribute("link[rel='manifest']", "href").unwrap();
        assert!(reader.get(&default).await.body.contains("/static/icon-512."));
        for css in ["link[rel='icon']", "link[rel='apple-touch-icon']"] {
            let address = home.attribute(css, "href").unwrap();
            assert_eq!(reader.get(&address).await.status, StatusCode::OK, "{address}");
        }
        let favicon = reader.get("/favicon.ico").await;
        assert_eq!(favicon.header("content-type"), Some("image/x-icon"));
        let mut addresses = Vec::new();
        for side in [700, 40] {
            let icon = picture(&admin, "icon.png", side, side).await;
            save(&admin, &form(&admin).await.fill("icon", &icon)).await;
            let home = reader.get("/").await;
            let touch = home.attribute("link[rel='apple-touch-icon']", "href").unwrap();
            let folder = touch.strip_suffix("180.png").unwrap();
            for (name, media_type) in [("32.png", "image/png"), ("180.png", "image/png"), ("192.png", "image/png"), ("512.png", "image/png"), ("32.ico", "image/x-icon")] {
                let file = reader.get(&format!("{folder}{name}")).await;
                assert_eq!(file.header("content-type"), Some(media_type), "{name}");
                assert!(file.header("cache-control").unwrap().contains("immutable"), "{name}");
            }
            assert_ne!(reader.get("/favicon.ico").await.bytes, favicon.bytes);
            let manifest = home.attribute("link[rel='manifest']", "href").unwrap();
            let answer = reader.get(&manifest).await;
            assert_eq!(answer.header("content-type"), Some("application/manifest+json"));
            assert!(answer.header("cache-control").unwrap().contains("immutable"));
            let manifest: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
            assert_eq!(manifest["name"], "Rejoinder");
            assert_eq!(manifest["icons"][1]["src"], format!("{folder}512.png"));
            addresses.push(touch);
        }
        assert_ne!(addresses[0], addresses[1]);
        for address in [addresses[0].as_str(), "/icons/x/32.png", "/icons/../32.png"] {
            assert_eq!(reader.get(address).await.status, StatusCode::NOT_FOUND, "{address}");
        }
        // Where its sizes are missing, as after it was replaced, everybody who asks at once gets them.
        let token = addresses[1].split('/').nth(2).unwrap();
        let folder = site.database.media_folder().join(token);
        for file in std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()) {
            if file.file_name().unwrap().to_string_lossy().starts_with("icon-") {
                std::fs::remove_file(file).unwrap();
            }
        }
        let asked = (0..8).map(|_| {
            let (reader, address) = (site.visitor(), addresses[1].clone());
            async move { reader.get(&address).await.status }
        });
        assert_eq!(run_at_once(asked).await, [StatusCode::OK; 8]);
        let wrong = addresses[1].replace("180", "181");
        assert_eq!(reader.get(&wrong).await.status, StatusCode::NOT_FOUND);
        save(&admin, &form(&admin).await.fill("icon", "")).await;
        assert_eq!(reader.get("/favicon.ico").await.bytes, favicon.bytes, "that of the design again");
    }

    async fn fonts_are_served_from_here_and_loaded_early_where_they_are_chosen(db) {
        let site = Site::start(db).await;
        let admin = site.signed_in(Role::Administrator).await;
        let reader = site.visitor();
        let preloads = |page: &Page| page.attributes("link[rel='preload'][as='font']", "href");
        assert!(preloads(&reader.get("/").await).is_empty());
        let mut addresses = Vec::new();
        for (fonts, family) in [("serif", "Source Serif 4"), ("sans", "Atkinson Hyperlegible")] {
            save(&admin, &form(&admin).await.fill("fonts", fonts)).await;
            let home = reader.get("/").await;
            let address = home.attribute("link[href^='/theme.css']", "href").unwrap();
            let css = reader.get(&address).await;
            assert!(css.header("cache-control").unwrap().contains("immutable"));
            assert!(css.body.contains(family) && css.body.contains("font-display: swap"));
            let files: Vec<&str> = css.body.split("url(\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
            for file in &files {
                let font = reader.get(file).await;
                assert_eq!(font.header("content-type"), Some("font/woff2"), "{file}");
                assert!(font.header("cache-control").unwrap().contains("immutable"), "{file}");
                assert_eq!(&font.bytes[..4], b"wOF2", "{file}: without another encoding");
            }
            for early in preloads(&home) {
                assert!(files.contains(&early.as_str()), "{early}");
            }
            assert!(!preloads(&home).is_empty());
            addresses.push(address);
        }
        assert_ne!(addresses[0], addresses[1]);
        save(&admin, &form(&admin).await.fill("fonts", "system")).await;
        assert!(!reader.get("/").await.has("link[href^='/theme.css']"));
    }

    async fn the_home_page_can_be_a_page(db) {
        let site = Site::start(db).await;
        site.post("News of today", "Text").await;
        let admin = site.signed_in(Role::Administrator).await;
        let reader = site.visitor();
        let refused = admin.submit(&form(&admin).await.fill("home_style", "page")).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "no page was chosen");
        assert!(refused.has("#home_page-problem"));
        let about = publish_page(&admin, "Who we are", "We watch the river.").await;
        save(&admin, &form(&admin).await.fill("home_style", "page").fill("home_page", &about)).await;
        let home = reader.get("/").await;
        assert_eq!(home.one("main h1"), "Who we are");
        assert!(!home.text().contains("News of today"));
        let canonical = home.attribute("link[rel='canonical']", "href").unwrap();
        assert!(canonical.ends_with("/") && !canonical.contains("who-we-are"), "{canonical}");
        let posts = home.attribute("main a[href='/page/1/']", "href").unwrap();
        assert!(reader.get(&posts).await.text().contains("News of today"));
        assert_eq!(reader.get("/who-we-are/").await.status, StatusCode::OK, "its own address stays");
        // Taken down, it is the home page no longer.
        let taken_down = admin.post(&format!("/desk/posts/{about}/unpublish"), &[]).await;
        assert_eq!(taken_down.status, StatusCode::SEE_OTHER, "{}", taken_down.text());
        assert!(reader.get("/").await.text().contains("News of today"));
        assert_eq!(reader.get("/page/1/").await.status, StatusCode::PERMANENT_REDIRECT);
        let refused = admin.submit(&form(&admin).await.fill("home_page", &about)).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "readers would not see it");
    }

    async fn custom_css_is_for_readers_alone_and_what_it_may_not_do_is_named(db) {
        let site = Site::start(db).await;
        let post = site.post("News", "Text").await;
        let admin = site.signed_in(Role::Administrator).await;
        let reader = site.visitor();
        assert_eq!(reader.get("/custom.css").await.status, StatusCode::NOT_FOUND);
        save(&admin, &form(&admin).await.fill("custom_css", "h1 { color: #8a3b12; letter-spacing: 0.02em }")).await;
        for path in ["/", &site.path(&post), "/nothing/"] {
            assert!(reader.get(path).await.has("link[rel='stylesheet'][href^='/custom.css?v=']"), "{path}");
        }
        for path in ["/settings/", DESIGN, "/desk/", "/queue/"] {
            assert!(!admin.get(path).await.body.contains("custom.css"), "{path}");
        }
        assert!(!reader.get("/login").await.body.contains("custom.css"));
        let address = reader.get("/").await.attribute("link[href^='/custom.css']", "href").unwrap();
        let css = reader.get(&address).await;
        assert!(css.header("content-type").unwrap().starts_with("text/css"));
        assert!(css.header("cache-control").unwrap().contains("immutable"));
        assert!(css.body.contains(":is(h1):not(#respond, #respond *") && css.body.contains("letter-spacing: 0.02em"));
        for text in [
            "#respond { position: fixed }",
            "a { background: url(https://e.example/x.png) }",
            "@import url(https://e.example/x.css);",
            "</style><script>alert(1)</script>",
            "a { width: expression(1) }",
            "a { color: red",
            &format!("/*{}*/", "x".repeat(MAX_BYTES)),
        ] {
            let page = admin.submit(&form(&admin).await.fill("custom_css", text)).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{text}");
            assert!(page.has("#custom_css-problem"), "{text}");
            assert_eq!(page.form(FORM).value("custom_css"), text, "what was typed is kept");
        }
        let page = admin.submit(&form(&admin).await.fill("custom_css", "a { color: red }\n\nb { top: 0 }")).await;
        assert!(page.one("#custom_css-problem").contains("Line 3") && page.one("#custom_css-problem").contains("top"));
        // As long as it may be.
        let longest = format!("/*{}*/", "x".repeat(MAX_BYTES - 4));
        save(&admin, &form(&admin).await.fill("custom_css", &longest)).await;
    }

    async fn choices_that_are_none_are_refused_together(db) {
        let site = Site::start(db).await;
        let admin = site.signed_in(Role::Administrator).await;
        let typed = form(&admin).await
            .fill("logo", "999999").fill("logo_dark", "x").fill("icon", "-1")
            .fill("fonts", "comic").fill("header_style", "").fill("home_style", "fancy")
            .fill("custom_css", "a { z-index: 1 }");
        let page = admin.submit(&typed).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        for field in ["logo", "logo_dark", "icon", "fonts", "header_style", "home_style", "custom_css"] {
            assert!(page.has(&format!("#{field}-problem")), "{field}");
        }
        let editor = site.signed_in(Role::Editor).await;
        for path in [DESIGN, PREVIEW] {
            assert_eq!(editor.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
            assert_eq!(editor.post(path, &[("header_style", "banner")]).await.status, StatusCode::FORBIDDEN);
        }
    }

    async fn of_two_administrators_the_second_is_told_and_keeps_what_was_typed(db) {
        let (one, two) = two_nodes(db, "").await;
        let admin = one.signed_in(Role::Administrator).await;
        let other = second_admin(&one).await.copy_at(&two.base);
        let stale = form(&admin).await.fill("header_style", "banner").fill("custom_css", "h1 { color: red }");
        save(&other, &form(&other).await.fill("header_style", "centred")).await;
        let logo = png(50, 50);
        let told = send(&admin, &stale, &[("logo_file", "logo.png", &logo[..])]).await;
        assert_eq!(told.status, StatusCode::CONFLICT);
        assert!(told.one(".problems").contains("Ben Carter"), "{}", told.text());
        let kept = told.form(FORM);
        assert_eq!(kept.value("header_style"), "banner");
        assert_eq!(kept.value("custom_css"), "h1 { color: red }");
        assert!(!kept.value("logo").is_empty(), "the picture arrived, and is chosen");
        assert!(one.visitor().get("/").await.has(".header-centred"), "nothing was overwritten");
        save(&admin, &kept).await;
        assert!(one.visitor().get("/").await.has(".header-banner .site-name img"));
        // At the same moment, one of them is made.
        let (first, second) = (form(&admin).await.fill("fonts", "serif"), form(&other).await.fill("fonts", "sans"));
        let (first, second) = tokio::join!(admin.submit(&first), other.submit(&second));
        let mut statuses = [first.status, second.status];
        statuses.sort();
        assert_eq!(statuses, [StatusCode::SEE_OTHER, StatusCode::CONFLICT]);
    }

    async fn a_change_is_undone_and_both_are_seen_on_another_node_within_a_second(db) {
        let (one, two) = two_nodes(db, "").await;
        let admin = one.signed_in(Role::Administrator).await;
        let reader = two.visitor();
        let seen = async |css: &str, is_there: bool| {
            let started = Instant::now();
            while reader.get("/").await.has(css) != is_there {
                assert!(started.elapsed() < Duration::from_secs(1), "{css}: {is_there}");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        seen(".header-banner", false).await;
        let typed = form(&admin).await.fill("header_style", "banner").fill("fonts", "sans").fill("custom_css", "h1 { color: red }");
        save(&admin, &typed).await;
        seen(".header-banner", true).await;
        seen("link[href^='/custom.css']", true).await;
        let page = admin.get(DESIGN).await;
        let changes = page.all("[aria-labelledby='changes-heading'] > .rows > li:first-child ul li");
        assert!(changes.iter().any(|line| line == "Fonts: Fonts on the reader’s device → Atkinson Hyperlegible"), "{changes:?}");
        assert!(changes.iter().any(|line| line == "Custom CSS: none → h1 { color: red }"), "{changes:?}");
        let undo = page.form("form[action='/settings/undo']");
        let done = admin.follow(admin.submit(&undo).await).await;
        assert!(done.path.starts_with(DESIGN) && done.one("main .received").contains("undone"), "{}", done.text());
        seen(".header-banner", false).await;
        seen("link[href^='/custom.css']", false).await;
        assert_eq!(admin.submit(&undo).await.status, StatusCode::CONFLICT);
        // Undoing the undo brings it back.
        admin.submit(&admin.get(DESIGN).await.form("form[action='/settings/undo']")).await;
        seen(".header-banner", true).await;
        // Saving what is there already is no change.
        let before = form(&admin).await;
        save(&admin, &before).await;
        assert_eq!(form(&admin).await.value("revision"), before.value("revision"));
    }

    async fn the_preview_shows_what_is_typed_and_saves_nothing(db) {
        let site = Site::start(db).await;
        let admin = site.signed_in(Role::Administrator).await;
        let page = admin.get(DESIGN).await;
        assert!(page.header("content-security-policy").unwrap().contains("frame-src 'self'"));
        assert!(!admin.get("/desk/").await.header("content-security-policy").unwrap().contains("frame-src"));
        let typed = form(&admin).await.fill("header_style", "banner").fill("fonts", "serif").fill("custom_css", "h1 { color: red }");
        let preview = admin.submit(&typed.clone().press("Preview")).await;
        assert_eq!(preview.status, StatusCode::OK);
        assert!(preview.header("content-security-policy").unwrap().contains("frame-ancestors 'self'"));
        assert_eq!(preview.header("x-frame-options"), Some("SAMEORIGIN"));
        assert!(preview.has(".header-banner"));
        let sheets = preview.attributes("link[rel='stylesheet'][href^='data:text/css']", "href");
        assert_eq!(sheets.len(), 2, "fonts, and custom CSS");
        assert!(sheets[0].contains("Source%20Serif") && sheets[1].contains("is%28h1%29"), "{sheets:?}");
        assert!(!site.visitor().get("/").await.has(".header-banner"), "nothing was saved");
        // What cannot be used is said there, and the rest is shown.
        let preview = admin.submit(&typed.fill("custom_css", "h1 { top: 0 }").press("Preview")).await;
        assert!(preview.one("main .notice").contains("top") && preview.has(".header-banner"));
        // From the form with the name and the accent colour.
        let typed = admin.get("/settings/").await.form("form[action='/settings/site']").fill("site_name", "The Delta Watch").fill("accent", "#7cc8bf");
        let preview = admin.submit(&typed.press("Preview")).await;
        assert_eq!(preview.one(".site-name"), "The Delta Watch");
        let notes = preview.all("main .note");
        assert!(notes[0].contains("needs 4.50 to 1") && notes[2].starts_with("Button labels on the accent colour"), "{notes:?}");
        assert_eq!(site.visitor().get("/").await.one(".site-name"), "Rejoinder");
        assert_eq!(admin.get(PREVIEW).await.one(".site-name"), "Rejoinder");
    }
}

async fn administrator(site: &Site, scripts: Scripts) -> Browser {
    let user = site.account_named("Ada Okoye", Role::Administrator).await;
    let browser = Browser::start(scripts).await;
    browser.goto(&format!("{}/login", site.base)).await;
    browser.fill("Email", &user.email).await;
    browser.fill("Password", PASSWORD).await;
    browser.press("Sign in").await;
    browser
}

const IN_FRAME: &str = "const page = document.querySelector('iframe[name=design-preview]').contentDocument; \
    return page && page.querySelector(arguments[0]) ? \
    page.defaultView.getComputedStyle(page.querySelector(arguments[0])).getPropertyValue(arguments[1]) : ''";

/// Waits until an element of the preview has this style.
async fn wait_for_style(browser: &Browser, css: &str, property: &str, needle: &str) {
    let started = Instant::now();
    loop {
        let found = browser.execute(IN_FRAME, json!([css, property])).await;
        if found.as_str().is_some_and(|found| found.contains(needle)) {
            return;
        }
        assert!(
            started.elapsed() < Duration::from_secs(10),
            "{css} {property}: {found}"
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_preview_follows_what_is_typed_with_scripts_and_a_button_without() {
    let site = Site::start(Kind::Sqlite).await;
    for scripts in [Scripts::On, Scripts::Off] {
        let browser = administrator(&site, scripts).await;
        browser.goto(&format!("{}{DESIGN}", site.base)).await;
        browser.fill("#custom_css", "h1 { color: #123456 }").await;
        if scripts == Scripts::Off {
            browser.press("Preview").await;
        }
        wait_for_style(&browser, "h1", "color", "rgb(18, 52, 86)").await;
        assert_eq!(
            browser.value("#custom_css").await,
            "h1 { color: #123456 }",
            "the form stays"
        );
        assert!(browser.url().await.ends_with(DESIGN));
        browser.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn custom_css_cannot_hide_or_cover_the_response_form() {
    const HOSTILE: &str = "* { display: none !important; opacity: 0 !important; visibility: hidden !important; \
        color: transparent !important; height: 0; overflow: hidden; font-size: 0 }\n\
        .post { display: block !important; visibility: visible !important; opacity: 0.9 !important; \
        outline: 3000px solid red; box-shadow: 0 0 0 3000px red }\n\
        body { background: #000 !important; color: #000 !important }\n\
        #respond, #respond * , form, label { display: none !important }";
    let site = Site::start(Kind::Sqlite).await;
    let post = site.post("News", "Text").await;
    let admin = site.signed_in(Role::Administrator).await;
    let typed = form(&admin).await.fill("custom_css", HOSTILE);
    save(&admin, &typed).await;
    let browser = Browser::start(Scripts::On).await;
    browser.goto(&site.address(&post)).await;
    // Each field and the button is where a click lands, and its text differs from what it stands on.
    let script = "return [...document.querySelectorAll('#respond :is(textarea, button, label, input:not([type=hidden]))')] \
        .filter((element) => element.offsetWidth > 0 && !element.closest('.trap')).map((element) => { element.scrollIntoView({ block: 'center' }); \
        const box = element.getBoundingClientRect(); \
        const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2); \
        const style = getComputedStyle(element); \
        return element.contains(top) || (top && top.contains(element) && top.closest('#respond') !== null) \
        ? (style.visibility === 'visible' && style.fontSize !== '0px' && !style.color.endsWith(' 0)')) : false; })";
    let found = browser.execute(script, json!([])).await;
    let found = found.as_array().unwrap();
    assert!(found.len() >= 4, "{found:?}");
    assert!(found.iter().all(|seen| seen == true), "{found:?}");
    browser.fill("Name", "Ruth").await;
    browser.fill("Email", "ruth@readers.example").await;
    browser.fill("#comment", "Still here").await;
    browser.close().await;
}
