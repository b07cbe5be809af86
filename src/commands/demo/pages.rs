//! The pages and menus of the demo.

use crate::accounts::permissions::Actor;
use crate::app::App;
use crate::posts::draft::PostInput;
use crate::posts::save::{SaveIntent, SaveTarget, save_post};
use crate::posts::{file, starter};
use crate::site::menus::MenuEdit;
use crate::site::navigation;
use crate::store::entity::menu_item::MenuPlace;
use crate::store::entity::user::Model as User;

const PAGES: [&str; 4] = [
    include_str!("posts/about.md"),
    include_str!("posts/how-we-work.md"),
    include_str!("posts/corrections.md"),
    include_str!("posts/contact.md"),
];
/// The items of the menus: the item of the same menu that each is in, label and target.
const MENUS: [(MenuPlace, Option<usize>, &str, &str); 11] = [
    (MenuPlace::Header, None, "News", "/"),
    (MenuPlace::Header, None, "Guides", "/tag/guides/"),
    (MenuPlace::Header, None, "About", "/about/"),
    (
        MenuPlace::Header,
        Some(2),
        "How we work",
        "/about/how-we-work/",
    ),
    (
        MenuPlace::Header,
        Some(2),
        "Corrections",
        "/about/corrections/",
    ),
    (MenuPlace::Header, None, "Contact", "/contact/"),
    (MenuPlace::Footer, None, "About us", "/about/"),
    (
        MenuPlace::Footer,
        Some(0),
        "How we work",
        "/about/how-we-work/",
    ),
    (MenuPlace::Footer, None, "Contact", "/contact/"),
    (MenuPlace::Footer, None, "Privacy", "/privacy/"),
    (MenuPlace::Footer, None, "Feed", "/feed/"),
];

/// Publishes the pages, and makes the menus that lead to them.
pub(super) async fn write(app: &App, author: &User) -> Result<(), Box<dyn std::error::Error>> {
    let mut pages = vec![starter::privacy_page(app)];
    for text in PAGES {
        pages.push(file::parse(text)?);
    }
    for page in pages {
        publish(app, author, &page).await?;
    }
    for (menu, parent, label, target) in MENUS {
        let edit = MenuEdit::Add {
            menu,
            parent,
            label: label.to_owned(),
            target: target.to_owned(),
        };
        navigation::edit(app, &Actor::operator(), edit, None).await?;
    }
    Ok(())
}

async fn publish(
    app: &App,
    author: &User,
    page: &PostInput,
) -> Result<(), Box<dyn std::error::Error>> {
    let draft = page.parse(&app.zone())?;
    let (actor, new) = (Actor::operator(), SaveTarget::New);
    save_post(app, &actor, author.id, new, draft, SaveIntent::Publish).await?;
    Ok(())
}
