//! What the site calls itself, and how it looks: name, tagline, footer text, profiles elsewhere, accent
//! colour. Saved, compared and undone together.

use serde::{Deserialize, Serialize};

use crate::accounts::permissions::{Action, Actor};
use crate::app::App;
use crate::error::{Error, Field, FieldError, Problem, Result};
use crate::markup::excerpt::clean_line;
use crate::markup::visible::is_visible;
use crate::site::accent::Rgb;
use crate::site::{changes, social_links};
use crate::store::db::Tx;
use crate::store::entity::setting_change::SettingsSection;
use crate::store::setting_changes;
use crate::store::settings::{self, Setting};
use crate::texts::Message;

/// The longest name or tagline, in characters.
const MAX_LINE: usize = 150;
/// The longest footer text, in characters.
const MAX_FOOTER: usize = 500;

/// The values, as they are stored or were typed. Empty if there are none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SiteIdentity {
    pub name: String,
    /// A line under the name.
    pub tagline: String,
    /// A paragraph at the end of every page.
    pub footer_text: String,
    /// Profiles on other sites, one per line.
    pub social_links: String,
    /// As `#rrggbb`.
    pub accent: String,
}

/// The identity as it is stored, and its revision.
pub async fn find(app: &App) -> Result<(SiteIdentity, i64)> {
    let db = app.store.read();
    // The revision first: a change in between makes the form look old, never new.
    let revision = setting_changes::find_revision(db, SettingsSection::Identity).await?;
    Ok((find_current(app).await?, revision))
}

/// The identity as it is stored.
pub async fn find_current(app: &App) -> Result<SiteIdentity> {
    let mut identity = stored(settings::find_identity(app.store.read()).await?);
    if identity.name.is_empty() {
        identity.name.clone_from(&app.config.site.name);
    }
    Ok(identity)
}

/// Checks what was typed, and saves it. `seen` is the revision that the person looked at. Saving what is
/// stored already changes nothing.
pub async fn save(app: &App, actor: &Actor, typed: &SiteIdentity, seen: Option<i64>) -> Result<()> {
    actor.must(Action::ChangeSettings)?;
    let after = check(typed)?;
    let (actor, now) = (actor.clone(), app.clock.now());
    let default_name = app.config.site.name.clone();
    app.store
        .write(move |tx| {
            let (actor, mut after) = (actor.clone(), after.clone());
            let default_name = default_name.clone();
            Box::pin(async move {
                changes::check_revision(tx, SettingsSection::Identity, seen).await?;
                let before = stored(settings::find_identity(tx).await?);
                if before.name.is_empty() && after.name == default_name {
                    // Nobody has named the site yet.
                    after.name.clear();
                }
                if before == after {
                    return Ok(());
                }
                apply(tx, &after).await?;
                let values = (&before, &after);
                changes::record(tx, &actor, SettingsSection::Identity, values, None, now).await
            })
        })
        .await
}

/// Stores an identity that was checked or stored before.
pub(super) async fn apply(tx: &Tx, identity: &SiteIdentity) -> Result<()> {
    for (setting, value) in [
        (Setting::SiteName, &identity.name),
        (Setting::SiteTagline, &identity.tagline),
        (Setting::FooterText, &identity.footer_text),
        (Setting::SocialLinks, &identity.social_links),
        (Setting::AccentColour, &identity.accent),
    ] {
        if value.is_empty() {
            settings::delete(tx, setting).await?;
        } else {
            settings::set(tx, setting, value).await?;
        }
    }
    Ok(())
}

/// The identity in the rows of `settings`.
pub(super) fn stored(rows: settings::Identity) -> SiteIdentity {
    SiteIdentity {
        name: rows.name.unwrap_or_default(),
        tagline: rows.tagline.unwrap_or_default(),
        footer_text: rows.footer_text,
        social_links: rows.social_links,
        accent: rows.accent,
    }
}

fn check(typed: &SiteIdentity) -> Result<SiteIdentity> {
    let mut errors = Vec::new();
    let mut line = |field, text: &str, max| {
        if text.chars().count() > max {
            let problem = Problem::TooLong { max };
            errors.push(FieldError { field, problem });
        }
        clean_line(text, max)
    };
    let name = line(Field::SiteName, &typed.name, MAX_LINE);
    let tagline = line(Field::Tagline, &typed.tagline, MAX_LINE);
    let footer_text = line(Field::FooterText, &typed.footer_text, MAX_FOOTER);
    if name.is_empty() || !is_visible(&name) {
        let (field, problem) = (Field::SiteName, Problem::Missing);
        errors.push(FieldError { field, problem });
    }
    let social_links = match social_links::check(&typed.social_links) {
        Ok(lines) => lines,
        Err(Error::Invalid(found)) => {
            errors.extend(found);
            String::new()
        }
        Err(error) => return Err(error),
    };
    let accent = match typed.accent.trim() {
        "" => String::new(),
        text => match Rgb::parse(text) {
            Some(colour) => colour.to_string(),
            None => {
                let message = Message::new("accent-not-a-colour");
                let (field, problem) = (Field::AccentColour, Problem::Unusable(message));
                errors.push(FieldError { field, problem });
                String::new()
            }
        },
    };
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    Ok(SiteIdentity {
        name,
        tagline,
        footer_text,
        social_links,
        accent,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_of_an_identity_is_reported_at_once() {
        let typed = SiteIdentity {
            name: " ".into(),
            tagline: "x".repeat(151),
            footer_text: "x".repeat(10_000),
            social_links: "javascript:alert(1)".into(),
            accent: "red".into(),
        };
        let Err(Error::Invalid(errors)) = check(&typed) else {
            panic!("it was accepted");
        };
        let fields: Vec<Field> = errors.iter().map(|error| error.field).collect();
        assert_eq!(
            fields,
            [
                Field::Tagline,
                Field::FooterText,
                Field::SiteName,
                Field::SocialLinks,
                Field::AccentColour
            ]
        );
    }

    #[test]
    fn an_identity_is_stored_in_its_one_form() {
        let typed = SiteIdentity {
            name: "  The   News ".into(),
            accent: "ABC".into(),
            ..SiteIdentity::default()
        };
        let checked = check(&typed).unwrap();
        assert_eq!(
            (checked.name.as_str(), checked.accent.as_str()),
            ("The News", "#aabbcc")
        );
    }
}
