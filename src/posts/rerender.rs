//! Renders stored posts again after something that they show has changed, such as a picture's credit. Never
//! changes what people wrote.

use crate::app::App;
use crate::error::{Error, Result};
use crate::posts::publish::invalidate;
use crate::posts::render;
use crate::store::entity::ids::PostId;
use crate::store::posts as rows;

/// How often one post is rendered at most: what it shows may keep changing in the meantime.
const MAX_ROUNDS: usize = 10;

/// Renders these posts again. Fails where one of them could not be rendered now; the others are.
pub async fn rerender(app: &App, posts: &[PostId]) -> Result<()> {
    let mut failure = None;
    for id in posts {
        match rerender_one(app, *id).await {
            Ok(()) => {}
            // Its text is no longer accepted, so it keeps its current rendering.
            Err(error @ Error::Invalid(_)) => {
                tracing::warn!(post = %id, %error, "render a post again");
            }
            Err(error) => failure = Some(error),
        }
    }
    failure.map_or(Ok(()), Err)
}

/// Renders a post until that changes nothing. Two that render it at once may store their results in any order;
/// whichever is last looks again, and so sees all that was committed before it stored the older one.
async fn rerender_one(app: &App, id: PostId) -> Result<()> {
    for _ in 0..MAX_ROUNDS {
        let Some(post) = rows::find(app.store.read(), id).await? else {
            return Ok(());
        };
        let rendered = render::render(app, &post.body_markdown).await?;
        let (html, summary) = (rendered.html.into_string(), rendered.summary);
        if html == post.body_html && summary == post.summary {
            return Ok(());
        }
        let revision = post.revision;
        app.store
            .write(move |tx| {
                let (html, summary) = (html.clone(), summary.clone());
                Box::pin(async move {
                    let current = rows::lock(tx, id).await?;
                    if current.is_some_and(|current| current.revision == revision) {
                        rows::set_rendering(tx, id, html, summary).await?;
                        invalidate(tx, id);
                    }
                    Ok(())
                })
            })
            .await?;
    }
    tracing::warn!(post = %id, "render a post again; what it shows does not stop changing");
    Ok(())
}
