//! Pictures that are not accepted, known by their bytes or else by their names, so that the refusal can say
//! what to do instead. Pure; nothing is accepted here.

/// A format that people try to upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RefusedFormat {
    /// A drawing that may contain programs.
    Svg,
    /// AVIF: no maintained decoder in Rust alone.
    Avif,
    /// HEIC and HEIF, as phones write them.
    Heic,
}

/// How much of a file is searched for the beginning of a drawing, in bytes.
const MAX_SNIFFED: usize = 4096;
/// Byte order marks of UTF-8 and UTF-16.
const MARKS: [&[u8]; 3] = [b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"];

impl RefusedFormat {
    /// The format that the bytes or the name show.
    pub fn detect(bytes: &[u8], name: &str) -> Option<Self> {
        if let Some(format) = by_box(bytes) {
            return Some(format);
        }
        let ending = name
            .rsplit_once('.')
            .map(|(_, ending)| ending.to_ascii_lowercase())
            .unwrap_or_default();
        if is_drawing(bytes) || matches!(ending.as_str(), "svg" | "svgz") {
            return Some(Self::Svg);
        }
        match ending.as_str() {
            "avif" => Some(Self::Avif),
            "heic" | "heif" => Some(Self::Heic),
            _ => None,
        }
    }

    /// The message that says why, and what to do.
    pub fn message_id(self) -> &'static str {
        match self {
            Self::Svg => "media-svg",
            Self::Avif => "media-avif",
            Self::Heic => "media-heic",
        }
    }
}

/// By the brands of the first box of an ISO base media file (ISO/IEC 14496-12, section 4.3).
fn by_box(bytes: &[u8]) -> Option<RefusedFormat> {
    if bytes.get(4..8)? != b"ftyp" {
        return None;
    }
    let length = u32::from_be_bytes(*bytes.first_chunk::<4>()?);
    let end = usize::try_from(length)
        .ok()?
        .min(bytes.len())
        .min(MAX_SNIFFED);
    let brands = bytes.get(8..end)?.chunks_exact(4);
    let mut is_heic = false;
    for brand in brands {
        match brand {
            b"avif" | b"avis" => return Some(RefusedFormat::Avif),
            b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"mif1" | b"msf1" => is_heic = true,
            _ => {}
        }
    }
    is_heic.then_some(RefusedFormat::Heic)
}

/// Whether an element `svg` begins near the start, in whatever encoding its letters are single bytes of.
fn is_drawing(bytes: &[u8]) -> bool {
    let begin: Vec<u8> = bytes
        .iter()
        .take(MAX_SNIFFED)
        // UTF-16 has a zero beside each of these letters.
        .filter(|byte| **byte != 0)
        .map(u8::to_ascii_lowercase)
        .collect();
    let text = MARKS
        .iter()
        .find_map(|mark| begin.strip_prefix(*mark))
        .unwrap_or(&begin);
    let is_markup = text.trim_ascii_start().starts_with(b"<");
    is_markup
        && begin
            .windows(5)
            .any(|part| part[..4] == *b"<svg" || part == b":svg ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_known_by_bytes_and_by_name() {
        let drawing = b"<?xml version='1.0'?>\n<!-- -->\n<SVG onload='x'/>";
        let utf16: Vec<u8> = "\u{feff}<svg xmlns='x'>"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        for (bytes, name, expected) in [
            (&drawing[..], "a.png", Some(RefusedFormat::Svg)),
            (b"\xef\xbb\xbf <svg/>", "a", Some(RefusedFormat::Svg)),
            (b"<x:svg xmlns:x='y'/>", "a", Some(RefusedFormat::Svg)),
            (&utf16, "a.txt", Some(RefusedFormat::Svg)),
            (b"\x1f\x8b\x08", "a.SVGZ", Some(RefusedFormat::Svg)),
            (
                b"\0\0\0\x1cftypavif\0\0\0\0mif1avif",
                "a.jpg",
                Some(RefusedFormat::Avif),
            ),
            (
                b"\0\0\0\x18ftypmif1\0\0\0\0heicmif1",
                "a.jpg",
                Some(RefusedFormat::Heic),
            ),
            (b"\0\0\0\x18ftypisom\0\0\0\0mp41isom", "a.mp4", None),
            (b"\xff\xff\xff\xffftyp", "a", None),
            (b"The <svg element", "a.txt", None),
            (b"", "", None),
        ] {
            assert_eq!(RefusedFormat::detect(bytes, name), expected, "{name}");
        }
    }
}
