//! Menus and the site's identity: what administrators change under /settings/, what readers see of it, who
//! is told, and how it is undone.

use std::time::{Duration, Instant};

use rejoinder::store::entity::user::Role;
use reqwest::StatusCode;

use crate::on_both_databases;
use crate::support::client::{Client, Page};
use crate::support::site::{PASSWORD, Site};
use crate::support::two_nodes::two_nodes;

const MENUS: &str = "/settings/navigation";

/// Adds an item by the page's own form.
async fn add(admin: &Client, into: &str, label: &str, target: &str) -> Page {
    let page = admin.get(MENUS).await;
    let form = page.form("form:has(#into)");
    admin
        .submit(
            &form
                .fill("label", label)
                .fill("target", target)
                .fill("into", into)
                .press("Add item"),
        )
        .await
}

/// Presses a button of an item, whose form holds what it holds.
async fn press(admin: &Client, item: &str, button: &str) -> Page {
    let page = admin.get(MENUS).await;
    let form = page.form(&format!("form:has(input[value='{item}'])"));
    admin.submit(&form.press(button)).await
}

fn labels(page: &Page, menu: &str) -> Vec<String> {
    page.all(&format!("{menu} .menu a"))
}

async fn second_admin(site: &Site) -> Client {
    let user = site.account_named("Ben Carter", Role::Administrator).await;
    let client = site.visitor();
    client.sign_in(&user.email, PASSWORD).await;
    client
}

