//! Replying to a response from the queue, which approves it first. Text and limits are those of every reply
//! by staff.

use std::net::IpAddr;

use crate::accounts::permissions::Actor;
use crate::app::App;
use crate::error::{Error, Field, Result};
use crate::moderation::decide::{DecisionRequest, decide};
use crate::moderation::queue::load_entry;
use crate::responses::resend::reply_as_staff;
use crate::responses::text;
use crate::store::entity::ids::ResponseId;
use crate::store::entity::response::ResponseState;
use crate::store::posts;

/// Replies to a response under the actor's own name.
pub async fn reply(
    app: &App,
    actor: &Actor,
    id: ResponseId,
    text: &str,
    client: IpAddr,
) -> Result<()> {
    let (entry, _, _) = load_entry(app, actor, id).await?;
    // A reply that is refused must not approve the response.
    let checked = text::read(app, text).map_err(|problem| Error::field(Field::Comment, problem))?;
    if let Some(user) = actor.id {
        app.limits.check_staff_render(user.0).await?;
    }
    checked.render(app).await?;
    let post = posts::find(app.store.read(), entry.response.post_id)
        .await?
        .ok_or(Error::NotFound("post"))?;
    if entry.response.state != ResponseState::Approved {
        decide(
            app,
            actor,
            &[id],
            &DecisionRequest::to(ResponseState::Approved),
        )
        .await?;
    }
    reply_as_staff(app, actor, &post, id, text, client).await?;
    Ok(())
}
