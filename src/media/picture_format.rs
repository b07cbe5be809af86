//! The formats of pictures that are accepted, and why a file is not accepted as one. Pure.

use image::ImageFormat;

/// The most pixels of a picture: 50 megapixels decode to at most 200 MiB.
pub const MAX_PIXELS: u64 = 50_000_000;
/// The longest side of a picture, in pixels.
pub const MAX_SIDE: u32 = 20_000;
/// The most frames of an animation.
pub const MAX_FRAMES: usize = 2_000;
/// The most pixels of an animation in all of its frames: a browser that shows it draws each of them.
pub const MAX_ANIMATED_PIXELS: u64 = 2_000_000_000;

/// The media types of the formats that are accepted, as file choosers want them.
pub const PICTURE_TYPES: &str = "image/jpeg,image/png,image/gif,image/webp";

/// The formats that are accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PictureFormat {
    Jpeg,
    Png,
    Gif,
    WebP,
}

impl PictureFormat {
    /// The format that the first bytes show, whatever the file is called.
    pub fn detect(bytes: &[u8]) -> Option<Self> {
        match image::guess_format(bytes).ok()? {
            ImageFormat::Jpeg => Some(Self::Jpeg),
            ImageFormat::Png => Some(Self::Png),
            ImageFormat::Gif => Some(Self::Gif),
            ImageFormat::WebP => Some(Self::WebP),
            _ => None,
        }
    }

    pub fn image_format(self) -> ImageFormat {
        match self {
            Self::Jpeg => ImageFormat::Jpeg,
            Self::Png => ImageFormat::Png,
            Self::Gif => ImageFormat::Gif,
            Self::WebP => ImageFormat::WebP,
        }
    }

    /// The media type to serve it with.
    pub fn media_type(self) -> &'static str {
        self.image_format().to_mime_type()
    }

    /// The ending of its file name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Gif => "gif",
            Self::WebP => "webp",
        }
    }
}

/// Why a file is not accepted as a picture.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    #[error("not a JPEG, PNG, GIF or WebP picture")]
    UnknownFormat,
    #[error("the file is damaged")]
    Damaged,
    #[error("{width} x {height} pixels are more than {MAX_PIXELS}")]
    TooManyPixels { width: u32, height: u32 },
    #[error("a side of {longest} pixels is longer than {MAX_SIDE}")]
    TooLong { longest: u32 },
    #[error("an animation of {frames} frames is too long")]
    TooManyFrames { frames: usize },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_choosers_offer_what_is_accepted() {
        use PictureFormat::{Gif, Jpeg, Png, WebP};
        let accepted = [Jpeg, Png, Gif, WebP].map(PictureFormat::media_type);
        assert_eq!(PICTURE_TYPES, accepted.join(","));
    }
}
