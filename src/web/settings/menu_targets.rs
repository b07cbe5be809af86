//! Finds the items of menus that lead nowhere on this site. Asks no other site.

use std::collections::BTreeSet;

use crate::error::Result;
use crate::posts::find::{self, PostLookup};
use crate::posts::reserved;
use crate::site::menus::Menus;
use crate::store::{tags, users};
use crate::urls::SitePage;
use crate::web::state::Web;

/// The targets that lead nowhere.
pub type DeadTargets = BTreeSet<String>;

/// Those of the menus' targets that are paths of this site at which readers find nothing.
pub async fn find_dead_targets(web: &Web, menus: &Menus) -> Result<DeadTargets> {
    let items = menus.header.iter().chain(&menus.footer);
    let paths: BTreeSet<&String> = items
        .flat_map(|item| std::iter::once(item).chain(&item.items))
        .map(|item| &item.target)
        .filter(|target| target.starts_with('/'))
        .collect();
    let mut dead = DeadTargets::new();
    for path in paths {
        if !leads_somewhere(web, path).await? {
            dead.insert(path.clone());
        }
    }
    Ok(dead)
}

async fn leads_somewhere(web: &Web, target: &str) -> Result<bool> {
    let path = target.split(['?', '#']).next().unwrap_or(target);
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let db = web.app.store.read();
    let found = match parts[..] {
        [] => return Ok(true),
        ["tag", slug] => return Ok(tags::find_by_slug(db, slug).await?.is_some()),
        ["author", slug] => return Ok(users::find_by_slug(db, slug).await?.is_some()),
        [year, _, _, slug] if reserved::is_reserved(year) => {
            let slug = slug.to_owned();
            find::find_by_page(&web.app, &SitePage::Post { slug }).await?
        }
        // An address of the program, or one with a dot such as `robots.txt`.
        [first, ..] if reserved::is_reserved(first) || first.contains('.') => return Ok(true),
        _ => find::find_page(&web.app, &parts).await?,
    };
    Ok(matches!(
        found,
        PostLookup::Current(_) | PostLookup::Moved(_)
    ))
}
