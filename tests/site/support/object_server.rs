//! An S3 server of somebody else (s3rver, from npm), behind a proxy that fails as a test says.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tempfile::TempDir;
use tokio::task::JoinHandle;

use super::client::Client;

/// The name and secret that s3rver knows.
const KEY: &str = "S3RVER";
const MAX_OBJECT: usize = 64 * 1024 * 1024;

/// A server with the bucket `media`; it goes with the test.
pub struct ObjectServer {
    process: Child,
    folder: TempDir,
    endpoint: String,
    faults: Arc<Faults>,
    proxy: JoinHandle<()>,
}

struct Faults {
    inner: Client,
    is_down: AtomicBool,
    /// How many files are stored before the next ones fail; negative for all.
    puts_left: AtomicI64,
    /// How many of the next requests fail.
    failures_left: AtomicI64,
}

impl ObjectServer {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/node_modules/s3rver/bin/s3rver.js");
        assert!(
            program.exists(),
            "{} is missing: run tests/run, or npm ci in tests",
            program.display()
        );
        let mut process = Command::new("node")
            .arg(program)
            .arg("-d")
            .arg(folder.path())
            .args(["-a", "127.0.0.1", "-p", "0", "--no-vhost-buckets"])
            .args(["--configure-bucket", "media"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let address = lines
            .find_map(|line| {
                let line = line.unwrap();
                line.split_once("listening on ")
                    .map(|(_, address)| address.trim().to_owned())
            })
            .unwrap();
        // What it says of each request, so that it never waits for a reader.
        std::thread::spawn(move || for _ in lines {});
        let faults = Arc::new(Faults {
            inner: Client::new(&format!("http://{address}")),
            is_down: AtomicBool::new(false),
            puts_left: AtomicI64::new(-1),
            failures_left: AtomicI64::new(0),
        });
        let router = Router::new()
            .fallback(forward)
            .with_state(Arc::clone(&faults));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let proxy = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Self {
            process,
            folder,
            endpoint,
            faults,
            proxy,
        }
    }

    /// The section `[media]` of a site that keeps its files here; `folder` is for those that arrive.
    pub fn settings(&self, folder: &Path) -> String {
        format!(
            "[media]\nfolder = \"{}\"\nurl = \"s3://media/site\"\nendpoint = \"{}\"\nkey_id = \"{KEY}\"\nsecret = \"{KEY}\"\n",
            folder.display(),
            self.endpoint
        )
    }

    /// The same for a process.
    pub fn environment(&self) -> [(&'static str, String); 4] {
        [
            ("REJOINDER_MEDIA__URL", "s3://media/site".to_owned()),
            ("REJOINDER_MEDIA__ENDPOINT", self.endpoint.clone()),
            ("REJOINDER_MEDIA__KEY_ID", KEY.to_owned()),
            ("REJOINDER_MEDIA__SECRET", KEY.to_owned()),
        ]
    }

    /// Every request fails from now on, or no longer.
    pub fn set_down(&self, is_down: bool) {
        self.faults.is_down.store(is_down, Ordering::SeqCst);
    }

    /// So many requests fail from now on.
    pub fn fail_next(&self, count: i64) {
        self.faults.failures_left.store(count, Ordering::SeqCst);
    }

    /// So many files are stored; then every attempt fails, until this is called again. None: all are stored.
    pub fn fail_after_puts(&self, count: Option<i64>) {
        let count = count.unwrap_or(-1);
        self.faults.puts_left.store(count, Ordering::SeqCst);
    }

    /// The names of all objects, without the prefix.
    pub fn objects(&self) -> Vec<String> {
        let mut found = Vec::new();
        collect(&self.folder.path().join("media/site"), "", &mut found);
        found.sort();
        found
    }
}

impl Drop for ObjectServer {
    fn drop(&mut self) {
        self.proxy.abort();
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// s3rver keeps each object as a file with this ending, and others beside it.
const OBJECT: &str = "._S3rver_object";

fn collect(folder: &Path, prefix: &str, found: &mut Vec<String>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let path = match prefix {
            "" => name,
            prefix => format!("{prefix}/{name}"),
        };
        if entry.file_type().unwrap().is_dir() {
            collect(&entry.path(), &path, found);
        } else if let Some(object) = path.strip_suffix(OBJECT) {
            found.push(object.to_owned());
        }
    }
}

async fn forward(State(faults): State<Arc<Faults>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let one_less = |left: i64| (left > 0).then_some(left - 1);
    let order = Ordering::SeqCst;
    let fails = parts.method == "PUT"
        && faults
            .puts_left
            .fetch_update(order, order, one_less)
            .is_err_and(|left| left == 0);
    let fails = fails
        || faults
            .failures_left
            .fetch_update(order, order, one_less)
            .is_ok();
    if fails || faults.is_down.load(Ordering::SeqCst) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let bytes = to_bytes(body, MAX_OBJECT).await.unwrap();
    let headers: Vec<(&str, &str)> = parts
        .headers
        .iter()
        .filter(|(name, _)| *name != "content-length")
        .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
        .collect();
    let path = parts.uri.path_and_query().unwrap().as_str();
    let answer = faults
        .inner
        .request(parts.method.clone(), path, bytes, &headers)
        .await;
    let mut response = (answer.status, Body::from(answer.bytes)).into_response();
    for (name, value) in &answer.headers {
        if name != "transfer-encoding" && name != "connection" {
            response.headers_mut().insert(name, value.clone());
        }
    }
    response
}
