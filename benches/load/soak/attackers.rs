//! What strangers send at once. Each kind runs on threads of its own, with a pause in every loop.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use rejoinder::linkbacks::protocol::webmention::form_body;

use super::http::Connection;
use crate::process::Server;

/// Sockets that say nothing, from so many addresses.
const IDLE: usize = 1500;
const IDLE_ADDRESSES: u8 = 30;
/// Connections with streams that may not be written to, and streams on each.
const CLOSED_WINDOWS: usize = 20;
const STREAMS: u32 = 100;

/// Where everything goes.
#[derive(Clone)]
pub struct Target {
    /// The server's port.
    pub port: u16,
    /// The post's path.
    pub path: String,
    /// The post's whole address.
    pub post: String,
}

impl Target {
    /// The post of `server`.
    pub fn of(server: &Server) -> Self {
        let post = server.post.clone();
        let path = post.splitn(4, '/').nth(3).unwrap();
        Self {
            port: server.port,
            path: format!("/{path}"),
            post,
        }
    }

    /// A request to read `path`.
    pub fn get(&self, path: &str, headers: &str) -> String {
        format!(
            "GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{}\r\n{headers}\r\n",
            self.port
        )
    }

    /// A form that is sent to `path`.
    pub fn post(&self, path: &str, body: &str) -> String {
        format!(
            "POST {path} HTTP/1.1\r\nhost: 127.0.0.1:{}\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
            self.port,
            body.len()
        )
    }
}

