//! Readers help: a report with a reason, without an account. Reports of those who were right before
//! count more; several fold a response until a moderator has looked at it.

use std::net::IpAddr;

use sha2::{Digest, Sha256};

use crate::accounts::secret;
use crate::app::App;
use crate::error::{Error, Field, Problem, Result};
use crate::markup::excerpt::clean_line;
use crate::responses::receive;
use crate::store::entity::ids::{PostId, ResponseId};
use crate::store::entity::report::ReportReason;
use crate::store::entity::response::ResponseState;
use crate::store::reports::{self as rows, NewReport};
use crate::store::responses;

/// The longest note, in characters.
pub const MAX_NOTE: usize = 500;

/// What a report weighs, in thousandths: an ordinary one 1000, one of somebody who was always right
/// towards 2000, of somebody who was always wrong towards nothing.
pub fn weigh(upheld: u64, dismissed: u64) -> i64 {
    let (upheld, dismissed) = (upheld.min(1000) as i64, dismissed.min(1000) as i64);
    2000 * (upheld + 1) / (upheld + dismissed + 2)
}

/// Takes a report on a shown response. Reporting again does nothing, and says thanks all the same.
pub async fn receive_report(
    app: &App,
    post: PostId,
    id: ResponseId,
    client: IpAddr,
    reason: ReportReason,
    note: &str,
) -> Result<()> {
    let db = app.store.read();
    let response = responses::find(db, id)
        .await?
        .filter(|row| row.post_id == post && row.state == ResponseState::Approved)
        .ok_or(Error::NotFound("response"))?;
    if note.chars().count() > MAX_NOTE {
        return Err(Error::field(
            Field::Note,
            Problem::TooLong { max: MAX_NOTE },
        ));
    }
    let reporter = reporter_key(app, client).await?;
    if rows::has(db, id, &reporter).await? {
        // Also a double click, which is no second report.
        return Ok(());
    }
    if let Err(too_many) = app.limits.take_report(client).await {
        // The first of two may have been stored meanwhile.
        let is_second = rows::has(db, id, &reporter).await?;
        return if is_second { Ok(()) } else { Err(too_many) };
    }
    let (upheld, dismissed) = rows::record(db, &reporter).await?;
    let new = NewReport {
        response: id,
        reporter,
        reason,
        note: clean_line(note, MAX_NOTE),
        weight: weigh(upheld, dismissed),
    };
    let now = app.clock.now();
    let fold_from = app.config.moderation.fold_from;
    app.store
        .write(move |tx| {
            let new = new.clone();
            Box::pin(async move {
                // Two reports at once would each add up without the other's.
                let is_shown = responses::lock_states(&**tx, &[id])
                    .await?
                    .first()
                    .is_some_and(|row| row.state == ResponseState::Approved);
                if !is_shown || !rows::insert(&**tx, new, now).await? {
                    return Ok(());
                }
                let weight = rows::open_weight(&**tx, id).await?;
                rows::set_weight(&**tx, id, weight).await?;
                if fold_from > 0 && weight >= fold_from {
                    receive::touch(tx, response.post_id);
                }
                Ok(())
            })
        })
        .await
}

/// Somebody's reports are told apart by where they come from, of which only a digest is kept.
async fn reporter_key(app: &App, client: IpAddr) -> Result<String> {
    let secret = secret::find(app).await?;
    let client = match client.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        // One household has a /64.
        IpAddr::V6(address) => format!("{:?}", &address.segments()[..4]),
    };
    let digest = Sha256::digest(format!("reporter:{secret}:{client}").as_bytes());
    Ok(hex::encode(&digest[..16]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_was_right_before_counts_more() {
        assert_eq!(weigh(0, 0), 1000);
        assert!(weigh(5, 0) > 1600);
        assert!(weigh(0, 5) < 400);
        assert_eq!(weigh(3, 3), 1000);
        assert!(weigh(u64::MAX, 0) <= 2000);
    }
}
