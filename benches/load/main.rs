//! Load over loopback, measured side by side in one run: a cached page against the same bytes from memory,
//! durable comments per second, and what the binary needs to start and when idle. Prints rates and ratios;
//! asserts nothing about time. Run with `cargo bench --bench load`.

#![allow(
    clippy::unwrap_used,
    reason = "a bench that cannot continue should stop"
)]

mod client;
mod media;
mod pings;
mod process;
mod queue;
mod site;
mod soak;
mod writes;

use std::time::Duration;

use client::Target;

/// Connections that are kept busy.
const CONNECTIONS: usize = 32;
/// Pairs of measurements. The ratio is taken per pair, so that a machine that slows down does not distort it.
const PAIRS: usize = 8;
/// The length of one measurement.
const SLICE: Duration = Duration::from_secs(2);

fn main() {
    // `cargo bench --bench load -- pings` measures only the burst of linkbacks.
    if std::env::args().any(|argument| argument == "pings") {
        pings::run();
        return;
    }
    // Filling the queue of a large site takes minutes, so this runs only on request.
    if std::env::args().any(|argument| argument == "queue") {
        queue::run();
        return;
    }
    // Photos take a processor for minutes, so this runs only on request.
    if std::env::args().any(|argument| argument == "media") {
        media::run();
        return;
    }
    // The soak test takes twenty minutes, so it runs only on request.
    if std::env::args().any(|argument| argument == "soak") {
        soak::run();
        return;
    }
    let servers = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    println!(
        "{CONNECTIONS} connections, {PAIRS} pairs of measurements of {SLICE:?}, one process for servers and load\n"
    );
    let cached = servers.block_on(site::Site::start(64));
    for coding in ["identity", "br"] {
        let page = Target::new(cached.port, &cached.path, coding);
        let (headers, body) = page.fetch();
        let bare = servers.block_on(site::serve_bytes(&cached.path, &headers, body.clone()));
        let bare = Target::new(bare, &cached.path, coding);
        println!(
            "post page with 100 responses, {coding}, {} bytes",
            body.len()
        );
        compare("page cache", &page, "the same bytes from memory", &bare);
    }
    let uncached = servers.block_on(site::Site::start(0));
    let uncached_page = Target::new(uncached.port, &uncached.path, "identity");
    let page = Target::new(cached.port, &cached.path, "identity");
    compare(
        "rendered for each request",
        &uncached_page,
        "page cache",
        &page,
    );

    writes::run(&servers, &cached);
    process::run();
    pings::run();
}

/// Loads two targets alternately and prints the ratio of their request rates.
fn compare(name: &str, one: &Target, other_name: &str, other: &Target) {
    client::drive(one, CONNECTIONS, SLICE / 2);
    client::drive(other, CONNECTIONS, SLICE / 2);
    let (mut ones, mut others, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..PAIRS {
        let a = client::drive(one, CONNECTIONS, SLICE);
        let b = client::drive(other, CONNECTIONS, SLICE);
        ones.push(a);
        others.push(b);
        ratios.push(a / b);
    }
    println!("  {name}: {:.0} requests/s", median(&mut ones));
    println!("  {other_name}: {:.0} requests/s", median(&mut others));
    let middle = median(&mut ratios);
    println!(
        "  ratio: {middle:.2} (from {:.2} to {:.2})\n",
        ratios[0],
        ratios[PAIRS - 1]
    );
}

/// Sorts `values` and returns their median.
fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
