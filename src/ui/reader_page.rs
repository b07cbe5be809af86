//! The page around everything that readers see.

use maud::{DOCTYPE, Markup, html};

use crate::accounts::permissions::{Action, allows};
use crate::store::entity::user;
use crate::texts::Texts;
use crate::ui::frame::{PageFrame, common_head};

/// A page for readers.
pub fn reader_page(frame: &PageFrame<'_>, main: &Markup) -> Markup {
    let (site, texts) = (frame.site, frame.texts);
    html! {
        (DOCTYPE)
        html lang=(texts.language()) {
            head {
                (common_head(frame, &["site.css"]))
                @if let Some(description) = frame.description {
                    meta name="description" content=(description);
                }
                @if let Some(path) = frame.canonical {
                    link rel="canonical" href=(frame.urls.absolute(path));
                }
                link rel="alternate" type="application/atom+xml" title=(site.name) href=(frame.urls.absolute("/feed/atom/"));
                link rel="alternate" type="application/rss+xml" title=(site.name) href=(frame.urls.absolute("/feed/"));
                (frame.head)
            }
            body {
                a.skip href="#main" { (texts.text("skip-to-content")) }
                @if let Some(user) = frame.visitor { (staff_bar(texts, user, frame.edit.as_deref())) }
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

fn staff_bar(texts: &Texts, user: &user::Model, edit: Option<&str>) -> Markup {
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
