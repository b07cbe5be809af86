//! How the site looks: logo, icon, fonts, header, home page, custom CSS. Saved, compared and undone together.
//! What a page needs to show of it is left to `site::appearance`.

use serde::{Deserialize, Serialize};

use crate::accounts::permissions::{Action, Actor};
use crate::app::App;
use crate::error::{Error, Field, FieldError, Problem, Result};
use crate::site::look::{FontPairing, HeaderStyle, HomeStyle};
use crate::site::{changes, custom_css, icons};
use crate::store::db::Tx;
use crate::store::entity::ids::{MediaId, PostId};
use crate::store::entity::media::{MediaKind, Model as Media};
use crate::store::entity::post::{PostKind, PostState};
use crate::store::entity::setting_change::SettingsSection;
use crate::store::settings::{self, Setting};
use crate::store::{media, posts, setting_changes};

/// The choices, as they are stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SiteDesign {
    pub logo: Option<MediaId>,
    /// For dark mode.
    pub logo_dark: Option<MediaId>,
    /// Whether the name is left to screen readers where there is a logo.
    pub hides_name: bool,
    pub icon: Option<MediaId>,
    pub fonts: FontPairing,
    pub header_style: HeaderStyle,
    pub home_style: HomeStyle,
    /// With [`HomeStyle::Page`].
    pub home_page: Option<PostId>,
    /// As it was written; never served as it is.
    pub custom_css: String,
}

/// The choices, as they were made in a form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DesignInput {
    /// Keys of pictures of the library, or empty.
    pub logo: String,
    pub logo_dark: String,
    pub icon: String,
    pub hides_name: bool,
    /// Names of choices.
    pub fonts: String,
    pub header_style: String,
    pub home_style: String,
    /// The key of a page, or empty.
    pub home_page: String,
    pub custom_css: String,
}

impl From<&SiteDesign> for DesignInput {
    fn from(design: &SiteDesign) -> Self {
        let picture = |id: Option<MediaId>| id.map(|id| id.to_string()).unwrap_or_default();
        Self {
            logo: picture(design.logo),
            logo_dark: picture(design.logo_dark),
            icon: picture(design.icon),
            hides_name: design.hides_name,
            fonts: design.fonts.name().to_owned(),
            header_style: design.header_style.name().to_owned(),
            home_style: design.home_style.name().to_owned(),
            home_page: design
                .home_page
                .map(|id| id.to_string())
                .unwrap_or_default(),
            custom_css: design.custom_css.clone(),
        }
    }
}

/// The design as it is stored, and its revision.
pub async fn find(app: &App) -> Result<(SiteDesign, i64)> {
    let db = app.store.read();
    // The revision first: a change in between makes the form look old, never new.
    let revision = setting_changes::find_revision(db, SettingsSection::Design).await?;
    Ok((find_current(app).await?, revision))
}

/// The design as it is stored.
pub async fn find_current(app: &App) -> Result<SiteDesign> {
    let row = settings::find(app.store.read(), Setting::Design).await?;
    Ok(stored(row.as_deref()))
}

/// Whether the site shows a picture as its logo or icon.
pub async fn shows(app: &App, id: MediaId) -> Result<bool> {
    let design = find_current(app).await?;
    Ok([design.logo, design.logo_dark, design.icon].contains(&Some(id)))
}

/// Checks what was chosen, and saves it. `seen` is the revision that the person looked at. Saving what is
/// stored already changes nothing.
pub async fn save(app: &App, actor: &Actor, typed: &DesignInput, seen: Option<i64>) -> Result<()> {
    actor.must(Action::ChangeSettings)?;
    let Checked { design, icon } = check(app, typed).await?;
    // Made before the picture is chosen, so that one that cannot become an icon is refused here.
    if let Some(icon) = &icon
        && find_current(app).await?.icon != design.icon
    {
        icons::make(app, icon).await?;
    }
    let (actor, now) = (actor.clone(), app.clock.now());
    app.store
        .write(move |tx| {
            let (actor, after) = (actor.clone(), design.clone());
            Box::pin(async move {
                changes::check_revision(tx, SettingsSection::Design, seen).await?;
                let before = find_in(tx).await?;
                if before == after {
                    return Ok(());
                }
                apply(tx, &after).await?;
                let values = (&before, &after);
                changes::record(tx, &actor, SettingsSection::Design, values, None, now).await
            })
        })
        .await
}

/// Stores a design that was checked or stored before.
pub(super) async fn apply(tx: &Tx, design: &SiteDesign) -> Result<()> {
    if *design == SiteDesign::default() {
        return settings::delete(tx, Setting::Design).await;
    }
    let json = serde_json::to_string(design)
        .map_err(|error| Error::internal("write the design as JSON", error))?;
    settings::set(tx, Setting::Design, &json).await
}

