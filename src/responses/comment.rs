//! Comments: what somebody typed under a post, read, limited, judged and stored.

use std::net::IpAddr;
use std::time::Duration;

use sha2::{Digest, Sha256};
use url::Url;

use crate::accounts::register::{MAX_NAME, is_email};
use crate::accounts::secret;
use crate::accounts::token::{self, Token};
use crate::app::App;
use crate::error::{Error, Field, FieldError, Problem, Result};
use crate::markup::excerpt::clean_line;
use crate::markup::sanitise::SafeHtml;
use crate::markup::{fold, mailbox};
use crate::responses::openness::takes_comments;
use crate::responses::proof::Proof;
use crate::responses::receive::{self, Shown};
use crate::responses::text::{self, Text};
use crate::responses::ticket::{self, Worth};
use crate::store::entity::ids::{PostId, ResponseId};
use crate::store::entity::post::Model as Post;
use crate::store::entity::response::{Model as Response, ResponseKind, ResponseState};
use crate::store::responses::{self as rows, NewResponse};
use crate::store::{posts, shields, users};

/// The longest web address, in characters.
const MAX_URL: usize = 500;

/// A comment as somebody typed it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommentInput {
    /// The name readers see.
    pub author: String,
    /// Never shown.
    pub email: String,
    /// Their own site; may be empty.
    pub url: String,
    /// Markdown.
    pub comment: String,
    /// The comment that is answered; empty for none.
    pub parent: String,
    /// A field that people do not see.
    pub trap: String,
    /// What a guest was given during a burst.
    pub ticket: String,
    /// The work that their browser did for it.
    pub work: String,
}

/// Who writes, as far as is known.
#[derive(Clone, Debug)]
pub struct Writer {
    /// What proves who they are.
    pub proof: Proof,
    /// Where the request came from.
    pub client: IpAddr,
    /// What their browser calls itself.
    pub user_agent: Option<String>,
}

/// A comment that came in.
#[derive(Clone, Debug)]
pub struct Received {
    /// Its key.
    pub id: ResponseId,
    /// Where the verdict put it.
    pub state: ResponseState,
    /// With this its writer sees it while it waits.
    pub receipt: String,
    /// Whether it had come in before.
    pub is_repeat: bool,
}

/// What a comment will look like: refused where the comment would be, as far as its text goes.
pub async fn preview(app: &App, writer: &Writer, input: &CommentInput) -> Result<SafeHtml> {
    let text =
        text::read(app, &input.comment).map_err(|problem| Error::field(Field::Comment, problem))?;
    match writer.proof.staff() {
        Some(id) => app.limits.take_staff_render(id.0).await?,
        None => app.limits.take_preview(writer.client).await?,
    }
    Ok(text.render(app).await?.html)
}

/// Takes a comment under `post`; its writer will know it by `receipt`.
pub async fn receive_comment(
    app: &App,
    post: &Post,
    writer: &Writer,
    input: &CommentInput,
    receipt: &Token,
) -> Result<Received> {
    if !takes_comments(app, post) {
        return Err(Error::field(Field::Form, Problem::Closed));
    }
    let staff = match writer.proof.staff() {
        Some(id) => users::find(app.store.read(), id).await?,
        None => None,
    };
    let mut fields = read_fields(app, input, staff.is_some())?;
    if let Some(user) = &staff {
        fields.name.clone_from(&user.name);
        fields.email.clone_from(&user.email);
        fields.url = None;
    }
    let parent = find_parent(app, post, &input.parent).await?;
    // What is refused for its text shall not make its writer wait before the next try.
    let early = match fields.text.is_short() {
        true => Some(fields.text.render(app).await?),
        false => None,
    };
    if let Some(user) = &staff {
        app.limits.take_staff_render(user.id.0).await?;
    } else {
        must_have_own_name(app, &fields.name).await?;
        must_be_let_in(
            app,
            post.id,
            input,
            &fields,
            parent.as_ref().map(|(id, _)| *id),
        )
        .await?;
        app.limits.take_comment(writer.client).await?;
    }
    let rendered = match early {
        Some(rendered) => rendered,
        None => fields.text.render(app).await?,
    };
    let new = NewResponse {
        post_id: post.id,
        // The receipt stands for what was sent and from where: a double click is one comment on every
        // node, and whether a text is here already is told to nobody else.
        dedupe_key: format!("comment:{}", receipt.hash()),
        proof_key: writer.proof.key(),
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
        ip: Some(writer.client.to_string()),
        user_agent: writer
            .user_agent
            .as_deref()
            .map(|name| clean_line(name, 300)),
        receipt_hash: Some(receipt.hash()),
        standing_id: None,
        risk: 0,
        network: None,
        name_key: None,
    };
    let shown = Shown {
        text: rendered.words,
        source: None,
    };
    let judged = receive::judge_response(app, post, new, shown).await?;
    if let Some(words) = judged.refused() {
        let words = words.to_owned();
        receive::note_refused(app, &judged).await?;
        return Err(Error::field(Field::Form, Problem::Refused { words }));
    }
    let (post_id, now) = (post.id, app.clock.now());
    let (id, state) = app
        .store
        .write(move |tx| {
            let judged = judged.clone();
            Box::pin(async move {
                // The post may have been closed or thrown away since the form was shown.
                posts::find(&**tx, post_id)
                    .await?
                    .ok_or(Error::NotFound("post"))?;
                receive::store(tx, judged, now).await
            })
        })
        .await?
        .ok_or_else(|| Error::field(Field::Comment, Problem::Duplicate))?;
    Ok(Received {
        id,
        state,
        receipt: receipt.as_str().to_owned(),
        is_repeat: false,
    })
}

