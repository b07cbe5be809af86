//! Tests of reading pictures.

use image::codecs::gif::GifEncoder;
use image::{Delay, Frame, Rgb, RgbImage, Rgba, RgbaImage};

use super::*;

fn encoded(pixels: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Vec::new();
    pixels
        .write_to(&mut Cursor::new(&mut bytes), format)
        .unwrap();
    bytes
}

fn gray(width: u32, height: u32) -> DynamicImage {
    DynamicImage::ImageRgb8(RgbImage::from_pixel(width, height, Rgb([120, 120, 120])))
}

fn widths(picture: &Picture) -> Vec<u32> {
    picture
        .variants
        .iter()
        .map(|variant| variant.width)
        .collect()
}

#[test]
fn a_picture_has_the_sizes_below_its_own() {
    let picture = read(&encoded(&gray(1000, 400), ImageFormat::Png)).unwrap();
    assert_eq!((picture.width, picture.height), (1000, 400));
    assert_eq!(widths(&picture), [320, 640, 960, 1000]);
    assert_eq!(picture.color, [120, 120, 120]);
    for variant in &picture.variants {
        let shown = image::load_from_memory(&variant.bytes).unwrap();
        assert_eq!(
            (shown.width(), shown.height()),
            (variant.width, variant.height)
        );
    }
    let small = read(&encoded(&gray(10, 10), ImageFormat::Jpeg)).unwrap();
    assert_eq!(widths(&small), [10]);
}

#[test]
fn sizes_that_webp_cannot_have_are_left_out() {
    let tall = read(&encoded(&gray(400, 18_000), ImageFormat::Png)).unwrap();
    assert_eq!(widths(&tall), [320]);
    let wide = read(&encoded(&gray(20_000, 1), ImageFormat::Png)).unwrap();
    assert_eq!(widths(&wide), WIDTHS);
}

#[test]
fn a_large_picture_has_its_colour_and_no_size_that_takes_too_much_memory() {
    let large =
        DynamicImage::ImageRgba8(RgbaImage::from_pixel(1400, 14_000, Rgba([255, 0, 0, 255])));
    let picture = read(&encoded(&large, ImageFormat::Png)).unwrap();
    assert_eq!(picture.color, [255, 0, 0]);
    // 960 x 9600 pixels are within the limit, 1280 x 12,800 and the picture itself are not.
    assert_eq!(widths(&picture), [320, 640, 960]);
    let clear = DynamicImage::ImageRgba8(RgbaImage::from_pixel(4, 4, Rgba([0, 0, 0, 0])));
    let picture = read(&encoded(&clear, ImageFormat::Png)).unwrap();
    assert_eq!(picture.color, [255, 255, 255]);
}

#[test]
fn a_turned_picture_that_is_too_large_for_its_encoder_is_kept_in_another_format() {
    let opaque = |width, height| DynamicImage::ImageRgb8(RgbImage::new(width, height));
    let clear = |width, height| DynamicImage::ImageRgba8(RgbaImage::new(width, height));
    for (format, pixels, kept) in [
        (PictureFormat::WebP, opaque(4000, 3000), PictureFormat::WebP),
        (PictureFormat::WebP, opaque(4001, 3000), PictureFormat::Jpeg),
        (PictureFormat::WebP, clear(4000, 3000), PictureFormat::WebP),
        (PictureFormat::WebP, clear(4001, 3000), PictureFormat::Png),
        (PictureFormat::WebP, clear(1, 16_384), PictureFormat::Png),
        (PictureFormat::Jpeg, opaque(4001, 3000), PictureFormat::Jpeg),
        (PictureFormat::Png, clear(4001, 3000), PictureFormat::Png),
    ] {
        assert_eq!(upright_format(format, &pixels), kept, "{format:?}");
    }
}

#[test]
fn an_animation_stays_one() {
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new(&mut bytes);
    for shade in [0, 255] {
        let pixels = RgbaImage::from_pixel(8, 8, Rgba([shade, shade, shade, 255]));
        let delay = Delay::from_numer_denom_ms(100, 1);
        encoder
            .encode_frame(Frame::from_parts(pixels, 0, 0, delay))
            .unwrap();
    }
    drop(encoder);
    let picture = read(&bytes).unwrap();
    assert!(picture.is_animated);
    assert!(picture.variants.is_empty());
    assert_eq!(
        metadata::count_frames(&picture.original, PictureFormat::Gif),
        2
    );
}

#[test]
fn what_is_no_picture_or_too_large_is_refused() {
    assert_eq!(read(b"<html>").unwrap_err(), PictureError::UnknownFormat);
    assert_eq!(read(b"").unwrap_err(), PictureError::UnknownFormat);
    let long = encoded(&gray(20_001, 1), ImageFormat::Png);
    assert_eq!(
        read(&long).unwrap_err(),
        PictureError::TooLong { longest: 20_001 }
    );
    for format in [
        ImageFormat::Png,
        ImageFormat::Jpeg,
        ImageFormat::Gif,
        ImageFormat::WebP,
    ] {
        let whole = encoded(&gray(32, 32), format);
        for length in 0..whole.len() {
            // Nothing panics, whatever is missing.
            let _ = read(&whole[..length]);
        }
    }
}
