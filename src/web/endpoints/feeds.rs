//! Feeds of posts and of responses.

use std::collections::HashMap;

use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use crate::clock::Moment;
use crate::error::Result;
use crate::feeds::{self, Entry, Feed};
use crate::posts::find;
use crate::store::changes::Part;
use crate::store::entity::ids::PostId;
use crate::store::posts::{self, PostLine};
use crate::store::thread::{self, ThreadRow};
use crate::web::cache::Cacheable;
use crate::web::reader::post::{Permalink, find_post};
use crate::web::respond::PageResult;
use crate::web::state::Web;

/// `GET /feed/`
pub async fn posts_as_rss(State(web): State<Web>) -> PageResult {
    let feed = posts_feed(&web, "/feed/").await?;
    Ok(answer(
        feeds::rss::render(&feed),
        feeds::rss::MEDIA_TYPE,
        POSTS.to_vec(),
    ))
}

/// `GET /feed/atom/`
pub async fn posts_as_atom(State(web): State<Web>) -> PageResult {
    let feed = posts_feed(&web, "/feed/atom/").await?;
    Ok(answer(
        feeds::atom::render(&feed),
        feeds::atom::MEDIA_TYPE,
        POSTS.to_vec(),
    ))
}

/// `GET /feed.json`
pub async fn posts_as_json(State(web): State<Web>) -> PageResult {
    let feed = posts_feed(&web, "/feed.json").await?;
    Ok(answer(
        feeds::json::render(&feed),
        feeds::json::MEDIA_TYPE,
        POSTS.to_vec(),
    ))
}

/// `GET /comments/feed/`
pub async fn responses_as_rss(State(web): State<Web>) -> PageResult {
    let feed = responses_feed(&web, "/comments/feed/").await?;
    Ok(answer(
        feeds::rss::render(&feed),
        feeds::rss::MEDIA_TYPE,
        RESPONSES.to_vec(),
    ))
}

/// `GET /comments/feed/atom/`
pub async fn responses_as_atom(State(web): State<Web>) -> PageResult {
    let feed = responses_feed(&web, "/comments/feed/atom/").await?;
    Ok(answer(
        feeds::atom::render(&feed),
        feeds::atom::MEDIA_TYPE,
        RESPONSES.to_vec(),
    ))
}

/// `GET /YYYY/MM/DD/SLUG/feed/`
pub async fn post_responses_as_rss(
    State(web): State<Web>,
    Path(permalink): Path<Permalink>,
) -> PageResult {
    let post = match find_post(&web, &permalink, "feed/").await? {
        Ok(post) => post,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let path = find::permalink(&web.app, &post);
    let limit = web.app.config.site.feed_entries;
    let rows = thread::list_newest(web.app.store.read(), Some(post.id), limit).await?;
    let title = web
        .texts
        .with("responses-feed", &[("title", post.title.as_str().into())]);
    let entries: Vec<Entry> = rows
        .into_iter()
        .map(|row| response_entry(&web, row, &path, &post.title))
        .collect();
    let feed = Feed {
        title,
        description: String::new(),
        home: web.app.urls.absolute(&path),
        address: web.app.urls.absolute(&format!("{path}feed/")),
        language: web.texts.language(),
        updated: newest(&entries, post.updated_at),
        entries,
    };
    let parts = vec![Part::Identity, Part::Posts, Part::Post(post.id)];
    Ok(answer(
        feeds::rss::render(&feed),
        feeds::rss::MEDIA_TYPE,
        parts,
    ))
}

const POSTS: [Part; 2] = [Part::Identity, Part::Posts];
const RESPONSES: [Part; 3] = [Part::Identity, Part::Posts, Part::Responses];

async fn posts_feed(web: &Web, path: &str) -> Result<Feed> {
    let site = web.site_name().await?;
    let rows = posts::list_newest(web.app.store.read(), web.app.config.site.feed_entries).await?;
    let authors = find::author_names(&web.app, rows.iter().map(|post| post.author_id)).await?;
    let entries: Vec<Entry> = rows
        .into_iter()
        .map(|post| {
            let permalink = web.app.urls.absolute(&find::permalink(&web.app, &post));
            Entry {
                id: web.app.urls.absolute(&format!("/?p={}", post.id)),
                responses_feed: Some(format!("{permalink}feed/")),
                address: permalink,
                author: authors.get(&post.author_id).cloned().unwrap_or_default(),
                published: post.published_at.unwrap_or(post.created_at),
                updated: post.updated_at,
                title: post.title,
                summary: post.summary,
                html: post.body_html,
            }
        })
        .collect();
    Ok(Feed {
        title: site.name,
        description: site.tagline,
        home: web.app.urls.absolute("/"),
        address: web.app.urls.absolute(path),
        language: web.texts.language(),
        updated: newest(&entries, Moment(0)),
        entries,
    })
}

async fn responses_feed(web: &Web, path: &str) -> Result<Feed> {
    let site = web.site_name().await?;
    let db = web.app.store.read();
    let rows = thread::list_newest(db, None, web.app.config.site.feed_entries).await?;
    let mut ids: Vec<PostId> = rows.iter().map(|row| row.post_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let posts: HashMap<PostId, PostLine> = posts::list_by_ids(db, &ids)
        .await?
        .into_iter()
        .map(|post| (post.id, post))
        .collect();
    let entries: Vec<Entry> = rows
        .into_iter()
        .filter_map(|row| {
            let post = posts
                .get(&row.post_id)
                .filter(|post| post.state == crate::store::entity::post::PostState::Published)?;
            let path = find::permalink_of_line(&web.app, post);
            Some(response_entry(web, row, &path, &post.title))
        })
        .collect();
    Ok(Feed {
        title: format!("{}: {}", site.name, web.texts.text("all-responses-feed")),
        description: site.tagline,
        home: web.app.urls.absolute("/"),
        address: web.app.urls.absolute(path),
        language: web.texts.language(),
        updated: newest(&entries, Moment(0)),
        entries,
    })
}

fn response_entry(web: &Web, row: ThreadRow, permalink: &str, post_title: &str) -> Entry {
    let address = web
        .app
        .urls
        .absolute(&format!("{permalink}#comment-{}", row.id));
    Entry {
        id: address.clone(),
        address,
        title: format!("{} – {post_title}", row.author_name),
        author: row.author_name,
        published: row.created_at,
        updated: row.created_at,
        summary: String::new(),
        html: row.body_html,
        responses_feed: None,
    }
}

fn newest(entries: &[Entry], otherwise: Moment) -> Moment {
    entries
        .iter()
        .map(|entry| entry.updated)
        .max()
        .unwrap_or(otherwise)
}

fn answer(body: String, media_type: &'static str, parts: Vec<Part>) -> Response {
    let mut response = body.into_response();
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
        .extensions_mut()
        .insert(Cacheable { parts, until: None });
    response
}
