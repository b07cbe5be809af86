//! The queue: decisions one by one and in bulk, the log, and undoing decisions.

use rejoinder::store::entity::response::ResponseState;
use rejoinder::store::entity::user::Role;
use rejoinder::store::response_counts;
use rejoinder::store::responses;
use reqwest::StatusCode;

use crate::on_both_databases;
use crate::support::client::{Client, Page};
use crate::support::site::{Site, comment_id};

async fn decide(client: &Client, page: &Page, name: &str, value: &str) -> Page {
    let form = page.form("form.queue");
    let answer = client.submit(&form.fill(name, value)).await;
    client.follow(answer).await
}

fn select(page: &Page, ids: &[i64]) -> crate::support::client::Form {
    ids.iter().fold(page.form("form.queue"), |form, id| {
        form.add("id", &id.to_string())
    })
}

fn counts(page: &Page) -> Vec<String> {
    page.all(".tabs .count")
}

on_both_databases! {
    async fn the_queue_says_why_each_response_is_held(db) {
        let site = Site::start(db).await;
        let post = site.post("A question", "Text").await;
        site.comment(&post, "Ruth", "Hello").await;
        let links = "[a](https://a.example) [b](https://b.example) [c](https://c.example)";
        site.comment(&post, "Spammer", links).await;
        let moderator = site.signed_in(Role::Moderator).await;
        let queue = moderator.get("/queue/").await;
        assert_eq!(counts(&queue), ["2", "0", "0", "0"]);
        assert_eq!(queue.all(".entry .who strong"), ["Ruth", "Spammer"], "the oldest first");
        let reasons = queue.all(".entry .reasons");
        assert_eq!(reasons[0], "Nothing from this sender has been approved yet.");
        assert_eq!(reasons[1], "Nothing from this sender has been approved yet. 3 links in the text.");
        assert!(queue.text().contains("ruth@readers.example"), "moderators see addresses");
        assert!(queue.has(&format!(".entry a[href='{}']", site.path(&post))));
    }

    async fn a_decision_shows_at_once_is_logged_and_can_be_undone(db) {
        let site = Site::start(db).await;
        let post = site.post("A question", "Text").await;
        let id = comment_id(&site.comment(&post, "Ruth", "Hello").await);
        let moderator = site.signed_in(Role::Moderator).await;
        let reader = site.visitor();
        let path = site.path(&post);
        let queue = moderator.get("/queue/").await;
        let after = decide(&moderator, &queue, "move", &format!("approved:{id}")).await;
        assert_eq!(counts(&after), ["0", "1", "0", "0"]);
        assert!(after.one(".received").contains("One response approved."));
        assert!(reader.get(&path).await.has(&format!("#comment-{id}")));
        let undone = moderator.submit(&after.form("form[action='/queue/undo']")).await;
        let queue = moderator.follow(undone).await;
        assert_eq!(counts(&queue), ["1", "0", "0", "0"]);
        assert!(!reader.get(&path).await.has(&format!("#comment-{id}")));
        let history = moderator.get(&format!("/queue/responses/{id}")).await;
        assert_eq!(history.all("tbody tr").len(), 2);
        assert!(history.all("tbody tr")[1].contains("Moderator approved pending undo"));
        let newest = moderator.get("/queue/log").await.all("tbody tr")[0].clone();
        assert!(newest.contains("undo"), "{newest}");
        assert!(newest.contains("Ruth Hello"), "the log names the response: {newest}");
        let again = decide(&moderator, &queue, "move", &format!("spam:{id}")).await;
        assert_eq!(counts(&again), ["0", "0", "1", "0"]);
        // Later, from the log.
        let log = moderator.get("/queue/log").await;
        assert_eq!(log.all("tbody form").len(), 1, "what was undone cannot be undone again");
        let undone = moderator.submit(&log.form("tbody form")).await;
        assert_eq!(counts(&moderator.follow(undone).await), ["1", "0", "0", "0"]);
    }

    async fn selected_responses_are_decided_and_undone_together(db) {
        let site = Site::start(db).await;
        let post = site.post("A question", "Text").await;
        let mut ids = Vec::new();
        for count in 0..5 {
            ids.push(comment_id(&site.comment(&post, &format!("R{count}"), "Hello").await));
        }
        let moderator = site.signed_in(Role::Editor).await;
        let queue = moderator.get("/queue/").await;
        let form = select(&queue, &ids[..4]).fill("all", "trash");
        let done = moderator.submit(&form).await;
        let page = moderator.follow(done).await;
        assert_eq!(counts(&page), ["1", "0", "0", "4"]);
        // One of them is moved again before the rest is undone: it stays where it is.
        let trash = moderator.get("/queue/?state=trash").await;
        decide(&moderator, &trash, "move", &format!("spam:{}", ids[0])).await;
        let undone = moderator.submit(&page.form("form[action='/queue/undo']")).await;
        let queue = moderator.follow(undone).await;
        assert_eq!(counts(&queue), ["4", "0", "1", "0"]);
    }

    async fn counts_equal_a_recount_after_any_series_of_decisions(db) {
        let site = Site::start(db).await;
        let post = site.post("A question", "Text").await;
        let mut ids = Vec::new();
        for count in 0..6 {
            ids.push(comment_id(&site.comment(&post, &format!("R{count}"), "Hello").await));
        }
        let moderator = site.signed_in(Role::Moderator).await;
        let states = ["approved", "spam", "trash", "pending"];
        let mut batches = Vec::new();
        for step in 0..24_usize {
            let (id, state) = (ids[step * 7 % 6], states[step * 5 % 4]);
            let fields = [("move", format!("{state}:{id}")), ("state", "pending".into())];
            let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
            let answer = moderator.post("/queue/decisions", &fields).await;
            let location = answer.header("location").unwrap().to_owned();
            batches.extend(location.split_once("done=").map(|(_, batch)| batch.to_owned()));
            if step % 3 == 0 && let Some(batch) = batches.get(step / 3) {
                moderator.post("/queue/undo", &[("batch", batch)]).await;
            }
            let kept = response_counts::count_by_state(site.app.store.read()).await.unwrap();
            for state in [ResponseState::Pending, ResponseState::Approved, ResponseState::Spam, ResponseState::Trash] {
                let counted = response_counts::recount(site.app.store.read(), post.id, state).await.unwrap();
                assert_eq!(kept.get(&state).copied().unwrap_or(0), counted, "{state:?} after {step}");
            }
        }
    }

    async fn two_moderators_who_decide_at_once_leave_one_state_and_two_log_entries(db) {
        let site = Site::start(db).await;
        let post = site.post("A question", "Text").await;
        let id = comment_id(&site.comment(&post, "Ruth", "Hello").await);
        let one = site.signed_in(Role::Moderator).await;
        let two = site.signed_in(Role::Editor).await;
        let (approve, spam) = (format!("approved:{id}"), format!("spam:{id}"));
        let (approve, spam) = ([("move", approve.as_str())], [("move", spam.as_str())]);
        let (a, b) = tokio::join!(
            one.post("/queue/decisions", &approve),
            two.post("/queue/decisions", &spam),
        );
        assert_eq!((a.status, b.status), (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER));
        let rows = one.get(&format!("/queue/responses/{id}")).await.all("tbody tr");
        assert_eq!(rows.len(), 2, "{rows:?}");
        let state = responses::find(site.app.store.read(), rejoinder::store::entity::ids::ResponseId(id))
            .await
            .unwrap()
            .unwrap()
            .state;
        let last = if state == ResponseState::Spam { "approved spam" } else { "spam approved" };
        assert!(rows[1].contains(last), "{rows:?} and {state:?}");
    }

    async fn stale_and_broken_forms_change_nothing(db) {
        let site = Site::start(db).await;
        let moderator = site.signed_in(Role::Moderator).await;
        for fields in [
            vec![("move", "approved:999999")],
            vec![("all", "approved")],
        ] {
            let answer = moderator.post("/queue/decisions", &fields).await;
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{fields:?}");
        }
        for fields in [
            vec![("move", "nonsense")],
            vec![("move", "approved:x")],
            vec![("all", "unknown"), ("id", "1")],
            vec![],
        ] {
            let answer = moderator.post("/queue/decisions", &fields).await;
            assert_eq!(answer.status, StatusCode::CONFLICT, "{fields:?}");
            assert!(answer.text().contains("reload"), "{}", answer.text());
        }
        let unknown = moderator.post("/queue/undo", &[("batch", "none")]).await;
        assert_eq!(unknown.status, StatusCode::NOT_FOUND);
        assert_eq!(moderator.get("/queue/responses/7").await.status, StatusCode::NOT_FOUND);
        assert_eq!(moderator.get("/queue/?state=unknown").await.status, StatusCode::NOT_FOUND);
    }

    async fn a_long_queue_has_pages(db) {
        let site = Site::start(db).await;
        let post = site.post("A question", "Text").await;
        for count in 0..30 {
            site.comment(&post, &format!("R{count}"), "Hello").await;
        }
        let moderator = site.signed_in(Role::Moderator).await;
        let first = moderator.get("/queue/").await;
        assert_eq!(first.all(".entry").len(), 25);
        let next = first.attribute("a[rel='next']", "href").unwrap();
        assert_eq!(moderator.get(&next).await.all(".entry").len(), 5);
    }
}
