//! Emails to moderators about held responses, collected into one email each.
//!
//! Each held response has a row. Preparing the emails deletes the rows and writes one job per moderator in
//! the same transaction. So each moderator is emailed once about each response, whatever happens to the
//! emails of the others, and a row that is committed late waits for the next emails.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use crate::accounts::permissions::{Action, Actor};
use crate::accounts::secret;
use crate::accounts::token::Token;
use crate::app::App;
use crate::clock::Moment;
use crate::error::{Error, Result};
use crate::jobs::{self, Job, JobError};
use crate::markup::{plain, printable};
use crate::moderation::email_link::{self, EmailLink};
use crate::net::mail::{Email, MailError};
use crate::store::entity::ids::{DecisionId, PostId, ResponseId, UserId};
use crate::store::entity::response::{Model as Response, ResponseState};
use crate::store::{decisions, held_notifications, posts, queue, responses, users};
use crate::texts::{Message, Texts};

/// Responses in one email.
const MAX_RESPONSES: usize = 20;
/// Held responses that are considered for one email; the email only says that there are more.
const MAX_CONSIDERED: u64 = 1_000;
const MAX_TEXT_CHARS: usize = 300;
/// For names and titles.
const MAX_NAME_CHARS: usize = 80;

/// Prepares an email to each moderator about what was held since the last emails.
pub async fn notify_moderators(app: &App) -> Result<()> {
    if !app.sends_mail() {
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
                let taken = held_notifications::take(tx, MAX_CONSIDERED).await?;
                let has_overflow = held_notifications::take_all(tx).await? > 0;
                let mut held: Vec<ResponseId> = responses::list_states(tx, &taken)
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
                        has_more: has_overflow || held.len() > shown.len(),
                    };
                    jobs::enqueue(tx, &job, now, now).await?;
                }
                Ok(())
            })
        })
        .await
}

/// A prepared email to one moderator.
#[derive(Clone, Debug)]
pub struct HeldEmail {
    pub user: UserId,
    /// The Message-ID's unique part, the same in every attempt.
    pub id: String,
    pub written_at: Moment,
    pub responses: Vec<ResponseId>,
    /// More responses are held than these.
    pub has_more: bool,
}

/// Sends one moderator an email about the responses that are still held. Sends none where all were decided
/// since, or where the user no longer moderates.
pub async fn send(app: &App, email: HeldEmail) -> Result<(), JobError> {
    let Some(mailer) = app.mailer() else {
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
    let last_decisions = decisions::last_of(db, &ids).await?;
    let mut on: Vec<PostId> = rows.iter().map(|row| row.post_id).collect();
    on.sort_unstable();
    on.dedup();
    let titles: HashMap<PostId, String> = posts::list_by_ids(db, &on)
        .await?
        .into_iter()
        .map(|post| (post.id, post.title))
        .collect();
    let secret = secret::find(app).await?;
    let until = email.written_at.plus(email_link::LIFETIME);
    let link = |response: ResponseId| {
        let link = EmailLink {
            user: user.id,
            response,
            last_decision: last_decisions
                .get(&response)
                .copied()
                .unwrap_or(DecisionId(0)),
            until,
            session_epoch: user.session_epoch,
        };
        app.urls
            .absolute(&format!("/queue/email/{}", link.sign(&secret)))
    };
    let mut lines = Vec::new();
    for row in &rows {
        let title = titles.get(&row.post_id).map_or("", String::as_str);
        lines.extend(response_lines(&app.texts, row, title, &link(row.id)));
    }
    if email.has_more {
        lines.push(app.texts.text("held-email-more"));
    }
    let queue = app.urls.absolute("/queue/");
    let queue = app
        .texts
        .with("held-email-queue", &[("link", queue.into())]);
    lines.extend([queue, String::new()]);
    let count = rows.len().into();
    let subject = app.texts.with("held-email-subject", &[("count", count)]);
    let since = u64::try_from(email.written_at.0).unwrap_or(0);
    let sent = mailer
        .send(Email {
            to: user.email.clone(),
            subject,
            text: lines.join("\r\n"),
            id: email.id,
            written_at: SystemTime::UNIX_EPOCH + Duration::from_millis(since),
        })
        .await;
    sent.map_err(|error| {
        let message = Message::new("held-email-failed")
            .with("name", user.name.as_str())
            .with("error", error.to_string());
        let failed = Error::Unavailable(message);
        match error {
            MailError::Address(_) | MailError::Refused(_) => JobError::Permanent(failed),
            MailError::Server(_) => JobError::Retry(failed),
        }
    })
}

/// The lines about one response. Text by others is only in quotation marks and quoted lines, so that it
/// cannot pass for a link that decides.
fn response_lines(texts: &Texts, row: &Response, title: &str, link: &str) -> Vec<String> {
    let quoted = printable::quoted(&plain::text_of(&row.body_html), MAX_TEXT_CHARS);
    let name = printable::short_line(&row.author_name, MAX_NAME_CHARS);
    let title = printable::short_line(title, MAX_NAME_CHARS);
    vec![
        texts.with("held-email-from", &[("name", name.into())]),
        texts.with("held-email-post", &[("title", title.into())]),
        String::new(),
        quoted,
        String::new(),
        texts.with("held-email-decide", &[("link", link.into())]),
        String::new(),
        String::new(),
    ]
}
