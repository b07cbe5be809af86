//! The pages of an organisation with the longest names, words without a break and text from right to left: readers and
//! staff reach all of it on every screen, light and dark, also where a form was refused.

use std::path::Path;

use rejoinder::accounts::permissions::Actor;
use rejoinder::media::upload::{self, UploadInput};
use rejoinder::posts::draft::PostInput;
use rejoinder::site::design::{self, DesignInput};
use rejoinder::site::identity::{self, SiteIdentity};
use rejoinder::site::menus::MenuEdit;
use rejoinder::site::navigation;
use rejoinder::store::entity::media::Model as Media;
use rejoinder::store::entity::menu_item::MenuPlace;
use rejoinder::store::entity::post::PostKind;
use rejoinder::store::entity::user::Role;
use rejoinder::store::pages;

use crate::everything::settings_pages;
use crate::support::browser::validator::validate_html;
use crate::support::browser::{Browser, Scripts};
use crate::support::client::Page;
use crate::support::database::Kind;
use crate::support::pictures;
use crate::support::site::{PASSWORD, Site};

/// From right to left, with digits and a Latin name in it.
const RTL: &str = "منظمة مراقبة الدلتا تنشر تقرير 2026 عن Delta Watch";
/// From the narrowest telephone to the widest screen, light and dark, and whether axe looks at it.
const SCREENS: [(u32, bool, bool); 6] = [
    (360, false, true),
    (360, true, true),
    (1280, false, true),
    (1280, true, true),
    (320, false, false),
    (2560, false, false),
];

/// A word of so many letters.
fn word(letters: usize) -> String {
    "Donaudampfschifffahrtsgesellschaft"
        .chars()
        .cycle()
        .take(letters)
        .collect()
}

/// A file in the library with the longest texts.
async fn add_media(site: &Site, name: &str, bytes: &[u8]) -> Media {
    let actor = Actor::from(&site.account(Role::Editor).await);
    let mut file = upload::begin(&site.app, &actor).await.unwrap();
    file.write(bytes).await.unwrap();
    let mut input = UploadInput {
        name: name.to_owned(),
        ..UploadInput::default()
    };
    input.texts.alt = word(1000);
    input.texts.caption = format!("{} {RTL}", word(300));
    input.texts.credit = RTL.to_owned();
    upload::finish(&site.app, &actor, file, &input)
        .await
        .unwrap()
}

async fn add_menus(site: &Site) {
    let long = word(60);
    let rtl: String = RTL.chars().take(60).collect();
    for (menu, parent, label) in [
        (MenuPlace::Header, None, &long),
        (MenuPlace::Header, Some(0), &rtl),
        (MenuPlace::Header, Some(0), &long),
        (MenuPlace::Header, None, &rtl),
        (MenuPlace::Header, None, &long),
        (MenuPlace::Footer, None, &long),
        (MenuPlace::Footer, Some(0), &rtl),
    ] {
        let edit = MenuEdit::Add {
            menu,
            parent,
            label: label.clone(),
            target: format!("/{}/", word(200).to_lowercase()),
        };
        navigation::edit(&site.app, &Actor::operator(), edit, None)
            .await
            .unwrap();
    }
}

async fn add_identity(site: &Site) {
    let links = format!(
        "{} https://social.example/{}\n{RTL} https://social.example/@x",
        word(60),
        word(150)
    );
    let look = SiteIdentity {
        name: word(150),
        tagline: RTL.repeat(3).chars().take(150).collect(),
        footer_text: format!("{} {RTL}", word(400)),
        social_links: links,
        accent: "#ffee00".to_owned(),
    };
    identity::save(&site.app, &Actor::operator(), &look, None)
        .await
        .unwrap();
}