/// How often each kind got which answer.
#[derive(Default)]
pub struct Tally(Mutex<BTreeMap<(&'static str, String), u64>>);

impl Tally {
    fn add(&self, kind: &'static str, answer: impl ToString) {
        *self
            .0
            .lock()
            .unwrap()
            .entry((kind, answer.to_string()))
            .or_default() += 1;
    }

    /// Prints a line for each kind and answer.
    pub fn print(&self) {
        for ((kind, answer), count) in self.0.lock().unwrap().iter() {
            println!("    {kind}: {answer}, {count} times");
        }
    }
}

/// One kind of attacker at work.
struct Attacker {
    target: Target,
    tally: Arc<Tally>,
    end: Arc<AtomicBool>,
}

impl Attacker {
    fn is_over(&self) -> bool {
        self.end.load(Ordering::Relaxed)
    }

    /// Sends what `request` makes again and again, on one connection as long as that is held.
    fn ask(
        &self,
        kind: &'static str,
        from: Ipv4Addr,
        pause: Duration,
        request: impl Fn(u64) -> String,
    ) {
        let mut connection = None;
        for nth in 0.. {
            if self.is_over() {
                return;
            }
            let answer = connection
                .take()
                .map_or_else(|| Connection::open(from, self.target.port), Ok)
                .and_then(|mut open: Connection| {
                    let status = open.ask(request(nth).as_bytes())?;
                    connection = Some(open);
                    Ok(status)
                });
            match answer {
                Ok(status) => self.tally.add(kind, status),
                Err(error) => self.tally.add(kind, error.kind()),
            }
            std::thread::sleep(pause);
        }
    }
}

/// Starts all of them; they stop soon after `end`.
pub fn start(target: &Target, tally: &Arc<Tally>, end: &Arc<AtomicBool>) -> Vec<JoinHandle<()>> {
    let mut threads = Vec::new();
    let mut spawn = |work: Box<dyn FnOnce(Attacker) + Send>| {
        let attacker = Attacker {
            target: target.clone(),
            tally: Arc::clone(tally),
            end: Arc::clone(end),
        };
        threads.push(std::thread::spawn(move || work(attacker)));
    };
    for nth in 0..4 {
        spawn(Box::new(move |attacker| comment(&attacker, nth)));
        spawn(Box::new(move |attacker| preview_bombs(&attacker, nth)));
        spawn(Box::new(move |attacker| sign_in_wrongly(&attacker, nth)));
        spawn(Box::new(move |attacker| mention_tarpits(&attacker, nth)));
    }
    spawn(Box::new(|attacker| hold_idle_sockets(&attacker)));
    spawn(Box::new(|attacker| trickle_requests(&attacker)));
    spawn(Box::new(|attacker| never_read(&attacker)));
    spawn(Box::new(|attacker| close_windows(&attacker)));
    threads
}

/// A comment as often as the limits allow.
fn comment(attacker: &Attacker, nth: u8) {
    let from = Ipv4Addr::new(127, 0, 3, nth + 1);
    let path = format!("{}respond", attacker.target.path);
    attacker.ask("comments", from, Duration::from_secs(11), |time| {
        let body = format!(
            "author=Reader+{nth}&email=reader{nth}%40readers.example&comment=Comment+{time}+of+reader+{nth}"
        );
        attacker.target.post(&path, &body)
    });
}

/// Texts that cost much to render, as previews.
fn preview_bombs(attacker: &Attacker, nth: u8) {
    let bombs = [
        "'>'".repeat(80_000),
        ">".repeat(9_990),
        format!(
            "<p>{}{}",
            (0..300).map(|n| format!("<b a{n}>")).collect::<String>(),
            "<p>x".repeat(2_000)
        ),
        "[".repeat(9_990),
        "*a **a ".repeat(1_400),
        "<b>".repeat(3_300),
    ];
    let path = format!("{}respond", attacker.target.path);
    let from = Ipv4Addr::new(127, 0, 4, nth + 1);
    attacker.ask(
        "previews with bombs",
        from,
        Duration::from_millis(50),
        |time| {
            let bomb = &bombs[(time as usize) % bombs.len()];
            let body = url::form_urlencoded::Serializer::new(
                "do=preview&author=R&email=r%40x.example&".to_owned(),
            )
            .append_pair("comment", bomb)
            .finish();
            attacker.target.post(&path, &body)
        },
    );
}

/// Wrong passwords, for addresses of every length.
fn sign_in_wrongly(attacker: &Attacker, nth: u8) {
    let from = Ipv4Addr::new(127, 0, 5, nth + 1);
    attacker.ask("wrong sign-ins", from, Duration::from_millis(100), |time| {
        let name = "x".repeat(if time % 10 == 0 { 500_000 } else { 20 });
        attacker.target.post(
            "/login",
            &format!("email={name}{time}%40x.example&password=wrong+{time}"),
        )
    });
}

/// Webmentions whose sources answer a byte a second.
fn mention_tarpits(attacker: &Attacker, nth: u8) {
    let port = tarpit(Arc::clone(&attacker.end));
    let from = Ipv4Addr::new(127, 0, 6, nth + 1);
    attacker.ask(
        "webmentions of tarpits",
        from,
        Duration::from_secs(2),
        |time| {
            let source = format!("http://127.0.7.{}:{port}/{nth}/{time}", time % 250 + 1);
            attacker
                .target
                .post("/webmention", &form_body(&source, &attacker.target.post))
        },
    );
}

fn tarpit(end: Arc<AtomicBool>) -> u16 {
    let listener = TcpListener::bind("0.0.0.0:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let end = Arc::clone(&end);
            std::thread::spawn(move || {
                let _ = stream.read(&mut [0; 4096]);
                let head =
                    b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 100000\r\n\r\n";
                let _ = stream.write_all(head);
                while !end.load(Ordering::Relaxed) && stream.write_all(b"<").is_ok() {
                    std::thread::sleep(Duration::from_secs(1));
                }
            });
        }
    });
    port
}

