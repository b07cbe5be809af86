//! Links in emails that decide without signing in. A link only opens a page: a button there decides, so
//! that scanners of email, which open every link, do nothing.
//!
//! A link is for one person, one response and the one time that it was held: whatever is decided on the
//! response ends it, also where the response is held again later.

use std::time::Duration;

use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::accounts::permissions::{Action, Actor};
use crate::accounts::secret;
use crate::accounts::token::Token;
use crate::app::App;
use crate::clock::Moment;
use crate::error::{Error, Result};
use crate::moderation::decide::{self, Press, Wish};
use crate::moderation::entry::Entry;
use crate::moderation::queue::find_entry;
use crate::store::entity::ids::{DecisionId, ResponseId, UserId};
use crate::store::entity::response::ResponseState;
use crate::store::posts::PostLine;
use crate::store::{decisions, responses, users};

/// How long a link decides.
pub const LASTS: Duration = Duration::from_secs(7 * 24 * 60 * 60);
const NOTE: &str = "by mail";

/// What a link stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Who decides by it.
    pub user: UserId,
    /// On what.
    pub response: ResponseId,
    /// The last decision on the response when the email was written; 0 where there was none.
    pub occasion: DecisionId,
    /// When it ends.
    pub until: Moment,
    /// The user's sessions that were valid when the email was written: what ends these, such as a new
    /// password, ends the link.
    pub session_epoch: i64,
}

impl Link {
    /// The last part of the link's address.
    pub fn sign(&self, secret: &str) -> String {
        let signature = hex::encode(self.mac(secret).finalize().into_bytes());
        let Self {
            user,
            response,
            occasion,
            until,
            session_epoch,
        } = self;
        let until = until.0;
        format!("{user}-{response}-{occasion}-{until}-{session_epoch}-{signature}")
    }

    fn mac(&self, secret: &str) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes())
            .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
        let Self {
            user,
            response,
            occasion,
            until,
            session_epoch,
        } = self;
        let until = until.0;
        let signed = format!("email link:{user}:{response}:{occasion}:{until}:{session_epoch}");
        mac.update(signed.as_bytes());
        mac
    }

    fn read(secret: &str, text: &str, now: Moment) -> Option<Self> {
        let mut parts = text.splitn(6, '-');
        let link = Self {
            user: parts.next()?.parse().ok()?,
            response: parts.next()?.parse().ok()?,
            occasion: parts.next()?.parse().ok()?,
            until: Moment(parts.next()?.parse().ok()?),
            session_epoch: parts.next()?.parse().ok()?,
        };
        let given = hex::decode(parts.next()?).ok()?;
        link.mac(secret).verify_slice(&given).ok()?;
        (link.until > now).then_some(link)
    }
}

/// Who may decide by this link, and on what; whoever lost their account or role since, or changed their
/// password, may not.
async fn open(app: &App, text: &str) -> Result<(Actor, Link)> {
    let gone = || Error::NotFound("email link");
    let secret = secret::find(app).await?;
    let link = Link::read(&secret, text, app.clock.now()).ok_or_else(gone)?;
    let user = users::find(app.store.read(), link.user)
        .await?
        .filter(|user| user.disabled_at.is_none() && user.session_epoch == link.session_epoch)
        .ok_or_else(gone)?;
    let actor = Actor::from(&user);
    actor.must(Action::Moderate)?;
    Ok((actor, link))
}

/// What a link is about.
pub struct Opened {
    /// The response.
    pub entry: Entry,
    /// Its post.
    pub post: PostLine,
    /// Whether nothing was decided since the email was written.
    pub is_open: bool,
}

/// What a link is about, and whether it still decides.
pub async fn find(app: &App, text: &str) -> Result<Opened> {
    let (actor, link) = open(app, text).await?;
    let (entry, post, _) = find_entry(app, &actor, link.response).await?;
    let last = decisions::last_of(app.store.read(), &[link.response]).await?;
    let is_same = last.get(&link.response).copied().unwrap_or(DecisionId(0)) == link.occasion;
    Ok(Opened {
        is_open: is_same && entry.response.state == ResponseState::Pending,
        entry,
        post,
    })
}

/// Decides by a link; false where something was decided since the email was written.
pub async fn decide(app: &App, text: &str, to: ResponseState) -> Result<bool> {
    let (actor, link) = open(app, text).await?;
    let (now, batch) = (app.clock.now(), Token::random());
    let moved = app
        .store
        .write(move |tx| {
            let (actor, batch) = (actor.clone(), batch.clone());
            Box::pin(async move {
                let on = [link.response];
                // Of two links for one response the second sees, behind the lock, what the first did.
                responses::lock_states(&**tx, &on).await?;
                let last = decisions::last_of(&**tx, &on).await?;
                let last = last.get(&link.response).copied();
                if last.unwrap_or(DecisionId(0)) != link.occasion {
                    return Ok(0);
                }
                let wish = Wish {
                    from: Some(ResponseState::Pending),
                    to,
                    note: NOTE.to_owned(),
                };
                let press = Press {
                    actor: &actor,
                    batch: batch.as_str(),
                    note: NOTE,
                    now,
                };
                decide::decide_chunk(tx, press, actor.reach()?, &on, &wish).await
            })
        })
        .await?;
    Ok(moved > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_for_one_person_one_response_one_time_and_a_week() {
        let now = Moment(1_700_000_000_000);
        let link = Link {
            user: UserId(1),
            response: ResponseId(7),
            occasion: DecisionId(3),
            until: now.plus(LASTS),
            session_epoch: 5,
        };
        let text = link.sign("secret");
        let read = |text: &str, now| Link::read("secret", text, now);
        assert_eq!(read(&text, now), Some(link));
        assert_eq!(read(&text, link.until), None, "it is over");
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
            assert_eq!(read(&forged, now), None, "{forged}");
        }
    }
}
