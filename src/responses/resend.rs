//! Makes sending a comment idempotent: the same comment from the same browser gets the answer of
//! the first time, which is its place in the thread, its receipt, or the refusal. A double click is
//! one comment.
//!
//! Two comments are the same if they have the same text, parent, name and website and come from the
//! same network address and browser. The email address does not count, so that whoever repeats
//! somebody's public comment with a guessed address learns nothing from the answer.

use std::net::IpAddr;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use moka::sync::Cache;
use sha2::{Digest, Sha256};
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::timeout;

use crate::accounts::permissions::Actor;
use crate::accounts::secret;
use crate::accounts::token::{self, Token};
use crate::app::App;
use crate::error::{Error, Field, Problem, Result};
use crate::markup::excerpt::clean_line;
use crate::responses::comment::{Commenter, ReceivedComment, receive_comment};
use crate::responses::comment_input::CommentInput;
use crate::responses::proof::Proof;
use crate::store::comment_refusals;
use crate::store::entity::ids::{PostId, ResponseId};
use crate::store::entity::post::Model as Post;
use crate::store::responses::{self as rows, ReceiptRow};

/// How long the same comment counts as a repeat.
const REPEAT_WINDOW: Duration = Duration::from_secs(24 * 60 * 60);
/// How long it also does without the same proof: of two clicks, neither has the cookie that comes
/// with the answer to the first. Short, because others may share the sender's network.
const UNPROVEN_REPEAT_WINDOW: Duration = Duration::from_secs(60);
/// How long a refusal is repeated without judging the comment again: rules change.
const REFUSAL_TTL: Duration = Duration::from_secs(2 * 60);
/// How long a comment waits for the same comment that is being received.
const LOCK_TIMEOUT: Duration = Duration::from_secs(10);
/// How many comments can be locked at once.
const MAX_LOCKS: u64 = 10_000;

/// One lock for each comment that is being received on this node, by the hash of its receipt.
static LOCKS: LazyLock<Cache<String, Arc<Mutex<()>>>> = LazyLock::new(|| {
    Cache::builder()
        .max_capacity(MAX_LOCKS)
        .time_to_idle(6 * LOCK_TIMEOUT)
        .build()
});

/// Receives a comment under `post`, once. On this node a repeat waits for the first; across nodes
/// the unique constraint on the receipt keeps it single.
pub async fn receive_once(
    app: &App,
    post: &Post,
    commenter: &Commenter,
    input: &CommentInput,
) -> Result<ReceivedComment> {
    let secret = secret::find(app).await?;
    let receipt = Token::derived(&secret, &subject(post.id, commenter, input));
    let _lock = lock(&receipt.hash()).await;
    if let Some(answer) = earlier_answer(app, (commenter, input), &receipt).await? {
        return answer;
    }
    let result = receive_comment(app, post, commenter, input, &receipt).await;
    match &result {
        Err(error) if may_be_repeat(error) => {
            match earlier_answer(app, (commenter, input), &receipt).await? {
                Some(answer) => answer,
                None => result,
            }
        }
        Err(error) => {
            if let Some(message) = refusal(error) {
                remember_refusal(app, refusal_key(&receipt, input), message).await?;
            }
            result
        }
        Ok(_) => result,
    }
}

/// Receives a reply that staff write in the queue, under their own name.
pub async fn reply_as_staff(
    app: &App,
    actor: &Actor,
    post: &Post,
    parent: ResponseId,
    text: &str,
    client: IpAddr,
) -> Result<ReceivedComment> {
    let commenter = Commenter {
        proof: actor.id.map_or(Proof::Nothing, Proof::Staff),
        client,
        user_agent: None,
    };
    let input = CommentInput {
        comment: text.to_owned(),
        parent: parent.to_string(),
        ..CommentInput::default()
    };
    receive_once(app, post, &commenter, &input).await
}

/// Identifies a comment: equal for two comments that are the same.
fn subject(post: PostId, commenter: &Commenter, input: &CommentInput) -> String {
    let mut digest = Sha256::new();
    let mut add = |part: &str| {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part.as_bytes());
    };
    add(&post.to_string());
    match commenter.proof.staff() {
        Some(id) => add(&format!("staff {id}")),
        None => {
            add(&clean_line(&input.author, 1000));
            add(input.url.trim());
        }
    }
    match input.parent.trim() {
        "0" => add(""),
        parent => add(parent),
    }
    add(&input
        .comment
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" "));
    add(&commenter.client.to_canonical().to_string());
    add(commenter.user_agent.as_deref().unwrap_or_default());
    format!("receipt:{}", hex::encode(digest.finalize()))
}

