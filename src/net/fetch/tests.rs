//! Tests of `fetch`, against servers and a DNS server at loopback addresses.

mod addresses;
mod bodies;
mod redirects;

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::time::sleep;

use super::*;
use crate::clock::{Clock, Moment};
use crate::net::guard::GuardError;

// Nothing here may send a packet off the machine: every server, the DNS server included, is
// at a loopback address, and so is every address the guards of these tests let through.

const HOME: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// What a server does once it has read a request.
enum Step {
    Send(Vec<u8>),
    Wait(u64),
    /// Sends this again and again, with as many milliseconds in between.
    Forever(Vec<u8>, u64),
}

struct Server {
    port: u16,
    connections: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<String>>>,
    sent: Arc<AtomicUsize>,
}

impl Server {
    async fn start(
        ip: IpAddr,
        reply: impl Fn(&str, u16) -> Vec<Step> + Send + Sync + 'static,
    ) -> Option<Self> {
        let listener = TcpListener::bind((ip, 0)).await.ok()?;
        let server = Self {
            port: listener.local_addr().unwrap().port(),
            connections: Arc::default(),
            requests: Arc::default(),
            sent: Arc::default(),
        };
        let (port, reply) = (server.port, Arc::new(reply));
        let connections = server.connections.clone();
        let requests = server.requests.clone();
        let sent = server.sent.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::SeqCst);
                let (reply, requests, sent) = (reply.clone(), requests.clone(), sent.clone());
                tokio::spawn(async move {
                    let mut stream = stream;
                    let request = read_request(&mut stream).await;
                    let steps = reply(&request, port);
                    requests.lock().unwrap().push(request);
                    play(stream, steps, &sent).await;
                });
            }
        });
        Some(server)
    }

    async fn home(reply: impl Fn(&str, u16) -> Vec<Step> + Send + Sync + 'static) -> Self {
        Self::start(HOME, reply).await.unwrap()
    }

    fn url(&self, path: &str) -> Url {
        Url::parse(&format!("http://127.0.0.1:{}{path}", self.port)).unwrap()
    }

    fn count(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

async fn read_request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .map_or(0, |length| length.parse().unwrap());
            if body.len() >= length {
                return text;
            }
        }
        match stream.read(&mut buffer).await {
            Ok(read) if read > 0 => bytes.extend_from_slice(&buffer[..read]),
            _ => return text,
        }
    }
}

async fn play(mut stream: TcpStream, steps: Vec<Step>, sent: &AtomicUsize) {
    for step in steps {
        match step {
            Step::Send(bytes) => {
                if stream.write_all(&bytes).await.is_err() {
                    return;
                }
                sent.fetch_add(bytes.len(), Ordering::SeqCst);
            }
            Step::Wait(millis) => sleep(Duration::from_millis(millis)).await,
            Step::Forever(bytes, millis) => {
                while stream.write_all(&bytes).await.is_ok() {
                    sent.fetch_add(bytes.len(), Ordering::SeqCst);
                    sleep(Duration::from_millis(millis)).await;
                }
                return;
            }
        }
    }
    let _ = stream.shutdown().await;
}

fn send(text: impl Into<Vec<u8>>) -> Step {
    Step::Send(text.into())
}

fn page(body: &str) -> Vec<Step> {
    vec![send(format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    ))]
}

