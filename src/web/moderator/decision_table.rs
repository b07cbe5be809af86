//! A table of decisions, each with the way to undo it: on the log, and on a response's own page.

use std::collections::HashMap;

use maud::{Markup, html};

use crate::moderation::log::{self, LogEntry, LogResponse};
use crate::store::entity::decision::Model as Decision;
use crate::store::entity::ids::ResponseId;
use crate::texts::Texts;
use crate::ui::{tables, when};
use crate::web::moderator::labels::state_label;
use crate::web::moderator::names::state_name;
use crate::web::state::Web;

/// The decisions of several responses, of which `responses` has those that still exist.
pub fn log_table(
    web: &Web,
    decisions: &[LogEntry],
    responses: &HashMap<ResponseId, LogResponse>,
) -> Markup {
    let response = |decision: &Decision| {
        let id = decision.response_id;
        html! {
            a href={ "/queue/responses/" (id) } {
                @match responses.get(&id) {
                    Some(response) => bdi { (response.author_name) },
                    None => (web.texts.with("log-response", &[("id", id.to_string().into())])),
                }
            }
            @if let Some(response) = responses.get(&id) { div.meta dir="auto" { (response.beginning) } }
        }
    };
    decision_table(web, decisions, Some(&response))
}

/// The decisions of one response.
pub fn history_table(web: &Web, decisions: &[LogEntry]) -> Markup {
    decision_table(web, decisions, None)
}

/// `response` makes the cell that says which response a decision is about.
fn decision_table(
    web: &Web,
    decisions: &[LogEntry],
    response: Option<&dyn Fn(&Decision) -> Markup>,
) -> Markup {
    let texts = &web.texts;
    let mut headings = ["log-when", "log-who", "log-from", "log-to", "log-undo"]
        .map(|id| texts.text(id))
        .to_vec();
    if response.is_some() {
        headings.insert(2, texts.text("log-response-heading"));
    }
    let rows: Vec<Vec<Markup>> = decisions
        .iter()
        .map(|logged| {
            let decision = &logged.decision;
            let mut cells = vec![
                when::time_of_minute(decision.decided_at, &web.app.zone()),
                html! {
                    bdi { (decision.actor_name) }
                    @if !decision.note.is_empty() { ": " bdi { (decision.note) } }
                },
                html! { (state_label(texts, decision.from_state)) },
                html! { (state_label(texts, decision.to_state)) },
                undo_cell(web, logged),
            ];
            if let Some(response) = response {
                cells.insert(2, response(decision));
            }
            cells
        })
        .collect();
    tables::table(&texts.text("log-table"), &headings, &rows)
}

fn undo_cell(web: &Web, logged: &LogEntry) -> Markup {
    let texts = &web.texts;
    html! {
        @if logged.decision.undoes.is_some() { (texts.text("log-is-undo")) }
        @else if logged.undone { (texts.text("log-undone")) }
        @else if log::is_undoable(logged, web.app.clock.now()) {
            @if logged.batch_size > 1 { (undo_link(texts, logged)) }
            @else { (undo_button(texts, &logged.decision)) }
        }
    }
}

/// To the page where somebody chooses between one response and all that were decided together.
fn undo_link(texts: &Texts, logged: &LogEntry) -> Markup {
    let decision = &logged.decision;
    let counted = [
        ("id", decision.response_id.to_string().into()),
        ("count", logged.batch_size.into()),
    ];
    html! {
        a href={ "/queue/undo?decision=" (decision.id) } aria-label=(texts.with("log-undo-several-named", &counted)) {
            (texts.with("log-undo-several", &counted))
        }
    }
}

fn undo_button(texts: &Texts, decision: &Decision) -> Markup {
    let full_label = texts.with(
        "log-undo-named",
        &[
            ("id", decision.response_id.to_string().into()),
            ("to", state_label(texts, decision.to_state).into()),
        ],
    );
    html! {
        form method="post" action="/queue/undo" {
            input type="hidden" name="batch" value=(decision.batch);
            input type="hidden" name="shown" value={ "state=" (state_name(decision.from_state)) };
            button.link type="submit" aria-label=(full_label) { (texts.text("queue-undo")) }
        }
    }
}
