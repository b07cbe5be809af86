//! Who may do what: every route and method of the site, against every role and a stranger.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use rejoinder::accounts::permissions::Actor;
use rejoinder::moderation::bulk::start_undo;
use rejoinder::moderation::decide::{DecisionRequest, decide};
use rejoinder::store::entity::ids::ResponseId;
use rejoinder::store::entity::response::ResponseState;
use rejoinder::store::entity::user::Role;
use rejoinder::store::{decisions, responses, users};
use reqwest::{Method, StatusCode};

use crate::on_both_databases;
use crate::support::client::Client;
use crate::support::site::{PASSWORD, Site, comment_id};

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Everybody,
    /// All who are signed in.
    Staff,
    Writers,
    /// Those who moderate, at least the responses to their own posts.
    Reviewers,
    /// Those who moderate all responses.
    Moderators,
    Administrators,
}

impl Who {
    /// Whether somebody of this role, or a stranger, is one of them.
    pub fn includes(self, role: Option<Role>) -> bool {
        use Role::{Administrator, Author, Contributor, Editor, Moderator};
        match self {
            Self::Everybody => true,
            Self::Staff => role.is_some(),
            Self::Reviewers => role.is_some_and(|role| role != Contributor),
            Self::Writers => matches!(role, Some(Administrator | Editor | Author | Contributor)),
            Self::Moderators => matches!(role, Some(Administrator | Editor | Moderator)),
            Self::Administrators => role == Some(Administrator),
        }
    }
}

use Who::{Administrators, Everybody, Moderators, Reviewers, Staff, Writers};

