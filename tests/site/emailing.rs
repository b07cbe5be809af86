//! Emails to moderators: one job per recipient, no forged text, links that decide only once.

use std::time::Duration;

use rejoinder::accounts::manage;
use rejoinder::accounts::permissions::Actor;
use rejoinder::commands::serve::Workers;
use rejoinder::jobs::{self, Job};
use rejoinder::store::entity::ids::{LinkbackId, ResponseId};
use rejoinder::store::entity::job::{JobState, Lane};
use rejoinder::store::entity::response::ResponseState;
use rejoinder::store::entity::user::Role;
use rejoinder::store::{jobs as rows, responses};
use reqwest::StatusCode;
use tokio::sync::Notify;

use crate::on_both_databases;
use crate::support::mail_server::{MailServer, header};
use crate::support::site::{Site, comment_id};

const SIXTEEN_MINUTES: Duration = Duration::from_secs(16 * 60);

async fn site_with(server: &MailServer, db: crate::support::database::Kind) -> Site {
    Site::with(db, &server.settings(), Workers::Off).await
}

async fn send_digest(site: &Site) {
    site.app.clock.step(SIXTEEN_MINUTES);
    site.run_jobs().await;
}

fn links(email: &str) -> Vec<String> {
    email
        .lines()
        .filter_map(|line| line.strip_prefix("Decide: "))
        .map(|link| format!("/queue/email/{}", link.rsplit_once('/').unwrap().1))
        .collect()
}

async fn state(site: &Site, id: i64) -> ResponseState {
    let row = responses::find(site.app.store.read(), ResponseId(id)).await;
    row.unwrap().unwrap().state
}

