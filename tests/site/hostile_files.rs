//! A folder of hostile files, made here: each is refused with a reason and what to do, or tamed.

use std::io::{Cursor, Write};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use image::codecs::gif::GifEncoder;
use image::{DynamicImage, Frame, ImageFormat, RgbImage, Rgba, RgbaImage};
use img_parts::jpeg::Jpeg;
use img_parts::{Bytes, ImageICC};
use rejoinder::accounts::permissions::Actor;
use rejoinder::media::library;
use rejoinder::store::entity::user::Role;
use reqwest::StatusCode;

use crate::media::{added, address_in, contains, encoded, photo, png_bomb, png_chunk, upload};
use crate::on_both_databases;
use crate::support::site::Site;

/// A PNG with a chunk behind its head.
fn png_with(chunk: &[u8]) -> Vec<u8> {
    let png = encoded(&photo(32, 32), ImageFormat::Png);
    // The signature, and a head of 13 bytes.
    let (head, rest) = png.split_at(8 + 25);
    [head, chunk, rest].concat()
}

/// So many MiB of zeros, compressed to a thousandth.
fn zeros(mebibytes: usize) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    for _ in 0..mebibytes {
        encoder.write_all(&[0; 1024 * 1024]).unwrap();
    }
    encoder.finish().unwrap()
}

/// An animated GIF: its frames are copies of one.
fn gif_of(frames: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new(&mut bytes);
    for shade in [0, 255] {
        let pixels = RgbaImage::from_pixel(1, 1, Rgba([shade, shade, shade, 255]));
        encoder.encode_frame(Frame::new(pixels)).unwrap();
    }
    drop(encoder);
    // Each frame begins with a control block, and the last ends before the trailer.
    let starts: Vec<usize> = (0..bytes.len() - 3)
        .filter(|at| bytes[*at..].starts_with(b"\x21\xf9\x04"))
        .collect();
    let frame = bytes[starts[1]..bytes.len() - 1].to_vec();
    bytes.truncate(bytes.len() - 1);
    for _ in 2..frames {
        bytes.extend_from_slice(&frame);
    }
    bytes.push(0x3b);
    bytes
}

/// A JPEG that draws its picture again and again: short for the sender, long for a decoder.
fn jpeg_of_scans(scans: usize) -> Vec<u8> {
    let jpeg = encoded(&photo(64, 64), ImageFormat::Jpeg);
    let start = jpeg
        .windows(2)
        .position(|pair| pair == b"\xff\xda")
        .unwrap();
    let (head, scan) = jpeg[..jpeg.len() - 2].split_at(start);
    let mut bytes = head.to_vec();
    for _ in 0..scans {
        bytes.extend_from_slice(scan);
    }
    bytes.extend_from_slice(b"\xff\xd9");
    bytes
}

