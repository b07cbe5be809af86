//! A staff page around what a handler made.

use maud::Markup;

use crate::error::Result;
use crate::ui::staff_page::{self, NavSection};
use crate::web::session::SignedIn;
use crate::web::state::Web;

/// The page `title` of `section`.
pub async fn staff_page(
    web: &Web,
    who: &SignedIn,
    section: NavSection,
    title: &str,
    main: &Markup,
) -> Result<Markup> {
    let site = web.site_name().await?;
    let frame = web.frame(&site).titled(title);
    Ok(staff_page::staff_page(&frame, &who.user, section, main))
}
