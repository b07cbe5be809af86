//! Asking an outside judge, that speaks as Akismet's comment-check does: a form goes out, “true” or
//! “false” comes back. What it does not answer stays held.

use url::Url;
use url::form_urlencoded;

use crate::app::App;
use crate::error::{Error, Result};
use crate::judge::{Reason, Rule};
use crate::markup::plain;
use crate::posts::find::permalink;
use crate::responses::receive;
use crate::store::entity::ids::ResponseId;
use crate::store::entity::response::{Model as Response, ResponseKind, ResponseState};
use crate::store::{posts, responses};

/// Whose decisions these are, in the log.
const NAME: &str = "Outside judge";
/// Where its answer is longer, this much is kept, in characters.
const MOST: usize = 60;

/// Asks about a response that waits for nothing else, and shows it where the answer is “false”.
pub async fn ask(app: &App, id: ResponseId) -> Result<()> {
    let Some(response) = responses::find(app.store.read(), id).await? else {
        return Ok(());
    };
    let reasons: Vec<Reason> = serde_json::from_str(&response.reasons).unwrap_or_default();
    let is_asked = matches!(reasons.as_slice(), [reason] if reason.rule == Rule::Outside);
    if response.state != ResponseState::Pending || !is_asked {
        return Ok(());
    }
    let endpoint = Url::parse(&app.config.moderation.outside)
        .map_err(|error| Error::internal("read moderation.outside", error))?;
    let form = "application/x-www-form-urlencoded";
    let body = question(app, &response).await?;
    let answer = app
        .fetcher
        .post(&endpoint, form, body.into_bytes(), "text/plain")
        .await
        .map_err(|error| Error::internal("ask the outside judge", error))?;
    let words = String::from_utf8_lossy(&answer.body).trim().to_owned();
    if !(200..300).contains(&answer.status) {
        return Err(Error::internal(
            "ask the outside judge",
            format!("it answered {}", answer.status),
        ));
    }
    let is_fine = words == "false";
    let found = match words.as_str() {
        "true" => "spam".to_owned(),
        other => other.chars().take(MOST).collect(),
    };
    let reason = Reason {
        found: Some(found),
        ..Reason::new(Rule::Outside)
    };
    let reasons = serde_json::to_string(&[reason])
        .map_err(|error| Error::internal("write down reasons", error))?;
    let now = app.clock.now();
    app.store
        .write(move |tx| {
            let reasons = reasons.clone();
            Box::pin(async move {
                // A moderator may have been faster.
                let Some(response) = responses::find(&**tx, id).await? else {
                    return Ok(());
                };
                if response.state != ResponseState::Pending {
                    return Ok(());
                }
                if is_fine {
                    let to = ResponseState::Approved;
                    receive::move_for_source(tx, &response, to, NAME, now).await
                } else {
                    responses::set_reasons(&**tx, id, &reasons).await
                }
            })
        })
        .await
}

/// The fields of comment-check (akismet.com/developers/detailed-docs/comment-check).
async fn question(app: &App, response: &Response) -> Result<String> {
    let post = posts::find(app.store.read(), response.post_id).await?;
    let permalink = post.map_or_else(String::new, |post| {
        app.urls.absolute(&permalink(app, &post))
    });
    let text = if response.body_markdown.is_empty() {
        plain::text_of(&response.body_html)
    } else {
        response.body_markdown.clone()
    };
    let kind = match response.kind {
        ResponseKind::Comment => "comment",
        ResponseKind::Pingback => "pingback",
        ResponseKind::Trackback => "trackback",
        ResponseKind::Webmention => "webmention",
    };
    let given = |field: &Option<String>| field.clone().unwrap_or_default();
    Ok(form_urlencoded::Serializer::new(String::new())
        .append_pair("api_key", &app.config.moderation.outside_key)
        .append_pair("blog", &app.urls.absolute("/"))
        .append_pair("user_ip", &given(&response.ip))
        .append_pair("user_agent", &given(&response.user_agent))
        .append_pair("permalink", &permalink)
        .append_pair("comment_type", kind)
        .append_pair("comment_author", &response.author_name)
        .append_pair("comment_author_email", &given(&response.author_email))
        .append_pair("comment_author_url", &given(&response.author_url))
        .append_pair("comment_content", &text)
        .append_pair("comment_date_gmt", &response.created_at.rfc3339())
        .finish())
}
