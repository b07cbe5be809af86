//! Claims: who is looking at which response, so that two moderators see each other. A claim locks nothing.

use std::time::Duration;

use crate::accounts::permissions::{Actor, ModerationScope};
use crate::app::App;
use crate::error::Result;
use crate::store::claims as rows;
use crate::store::entity::claim::Model as Claim;
use crate::store::entity::ids::ResponseId;
use crate::store::entity::response::ResponseState;
use crate::store::{posts, queue, responses};

const CLAIM_LIFETIME: Duration = Duration::from_secs(60);
/// Responses in one request for their status.
const MAX_RESPONSES: usize = 100;

/// The current status of the responses on a moderator's page.
#[derive(Clone, Debug)]
pub struct LiveStatus {
    pub states: Vec<(ResponseId, ResponseState)>,
    /// The claims of others.
    pub claims: Vec<Claim>,
}

/// Claims a response for the actor; does nothing for one without an account.
pub async fn claim(app: &App, actor: &Actor, id: ResponseId) -> Result<()> {
    let Some(user_id) = actor.id else {
        return Ok(());
    };
    if retain_in_scope(app, actor, &[id]).await?.is_empty() {
        return Ok(());
    }
    let now = app.clock.now();
    let claim = Claim {
        response_id: id,
        user_id,
        user_name: actor.name.clone(),
        until: now.plus(CLAIM_LIFETIME),
    };
    app.store
        .write(move |tx| {
            let claim = claim.clone();
            Box::pin(async move {
                if queue::list(tx, &[claim.response_id]).await?.is_empty() {
                    return Ok(());
                }
                rows::set(tx, claim, now).await
            })
        })
        .await
}

/// The responses that the actor may moderate.
async fn retain_in_scope(app: &App, actor: &Actor, ids: &[ResponseId]) -> Result<Vec<ResponseId>> {
    let ModerationScope::PostsOf(author) = actor.moderation_scope()? else {
        return Ok(ids.to_vec());
    };
    let db = app.store.read();
    let found = queue::list(db, ids).await?;
    let on: Vec<_> = found.iter().map(|row| row.post_id).collect();
    let own = posts::list_of_author(db, &on, author).await?;
    Ok(found
        .into_iter()
        .filter(|row| own.contains(&row.post_id))
        .map(|row| row.id)
        .collect())
}

/// The states of these responses, and who else is looking at them.
pub async fn live_status(app: &App, actor: &Actor, ids: &[ResponseId]) -> Result<LiveStatus> {
    let ids = retain_in_scope(app, actor, &ids[..ids.len().min(MAX_RESPONSES)]).await?;
    let db = app.store.read();
    let states = responses::list_states(db, &ids).await?;
    let claims = rows::list_others(db, &ids, actor.id, app.clock.now()).await?;
    Ok(LiveStatus { states, claims })
}
