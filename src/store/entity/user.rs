//! A person with an account.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::store::entity::ids::UserId;

/// What a person does on the site; `accounts::permissions` says what each role may do.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything, accounts and settings too.
    Administrator,
    /// All posts and the queue.
    Editor,
    Author,
    /// Writes drafts that an editor publishes.
    Contributor,
    /// The queue, no posts.
    Moderator,
}

/// A row of `users`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: UserId,
    #[sea_orm(unique)]
    pub email: String,
    /// The name readers see.
    pub name: String,
    /// The name in `/author/SLUG/`.
    #[sea_orm(unique)]
    pub slug: String,
    /// What they may do.
    pub role: Role,
    /// Argon2id, in PHC form.
    pub password_hash: String,
    /// What readers learn of the person under their posts, as plain text; may be empty.
    pub bio: String,
    /// When the account was made.
    pub created_at: Moment,
    /// Set when the account may no longer sign in.
    pub disabled_at: Option<Moment>,
    /// Counts up when the account's sessions end.
    pub session_epoch: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
