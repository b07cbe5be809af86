//! Taking a decision back from the log: one response of many that were decided on together, or
//! all of them. The page says how many that is before anything moves.

use axum::extract::{Query, State};
use axum::response::IntoResponse;
use maud::{Markup, html};
use serde::Deserialize;

use crate::error::Error;
use crate::moderation::survey::{self, Survey};
use crate::store::entity::decision::Model as Decision;
use crate::store::entity::ids::DecisionId;
use crate::web::moderator::asking::responses;
use crate::web::moderator::words::state_name;
use crate::web::respond::PageResult;
use crate::web::session::SignedIn;
use crate::web::state::Web;
use crate::web::views::staff::{Room, staff_page};
use crate::web::views::when;

/// Which decision is to be taken back.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    decision: Option<String>,
}

/// `GET /queue/undo?decision=ID`
pub async fn show(State(web): State<Web>, who: SignedIn, Query(asked): Query<Asked>) -> PageResult {
    who.actor.reach()?;
    let missing = || Error::NotFound("decision");
    let id = asked.decision.unwrap_or_default();
    let id = id.parse().map(DecisionId).map_err(|_| missing())?;
    let (decision, survey) = survey::find(&web.app, &who.actor, id)
        .await?
        .ok_or_else(missing)?;
    let main = html! {
        div.title-row { h1 { "Undo a decision" } a href="/queue/log" { "Back to the log" } }
        p {
            bdi { (decision.actor_name) } " moved " strong { (responses(survey.total)) } " together, "
            (when::time_of_minute(decision.decided_at, web.app.urls.zone())) ". Response "
            a href={ "/queue/responses/" (decision.response_id) } { "#" (decision.response_id) }
            " went from " (state_name(decision.from_state)) " to " (state_name(decision.to_state)) "."
        }
        (stays(&survey))
        @if survey.left > 0 { (choice(&decision, &survey)) }
        @else { p.received role="status" { "There is nothing left to undo." } }
    };
    let site = web.site_name().await?;
    Ok(staff_page(&site, &who, Room::Queue, "Undo a decision", &main).into_response())
}

/// What is no longer where the press put it.
fn stays(survey: &Survey) -> Markup {
    html! {
        @if survey.undone > 0 { p { "Undone already: " (responses(survey.undone)) "." } }
        @if survey.moved_on > 0 {
            p { "Moved again since: " (responses(survey.moved_on)) ". What was moved again stays where it was put." }
        }
    }
}

fn choice(decision: &Decision, survey: &Survey) -> Markup {
    let shown = format!("state={}", state_name(decision.from_state));
    html! {
        div.buttons {
            @if survey.is_left {
                form.undo-one method="post" action="/queue/undo" {
                    input type="hidden" name="decision" value=(decision.id);
                    input type="hidden" name="shown" value=(shown);
                    button.primary type="submit" { "Undo only #" (decision.response_id) }
                }
            }
            @if survey.left > 1 || !survey.is_left {
                form.undo-all method="post" action="/queue/undo" {
                    input type="hidden" name="batch" value=(decision.batch);
                    input type="hidden" name="shown" value=(shown);
                    button.danger type="submit" { "Undo all " (survey.left) }
                }
            }
            a.button href="/queue/log" { "Cancel" }
        }
    }
}
