//! Readers report, senders appeal, and everybody can see what was decided.

use rejoinder::commands::serve::Workers;
use rejoinder::responses::report::receive_report;
use rejoinder::store::entity::ids::ResponseId;
use rejoinder::store::entity::post::Model as Post;
use rejoinder::store::entity::report::ReportReason;
use rejoinder::store::entity::user::Role;
use reqwest::StatusCode;

use crate::on_both_databases;
use crate::support::client::Client;
use crate::support::site::{Site, comment_id};

/// Everything is approved, and three ordinary reports fold a comment.
const OPEN: &str = "[comments]\nmoderation = \"none\"\n[moderation]\nburst_per_post = 0\nburst_per_site = 0\nfold_at_report_weight = 2500\npublic_log = true\n";

/// Somebody elsewhere reports a response.
async fn report(site: &Site, post: &Post, id: i64, from: &str) {
    let (id, from) = (ResponseId(id), from.parse().unwrap());
    receive_report(&site.app, post.id, id, from, ReportReason::Abuse, "")
        .await
        .unwrap();
}

async fn decide(moderator: &Client, to: &str, id: i64, note: &str) {
    let one = format!("{to}:{id}");
    let answer = moderator
        .post("/queue/decisions", &[("move", &one), ("note", note)])
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
}

