//! Serves the files of `static/`, in the encoding that the browser prefers. Their contents and
//! addresses are in `ui::assets`.

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::ui::assets;
use crate::web::content_encoding::{ContentEncoding, negotiate};

/// `GET /static/NAME`
pub async fn show(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let Some(asset) = assets::find(&format!("/static/{name}")) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let encoding = match asset.is_packed() {
        true => ContentEncoding::Identity,
        false => negotiate(&headers),
    };
    let body = match encoding {
        ContentEncoding::Identity => asset.plain,
        ContentEncoding::Gzip => asset.gzip,
        ContentEncoding::Brotli => asset.brotli,
    };
    let mut response = body.into_response();
    let head = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, asset.media_type),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::VARY, "accept-encoding"),
    ] {
        head.insert(name, HeaderValue::from_static(value));
    }
    if let Some(name) = encoding.name() {
        head.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
    }
    response
}
