//! What a person typed, on the page of a failure: to send again, or at least to copy.

use axum::http::StatusCode;
use maud::{Markup, html};

use crate::web::state::Web;

/// The fields that people write into; others are sent along hidden.
const WRITTEN: [&str; 15] = [
    "title",
    "body",
    "comment",
    "note",
    "words",
    "message",
    "tags",
    "rule_name",
    "pattern",
    "hosts",
    "emails",
    "names",
    "networks",
    "languages",
    "subject",
];
/// Fields that are never shown or sent again.
const SECRET: [&str; 2] = ["password", "token"];

/// A form that was sent, and whose answer is a failure.
#[derive(Clone, Debug)]
pub struct KeptText {
    action: String,
    fields: Vec<(String, String)>,
}

impl KeptText {
    /// The form that was sent to `action`; None if nothing was written into it.
    pub fn of(action: &str, body: &[u8]) -> Option<Self> {
        let fields: Vec<(String, String)> = url::form_urlencoded::parse(body)
            .into_owned()
            .filter(|(name, _)| !SECRET.contains(&name.as_str()))
            .take(100)
            .collect();
        fields
            .iter()
            .any(|(name, value)| is_written(name) && !value.trim().is_empty())
            .then(|| Self {
                action: action.to_owned(),
                fields,
            })
    }
}

fn is_written(name: &str) -> bool {
    // The prefix of a text that the sign-in page carries.
    let name = name.strip_prefix("kept-").unwrap_or(name);
    WRITTEN.contains(&name)
}

/// Whether the same form may be sent again: nothing is wrong with what was sent. What a page of another
/// site sent can be copied, but has no button that sends it.
fn may_send_again(status: StatusCode) -> bool {
    status.is_server_error()
        || matches!(
            status,
            StatusCode::UNAUTHORIZED
                | StatusCode::REQUEST_TIMEOUT
                | StatusCode::CONFLICT
                | StatusCode::TOO_MANY_REQUESTS
        )
}

/// The text, for a page with this status.
pub fn kept_text(web: &Web, status: StatusCode, kept: &KeptText) -> Markup {
    let texts = &web.texts;
    let again = may_send_again(status);
    let message = match (status, again) {
        (StatusCode::UNAUTHORIZED, _) => "kept-sign-in",
        (_, true) => "kept-again",
        (_, false) => "kept-copy",
    };
    let written = html! {
        @for (index, (name, value)) in kept.fields.iter().enumerate() {
            @if is_written(name) {
                @if !value.trim().is_empty() {
                    div.field {
                        label for={ "kept-" (index) } { (texts.text("kept-text")) }
                        textarea id={ "kept-" (index) } name=(name) rows=(rows(value)) readonly[!again] dir="auto" {
                            // HTML drops the first line break of a textarea.
                            "\n" (value)
                        }
                    }
                }
            } @else if again {
                input type="hidden" name=(name) value=(value);
            }
        }
    };
    html! {
        section.kept {
            h2 { (texts.text("kept-title")) }
            p { (texts.text(message)) }
            @if again {
                form method="post" action=(kept.action) {
                    (written)
                    p.buttons { button.primary type="submit" { (texts.text("kept-send")) } }
                }
            } @else {
                (written)
            }
        }
    }
}

fn rows(value: &str) -> usize {
    let lines = value.lines().count() + value.len() / 80;
    lines.clamp(1, 14)
}
