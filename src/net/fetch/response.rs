//! Reading a reply: its headers, and its body within limits on size and speed. Never interprets what
//! the body says.

use std::io::{self, Write};
use std::time::Duration;

use flate2::write::MultiGzDecoder;
use reqwest::Response;
use reqwest::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap};
use tokio::time::timeout;
use url::Url;

use crate::net::fetch::error::FetchError;
use crate::net::transfer_speed::TransferSpeed;

/// A reply, whatever its status.
#[derive(Clone, Debug)]
pub struct Fetched {
    /// The address after all redirects.
    pub url: Url,
    /// The HTTP status.
    pub status: u16,
    /// Names in lower case, in the order received; without the encoding and the length of a body
    /// that was decompressed.
    pub headers: Vec<(String, String)>,
    /// Decompressed.
    pub body: Vec<u8>,
    /// Whether the body was longer than allowed and is cut.
    pub truncated: bool,
}

impl Fetched {
    /// The first header of that name in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(header, _)| header.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The `Content-Type` as sent.
    pub fn content_type(&self) -> Option<&str> {
        self.header("content-type")
    }
}

/// How much of a body is read, and how slowly it may come.
pub(super) struct BodyLimits {
    /// Both as sent and as decompressed.
    pub(super) max_bytes: usize,
    /// The longest silence, and how long the body may take before its speed counts.
    pub(super) read_timeout: Duration,
    pub(super) min_bytes_per_second: usize,
}

/// Reads the body of `response`, which came from `url`.
pub(super) async fn read(
    url: Url,
    mut response: Response,
    limits: &BodyLimits,
) -> Result<Fetched, FetchError> {
    let status = response.status().as_u16();
    let is_gzip = is_gzip(response.headers())?;
    let headers = response
        .headers()
        .iter()
        .filter(|(name, _)| !is_gzip || ![CONTENT_ENCODING, CONTENT_LENGTH].contains(name))
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        })
        .collect();
    let mut body = BodyReader::new(is_gzip, limits.max_bytes);
    let mut speed = TransferSpeed::new(limits.read_timeout, limits.min_bytes_per_second);
    while let Some(chunk) = timeout(limits.read_timeout, response.chunk())
        .await
        .map_err(|_| FetchError::Timeout)?
        .map_err(FetchError::of_request)?
    {
        speed.note_received(chunk.len());
        if speed.is_too_low() {
            return Err(FetchError::Timeout);
        }
        if !body.push(&chunk)? {
            break;
        }
    }
    let (body, truncated) = body.finish()?;
    Ok(Fetched {
        url,
        status,
        headers,
        body,
        truncated,
    })
}

/// Whether the body comes as gzip, the only encoding that is accepted.
fn is_gzip(headers: &HeaderMap) -> Result<bool, FetchError> {
    let encodings: Vec<String> = headers
        .get_all(CONTENT_ENCODING)
        .iter()
        .flat_map(|value| {
            let value = String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase();
            value
                .split(',')
                .map(|encoding| encoding.trim().to_owned())
                .collect::<Vec<_>>()
        })
        .filter(|encoding| !encoding.is_empty() && encoding != "identity")
        .collect();
    match encodings.as_slice() {
        [] => Ok(false),
        [encoding] if encoding == "gzip" || encoding == "x-gzip" => Ok(true),
        _ => Err(FetchError::Broken(format!(
            "encoded as {:?}, which was not accepted",
            encodings.join(", ")
        ))),
    }
}

/// A body on its way in.
struct BodyReader {
    /// How many more bytes may come from the network.
    remaining: usize,
    is_cut: bool,
    has_data: bool,
    sink: Sink,
}

enum Sink {
    Plain(CappedBuffer),
    Gzip(Box<MultiGzDecoder<CappedBuffer>>),
}

impl BodyReader {
    fn new(is_gzip: bool, limit: usize) -> Self {
        let buffer = CappedBuffer {
            bytes: Vec::new(),
            limit,
            is_full: false,
        };
        Self {
            remaining: limit,
            is_cut: false,
            has_data: false,
            sink: if is_gzip {
                Sink::Gzip(Box::new(MultiGzDecoder::new(buffer)))
            } else {
                Sink::Plain(buffer)
            },
        }
    }

    /// Adds a chunk; false once the limit is reached.
    fn push(&mut self, chunk: &[u8]) -> Result<bool, FetchError> {
        let allowed = &chunk[..chunk.len().min(self.remaining)];
        self.remaining -= allowed.len();
        self.is_cut |= allowed.len() < chunk.len();
        self.has_data |= !allowed.is_empty();
        let written = match &mut self.sink {
            Sink::Plain(buffer) => buffer.write_all(allowed),
            Sink::Gzip(decoder) => decoder.write_all(allowed),
        };
        self.check(written)?;
        Ok(!self.is_cut)
    }

    /// An error of a full buffer is a cut, any other one is the sender's.
    fn check(&mut self, written: io::Result<()>) -> Result<(), FetchError> {
        let is_full = match &self.sink {
            Sink::Plain(buffer) => buffer.is_full,
            Sink::Gzip(decoder) => decoder.get_ref().is_full,
        };
        self.is_cut |= is_full;
        match written {
            Err(error) if !is_full => Err(FetchError::Broken(format!("not gzip: {error}"))),
            _ => Ok(()),
        }
    }

    /// The bytes, and whether some are missing.
    fn finish(mut self) -> Result<(Vec<u8>, bool), FetchError> {
        let finished = match &mut self.sink {
            Sink::Gzip(decoder) if self.has_data && !self.is_cut => decoder.try_finish(),
            // Writes out what the decoder still holds of a body that ends in the middle.
            Sink::Gzip(decoder) if self.has_data => decoder.flush(),
            _ => Ok(()),
        };
        self.check(finished)?;
        let bytes = match &mut self.sink {
            Sink::Plain(buffer) => std::mem::take(&mut buffer.bytes),
            Sink::Gzip(decoder) => std::mem::take(&mut decoder.get_mut().bytes),
        };
        Ok((bytes, self.is_cut))
    }
}

/// Keeps up to `limit` bytes, and fails from the first byte beyond. The failure is what stops the
/// decoder: it would decompress the rest for nothing otherwise.
struct CappedBuffer {
    bytes: Vec<u8>,
    limit: usize,
    is_full: bool,
}

impl Write for CappedBuffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let remaining = self.limit.saturating_sub(self.bytes.len());
        if self.is_full || (remaining == 0 && !bytes.is_empty()) {
            self.is_full = true;
            return Err(io::Error::other("longer than allowed"));
        }
        let written = bytes.len().min(remaining);
        self.bytes.extend_from_slice(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