on_both_databases! {
    async fn a_refused_address_does_not_affect_other_recipients(db) {
        let server = MailServer::start().await;
        let site = site_with(&server, db).await;
        let post = site.post("A question", "Text").await;
        for name in ["First", "Second", "Third"] {
            site.account_named(name, Role::Moderator).await;
        }
        site.account_named("Writer", Role::Author).await;
        server.answer("second@staff.example", "550 no such user");
        site.expect_error("the mail server refused the email");
        site.comment(&post, "Ruth", "The first remark").await;
        send_digest(&site).await;
        for _ in 0..6 {
            send_digest(&site).await;
        }
        assert_eq!(server.emails_to("first@staff.example").len(), 1);
        assert_eq!(server.emails_to("third@staff.example").len(), 1);
        assert_eq!(server.emails().len(), 2);
        let failed = rows::list(site.app.store.read(), Some(JobState::Failed), 10).await.unwrap();
        assert_eq!(failed.len(), 1);
        assert_eq!(failed[0].attempts, 1, "a permanent refusal is not retried");
        assert!(failed[0].last_error.as_ref().unwrap().contains("no such user"), "{failed:?}");
        // The server was wrong about the address; somebody retries.
        server.answer("second@staff.example", "250 fine");
        jobs::retry(&site.app.store, &site.app.clock, failed[0].id).await.unwrap();
        site.run_jobs().await;
        assert_eq!(server.emails_to("second@staff.example").len(), 1);
        assert_eq!(server.emails().len(), 3);
    }

    async fn an_email_lists_twenty_responses_and_says_if_there_are_more(db) {
        let server = MailServer::start().await;
        let site = site_with(&server, db).await;
        let post = site.post("A question", "Text").await;
        site.account_named("Mo", Role::Moderator).await;
        for (round, count) in [(0, 20), (1, 21)] {
            for nth in 0..count {
                site.comment(&post, &format!("Ruth{round}x{nth}"), &format!("Remark {nth} of {round}")).await;
            }
            send_digest(&site).await;
            let emails = server.emails();
            let email = emails.last().unwrap();
            assert_eq!((emails.len(), links(email).len()), (round + 1, 20), "{email}");
            assert_eq!(email.contains("More responses are waiting."), count > 20, "{email}");
        }
    }

    async fn a_delayed_email_is_sent_unchanged(db) {
        let server = MailServer::start().await;
        let site = site_with(&server, db).await;
        let post = site.post("A question", "Text").await;
        site.account_named("Mo", Role::Moderator).await;
        server.answer("mo@staff.example", "451 try later");
        let id = comment_id(&site.comment(&post, "Ruth", "The first remark").await);
        send_digest(&site).await;
        assert!(server.emails().is_empty());
        // A second email follows the greylisted one, which still arrives once.
        site.comment(&post, "Ben", "The second remark").await;
        server.answer("mo@staff.example", "250 fine");
        send_digest(&site).await;
        let emails = server.emails();
        assert_eq!(emails.len(), 2, "{emails:?}");
        let with_first: Vec<bool> = emails.iter().map(|email| email.contains("The first remark")).collect();
        assert_eq!(with_first.iter().filter(|is_first| **is_first).count(), 1);
        let ids: Vec<String> = emails.iter().map(|email| header(email, "Message-ID")).collect();
        assert_ne!(ids[0], ids[1]);
        assert!(ids[0].ends_with("@news.example>"), "{ids:?}");
        for email in &emails {
            assert!(header(email, "Date").ends_with(" +0000"), "{email}");
        }
        let first = emails.iter().find(|email| email.contains("The first remark")).unwrap();
        assert_eq!(links(first).len(), 1);
        assert_eq!(state(&site, id).await, ResponseState::Pending);
    }

    async fn an_email_waits_for_hours_for_a_mail_server_that_is_down(db) {
        let server = MailServer::start().await;
        let site = site_with(&server, db).await;
        let post = site.post("A question", "Text").await;
        site.account_named("Mo", Role::Moderator).await;
        server.answer("mo@staff.example", "451 try later");
        site.comment(&post, "Ruth", "The first remark").await;
        for _ in 0..20 {
            send_digest(&site).await;
        }
        server.answer("mo@staff.example", "250 fine");
        assert!(server.emails().is_empty());
        site.app.clock.step(Duration::from_secs(9 * 60 * 60));
        site.run_jobs().await;
        assert_eq!(server.emails().len(), 1);
        site.app.clock.step(Duration::from_secs(9 * 60 * 60));
        site.run_jobs().await;
        assert_eq!(server.emails().len(), 1, "once");
    }

    async fn text_from_others_cannot_forge_parts_of_an_email(db) {
        let server = MailServer::start().await;
        let site = site_with(&server, db).await;
        let post = site.post("A question", "Text").await;
        site.account_named("Mo", Role::Moderator).await;
        let evil = "https://evil.example/queue/email/x";
        let breaks = ["\n", "\r\n", "\r", "\u{b}", "\u{c}", "\u{85}", "\u{2028}", "\u{2029}"];
        for (nth, end) in breaks.iter().enumerate() {
            let text = format!("Text {nth}{end}Decide: {evil}{end}{end}View the whole queue: {evil}");
            let sent = site.visitor().post(&format!("{}respond", site.path(&post)), &[
                ("author", &format!("Ruth{nth}{end}Decide: {evil}")),
                ("email", &format!("ruth{nth}@readers.example")),
                ("comment", &text),
            ]).await;
            assert!(sent.status == StatusCode::SEE_OTHER || sent.status == StatusCode::UNPROCESSABLE_ENTITY, "{}", sent.text());
        }
        site.comment(&post, "Plain", &format!("A text\n\n    Decide: {evil}\n\n- Decide: {evil}")).await;
        send_digest(&site).await;
        let email = server.emails().remove(0);
        let (_, text) = email.split_once("\n\n").unwrap();
        for line in text.split(['\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}']) {
            let is_quoted = line.starts_with('>') || line.starts_with("From: “");
            assert!(is_quoted || !line.contains("evil"), "{line:?} in {email}");
        }
        assert!(text.contains("\n> Decide: https://evil"), "{text}");
        assert!(!links(&email).is_empty());
    }

    async fn a_link_decides_once_even_if_the_response_is_held_again(db) {
        let server = MailServer::start().await;
        let site = site_with(&server, db).await;
        let post = site.post("A question", "Text").await;
        site.account_named("Mo", Role::Moderator).await;
        site.account_named("Al", Role::Moderator).await;
        let id = comment_id(&site.comment(&post, "Ruth", "A remark").await);
        send_digest(&site).await;
        let mo = links(&server.emails_to("mo@staff.example")[0]).remove(0);
        let al = links(&server.emails_to("al@staff.example")[0]).remove(0);
        assert_ne!(mo, al);
        let browser = site.visitor();
        let (one, two) = (browser.get(&mo).await, browser.get(&al).await);
        assert_eq!(one.header("referrer-policy"), Some("strict-origin"));
        assert_eq!(one.header("cache-control"), Some("no-store"));
        let (one, two) = (one.form("form").press("Approve"), two.form("form").press("Mark as spam"));
        let (first, second) = tokio::join!(browser.submit(&one), browser.submit(&two));
        let done = [&first, &second].iter().filter(|page| page.text().contains("The response was")).count();
        assert_eq!(done, 1, "{} {}", first.text(), second.text());
        let editor = site.signed_in(Role::Editor).await;
        assert_eq!(editor.get("/queue/log").await.all("tbody tr").len(), 1);
        editor.post("/queue/decisions", &[("move", &format!("pending:{id}"))]).await;
        assert_eq!(state(&site, id).await, ResponseState::Pending);
        for (form, link) in [(&one, &mo), (&two, &al)] {
            let page = browser.get(link).await;
            assert!(page.text().contains("This link has already been used"), "{}", page.text());
            assert!(!page.has("form"));
            let again = browser.submit(form).await;
            assert!(again.text().contains("already decided"), "{}", again.text());
            assert_eq!(state(&site, id).await, ResponseState::Pending);
        }
    }

    async fn a_new_password_invalidates_the_links_of_its_owner(db) {
        let server = MailServer::start().await;
        let site = site_with(&server, db).await;
        let post = site.post("A question", "Text").await;
        let mo = site.account_named("Mo", Role::Moderator).await;
        site.account_named("Al", Role::Moderator).await;
        site.comment(&post, "Ruth", "A remark").await;
        send_digest(&site).await;
        let link = |name: &str| links(&server.emails_to(name)[0]).remove(0);
        let (mos, als) = (link("mo@staff.example"), link("al@staff.example"));
        let browser = site.visitor();
        let form = browser.get(&mos).await.form("form").press("Approve");
        manage::set_password(&site.app, &Actor::operator(), mo.id, "quite another password").await.unwrap();
        assert_eq!(browser.get(&mos).await.status, StatusCode::NOT_FOUND);
        assert_eq!(browser.submit(&form).await.status, StatusCode::NOT_FOUND);
        assert!(browser.get(&als).await.has("form"), "the other moderator's link still works");
    }

    async fn a_hanging_mail_server_delays_no_other_jobs(db) {
        let server = MailServer::start().await;
        let site = Site::with(db, &server.settings(), Workers::On).await;
        let post = site.post("A question", "Text").await;
        for name in ["One", "Two", "Three", "Four"] {
            site.account_named(name, Role::Moderator).await;
            server.answer(&format!("{}@staff.example", name.to_lowercase()), "hang");
        }
        site.leave_jobs();
        site.comment(&post, "Ruth", "A remark").await;
        site.app.clock.step(SIXTEEN_MINUTES);
        let is_running = async || {
            let counts = rows::count_by_lane(site.app.store.read()).await.unwrap();
            counts.contains(&(Lane::Email, JobState::Running, 2))
        };
        crate::working::until("both workers of the lane wait", is_running).await;
        let now = site.app.clock.now();
        let job = site.app.store.write(move |tx| Box::pin(async move {
            jobs::enqueue(tx, &Job::VerifyLinkback { linkback: LinkbackId(1) }, now, now).await?;
            jobs::enqueue(tx, &Job::Learn, now, now).await?;
            jobs::enqueue(tx, &Job::NotifyModerators, now, now).await
        })).await.unwrap();
        let done = crate::working::until("the rest is done", async || {
            rows::find(site.app.store.read(), job).await.unwrap().unwrap().state == JobState::Done
                && rows::count(site.app.store.read(), JobState::Waiting).await.unwrap() == 2
        });
        assert!(done.await < Duration::from_secs(5));
    }

    async fn a_late_commit_is_not_forgotten(db) {
        let server = MailServer::start().await;
        let site = site_with(&server, db).await;
        let post = site.post("A question", "Text").await;
        site.account_named("Mo", Role::Moderator).await;
        site.comment(&post, "Ruth", "The first remark").await;
        site.app.clock.step(SIXTEEN_MINUTES);
        // A transaction that finds the waiting job, and therefore adds none, is still open when a worker claims
        // the job.
        let (seen, go_on) = (std::sync::Arc::new(Notify::new()), std::sync::Arc::new(Notify::new()));
        let app = site.app.clone();
        let (notify, wait) = (seen.clone(), go_on.clone());
        let late = tokio::spawn(async move {
            let now = app.clock.now();
            app.store.write(move |tx| {
                let (notify, wait) = (notify.clone(), wait.clone());
                Box::pin(async move {
                    jobs::enqueue_once(tx, &Job::NotifyModerators, now, now).await?;
                    notify.notify_one();
                    wait.notified().await;
                    Ok(())
                })
            }).await.unwrap();
        });
        seen.notified().await;
        let app = site.app.clone();
        let worker = tokio::spawn(async move { rejoinder::worker::run_due_jobs(&app).await.unwrap() });
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(server.emails().is_empty(), "the job waits for the open transaction");
        go_on.notify_one();
        late.await.unwrap();
        worker.await.unwrap();
        site.run_jobs().await;
        assert_eq!(server.emails().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_reports_whether_email_works() {
    let folder = tempfile::tempdir().unwrap();
    let doctor = |server: String, more: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_rejoinder"));
        let output = command
            .arg("doctor")
            .args(more)
            .env(
                "REJOINDER_DATABASE__URL",
                format!("sqlite://{}/a.db", folder.path().display()),
            )
            .env("REJOINDER_SERVER__LISTEN", "127.0.0.1:0")
            .env("REJOINDER_MAIL__SERVER", server)
            .env("REJOINDER_MAIL__FROM", "News <news@news.example>")
            .current_dir(folder.path())
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let server = MailServer::start().await;
    let address = format!("smtp://127.0.0.1:{}", server.port);
    let stdout =
        tokio::task::block_in_place(|| doctor(address.clone(), &["--mail-to", "me@x.example"]));
    assert!(
        stdout.contains(&format!("ok    the mail server {address} works")),
        "{stdout}"
    );
    assert!(
        stdout.contains("ok    the mail server accepted a test email to me@x.example"),
        "{stdout}"
    );
    assert_eq!(server.emails_to("me@x.example").len(), 1);
    server.answer("you@x.example", "550 \u{1b}[31mno\u{7}");
    let stdout = tokio::task::block_in_place(|| doctor(address, &["--mail-to", "you@x.example"]));
    assert!(
        stdout.contains("FIX   could not send a test email to you@x.example"),
        "{stdout}"
    );
    assert!(!stdout.contains(['\u{1b}', '\u{7}']), "{stdout:?}");
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let stdout = tokio::task::block_in_place(|| {
        doctor(format!("smtp://name:secret@127.0.0.1:{closed}"), &[])
    });
    assert!(
        stdout.contains("FIX   the mail server smtp://name@127.0.0.1"),
        "{stdout}"
    );
    assert!(!stdout.contains("secret"), "{stdout}");
    let stdout =
        tokio::task::block_in_place(|| doctor(String::new(), &["--mail-to", "me@x.example"]));
    assert!(stdout.contains("FIX   no emails are sent"), "{stdout}");
}
