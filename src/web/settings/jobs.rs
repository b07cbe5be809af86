//! Background jobs: those that have failed, with the reason, to be retried; and how many are waiting
//! and running. Runs none itself.

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
use crate::texts::Texts;
use crate::ui::sections::{empty, section, title_row};
use crate::ui::staff_page::NavSection;
use crate::ui::{buttons, notices, tables, when};
use crate::web::respond::PageResult;
use crate::web::session::SignedIn;
use crate::web::settings::settings_tabs::{SettingsPage, settings_tabs};
use crate::web::state::Web;
use crate::web::views::staff::staff_page;

/// The most failed jobs on the page.
const MAX_SHOWN: u64 = 100;

/// The query of the page.
#[derive(Debug, Default, Deserialize)]
pub struct JobsQuery {
    /// What was just done.
    done: Option<String>,
}

/// `GET /settings/jobs`
pub async fn index(
    State(web): State<Web>,
    who: SignedIn,
    Query(query): Query<JobsQuery>,
) -> PageResult {
    who.actor.must(Action::ChangeSettings)?;
    let db = web.app.store.read();
    let failed = rows::list(db, Some(JobState::Failed), MAX_SHOWN).await?;
    let total = rows::count(db, JobState::Failed).await?;
    let counts = rows::count_by_lane(db).await?;
    let texts = &web.texts;
    let title = texts.text("jobs-title");
    let failed = html! {
        @if failed.is_empty() {
            (empty(texts.text("jobs-none-failed"), None))
        } @else {
            (failed_list(&web, &failed))
            @if total > MAX_SHOWN {
                p { (texts.with("jobs-newest", &[("shown", MAX_SHOWN.into()), ("total", total.into())])) }
            }
        }
    };
    let main = html! {
        (title_row(&title, ""))
        (settings_tabs(texts, SettingsPage::Jobs))
        @match query.done.as_deref() {
            Some("retried") => (notices::done(texts.text("jobs-retried"))),
            Some("busy") => (notices::info(texts.text("jobs-retried-already"))),
            _ => {},
        }
        (section("failed-heading", &texts.text("jobs-failed"), failed))
        (section("waiting-heading", &texts.text("jobs-active"), lanes_table(texts, &counts)))
    };
    let page = staff_page(&web, &who, NavSection::Settings, &title, &main).await?;
    Ok(page.into_response())
}

/// `POST /settings/jobs/ID/retry`
pub async fn retry(State(web): State<Web>, who: SignedIn, Path(id): Path<String>) -> PageResult {
    who.actor.must(Action::ChangeSettings)?;
    let id: JobId = id.parse().map_err(|_| Error::NotFound("job"))?;
    let done = match jobs::retry(&web.app.store, &web.app.clock, id).await {
        Ok(()) => "retried",
        // Of two people who retry it at once, the second has what they want.
        Err(Error::Conflict(_)) => "busy",
        Err(error) => return Err(error.into()),
    };
    Ok(Redirect::to(&format!("/settings/jobs?done={done}")).into_response())
}

fn failed_list(web: &Web, failed: &[Model]) -> Markup {
    let texts = &web.texts;
    html! {
        ul.rows {
            @for job in failed {
                li.row {
                    div {
                        span.row-title { (label(texts, job)) }
                        p { bdi { (job.last_error.clone().unwrap_or_else(|| texts.text("jobs-unknown-error"))) } }
                        p.meta { (attempts(web, job)) }
                    }
                    (buttons::action(
                        &format!("/settings/jobs/{}/retry", job.id),
                        &texts.text("jobs-retry"),
                        Some(&texts.with("jobs-retry-one", &[("id", job.id.0.to_string().into())])),
                    ))
                }
            }
        }
    }
}

fn attempts(web: &Web, job: &Model) -> String {
    let id = job.id.0.to_string();
    let attempts = job.attempts.into();
    match job.finished_at {
        Some(at) => {
            let at = when::minute(at, &web.app.zone());
            let values = [
                ("id", id.into()),
                ("attempts", attempts),
                ("date", at.into()),
            ];
            web.texts.with("jobs-attempts-failed", &values)
        }
        None => {
            let values = [("id", id.into()), ("attempts", attempts)];
            web.texts.with("jobs-attempts", &values)
        }
    }
}

/// What a job does. Another version of the program may have stored one that this one does not know.
fn label(texts: &Texts, job: &Model) -> String {
    let id = serde_json::from_str::<Job>(&job.payload).map_or("job-unknown", |job| job.label_id());
    texts.text(id)
}

fn lanes_table(texts: &Texts, counts: &[(Lane, JobState, i64)]) -> Markup {
    let count = |lane, state| {
        counts
            .iter()
            .find(|(its_lane, its_state, _)| (*its_lane, *its_state) == (lane, state))
            .map_or(0, |(_, _, jobs)| *jobs)
    };
    let headings = ["jobs-lane", "jobs-waiting", "jobs-running"].map(|id| texts.text(id));
    let rows = Lane::ALL.map(|lane| {
        vec![
            html! { (texts.text(lane_label_id(lane))) },
            html! { (count(lane, JobState::Waiting)) },
            html! { (count(lane, JobState::Running)) },
        ]
    });
    tables::table(&texts.text("jobs-by-lane"), &headings, &rows)
}

fn lane_label_id(lane: Lane) -> &'static str {
    match lane {
        Lane::Prompt => "lane-prompt",
        Lane::Bulk => "lane-bulk",
        Lane::Fetch => "lane-fetch",
        Lane::Email => "lane-email",
    }
}
