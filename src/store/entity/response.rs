//! Everything that answers a post: a comment, a pingback, a trackback, a webmention.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::store::entity::ids::{PostId, ResponseId, SenderPolicyId, UserId};

/// How a response came in.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ResponseKind {
    /// Written in the form under the post.
    Comment,
    /// Received by `pingback.ping`, and verified.
    Pingback,
    /// Received as a trackback, and verified.
    Trackback,
    /// Received as a webmention, and verified.
    Webmention,
}

/// What a page that links here is to the post, by its own markup (h-entry's response properties,
/// microformats.org/wiki/h-entry).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum MentionKind {
    /// `u-in-reply-to`.
    Reply,
    /// A plain link.
    Mention,
    /// `u-like-of`.
    Like,
    /// `u-repost-of`.
    Repost,
    /// `u-bookmark-of`.
    Bookmark,
}

impl MentionKind {
    /// Whether it is shown beside the thread, since it has no text of its own. The one place that decides.
    pub fn is_reaction(self) -> bool {
        match self {
            Self::Like | Self::Repost | Self::Bookmark => true,
            Self::Reply | Self::Mention => false,
        }
    }
}

/// The state of a response.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ResponseState {
    /// Held for a moderator.
    Pending,
    Approved,
    /// Unwanted, kept to learn from.
    Spam,
    /// Thrown away, can be restored.
    Trash,
}

/// What the filter learned a response as.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Learned {
    Spam,
    Ham,
}

/// A row of `responses`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "responses")]
pub struct Model {
    /// Key, and the public anchor `#comment-N`.
    #[sea_orm(primary_key)]
    pub id: ResponseId,
    /// The post it answers.
    pub post_id: PostId,
    /// The response it answers, if any.
    pub parent_id: Option<ResponseId>,
    /// 16 bytes per level from the thread's root down to this response, its time and its id
    /// (`store::thread_path`): their byte order is the thread's reading order.
    pub path: Vec<u8>,
    /// How it came in.
    pub kind: ResponseKind,
    /// What a linking page is to the post; None for comments and where no page says.
    pub mention: Option<MentionKind>,
    /// Whether it is shown beside the thread ([`MentionKind::is_reaction`]); counted apart by the
    /// database's triggers.
    pub is_reaction: bool,
    pub state: ResponseState,
    /// The name readers see; for a linkback the source's title.
    pub author_name: String,
    /// Lower-cased, never shown to readers.
    pub author_email: Option<String>,
    /// The writer's own site, or the linkback's source.
    pub author_url: Option<String>,
    /// Where a linking page has its author's picture; never shown from there.
    pub author_photo: Option<String>,
    /// Set where staff wrote it while signed in.
    pub author_id: Option<UserId>,
    /// As written; empty for linkbacks.
    pub body_markdown: String,
    /// As shown: sanitised when it was received.
    pub body_html: String,
    /// The page that links here, for linkbacks.
    pub source_url: Option<String>,
    /// Why it was judged as it was: JSON of `judge::Reason`s.
    pub reasons: String,
    /// The writer's address, seen only by those who may.
    pub ip: Option<String>,
    /// What the writer's browser calls itself.
    pub user_agent: Option<String>,
    /// Hash of the token with which a guest sees their own pending comment.
    pub receipt_hash: Option<String>,
    /// One response a post and key: the source for linkbacks, a digest of writer and text for
    /// comments.
    pub dedupe_key: String,
    /// Since when its source is gone or no longer links here; still shown, folded.
    pub gone_since: Option<Moment>,
    /// The policy that approved it.
    pub sender_policy_id: Option<SenderPolicyId>,
    /// How likely spam it was when it came in, in thousandths.
    pub risk: i64,
    /// What the filter learned it as.
    pub learned: Option<Learned>,
    /// The network that it came from: /24 or /48.
    pub network: Option<String>,
    /// The writer's name, folded so that look-alikes are equal.
    pub name_key: Option<String>,
    /// The weight of readers' reports that no moderator has decided on, in thousandths.
    pub reported: i64,
    /// When its writer appealed, until that is answered.
    pub appealed_at: Option<Moment>,
    /// Its permanent id in feeds.
    pub guid: String,
    /// What proved who sent it: the hash of its browser's key, or the host that its source was read
    /// from.
    pub proof_key: Option<String>,
    /// When the content of a linkback's source last changed.
    pub content_changed_at: Option<Moment>,
    /// When it came in.
    pub created_at: Moment,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
