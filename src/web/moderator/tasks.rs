//! A task on many responses: its progress, and what it did or found.

use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Redirect};
use maud::{Markup, html};

use crate::moderation::bulk::{self, BulkTask};
use crate::moderation::dry_run::{self, DryRunMatch};
use crate::moderation::rule_draft::RuleDraft;
use crate::store::entity::response::ResponseState;
use crate::store::entity::rule::RuleAction;
use crate::store::entity::task::Model as Task;
use crate::texts::Texts;
use crate::ui::staff_page::NavSection;
use crate::ui::{notices, tables};
use crate::web::moderator::entry::marked_quote;
use crate::web::moderator::labels::{place_label, state_label};
use crate::web::moderator::names::{find_state, state_name};
use crate::web::respond::PageResult;
use crate::web::session::SignedIn;
use crate::web::state::Web;
use crate::web::views::staff::staff_page;

/// `GET /queue/tasks/TOKEN`: reloads itself until the task has ended.
pub async fn show(State(web): State<Web>, who: SignedIn, Path(token): Path<String>) -> PageResult {
    let (task, kind) = bulk::load(&web.app, &who.actor, &token).await?;
    let texts = &web.texts;
    let title = match &kind {
        BulkTask::Decide { to, .. } => texts.text(match to {
            ResponseState::Approved => "task-title-approved",
            ResponseState::Spam => "task-title-spam",
            ResponseState::Trash => "task-title-trash",
            ResponseState::Pending => "task-title-pending",
        }),
        BulkTask::Undo { .. } => texts.text("task-title-undo"),
        BulkTask::DryRun { draft } => {
            texts.with("task-title-test", &[("name", draft.name.as_str().into())])
        }
    };
    let is_test = matches!(kind, BulkTask::DryRun { .. });
    let main = html! {
        div.title-row { h1 { (title) } a href="/queue/" { (texts.text("back-to-queue")) } }
        @if task.error.is_empty() { (progress(texts, &task, is_test)) } @else { (stopped(texts, &task, is_test)) }
        @match &kind {
            BulkTask::Decide { .. } => { @if task.ended_at.is_some() { (undo_form(texts, &task)) } },
            BulkTask::Undo { .. } => {},
            BulkTask::DryRun { draft } => (test_result(texts, &task, draft)),
        }
    };
    let page = staff_page(&web, &who, NavSection::Queue, &title, &main).await?;
    let mut response = page.into_response();
    if task.ended_at.is_none() {
        let refresh = HeaderName::from_static("refresh");
        response
            .headers_mut()
            .insert(refresh, HeaderValue::from_static("1"));
    }
    Ok(response)
}

/// `POST /queue/tasks/TOKEN/retry`: continues where the task stopped.
pub async fn retry(State(web): State<Web>, who: SignedIn, Path(token): Path<String>) -> PageResult {
    bulk::retry(&web.app, &who.actor, &token).await?;
    Ok(Redirect::to(&format!("/queue/tasks/{token}")).into_response())
}

fn stopped(texts: &Texts, task: &Task, is_test: bool) -> Markup {
    let counts = [
        ("seen", task.seen.into()),
        ("total", task.total.max(task.seen).into()),
    ];
    html! {
        div.problems role="status" {
            p { (texts.with("task-stopped", &counts)) " " (task.error) }
            @if !is_test { p { (texts.with("task-stopped-moved", &[("count", task.moved.into())])) } }
        }
        form method="post" action={ "/queue/tasks/" (task.token) "/retry" } {
            p { button.primary type="submit" { (texts.text("task-retry")) } }
        }
    }
}

fn progress(texts: &Texts, task: &Task, is_test: bool) -> Markup {
    let (seen, total) = (task.seen, task.total.max(task.seen));
    html! {
        @if task.ended_at.is_none() {
            p role="status" { (texts.with("task-so-far", &[("seen", seen.into()), ("total", total.into())])) }
            progress max=(total.max(1)) value=(seen) aria-label=(texts.text("task-progress")) {}
        } @else if is_test {
            (notices::done(texts.with("task-test-done", &[("count", seen.into())])))
        } @else {
            (notices::done(texts.with("task-done", &[("moved", task.moved.into()), ("left", (seen - task.moved).into())])))
        }
    }
}

fn undo_form(texts: &Texts, task: &Task) -> Markup {
    html! {
        @if task.moved > 0 {
            form method="post" action="/queue/undo" {
                input type="hidden" name="batch" value=(task.token);
                p {
                    button type="submit" { (texts.with("undo-all", &[("count", task.moved.into())])) }
                    " " span.hint { (texts.text("task-undo-hint")) }
                }
            }
        }
    }
}

fn test_result(texts: &Texts, task: &Task, draft: &RuleDraft) -> Markup {
    let result = dry_run::result_of(task);
    let matches: u64 = result.matched.values().sum();
    let would = match draft.action {
        RuleAction::Approve => "rule-test-would-approve",
        RuleAction::Hold => "rule-test-would-hold",
        RuleAction::Spam => "rule-test-would-spam",
        RuleAction::Refuse => "rule-test-would-refuse",
    };
    let rows: Vec<Vec<Markup>> = result
        .matched
        .iter()
        .map(|(name, count)| {
            let state = find_state(name).map(|state| state_label(texts, state));
            vec![html! { (state.unwrap_or_default()) }, html! { (count) }]
        })
        .collect();
    let headings = ["rule-test-decided", "rule-test-matches"].map(|id| texts.text(id));
    html! {
        p { (texts.text(would)) " " (texts.with("rule-test-count", &[("count", matches.into())])) }
        @if matches > 0 { (tables::table(&texts.text("rule-test-table"), &headings, &rows)) }
        @if task.ended_at.is_some() && task.error.is_empty() {
            form.trial method="post" action="/queue/rules" {
                input type="hidden" name="task" value=(task.token);
                p.buttons {
                    button.primary type="submit" { (texts.text("rule-save")) }
                    " " a href={ "/queue/rules/new?task=" (task.token) } { (texts.text("rule-change")) }
                    " " a href="/queue/rules" { (texts.text("rule-discard")) }
                }
            }
        }
        @if !result.surprises.is_empty() {
            h2 { (texts.text("rule-test-surprises")) }
            (match_list(texts, &result.surprises))
        }
        @if !result.others.is_empty() {
            h2 { (texts.text("rule-test-others")) }
            (match_list(texts, &result.others))
        }
    }
}

fn match_list(texts: &Texts, matches: &[DryRunMatch]) -> Markup {
    html! {
        ul.rows {
            @for found in matches {
                li.row {
                    div {
                        a.row-title href={ "/queue/responses/" (found.id) } { bdi { (found.author) } }
                        " " span class={ "state " (state_name(found.state)) } { (state_label(texts, found.state)) }
                        p dir="auto" { (found.text) }
                        p.meta {
                            @if let Some(place) = found.field {
                                (texts.with("rule-test-found", &[("place", place_label(texts, place).into())])) " "
                            }
                            @if let Some(quote) = &found.quote { (marked_quote(quote)) }
                            @else if let Some(found) = &found.found { mark { (found) } }
                        }
                    }
                }
            }
        }
    }
}
