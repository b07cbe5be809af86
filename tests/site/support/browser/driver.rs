//! A chromedriver of one's own, and its answers to the commands of WebDriver.
//! Speaks to loopback only, and never outlives the test process, however that ends.

use crate::support::client::http_client;
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

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
    http: reqwest::Client,
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
            http: http_client(),
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
    pub async fn call(&self, method: Method, path: &str, body: &Value) -> Result<Value, Failure> {
        let mut answer = self
            .exchange(method.clone(), path, body)
            .await
            .unwrap_or_else(|error| panic!("chromedriver: {method} {path}: {error:?}"));
        let value = answer["value"].take();
        match value["error"].as_str() {
            Some(error) => Err(Failure {
                error: error.to_owned(),
                message: value["message"].as_str().unwrap_or_default().to_owned(),
            }),
            None => Ok(value),
        }
    }

    async fn exchange(&self, method: Method, path: &str, body: &Value) -> reqwest::Result<Value> {
        let url = format!("http://127.0.0.1:{}{path}", self.port);
        let has_body = method == Method::POST;
        let mut request = self.http.request(method, url).timeout(LONGEST_ANSWER);
        if has_body {
            request = request
                .header(CONTENT_TYPE, "application/json")
                .body(body.to_string());
        }
        let answer = request.send().await?.bytes().await?;
        Ok(serde_json::from_slice(&answer).expect("chromedriver answers in JSON"))
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Closes the keeper's input first, which is its sign to clean up.
        let _ = self.keeper.wait();
    }
}
