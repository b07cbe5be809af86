//! Content encodings: which one the client accepts, and the compression itself. Knows no pages.

use std::io::Write;

use axum::body::Bytes;
use axum::http::{HeaderMap, header};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentEncoding {
    /// Uncompressed.
    Identity,
    Gzip,
    Brotli,
}

impl ContentEncoding {
    /// The value of `Content-Encoding`; None for no such header.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
        }
    }

    pub fn compress(self, plain: &Bytes) -> Bytes {
        match self {
            Self::Identity => plain.clone(),
            Self::Gzip => gzip(plain),
            Self::Brotli => brotli(plain),
        }
    }
}

/// The best encoding that the client accepts (RFC 9110, section 12.5.3): Brotli before gzip, whatever
/// their weights. A weight of 0 refuses one.
pub fn negotiate(headers: &HeaderMap) -> ContentEncoding {
    let accepted: Vec<(&str, bool)> = headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|item| {
            let mut parts = item.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default();
            (name, !parts.any(is_refusal))
        })
        .collect();
    let accepts = |wanted: &str| {
        let find = |wanted: &str| {
            accepted
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
        };
        find(wanted)
            .or_else(|| find("*"))
            .is_some_and(|(_, is_accepted)| *is_accepted)
    };
    if accepts("br") {
        ContentEncoding::Brotli
    } else if accepts("gzip") || accepts("x-gzip") {
        ContentEncoding::Gzip
    } else {
        ContentEncoding::Identity
    }
}

fn is_refusal(parameter: &str) -> bool {
    parameter.split_once('=').is_some_and(|(name, weight)| {
        name.trim().eq_ignore_ascii_case("q")
            && weight
                .trim()
                .parse::<f32>()
                .is_ok_and(|weight| weight <= 0.0)
    })
}

fn gzip(plain: &[u8]) -> Bytes {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    match encoder.write_all(plain).and_then(|()| encoder.finish()) {
        Ok(compressed) => compressed.into(),
        // Writing to memory does not fail.
        Err(_) => Bytes::new(),
    }
}

fn brotli(plain: &[u8]) -> Bytes {
    let mut compressed = Vec::new();
    {
        let mut writer = brotli::CompressorWriter::new(&mut compressed, 4096, 5, 20);
        let _ = writer.write_all(plain);
    }
    compressed.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn accepting(value: &'static str) -> ContentEncoding {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(value));
        negotiate(&headers)
    }

    #[test]
    fn the_best_encoding_that_the_client_accepts_is_chosen() {
        assert_eq!(
            accepting("gzip, deflate, br, zstd"),
            ContentEncoding::Brotli
        );
        assert_eq!(accepting("gzip;q=0.5, br;q=0"), ContentEncoding::Gzip);
        assert_eq!(
            accepting("gzip;Q=0.5, BR; q = 0.000"),
            ContentEncoding::Gzip
        );
        assert_eq!(accepting("gzip;q=0.0"), ContentEncoding::Identity);
        assert_eq!(accepting("*"), ContentEncoding::Brotli);
        assert_eq!(accepting("br;q=0, *"), ContentEncoding::Gzip);
        assert_eq!(accepting("*;q=0"), ContentEncoding::Identity);
        assert_eq!(accepting("identity"), ContentEncoding::Identity);
        assert_eq!(negotiate(&HeaderMap::new()), ContentEncoding::Identity);
    }
}
