//! What administrators change under /settings/ of what the settings file gives: effective at once on every
//! node, told apart from the file, undone, and nobody else's.

use std::time::{Duration, Instant};

use rejoinder::app::SendingMode;
use rejoinder::commands::serve::Workers;
use rejoinder::posts::draft::PostInput;
use rejoinder::store::entity::user::Role;
use reqwest::StatusCode;

use crate::on_both_databases;
use crate::support::client::{Client, Form, Page};
use crate::support::mail_server::{MailServer, header};
use crate::support::site::{PASSWORD, Site, comment_id};
use crate::support::two_nodes::two_nodes;

const GENERAL: &str = "/settings/general";
const DISCUSSION: &str = "/settings/discussion";
const MAIL: &str = "/settings/mail";
const PAGES: [&str; 3] = [GENERAL, DISCUSSION, MAIL];

/// Nothing is held, and nobody has to wait.
const OPEN: &str = "[comments]\nmoderation = \"none\"\n[moderation]\nhold_at_risk = 0\nburst_per_post = 0\nburst_per_site = 0\n";

/// The form of a page with what it holds.
async fn form_at(admin: &Client, page: &str) -> Form {
    admin.get(page).await.form("form.section-form")
}

/// Changes settings by the page's own form.
async fn change(admin: &Client, page: &str, values: &[(&str, &str)]) -> Page {
    let form = form_at(admin, page).await;
    let filled = values
        .iter()
        .fold(form, |form, (name, value)| form.fill(name, value));
    admin.submit(&filled).await
}

/// The same, which must work.
async fn set(admin: &Client, page: &str, values: &[(&str, &str)]) {
    let saved = change(admin, page, values).await;
    assert_eq!(
        saved.status,
        StatusCode::SEE_OTHER,
        "{values:?}: {}",
        saved.text()
    );
}

async fn use_file_again(admin: &Client, page: &str) -> Page {
    let form = admin.get(page).await.form("form.defaults-form");
    admin
        .submit(&form.press("Use the settings file again"))
        .await
}

async fn undo(admin: &Client, page: &str) -> Page {
    let form = admin.get(page).await.form("form[action='/settings/undo']");
    admin.submit(&form).await
}

/// What the latest change changed.
async fn latest_change(admin: &Client, page: &str) -> Vec<String> {
    let latest = "[aria-labelledby='changes-heading'] > .rows > li:first-child li";
    admin.get(page).await.all(latest)
}

async fn second_admin(site: &Site) -> Client {
    let user = site.account_named("Ben Carter", Role::Administrator).await;
    let client = site.visitor();
    client.sign_in(&user.email, PASSWORD).await;
    client
}

async fn entries(reader: &Client) -> usize {
    reader.get("/feed/").await.body.matches("<item>").count()
}

