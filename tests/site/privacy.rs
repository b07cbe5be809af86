//! Addresses are shown only to those who may see them: every page as every role, and no way to
//! guess.

use std::collections::{BTreeSet, VecDeque};

use rejoinder::accounts::permissions::{Action, Actor, allows};
use rejoinder::judge::rule_conditions::RuleConditions;
use rejoinder::moderation::decide::{DecisionRequest, decide};
use rejoinder::moderation::rule_draft::RuleDraft;
use rejoinder::moderation::sender_policy::{self, PolicyRequest};
use rejoinder::moderation::{edit, rules};
use rejoinder::responses::comment::Commenter;
use rejoinder::responses::comment_input::CommentInput;
use rejoinder::responses::report;
use rejoinder::store::entity::ids::ResponseId;
use rejoinder::store::entity::post::Model as Post;
use rejoinder::store::entity::report::ReportReason;
use rejoinder::store::entity::response::ResponseState;
use rejoinder::store::entity::rule::RuleAction;
use rejoinder::store::entity::sender_policy::{Scope, SenderPolicy};
use rejoinder::store::entity::user::Role;
use reqwest::StatusCode;

use crate::on_both_databases;
use crate::permissions::TABLE;
use crate::support::client::Client;
use crate::support::site::{PASSWORD, Site};

/// What nobody without permission may find on any page, whole or in part.
const SECRETS: &[&str] = &[
    "ruth@readers.example",
    "ben@blocked.example",
    "sol@network.example",
    "mei@domain.example",
    "pavel@plain.example",
    "domain.example",
    "203.0.113.",
    "198.51.100.",
];
/// The most pages of one walk.
const MAX_PAGES: usize = 300;

async fn send(site: &Site, post: &Post, email: &str, ip: &str, text: &str) -> ResponseId {
    let name = email.split('@').next().unwrap();
    let input = CommentInput {
        author: name.to_owned(),
        email: email.to_owned(),
        comment: text.to_owned(),
        ..CommentInput::default()
    };
    let writer = Commenter {
        proof: rejoinder::responses::proof::Proof::Nothing,
        client: ip.parse().unwrap(),
        user_agent: None,
    };
    rejoinder::responses::resend::receive_once(&site.app, post, &writer, &input)
        .await
        .unwrap()
        .id
}

async fn always_hold(site: &Site, scope: Scope, subject: &str) {
    let grant = PolicyRequest {
        scope,
        subject: subject.to_owned(),
        policy: SenderPolicy::Hold,
        duration: None,
        note: format!("because of {subject}"),
        clean_up: false,
    };
    sender_policy::set(&site.app, &Actor::operator(), grant)
        .await
        .unwrap();
}

async fn rule(site: &Site, name: &str, conditions: RuleConditions) {
    let draft = RuleDraft {
        id: None,
        name: name.to_owned(),
        priority: 1,
        action: RuleAction::Hold,
        message: String::new(),
        conditions,
    };
    rules::save(&site.app, &Actor::operator(), &draft)
        .await
        .unwrap();
}

