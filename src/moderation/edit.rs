//! Editing a comment: what it said before is kept, and can be put back.

use crate::accounts::permissions::Actor;
use crate::app::App;
use crate::error::{Error, Field, Result};
use crate::moderation::queue::find_entry;
use crate::responses::{receive, text};
use crate::store::edits as rows;
use crate::store::entity::edit::Model as Edit;
use crate::store::entity::ids::ResponseId;
use crate::store::entity::response::ResponseKind;
use crate::store::responses;

/// The most edits that are shown.
const MOST: u64 = 50;

/// Gives a comment new words.
pub async fn edit(app: &App, actor: &Actor, id: ResponseId, text: &str) -> Result<()> {
    let (entry, _, _) = find_entry(app, actor, id).await?;
    if entry.response.kind != ResponseKind::Comment {
        return Err(Error::Conflict(
            "a linkback says what its page says: ask its author to change that".to_owned(),
        ));
    }
    let text = text::read(app, text).map_err(|problem| Error::field(Field::Comment, problem))?;
    if let Some(user) = actor.id {
        app.limits.take_staff_render(user.0).await?;
    }
    let html = text.render(app).await?.html.into_string();
    let text = text.as_str().to_owned();
    let (editor, now) = (actor.name.clone(), app.clock.now());
    app.store
        .write(move |tx| {
            let (text, html, editor) = (text.clone(), html.clone(), editor.clone());
            Box::pin(async move {
                let before = responses::find(&**tx, id)
                    .await?
                    .ok_or(Error::NotFound("response"))?;
                if before.body_markdown == text {
                    return Ok(());
                }
                receive::touch(tx, before.post_id);
                rows::set_body(&**tx, &before, &text, &html, &editor, now).await
            })
        })
        .await
}

/// What a response said before, the newest first.
pub async fn list(app: &App, actor: &Actor, id: ResponseId) -> Result<Vec<Edit>> {
    actor.reach()?;
    rows::list(app.store.read(), id, MOST).await
}
