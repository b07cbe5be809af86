//! A burst of linkbacks to one node during page loads: response times, memory, and requests to each source
//! host. The server is a separate process with the default limits, except those per client, because all
//! linkbacks come from one machine.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rejoinder::linkbacks::protocol::pingback::ping_request;
use rejoinder::linkbacks::protocol::webmention::form_body;

use crate::client::{self, Target};
use crate::process::Server;

/// Linkbacks in a burst.
const PINGS: usize = 1000;
/// Connections that send them.
const SENDERS: usize = 100;
/// Connections that load pages at the same time.
const READERS: usize = 8;
/// The pause between two pages of one connection.
const PAUSE: Duration = Duration::from_millis(10);
/// Source hosts, so many that each stays within its limit.
const HOSTS: usize = 100;

/// Requests per host.
type Visits = Arc<Mutex<HashMap<String, usize>>>;

/// Prints the results.
pub fn run() {
    println!(
        "\na burst of {PINGS} linkbacks over {SENDERS} connections, while {READERS} load pages"
    );
    for (name, protocol) in [
        ("webmention", Protocol::Webmention),
        ("pingback", Protocol::Pingback),
    ] {
        for hosts in [HOSTS, 1] {
            burst(name, protocol, hosts);
        }
    }
}

#[derive(Clone, Copy)]
enum Protocol {
    Webmention,
    Pingback,
}

fn burst(name: &str, protocol: Protocol, hosts: usize) {
    let server = Server::start(&[
        ("REJOINDER_COMMENTS__MODERATION", "none"),
        ("REJOINDER_LIMITS__LINKBACKS_PER_MINUTE", "0"),
        ("REJOINDER_LIMITS__LINKBACKS_PER_POST", "0"),
        ("REJOINDER_LINKBACKS__FETCH_ALLOW", "[\"127.0.0.0/8\"]"),
    ]);
    let target = server.post.clone();
    let visits = Visits::default();
    let blogs = serve_blogs(&target, Arc::clone(&visits));
    let requests: Vec<String> = (0..PINGS)
        .map(|n| {
            let source = format!("http://127.0.1.{}:{blogs}/{n}", n % hosts + 1);
            let (path, media_type, body) = match protocol {
                Protocol::Webmention => (
                    "/webmention",
                    "application/x-www-form-urlencoded",
                    form_body(&source, &target),
                ),
                Protocol::Pingback => ("/xmlrpc.php", "text/xml", ping_request(&source, &target)),
            };
            format!(
                "POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: {media_type}\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            )
        })
        .collect();
    let before = server.pss();
    let path = target
        .split_once("//")
        .unwrap()
        .1
        .split_once('/')
        .unwrap()
        .1;
    let page = Target::new(server.port, &format!("/{path}"), "br");
    let readers =
        std::thread::spawn(move || client::pace(&page, READERS, PAUSE, Duration::from_secs(4)));
    std::thread::sleep(Duration::from_millis(500));
    let begun = Instant::now();
    let answers = client::burst(server.port, SENDERS, requests);
    let took = begun.elapsed();
    let pages = readers.join().unwrap();
    std::thread::sleep(Duration::from_secs(3));
    let accepted = answers.iter().filter(|(_, body)| is_accepted(body)).count();
    let most_requests = visits.lock().unwrap().values().copied().max().unwrap_or(0);
    println!(
        "  {name}, {hosts} source hosts: {accepted} accepted, {} rate limited, in {:.2} s",
        PINGS - accepted,
        took.as_secs_f64()
    );
    println!(
        "    answers: {}",
        spread(answers.iter().map(|(time, _)| *time))
    );
    println!(
        "    {} pages meanwhile: {}",
        pages.len(),
        spread(pages.into_iter())
    );
    println!(
        "    memory (PSS): {before:.1} MiB before, {:.1} MiB after; most requests to one host: {most_requests}",
        server.pss()
    );
}

/// Median, 99th percentile and maximum.
fn spread(times: impl Iterator<Item = Duration>) -> String {
    let mut times: Vec<f64> = times.map(|time| time.as_secs_f64() * 1e3).collect();
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    format!(
        "p50 {:.1} ms, p99 {:.1} ms, max {:.1} ms",
        at(0.5),
        at(0.99),
        at(1.0)
    )
}

fn is_accepted(answer: &str) -> bool {
    answer.starts_with("HTTP/1.1 201") || answer.contains("Thank you")
}

/// Serves pages that link to `target` on all loopback addresses; returns the port.
fn serve_blogs(target: &str, visits: Visits) -> u16 {
    let listener = TcpListener::bind("0.0.0.0:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let page = format!(
        "<title>A page</title><p>Some words about <a href='{target}'>a post</a>, and more.</p>"
    );
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{page}",
        page.len()
    );
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let (visits, answer) = (Arc::clone(&visits), answer.clone());
            std::thread::spawn(move || reply(&mut stream, &visits, &answer));
        }
    });
    port
}

fn reply(stream: &mut TcpStream, visits: &Visits, answer: &str) {
    let mut request = [0; 4096];
    let read = stream.read(&mut request).unwrap_or(0);
    let request = String::from_utf8_lossy(&request[..read]).into_owned();
    let host = request
        .lines()
        .find_map(|line| line.strip_prefix("host: ").or(line.strip_prefix("Host: ")))
        .unwrap_or_default()
        .to_owned();
    *visits.lock().unwrap().entry(host).or_default() += 1;
    let _ = stream.write_all(answer.as_bytes());
}