/// A post by Ada with responses that were held for their senders' addresses, decided with notes
/// that name them, reported and edited.
async fn conversation(site: &Site) -> Post {
    let operator = Actor::operator();
    let emails = vec!["ruth@readers.example".to_owned()];
    let conditions = RuleConditions {
        emails,
        ..RuleConditions::default()
    };
    rule(site, "Watch ruth@readers.example", conditions).await;
    let networks = vec!["198.51.100.0/24".parse().unwrap()];
    let conditions = RuleConditions {
        networks,
        ..RuleConditions::default()
    };
    rule(site, "Watch 198.51.100.0/24", conditions).await;
    always_hold(site, Scope::Email, "ben@blocked.example").await;
    always_hold(site, Scope::Network, "203.0.113.64/28").await;
    always_hold(site, Scope::Domain, "domain.example").await;
    let post = site.post("By Ada", "Text").await;
    let ruth = send(site, &post, "ruth@readers.example", "203.0.113.1", "One").await;
    send(site, &post, "ben@blocked.example", "203.0.113.2", "Two").await;
    send(site, &post, "sol@network.example", "203.0.113.66", "Three").await;
    send(site, &post, "mei@domain.example", "203.0.113.3", "Four").await;
    let pavel = send(site, &post, "pavel@plain.example", "198.51.100.9", "Five").await;
    let request = |to| DecisionRequest {
        note: "ruth@readers.example again, from 203.0.113.1".to_owned(),
        ..DecisionRequest::to(to)
    };
    decide(&site.app, &operator, &[ruth], &request(ResponseState::Spam))
        .await
        .unwrap();
    decide(
        &site.app,
        &operator,
        &[pavel],
        &request(ResponseState::Approved),
    )
    .await
    .unwrap();
    edit::edit(&site.app, &operator, pavel, "Six")
        .await
        .unwrap();
    let (client, note) = (
        "203.0.113.9".parse().unwrap(),
        "This is pavel@plain.example",
    );
    report::receive_report(&site.app, post.id, pavel, client, ReportReason::Spam, note)
        .await
        .unwrap();
    post
}

fn route_of(path: &str) -> Option<&'static (&'static str, &'static str, crate::permissions::Who)> {
    let path = path.split(['?', '#']).next().unwrap();
    TABLE.iter().find(|(method, pattern, _)| {
        let (mut one, mut other) = (pattern.split('/'), path.split('/'));
        *method == "POST"
            && loop {
                match (one.next(), other.next()) {
                    (None, None) => break true,
                    (Some(a), Some(b)) if a == b || a.starts_with('{') => {}
                    _ => break false,
                }
            }
    })
}

/// Everything that can be reached by links from the home page: what is wrong with it, and its
/// texts.
async fn walk(site: &Site, client: &Client, role: Option<Role>) -> (Vec<String>, Vec<String>) {
    let may_see = role.is_some_and(|role| allows(role, Action::SeeAddresses));
    let mut wrong = Vec::new();
    let mut bodies = Vec::new();
    let mut seen = BTreeSet::from(["/".to_owned()]);
    let mut next = VecDeque::from(["/".to_owned()]);
    while let Some(path) = next.pop_front() {
        let page = client.get(&path).await;
        if page.status == StatusCode::FORBIDDEN || page.status.is_server_error() {
            wrong.push(format!("{role:?} {path}: {}", page.status));
        }
        for secret in SECRETS.iter().filter(|_| !may_see) {
            if page.body.contains(secret) {
                wrong.push(format!("{role:?} {path}: {secret}"));
            }
        }
        let actions = page.attributes("form[method=post]", "action");
        for action in actions
            .into_iter()
            .chain(page.attributes("button", "formaction"))
        {
            match route_of(&action) {
                Some((_, _, who)) if who.includes(role) => {}
                _ => wrong.push(format!("{role:?} {path}: a form leads to {action}")),
            }
        }
        let links = page.attributes("a, link", "href");
        for link in links
            .into_iter()
            .chain(page.header("location").map(str::to_owned))
        {
            let link = link.strip_prefix(&site.base).unwrap_or(&link);
            let link = link.split('#').next().unwrap();
            if link.starts_with('/') && seen.len() < MAX_PAGES && seen.insert(link.to_owned()) {
                next.push_back(link.to_owned());
            }
        }
        bodies.push(page.body);
    }
    (wrong, bodies)
}

