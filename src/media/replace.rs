//! Replaces a file in the library with another one, under a new address. Posts that use it show the new one,
//! with the same texts; the old file is removed. Never changes what people wrote: addresses with the old token
//! lead to the new file.

use crate::accounts::permissions::Actor;
use crate::app::App;
use crate::error::{Error, Field, Problem, Result};
use crate::media::library;
use crate::media::upload::{self, Upload};
use crate::store::changes::CacheTag;
use crate::store::entity::ids::{MediaId, PostId};
use crate::store::media as rows;
use crate::store::media_replacements;
use crate::texts::Message;

/// What is to be replaced, as the person saw it.
#[derive(Clone, Debug)]
pub struct Replacement {
    pub id: MediaId,
    /// The token of the file that was shown to them.
    pub seen_token: String,
    /// The name that the new file came with.
    pub name: String,
}

/// Replaces a file; returns the posts that use it, which are rendered again by a job too.
pub async fn replace(
    app: &App,
    actor: &Actor,
    upload: Upload,
    replacement: &Replacement,
) -> Result<Vec<PostId>> {
    let media = library::find_changeable(app, actor, replacement.id).await?;
    if media.token != replacement.seen_token {
        return Err(changed());
    }
    let prepared = upload::prepare(app, upload, &replacement.name).await?;
    if prepared.kind() != media.kind {
        let problem = Problem::Unusable(Message::new("media-other-kind"));
        return Err(Error::field(Field::File, problem));
    }
    let new = upload::store_files(app, prepared, &replacement.name).await?;
    let (id, seen_token, now) = (media.id, media.token.clone(), app.clock.now());
    let actor = actor.clone();
    // A failure leaves the new files to `media::sweep`: whether this was committed is not always known.
    let uses = app
        .store
        .write(move |tx| {
            let (actor, new, seen_token) = (actor.clone(), new.clone(), seen_token.clone());
            Box::pin(async move {
                let current = rows::lock(tx, id).await?.ok_or(Error::NotFound("file"))?;
                if current.token != seen_token {
                    return Err(changed());
                }
                library::must_change_uses(tx, &actor, id).await?;
                media_replacements::replace(tx, &current, new).await?;
                tx.invalidate(CacheTag::Posts);
                // It may be the site's logo.
                tx.invalidate(CacheTag::Identity);
                library::render_uses_again(tx, id, now).await
            })
        })
        .await?;
    library::delete_files(app, &media.token).await;
    Ok(uses)
}

fn changed() -> Error {
    Error::Conflict(Message::new("media-replaced-meanwhile"))
}
