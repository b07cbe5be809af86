//! The page around everything that readers see.

use maud::{DOCTYPE, Markup, html};

use crate::accounts::permissions::{Action, allows};
use crate::store::entity::user;
use crate::ui::frame::{PageFrame, SiteName, common_head, reader_head};
use crate::ui::menu;

/// A page for readers.
pub fn reader_page(frame: &PageFrame<'_>, main: &Markup) -> Markup {
    let (site, texts) = (frame.site, frame.texts);
    html! {
        (DOCTYPE)
        html lang=(texts.language()) {
            head {
                (common_head(frame, &["site.css"]))
                (reader_head(site))
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
            body.reader {
                a.skip href="#main" { (texts.text("skip-to-content")) }
                @if let Some(user) = frame.visitor { (staff_bar(frame, user)) }
                header class={ "site-header header-" (site.look.header_style.name()) } {
                    div {
                        a.site-name href="/" rel="home" dir="auto" { (brand(site)) }
                        @if !site.tagline.is_empty() { p.tagline dir="auto" { (site.tagline) } }
                    }
                    nav aria-label=(texts.text("site-navigation")) {
                        @if site.menus.header.is_empty() {
                            a href="/" { (texts.text("home")) }
                            a href="/feed/" { (texts.text("feed")) }
                        } @else {
                            (menu::header_menu(&site.menus.header, frame.canonical))
                        }
                    }
                }
                main #main tabindex="-1" { (main) }
                footer.site-footer {
                    @if !site.menus.footer.is_empty() {
                        nav aria-label=(texts.text("footer-navigation")) {
                            (menu::footer_menu(&site.menus.footer, frame.canonical))
                        }
                    }
                    @if !site.footer_text.is_empty() { p.footer-text dir="auto" { (site.footer_text) } }
                    @if !site.social_links.is_empty() {
                        ul.social-links aria-label=(texts.text("social-links")) {
                            @for link in &site.social_links {
                                li { a rel="me" href=(link.href) dir="auto" { (link.label) } }
                            }
                        }
                    }
                    p { (texts.text("powered-by")) }
                    @if frame.visitor.is_none() {
                        p { a href="/login" rel="nofollow" { (texts.text("sign-in")) } }
                    }
                }
            }
        }
    }
}

/// The logo and the name. A logo beside the visible name is decoration.
fn brand(site: &SiteName) -> Markup {
    let Some(logo) = &site.look.logo else {
        return html! { (site.name) };
    };
    let hides_name = site.look.hides_name;
    let alt = if hides_name { site.name.as_str() } else { "" };
    let light = &logo.light;
    html! {
        picture {
            @if let Some(dark) = &logo.dark {
                source srcset=(dark.address) width=(dark.width) height=(dark.height)
                    media="(prefers-color-scheme: dark)";
            }
            img src=(light.address) width=(light.width) height=(light.height) alt=(alt);
        }
        @if !hides_name { span { (site.name) } }
    }
}

fn staff_bar(frame: &PageFrame<'_>, user: &user::Model) -> Markup {
    let texts = frame.texts;
    html! {
        nav.staff-bar aria-label=(user.name) {
            @if allows(user.role, Action::WriteOwnPosts) { a href="/desk/" { (texts.text("desk")) } }
            @if allows(user.role, Action::ModerateOwnPosts) { a href="/queue/" { (texts.text("queue")) } }
            @if allows(user.role, Action::ChangeSettings) { a href="/settings/" { (texts.text("settings")) } }
            @if let Some(edit) = &frame.edit { a href=(edit) { (texts.text(frame.edit_label)) } }
            form method="post" action="/logout" { button.link type="submit" { (texts.text("sign-out")) } }
        }
    }
}
