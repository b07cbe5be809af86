//! Queries on what the site's people set from its pages.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Set};

use crate::config::effective::ChangedSections;
use crate::error::Result;
use crate::store::entity::setting::{ActiveModel, Column, Entity, Model};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// What the site calls itself.
    SiteName,
    /// A line under the name.
    SiteTagline,
    /// A paragraph at the end of every page.
    FooterText,
    /// The site's profiles elsewhere, one a line.
    SocialLinks,
    /// As `#rrggbb`.
    AccentColour,
    /// Logo, header, home page, fonts and custom CSS, as JSON.
    Design,
    /// The changed settings of a section, as JSON.
    General,
    Discussion,
    Mail,
    /// The site's own secret.
    Secret,
    /// Makes the ids of this site's feeds unique: 32 hexadecimal digits, created with the database.
    SiteId,
    /// The hosts whose pictures posts were rendered with, separated by spaces.
    PictureHosts,
    /// The hash of the token in the one-time link for the first administrator.
    SetupToken,
}

impl Setting {
    fn name(self) -> &'static str {
        match self {
            Self::SiteName => "site_name",
            Self::SiteTagline => "site_tagline",
            Self::FooterText => "footer_text",
            Self::SocialLinks => "social_links",
            Self::AccentColour => "accent_colour",
            Self::Design => "design",
            Self::General => "general",
            Self::Discussion => "discussion",
            Self::Mail => "mail",
            Self::Secret => "secret",
            Self::SiteId => "site_id",
            Self::PictureHosts => "picture_hosts",
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
    pub footer_text: String,
    /// Profiles elsewhere, one a line.
    pub social_links: String,
    /// As `#rrggbb`; empty for the colour of the design.
    pub accent: String,
}

/// What the site calls itself and how it looks, in one query.
pub async fn find_identity(db: &impl ConnectionTrait) -> Result<Identity> {
    let rows: Vec<Model> = Entity::find().all(db).await?;
    let mut identity = Identity::default();
    for row in rows {
        if row.name == Setting::SiteName.name() {
            identity.name = Some(row.value);
        } else if row.name == Setting::SiteTagline.name() {
            identity.tagline = Some(row.value);
        } else if row.name == Setting::FooterText.name() {
            identity.footer_text = row.value;
        } else if row.name == Setting::SocialLinks.name() {
            identity.social_links = row.value;
        } else if row.name == Setting::AccentColour.name() {
            identity.accent = row.value;
        }
    }
    Ok(identity)
}

/// What was changed of the settings that the settings file gives.
pub async fn find_changed(db: &impl ConnectionTrait) -> Result<ChangedSections> {
    let names = [Setting::General, Setting::Discussion, Setting::Mail].map(Setting::name);
    let rows: Vec<Model> = Entity::find()
        .filter(Column::Name.is_in(names))
        .all(db)
        .await?;
    let mut changed = ChangedSections::default();
    for row in rows {
        if row.name == Setting::General.name() {
            changed.general = row.value;
        } else if row.name == Setting::Discussion.name() {
            changed.discussion = row.value;
        } else {
            changed.mail = row.value;
        }
    }
    Ok(changed)
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
