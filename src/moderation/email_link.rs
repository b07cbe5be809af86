//! Links in emails with which a moderator decides on one response without signing in. A link only opens a
//! page, and a button there decides: email scanners open every link.
//!
//! A link is for one user, one response and the state of the response when the email was written: any
//! decision ends it, even if the response is held again later.

use std::time::Duration;

use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::accounts::permissions::{Action, Actor};
use crate::accounts::secret;
use crate::accounts::token::Token;
use crate::app::App;
use crate::clock::Moment;
use crate::error::{Error, Result};
use crate::moderation::decide::{self, DecisionBatch, DecisionRequest};
use crate::moderation::entry::QueueEntry;
use crate::moderation::queue::load_entry;
use crate::store::entity::ids::{DecisionId, ResponseId, UserId};
use crate::store::entity::response::ResponseState;
use crate::store::posts::PostLine;
use crate::store::{decisions, responses, users};

pub const LIFETIME: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// What a link contains, signed with the site's secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EmailLink {
    pub user: UserId,
    pub response: ResponseId,
    /// The last decision on the response when the email was written; 0 for none.
    pub last_decision: DecisionId,
    pub until: Moment,
    /// The user's session epoch when the email was written: what ends their sessions, such as a new
    /// password, ends the link.
    pub session_epoch: i64,
}

impl EmailLink {
    /// The last part of the link's path.
    pub fn sign(&self, secret: &str) -> String {
        let signature = hex::encode(self.mac(secret).finalize().into_bytes());
        let Self {
            user,
            response,
            last_decision,
            until,
            session_epoch,
        } = self;
        let until = until.0;
        format!("{user}-{response}-{last_decision}-{until}-{session_epoch}-{signature}")
    }

    fn mac(&self, secret: &str) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes())
            .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
        let Self {
            user,
            response,
            last_decision,
            until,
            session_epoch,
        } = self;
        let until = until.0;
        let signed =
            format!("email link:{user}:{response}:{last_decision}:{until}:{session_epoch}");
        mac.update(signed.as_bytes());
        mac
    }

    /// The link where it is signed with this secret and has not expired.
    fn verify(secret: &str, text: &str, now: Moment) -> Option<Self> {
        let mut parts = text.splitn(6, '-');
        let link = Self {
            user: parts.next()?.parse().ok()?,
            response: parts.next()?.parse().ok()?,
            last_decision: parts.next()?.parse().ok()?,
            until: Moment(parts.next()?.parse().ok()?),
            session_epoch: parts.next()?.parse().ok()?,
        };
        let given = hex::decode(parts.next()?).ok()?;
        link.mac(secret).verify_slice(&given).ok()?;
        (link.until > now).then_some(link)
    }
}

/// The user and the response of a link. Not found where the user's account was disabled or its sessions
/// ended since; forbidden where they may no longer moderate.
async fn open(app: &App, text: &str) -> Result<(Actor, EmailLink)> {
    let not_found = || Error::NotFound("email link");
    let secret = secret::find(app).await?;
    let link = EmailLink::verify(&secret, text, app.clock.now()).ok_or_else(not_found)?;
    let user = users::find(app.store.read(), link.user)
        .await?
        .filter(|user| user.disabled_at.is_none() && user.session_epoch == link.session_epoch)
        .ok_or_else(not_found)?;
    let actor = Actor::from(&user);
    actor.must(Action::Moderate)?;
    Ok((actor, link))
}

/// The response that a link decides on.
pub struct EmailLinkTarget {
    pub entry: QueueEntry,
    pub post: PostLine,
    /// Whether the link still decides: nothing was decided since the email was written.
    pub is_open: bool,
}

/// Opens a link.
pub async fn load(app: &App, text: &str) -> Result<EmailLinkTarget> {
    let (actor, link) = open(app, text).await?;
    let (entry, post, _) = load_entry(app, &actor, link.response).await?;
    let last = decisions::last_of(app.store.read(), &[link.response]).await?;
    let last = last.get(&link.response).copied();
    let is_same = last.unwrap_or(DecisionId(0)) == link.last_decision;
    Ok(EmailLinkTarget {
        is_open: is_same && entry.response.state == ResponseState::Pending,
        entry,
        post,
    })
}

/// Decides with a link; false where something was decided since the email was written.
pub async fn decide(app: &App, text: &str, to: ResponseState) -> Result<bool> {
    let (actor, link) = open(app, text).await?;
    let (now, name) = (app.clock.now(), Token::random());
    let note = app.texts.text("decision-by-email");
    let moved = app
        .store
        .write(move |tx| {
            let (actor, name, note) = (actor.clone(), name.clone(), note.clone());
            Box::pin(async move {
                let on = [link.response];
                // Behind the lock, the second of two links for one response sees what the first did.
                responses::lock_states(tx, &on).await?;
                let last = decisions::last_of(tx, &on).await?;
                let last = last.get(&link.response).copied();
                if last.unwrap_or(DecisionId(0)) != link.last_decision {
                    return Ok(0);
                }
                let batch = DecisionBatch {
                    actor: &actor,
                    name: name.as_str(),
                    note: &note,
                    now,
                };
                let request = DecisionRequest {
                    from: Some(ResponseState::Pending),
                    to,
                    note: note.clone(),
                };
                decide::decide_chunk(tx, batch, actor.moderation_scope()?, &on, &request).await
            })
        })
        .await?;
    Ok(moved > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_for_one_user_one_response_one_decision_and_a_week() {
        let now = Moment(1_700_000_000_000);
        let link = EmailLink {
            user: UserId(1),
            response: ResponseId(7),
            last_decision: DecisionId(3),
            until: now.plus(LIFETIME),
            session_epoch: 5,
        };
        let text = link.sign("secret");
        let verify = |text: &str, now| EmailLink::verify("secret", text, now);
        assert_eq!(verify(&text, now), Some(link));
        assert_eq!(verify(&text, link.until), None, "it has expired");
        for forged in [
            text.replacen("1-", "2-", 1),
            text.replacen("-7-", "-8-", 1),
            text.replacen("-3-", "-4-", 1),
            text.replacen("-5-", "-6-", 1),
            text.replace(&link.until.0.to_string(), &(link.until.0 + 1).to_string()),
            link.sign("guess"),
            String::new(),
            "1-7-3-x-5-y".to_owned(),
        ] {
            assert_eq!(verify(&forged, now), None, "{forged}");
        }
    }
}
