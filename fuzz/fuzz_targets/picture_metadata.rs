//! Pictures from any bytes: what is kept is no longer than the file, has no more frames, and removing
//! metadata twice changes nothing more.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rejoinder::media::metadata;
use rejoinder::media::picture_format::PictureFormat;
use rejoinder_fuzz::in_time;

fuzz_target!(|bytes: &[u8]| in_time(|| {
    for format in [
        PictureFormat::Jpeg,
        PictureFormat::Png,
        PictureFormat::Gif,
        PictureFormat::WebP,
    ] {
        let frames = metadata::count_frames(bytes, format);
        // Two for the start of an animation that has no frame of its own.
        assert!(frames <= bytes.len().max(2));
        if let Some(decodable) = metadata::decodable(bytes, format) {
            assert!(decodable.len() <= bytes.len());
        }
        let Some(kept) = metadata::remove(bytes, format) else {
            continue;
        };
        // Padding of a last chunk, or an end marker, may have been missing.
        assert!(kept.len() <= bytes.len() + 4, "{format:?}");
        let again = metadata::remove(&kept, format);
        assert!(format == PictureFormat::Jpeg || again.as_ref() == Some(&kept), "{format:?}");
    }
}));