on_both_databases! {
    async fn no_page_shows_an_address_or_links_to_a_forbidden_page(db) {
        let site = Site::start(db).await;
        conversation(&site).await;
        for role in [
            None,
            Some(Role::Contributor),
            Some(Role::Author),
            Some(Role::Moderator),
            Some(Role::Editor),
            Some(Role::Administrator),
        ] {
            let client = site.visitor();
            match role {
                None => {}
                // Ada, whose post it is.
                Some(Role::Author) => client.sign_in("ada.okoye@staff.example", PASSWORD).await,
                Some(role) => client.sign_in(&site.account(role).await.email, PASSWORD).await,
            }
            let (wrong, bodies) = walk(&site, &client, role).await;
            assert!(wrong.is_empty(), "{wrong:#?}");
            let queue = bodies.iter().any(|body| body.contains("Why it is held"));
            let addresses = bodies.iter().any(|body| body.contains("ben@blocked.example"));
            let moderates = role.is_some_and(|role| allows(role, Action::ModerateOwnPosts));
            assert_eq!(queue, moderates, "{role:?} found the queue");
            let sees = role.is_some_and(|role| allows(role, Action::SeeAddresses));
            assert_eq!(addresses, sees, "{role:?} found addresses");
        }
    }

    async fn guessing_an_address_reveals_nothing(db) {
        let site = Site::start(db).await;
        conversation(&site).await;
        let ada = site.visitor();
        ada.sign_in("ada.okoye@staff.example", PASSWORD).await;
        for query in [
            "email=ben%40blocked.example",
            "email=nobody%40x.example",
            "ip=203.0.113.2",
            "network=203.0.113.0%2F24",
        ] {
            let page = ada.get(&format!("/queue/?{query}")).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{query}");
            let all = [("shown", query), ("matching", "trash")];
            let answer = ada.post("/queue/decisions", &all).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{query}");
        }
        for query in ["words=ben%40blocked", "words=203.0.113", "check=first_response&words=blocked.example"] {
            let page = ada.get(&format!("/queue/?{query}")).await;
            assert!(!page.has("article.entry"), "{query}");
        }
        site.run_jobs().await;
        assert_eq!(ada.get("/queue/").await.all("article.entry").len(), 3);
        let moderator = site.signed_in(Role::Moderator).await;
        let found = moderator.get("/queue/?email=ben%40blocked.example").await;
        assert_eq!(found.all("article.entry .who strong"), ["ben"]);
    }

    async fn a_profile_does_not_reveal_whose_addresses_are_the_same(db) {
        let site = Site::start(db).await;
        let post = site.post("By Ada", "Text").await;
        let first = send(&site, &post, "ruth@readers.example", "203.0.113.1", "The first").await;
        let input = CommentInput {
            author: "Somebody else".to_owned(),
            email: "ruth@readers.example".to_owned(),
            comment: "The other".to_owned(),
            ..CommentInput::default()
        };
        let writer = Commenter {
            proof: rejoinder::responses::proof::Proof::Nothing,
            client: "203.0.113.2".parse().unwrap(),
            user_agent: None,
        };
        rejoinder::responses::resend::receive_once(&site.app, &post, &writer, &input).await.unwrap();
        for role in [Role::Administrator, Role::Editor, Role::Moderator, Role::Author] {
            let client = site.signed_in(role).await;
            let card = client.get(&format!("/queue/responses/{first}/person")).await;
            if card.status != StatusCode::OK {
                continue;
            }
            let may_see = allows(role, Action::SeeAddresses);
            assert_eq!(card.text().contains("The other"), may_see, "{role:?}: {}", card.text());
        }
    }

    async fn a_search_ignores_spelling_variants(db) {
        let site = Site::start(db).await;
        let post = site.post("A question", "Text").await;
        send(&site, &post, "juergen@x.example", "192.0.2.1", "In der Großen STRASSE: ПРИВЕТ").await;
        let moderator = site.signed_in(Role::Moderator).await;
        for words in ["große", "GROSSE strasse", "straße", "привет", "ＳＴＲＡＳＳＥ", "100%"] {
            let query: String = url::form_urlencoded::byte_serialize(words.as_bytes()).collect();
            let page = moderator.get(&format!("/queue/?words={query}")).await;
            let expected = if words == "GROSSE strasse" || words == "100%" { 0 } else { 1 };
            assert_eq!(page.all("article.entry").len(), expected, "{words}");
        }
        let page = moderator.get("/queue/?words=GROSSEN%20strasse").await;
        assert_eq!(page.all("article.entry").len(), 1);
    }
}
