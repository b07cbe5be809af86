//! Emails to moderators with links that decide, and the external spam checker.

use std::time::Duration;

use rejoinder::commands::serve::Workers;
use rejoinder::store::entity::ids::ResponseId;
use rejoinder::store::entity::response::ResponseState;
use rejoinder::store::entity::user::Role;
use rejoinder::store::responses;
use reqwest::StatusCode;

use crate::on_both_databases;
use crate::support::mail_server::MailServer;
use crate::support::neighbour::Neighbour;
use crate::support::site::{Site, comment_id};

async fn state(site: &Site, id: i64) -> ResponseState {
    let row = responses::find(site.app.store.read(), ResponseId(id)).await;
    row.unwrap().unwrap().state
}

/// Quoted-printable folds long lines of an email.
fn link_in(email: &str) -> String {
    let plain = email.replace("=\n", "").replace("=3D", "=");
    let rest = plain.split("/queue/email/").nth(1).unwrap();
    let name = rest.split_whitespace().next().unwrap();
    format!("/queue/email/{name}")
}

on_both_databases! {
    async fn moderators_get_one_email_about_held_responses_and_decide_with_one_button(db) {
        let office = MailServer::start().await;
        let site = Site::with(db, &office.settings(), Workers::Off).await;
        let post = site.post("A question", "Text").await;
        site.account_named("Mo", Role::Moderator).await;
        let first = comment_id(&site.comment(&post, "Ruth", "The first remark").await);
        let second = comment_id(&site.comment(&post, "Ben", "The second remark").await);
        site.run_jobs().await;
        assert!(office.emails().is_empty(), "they are collected first");
        site.app.clock.step(Duration::from_secs(16 * 60));
        site.run_jobs().await;
        let emails = office.emails();
        assert_eq!(emails.len(), 1, "one email, to the only moderator: {emails:?}");
        let email = &emails[0];
        assert!(email.contains("mo@staff.example") && email.contains("2 responses are waiting for you"), "{email}");
        assert!(email.contains("The first remark") && email.contains("The second remark"));
        let link = link_in(email);
        // A scanner opens every link, with any method that reads.
        let scanner = site.visitor();
        for _ in 0..3 {
            assert_eq!(scanner.get(&link).await.status, StatusCode::OK);
        }
        assert_eq!(state(&site, first).await, ResponseState::Pending);
        let page = scanner.get(&link).await;
        assert!(page.text().contains("The first remark"), "{}", page.text());
        let done = scanner.submit(&page.form("form").press("Approve")).await;
        assert!(done.text().contains("The response was approved"), "{}", done.text());
        assert_eq!(state(&site, first).await, ResponseState::Approved);
        assert_eq!(state(&site, second).await, ResponseState::Pending);
        let again = scanner.submit(&page.form("form").press("Mark as spam")).await;
        assert!(again.text().contains("already decided"), "{}", again.text());
        let editor = site.signed_in(Role::Editor).await;
        assert!(editor.get("/queue/log").await.one("tbody tr").contains("Mo: Decided by email"));
        for forged in [link.replacen("email/", "email/1", 1), "/queue/email/x".to_owned()] {
            assert_eq!(scanner.get(&forged).await.status, StatusCode::NOT_FOUND, "{forged}");
        }
        // Nobody is emailed twice about a response.
        site.app.clock.step(Duration::from_secs(16 * 60));
        site.run_jobs().await;
        assert_eq!(office.emails().len(), 1);
    }

    async fn the_spam_checker_approves_what_it_finds_harmless_and_nothing_else(db) {
        let checker = Neighbour::start().await;
        let endpoint = checker.show("/check", "false");
        let overrides = format!(
            "[comments]\nmoderation = \"none\"\n[moderation]\nburst_per_post = 0\nburst_per_site = 0\nspam_checker_url = \"{endpoint}\"\n{}",
            checker.allowed()
        );
        let site = Site::with(db, &overrides, Workers::Off).await;
        let post = site.post("A question", "Text").await;
        let harmless = comment_id(&site.comment(&post, "Ruth", "A remark").await);
        assert_eq!(state(&site, harmless).await, ResponseState::Pending, "until it has answered");
        site.run_jobs().await;
        assert_eq!(state(&site, harmless).await, ResponseState::Approved);
        let requests = checker.posts();
        assert_eq!(requests[0].field("comment_content"), "A remark");
        assert_eq!(requests[0].field("comment_author"), "Ruth");
        checker.show("/check", "true");
        let spam = comment_id(&site.comment(&post, "Shop", "Another remark").await);
        site.run_jobs().await;
        assert_eq!(state(&site, spam).await, ResponseState::Pending);
        let moderator = site.signed_in(Role::Moderator).await;
        assert!(moderator.get("/queue/").await.text().contains("The external spam checker says: spam."));
        checker.show_with("/check", 500, &[], "broken");
        site.expect_error("it answered 500");
        let silent = comment_id(&site.comment(&post, "Ben", "A third remark").await);
        for _ in 0..6 {
            site.run_jobs().await;
            site.app.clock.step(Duration::from_secs(60 * 60));
        }
        assert_eq!(state(&site, silent).await, ResponseState::Pending, "no answer holds");
    }
}
