//! Asking before something that touches many responses, or that nobody can take back.

use maud::{Markup, html};

use crate::web::respond::PageResult;
use crate::web::session::SignedIn;
use crate::web::state::Web;
use crate::web::views::staff::{Room, staff_page};
use axum::response::IntoResponse;

/// A question, and what answering it with yes sends.
pub struct Question<'a> {
    /// The page's title, a question.
    pub title: &'a str,
    /// What would happen.
    pub what: Markup,
    /// Where yes is sent.
    pub action: &'a str,
    /// With what.
    pub fields: &'a [(&'a str, &'a str)],
    /// The word for yes.
    pub yes: &'a str,
    /// Where no leads.
    pub back: &'a str,
}

/// The page that asks.
pub async fn ask(web: &Web, who: &SignedIn, room: Room, question: Question<'_>) -> PageResult {
    let main = html! {
        h1 { (question.title) }
        (question.what)
        form.sure method="post" action=(question.action) {
            @for (name, value) in question.fields {
                input type="hidden" name=(name) value=(value);
            }
            p.buttons {
                button.danger type="submit" { (question.yes) }
                " " a.button href=(question.back) { "Cancel" }
            }
        }
    };
    let site = web.site_name().await?;
    Ok(staff_page(&site, who, room, question.title, &main).into_response())
}

/// A number of responses, in words.
pub fn responses(count: u64) -> String {
    match count {
        1 => "one response".to_owned(),
        count => format!("{count} responses"),
    }
}
