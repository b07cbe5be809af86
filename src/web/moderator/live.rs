//! What other moderators do meanwhile, for the queue's script: what they decided, what they look at.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::moderation::claims;
use crate::store::entity::ids::ResponseId;
use crate::store::entity::response::ResponseState;
use crate::web::form::Form;
use crate::web::moderator::names::state_name;
use crate::web::respond::PageResult;
use crate::web::session::SignedIn;
use crate::web::state::Web;

#[derive(Debug, Default, Deserialize)]
pub struct LiveQuery {
    /// Keys of responses, separated by commas.
    ids: Option<String>,
}

#[derive(Serialize)]
struct LiveResponse {
    state: &'static str,
    /// What to say where the page shows another state.
    decided: String,
    /// Who else looks at it, in a sentence; empty for nobody.
    claimed: String,
}

/// `GET /queue/live?ids=1,2,3`; a response that is gone is not in the answer.
pub async fn show(
    State(web): State<Web>,
    who: SignedIn,
    Query(query): Query<LiveQuery>,
) -> PageResult {
    let ids: Vec<ResponseId> = query
        .ids
        .unwrap_or_default()
        .split(',')
        .filter_map(|id| id.parse().ok())
        .collect();
    let live = claims::live_status(&web.app, &who.actor, &ids).await?;
    let mut responses: BTreeMap<i64, LiveResponse> = live
        .states
        .into_iter()
        .map(|(id, state)| {
            let response = LiveResponse {
                state: state_name(state),
                decided: web.texts.text(decided_id(state)),
                claimed: String::new(),
            };
            (id.0, response)
        })
        .collect();
    for claim in live.claims {
        if let Some(response) = responses.get_mut(&claim.response_id.0) {
            let name = claim.user_name.into();
            response.claimed = web.texts.with("queue-claimed", &[("name", name)]);
        }
    }
    Ok(Json(responses).into_response())
}

fn decided_id(state: ResponseState) -> &'static str {
    match state {
        ResponseState::Approved => "queue-live-approved",
        ResponseState::Spam => "queue-live-spam",
        ResponseState::Trash => "queue-live-trash",
        ResponseState::Pending => "queue-live-pending",
    }
}

/// `POST /queue/claims`: `id` is the response that somebody looks at now.
pub async fn claim(State(web): State<Web>, who: SignedIn, form: Form) -> PageResult {
    who.actor.moderation_scope()?;
    let id = form
        .get("id")
        .parse()
        .map_err(|_| Error::NotFound("response"))?;
    claims::claim(&web.app, &who.actor, id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
