//! Nobody loses what they typed, and nobody destroys anything with one click: links to comments,
//! double clicks, replies, ended sessions, and confirmations before what cannot be undone.

use rejoinder::commands::serve::Workers;
use rejoinder::posts::draft::PostInput;
use rejoinder::posts::publish::move_post;
use rejoinder::store::entity::ids::ResponseId;
use rejoinder::store::entity::post::{Model as Post, PostState};
use rejoinder::store::entity::response::ResponseState;
use rejoinder::store::entity::user::Role;
use rejoinder::store::response_counts;
use rejoinder::store::responses;
use reqwest::StatusCode;

use crate::on_both_databases;
use crate::support::client::{Client, Form, Page};
use crate::support::site::{PASSWORD, Site, comment_id};

const SLOW: &str = "[limits]\ncomment_interval = 60\ncomments_per_hour = 5\nsign_ins = 0\nreports_per_hour = 1\nlinkbacks_per_minute = 0\nlinkbacks_per_source_host = 0\nlinkbacks_per_post = 0\n";

async fn filled(visitor: &Client, path: &str, text: &str) -> Form {
    let form = visitor.get(path).await.form("#respond form");
    form.fill("author", "Ruth Amsel")
        .fill("email", "ruth@readers.example")
        .fill("comment", text)
        .press("Send comment")
}

