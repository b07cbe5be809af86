//! A soak against the shipped settings: readers, beside everything that strangers may send at once.
//!
//! Bounded in time (20 minutes, `SOAK_SECONDS` for another) and on loopback alone. Each kind of client
//! has loopback addresses of its own, so that the limits for each address hold as they would outside.
//! Prints what readers wait beside an unloaded baseline, what the server's memory does, and how long
//! `/health/live` takes; draws the memory into `target/tmp/soak.svg`.
//!
//! Memory is at rest twice before the load: right after the start, and after each kind of page was
//! asked for once. Before that the process has neither read its own code nor opened its database
//! connections.

mod attackers;
mod http;
mod plot;

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use attackers::{Tally, Target};
use http::Connection;

use crate::process::Server;

/// How long all of it lasts, unless `SOAK_SECONDS` says otherwise.
const SECONDS: u64 = 20 * 60;
/// Readers, and the pause of each between two pages.
const READERS: u8 = 8;
const PAUSE: Duration = Duration::from_millis(50);
/// How long nothing is asked before the memory at rest is looked at: before the load and after it.
const SETTLING: Duration = Duration::from_secs(30);
const IDLE: Duration = Duration::from_secs(60);

/// A page of each kind that a stranger may see, beside the post's own.
const PAGES: [&str; 16] = [
    "/",
    "/tag/none/",
    "/author/a/",
    "/moderation-log",
    "/feed/",
    "/feed/atom/",
    "/feed.json",
    "/comments/feed/",
    "/comments/feed/atom/",
    "/sitemap.xml",
    "/robots.txt",
    "/login",
    "/queue/",
    "/webmention",
    "/health/ready",
    "/nothing-here",
];

/// Prints the figures.
pub fn run() {
    let seconds = std::env::var("SOAK_SECONDS")
        .ok()
        .and_then(|seconds| seconds.parse().ok())
        .unwrap_or(SECONDS);
    let attack = Duration::from_secs(seconds);
    let quiet = attack / 20;
    // Sources on loopback may be fetched; every other setting is the shipped one.
    let server = Server::start(&[("REJOINDER_LINKBACKS__FETCH_ALLOW", "[\"127.0.0.0/8\"]")]);
    let target = Target::of(&server);
    println!(
        "\na soak of {seconds} s with the shipped settings, quiet for {quiet:?} before and after"
    );
    let rest = Memory::of(&server);
    warm_up(&target);
    std::thread::sleep(SETTLING);
    let warm = Memory::of(&server);
    let begun = Instant::now();
    let end = Arc::new(AtomicBool::new(false));

    let health = watch(&target, Arc::clone(&end));
    let baseline = read_pages(&target, quiet);
    let tally = Arc::new(Tally::default());
    let attackers = attackers::start(&target, &tally, &end);
    let (sender, memory) = std::sync::mpsc::channel();
    let readers = {
        let target = target.clone();
        std::thread::spawn(move || sender.send(read_pages(&target, attack)))
    };
    let mut samples = vec![(0.0, rest.whole)];
    let during = loop {
        samples.push((begun.elapsed().as_secs_f64(), server.pss()));
        match memory.recv_timeout(Duration::from_secs(1)) {
            Ok(pages) => break pages,
            Err(std::sync::mpsc::RecvTimeoutError::Timeout) => {}
            Err(error) => panic!("the readers stopped: {error}"),
        }
    };
    let _ = readers.join();
    let under_attack = samples.len();
    end.store(true, Ordering::Relaxed);
    for attacker in attackers {
        attacker.join().unwrap();
    }
    let after = read_pages(&target, quiet);
    let health = health.join().unwrap();
    for _ in 0..IDLE.as_secs() {
        samples.push((begun.elapsed().as_secs_f64(), server.pss()));
        std::thread::sleep(Duration::from_secs(1));
    }
    let idle = Memory::of(&server);

    println!("  a reader's page, before: {}", spread(&baseline));
    println!("  a reader's page, during: {}", spread(&during));
    println!("  a reader's page, after:  {}", spread(&after));
    println!("  /health/live, during:    {}", spread(&health));
    let most = samples[..under_attack]
        .iter()
        .map(|(_, size)| *size)
        .fold(0.0, f64::max);
    println!("  memory (PSS), of which the process's own:");
    println!("    at rest:                 {rest}");
    println!("    each page asked once:    {warm}");
    println!("    at most:                 {most:.1} MiB");
    println!("    idle for {IDLE:?} after it: {idle}");
    println!(
        "    which is {:.2} times that at rest, {:.2} times that after each page",
        idle.whole / rest.whole,
        idle.whole / warm.whole
    );
    for minute in 0.. {
        let of_minute: Vec<f64> = samples
            .iter()
            .filter(|(at, _)| (*at / 60.0) as u64 == minute)
            .map(|(_, size)| *size)
            .collect();
        if of_minute.is_empty() {
            break;
        }
        let highest = of_minute.iter().copied().fold(0.0, f64::max);
        println!("    minute {minute}: up to {highest:.1} MiB");
    }
    tally.print();
    let file = concat!(env!("CARGO_TARGET_TMPDIR"), "/soak.svg");
    std::fs::write(file, plot::memory(&samples, attack, quiet)).unwrap();
    println!("  the memory over time is drawn in target/tmp/soak.svg");
}