/// The names of those who work on the site are public, and theirs alone.
async fn must_have_own_name(app: &App, name: &str) -> Result<()> {
    let staff = users::list(app.store.read()).await?;
    match staff
        .iter()
        .any(|user| fold::is_same_name(name, &user.name))
    {
        true => Err(Error::field(Field::Name, Problem::NameOfStaff)),
        false => Ok(()),
    }
}

/// During a burst a guest's browser does some work, or they wait.
async fn must_be_let_in(
    app: &App,
    post: PostId,
    input: &CommentInput,
    fields: &Fields,
    parent: Option<ResponseId>,
) -> Result<()> {
    let now = app.clock.now();
    let both = [post, shields::WHOLE_SITE];
    let lasting = shields::list_lasting(app.store.read(), Some(&both), now).await?;
    if lasting.is_empty() {
        return Ok(());
    }
    let secret = secret::find(app).await?;
    let subject = format!("{post}:{}", dedupe_key(fields, parent));
    let wait = Duration::from_secs(app.config.moderation.burst_wait);
    let (seconds, ticket) =
        match ticket::worth(&secret, &subject, &input.ticket, &input.work, wait, now) {
            Worth::Enough => return Ok(()),
            Worth::Wait(left) => (left.as_secs() + 1, input.ticket.clone()),
            Worth::Nothing => (wait.as_secs(), ticket::issue(&secret, &subject, now)),
        };
    Err(Error::field(Field::Form, Problem::Busy { seconds, ticket }))
}

/// The writer's own response, if `receipt` is the one they were given.
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

struct Fields {
    name: String,
    email: String,
    url: Option<String>,
    text: Text,
}

fn read_fields(app: &App, input: &CommentInput, is_staff: bool) -> Result<Fields> {
    let mut wrong = Vec::new();
    let mut refuse = |field, problem| wrong.push(FieldError { field, problem });
    if !input.trap.is_empty() {
        refuse(Field::Form, Problem::LooksAutomatic);
    }
    let name = clean_line(&input.author, MAX_NAME + 1);
    let email = mailbox::tidy(&input.email);
    let url = input.url.trim();
    if !is_staff {
        if input.author.trim().is_empty() {
            refuse(Field::Name, Problem::Missing);
        } else if name.is_empty() {
            refuse(Field::Name, Problem::Invisible);
        } else if input.author.trim().chars().count() > MAX_NAME {
            refuse(Field::Name, Problem::TooLong { max: MAX_NAME });
        }
        if email.is_empty() {
            refuse(Field::Email, Problem::Missing);
        } else if !is_email(&email) {
            refuse(Field::Email, Problem::NotAnEmail);
        }
        if url.chars().count() > MAX_URL {
            refuse(Field::Url, Problem::TooLong { max: MAX_URL });
        } else if !url.is_empty() && read_site(url).is_none() {
            refuse(Field::Url, Problem::NotAUrl);
        }
    }
    let text = match text::read(app, &input.comment) {
        Ok(text) if wrong.is_empty() => text,
        Ok(_) => return Err(Error::Invalid(wrong)),
        Err(problem) => {
            wrong.push(FieldError {
                field: Field::Comment,
                problem,
            });
            return Err(Error::Invalid(wrong));
        }
    };
    Ok(Fields {
        name,
        email,
        url: read_site(url),
        text,
    })
}

/// A person's own site, with the https:// that people leave out.
fn read_site(typed: &str) -> Option<String> {
    if typed.is_empty() {
        return None;
    }
    let with_scheme = if typed.contains("://") {
        typed.to_owned()
    } else {
        format!("https://{typed}")
    };
    let url = Url::parse(&with_scheme).ok()?;
    let host = url.host_str()?;
    let usable = matches!(url.scheme(), "http" | "https")
        && (host.contains('.') || host == "localhost")
        && url.username().is_empty()
        && url.password().is_none();
    usable.then(|| url.to_string())
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

/// What a sender says once: the text, and what it answers.
fn dedupe_key(fields: &Fields, parent: Option<ResponseId>) -> String {
    let mut digest = Sha256::new();
    for part in [
        fields.email.as_str(),
        &parent.map_or_else(String::new, |id| id.to_string()),
        &fields
            .text
            .as_str()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" "),
    ] {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part.as_bytes());
    }
    format!("comment:{}", hex::encode(&digest.finalize()[..16]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_persons_site_may_come_without_its_scheme() {
        assert_eq!(
            read_site("example.org").as_deref(),
            Some("https://example.org/")
        );
        assert_eq!(
            read_site("http://example.org/me").as_deref(),
            Some("http://example.org/me")
        );
        for bad in [
            "javascript:alert(1)",
            "javascript://x.y/%0aalert(1)",
            "ftp://x.example",
            "word",
            "https://u:p@x.example",
        ] {
            assert_eq!(read_site(bad), None, "{bad}");
        }
    }
}
