//! How a body is packed on its way: what the client takes, and the packing.

use std::io::Write;

use axum::body::Bytes;
use axum::http::{HeaderMap, header};

/// How a body is packed on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// Not at all.
    Identity,
    /// gzip.
    Gzip,
    /// Brotli.
    Brotli,
}

impl Coding {
    /// Its name in `Content-Encoding`.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
        }
    }

    /// Packs a body.
    pub fn pack(self, plain: &Bytes) -> Bytes {
        match self {
            Self::Identity => plain.clone(),
            Self::Gzip => gzip(plain),
            Self::Brotli => brotli(plain),
        }
    }
}

/// The best coding that the client takes (RFC 9110, section 12.5.3): Brotli before gzip, whatever
/// their weights. A weight of 0 refuses one.
pub fn preferred(headers: &HeaderMap) -> Coding {
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
    let takes = |wanted: &str| {
        let find = |wanted: &str| {
            accepted
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
        };
        find(wanted)
            .or_else(|| find("*"))
            .is_some_and(|(_, takes)| *takes)
    };
    if takes("br") {
        Coding::Brotli
    } else if takes("gzip") || takes("x-gzip") {
        Coding::Gzip
    } else {
        Coding::Identity
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
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    match packed.write_all(plain).and_then(|()| packed.finish()) {
        Ok(packed) => packed.into(),
        // Writing to memory does not fail.
        Err(_) => Bytes::new(),
    }
}

fn brotli(plain: &[u8]) -> Bytes {
    let mut packed = Vec::new();
    {
        let mut writer = brotli::CompressorWriter::new(&mut packed, 4096, 5, 20);
        let _ = writer.write_all(plain);
    }
    packed.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn accepting(value: &'static str) -> Coding {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(value));
        preferred(&headers)
    }

    #[test]
    fn the_best_coding_that_the_client_takes_is_chosen() {
        assert_eq!(accepting("gzip, deflate, br, zstd"), Coding::Brotli);
        assert_eq!(accepting("gzip;q=0.5, br;q=0"), Coding::Gzip);
        assert_eq!(accepting("gzip;Q=0.5, BR; q = 0.000"), Coding::Gzip);
        assert_eq!(accepting("gzip;q=0.0"), Coding::Identity);
        assert_eq!(accepting("*"), Coding::Brotli);
        assert_eq!(accepting("br;q=0, *"), Coding::Gzip);
        assert_eq!(accepting("*;q=0"), Coding::Identity);
        assert_eq!(accepting("identity"), Coding::Identity);
        assert_eq!(preferred(&HeaderMap::new()), Coding::Identity);
    }
}
