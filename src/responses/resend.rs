//! A comment that the same browser sends again gets the answer of the first time: its place in the
//! thread, its receipt, or the refusal. A double click is one comment, whatever became of it.
//!
//! What counts as the same is the text with its place, the writer's name and site, and the network
//! address and browser that it comes from. The email address does not count: whoever repeats somebody's
//! public comment with a guessed address learns nothing from the answer.

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
use crate::responses::comment::{CommentInput, Received, Writer, receive_comment};
use crate::responses::proof::Proof;
use crate::store::comment_refusals;
use crate::store::entity::ids::{PostId, ResponseId};
use crate::store::entity::post::Model as Post;
use crate::store::responses::{self as rows, Receipted};

/// For so long the same comment from the same browser is taken for the same comment.
const SAME: Duration = Duration::from_secs(24 * 60 * 60);
/// For so long also where the second proves nothing: of two clicks, both come without the key that the
/// answer to the first brings. No longer, as others may share the sender's network.
const UNPROVED: Duration = Duration::from_secs(60);
/// For so long a refusal is repeated without looking again: rules change.
const REFUSED: Duration = Duration::from_secs(2 * 60);
/// The longest wait for the same comment that is being received.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many comments can be received at once without being taken for different ones.
const MAX_TURNS: u64 = 10_000;

/// Comments that are being received on this node, by the hash of their receipt.
static TURNS: LazyLock<Cache<String, Arc<Mutex<()>>>> = LazyLock::new(|| {
    Cache::builder()
        .max_capacity(MAX_TURNS)
        .time_to_idle(6 * PATIENCE)
        .build()
});

/// Takes a comment under `post`, once. On another node the constraint on duplicates keeps it single;
/// on this one the second waits for the first.
pub async fn receive_once(
    app: &App,
    post: &Post,
    writer: &Writer,
    input: &CommentInput,
) -> Result<Received> {
    let secret = secret::find(app).await?;
    let receipt = Token::derived(&secret, &subject(post.id, writer, input));
    let _turn = turn(&receipt.hash()).await;
    if let Some(answer) = answer_before(app, post.id, (writer, input), &receipt).await? {
        return answer;
    }
    let result = receive_comment(app, post, writer, input, &receipt).await;
    match &result {
        Err(error) if is_second(error) => {
            match answer_before(app, post.id, (writer, input), &receipt).await? {
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

/// Takes a comment by staff from where they review, under their own name.
pub async fn reply_as_staff(
    app: &App,
    actor: &Actor,
    post: &Post,
    parent: ResponseId,
    text: &str,
    client: IpAddr,
) -> Result<Received> {
    let writer = Writer {
        proof: actor.id.map_or(Proof::Nothing, Proof::Staff),
        client,
        user_agent: None,
    };
    let input = CommentInput {
        comment: text.to_owned(),
        parent: parent.to_string(),
        ..CommentInput::default()
    };
    receive_once(app, post, &writer, &input).await
}

/// What makes a comment the same one.
fn subject(post: PostId, writer: &Writer, input: &CommentInput) -> String {
    let mut digest = Sha256::new();
    let mut add = |part: &str| {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part.as_bytes());
    };
    add(&post.to_string());
    match writer.proof.staff() {
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
    add(&writer.client.to_canonical().to_string());
    add(writer.user_agent.as_deref().unwrap_or_default());
    format!("receipt:{}", hex::encode(digest.finalize()))
}

/// Waits until the same comment is received; who waited too long goes on alone.
async fn turn(key: &str) -> Option<OwnedMutexGuard<()>> {
    let turn = TURNS.get_with_by_ref(key, Arc::default);
    timeout(PATIENCE, turn.lock_owned()).await.ok()
}

/// What the same comment was answered a while ago.
async fn answer_before(
    app: &App,
    post: PostId,
    (writer, input): (&Writer, &CommentInput),
    receipt: &Token,
) -> Result<Option<Result<Received>>> {
    let (db, now, hash) = (app.store.read(), app.clock.now(), receipt.hash());
    let found = rows::find_by_receipt_hash(db, post, &hash, now.minus(SAME)).await?;
    let is_same = |row: &Receipted| {
        row.proof_key == writer.proof.key() || now.since(row.created_at) <= UNPROVED
    };
    if let Some(row) = found.filter(is_same) {
        return Ok(Some(Ok(Received {
            id: row.id,
            state: row.state,
            receipt: receipt.as_str().to_owned(),
            is_repeat: true,
        })));
    }
    let refusal = comment_refusals::find(db, &refusal_key(receipt, input), now).await?;
    Ok(refusal.map(|words| Err(Error::field(Field::Form, Problem::Refused { words }))))
}

/// What a refusal is remembered by. Another address may be let in, and nobody learns anything from a
/// refusal that a second try would not tell.
fn refusal_key(receipt: &Token, input: &CommentInput) -> String {
    token::hash(&format!("{}:{}", receipt.hash(), input.email.trim()))
}

async fn remember_refusal(app: &App, hash: String, message: &str) -> Result<()> {
    let (message, now) = (message.to_owned(), app.clock.now());
    app.store
        .write(move |tx| {
            let (hash, message) = (hash.clone(), message.clone());
            Box::pin(async move {
                comment_refusals::set(&**tx, &hash, &message, now, now.plus(REFUSED)).await
            })
        })
        .await
}

/// Whether the first of two may have been stored while the second was looked at.
fn is_second(error: &Error) -> bool {
    match error {
        Error::TooMany { .. } => true,
        Error::Invalid(fields) => fields
            .iter()
            .any(|error| error.problem == Problem::Duplicate),
        _ => false,
    }
}

/// What the site's rules answer, where they refuse.
fn refusal(error: &Error) -> Option<&str> {
    let Error::Invalid(fields) = error else {
        return None;
    };
    fields.iter().find_map(|error| match &error.problem {
        Problem::Refused { words } => Some(words.as_str()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(change: impl Fn(&mut CommentInput, &mut Writer)) -> String {
        let mut input = CommentInput {
            author: "Ruth".to_owned(),
            email: "ruth@readers.example".to_owned(),
            comment: "The same  text".to_owned(),
            ..CommentInput::default()
        };
        let mut writer = Writer {
            proof: Proof::Nothing,
            client: IpAddr::from([192, 0, 2, 1]),
            user_agent: Some("Browser".to_owned()),
        };
        change(&mut input, &mut writer);
        subject(PostId(1), &writer, &input)
    }

    #[test]
    fn the_email_address_makes_no_difference_and_all_else_does() {
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
            sent(|_, writer| writer.client = IpAddr::from([192, 0, 2, 2])),
            sent(|_, writer| writer.user_agent = None),
        ] {
            assert_ne!(same, other);
        }
    }
}
