//! What can go wrong, as a few kinds. Knows neither HTTP nor pages: `web::respond` gives each kind
//! its status and its words.

use std::fmt;
use std::time::Duration;

/// Shorthand for what most verbs return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure, by what the person who met it can do about it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing, or not for this person.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// The person has to sign in first.
    #[error("sign in first")]
    SignInNeeded,
    /// The person is known, and may not.
    #[error("your role does not allow you to {0}")]
    Forbidden(&'static str),
    /// Fields to fix.
    #[error("{}", Problems(.0))]
    Invalid(Vec<FieldError>),
    /// The thing changed under the person's hands.
    #[error("{0}")]
    Conflict(String),
    /// Too many tries.
    #[error("too many tries: wait {} seconds", .retry_after.as_secs().max(1))]
    TooMany {
        /// How long to wait.
        retry_after: Duration,
    },
    /// The site cannot do this now, for a reason the operator can fix.
    #[error("{0}")]
    Unavailable(String),
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
    /// An e-mail address.
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
    /// A password.
    Password,
    /// An account's role.
    Role,
    /// The site's name.
    SiteName,
    /// A rule's name.
    RuleName,
    /// A rule's conditions.
    Conditions,
    /// The words for a refused writer.
    Message,
    /// A reader's or a writer's words to the moderators.
    Note,
    /// Somebody whose standing is given.
    Subject,
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
            Self::SiteName => "site_name",
            Self::RuleName => "rule_name",
            Self::Conditions => "conditions",
            Self::Message => "message",
            Self::Note => "note",
            Self::Subject => "subject",
        }
    }
}

/// What is wrong with a field. Words for readers stand in the message file under the same names.
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
    /// Not an e-mail address.
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
    /// The same text by the same person stands here already.
    Duplicate,
    /// This post takes no comments any more.
    Closed,
    /// The comment that this answers is not here any more.
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
        /// To be sent again with the comment.
        ticket: String,
    },
    /// The form was filled by a machine, or a helper that fills every field.
    LooksAutomatic,
    /// The text holds a character that cannot be stored.
    NotText,
    /// The site's rules do not take it, for the reason that they give.
    Refused {
        /// May be empty.
        words: String,
    },
    /// Cannot be used, for the reason that is given.
    Unusable {
        /// What is wrong.
        words: String,
    },
    /// A wrong address or password.
    WrongCredentials,
}

struct Problems<'a>(&'a [FieldError]);

impl fmt::Display for Problems<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, error) in self.0.iter().enumerate() {
            let gap = if nth > 0 { "; " } else { "" };
            write!(f, "{gap}{}: {}", error.field.name(), error.problem)?;
        }
        Ok(())
    }
}

impl fmt::Display for Problem {
    /// For the command line and the desk; readers get the message file's words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("please fill this in"),
            Self::Invisible => f.write_str("readers would see nothing of this: write some words"),
            Self::TooLong { max } => write!(f, "at most {max} characters"),
            Self::TooShort { min } => write!(f, "at least {min} characters"),
            Self::NotAnEmail => f.write_str("not an e-mail address, such as name@example.org"),
            Self::NotAUrl => f.write_str("not a web address, such as https://example.org"),
            Self::NotADate => f.write_str("not a date, such as 2026-11-23 or 2026-11-23T09:30"),
            Self::NotASlug => f.write_str("only lower-case letters, digits and single hyphens"),
            Self::NotAChoice => f.write_str("not one of the choices"),
            Self::Taken => f.write_str("already in use: choose another"),
            Self::NameOfStaff => {
                f.write_str("a member of this site's staff uses this name: add to it")
            }
            Self::Duplicate => f.write_str("the same text is here already"),
            Self::Closed => f.write_str("closed for new comments"),
            Self::ParentGone => f.write_str("the comment that this answers is gone"),
            Self::TooFast { seconds } => {
                write!(f, "too many attempts: try again in {seconds} seconds")
            }
            Self::LooksAutomatic => f.write_str("leave the field for machines empty"),
            Self::NotText => f.write_str("holds a character that cannot be stored"),
            Self::Busy { seconds, .. } => write!(
                f,
                "many write just now: wait {seconds} seconds and send it again"
            ),
            Self::Refused { words } if words.is_empty() => {
                f.write_str("this site does not take it")
            }
            Self::Refused { words } | Self::Unusable { words } => f.write_str(words),
            Self::WrongCredentials => f.write_str("wrong e-mail address or password"),
        }
    }
}
