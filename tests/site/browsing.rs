//! The whole round in a real browser, with scripts and without, and what every page looks like to
//! machines that check them.

use rejoinder::store::entity::response::ResponseState;
use rejoinder::store::entity::user::Role;
use rejoinder::store::response_counts;

use crate::everything::site_with_everything;
use crate::support::browser::validator::validate_html;
use crate::support::browser::{Browser, Scripts, key};
use crate::support::database::Kind;
use crate::support::site::{PASSWORD, Site};
use crate::working::until;

/// Tests that need two browsers at once run one after the other: each with one browser, they would
/// wait for each other forever.
static BOTH_BROWSERS: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

async fn the_whole_round(scripts: Scripts) {
    let _both = BOTH_BROWSERS.lock().await;
    let site = Site::start(Kind::Sqlite).await;
    let user = site.account_named("Ada Okoye", Role::Editor).await;
    let editor = Browser::start(scripts).await;
    editor.goto(&format!("{}/login", site.base)).await;
    editor.fill("Email", &user.email).await;
    editor.fill("Password", PASSWORD).await;
    editor.press("Sign in").await;
    editor.wait_for_text("h1", "Posts").await;
    editor.goto(&format!("{}/desk/posts/new", site.base)).await;
    editor.fill("Title", "A post from a browser").await;
    editor.fill("#body", "Some **bold** words").await;
    if scripts == Scripts::On {
        editor.wait_for_text("#preview-text strong", "bold").await;
    } else {
        editor.press("Preview").await;
        editor.wait_for_text("#preview-text strong", "bold").await;
    }
    editor.press("Publish").await;
    editor
        .wait_for_text("article.post h1", "A post from a browser")
        .await;
    let permalink = editor.url().await;

    let reader = Browser::start(scripts).await;
    reader.goto(&permalink).await;
    reader.fill("Name", "Ruth Amsel").await;
    reader.fill("Email", "ruth@readers.example").await;
    reader.fill("Comment", "A comment from a browser").await;
    reader.press("Send comment").await;
    reader.wait_for_text(".received", "have received").await;
    reader
        .wait_for_text("li.pending", "A comment from a browser")
        .await;

    editor.goto(&format!("{}/queue/", site.base)).await;
    editor
        .wait_for_text(".entry", "A comment from a browser")
        .await;
    editor.press("Approve").await;
    editor
        .wait_for_text(".received", "One response approved")
        .await;

    reader.goto(&permalink).await;
    reader
        .wait_for_text("#comments h2", "One response to “A post from a browser”")
        .await;
    assert!(
        reader
            .text("ol.comment-list")
            .await
            .contains("A comment from a browser")
    );
    match scripts {
        Scripts::On => reader.follow("Reply").await,
        Scripts::Off => reader.press("Reply").await,
    }
    reader
        .wait_for_text("#respond h2", "Reply to Ruth Amsel")
        .await;
    assert_eq!(reader.console_errors().await, Vec::<String>::new());
    assert_eq!(editor.console_errors().await, Vec::<String>::new());
    reader.close().await;
    editor.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn publishing_commenting_and_approving_work_with_scripts() {
    the_whole_round(Scripts::On).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn publishing_commenting_and_approving_work_without_scripts() {
    the_whole_round(Scripts::Off).await;
}

/// Fills the queue with `count` comments, from as many writers.
async fn fill_queue(site: &Site, count: usize) {
    let post = site.post("A question", "Text").await;
    let path = format!("{}respond", site.path(&post));
    let reader = site.visitor();
    for nth in 0..count {
        let fields = [
            ("author", &*format!("Reader{nth}")),
            ("email", &*format!("reader{nth}@readers.example")),
            ("comment", &*format!("Remark number {nth}")),
        ];
        assert_eq!(reader.post(&path, &fields).await.status, 303);
    }
}

/// How many responses are pending, approved, spam, and in the trash.
async fn count_by_state(site: &Site) -> [u64; 4] {
    let counts = response_counts::count_by_state(site.app.store.read())
        .await
        .unwrap();
    [
        ResponseState::Pending,
        ResponseState::Approved,
        ResponseState::Spam,
        ResponseState::Trash,
    ]
    .map(|state| counts.get(&state).copied().unwrap_or(0))
}

async fn open_queue(site: &Site, scripts: Scripts) -> Browser {
    let user = site.account_named("Mo", Role::Moderator).await;
    let browser = Browser::start(scripts).await;
    browser.goto(&format!("{}/login", site.base)).await;
    browser.fill("Email", &user.email).await;
    browser.fill("Password", PASSWORD).await;
    browser.press("Sign in").await;
    browser.goto(&format!("{}/queue/", site.base)).await;
    browser.wait_for(".entry").await;
    browser
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_of_two_hundred_is_cleared_by_keyboard_alone() {
    let site = Site::start(Kind::Sqlite).await;
    fill_queue(&site, 200).await;
    let mo = open_queue(&site, Scripts::On).await;
    let begun = std::time::Instant::now();
    // Eight times a page of 25: some approved, some spam, some trash, one skipped and returned to.
    for page in 0..8 {
        mo.wait_for("form[data-keys='on'] article.entry").await;
        mo.strike("jjk").await;
        mo.strike(&"aaaasaaad".repeat(3)[..25]).await;
        let left = 200 - 25 * (page + 1);
        until("the queue has changed", async || {
            count_by_state(&site).await[0] == left
        })
        .await;
    }
    println!(
        "200 decisions by keyboard in {:.1} s",
        begun.elapsed().as_secs_f64()
    );
    mo.wait_for_text(".empty", "You’re all caught up").await;
    assert_eq!(count_by_state(&site).await, [0, 160, 24, 16]);
    // The last decision can be undone by a key, too; ? shows the keys, and nothing traps Tab.
    mo.goto(&format!("{}/queue/?state=trash", site.base)).await;
    mo.wait_for("form[data-keys='on']").await;
    mo.strike("ja").await;
    until("the queue has changed", async || {
        count_by_state(&site).await[3] == 15
    })
    .await;
    mo.strike("u").await;
    until("the queue has changed", async || {
        count_by_state(&site).await[3] == 16
    })
    .await;
    // The page that shows all 16 again.
    mo.wait_for("form[data-keys='on'] article.entry:nth-of-type(16)")
        .await;
    mo.strike("?").await;
    mo.wait_for("#keys[open]").await;
    mo.strike("j").await;
    let before = mo.focused().await;
    mo.strike(key::TAB).await;
    assert_ne!(mo.focused().await, before, "Tab leads on");
    assert_eq!(mo.console_errors().await, Vec::<String>::new());
    mo.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_is_cleared_by_keyboard_without_scripts() {
    let site = Site::start(Kind::Sqlite).await;
    // More than two pages.
    fill_queue(&site, 60).await;
    let mo = open_queue(&site, Scripts::Off).await;
    // Tab finds the first button; from then on the focus is on the next one: Enter approves, Tab and
    // Enter mark as spam.
    for _ in 0..80 {
        mo.keys(key::TAB).await;
        let value = mo.attribute(":focus", "value").await;
        if value.is_some_and(|value| value.starts_with("approved:")) {
            break;
        }
    }
    for nth in 0..60 {
        let value = mo.attribute("button:focus", "value").await.unwrap();
        if nth % 20 == 19 {
            mo.strike(key::TAB).await;
        }
        mo.strike(key::ENTER).await;
        until("the queue has changed", async || {
            count_by_state(&site).await[0] == 60 - nth - 1
        })
        .await;
        if nth < 59 {
            let next = format!("button:focus[value^='approved:']:not([value='{value}'])");
            mo.wait_for(&next).await;
        }
    }
    mo.wait_for_text(".empty", "You’re all caught up").await;
    assert_eq!(count_by_state(&site).await, [0, 57, 3, 0]);
    mo.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_has_an_error_that_the_html_validator_finds() {
    let (site, _blog, pages) = site_with_everything().await;
    let stranger = site.visitor();
    let staff = site.signed_in(Role::Administrator).await;
    let mut sources = Vec::new();
    for (path, signed_in) in pages {
        let page = if signed_in {
            staff.get(&path).await
        } else {
            stranger.get(&path).await
        };
        sources.push((path, page.body));
    }
    let wrong = stranger.post("/login", &[("email", "x")]).await;
    sources.push(("/login with problems".to_owned(), wrong.body));
    let named: Vec<(&str, &str)> = sources
        .iter()
        .map(|(name, html)| (name.as_str(), html.as_str()))
        .collect();
    assert_eq!(validate_html(&named), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_accessible_and_fits_a_small_screen() {
    let (site, _blog, pages) = site_with_everything().await;
    let user = site.account(Role::Administrator).await;
    let browser = Browser::start(Scripts::On).await;
    for (round, dark) in [(1280, false), (320, true)] {
        browser.set_size(round, 900).await;
        browser.prefer_dark(dark).await;
        let mut signed_in = false;
        for (path, staff) in &pages {
            if *staff && !signed_in && browser.exists("form[action='/login']").await {
                browser.fill("Email", &user.email).await;
                browser.fill("Password", PASSWORD).await;
                browser.press("Sign in").await;
                signed_in = true;
            }
            browser.goto(&format!("{}{path}", site.base)).await;
            assert_eq!(
                browser.axe_violations().await,
                Vec::<String>::new(),
                "{path} at {round}"
            );
            assert_eq!(
                browser.overflow().await,
                0,
                "{path} is wider than {round} px"
            );
        }
    }
    browser.close().await;
}
