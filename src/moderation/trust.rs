//! Whose linkbacks are let in without a look: an author, by the address that their own pages name, or
//! a whole host. Taken back, what it let in is held again.

use url::Url;

use crate::accounts::permissions::{Action, Actor};
use crate::app::App;
use crate::error::{Error, Result};
use crate::moderation::decide::{self, Decided};
use crate::responses::receive::{author_key, host_key};
use crate::store::entity::ids::{ResponseId, TrustId};
use crate::store::entity::response::{Model as Response, ResponseState};
use crate::store::entity::trust::{Model as Trust, TrustScope};
use crate::store::{responses, trusts};

/// The most trusts on a page, and the most responses that taking one back holds again.
const MOST: u64 = 10_000;

/// What can be trusted of a response: the host of its source, and its author where their address is
/// on that host.
pub fn subjects_of(response: &Response) -> Vec<(TrustScope, String)> {
    let url = |address: &Option<String>| address.as_ref().and_then(|url| Url::parse(url).ok());
    let Some(source) = url(&response.source_url) else {
        return Vec::new();
    };
    let author = url(&response.author_url)
        .filter(|author| author.host() == source.host() && *author != source)
        .map(|author| (TrustScope::Author, author_key(&author)));
    let host = (TrustScope::Host, host_key(&source));
    author.into_iter().chain([host]).collect()
}

/// Trusts the author or the host of a response, and approves it.
pub async fn give(app: &App, actor: &Actor, id: ResponseId, scope: TrustScope) -> Result<Decided> {
    actor.must(Action::Moderate)?;
    let response = responses::find(app.store.read(), id)
        .await?
        .ok_or(Error::NotFound("response"))?;
    let subject = subjects_of(&response)
        .into_iter()
        .find(|(found, _)| *found == scope)
        .map(|(_, subject)| subject)
        .ok_or(Error::NotFound("linkback"))?;
    let (actor_id, actor_name, now) = (actor.id, actor.name.clone(), app.clock.now());
    app.store
        .write(move |tx| {
            let (subject, name) = (subject.clone(), actor_name.clone());
            Box::pin(async move {
                let by = (actor_id, name.as_str());
                trusts::insert(&**tx, scope, &subject, by, now).await?;
                if let Some(trust) = trusts::find_subject(&**tx, scope, &subject).await? {
                    responses::set_trust(&**tx, id, trust.id).await?;
                }
                Ok(())
            })
        })
        .await?;
    decide::decide(app, actor, &[id], ResponseState::Approved).await
}

/// Whom the site trusts, the newest first.
pub async fn list(app: &App, actor: &Actor) -> Result<Vec<Trust>> {
    actor.must(Action::Moderate)?;
    trusts::list(app.store.read(), MOST).await
}

/// Takes a trust back, and holds again what it let in.
pub async fn take_back(app: &App, actor: &Actor, id: TrustId) -> Result<Decided> {
    actor.must(Action::Moderate)?;
    let db = app.store.read();
    trusts::find(db, id)
        .await?
        .ok_or(Error::NotFound("trust"))?;
    app.store
        .write(move |tx| Box::pin(async move { trusts::delete(&**tx, id).await }))
        .await?;
    let let_in = responses::list_let_in(db, id, MOST).await?;
    decide::decide(app, actor, &let_in, ResponseState::Pending).await
}
