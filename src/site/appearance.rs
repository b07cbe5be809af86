//! The pictures of a design as pages need them: their addresses and sizes. Changes nothing; a picture that was
//! deleted is left out.

use crate::app::App;
use crate::error::Result;
use crate::media::address;
use crate::site::design::SiteDesign;
use crate::site::look::{Logo, LogoPicture};
use crate::store::entity::ids::MediaId;
use crate::store::entity::media::{MediaKind, Model as Media};
use crate::store::entity::media_variant::Model as Variant;
use crate::store::media as rows;

/// A logo is at most this wide on a page, in pixels, and sharp at twice as many dots.
const SHARP_WIDTH: i64 = 640;

/// The pictures of a design.
#[derive(Clone, Debug, Default)]
pub struct DesignPictures {
    pub logo: Option<Logo>,
    /// The icon's row.
    pub icon: Option<Media>,
}

/// Looks up the pictures that a design names.
pub async fn find_pictures(app: &App, design: &SiteDesign) -> Result<DesignPictures> {
    let ids: Vec<MediaId> = [design.logo, design.logo_dark, design.icon]
        .into_iter()
        .flatten()
        .collect();
    if ids.is_empty() {
        return Ok(DesignPictures::default());
    }
    let db = app.store.read();
    let mut media = rows::list_by_ids(db, &ids).await?;
    media.retain(|media| media.kind == MediaKind::Picture);
    let variants = rows::list_variants(db, &ids).await?;
    let find = |id: Option<MediaId>| media.iter().find(|media| Some(media.id) == id);
    let picture = |id| find(id).map(|media| logo_picture(media, &variants));
    let logo = match (picture(design.logo), picture(design.logo_dark)) {
        (Some(light), dark) => Some(Logo { light, dark }),
        // The one for dark pages alone is shown on both.
        (None, Some(dark)) => Some(Logo {
            light: dark,
            dark: None,
        }),
        (None, None) => None,
    };
    Ok(DesignPictures {
        logo,
        icon: find(design.icon).cloned(),
    })
}

/// The smallest size that is sharp, or the picture itself.
fn logo_picture(media: &Media, variants: &[Variant]) -> LogoPicture {
    let sharp = variants
        .iter()
        .filter(|variant| variant.media_id == media.id)
        .find(|variant| variant.width >= SHARP_WIDTH);
    match sharp {
        Some(variant) => LogoPicture {
            address: address::of_variant(&media.token, variant.width),
            width: variant.width,
            height: variant.height,
        },
        None => LogoPicture {
            address: address::of_original(media),
            width: media.width.unwrap_or_default(),
            height: media.height.unwrap_or_default(),
        },
    }
}
