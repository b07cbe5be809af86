//! Who is looking at what: two moderators see each other before they collide.

use std::time::Duration;

use crate::accounts::permissions::Actor;
use crate::app::App;
use crate::error::Result;
use crate::store::claims as rows;
use crate::store::entity::claim::Model as Claim;
use crate::store::entity::ids::ResponseId;
use crate::store::entity::response::ResponseState;
use crate::store::queue;

/// A claim ends by itself.
const LASTS: Duration = Duration::from_secs(60);
/// The most responses that are asked about at once.
const MOST: usize = 100;

/// How the responses on somebody's page stand now.
#[derive(Clone, Debug)]
pub struct Live {
    /// Where each stands.
    pub states: Vec<(ResponseId, ResponseState)>,
    /// Who else looks at which.
    pub claims: Vec<Claim>,
}

/// Claims a response for `actor`, if they have an account.
pub async fn claim(app: &App, actor: &Actor, id: ResponseId) -> Result<()> {
    actor.reach()?;
    let Some(user_id) = actor.id else {
        return Ok(());
    };
    let now = app.clock.now();
    let claim = Claim {
        response_id: id,
        user_id,
        user_name: actor.name.clone(),
        until: now.plus(LASTS),
    };
    app.store
        .write(move |tx| {
            let claim = claim.clone();
            Box::pin(async move {
                if queue::list(&**tx, &[claim.response_id]).await?.is_empty() {
                    return Ok(());
                }
                rows::set(&**tx, claim, now).await
            })
        })
        .await
}

/// How these responses stand now, and who else looks at them.
pub async fn look(app: &App, actor: &Actor, ids: &[ResponseId]) -> Result<Live> {
    actor.reach()?;
    let ids = &ids[..ids.len().min(MOST)];
    let db = app.store.read();
    let states = crate::store::responses::list_states(db, ids).await?;
    let claims = rows::list_others(db, ids, actor.id, app.clock.now()).await?;
    Ok(Live { states, claims })
}
