//! Rebuilds what the judge saw of a stored response when it came in, as far as its row shows. Reads
//! no rows.

use std::time::Duration;

use crate::clock::Moment;
use crate::judge::Submission;
use crate::markup::links::link_hosts;
use crate::markup::plain;
use crate::responses::proof;
use crate::store::entity::response::Model as Response;
use crate::store::queue::PastRow;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// How the column `reasons` names this reason.
const FIRST: &str = "\"check\":\"first_response\"";

/// The submission that a response was.
pub fn submission_of(row: &Response, published: Option<Moment>) -> Submission {
    submission_of_past(&PastRow::from(row), published)
}

/// The same from a row that a dry run reads.
pub fn submission_of_past(row: &PastRow, published: Option<Moment>) -> Submission {
    let text = plain::text_of(&row.body_html);
    let age = published.map_or(0, |at| row.created_at.since(at).as_secs() / DAY.as_secs());
    Submission {
        kind: row.kind,
        author_name: row.author_name.clone(),
        author_email: row.author_email.clone(),
        author_url: row.author_url.clone(),
        ip: row.ip.as_deref().and_then(|ip| ip.parse().ok()),
        link_hosts: link_hosts(&row.body_html, &text),
        text,
        post_age: u32::try_from(age).unwrap_or(u32::MAX),
        is_first: row.reasons.contains(FIRST),
        is_proven: !row.reasons.contains(FIRST),
        source_host: row.source_url.as_deref().and_then(|source| {
            let host = proof::source_key(source)?;
            host.strip_prefix("host:").map(str::to_owned)
        }),
        source: None,
    }
}
