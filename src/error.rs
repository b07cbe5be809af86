//! What can go wrong, as a few kinds. Knows neither HTTP nor templates: `web::respond` gives each kind
//! its status, and what a person reads stands in the message files.

use std::fmt;
use std::time::Duration;

use crate::texts::{Message, TextsError};

/// Shorthand for what most verbs return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure, by what the person who met it can do about it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing, or not for this person.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// The person has to sign in first.
    #[error("{}", Message::new("error-sign-in"))]
    SignInNeeded,
    /// The person is known, and may not.
    #[error("{0}")]
    Forbidden(Message),
    /// Fields to fix.
    #[error("{}", Problems(.0))]
    Invalid(Vec<FieldError>),
    /// The thing changed under the person's hands.
    #[error("{0}")]
    Conflict(Message),
    /// Too many tries.
    #[error("{}", Message::new("error-too-many").with("seconds", .retry_after.as_secs().max(1)))]
    TooMany {
        /// How long to wait.
        retry_after: Duration,
    },
    /// The site cannot do this now, for a reason the operator can fix.
    #[error("{0}")]
    Unavailable(Message),
    /// A defect, or a dependency that failed; the cause goes to the log, never to a page.
    #[error("{doing}: {cause}")]
    Internal {
        /// Lower-case verb and object.
        doing: &'static str,
        /// What was underneath.
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Error {
    /// An internal failure while `doing` something.
    pub fn internal(
        doing: &'static str,
        cause: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Internal {
            doing,
            cause: cause.into(),
        }
    }

    /// A single field to fix.
    pub fn field(field: Field, problem: Problem) -> Self {
        Self::Invalid(vec![FieldError { field, problem }])
    }
}

impl From<TextsError> for Error {
    fn from(error: TextsError) -> Self {
        match error {
            TextsError::UnknownLanguage { asked, known } => Self::Unavailable(
                Message::new("error-unknown-language")
                    .with("asked", asked)
                    .with("known", known),
            ),
            TextsError::Unreadable(cause) => Self::internal("read the message files", cause),
        }
    }
}

/// One field of a form, and what to fix in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// Which field.
    pub field: Field,
    /// What is wrong.
    pub problem: Problem,
}

/// The fields that a person fills, across all forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// The form as a whole.
    Form,
    /// A person's name.
    Name,
    /// An email address.
    Email,
    /// A web address.
    Url,
    /// A comment's text.
    Comment,
    /// The comment that is answered.
    Parent,
    /// A post's title.
    Title,
    /// A post's text.
    Body,
    /// A post's slug.
    Slug,
    /// When a post appears.
    Date,
    /// A post's tags.
    Tags,
    /// The page above a page.
    PageParent,
    /// A password.
    Password,
    /// An account's role.
    Role,
    /// What readers learn of an account.
    Bio,
    /// The site's name.
    SiteName,
    Tagline,
    /// The text at the end of every page.
    FooterText,
    /// The site's profiles elsewhere.
    SocialLinks,
    AccentColour,
    Logo,
    /// The logo for dark pages.
    LogoDark,
    Icon,
    Fonts,
    HeaderStyle,
    HomeStyle,
    /// The page that is the home page.
    HomePage,
    CustomCss,
    MenuLabel,
    MenuTarget,
    TimeZone,
    Language,
    PostsPerPage,
    FeedEntries,
    Moderation,
    MaxDepth,
    ResponsesPerPage,
    MaxLength,
    /// After how many days comments close.
    CloseComments,
    MaxLinks,
    HoldAtRisk,
    /// After how many days linkbacks close.
    CloseLinkbacks,
    /// The sender of the site's emails.
    FromName,
    FromAddress,
    DigestMinutes,
    /// A rule's name.
    RuleName,
    /// A rule's conditions together.
    Conditions,
    RuleWords,
    RulePattern,
    RuleMinLinks,
    RuleHosts,
    RuleEmails,
    RuleNames,
    RuleNetworks,
    RuleLanguages,
    RulePostAge,
    RulePriority,
    RuleAction,
    /// The words for a refused writer.
    Message,
    /// A reader's or a writer's message to the moderators.
    Note,
    /// The sender that a policy is for.
    Subject,
    /// The featured picture of a post.
    Featured,
    /// An uploaded file.
    File,
    /// What a picture shows, for those who do not see it.
    Alt,
    /// The text under a picture.
    Caption,
    /// Who made a picture.
    Credit,
}

