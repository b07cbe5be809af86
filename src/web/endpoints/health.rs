//! For those who watch over the site: is it alive, can it work, what are its figures.

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::store::entity::job::{JobState, Lane};
use crate::store::{health, jobs, responses};
use crate::web::client::Client;
use crate::web::respond::PlainOnPurpose;
use crate::web::state::Web;

/// `GET /health/live`: the process answers.
pub async fn live() -> Response {
    plain(StatusCode::OK, "alive\n".to_owned())
}

/// `GET /health/ready`: the database answers too.
pub async fn ready(State(web): State<Web>) -> Response {
    match health::ping(web.app.store.read()).await {
        Ok(()) => plain(StatusCode::OK, "ready\n".to_owned()),
        Err(error) => {
            tracing::error!(%error, "reach the database");
            plain(
                StatusCode::SERVICE_UNAVAILABLE,
                "the database does not answer\n".to_owned(),
            )
        }
    }
}

/// `GET /metrics`: in Prometheus's text form, for the networks that may read it.
pub async fn metrics(State(web): State<Web>, client: Client) -> Response {
    let allowed = web
        .app
        .config
        .server
        .metrics_from
        .iter()
        .any(|net| net.contains(&client.0));
    if !allowed {
        let words = "server.metrics_from does not list your network\n".to_owned();
        return plain(StatusCode::FORBIDDEN, words);
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
                    .find(|(its, stands, _)| (*its, *stands) == (lane, state));
                metrics::gauge!("rejoinder_jobs_by_lane", "lane" => lane.name(), "state" => state.name())
                    .set(count.map_or(0, |(_, _, jobs)| *jobs) as f64);
            }
        }
    }
    if let Ok(counts) = responses::count_by_state(db).await {
        for (state, name) in crate::web::moderator::words::MOVES.map(|(s, name, ..)| (s, name)) {
            let count = counts.get(&state).copied().unwrap_or(0);
            metrics::gauge!("rejoinder_responses", "state" => name).set(count as f64);
        }
    }
    let mut response = plain(StatusCode::OK, web.metrics.render());
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8"),
    );
    response
}

fn plain(status: StatusCode, words: String) -> Response {
    let mut response = (status, words).into_response();
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.extensions_mut().insert(PlainOnPurpose);
    response
}
