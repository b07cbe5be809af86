//! What the binary itself needs: its size, its start, its memory at rest and after load.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::client::{self, Target};

/// Prints the figures.
pub fn run() {
    let binary = env!("CARGO_BIN_EXE_rejoinder");
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let command = || {
        let mut command = Command::new(binary);
        command
            .current_dir(folder.path())
            .env("REJOINDER_SERVER__LISTEN", format!("127.0.0.1:{port}"))
            .env("REJOINDER_LOG__FILTER", "error")
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        command
    };
    fs::write(folder.path().join("post.md"), "# A post\n\nText").unwrap();
    let account = [
        "user",
        "add",
        "--email",
        "a@x.example",
        "--name",
        "A",
        "--role",
        "author",
    ];
    assert!(command().args(account).status().unwrap().success());
    assert!(
        command()
            .args(["post", "publish", "post.md"])
            .status()
            .unwrap()
            .success()
    );

    println!("the binary");
    println!(
        "  size: {:.1} MiB",
        fs::metadata(binary).unwrap().len() as f64 / 1024.0 / 1024.0
    );
    let begun = Instant::now();
    let mut server = command().spawn().unwrap();
    while !answers(port) {
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "it does not start"
        );
        std::thread::sleep(Duration::from_millis(1));
    }
    println!("  start to first 200: {} ms", begun.elapsed().as_millis());
    std::thread::sleep(Duration::from_secs(1));
    println!("  memory at rest (PSS): {:.1} MiB", pss(server.id()));
    let rate = client::drive(&Target::new(port, "/", "br"), 32, Duration::from_secs(5));
    println!("  home page under load: {rate:.0} requests/s");
    println!("  memory after it (PSS): {:.1} MiB", pss(server.id()));
    server.kill().unwrap();
    server.wait().unwrap();
}

fn answers(port: u16) -> bool {
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) else {
        return false;
    };
    let request = "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let mut answer = String::new();
    stream.write_all(request.as_bytes()).is_ok()
        && stream.read_to_string(&mut answer).is_ok()
        && answer.starts_with("HTTP/1.1 200")
}

/// Proportional set size in MiB, as Linux counts it.
fn pss(process: u32) -> f64 {
    let rollup = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).unwrap();
    let line = rollup
        .lines()
        .find(|line| line.starts_with("Pss:"))
        .unwrap();
    let kibibytes: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kibibytes / 1024.0
}