/// Asks until the answer is there, which takes at most a second and what the machine is slow.
async fn within_a_second(what: &str, is_there: impl AsyncFn() -> bool) {
    let begun = Instant::now();
    while !is_there().await {
        assert!(
            begun.elapsed() < Duration::from_millis(1500),
            "{what}: the other node was never notified"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

on_both_databases! {
    async fn a_setting_follows_the_file_until_an_administrator_changes_it(db) {
        let site = Site::with(db, "[site]\nfeed_entries = 2\nposts_per_page = 2\n", Workers::Off).await;
        for title in ["Oldest", "Middle", "Newest"] {
            site.post(title, "Text").await;
        }
        let (admin, reader) = (site.signed_in(Role::Administrator).await, site.visitor());
        let is_shown = async |title: &str| reader.get("/").await.one("main").contains(title);
        assert!(is_shown("Middle").await && !is_shown("Oldest").await);
        let page = admin.get(GENERAL).await;
        assert!(page.one("label[for='feed_entries']").contains("1 to 100; from the settings file"));
        assert!(!page.has("form.defaults-form") && !page.has("form[action='/settings/undo']"));
        set(&admin, GENERAL, &[("feed_entries", "1"), ("posts_per_page", "1")]).await;
        assert_eq!(entries(&reader).await, 1);
        assert!(is_shown("Newest").await && !is_shown("Middle").await);
        assert_eq!(reader.get("/page/3/").await.status, StatusCode::OK);
        let page = admin.get(GENERAL).await;
        assert!(page.one("label[for='feed_entries']").contains("changed here; the settings file says 2"));
        assert!(page.one("label[for='time_zone']").contains("from the settings file"));
        // The value of the file follows the file again.
        set(&admin, GENERAL, &[("feed_entries", "2")]).await;
        let page = admin.get(GENERAL).await;
        assert!(page.one("label[for='feed_entries']").contains("from the settings file"));
        assert!(page.one("label[for='posts_per_page']").contains("changed here"));
        assert_eq!(use_file_again(&admin, GENERAL).await.status, StatusCode::SEE_OTHER);
        assert!(is_shown("Middle").await);
        assert!(!admin.get(GENERAL).await.has("form.defaults-form"));
    }

    async fn a_change_survives_a_restart_and_the_rest_follows_the_file(db) {
        let site = Site::start(db).await;
        for title in ["First note", "Second note", "Third note"] {
            site.post(title, "Text").await;
        }
        let admin = site.signed_in(Role::Administrator).await;
        set(&admin, GENERAL, &[("feed_entries", "2")]).await;
        set(&admin, DISCUSSION, &[("max_length", "50")]).await;
        let database = site.stop().await;
        let settings = "[site]\nfeed_entries = 1\nposts_per_page = 1\n[comments]\nmoderation = \"all\"\n";
        let site = Site::on(database, settings, Workers::Off).await;
        assert_eq!(entries(&site.visitor()).await, 2);
        assert!(!site.visitor().get("/").await.one("main").contains("First note"));
        assert_eq!(site.app.settings().discussion.max_length, 50);
        let post = site.post("Four", "Text").await;
        site.comment(&post, "Ruth", "Held by the new setting of the file").await;
        assert!(!site.visitor().get(&site.path(&post)).await.text().contains("Held by the new"));
    }

    async fn a_change_applies_on_another_node_within_a_second(db) {
        let (one, two) = two_nodes(db, OPEN).await;
        let post = one.post("Shared", "Text").await;
        one.post("Another", "Text").await;
        let admin = one.signed_in(Role::Administrator).await;
        let reader = two.visitor();
        let path = two.path(&post);
        // The other node has made and cached its pages before.
        reader.get(&path).await;
        assert_eq!(entries(&reader).await, 2);
        two.comment(&post, "Ruth", "Shown at once").await;
        assert!(reader.get(&path).await.text().contains("Shown at once"));
        set(&admin, GENERAL, &[("feed_entries", "1"), ("time_zone", "Pacific/Kiritimati")]).await;
        within_a_second("entries", async || entries(&reader).await == 1).await;
        assert_eq!(two.app.zone().iana_name(), Some("Pacific/Kiritimati"));
        set(&admin, DISCUSSION, &[("moderation", "all"), ("close_comments", "1")]).await;
        let is_read = async || {
            reader.get(&path).await;
            two.app.settings().discussion.close_comments_after_days == 1
        };
        within_a_second("moderation", is_read).await;
        two.comment(&post, "Ben", "Held on the other node").await;
        assert!(!reader.get(&path).await.text().contains("Held on the other node"));
        assert_eq!(undo(&admin.copy_at(&two.base), DISCUSSION).await.status, StatusCode::SEE_OTHER);
        let post_page = one.visitor();
        let is_undone = async || {
            post_page.get(&path).await;
            one.app.settings().discussion.close_comments_after_days == 0
        };
        within_a_second("undone", is_undone).await;
        assert_eq!(one.app.sending(), two.app.sending());
    }

    async fn the_time_zone_changes_dates_and_no_address(db) {
        let site = Site::start(db).await;
        let input = PostInput {
            title: "Late at night".to_owned(),
            body: "Text".to_owned(),
            date: "2026-05-01 23:30".to_owned(),
            comments: true,
            ..PostInput::default()
        };
        let post = site.post_of(input.clone()).await;
        let (admin, reader) = (site.signed_in(Role::Administrator).await, site.visitor());
        let path = "/2026/05/01/late-at-night/";
        assert_eq!(site.path(&post), path);
        assert!(reader.get(path).await.one("main").contains("1 May 2026"));
        let feed = reader.get("/feed/").await.body;
        assert!(feed.contains(path));
        let edit = format!("/desk/posts/{}/edit", post.id);
        let stale = admin.get(&edit).await.form("form.compose");
        set(&admin, GENERAL, &[("time_zone", "Asia/Tokyo")]).await;
        // A form from before means the time that it shows, in the zone that the site had.
        admin.submit(&stale.fill("body", "Text of an older form").press("Update")).await;
        let page = reader.get(path).await;
        assert!(page.text().contains("Text of an older form"));
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.one("main").contains("2 May 2026"), "{}", page.text());
        assert_eq!(site.path(&post), path);
        assert!(reader.get("/feed/").await.body.contains(path));
        assert!(reader.get("/sitemap.xml").await.body.contains(path));
        assert!(reader.get("/").await.has(&format!("a[href='{path}']")));
        // Saved with the date that the form shows, it stays where it is.
        let form = admin.get(&edit).await.form("form.compose");
        assert!(form.value("date").starts_with("2026-05-02"), "{}", form.value("date"));
        admin.submit(&form.clone().fill("body", "Another text").press("Update")).await;
        assert_eq!(reader.get(path).await.status, StatusCode::OK);
        // A new date gives it a new address, to which the old one leads.
        let form = admin.get(&edit).await.form("form.compose");
        admin.submit(&form.fill("date", "2026-05-03T00:30").press("Update")).await;
        let moved = reader.get(path).await;
        assert_eq!(moved.status, StatusCode::PERMANENT_REDIRECT);
        assert_eq!(moved.header("location"), Some("/2026/05/03/late-at-night/"));
        // New posts are dated in the new zone.
        let new = site.post_of(PostInput { title: "New".to_owned(), ..input }).await;
        assert_eq!(site.path(&new), "/2026/05/01/new/");
        assert_eq!(undo(&admin, GENERAL).await.status, StatusCode::SEE_OTHER);
        assert!(reader.get("/2026/05/03/late-at-night/").await.one("main").contains("2 May 2026"));
        assert_eq!(site.path(&new), "/2026/05/01/new/");
    }

    async fn discussion_is_what_the_page_says(db) {
        let site = Site::with(db, OPEN, Workers::Off).await;
        let post = site.post("A question", "Text").await;
        let (admin, reader, path) = (site.signed_in(Role::Administrator).await, site.visitor(), site.path(&post));
        let first = comment_id(&site.comment(&post, "Ruth", "First").await);
        let held = async |name: &str, text: &str| {
            site.comment(&post, name, text).await;
            !reader.get(&path).await.one("#comments").contains(text)
        };
        assert!(!held("Ben", "Shown").await);
        set(&admin, DISCUSSION, &[("moderation", "first")]).await;
        assert!(held("Newcomer", "A first comment").await);
        set(&admin, DISCUSSION, &[("moderation", "none"), ("max_links", "0")]).await;
        assert!(held("Linker", "See https://other.example/").await);
        set(&admin, DISCUSSION, &[("max_links", "2"), ("max_length", "20"), ("max_depth", "1"), ("per_page", "1")]).await;
        let refused = site.comment(&post, "Dora", "More than twenty characters").await;
        assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
        assert!(refused.one("#comment-problem").contains("20"), "{}", refused.text());
        let form = reader.get(&format!("{path}?replytocom={first}")).await.form("#respond form");
        reader.submit(&form.fill("author", "Cara").fill("email", "cara@readers.example").fill("comment", "A reply").press("Send comment")).await;
        let page = reader.get(&path).await;
        assert_eq!(page.all("ol.comment-list li.comment").len(), 1, "one on each page");
        assert!(!page.has(".depth-2"));
        assert_eq!(reader.get(&format!("{path}comment-page-3/")).await.status, StatusCode::OK);
        assert_eq!(reader.get("/moderation-log").await.status, StatusCode::NOT_FOUND);
        assert!(page.has("link[rel='webmention']"));
        assert_eq!(site.app.sending(), SendingMode::OffForTests);
        set(&admin, DISCUSSION, &[
            ("public_log", "yes"), ("accept_linkbacks", ""), ("send_linkbacks", ""), ("close_comments", "2"),
        ]).await;
        assert_eq!(reader.get("/moderation-log").await.status, StatusCode::OK);
        let page = reader.get(&path).await;
        assert!(page.has("#respond form") && !page.has("link[rel='webmention']"));
        assert_eq!(site.app.sending(), SendingMode::Off);
        site.app.clock.step(Duration::from_secs(2 * 24 * 60 * 60 + 1));
        assert!(!reader.get(&path).await.has("#respond form"), "closed by age, also on the cached page");
        set(&admin, DISCUSSION, &[("close_comments", "3")]).await;
        assert!(reader.get(&path).await.has("#respond form"));
        use_file_again(&admin, DISCUSSION).await;
        let page = reader.get(&path).await;
        assert!(page.has("link[rel='webmention']") && page.has(".depth-1"));
        assert_eq!(reader.get("/moderation-log").await.status, StatusCode::NOT_FOUND);
    }

    async fn every_number_has_limits_that_the_page_names(db) {
        let site = Site::start(db).await;
        let admin = site.signed_in(Role::Administrator).await;
        for (page, field, least, most) in [
            (GENERAL, "posts_per_page", 1, 100),
            (GENERAL, "feed_entries", 1, 100),
            (DISCUSSION, "max_depth", 1, 50),
            (DISCUSSION, "per_page", 1, 500),
            (DISCUSSION, "max_length", 1, 50_000),
            (DISCUSSION, "close_comments", 0, 3650),
            (DISCUSSION, "max_links", 0, 1000),
            (DISCUSSION, "hold_at_risk", 0, 1000),
            (DISCUSSION, "close_linkbacks", 0, 3650),
            (MAIL, "digest_minutes", 0, 10_080),
        ] {
            for good in [least, most] {
                set(&admin, page, &[(field, &good.to_string())]).await;
                assert_eq!(form_at(&admin, page).await.value(field), good.to_string());
            }
            for bad in [&(least - 1).to_string(), &(most + 1).to_string(), "", "x", "1.5", "99999999999999999999"] {
                let refused = change(&admin, page, &[(field, bad)]).await;
                assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}: {bad}");
                assert!(refused.has(&format!("#{field}-problem")), "{field}: {bad}");
                assert_eq!(refused.form("form.section-form").value(field), bad, "what was typed is kept");
            }
            assert_eq!(form_at(&admin, page).await.value(field), most.to_string(), "nothing was changed");
        }
        assert_eq!(admin.get("/").await.status, StatusCode::OK);
    }

    async fn all_problems_are_shown_at_once_and_nothing_is_changed(db) {
        let site = Site::start(db).await;
        let admin = site.signed_in(Role::Administrator).await;
        let refused = change(&admin, GENERAL, &[
            ("time_zone", "Mars/Base"), ("language", "xx"), ("posts_per_page", "0"), ("feed_entries", "5"),
        ]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(refused.all(".problems li").len(), 3, "{}", refused.text());
        let form = refused.form("form.section-form");
        assert_eq!((form.value("time_zone"), form.value("feed_entries")), ("Mars/Base", "5"));
        assert_eq!(form_at(&admin, GENERAL).await.value("feed_entries"), "20");
        let refused = change(&admin, DISCUSSION, &[("moderation", "some"), ("max_depth", "51"), ("public_log", "yes")]).await;
        assert_eq!(refused.all(".problems li").len(), 2);
        assert_eq!(refused.form("form.section-form").value("public_log"), "yes", "a ticked box stays ticked");
        let name = "x".repeat(101);
        for address in ["nobody", "a@b.example, c@d.example", "<a@b.example>", "a@b"] {
            let refused = change(&admin, MAIL, &[("from_name", &name), ("from_address", address)]).await;
            assert_eq!(refused.all(".problems li").len(), 2, "{address}");
            assert_eq!(refused.form("form.section-form").value("from_address"), address);
        }
        set(&admin, MAIL, &[("from_name", &name[..100]), ("from_address", "a@b.example")]).await;
        for page in PAGES {
            // A request without any field is no form of this page.
            let empty = admin.post(page, &[("revision", "0")]).await;
            assert!(empty.status.is_client_error(), "{page}: {}", empty.status);
        }
        for page in [GENERAL, DISCUSSION] {
            assert!(latest_change(&admin, page).await.is_empty());
        }
    }

    async fn the_second_of_two_administrators_is_told_and_overwrites_nothing(db) {
        let site = Site::start(db).await;
        let (one, two) = (site.signed_in(Role::Administrator).await, second_admin(&site).await);
        for (page, field, mine, theirs) in [
            (GENERAL, "feed_entries", "7", "8"),
            (DISCUSSION, "per_page", "7", "8"),
            (MAIL, "from_name", "Mine", "Theirs"),
        ] {
            let stale = form_at(&one, page).await.fill(field, mine);
            set(&two, page, &[(field, theirs)]).await;
            let told = one.submit(&stale).await;
            assert_eq!(told.status, StatusCode::CONFLICT, "{page}");
            assert!(told.one(".problems").contains("Ben Carter"), "{}", told.text());
            let again = told.form("form.section-form");
            assert_eq!(again.value(field), mine, "what was typed is kept");
            assert_eq!(form_at(&one, page).await.value(field), theirs);
            // Neither does the file replace what somebody else saved meanwhile.
            let defaults = one.get(page).await.form("form.defaults-form").fill("revision", "0");
            assert_eq!(one.submit(&defaults.press("Use the settings file again")).await.status, StatusCode::CONFLICT);
            assert_eq!(one.submit(&again).await.status, StatusCode::SEE_OTHER);
            assert_eq!(form_at(&two, page).await.value(field), mine);
        }
    }

    async fn of_changes_at_once_on_two_nodes_one_is_made(db) {
        let (one, two) = two_nodes(db, "").await;
        let admin = one.signed_in(Role::Administrator).await;
        let other = admin.copy_at(&two.base);
        for (page, field) in [(GENERAL, "feed_entries"), (DISCUSSION, "per_page"), (MAIL, "digest_minutes")] {
            let form = form_at(&admin, page).await;
            let (first, second) = (form.clone().fill(field, "31"), form.fill(field, "32"));
            let (first, second) = tokio::join!(admin.submit(&first), other.submit(&second));
            let won = if first.status == StatusCode::SEE_OTHER { "31" } else { "32" };
            let mut statuses = [first.status, second.status];
            statuses.sort();
            assert_eq!(statuses, [StatusCode::SEE_OTHER, StatusCode::CONFLICT], "{page}");
            assert_eq!(form_at(&admin, page).await.value(field), won);
            let undone = admin.get(page).await.form("form[action='/settings/undo']");
            let (first, second) = tokio::join!(admin.submit(&undone), other.submit(&undone));
            let mut statuses = [first.status, second.status];
            statuses.sort();
            assert_eq!(statuses, [StatusCode::SEE_OTHER, StatusCode::CONFLICT], "{page}");
        }
    }

    async fn each_change_is_listed_and_can_be_undone(db) {
        let site = Site::start(db).await;
        let admin = site.signed_in(Role::Administrator).await;
        set(&admin, DISCUSSION, &[("moderation", "all"), ("per_page", "50"), ("public_log", "yes")]).await;
        assert_eq!(latest_change(&admin, DISCUSSION).await, [
            "Comments to hold for review: as in the settings file → All",
            "Show readers a log of what was decided and why, without names or texts: as in the settings file → yes",
            "Responses per page: as in the settings file → 50",
        ]);
        set(&admin, DISCUSSION, &[("per_page", "60")]).await;
        assert_eq!(latest_change(&admin, DISCUSSION).await, ["Responses per page: 50 → 60"]);
        let page = admin.get(DISCUSSION).await;
        assert!(page.one("[aria-labelledby='changes-heading'] > .rows > li:first-child").contains("Administrator"));
        let stale = page.form("form[action='/settings/undo']");
        let done = admin.follow(admin.submit(&stale).await).await;
        assert!(done.one("main .received").contains("undone"), "{}", done.text());
        assert_eq!(done.form("form.section-form").value("per_page"), "50");
        assert_eq!(admin.submit(&stale).await.status, StatusCode::CONFLICT);
        // Undoing the undo brings the change back.
        undo(&admin, DISCUSSION).await;
        assert_eq!(form_at(&admin, DISCUSSION).await.value("per_page"), "60");
        use_file_again(&admin, DISCUSSION).await;
        assert_eq!(form_at(&admin, DISCUSSION).await.value("moderation"), "first");
        undo(&admin, DISCUSSION).await;
        let form = form_at(&admin, DISCUSSION).await;
        assert_eq!((form.value("moderation"), form.value("per_page")), ("all", "60"));
        // Saving what is there already is no change.
        admin.submit(&form).await;
        assert_eq!(form_at(&admin, DISCUSSION).await.value("revision"), form.value("revision"));
        // Other sections have changes of their own.
        set(&admin, GENERAL, &[("time_zone", "Europe/Berlin")]).await;
        assert_eq!(latest_change(&admin, GENERAL).await, ["Time zone: as in the settings file → Europe/Berlin"]);
        set(&admin, MAIL, &[("from_name", "<b>News</b>"), ("from_address", "news@site.example")]).await;
        assert_eq!(latest_change(&admin, MAIL).await[0], "Sender’s name: as in the settings file → <b>News</b>");
        undo(&admin, MAIL).await;
        assert_eq!(form_at(&admin, MAIL).await.value("from_name"), "");
    }

    async fn nobody_but_administrators_changes_or_undoes_these_settings(db) {
        let site = Site::start(db).await;
        let admin = second_admin(&site).await;
        for page in PAGES {
            let field = if page == MAIL { "digest_minutes" } else if page == GENERAL { "feed_entries" } else { "per_page" };
            set(&admin, page, &[(field, "33")]).await;
            let form = form_at(&admin, page).await.fill(field, "44");
            let taken_back = admin.get(page).await.form("form[action='/settings/undo']");
            for role in [None, Some(Role::Contributor), Some(Role::Author), Some(Role::Moderator), Some(Role::Editor)] {
                let client = site.visitor();
                if let Some(role) = role {
                    let name = format!("{role:?} of {field}");
                    let user = site.account_named(&name, role).await;
                    client.sign_in(&user.email, PASSWORD).await;
                }
                for attempt in [&form, &taken_back] {
                    let status = client.submit(attempt).await.status;
                    assert!(matches!(status, StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED), "{role:?} {page}: {status}");
                }
                assert!(!client.get(page).await.has("form.section-form"));
            }
            assert_eq!(form_at(&admin, page).await.value(field), "33");
        }
    }

    async fn a_test_email_says_what_happened(db) {
        let server = MailServer::start().await;
        let site = Site::with(db, &server.settings(), Workers::Off).await;
        let admin = site.signed_in(Role::Administrator).await;
        let address = "administrator@staff.example";
        let send = async || {
            let form = admin.get(MAIL).await.form("form[action='/settings/mail/test']");
            admin.submit(&form).await
        };
        let sent = send().await;
        assert!(sent.one("main .received").contains(address), "{}", sent.text());
        assert_eq!(header(&server.emails_to(address)[0], "From"), "News <news@news.example>");
        set(&admin, MAIL, &[("from_name", "News\r\nBcc: x"), ("from_address", "desk@news.example")]).await;
        send().await;
        let emails = server.emails_to(address);
        assert_eq!(emails.len(), 2);
        assert!(header(&emails[1], "From").ends_with("<desk@news.example>"), "{}", emails[1]);
        assert!(!emails[1].lines().any(|line| line.starts_with("Bcc")), "{}", emails[1]);
        // The same sender writes to moderators.
        let post = site.post("A question", "Text").await;
        site.comment(&post, "Ruth", "Held").await;
        site.app.clock.step(Duration::from_secs(16 * 60));
        site.run_jobs().await;
        let notified = server.emails_to(address);
        assert!(header(notified.last().unwrap(), "From").ends_with("<desk@news.example>"));
        assert_eq!(notified.len(), 3);
        // Without a digest nobody is written to.
        set(&admin, MAIL, &[("digest_minutes", "0")]).await;
        site.comment(&post, "Ben", "Held too").await;
        site.app.clock.step(Duration::from_secs(60 * 60));
        site.run_jobs().await;
        assert_eq!(server.emails_to(address).len(), 3);
        server.answer(address, "550 this mailbox is full");
        let failed = send().await;
        assert_eq!(failed.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(failed.one(".problems").contains("this mailbox is full"), "{}", failed.text());
        let silent = Site::start(db).await;
        let admin = silent.signed_in(Role::Administrator).await;
        let page = admin.get(MAIL).await;
        assert!(page.text().contains("no mail server is set") && !page.has("form[action='/settings/mail/test']"));
        assert_eq!(admin.post("/settings/mail/test", &[]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
}
