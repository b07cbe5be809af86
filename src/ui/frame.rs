//! What a page is made with, whoever it is for, and its `<head>`.

use maud::{Markup, html};

use crate::store::entity::user;
use crate::texts::Texts;
use crate::ui::assets;
use crate::urls::Urls;

/// What the site calls itself.
#[derive(Clone, Debug)]
pub struct SiteName {
    pub name: String,
    /// A line under the name; may be empty.
    pub tagline: String,
}

/// Everything of a page except its main part.
pub struct PageFrame<'a> {
    pub site: &'a SiteName,
    pub texts: &'a Texts,
    pub urls: &'a Urls,
    /// The page's own title; None on the home page.
    pub title: Option<&'a str>,
    /// One line for search engines.
    pub description: Option<&'a str>,
    /// The page's one address, as a path.
    pub canonical: Option<&'a str>,
    /// More for the head, such as feeds of the page.
    pub head: Markup,
    /// Who is signed in.
    pub visitor: Option<&'a user::Model>,
    /// Where the visitor can edit what the page shows.
    pub edit: Option<String>,
}

impl<'a> PageFrame<'a> {
    pub fn new(site: &'a SiteName, texts: &'a Texts, urls: &'a Urls) -> Self {
        Self {
            site,
            texts,
            urls,
            title: None,
            description: None,
            canonical: None,
            head: Markup::default(),
            visitor: None,
            edit: None,
        }
    }

    /// The same frame with a title.
    pub fn titled(self, title: &'a str) -> Self {
        Self {
            title: Some(title),
            ..self
        }
    }
}

/// What the head of every page has; `stylesheets` are names of files in `static/`.
pub(super) fn common_head(frame: &PageFrame<'_>, stylesheets: &[&str]) -> Markup {
    let site = frame.site;
    html! {
        meta charset="utf-8";
        meta name="viewport" content="width=device-width, initial-scale=1";
        meta name="color-scheme" content="light dark";
        title {
            @match frame.title {
                Some(title) => { (title) " – " (site.name) }
                None => {
                    (site.name)
                    @if !site.tagline.is_empty() { " – " (site.tagline) }
                }
            }
        }
        @for name in stylesheets { link rel="stylesheet" href=(assets::path(name)); }
        link rel="icon" href=(assets::path("icon.svg")) type="image/svg+xml";
    }
}
