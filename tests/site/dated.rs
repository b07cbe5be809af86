//! Responses with a date of their own, such as imported ones: time decides where they stand, not the order
//! in which they were stored.

use rejoinder::clock::Moment;
use rejoinder::commands::serve::Workers;
use rejoinder::responses::judging::{self, SubmittedContent};
use rejoinder::responses::receive;
use rejoinder::store::entity::ids::ResponseId;
use rejoinder::store::entity::post::Model as Post;
use rejoinder::store::entity::response::{ResponseKind, ResponseState};
use rejoinder::store::responses::{self, NewResponse};

use crate::on_both_databases;
use crate::support::site::{Site, comment_id};

/// 2012-06-01, 12:00 UTC.
const IN_2012: Moment = Moment(1_338_552_000_000);

/// Stores a comment as if it had been written at `created_at`, by the way that every comment takes.
async fn store_dated(
    site: &Site,
    post: &Post,
    parent: Option<ResponseId>,
    text: &str,
    created_at: Moment,
) -> (ResponseId, ResponseState) {
    let parent = match parent {
        Some(id) => {
            let row = responses::find(site.app.store.read(), id)
                .await
                .unwrap()
                .unwrap();
            Some((id, row.path))
        }
        None => None,
    };
    let new = NewResponse {
        post_id: post.id,
        parent,
        kind: ResponseKind::Comment,
        mention: None,
        state: ResponseState::Pending,
        author_name: "Ruth".to_owned(),
        author_email: Some("ruth@readers.example".to_owned()),
        author_url: None,
        author_photo: None,
        author_id: None,
        body_markdown: text.to_owned(),
        body_html: format!("<p>{text}</p>"),
        source_url: None,
        reasons: String::new(),
        ip: None,
        user_agent: None,
        receipt_hash: None,
        sender_policy_id: None,
        risk: 0,
        network: None,
        name_key: None,
        proof_key: None,
        dedupe_key: format!("dated:{text}"),
        created_at,
    };
    let content = SubmittedContent {
        text: text.to_owned(),
        source: None,
    };
    let judged = judging::judge_response(&site.app, post, new, content)
        .await
        .unwrap();
    let now = site.app.clock.now();
    let stored = site.app.store.write(move |tx| {
        let judged = judged.clone();
        Box::pin(async move { receive::store_response(tx, judged, now).await })
    });
    stored.await.unwrap().unwrap()
}

const OPEN: &str = "[comments]\nmoderation = \"none\"\nper_page = 2\n[moderation]\nhold_at_risk = 0\nburst_per_post = 4\nburst_per_site = 6\nburst_minutes = 10\n[limits]\ncomment_interval = 0\n";

on_both_databases! {
    async fn a_comment_of_2012_stored_today_stands_first_in_its_thread_and_last_in_the_feed(db) {
        let site = Site::with(db, OPEN, Workers::Off).await;
        let post = site.post("A question", "Text").await;
        let path = site.path(&post);
        let today = comment_id(&site.comment(&post, "Ben", "Written today").await);
        site.comment(&post, "Cleo", "Written today too").await;
        let (old, state) = store_dated(&site, &post, None, "Written in 2012", IN_2012).await;
        assert_eq!(state, ResponseState::Approved);
        let first = site.visitor().get(&path).await;
        let ids = first.attributes("ol.comment-list > li", "id");
        assert_eq!(ids, [format!("comment-{old}"), format!("comment-{today}")]);
        // The link to it leads to the first page, although its id is the highest.
        let link = site.visitor().get(&format!("/comment/{old}/")).await;
        assert_eq!(link.header("location").unwrap(), format!("{}#comment-{old}", site.path(&post)));
        for feed in ["/comments/feed/".to_owned(), format!("{path}feed/")] {
            let feed = site.visitor().get(&feed).await.body;
            let last_of_today = feed.rfind("Written today").unwrap();
            assert!(last_of_today < feed.find("Written in 2012").unwrap(), "{feed}");
        }
    }

    async fn a_reply_stands_among_its_siblings_by_its_time(db) {
        let site = Site::with(db, &OPEN.replace("per_page = 2", "per_page = 10"), Workers::Off).await;
        let post = site.post("A question", "Text").await;
        let day = std::time::Duration::from_secs(86_400);
        let (root, _) = store_dated(&site, &post, None, "The root", IN_2012).await;
        let (third, _) = store_dated(&site, &post, Some(root), "The third", IN_2012.plus(day * 3)).await;
        let (first, _) = store_dated(&site, &post, Some(root), "The first", IN_2012.plus(day)).await;
        let (below, _) = store_dated(&site, &post, Some(third), "Below the third", IN_2012.plus(day * 9)).await;
        let (second, _) = store_dated(&site, &post, Some(root), "The second", IN_2012.plus(day * 2)).await;
        let (next, _) = store_dated(&site, &post, None, "The next root", IN_2012.plus(day * 4)).await;
        let page = site.visitor().get(&site.path(&post)).await;
        let order = [root, first, second, third, below, next].map(|id| format!("comment-{id}"));
        assert_eq!(page.attributes("ol.comment-list li", "id"), order);
    }

    async fn the_queue_is_in_the_order_of_time_and_pages_by_it(db) {
        let all = OPEN.replace("\"none\"", "\"all\"");
        let site = Site::with(db, &all, Workers::Off).await;
        let post = site.post("A question", "Text").await;
        let today = comment_id(&site.comment(&post, "Ben", "Written today").await);
        let hour = std::time::Duration::from_secs(3600);
        let mut old = Vec::new();
        // The later they are stored, the older they are; two share one moment.
        for nth in (0..30_u32).rev() {
            let at = IN_2012.plus(hour * (nth / 2));
            old.push((at, store_dated(&site, &post, None, &format!("Old {nth}"), at).await.0));
        }
        old.sort();
        let mut expected: Vec<String> = old.iter().map(|(_, id)| id.to_string()).collect();
        expected.push(today.to_string());
        let moderator = site.signed_in(rejoinder::store::entity::user::Role::Moderator).await;
        for order in ["oldest", "newest"] {
            let mut found = Vec::new();
            let mut at = Some(format!("/queue/?order={order}"));
            while let Some(address) = at {
                let page = moderator.get(&address).await;
                found.extend(page.attributes("input[name='id']", "value"));
                at = page.attribute("a[rel='next']", "href");
            }
            assert_eq!(found, expected, "{order}");
            expected.reverse();
        }
    }

    async fn what_was_written_long_ago_starts_no_burst_and_is_held_by_none(db) {
        let site = Site::with(db, OPEN, Workers::Off).await;
        let post = site.post("A question", "Text").await;
        for nth in 0..20 {
            let (_, state) = store_dated(&site, &post, None, &format!("Old {nth}"), IN_2012).await;
            assert_eq!(state, ResponseState::Approved, "{nth}");
        }
        let bursts = rejoinder::store::bursts::list_lasting(site.app.store.read(), None, site.app.clock.now());
        assert!(bursts.await.unwrap().is_empty());
        let answer = site.comment(&post, "Ben", "Written today").await;
        let shown = site.visitor().get(&format!("/comment/{}/", comment_id(&answer))).await;
        assert_eq!(shown.status, reqwest::StatusCode::SEE_OTHER);
        // Beside them a burst of today is still seen.
        for nth in 0..4 {
            site.comment(&post, &format!("R{nth}"), &format!("Also today {nth}")).await;
        }
        let bursts = rejoinder::store::bursts::list_lasting(site.app.store.read(), None, site.app.clock.now());
        assert!(!bursts.await.unwrap().is_empty());
    }
}
