//! Renders the posts with pictures again after the operator changed which hosts' pictures are shown. In chunks,
//! each a job.

use crate::app::App;
use crate::error::Result;
use crate::jobs::{self, Job};
use crate::posts::rerender;
use crate::store::entity::ids::PostId;
use crate::store::posts as rows;
use crate::store::settings::{self, Setting};

/// How many posts one job renders.
const CHUNK: u64 = 50;

/// Enqueues the first job where the hosts are others than when posts were rendered last.
pub async fn enqueue_if_hosts_changed(app: &App) -> Result<()> {
    let hosts = app.config.media.allow_hosts.join(" ");
    let setting = Setting::PictureHosts;
    let known = settings::find(app.store.read(), setting).await?;
    if known.unwrap_or_default() == hosts {
        return Ok(());
    }
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            let hosts = hosts.clone();
            Box::pin(async move {
                settings::set(tx, setting, &hosts).await?;
                let first = Job::RenderPictures { after: PostId(0) };
                jobs::enqueue_once(tx, &first, now, now).await
            })
        })
        .await
}

/// Renders the posts with pictures that come after one, and enqueues the job for those after them.
pub async fn rerender_after(app: &App, after: PostId) -> Result<()> {
    let posts = rows::list_with_pictures(app.store.read(), after, CHUNK).await?;
    rerender::rerender(app, &posts).await?;
    let Some(last) = posts.last().copied() else {
        return Ok(());
    };
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            Box::pin(async move {
                let next = Job::RenderPictures { after: last };
                jobs::enqueue_once(tx, &next, now, now).await
            })
        })
        .await
}
