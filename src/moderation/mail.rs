//! Telling moderators by mail of what is held, gathered into one letter, with links that decide
//! without signing in. A link only opens a page: one press there decides, so that scanners of mail,
//! which open every link, do nothing.

use std::fmt::Write;
use std::time::Duration;

use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::accounts::permissions::{Action, Actor};
use crate::accounts::secret;
use crate::app::App;
use crate::clock::Moment;
use crate::error::{Error, Result};
use crate::markup::plain;
use crate::moderation::decide::{self, Decided, Wish};
use crate::moderation::entry::Entry;
use crate::moderation::queue::find_entry;
use crate::store::entity::ids::{ResponseId, UserId};
use crate::store::entity::response::{Model as Response, ResponseState};
use crate::store::posts::PostLine;
use crate::store::queue::{self, Filter};
use crate::store::settings::{self, Setting};
use crate::store::users;

/// A link decides for so long.
const LASTS: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// The most responses in one letter.
const MOST: u64 = 20;
/// The most of a text in a letter, in characters.
const MAX_TEXT: usize = 300;

/// Tells every moderator of what was held since the last letter.
pub async fn tell_held(app: &App) -> Result<()> {
    let Some(mailer) = &app.mailer else {
        return Ok(());
    };
    let db = app.store.read();
    let kept = settings::find(db, Setting::ToldUpTo).await?;
    let after = ResponseId(kept.as_deref().and_then(|id| id.parse().ok()).unwrap_or(0));
    let last = queue::last_id(db).await?;
    let ids = queue::list_ids(db, &Filter::default(), after, last, MOST + 1).await?;
    if ids.is_empty() {
        return Ok(());
    }
    let shown = &ids[..ids.len().min(MOST as usize)];
    let rows = queue::list(db, shown).await?;
    let secret = secret::find(app).await?;
    let until = app.clock.now().plus(LASTS);
    let moderators = users::list(db).await?;
    for user in moderators.iter().filter(|user| user.disabled_at.is_none()) {
        if !Actor::from(user).may(Action::Moderate) {
            continue;
        }
        let text = letter(app, &rows, ids.len() > shown.len(), |id| {
            let letter = name(&secret, user.id, id, until);
            app.urls.absolute(&format!("/queue/letter/{letter}"))
        });
        let subject = match rows.len() {
            1 => "One response waits for you".to_owned(),
            count => format!("{count} responses wait for you"),
        };
        mailer
            .send(&user.email, &subject, text)
            .await
            .map_err(|error| Error::internal("tell moderators", error))?;
    }
    app.store
        .write(move |tx| {
            Box::pin(
                async move { settings::set(&**tx, Setting::ToldUpTo, &last.to_string()).await },
            )
        })
        .await
}

fn letter(
    app: &App,
    rows: &[Response],
    has_more: bool,
    link: impl Fn(ResponseId) -> String,
) -> String {
    let mut text = String::new();
    for row in rows {
        let words = plain::text_of(&row.body_html);
        let words: String = words.chars().take(MAX_TEXT).collect();
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "{}:\r\n\r\n  {}\r\n\r\nDecide: {}\r\n\r\n\r\n",
            row.author_name,
            words.lines().collect::<Vec<_>>().join("\r\n  "),
            link(row.id)
        );
    }
    if has_more {
        text.push_str("There are more.\r\n");
    }
    let _ = write!(
        text,
        "The whole queue: {}\r\n",
        app.urls.absolute("/queue/")
    );
    text
}

/// The name of a letter's link: who, what, until when, signed.
fn name(secret: &str, user: UserId, id: ResponseId, until: Moment) -> String {
    let signature = hex::encode(mac(secret, user, id, until).finalize().into_bytes());
    format!("{user}-{id}-{}-{signature}", until.0)
}

fn mac(secret: &str, user: UserId, id: ResponseId, until: Moment) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes())
        .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
    mac.update(format!("letter:{user}:{id}:{}", until.0).as_bytes());
    mac
}

fn read(secret: &str, letter: &str, now: Moment) -> Option<(UserId, ResponseId)> {
    let mut parts = letter.splitn(4, '-');
    let user: UserId = parts.next()?.parse().ok()?;
    let id: ResponseId = parts.next()?.parse().ok()?;
    let until = Moment(parts.next()?.parse().ok()?);
    let given = hex::decode(parts.next()?).ok()?;
    mac(secret, user, id, until).verify_slice(&given).ok()?;
    (until > now).then_some((user, id))
}

/// Who may decide by this letter, and on what; whoever lost their account or role since may not.
async fn open(app: &App, letter: &str) -> Result<(Actor, ResponseId)> {
    let gone = || Error::NotFound("letter");
    let secret = secret::find(app).await?;
    let (user, id) = read(&secret, letter, app.clock.now()).ok_or_else(gone)?;
    let user = users::find(app.store.read(), user)
        .await?
        .filter(|user| user.disabled_at.is_none())
        .ok_or_else(gone)?;
    let actor = Actor::from(&user);
    actor.must(Action::Moderate)?;
    Ok((actor, id))
}

/// What a letter's link is about.
pub async fn find(app: &App, letter: &str) -> Result<(Entry, PostLine)> {
    let (actor, id) = open(app, letter).await?;
    let (entry, post, _) = find_entry(app, &actor, id).await?;
    Ok((entry, post))
}

/// Decides by a letter's link; what was decided meanwhile stays as it is.
pub async fn decide(app: &App, letter: &str, to: ResponseState) -> Result<Decided> {
    let (actor, id) = open(app, letter).await?;
    let wish = Wish {
        from: Some(ResponseState::Pending),
        to,
        note: "by mail".to_owned(),
    };
    decide::decide(app, &actor, &[id], &wish).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_for_one_person_one_response_and_a_week() {
        let now = Moment(1_700_000_000_000);
        let until = now.plus(LASTS);
        let letter = name("secret", UserId(1), ResponseId(7), until);
        let read = |letter: &str, now| read("secret", letter, now);
        assert_eq!(read(&letter, now), Some((UserId(1), ResponseId(7))));
        assert_eq!(read(&letter, until), None, "it is over");
        for forged in [
            letter.replacen("1-", "2-", 1),
            letter.replacen("-7-", "-8-", 1),
            letter.replace(&until.0.to_string(), &(until.0 + 1).to_string()),
            name("guess", UserId(1), ResponseId(7), until),
            String::new(),
            "1-7-x-y".to_owned(),
        ] {
            assert_eq!(read(&forged, now), None, "{forged}");
        }
    }
}
