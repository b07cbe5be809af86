//! What there is to do, and which lane does it.

use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::store::entity::ids::{LinkbackId, NoticeId, PostId, ResponseId, TaskId, UserId};
use crate::store::entity::job::Lane;

/// What there is to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Job {
    /// Look at a linkback's source.
    VerifyLinkback {
        /// Which.
        linkback: LinkbackId,
    },
    /// Look again at the source of a shown linkback.
    LookAgain {
        /// Which.
        linkback: LinkbackId,
    },
    /// See whom a post's links concern, after it was changed.
    TellLinks {
        /// Which; it may be deleted.
        post: PostId,
    },
    /// Tell another site of a link to it.
    SendNotice {
        /// Which notice.
        notice: NoticeId,
        /// Which round of it; a later one replaces this job.
        round: i64,
    },
    /// Go on with work on many responses.
    WorkOn {
        /// Which.
        task: TaskId,
    },
    /// Ask the outside judge about a response.
    AskOutside {
        /// Which.
        response: ResponseId,
    },
    /// Prepare an email to each moderator about what is held.
    TellHeld,
    /// Email one moderator about what is held.
    EmailHeld {
        /// Whom.
        user: UserId,
        /// Names the email, the same in every try.
        id: String,
        /// When it was prepared.
        written_at: Moment,
        /// What it is about.
        responses: Vec<ResponseId>,
        /// Whether more is held.
        has_more: bool,
    },
    /// Let the filter learn from the decisions that it has not learned from.
    Learn,
    /// Show a scheduled post, now that its time has come.
    PublishPost {
        /// Which.
        post: PostId,
    },
}

impl Job {
    /// The name that operators see.
    pub fn name(&self) -> &'static str {
        match self {
            Self::VerifyLinkback { .. } => "verify_linkback",
            Self::LookAgain { .. } => "look_again",
            Self::TellLinks { .. } => "tell_links",
            Self::SendNotice { .. } => "send_notice",
            Self::WorkOn { .. } => "work_on",
            Self::AskOutside { .. } => "ask_outside",
            Self::TellHeld => "tell_held",
            Self::EmailHeld { .. } => "email_held",
            Self::Learn => "learn",
            Self::PublishPost { .. } => "publish_post",
        }
    }

    /// What it does, in words for an administrator.
    pub fn description(&self) -> &'static str {
        match self {
            Self::VerifyLinkback { .. } => "Check the source of a linkback",
            Self::LookAgain { .. } => "Check the source of a shown linkback again",
            Self::TellLinks { .. } => "Find the sites that a post links to",
            Self::SendNotice { .. } => "Send a linkback to another site",
            Self::WorkOn { .. } => "Work on many responses",
            Self::AskOutside { .. } => "Ask the external spam checker",
            Self::TellHeld => "Prepare emails about held responses",
            Self::EmailHeld { .. } => "Email a moderator about held responses",
            Self::Learn => "Learn from decisions",
            Self::PublishPost { .. } => "Publish a scheduled post",
        }
    }

    /// Which workers do it.
    pub fn lane(&self) -> Lane {
        match self {
            // Preparing emails is short work on our own rows, and waits for no mail server that hangs.
            Self::PublishPost { .. } | Self::TellLinks { .. } | Self::TellHeld => Lane::Prompt,
            Self::WorkOn { .. } | Self::Learn => Lane::Bulk,
            Self::VerifyLinkback { .. }
            | Self::LookAgain { .. }
            | Self::SendNotice { .. }
            | Self::AskOutside { .. } => Lane::Fetch,
            Self::EmailHeld { .. } => Lane::Email,
        }
    }

    /// On whose account it is done where nobody says so: all jobs of its kind share one.
    pub fn share(&self) -> &'static str {
        match self.lane() {
            Lane::Fetch => self.name(),
            Lane::Prompt | Lane::Bulk | Lane::Email => "",
        }
    }
}
