//! Deciding from a letter: the link shows the response, one press decides. Nothing happens by opening
//! it.

use axum::extract::{Path, State};
use axum::response::IntoResponse;
use maud::{Markup, html};

use crate::error::Error;
use crate::moderation::email_link::{self, Opened};
use crate::store::entity::response::ResponseState;
use crate::web::form::Form;
use crate::web::moderator::words::{MOVES, reason_words, state_name, state_named};
use crate::web::respond::PageResult;
use crate::web::state::Web;
use crate::web::views::body::body;
use crate::web::views::staff::door_page;

/// `GET /queue/letter/LETTER`
pub async fn show(State(web): State<Web>, Path(letter): Path<String>) -> PageResult {
    let Opened {
        entry,
        post,
        is_open,
    } = email_link::find(&web.app, &letter).await?;
    let response = &entry.response;
    let main = html! {
        p { strong dir="auto" { (response.author_name) } " on “" bdi { (post.title) } "”" }
        @if !entry.reasons.is_empty() {
            ul.reasons { @for reason in &entry.reasons { li { (reason_words(reason)) } } }
        }
        blockquote.quoted dir="auto" { (body(&web, &response.body_html)) }
        @if is_open {
            form method="post" action={ "/queue/letter/" (letter) } {
                p.buttons {
                    @for (state, name, label, _) in MOVES {
                        @if state != ResponseState::Pending {
                            button type="submit" name="to" value=(name) class=[(state == ResponseState::Approved).then_some("primary")] { (label) }
                        }
                    }
                }
            }
        } @else if response.state == ResponseState::Pending {
            p.note { "This link has already been used, and the response was held again since. Decide on it in the queue." }
        } @else {
            p.note { "Already decided: it is " (state_name(response.state)) "." }
        }
        p { a href="/queue/" { "The whole queue" } }
    };
    page(&web, "Decide on a response", &main).await
}

/// `POST /queue/letter/LETTER`
pub async fn create(State(web): State<Web>, Path(letter): Path<String>, form: Form) -> PageResult {
    let to = state_named(form.get("to"))
        .filter(|to| *to != ResponseState::Pending)
        .ok_or(Error::NotFound("decision"))?;
    let is_decided = email_link::decide(&web.app, &letter, to).await?;
    let main = html! {
        @if is_decided {
            p.received role="status" { "Done: it is " (state_name(to)) " now. Undo it from the log, within 30 days." }
        } @else {
            p.note role="status" { "Already decided: nothing was changed. A link in an email decides once." }
        }
        p { a href="/queue/" { "The whole queue" } }
    };
    page(&web, "Decided", &main).await
}

async fn page(web: &Web, title: &str, main: &Markup) -> PageResult {
    let site = web.site_name().await?;
    Ok(door_page(&site.name, title, main).into_response())
}
