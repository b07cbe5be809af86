//! The site's icon in its sizes, `/favicon.ico`, and the web app manifest. An icon's address changes with the
//! picture that it was made of.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use crate::error::Error;
use crate::site::appearance;
use crate::site::icons::{self, IconSize};
use crate::site::{design, identity, theme};
use crate::store::entity::media::Model as Media;
use crate::ui::assets;
use crate::web::endpoints::theme::VersionQuery;
use crate::web::manifest;
use crate::web::respond::Failure;
use crate::web::state::Web;

/// The bytes of an address never change.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// Browsers ask for this address whatever a page says.
const AN_HOUR: &str = "public, max-age=3600";

/// `GET /icons/TOKEN/SIZE`
pub async fn show(
    State(web): State<Web>,
    Path((token, name)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let missing = || Error::NotFound("icon");
    let size = IconSize::parse(&name).ok_or_else(missing)?;
    // Only the site's icon has these sizes: nobody makes the server work on other pictures.
    let icon = current(&web)
        .await?
        .filter(|icon| icon.token == token)
        .ok_or_else(missing)?;
    let bytes = icons::read(&web.app, &icon, size).await?;
    Ok(answer(bytes, size.media_type(), FOR_EVER))
}

/// `GET /favicon.ico`
pub async fn favicon(State(web): State<Web>) -> Result<Response, Failure> {
    let size = IconSize::Ico;
    let bytes = match current(&web).await? {
        Some(icon) => icons::read(&web.app, &icon, size).await?,
        None => assets::find(assets::path("icon.ico"))
            .map(|asset| asset.plain.to_vec())
            .ok_or(Error::NotFound("icon"))?,
    };
    Ok(answer(bytes, size.media_type(), AN_HOUR))
}

/// `GET /manifest.webmanifest?v=VERSION`
pub async fn manifest(
    State(web): State<Web>,
    Query(query): Query<VersionQuery>,
) -> Result<Response, Failure> {
    let identity = identity::find_current(&web.app).await?;
    let icon = current(&web).await?.map(|icon| icon.token);
    let text = manifest::text(&identity.name, &identity.accent, icon.as_deref());
    let caching = query.caching(&theme::version(&text));
    Ok(answer(
        text.into_bytes(),
        "application/manifest+json",
        caching,
    ))
}

async fn current(web: &Web) -> Result<Option<Media>, Error> {
    let design = design::find_current(&web.app).await?;
    Ok(appearance::find_pictures(&web.app, &design).await?.icon)
}

fn answer(body: Vec<u8>, media_type: &'static str, caching: &'static str) -> Response {
    let mut response = body.into_response();
    for (name, value) in [
        (header::CONTENT_TYPE, media_type),
        (header::CACHE_CONTROL, caching),
    ] {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}
