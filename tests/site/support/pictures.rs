//! Pictures for tests, made here: nobody's photos. Each differs from the others in its colours.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

/// A picture with soft hills, as PNG.
pub fn png(width: u32, height: u32, tint: u8) -> Vec<u8> {
    encode(&picture(width, height, tint), ImageFormat::Png)
}

/// The same as JPEG.
pub fn jpeg(width: u32, height: u32, tint: u8) -> Vec<u8> {
    encode(&picture(width, height, tint), ImageFormat::Jpeg)
}

fn picture(width: u32, height: u32, tint: u8) -> DynamicImage {
    let shade = |part: u32, whole: u32| (part * 200 / whole.max(1)) as u8;
    let pixels = RgbImage::from_fn(width, height, |x, y| {
        let hill = height / 2 + (x / 16 % 8) * height / 40;
        match y < hill {
            true => Rgb([shade(y, height), 120, 255 - shade(x, width)]),
            false => Rgb([tint, shade(y, height), tint / 2]),
        }
    });
    DynamicImage::ImageRgb8(pixels)
}

fn encode(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Vec::new();
    picture
        .write_to(&mut Cursor::new(&mut bytes), format)
        .unwrap();
    bytes
}
