//! Undoing a decision from the log: one response, or all that were decided together. The page says how
//! many that is before anything moves.

use axum::extract::{Query, State};
use axum::response::IntoResponse;
use maud::{Markup, html};
use serde::Deserialize;

use crate::error::Error;
use crate::moderation::undo_preview::{self, UndoPreview};
use crate::store::entity::decision::Model as Decision;
use crate::store::entity::ids::DecisionId;
use crate::texts::Texts;
use crate::ui::staff_page::NavSection;
use crate::ui::when;
use crate::web::moderator::labels::state_label;
use crate::web::moderator::names::state_name;
use crate::web::respond::PageResult;
use crate::web::session::SignedIn;
use crate::web::state::Web;
use crate::web::views::staff::staff_page;

#[derive(Debug, Default, Deserialize)]
pub struct UndoQuery {
    decision: Option<String>,
}

/// `GET /queue/undo?decision=ID`
pub async fn show(
    State(web): State<Web>,
    who: SignedIn,
    Query(query): Query<UndoQuery>,
) -> PageResult {
    who.actor.moderation_scope()?;
    let missing = || Error::NotFound("decision");
    let id = query.decision.unwrap_or_default();
    let id = id.parse().map(DecisionId).map_err(|_| missing())?;
    let (decision, preview) = undo_preview::find(&web.app, &who.actor, id)
        .await?
        .ok_or_else(missing)?;
    let texts = &web.texts;
    let title = texts.text("undo-title");
    let main = html! {
        div.title-row { h1 { (title) } a href="/queue/log" { (texts.text("back-to-log")) } }
        p {
            (texts.around("undo-decided", ("name", &decision.actor_name), &[
                ("count", preview.total.into()),
                ("time", when::minute(decision.decided_at, &web.app.zone()).into()),
            ]))
            " "
            (texts.with("undo-response", &[
                ("id", decision.response_id.to_string().into()),
                ("from", state_label(texts, decision.from_state).into()),
                ("to", state_label(texts, decision.to_state).into()),
            ]))
        }
        p { a href={ "/queue/responses/" (decision.response_id) } { (texts.text("undo-open-response")) } }
        (not_undoable(texts, &preview))
        @if preview.undoable > 0 { (choice(texts, &decision, &preview)) }
        @else { p.received role="status" { (texts.text("undo-nothing-left")) } }
    };
    Ok(staff_page(&web, &who, NavSection::Queue, &title, &main)
        .await?
        .into_response())
}

fn not_undoable(texts: &Texts, preview: &UndoPreview) -> Markup {
    html! {
        @if preview.undone > 0 { p { (texts.with("undo-already", &[("count", preview.undone.into())])) } }
        @if preview.moved_since > 0 { p { (texts.with("undo-moved-again", &[("count", preview.moved_since.into())])) } }
    }
}

fn choice(texts: &Texts, decision: &Decision, preview: &UndoPreview) -> Markup {
    let shown = format!("state={}", state_name(decision.from_state));
    html! {
        div.buttons {
            @if preview.is_undoable {
                form.undo-one method="post" action="/queue/undo" {
                    input type="hidden" name="decision" value=(decision.id);
                    input type="hidden" name="shown" value=(shown);
                    button.primary type="submit" {
                        (texts.with("undo-one", &[("id", decision.response_id.to_string().into())]))
                    }
                }
            }
            @if preview.undoable > 1 || !preview.is_undoable {
                form.undo-all method="post" action="/queue/undo" {
                    input type="hidden" name="batch" value=(decision.batch);
                    input type="hidden" name="shown" value=(shown);
                    button.danger type="submit" { (texts.with("undo-all", &[("count", preview.undoable.into())])) }
                }
            }
            a.button href="/queue/log" { (texts.text("confirm-cancel")) }
        }
    }
}
