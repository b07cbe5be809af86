//! The frame around every page that readers see.

use maud::{DOCTYPE, Markup, html};

use crate::accounts::permissions::{Action, allows};
use crate::store::entity::user;
use crate::web::assets;
use crate::web::state::{SiteName, Web};

/// What the frame needs to know of a page.
pub struct Frame<'a> {
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
    /// Where that person can change what the page shows.
    pub edit: Option<String>,
}

impl Frame<'_> {
    /// A frame with a title and no more.
    pub fn titled(title: &str) -> Frame<'_> {
        Frame {
            title: Some(title),
            description: None,
            canonical: None,
            head: Markup::default(),
            visitor: None,
            edit: None,
        }
    }
}

/// A page for readers.
pub fn layout(web: &Web, site: &SiteName, frame: &Frame<'_>, main: &Markup) -> Markup {
    let texts = &web.texts;
    html! {
        (DOCTYPE)
        html lang=(texts.language()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title {
                    @match frame.title {
                        Some(title) => { (title) " – " (site.name) }
                        None => {
                            (site.name)
                            @if !site.tagline.is_empty() { " – " (site.tagline) }
                        }
                    }
                }
                @if let Some(description) = frame.description {
                    meta name="description" content=(description);
                }
                meta name="color-scheme" content="light dark";
                @if let Some(path) = frame.canonical {
                    link rel="canonical" href=(web.app.urls.absolute(path));
                }
                link rel="stylesheet" href=(assets::path("site.css"));
                link rel="icon" href=(assets::path("icon.svg")) type="image/svg+xml";
                link rel="alternate" type="application/atom+xml" title=(site.name) href=(web.app.urls.absolute("/feed/atom/"));
                link rel="alternate" type="application/rss+xml" title=(site.name) href=(web.app.urls.absolute("/feed/"));
                (frame.head)
            }
            body {
                a.skip href="#main" { (texts.text("skip-to-content")) }
                @if let Some(user) = frame.visitor { (staff_bar(web, user, frame.edit.as_deref())) }
                header.site-header {
                    div {
                        a.site-name href="/" rel="home" dir="auto" { (site.name) }
                        @if !site.tagline.is_empty() { p.tagline dir="auto" { (site.tagline) } }
                    }
                    nav aria-label=(texts.text("site-navigation")) {
                        a href="/" { (texts.text("home")) }
                        a href="/feed/" { (texts.text("feed")) }
                    }
                }
                main #main tabindex="-1" { (main) }
                footer.site-footer {
                    p { (texts.text("powered-by")) }
                    @if frame.visitor.is_none() {
                        p { a href="/login" rel="nofollow" { (texts.text("sign-in")) } }
                    }
                }
            }
        }
    }
}

fn staff_bar(web: &Web, user: &user::Model, edit: Option<&str>) -> Markup {
    let texts = &web.texts;
    html! {
        nav.staff-bar aria-label=(user.name) {
            @if allows(user.role, Action::WriteOwnPosts) { a href="/desk/" { (texts.text("desk")) } }
            @if allows(user.role, Action::ModerateOwnPosts) { a href="/queue/" { (texts.text("queue")) } }
            @if allows(user.role, Action::ChangeSettings) { a href="/settings/" { (texts.text("settings")) } }
            @if let Some(edit) = edit { a href=(edit) { (texts.text("edit-post")) } }
            form method="post" action="/logout" { button.link type="submit" { (texts.text("sign-out")) } }
        }
    }
}
