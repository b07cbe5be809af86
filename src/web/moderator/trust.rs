//! Whom the site trusts: giving it from the queue, and taking it back.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect};
use maud::html;

use crate::error::Error;
use crate::moderation::trust;
use crate::store::entity::ids::TrustId;
use crate::store::entity::trust::TrustScope;
use crate::web::form::Form;
use crate::web::moderator::decisions;
use crate::web::respond::PageResult;
use crate::web::session::SignedIn;
use crate::web::state::Web;
use crate::web::views::staff::{Room, staff_page};
use crate::web::views::when;

/// The word for a scope, in forms.
pub fn scope_name(scope: TrustScope) -> &'static str {
    match scope {
        TrustScope::Author => "author",
        TrustScope::Host => "host",
    }
}

/// `GET /queue/trusts`
pub async fn index(State(web): State<Web>, who: SignedIn) -> PageResult {
    let trusts = trust::list(&web.app, &who.actor).await?;
    let main = html! {
        div.title-row { h1 { "Trusted sites and authors" } a href="/queue/" { "Back to the queue" } }
        p { "Their linkbacks are verified like any other, and then shown without waiting for you. Taking trust back holds again what it let in; that can be undone." }
        @if trusts.is_empty() {
            div.empty { p { "Nobody is trusted yet. Press “Trust …” beside a linkback in the queue." } }
        } @else {
            ul.rows {
                @for trust in &trusts {
                    li.row {
                        div {
                            strong { (trust.subject) } " " span.kind { (scope_name(trust.scope)) }
                            p.meta { "since " (when::time_of_minute(trust.given_at, web.app.urls.zone())) ", by " (trust.given_by_name) }
                        }
                        form method="post" action={ "/queue/trusts/" (trust.id) "/withdrawal" } {
                            button type="submit" aria-label={ "Take back: " (trust.subject) } { "Take back" }
                        }
                    }
                }
            }
        }
    };
    let site = web.site_name().await?;
    Ok(staff_page(&site, &who, Room::Queue, "Trust", &main).into_response())
}

/// `POST /queue/trusts`: `trust=SCOPE:ID`, the response that the subject is taken from.
pub async fn create(State(web): State<Web>, who: SignedIn, form: Form) -> PageResult {
    let (scope, id) = form
        .get("trust")
        .split_once(':')
        .ok_or(Error::NotFound("linkback"))?;
    let scope = [TrustScope::Author, TrustScope::Host]
        .into_iter()
        .find(|known| scope_name(*known) == scope)
        .ok_or(Error::NotFound("linkback"))?;
    let id = id.parse().map_err(|_| Error::NotFound("linkback"))?;
    let decided = trust::give(&web.app, &who.actor, id, scope).await?;
    Ok(decisions::back(&form, &decided))
}

/// `POST /queue/trusts/ID/withdrawal`
pub async fn delete(State(web): State<Web>, who: SignedIn, Path(id): Path<String>) -> PageResult {
    let id: TrustId = id.parse().map_err(|_| Error::NotFound("trust"))?;
    let decided = trust::take_back(&web.app, &who.actor, id).await?;
    Ok(if decided.moved > 0 {
        Redirect::to(&format!("/queue/?state=pending&done={}", decided.batch)).into_response()
    } else {
        Redirect::to("/queue/trusts").into_response()
    })
}
