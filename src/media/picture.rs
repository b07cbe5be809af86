//! A picture from the bytes of an upload: what it really is, its metadata removed, upright, in sRGB, and
//! in the sizes that pages use. Pure; uses a processor for up to a few seconds, so it runs on the pool for
//! such work. Never trusts a name or a declared type.

use std::io::Cursor;

use fast_image_resize::images::Image;
use fast_image_resize::{IntoImageView, PixelType, Resizer};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};
use img_parts::jpeg::Jpeg;
use img_parts::{Bytes, ImageICC};
use moxcms::{ColorProfile, Layout, TransformOptions};

use crate::media::metadata::{self, profile};
use crate::media::picture_format::{
    MAX_ANIMATED_PIXELS, MAX_FRAMES, MAX_PIXELS, MAX_SIDE, PictureError, PictureFormat,
};

/// What the decoder may allocate, in bytes.
const MAX_ALLOCATION: u64 = 320 * 1024 * 1024;
/// The widths of the WebP variants, in pixels; only those narrower than the picture are made, and one of
/// its own width where that is not wider than the widest.
pub const WIDTHS: [u32; 6] = [320, 640, 960, 1280, 1920, 2560];
/// The longest side of a WebP picture, in pixels: a variant that would be longer is left out.
const MAX_WEBP_SIDE: u32 = 16_383;
/// The most pixels of a variant, for the same: its encoder needs up to twenty bytes for each. Only pictures
/// that are much taller than a screen have wide variants beyond this.
const MAX_VARIANT_PIXELS: u64 = 12_000_000;
/// The quality of lossy variants: about where differences stop being seen in photos.
const QUALITY: f32 = 78.0;
const ORIGINAL_QUALITY: u8 = 90;

/// A picture that is ready to be stored.
#[derive(Clone, Debug)]
pub struct Picture {
    pub format: PictureFormat,
    /// In pixels, upright.
    pub width: u32,
    pub height: u32,
    pub is_animated: bool,
    /// The average colour, shown until the picture has loaded.
    pub color: [u8; 3],
    /// The file without metadata: no place, no camera, no comments.
    pub original: Vec<u8>,
    /// Narrower WebP versions, the narrowest first; none of an animation.
    pub variants: Vec<Variant>,
}

/// The picture in another size.
#[derive(Clone, Debug)]
pub struct Variant {
    pub width: u32,
    pub height: u32,
    /// A WebP file.
    pub bytes: Vec<u8>,
}

/// Reads an upload.
pub fn read(bytes: &[u8]) -> Result<Picture, PictureError> {
    let format = PictureFormat::detect(bytes).ok_or(PictureError::UnknownFormat)?;
    let bytes = &*metadata::decodable(bytes, format).ok_or(PictureError::Damaged)?;
    let size = check_size(bytes, format)?;
    let is_animated = check_frames(bytes, format, size)?;
    let (pixels, orientation, mut icc) = decode(bytes, format, size)?;
    let is_turned = orientation != Orientation::NoTransforms && !is_animated;
    // Reduced first: with 16 bits per colour, a turned copy would need twice the memory.
    let is_gray = !pixels.color().has_color();
    let mut pixels = eight_bit(pixels);
    let mut kept_format = format;
    if is_turned {
        pixels.apply_orientation(orientation);
        kept_format = upright_format(format, &pixels);
        // Only a JPEG is encoded with its profile.
        if kept_format != PictureFormat::Jpeg
            && let Some(icc) = icc.take()
        {
            to_srgb(&mut pixels, &icc);
        }
    }
    let original = match is_turned {
        true => encode_upright(&pixels, kept_format, icc.as_deref().filter(|_| !is_gray))?,
        false => metadata::remove(bytes, format).ok_or(PictureError::Damaged)?,
    };
    if let Some(icc) = &icc {
        to_srgb(&mut pixels, icc);
    }
    let (width, height) = (pixels.width(), pixels.height());
    let color = average_color(&pixels);
    let variants = match is_animated {
        true => Vec::new(),
        false => variants_of(pixels)?,
    };
    Ok(Picture {
        format: kept_format,
        width,
        height,
        is_animated,
        color,
        original,
        variants,
    })
}

