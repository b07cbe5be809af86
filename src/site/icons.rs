//! The site's icon in all sizes that browsers ask for, made from a picture in the library and kept with its
//! other sizes. If one is missing, it is made again. Knows no HTTP.

use std::io::Cursor;

use image::imageops::{self, FilterType};
use image::{DynamicImage, ImageFormat, ImageReader, Limits, Rgba, RgbaImage};
use tokio::sync::Semaphore;

use crate::app::App;
use crate::error::{Error, Field, Problem, Result};
use crate::media::address::ORIGINAL;
use crate::media::picture_format::MAX_SIDE;
use crate::store::entity::media::Model as Media;
use crate::texts::Message;

/// What the decoder may allocate, in bytes: as much as for an upload.
const MAX_ALLOCATION: u64 = 320 * 1024 * 1024;
/// The longest side of what the sizes are made of, in pixels.
const BASE: u32 = 1024;

/// A size of the icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IconSize {
    /// For the tab of a browser.
    Tab,
    /// The same in the format of `/favicon.ico`.
    Ico,
    /// For the home screen of Apple's devices; it has no transparent parts.
    Touch,
    /// For other home screens.
    Home,
    /// For the screen while an app starts.
    Large,
}

impl IconSize {
    pub const ALL: [Self; 5] = [Self::Tab, Self::Ico, Self::Touch, Self::Home, Self::Large];

    /// In pixels.
    pub fn pixels(self) -> u32 {
        match self {
            Self::Tab | Self::Ico => 32,
            Self::Touch => 180,
            Self::Home => 192,
            Self::Large => 512,
        }
    }

    /// In its address.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Tab => "32.png",
            Self::Ico => "32.ico",
            Self::Touch => "180.png",
            Self::Home => "192.png",
            Self::Large => "512.png",
        }
    }

    pub fn media_type(self) -> &'static str {
        match self {
            Self::Ico => "image/x-icon",
            _ => "image/png",
        }
    }

    /// The size with this name in its address.
    pub fn parse(file_name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|size| size.file_name() == file_name)
    }

    fn stored_name(self) -> String {
        format!("icon-{}", self.file_name())
    }
}

/// Whoever asks for a size that is missing waits here: made once, it is found by all others, and no more than one
/// picture is in memory for them.
static MAKING: Semaphore = Semaphore::const_new(1);

/// The bytes of a size of the icon.
pub async fn read(app: &App, media: &Media, size: IconSize) -> Result<Vec<u8>> {
    if let Some(found) = find(app, media, size).await? {
        return Ok(found);
    }
    let _turn = MAKING
        .acquire()
        .await
        .map_err(|error| Error::internal("make icons", error))?;
    if let Some(found) = find(app, media, size).await? {
        return Ok(found);
    }
    let made = make(app, media).await?;
    made.into_iter()
        .find(|(other, _)| *other == size)
        .map(|(_, bytes)| bytes)
        .ok_or(Error::NotFound("icon"))
}

/// The bytes of a size that was made before.
async fn find(app: &App, media: &Media, size: IconSize) -> Result<Option<Vec<u8>>> {
    let Some(found) = app
        .files
        .read(&media.token, &size.stored_name(), None)
        .await?
    else {
        return Ok(None);
    };
    let bytes = found
        .bytes()
        .await
        .map_err(|error| Error::internal("read an icon", error))?;
    Ok(Some(bytes.to_vec()))
}

/// Makes and stores all sizes; fails where the picture cannot be used.
pub async fn make(app: &App, media: &Media) -> Result<Vec<(IconSize, Vec<u8>)>> {
    let unusable = || {
        Error::field(
            Field::Icon,
            Problem::Unusable(Message::new("icon-unusable")),
        )
    };
    let original = app
        .files
        .read(&media.token, ORIGINAL, None)
        .await?
        .ok_or_else(unusable)?;
    let bytes = original
        .bytes()
        .await
        .map_err(|error| Error::internal("read a picture", error))?;
    let made = app
        .picture_cpu
        .run("make icons", move || make_all(&bytes))
        .await?
        .ok_or_else(unusable)?;
    for (size, bytes) in &made {
        app.files
            .put(&media.token, &size.stored_name(), bytes.clone())
            .await?;
    }
    Ok(made)
}

