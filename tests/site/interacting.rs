//! What people do in a real browser: reply after typing, click where something is only partly
//! visible, press single keys or switch them off, and read hostile text on a small screen.

use rejoinder::commands::serve::Workers;
use rejoinder::posts::draft::PostInput;
use rejoinder::store::entity::response::ResponseState;
use rejoinder::store::entity::user::Role;
use rejoinder::store::response_counts;
use serde_json::json;

use crate::support::browser::{Browser, Scripts};
use crate::support::database::Kind;
use crate::support::site::{PASSWORD, Site, comment_id};

const OPEN: &str = "[comments]\nmoderation = \"none\"\nper_page = 3\n";

async fn moderator(site: &Site) -> Browser {
    let user = site.account_named("Mo", Role::Moderator).await;
    let browser = Browser::start(Scripts::On).await;
    browser.goto(&format!("{}/login", site.base)).await;
    browser.fill("Email", &user.email).await;
    browser.fill("Password", PASSWORD).await;
    browser.press("Sign in").await;
    browser
}

async fn count(site: &Site, state: ResponseState) -> u64 {
    let counts = response_counts::count_by_state(site.app.store.read())
        .await
        .unwrap();
    counts.get(&state).copied().unwrap_or(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_form_opens_in_place_and_keeps_its_text_until_it_is_sent() {
    let site = Site::with(Kind::Sqlite, OPEN, Workers::Off).await;
    let post = site.post("A question", "Text").await;
    let path = site.address(&post);
    let mut ids = Vec::new();
    for name in ["Ada", "Ben", "Cy", "Dee"] {
        ids.push(comment_id(&site.comment(&post, name, "Hello").await));
    }
    let ruth = Browser::start(Scripts::On).await;
    ruth.goto(&format!("{path}comment-page-2/")).await;
    ruth.fill("Name", "Ruth").await;
    ruth.fill("Email", "ruth@readers.example").await;
    ruth.fill("#comment", "My long text").await;
    let buttons = "return [...document.querySelectorAll('.without-scripts')].filter(e => e.offsetWidth > 0).length";
    assert_eq!(
        ruth.execute(buttons, json!([])).await,
        0,
        "one control for one thing"
    );
    ruth.follow("Reply to Dee").await;
    let here = format!("#comment-{} > #respond", ids[3]);
    ruth.wait_for(&here).await;
    assert_eq!(ruth.text("#respond h2").await, "Reply to Dee");
    assert_eq!(ruth.value("#comment").await, "My long text");
    assert_eq!(ruth.value("input[name=parent]").await, ids[3].to_string());
    ruth.press("Cancel reply").await;
    ruth.wait_until_gone(&here).await;
    assert_eq!(ruth.value("#comment").await, "My long text");
    assert_eq!(ruth.value("input[name=parent]").await, "");
    assert_eq!(ruth.text("#respond h2").await, "Leave a comment");
    // A page that is loaded anew, and another page of the same thread, have it again.
    ruth.follow("Reply to Dee").await;
    ruth.goto(&format!("{path}comment-page-2/")).await;
    ruth.wait_for(&here).await;
    assert_eq!(ruth.value("#comment").await, "My long text");
    ruth.wait_for_text("#respond .received", "has not been sent")
        .await;
    // By the address of the reply form it can be cancelled in place, too.
    ruth.press("Cancel reply").await;
    ruth.goto(&format!("{path}?replytocom={}#respond", ids[0]))
        .await;
    assert_eq!(ruth.value("#comment").await, "My long text");
    ruth.follow("Cancel reply").await;
    assert_eq!(ruth.value("input[name=parent]").await, "");
    assert!(!ruth.url().await.contains("replytocom"));
    ruth.follow("Reply to Ada").await;
    ruth.press("Send comment").await;
    ruth.wait_for_text("ol.children", "My long text").await;
    ruth.goto(&path).await;
    assert_eq!(ruth.value("#comment").await, "", "it was sent");
    assert_eq!(ruth.console_errors().await, Vec::<String>::new());
    ruth.close().await;
    let without = Browser::start(Scripts::Off).await;
    without.goto(&path).await;
    without.fill("#comment", "Typed first").await;
    without.press("Reply to Ada").await;
    without.wait_for_text("#respond h2", "Reply to Ada").await;
    assert_eq!(without.value("#comment").await, "Typed first");
    without.press("Cancel reply").await;
    without
        .wait_for_text("#respond h2", "Leave a comment")
        .await;
    assert_eq!(without.value("#comment").await, "Typed first");
    without.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_click_in_a_partly_visible_entry_works() {
    let site = Site::start(Kind::Sqlite).await;
    let post = site.post("A question", "Text").await;
    for nth in 0..6 {
        let long = "A paragraph of some length.\n\n".repeat(12);
        site.comment(&post, &format!("R{nth}"), &format!("{long}{nth}"))
            .await;
    }
    let mo = moderator(&site).await;
    mo.set_size(1000, 500).await;
    mo.goto(&format!("{}/queue/", site.base)).await;
    mo.wait_for("form[data-keys='on']").await;
    for nth in 1..5 {
        // The checkbox of an entry is at the lower edge, the rest of it below.
        let place = "const box = document.querySelectorAll('article.entry input[name=id]')[arguments[0]];
            scrollTo({top: scrollY + box.getBoundingClientRect().bottom - innerHeight + 6, behavior: 'instant'});
            const at = box.getBoundingClientRect();
            return [at.x + at.width / 2, at.y + at.height / 2].map(Math.round);";
        let at = mo.execute(place, json!([nth])).await;
        let (x, y) = (at[0].as_i64().unwrap(), at[1].as_i64().unwrap());
        mo.click_at(x, y).await;
        let ticked = format!("article.entry:nth-of-type({}) input:checked", nth + 1);
        mo.wait_for(&ticked).await;
    }
    mo.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn single_letter_keys_decide_on_a_response_and_can_be_switched_off() {
    let site = Site::start(Kind::Sqlite).await;
    let post = site.post("A question", "Text").await;
    let mut ids = Vec::new();
    for nth in 0..3 {
        ids.push(comment_id(
            &site.comment(&post, &format!("R{nth}"), "Hello").await,
        ));
    }
    let mo = moderator(&site).await;
    let one = format!("{}/queue/responses/{}", site.base, ids[0]);
    mo.goto(&one).await;
    mo.wait_for("form.single[data-keys='on']").await;
    mo.keys("r").await;
    assert!(mo.focused().await.contains("reply-text"));
    mo.keys("as").await;
    assert_eq!(
        mo.value("#reply-text").await,
        "as",
        "in a field a key is a letter"
    );
    mo.fill("#reply-text", "").await;
    mo.goto(&one).await;
    mo.wait_for("form.single[data-keys='on']").await;
    mo.keys("s").await;
    mo.wait_for_text(".received", "One response marked as spam")
        .await;
    assert_eq!(count(&site, ResponseState::Spam).await, 1);
    mo.goto(&format!("{}/queue/", site.base)).await;
    mo.wait_for("form[data-keys='on']").await;
    mo.wait_for("html[data-keys='on']").await;
    mo.click("#keys summary").await;
    mo.tick("[data-keys-switch]").await;
    mo.wait_for("html[data-keys='off']").await;
    mo.reload().await;
    mo.wait_for("form[data-keys='on']").await;
    mo.wait_for("html[data-keys='off']").await;
    mo.keys("a").await;
    mo.goto(&format!("{}/queue/responses/{}", site.base, ids[1]))
        .await;
    mo.wait_for("form.single[data-keys='on']").await;
    mo.keys("a").await;
    assert_eq!(count(&site, ResponseState::Pending).await, 2);
    mo.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_text_fits_a_small_screen_and_can_be_scrolled_by_keyboard() {
    let site = Site::with(Kind::Sqlite, "", Workers::Off).await;
    let name = "Wolfeschlegelsteinhausenbergerdorff".to_owned();
    let url = format!("https://long.example/{}", "segment".repeat(30));
    let quotes: String = (1..=18)
        .map(|depth| format!("{} level {depth}\n", "> ".repeat(depth)))
        .collect();
    let lists: String = (0..12)
        .map(|depth| format!("{}- item {depth}\n", "  ".repeat(depth)))
        .collect();
    let code = format!("```\n{}\n```", "let x = 1; ".repeat(30));
    let cell = "unbreakable".repeat(6);
    let body = format!(
        "{quotes}\n\n{lists}\n\n{code}\n\n| {cell} | b |\n| - | - |\n| 1 | {cell} |\n\n{url}\n\n[x]({url})"
    );
    let input = PostInput {
        title: "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
            .into(),
        body,
        tags: format!("{}, short", "tag".repeat(20)),
        comments: true,
        linkbacks: true,
        ..PostInput::default()
    };
    let post = site.post_of(input).await;
    let text = format!("{quotes}\n\n{code}\n\n{url}\n\n{}", "w".repeat(300));
    let first = comment_id(&site.comment(&post, &name, &text).await);
    site.approve_all().await;
    let mut parent = first;
    for depth in 0..6 {
        let visitor = site.visitor();
        let form = visitor
            .get(&format!("{}?replytocom={parent}", site.path(&post)))
            .await
            .form("#respond form");
        let text = format!("Answer {depth} {}", "w".repeat(80));
        let form = form.fill("author", &name).fill("comment", &text);
        parent = comment_id(
            &visitor
                .submit(&form.fill("email", &format!("{}@readers.example", name.to_lowercase())))
                .await,
        );
        site.approve_all().await;
    }
    for nth in 0..2 {
        site.comment(&post, &format!("{name}{nth}"), &text).await;
    }
    let mo = moderator(&site).await;
    let pages = [
        site.path(&post),
        format!("{}?replytocom={parent}", site.path(&post)),
        "/".to_owned(),
        format!("/tag/{}/", "tag".repeat(20)),
        format!("{}report/{first}", site.path(&post)),
        "/queue/".to_owned(),
        "/queue/?state=approved".to_owned(),
        format!("/queue/responses/{first}"),
        format!("/queue/responses/{first}/person"),
        "/queue/log".to_owned(),
    ];
    let pictures = std::env::var("REJOINDER_TEST_PICTURES").ok();
    for (width, dark) in [(320, false), (360, true), (1280, false)] {
        mo.set_size(width, 800).await;
        mo.prefer_dark(dark).await;
        for (nth, path) in pages.iter().enumerate() {
            mo.goto(&format!("{}{path}", site.base)).await;
            if let Some(folder) = &pictures {
                mo.screenshot(format!("{folder}/{nth}-{width}.png")).await;
            }
            assert_eq!(mo.overflow().await, 0, "{path} is wider than {width} px");
            assert_eq!(
                mo.axe_violations().await,
                Vec::<String>::new(),
                "{path} at {width}"
            );
        }
    }
    // Quotes leave room for their text however deep they are.
    mo.set_size(320, 800).await;
    mo.goto(&site.address(&post)).await;
    let narrowest = "return Math.min(...[...document.querySelectorAll('.text blockquote p')].map(p => p.clientWidth))";
    let narrowest = mo.execute(narrowest, json!([])).await;
    assert!(narrowest.as_i64().unwrap() > 120, "{narrowest} px");
    let reach = "return [...document.querySelectorAll('.text *')].filter(e => e.scrollWidth > e.clientWidth + 1
        && ['auto', 'scroll'].includes(getComputedStyle(e).overflowX)).map(e => e.tabIndex)";
    let reach = mo.execute(reach, json!([])).await;
    let reach = reach.as_array().unwrap();
    assert!(
        reach.len() >= 3 && reach.iter().all(|at| at == 0),
        "{reach:?}"
    );
    mo.close().await;
}
