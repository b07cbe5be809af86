//! Pictures and documents: uploading, serving, showing and deleting them, and what is refused.

use std::io::Cursor;
use std::time::Duration;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use img_parts::jpeg::Jpeg;
use img_parts::{Bytes, ImageEXIF};
use rejoinder::accounts::permissions::Actor;
use rejoinder::commands::serve::Workers;
use rejoinder::media::{library, sweep};
use rejoinder::posts::draft::PostInput;
use rejoinder::store::entity::user::Role;
use reqwest::{Method, StatusCode};

use crate::commands::{command, stderr_of, stdout_of};
use crate::on_both_databases;
use crate::support::client::{Client, Page};
use crate::support::database::Database;
use crate::support::site::{PASSWORD, Site};
use crate::support::wire::Wire;

pub const BOUNDARY: &str = "-----------------------------1234567890";

/// A file of a form: its name, the type that the browser says, its bytes.
pub type File<'a> = (&'a str, &'a str, &'a [u8]);

pub fn multipart(alt: &str, files: &[File<'_>]) -> Vec<u8> {
    let mut body =
        format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"alt\"\r\n\r\n{alt}\r\n")
            .into_bytes();
    for (name, media_type, bytes) in files {
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: {media_type}\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    body
}

/// Sends the library's form.
pub async fn upload(client: &Client, alt: &str, files: &[File<'_>]) -> Page {
    let media_type = format!("multipart/form-data; boundary={BOUNDARY}");
    let headers = [("content-type", media_type.as_str())];
    let body = multipart(alt, files);
    client
        .request(Method::POST, "/desk/media", body, &headers)
        .await
}

/// Uploads one file, and opens its page.
pub async fn added(client: &Client, name: &str, bytes: &[u8]) -> Page {
    let answer = upload(
        client,
        "Ships",
        &[(name, "application/octet-stream", bytes)],
    )
    .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    client.follow(answer).await
}

/// The address in the Markdown on a file's page.
pub fn address_in(page: &Page) -> String {
    let markdown = page.one("#markdown");
    let (_, rest) = markdown.rsplit_once("](").unwrap();
    rest.split([' ', ')']).next().unwrap().to_owned()
}

/// The path of a file's page, without its query.
pub fn item_path(page: &Page) -> String {
    page.path.split('?').next().unwrap().to_owned()
}

pub fn photo(width: u32, height: u32) -> DynamicImage {
    let pixels = RgbImage::from_fn(width, height, |x, y| {
        Rgb([(x % 256) as u8, (y % 256) as u8, ((x + y) % 256) as u8])
    });
    DynamicImage::ImageRgb8(pixels)
}

pub fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Vec::new();
    picture
        .write_to(&mut Cursor::new(&mut bytes), format)
        .unwrap();
    bytes
}

/// A JPEG as a camera writes it: lying on its side, with a place.
fn camera_photo(width: u32, height: u32) -> Vec<u8> {
    let bytes = encoded(&photo(width, height), ImageFormat::Jpeg);
    let mut exif = b"II*\0\x08\0\0\0\x02\0".to_vec();
    // Orientation: turned to the right. Then the position of the GPS data.
    exif.extend_from_slice(b"\x12\x01\x03\0\x01\0\0\0\x06\0\0\0");
    exif.extend_from_slice(b"\x25\x88\x04\0\x01\0\0\0\x26\0\0\0");
    exif.extend_from_slice(b"\0\0\0\0GPS-OF-A-SOURCE");
    let mut jpeg = Jpeg::from_bytes(Bytes::from(bytes)).unwrap();
    jpeg.set_exif(Some(Bytes::from(exif)));
    jpeg.encoder().bytes().to_vec()
}

pub fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

pub fn png_chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut crc = flate2::Crc::new();
    crc.update(kind);
    crc.update(data);
    let mut chunk = u32::try_from(data.len()).unwrap().to_be_bytes().to_vec();
    chunk.extend_from_slice(kind);
    chunk.extend_from_slice(data);
    chunk.extend_from_slice(&crc.sum().to_be_bytes());
    chunk
}

/// A PNG of some hundred bytes that says it has so many pixels.
pub fn png_bomb(width: u32, height: u32) -> Vec<u8> {
    let mut head = [width.to_be_bytes(), height.to_be_bytes()].concat();
    head.extend_from_slice(&[8, 2, 0, 0, 0]);
    [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        png_chunk(b"IHDR", &head),
        png_chunk(b"IDAT", b"\x78\x9c\x63\0\0\0\x01\0\x01"),
        png_chunk(b"IEND", b""),
    ]
    .concat()
}