fn make_all(bytes: &[u8]) -> Option<Vec<(IconSize, Vec<u8>)>> {
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .ok()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_ALLOCATION);
    reader.limits(limits);
    let decoded = reader.decode().ok()?;
    // A large picture is made smaller first, by the fast way.
    let picture = match decoded.width().max(decoded.height()) > BASE {
        true => decoded.thumbnail(BASE, BASE),
        false => decoded,
    };
    let square = squared(&picture.into_rgba8());
    IconSize::ALL
        .into_iter()
        .map(|size| Some((size, encode(&square, size)?)))
        .collect()
}

/// The picture in the middle of a transparent square.
fn squared(picture: &RgbaImage) -> RgbaImage {
    let (width, height) = picture.dimensions();
    let side = width.max(height);
    let mut square = RgbaImage::new(side, side);
    let (x, y) = ((side - width) / 2, (side - height) / 2);
    imageops::overlay(&mut square, picture, x.into(), y.into());
    square
}

fn encode(square: &RgbaImage, size: IconSize) -> Option<Vec<u8>> {
    let pixels = size.pixels();
    let mut resized = imageops::resize(square, pixels, pixels, FilterType::Lanczos3);
    if size == IconSize::Touch {
        let mut paper = RgbaImage::from_pixel(pixels, pixels, Rgba([255, 255, 255, 255]));
        imageops::overlay(&mut paper, &resized, 0, 0);
        resized = paper;
    }
    let mut png = Vec::new();
    DynamicImage::ImageRgba8(resized)
        .write_to(&mut Cursor::new(&mut png), ImageFormat::Png)
        .ok()?;
    match size {
        IconSize::Ico => ico(&png, pixels),
        _ => Some(png),
    }
}

/// An ICO file with one PNG in it.
fn ico(png: &[u8], pixels: u32) -> Option<Vec<u8>> {
    /// The header and one entry.
    const OFFSET: u32 = 22;
    let side = u8::try_from(pixels).ok()?;
    let length = u32::try_from(png.len()).ok()?;
    let mut ico = vec![0, 0, 1, 0, 1, 0, side, side, 0, 0, 1, 0, 32, 0];
    ico.extend_from_slice(&length.to_le_bytes());
    ico.extend_from_slice(&OFFSET.to_le_bytes());
    ico.extend_from_slice(png);
    Some(ico)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let picture = RgbaImage::from_pixel(width, height, Rgba([200, 30, 30, 255]));
        let mut png = Vec::new();
        DynamicImage::ImageRgba8(picture)
            .write_to(&mut Cursor::new(&mut png), ImageFormat::Png)
            .unwrap();
        png
    }

    #[test]
    fn every_size_is_made_of_pictures_of_any_shape() {
        for (width, height) in [(1, 1), (16, 512), (3000, 10), (640, 640)] {
            let made = make_all(&png(width, height)).unwrap();
            assert_eq!(made.len(), IconSize::ALL.len());
            for (size, bytes) in made {
                let png = match size {
                    IconSize::Ico => {
                        assert_eq!(&bytes[..8], [0, 0, 1, 0, 1, 0, 32, 32]);
                        &bytes[22..]
                    }
                    _ => &bytes[..],
                };
                let icon = image::load_from_memory_with_format(png, ImageFormat::Png).unwrap();
                assert_eq!(
                    (icon.width(), icon.height()),
                    (size.pixels(), size.pixels())
                );
                let corner = icon.into_rgba8().get_pixel(0, 0).0[3];
                assert!(
                    size != IconSize::Touch || corner == 255,
                    "no transparent parts"
                );
            }
        }
        assert_eq!(make_all(b"no picture"), None);
    }

    #[test]
    fn a_size_has_one_name() {
        for size in IconSize::ALL {
            assert_eq!(IconSize::parse(size.file_name()), Some(size));
        }
        assert_eq!(IconSize::parse("33.png"), None);
    }
}
