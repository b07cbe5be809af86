//! What the binary needs: its size, start time, and memory when idle and after load.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
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
    process: Mutex<Child>,
    folder: TempDir,
    settings: Vec<(String, String)>,
}

/// The only account, an author's.
pub const EMAIL: &str = "a@x.example";

impl Server {
    /// Starts a server with environment variables.
    pub fn start(settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let settings: Vec<(String, String)> = settings
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let command = |arguments: &[&str]| command(folder.path(), port, &settings, arguments);
        fs::write(folder.path().join("post.md"), "# A post\n\nText").unwrap();
        let account = format!("user add --email {EMAIL} --name A --role author");
        let account: Vec<&str> = account.split(' ').collect();
        assert!(command(&account).output().unwrap().status.success());
        let published = command(&["post", "publish", "post.md"]).output().unwrap();
        assert!(published.status.success());
        let begun = Instant::now();
        let process = command(&[]).stdout(Stdio::null()).spawn().unwrap();
        wait_until_ready(port);
        Self {
            port,
            post: String::from_utf8(published.stdout)
                .unwrap()
                .trim()
                .to_owned(),
            started_in: begun.elapsed(),
            process: Mutex::new(process),
            folder,
            settings,
        }
    }

    /// Kills the process and starts another one in its place.
    pub fn kill_and_restart(&self) {
        let mut process = self.process.lock().unwrap();
        process.kill().unwrap();
        process.wait().unwrap();
        *process = command(self.folder.path(), self.port, &self.settings, &[])
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        wait_until_ready(self.port);
    }

    /// Gives the account this password.
    pub fn set_password(&self, password: &str) {
        let mut child = Command::new(BINARY)
            .args(["user", "set-password", "--email", EMAIL, "--password-stdin"])
            .current_dir(self.folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        writeln!(input, "{password}").unwrap();
        drop(input);
        assert!(child.wait().unwrap().success());
    }

    /// The largest resident set so far in MiB.
    pub fn peak_rss(&self) -> f64 {
        let status = fs::read_to_string(format!(
            "/proc/{}/status",
            self.process.lock().unwrap().id()
        ))
        .unwrap();
        let line = status
            .lines()
            .find(|line| line.starts_with("VmHWM:"))
            .unwrap();
        let kibibytes: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        kibibytes / 1024.0
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
        let rollup = fs::read_to_string(format!(
            "/proc/{}/smaps_rollup",
            self.process.lock().unwrap().id()
        ));
        let rollup = rollup.unwrap();
        let line = rollup.lines().find(|line| line.starts_with(name)).unwrap();
        let kibibytes: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        kibibytes / 1024.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let process = self.process.get_mut().unwrap();
        let _ = process.kill();
        let _ = process.wait();
    }
}

fn command(folder: &Path, port: u16, settings: &[(String, String)], arguments: &[&str]) -> Command {
    let mut command = Command::new(BINARY);
    command
        .args(arguments)
        .current_dir(folder)
        .env("REJOINDER_SERVER__LISTEN", format!("127.0.0.1:{port}"))
        .env("REJOINDER_LOG__FILTER", "error")
        .envs(settings.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null());
    command
}

fn wait_until_ready(port: u16) {
    let begun = Instant::now();
    while !answers(port) {
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "the server does not start"
        );
        std::thread::sleep(Duration::from_millis(1));
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
