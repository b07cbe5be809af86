//! The log: every decision, the newest first.

use axum::extract::{Query, State};
use axum::response::IntoResponse;
use maud::html;
use serde::Deserialize;

use crate::moderation::log;
use crate::store::entity::ids::DecisionId;
use crate::ui::sections;
use crate::ui::staff_page::NavSection;
use crate::web::moderator::decision_table::log_table;
use crate::web::respond::PageResult;
use crate::web::session::SignedIn;
use crate::web::state::Web;
use crate::web::views::staff::staff_page;

#[derive(Debug, Default, Deserialize)]
pub struct LogQuery {
    /// The decision after which the page begins.
    pub before: Option<i64>,
}

/// `GET /queue/log`
pub async fn index(
    State(web): State<Web>,
    who: SignedIn,
    Query(query): Query<LogQuery>,
) -> PageResult {
    let page = log::page_log(&web.app, &who.actor, query.before.map(DecisionId)).await?;
    let texts = &web.texts;
    let title = texts.text("log-title");
    let main = html! {
        div.title-row { h1 { (title) } a href="/queue/" { (texts.text("back-to-queue")) } }
        @if page.decisions.is_empty() { (sections::empty(texts.text("log-empty"), None)) }
        @else { (log_table(&web, &page.decisions, &page.responses)) }
        @if let Some(next) = page.next {
            nav.paging aria-label=(texts.text("paging")) {
                span {}
                a rel="next" href={ "/queue/log?before=" (next) } { (texts.text("log-older")) }
            }
        }
    };
    let page = staff_page(&web, &who, NavSection::Queue, &title, &main).await?;
    Ok(page.into_response())
}
