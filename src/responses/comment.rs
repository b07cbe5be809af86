//! Receiving comments: checked, limited, judged and stored. Never renders a page; what the form
//! holds is [`crate::responses::comment_input`].

use std::net::IpAddr;
use std::time::Duration;

use crate::accounts::secret;
use crate::accounts::token::{self, Token};
use crate::app::App;
use crate::error::{Error, Field, Problem, Result};
use crate::markup::excerpt::clean_line;
use crate::markup::fold;
use crate::markup::sanitise::SafeHtml;
use crate::responses::challenge::{self, ChallengeStatus};
use crate::responses::comment_input::{CommentFields, CommentInput};
use crate::responses::discussion::accepts_comments;
use crate::responses::judging::{SubmittedContent, judge_response};
use crate::responses::proof::Proof;
use crate::responses::receive;
use crate::responses::text;
use crate::store::entity::ids::{PostId, ResponseId};
use crate::store::entity::post::Model as Post;
use crate::store::entity::response::{Model as Response, ResponseKind, ResponseState};
use crate::store::responses::{self as rows, NewResponse};
use crate::store::{bursts, posts, users};

/// Who sends a comment, as far as the request shows.
#[derive(Clone, Debug)]
pub struct Commenter {
    /// What proves who they are.
    pub proof: Proof,
    /// The address of the request.
    pub client: IpAddr,
    /// What their browser calls itself.
    pub user_agent: Option<String>,
}

/// A comment that was stored.
#[derive(Clone, Debug)]
pub struct ReceivedComment {
    pub id: ResponseId,
    /// Where the verdict put it.
    pub state: ResponseState,
    /// The token with which its author sees it while it is pending.
    pub receipt: String,
    /// Whether this is the answer to a comment that had been received before.
    pub is_repeat: bool,
}

/// The comment as readers would see it. Fails where posting it would fail because of its text.
pub async fn preview(app: &App, commenter: &Commenter, input: &CommentInput) -> Result<SafeHtml> {
    let text =
        text::read(app, &input.comment).map_err(|problem| Error::field(Field::Comment, problem))?;
    match commenter.proof.staff() {
        Some(id) => app.limits.check_staff_render(id.0).await?,
        None => app.limits.check_preview(commenter.client).await?,
    }
    Ok(text.render(app).await?.html)
}

/// Receives a comment under `post`; `receipt` lets its author see it later.
pub async fn receive_comment(
    app: &App,
    post: &Post,
    commenter: &Commenter,
    input: &CommentInput,
    receipt: &Token,
) -> Result<ReceivedComment> {
    if !accepts_comments(app, post) {
        return Err(Error::field(Field::Form, Problem::Closed));
    }
    let staff = match commenter.proof.staff() {
        Some(id) => users::find(app.store.read(), id).await?,
        None => None,
    };
    let mut fields = input.check(app, staff.is_some())?;
    if let Some(user) = &staff {
        fields.name.clone_from(&user.name);
        fields.email.clone_from(&user.email);
        fields.url = None;
    }
    let parent = find_parent(app, post, &input.parent).await?;
    // A text that is refused must not use up the commenter's rate limit.
    let early = match fields.text.is_short() {
        true => Some(fields.text.render(app).await?),
        false => None,
    };
    if let Some(user) = &staff {
        app.limits.check_staff_render(user.id.0).await?;
    } else {
        must_not_use_staff_name(app, &fields.name).await?;
        let parent = parent.as_ref().map(|(id, _)| *id);
        must_pass_challenge(app, post.id, input, &fields, parent).await?;
        app.limits.check_comment(commenter.client).await?;
    }
    let rendered = match early {
        Some(rendered) => rendered,
        None => fields.text.render(app).await?,
    };
    let new = NewResponse {
        post_id: post.id,
        // The receipt covers what was sent and from where: a double click is one comment on every
        // node, and nobody else learns whether a text has been posted before.
        dedupe_key: format!("comment:{}", receipt.hash()),
        proof_key: commenter.proof.key(),
        parent,
        kind: ResponseKind::Comment,
        mention: None,
        state: ResponseState::Pending,
        author_name: fields.name,
        author_email: Some(fields.email),
        author_url: fields.url,
        author_photo: None,
        author_id: staff.map(|user| user.id),
        body_html: rendered.html.into_string(),
        body_markdown: fields.text.as_str().to_owned(),
        source_url: None,
        reasons: String::new(),
        ip: Some(commenter.client.to_string()),
        user_agent: commenter
            .user_agent
            .as_deref()
            .map(|name| clean_line(name, 300)),
        receipt_hash: Some(receipt.hash()),
        sender_policy_id: None,
        risk: 0,
        network: None,
        name_key: None,
        created_at: app.clock.now(),
    };
    let content = SubmittedContent {
        text: rendered.text,
        source: None,
    };
    let judged = judge_response(app, post, new, content).await?;
    if let Some(message) = judged.refused() {
        let message = message.to_owned();
        receive::record_rule_hits(app, &judged).await?;
        return Err(Error::field(Field::Form, Problem::Refused { message }));
    }
    let (post_id, now) = (post.id, app.clock.now());
    let (id, state) = app
        .store
        .write(move |tx| {
            let judged = judged.clone();
            Box::pin(async move {
                // The post may have been deleted since the form was shown.
                posts::find(tx, post_id)
                    .await?
                    .ok_or(Error::NotFound("post"))?;
                receive::store_response(tx, judged, now).await
            })
        })
        .await?
        .ok_or_else(|| Error::field(Field::Comment, Problem::Duplicate))?;
    Ok(ReceivedComment {
        id,
        state,
        receipt: receipt.as_str().to_owned(),
        is_repeat: false,
    })
}

