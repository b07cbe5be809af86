//! Emails to moderators about what is held, gathered into one for each of them.
//!
//! What was held is a row; preparing the emails claims the rows and writes one job for each moderator in
//! the same transaction. So each moderator is emailed once of each response, whatever happens to the
//! emails of the others, and a row that is committed late waits for the next emails.

use std::collections::HashMap;
use std::fmt::Write;
use std::time::{Duration, SystemTime};

use crate::accounts::permissions::{Action, Actor};
use crate::accounts::secret;
use crate::accounts::token::Token;
use crate::app::App;
use crate::clock::Moment;
use crate::error::{Error, Result};
use crate::jobs::{self, Failure, Job};
use crate::markup::{inert, plain};
use crate::moderation::email_link::{self, Link};
use crate::net::mail::{Email, MailError};
use crate::store::entity::ids::{DecisionId, PostId, ResponseId, UserId};
use crate::store::entity::response::{Model as Response, ResponseState};
use crate::store::{decisions, held_notices, posts, queue, responses, users};

/// The most responses in one email.
const MAX_RESPONSES: usize = 20;
/// The most responses that are looked at for one email; what is more is counted.
const MAX_TAKEN: u64 = 1_000;
/// The most of a text in an email, in characters.
const MAX_TEXT: usize = 300;
/// The most of a name or a title in an email, in characters.
const MAX_NAME: usize = 80;

/// Asks for an email to each moderator about what was held since the last ones.
pub async fn tell_held(app: &App) -> Result<()> {
    if app.mailer.is_none() {
        return Ok(());
    }
    let moderators: Vec<UserId> = users::list(app.store.read())
        .await?
        .iter()
        .filter(|user| user.disabled_at.is_none() && Actor::from(*user).may(Action::Moderate))
        .map(|user| user.id)
        .collect();
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            let moderators = moderators.clone();
            Box::pin(async move {
                let taken = held_notices::take(&**tx, MAX_TAKEN).await?;
                let uncounted = held_notices::take_all(&**tx).await? > 0;
                let mut held: Vec<ResponseId> = responses::list_states(&**tx, &taken)
                    .await?
                    .into_iter()
                    .filter(|(_, state)| *state == ResponseState::Pending)
                    .map(|(id, _)| id)
                    .collect();
                held.sort_unstable();
                let shown: Vec<ResponseId> = held.iter().copied().take(MAX_RESPONSES).collect();
                if shown.is_empty() {
                    return Ok(());
                }
                for user in moderators {
                    let job = Job::EmailHeld {
                        user,
                        id: Token::random().as_str().to_owned(),
                        written_at: now,
                        responses: shown.clone(),
                        has_more: uncounted || held.len() > shown.len(),
                    };
                    jobs::enqueue(tx, &job, now, now).await?;
                }
                Ok(())
            })
        })
        .await
}

/// An email to one moderator.
#[derive(Clone, Debug)]
pub struct HeldEmail {
    /// To whom.
    pub user: UserId,
    /// Its own name.
    pub id: String,
    /// When it was prepared.
    pub written_at: Moment,
    /// What it is about.
    pub responses: Vec<ResponseId>,
    /// Whether more is held.
    pub has_more: bool,
}

/// Sends one moderator an email about what is still held; none where all was decided meanwhile, or
/// where they do not moderate any more.
pub async fn email_held(app: &App, email: HeldEmail) -> Result<(), Failure> {
    let Some(mailer) = &app.mailer else {
        return Ok(());
    };
    let db = app.store.read();
    let user = users::find(db, email.user).await?;
    let Some(user) =
        user.filter(|user| user.disabled_at.is_none() && Actor::from(user).may(Action::Moderate))
    else {
        return Ok(());
    };
    let mut rows = queue::list(db, &email.responses).await?;
    rows.retain(|row| row.state == ResponseState::Pending);
    if rows.is_empty() {
        return Ok(());
    }
    let ids: Vec<ResponseId> = rows.iter().map(|row| row.id).collect();
    let occasions = decisions::last_of(db, &ids).await?;
    let mut on: Vec<PostId> = rows.iter().map(|row| row.post_id).collect();
    on.sort_unstable();
    on.dedup();
    let titles: HashMap<PostId, String> = posts::list_by_ids(db, &on)
        .await?
        .into_iter()
        .map(|post| (post.id, post.title))
        .collect();
    let secret = secret::find(app).await?;
    let until = email.written_at.plus(email_link::LASTS);
    let link = |response: ResponseId| {
        let link = Link {
            user: user.id,
            response,
            occasion: occasions.get(&response).copied().unwrap_or(DecisionId(0)),
            until,
            session_epoch: user.session_epoch,
        };
        app.urls
            .absolute(&format!("/queue/letter/{}", link.sign(&secret)))
    };
    let mut text = String::new();
    for row in &rows {
        let title = titles.get(&row.post_id).map_or("", String::as_str);
        add(&mut text, row, title, &link(row.id));
    }
    if email.has_more {
        text.push_str("There are more.\r\n");
    }
    // Writing to a String cannot fail.
    let _ = write!(
        text,
        "The whole queue: {}\r\n",
        app.urls.absolute("/queue/")
    );
    let subject = match rows.len() {
        1 => "One response is waiting for you".to_owned(),
        count => format!("{count} responses are waiting for you"),
    };
    let since = u64::try_from(email.written_at.0).unwrap_or(0);
    let sent = mailer
        .send(Email {
            to: user.email.clone(),
            subject,
            text,
            id: email.id,
            written_at: SystemTime::UNIX_EPOCH + Duration::from_millis(since),
        })
        .await;
    sent.map_err(|error| {
        let failed = Error::Unavailable(format!("no email to {}: {error}", user.name));
        match error {
            MailError::Address(_) | MailError::Refused(_) => Failure::ForGood(failed),
            MailError::Server(_) => Failure::Again(failed),
        }
    })
}

/// One response in an email. What others wrote stands in quoted lines alone, so that no text can pass
/// for a link that decides.
fn add(text: &mut String, row: &Response, title: &str, link: &str) {
    let quoted = inert::quoted(&plain::text_of(&row.body_html), MAX_TEXT);
    let name = inert::short_line(&row.author_name, MAX_NAME);
    let title = inert::short_line(title, MAX_NAME);
    let _ = write!(
        text,
        "From: “{name}”\r\nOn: “{title}”\r\n\r\n{quoted}\r\n\r\nDecide: {link}\r\n\r\n\r\n"
    );
}
