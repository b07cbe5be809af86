//! The web app manifest: name, icons and colours for home screens. Pure.

use serde_json::json;

use crate::site::accent::{Accent, Rgb};
use crate::site::icons::IconSize;
use crate::ui::assets;
use crate::ui::frame::icon_path;

/// The manifest as JSON; `icon` is the token of the site's own icon.
pub fn text(name: &str, accent: &str, icon: Option<&str>) -> String {
    let icons: Vec<_> = [IconSize::Home, IconSize::Large]
        .into_iter()
        .map(|size| {
            let pixels = size.pixels();
            let src = match icon {
                Some(token) => icon_path(token, size),
                None => assets::path(&format!("icon-{}", size.file_name())).to_owned(),
            };
            json!({ "src": src, "sizes": format!("{pixels}x{pixels}"), "type": size.media_type() })
        })
        .collect();
    let mut manifest = json!({
        "name": name,
        "start_url": "/",
        "scope": "/",
        "display": "browser",
        "icons": icons,
    });
    if let Some(accent) = Rgb::parse(accent).map(Accent::new) {
        manifest["theme_color"] = json!(accent.light.colour.to_string());
    }
    manifest.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_icons_are_those_of_the_site_or_of_the_design() {
        let own = text("News", "#17605a", Some("ab"));
        assert!(
            own.contains("\"/icons/ab/192.png\"") && own.contains("#17605a"),
            "{own}"
        );
        let default = text("News \"x\"", "", None);
        assert!(default.contains("\"/static/icon-512."), "{default}");
        assert!(!default.contains("missing") && !default.contains("theme_color"));
    }
}
