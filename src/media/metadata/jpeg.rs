//! The segments of a JPEG file (ITU-T T.81, section B.1.1). Never decodes one.

use img_parts::Bytes;
use img_parts::jpeg::Jpeg;

/// The most scans of a picture. Cameras and programs write up to about ten; each costs a decoder time for
/// the whole picture, however short it is.
const MAX_SCANS: usize = 100;
const START_OF_SCAN: u8 = 0xda;
const END_OF_IMAGE: u8 = 0xd9;

/// Calls `each` with the marker and the place of every segment; returns the place after the end of the
/// image, or None where there is no such end.
fn walk(bytes: &[u8], mut each: impl FnMut(u8)) -> Option<usize> {
    let mut at = 2;
    loop {
        let &[0xff, marker] = bytes.get(at..at + 2)?.first_chunk::<2>()? else {
            return None;
        };
        match marker {
            END_OF_IMAGE => return Some(at + 2),
            // Fill bytes, stuffed bytes and restart markers have no length.
            0xff => at += 1,
            0x00 | 0x01 | 0xd0..=0xd7 => at += 2,
            _ => {
                let [high, low] = *bytes.get(at + 2..at + 4)?.first_chunk::<2>()?;
                at += 2 + usize::from(u16::from_be_bytes([high, low]));
                each(marker);
            }
        }
        // Compressed data, to the next marker.
        while bytes.get(at).is_some_and(|byte| *byte != 0xff) {
            at += 1;
        }
    }
}

/// Whether decoding takes no more time than a picture of its size needs.
pub(super) fn is_decodable(bytes: &[u8]) -> bool {
    let mut scans = 0;
    let _ = walk(bytes, |marker| {
        scans += usize::from(marker == START_OF_SCAN)
    });
    scans <= MAX_SCANS
}

pub(super) fn without_metadata(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut jpeg = Jpeg::from_bytes(Bytes::copy_from_slice(bytes)).ok()?;
    // APP0 is JFIF, APP2 the colour profile, APP14 says how colours are coded; the other application
    // segments and comments describe, name or locate.
    jpeg.segments_mut().retain(|segment| {
        let marker = segment.marker();
        let is_application = (0xe0..=0xef).contains(&marker);
        (!is_application || matches!(marker, 0xe0 | 0xe2 | 0xee)) && marker != 0xfe
    });
    let mut kept = jpeg.encoder().bytes().to_vec();
    if let Some(end) = walk(&kept, |_| {}) {
        kept.truncate(end);
    }
    Some(kept)
}