/// How the site looks, with this picture as its logo.
async fn choose_design(site: &Site, logo: Option<&Media>, [header, home, fonts]: [&str; 3]) {
    let design = DesignInput {
        logo: logo.map(|logo| logo.id.to_string()).unwrap_or_default(),
        header_style: header.to_owned(),
        home_style: home.to_owned(),
        home_page: match home {
            "page" => first_page(site).await,
            _ => String::new(),
        },
        fonts: fonts.to_owned(),
        ..DesignInput::default()
    };
    design::save(&site.app, &Actor::operator(), &design, None)
        .await
        .unwrap();
}

/// The key of a published page.
async fn first_page(site: &Site) -> String {
    let pages = pages::list_published(site.app.store.read(), 1)
        .await
        .unwrap();
    pages.first().unwrap().id.to_string()
}

/// A site whose texts are as long as they may be; its logo, and the paths of its pages for readers and for staff.
async fn hostile_site() -> (Site, Media, Vec<String>, Vec<String>) {
    let site = Site::with(
        Kind::Sqlite,
        "[comments]\nmoderation = \"none\"\n",
        rejoinder::commands::serve::Workers::Off,
    )
    .await;
    let picture = add_media(
        &site,
        &format!("{}.png", word(300)),
        &pictures::png(1400, 900, 3),
    )
    .await;
    let narrow = add_media(&site, "صورة الميناء.png", &pictures::png(90, 700, 90)).await;
    let document = add_media(&site, &format!("{}.txt", word(300)), b"A document").await;
    let author = site.account_named(&word(150), Role::Editor).await;
    let images: String = [&picture, &narrow, &document]
        .map(rejoinder::media::address::markdown)
        .join("\n\n");
    let body = format!(
        "{RTL}\n\n{images}\n\n{}\n\n| {} | {RTL} |\n| :- | -: |\n| {RTL} | {} |\n\n> [!pullquote]\n> {}\n>\n> {RTL}\n\n\
         > [!warning]\n> {RTL}\n\nA note.[^{}]\n\n- [ ] {}\n- [x] {RTL}\n\n## {}\n\n### {RTL}\n\n[^{}]: {} {RTL}\n",
        word(300),
        word(80),
        word(80),
        word(90),
        word(20),
        word(90),
        word(200),
        word(20),
        word(200)
    );
    let mut paths = vec!["/".to_owned()];
    for (title, featured) in [(word(300), &picture), (RTL.repeat(5), &narrow)] {
        let input = PostInput {
            title,
            body: body.clone(),
            tags: format!("{}, {RTL}", word(60)),
            comments: true,
            featured: Some(featured.id.to_string()),
            ..PostInput::default()
        };
        let post = site.publish_as(&author, input).await;
        for text in [word(500), RTL.repeat(20)] {
            assert_eq!(site.comment(&post, &word(60), &text).await.status, 303);
        }
        paths.push(site.path(&post));
    }
    for (title, slug, parent) in [(word(300), "about", ""), (RTL.repeat(5), "rules", "about")] {
        let input = PostInput {
            kind: PostKind::Page,
            title,
            slug: slug.to_owned(),
            parent: parent.to_owned(),
            body: body.clone(),
            ..PostInput::default()
        };
        let page = site.publish_as(&author, input).await;
        paths.push(site.path(&page));
    }
    paths.push(format!("/author/{}/", author.slug));
    paths.push(format!("/tag/{}/", word(60).to_lowercase()));
    site.approve_all().await;
    add_menus(&site).await;
    add_identity(&site).await;
    let staff = [
        "/desk/".to_owned(),
        "/desk/?kind=page".to_owned(),
        "/desk/posts/new?kind=page".to_owned(),
        "/desk/posts/1/edit".to_owned(),
        "/desk/media".to_owned(),
        format!("/desk/media?q={}", word(300)),
        format!("/desk/media/{}", picture.id),
        format!("/desk/media/{}", narrow.id),
        format!("/desk/media/{}", document.id),
        format!("/desk/media/{}/delete", picture.id),
    ];
    (site, picture, paths, staff.into())
}

