//! What `static/` holds, built in, under names that change with the content, so that browsers may
//! keep it for ever.

use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::web::coding::{Coding, preferred};

struct Asset {
    name: &'static str,
    path: &'static str,
    media_type: &'static str,
    plain: &'static [u8],
    gzip: &'static [u8],
    brotli: &'static [u8],
}

static ASSETS: &[Asset] = include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The address of a file in `static/`; a name that is not there is a defect that a test finds.
pub fn path(name: &str) -> &'static str {
    ASSETS
        .iter()
        .find(|asset| asset.name == name)
        .map_or("/static/missing", |asset| asset.path)
}

/// `GET /static/NAME`
pub async fn show(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let wanted = format!("/static/{name}");
    let Some(asset) = ASSETS.iter().find(|asset| asset.path == wanted) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let coding = preferred(&headers);
    let body = match coding {
        Coding::Identity => asset.plain,
        Coding::Gzip => asset.gzip,
        Coding::Brotli => asset.brotli,
    };
    let mut response = body.into_response();
    let head = response.headers_mut();
    head.insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static(asset.media_type),
    );
    head.insert(
        header::CACHE_CONTROL,
        header::HeaderValue::from_static("public, max-age=31536000, immutable"),
    );
    head.insert(
        header::VARY,
        header::HeaderValue::from_static("accept-encoding"),
    );
    if let Some(name) = coding.name() {
        head.insert(
            header::CONTENT_ENCODING,
            header::HeaderValue::from_static(name),
        );
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_files_address_changes_with_its_content() {
        let address = path("site.css");
        assert!(
            address.starts_with("/static/site.") && address.ends_with(".css"),
            "{address}"
        );
        assert_eq!(path("nothing.css"), "/static/missing");
    }
}
