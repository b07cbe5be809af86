//! Whether a post accepts new comments or linkbacks, by its own setting and its age.

use std::time::Duration;

use crate::app::App;
use crate::clock::Moment;
use crate::store::entity::post::{DiscussionStatus, Model as Post, PostKind, PostState};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Whether `post` accepts new comments now.
pub fn accepts_comments(app: &App, post: &Post) -> bool {
    is_open(
        post,
        post.comments,
        app.settings().discussion.close_comments_after_days,
        app.clock.now(),
    )
}

/// Whether `post` accepts new linkbacks now.
pub fn accepts_linkbacks(app: &App, post: &Post) -> bool {
    let discussion = &app.settings().discussion;
    discussion.accept_linkbacks
        && is_open(
            post,
            post.linkbacks,
            discussion.close_linkbacks_after_days,
            app.clock.now(),
        )
}

fn is_open(post: &Post, status: DiscussionStatus, close_after_days: u64, now: Moment) -> bool {
    let is_too_old = close_after_days > 0
        && closes_by_age(post)
        && post.published_at.is_some_and(|published| {
            let days = u32::try_from(close_after_days).unwrap_or(u32::MAX);
            now.since(published) > DAY.saturating_mul(days)
        });
    post.state == PostState::Published && status == DiscussionStatus::Open && !is_too_old
}

/// A page such as About is not news: its discussion ends only where somebody ends it.
fn closes_by_age(post: &Post) -> bool {
    post.kind == PostKind::Post
}

/// When the comments or linkbacks of an open post next close by age: a cached page that says they
/// are open must not be served after that.
pub fn next_closing(app: &App, post: &Post) -> Option<Moment> {
    let published = post.published_at.filter(|_| closes_by_age(post))?;
    let now = app.clock.now();
    let settings = app.settings();
    [
        settings.discussion.close_comments_after_days,
        settings.discussion.close_linkbacks_after_days,
    ]
    .into_iter()
    .filter(|days| *days > 0)
    .map(|days| {
        let days = u32::try_from(days).unwrap_or(u32::MAX);
        published
            .plus(DAY.saturating_mul(days))
            .plus(Duration::from_millis(1))
    })
    .filter(|closing| *closing > now)
    .min()
}