/// Looks at the page that the browser shows on every screen.
async fn look_at(browser: &Browser, name: &str) {
    for (width, dark, with_axe) in SCREENS {
        browser.set_size(width, 800).await;
        browser.prefer_dark(dark).await;
        assert_eq!(
            browser.overflow().await,
            0,
            "{name} is wider than {width} px"
        );
        if let Ok(folder) = std::env::var("REJOINDER_TEST_PICTURES") {
            let file = name.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
            let file: String = file.chars().take(60).collect();
            let picture = Path::new(&folder).join(format!("{file}-{width}-{dark}.png"));
            browser.screenshot(picture).await;
        }
        if with_axe {
            let found = browser.axe_violations().await;
            assert_eq!(
                found,
                Vec::<String>::new(),
                "{name} at {width} px, dark: {dark}"
            );
        }
    }
}

async fn sign_in(browser: &Browser, site: &Site) {
    let admin = site.account(Role::Administrator).await;
    browser.goto(&format!("{}/login", site.base)).await;
    browser.fill("Email", &admin.email).await;
    browser.fill("Password", PASSWORD).await;
    browser.press("Sign in").await;
    browser.wait_for("h1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_pages_fit_every_screen_whatever_is_written_on_them() {
    let (site, logo, paths, _) = hostile_site().await;
    let browser = Browser::start(Scripts::Off).await;
    for [header, home, fonts] in [
        ["centred", "cards", "serif"],
        ["banner", "page", "sans"],
        ["left", "list", "system"],
    ] {
        choose_design(&site, Some(&logo), [header, home, fonts]).await;
        browser.goto(&format!("{}/", site.base)).await;
        browser.wait_for("header.site-header img").await;
        look_at(&browser, &format!("home as {home}, header {header}")).await;
    }
    choose_design(&site, None, ["left", "list", "system"]).await;
    for path in &paths {
        browser.goto(&format!("{}{path}", site.base)).await;
        browser.wait_for("header.site-header").await;
        assert_eq!(
            browser.broken_pictures().await,
            Vec::<String>::new(),
            "{path}"
        );
        look_at(&browser, path).await;
    }
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn staffs_pages_fit_every_screen_whatever_is_written_on_them() {
    let (site, _, _, mut paths) = hostile_site().await;
    let browser = Browser::start(Scripts::On).await;
    sign_in(&browser, &site).await;
    let client = site.visitor();
    let user = site
        .account_named("Second administrator", Role::Administrator)
        .await;
    client.sign_in(&user.email, PASSWORD).await;
    paths.extend(settings_pages(&client).await);
    for path in &paths {
        browser.goto(&format!("{}{path}", site.base)).await;
        look_at(&browser, path).await;
    }
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_that_were_refused_fit_every_screen_and_say_why() {
    let (site, ..) = hostile_site().await;
    let browser = Browser::start(Scripts::On).await;
    sign_in(&browser, &site).await;
    let disk = tempfile::tempdir().unwrap();
    let lie = disk.path().join(format!("{}.png", word(200)));
    std::fs::write(&lie, b"<svg onload=alert(1)>").unwrap();
    browser.goto(&format!("{}/desk/media", site.base)).await;
    browser.fill("#alt", &word(250)).await;
    browser.fill("#file", lie.to_str().unwrap()).await;
    browser.press("Upload").await;
    browser.wait_for("#file[aria-invalid='true']").await;
    look_at(&browser, "a refused upload").await;

    browser
        .goto(&format!("{}/settings/navigation", site.base))
        .await;
    browser.fill("#label", &word(300)).await;
    browser
        .fill("#target", &format!("javascript:{}", word(300)))
        .await;
    browser.press("Add item").await;
    browser.wait_for("#target[aria-invalid='true']").await;
    assert_eq!(
        browser.value("#label").await,
        word(300),
        "what was typed is kept"
    );
    look_at(&browser, "a refused menu item").await;

    browser.goto(&format!("{}/settings/", site.base)).await;
    browser.fill("#site_name", &word(300)).await;
    browser.fill("#accent", &word(100)).await;
    browser.click("form:has(#site_name) button.primary").await;
    browser.wait_for("#accent[aria-invalid='true']").await;
    assert_eq!(
        browser.value("#site_name").await,
        word(300),
        "what was typed is kept"
    );
    look_at(&browser, "a refused identity").await;

    browser.goto(&format!("{}/desk/posts/new", site.base)).await;
    browser.fill("Title", &word(400)).await;
    browser.fill("#body", &word(200)).await;
    browser.fill("#featured", "the map").await;
    browser.press("Publish").await;
    browser.wait_for("#featured[aria-invalid='true']").await;
    assert_eq!(
        browser.value("#title").await,
        word(400),
        "what was typed is kept"
    );
    look_at(&browser, "a refused post").await;
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_buttons_that_save_stay_in_sight_beside_a_long_text() {
    let site = Site::start(Kind::Sqlite).await;
    let post = site.post("Long", &"A paragraph.\n\n".repeat(200)).await;
    let browser = Browser::start(Scripts::On).await;
    sign_in(&browser, &site).await;
    for width in [360, 1280] {
        browser.set_size(width, 800).await;
        let edit = format!("{}/desk/posts/{}/edit", site.base, post.id);
        browser.goto(&edit).await;
        browser.wait_for_text("#preview-text", "A paragraph.").await;
        for part in [0.0, 0.3, 0.6, 1.0] {
            let script = "scrollTo({top: document.body.scrollHeight * arguments[0], behavior: 'instant'});
                const at = document.querySelector('form.compose button.primary').getBoundingClientRect();
                return at.top >= 0 && at.bottom <= innerHeight";
            let is_seen = browser.execute(script, serde_json::json!([part])).await;
            assert_eq!(is_seen, serde_json::json!(true), "{width} px, at {part}");
        }
    }
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_with_hostile_texts_are_valid_html() {
    let (site, logo, paths, staff) = hostile_site().await;
    let visitor = site.visitor();
    let admin = site.signed_in(Role::Administrator).await;
    let mut pages: Vec<Page> = Vec::new();
    for path in &paths {
        pages.push(visitor.get(path).await);
    }
    for home in ["cards", "page"] {
        choose_design(&site, Some(&logo), ["centred", home, "serif"]).await;
        pages.push(visitor.get("/").await);
    }
    for path in staff.into_iter().chain(settings_pages(&admin).await) {
        pages.push(admin.get(&path).await);
    }
    pages.push(admin.get("/settings/design/preview").await);
    let refused = [
        ("/settings/site", "site_name", "accent"),
        ("/settings/navigation", "label", "target"),
        ("/desk/posts", "title", "featured"),
    ];
    let shown = admin.get("/settings/navigation").await;
    let revision = shown.attribute("input[name='revision']", "value").unwrap();
    for (path, first, second) in refused {
        let fields = [
            ("revision", revision.as_str()),
            (first, &*word(400)),
            (second, "\"><b>"),
            (
                "do",
                if path == "/desk/posts" {
                    "publish"
                } else {
                    "add"
                },
            ),
            ("into", "header"),
            ("body", "Text"),
        ];
        let page = admin.post(path, &fields).await;
        assert!(page.has("[aria-invalid='true']"), "{path}: {}", page.text());
        pages.push(page);
    }
    for page in &pages {
        assert!(
            page.body.starts_with("<!DOCTYPE html>"),
            "{}: {}",
            page.path,
            page.status
        );
    }
    let named: Vec<(&str, &str)> = pages
        .iter()
        .map(|page| (page.path.as_str(), page.body.as_str()))
        .collect();
    assert_eq!(validate_html(&named), Vec::<String>::new());
}
