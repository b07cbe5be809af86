//! How people and sites stand here: let in without a look, always held, or banned; for a time or for
//! good. Taken back, what somebody was let in with is held again.

use std::time::Duration;

use url::Url;

use crate::accounts::permissions::{Action, Actor};
use crate::accounts::register::is_email;
use crate::app::App;
use crate::error::{Error, Field, Problem, Result};
use crate::markup::mailbox;
use crate::moderation::decide::{self, Decided, Wish};
use crate::responses::person::{Sender, host_key, match_key, read_network};
use crate::store::entity::ids::{ResponseId, StandingId};
use crate::store::entity::response::{Model as Response, ResponseState};
use crate::store::entity::standing::{Model as StandingRow, Scope, Standing};
use crate::store::people::{self, Trait};
use crate::store::responses;
use crate::store::standings::{self, NewStanding};

/// The most standings on a page, and the most responses that taking one back, or a ban, moves.
pub const MOST: u64 = 10_000;

/// By what the sender of a linkback can stand in some way: its author where their address is on its
/// host, and the host.
pub fn subjects_of(response: &Response) -> Vec<(Scope, String)> {
    if response.source_url.is_none() {
        return Vec::new();
    }
    let sender = Sender {
        url: response
            .author_url
            .as_deref()
            .filter(|url| Some(*url) != response.source_url.as_deref()),
        source: response.source_url.as_deref(),
        ..Sender::default()
    };
    let mut subjects = sender.subjects();
    subjects.reverse();
    subjects
}

/// Who shall stand in which way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// By what they are known.
    pub scope: Scope,
    /// The address, host, domain or network.
    pub subject: String,
    /// What is done.
    pub standing: Standing,
    /// For how long; None for good.
    pub lasting: Option<Duration>,
    /// Why, for the other moderators.
    pub note: String,
    /// Whether what they sent is moved too: banned, to the trash.
    pub clean_up: bool,
}

/// What somebody typed as a subject, in the form in which it is kept.
pub fn read_subject(scope: Scope, typed: &str) -> Result<String> {
    let typed = typed.trim();
    let found = match scope {
        Scope::Email => Some(mailbox::tidy(typed)).filter(|email| is_email(email)),
        Scope::Domain => {
            let domain = mailbox::ascii_domain(typed.trim_start_matches('@'));
            (domain.contains('.') && !domain.contains(['@', '/', ' '])).then_some(domain)
        }
        Scope::Network => read_network(typed),
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
        let words = match scope {
            Scope::Email => "that is no e-mail address",
            Scope::Domain => "that is no domain, such as mail.example",
            Scope::Network => "that is no network, such as 192.0.2.0/24, or too wide a one",
            Scope::Host => "that is no host, such as blog.example",
            Scope::Author => "that is no web address",
        };
        let words = words.to_owned();
        Error::field(Field::Subject, Problem::Unusable { words })
    })
}

/// Gives a standing; a ban that cleans up moves what they sent to the trash, in one press that can be
/// taken back.
pub async fn give(app: &App, actor: &Actor, grant: Grant) -> Result<Option<Decided>> {
    actor.must(Action::SetRules)?;
    let subject = read_subject(grant.scope, &grant.subject)?;
    let now = app.clock.now();
    let new = NewStanding {
        scope: grant.scope,
        match_key: match_key(grant.scope, &subject),
        subject: subject.clone(),
        standing: grant.standing,
        until: grant.lasting.map(|lasting| now.plus(lasting)),
        note: grant.note.trim().chars().take(500).collect(),
    };
    let (actor_id, actor_name) = (actor.id, actor.name.clone());
    app.store
        .write(move |tx| {
            let (new, name) = (new.clone(), actor_name.clone());
            Box::pin(
                async move { standings::set(&**tx, new, (actor_id, name.as_str()), now).await },
            )
        })
        .await?;
    if !grant.clean_up {
        return Ok(None);
    }
    let ids = taken_away(app, grant.scope, &subject).await?;
    let wish = Wish {
        from: None,
        to: match grant.standing {
            Standing::Ban => ResponseState::Trash,
            Standing::Hold => ResponseState::Pending,
            Standing::Approve => ResponseState::Approved,
        },
        note: grant.note,
    };
    decide::decide(app, actor, &ids, &wish).await.map(Some)
}

/// What “ban and clean up” would take away: what is shown or waits.
pub async fn taken_away(app: &App, scope: Scope, subject: &str) -> Result<Vec<ResponseId>> {
    let subject = subject.to_owned();
    let by = match scope {
        Scope::Email => Trait::Email(subject),
        Scope::Author => Trait::Url(subject),
        Scope::Network => match subject.strip_suffix("/32").or(subject.strip_suffix("/128")) {
            Some(ip) => Trait::Ip(ip.to_owned()),
            None => Trait::Network(subject),
        },
        // Whole domains and hosts are many people: each is decided on by itself.
        Scope::Domain | Scope::Host => return Ok(Vec::new()),
    };
    people::list_open_ids(app.store.read(), &by, MOST).await
}

/// Lets the author or the host of a linkback in without a look from now on, and approves it.
pub async fn trust(app: &App, actor: &Actor, id: ResponseId, scope: Scope) -> Result<Decided> {
    actor.must(Action::SetRules)?;
    let response = responses::find(app.store.read(), id)
        .await?
        .ok_or(Error::NotFound("response"))?;
    let subject = subjects_of(&response)
        .into_iter()
        .find(|(found, _)| *found == scope)
        .map(|(_, subject)| subject)
        .ok_or(Error::NotFound("linkback"))?;
    let grant = Grant {
        scope,
        subject: subject.clone(),
        standing: Standing::Approve,
        lasting: None,
        note: String::new(),
        clean_up: false,
    };
    give(app, actor, grant).await?;
    app.store
        .write(move |tx| {
            let subject = subject.clone();
            Box::pin(async move {
                if let Some(row) = standings::find_subject(&**tx, scope, &subject).await? {
                    responses::set_standing(&**tx, id, row.id).await?;
                }
                Ok(())
            })
        })
        .await?;
    decide::decide(app, actor, &[id], &Wish::to(ResponseState::Approved)).await
}

/// How everybody stands who stands in some way, the newest first.
pub async fn list(app: &App, actor: &Actor) -> Result<Vec<StandingRow>> {
    actor.must(Action::SetRules)?;
    let mut rows = standings::list(app.store.read(), MOST).await?;
    if !actor.may(Action::SeeAddresses) {
        rows.retain(|row| matches!(row.scope, Scope::Author | Scope::Host));
    }
    Ok(rows)
}

/// Takes a standing back, and holds again what it let in.
pub async fn take_back(app: &App, actor: &Actor, id: StandingId) -> Result<Decided> {
    actor.must(Action::SetRules)?;
    let db = app.store.read();
    standings::find(db, id)
        .await?
        .ok_or(Error::NotFound("standing"))?;
    app.store
        .write(move |tx| Box::pin(async move { standings::delete(&**tx, id).await }))
        .await?;
    let let_in = responses::list_let_in(db, id, MOST).await?;
    decide::decide(app, actor, &let_in, &Wish::to(ResponseState::Pending)).await
}
