//! Who is looking at what: two moderators see each other before they collide.

use std::time::Duration;

use crate::accounts::permissions::{Actor, Reach};
use crate::app::App;
use crate::error::Result;
use crate::store::claims as rows;
use crate::store::entity::claim::Model as Claim;
use crate::store::entity::ids::ResponseId;
use crate::store::entity::response::ResponseState;
use crate::store::{posts, queue, responses};

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
    let Some(user_id) = actor.id else {
        return Ok(());
    };
    if within(app, actor, &[id]).await?.is_empty() {
        return Ok(());
    }
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

/// Those of these responses that somebody may moderate.
async fn within(app: &App, actor: &Actor, ids: &[ResponseId]) -> Result<Vec<ResponseId>> {
    let Reach::PostsOf(author) = actor.reach()? else {
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

/// How these responses stand now, and who else looks at them.
pub async fn look(app: &App, actor: &Actor, ids: &[ResponseId]) -> Result<Live> {
    let ids = within(app, actor, &ids[..ids.len().min(MOST)]).await?;
    let db = app.store.read();
    let states = responses::list_states(db, &ids).await?;
    let claims = rows::list_others(db, &ids, actor.id, app.clock.now()).await?;
    Ok(Live { states, claims })
}
