//! A stored response as the judge saw it when it came in, as far as that is known.

use std::time::Duration;

use crate::clock::Moment;
use crate::judge::Submission;
use crate::markup::links::link_hosts;
use crate::markup::{markdown, plain};
use crate::store::entity::response::{Model as Response, ResponseKind};
use crate::store::queue::PastRow;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// As reasons are kept.
const FIRST: &str = "\"rule\":\"first_response\"";

/// What the judge saw of a response.
pub fn submission_of(row: &Response, published: Option<Moment>) -> Submission {
    submission(
        Parts {
            kind: row.kind,
            author_name: &row.author_name,
            author_email: row.author_email.as_deref(),
            author_url: row.author_url.as_deref(),
            ip: row.ip.as_deref(),
            body_markdown: &row.body_markdown,
            body_html: &row.body_html,
            reasons: &row.reasons,
            created_at: row.created_at,
        },
        published,
    )
}

/// The same of a row that the time machine reads.
pub fn submission_of_past(row: &PastRow, published: Option<Moment>) -> Submission {
    submission(
        Parts {
            kind: row.kind,
            author_name: &row.author_name,
            author_email: row.author_email.as_deref(),
            author_url: row.author_url.as_deref(),
            ip: row.ip.as_deref(),
            body_markdown: &row.body_markdown,
            body_html: &row.body_html,
            reasons: &row.reasons,
            created_at: row.created_at,
        },
        published,
    )
}

struct Parts<'a> {
    kind: ResponseKind,
    author_name: &'a str,
    author_email: Option<&'a str>,
    author_url: Option<&'a str>,
    ip: Option<&'a str>,
    body_markdown: &'a str,
    body_html: &'a str,
    reasons: &'a str,
    created_at: Moment,
}

fn submission(parts: Parts<'_>, published: Option<Moment>) -> Submission {
    let text = if parts.body_markdown.is_empty() {
        plain::text_of(parts.body_html)
    } else {
        markdown::plain_text(parts.body_markdown)
    };
    let age = published.map_or(0, |at| parts.created_at.since(at).as_secs() / DAY.as_secs());
    Submission {
        kind: parts.kind,
        author_name: parts.author_name.to_owned(),
        author_email: parts.author_email.map(str::to_owned),
        author_url: parts.author_url.map(str::to_owned),
        ip: parts.ip.and_then(|ip| ip.parse().ok()),
        link_hosts: link_hosts(parts.body_html, &text),
        text,
        post_age: u32::try_from(age).unwrap_or(u32::MAX),
        is_first: parts.reasons.contains(FIRST),
        source: None,
    }
}
