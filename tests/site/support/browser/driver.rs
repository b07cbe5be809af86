//! A chromedriver of one's own, and as much of WebDriver's HTTP as the tests need.
//! Speaks to loopback only, and never outlives the test process, however that ends.

use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Runs chromedriver until its own standard input closes, which the system does for us when the
/// test process ends, killed or not. Chromium would outlive a killed driver, but it stays in the
/// driver's process group, so the group is ended as a whole. Everything that either of them writes
/// goes to a folder that is deleted afterwards, the browser's profile included.
const KEEPER: &str = r#"
command -v chromedriver || exit
home=$(mktemp -d) || exit
export HOME="$home" TMPDIR="$home" XDG_CONFIG_HOME="$home" XDG_CACHE_HOME="$home" TZ=UTC
setsid chromedriver --port=0 </dev/null 2>&1 &
group=$!
read -r _
kill -s KILL -- "-$group"
wait "$group"
for _ in 1 2 3 4 5 6 7 8 9 10; do rm -rf "$home" && exit; sleep 0.1; done
"#;

/// How chromedriver says that it is ready, before the port it chose.
const READY: &str = "started successfully on port ";

/// No answer takes longer than this, page loads and scripts included: they have bounds of 30 s.
const LONGEST_ANSWER: Duration = Duration::from_secs(45);

/// A running chromedriver; dropping it ends the process and its browsers.
pub struct Driver {
    keeper: Child,
    port: u16,
    // Held, so that chromedriver can go on writing; it says a few lines in its whole life.
    output: BufReader<ChildStdout>,
}

/// What WebDriver answers when it could not do a thing.
#[derive(Debug)]
pub struct Failure {
    /// One of the names of the WebDriver standard, such as `no such element`.
    pub error: String,
    /// What chromedriver says about it.
    pub message: String,
}

impl Driver {
    /// Starts a chromedriver on a free port of its choice.
    pub async fn start() -> Driver {
        tokio::task::spawn_blocking(Driver::start_now)
            .await
            .expect("start chromedriver")
    }

    fn start_now() -> Driver {
        let mut keeper = Command::new("sh")
            .args(["-c", KEEPER])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // Ctrl-C at the terminal is for the tests; the keeper follows when they are gone.
            .process_group(0)
            .spawn()
            .expect("run sh");
        let output = BufReader::new(keeper.stdout.take().expect("chromedriver's output"));
        let mut driver = Driver {
            keeper,
            port: 0,
            output,
        };
        let mut said = String::new();
        while driver.port == 0 {
            let start = said.len();
            let more = driver
                .output
                .read_line(&mut said)
                .expect("read what chromedriver says");
            assert!(
                more > 0,
                "chromedriver does not start (Debian's packages: chromium chromium-driver)\n{said}"
            );
            if let Some((_, port)) = said[start..].split_once(READY) {
                let port = port.trim_end_matches(['.', '\n']);
                driver.port = port.parse().expect("chromedriver names its port");
            }
        }
        driver
    }

    /// Sends one command and returns the `value` of the answer.
    pub async fn call(&self, method: &str, path: &str, body: &Value) -> Result<Value, Failure> {
        let answer = tokio::time::timeout(LONGEST_ANSWER, self.exchange(method, path, body))
            .await
            .unwrap_or_else(|_| panic!("chromedriver does not answer: {method} {path}"))
            .unwrap_or_else(|error| panic!("chromedriver is gone: {method} {path}: {error}"));
        let mut answer: Value =
            serde_json::from_slice(&answer).expect("chromedriver answers in JSON");
        let value = answer["value"].take();
        match value["error"].as_str() {
            Some(error) => Err(Failure {
                error: error.to_owned(),
                message: value["message"].as_str().unwrap_or_default().to_owned(),
            }),
            None => Ok(value),
        }
    }

    async fn exchange(&self, method: &str, path: &str, body: &Value) -> std::io::Result<Vec<u8>> {
        let body = if method == "POST" {
            body.to_string()
        } else {
            String::new()
        };
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            self.port,
            body.len()
        );
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await?;
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(body.as_bytes()).await?;

        let mut stream = tokio::io::BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).await?;
            let line = line.trim_end().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length in bytes");
            }
        }
        let mut answer = vec![0; length];
        stream.read_exact(&mut answer).await?;
        Ok(answer)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Closes the keeper's input first, which is its sign to clean up.
        let _ = self.keeper.wait();
    }
}