/// Files that are refused, with what is said about each.
fn refused() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let svg = b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>";
    let utf16: Vec<u8> = "\u{feff}<svg xmlns='x' onload='alert(1)'/>"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let line = DynamicImage::ImageRgb8(RgbImage::new(60_000, 1));
    let column = DynamicImage::ImageRgb8(RgbImage::new(1, 20_001));
    let jpeg = encoded(&photo(64, 64), ImageFormat::Jpeg);
    let export = "Export the picture as PNG or WebP";
    vec![
        ("drawing.svg", svg.to_vec(), export),
        ("drawing.png", svg.to_vec(), export),
        ("drawing.txt", utf16, export),
        ("drawing.svgz", b"\x1f\x8b\x08\0\0".to_vec(), export),
        (
            "photo.jpg",
            b"\0\0\0\x1cftypavif\0\0\0\0mif1avif".to_vec(),
            "AVIF pictures are not accepted. Export",
        ),
        (
            "IMG_1.HEIC",
            b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".to_vec(),
            "HEIC pictures are not accepted. Export",
        ),
        (
            "page.jpg",
            b"<!DOCTYPE html><script>alert(1)</script>".to_vec(),
            "not accepted",
        ),
        ("page.pdf", b" <html>%PDF-1.7".to_vec(), "not accepted"),
        ("run.txt", b"#!/bin/sh\nrm -rf /".to_vec(), "not accepted"),
        ("archive.pdf", b"PK\x03\x04zip".to_vec(), "not accepted"),
        ("program.png", b"MZ\x90\0".to_vec(), "not accepted"),
        ("bomb.png", png_bomb(50_000, 50_000), "50000"),
        (
            "camera.png",
            png_bomb(20_000, 10_000),
            "20000 × 10000 pixels",
        ),
        ("lies.jpg", png_bomb(u32::MAX, u32::MAX), "damaged"),
        ("nothing.png", png_bomb(0, 0), "damaged"),
        (
            "line.png",
            encoded(&line, ImageFormat::Png),
            "longest side has 60000 pixels",
        ),
        (
            "column.png",
            encoded(&column, ImageFormat::Png),
            "longest side has 20001 pixels",
        ),
        ("cut.jpg", jpeg[..40].to_vec(), "damaged"),
        ("head.png", b"\x89PNG\r\n\x1a\n".to_vec(), "damaged"),
        (
            "length.png",
            b"\x89PNG\r\n\x1a\n\xff\xff\xff\xffIHDR".to_vec(),
            "damaged",
        ),
        ("head.gif", b"GIF89a".to_vec(), "damaged"),
        (
            "head.webp",
            b"RIFF\xff\xff\xff\xffWEBPVP8 \xff\xff\xff\xff".to_vec(),
            "damaged",
        ),
        (
            "film.gif",
            gif_of(100_000),
            "The animation has 100000 frames",
        ),
        (
            "one-more.gif",
            gif_of(2_001),
            "The animation has 2001 frames",
        ),
        ("scans.jpg", jpeg_of_scans(101), "damaged"),
        ("empty.png", Vec::new(), "The file is empty"),
    ]
}

