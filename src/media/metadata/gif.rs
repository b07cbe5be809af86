//! The blocks of a GIF (GIF89a, sections 17 to 27). Never decodes one.

#[derive(Clone, Copy, PartialEq, Eq)]
enum GifBlock {
    /// Header, screen and palette.
    Head,
    Image,
    /// What belongs to the next image: its time, its transparency.
    Control,
    /// How often the animation repeats.
    Looping,
    /// Comments, text and other applications' data.
    Other,
}

/// Calls `each` with every block; None where the file ends early or is no GIF.
fn walk<'b>(bytes: &'b [u8], mut each: impl FnMut(GifBlock, &'b [u8])) -> Option<()> {
    let palette = |flags: u8| match flags & 0x80 {
        0 => 0,
        _ => 3 << ((flags & 7) + 1),
    };
    let mut at = 13 + palette(*bytes.get(10)?);
    each(GifBlock::Head, bytes.get(..at)?);
    loop {
        let begin = at;
        let block = match *bytes.get(at)? {
            0x3b => return Some(()),
            0x2c => {
                at += 11 + palette(*bytes.get(at + 9)?);
                GifBlock::Image
            }
            0x21 => {
                let label = *bytes.get(at + 1)?;
                let name = bytes.get(at + 3..at + 14);
                at += 2;
                match label {
                    0xf9 => GifBlock::Control,
                    0xff if name == Some(b"NETSCAPE2.0") => GifBlock::Looping,
                    _ => GifBlock::Other,
                }
            }
            _ => return None,
        };
        loop {
            let length = usize::from(*bytes.get(at)?);
            at += 1 + length;
            if length == 0 {
                break;
            }
        }
        each(block, bytes.get(begin..at)?);
    }
}

pub(super) fn without_comments(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut kept = Vec::with_capacity(bytes.len());
    walk(bytes, |block, data| {
        if block != GifBlock::Other {
            kept.extend_from_slice(data);
        }
    })?;
    kept.push(0x3b);
    Some(kept)
}

/// Those before the file ends, where it is damaged.
pub(super) fn count_frames(bytes: &[u8]) -> usize {
    let mut frames = 0;
    let _ = walk(bytes, |block, _| {
        frames += usize::from(block == GifBlock::Image);
    });
    frames
}