/// Refuses guests whose name looks like that of an account: only staff write under those names.
async fn must_not_use_staff_name(app: &App, name: &str) -> Result<()> {
    let staff = users::list(app.store.read()).await?;
    let is_taken = staff
        .iter()
        .any(|user| fold::is_same_name(name, &user.name));
    match is_taken {
        true => Err(Error::field(Field::Name, Problem::NameOfStaff)),
        false => Ok(()),
    }
}

/// During a burst, refuses guests who have neither solved nor waited out a challenge for this
/// comment.
async fn must_pass_challenge(
    app: &App,
    post: PostId,
    input: &CommentInput,
    fields: &CommentFields,
    parent: Option<ResponseId>,
) -> Result<()> {
    let now = app.clock.now();
    let both = [post, bursts::WHOLE_SITE];
    let active = bursts::list_lasting(app.store.read(), Some(&both), now).await?;
    if active.is_empty() {
        return Ok(());
    }
    let secret = secret::find(app).await?;
    let subject = format!("{post}:{}", fields.key(parent));
    let wait = Duration::from_secs(app.config.moderation.burst_wait);
    let (challenge, proof) = (&input.challenge, &input.proof);
    let status = challenge::verify(&secret, &subject, challenge, proof, wait, now);
    let (seconds, challenge) = match status {
        ChallengeStatus::Passed => return Ok(()),
        ChallengeStatus::Pending(left) => (left.as_secs() + 1, challenge.clone()),
        ChallengeStatus::Invalid => (wait.as_secs(), challenge::issue(&secret, &subject, now)),
    };
    Err(Error::field(
        Field::Form,
        Problem::Busy { seconds, challenge },
    ))
}

/// The response with this id, if `receipt` is the token its author was given.
pub async fn find_by_receipt(
    app: &App,
    post: PostId,
    id: ResponseId,
    receipt: &str,
) -> Result<Option<Response>> {
    let response = rows::find(app.store.read(), id).await?;
    Ok(response.filter(|response| {
        let kept = response.receipt_hash.as_deref();
        response.post_id == post && kept.is_some_and(|kept| token::fits(receipt, kept))
    }))
}

async fn find_parent(app: &App, post: &Post, typed: &str) -> Result<Option<(ResponseId, Vec<u8>)>> {
    let typed = typed.trim();
    if typed.is_empty() || typed == "0" {
        return Ok(None);
    }
    let gone = || Error::field(Field::Parent, Problem::ParentGone);
    let id: ResponseId = typed.parse().map_err(|_| gone())?;
    receive::find_parent(app, post.id, id)
        .await?
        .ok_or_else(gone)
        .map(Some)
}
