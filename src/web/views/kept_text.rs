//! What a person typed, on the page of a failure: to be sent again, or at least to be copied.

use axum::http::StatusCode;
use maud::{Markup, html};

use crate::web::state::Web;

/// The fields that people write into; others only travel along.
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
/// What is never shown again, nor sent again unseen.
const SECRET: [&str; 2] = ["password", "token"];

/// A form that was sent, and whose answer is a failure.
#[derive(Clone, Debug)]
pub struct KeptText {
    action: String,
    fields: Vec<(String, String)>,
}

impl KeptText {
    /// The form that was sent to `action`; None where nobody wrote anything into it.
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
    // A text that travels through the sign-in page has this before its name.
    let name = name.strip_prefix("kept-").unwrap_or(name);
    WRITTEN.contains(&name)
}

/// Whether the same may be sent again: nothing is wrong with what was sent. What another site's
/// page sent is shown to be copied, and never one press away from being done.
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

/// The text, on a page with this status.
pub fn kept_text(web: &Web, status: StatusCode, kept: &KeptText) -> Markup {
    let texts = &web.texts;
    let again = may_send_again(status);
    let message = match (status, again) {
        (StatusCode::UNAUTHORIZED, _) => "kept-sign-in",
        (_, true) => "kept-again",
        (_, false) => "kept-copy",
    };
    let written = html! {
        @for (place, (name, value)) in kept.fields.iter().enumerate() {
            @if is_written(name) {
                @if !value.trim().is_empty() {
                    div.field {
                        label for={ "kept-" (place) } { (texts.text("kept-text")) }
                        textarea id={ "kept-" (place) } name=(name) rows=(rows(value)) readonly[!again] dir="auto" {
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
