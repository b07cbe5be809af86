//! Letters to moderators, with links that decide; and an outside judge.

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

/// Long lines of a letter are folded by quoted-printable.
fn link_in(letter: &str) -> String {
    let plain = letter.replace("=\n", "").replace("=3D", "=");
    let rest = plain.split("/queue/letter/").nth(1).unwrap();
    let name = rest.split_whitespace().next().unwrap();
    format!("/queue/letter/{name}")
}

on_both_databases! {
    async fn held_responses_are_told_in_one_letter_and_decided_by_one_press(db) {
        let office = MailServer::start().await;
        let site = Site::with(db, &office.settings(), Workers::Off).await;
        let post = site.post("A question", "Text").await;
        site.account_named("Mo", Role::Moderator).await;
        let first = comment_id(&site.comment(&post, "Ruth", "The first remark").await);
        let second = comment_id(&site.comment(&post, "Ben", "The second remark").await);
        site.work_off().await;
        assert!(office.emails().is_empty(), "they are gathered first");
        site.app.clock.step(Duration::from_secs(16 * 60));
        site.work_off().await;
        let letters = office.emails();
        assert_eq!(letters.len(), 1, "one letter, to the one who moderates: {letters:?}");
        let letter = &letters[0];
        assert!(letter.contains("mo@staff.example") && letter.contains("2 responses are waiting for you"), "{letter}");
        assert!(letter.contains("The first remark") && letter.contains("The second remark"));
        let link = link_in(letter);
        // A scanner opens every link, with any method that reads.
        let scanner = site.visitor();
        for _ in 0..3 {
            assert_eq!(scanner.get(&link).await.status, StatusCode::OK);
        }
        assert_eq!(state(&site, first).await, ResponseState::Pending);
        let page = scanner.get(&link).await;
        assert!(page.text().contains("The first remark"), "{}", page.text());
        let done = scanner.submit(&page.form("form").press("Approve")).await;
        assert!(done.text().contains("it is approved now"), "{}", done.text());
        assert_eq!(state(&site, first).await, ResponseState::Approved);
        assert_eq!(state(&site, second).await, ResponseState::Pending);
        let again = scanner.submit(&page.form("form").press("Spam")).await;
        assert!(again.text().contains("Already decided"), "{}", again.text());
        let editor = site.signed_in(Role::Editor).await;
        assert!(editor.get("/queue/log").await.one("tbody tr").contains("Mo: by mail"));
        for forged in [link.replacen("letter/", "letter/1", 1), "/queue/letter/x".to_owned()] {
            assert_eq!(scanner.get(&forged).await.status, StatusCode::NOT_FOUND, "{forged}");
        }
        // What was told is not told again.
        site.app.clock.step(Duration::from_secs(16 * 60));
        site.work_off().await;
        assert_eq!(office.emails().len(), 1);
    }

    async fn an_outside_judge_lets_in_what_it_finds_fine_and_nothing_else(db) {
        let judge = Neighbour::start().await;
        let endpoint = judge.show("/check", "false");
        let overrides = format!(
            "[comments]\nmoderation = \"none\"\n[moderation]\nburst_on_post = 0\nburst_on_site = 0\noutside = \"{endpoint}\"\n{}",
            judge.allowed()
        );
        let site = Site::with(db, &overrides, Workers::Off).await;
        let post = site.post("A question", "Text").await;
        let fine = comment_id(&site.comment(&post, "Ruth", "A remark").await);
        assert_eq!(state(&site, fine).await, ResponseState::Pending, "until it has answered");
        site.work_off().await;
        assert_eq!(state(&site, fine).await, ResponseState::Approved);
        let asked = judge.posts();
        assert_eq!(asked[0].field("comment_content"), "A remark");
        assert_eq!(asked[0].field("comment_author"), "Ruth");
        judge.show("/check", "true");
        let spam = comment_id(&site.comment(&post, "Shop", "Another remark").await);
        site.work_off().await;
        assert_eq!(state(&site, spam).await, ResponseState::Pending);
        let moderator = site.signed_in(Role::Moderator).await;
        assert!(moderator.get("/queue/").await.text().contains("The outside judge says: spam."));
        judge.show_with("/check", 500, &[], "broken");
        site.expect_error("it answered 500");
        let silent = comment_id(&site.comment(&post, "Ben", "A third remark").await);
        for _ in 0..6 {
            site.work_off().await;
            site.app.clock.step(Duration::from_secs(60 * 60));
        }
        assert_eq!(state(&site, silent).await, ResponseState::Pending, "no answer holds");
    }
}