/// What the server holds, in MiB.
struct Memory {
    whole: f64,
    own: f64,
}

impl Memory {
    fn of(server: &Server) -> Self {
        Self {
            whole: server.pss(),
            own: server.own(),
        }
    }
}

impl std::fmt::Display for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.1} MiB, {:.1} MiB", self.whole, self.own)
    }
}

/// Asks for a page of each kind once, and sends each kind of form once.
fn warm_up(target: &Target) {
    let feed = format!("{}feed/", target.path);
    let pages = PAGES.iter().copied().chain([&*target.path, &*feed]);
    let asked = pages.map(|page| target.get(page, "accept-encoding: br\r\n"));
    let respond = format!("{}respond", target.path);
    let comment = "author=R&email=r%40x.example&comment=A+*comment*";
    let sent = [
        target.post(&respond, &format!("do=preview&{comment}")),
        target.post(&respond, comment),
        target.post("/login", "email=x%40x.example&password=wrong"),
        target.post("/webmention", "source=x&target=y"),
    ];
    for request in asked.chain(sent) {
        let from = Ipv4Addr::new(127, 0, 12, 1);
        let _ = Connection::open(from, target.port).and_then(|mut it| it.ask(request.as_bytes()));
    }
}

/// Reads pages for `time`; returns how long each took. A page that does not come counts with the time
/// that was waited for it.
fn read_pages(target: &Target, time: Duration) -> Vec<Duration> {
    let threads: Vec<_> = (0..READERS)
        .map(|nth| {
            let target = target.clone();
            std::thread::spawn(move || {
                let from = Ipv4Addr::new(127, 0, 1, nth + 1);
                let request = target.get(&target.path, "accept-encoding: br\r\n");
                ask_again_and_again(&target, from, &request, PAUSE, &|begun: Instant| {
                    begun.elapsed() >= time
                })
            })
        })
        .collect();
    threads
        .into_iter()
        .flat_map(|thread| thread.join().unwrap())
        .collect()
}

/// Asks four times a second whether the server lives, until `end`.
fn watch(target: &Target, end: Arc<AtomicBool>) -> std::thread::JoinHandle<Vec<Duration>> {
    let target = target.clone();
    std::thread::spawn(move || {
        let request = target.get("/health/live", "");
        let from = Ipv4Addr::new(127, 0, 2, 1);
        let pause = Duration::from_millis(250);
        ask_again_and_again(&target, from, &request, pause, &|_| {
            end.load(Ordering::Relaxed)
        })
    })
}

fn ask_again_and_again(
    target: &Target,
    from: Ipv4Addr,
    request: &str,
    pause: Duration,
    is_over: &dyn Fn(Instant) -> bool,
) -> Vec<Duration> {
    let begun = Instant::now();
    let mut times = Vec::new();
    let mut connection: Option<Connection> = None;
    while !is_over(begun) {
        let asked = Instant::now();
        let status = connection
            .take()
            .or_else(|| Connection::open(from, target.port).ok())
            .and_then(|mut open| {
                let status = open.ask(request.as_bytes()).ok()?;
                connection = Some(open);
                Some(status)
            });
        // A connection that the server closed while it was idle is no failure of a page.
        if status == Some(200) || asked.elapsed() > Duration::from_millis(100) {
            times.push(asked.elapsed());
        }
        if status != Some(200) {
            connection = None;
        }
        std::thread::sleep(pause);
    }
    times
}

/// The middle, the slowest of a hundred and the slowest of all.
fn spread(times: &[Duration]) -> String {
    let mut times: Vec<f64> = times.iter().map(|time| time.as_secs_f64() * 1e3).collect();
    times.sort_by(f64::total_cmp);
    let at = |share: f64| {
        times
            .get(((times.len().max(1) - 1) as f64 * share) as usize)
            .copied()
            .unwrap_or(f64::NAN)
    };
    format!(
        "{} answers, p50 {:.1} ms, p99 {:.1} ms, longest {:.1} ms",
        times.len(),
        at(0.5),
        at(0.99),
        at(1.0)
    )
}