async fn decide(moderator: &Client, to: &str, id: i64) {
    let one = format!("{to}:{id}");
    let answer = moderator.post("/queue/decisions", &[("move", &one)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
}

async fn state(site: &Site, id: i64) -> ResponseState {
    let row = responses::find(site.app.store.read(), ResponseId(id)).await;
    row.unwrap().unwrap().state
}

/// Follows the permanent link of a comment in one redirect, and returns its target.
async fn target_of(site: &Site, path: &str, id: i64) -> String {
    let reader = site.visitor();
    let answer = reader.get(&format!("/comment/{id}/")).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let to = answer.header("location").unwrap().to_owned();
    let (page, anchor) = to.split_once('#').unwrap();
    assert_eq!(anchor, format!("comment-{id}"));
    let shown = reader.get(page).await;
    assert_eq!(shown.status, StatusCode::OK, "{page}");
    assert!(
        shown.has(&format!("li#comment-{id}")),
        "{page}: {}",
        shown.text()
    );
    page.strip_prefix(path).unwrap().to_owned()
}

async fn reply_to(site: &Site, post: &Post, parent: i64, text: &str) -> i64 {
    let visitor = site.visitor();
    let path = format!("{}?replytocom={parent}", site.path(post));
    let form = filled(&visitor, &path, text).await;
    comment_id(&visitor.submit(&form).await)
}

fn undo_page(log: &Page, row: usize) -> String {
    let path = format!("tbody tr:nth-child({row}) a[href*='/queue/undo']");
    log.attribute(&path, "href").unwrap()
}

on_both_databases! {
    async fn a_link_to_a_comment_leads_to_the_page_that_it_is_on(db) {
        let site = Site::with(db, "[comments]\nmoderation = \"none\"\nper_page = 3\n", Workers::Off).await;
        let post = site.post("A question", "Text").await;
        let path = site.path(&post);
        let mut ids = Vec::new();
        for count in 0..6 {
            ids.push(comment_id(&site.comment(&post, &format!("R{count}"), "Hello").await));
        }
        let leads = async |ids: &[i64]| {
            let mut pages = Vec::new();
            for id in ids {
                pages.push(target_of(&site, &path, *id).await);
            }
            pages
        };
        let second = "comment-page-2/";
        assert_eq!(leads(&ids).await, ["", "", "", second, second, second]);
        // A reply to the first moves the others on; nested replies count at their position.
        let reply = reply_to(&site, &post, ids[0], "An answer").await;
        assert_eq!(leads(&[ids[0], reply, ids[1], ids[2], ids[5]]).await, ["", "", "", second, "comment-page-3/"]);
        // Without scripts, the reply form is on the page of the comment it replies to.
        let form = site.visitor().get(&format!("{path}?replytocom={}", ids[5])).await;
        assert!(form.has(&format!("li#comment-{}", ids[5])));
        let cancel = form.attribute("a.cancel-reply", "href").unwrap();
        assert_eq!(cancel, format!("/comment/{}/", ids[5]));
        // A removed comment moves them back, and is on no page itself.
        let moderator = site.signed_in(Role::Moderator).await;
        decide(&moderator, "trash", ids[1]).await;
        assert_eq!(leads(&[ids[2], ids[3], ids[5]]).await, ["", second, second]);
        for gone in [format!("/comment/{}/", ids[1]), "/comment/999999/".into(), "/comment/x/".into()] {
            assert_eq!(site.visitor().get(&gone).await.status, StatusCode::NOT_FOUND, "{gone}");
        }
        // Everything that links to a comment from elsewhere uses it.
        let link = format!("{}/comment/{}/", site.base, ids[5]);
        for feed in ["/comments/feed/", "/comments/feed/atom/", &format!("{path}feed/")] {
            assert!(site.visitor().get(feed).await.body.contains(&link), "{feed}");
        }
        let report = site.visitor().get(&format!("{path}report/{}", ids[5])).await;
        assert!(report.has(&format!("main a[href='/comment/{}/']", ids[5])));
        let slashless = site.visitor().get(&format!("/comment/{}", ids[5])).await;
        assert!(slashless.header("location").unwrap().ends_with(&format!("#comment-{}", ids[5])), "in one hop");
        // The time beside a comment links to its full address.
        let shown = site.visitor().get(&format!("{path}{second}")).await;
        let own = shown.attribute(&format!("#comment-{} .meta a", ids[5]), "href");
        assert_eq!(own, Some(format!("{path}{second}#comment-{}", ids[5])));
        move_post(&site.app, &rejoinder::accounts::permissions::Actor::operator(), post.id, PostState::Draft).await.unwrap();
        assert_eq!(site.visitor().get(&format!("/comment/{}/", ids[5])).await.status, StatusCode::NOT_FOUND);
    }

    async fn a_double_click_is_one_comment_and_leads_to_it_both_times(db) {
        let site = Site::with(db, SLOW, Workers::Off).await;
        let post = site.post("A question", "Text").await;
        let ruth = site.visitor();
        rejoinder::accounts::secret::find(&site.app).await.unwrap();
        let form = filled(&ruth, &site.path(&post), "Only once").await;
        let (one, two) = tokio::join!(ruth.submit(&form), ruth.submit(&form));
        assert_eq!((one.status, two.status), (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER), "{} {}", one.text(), two.text());
        let first = one.header("location").unwrap().to_owned();
        assert_eq!(two.header("location"), Some(first.as_str()));
        let id = comment_id(&one);
        let third = ruth.submit(&form).await;
        assert_eq!(third.header("location"), Some(first.as_str()));
        assert!(ruth.follow(third).await.has(&format!("li#comment-{id}.pending")));
        let counts = response_counts::count_by_state(site.app.store.read()).await.unwrap();
        assert_eq!(counts.values().sum::<u64>(), 1);
        // Whatever its state is by now, its author gets the same answer and sees the state there.
        let moderator = site.signed_in(Role::Moderator).await;
        for to in ["spam", "trash"] {
            decide(&moderator, to, id).await;
            let again = ruth.submit(&form).await;
            assert_eq!(again.header("location"), Some(first.as_str()), "{to}");
            let status = ruth.follow(again).await.text();
            assert!(status.contains("not shown") || status.contains("not to show"), "{status}");
        }
        decide(&moderator, "approved", id).await;
        let again = ruth.submit(&form).await;
        assert_eq!(again.header("location"), Some(format!("{}#comment-{id}", site.path(&post)).as_str()));
        // Another text is another comment, and too fast.
        let other = ruth.submit(&form.clone().fill("comment", "Another")).await;
        assert_eq!(other.status, StatusCode::TOO_MANY_REQUESTS);
        // Another browser that repeats it is another commenter.
        let agent = [("content-type", "application/x-www-form-urlencoded"), ("user-agent", "another")];
        let body = "author=Ruth+Amsel&email=guess%40x.example&comment=Only+once";
        let path = format!("{}respond", site.path(&post));
        let stranger = site.visitor().request(reqwest::Method::POST, &path, body, &agent).await;
        assert!(!stranger.header("location").unwrap_or_default().contains(first.split_once('-').unwrap().1), "no receipt of somebody else's");
    }

    async fn repeating_a_comment_reveals_nothing_about_its_email(db) {
        let site = Site::with(db, "[comments]\nmoderation = \"none\"\n", Workers::Off).await;
        let post = site.post("A question", "Text").await;
        let reader = site.visitor();
        let form = filled(&reader, &site.path(&post), "Said in public").await;
        let first = reader.submit(&form).await;
        let mut answers = Vec::new();
        for email in ["ruth@readers.example", "guess@readers.example"] {
            let answer = site.visitor().submit(&form.clone().fill("email", email)).await;
            answers.push((answer.status, answer.header("location").map(str::to_owned)));
        }
        assert_eq!(answers[0], answers[1]);
        assert_eq!(answers[0].1.as_deref(), first.header("location"));
    }

    async fn a_double_click_on_what_is_refused_is_refused_both_times(db) {
        let site = Site::with(db, SLOW, Workers::Off).await;
        let post = site.post("A question", "Text").await;
        let moderator = site.signed_in(Role::Moderator).await;
        let block = moderator.get("/queue/senders").await.form("form[action='/queue/senders']");
        moderator.submit(&block.fill("scope", "email").fill("subject", "ruth@readers.example").fill("policy", "block")).await;
        let ruth = site.visitor();
        rejoinder::accounts::secret::find(&site.app).await.unwrap();
        let form = filled(&ruth, &site.path(&post), "Not wanted").await;
        let (one, two) = tokio::join!(ruth.submit(&form), ruth.submit(&form));
        for answer in [one, two, ruth.submit(&form).await] {
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.text());
            assert_eq!(answer.form("#respond form").value("comment"), "Not wanted");
        }
    }

    async fn replying_after_typing_keeps_the_text_without_scripts(db) {
        let site = Site::with(db, "[comments]\nmoderation = \"none\"\nper_page = 2\n", Workers::Off).await;
        let post = site.post("A question", "Text").await;
        let mut last = 0;
        for count in 0..3 {
            last = comment_id(&site.comment(&post, &format!("R{count}"), "Hello").await);
        }
        let ruth = site.visitor();
        let path = format!("{}comment-page-2/", site.path(&post));
        let page = ruth.get(&path).await;
        let button = format!("li#comment-{last} button[form='comment-form'][name='do']");
        let wanted = page.attribute(&button, "value").unwrap();
        let form = filled(&ruth, &path, "My long text").await;
        let answering = ruth.submit(&form.clone().fill("do", &wanted)).await;
        assert_eq!(answering.status, StatusCode::OK);
        assert_eq!(answering.one("#respond h2"), "Reply to R2");
        assert!(answering.has(&format!("li#comment-{last}")), "the page of the one that is answered");
        let again = answering.form("#respond form");
        assert_eq!((again.value("comment"), again.value("author")), ("My long text", "Ruth Amsel"));
        assert_eq!(again.value("parent"), last.to_string());
        let cancelled = ruth.submit(&again.clone().fill("do", "cancel-reply")).await;
        let plain = cancelled.form("#respond form");
        assert_eq!((plain.value("comment"), plain.value("parent")), ("My long text", ""));
        for nobody in ["reply:999999", "reply:x", "reply:"] {
            let page = ruth.submit(&form.clone().fill("do", nobody)).await;
            assert_eq!(page.form("#respond form").value("comment"), "My long text", "{nobody}");
        }
        let counts = response_counts::count_by_state(site.app.store.read()).await.unwrap();
        assert_eq!(counts.values().sum::<u64>(), 3, "nothing was sent");
        let sent = ruth.submit(&again.press("Send comment")).await;
        assert!(sent.header("location").unwrap().contains("comment-page-2/"), "{}", sent.text());
    }

    async fn a_comment_reaches_a_post_that_moved_and_is_kept_by_the_page_of_one_that_is_gone(db) {
        let site = Site::start(db).await;
        let post = site.post("A question", "Text").await;
        let ruth = site.visitor();
        let old = site.path(&post);
        let form = filled(&ruth, &old, "Written meanwhile").await;
        let editor = site.signed_in(Role::Editor).await;
        let edit = format!("/desk/posts/{}/edit", post.id);
        let saved = editor.submit(&editor.get(&edit).await.form("form.compose").fill("slug", "elsewhere").press("Update")).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text());
        let sent = ruth.submit(&form).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text());
        let to = sent.header("location").unwrap().to_owned();
        assert!(to.contains("/elsewhere/?receipt="), "{to}");
        // A receipt and a reply form are found at the old address too.
        let receipt = to.split_once('?').unwrap().1.split('#').next().unwrap();
        let moved = ruth.get(&format!("{old}?{receipt}")).await;
        assert_eq!(ruth.follow(moved).await.all("li.pending").len(), 1);
        let page_one = ruth.get(&format!("{old}comment-page-1/")).await;
        assert!(page_one.header("location").unwrap().ends_with("/elsewhere/"), "in one hop");
        editor.post(&format!("/desk/posts/{}/trash", post.id), &[]).await;
        let late = ruth.submit(&form.fill("comment", "Too late, but long")).await;
        assert_eq!(late.status, StatusCode::GONE);
        assert!(late.one("textarea").contains("Too late, but long"));
    }

    async fn one_of_many_decisions_is_undone_alone_or_with_all_others(db) {
        let site = Site::start(db).await;
        let post = site.post("A question", "Text").await;
        let mut ids = Vec::new();
        for count in 0..4 {
            ids.push(comment_id(&site.comment(&post, &format!("R{count}"), "Hello").await));
        }
        let one = site.signed_in(Role::Moderator).await;
        let two = site.signed_in(Role::Editor).await;
        let form = one.get("/queue/").await.form("form.queue");
        let all = ids.iter().fold(form, |form, id| form.add("id", &id.to_string()));
        one.submit(&all.fill("all", "trash")).await;
        let log = one.get("/queue/log").await;
        assert_eq!(log.all("tbody form").len(), 0, "no button undoes four by one press");
        assert!(log.all("tbody tr")[0].contains("one of 4"), "{}", log.text());
        let first = undo_page(&log, 1);
        let page = one.get(&first).await;
        assert!(page.text().contains("4 responses, moved together by"), "{}", page.text());
        assert_eq!(page.one("form.undo-all button"), "Undo all 4");
        let only = page.form("form.undo-one");
        assert_eq!(one.submit(&only).await.status, StatusCode::SEE_OTHER);
        let counts = one.get("/queue/").await.all(".tabs .count");
        assert_eq!(counts, ["1", "0", "0", "3"]);
        // Another moderator undoes the same: the page says that it is undone already.
        let again = two.submit(&only).await;
        assert!(two.follow(again).await.text().contains("One was not moved"));
        let moved = state(&site, ids[1]).await;
        assert_eq!(moved, ResponseState::Trash);
        decide(&two, "spam", ids[1]).await;
        let rest = two.get(&first).await;
        assert!(rest.text().contains("Already undone: one response."), "{}", rest.text());
        assert!(rest.text().contains("Since moved again: one response."), "{}", rest.text());
        assert!(!rest.has("form.undo-one"));
        let undone = two.submit(&rest.form("form.undo-all").press("Undo all 2")).await;
        let counts = two.follow(undone).await.all(".tabs .count");
        assert_eq!(counts, ["3", "0", "1", "0"]);
        assert!(one.get(&first).await.text().contains("nothing left to undo"));
        for nothing in ["/queue/undo", "/queue/undo?decision=999999", "/queue/undo?decision=x"] {
            assert_eq!(one.get(nothing).await.status, StatusCode::NOT_FOUND, "{nothing}");
        }
        // Authors who moderate only their own posts see none of it.
        let author = site.visitor();
        author.sign_in("ada.okoye@staff.example", PASSWORD).await;
        assert_eq!(author.get(&first).await.status, StatusCode::OK, "the post is this author's");
        let stranger = site.account_named("Other Author", Role::Author).await;
        let other = site.visitor();
        other.sign_in(&stranger.email, PASSWORD).await;
        assert_eq!(other.get(&first).await.status, StatusCode::NOT_FOUND);
    }

    async fn a_decision_on_many_asks_for_confirmation(db) {
        let site = Site::start(db).await;
        let post = site.post("A question", "Text").await;
        for count in 0..27 {
            site.comment(&post, &format!("R{count}"), "Hello").await;
        }
        let moderator = site.signed_in(Role::Moderator).await;
        let queue = moderator.get("/queue/").await;
        let none = moderator.submit(&queue.form("form.queue").press("Move selected to trash")).await;
        let none = moderator.follow(none).await;
        assert!(none.one("#done").contains("no responses were selected"), "{}", none.text());
        let asked = moderator.submit(&queue.form("form.queue").press("Move all 27 to trash")).await;
        assert_eq!(asked.status, StatusCode::OK);
        let sure = asked.form("form.sure");
        // More came in since: a confirmation for 27 does not cover 28.
        site.comment(&post, "Late", "Hello").await;
        let again = moderator.submit(&sure).await;
        assert!(again.text().contains("Move 28 responses"), "{}", again.text());
        let begun = moderator.submit(&again.form("form.sure")).await;
        assert!(begun.header("location").unwrap().starts_with("/queue/tasks/"));
        site.run_jobs().await;
        let nothing = moderator.submit(&again.form("form.sure")).await;
        assert!(moderator.follow(nothing).await.one("#done").contains("no responses match"));
    }

    async fn a_rule_survives_an_ended_session_and_is_deleted_only_after_confirmation(db) {
        let site = Site::start(db).await;
        let moderator = site.signed_in(Role::Moderator).await;
        let form = moderator.get("/queue/rules/new").await.form("form.rule");
        let form = form.fill("rule_name", "Pills").fill("pattern", "v[i1]agra").fill("action", "spam");
        moderator.forget();
        let sign_in = moderator.submit(&form).await;
        assert_eq!(sign_in.status, StatusCode::UNAUTHORIZED);
        moderator.sign_in("moderator@staff.example", PASSWORD).await;
        let begun = moderator.submit(&sign_in.form("section.kept form")).await;
        assert!(begun.header("location").unwrap_or_default().starts_with("/queue/tasks/"), "{}", begun.text());
        site.run_jobs().await;
        let found = moderator.follow(begun).await;
        moderator.submit(&found.form("form.trial")).await;
        let rules = moderator.get("/queue/rules").await;
        let asked = moderator.submit(&rules.form("form[action$='/delete']")).await;
        assert_eq!(asked.status, StatusCode::OK);
        assert!(asked.text().contains("The rule “Pills” will be deleted"), "{}", asked.text());
        assert!(moderator.get("/queue/rules").await.text().contains("Pills"), "nothing is deleted yet");
        let gone = moderator.submit(&asked.form("form.sure")).await;
        assert_eq!(gone.status, StatusCode::SEE_OTHER);
        assert!(moderator.get("/queue/rules").await.text().contains("No rules yet"));
    }

    async fn what_a_moderator_typed_comes_back_with_the_problem(db) {
        let site = Site::with(db, "[comments]\nmax_length = 40\n", Workers::Off).await;
        let post = site.post("A question", "Text").await;
        let id = comment_id(&site.comment(&post, "Ruth", "Hello").await);
        let moderator = site.signed_in(Role::Moderator).await;
        let page = moderator.get(&format!("/queue/responses/{id}")).await;
        let long = "    much too long for this site\n".repeat(3);
        for (action, field) in [("/reply", "#reply"), ("/edit", "#edit")] {
            let form = page.form(&format!("form[action$='{action}']")).fill("comment", &long);
            let wrong = moderator.submit(&form).await;
            assert!(wrong.status.is_client_error(), "{action}");
            assert!(wrong.has(&format!("{field}[open]")), "{action}");
            let again = wrong.form(&format!("form[action$='{action}']"));
            assert_eq!(again.value("comment"), long, "{action}");
        }
        let policies = moderator.get("/queue/senders").await.form("form[action='/queue/senders']");
        let wrong = moderator.submit(&policies.fill("scope", "network").fill("subject", "no network").fill("policy", "hold").fill("term", "30").fill("note", "Because")).await;
        let again = wrong.form("form[action='/queue/senders']");
        assert_eq!(
            ["scope", "subject", "policy", "term", "note"].map(|name| again.value(name).to_owned()),
            ["network", "no network", "hold", "30", "Because"]
        );
    }

    async fn a_report_that_comes_too_fast_keeps_its_text(db) {
        let limits = SLOW.replace("comment_interval = 60", "comment_interval = 0");
        let site = Site::with(db, &format!("[comments]\nmoderation = \"none\"\n{limits}"), Workers::Off).await;
        let post = site.post("A question", "Text").await;
        let id = comment_id(&site.comment(&post, "Ruth", "Hello").await);
        let path = format!("{}report/{id}", site.path(&post));
        let reader = site.visitor();
        let form = reader.get(&path).await.form("form.report").fill("reason", "abuse").fill("note", "Look at this");
        let (one, two) = tokio::join!(reader.submit(&form), reader.submit(&form));
        let both = [one.status, two.status];
        assert!(both.contains(&StatusCode::OK), "{both:?}");
        assert_eq!(reader.submit(&form).await.status, StatusCode::OK, "a double click is no second report");
        let other = comment_id(&site.comment(&post, "Ben", "Another").await);
        let form = reader.get(&format!("{}report/{other}", site.path(&post))).await.form("form.report");
        let form = form.fill("reason", "abuse").fill("note", "Look at this");
        let fast = reader.submit(&form).await;
        assert_eq!(fast.status, StatusCode::TOO_MANY_REQUESTS);
        assert!(fast.header("retry-after").is_some());
        let again = fast.form("form.report");
        assert_eq!((again.value("reason"), again.value("note")), ("abuse", "Look at this"));
    }

    async fn texts_have_their_own_direction_and_wide_blocks_scroll_by_keyboard(db) {
        let site = Site::with(db, "[comments]\nmoderation = \"none\"\n", Workers::Off).await;
        let input = PostInput {
            title: "שאלה".into(),
            body: "Text\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\n    code".into(),
            tags: "تونس".into(),
            comments: true,
            ..PostInput::default()
        };
        let post = site.post_of(input).await;
        let visitor = site.visitor();
        let form = filled(&visitor, &site.path(&post), "سؤال\n\n    more code").await;
        visitor.submit(&form.fill("author", "روت")).await;
        let page = visitor.get(&site.path(&post)).await;
        for css in [
            "h1[dir=auto]", ".e-content[dir=auto]", ".tags a[dir=auto]", ".comment-list .text[dir=auto]",
            "#comments h2 bdi", "bdi.author", "#comment[dir=auto]", "#author[dir=auto]",
            ".table-scroll[tabindex='0'][role][aria-label] > table", ".e-content pre[tabindex='0'][aria-label]",
            ".comment-list pre[tabindex='0'][aria-label]",
        ] {
            assert!(page.has(css), "{css}");
        }
    }
}