/// The design, as this transaction sees it.
pub(super) async fn find_in(tx: &Tx) -> Result<SiteDesign> {
    Ok(stored(
        settings::find(tx, Setting::Design).await?.as_deref(),
    ))
}

/// A design that cannot be read, such as one from a later version, counts as none, so that pages still work.
fn stored(json: Option<&str>) -> SiteDesign {
    let Some(json) = json else {
        return SiteDesign::default();
    };
    serde_json::from_str(json).unwrap_or_else(|error| {
        tracing::warn!(%error, "read the stored design");
        SiteDesign::default()
    })
}

/// A design that can be saved.
struct Checked {
    design: SiteDesign,
    icon: Option<Media>,
}

async fn check(app: &App, typed: &DesignInput) -> Result<Checked> {
    let mut errors = Vec::new();
    let mut refuse = |field, problem| errors.push(FieldError { field, problem });
    let mut pictures = Vec::new();
    for (field, text) in [
        (Field::Logo, &typed.logo),
        (Field::LogoDark, &typed.logo_dark),
        (Field::Icon, &typed.icon),
    ] {
        let found = find_picture(app, text).await?;
        if found.is_none() && !text.trim().is_empty() {
            refuse(field, Problem::NotAChoice);
        }
        pictures.push(found);
    }
    let icon = pictures.pop().flatten();
    let logo_dark = pictures.pop().flatten().map(|media| media.id);
    let logo = pictures.pop().flatten().map(|media| media.id);
    let fonts = FontPairing::parse(&typed.fonts);
    if fonts.is_none() {
        refuse(Field::Fonts, Problem::NotAChoice);
    }
    let header_style = HeaderStyle::parse(&typed.header_style);
    if header_style.is_none() {
        refuse(Field::HeaderStyle, Problem::NotAChoice);
    }
    let home_style = HomeStyle::parse(&typed.home_style);
    if home_style.is_none() {
        refuse(Field::HomeStyle, Problem::NotAChoice);
    }
    let home_page = match home_style {
        Some(HomeStyle::Page) => {
            let found = find_page(app, &typed.home_page).await?;
            if found.is_none() {
                let is_chosen = !typed.home_page.trim().is_empty();
                let problem = match is_chosen {
                    true => Problem::NotAChoice,
                    false => Problem::Missing,
                };
                refuse(Field::HomePage, problem);
            }
            found
        }
        _ => None,
    };
    // Browsers send CR LF.
    let css = typed.custom_css.replace("\r\n", "\n").trim().to_owned();
    if let Err(error) = custom_css::compile(&css, "") {
        refuse(Field::CustomCss, Problem::Unusable(error.message()));
    }
    match (errors.is_empty(), fonts, header_style, home_style) {
        (true, Some(fonts), Some(header_style), Some(home_style)) => Ok(Checked {
            design: SiteDesign {
                logo,
                logo_dark,
                hides_name: typed.hides_name,
                icon: icon.as_ref().map(|media| media.id),
                fonts,
                header_style,
                home_style,
                home_page,
                custom_css: css,
            },
            icon,
        }),
        _ => Err(Error::Invalid(errors)),
    }
}

async fn find_picture(app: &App, typed: &str) -> Result<Option<Media>> {
    let Ok(id) = typed.trim().parse::<MediaId>() else {
        return Ok(None);
    };
    let found = media::find(app.store.read(), id).await?;
    Ok(found.filter(|media| media.kind == MediaKind::Picture))
}

async fn find_page(app: &App, typed: &str) -> Result<Option<PostId>> {
    let Ok(id) = typed.trim().parse::<PostId>() else {
        return Ok(None);
    };
    let found = posts::find(app.store.read(), id).await?;
    let is_page = |kind, state| kind == PostKind::Page && state == PostState::Published;
    Ok(found
        .filter(|post| is_page(post.kind, post.state))
        .map(|post| post.id))
}

/// What was chosen as far as it can be used, to be looked at before it is saved.
pub fn as_far_as_usable(typed: &DesignInput) -> SiteDesign {
    SiteDesign {
        logo: typed.logo.trim().parse().ok(),
        logo_dark: typed.logo_dark.trim().parse().ok(),
        hides_name: typed.hides_name,
        icon: None,
        fonts: FontPairing::parse(&typed.fonts).unwrap_or_default(),
        header_style: HeaderStyle::parse(&typed.header_style).unwrap_or_default(),
        home_style: HomeStyle::parse(&typed.home_style).unwrap_or_default(),
        home_page: typed.home_page.trim().parse().ok(),
        custom_css: typed.custom_css.clone(),
    }
}
