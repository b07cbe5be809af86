//! The pictures and documents that a text of this site shows or links to. Stores nothing: what a post uses is
//! recorded when it is saved.

use std::collections::HashMap;

use crate::app::App;
use crate::error::Result;
use crate::markup::pictures::{self, OwnPicture, PicturePlace, PictureRules};
use crate::markup::sanitise::SafeHtml;
use crate::media::address;
use crate::store::entity::ids::{MediaId, PostId};
use crate::store::entity::media::{MediaKind, Model as Media};
use crate::store::entity::media_variant::Model as Variant;
use crate::store::featured_pictures;
use crate::store::media as rows;
use crate::store::media_replacements;

/// The most files that one text can use.
const MAX_USES: usize = 500;
/// Browsers that know no `srcset` get the widest size up to this, in pixels.
const FALLBACK_WIDTH: i64 = 1280;

/// A text with its pictures in place.
#[derive(Clone, Debug)]
pub struct Illustrated {
    pub html: SafeHtml,
    /// What it shows and links to, as it was then.
    pub media: Vec<Media>,
}

/// Gives the pictures of this site in `html` their sizes, captions and credits.
pub async fn illustrate(app: &App, html: SafeHtml) -> Result<Illustrated> {
    let rules = rules(app);
    let mut tokens = pictures::tokens(html.as_str(), &rules);
    tokens.retain(|token| address::is_token(token));
    tokens.truncate(MAX_USES);
    if tokens.is_empty() && !html.as_str().contains("<img ") {
        let media = Vec::new();
        return Ok(Illustrated { html, media });
    }
    let db = app.store.read();
    let found = find_by_any_token(app, &tokens).await?;
    let mut media: Vec<Media> = found.iter().map(|(_, media)| media.clone()).collect();
    media.sort_unstable_by_key(|media| media.id);
    media.dedup_by_key(|media| media.id);
    let ids: Vec<MediaId> = media.iter().map(|media| media.id).collect();
    let variants = rows::list_variants(db, &ids).await?;
    let own: HashMap<String, OwnPicture> = found
        .into_iter()
        .filter(|(_, media)| media.kind == MediaKind::Picture)
        .map(|(token, media)| {
            let variants: Vec<&Variant> = variants
                .iter()
                .filter(|variant| variant.media_id == media.id)
                .collect();
            (token, own_picture(&media, &variants))
        })
        .collect();
    let html = app
        .cpu
        .run("place pictures", move || html.with_pictures(&rules, &own))
        .await?;
    Ok(Illustrated { html, media })
}

/// The files that have these tokens, or had them before they were replaced, each with that token.
async fn find_by_any_token(app: &App, tokens: &[String]) -> Result<Vec<(String, Media)>> {
    let db = app.store.read();
    let mut found: Vec<(String, Media)> = rows::list_by_tokens(db, tokens)
        .await?
        .into_iter()
        .map(|media| (media.token.clone(), media))
        .collect();
    if found.len() == tokens.len() {
        return Ok(found);
    }
    let former = media_replacements::list_by_former_tokens(db, tokens).await?;
    let ids: Vec<MediaId> = former.iter().map(|(_, id)| *id).collect();
    let replaced = rows::list_by_ids(db, &ids).await?;
    found.extend(former.into_iter().filter_map(|(token, id)| {
        let media = replaced.iter().find(|media| media.id == id)?;
        Some((token, media.clone()))
    }));
    Ok(found)
}

/// What the addresses of pictures mean on this site.
pub fn rules(app: &App) -> PictureRules {
    PictureRules {
        prefix: address::PREFIX,
        origin: app.urls.absolute(""),
        allowed_hosts: app.config.media.allow_hosts.clone(),
    }
}

/// Whether there is a picture with this key.
pub async fn is_picture(app: &App, id: MediaId) -> Result<bool> {
    let media = rows::find(app.store.read(), id).await?;
    Ok(media.is_some_and(|media| media.kind == MediaKind::Picture))
}

/// The picture at an address of this site's library.
pub async fn find_picture(app: &App, wanted: &str) -> Result<Option<MediaId>> {
    let rules = rules(app);
    let token = match rules.place_of(wanted) {
        PicturePlace::Library(token) if address::is_token(token) => token,
        _ => return Ok(None),
    };
    let media = rows::find_by_token(app.store.read(), token).await?;
    let picture = media.filter(|media| media.kind == MediaKind::Picture);
    Ok(picture.map(|media| media.id))
}

/// The featured pictures of these posts.
pub async fn list_featured(app: &App, posts: &[PostId]) -> Result<HashMap<PostId, OwnPicture>> {
    let db = app.store.read();
    let featured = featured_pictures::list_for_posts(db, posts).await?;
    let ids: Vec<MediaId> = featured.iter().map(|(_, media)| *media).collect();
    let media = rows::list_by_ids(db, &ids).await?;
    let variants = rows::list_variants(db, &ids).await?;
    let picture_of = |id: MediaId| {
        let media = media.iter().find(|media| media.id == id)?;
        let variants: Vec<&Variant> = variants
            .iter()
            .filter(|variant| variant.media_id == id)
            .collect();
        Some(own_picture(media, &variants))
    };
    Ok(featured
        .into_iter()
        .filter_map(|(post, media)| Some((post, picture_of(media)?)))
        .collect())
}

/// What a page needs to show these pictures.
pub async fn list_pictures(app: &App, ids: &[MediaId]) -> Result<HashMap<MediaId, OwnPicture>> {
    let db = app.store.read();
    let media = rows::list_by_ids(db, ids).await?;
    let variants = rows::list_variants(db, ids).await?;
    Ok(media
        .iter()
        .filter(|media| media.kind == MediaKind::Picture)
        .map(|media| {
            let variants: Vec<&Variant> = variants
                .iter()
                .filter(|variant| variant.media_id == media.id)
                .collect();
            (media.id, own_picture(media, &variants))
        })
        .collect())
}

/// What a page needs to show a picture.
fn own_picture(media: &Media, variants: &[&Variant]) -> OwnPicture {
    let srcset: Vec<String> = variants
        .iter()
        .map(|variant| {
            let address = address::of_variant(&media.token, variant.width);
            format!("{address} {}w", variant.width)
        })
        .collect();
    let fallback = variants
        .iter()
        .rev()
        .find(|variant| variant.width <= FALLBACK_WIDTH);
    OwnPicture {
        src: fallback.map_or_else(
            || address::of_original(media),
            |variant| address::of_variant(&media.token, variant.width),
        ),
        srcset: srcset.join(", "),
        width: media.width.unwrap_or_default(),
        height: media.height.unwrap_or_default(),
        alt: media.alt.clone(),
        caption: media.caption.clone(),
        credit: media.credit.clone(),
    }
}
