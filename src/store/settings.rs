//! Queries on what the site's people set from its pages.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, EntityTrait, Set};

use crate::error::Result;
use crate::store::entity::setting::{ActiveModel, Column, Entity, Model};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// What the site calls itself.
    SiteName,
    /// A line under the name.
    SiteTagline,
    /// The site's own secret.
    Secret,
    /// Makes the ids of this site's feeds unique: 32 hexadecimal digits, created with the database.
    SiteId,
    /// The hash of the token in the one-time link for the first administrator.
    SetupToken,
}

impl Setting {
    fn name(self) -> &'static str {
        match self {
            Self::SiteName => "site_name",
            Self::SiteTagline => "site_tagline",
            Self::Secret => "secret",
            Self::SiteId => "site_id",
            Self::SetupToken => "setup_token",
        }
    }
}

/// What the site calls itself; None where nobody named it yet.
#[derive(Clone, Debug, Default)]
pub struct Identity {
    pub name: Option<String>,
    /// A line under the name.
    pub tagline: Option<String>,
}

/// The site's name and tagline, in one query.
pub async fn find_identity(db: &impl ConnectionTrait) -> Result<Identity> {
    let rows: Vec<Model> = Entity::find().all(db).await?;
    let mut identity = Identity::default();
    for row in rows {
        if row.name == Setting::SiteName.name() {
            identity.name = Some(row.value);
        } else if row.name == Setting::SiteTagline.name() {
            identity.tagline = Some(row.value);
        }
    }
    Ok(identity)
}

/// The value of `setting`.
pub async fn find(db: &impl ConnectionTrait, setting: Setting) -> Result<Option<String>> {
    let row = Entity::find_by_id(setting.name().to_owned())
        .one(db)
        .await?;
    Ok(row.map(|row| row.value))
}

/// Sets `setting`.
pub async fn set(db: &impl ConnectionTrait, setting: Setting, value: &str) -> Result<()> {
    let row = ActiveModel {
        name: Set(setting.name().to_owned()),
        value: Set(value.to_owned()),
    };
    Entity::insert(row)
        .on_conflict(
            OnConflict::column(Column::Name)
                .update_column(Column::Value)
                .to_owned(),
        )
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Sets `setting` where it is not set yet.
pub async fn insert(db: &impl ConnectionTrait, setting: Setting, value: &str) -> Result<()> {
    let row = ActiveModel {
        name: Set(setting.name().to_owned()),
        value: Set(value.to_owned()),
    };
    Entity::insert(row)
        .on_conflict(OnConflict::column(Column::Name).do_nothing().to_owned())
        .exec_without_returning(db)
        .await?;
    Ok(())
}

/// Removes `setting`.
pub async fn delete(db: &impl ConnectionTrait, setting: Setting) -> Result<()> {
    Entity::delete_by_id(setting.name().to_owned())
        .exec(db)
        .await?;
    Ok(())
}
