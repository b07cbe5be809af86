//! A minimal HTTP/1.1 client on one thread that sends prepared bytes and reads responses by their length.

use std::io::{Read, Write};
use std::net::TcpStream as Blocking;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A request that is sent again and again.
#[derive(Clone)]
pub struct Target {
    port: u16,
    request: String,
}

impl Target {
    /// `GET path`.
    pub fn new(port: u16, path: &str, coding: &str) -> Self {
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\naccept-encoding: {coding}\r\n\r\n"
        );
        Self { port, request }
    }

    /// Sends the request once and returns the headers and the body of the response.
    pub fn fetch(&self) -> (Vec<(String, String)>, Vec<u8>) {
        let mut stream = Blocking::connect(("127.0.0.1", self.port)).unwrap();
        let request = self
            .request
            .replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer
            .windows(4)
            .position(|window| window == b"\r\n\r\n")
            .unwrap();
        let head = String::from_utf8(answer[..end].to_vec()).unwrap();
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        let headers = head
            .lines()
            .skip(1)
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .filter(|(name, _)| !matches!(name.as_str(), "content-length" | "date" | "connection"))
            .collect();
        (headers, answer[end + 4..].to_vec())
    }
}

/// Keeps `connections` busy for `time`; returns responses per second.
pub fn drive(target: &Target, connections: usize, time: Duration) -> f64 {
    let request = target.request.clone();
    drive_with(target.port, connections, time, "200", move |_, _| {
        request.clone()
    })
}

/// The same with a new request each time, made from the number of the connection and of the request.
pub fn drive_with(
    port: u16,
    connections: usize,
    time: Duration,
    status: &'static str,
    request: impl Fn(usize, u64) -> String + 'static,
) -> f64 {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let local = tokio::task::LocalSet::new();
    let request = Rc::new(request);
    let begun = Instant::now();
    let answers: u64 = local.block_on(&runtime, async {
        let busy: Vec<_> = (0..connections)
            .map(|connection| {
                let request = Rc::clone(&request);
                tokio::task::spawn_local(async move {
                    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                    stream.set_nodelay(true).unwrap();
                    let mut buffer = Vec::with_capacity(256 * 1024);
                    let mut sent = 0;
                    while begun.elapsed() < time {
                        stream
                            .write_all(request(connection, sent).as_bytes())
                            .await
                            .unwrap();
                        read_answer(&mut stream, &mut buffer, status).await;
                        sent += 1;
                    }
                    sent
                })
            })
            .collect();
        let mut answers = 0;
        for connection in busy {
            answers += connection.await.unwrap();
        }
        answers
    });
    answers as f64 / begun.elapsed().as_secs_f64()
}

/// Sends requests for `time`, with a pause after each response; returns the response times.
pub fn pace(target: &Target, connections: usize, pause: Duration, time: Duration) -> Vec<Duration> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let local = tokio::task::LocalSet::new();
    let begun = Instant::now();
    local.block_on(&runtime, async {
        let asking: Vec<_> = (0..connections)
            .map(|_| {
                let target = target.clone();
                tokio::task::spawn_local(async move {
                    let mut stream = TcpStream::connect(("127.0.0.1", target.port))
                        .await
                        .unwrap();
                    stream.set_nodelay(true).unwrap();
                    let mut buffer = Vec::with_capacity(256 * 1024);
                    let mut times = Vec::new();
                    while begun.elapsed() < time {
                        let begun_at = Instant::now();
                        stream.write_all(target.request.as_bytes()).await.unwrap();
                        read_answer(&mut stream, &mut buffer, "200").await;
                        times.push(begun_at.elapsed());
                        tokio::time::sleep(pause).await;
                    }
                    times
                })
            })
            .collect();
        let mut times = Vec::new();
        for connection in asking {
            times.extend(connection.await.unwrap());
        }
        times
    })
}

/// Sends each of `requests` once; returns each response time and response.
pub fn burst(port: u16, connections: usize, requests: Vec<String>) -> Vec<(Duration, String)> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let local = tokio::task::LocalSet::new();
    let share = requests.len().div_ceil(connections);
    local.block_on(&runtime, async {
        let sending: Vec<_> = requests
            .chunks(share)
            .map(<[String]>::to_vec)
            .map(|requests| {
                tokio::task::spawn_local(async move {
                    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                    stream.set_nodelay(true).unwrap();
                    let mut buffer = Vec::with_capacity(64 * 1024);
                    let mut answers = Vec::new();
                    for request in requests {
                        let begun = Instant::now();
                        stream.write_all(request.as_bytes()).await.unwrap();
                        read_answer(&mut stream, &mut buffer, "").await;
                        let answer = String::from_utf8_lossy(&buffer).into_owned();
                        answers.push((begun.elapsed(), answer));
                    }
                    answers
                })
            })
            .collect();
        let mut answers = Vec::new();
        for connection in sending {
            answers.extend(connection.await.unwrap());
        }
        answers
    })
}

/// Reads one response and checks its status, unless `status` is empty.
async fn read_answer(stream: &mut TcpStream, buffer: &mut Vec<u8>, status: &str) {
    buffer.clear();
    let mut whole = None;
    while whole.is_none_or(|whole| buffer.len() < whole) {
        assert!(
            stream.read_buf(buffer).await.unwrap() > 0,
            "the server hung up"
        );
        if whole.is_none()
            && let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n")
        {
            let head = std::str::from_utf8(&buffer[..end]).unwrap();
            assert!(status.is_empty() || &head[9..12] == status, "{head}");
            let length: usize = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .map_or(0, |length| length.parse().unwrap());
            whole = Some(end + 4 + length);
        }
    }
}
