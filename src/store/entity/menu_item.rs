//! An item of a menu on readers' pages.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::store::entity::ids::MenuItemId;

/// Which menu it is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum MenuPlace {
    Header,
    Footer,
}

/// A row of `menu_items`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "menu_items")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: MenuItemId,
    pub menu: MenuPlace,
    /// The order among the items of the same parent.
    pub position: i64,
    pub label: String,
    /// A path of this site, or an http or https address.
    pub target: String,
    /// The item that this one is nested in; an item with a parent has no items in it.
    pub parent_id: Option<MenuItemId>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