impl Field {
    /// The name that the field has in forms.
    pub fn name(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Name => "author",
            Self::Email => "email",
            Self::Url => "url",
            Self::Comment => "comment",
            Self::Parent => "parent",
            Self::Title => "title",
            Self::Body => "body",
            Self::Slug => "slug",
            Self::Date => "date",
            Self::Tags => "tags",
            Self::Password => "password",
            Self::Role => "role",
            Self::Bio => "bio",
            Self::PageParent => "parent",
            Self::SiteName => "site_name",
            Self::Tagline => "tagline",
            Self::FooterText => "footer_text",
            Self::SocialLinks => "social_links",
            Self::AccentColour => "accent",
            Self::Logo => "logo",
            Self::LogoDark => "logo_dark",
            Self::Icon => "icon",
            Self::Fonts => "fonts",
            Self::HeaderStyle => "header_style",
            Self::HomeStyle => "home_style",
            Self::HomePage => "home_page",
            Self::CustomCss => "custom_css",
            Self::MenuLabel => "label",
            Self::MenuTarget => "target",
            Self::TimeZone => "time_zone",
            Self::Language => "language",
            Self::PostsPerPage => "posts_per_page",
            Self::FeedEntries => "feed_entries",
            Self::Moderation => "moderation",
            Self::MaxDepth => "max_depth",
            Self::ResponsesPerPage => "per_page",
            Self::MaxLength => "max_length",
            Self::CloseComments => "close_comments",
            Self::MaxLinks => "max_links",
            Self::HoldAtRisk => "hold_at_risk",
            Self::CloseLinkbacks => "close_linkbacks",
            Self::FromName => "from_name",
            Self::FromAddress => "from_address",
            Self::DigestMinutes => "digest_minutes",
            Self::RuleName => "rule_name",
            Self::Conditions => "conditions",
            Self::RuleWords => "words",
            Self::RulePattern => "pattern",
            Self::RuleMinLinks => "min_links",
            Self::RuleHosts => "hosts",
            Self::RuleEmails => "emails",
            Self::RuleNames => "names",
            Self::RuleNetworks => "networks",
            Self::RuleLanguages => "languages",
            Self::RulePostAge => "post_age",
            Self::RulePriority => "priority",
            Self::RuleAction => "action",
            Self::Message => "message",
            Self::Note => "note",
            Self::Subject => "subject",
            Self::Featured => "featured",
            Self::File => "file",
            Self::Alt => "alt",
            Self::Caption => "caption",
            Self::Credit => "credit",
        }
    }
}

/// What is wrong with a field. Each has a message for people: [`Problem::message`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// Nothing was entered.
    Missing,
    /// Something was entered, but readers would see nothing of it.
    Invisible,
    /// Longer than `max` characters.
    TooLong {
        /// The most that is allowed, in characters.
        max: usize,
    },
    /// Shorter than `min` characters.
    TooShort {
        /// The least that is allowed, in characters.
        min: usize,
    },
    /// Not an email address.
    NotAnEmail,
    /// Not an http or https address.
    NotAUrl,
    /// Not a date and time.
    NotADate,
    /// Has characters that a slug cannot have.
    NotASlug,
    /// Not one of the choices.
    NotAChoice,
    /// Another one has this already.
    Taken,
    /// Somebody of the staff goes by this name.
    NameOfStaff,
    /// The same text by the same person is here already.
    Duplicate,
    /// This post no longer accepts comments.
    Closed,
    /// The comment that this answers is no longer here.
    ParentGone,
    /// Too soon after the one before.
    TooFast {
        /// Seconds to wait.
        seconds: u64,
    },
    /// Many write just now: some work or some waiting lets it in.
    Busy {
        /// Seconds to wait.
        seconds: u64,
        /// The proof-of-work challenge to send again with the comment.
        challenge: String,
    },
    /// The form was filled by a machine, or a helper that fills every field.
    LooksAutomatic,
    /// The text holds a character that cannot be stored.
    NotText,
    /// The site's rules do not take it, for the reason that they give.
    Refused {
        /// What the moderators wrote for the sender; may be empty.
        message: String,
    },
    /// Cannot be used, for the reason in the message.
    Unusable(Message),
    /// A wrong address or password.
    WrongCredentials,
}

struct Problems<'a>(&'a [FieldError]);

impl fmt::Display for Problems<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, error) in self.0.iter().enumerate() {
            let gap = if nth > 0 { " " } else { "" };
            write!(f, "{gap}{}: {}", error.field.name(), error.problem)?;
        }
        Ok(())
    }
}

impl Problem {
    /// What the person who filled the field reads.
    pub fn message(&self) -> Message {
        match self {
            Self::Missing => Message::new("problem-missing"),
            Self::Invisible => Message::new("problem-invisible"),
            Self::TooLong { max } => Message::new("problem-too-long").with("max", *max),
            Self::TooShort { min } => Message::new("problem-too-short").with("min", *min),
            Self::NotAnEmail => Message::new("problem-not-an-email"),
            Self::NotAUrl => Message::new("problem-not-a-url"),
            Self::NotADate => Message::new("problem-not-a-date"),
            Self::NotASlug => Message::new("problem-not-a-slug"),
            Self::NotAChoice => Message::new("problem-not-a-choice"),
            Self::Taken => Message::new("problem-taken"),
            Self::NameOfStaff => Message::new("problem-name-of-staff"),
            Self::Duplicate => Message::new("problem-duplicate"),
            Self::Closed => Message::new("problem-closed"),
            Self::ParentGone => Message::new("problem-parent-gone"),
            Self::TooFast { seconds } => Message::new("problem-too-fast").with("seconds", *seconds),
            Self::Busy { seconds, .. } => Message::new("problem-busy").with("seconds", *seconds),
            Self::LooksAutomatic => Message::new("problem-looks-automatic"),
            Self::NotText => Message::new("problem-not-text"),
            Self::Refused { message } if message.is_empty() => Message::new("problem-refused"),
            Self::Refused { message } => {
                Message::new("problem-refused-by-rule").with("message", message.as_str())
            }
            Self::Unusable(message) => message.clone(),
            Self::WrongCredentials => Message::new("problem-wrong-credentials"),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.message().fmt(f)
    }
}
