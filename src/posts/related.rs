//! Posts that readers of one may want to read next, by its tags. Learns nothing about readers.

use crate::app::App;
use crate::error::Result;
use crate::store::entity::ids::{PostId, TagId};
use crate::store::entity::tag;
use crate::store::posts::PostLine;
use crate::store::related;

/// The most that are listed.
const MAX_RELATED: u64 = 3;

/// Published posts that share tags with `post`, whose tags are `tags`: those with most of them first.
pub async fn list_related(app: &App, post: PostId, tags: &[tag::Model]) -> Result<Vec<PostLine>> {
    let tags: Vec<TagId> = tags.iter().map(|tag| tag.id).collect();
    related::list_sharing_tags(app.store.read(), post, &tags, MAX_RELATED).await
}
