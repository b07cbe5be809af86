//! The whole round in a real browser, with scripts and without, and what every page looks like to
//! machines that check them.

use std::time::Duration;

use rejoinder::commands::serve::Workers;
use rejoinder::store::entity::post::Model as Post;
use rejoinder::store::entity::response::ResponseState;
use rejoinder::store::entity::sender_policy::{Scope, SenderPolicy};
use rejoinder::store::entity::user::Role;
use rejoinder::store::response_counts;
use rejoinder::store::sender_policies::{self, NewSenderPolicy};

use crate::support::browser::validator::validate_html;
use crate::support::browser::{Browser, Scripts, key};
use crate::support::database::Kind;
use crate::support::neighbour::Neighbour;
use crate::support::site::{PASSWORD, Site};

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
        until(async || count_by_state(&site).await[0] == left).await;
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
    until(async || count_by_state(&site).await[3] == 15).await;
    mo.strike("u").await;
    until(async || count_by_state(&site).await[3] == 16).await;
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
        until(async || count_by_state(&site).await[0] == 60 - nth - 1).await;
        if nth < 59 {
            let next = format!("button:focus[value^='approved:']:not([value='{value}'])");
            mo.wait_for(&next).await;
        }
    }
    mo.wait_for_text(".empty", "You’re all caught up").await;
    assert_eq!(count_by_state(&site).await, [0, 57, 3, 0]);
    mo.close().await;
}

/// Linkbacks of every kind under a post, one whose source is gone, an approved site, and outgoing
/// linkbacks; returns the path of a status page.
async fn exchange_linkbacks(site: &Site, blog: &Neighbour, target: &str) -> String {
    let mut status_tokens = Vec::new();
    for class in [
        "u-in-reply-to",
        "u-like-of",
        "u-repost-of",
        "u-bookmark-of",
        "",
    ] {
        let page = format!(
            "<div class=h-entry><a class='p-author h-card' href=/ann>Ann Lee</a> <a class='{class}' href='{target}'>x</a><p class=e-content>Words of mine on this.</p></div>"
        );
        let source = blog.show(&format!("/m{class}"), &page);
        let sent = crate::webmentions::mention(site, &source, target).await;
        let status_token = sent.header("location").unwrap().to_owned();
        status_tokens.push(status_token.strip_prefix(&site.base).unwrap().to_owned());
    }
    for status_token in &status_tokens {
        until(async || crate::webmentions::state(site, status_token).await == "shown").await;
    }
    blog.show_with("/m", 410, &[], "");
    site.app.clock.step(Duration::from_secs(25 * 60 * 60));
    rejoinder::linkbacks::recheck::enqueue_due(&site.app)
        .await
        .unwrap();
    let path = target.strip_prefix(&site.base).unwrap();
    until(async || site.visitor().get(path).await.has("details.gone")).await;
    let by = (None, "Moderator");
    let now = site.app.clock.now();
    site.app
        .store
        .write(move |tx| {
            Box::pin(async move {
                {
                    let new = NewSenderPolicy {
                        scope: Scope::Host,
                        subject: "blog.example".to_owned(),
                        match_key: "blog.example".to_owned(),
                        policy: SenderPolicy::Approve,
                        until: None,
                        note: String::new(),
                    };
                    sender_policies::set(tx, new, by, now).await
                }
            })
        })
        .await
        .unwrap();
    blog.show_with("/takes", 200, &[("link", "</no>; rel=webmention")], "");
    let body = format!("See [this]({target}) and [that]({}).", blog.url("/takes"));
    site.post("A post that links", &body).await;
    let editor = site.signed_in(Role::Editor).await;
    until(async || {
        let outgoing = editor.get("/desk/outgoing-linkbacks").await;
        outgoing.text().contains("Refused")
    })
    .await;
    status_tokens.swap_remove(0)
}

/// Waits until a condition is true.
async fn until(is_so: impl AsyncFn() -> bool) {
    for _ in 0..200 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the condition stays false");
}

