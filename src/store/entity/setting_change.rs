//! A change of a section of the settings, with what is needed to undo it.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::store::entity::ids::{SettingChangeId, UserId};

/// Settings that are saved, compared and undone together.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum SettingsSection {
    /// Name, tagline, footer text, social links and accent colour.
    Identity,
    /// The menus.
    Navigation,
    /// Logo, icon, fonts, header, home page and custom CSS.
    Design,
    /// Time zone, language, and how much is on a page and in a feed.
    General,
    /// Comments, moderation and linkbacks.
    Discussion,
    /// The sender of emails, and how often moderators get one.
    Mail,
}

/// A row of `setting_changes`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "setting_changes")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: SettingChangeId,
    pub section: SettingsSection,
    /// Counts from 1 in each section.
    pub revision: i64,
    /// The values of the section before, as JSON.
    pub value_before: String,
    /// The values after.
    pub value_after: String,
    /// None for the operator, or where the account is gone.
    pub actor_id: Option<UserId>,
    pub actor_name: String,
    /// The revision that this change undid.
    pub undoes: Option<i64>,
    pub changed_at: Moment,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
