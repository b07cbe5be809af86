//! Photos from a camera, many at once: how long they take, the memory meanwhile, and what readers feel of it.
//! They are stored in a folder, or where `REJOINDER_MEDIA__URL` and the settings beside it say. What is refused
//! because something fails is sent again, as people do; so that store may be killed meanwhile, and with
//! `KILL=1` the server is. At the end every photo that was acknowledged is fetched in all of its sizes.

use std::io::{Cursor, Read, Write};
use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use crate::process::{EMAIL, Server};

const PHOTOS: usize = 100;
const AT_ONCE: usize = 8;
const WIDTH: u32 = 4000;
const HEIGHT: u32 = 3000;
/// Photos with pixels of their own; each upload has bytes of its own.
const DISTINCT: usize = 20;
const PASSWORD: &str = "a long enough password";
/// Between two requests of a reader.
const PAUSE: Duration = Duration::from_millis(20);
const BOUNDARY: &str = "boundary-of-the-bench";

/// Prints the results.
pub fn run() {
    let photos: Vec<Vec<u8>> = (0..DISTINCT).map(photo).collect();
    let bytes: usize = photos.iter().map(Vec::len).sum();
    println!(
        "{PHOTOS} photos of {WIDTH} x {HEIGHT} pixels, {:.1} MB each, {AT_ONCE} at once, to {}",
        bytes as f64 / DISTINCT as f64 / 1e6,
        std::env::var("REJOINDER_MEDIA__URL").unwrap_or_else(|_| "a folder".to_owned())
    );
    let server = Server::start(&[("REJOINDER_LIMITS__STAFF_RENDERS_PER_MINUTE", "0")]);
    server.set_password(PASSWORD);
    let cookie = sign_in(&server);
    let path = format!("/{}", server.post.splitn(4, '/').nth(3).unwrap());
    println!("  memory before (PSS): {:.1} MiB", server.pss());
    let quiet = AtomicBool::new(false);
    let (cached, rendered) = std::thread::scope(|scope| {
        let cached = scope.spawn(|| read(&server, &path, "", &quiet));
        let rendered = scope.spawn(|| read(&server, &path, &cookie, &quiet));
        std::thread::sleep(Duration::from_secs(5));
        quiet.store(true, Ordering::Relaxed);
        (cached.join().unwrap(), rendered.join().unwrap())
    });
    print_times("cached page, nothing else", cached);
    print_times("rendered page, nothing else", rendered);

    let done = AtomicBool::new(false);
    let next = AtomicUsize::new(0);
    let uploads = Mutex::new(Vec::new());
    let pages = Mutex::new(Vec::new());
    let refusals = AtomicUsize::new(0);
    let begun = Instant::now();
    let (cached, rendered, pss) = std::thread::scope(|scope| {
        let cached = scope.spawn(|| read(&server, &path, "", &done));
        let rendered = scope.spawn(|| read(&server, &path, &cookie, &done));
        let pss = scope.spawn(|| peak_pss(&server, &done));
        let uploading: Vec<_> = (0..AT_ONCE)
            .map(|_| {
                scope.spawn(|| {
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= PHOTOS {
                            return;
                        }
                        if number == PHOTOS / 3 && std::env::var("KILL").is_ok() {
                            server.kill_and_restart();
                            println!("  killed and restarted");
                        }
                        let begun = Instant::now();
                        let photo = &photos[number % DISTINCT];
                        let page = loop {
                            match upload(&server, &cookie, number, photo) {
                                Ok(page) => break page,
                                Err(Refusal) => {
                                    refusals.fetch_add(1, Ordering::Relaxed);
                                    std::thread::sleep(Duration::from_millis(500));
                                }
                            }
                        };
                        uploads.lock().unwrap().push(begun.elapsed());
                        pages.lock().unwrap().push(page);
                    }
                })
            })
            .collect();
        for thread in uploading {
            thread.join().unwrap();
        }
        println!("  all photos: {:.1} s", begun.elapsed().as_secs_f64());
        done.store(true, Ordering::Relaxed);
        (
            cached.join().unwrap(),
            rendered.join().unwrap(),
            pss.join().unwrap(),
        )
    });
    print_times(
        "one photo, with the wait for its turn",
        uploads.into_inner().unwrap(),
    );
    print_times("cached page meanwhile", cached);
    print_times("rendered page meanwhile", rendered);
    println!(
        "  peak memory: {:.1} MiB RSS, {pss:.1} MiB PSS",
        server.peak_rss()
    );
    println!("  refused and sent again: {}", refusals.into_inner());
    let files: usize = pages
        .into_inner()
        .unwrap()
        .iter()
        .map(|page| check(&server, &cookie, page))
        .sum();
    println!("  files of the {PHOTOS} photos that are there: {files}");
    std::thread::sleep(Duration::from_secs(3));
    println!("  memory after (PSS): {:.1} MiB", server.pss());
}

/// Gradients with noise, as a sensor has it.
fn photo(number: usize) -> Vec<u8> {
    let mut random = SmallRng::seed_from_u64(number as u64);
    let pixels = RgbImage::from_fn(WIDTH, HEIGHT, |x, y| {
        let noise = random.random_range(0..24_u32);
        let channel = |value: u32| (value.min(231) + noise) as u8;
        Rgb([
            channel(x * 231 / WIDTH),
            channel(y * 231 / HEIGHT),
            channel((x + y + 97 * number as u32) / 16 % 231),
        ])
    });
    let mut bytes = Vec::new();
    let encoder = JpegEncoder::new_with_quality(Cursor::new(&mut bytes), 90);
    pixels.write_with_encoder(encoder).unwrap();
    bytes
}

