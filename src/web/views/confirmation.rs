//! The page that asks before something that changes many things or cannot be undone.

use axum::response::IntoResponse;
use maud::html;

use crate::ui::confirmation::{Confirmation, confirmation};
use crate::ui::staff_page::NavSection;
use crate::web::respond::PageResult;
use crate::web::session::SignedIn;
use crate::web::state::Web;
use crate::web::views::staff::staff_page;

/// Answers with the page; nothing is done before its form is sent.
pub async fn confirmation_page(
    web: &Web,
    who: &SignedIn,
    section: NavSection,
    question: Confirmation<'_>,
) -> PageResult {
    let main = html! {
        h1 { (question.title) }
        (confirmation(&web.texts, &question))
    };
    let page = staff_page(web, who, section, question.title, &main).await?;
    Ok(page.into_response())
}
