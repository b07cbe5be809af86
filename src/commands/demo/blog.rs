//! The second site of the demo: a blog whose pages link to the news site, and which sends it linkbacks.

use std::sync::Arc;

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use maud::{DOCTYPE, Markup, html};
use tokio::net::TcpListener;
use url::Url;

use crate::clock::Clock;
use crate::linkbacks::protocol::discovery::{Endpoints, discover};
use crate::linkbacks::protocol::document::Document;
use crate::linkbacks::protocol::pingback::{parse_response, ping_request};
use crate::linkbacks::protocol::webmention;
use crate::net::fetch::{FetchLimits, Fetcher, Validators};
use crate::net::guard::Guard;
use crate::net::host_limits::HostLimits;

/// A running blog.
pub(super) struct Blog {
    /// The address of its post, which sends a pingback.
    pub(super) page: String,
    /// The pages that send webmentions; the reply comes first.
    mentions: Vec<String>,
}

/// Pages that mention a post: path, author, microformats class of the link, text.
const MENTIONS: [(&str, &str, &str, &str); 4] = [
    (
        "/notes/late-entries",
        "Lena Fiedler",
        "u-in-reply-to",
        "We had the same hole in our first quarter. It was not a closed office, it was a form that nobody could find. The week it was linked from the front page, the numbers doubled.",
    ),
    ("/likes/1", "Lena Fiedler", "u-like-of", ""),
    ("/likes/2", "Marcus Odhiambo", "u-like-of", ""),
    ("/bookmarks/1", "Yuki", "u-bookmark-of", ""),
];

/// Starts the blog. Its post links to `target`, its other pages to `mentioned`.
pub(super) fn start(listener: TcpListener, target: &str, mentioned: &str) -> Blog {
    let port = listener.local_addr().map_or(0, |address| address.port());
    let post = html! {
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
    };
    let mut router = page(Router::new(), "/who-is-at-the-table", post);
    for (path, author, class, text) in MENTIONS {
        router = page(router, path, note(author, class, text, mentioned));
    }
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::warn!(%error, "serve the blog");
        }
    });
    let at = |path: &str| format!("http://127.0.0.1:{port}{path}");
    Blog {
        page: at("/who-is-at-the-table"),
        mentions: MENTIONS.iter().map(|(path, ..)| at(path)).collect(),
    }
}

fn page(router: Router, path: &str, page: Markup) -> Router {
    let page = page.into_string();
    router.route(
        path,
        get(move || {
            let page = page.clone();
            async move { Html(page) }
        }),
    )
}

fn note(author: &str, class: &str, text: &str, mentioned: &str) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head { meta charset="utf-8"; title { "A note by " (author) } }
            body {
                article.h-entry {
                    p { span.p-author.h-card { (author) } " on " a class=(class) href=(mentioned) { "this post" } ":" }
                    @if !text.is_empty() { p.e-content { (text) } }
                }
            }
        }
    }
}

/// Sends a webmention for each mentioning page, and returns the status page of the first one.
pub(super) async fn send_webmentions(
    blog: &Blog,
    target: &str,
) -> Result<String, Box<dyn std::error::Error>> {
    let target = Url::parse(target)?;
    let fetcher = fetcher(&target)?;
    let endpoint = discovered(&fetcher, &target)
        .await?
        .webmention
        .ok_or("the post does not accept webmentions")?;
    let mut statuses = Vec::new();
    for source in &blog.mentions {
        let body = webmention::form_body(source, target.as_str()).into_bytes();
        let form = "application/x-www-form-urlencoded";
        let answer = fetcher.post(&endpoint, form, body, "text/plain").await?;
        statuses.extend(answer.header("location").map(str::to_owned));
    }
    statuses
        .into_iter()
        .next()
        .ok_or_else(|| "no webmention was accepted".into())
}

/// Finds the pingback server of `target` and sends it a pingback from the blog's post. Returns its answer.
pub(super) async fn send_pingback(
    blog: &Blog,
    target: &str,
) -> Result<String, Box<dyn std::error::Error>> {
    let target = Url::parse(target)?;
    let fetcher = fetcher(&target)?;
    let server = discovered(&fetcher, &target)
        .await?
        .pingback
        .ok_or("the post does not accept pingbacks")?;
    let request = ping_request(&blog.page, target.as_str());
    let answer = fetcher
        .post(&server, "text/xml", request.into_bytes(), "text/xml")
        .await?;
    parse_response(&answer.body).map_err(|answered| format!("{answered:?}").into())
}

/// A fetcher that reaches the site of `target` and nothing else.
fn fetcher(target: &Url) -> Result<Fetcher, Box<dyn std::error::Error>> {
    let port = target
        .port_or_known_default()
        .ok_or("the site has no port")?;
    let allowed = [
        format!("127.0.0.0/8:{port}").parse()?,
        format!("::1/128:{port}").parse()?,
    ];
    Ok(Fetcher::new(
        Guard::new(allowed.into(), Vec::new()),
        FetchLimits::default(),
        None,
        "Notes from the margin".to_owned(),
        Arc::new(HostLimits::new(Clock::system(), 0, 0)),
    )?)
}

async fn discovered(
    fetcher: &Fetcher,
    target: &Url,
) -> Result<Endpoints, Box<dyn std::error::Error>> {
    let fetched = fetcher.get(target, Validators::default()).await?;
    let document = Document::read(&fetched.body, fetched.content_type());
    Ok(discover(&fetched.headers, Some(&document), &fetched.url))
}