/// A picture in the library, and a post that shows it above its text and in it; the path of its page.
pub async fn add_picture(site: &Site) -> (String, String) {
    let user = site.account_named("Editor of media", Role::Editor).await;
    let editor = site.visitor();
    editor.sign_in(&user.email, PASSWORD).await;
    let png = encoded(&photo(1400, 700), ImageFormat::Png);
    let page = added(&editor, "harbour.png", &png).await;
    let item = item_path(&page);
    let address = address_in(&page);
    let texts = [
        ("alt", "Ships"),
        ("caption", "The harbour"),
        ("credit", "Mei Ito"),
    ];
    editor.post(&item, &texts).await;
    let input = PostInput {
        title: "With pictures".to_owned(),
        body: format!("![Ships]({address} \"At dusk\")\n\nText and ![]({address}) more."),
        featured: item.rsplit('/').next().map(str::to_owned),
        ..PostInput::default()
    };
    let post = site.publish_as(&user, input).await;
    (item, site.path(&post))
}

on_both_databases! {
    async fn a_photo_is_shown_upright_in_all_sizes_and_without_its_place(db) {
        let site = Site::start(db).await;
        let author = site.signed_in(Role::Author).await;
        let bytes = camera_photo(1000, 500);
        assert!(contains(&bytes, b"GPS-OF-A-SOURCE"));
        let page = added(&author, "Harbour at dusk.JPEG", &bytes).await;
        let address = address_in(&page);
        assert!(address.ends_with("/harbour-at-dusk.jpg"), "{address}");
        let reader = site.visitor();
        let original = reader.get(&address).await;
        assert_eq!(original.status, StatusCode::OK);
        assert_eq!(original.header("content-type"), Some("image/jpeg"));
        assert!(!contains(&original.bytes, b"GPS-OF-A-SOURCE"));
        assert!(!contains(&original.bytes, b"Exif"));
        let picture = image::load_from_memory(&original.bytes).unwrap();
        assert_eq!((picture.width(), picture.height()), (500, 1000));
        let post = site.post("With a photo", &format!("![]({address} \"The *old* harbour\")\n\nText ![x]({address})")).await;
        let page = reader.get(&site.path(&post)).await;
        assert_eq!(page.one("figure.picture figcaption"), "The *old* harbour");
        let image = "figure.picture img";
        assert_eq!(page.attribute(image, "width").as_deref(), Some("500"));
        assert_eq!(page.attribute(image, "height").as_deref(), Some("1000"));
        assert_eq!(page.attribute(image, "alt").as_deref(), Some("Ships"));
        assert_eq!(page.attribute(image, "loading"), None);
        assert_eq!(page.attributes(".text img[loading='lazy']", "alt"), ["x"]);
        let srcset = page.attribute(image, "srcset").unwrap();
        let sizes: Vec<(&str, &str)> = srcset.split(", ").filter_map(|one| one.split_once(' ')).collect();
        assert_eq!(sizes.iter().map(|(_, width)| *width).collect::<Vec<_>>(), ["320w", "500w"]);
        for (variant, width) in sizes {
            let answer = reader.get(variant).await;
            assert_eq!(answer.header("content-type"), Some("image/webp"));
            let picture = image::load_from_memory(&answer.bytes).unwrap();
            assert_eq!(format!("{}w", picture.width()), width);
            assert_eq!(picture.height(), picture.width() * 2);
        }
    }

    async fn several_files_are_added_at_once_and_each_is_refused_by_itself(db) {
        let site = Site::start(db).await;
        let author = site.signed_in(Role::Contributor).await;
        let png = encoded(&photo(40, 30), ImageFormat::Png);
        let good: [File<'_>; 2] = [("a.png", "image/png", &png), ("notes.txt", "text/plain", b"Some notes")];
        let answer = upload(&author, "", &good).await;
        assert_eq!(answer.header("location"), Some("/desk/media?added=2"));
        let library = author.follow(answer).await;
        assert_eq!(library.one(".received"), "2 files added.");
        assert_eq!(library.all(".media-grid li .media-name").len(), 2);
        assert_eq!(library.all(".media-grid .state"), ["No alternative text"]);
        let mixed: [File<'_>; 2] = [("b.png", "image/png", &png), ("page.png", "image/png", b"<html><script>alert(1)</script>")];
        let answer = upload(&author, "", &mixed).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer.one(".received"), "1 file added.");
        assert!(answer.one(".problems").contains("page.png: This type of file is not accepted"));
        assert_eq!(answer.all(".media-grid .media-name").len(), 3);
        let found = author.get("/desk/media?q=NOTES").await;
        assert_eq!(found.all(".media-name"), ["notes.txt"]);
        assert_eq!(author.get("/desk/media?q=nothing-like-this").await.one(".empty"), "No files match your search.");
    }

    async fn a_script_gets_the_markdown_as_json(db) {
        let site = Site::start(db).await;
        let author = site.signed_in(Role::Author).await;
        let media_type = format!("multipart/form-data; boundary={BOUNDARY}");
        let headers = [("content-type", media_type.as_str()), ("accept", "application/json")];
        let png = encoded(&photo(40, 30), ImageFormat::Png);
        let files: [File<'_>; 2] = [("a.png", "image/png", &png), ("b.exe", "image/png", b"MZ\x90\0")];
        let answer = author.request(Method::POST, "/desk/media", multipart("", &files), &headers).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        let json: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        let markdown = json["added"][0]["markdown"].as_str().unwrap();
        assert!(markdown.starts_with("![](/media/") && markdown.ends_with("/a.png)"), "{markdown}");
        assert!(json["refused"][0].as_str().unwrap().starts_with("b.exe: "));
    }

    async fn hostile_files_are_refused_or_tamed(db) {
        let site = Site::start(db).await;
        let author = site.signed_in(Role::Author).await;
        let long = encoded(&DynamicImage::ImageRgb8(RgbImage::new(60_000, 1)), ImageFormat::Png);
        let jpeg = encoded(&photo(64, 64), ImageFormat::Jpeg);
        for (name, bytes, says) in [
            ("page.jpg", b"<!DOCTYPE html><script>alert(1)</script>".to_vec(), "This type of file is not accepted"),
            ("a.pdf", b"PK\x03\x04zip".to_vec(), "not accepted"),
            ("bomb.png", png_bomb(50_000, 50_000), "50000"),
            ("bomb.png", png_bomb(9_000, 9_000), "9000 × 9000 pixels"),
            ("bomb.png", png_bomb(u32::MAX, 1), "damaged"),
            ("bomb.png", png_bomb(0, 10), "damaged"),
            ("long.png", long, "longest side has 60000 pixels"),
            ("cut.jpg", jpeg[..20].to_vec(), "damaged"),
            ("empty.png", Vec::new(), "The file is empty"),
        ] {
            let answer = upload(&author, "", &[(name, "image/jpeg", &bytes)]).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
            let problem = answer.one(".problems").replace(['\u{2068}', '\u{2069}'], "");
            assert!(problem.contains(says), "{name}: {problem}");
        }
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Gif, ImageFormat::WebP] {
            let mut polyglot = encoded(&photo(64, 64), format);
            polyglot.extend_from_slice(b"<script>alert('tail')</script>");
            let page = added(&author, "tail.html", &polyglot).await;
            let served = site.visitor().get(&address_in(&page)).await;
            assert_eq!(served.status, StatusCode::OK);
            assert!(!contains(&served.bytes, b"alert('tail')"), "{format:?}");
            assert!(image::load_from_memory(&served.bytes).is_ok(), "{format:?}");
            assert!(served.header("content-type").unwrap().starts_with("image/"));
            assert_eq!(served.header("x-content-type-options"), Some("nosniff"));
            assert!(served.header("content-security-policy").unwrap().contains("sandbox"));
        }
    }

    async fn a_file_may_have_the_limit_and_not_a_byte_more(db) {
        let limit = 1024 * 1024;
        let database = Database::migrated(db).await;
        let media = format!("[media]\nfolder = \"{}\"\nmax_upload = 1\n", database.media_folder().display());
        let site = Site::on(database, &media, Workers::Off).await;
        let author = site.signed_in(Role::Author).await;
        let text = vec![b'a'; limit + 1];
        let page = added(&author, "limit.txt", &text[..limit]).await;
        assert_eq!(site.visitor().get(&address_in(&page)).await.bytes.len(), limit);
        let answer = upload(&author, "", &[("more.txt", "text/plain", &text)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        let problem = answer.one(".problems").replace(['\u{2068}', '\u{2069}'], "");
        assert!(problem.contains("larger than 1 MB"), "{problem}");
        // Without any part it is not kept in memory.
        let media_type = format!("multipart/form-data; boundary={BOUNDARY}");
        let headers = [("content-type", media_type.as_str())];
        let shapeless = author.request(Method::POST, "/desk/media", vec![b'x'; limit + 64 * 1024], &headers).await;
        assert_eq!(shapeless.status, StatusCode::PAYLOAD_TOO_LARGE);
        let mut wire = Wire::to(&site).await;
        let head = format!(
            "POST /desk/media HTTP/1.1\r\nHost: {}\r\nContent-Length: 2000000000\r\n\r\n",
            site.app.urls.authority()
        );
        wire.send(head).await;
        assert!(wire.read_until("\r\n\r\n").await.starts_with("HTTP/1.1 413"));
    }

    async fn names_in_any_script_lead_nowhere_else(db) {
        let site = Site::start(db).await;
        let author = site.signed_in(Role::Author).await;
        let png = encoded(&photo(40, 30), ImageFormat::Png);
        let arabic = added(&author, "صورة الميناء.png", &png).await;
        assert_eq!(arabic.one("h1"), "صورة-الميناء.png");
        let reader = site.visitor();
        let address = address_in(&arabic);
        assert!(address.is_ascii(), "{address}");
        assert_eq!(reader.get(&address).await.status, StatusCode::OK);
        let climbing = address_in(&added(&author, "../../../etc/passwd", &png).await);
        assert!(climbing.ends_with("/passwd.png"), "{climbing}");
        assert_eq!(climbing.matches('/').count(), 3);
        let token = address.split('/').nth(2).unwrap();
        for path in [
            format!("/media/{token}/other.png"),
            format!("/media/{token}/original"),
            format!("/media/{token}/640.webp"),
            format!("/media/{token}/..%2F..%2Frejoinder.db"),
            format!("/media/{token}/"),
            "/media/..%2F..%2F/rejoinder.db".to_owned(),
            format!("/media/{}/a.png", "0".repeat(32)),
            "/media/incoming/a.png".to_owned(),
        ] {
            assert_eq!(reader.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
    }

    async fn a_document_is_kept_for_ever_served_in_parts_and_never_opened(db) {
        let site = Site::start(db).await;
        let author = site.signed_in(Role::Author).await;
        let pdf = [b"%PDF-1.7\n".as_slice(), &[b'x'; 5000]].concat();
        let page = added(&author, "Rapport é.pdf", &pdf).await;
        let address = address_in(&page);
        assert!(page.one("#markdown").starts_with('['));
        let reader = site.visitor();
        let whole = reader.get(&address).await;
        assert_eq!(whole.bytes, pdf);
        for (name, value) in [
            ("content-type", "application/pdf"),
            ("content-length", "5009"),
            ("accept-ranges", "bytes"),
            ("cache-control", "public, max-age=31536000, immutable"),
            ("content-security-policy", "default-src 'none'; sandbox"),
            ("content-disposition", "attachment; filename=\"rapport-_.pdf\"; filename*=UTF-8''rapport%2D%C3%A9%2Epdf"),
        ] {
            assert_eq!(whole.header(name), Some(value));
        }
        let etag = whole.header("etag").unwrap();
        let known = reader.get_with(&address, &[("if-none-match", etag)]).await;
        assert_eq!((known.status, known.bytes.len()), (StatusCode::NOT_MODIFIED, 0));
        let part = reader.get_with(&address, &[("range", "bytes=0-3")]).await;
        assert_eq!((part.status, part.body.as_str()), (StatusCode::PARTIAL_CONTENT, "%PDF"));
        assert_eq!(part.header("content-range"), Some("bytes 0-3/5009"));
        let stale = reader.get_with(&address, &[("range", "bytes=0-3"), ("if-range", "\"other\"")]).await;
        assert_eq!((stale.status, stale.bytes.len()), (StatusCode::OK, 5009));
        let beyond = reader.get_with(&address, &[("range", "bytes=5009-")]).await;
        assert_eq!(beyond.status, StatusCode::RANGE_NOT_SATISFIABLE);
        assert_eq!(beyond.header("content-range"), Some("bytes */5009"));
        let head = reader.request(Method::HEAD, &address, "", &[]).await;
        assert_eq!((head.status, head.bytes.len()), (StatusCode::OK, 0));
        assert_eq!(head.header("content-length"), Some("5009"));
    }

    async fn writers_change_their_own_files_and_editors_all(db) {
        let site = Site::start(db).await;
        let author = site.signed_in(Role::Author).await;
        let png = encoded(&photo(40, 30), ImageFormat::Png);
        let item = item_path(&added(&author, "a.png", &png).await);
        let other = site.account_named("Other Author", Role::Author).await;
        let stranger = site.visitor();
        stranger.sign_in(&other.email, PASSWORD).await;
        let page = stranger.get(&item).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(!page.has("#alt") && !page.has("a.danger"));
        assert_eq!(stranger.post(&item, &[("alt", "x")]).await.status, StatusCode::FORBIDDEN);
        let delete = format!("{item}/delete");
        assert_eq!(stranger.post(&delete, &[("sure", "1")]).await.status, StatusCode::FORBIDDEN);
        let editor = site.signed_in(Role::Editor).await;
        assert!(editor.get(&item).await.has("a.danger"));
        let long = author.post(&item, &[("alt", &"a".repeat(1001))]).await;
        assert_eq!(long.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(long.has("#alt-problem"));
        let moderator = site.signed_in(Role::Moderator).await;
        let answer = upload(&moderator, "", &[("a.png", "image/png", &png)]).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        let answer = upload(&site.visitor(), "", &[("a.png", "image/png", &png)]).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }

    async fn a_picture_in_use_shows_where_and_warns_before_it_is_deleted(db) {
        let site = Site::start(db).await;
        let editor = site.signed_in(Role::Editor).await;
        let png = encoded(&photo(40, 30), ImageFormat::Png);
        let page = added(&editor, "map.png", &png).await;
        let (item, address) = (item_path(&page), address_in(&page));
        assert!(page.text().contains("Not used in any post or page."));
        let post = site.post("With a map", &format!("![Map]({address})")).await;
        let reader = site.visitor();
        assert!(!reader.get(&site.path(&post)).await.has("figcaption"));
        let form = editor.get(&item).await.form("form[action^='/desk/media/']").fill("credit", "Mei <Ito>");
        let saved = editor.submit(&form.fill("caption", "A \"good\" map")).await;
        let page = editor.follow(saved).await;
        assert!(page.one("#markdown").contains("\"A \\\"good\\\" map\")"), "{}", page.one("#markdown"));
        assert!(page.all("a").contains(&"With a map".to_owned()));
        assert_eq!(reader.get(&site.path(&post)).await.one("figcaption .credit"), "Mei <Ito>");
        let ask = editor.get(&format!("{item}/delete")).await;
        assert!(ask.one(".attention").contains("1 post uses this file"));
        let deleted = editor.submit(&ask.form("form.sure")).await;
        assert_eq!(editor.follow(deleted).await.one(".received"), "Deleted.");
        assert_eq!(reader.get(&address).await.status, StatusCode::NOT_FOUND);
        assert_eq!(editor.get(&item).await.status, StatusCode::NOT_FOUND);
        assert_eq!(reader.get(&site.path(&post)).await.status, StatusCode::OK);
    }

    async fn a_post_has_a_picture_above_it_and_in_lists(db) {
        let site = Site::start(db).await;
        let editor = site.signed_in(Role::Editor).await;
        let png = encoded(&photo(400, 300), ImageFormat::Png);
        let item = item_path(&added(&editor, "cover.png", &png).await);
        let number = item.rsplit('/').next().unwrap().to_owned();
        let document = item_path(&added(&editor, "notes.txt", b"Some notes").await);
        let post = site.post("With a cover", "Text").await;
        let edit = format!("/desk/posts/{}/edit", post.id);
        let fill = async |featured: &str| {
            let form = editor.get(&edit).await.form("form.compose").fill("featured", featured);
            editor.submit(&form.press("Update")).await
        };
        for unknown in ["999999", "x", document.rsplit('/').next().unwrap()] {
            let refused = fill(unknown).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{unknown}");
            assert!(refused.has("#featured-problem"));
            assert!(!refused.has("[data-featured] img"), "{unknown}");
        }
        // The pictures of the library are offered, the document is not.
        let page = editor.get(&edit).await;
        assert_eq!(page.attributes("#featured-choices option", "value"), std::slice::from_ref(&number));
        assert_eq!(page.attributes("#featured-choices option", "label"), ["cover.png"]);
        let reader = site.visitor();
        assert!(!reader.get("/").await.has(".card-picture"));
        assert_eq!(fill(&number).await.status, StatusCode::SEE_OTHER);
        let page = reader.get(&site.path(&post)).await;
        assert_eq!(page.attribute("figure.featured img", "alt").as_deref(), Some("Ships"));
        assert_eq!(page.attribute("figure.featured img", "width").as_deref(), Some("400"));
        assert!(page.attribute("meta[property='og:image']", "content").unwrap().starts_with("http"));
        assert!(reader.get("/").await.has(".post-line .card-picture img[srcset]"));
        assert!(editor.get(&item).await.all("a").contains(&"With a cover".to_owned()));
        let page = editor.get(&edit).await;
        assert_eq!(page.form("form.compose").value("featured"), number);
        assert!(page.has("[data-featured] img[src^='/media/']"));
        assert!(!editor.get("/desk/posts/new?kind=page").await.has("[data-featured]"));
        // Saved again without a change, it stays; with the picture gone, so do its places.
        assert_eq!(fill(&number).await.status, StatusCode::SEE_OTHER);
        let deleted = editor.post(&format!("{item}/delete"), &[("sure", "1")]).await;
        assert_eq!(deleted.status, StatusCode::SEE_OTHER);
        assert!(!reader.get("/").await.has(".card-picture"));
        assert!(!reader.get(&site.path(&post)).await.has(".featured"));
    }

    async fn an_interrupted_upload_leaves_nothing(db) {
        let site = Site::start(db).await;
        let author = site.signed_in(Role::Author).await;
        let png = encoded(&photo(400, 300), ImageFormat::Png);
        let kept = address_in(&added(&author, "kept.png", &png).await);
        let body = multipart("", &[("half.png", "image/png", &png)]);
        let mut wire = Wire::to(&site).await;
        let head = format!(
            "POST /desk/media HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\nContent-Length: {}\r\n\
             Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n\r\n",
            site.app.urls.authority(),
            author.cookie_header(),
            body.len()
        );
        wire.send(head).await;
        wire.send(&body[..body.len() / 2]).await;
        drop(wire);
        let files = site.database.media_folder();
        let incoming = files.join("incoming");
        for _ in 0..500 {
            if std::fs::read_dir(&incoming).unwrap().count() == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(std::fs::read_dir(&incoming).unwrap().count(), 0);
        let found = library::page(&site.app, &Actor::operator(), "", 1).await.unwrap();
        assert_eq!(found.count, 1);
        // As a node leaves them that is killed between the files and their row.
        let token = format!("{}{}", &kept.split('/').nth(2).unwrap()[..8], "0".repeat(24));
        let of_another_site = "f".repeat(32);
        for token in [&token, &of_another_site] {
            site.app.files.put(token, "original", png.clone()).await.unwrap();
        }
        std::fs::write(incoming.join("x"), b"half").unwrap();
        assert_eq!(sweep::remove_orphans(&site.app).await.unwrap(), 0, "they may be arriving");
        site.app.clock.step(Duration::from_secs(25 * 60 * 60));
        assert_eq!(sweep::remove_orphans(&site.app).await.unwrap(), 1);
        assert!(!files.join(&token).exists());
        assert!(files.join(&of_another_site).exists());
        assert_eq!(site.visitor().get(&kept).await.status, StatusCode::OK);
    }

    async fn files_are_added_at_the_command_line(db) {
        let database = Database::migrated(db).await;
        let folder = tempfile::tempdir().unwrap();
        let run = |arguments: &[&str]| {
            command(&database.url, folder.path())
                .env("REJOINDER_MEDIA__FOLDER", database.media_folder())
                .args(arguments)
                .output()
                .unwrap()
        };
        let png = encoded(&photo(40, 30), ImageFormat::Png);
        std::fs::write(folder.path().join("a.png"), &png).unwrap();
        std::fs::write(folder.path().join("b.png"), &png).unwrap();
        std::fs::write(folder.path().join("c.png"), b"<html>").unwrap();
        let added = stdout_of(&run(&["media", "add", "a.png", "b.png", "--alt", "A map"]));
        let addresses: Vec<&str> = added.lines().collect();
        assert_eq!(addresses.len(), 2, "{added}");
        let error = stderr_of(&run(&["media", "add", "c.png"]));
        assert!(error.contains("c.png: This type of file is not accepted"), "{error}");
        let error = stderr_of(&run(&["media", "add", "none.png"]));
        assert!(error.contains("none.png"), "{error}");
        let site = Site::on(database.shared(), "", Workers::Off).await;
        for address in addresses {
            let path = address.strip_prefix("https://news.example").unwrap();
            assert_eq!(site.visitor().get(path).await.status, StatusCode::OK);
        }
        let found = library::page(&site.app, &Actor::operator(), "a map", 1).await.unwrap();
        assert_eq!(found.count, 2);
        site.stop().await;
    }
}