/// Every route with its methods, as `routes.rs` has them; ID stands for a response that is there.
pub const TABLE: &[(&str, &str, Who)] = &[
    ("GET", "/", Everybody),
    ("GET", "/page/{page}/", Everybody),
    ("GET", "/tag/{slug}/", Everybody),
    ("GET", "/tag/{slug}/page/{page}/", Everybody),
    ("GET", "/author/{slug}/", Everybody),
    ("GET", "/author/{slug}/page/{page}/", Everybody),
    ("GET", "/{year}/{month}/", Everybody),
    ("GET", "/{year}/{month}/page/{page}/", Everybody),
    ("GET", "/{year}/{month}/{day}/{slug}/", Everybody),
    ("GET", "/{year}/{month}/{day}/{slug}/{page}/", Everybody),
    ("POST", "/{year}/{month}/{day}/{slug}/respond", Everybody),
    ("GET", "/{year}/{month}/{day}/{slug}/report/{id}", Everybody),
    (
        "POST",
        "/{year}/{month}/{day}/{slug}/report/{id}",
        Everybody,
    ),
    (
        "GET",
        "/{year}/{month}/{day}/{slug}/receipt/{receipt}",
        Everybody,
    ),
    (
        "POST",
        "/{year}/{month}/{day}/{slug}/receipt/{receipt}",
        Everybody,
    ),
    ("GET", "/{year}/{month}/{day}/{slug}/feed/", Everybody),
    ("GET", "/comment/{id}/", Everybody),
    ("GET", "/comment/{id}", Everybody),
    ("GET", "/moderation-log", Everybody),
    ("GET", "/feed/", Everybody),
    ("GET", "/feed/atom/", Everybody),
    ("GET", "/feed.json", Everybody),
    ("GET", "/comments/feed/", Everybody),
    ("GET", "/comments/feed/atom/", Everybody),
    ("GET", "/sitemap.xml", Everybody),
    ("GET", "/{year}/", Everybody),
    ("GET", "/{year}/{month}/{day}/", Everybody),
    ("POST", "/{year}/respond", Everybody),
    ("GET", "/{year}/report/{id}", Everybody),
    ("POST", "/{year}/report/{id}", Everybody),
    ("GET", "/{year}/receipt/{receipt}", Everybody),
    ("POST", "/{year}/receipt/{receipt}", Everybody),
    ("GET", "/{year}/feed/", Everybody),
    ("GET", "/{year}/trackback/", Everybody),
    ("POST", "/{year}/trackback/", Everybody),
    ("POST", "/{year}/{month}/respond", Everybody),
    ("GET", "/{year}/{month}/report/{id}", Everybody),
    ("POST", "/{year}/{month}/report/{id}", Everybody),
    ("GET", "/{year}/{month}/receipt/{receipt}", Everybody),
    ("POST", "/{year}/{month}/receipt/{receipt}", Everybody),
    ("GET", "/{year}/{month}/feed/", Everybody),
    ("GET", "/{year}/{month}/trackback/", Everybody),
    ("POST", "/{year}/{month}/trackback/", Everybody),
    ("POST", "/{year}/{month}/{day}/respond", Everybody),
    ("GET", "/{year}/{month}/{day}/report/{id}", Everybody),
    ("POST", "/{year}/{month}/{day}/report/{id}", Everybody),
    ("GET", "/{year}/{month}/{day}/receipt/{receipt}", Everybody),
    ("POST", "/{year}/{month}/{day}/receipt/{receipt}", Everybody),
    ("GET", "/{year}/{month}/{day}/feed/", Everybody),
    ("GET", "/{year}/{month}/{day}/trackback/", Everybody),
    ("POST", "/{year}/{month}/{day}/trackback/", Everybody),
    ("GET", "/login", Everybody),
    ("POST", "/login", Everybody),
    ("GET", "/setup", Everybody),
    ("POST", "/setup", Everybody),
    ("GET", "/desk/", Staff),
    ("POST", "/desk/posts", Writers),
    ("GET", "/desk/posts/new", Writers),
    ("POST", "/desk/posts/{id}", Writers),
    ("GET", "/desk/posts/{id}/edit", Writers),
    ("POST", "/desk/posts/{id}/unpublish", Writers),
    ("POST", "/desk/posts/{id}/trash", Writers),
    ("POST", "/desk/posts/{id}/restore", Writers),
    ("GET", "/desk/posts/{id}/delete", Writers),
    ("POST", "/desk/posts/{id}/delete", Writers),
    ("GET", "/desk/media", Writers),
    ("POST", "/desk/media", Writers),
    ("GET", "/desk/media/{id}", Writers),
    ("POST", "/desk/media/{id}", Writers),
    ("GET", "/desk/media/{id}/delete", Writers),
    ("POST", "/desk/media/{id}/delete", Writers),
    ("GET", "/desk/media/{id}/replace", Writers),
    ("POST", "/desk/media/{id}/replace", Writers),
    ("GET", "/desk/outgoing-linkbacks", Writers),
    ("POST", "/desk/outgoing-linkbacks/{id}/retry", Writers),
    ("POST", "/desk/preview", Writers),
    ("GET", "/queue/", Reviewers),
    ("POST", "/queue/decisions", Reviewers),
    ("GET", "/queue/undo", Reviewers),
    ("POST", "/queue/undo", Reviewers),
    ("GET", "/queue/tasks/{token}", Reviewers),
    ("POST", "/queue/tasks/{token}/retry", Reviewers),
    ("GET", "/queue/live", Reviewers),
    ("POST", "/queue/claims", Reviewers),
    ("GET", "/queue/responses/{id}", Reviewers),
    ("POST", "/queue/responses/{id}/reply", Reviewers),
    ("POST", "/queue/responses/{id}/edit", Reviewers),
    ("GET", "/queue/responses/{id}/person", Moderators),
    ("GET", "/queue/senders", Moderators),
    ("POST", "/queue/senders", Moderators),
    ("POST", "/queue/senders/{id}/remove", Moderators),
    ("POST", "/queue/bursts/{id}/end", Moderators),
    ("GET", "/queue/rules", Moderators),
    ("POST", "/queue/rules", Moderators),
    ("GET", "/queue/rules/new", Moderators),
    ("POST", "/queue/rules/test", Moderators),
    ("GET", "/queue/rules/{id}/edit", Moderators),
    ("POST", "/queue/rules/{id}/{action}", Moderators),
    ("GET", "/queue/statistics", Moderators),
    ("GET", "/queue/log", Moderators),
    // Whoever has the link from the email may use it.
    ("GET", "/queue/email/{link}", Everybody),
    ("POST", "/queue/email/{link}", Everybody),
    ("GET", "/settings/", Administrators),
    ("POST", "/settings/site", Administrators),
    ("GET", "/settings/navigation", Administrators),
    ("POST", "/settings/navigation", Administrators),
    ("GET", "/settings/design", Administrators),
    ("POST", "/settings/design", Administrators),
    ("GET", "/settings/design/preview", Administrators),
    ("POST", "/settings/design/preview", Administrators),
    ("GET", "/settings/general", Administrators),
    ("POST", "/settings/general", Administrators),
    ("GET", "/settings/discussion", Administrators),
    ("POST", "/settings/discussion", Administrators),
    ("GET", "/settings/mail", Administrators),
    ("POST", "/settings/mail", Administrators),
    ("POST", "/settings/mail/test", Administrators),
    ("POST", "/settings/undo", Administrators),
    ("POST", "/settings/people", Administrators),
    ("GET", "/settings/components", Administrators),
    ("POST", "/settings/components", Administrators),
    ("GET", "/settings/jobs", Administrators),
    ("POST", "/settings/jobs/{id}/retry", Administrators),
    ("GET", "/settings/people/{id}", Administrators),
    ("POST", "/settings/people/{id}/{change}", Administrators),
    ("GET", "/xmlrpc.php", Everybody),
    ("POST", "/xmlrpc.php", Everybody),
    ("GET", "/{year}/{month}/{day}/{slug}/trackback/", Everybody),
    ("POST", "/{year}/{month}/{day}/{slug}/trackback/", Everybody),
    ("GET", "/{year}/{month}/{day}/{slug}/trackback", Everybody),
    ("POST", "/{year}/{month}/{day}/{slug}/trackback", Everybody),
    ("GET", "/webmention", Everybody),
    ("POST", "/webmention", Everybody),
    ("GET", "/linkbacks/{status_token}", Everybody),
    ("GET", "/media/{token}/{file}", Everybody),
    ("GET", "/robots.txt", Everybody),
    ("GET", "/theme.css", Everybody),
    ("GET", "/custom.css", Everybody),
    ("GET", "/manifest.webmanifest", Everybody),
    ("GET", "/favicon.ico", Everybody),
    ("GET", "/icons/{token}/{file}", Everybody),
    ("GET", "/health/live", Everybody),
    ("GET", "/health/ready", Everybody),
    ("GET", "/static/{name}", Everybody),
    // Last: it signs whoever asks out.
    ("POST", "/logout", Everybody),
];
/// By network address, not by role.
const BY_ADDRESS: &[(&str, &str)] = &[("GET", "/metrics")];

