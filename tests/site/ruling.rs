//! Rules, sender policies, bursts and bulk tasks.

use std::time::Duration;

use rejoinder::accounts::permissions::Actor;
use rejoinder::moderation::{log, undo};
use rejoinder::posts::draft::PostInput;
use rejoinder::store::entity::ids::ResponseId;
use rejoinder::store::entity::post::Model as Post;
use rejoinder::store::entity::response::ResponseState;
use rejoinder::store::entity::user::Role;
use rejoinder::store::responses;
use reqwest::StatusCode;

use crate::on_both_databases;
use crate::support::client::{Client, Page};
use crate::support::site::{Site, comment_id};
use rejoinder::commands::serve::Workers;

/// A post of an editor.
pub async fn post_of_editor(site: &Site) -> Post {
    let editor = site.account_named("Eve Editor", Role::Editor).await;
    let input = PostInput {
        title: "By Eve".to_owned(),
        body: "Text".to_owned(),
        comments: true,
        ..PostInput::default()
    };
    site.publish_as(&editor, input).await
}

/// Everything is approved that nothing holds.
const OPEN: &str = "[comments]\nmoderation = \"none\"\n[moderation]\nhold_at_risk = 0\nburst_per_post = 0\nburst_per_site = 0\n";

async fn state(site: &Site, id: i64) -> ResponseState {
    responses::find(site.app.store.read(), ResponseId(id))
        .await
        .unwrap()
        .unwrap()
        .state
}

/// Fills the form of a rule, tests it on past comments, and returns the page with the result.
async fn test_rule(site: &Site, moderator: &Client, fields: &[(&str, &str)]) -> Page {
    let mut form = moderator.get("/queue/rules/new").await.form("form.rule");
    for (name, value) in fields {
        form = form.fill(name, value);
    }
    let begun = moderator.submit(&form).await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.text());
    site.run_jobs().await;
    moderator.follow(begun).await
}

async fn save_rule(site: &Site, moderator: &Client, fields: &[(&str, &str)]) {
    let found = test_rule(site, moderator, fields).await;
    let saved = moderator.submit(&found.form("form.trial")).await;
    assert_eq!(
        saved.header("location"),
        Some("/queue/rules?done=saved"),
        "{}",
        saved.text()
    );
}

