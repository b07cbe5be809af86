//! Reports by readers, who need no account. Reports of readers who were right before weigh more,
//! and enough weight folds a response until a moderator reviews it. Never removes a response.

use std::net::IpAddr;

use sha2::{Digest, Sha256};

use crate::accounts::secret;
use crate::app::App;
use crate::error::{Error, Field, Problem, Result};
use crate::markup::excerpt::clean_line;
use crate::net::client_network;
use crate::responses::receive;
use crate::store::entity::ids::{PostId, ResponseId};
use crate::store::entity::report::ReportReason;
use crate::store::entity::response::ResponseState;
use crate::store::reports::{self as rows, NewReport};
use crate::store::responses;

/// The longest note, in characters.
pub const MAX_NOTE: usize = 500;

/// The weight of a report in thousandths, from how many earlier reports of its reporter were upheld
/// and dismissed: 1000 for a new reporter, towards 2000 for one who was always right, towards 0 for
/// one who was always wrong.
pub fn weight(upheld: u64, dismissed: u64) -> i64 {
    let (upheld, dismissed) = (upheld.min(1000) as i64, dismissed.min(1000) as i64);
    2000 * (upheld + 1) / (upheld + dismissed + 2)
}

/// Stores a report on a published response. The same reporter's second report does nothing and
/// succeeds.
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
        return Ok(());
    }
    if let Err(too_many) = app.limits.check_report(client).await {
        // The first of two clicks may have been stored in the meantime.
        let is_second = rows::has(db, id, &reporter).await?;
        return if is_second { Ok(()) } else { Err(too_many) };
    }
    let (upheld, dismissed) = rows::record(db, &reporter).await?;
    let new = NewReport {
        response: id,
        reporter,
        reason,
        note: clean_line(note, MAX_NOTE),
        weight: weight(upheld, dismissed),
    };
    let now = app.clock.now();
    let fold_at_report_weight = app.config.moderation.fold_at_report_weight;
    app.store
        .write(move |tx| {
            let new = new.clone();
            Box::pin(async move {
                // The lock makes two reports at once see each other's weight.
                let is_shown = responses::lock_states(tx, &[id])
                    .await?
                    .first()
                    .is_some_and(|row| row.state == ResponseState::Approved);
                if !is_shown || !rows::insert(tx, new, now).await? {
                    return Ok(());
                }
                let weight = rows::open_weight(tx, id).await?;
                rows::set_weight(tx, id, weight).await?;
                if fold_at_report_weight > 0 && weight >= fold_at_report_weight {
                    receive::invalidate(tx, response.post_id);
                }
                Ok(())
            })
        })
        .await
}

/// Identifies a reporter by their network address, of which only a keyed digest is stored.
async fn reporter_key(app: &App, client: IpAddr) -> Result<String> {
    let secret = secret::find(app).await?;
    let household = client_network::household(client);
    let digest = Sha256::digest(format!("reporter:{secret}:{household}").as_bytes());
    Ok(hex::encode(&digest[..16]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_of_readers_who_were_right_before_weigh_more() {
        assert_eq!(weight(0, 0), 1000);
        assert!(weight(5, 0) > 1600);
        assert!(weight(0, 5) < 400);
        assert_eq!(weight(3, 3), 1000);
        assert!(weight(u64::MAX, 0) <= 2000);
    }
}
