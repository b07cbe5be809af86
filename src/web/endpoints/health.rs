//! For monitoring: whether the process answers, whether it can work, and its metrics. Changes nothing.

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;

use crate::store::entity::job::{JobState, Lane};
use crate::store::{health, jobs, response_counts};
use crate::web::client::ClientIp;
use crate::web::moderator::names;
use crate::web::plain_text::plain_text;
use crate::web::state::Web;

/// `GET /health/live`: the process answers.
pub async fn live() -> Response {
    plain(StatusCode::OK, "alive\n")
}

/// `GET /health/ready`: the database answers too.
pub async fn ready(State(web): State<Web>) -> Response {
    match health::ping(web.app.store.read()).await {
        Ok(()) => plain(StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::error!(%error, "reach the database");
            plain(
                StatusCode::SERVICE_UNAVAILABLE,
                "the database does not answer\n",
            )
        }
    }
}

/// `GET /metrics`: in Prometheus's text form, for the networks that may read it.
pub async fn metrics(State(web): State<Web>, client: ClientIp) -> Response {
    let allowed = web
        .app
        .config
        .server
        .metrics_from
        .iter()
        .any(|net| net.contains(&client.0));
    if !allowed {
        let text = "server.metrics_from does not list your network\n";
        return plain(StatusCode::FORBIDDEN, text);
    }
    let db = web.app.store.read();
    for (state, name) in [(JobState::Waiting, "waiting"), (JobState::Failed, "failed")] {
        if let Ok(count) = jobs::count(db, state).await {
            metrics::gauge!("rejoinder_jobs", "state" => name).set(count as f64);
        }
    }
    if let Ok(counts) = jobs::count_by_lane(db).await {
        for lane in Lane::ALL {
            for state in [JobState::Waiting, JobState::Running] {
                let count = counts
                    .iter()
                    .find(|(of_lane, in_state, _)| (*of_lane, *in_state) == (lane, state));
                metrics::gauge!("rejoinder_jobs_by_lane", "lane" => lane.name(), "state" => state.name())
                    .set(count.map_or(0, |(_, _, jobs)| *jobs) as f64);
            }
        }
    }
    if let Ok(counts) = response_counts::count_by_state(db).await {
        for state in names::STATES {
            let count = counts.get(&state).copied().unwrap_or(0);
            metrics::gauge!("rejoinder_responses", "state" => names::state_name(state))
                .set(count as f64);
        }
    }
    let mut response = plain(StatusCode::OK, web.metrics.render());
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8"),
    );
    response
}

fn plain(status: StatusCode, text: impl Into<String>) -> Response {
    let mut response = plain_text(status, text);
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
