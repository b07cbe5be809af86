//! The site's own stylesheets, at addresses that change with them: fonts and accent colour, and the CSS that
//! administrators wrote, in its scope. Inline styles are forbidden by the site's own policy.

use axum::extract::{Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::error::Error;
use crate::site::{custom_css, design, identity, theme};
use crate::web::look;
use crate::web::respond::Failure;
use crate::web::state::Web;

/// The query of a stylesheet.
#[derive(Debug, Default, Deserialize)]
pub struct VersionQuery {
    /// The version that the page asks for.
    v: Option<String>,
}

impl VersionQuery {
    /// How long the response may be cached: while the settings change, another version may be requested, and that
    /// response must not be cached.
    pub fn caching(&self, current: &str) -> &'static str {
        match self.v.as_deref() == Some(current) {
            true => "public, max-age=31536000, immutable",
            false => "no-store",
        }
    }
}

/// `GET /theme.css?v=VERSION`
pub async fn show(
    State(web): State<Web>,
    Query(query): Query<VersionQuery>,
) -> Result<Response, Failure> {
    let identity = identity::find_current(&web.app).await?;
    let design = design::find_current(&web.app).await?;
    let css = look::stylesheet(&identity, &design, "");
    if css.is_empty() {
        return Err(Error::NotFound("stylesheet").into());
    }
    let caching = query.caching(&theme::version(&css));
    Ok(stylesheet(css, caching))
}

/// `GET /custom.css?v=VERSION`
pub async fn show_custom(
    State(web): State<Web>,
    Query(query): Query<VersionQuery>,
) -> Result<Response, Failure> {
    let written = design::find_current(&web.app).await?.custom_css;
    if written.is_empty() {
        return Err(Error::NotFound("stylesheet").into());
    }
    let caching = query.caching(&theme::version(&written));
    // What an earlier release accepted may be refused by this one.
    let css = custom_css::compile(&written, "").unwrap_or_else(|error| {
        tracing::warn!(?error, "leave custom CSS out");
        String::new()
    });
    Ok(stylesheet(css, caching))
}

fn stylesheet(css: String, caching: &'static str) -> Response {
    let mut response = css.into_response();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, caching),
    ] {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}
