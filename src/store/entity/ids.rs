//! A type of its own for each kind of id, so that one cannot be taken for another.

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;

use sea_orm::DeriveValueType;
use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, DeriveValueType, Serialize,
            Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIntError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

id!(/// A person with an account.
    UserId);
id!(/// A post.
    PostId);
id!(/// A response; also its public anchor, `#comment-N`.
    ResponseId);
id!(/// A received linkback.
    LinkbackId);
id!(/// A picture or document in the library.
    MediaId);
id!(/// What is known of a page that posts show as a link card.
    LinkCardId);
id!(/// A job.
    JobId);
id!(/// A moderator's decision.
    DecisionId);
id!(/// A tag.
    TagId);
id!(/// A sender policy.
    SenderPolicyId);
id!(/// A rule that moderators wrote.
    RuleId);
id!(/// Work on many responses.
    TaskId);
id!(/// A reader's report.
    ReportId);
id!(/// A linkback to another site.
    OutgoingLinkbackId);
id!(/// An item of a menu.
    MenuItemId);
id!(/// A change of a setting.
    SettingChangeId);
id!(/// A decision that the filter has not learned from yet.
    LessonId);
