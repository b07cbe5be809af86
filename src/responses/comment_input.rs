//! A comment as it was typed, and its fields once they are checked. Knows nothing of rate limits,
//! bursts or the judge.

use serde::Deserialize;
use sha2::{Digest, Sha256};
use url::Url;

use crate::accounts::register::{MAX_NAME, is_email};
use crate::app::App;
use crate::error::{Error, Field, FieldError, Problem, Result};
use crate::markup::excerpt::clean_line;
use crate::markup::mailbox;
use crate::responses::text::{self, CommentText};
use crate::store::entity::ids::ResponseId;

/// The longest web address, in characters.
const MAX_URL: usize = 500;

/// The comment form as it was typed. The names of these fields are the names in the form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct CommentInput {
    /// The name that readers see.
    pub author: String,
    /// Never shown to readers.
    pub email: String,
    /// The commenter's website; may be empty.
    pub url: String,
    /// Markdown.
    pub comment: String,
    /// The id of the comment that this replies to; empty or 0 for none.
    pub parent: String,
    /// A field that people do not see: whoever fills it is a program.
    pub contact_me: String,
    /// The challenge that the form was given during a burst.
    pub challenge: String,
    /// The solution that the browser found for `challenge`.
    pub proof: String,
}

/// The fields of a comment that can be stored.
pub(super) struct CommentFields {
    pub(super) name: String,
    pub(super) email: String,
    pub(super) url: Option<String>,
    pub(super) text: CommentText,
}

impl CommentInput {
    /// Checks the fields and reports every problem at once. Staff write under their account, so
    /// that their name, email and website are not read.
    pub(super) fn check(&self, app: &App, is_staff: bool) -> Result<CommentFields> {
        let mut errors = Vec::new();
        let mut refuse = |field, problem| errors.push(FieldError { field, problem });
        if !self.contact_me.is_empty() {
            refuse(Field::Form, Problem::LooksAutomatic);
        }
        let name = clean_line(&self.author, MAX_NAME + 1);
        let email = mailbox::tidy(&self.email);
        let url = self.url.trim();
        if !is_staff {
            if self.author.trim().is_empty() {
                refuse(Field::Name, Problem::Missing);
            } else if name.is_empty() {
                refuse(Field::Name, Problem::Invisible);
            } else if self.author.trim().chars().count() > MAX_NAME {
                refuse(Field::Name, Problem::TooLong { max: MAX_NAME });
            }
            if email.is_empty() {
                refuse(Field::Email, Problem::Missing);
            } else if !is_email(&email) {
                refuse(Field::Email, Problem::NotAnEmail);
            }
            if url.chars().count() > MAX_URL {
                refuse(Field::Url, Problem::TooLong { max: MAX_URL });
            } else if !url.is_empty() && parse_website(url).is_none() {
                refuse(Field::Url, Problem::NotAUrl);
            }
        }
        let text = text::read(app, &self.comment)
            .map_err(|problem| refuse(Field::Comment, problem))
            .ok();
        match text {
            Some(text) if errors.is_empty() => Ok(CommentFields {
                name,
                email,
                url: parse_website(url),
                text,
            }),
            _ => Err(Error::Invalid(errors)),
        }
    }
}

impl CommentFields {
    /// A key for this text by this sender in this place, whatever its white space.
    pub(super) fn key(&self, parent: Option<ResponseId>) -> String {
        let words: Vec<&str> = self.text.as_str().split_whitespace().collect();
        let mut digest = Sha256::new();
        for part in [
            self.email.as_str(),
            &parent.map_or_else(String::new, |id| id.to_string()),
            &words.join(" "),
        ] {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part.as_bytes());
        }
        format!("comment:{}", hex::encode(&digest.finalize()[..16]))
    }
}

/// A website with the `https://` that people leave out; None where it is not a web address.
fn parse_website(typed: &str) -> Option<String> {
    if typed.is_empty() {
        return None;
    }
    let with_scheme = if typed.contains("://") {
        typed.to_owned()
    } else {
        format!("https://{typed}")
    };
    let url = Url::parse(&with_scheme).ok()?;
    let host = url.host_str()?;
    let is_usable = matches!(url.scheme(), "http" | "https")
        && (host.contains('.') || host == "localhost")
        && url.username().is_empty()
        && url.password().is_none();
    is_usable.then(|| url.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_website_may_be_typed_without_its_scheme() {
        assert_eq!(
            parse_website("example.org").as_deref(),
            Some("https://example.org/")
        );
        assert_eq!(
            parse_website("http://example.org/me").as_deref(),
            Some("http://example.org/me")
        );
        for bad in [
            "javascript:alert(1)",
            "javascript://x.y/%0aalert(1)",
            "ftp://x.example",
            "word",
            "https://u:p@x.example",
        ] {
            assert_eq!(parse_website(bad), None, "{bad}");
        }
    }
}
