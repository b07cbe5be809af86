//! What the binary needs: its size, start time, and memory when idle and after load.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::client::{self, Target};

const BINARY: &str = env!("CARGO_BIN_EXE_rejoinder");

/// A server process with one post in a temporary folder.
pub struct Server {
    pub port: u16,
    /// The permalink, with scheme and host.
    pub post: String,
    /// The time until the first response.
    pub started_in: Duration,
    process: Child,
    _folder: TempDir,
}

impl Server {
    /// Starts a server with environment variables.
    pub fn start(settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let command = |arguments: &[&str]| {
            let mut command = Command::new(BINARY);
            command
                .args(arguments)
                .current_dir(folder.path())
                .env("REJOINDER_SERVER__LISTEN", format!("127.0.0.1:{port}"))
                .env("REJOINDER_LOG__FILTER", "error")
                .envs(settings.iter().copied())
                .stdin(Stdio::null());
            command
        };
        fs::write(folder.path().join("post.md"), "# A post\n\nText").unwrap();
        let account = "user add --email a@x.example --name A --role author";
        let account: Vec<&str> = account.split(' ').collect();
        assert!(command(&account).output().unwrap().status.success());
        let published = command(&["post", "publish", "post.md"]).output().unwrap();
        assert!(published.status.success());
        let begun = Instant::now();
        let process = command(&[]).stdout(Stdio::null()).spawn().unwrap();
        while !answers(port) {
            assert!(
                begun.elapsed() < Duration::from_secs(20),
                "the server does not start"
            );
            std::thread::sleep(Duration::from_millis(1));
        }
        Self {
            port,
            post: String::from_utf8(published.stdout)
                .unwrap()
                .trim()
                .to_owned(),
            started_in: begun.elapsed(),
            process,
            _folder: folder,
        }
    }

    /// Proportional set size in MiB, as Linux counts it.
    pub fn pss(&self) -> f64 {
        self.memory("Pss:")
    }

    /// How much of it is the process's own data; the rest is what it has read of its files, most of
    /// it its own code.
    pub fn own(&self) -> f64 {
        self.memory("Pss_Anon:")
    }

    fn memory(&self, name: &str) -> f64 {
        let rollup = fs::read_to_string(format!("/proc/{}/smaps_rollup", self.process.id()));
        let rollup = rollup.unwrap();
        let line = rollup.lines().find(|line| line.starts_with(name)).unwrap();
        let kibibytes: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        kibibytes / 1024.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Prints the results.
pub fn run() {
    println!("the binary");
    let size = fs::metadata(BINARY).unwrap().len() as f64 / 1024.0 / 1024.0;
    println!("  size: {size:.1} MiB");
    let server = Server::start(&[]);
    println!("  start to first 200: {} ms", server.started_in.as_millis());
    std::thread::sleep(Duration::from_secs(1));
    println!("  memory when idle (PSS): {:.1} MiB", server.pss());
    let home = Target::new(server.port, "/", "br");
    let rate = client::drive(&home, 32, Duration::from_secs(5));
    println!("  home page under load: {rate:.0} requests/s");
    println!("  memory after load (PSS): {:.1} MiB", server.pss());
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