/// Sockets that say nothing, or only that they speak HTTP/2; what is closed is opened again.
fn hold_idle_sockets(attacker: &Attacker) {
    let mut sockets: Vec<Option<Connection>> = (0..IDLE).map(|_| None).collect();
    while !attacker.is_over() {
        for (nth, socket) in sockets.iter_mut().enumerate() {
            if attacker.is_over() {
                return;
            }
            if socket.as_mut().is_some_and(Connection::is_held) {
                continue;
            }
            let from = Ipv4Addr::new(127, 0, 8, nth as u8 % IDLE_ADDRESSES + 1);
            *socket = Connection::open(from, attacker.target.port).ok();
            attacker.tally.add("idle sockets", "opened");
            if nth % 3 == 0
                && let Some(socket) = socket
            {
                let _ = socket.send(b"PRI * HTTP/2.0\r\n");
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        std::thread::sleep(Duration::from_millis(500));
    }
}

/// Heads and bodies that come a byte at a time.
fn trickle_requests(attacker: &Attacker) {
    let head = attacker.target.get("/", "x-slow: ");
    let body = attacker.target.post("/login", &"x".repeat(100_000));
    let starts = [
        head.as_bytes()[..head.len() - 4].to_vec(),
        body.as_bytes()[..body.len() - 99_000].to_vec(),
    ];
    let mut sockets: Vec<Option<Connection>> = (0..100).map(|_| None).collect();
    while !attacker.is_over() {
        for (nth, socket) in sockets.iter_mut().enumerate() {
            let from = Ipv4Addr::new(127, 0, 9, nth as u8 % 10 + 1);
            let goes_on = socket
                .as_mut()
                .is_some_and(|socket| socket.is_held() && socket.send(b"x").is_ok());
            if !goes_on {
                attacker.tally.add("slow requests", "opened");
                *socket = Connection::open(from, attacker.target.port).ok();
                if let Some(socket) = socket {
                    let _ = socket.send(&starts[nth % 2]);
                }
            }
        }
        std::thread::sleep(Duration::from_secs(1));
    }
}

/// Clients that ask for page after page and read nothing.
fn never_read(attacker: &Attacker) {
    let request = attacker.target.get(&attacker.target.path, "").repeat(20);
    let mut sockets: Vec<Option<Connection>> = (0..50).map(|_| None).collect();
    while !attacker.is_over() {
        for (nth, socket) in sockets.iter_mut().enumerate() {
            let from = Ipv4Addr::new(127, 0, 10, nth as u8 % 10 + 1);
            if socket.is_none() {
                attacker.tally.add("clients that never read", "opened");
                *socket = Connection::open(from, attacker.target.port).ok();
            }
            // Blocks for as long as a client waits once the server accepts nothing; then it starts again.
            if socket
                .as_mut()
                .is_some_and(|socket| socket.send(request.as_bytes()).is_err())
            {
                *socket = None;
            }
        }
        std::thread::sleep(Duration::from_secs(2));
    }
}

/// HTTP/2 (RFC 9113) with a window of zero: the server may answer with heads, and never with a body.
fn close_windows(attacker: &Attacker) {
    let mut sockets: Vec<Option<Connection>> = (0..CLOSED_WINDOWS).map(|_| None).collect();
    let opening = closed_window_opening(attacker.target.port, &attacker.target.path);
    while !attacker.is_over() {
        for (nth, socket) in sockets.iter_mut().enumerate() {
            // What was read is not looked at: only whether the server still takes bytes counts.
            let alive = socket
                .as_mut()
                .is_some_and(|socket| socket.send(&PING).is_ok());
            if !alive {
                attacker
                    .tally
                    .add("connections with windows of zero", "opened");
                let from = Ipv4Addr::new(127, 0, 11, nth as u8 % 5 + 1);
                *socket = Connection::open(from, attacker.target.port).ok();
                if let Some(socket) = socket {
                    let _ = socket.send(&opening);
                }
            }
        }
        std::thread::sleep(Duration::from_secs(1));
    }
}

/// A PING frame (section 6.7).
const PING: [u8; 17] = [0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8];

fn closed_window_opening(port: u16, path: &str) -> Vec<u8> {
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    // SETTINGS_INITIAL_WINDOW_SIZE (0x4) is 0 (section 6.5.2).
    bytes.extend([0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0]);
    // HPACK (RFC 7541): indexed :method GET and :scheme http, then literals without indexing.
    let mut block = vec![0x82, 0x86];
    for (index, value) in [(4u8, path.to_owned()), (1, format!("127.0.0.1:{port}"))] {
        block.push(index);
        block.push(u8::try_from(value.len()).expect("a short value").min(126));
        block.extend(value.bytes());
    }
    for stream in 0..STREAMS {
        let length = u32::try_from(block.len())
            .expect("a short block")
            .to_be_bytes();
        bytes.extend(&length[1..]);
        // HEADERS, with END_STREAM and END_HEADERS.
        bytes.extend([1, 0x5]);
        bytes.extend((stream * 2 + 1).to_be_bytes());
        bytes.extend(&block);
    }
    bytes
}