fn redirect(status: u16, to: &str) -> Vec<Step> {
    vec![send(format!(
        "HTTP/1.1 {status} There\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n"
    ))]
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

fn gzip_reply(body: &[u8]) -> Vec<Step> {
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    vec![send(head), send(body)]
}

/// Short enough for tests that wait for them.
fn limits() -> FetchLimits {
    FetchLimits {
        deadline: Duration::from_millis(1500),
        response_timeout: Duration::from_millis(700),
        ..FetchLimits::default()
    }
}

fn unlimited() -> Arc<HostLimits> {
    Arc::new(HostLimits::new(Clock::system(), 0, 0))
}

fn fetcher_with(
    allow: &[String],
    ports: &[u16],
    limits: FetchLimits,
    resolver: Option<SocketAddr>,
) -> Fetcher {
    let allow = allow
        .iter()
        .map(|network| network.parse().unwrap())
        .collect();
    Fetcher::new(
        Guard::new(allow, ports.to_vec()),
        limits,
        resolver,
        "Tester/1".into(),
        unlimited(),
    )
    .unwrap()
}

/// May reach that one server and nothing else.
fn fetcher_for(server: &Server, limits: FetchLimits) -> Fetcher {
    fetcher_with(
        &[format!("127.0.0.1/32:{}", server.port)],
        &[80, 443],
        limits,
        None,
    )
}

async fn get(fetcher: &Fetcher, url: &Url) -> Result<Fetched, FetchError> {
    fetcher.get(url, Validators::default()).await
}

struct Dns {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<(String, u16)>>>,
}

impl Dns {
    /// Answers with what `answer` says for a name and the count of queries for that kind of
    /// address.
    async fn start(answer: impl Fn(&str, usize) -> Vec<IpAddr> + Send + 'static) -> Self {
        let socket = UdpSocket::bind((HOME, 0)).await.unwrap();
        let dns = Self {
            address: socket.local_addr().unwrap(),
            asked: Arc::default(),
        };
        let asked = dns.asked.clone();
        tokio::spawn(async move {
            let mut buffer = [0; 1500];
            while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
                let query = &buffer[..length];
                let (name, kind, end) = question(query);
                let time = {
                    let mut asked = asked.lock().unwrap();
                    asked.push((name.clone(), kind));
                    asked.iter().filter(|(_, other)| *other == kind).count()
                };
                let answers = answer(&name, time);
                let reply = dns_reply(query, kind, end, &answers);
                let _ = socket.send_to(&reply, from).await;
            }
        });
        dns
    }

    /// How often IPv4 and how often IPv6 addresses were asked for.
    fn counts(&self) -> (usize, usize) {
        let asked = self.asked.lock().unwrap();
        let count = |kind| asked.iter().filter(|(_, asked)| *asked == kind).count();
        (count(1), count(28))
    }
}

fn question(query: &[u8]) -> (String, u16, usize) {
    let mut labels = Vec::new();
    let mut at = 12;
    while query[at] > 0 {
        let next = at + 1 + usize::from(query[at]);
        labels.push(String::from_utf8_lossy(&query[at + 1..next]).to_ascii_lowercase());
        at = next;
    }
    (
        labels.join("."),
        u16::from_be_bytes([query[at + 1], query[at + 2]]),
        at + 5,
    )
}

fn dns_reply(query: &[u8], kind: u16, end: usize, answers: &[IpAddr]) -> Vec<u8> {
    let answers: Vec<_> = answers
        .iter()
        .filter(|address| address.is_ipv4() == (kind == 1))
        .collect();
    let mut reply = query[..2].to_vec();
    reply.extend([0x81, 0x80, 0, 1, 0, answers.len() as u8, 0, 0, 0, 0]);
    reply.extend(&query[12..end]);
    for answer in answers {
        reply.extend([0xc0, 12]);
        reply.extend(kind.to_be_bytes());
        reply.extend([0, 1, 0, 0, 0, 60]);
        match answer {
            IpAddr::V4(address) => {
                reply.extend([0, 4]);
                reply.extend(address.octets());
            }
            IpAddr::V6(address) => {
                reply.extend([0, 16]);
                reply.extend(address.octets());
            }
        }
    }
    reply
}

