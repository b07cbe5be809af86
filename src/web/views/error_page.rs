//! The one page for everything that went wrong: what happened, and what to do next.

use axum::http::StatusCode;
use maud::{Markup, html};

use crate::ui::frame::SiteName;
use crate::ui::reader_page::reader_page;
use crate::web::state::Web;
use crate::web::views::kept_text::{KeptText, kept_text};

/// What the page shows.
pub struct ErrorPage {
    pub title: String,
    /// What happened and what to do.
    pub message: String,
    /// The code by which operators find the error in the log.
    pub code: Option<String>,
    /// The address to sign in at, if that is the next step.
    pub sign_in: Option<String>,
    /// What the person typed, with the page's status.
    pub kept: Option<(StatusCode, KeptText)>,
}

/// The page, which shows what the person typed below what went wrong.
pub fn error_page(web: &Web, site: &SiteName, page: &ErrorPage) -> Markup {
    let texts = &web.texts;
    let main = html! {
        div.empty {
            h1 { (page.title) }
            p { (page.message) }
            @if let Some(code) = &page.code {
                p.meta { (texts.with("error-code", &[("code", code.as_str().into())])) }
            }
            p {
                @if page.sign_in.is_some() && page.kept.is_some() {
                    // This page holds their text: it stays open.
                    a.button href="/login" target="_blank" rel="noopener" { (texts.text("error-next-sign-in")) }
                } @else if let Some(sign_in) = &page.sign_in {
                    a.button href=(sign_in) { (texts.text("error-next-sign-in")) }
                } @else {
                    a.button href="/" { (texts.text("error-next-home")) }
                }
            }
        }
        @if let Some((status, kept)) = &page.kept { (kept_text(web, *status, kept)) }
    };
    reader_page(&web.frame(site).titled(&page.title), &main)
}
