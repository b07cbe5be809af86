//! Replying from where somebody reviews: what is answered is approved first.

use std::net::IpAddr;

use crate::accounts::permissions::Actor;
use crate::app::App;
use crate::error::{Error, Field, Result};
use crate::moderation::decide::{Wish, decide};
use crate::moderation::queue::find_entry;
use crate::responses::resend::reply_as_staff;
use crate::responses::text;
use crate::store::entity::ids::ResponseId;
use crate::store::entity::response::ResponseState;
use crate::store::posts;

/// Answers a response under the actor's own name.
pub async fn reply(
    app: &App,
    actor: &Actor,
    id: ResponseId,
    text: &str,
    client: IpAddr,
) -> Result<()> {
    let (entry, _, _) = find_entry(app, actor, id).await?;
    // What is answered is not approved for the sake of a reply that is refused.
    let readable =
        text::read(app, text).map_err(|problem| Error::field(Field::Comment, problem))?;
    if let Some(user) = actor.id {
        app.limits.take_staff_render(user.0).await?;
    }
    readable.render(app).await?;
    let post = posts::find(app.store.read(), entry.response.post_id)
        .await?
        .ok_or(Error::NotFound("post"))?;
    if entry.response.state != ResponseState::Approved {
        decide(app, actor, &[id], &Wish::to(ResponseState::Approved)).await?;
    }
    reply_as_staff(app, actor, &post, id, text, client).await?;
    Ok(())
}