#[tokio::test]
async fn an_allowed_server_gets_a_plain_request_and_its_reply_is_returned() {
    let server = Server::home(|_, _| page("<p>Hello")).await;
    let fetched = get(&fetcher_for(&server, limits()), &server.url("/a?b#c"))
        .await
        .unwrap();
    assert_eq!(fetched.status, 200);
    assert_eq!(fetched.body, b"<p>Hello");
    assert!(!fetched.truncated);
    assert_eq!(fetched.content_type(), Some("text/html; charset=utf-8"));
    assert_eq!(fetched.header("CONTENT-LENGTH"), Some("8"));
    assert_eq!(fetched.header("etag"), None);
    let request = server.requests().remove(0);
    assert!(request.starts_with("GET /a?b HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("accept-encoding: gzip\r\n"), "{request}");
    assert!(request.contains("user-agent: Tester/1\r\n"), "{request}");
    for absent in ["cookie", "referer", "authorization", "if-none-match"] {
        assert!(!request.contains(absent), "{request}");
    }
}

#[tokio::test]
async fn validators_are_sent_and_an_unchanged_page_is_reported() {
    let server = Server::home(|_, _| {
        vec![send(
            "HTTP/1.1 304 Not Modified\r\nContent-Encoding: gzip\r\n\r\n",
        )]
    })
    .await;
    let validators = Validators {
        etag: Some("\"abc\"".into()),
        last_modified: Some("Thu, 01 Jan 2026\r\nX-Evil: 1".into()),
    };
    let fetcher = fetcher_for(&server, limits());
    let fetched = fetcher.get(&server.url("/"), validators).await.unwrap();
    assert_eq!((fetched.status, fetched.body.len()), (304, 0));
    let request = server.requests().remove(0);
    assert!(request.contains("if-none-match: \"abc\"\r\n"), "{request}");
    assert!(
        !request.contains("if-modified-since") && !request.contains("Evil"),
        "{request}"
    );
}

#[tokio::test]
async fn a_late_first_byte_is_not_waited_for() {
    let server = Server::home(|_, _| {
        let mut steps = vec![Step::Wait(5000)];
        steps.extend(page("late"));
        steps
    })
    .await;
    let began = Instant::now();
    let error = get(&fetcher_for(&server, limits()), &server.url("/"))
        .await
        .unwrap_err();
    assert!(matches!(error, FetchError::Timeout), "{error}");
    assert!(error.is_temporary());
    assert!(began.elapsed() < Duration::from_millis(1400));
}

#[tokio::test]
async fn a_closed_port_is_a_failed_connection() {
    let listener = TcpListener::bind((HOME, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let fetcher = fetcher_with(&["127.0.0.1/32".into()], &[], limits(), None);
    let url = Url::parse(&format!("http://127.0.0.1:{port}/")).unwrap();
    let error = get(&fetcher, &url).await.unwrap_err();
    assert!(matches!(error, FetchError::Connect(_)), "{error}");
    assert!(error.is_temporary());
}

#[tokio::test]
async fn https_begins_with_tls_and_fails_where_there_is_none() {
    let listener = TcpListener::bind((HOME, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let first = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut hello = vec![0; 2048];
        let read = stream.read(&mut hello).await.unwrap();
        stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .await
            .unwrap();
        hello.truncate(read);
        hello
    });
    let dns = Dns::start(|_, _| vec![HOME]).await;
    let allow = [format!("127.0.0.1/32:{port}")];
    let fetcher = fetcher_with(&allow, &[], limits(), Some(dns.address));
    let url = Url::parse(&format!("https://secure.example:{port}/")).unwrap();
    let error = get(&fetcher, &url).await.unwrap_err();
    assert!(matches!(error, FetchError::Connect(_)), "{error}");
    let hello = first.await.unwrap();
    assert_eq!(hello[0], 0x16);
    let contains = |text: &[u8]| hello.windows(text.len()).any(|window| window == text);
    assert!(contains(b"secure.example") && contains(b"http/1.1"));
}

#[tokio::test]
async fn no_more_than_the_allowed_number_run_at_once_and_the_rest_follow() {
    let server = Server::home(|_, _| {
        let mut steps = vec![Step::Wait(400)];
        steps.extend(page("slot"));
        steps
    })
    .await;
    let fetcher = fetcher_for(&server, limits());
    let fetches: Vec<_> = (0..MAX_CONCURRENT + 4)
        .map(|_| {
            let (fetcher, url) = (fetcher.clone(), server.url("/"));
            tokio::spawn(async move { get(&fetcher, &url).await })
        })
        .collect();
    sleep(Duration::from_millis(200)).await;
    assert_eq!(server.count(), MAX_CONCURRENT);
    for fetch in fetches {
        assert_eq!(fetch.await.unwrap().unwrap().body, b"slot");
    }
    assert_eq!(server.count(), MAX_CONCURRENT + 4);
}

#[test]
fn a_user_agent_that_is_not_a_header_cannot_be_set_up() {
    let guard = Guard::new(Vec::new(), Vec::new());
    let made = Fetcher::new(
        guard,
        FetchLimits::default(),
        None,
        "a\r\nb".into(),
        unlimited(),
    );
    assert!(matches!(made, Err(FetchError::Setup(_))));
}
