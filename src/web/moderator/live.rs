//! What happens in the queue meanwhile, for its script: who looks at what, what others decided.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::moderation::claims;
use crate::store::entity::ids::ResponseId;
use crate::web::form::Form;
use crate::web::moderator::words::state_name;
use crate::web::respond::PageResult;
use crate::web::session::SignedIn;
use crate::web::state::Web;

/// Which responses are asked about.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    ids: Option<String>,
}

#[derive(Serialize)]
struct Live {
    states: BTreeMap<i64, &'static str>,
    claims: BTreeMap<i64, String>,
}

/// `GET /queue/live?ids=1,2,3`
pub async fn show(State(web): State<Web>, who: SignedIn, Query(asked): Query<Asked>) -> PageResult {
    let ids: Vec<ResponseId> = asked
        .ids
        .unwrap_or_default()
        .split(',')
        .filter_map(|id| id.parse().ok())
        .collect();
    let live = claims::look(&web.app, &who.actor, &ids).await?;
    Ok(Json(Live {
        states: live
            .states
            .into_iter()
            .map(|(id, state)| (id.0, state_name(state)))
            .collect(),
        claims: live
            .claims
            .into_iter()
            .map(|claim| (claim.response_id.0, claim.user_name))
            .collect(),
    })
    .into_response())
}

/// `POST /queue/claims`: `id` is what somebody looks at now.
pub async fn claim(State(web): State<Web>, who: SignedIn, form: Form) -> PageResult {
    who.actor.reach()?;
    let id = form
        .get("id")
        .parse()
        .map_err(|_| Error::NotFound("response"))?;
    claims::claim(&web.app, &who.actor, id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