/// Waits until nobody else on this node receives the same comment; None after a timeout.
async fn lock(key: &str) -> Option<OwnedMutexGuard<()>> {
    let lock = LOCKS.get_with_by_ref(key, Arc::default);
    timeout(LOCK_TIMEOUT, lock.lock_owned()).await.ok()
}

/// The answer that the same comment got before, if any.
async fn earlier_answer(
    app: &App,
    (commenter, input): (&Commenter, &CommentInput),
    receipt: &Token,
) -> Result<Option<Result<ReceivedComment>>> {
    let (db, now, hash) = (app.store.read(), app.clock.now(), receipt.hash());
    let found = rows::find_by_receipt_hash(db, &hash, now.minus(REPEAT_WINDOW)).await?;
    let is_same = |row: &ReceiptRow| {
        row.proof_key == commenter.proof.key()
            || now.since(row.created_at) <= UNPROVEN_REPEAT_WINDOW
    };
    if let Some(row) = found.filter(is_same) {
        return Ok(Some(Ok(ReceivedComment {
            id: row.id,
            state: row.state,
            receipt: receipt.as_str().to_owned(),
            is_repeat: true,
        })));
    }
    let refusal = comment_refusals::find(db, &refusal_key(receipt, input), now).await?;
    Ok(refusal.map(|message| Err(Error::field(Field::Form, Problem::Refused { message }))))
}

/// The key of a remembered refusal. It includes the email address, which rules may match: a refusal
/// reveals nothing that judging the comment again would not.
fn refusal_key(receipt: &Token, input: &CommentInput) -> String {
    token::hash(&format!("{}:{}", receipt.hash(), input.email.trim()))
}

async fn remember_refusal(app: &App, hash: String, message: &str) -> Result<()> {
    let (message, now) = (message.to_owned(), app.clock.now());
    app.store
        .write(move |tx| {
            let (hash, message) = (hash.clone(), message.clone());
            Box::pin(async move {
                comment_refusals::set(tx, &hash, &message, now, now.plus(REFUSAL_TTL)).await
            })
        })
        .await
}

/// Whether the error may come from the same comment having been stored in the meantime.
fn may_be_repeat(error: &Error) -> bool {
    match error {
        Error::TooMany { .. } => true,
        Error::Invalid(fields) => fields
            .iter()
            .any(|error| error.problem == Problem::Duplicate),
        _ => false,
    }
}

/// The message of a refusal by the site's rules.
fn refusal(error: &Error) -> Option<&str> {
    let Error::Invalid(fields) = error else {
        return None;
    };
    fields.iter().find_map(|error| match &error.problem {
        Problem::Refused { message } => Some(message.as_str()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(change: impl Fn(&mut CommentInput, &mut Commenter)) -> String {
        let mut input = CommentInput {
            author: "Ruth".to_owned(),
            email: "ruth@readers.example".to_owned(),
            comment: "The same  text".to_owned(),
            ..CommentInput::default()
        };
        let mut commenter = Commenter {
            proof: Proof::Nothing,
            client: IpAddr::from([192, 0, 2, 1]),
            user_agent: Some("Browser".to_owned()),
        };
        change(&mut input, &mut commenter);
        subject(PostId(1), &commenter, &input)
    }

    #[test]
    fn only_the_email_address_makes_no_difference() {
        let same = sent(|_, _| {});
        assert_eq!(
            same,
            sent(|input, _| input.email = "guess@x.example".into())
        );
        assert_eq!(
            same,
            sent(|input, _| input.comment = "The same text\r\n".into())
        );
        assert_eq!(same, sent(|input, _| input.parent = "0".into()));
        for other in [
            sent(|input, _| input.author = "Ben".into()),
            sent(|input, _| input.url = "https://ruth.example".into()),
            sent(|input, _| input.parent = "7".into()),
            sent(|input, _| input.comment = "Another text".into()),
            sent(|_, commenter| commenter.client = IpAddr::from([192, 0, 2, 2])),
            sent(|_, commenter| commenter.user_agent = None),
        ] {
            assert_ne!(same, other);
        }
    }
}
