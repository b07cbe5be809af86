//! Another blog: a real server on loopback that serves what a test puts on it and counts requests.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A blog.
pub struct Neighbour {
    /// Its port on 127.0.0.1.
    pub port: u16,
    shown: Arc<Shown>,
    server: JoinHandle<()>,
}

#[derive(Default)]
struct Shown {
    pages: Mutex<HashMap<String, Answer>>,
    visits: Mutex<Vec<String>>,
    posts: Mutex<Vec<Posted>>,
}

#[derive(Clone)]
struct Answer {
    status: u16,
    media_type: &'static str,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    wait: Duration,
}

/// What was posted here.
#[derive(Clone, Debug)]
pub struct Posted {
    /// The path and the query.
    pub to: String,
    /// As it came.
    pub body: String,
}

impl Posted {
    /// The first value of a field of a form.
    pub fn field(&self, name: &str) -> String {
        url::form_urlencoded::parse(self.body.as_bytes())
            .find(|(key, _)| key == name)
            .map_or_else(String::new, |(_, value)| value.into_owned())
    }
}

impl Neighbour {
    /// Starts one that shows nothing yet.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shown = Arc::new(Shown::default());
        let router = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&shown));
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            port,
            shown,
            server,
        }
    }

    /// The address of a page.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Shows an HTML page.
    pub fn show(&self, path: &str, html: &str) -> String {
        self.show_as(
            path,
            200,
            "text/html; charset=utf-8",
            html.as_bytes(),
            Duration::ZERO,
        )
    }

    /// Shows anything, after a wait.
    pub fn show_as(
        &self,
        path: &str,
        status: u16,
        media_type: &'static str,
        body: &[u8],
        wait: Duration,
    ) -> String {
        let answer = Answer {
            status,
            media_type,
            headers: Vec::new(),
            body: body.to_owned(),
            wait,
        };
        self.put(path, answer)
    }

    /// Shows text with headers of its own; `/path?query` is a page of its own where it is shown.
    pub fn show_with(
        &self,
        path: &str,
        status: u16,
        headers: &[(&str, &str)],
        body: &str,
    ) -> String {
        let answer = Answer {
            status,
            media_type: "text/html; charset=utf-8",
            headers: headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            body: body.as_bytes().to_vec(),
            wait: Duration::ZERO,
        };
        self.put(path, answer)
    }

    fn put(&self, path: &str, answer: Answer) -> String {
        let mut pages = self.shown.pages.lock().unwrap();
        pages.insert(path.to_owned(), answer);
        self.url(path)
    }

    /// What was posted here, in order.
    pub fn posts(&self) -> Vec<Posted> {
        self.shown.posts.lock().unwrap().clone()
    }

    /// The requested paths, in order.
    pub fn visits(&self) -> Vec<String> {
        self.shown.visits.lock().unwrap().clone()
    }

    /// The setting that lets the site fetch from here.
    pub fn allowed(&self) -> String {
        format!(
            "[linkbacks]\nfetch_allow = [\"127.0.0.1/32:{}\"]\n",
            self.port
        )
    }
}

impl Drop for Neighbour {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn answer(State(shown): State<Arc<Shown>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let to = request.uri().to_string();
    let tag = request.headers().get("if-none-match").cloned();
    let answer = {
        let pages = shown.pages.lock().unwrap();
        pages.get(&to).or_else(|| pages.get(&path)).cloned()
    };
    shown.visits.lock().unwrap().push(path);
    if request.method() == axum::http::Method::POST {
        let body = to_bytes(request.into_body(), 1 << 20).await.unwrap();
        let body = String::from_utf8_lossy(&body).into_owned();
        shown.posts.lock().unwrap().push(Posted { to, body });
    }
    let Some(answer) = answer else {
        return axum::http::StatusCode::NOT_FOUND.into_response();
    };
    tokio::time::sleep(answer.wait).await;
    let unchanged = answer
        .headers
        .iter()
        .any(|(name, value)| name == "etag" && tag.as_ref().is_some_and(|tag| tag == value));
    if unchanged {
        return axum::http::StatusCode::NOT_MODIFIED.into_response();
    }
    let status = axum::http::StatusCode::from_u16(answer.status).unwrap();
    let mut response = (status, [("content-type", answer.media_type)], answer.body).into_response();
    for (name, value) in answer.headers {
        let name: axum::http::HeaderName = name.parse().unwrap();
        let value = value.parse().unwrap();
        if name == "content-type" {
            response.headers_mut().insert(name, value);
        } else {
            response.headers_mut().append(name, value);
        }
    }
    response
}
