//! Queries on the items of the menus. Checks no label and no target.

use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, QueryOrder, Set};

use crate::error::Result;
use crate::store::entity::ids::MenuItemId;
use crate::store::entity::menu_item::{ActiveModel, Column, Entity, MenuPlace, Model};

/// All items, in their order within each parent.
pub async fn list(db: &impl ConnectionTrait) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .order_by_asc(Column::Position)
        .order_by_asc(Column::Id)
        .all(db)
        .await?)
}

/// Removes all items.
pub async fn delete_all(db: &impl ConnectionTrait) -> Result<()> {
    Entity::delete_many().exec(db).await?;
    Ok(())
}

/// Adds an item.
pub async fn insert(
    db: &impl ConnectionTrait,
    menu: MenuPlace,
    parent_id: Option<MenuItemId>,
    position: i64,
    label: &str,
    target: &str,
) -> Result<MenuItemId> {
    let row = ActiveModel {
        menu: Set(menu),
        position: Set(position),
        label: Set(label.to_owned()),
        target: Set(target.to_owned()),
        parent_id: Set(parent_id),
        ..Default::default()
    };
    Ok(row.insert(db).await?.id)
}
