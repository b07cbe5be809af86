//! Sender policies: people and sites that are always approved, always held or blocked, for a time or
//! permanently. Removing a policy holds again what it approved. Applying policies to what arrives is in
//! `responses::receive`.

use std::time::Duration;

use url::Url;

use crate::accounts::permissions::{Action, Actor};
use crate::accounts::register::is_email;
use crate::app::App;
use crate::error::{Error, Field, Problem, Result};
use crate::markup::mailbox;
use crate::moderation::decide::{self, DecisionRequest, DecisionSummary};
use crate::responses::person::{SenderIdentifiers, host_key, match_key, parse_network};
use crate::store::entity::ids::{ResponseId, SenderPolicyId};
use crate::store::entity::response::{Model as Response, ResponseState};
use crate::store::entity::sender_policy::{Model as SenderPolicyRow, Scope, SenderPolicy};
use crate::store::people::{self, SenderKey};
use crate::store::responses;
use crate::store::sender_policies::{self, NewSenderPolicy};
use crate::texts::Message;

/// Policies that are listed, and responses that setting or removing one moves.
const MAX_ROWS: u64 = 10_000;

/// The subjects by which the sender of a linkback can have a policy: its author, where their address is on
/// its host, and the host. None for comments.
pub fn policy_subjects(response: &Response) -> Vec<(Scope, String)> {
    if response.source_url.is_none() {
        return Vec::new();
    }
    let sender = SenderIdentifiers {
        url: response
            .author_url
            .as_deref()
            .filter(|url| Some(*url) != response.source_url.as_deref()),
        source: response.source_url.as_deref(),
        ..SenderIdentifiers::default()
    };
    let mut subjects = sender.subjects();
    subjects.reverse();
    subjects
}

/// A policy to set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyRequest {
    pub scope: Scope,
    /// An email address, domain, network, host or author, as entered.
    pub subject: String,
    pub policy: SenderPolicy,
    /// None for permanently.
    pub duration: Option<Duration>,
    /// Why, for the other moderators.
    pub note: String,
    /// Also decide on what the sender sent before: a block moves it to the trash.
    pub clean_up: bool,
}

/// The subject that somebody entered, in its stored form.
pub fn parse_subject(scope: Scope, typed: &str) -> Result<String> {
    let typed = typed.trim();
    let found = match scope {
        Scope::Email => Some(mailbox::tidy(typed)).filter(|email| is_email(email)),
        Scope::Domain => {
            let domain = mailbox::ascii_domain(typed.trim_start_matches('@'));
            (domain.contains('.') && !domain.contains(['@', '/', ' '])).then_some(domain)
        }
        Scope::Network => parse_network(typed),
        Scope::Host => {
            let url = if typed.contains("://") {
                Url::parse(typed)
            } else {
                Url::parse(&format!("https://{typed}"))
            };
            url.ok().filter(Url::has_host).map(|url| host_key(&url))
        }
        Scope::Author => Url::parse(typed)
            .ok()
            .map(|url| crate::responses::person::author_key(&url)),
    };
    found.filter(|subject| !subject.is_empty()).ok_or_else(|| {
        let problem = match scope {
            Scope::Email => Problem::NotAnEmail,
            Scope::Domain => Problem::Unusable(Message::new("policy-not-a-domain")),
            Scope::Network => Problem::Unusable(Message::new("policy-not-a-network")),
            Scope::Host => Problem::Unusable(Message::new("policy-not-a-host")),
            Scope::Author => Problem::NotAUrl,
        };
        Error::field(Field::Subject, problem)
    })
}

