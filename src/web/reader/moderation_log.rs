//! The public log of decisions, where the site has switched it on. Never shows a name or a text.

use axum::extract::{Query, State};
use axum::response::IntoResponse;
use maud::html;

use crate::moderation::log;
use crate::store::entity::ids::DecisionId;
use crate::store::entity::response::ResponseState;
use crate::ui::reader_page::reader_page;
use crate::ui::when;
use crate::web::moderator::log::LogQuery;
use crate::web::respond::PageResult;
use crate::web::state::Web;

fn state_label_id(state: ResponseState) -> &'static str {
    match state {
        ResponseState::Pending => "state-pending",
        ResponseState::Approved => "state-approved",
        ResponseState::Spam => "state-spam",
        ResponseState::Trash => "state-trash",
    }
}

/// `GET /moderation-log`
pub async fn show(State(web): State<Web>, Query(shown): Query<LogQuery>) -> PageResult {
    let page = log::page_public_log(&web.app, shown.before.map(DecisionId)).await?;
    let texts = &web.texts;
    let title = texts.text("public-log-title");
    let main = html! {
        h1 { (title) }
        p { (texts.text("public-log-intro")) }
        div.table-scroll tabindex="0" role="region" aria-label=(title) {
            table {
                thead { tr {
                    th scope="col" { (texts.text("public-log-when")) }
                    th scope="col" { (texts.text("public-log-from")) }
                    th scope="col" { (texts.text("public-log-to")) }
                    th scope="col" { (texts.text("public-log-undone")) }
                } }
                tbody {
                    @for logged in &page.decisions {
                        tr {
                            td { (when::time_of_minute(logged.decision.decided_at, &web.app.zone())) }
                            td { (texts.text(state_label_id(logged.decision.from_state))) }
                            td { (texts.text(state_label_id(logged.decision.to_state))) }
                            td { @if logged.undone { (texts.text("public-log-yes")) } }
                        }
                    }
                }
            }
        }
        @if let Some(next) = page.next {
            nav.paging { span {} a rel="next" href={ "/moderation-log?before=" (next) } { (texts.text("public-log-older")) } }
        }
    };
    let site = web.site_name().await?;
    let frame = web.frame(&site).titled(&title);
    Ok(reader_page(&frame, &main).into_response())
}