/// A rule, a response that a rule and the filter hold, a report and an appeal; returns the paths of a
/// writer's comment status and of a rule's test.
async fn moderated(site: &Site, post: &Post, shown: i64) -> (String, String) {
    let reader = site.visitor();
    let report = format!("{}report/{shown}", site.path(post));
    let sent = reader
        .post(&report, &[("reason", "abuse"), ("note", "Look here")])
        .await;
    assert_eq!(sent.status, 200);
    let moderator = site.signed_in(Role::Moderator).await;
    let form = moderator.get("/queue/rules/new").await.form("form.rule");
    let form = form
        .fill("rule_name", "Pills")
        .fill("words", "pills\nHello")
        .fill("action", "hold");
    let begun = moderator.submit(&form).await;
    let rule_test = begun.header("location").unwrap().to_owned();
    until(async || {
        let page = moderator.get(&rule_test).await;
        page.has("form.trial")
    })
    .await;
    let found = moderator.get(&rule_test).await;
    moderator.submit(&found.form("form.trial")).await;
    let held = site
        .comment(post, "Seller", "Cheap viagra pills at our casino, buy now!")
        .await;
    assert_eq!(held.status, 303);
    let refused = site.comment(post, "Max", "A harsh word").await;
    let receipt = refused.header("location").unwrap().to_owned();
    let receipt = receipt.split("receipt=").nth(1).unwrap();
    let receipt = receipt.split('#').next().unwrap().to_owned();
    let id = receipt.split('-').next().unwrap().to_owned();
    let decision = format!("trash:{id}");
    let fields = [("move", decision.as_str()), ("note", "Too harsh.")];
    moderator.post("/queue/decisions", &fields).await;
    (format!("{}receipt/{receipt}", site.path(post)), rule_test)
}

/// A site with something of everything on its pages, and the paths of all kinds of pages.
async fn site_with_everything() -> (Site, Neighbour, Vec<(String, bool)>) {
    let blog = Neighbour::start().await;
    let site = Site::with(Kind::Sqlite, &blog.allowed(), Workers::On).await;
    let body = "Intro\n\n## Head\n\n- a\n- b\n\n> quote\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\n1. x\n\n```\ncode\n```\n\n[link](https://x.example)";
    let post = site.post("A post with everything & “more”", body).await;
    site.post("Another", "Text").await;
    let first = crate::support::site::comment_id(
        &site
            .comment(&post, "Ruth", "Hello *there*\n\n> quoted")
            .await,
    );
    site.approve_all().await;
    let target = site.address(&post);
    let source = blog.show(
        "/a",
        &format!("<title>Their page</title><p>Words <a href='{target}'>around</a> a link"),
    );
    let request = rejoinder::linkbacks::protocol::pingback::ping_request(&source, &target);
    site.visitor()
        .request(reqwest::Method::POST, "/xmlrpc.php", request, &[])
        .await;
    let status_token = exchange_linkbacks(&site, &blog, &target).await;
    let visitor = site.visitor();
    let reply = visitor
        .get(&format!("{}?replytocom={first}", site.path(&post)))
        .await
        .form("#respond form");
    let answer = visitor
        .submit(
            &reply
                .fill("author", "Ruth")
                .fill("email", "ruth@readers.example")
                .fill("comment", "More"),
        )
        .await;
    assert_eq!(answer.status, 303);
    let pending = site
        .comment(
            &post,
            "Newcomer",
            "Look at [this page](https://a.example) or at [that page](https://b.example) or even [another](https://c.example) for more.",
        )
        .await;
    let own = pending
        .header("location")
        .unwrap()
        .split('#')
        .next()
        .unwrap()
        .to_owned();
    let (comment_status, rule_test) = moderated(&site, &post, first).await;
    let public = [
        "/".to_owned(),
        format!("{}report/{first}", site.path(&post)),
        comment_status,
        site.path(&post),
        format!("{}?replytocom={first}", site.path(&post)),
        own,
        "/author/ada-okoye/".to_owned(),
        format!("/webmention?target={target}"),
        status_token,
        "/nothing".to_owned(),
        "/login".to_owned(),
    ];
    let staff = [
        "/desk/".to_owned(),
        "/desk/posts/new".to_owned(),
        format!("/desk/posts/{}/edit", post.id),
        "/desk/outgoing-linkbacks".to_owned(),
        "/queue/senders".to_owned(),
        "/queue/rules".to_owned(),
        "/queue/rules/new".to_owned(),
        rule_test,
        "/queue/statistics".to_owned(),
        format!("/queue/responses/{first}/person?preview=email&subject=ruth%40readers.example"),
        "/queue/?state=approved&words=o&order=risk".to_owned(),
        "/queue/?state=approved&reported=1".to_owned(),
        "/queue/".to_owned(),
        "/queue/?state=approved".to_owned(),
        "/queue/?state=spam".to_owned(),
        "/queue/log".to_owned(),
        format!("/queue/responses/{first}"),
        "/settings/".to_owned(),
        "/settings/components".to_owned(),
    ];
    let pages = public
        .into_iter()
        .map(|path| (path, false))
        .chain(staff.into_iter().map(|path| (path, true)))
        .collect();
    (site, blog, pages)
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
