//! The external spam checker, asked in Akismet's comment-check protocol: a form goes out, “true” or “false”
//! comes back. It only approves: a response that it does not call harmless stays held.

use url::Url;
use url::form_urlencoded;

use crate::app::App;
use crate::error::{Error, Result};
use crate::judge::{Check, Reason};
use crate::markup::plain;
use crate::posts::find::permalink;
use crate::responses::receive;
use crate::store::entity::ids::ResponseId;
use crate::store::entity::response::{Model as Response, ResponseKind, ResponseState};
use crate::store::{posts, responses};

/// More of an unexpected answer is not stored.
const MAX_ANSWER_CHARS: usize = 60;

/// Asks about a response that is held for nothing else, and approves it where the answer is “false”.
pub async fn check(app: &App, id: ResponseId) -> Result<()> {
    let Some(response) = responses::find(app.store.read(), id).await? else {
        return Ok(());
    };
    let reasons: Vec<Reason> = serde_json::from_str(&response.reasons).unwrap_or_default();
    let waits_for_checker =
        matches!(reasons.as_slice(), [reason] if reason.check == Check::SpamChecker);
    if response.state != ResponseState::Pending || !waits_for_checker {
        return Ok(());
    }
    let endpoint = Url::parse(&app.config.moderation.spam_checker_url)
        .map_err(|error| Error::internal("read moderation.spam_checker_url", error))?;
    let form = "application/x-www-form-urlencoded";
    let body = request_body(app, &response).await?;
    let answer = app
        .fetcher
        .post(&endpoint, form, body.into_bytes(), "text/plain")
        .await
        .map_err(|error| Error::internal("ask the external spam checker", error))?;
    let answer_text = String::from_utf8_lossy(&answer.body).trim().to_owned();
    if !(200..300).contains(&answer.status) {
        return Err(Error::internal(
            "ask the external spam checker",
            format!("it answered {}", answer.status),
        ));
    }
    let is_harmless = answer_text == "false";
    let found = match answer_text.as_str() {
        "true" => "spam".to_owned(),
        other => other.chars().take(MAX_ANSWER_CHARS).collect(),
    };
    let reason = Reason {
        found: Some(found),
        ..Reason::new(Check::SpamChecker)
    };
    let reasons = serde_json::to_string(&[reason])
        .map_err(|error| Error::internal("write the reasons of a response", error))?;
    let (now, name) = (app.clock.now(), app.texts.text("spam-checker-name"));
    app.store
        .write(move |tx| {
            let (reasons, name) = (reasons.clone(), name.clone());
            Box::pin(async move {
                // A moderator may have decided meanwhile.
                let Some(response) = responses::find(tx, id).await? else {
                    return Ok(());
                };
                if response.state != ResponseState::Pending {
                    return Ok(());
                }
                if is_harmless {
                    let to = ResponseState::Approved;
                    receive::move_for_source(tx, &response, to, &name, now).await
                } else {
                    responses::set_reasons(tx, id, &reasons).await
                }
            })
        })
        .await
}

/// The fields of comment-check: <https://akismet.com/developers/detailed-docs/comment-check/>.
async fn request_body(app: &App, response: &Response) -> Result<String> {
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
    let or_empty = |field: &Option<String>| field.clone().unwrap_or_default();
    Ok(form_urlencoded::Serializer::new(String::new())
        .append_pair("api_key", &app.config.moderation.spam_checker_key)
        .append_pair("blog", &app.urls.absolute("/"))
        .append_pair("user_ip", &or_empty(&response.ip))
        .append_pair("user_agent", &or_empty(&response.user_agent))
        .append_pair("permalink", &permalink)
        .append_pair("comment_type", kind)
        .append_pair("comment_author", &response.author_name)
        .append_pair("comment_author_email", &or_empty(&response.author_email))
        .append_pair("comment_author_url", &or_empty(&response.author_url))
        .append_pair("comment_content", &text)
        .append_pair("comment_date_gmt", &response.created_at.rfc3339())
        .finish())
}
