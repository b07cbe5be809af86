//! Which representation a client wants, by its `Accept` header (RFC 9110, section 12.5.1). Only types that
//! it names count: programs send `*/*`, and must not get pages for people.

use axum::http::{HeaderMap, header};

/// A form in which an answer can be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Representation {
    /// A page for people.
    Html,
    Json,
    /// Plain text.
    Text,
}

impl Representation {
    const ALL: [Self; 3] = [Self::Html, Self::Json, Self::Text];

    fn media_types(self) -> &'static [&'static str] {
        match self {
            Self::Html => &["text/html", "application/xhtml+xml"],
            Self::Json => &["application/json", "application/problem+json"],
            Self::Text => &["text/plain"],
        }
    }
}

/// The representation that the client names with the highest weight, HTML before JSON before text; None
/// where it names none of them.
pub fn preferred(headers: &HeaderMap) -> Option<Representation> {
    let mut best: Option<(Representation, f32)> = None;
    for representation in Representation::ALL {
        let weight = representation
            .media_types()
            .iter()
            .map(|media_type| weight_of(headers, media_type))
            .fold(0.0, f32::max);
        if weight > best.map_or(0.0, |(_, weight)| weight) {
            best = Some((representation, weight));
        }
    }
    best.map(|(representation, _)| representation)
}

/// The weight of a media type; zero where the client does not name it.
fn weight_of(headers: &HeaderMap, media_type: &str) -> f32 {
    headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|accept| accept.to_str().ok())
        .flat_map(|accept| accept.split(','))
        .filter_map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let is_named = parts.next()?.eq_ignore_ascii_case(media_type);
            is_named.then(|| parts.find_map(read_weight).unwrap_or(1.0))
        })
        .fold(0.0, f32::max)
}

fn read_weight(parameter: &str) -> Option<f32> {
    let (name, value) = parameter.split_once('=')?;
    let is_weight = name.trim().eq_ignore_ascii_case("q");
    let weight: f32 = value.trim().parse().ok().filter(|_| is_weight)?;
    Some(weight.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_named_type_with_the_highest_weight_is_preferred() {
        let firefox = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        for (accept, expected) in [
            (firefox, Some(Representation::Html)),
            ("application/json", Some(Representation::Json)),
            ("Application/Problem+JSON", Some(Representation::Json)),
            (
                "application/json, text/html;q=0.5",
                Some(Representation::Json),
            ),
            ("application/json, text/html", Some(Representation::Html)),
            (
                "text/plain, application/json;q=0.1",
                Some(Representation::Text),
            ),
            (
                "text/html; q=0, application/json; q=0.2",
                Some(Representation::Json),
            ),
            ("text/html;q=NaN", None),
            ("*/*", None),
            ("text/*", None),
            ("", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, accept.parse().unwrap());
            assert_eq!(preferred(&headers), expected, "{accept}");
        }
        assert_eq!(preferred(&HeaderMap::new()), None);
    }
}