on_both_databases! {
    async fn every_hostile_file_is_refused_with_a_reason_and_nothing_is_left(db) {
        let site = Site::start(db).await;
        let author = site.signed_in(Role::Author).await;
        for (name, bytes, says) in refused() {
            for declared in ["image/png", "image/svg+xml", "text/html"] {
                let answer = upload(&author, "", &[(name, declared, &bytes)]).await;
                assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
                let problem = answer.one(".problems").replace(['\u{2068}', '\u{2069}'], "");
                assert!(problem.contains(says), "{name}: {problem}");
            }
        }
        let found = library::page(&site.app, &Actor::operator(), "", 1).await.unwrap();
        assert_eq!(found.count, 0);
        let files = site.database.media_folder();
        let incoming = std::fs::read_dir(files.join("incoming")).unwrap();
        assert_eq!(incoming.count(), 0);
        assert_eq!(std::fs::read_dir(&files).unwrap().count(), 1, "no folder of an upload");
    }

    async fn profiles_and_texts_that_grow_when_they_are_unpacked_are_left_out(db) {
        let site = Site::start(db).await;
        let author = site.signed_in(Role::Author).await;
        let bomb = zeros(64);
        for (kind, head) in [(b"iCCP", &b"profile\0\0"[..]), (b"zTXt", b"Comment\0\0"), (b"iTXt", b"Comment\0\x01\0\0\0")] {
            let bytes = png_with(&png_chunk(kind, &[head, &bomb].concat()));
            let page = added(&author, "bomb.png", &bytes).await;
            let served = site.visitor().get(&address_in(&page)).await;
            assert_eq!(served.status, StatusCode::OK);
            assert!(!contains(&served.bytes, kind), "{}", String::from_utf8_lossy(kind));
            assert_eq!(image::load_from_memory(&served.bytes).unwrap().width(), 32);
        }
        // A profile of a usual length stays.
        let small = png_with(&png_chunk(b"iCCP", &[&b"profile\0\0"[..], &zeros(1)].concat()));
        let page = added(&author, "small.png", &small).await;
        let served = site.visitor().get(&address_in(&page)).await;
        assert!(contains(&served.bytes, b"iCCP"));
        let mut jpeg = Jpeg::from_bytes(Bytes::from(encoded(&photo(32, 32), ImageFormat::Jpeg))).unwrap();
        jpeg.set_icc_profile(Some(Bytes::from(vec![0; 3 * 1024 * 1024])));
        let page = added(&author, "profile.jpg", &jpeg.encoder().bytes()).await;
        assert_eq!(site.visitor().get(&address_in(&page)).await.status, StatusCode::OK);
    }

    async fn what_is_at_a_limit_is_accepted(db) {
        let site = Site::start(db).await;
        let author = site.signed_in(Role::Author).await;
        let animated = added(&author, "film.gif", &gif_of(2_000)).await;
        let served = site.visitor().get(&address_in(&animated)).await;
        assert_eq!(served.header("content-type"), Some("image/gif"));
        let line = DynamicImage::ImageRgb8(RgbImage::new(20_000, 1));
        added(&author, "line.png", &encoded(&line, ImageFormat::Png)).await;
        added(&author, "scans.jpg", &jpeg_of_scans(1)).await;
    }

    async fn a_picture_that_is_cut_off_anywhere_is_refused_or_shown(db) {
        let site = Site::start(db).await;
        let author = site.signed_in(Role::Author).await;
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Gif, ImageFormat::WebP] {
            let whole = encoded(&photo(64, 64), format);
            for part in 1..12 {
                let cut = &whole[..whole.len() * part / 12];
                let answer = upload(&author, "", &[("cut", "image/png", cut)]).await;
                if answer.status == StatusCode::SEE_OTHER {
                    let page = author.follow(answer).await;
                    let served = site.visitor().get(&address_in(&page)).await;
                    assert!(image::ImageReader::new(Cursor::new(&served.bytes)).with_guessed_format().unwrap().decode().is_ok(), "{format:?} {part}");
                } else {
                    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{format:?} {part}");
                }
            }
        }
    }

    async fn a_file_that_is_two_things_is_served_as_one(db) {
        let site = Site::start(db).await;
        let author = site.signed_in(Role::Author).await;
        let script = b"<script>alert('hidden')</script>";
        let mut comment = b"\xff\xfe".to_vec();
        comment.extend_from_slice(&(script.len() as u16 + 2).to_be_bytes());
        comment.extend_from_slice(script);
        let jpeg = encoded(&photo(64, 64), ImageFormat::Jpeg);
        let jpeg = [&jpeg[..2], &comment, &jpeg[2..]].concat();
        let png = png_with(&png_chunk(b"tEXt", &[&b"Comment\0"[..], script].concat()));
        let webp = encoded(&photo(64, 64), ImageFormat::WebP);
        let mut hidden = webp.clone();
        hidden.extend_from_slice(b"HTML\x20\0\0\0");
        hidden.extend_from_slice(script);
        let length = u32::try_from(hidden.len() - 8).unwrap();
        hidden[4..8].copy_from_slice(&length.to_le_bytes());
        for (name, bytes) in [("a.html", jpeg), ("b.js", png), ("c.php", hidden)] {
            let page = added(&author, name, &bytes).await;
            let served = site.visitor().get(&address_in(&page)).await;
            assert!(!contains(&served.bytes, b"alert('hidden')"), "{name}");
            assert!(image::load_from_memory(&served.bytes).is_ok(), "{name}");
            assert!(served.header("content-type").unwrap().starts_with("image/"));
            assert_eq!(served.header("x-content-type-options"), Some("nosniff"));
        }
        // Also a PDF that begins as one and is a page to a careless reader: it is only downloaded.
        let page = added(&author, "both.html", &[&b"%PDF-1.7\n"[..], script].concat()).await;
        let served = site.visitor().get(&address_in(&page)).await;
        assert!(served.header("content-disposition").unwrap().starts_with("attachment"));
        assert_eq!(served.header("content-type"), Some("application/pdf"));
        assert_eq!(served.header("content-security-policy"), Some("default-src 'none'; sandbox"));
    }
}
