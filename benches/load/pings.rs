//! A burst of pings at one node beside page loads: how long each answer takes, what the memory does,
//! and how often each source host is asked. In processes of their own, with the shipped limits but for
//! the one of a client, since all of these come from one machine.

use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rejoinder::linkbacks::protocol::pingback::ping_request;
use rejoinder::linkbacks::protocol::webmention::form_body;

use crate::client::{self, Target};
use crate::process::Server;

/// Pings in a burst.
const PINGS: usize = 1000;
/// Connections that send them.
const SENDERS: usize = 100;
/// Connections that load pages meanwhile.
const READERS: usize = 8;
/// Between two pages of one connection.
const PAUSE: Duration = Duration::from_millis(10);
/// Source hosts where each stays within its budget.
const HOSTS: usize = 100;

/// How often each host was asked for a page.
type Visits = Arc<Mutex<HashMap<String, usize>>>;

/// Prints the figures.
pub fn run() {
    println!(
        "\na burst of {PINGS} pings over {SENDERS} connections, beside {READERS} that load pages"
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
    let rest = server.pss();
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
    let taken = answers.iter().filter(|(_, body)| is_taken(body)).count();
    let most = visits.lock().unwrap().values().copied().max().unwrap_or(0);
    println!(
        "  {name}, {hosts} source hosts: {taken} taken, {} told to wait, in {:.2} s",
        PINGS - taken,
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
        "    memory (PSS): {rest:.1} MiB before, {:.1} MiB after; most requests to one host: {most}",
        server.pss()
    );
}

/// The middle, the slowest of a hundred and the slowest of all.
fn spread(times: impl Iterator<Item = Duration>) -> String {
    let mut times: Vec<f64> = times.map(|time| time.as_secs_f64() * 1e3).collect();
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    format!(
        "p50 {:.1} ms, p99 {:.1} ms, longest {:.1} ms",
        at(0.5),
        at(0.99),
        at(1.0)
    )
}

fn is_taken(answer: &str) -> bool {
    answer.starts_with("HTTP/1.1 201") || answer.contains("Thank you")
}

/// Pages at every loopback address, each of which links to `target`.
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