on_both_databases! {
    async fn a_rule_is_tested_on_past_comments_before_it_is_saved(db) {
        let site = Site::with(db, OPEN, Workers::Off).await;
        let post = site.post("A question", "Text").await;
        let wanted = comment_id(&site.comment(&post, "Ruth", "The specialist said so").await);
        let spam = comment_id(&site.comment(&post, "Shop", "Buy CIALIS here").await);
        let odd = comment_id(&site.comment(&post, "Ben", "What does cialis cost the state?").await);
        let moderator = site.signed_in(Role::Moderator).await;
        let mark = format!("spam:{spam}");
        moderator.post("/queue/decisions", &[("move", &mark)]).await;
        let fields = [("rule_name", "Pills"), ("words", "cialis"), ("action", "spam")];
        let found = test_rule(&site, &moderator, &fields).await;
        assert!(found.text().contains("3 past responses checked"), "{}", found.text());
        assert!(found.text().contains("It matches 2 of these"), "{}", found.text());
        let links = found.all(".rows .row-title");
        assert_eq!(links, ["Ben", "Shop"], "disagreements come first");
        assert_eq!(found.all("mark"), ["cialis", "CIALIS"]);
        // Nothing has changed yet.
        assert!(moderator.get("/queue/rules").await.text().contains("No rules yet"));
        let later = comment_id(&site.comment(&post, "Shop2", "More cialis").await);
        assert_eq!(state(&site, later).await, ResponseState::Approved);
        moderator.submit(&found.form("form.trial")).await;
        let next = comment_id(&site.comment(&post, "Shop3", "Even more Cialis!").await);
        assert_eq!(state(&site, next).await, ResponseState::Spam);
        for id in [wanted, odd] {
            assert_eq!(state(&site, id).await, ResponseState::Approved, "past comments stay as they were");
        }
        let listed = moderator.get("/queue/?state=spam&check=rule").await;
        assert_eq!(listed.all(".entry .who strong"), ["Shop3"]);
        assert!(listed.one(".reasons").contains("Rule “Pills” in the text."));
        assert_eq!(listed.one(".reasons mark"), "Cialis");
        // Off, it does nothing.
        let rules = moderator.get("/queue/rules").await;
        moderator.submit(&rules.form("form[action$='/off']")).await;
        let free = comment_id(&site.comment(&post, "Shop4", "Cialis again").await);
        assert_eq!(state(&site, free).await, ResponseState::Approved);
    }

    async fn a_refusing_rule_says_why_and_keeps_the_text(db) {
        let site = Site::with(db, OPEN, Workers::Off).await;
        let post = site.post("A question", "Text").await;
        let moderator = site.signed_in(Role::Moderator).await;
        save_rule(&site, &moderator, &[
            ("rule_name", "No shops"), ("hosts", "shop.example"), ("action", "refuse"),
            ("message", "We take no links to shops."),
        ]).await;
        let answer = site.comment(&post, "Ruth", "See https://www.shop.example/x and more").await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert!(answer.text().contains("We take no links to shops."), "{}", answer.text());
        assert!(answer.body.contains("https://www.shop.example/x and more"));
        let fine = site.comment(&post, "Ruth", "See https://www.workshop.example/x").await;
        assert_eq!(fine.status, StatusCode::SEE_OTHER);
    }

    async fn a_rule_that_cannot_be_used_comes_back_with_its_problems(db) {
        let site = Site::start(db).await;
        let moderator = site.signed_in(Role::Moderator).await;
        let form = moderator.get("/queue/rules/new").await.form("form.rule");
        let form = form.fill("rule_name", "Broken").fill("pattern", "(").fill("min_links", "many");
        let answer = moderator.submit(&form).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text().contains("“many” is not a number"), "{}", answer.text());
        assert_eq!(answer.attribute("#pattern", "value").as_deref(), Some("("));
        let empty = moderator.get("/queue/rules/new").await.form("form.rule").fill("rule_name", "Empty");
        let answer = moderator.submit(&empty).await;
        assert!(answer.text().contains("at least one condition"), "{}", answer.text());
    }

    async fn a_block_is_previewed_cleans_up_and_can_be_undone(db) {
        let site = Site::with(db, OPEN, Workers::Off).await;
        let post = site.post("A question", "Text").await;
        let first = comment_id(&site.comment(&post, "Troll", "One").await);
        let second = comment_id(&site.comment(&post, "Troll", "Two").await);
        let other = comment_id(&site.comment(&post, "Ruth", "Mine").await);
        let moderator = site.signed_in(Role::Moderator).await;
        let card = moderator.get(&format!("/queue/responses/{first}/person")).await;
        assert!(card.text().contains("troll@readers.example"));
        assert!(card.text().contains("2 approved"), "{}", card.text());
        let ask = card.form("form[action*='/person']");
        let preview = moderator.get(&format!(
            "/queue/responses/{first}/person?preview=email&subject=troll%40readers.example"
        )).await;
        assert!(ask.fields.iter().any(|(name, value)| name == "preview" && value == "email"));
        assert!(preview.text().contains("also move their published or pending responses (2)"), "{}", preview.text());
        let block = preview.form("form[action='/queue/senders']").fill("policy", "block").fill("term", "7").fill("clean_up", "1");
        let done = moderator.submit(&block).await;
        assert_eq!(state(&site, first).await, ResponseState::Trash);
        assert_eq!(state(&site, second).await, ResponseState::Trash);
        assert_eq!(state(&site, other).await, ResponseState::Approved);
        let refused = site.comment(&post, "Troll", "Three").await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text());
        assert!(refused.body.contains("Three"), "the text is kept");
        let queue = moderator.follow(done).await;
        moderator.submit(&queue.form("form.undo")).await;
        assert_eq!(state(&site, second).await, ResponseState::Approved);
        // A block for a week ends by itself, after a week.
        site.app.clock.step(Duration::from_secs(7 * 24 * 60 * 60 - 60));
        assert_eq!(site.comment(&post, "Troll", "Four").await.status, StatusCode::FORBIDDEN);
        site.app.clock.step(Duration::from_secs(120));
        assert_eq!(site.comment(&post, "Troll", "Three").await.status, StatusCode::SEE_OTHER);
        assert!(moderator.get("/queue/senders").await.text().contains("Ended"));
    }

    async fn networks_and_domains_can_be_held(db) {
        let site = Site::with(db, OPEN, Workers::Off).await;
        let post = site.post("A question", "Text").await;
        let moderator = site.signed_in(Role::Moderator).await;
        let form = moderator.get("/queue/senders").await.form("form[action='/queue/senders']");
        let wide = form.clone().fill("scope", "network").fill("subject", "0.0.0.0/0");
        assert_eq!(moderator.submit(&wide).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        moderator.submit(&form.fill("scope", "network").fill("subject", "127.0.0.9/8").fill("policy", "hold")).await;
        let held = comment_id(&site.comment(&post, "Ruth", "One").await);
        assert_eq!(state(&site, held).await, ResponseState::Pending);
        let queue = moderator.get("/queue/").await;
        assert!(queue.one(".reasons").contains("Always held: 127.0.0.0/8."), "{}", queue.text());
    }

    async fn all_matches_are_decided_in_the_background_and_undone_together(db) {
        let site = Site::start(db).await;
        let post = site.post("A question", "Text").await;
        for count in 0..30 {
            site.comment(&post, &format!("R{count}"), if count < 28 { "Buy pills" } else { "A question" }).await;
        }
        let moderator = site.signed_in(Role::Moderator).await;
        let queue = moderator.get("/queue/?words=PILLS").await;
        assert_eq!(queue.all(".entry").len(), 25);
        assert!(queue.text().contains("All 28 matches"), "{}", queue.text());
        let asked = moderator.submit(&queue.form("form.queue").press("Mark all 28 as spam")).await;
        assert!(asked.text().contains("Mark 28 responses as spam?"), "{}", asked.text());
        assert_eq!(moderator.get("/queue/").await.all(".tabs .count")[0], "30", "nothing has moved yet");
        let begun = moderator.submit(&asked.form("form.sure")).await;
        let page = moderator.follow(begun).await;
        assert!(page.has("progress"), "{}", page.text());
        assert_eq!(page.header("refresh"), Some("1"));
        let token = page.path.rsplit('/').next().unwrap().to_owned();
        // Comments that arrive later are left alone.
        site.comment(&post, "Late", "Buy pills").await;
        site.run_jobs().await;
        let done = moderator.get(&format!("/queue/tasks/{token}")).await;
        assert!(done.text().contains("28 moved, 0 not moved"), "{}", done.text());
        let counts = moderator.get("/queue/").await.all(".tabs .count");
        assert_eq!(counts, ["3", "0", "28", "0"]);
        let undone = moderator.submit(&done.form("form[action='/queue/undo']")).await;
        let counts = moderator.follow(undone).await.all(".tabs .count");
        assert_eq!(counts, ["31", "0", "0", "0"]);
    }

    async fn a_decision_can_be_undone_for_thirty_days(db) {
        let site = Site::start(db).await;
        let post = site.post("A question", "Text").await;
        let id = comment_id(&site.comment(&post, "Ruth", "Hello").await);
        let moderator = site.signed_in(Role::Moderator).await;
        let decide = format!("spam:{id}");
        let answer = moderator.post("/queue/decisions", &[("move", &decide)]).await;
        let batch = answer.header("location").unwrap().split("done=").nth(1).unwrap().to_owned();
        assert!(moderator.get("/queue/log").await.has("tbody form"));
        site.app.clock.step(Duration::from_secs(31 * 24 * 60 * 60));
        let late = undo::undo_batch(&site.app, &Actor::operator(), &batch).await;
        assert!(late.unwrap_err().to_string().contains("more than 30 days"));
        let page = log::page_log(&site.app, &Actor::operator(), None).await.unwrap();
        let now = site.app.clock.now();
        assert!(!log::is_undoable(&page.decisions[0], now), "no button that does not work");
    }

    async fn a_decision_that_somebody_else_made_meanwhile_stands(db) {
        let site = Site::start(db).await;
        let post = site.post("A question", "Text").await;
        let id = comment_id(&site.comment(&post, "Ruth", "Hello").await);
        let one = site.signed_in(Role::Moderator).await;
        let two = site.signed_in(Role::Editor).await;
        let (first, second) = (one.get("/queue/").await, two.get("/queue/").await);
        let id_text = id.to_string();
        two.post("/queue/claims", &[("id", &id_text)]).await;
        let live = one.get(&format!("/queue/live?ids={id}")).await;
        assert!(live.body.contains("Editor"), "{}", live.body);
        assert!(one.get("/queue/").await.text().contains("Editor is looking at this."));
        one.submit(&first.form("form.queue").fill("move", &format!("approved:{id}"))).await;
        let late = two.submit(&second.form("form.queue").fill("move", &format!("spam:{id}"))).await;
        assert_eq!(state(&site, id).await, ResponseState::Approved);
        let page = two.follow(late).await;
        assert!(page.text().contains("someone else already decided on it"), "{}", page.text());
        let live = two.get(&format!("/queue/live?ids={id}")).await;
        assert!(live.body.contains("approved"), "{}", live.body);
    }

    async fn a_burst_holds_slows_down_says_so_and_ends_by_itself(db) {
        let overrides = "[comments]\nmoderation = \"none\"\n[moderation]\nburst_per_post = 5\nburst_per_site = 0\nburst_minutes = 10\nburst_wait = 20\n";
        let site = Site::with(db, overrides, Workers::Off).await;
        let post = site.post("A question", "Text").await;
        let calm = site.post("Another", "Text").await;
        for count in 0..5 {
            site.comment(&post, &format!("R{count}"), "Hello").await;
        }
        let sixth = comment_id(&site.comment(&post, "R5", "Hello").await);
        assert_eq!(state(&site, sixth).await, ResponseState::Pending);
        let visitor = site.visitor();
        let form = visitor.get(&site.path(&post)).await.form("#respond form");
        let form = form.fill("author", "Ruth").fill("email", "ruth@readers.example").fill("comment", "I mean it");
        let busy = visitor.submit(&form.press("Send comment")).await;
        assert_eq!(busy.status, StatusCode::TOO_MANY_REQUESTS);
        assert!(busy.text().contains("wait 20 seconds"), "{}", busy.text());
        assert_eq!(busy.header("retry-after"), Some("20"));
        let again = busy.form("#respond form").press("Send comment");
        assert_eq!(visitor.submit(&again).await.status, StatusCode::TOO_MANY_REQUESTS, "too early");
        site.app.clock.step(Duration::from_secs(21));
        let sent = visitor.submit(&again).await;
        assert_eq!(state(&site, comment_id(&sent)).await, ResponseState::Pending);
        let elsewhere = comment_id(&site.comment(&calm, "Ben", "Quiet here").await);
        assert_eq!(state(&site, elsewhere).await, ResponseState::Approved, "only the post is held");
        let moderator = site.signed_in(Role::Moderator).await;
        assert!(moderator.get("/queue/").await.text().contains("everything there has been held"));
        site.app.clock.step(Duration::from_secs(11 * 60));
        assert!(!moderator.get("/queue/").await.text().contains("everything there has been held"));
        let calm_again = comment_id(&site.comment(&post, "R9", "Hello again").await);
        assert_eq!(state(&site, calm_again).await, ResponseState::Approved);
    }

    async fn a_moderator_ends_a_burst_with_one_button(db) {
        let overrides = "[comments]\nmoderation = \"none\"\n[moderation]\nburst_per_post = 3\nburst_per_site = 0\nburst_minutes = 10\n";
        let site = Site::with(db, overrides, Workers::Off).await;
        let post = site.post("A question", "Text").await;
        for count in 0..4 {
            site.comment(&post, &format!("R{count}"), "Hello").await;
        }
        let moderator = site.signed_in(Role::Moderator).await;
        let queue = moderator.get("/queue/").await;
        assert!(queue.text().contains("everything there has been held"), "{}", queue.text());
        let ended = moderator.submit(&queue.form("form[action$='/end']").press("End it now")).await;
        let queue = moderator.follow(ended).await;
        assert!(!queue.text().contains("everything there has been held"), "{}", queue.text());
    }
}