/// Refuses by the size that the header declares, before any pixel is decoded.
fn check_size(bytes: &[u8], format: PictureFormat) -> Result<(u32, u32), PictureError> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format.image_format());
    reader.limits(limits());
    let (width, height) = reader
        .into_dimensions()
        .map_err(|_| PictureError::Damaged)?;
    if width == 0 || height == 0 {
        return Err(PictureError::Damaged);
    }
    let longest = width.max(height);
    if longest > MAX_SIDE {
        return Err(PictureError::TooLong { longest });
    }
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(PictureError::TooManyPixels { width, height });
    }
    Ok((width, height))
}

/// Whether it is an animation; one that would keep a reader's browser busy is refused.
fn check_frames(
    bytes: &[u8],
    format: PictureFormat,
    (width, height): (u32, u32),
) -> Result<bool, PictureError> {
    let frames = metadata::count_frames(bytes, format);
    let pixels = u64::from(width) * u64::from(height) * frames as u64;
    match frames > 1 && (frames > MAX_FRAMES || pixels > MAX_ANIMATED_PIXELS) {
        true => Err(PictureError::TooManyFrames { frames }),
        false => Ok(frames > 1),
    }
}

/// Sizes are checked before, so that each refusal has its own reason.
fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = None;
    limits.max_image_height = None;
    limits.max_alloc = Some(MAX_ALLOCATION);
    limits
}

fn decode(
    bytes: &[u8],
    format: PictureFormat,
    (width, height): (u32, u32),
) -> Result<(DynamicImage, Orientation, Option<Vec<u8>>), PictureError> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format.image_format());
    reader.limits(limits());
    // With many bits per colour, fewer pixels fit into memory.
    let explain = |error| match error {
        ImageError::Limits(_) => PictureError::TooManyPixels { width, height },
        _ => PictureError::Damaged,
    };
    let mut decoder = reader.into_decoder().map_err(explain)?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let icc = decoder
        .icc_profile()
        .unwrap_or(None)
        .filter(|icc| profile::is_usable(icc));
    let pixels = DynamicImage::from_decoder(decoder).map_err(explain)?;
    Ok((pixels, orientation, icc))
}

/// Pixels as RGB or RGBA of eight bits.
fn eight_bit(pixels: DynamicImage) -> DynamicImage {
    match pixels {
        DynamicImage::ImageRgb8(_) | DynamicImage::ImageRgba8(_) => pixels,
        other if other.color().has_alpha() => DynamicImage::ImageRgba8(other.into_rgba8()),
        other => DynamicImage::ImageRgb8(other.into_rgb8()),
    }
}

/// Converts pixels from the colour space of `icc`. A profile that cannot be used changes nothing, as in
/// browsers.
fn to_srgb(pixels: &mut DynamicImage, icc: &[u8]) {
    let Ok(profile) = ColorProfile::new_from_slice(icc) else {
        return;
    };
    let layout = match pixels.color().has_alpha() {
        true => Layout::Rgba,
        false => Layout::Rgb,
    };
    let srgb = ColorProfile::new_srgb();
    let Ok(transform) =
        profile.create_transform_8bit(layout, &srgb, layout, TransformOptions::default())
    else {
        return;
    };
    let channels = usize::from(pixels.color().channel_count());
    let row = pixels.width() as usize * channels;
    let mut converted = vec![0; row];
    let samples: &mut [u8] = match pixels {
        DynamicImage::ImageRgb8(pixels) => pixels,
        DynamicImage::ImageRgba8(pixels) => pixels,
        _ => return,
    };
    for row in samples.chunks_exact_mut(row) {
        if transform.transform(row, &mut converted).is_err() {
            return;
        }
        row.copy_from_slice(&converted);
    }
}

fn variants_of(pixels: DynamicImage) -> Result<Vec<Variant>, PictureError> {
    let size = (pixels.width(), pixels.height());
    let widest = WIDTHS[WIDTHS.len() - 1];
    let mut variants = Vec::new();
    if size.0 <= widest && is_encodable(&pixels) {
        variants.push(encode_webp(&pixels)?);
    }
    // From wide to narrow, each from the one before: a step of little work, and only two are in memory.
    let mut from = pixels;
    for width in WIDTHS.into_iter().rev().filter(|width| *width < size.0) {
        from = resize(&from, width, size)?;
        if is_encodable(&from) {
            variants.push(encode_webp(&from)?);
        }
    }
    variants.reverse();
    Ok(variants)
}

