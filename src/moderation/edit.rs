//! Editing a comment. Earlier versions are kept and can be restored; linkbacks are not edited.

use crate::accounts::permissions::Actor;
use crate::app::App;
use crate::error::{Error, Field, Result};
use crate::moderation::queue::load_entry;
use crate::responses::{receive, text};
use crate::store::edits as rows;
use crate::store::entity::edit::Model as Edit;
use crate::store::entity::ids::ResponseId;
use crate::store::entity::response::ResponseKind;
use crate::store::responses;
use crate::texts::Message;

/// Older edits are not shown.
const MAX_SHOWN: u64 = 50;

/// Replaces the text of a comment.
pub async fn edit(app: &App, actor: &Actor, id: ResponseId, text: &str) -> Result<()> {
    let (entry, _, _) = load_entry(app, actor, id).await?;
    if entry.response.kind != ResponseKind::Comment {
        return Err(Error::Conflict(Message::new("edit-linkback")));
    }
    let text = text::read(app, text).map_err(|problem| Error::field(Field::Comment, problem))?;
    if let Some(user) = actor.id {
        app.limits.check_staff_render(user.0).await?;
    }
    let html = text.render(app).await?.html.into_string();
    let text = text.as_str().to_owned();
    let (editor, now) = (actor.name.clone(), app.clock.now());
    app.store
        .write(move |tx| {
            let (text, html, editor) = (text.clone(), html.clone(), editor.clone());
            Box::pin(async move {
                let before = responses::find(tx, id)
                    .await?
                    .ok_or(Error::NotFound("response"))?;
                if before.body_markdown == text {
                    return Ok(());
                }
                receive::invalidate(tx, before.post_id);
                rows::set_body(tx, &before, &text, &html, &editor, now).await
            })
        })
        .await
}

/// Earlier versions of a response, newest first.
pub async fn list(app: &App, actor: &Actor, id: ResponseId) -> Result<Vec<Edit>> {
    actor.moderation_scope()?;
    rows::list(app.store.read(), id, MAX_SHOWN).await
}
