//! Background jobs: those that were given up, with why, to be tried again; and how many wait.

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect};
use maud::{Markup, html};
use serde::Deserialize;

use crate::accounts::permissions::Action;
use crate::error::Error;
use crate::jobs::{self, Job};
use crate::store::entity::ids::JobId;
use crate::store::entity::job::{JobState, Lane, Model};
use crate::store::jobs as rows;
use crate::web::respond::PageResult;
use crate::web::session::SignedIn;
use crate::web::state::Web;
use crate::web::views::staff::{Room, staff_page};
use crate::web::views::when;

/// The most failed jobs on the page.
const MAX_SHOWN: u64 = 100;

/// What was just done.
#[derive(Debug, Default, Deserialize)]
pub struct Done {
    done: Option<String>,
}

/// `GET /settings/jobs`
pub async fn index(State(web): State<Web>, who: SignedIn, Query(done): Query<Done>) -> PageResult {
    who.actor.must(Action::ChangeSettings)?;
    let db = web.app.store.read();
    let failed = rows::list(db, Some(JobState::Failed), MAX_SHOWN).await?;
    let total = rows::count(db, JobState::Failed).await?;
    let counts = rows::count_by_lane(db).await?;
    let main = html! {
        div.title-row { h1 { "Background jobs" } a href="/settings/" { "Back to the settings" } }
        @match done.done.as_deref() {
            Some("retried") => { p.received role="status" { "The job will be tried again now." } },
            Some("busy") => { p.received role="status" { "Somebody retried this job already: it waits, is being done, or is done." } },
            _ => {},
        }
        section aria-labelledby="failed-heading" {
            h2 #failed-heading { "Failed" }
            @if failed.is_empty() {
                div.empty { p { "No job has failed. A job that fails five times in a row is listed here, with the reason, and can be tried again." } }
            } @else {
                (failed_list(&web, &failed))
                @if total > MAX_SHOWN { p { "The newest " (MAX_SHOWN) " of " (total) "." } }
            }
        }
        section aria-labelledby="waiting-heading" {
            h2 #waiting-heading { "Waiting and running" }
            (lanes_table(&counts))
        }
    };
    let site = web.site_name().await?;
    Ok(staff_page(&site, &who, Room::Settings, "Background jobs", &main).into_response())
}

/// `POST /settings/jobs/ID/retry`
pub async fn retry(State(web): State<Web>, who: SignedIn, Path(id): Path<String>) -> PageResult {
    who.actor.must(Action::ChangeSettings)?;
    let id: JobId = id.parse().map_err(|_| Error::NotFound("job"))?;
    let done = match jobs::retry(&web.app.store, &web.app.clock, id).await {
        Ok(()) => "retried",
        // Of two people who press at once the second has what they want.
        Err(Error::Conflict(_)) => "busy",
        Err(error) => return Err(error.into()),
    };
    Ok(Redirect::to(&format!("/settings/jobs?done={done}")).into_response())
}

fn failed_list(web: &Web, failed: &[Model]) -> Markup {
    let zone = web.app.urls.zone();
    html! {
        ul.rows {
            @for job in failed {
                li.row {
                    div {
                        span.row-title { (description(job)) }
                        p { bdi { (job.last_error.as_deref().unwrap_or("Unknown error.")) } }
                        p.meta {
                            "Job " (job.id) ", tried " (job.attempts) @if job.attempts == 1 { " time" } @else { " times" }
                            @if let Some(at) = job.finished_at { ", given up on " (when::time_of_minute(at, zone)) }
                        }
                    }
                    form method="post" action={ "/settings/jobs/" (job.id) "/retry" } {
                        button type="submit" aria-label={ "Retry job " (job.id) } { "Retry" }
                    }
                }
            }
        }
    }
}

/// What a job does; one of another version of the program has no words here.
fn description(job: &Model) -> &'static str {
    serde_json::from_str::<Job>(&job.payload)
        .map_or("A job that this version does not know", |job| {
            job.description()
        })
}

fn lanes_table(counts: &[(Lane, JobState, i64)]) -> Markup {
    let count = |lane, state| {
        counts
            .iter()
            .find(|(its, stands, _)| (*its, *stands) == (lane, state))
            .map_or(0, |(_, _, jobs)| *jobs)
    };
    html! {
        div.table-scroll tabindex="0" role="region" aria-label="Jobs by lane" {
            table {
                thead { tr { th scope="col" { "Jobs" } th scope="col" { "Waiting" } th scope="col" { "Running" } } }
                tbody {
                    @for lane in Lane::ALL {
                        tr {
                            td { (lane_words(lane)) }
                            td { (count(lane, JobState::Waiting)) }
                            td { (count(lane, JobState::Running)) }
                        }
                    }
                }
            }
        }
    }
}

fn lane_words(lane: Lane) -> &'static str {
    match lane {
        Lane::Prompt => "Publishing",
        Lane::Bulk => "Bulk decisions and learning",
        Lane::Fetch => "Other sites",
        Lane::Email => "Email",
    }
}