fn connect(server: &Server) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect(("127.0.0.1", server.port))?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Reads one answer; returns its head and its body.
fn answer(stream: &mut TcpStream) -> std::io::Result<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let mut piece = vec![0; 64 * 1024];
    loop {
        let length = stream.read(&mut piece)?;
        if length == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        bytes.extend_from_slice(&piece[..length]);
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
            continue;
        };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let body: usize = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .map_or(0, |length| length.parse().unwrap());
        while bytes.len() < end + 4 + body {
            let length = stream.read(&mut piece)?;
            if length == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            bytes.extend_from_slice(&piece[..length]);
        }
        return Ok((head, bytes.split_off(end + 4)));
    }
}

fn sign_in(server: &Server) -> String {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("email", EMAIL), ("password", PASSWORD)])
        .finish();
    let mut stream = connect(server).unwrap();
    write!(
        stream,
        "POST /login HTTP/1.1\r\nhost: 127.0.0.1:{}\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
        server.port,
        body.len()
    )
    .unwrap();
    let (head, _) = answer(&mut stream).unwrap();
    assert!(head.starts_with("HTTP/1.1 303"), "{head}");
    let cookies: Vec<&str> = head
        .lines()
        .filter_map(|line| line.strip_prefix("set-cookie: "))
        .filter_map(|cookie| cookie.split(';').next())
        .collect();
    format!("cookie: {}\r\n", cookies.join("; "))
}

/// The server or its store failed; nothing was acknowledged.
struct Refusal;

impl From<std::io::Error> for Refusal {
    fn from(_: std::io::Error) -> Self {
        Self
    }
}

/// Sends a photo with a comment of its own, so that no two files are equal; returns the path of its page.
fn upload(server: &Server, cookie: &str, number: usize, photo: &[u8]) -> Result<String, Refusal> {
    let comment = format!("photo {number:08}");
    let head = format!(
        "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"photo-{number}.jpg\"\r\n\r\n"
    );
    let mut body = head.into_bytes();
    body.extend_from_slice(&photo[..2]);
    body.extend_from_slice(b"\xff\xfe");
    body.extend_from_slice(&(comment.len() as u16 + 2).to_be_bytes());
    body.extend_from_slice(comment.as_bytes());
    body.extend_from_slice(&photo[2..]);
    body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    let mut stream = connect(server)?;
    write!(
        stream,
        "POST /desk/media HTTP/1.1\r\nhost: 127.0.0.1:{}\r\n{cookie}content-type: multipart/form-data; boundary={BOUNDARY}\r\ncontent-length: {}\r\n\r\n",
        server.port,
        body.len()
    )?;
    stream.write_all(&body)?;
    let (head, _) = answer(&mut stream)?;
    if head.starts_with("HTTP/1.1 503") {
        return Err(Refusal);
    }
    assert!(head.starts_with("HTTP/1.1 303"), "{head}");
    let page = head
        .lines()
        .find_map(|line| line.strip_prefix("location: "));
    Ok(page.unwrap().to_owned())
}

fn get(server: &Server, cookie: &str, path: &str) -> std::io::Result<(String, Vec<u8>)> {
    let mut stream = connect(server)?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{}\r\n{cookie}\r\n",
        server.port
    )?;
    answer(&mut stream)
}

/// Fetches a photo in all of its sizes; returns how many these are.
fn check(server: &Server, cookie: &str, page: &str) -> usize {
    let (head, body) = get(server, cookie, page).unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let body = String::from_utf8(body).unwrap();
    let (_, rest) = body.split_once("src=\"/media/").unwrap();
    let original = format!("/media/{}", rest.split('"').next().unwrap());
    let folder = &original[..original.rfind('/').unwrap()];
    let mut paths = vec![original.clone()];
    paths.extend([320, 640, 960, 1280, 1920, 2560].map(|width| format!("{folder}/{width}.webp")));
    for path in &paths {
        let (head, body) = get(server, "", path).unwrap();
        assert!(head.starts_with("HTTP/1.1 200"), "{path}: {head}");
        let picture = image::load_from_memory(&body).unwrap();
        assert_eq!(picture.width() * HEIGHT, picture.height() * WIDTH, "{path}");
    }
    paths.len()
}

/// One reader, until `end` is set; the times of their requests. They come back where the server is gone.
fn read(server: &Server, path: &str, cookie: &str, end: &AtomicBool) -> Vec<Duration> {
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{}\r\n{cookie}\r\n",
        server.port
    );
    let mut times = Vec::new();
    let mut stream = connect(server).ok();
    while !end.load(Ordering::Relaxed) {
        let begun = Instant::now();
        let sent = stream.as_mut().and_then(|stream| {
            stream.write_all(request.as_bytes()).ok()?;
            answer(stream).ok()
        });
        match sent {
            Some((head, _)) => {
                assert!(head.starts_with("HTTP/1.1 200"), "{head}");
                times.push(begun.elapsed());
            }
            None => stream = connect(server).ok(),
        }
        std::thread::sleep(PAUSE);
    }
    times
}

fn peak_pss(server: &Server, end: &AtomicBool) -> f64 {
    let mut peak: f64 = 0.0;
    while !end.load(Ordering::Relaxed) {
        peak = peak.max(server.pss());
        std::thread::sleep(Duration::from_millis(250));
    }
    peak
}

fn print_times(name: &str, mut times: Vec<Duration>) {
    times.sort();
    let at = |share: f64| {
        let place = (times.len() as f64 * share) as usize;
        times[place.min(times.len() - 1)].as_secs_f64() * 1000.0
    };
    println!(
        "  {name}: p50 {:.1} ms, p99 {:.1} ms, longest {:.1} ms, {} requests",
        at(0.5),
        at(0.99),
        at(1.0),
        times.len()
    );
}
