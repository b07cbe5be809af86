//! What moderators press: deciding on one response or many, and taking it back.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect};

use crate::error::Error;
use crate::moderation::decide::{self, Decided};
use crate::store::entity::ids::ResponseId;
use crate::web::form::Form;
use crate::web::moderator::entry;
use crate::web::respond::PageResult;
use crate::web::session::SignedIn;
use crate::web::state::Web;

/// `POST /queue/decisions`: `move=STATE:ID` for one, `all=STATE` with any number of `id`.
pub async fn create(State(web): State<Web>, who: SignedIn, form: Form) -> PageResult {
    let unclear = || {
        Error::Conflict(
            "this form was not complete: go back to the queue, reload it, and decide again"
                .to_owned(),
        )
    };
    let (to, ids) = match form.find("move") {
        Some(one) => {
            let (to, id) = one.split_once(':').ok_or_else(unclear)?;
            (to, vec![id.parse::<ResponseId>().map_err(|_| unclear())?])
        }
        None => {
            let ids = form
                .all("id")
                .map(|id| id.parse::<ResponseId>().map_err(|_| unclear()));
            (form.get("all"), ids.collect::<Result<Vec<_>, _>>()?)
        }
    };
    let to = entry::state_named(to).ok_or_else(unclear)?;
    let decided = decide::decide(&web.app, &who.actor, &ids, to).await?;
    Ok(back(&form, &decided))
}

/// `POST /queue/undo`
pub async fn undo(State(web): State<Web>, who: SignedIn, form: Form) -> PageResult {
    let undone = decide::undo(&web.app, &who.actor, form.get("batch")).await?;
    Ok(back(&form, &undone))
}

/// Back to the list that the press came from, with what it did.
pub fn back(form: &Form, decided: &Decided) -> axum::response::Response {
    let state = entry::state_named(form.get("state")).map_or("pending", entry::state_name);
    let done = if decided.moved > 0 {
        format!("&done={}", decided.batch)
    } else {
        String::new()
    };
    Redirect::to(&format!("/queue/?state={state}{done}")).into_response()
}
