//! The chunks of a WebP file (RFC 9649, section 2). Never decodes one.

use crate::media::metadata::profile;

/// What is kept of a file.
const KEPT: [&[u8; 4]; 7] = [
    b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP",
];
/// The bits of `VP8X` that announce EXIF and XMP data.
const METADATA_FLAGS: u8 = 0b0000_1100;

/// Calls `each` with the kind, the content and the whole of every chunk within the length that the file
/// declares; None where a chunk is cut off.
fn walk<'b>(bytes: &'b [u8], mut each: impl FnMut(&'b [u8], &'b [u8], &'b [u8])) -> Option<()> {
    let (riff, webp) = (bytes.get(..4)?, bytes.get(8..12)?);
    if riff != b"RIFF" || webp != b"WEBP" {
        return None;
    }
    let declared = length_at(bytes, 4)?.checked_add(8)?;
    let mut rest = bytes.get(12..declared.min(bytes.len()))?;
    while !rest.is_empty() {
        let length = length_at(rest, 4)?;
        let content = rest.get(8..length.checked_add(8)?)?;
        // A chunk of odd length is padded, which some programs forget at the end.
        let whole = &rest[..(8 + length + length % 2).min(rest.len())];
        each(&rest[..4], content, whole);
        rest = &rest[whole.len()..];
    }
    Some(())
}

fn length_at(bytes: &[u8], at: usize) -> Option<usize> {
    let length = bytes.get(at..at + 4)?.first_chunk::<4>()?;
    usize::try_from(u32::from_le_bytes(*length)).ok()
}

pub(super) fn without_metadata(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut kept = Vec::with_capacity(bytes.len());
    kept.extend_from_slice(b"RIFF\0\0\0\0WEBP");
    walk(bytes, |kind, content, whole| {
        let is_long_profile = kind == b"ICCP" && !profile::is_usable(content);
        if is_long_profile || !KEPT.iter().any(|known| *known == kind) {
            return;
        }
        let begin = kept.len();
        kept.extend_from_slice(whole);
        if whole.len() % 2 == 1 {
            kept.push(0);
        }
        if kind == b"VP8X"
            && let Some(flags) = kept.get_mut(begin + 8)
        {
            *flags &= !METADATA_FLAGS;
        }
    })?;
    let length = u32::try_from(kept.len() - 8).ok()?;
    kept[4..8].copy_from_slice(&length.to_le_bytes());
    Some(kept)
}

/// Those before the file ends, where it is damaged.
pub(super) fn count_frames(bytes: &[u8]) -> usize {
    let (mut frames, mut is_animated) = (0, false);
    let _ = walk(bytes, |kind, _, _| {
        is_animated |= kind == b"ANIM";
        frames += usize::from(kind == b"ANMF");
    });
    if is_animated { frames.max(2) } else { 1 }
}
