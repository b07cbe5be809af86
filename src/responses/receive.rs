//! The one door for responses of every kind: judged, then stored in one transaction.

use url::Url;

use crate::accounts::token::Token;
use crate::app::App;
use crate::clock::Moment;
use crate::error::{Error, Result};
use crate::judge::{Context, Outcome, Submission, judge};
use crate::store::changes::Part;
use crate::store::db::Tx;
use crate::store::decisions::{self, NewDecision};
use crate::store::entity::ids::{PostId, ResponseId};
use crate::store::entity::response::{MentionKind, Model as Response, ResponseKind, ResponseState};
use crate::store::entity::trust::Model as Trust;
use crate::store::responses::{self as rows, NewResponse};
use crate::store::trusts;

/// A response that is judged and may be stored.
#[derive(Clone, Debug)]
pub struct Judged(NewResponse);

impl Judged {
    /// Where the verdict put it.
    pub fn state(&self) -> ResponseState {
        self.0.state
    }

    /// What there is to store.
    pub fn response(&self) -> &NewResponse {
        &self.0
    }
}

/// Judges a response. What `new` says of its own state and reasons is overwritten.
pub async fn judge_response(
    app: &App,
    mut new: NewResponse,
    submission: &Submission<'_>,
) -> Result<Judged> {
    let known_writer = match (new.kind, &new.author_email) {
        (ResponseKind::Comment, Some(email)) => rows::has_approved(app.store.read(), email).await?,
        // Who links here has shown a page of their own: the source was fetched and read.
        (ResponseKind::Comment, None) => false,
        _ => true,
    };
    let trust = match &new.source_url {
        Some(source) => find_trust(app, source, new.author_url.as_deref()).await?,
        None => None,
    };
    let context = Context {
        moderation: app.config.comments.moderation,
        by_staff: new.author_id.is_some(),
        known_writer,
        trusted: trust.is_some(),
    };
    let verdict = judge(submission, &context);
    new.state = match verdict.outcome {
        Outcome::Approve => ResponseState::Approved,
        Outcome::Hold => ResponseState::Pending,
    };
    new.trust_id = trust.map(|trust| trust.id);
    new.reasons = serde_json::to_string(&verdict.reasons)
        .map_err(|error| Error::internal("write down reasons", error))?;
    Ok(Judged(new))
}

/// Stores a judged response; None where its post has it already.
pub async fn store_response(tx: &Tx, judged: Judged, now: Moment) -> Result<Option<ResponseId>> {
    let new = judged.0;
    let (post, state) = (new.post_id, new.state);
    let id = rows::insert(&**tx, new, now).await?;
    if id.is_some() && state == ResponseState::Approved {
        touch(tx, post);
    }
    Ok(id)
}

/// The trust in an author or in the host of a source. An author's address counts only on the host
/// of the source itself: any page can claim to be somebody else's.
async fn find_trust(app: &App, source: &str, author: Option<&str>) -> Result<Option<Trust>> {
    let Ok(source) = Url::parse(source) else {
        return Ok(None);
    };
    let author = author
        .and_then(|author| Url::parse(author).ok())
        .filter(|author| author.host() == source.host())
        .map(|author| author_key(&author));
    trusts::find_for(app.store.read(), author.as_deref(), &host_key(&source)).await
}

/// How trust names an author.
pub fn author_key(author: &Url) -> String {
    let mut key = author.clone();
    key.set_fragment(None);
    key.set_query(None);
    key.as_str().trim_end_matches('/').to_owned()
}

/// How trust names a host.
pub fn host_key(source: &Url) -> String {
    let host = source.host_str().unwrap_or_default();
    host.strip_prefix("www.").unwrap_or(host).to_owned()
}

/// The shown response that an answer to `id` hangs under, with the path to hang it at: deeper than
/// the site shows, an answer stands beside the one it answers. None where readers see no such
/// response in the post's thread.
pub async fn find_parent(
    app: &App,
    post: PostId,
    id: ResponseId,
) -> Result<Option<(ResponseId, Vec<u8>)>> {
    let levels = (app.config.comments.max_depth - 1) * 8;
    let parent = rows::find(app.store.read(), id).await?;
    Ok(parent
        .filter(|parent| {
            parent.post_id == post
                && parent.state == ResponseState::Approved
                && !parent.mention.is_some_and(MentionKind::is_face)
        })
        .map(|parent| {
            let mut path = parent.path;
            path.truncate(levels);
            (id, path)
        }))
}

/// Moves a response because of what its source did, and logs that.
pub async fn move_for_source(
    tx: &Tx,
    response: &Response,
    to: ResponseState,
    why: &str,
    now: Moment,
) -> Result<()> {
    if response.state == to {
        return Ok(());
    }
    rows::set_state(&**tx, &[response.id], to).await?;
    let decision = NewDecision {
        response_id: response.id,
        from_state: response.state,
        to_state: to,
        undoes: None,
    };
    let batch = Token::random();
    decisions::insert_batch(&**tx, batch.as_str(), (None, why), vec![decision], now).await?;
    touch(tx, response.post_id);
    Ok(())
}

/// Pages that show this post's responses are out of date.
pub fn touch(tx: &Tx, post: PostId) {
    tx.touch(Part::Post(post));
    tx.touch(Part::Responses);
}