fn is_encodable(pixels: &DynamicImage) -> bool {
    let area = u64::from(pixels.width()) * u64::from(pixels.height());
    pixels.height() <= MAX_WEBP_SIDE && area <= MAX_VARIANT_PIXELS
}

fn resize(
    from: &DynamicImage,
    width: u32,
    (original_width, original_height): (u32, u32),
) -> Result<DynamicImage, PictureError> {
    let ratio = f64::from(original_height) / f64::from(original_width);
    let height = ((f64::from(width) * ratio).round() as u32).max(1);
    let pixel_type = from.pixel_type().unwrap_or(PixelType::U8x4);
    let mut into = Image::new(width, height, pixel_type);
    Resizer::new()
        .resize(from, &mut into, None)
        .map_err(|_| PictureError::Damaged)?;
    let samples = into.into_vec();
    let resized = match pixel_type {
        PixelType::U8x3 => {
            image::RgbImage::from_raw(width, height, samples).map(DynamicImage::from)
        }
        _ => image::RgbaImage::from_raw(width, height, samples).map(DynamicImage::from),
    };
    resized.ok_or(PictureError::Damaged)
}

fn encode_webp(pixels: &DynamicImage) -> Result<Variant, PictureError> {
    let (width, height) = (pixels.width(), pixels.height());
    let encoder = match pixels {
        DynamicImage::ImageRgb8(pixels) => webp::Encoder::from_rgb(pixels, width, height),
        DynamicImage::ImageRgba8(pixels) => webp::Encoder::from_rgba(pixels, width, height),
        _ => return Err(PictureError::Damaged),
    };
    let encoded = encoder
        .encode_simple(false, QUALITY)
        .map_err(|_| PictureError::Damaged)?;
    Ok(Variant {
        width,
        height,
        bytes: encoded.to_vec(),
    })
}

/// The format in which a turned picture is kept: its own, unless its encoder would need too much memory.
fn upright_format(format: PictureFormat, pixels: &DynamicImage) -> PictureFormat {
    match format {
        PictureFormat::WebP if is_encodable(pixels) => PictureFormat::WebP,
        PictureFormat::WebP if !pixels.color().has_alpha() => PictureFormat::Jpeg,
        PictureFormat::WebP | PictureFormat::Gif => PictureFormat::Png,
        format => format,
    }
}

/// A turned picture is encoded again, upright, so that no viewer needs its metadata.
fn encode_upright(
    pixels: &DynamicImage,
    format: PictureFormat,
    icc: Option<&[u8]>,
) -> Result<Vec<u8>, PictureError> {
    let damaged = |_| PictureError::Damaged;
    let mut bytes = Vec::new();
    match format {
        PictureFormat::Jpeg => {
            let encoder =
                image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, ORIGINAL_QUALITY);
            pixels.write_with_encoder(encoder).map_err(damaged)?;
            let mut jpeg =
                Jpeg::from_bytes(Bytes::from(bytes)).map_err(|_| PictureError::Damaged)?;
            jpeg.set_icc_profile(icc.map(|icc| Bytes::from(icc.to_vec())));
            return Ok(jpeg.encoder().bytes().to_vec());
        }
        PictureFormat::WebP => bytes = encode_webp(pixels)?.bytes,
        PictureFormat::Png | PictureFormat::Gif => {
            let mut to = Cursor::new(&mut bytes);
            pixels
                .write_to(&mut to, ImageFormat::Png)
                .map_err(damaged)?;
        }
    }
    Ok(bytes)
}

/// Of all pixels, over white where they are transparent, as the page shows them.
fn average_color(pixels: &DynamicImage) -> [u8; 3] {
    let channels = usize::from(pixels.color().channel_count());
    let mut sums = [0_u64; 3];
    for pixel in pixels.as_bytes().chunks_exact(channels) {
        let alpha = u64::from(pixel.get(3).copied().unwrap_or(255));
        for (sum, value) in sums.iter_mut().zip(pixel) {
            *sum += u64::from(*value) * alpha + 255 * (255 - alpha);
        }
    }
    let count = 255 * u64::from(pixels.width()) * u64::from(pixels.height());
    sums.map(|sum| ((sum + count / 2) / count.max(1)) as u8)
}

#[cfg(test)]
mod tests;
