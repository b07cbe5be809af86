//! The chunks of a PNG file (PNG, third edition, section 5). Never decodes one, except for a colour profile
//! whose length has to be known.

use std::io::Read;

use flate2::read::ZlibDecoder;

use crate::media::metadata::profile::MAX_PROFILE;

const SIGNATURE: &[u8; 8] = b"\x89PNG\r\n\x1a\n";
/// The longest name of a profile, with the two bytes after it.
const MAX_PROFILE_HEAD: usize = 81;
/// What is kept of a file.
const KEPT: [&[u8; 4]; 14] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT",
    b"acTL", b"fcTL", b"fdAT", b"pHYs",
];

/// Calls `each` with the kind, the content and the whole of every chunk up to the end of the picture; None
/// where that does not come.
fn walk<'b>(bytes: &'b [u8], mut each: impl FnMut(&'b [u8], &'b [u8], &'b [u8])) -> Option<()> {
    let mut rest = bytes.strip_prefix(SIGNATURE)?;
    loop {
        let length = usize::try_from(u32::from_be_bytes(*rest.first_chunk::<4>()?)).ok()?;
        let whole = rest.get(..length.checked_add(12)?)?;
        let (kind, content) = (whole.get(4..8)?, whole.get(8..8 + length)?);
        each(kind, content, whole);
        if kind == b"IEND" {
            return Some(());
        }
        rest = rest.get(whole.len()..)?;
    }
}

fn keep(bytes: &[u8], is_kept: impl Fn(&[u8]) -> bool) -> Option<Vec<u8>> {
    let mut kept = Vec::with_capacity(bytes.len());
    kept.extend_from_slice(SIGNATURE);
    let mut has_profile = false;
    walk(bytes, |kind, content, whole| {
        // There is one profile, so that a file cannot have thousands to unpack.
        let is_profile = kind == b"iCCP";
        if is_kept(kind) && (!is_profile || (!has_profile && is_short(content))) {
            kept.extend_from_slice(whole);
        }
        has_profile |= is_profile;
    })?;
    Some(kept)
}

/// Whether a profile is no longer than it may be, decompressed.
fn is_short(chunk: &[u8]) -> bool {
    let head = &chunk[..chunk.len().min(MAX_PROFILE_HEAD)];
    let Some(name) = head.iter().position(|byte| *byte == 0) else {
        return false;
    };
    let compressed = chunk.get(name + 2..).unwrap_or_default();
    let mut profile = ZlibDecoder::new(compressed).take(MAX_PROFILE as u64 + 1);
    let length = std::io::copy(&mut profile, &mut std::io::sink());
    length.is_ok_and(|length| length <= MAX_PROFILE as u64)
}

/// With the orientation, and without what is of no use to a decoder.
pub(super) fn decodable(bytes: &[u8]) -> Option<Vec<u8>> {
    keep(bytes, |kind| {
        kind == b"eXIf" || KEPT.iter().any(|kept| *kept == kind)
    })
}

pub(super) fn without_metadata(bytes: &[u8]) -> Option<Vec<u8>> {
    keep(bytes, |kind| KEPT.iter().any(|kept| *kept == kind))
}

/// Those before the file ends, where it is damaged.
pub(super) fn count_frames(bytes: &[u8]) -> usize {
    let (mut frames, mut is_animated) = (0, false);
    let _ = walk(bytes, |kind, _, _| {
        is_animated |= kind == b"acTL";
        frames += usize::from(kind == b"fcTL");
    });
    // The first picture may be outside the animation.
    if is_animated { frames.max(2) } else { 1 }
}
