//! Deciding by a link from an email, without signing in. Opening the link only shows the response; a
//! button decides, because mail scanners open every link.

use axum::extract::{Path, State};
use axum::response::IntoResponse;
use maud::{Markup, html};

use crate::error::Error;
use crate::moderation::email_link::{self, EmailLinkTarget};
use crate::store::entity::response::ResponseState;
use crate::texts::Texts;
use crate::ui::notices;
use crate::ui::signed_out_page::signed_out_page;
use crate::ui::text_block::stored_text;
use crate::web::form::Form;
use crate::web::moderator::labels::{move_label, reason_text};
use crate::web::moderator::names::{STATES, find_state, state_name};
use crate::web::respond::PageResult;
use crate::web::state::Web;

/// `GET /queue/email/LINK`
pub async fn show(State(web): State<Web>, Path(link): Path<String>) -> PageResult {
    let EmailLinkTarget {
        entry,
        post,
        is_open,
    } = email_link::load(&web.app, &link).await?;
    let (texts, response) = (&web.texts, &entry.response);
    let main = html! {
        p {
            strong dir="auto" { (response.author_name) } " "
            (texts.around("email-link-post", ("title", &post.title), &[]))
        }
        @if !entry.reasons.is_empty() {
            ul.reasons { @for reason in &entry.reasons { li { (reason_text(texts, reason)) } } }
        }
        blockquote.quoted dir="auto" { (stored_text(texts, &response.body_html)) }
        @if is_open { (decision_form(texts, &link)) }
        @else { (notices::note(texts.text(closed_id(response.state)))) }
        p { a href="/queue/" { (texts.text("email-link-queue")) } }
    };
    page(&web, &texts.text("email-link-title"), &main).await
}

fn decision_form(texts: &Texts, link: &str) -> Markup {
    html! {
        form method="post" action={ "/queue/email/" (link) } {
            p.buttons {
                @for state in STATES {
                    @if state != ResponseState::Pending {
                        button type="submit" name="to" value=(state_name(state))
                            class=[(state == ResponseState::Approved).then_some("primary")] { (move_label(texts, state)) }
                    }
                }
            }
        }
    }
}

/// Why a link no longer decides.
fn closed_id(state: ResponseState) -> &'static str {
    match state {
        ResponseState::Pending => "email-link-held-again",
        ResponseState::Approved => "email-link-already-approved",
        ResponseState::Spam => "email-link-already-spam",
        ResponseState::Trash => "email-link-already-trash",
    }
}

/// `POST /queue/email/LINK`
pub async fn create(State(web): State<Web>, Path(link): Path<String>, form: Form) -> PageResult {
    let to = find_state(form.get("to")).ok_or(Error::NotFound("decision"))?;
    let done = match to {
        ResponseState::Approved => "email-link-done-approved",
        ResponseState::Spam => "email-link-done-spam",
        ResponseState::Trash => "email-link-done-trash",
        ResponseState::Pending => return Err(Error::NotFound("decision").into()),
    };
    let is_decided = email_link::decide(&web.app, &link, to).await?;
    let texts = &web.texts;
    let main = html! {
        @if is_decided { (notices::done(texts.text(done))) }
        @else { (notices::info(texts.text("email-link-used"))) }
        p { a href="/queue/" { (texts.text("email-link-queue")) } }
    };
    page(&web, &texts.text("email-link-done-title"), &main).await
}

async fn page(web: &Web, title: &str, main: &Markup) -> PageResult {
    let site = web.site_name().await?;
    Ok(signed_out_page(&web.frame(&site).titled(title), main).into_response())
}
