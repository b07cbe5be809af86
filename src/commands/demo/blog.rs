//! A second small site: a blog with one post, which links to the news site and tells it so.

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use maud::{DOCTYPE, html};
use tokio::net::TcpListener;
use url::Url;

use crate::linkbacks::protocol::discovery::discover;
use crate::linkbacks::protocol::pingback::{parse_response, ping_request};
use crate::linkbacks::protocol::source::Document;
use crate::net::fetch::{Conditions, FetchLimits, Fetcher};
use crate::net::guard::Guard;

/// The blog, answering.
pub(super) struct Blog {
    /// Its post.
    pub(super) page: String,
}

/// Starts the blog; its post links to `target`.
pub(super) fn start(listener: TcpListener, target: &str) -> Blog {
    let port = listener.local_addr().map_or(0, |address| address.port());
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                title { "Notes from the margin: Who is at the table?" }
            }
            body {
                h1 { "Who is at the table?" }
                p {
                    "I have sat through enough round tables to doubt the shape of the furniture. So I was glad to find "
                    a href=(target) { "a careful look at what multi-stakeholder initiatives achieve" }
                    ", with more open questions than answers. The one about who leaves, and why, deserves a study of its own."
                }
                p { "More on this when I have read the notes." }
            }
        }
    }
    .into_string();
    let router = Router::new().route(
        "/who-is-at-the-table",
        get(move || {
            let page = page.clone();
            async move { Html(page) }
        }),
    );
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::warn!(%error, "serve the blog");
        }
    });
    Blog {
        page: format!("http://127.0.0.1:{port}/who-is-at-the-table"),
    }
}

/// Finds the pingback server of `target` as the specification has it, and tells it of the blog's
/// post.
pub(super) async fn ping(blog: &Blog, target: &str) -> Result<String, Box<dyn std::error::Error>> {
    let target = Url::parse(target)?;
    let port = target
        .port_or_known_default()
        .ok_or("the site has no port")?;
    let allowed = [
        format!("127.0.0.0/8:{port}").parse()?,
        format!("::1/128:{port}").parse()?,
    ];
    let guard = Guard::new(allowed.into(), Vec::new());
    let fetcher = Fetcher::new(
        guard,
        FetchLimits::default(),
        None,
        "Notes from the margin".to_owned(),
    )?;
    let fetched = fetcher.get(&target, Conditions::default()).await?;
    let server = {
        let document = Document::read(&fetched.body, fetched.content_type());
        discover(&fetched.headers, Some(&document), &fetched.url).pingback
    }
    .ok_or("the post takes no pingbacks")?;
    let request = ping_request(&blog.page, target.as_str());
    let answer = fetcher
        .post(&server, "text/xml", request.into_bytes(), "text/xml")
        .await?;
    parse_response(&answer.body).map_err(|answered| format!("{answered:?}").into())
}