on_both_databases! {
    async fn several_reports_fold_a_response_until_a_moderator_has_looked(db) {
        let site = Site::with(db, OPEN, Workers::Off).await;
        let post = site.post("A question", "Text").await;
        let path = site.path(&post);
        let id = comment_id(&site.comment(&post, "Troll", "You fools").await);
        let reader = site.visitor();
        let page = reader.get(&path).await;
        let link = page.attribute(&format!("#comment-{id} a.report"), "href").unwrap();
        let form = reader.get(&link).await.form("form.report");
        assert!(reader.get(&link).await.text().contains("You fools"), "one sees what one reports");
        let unchosen = reader.submit(&form).await;
        assert_eq!(unchosen.status, StatusCode::UNPROCESSABLE_ENTITY);
        let form = form.fill("reason", "abuse");
        for _ in 0..3 {
            assert!(reader.submit(&form).await.text().contains("We have received your report"));
        }
        assert!(!reader.get(&path).await.has("details.gone"), "one reader counts once");
        report(&site, &post, id, "192.0.2.2").await;
        report(&site, &post, id, "192.0.2.3").await;
        let folded = reader.get(&path).await;
        assert!(folded.one("details.gone summary").contains("Readers have reported this"));
        let moderator = site.signed_in(Role::Moderator).await;
        let queue = moderator.get("/queue/").await;
        let tab = queue.all(".tabs a").into_iter().find(|tab| tab.contains("Reported")).unwrap();
        assert_eq!(tab, "Reported 1");
        let reported = moderator.get("/queue/?state=approved&reported=1").await;
        assert!(reported.one(".entry .reasons").contains("harassment"));
        // Kept, it is shown again, and the reporters count less the next time.
        let kept = moderator.submit(&reported.form("form.queue").fill("move", &format!("approved:{id}"))).await;
        assert_eq!(kept.status, StatusCode::SEE_OTHER);
        assert!(!reader.get(&path).await.has("details.gone"));
        assert!(moderator.get("/queue/?state=approved&reported=1").await.all(".entry").is_empty());
        let second = comment_id(&site.comment(&post, "Ruth", "I disagree").await);
        for from in ["192.0.2.2", "192.0.2.3", "192.0.2.4"] {
            report(&site, &post, second, from).await;
        }
        assert!(!reader.get(&path).await.has("details.gone"), "they were wrong before");
        report(&site, &post, second, "192.0.2.5").await;
        assert!(reader.get(&path).await.has("details.gone"));
    }

    async fn reporters_who_were_right_before_weigh_more(db) {
        let site = Site::with(db, OPEN, Workers::Off).await;
        let post = site.post("A question", "Text").await;
        let moderator = site.signed_in(Role::Moderator).await;
        let first = comment_id(&site.comment(&post, "Troll", "You fools").await);
        for from in ["192.0.2.2", "192.0.2.3"] {
            report(&site, &post, first, from).await;
        }
        decide(&moderator, "trash", first, "").await;
        let is_folded = async |id: i64, from: [&str; 2]| {
            for from in from {
                report(&site, &post, id, from).await;
            }
            site.visitor().get(&site.path(&post)).await.has(&format!("#comment-{id} details.gone"))
        };
        let second = comment_id(&site.comment(&post, "Troll", "You fools again").await);
        assert!(!is_folded(second, ["192.0.2.4", "192.0.2.5"]).await, "it takes three others");
        let third = comment_id(&site.comment(&post, "Troll", "You fools once more").await);
        assert!(is_folded(third, ["192.0.2.2", "192.0.2.3"]).await);
    }

    async fn what_is_not_shown_cannot_be_reported(db) {
        let site = Site::start(db).await;
        let post = site.post("A question", "Text").await;
        let id = comment_id(&site.comment(&post, "Ruth", "Waiting").await);
        let path = format!("{}report/{id}", site.path(&post));
        assert_eq!(site.visitor().get(&path).await.status, StatusCode::NOT_FOUND);
        let answer = site.visitor().post(&path, &[("reason", "spam")]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }

    async fn a_sender_reads_why_and_may_appeal_once(db) {
        let site = Site::with(db, OPEN, Workers::Off).await;
        let post = site.post("A question", "Text").await;
        let path = site.path(&post);
        let moderator = site.signed_in(Role::Moderator).await;
        let form = moderator.get("/queue/senders").await.form("form[action='/queue/senders']");
        moderator.submit(&form.fill("scope", "email").fill("subject", "ruth@readers.example").fill("policy", "hold")).await;
        let sent = site.comment(&post, "Ruth", "A sharp remark").await;
        let id = comment_id(&sent);
        let location = sent.header("location").unwrap().to_owned();
        let receipt = location.split("receipt=").nth(1).unwrap().split('#').next().unwrap().to_owned();
        decide(&moderator, "trash", id, "Please stay with the subject.").await;
        let ruth = site.visitor();
        let moved = ruth.get(&format!("{path}?receipt={receipt}")).await;
        let status_page = ruth.follow(moved).await;
        assert!(status_page.text().contains("decided not to show"), "{}", status_page.text());
        assert!(status_page.text().contains("Please stay with the subject."));
        assert_eq!(status_page.header("cache-control"), Some("no-store"));
        let ask = status_page.form("form[action*='/receipt/']").fill("message", "It was on the subject.");
        let asked = ruth.submit(&ask).await;
        assert!(ruth.follow(asked).await.text().contains("has not replied yet"));
        assert_eq!(ruth.submit(&ask).await.status, StatusCode::SEE_OTHER, "a double click");
        let other = ruth.submit(&ask.fill("message", "And another thing.")).await;
        assert_eq!(other.status, StatusCode::CONFLICT, "once");
        assert!(other.text().contains("And another thing."), "the text is kept");
        let queue = moderator.get("/queue/?state=trash&appealed=1").await;
        assert!(queue.one(".entry").contains("It was on the subject."));
        decide(&moderator, "approved", id, "You are right.").await;
        let answered = ruth.get(&format!("{path}receipt/{receipt}")).await;
        assert!(answered.text().contains("is published"), "{}", answered.text());
        assert!(answered.text().contains("You are right."));
        assert!(site.visitor().get(&path).await.has(&format!("#comment-{id}")));
        for wrong in [format!("{id}-0"), format!("{}-{}", id + 1, receipt.split_once('-').unwrap().1), "x".into()] {
            let answer = ruth.get(&format!("{path}receipt/{wrong}")).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{wrong}");
        }
    }

    async fn the_public_log_names_nobody_and_is_off_unless_the_site_wants_it(db) {
        let site = Site::with(db, OPEN, Workers::Off).await;
        let post = site.post("A question", "Text").await;
        let id = comment_id(&site.comment(&post, "Ruth", "A remark").await);
        let moderator = site.signed_in(Role::Moderator).await;
        decide(&moderator, "spam", id, "A note for the team").await;
        let log = site.visitor().get("/moderation-log").await;
        assert!(log.one("tbody tr").ends_with("shown spam"), "{}", log.text());
        for hidden in ["Moderator", "Ruth", "A remark", "A note"] {
            assert!(!log.one("main").contains(hidden), "{hidden}");
        }
        let closed = Site::start(db).await;
        assert_eq!(closed.visitor().get("/moderation-log").await.status, StatusCode::NOT_FOUND);
    }

    async fn a_moderator_replies_and_edits_and_the_original_is_kept(db) {
        let site = Site::start(db).await;
        let post = site.post("A question", "Text").await;
        let path = site.path(&post);
        let id = comment_id(&site.comment(&post, "Ruth", "My number is 555 0100").await);
        let moderator = site.signed_in(Role::Moderator).await;
        let page = format!("/queue/responses/{id}");
        let reply = moderator.get(&page).await.form("form[action$='/reply']").fill("comment", "Welcome, **Ruth**");
        moderator.submit(&reply).await;
        let shown = site.visitor().get(&path).await;
        assert_eq!(shown.one("ol.children .text strong"), "Ruth");
        let edit = moderator.get(&page).await.form("form[action$='/edit']").fill("comment", "My number is private");
        moderator.submit(&edit).await;
        assert!(!site.visitor().get(&path).await.text().contains("555 0100"));
        let after = moderator.get(&page).await;
        assert!(after.text().contains("Edited by Moderator"));
        assert_eq!(after.one("details pre"), "My number is 555 0100");
        let back = after.form("details pre + form");
        moderator.submit(&back).await;
        assert!(site.visitor().get(&path).await.text().contains("555 0100"));
    }
}
