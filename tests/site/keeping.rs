//! Whatever fails, nobody loses what they typed.

use rejoinder::commands::serve::Workers;
use rejoinder::store::entity::user::Role;
use reqwest::{Method, StatusCode};

use crate::on_both_databases;
use crate::support::client::{Form, Page};
use crate::support::database::{Database, Kind};
use crate::support::gate::Gate;
use crate::support::site::{PASSWORD, Site, comment_id};

const TEXT: &str = "A long text\n\n  with \"quotes\" & <tags>,\n\nand 时事.";

fn comment(page: &Page) -> Form {
    page.form("#respond form")
        .fill("author", "Ruth")
        .fill("email", "ruth@readers.example")
        .fill("comment", TEXT)
        .press("Send comment")
}

/// The form in which an error page returns the text.
fn returned_form(page: &Page) -> Form {
    let form = page.form("section.kept form");
    assert!(
        form.fields.iter().any(|(_, value)| value == TEXT),
        "{:?}",
        form.fields
    );
    form
}

on_both_databases! {
    async fn nobody_loses_text_to_a_database_that_does_not_respond(db) {
        let database = Database::migrated(db).await;
        let gate = match db {
            Kind::Postgres => Some(Gate::before(&database.url).await),
            Kind::Sqlite => None,
        };
        let mut behind = database.shared();
        if let Some(gate) = &gate {
            behind.url = gate.url.clone();
        }
        let site = Site::on(behind, "#database timeout = 1\n", Workers::Off).await;
        let post = site.post("A question", "Text").await;
        let path = site.path(&post);
        let editor = site.signed_in(Role::Editor).await;
        let reader = site.visitor();
        let sent = comment(&reader.get(&path).await);
        let new = editor.get("/desk/posts/new").await.form("form.compose");
        let edit = editor.get(&format!("/desk/posts/{}/edit", post.id)).await.form("form.compose");
        site.expect_error("reach the database");
        site.expect_error("status=503");
        if gate.is_none() {
            site.expect_error("read a session");
            site.expect_error("tower_sessions_core");
        }
        match &gate {
            Some(gate) => gate.shut(),
            None => site.app.store.close().await,
        }
        let commented = reader.submit(&sent).await;
        let created = editor.submit(&new.fill("title", "New").fill("body", TEXT).press("Publish")).await;
        let updated = editor.submit(&edit.fill("body", TEXT).press("Update")).await;
        for page in [&commented, &created, &updated] {
            assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "{}", page.text());
            assert!(page.text().contains("does not answer") && page.text().contains("Your text is safe"));
            assert_eq!(page.header("cache-control"), Some("no-store"));
            returned_form(page);
        }
        let form = returned_form(&commented);
        assert_eq!(form.action, format!("{path}respond"));
        assert_eq!(form.value("author"), "Ruth");
        let Some(gate) = gate else { return };
        gate.open().await;
        let mut sent = reader.submit(&form).await;
        for _ in 0..50 {
            if sent.status == StatusCode::SEE_OTHER {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            sent = reader.submit(&returned_form(&sent)).await;
        }
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text());
        let saved = editor.submit(&returned_form(&updated)).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text());
        assert!(site.visitor().get(&path).await.one(".e-content").ends_with("and 时事."));
        assert_eq!(editor.submit(&returned_form(&created)).await.status, StatusCode::SEE_OTHER);
    }

    async fn no_moderator_loses_a_reply_to_a_session_that_ended(db) {
        let site = Site::start(db).await;
        let post = site.post("A question", "Text").await;
        let id = comment_id(&site.comment(&post, "Ruth", "Hello").await);
        site.approve_all().await;
        let user = site.account(Role::Moderator).await;
        let moderator = site.visitor();
        let reply = format!("/queue/responses/{id}/reply");
        let page = moderator.post(&reply, &[("comment", TEXT)]).await;
        assert_eq!(page.status, StatusCode::UNAUTHORIZED);
        assert_eq!(page.attribute("main a[href='/login']", "target").as_deref(), Some("_blank"));
        moderator.sign_in(&user.email, PASSWORD).await;
        let sent = moderator.submit(&returned_form(&page)).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text());
        assert!(site.visitor().get(&site.path(&post)).await.text().contains("with \"quotes\" &"));
    }

    async fn text_that_cannot_be_sent_again_can_be_copied(db) {
        let site = Site::start(db).await;
        let post = site.post("A question", "Text").await;
        let path = site.path(&post);
        let reader = site.visitor();
        let form = comment(&reader.get(&path).await);
        let fields: Vec<(&str, &str)> =
            form.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let respond = format!("{path}respond");
        let from_elsewhere = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("origin", "https://evil.example"),
            ("sec-fetch-site", "cross-site"),
        ];
        let refused = reader.request(Method::POST, &respond, body, &from_elsewhere).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        let editor = site.signed_in(Role::Editor).await;
        editor.post(&format!("/desk/posts/{}/trash", post.id), &[]).await;
        let gone = reader.submit(&form).await;
        assert_eq!(gone.status, StatusCode::GONE);
        for page in [refused, gone] {
            assert!(!page.has("section.kept form"), "one click from being sent");
            assert!(page.has("section.kept textarea[readonly]"));
            let text = page.one("section.kept textarea");
            assert!(text.contains("with \"quotes\" & <tags>,"), "{text}");
        }
        // A form that holds a secret, or no text, is not returned.
        let secret = reader.post("/settings/people", &[("author", "x"), ("password", "hidden one")]).await;
        assert_eq!(secret.status, StatusCode::UNAUTHORIZED);
        assert!(!secret.has("section.kept") && !secret.body.contains("hidden one"));
    }

    async fn a_post_of_the_maximum_length_is_accepted_in_every_script(db) {
        let site = Site::start(db).await;
        let user = site.account(Role::Editor).await;
        let editor = site.visitor();
        editor.sign_in(&user.email, PASSWORD).await;
        let form = editor.get("/desk/posts/new").await.form("form.compose");
        let long = "时事是一个词。".repeat(200_000 / 7);
        let form = form.fill("title", "Long").fill("body", &long);
        editor.forget();
        let asked = editor.submit(&form.press("Save draft")).await;
        assert_eq!(asked.status, StatusCode::UNAUTHORIZED, "{}", asked.text());
        let back = editor
            .submit(&asked.form("form").fill("email", &user.email).fill("password", PASSWORD))
            .await;
        let form = back.form("form.compose");
        assert_eq!(form.value("body").chars().count(), long.chars().count());
        assert_eq!(editor.submit(&form.press("Save draft")).await.status, StatusCode::SEE_OTHER);
        let huge = editor.get("/desk/posts/new").await.form("form.compose");
        let refused = editor.submit(&huge.fill("title", "x").fill("body", &"时".repeat(300_000)).press("Save draft")).await;
        assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
        assert!(refused.text().contains("nothing was saved"), "{}", refused.text());
    }

    async fn permanent_deletion_asks_first(db) {
        let site = Site::start(db).await;
        let post = site.post("Here and gone", "Text").await;
        site.comment(&post, "Ruth", "Hello").await;
        let path = site.path(&post);
        let editor = site.signed_in(Role::Editor).await;
        let deletion = format!("/desk/posts/{}/delete", post.id);
        assert_eq!(editor.get(&deletion).await.status, StatusCode::CONFLICT, "it is not in the trash");
        editor.post(&format!("/desk/posts/{}/trash", post.id), &[]).await;
        let list = editor.get("/desk/?state=trash").await;
        assert_eq!(list.attribute("main .row-actions a", "href").as_deref(), Some(deletion.as_str()));
        for asked in [editor.get(&deletion).await, editor.post(&deletion, &[]).await] {
            assert_eq!(asked.status, StatusCode::OK);
            assert!(asked.text().contains("one response") && asked.text().contains("cannot be restored"));
        }
        assert!(editor.get("/desk/?state=trash").await.text().contains("Here and gone"), "nothing is deleted yet");
        let form = editor.get(&deletion).await.form("main form").press("Delete permanently");
        assert_eq!(editor.submit(&form).await.status, StatusCode::SEE_OTHER);
        assert!(!editor.get("/desk/?state=trash").await.text().contains("Here and gone"));
        assert_eq!(site.visitor().get(&path).await.status, StatusCode::GONE);
        // Once more, there is nothing to delete.
        assert_eq!(editor.submit(&form).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_loses_text_to_a_timeout() {
    use sea_orm::ConnectionTrait;
    let site = Site::on(
        Database::migrated(Kind::Postgres).await,
        "#server request_timeout = 1\n",
        Workers::Off,
    )
    .await;
    let post = site.post("A question", "Text").await;
    let reader = site.visitor();
    let sent = comment(&reader.get(&site.path(&post)).await);
    let raw = sea_orm::Database::connect(&site.database.url)
        .await
        .unwrap();
    let transaction = sea_orm::TransactionTrait::begin(&raw).await.unwrap();
    transaction
        .execute_unprepared("LOCK TABLE responses IN ACCESS EXCLUSIVE MODE")
        .await
        .unwrap();
    site.expect_error("status=503");
    let page = reader.submit(&sent).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(
        page.text().contains("did not answer in time"),
        "{}",
        page.text()
    );
    let form = returned_form(&page);
    transaction.rollback().await.unwrap();
    assert_eq!(reader.submit(&form).await.status, StatusCode::SEE_OTHER);
    raw.close().await.unwrap();
}