on_both_databases! {
    async fn menus_are_edited_without_scripts_and_seen_by_readers(db) {
        let site = Site::start(db).await;
        let post = site.post("News", "Text").await;
        let admin = site.signed_in(Role::Administrator).await;
        let reader = site.visitor();
        let home = reader.get("/").await;
        assert_eq!(home.all("header nav a"), ["Home", "Feed"]);
        assert!(!home.has("footer nav"));
        for (into, label, target) in [
            ("header", "Start", "/"),
            ("header", "Our news", &site.path(&post)),
            ("header", "Elsewhere", "https://other.example/x"),
            ("header-1", "Newest", "/feed/"),
            ("header-1", "All", "/tag/x/"),
            ("footer", "Imprint", "/imprint/"),
        ] {
            let saved = add(&admin, into, label, target).await;
            assert_eq!(saved.status, StatusCode::SEE_OTHER, "{label}: {}", saved.text());
        }
        let home = reader.get("/").await;
        assert_eq!(labels(&home, "header"), ["Start", "Our news", "Newest", "All", "Elsewhere"]);
        assert_eq!(home.one("header summary"), "Our news");
        assert_eq!(labels(&home, "footer"), ["Imprint"]);
        assert_eq!(home.all("[aria-current='page']"), ["Start"]);
        assert_eq!(reader.get(&site.path(&post)).await.all("header [aria-current='page']"), ["Our news"]);
        assert_eq!(press(&admin, "header-1", "Move up").await.status, StatusCode::SEE_OTHER);
        press(&admin, "header-0-0", "Move down").await;
        press(&admin, "header-2", "Remove").await;
        let form = admin.get(MENUS).await.form("form:has(input[value='header-1'])");
        admin.submit(&form.fill("label", "Home page").press("Save")).await;
        let home = reader.get("/").await;
        assert_eq!(labels(&home, "header"), ["Our news", "All", "Newest", "Home page"]);
        // The first one has no button to go up, and the last one none to go down.
        let page = admin.get(MENUS).await;
        assert!(!page.has("form:has(input[value='header-0']) button[value='up']"));
        assert!(!page.has("form:has(input[value='header-1']) button[value='down']"));
        for item in ["header-0", "header-0", "footer-0"] {
            press(&admin, item, "Remove").await;
        }
        assert_eq!(reader.get("/").await.all("header nav a"), ["Home", "Feed"], "as it was before");
    }

    async fn what_a_menu_cannot_hold_is_refused_and_kept_in_the_form(db) {
        let site = Site::start(db).await;
        let admin = site.signed_in(Role::Administrator).await;
        for target in [
            "javascript:alert(1)", "JAVASCRIPT:alert(1)", "data:text/html,x", "//other.example/", "/\\other.example/",
            "about", "https://", "https://a:b@other.example/", "mailto:a@b.example", "",
        ] {
            let page = add(&admin, "header", "A label", target).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{target}");
            assert!(page.has("#target-problem"), "{target}");
            let form = page.form("form:has(#into)");
            assert_eq!((form.value("label"), form.value("target")), ("A label", target));
        }
        for label in ["", "  ", "\u{200b}", &"x".repeat(10_240)] {
            let page = add(&admin, "header", label, "/").await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert!(page.has("#label-problem"));
        }
        let page = add(&admin, "header", "<script>alert(1)</script>", "/?a=\"><b>").await;
        assert_eq!(page.status, StatusCode::SEE_OTHER);
        let home = site.visitor().get("/").await;
        assert_eq!(home.one("header .menu a"), "<script>alert(1)</script>");
        assert!(!home.body.contains("<script>alert"));
        for (into, button, item) in [("side", "add", ""), ("header-7", "add", ""), ("header-0-0", "add", ""), ("", "remove", "header-9"), ("", "up", "x"), ("", "fly", "header-0")] {
            let fields = [("revision", "1"), ("do", button), ("into", into), ("item", item), ("label", "x"), ("target", "/")];
            let page = admin.post(MENUS, &fields).await;
            assert_eq!(page.status, StatusCode::NOT_FOUND, "{into} {button} {item}");
        }
        for nth in 1..20 {
            assert_eq!(add(&admin, "header", &format!("Item {nth}"), "/").await.status, StatusCode::SEE_OTHER);
        }
        assert!(add(&admin, "header", "One more", "/").await.one("#label-problem").contains("20 items"));
    }

    async fn an_item_that_leads_nowhere_is_warned_about(db) {
        let site = Site::start(db).await;
        let admin = site.signed_in(Role::Administrator).await;
        for target in ["/about/", "/feed/", "/", "/tag/nothing/", "/2026/11/27/nothing/", "https://other.example/nothing"] {
            add(&admin, "header", "Item", target).await;
        }
        let dead = |page: &Page| page.all(".menu-items .problem").len();
        let page = admin.get(MENUS).await;
        assert_eq!(dead(&page), 3, "{}", page.text());
        assert!(page.text().contains("Readers will find nothing at /about/"));
        let form = admin.get("/desk/posts/new?kind=page").await.form("form.compose");
        admin.submit(&form.fill("title", "About").fill("body", "Text").press("Publish")).await;
        assert_eq!(dead(&admin.get(MENUS).await), 2);
    }

    async fn the_second_of_two_administrators_is_told_and_overwrites_nothing(db) {
        let site = Site::start(db).await;
        let (one, two) = (site.signed_in(Role::Administrator).await, second_admin(&site).await);
        let page = one.get(MENUS).await;
        let stale = page.form("form:has(#into)").fill("label", "Mine").fill("target", "/").press("Add item");
        assert_eq!(add(&two, "header", "Theirs", "/").await.status, StatusCode::SEE_OTHER);
        let told = one.submit(&stale).await;
        assert_eq!(told.status, StatusCode::CONFLICT);
        assert!(told.one(".problems").contains("Ben Carter"), "{}", told.text());
        assert_eq!(told.form("form:has(#into)").value("label"), "Mine", "what was typed is kept");
        assert_eq!(labels(&site.visitor().get("/").await, "header"), ["Theirs"]);
        one.submit(&told.form("form:has(#into)").press("Add item")).await;
        assert_eq!(labels(&site.visitor().get("/").await, "header"), ["Theirs", "Mine"]);

        let stale = one.get("/settings/").await.form("form[action='/settings/site']").fill("tagline", "One");
        let other = two.get("/settings/").await.form("form[action='/settings/site']").fill("tagline", "Two");
        assert_eq!(two.submit(&other).await.status, StatusCode::SEE_OTHER);
        let told = one.submit(&stale).await;
        assert_eq!(told.status, StatusCode::CONFLICT);
        assert!(told.one(".problems").contains("Ben Carter"));
        assert_eq!(told.form("form[action='/settings/site']").value("tagline"), "One");
        assert_eq!(site.visitor().get("/").await.one(".tagline"), "Two");
        let again = one.submit(&told.form("form[action='/settings/site']")).await;
        assert_eq!(again.status, StatusCode::SEE_OTHER);
        assert_eq!(site.visitor().get("/").await.one(".tagline"), "One");
    }

    async fn of_changes_at_once_on_two_nodes_one_is_made(db) {
        let (one, two) = two_nodes(db, "").await;
        let admin = one.signed_in(Role::Administrator).await;
        let other = admin.copy_at(&two.base);
        let form = admin.get("/settings/").await.form("form[action='/settings/site']");
        let (first, second) = (form.clone().fill("tagline", "First"), form.fill("tagline", "Second"));
        let (first, second) = tokio::join!(admin.submit(&first), other.submit(&second));
        let mut statuses = [first.status, second.status];
        statuses.sort();
        assert_eq!(statuses, [StatusCode::SEE_OTHER, StatusCode::CONFLICT]);
    }

    async fn the_list_of_changes_shows_where_long_values_differ(db) {
        let site = Site::start(db).await;
        let admin = site.signed_in(Role::Administrator).await;
        let long = "a".repeat(100);
        for text in [long.clone(), format!("{long}b")] {
            let form = admin.get("/settings/").await.form("form[action='/settings/site']");
            admin.submit(&form.fill("footer_text", &text)).await;
        }
        let page = admin.get("/settings/").await;
        let line = page.one("[aria-labelledby='changes-heading'] > .rows > li:first-child li:last-child");
        let shared = "a".repeat(20);
        assert_eq!(line, format!("Footer text: …{shared} → …{shared}b"));
    }

    async fn each_change_is_recorded_and_can_be_undone(db) {
        let site = Site::start(db).await;
        let admin = site.signed_in(Role::Administrator).await;
        let reader = site.visitor();
        assert!(!admin.get(MENUS).await.has("form[action='/settings/undo']"), "there is nothing to undo");
        add(&admin, "header", "Start", "/").await;
        add(&admin, "header-0", "Feed", "/feed/").await;
        press(&admin, "header-0", "Remove").await;
        assert_eq!(reader.get("/").await.all("header nav a"), ["Home", "Feed"]);
        let page = admin.get(MENUS).await;
        assert!(page.one("[aria-labelledby='changes-heading'] > .rows > li:first-child").contains("Administrator"));
        let undo = page.form("form[action='/settings/undo']");
        let done = admin.follow(admin.submit(&undo).await).await;
        assert!(done.one("main .received").contains("undone"), "{}", done.text());
        assert_eq!(labels(&reader.get("/").await, "header"), ["Start", "Feed"], "with what was in it");
        // Pressed again on the old page, it is refused: something was changed since.
        assert_eq!(admin.submit(&undo).await.status, StatusCode::CONFLICT);
        // Undoing the undo brings the change back.
        admin.submit(&admin.get(MENUS).await.form("form[action='/settings/undo']")).await;
        assert_eq!(reader.get("/").await.all("header nav a"), ["Home", "Feed"]);

        let form = admin.get("/settings/").await.form("form[action='/settings/site']");
        admin.submit(&form.fill("site_name", "Another name").fill("footer_text", "A footer").fill("accent", "#123456")).await;
        assert_eq!(reader.get("/").await.one(".site-name"), "Another name");
        let page = admin.get("/settings/").await;
        let change = page.one("[aria-labelledby='changes-heading'] > .rows > li:first-child li:last-child");
        assert_eq!(change, "Accent colour: none → #123456");
        admin.submit(&page.form("form[action='/settings/undo']")).await;
        let home = reader.get("/").await;
        assert_eq!(home.one(".site-name"), "Rejoinder");
        assert!(!home.has(".footer-text") && !home.has("link[href^='/theme.css']"));
        for fields in [[("section", "identity"), ("revision", "7")], [("section", "x"), ("revision", "1")], [("section", "identity"), ("revision", "x")]] {
            let status = admin.post("/settings/undo", &fields).await.status;
            assert!(status.is_client_error(), "{fields:?}: {status}");
        }
        // Saving what is there already is no change.
        let before = admin.get("/settings/").await.form("form[action='/settings/site']");
        admin.submit(&before).await;
        let after = admin.get("/settings/").await.form("form[action='/settings/site']");
        assert_eq!(after.value("revision"), before.value("revision"));
    }

    async fn readers_see_the_identity_on_every_page(db) {
        let site = Site::start(db).await;
        let post = site.post("News", "Text").await;
        let admin = site.signed_in(Role::Administrator).await;
        let reader = site.visitor();
        for path in ["/", &site.path(&post), "/nothing/"] {
            reader.get(path).await;
        }
        let form = admin.get("/settings/").await.form("form[action='/settings/site']");
        let form = form
            .fill("footer_text", "A charity <b>registered</b> in Bern.")
            .fill("social_links", "Mastodon https://social.example/@news\n\nhttps://www.video.example/news/")
            .fill("accent", "#7cc8bf");
        let saved = admin.follow(admin.submit(&form).await).await;
        // Too light for light pages: what readers get there, and why.
        let notes = saved.all("form[action='/settings/site'] .note");
        assert!(notes[0].contains("needs 4.50 to 1") && notes[0].contains("#7cc8bf"), "{notes:?}");
        assert!(notes[1].starts_with("Dark mode: #7cc8bf, with a contrast of"), "{notes:?}");
        for path in ["/", &site.path(&post), "/nothing/", "/feed/x/"] {
            let page = reader.get(path).await;
            assert_eq!(page.one(".footer-text"), "A charity <b>registered</b> in Bern.", "{path}");
            assert_eq!(page.all("footer a[rel='me']"), ["Mastodon", "video.example/news"], "{path}");
            assert!(page.has("link[rel='stylesheet'][href^='/theme.css?v=']"), "{path}");
        }
        let address = reader.get("/").await.attribute("link[href^='/theme.css']", "href").unwrap();
        let theme = reader.get(&address).await;
        assert_eq!(theme.status, StatusCode::OK);
        assert!(theme.header("cache-control").unwrap().contains("immutable"));
        assert!(theme.header("content-type").unwrap().starts_with("text/css"));
        assert!(theme.body.contains("--accent: light-dark(#") && theme.body.contains("#7cc8bf"));
        assert!(!reader.get("/").await.body.contains("style="), "the policy forbids inline styles");
        for other in ["/theme.css", "/theme.css?v=x", "/theme.css?v="] {
            assert_eq!(reader.get(other).await.header("cache-control"), Some("no-store"), "{other}");
        }
        // Another colour has another address.
        let form = admin.get("/settings/").await.form("form[action='/settings/site']");
        admin.submit(&form.fill("accent", "#a0f")).await;
        let next = reader.get("/").await.attribute("link[href^='/theme.css']", "href").unwrap();
        assert_ne!(next, address);
        let form = admin.get("/settings/").await.form("form[action='/settings/site']");
        assert_eq!(form.value("accent"), "#aa00ff");
        admin.submit(&form.fill("accent", "")).await;
        assert_eq!(reader.get("/theme.css").await.status, StatusCode::NOT_FOUND);
    }

    async fn an_identity_that_cannot_be_is_refused_and_kept_in_the_form(db) {
        let site = Site::start(db).await;
        let admin = site.signed_in(Role::Administrator).await;
        for (field, value) in [
            ("site_name", ""),
            ("tagline", "x".repeat(10_240).as_str()),
            ("footer_text", "x".repeat(10_240).as_str()),
            ("social_links", "javascript:alert(1)"),
            ("social_links", "https://a.example/\n".repeat(50).trim()),
            ("accent", "red"),
            ("accent", "#12345"),
            ("accent", "#000; } body { display: none"),
            ("accent", "url(https://other.example/)"),
        ] {
            let form = admin.get("/settings/").await.form("form[action='/settings/site']");
            let page = admin.submit(&form.fill(field, value)).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
            assert!(page.has(&format!("#{field}-problem")), "{field}: {}", page.text());
            assert_eq!(page.form("form[action='/settings/site']").value(field), value);
        }
        assert!(!admin.get("/settings/").await.has("form[action='/settings/undo']"), "nothing was changed");
    }

    async fn a_change_is_seen_on_every_node_within_a_second(db) {
        let (one, two) = two_nodes(db, "").await;
        let admin = one.signed_in(Role::Administrator).await;
        let reader = two.visitor();
        assert_eq!(reader.get("/").await.all("header nav a"), ["Home", "Feed"]);
        add(&admin, "header", "Start", "/").await;
        let begun = Instant::now();
        while reader.get("/").await.all("header nav a") != ["Start"] {
            assert!(begun.elapsed() < Duration::from_secs(1), "another node shows the old menu");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}
