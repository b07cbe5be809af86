//! The page around everything that staff works with: the desk, the queue, the settings.

use maud::{DOCTYPE, Markup, html};

use crate::accounts::permissions::{Action, allows};
use crate::store::entity::user;
use crate::ui::assets;
use crate::ui::frame::{PageFrame, common_head};

/// A part of the staff's pages, as the navigation lists it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NavSection {
    /// Posts.
    Desk,
    /// Pictures and documents.
    Media,
    /// Responses.
    Queue,
    /// The site and its accounts.
    Settings,
}

impl NavSection {
    const ALL: [Self; 4] = [Self::Desk, Self::Media, Self::Queue, Self::Settings];

    fn href(self) -> &'static str {
        match self {
            Self::Desk => "/desk/",
            Self::Media => "/desk/media",
            Self::Queue => "/queue/",
            Self::Settings => "/settings/",
        }
    }

    fn label_id(self) -> &'static str {
        match self {
            Self::Desk => "desk",
            Self::Media => "media",
            Self::Queue => "queue",
            Self::Settings => "settings",
        }
    }

    /// Whoever may do this sees the link.
    fn needs(self) -> Action {
        match self {
            Self::Desk | Self::Media => Action::WriteOwnPosts,
            Self::Queue => Action::ModerateOwnPosts,
            Self::Settings => Action::ChangeSettings,
        }
    }
}

/// A page of `section` for `user`.
pub fn staff_page(
    frame: &PageFrame<'_>,
    user: &user::Model,
    section: NavSection,
    main: &Markup,
) -> Markup {
    let texts = frame.texts;
    html! {
        (DOCTYPE)
        html lang=(texts.language()) {
            head {
                (common_head(frame, &["site.css", "staff.css"]))
                meta name="robots" content="noindex";
                script src=(assets::path("staff.js")) defer {}
                (frame.head)
            }
            body.staff {
                a.skip href="#main" { (texts.text("skip-to-content")) }
                header.site-header {
                    a.site-name href="/" dir="auto" { (frame.site.name) }
                    nav aria-label=(texts.text("staff-navigation")) {
                        @for item in NavSection::ALL {
                            @if allows(user.role, item.needs()) {
                                a href=(item.href()) aria-current=[(item == section).then_some("page")] {
                                    (texts.text(item.label_id()))
                                }
                            }
                        }
                        form method="post" action="/logout" {
                            span.user-name { bdi { (user.name) } } " "
                            button.link type="submit" { (texts.text("sign-out")) }
                        }
                    }
                }
                main #main tabindex="-1" { (main) }
            }
        }
    }
}