/// The routes that `routes.rs` names.
fn routes() -> BTreeSet<(String, String)> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web/routes.rs");
    let source = fs::read_to_string(source).unwrap();
    let mut found = BTreeSet::new();
    for route in source.split(".route(").skip(1) {
        let path = route.split('"').nth(1).unwrap().to_owned();
        let handlers = route.split(".route(").next().unwrap();
        for (word, method) in [("get(", "GET"), ("post(", "POST")] {
            let named = handlers.split(word).skip(1).count() > 0
                && handlers.split('"').nth(2).unwrap().contains(word);
            if named {
                found.insert((method.to_owned(), path.clone()));
            }
        }
    }
    found
}

#[test]
fn every_route_is_in_the_table() {
    let known: BTreeSet<(String, String)> = TABLE
        .iter()
        .map(|(method, path, _)| (*method, *path))
        .chain(BY_ADDRESS.iter().copied())
        .map(|(method, path)| (method.to_owned(), path.to_owned()))
        .collect();
    let routes = routes();
    assert!(routes.len() > 60, "the routes were not read: {routes:?}");
    let difference: Vec<_> = routes.symmetric_difference(&known).collect();
    assert!(difference.is_empty(), "{difference:?}");
}

async fn ask(client: &Client, method: &str, path: &str) -> StatusCode {
    let method: Method = method.parse().unwrap();
    let form = [("content-type", "application/x-www-form-urlencoded")];
    client.request(method, path, "", &form).await.status
}

