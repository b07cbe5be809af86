//! Another blog: a real server on loopback that shows what a test puts on it and counts who came.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
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
}

#[derive(Clone)]
struct Answer {
    status: u16,
    media_type: &'static str,
    body: Vec<u8>,
    wait: Duration,
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
            body: body.to_owned(),
            wait,
        };
        self.shown
            .pages
            .lock()
            .unwrap()
            .insert(path.to_owned(), answer);
        self.url(path)
    }

    /// Which paths were asked for, in order.
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
    let answer = shown.pages.lock().unwrap().get(&path).cloned();
    shown.visits.lock().unwrap().push(path);
    let Some(answer) = answer else {
        return axum::http::StatusCode::NOT_FOUND.into_response();
    };
    tokio::time::sleep(answer.wait).await;
    let status = axum::http::StatusCode::from_u16(answer.status).unwrap();
    (status, [("content-type", answer.media_type)], answer.body).into_response()
}
