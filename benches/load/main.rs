//! Load over loopback, side by side in one run: what a cached page costs against the same bytes
//! from memory, how many durable comments are taken, and what the binary needs to start and idle.
//! Prints figures and ratios; asserts nothing about time. Run with `cargo bench --bench load`.

#![allow(clippy::unwrap_used, reason = "a bench that cannot go on stops")]
#![allow(missing_docs, reason = "a bench has no readers but its own")]

mod client;
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
/// Pairs of slices; the ratio is taken pair by pair, so that a drifting machine does no harm.
const PAIRS: usize = 8;
/// The length of a slice.
const SLICE: Duration = Duration::from_secs(2);

fn main() {
    // `cargo bench --bench load -- pings` measures the burst of pings alone.
    if std::env::args().any(|argument| argument == "pings") {
        pings::run();
        return;
    }
    // The queue of a large site takes minutes to fill, and is measured only when asked for.
    if std::env::args().any(|argument| argument == "queue") {
        queue::run();
        return;
    }
    // Twenty minutes of everything that strangers may send, only when asked for.
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
        "{CONNECTIONS} connections, {PAIRS} pairs of slices of {SLICE:?}, one process for servers and load\n"
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
    let afresh = servers.block_on(site::Site::start(0));
    let fresh_page = Target::new(afresh.port, &afresh.path, "identity");
    let page = Target::new(cached.port, &cached.path, "identity");
    compare("rendered afresh", &fresh_page, "page cache", &page);

    writes::run(&servers, &cached);
    process::run();
    pings::run();
}

/// Drives two targets in turn and prints the ratio of what they answered.
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

/// The middle of `figures`, which are sorted on the way.
fn median(figures: &mut [f64]) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
