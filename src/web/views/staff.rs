//! The frame around the pages of the staff: the desk, the queue, the settings.

use maud::{DOCTYPE, Markup, html};

use crate::accounts::permissions::Action;
use crate::web::assets;
use crate::web::session::SignedIn;
use crate::web::state::SiteName;

/// Which part of the staff's pages is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// Posts.
    Desk,
    /// Responses.
    Queue,
    /// The site.
    Settings,
}

/// A page for staff.
pub fn staff_page(
    site: &SiteName,
    who: &SignedIn,
    room: Room,
    title: &str,
    main: &Markup,
) -> Markup {
    let rooms = [
        (Room::Desk, Action::WriteOwnPosts, "/desk/", "Desk"),
        (Room::Queue, Action::ModerateOwnPosts, "/queue/", "Queue"),
        (
            Room::Settings,
            Action::ChangeSettings,
            "/settings/",
            "Settings",
        ),
    ];
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                meta name="color-scheme" content="light dark";
                title { (title) " – " (site.name) }
                link rel="stylesheet" href=(assets::path("site.css"));
                link rel="stylesheet" href=(assets::path("staff.css"));
                link rel="icon" href=(assets::path("icon.svg")) type="image/svg+xml";
                script src=(assets::path("staff.js")) defer {}
            }
            body.staff {
                a.skip href="#main" { "Skip to content" }
                header.site-header {
                    a.site-name href="/" { (site.name) }
                    nav aria-label="Staff" {
                        @for (this, action, href, name) in rooms {
                            @if who.actor.may(action) {
                                a href=(href) aria-current=[(this == room).then_some("page")] { (name) }
                            }
                        }
                        form method="post" action="/logout" { button.link type="submit" { "Sign out " (who.user.name) } }
                    }
                }
                main #main tabindex="-1" { (main) }
            }
        }
    }
}

/// A page before anybody has signed in: signing in, setting up.
pub fn door_page(site_name: &str, title: &str, main: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                meta name="color-scheme" content="light dark";
                title { (title) " – " (site_name) }
                link rel="stylesheet" href=(assets::path("site.css"));
                link rel="stylesheet" href=(assets::path("staff.css"));
                link rel="icon" href=(assets::path("icon.svg")) type="image/svg+xml";
            }
            body.staff.door {
                header.site-header { a.site-name href="/" { (site_name) } }
                main #main { h1 { (title) } (main) }
            }
        }
    }
}