/// Sets a policy, in place of an earlier one for the same subject. With `clean_up`, earlier responses are
/// decided on in one batch.
pub async fn set(
    app: &App,
    actor: &Actor,
    request: PolicyRequest,
) -> Result<Option<DecisionSummary>> {
    actor.must(Action::SetRules)?;
    let subject = parse_subject(request.scope, &request.subject)?;
    let now = app.clock.now();
    let new = NewSenderPolicy {
        scope: request.scope,
        match_key: match_key(request.scope, &subject),
        subject: subject.clone(),
        policy: request.policy,
        until: request.duration.map(|duration| now.plus(duration)),
        note: request.note.trim().chars().take(500).collect(),
    };
    let (actor_id, actor_name) = (actor.id, actor.name.clone());
    app.store
        .write(move |tx| {
            let (new, name) = (new.clone(), actor_name.clone());
            Box::pin(
                async move { sender_policies::set(tx, new, (actor_id, name.as_str()), now).await },
            )
        })
        .await?;
    if !request.clean_up {
        return Ok(None);
    }
    let ids = list_affected(app, request.scope, &subject).await?;
    let decision = DecisionRequest {
        from: None,
        to: match request.policy {
            SenderPolicy::Block => ResponseState::Trash,
            SenderPolicy::Hold => ResponseState::Pending,
            SenderPolicy::Approve => ResponseState::Approved,
        },
        note: request.note,
    };
    decide::decide(app, actor, &ids, &decision).await.map(Some)
}

/// The shown and pending responses that a policy with `clean_up` decides on.
pub async fn list_affected(app: &App, scope: Scope, subject: &str) -> Result<Vec<ResponseId>> {
    let subject = subject.to_owned();
    let by = match scope {
        Scope::Email => SenderKey::Email(subject),
        Scope::Author => SenderKey::Url(subject),
        Scope::Network => match subject.strip_suffix("/32").or(subject.strip_suffix("/128")) {
            Some(ip) => SenderKey::Ip(ip.to_owned()),
            None => SenderKey::Network(subject),
        },
        // A domain or host can be many people: their responses are decided on one by one.
        Scope::Domain | Scope::Host => return Ok(Vec::new()),
    };
    people::list_open_ids(app.store.read(), &by, MAX_ROWS).await
}

/// Always approves the author or the host of a linkback from now on, and approves the linkback.
pub async fn approve_sender(
    app: &App,
    actor: &Actor,
    id: ResponseId,
    scope: Scope,
) -> Result<DecisionSummary> {
    actor.must(Action::SetRules)?;
    let response = responses::find(app.store.read(), id)
        .await?
        .ok_or(Error::NotFound("response"))?;
    let subject = policy_subjects(&response)
        .into_iter()
        .find(|(found, _)| *found == scope)
        .map(|(_, subject)| subject)
        .ok_or(Error::NotFound("linkback"))?;
    let request = PolicyRequest {
        scope,
        subject: subject.clone(),
        policy: SenderPolicy::Approve,
        duration: None,
        note: String::new(),
        clean_up: false,
    };
    set(app, actor, request).await?;
    app.store
        .write(move |tx| {
            let subject = subject.clone();
            Box::pin(async move {
                if let Some(row) = sender_policies::find_subject(tx, scope, &subject).await? {
                    responses::set_sender_policy(tx, id, row.id).await?;
                }
                Ok(())
            })
        })
        .await?;
    decide::decide(
        app,
        actor,
        &[id],
        &DecisionRequest::to(ResponseState::Approved),
    )
    .await
}

/// All policies, newest first; those by addresses only for those who may see them.
pub async fn list(app: &App, actor: &Actor) -> Result<Vec<SenderPolicyRow>> {
    actor.must(Action::SetRules)?;
    let mut rows = sender_policies::list(app.store.read(), MAX_ROWS).await?;
    if !actor.may(Action::SeeAddresses) {
        rows.retain(|row| matches!(row.scope, Scope::Author | Scope::Host));
    }
    Ok(rows)
}

/// Removes a policy, and holds again what it approved.
pub async fn remove(app: &App, actor: &Actor, id: SenderPolicyId) -> Result<DecisionSummary> {
    actor.must(Action::SetRules)?;
    let db = app.store.read();
    sender_policies::find(db, id)
        .await?
        .ok_or(Error::NotFound("policy"))?;
    app.store
        .write(move |tx| Box::pin(async move { sender_policies::delete(tx, id).await }))
        .await?;
    let approved = responses::list_approved_by_policy(db, id, MAX_ROWS).await?;
    decide::decide(
        app,
        actor,
        &approved,
        &DecisionRequest::to(ResponseState::Pending),
    )
    .await
}
