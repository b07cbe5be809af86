//! Reads and saves the menus. Each change stores all items again, because there are few.

use std::collections::HashMap;

use crate::accounts::permissions::{Action, Actor};
use crate::app::App;
use crate::error::Result;
use crate::site::changes;
use crate::site::menus::{MenuEdit, MenuItem, Menus};
use crate::store::db::Tx;
use crate::store::entity::ids::MenuItemId;
use crate::store::entity::menu_item::{MenuPlace, Model};
use crate::store::entity::setting_change::SettingsSection;
use crate::store::{menu_items as rows, setting_changes};

/// The menus, and their revision.
pub async fn find(app: &App) -> Result<(Menus, i64)> {
    let db = app.store.read();
    // The revision first: a change in between makes the form look old, never new.
    let revision = setting_changes::find_revision(db, SettingsSection::Navigation).await?;
    Ok((find_current(app).await?, revision))
}

/// The menus.
pub async fn find_current(app: &App) -> Result<Menus> {
    Ok(of_rows(rows::list(app.store.read()).await?))
}

/// Edits the menus; `seen` is the revision that the person looked at.
pub async fn edit(app: &App, actor: &Actor, edit: MenuEdit, seen: Option<i64>) -> Result<()> {
    actor.must(Action::ChangeSettings)?;
    let (actor, now, urls) = (actor.clone(), app.clock.now(), app.urls.clone());
    app.store
        .write(move |tx| {
            let (actor, edit, urls) = (actor.clone(), edit.clone(), urls.clone());
            Box::pin(async move {
                changes::check_revision(tx, SettingsSection::Navigation, seen).await?;
                let before = of_rows(rows::list(tx).await?);
                let mut after = before.clone();
                after.apply(&urls, &edit)?;
                if before == after {
                    return Ok(());
                }
                apply(tx, &after).await?;
                let values = (&before, &after);
                changes::record(tx, &actor, SettingsSection::Navigation, values, None, now).await
            })
        })
        .await
}

/// Stores menus in place of those that are there.
pub(super) async fn apply(tx: &Tx, menus: &Menus) -> Result<()> {
    rows::delete_all(tx).await?;
    for menu in [MenuPlace::Header, MenuPlace::Footer] {
        for (position, item) in (0..).zip(menus.of(menu)) {
            let id = rows::insert(tx, menu, None, position, &item.label, &item.target).await?;
            for (position, item) in (0..).zip(&item.items) {
                rows::insert(tx, menu, Some(id), position, &item.label, &item.target).await?;
            }
        }
    }
    Ok(())
}

/// The menus in rows that are in their order.
pub fn of_rows(rows: Vec<Model>) -> Menus {
    let mut nested: HashMap<MenuItemId, Vec<MenuItem>> = HashMap::new();
    let mut tops = Vec::new();
    for row in rows {
        let item = MenuItem {
            label: row.label,
            target: row.target,
            items: Vec::new(),
        };
        match row.parent_id {
            Some(parent) => nested.entry(parent).or_default().push(item),
            None => tops.push((row.id, row.menu, item)),
        }
    }
    let mut menus = Menus::default();
    for (id, menu, mut item) in tops {
        item.items = nested.remove(&id).unwrap_or_default();
        menus.of_mut(menu).push(item);
    }
    menus
}
