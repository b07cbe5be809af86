//! What a page is made with, whoever it is for, and its `<head>`.

use maud::{Markup, html};

use crate::site::fonts;
use crate::site::icons::IconSize;
use crate::site::look::Look;
use crate::site::menus::Menus;
use crate::site::social_links::SocialLink;
use crate::store::entity::user;
use crate::texts::Texts;
use crate::ui::assets;
use crate::urls::Urls;

/// What the site calls itself, and what it shows of itself on every page.
#[derive(Clone, Debug, Default)]
pub struct SiteName {
    pub name: String,
    /// A line under the name; may be empty.
    pub tagline: String,
    /// A paragraph at the end of every page; may be empty.
    pub footer_text: String,
    /// Its profiles elsewhere.
    pub social_links: Vec<SocialLink>,
    pub menus: Menus,
    /// Logo, header, home page, fonts, icons and stylesheets.
    pub look: Look,
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
    /// The message id of the link to there.
    pub edit_label: &'static str,
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
            edit_label: "edit-post",
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
        @if let Some(theme) = &site.look.stylesheet { link rel="stylesheet" href=(theme); }
        (icons(&site.look))
    }
}

/// What the head of pages for readers has beside that: fonts that are loaded early, and custom CSS. No other
/// page has custom CSS: nothing that it does can keep staff from signing in and changing it.
pub(super) fn reader_head(site: &SiteName) -> Markup {
    html! {
        @for name in fonts::preloaded(site.look.fonts) {
            link rel="preload" as="font" type="font/woff2" crossorigin href=(assets::path(&name));
        }
        @if let Some(css) = &site.look.custom_css { link rel="stylesheet" href=(css); }
        @if !site.look.manifest.is_empty() { link rel="manifest" href=(site.look.manifest); }
    }
}

fn icons(look: &Look) -> Markup {
    html! {
        @match &look.icon {
            Some(icon) => {
                link rel="icon" href=(icon_path(icon, IconSize::Tab)) type="image/png" sizes="32x32";
                link rel="icon" href=(icon_path(icon, IconSize::Home)) type="image/png" sizes="192x192";
                link rel="apple-touch-icon" href=(icon_path(icon, IconSize::Touch));
            }
            None => {
                link rel="icon" href=(assets::path("icon.svg")) type="image/svg+xml";
                link rel="apple-touch-icon" href=(assets::path("icon-180.png"));
            }
        }
    }
}

/// The address of a size of the icon of this token.
pub fn icon_path(token: &str, size: IconSize) -> String {
    format!("/icons/{token}/{}", size.file_name())
}
