//! Pictures as files: what is in them beside the picture, how many frames they have, and the file without
//! anything that describes, names or locates. Pure; never decodes a pixel, and never trusts a length.

mod gif;
mod jpeg;
mod png;
pub mod profile;
mod webp;

use std::borrow::Cow;

use crate::media::picture_format::PictureFormat;

/// The file as it may be given to a decoder: without texts, and without a colour profile that grows beyond
/// any use when it is decompressed. None where it is damaged.
pub fn decodable(bytes: &[u8], format: PictureFormat) -> Option<Cow<'_, [u8]>> {
    match format {
        PictureFormat::Png => png::decodable(bytes).map(Cow::Owned),
        PictureFormat::Jpeg if !jpeg::is_decodable(bytes) => None,
        PictureFormat::Jpeg | PictureFormat::Gif | PictureFormat::WebP => {
            Some(Cow::Borrowed(bytes))
        }
    }
}

/// The file without anything but the picture and its colour profile. What follows the end of the picture
/// goes too, so that no second file can hide there. None where it is damaged.
pub fn remove(bytes: &[u8], format: PictureFormat) -> Option<Vec<u8>> {
    match format {
        PictureFormat::Jpeg => jpeg::without_metadata(bytes),
        PictureFormat::Png => png::without_metadata(bytes),
        PictureFormat::WebP => webp::without_metadata(bytes),
        PictureFormat::Gif => gif::without_comments(bytes),
    }
}

/// How many frames an animation has; at most 1 for a still picture.
pub fn count_frames(bytes: &[u8], format: PictureFormat) -> usize {
    match format {
        PictureFormat::Jpeg => 1,
        PictureFormat::Png => png::count_frames(bytes),
        PictureFormat::WebP => webp::count_frames(bytes),
        PictureFormat::Gif => gif::count_frames(bytes),
    }
}
