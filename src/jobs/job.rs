//! The kinds of job, and the lane that runs each.

use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::store::entity::ids::{
    LinkCardId, LinkbackId, OutgoingLinkbackId, PostId, ResponseId, TaskId, UserId,
};
use crate::store::entity::job::Lane;

/// A job, stored as JSON in `jobs.payload`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Job {
    /// Fetch the source of a received linkback and check that it links to the post.
    VerifyLinkback { linkback: LinkbackId },
    /// Fetch the source of a shown linkback again.
    RecheckSource { linkback: LinkbackId },
    /// Compare a changed post's links with its outgoing linkbacks. The post may be deleted by now.
    SendLinkbacks { post: PostId },
    /// Send one outgoing linkback. A later round replaces this job.
    DeliverLinkback {
        linkback: OutgoingLinkbackId,
        round: i64,
    },
    /// Continue a task on many responses.
    RunBulkTask { task: TaskId },
    /// Ask the external spam checker about a response.
    CheckForSpam { response: ResponseId },
    /// Prepare an email to each moderator about held responses.
    NotifyModerators,
    /// Email one moderator about held responses.
    EmailHeld {
        user: UserId,
        /// The Message-ID, the same in every attempt.
        id: String,
        written_at: Moment,
        responses: Vec<ResponseId>,
        /// Whether more responses are held than the email lists.
        has_more: bool,
    },
    /// Train the filter with the decisions that it has not learned from yet.
    Learn,
    /// Publish a scheduled post whose time has come.
    PublishPost { post: PostId },
    /// Render posts again, because something that they show has changed.
    RenderPosts { posts: Vec<PostId> },
    /// Render the posts with pictures whose ids are larger.
    RenderPictures { after: PostId },
    /// Fetch the page behind a link card, and render the posts that show it.
    FetchLinkCard { card: LinkCardId },
}

impl Job {
    /// The name in logs and metrics.
    pub fn name(&self) -> &'static str {
        match self {
            Self::VerifyLinkback { .. } => "verify_linkback",
            Self::RecheckSource { .. } => "recheck_source",
            Self::SendLinkbacks { .. } => "send_linkbacks",
            Self::DeliverLinkback { .. } => "deliver_linkback",
            Self::RunBulkTask { .. } => "run_bulk_task",
            Self::CheckForSpam { .. } => "check_for_spam",
            Self::NotifyModerators => "notify_moderators",
            Self::EmailHeld { .. } => "email_held",
            Self::Learn => "learn",
            Self::PublishPost { .. } => "publish_post",
            Self::RenderPosts { .. } => "render_posts",
            Self::RenderPictures { .. } => "render_pictures",
            Self::FetchLinkCard { .. } => "fetch_link_card",
        }
    }

    /// The message that describes the job to administrators.
    pub fn label_id(&self) -> &'static str {
        match self {
            Self::VerifyLinkback { .. } => "job-verify-linkback",
            Self::RecheckSource { .. } => "job-recheck-source",
            Self::SendLinkbacks { .. } => "job-send-linkbacks",
            Self::DeliverLinkback { .. } => "job-deliver-linkback",
            Self::RunBulkTask { .. } => "job-run-bulk-task",
            Self::CheckForSpam { .. } => "job-check-for-spam",
            Self::NotifyModerators => "job-notify-moderators",
            Self::EmailHeld { .. } => "job-email-held",
            Self::Learn => "job-learn",
            Self::PublishPost { .. } => "job-publish-post",
            Self::RenderPosts { .. } => "job-render-posts",
            Self::RenderPictures { .. } => "job-render-pictures",
            Self::FetchLinkCard { .. } => "job-fetch-link-card",
        }
    }

    /// The workers that run it.
    pub fn lane(&self) -> Lane {
        match self {
            // Preparing emails is a short job in the database, and must not wait for a slow mail server.
            Self::PublishPost { .. } | Self::SendLinkbacks { .. } | Self::NotifyModerators => {
                Lane::Prompt
            }
            Self::RunBulkTask { .. }
            | Self::Learn
            | Self::RenderPosts { .. }
            | Self::RenderPictures { .. } => Lane::Bulk,
            Self::VerifyLinkback { .. }
            | Self::RecheckSource { .. }
            | Self::DeliverLinkback { .. }
            | Self::FetchLinkCard { .. }
            | Self::CheckForSpam { .. } => Lane::Fetch,
            Self::EmailHeld { .. } => Lane::Email,
        }
    }

    /// The default share: jobs of one kind that contact other sites share one, all others have none.
    pub fn share(&self) -> &'static str {
        match self.lane() {
            Lane::Fetch => self.name(),
            Lane::Prompt | Lane::Bulk | Lane::Email => "",
        }
    }
}