on_both_databases! {
    async fn every_route_admits_whom_the_table_names_and_nobody_else(db) {
        let site = Site::start(db).await;
        // By an editor, so that an author meets what is not theirs.
        let post = site.post("A question", "Text").await;
        let id = comment_id(&site.comment(&post, "Ruth", "Hello").await);
        let wrong = RefCell::new(Vec::new());
        site.as_everybody(async |role, client| {
            for (method, path, who) in TABLE {
                let path = path
                    .replace("{id}", &id.to_string())
                    .replace("{action}", "off")
                    .replace("{slug}", "no-such-post")
                    .replace(['{', '}'], "");
                let status = ask(client, method, &path).await;
                let kept_out = matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
                let may = who.includes(role);
                // The sign-in page answers 401 to a wrong password, whoever sends it.
                if kept_out == may && path != "/login" {
                    wrong.borrow_mut().push(format!("{role:?} {method} {path}: {status}"));
                }
                assert!(!status.is_server_error(), "{role:?} {method} {path}: {status}");
            }
        })
        .await;
        assert!(wrong.borrow().is_empty(), "{wrong:#?}");
    }

    async fn an_author_moderates_only_the_responses_to_their_own_posts(db) {
        let site = Site::start(db).await;
        let own = site.post("By Ada", "Text").await;
        let ada = site.visitor();
        ada.sign_in("ada.okoye@staff.example", PASSWORD).await;
        let other = crate::ruling::post_of_editor(&site).await;
        let mine = comment_id(&site.comment(&own, "Ruth", "To Ada").await);
        let theirs = comment_id(&site.comment(&other, "Ben", "To the editor").await);
        let queue = ada.get("/queue/").await;
        assert_eq!(queue.all(".entry .who strong"), ["Ruth"]);
        assert_eq!(queue.all(".tabs .count")[0], "1");
        let decide = async |id: i64| {
            let fields = [("move", format!("approved:{id}"))];
            let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            ada.post("/queue/decisions", &fields).await
        };
        decide(mine).await;
        decide(theirs).await;
        assert!(site.visitor().get(&site.path(&own)).await.has(&format!("#comment-{mine}")));
        assert!(!site.visitor().get(&site.path(&other)).await.has(&format!("#comment-{theirs}")));
        assert_eq!(ada.get(&format!("/queue/responses/{theirs}")).await.status, StatusCode::NOT_FOUND);
        assert!(!queue.text().contains("ruth@readers.example"), "an author sees no addresses");
    }

    async fn an_author_cannot_undo_the_decisions_or_open_the_tasks_of_others(db) {
        let site = Site::start(db).await;
        let own = site.post("By Ada", "Text").await;
        let author = users::find(site.app.store.read(), own.author_id).await.unwrap().unwrap();
        let ada = site.visitor();
        ada.sign_in(&author.email, PASSWORD).await;
        let other = crate::ruling::post_of_editor(&site).await;
        let mine = comment_id(&site.comment(&own, "Ruth", "To Ada").await);
        let theirs = comment_id(&site.comment(&other, "Ben", "To the editor").await);
        let states = async || {
            let db = site.app.store.read();
            let state = async |id| responses::find(db, ResponseId(id)).await.unwrap().unwrap().state;
            (state(mine).await, state(theirs).await)
        };
        let both = [ResponseId(mine), ResponseId(theirs)];
        let decided = decide(&site.app, &Actor::operator(), &both, &DecisionRequest::to(ResponseState::Trash)).await.unwrap();
        ada.post("/queue/undo", &[("batch", &decided.batch)]).await;
        assert_eq!(states().await, (ResponseState::Pending, ResponseState::Trash));
        // One of theirs alone, by its number.
        let theirs_at = decisions::list_for_response(site.app.store.read(), ResponseId(theirs)).await.unwrap()[0].id;
        ada.post("/queue/undo", &[("decision", &theirs_at.to_string())]).await;
        assert_eq!(states().await, (ResponseState::Pending, ResponseState::Trash));
        // The same by work in the background.
        let again = decide(&site.app, &Actor::operator(), &both, &DecisionRequest::to(ResponseState::Spam)).await.unwrap();
        start_undo(&site.app, &Actor::from(&author), &again.batch).await.unwrap();
        site.run_jobs().await;
        assert_eq!(states().await, (ResponseState::Pending, ResponseState::Spam));
        let moderator = site.signed_in(Role::Moderator).await;
        let begun = crate::working::move_all(&moderator, "approved").await;
        let task = begun.header("location").unwrap().to_owned();
        assert_eq!(moderator.get(&task).await.status, StatusCode::OK);
        assert!(moderator.get("/queue/").await.has(&format!("a[href='{task}']")));
        assert!(!ada.get("/queue/").await.has("a[href^='/queue/tasks/']"));
        assert_eq!(ada.get(&task).await.status, StatusCode::NOT_FOUND);
        assert_eq!(ada.post(&format!("{task}/retry"), &[]).await.status, StatusCode::NOT_FOUND);
    }
}
