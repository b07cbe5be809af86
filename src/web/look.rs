//! How the site looks, put together for pages: the addresses of its stylesheets, icons and logo. Reads, and
//! changes nothing.

use crate::app::App;
use crate::error::Result;
use crate::site::appearance;
use crate::site::design::SiteDesign;
use crate::site::identity::SiteIdentity;
use crate::site::look::{HomeStyle, Look};
use crate::site::theme;
use crate::ui::assets;
use crate::web::manifest;

/// The look of this identity and design.
pub async fn find(app: &App, identity: &SiteIdentity, design: &SiteDesign) -> Result<Look> {
    let pictures = appearance::find_pictures(app, design).await?;
    let icon = pictures.icon.map(|media| media.token);
    let theme = stylesheet(identity, design, "");
    let manifest = manifest::text(&identity.name, &identity.accent, icon.as_deref());
    Ok(Look {
        logo: pictures.logo,
        hides_name: design.hides_name,
        fonts: design.fonts,
        header_style: design.header_style,
        home_style: design.home_style,
        home_page: design
            .home_page
            .filter(|_| design.home_style == HomeStyle::Page),
        icon,
        stylesheet: address_of("/theme.css", &theme),
        custom_css: address_of("/custom.css", &design.custom_css),
        manifest: address_of("/manifest.webmanifest", &manifest).unwrap_or_default(),
    })
}

/// The stylesheet with fonts and accent colour; addresses in it come after `base`.
pub fn stylesheet(identity: &SiteIdentity, design: &SiteDesign, base: &str) -> String {
    theme::stylesheet(&identity.accent, design.fonts, &|name: &str| {
        format!("{base}{}", assets::path(name))
    })
}

/// An address that changes with the text; None where there is none.
fn address_of(path: &str, text: &str) -> Option<String> {
    (!text.is_empty()).then(|| format!("{path}?v={}", theme::version(text)))
}
