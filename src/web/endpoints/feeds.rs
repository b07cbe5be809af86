//! Feeds of posts and of responses. Shows only what readers see.

use std::collections::HashMap;

use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use url::Url;

use crate::clock::Moment;
use crate::error::Result;
use crate::feeds::{self, Feed, FeedEntry};
use crate::markup::excerpt::leading_excerpt;
use crate::markup::{absolute, plain};
use crate::posts::find;
use crate::store::changes::CacheTag;
use crate::store::entity::ids::PostId;
use crate::store::posts::{self, PostLine};
use crate::store::settings::{self, Setting};
use crate::store::thread::{self, ThreadRow};
use crate::store::{guids, tags};
use crate::urls::comment_link;
use crate::web::cacheable::Cacheable;
use crate::web::reader::permalink::{Address, find_post};
use crate::web::respond::PageResult;
use crate::web::state::Web;
use crate::web::views::text_limit;

/// The summary of a response, in characters.
const MAX_SUMMARY: usize = 300;

/// `GET /feed/`
pub async fn posts_as_rss(State(web): State<Web>) -> PageResult {
    let feed = posts_feed(&web, "/feed/").await?;
    Ok(answer(
        feeds::rss::render(&feed.bounded(feeds::MAX_FEED)),
        feeds::rss::MEDIA_TYPE,
        POSTS.to_vec(),
    ))
}

/// `GET /feed/atom/`
pub async fn posts_as_atom(State(web): State<Web>) -> PageResult {
    let feed = posts_feed(&web, "/feed/atom/").await?;
    Ok(answer(
        feeds::atom::render(&feed.bounded(feeds::MAX_FEED)),
        feeds::atom::MEDIA_TYPE,
        POSTS.to_vec(),
    ))
}

/// `GET /feed.json`
pub async fn posts_as_json(State(web): State<Web>) -> PageResult {
    let feed = posts_feed(&web, "/feed.json").await?;
    Ok(answer(
        feeds::json::render(&feed.bounded(feeds::MAX_FEED)),
        feeds::json::MEDIA_TYPE,
        POSTS.to_vec(),
    ))
}

/// `GET /comments/feed/`
pub async fn responses_as_rss(State(web): State<Web>) -> PageResult {
    let feed = responses_feed(&web, "/comments/feed/").await?;
    Ok(answer(
        feeds::rss::render(&feed.bounded(feeds::MAX_FEED)),
        feeds::rss::MEDIA_TYPE,
        RESPONSES.to_vec(),
    ))
}

/// `GET /comments/feed/atom/`
pub async fn responses_as_atom(State(web): State<Web>) -> PageResult {
    let feed = responses_feed(&web, "/comments/feed/atom/").await?;
    Ok(answer(
        feeds::atom::render(&feed.bounded(feeds::MAX_FEED)),
        feeds::atom::MEDIA_TYPE,
        RESPONSES.to_vec(),
    ))
}

/// `GET /YYYY/MM/DD/SLUG/feed/` and `GET /PAGE/feed/`
pub async fn post_responses_as_rss(
    State(web): State<Web>,
    Path(address): Path<Address>,
) -> PageResult {
    let post = match find_post(&web, &address, "feed/").await? {
        Ok(post) => post,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let path = find::permalink(&web.app, &post);
    let limit = web.app.settings().general.feed_entries;
    let rows = thread::list_newest(web.app.store.read(), Some(post.id), limit).await?;
    let title = web
        .texts
        .with("responses-feed", &[("title", post.title.as_str().into())]);
    let mut entries: Vec<FeedEntry> = rows
        .into_iter()
        .map(|row| response_entry(&web, row, &path, &post.title))
        .collect();
    let feed_path = format!("/?p={}&feed", post.id);
    bound(&web, &mut entries);
    let feed = Feed {
        id: feed_id(&web, &feed_path).await?,
        title,
        description: String::new(),
        home: web.app.urls.absolute(&path),
        address: web.app.urls.absolute(&format!("{path}feed/")),
        language: web.texts.language(),
        updated: newest(&entries, post.updated_at),
        entries,
    };
    let tags = vec![CacheTag::Identity, CacheTag::Posts, CacheTag::Post(post.id)];
    Ok(answer(
        feeds::rss::render(&feed.bounded(feeds::MAX_FEED)),
        feeds::rss::MEDIA_TYPE,
        tags,
    ))
}

const POSTS: [CacheTag; 2] = [CacheTag::Identity, CacheTag::Posts];
const RESPONSES: [CacheTag; 3] = [CacheTag::Identity, CacheTag::Posts, CacheTag::Responses];

async fn posts_feed(web: &Web, path: &str) -> Result<Feed> {
    let site = web.site_name().await?;
    let rows = posts::list_newest(
        web.app.store.read(),
        web.app.settings().general.feed_entries,
    )
    .await?;
    let authors = find::author_names(&web.app, rows.iter().map(|post| post.author_id)).await?;
    let ids: Vec<PostId> = rows.iter().map(|post| post.id).collect();
    let mut tags: HashMap<PostId, Vec<String>> = HashMap::new();
    for (post, tag) in tags::list_for_posts(web.app.store.read(), &ids).await? {
        tags.entry(post).or_default().push(tag.name);
    }
    let mut entries: Vec<FeedEntry> = rows
        .into_iter()
        .map(|post| {
            let path = find::permalink(&web.app, &post);
            let permalink = web.app.urls.absolute(&path);
            FeedEntry {
                id: post.guid,
                html: absolute_html(web, &path, post.body_html),
                tags: tags.remove(&post.id).unwrap_or_default(),
                responses_feed: Some(format!("{permalink}feed/")),
                address: permalink,
                author: authors.get(&post.author_id).cloned().unwrap_or_default(),
                published: post.published_at.unwrap_or(post.created_at),
                updated: post.updated_at,
                title: post.title,
                summary: post.summary,
            }
        })
        .collect();
    bound(web, &mut entries);
    Ok(Feed {
        id: feed_id(web, path).await?,
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
    let rows = thread::list_newest(db, None, web.app.settings().general.feed_entries).await?;
    let mut ids: Vec<PostId> = rows.iter().map(|row| row.post_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let posts: HashMap<PostId, PostLine> = posts::list_by_ids(db, &ids)
        .await?
        .into_iter()
        .map(|post| (post.id, post))
        .collect();
    let mut entries: Vec<FeedEntry> = rows
        .into_iter()
        .filter_map(|row| {
            let post = posts
                .get(&row.post_id)
                .filter(|post| post.state == crate::store::entity::post::PostState::Published)?;
            let path = find::permalink_of_line(&web.app, post);
            Some(response_entry(web, row, &path, &post.title))
        })
        .collect();
    bound(web, &mut entries);
    Ok(Feed {
        id: feed_id(web, path).await?,
        title: format!("{}: {}", site.name, web.texts.text("all-responses-feed")),
        description: site.tagline,
        home: web.app.urls.absolute("/"),
        address: web.app.urls.absolute(path),
        language: web.texts.language(),
        updated: newest(&entries, Moment(0)),
        entries,
    })
}

fn response_entry(web: &Web, row: ThreadRow, permalink: &str, post_title: &str) -> FeedEntry {
    let address = web.app.urls.absolute(&comment_link(row.id));
    let text = plain::text_of(&row.body_html);
    FeedEntry {
        id: row.guid,
        summary: leading_excerpt(&text, MAX_SUMMARY),
        html: absolute_html(web, permalink, row.body_html),
        tags: Vec::new(),
        address,
        title: format!("{} – {post_title}", row.author_name),
        author: row.author_name,
        published: row.created_at,
        updated: row.created_at,
        responses_feed: None,
    }
}

/// The id of a feed, which never changes.
async fn feed_id(web: &Web, path: &str) -> Result<String> {
    let site = settings::find(web.app.store.read(), Setting::SiteId).await?;
    Ok(guids::feed_id(&site.unwrap_or_default(), path))
}

/// The HTML of the page at `path`, with absolute addresses.
fn absolute_html(web: &Web, path: &str, html: String) -> String {
    match Url::parse(&web.app.urls.absolute(path)) {
        Ok(page) => absolute::absolute(&html, &page),
        Err(_) => html,
    }
}

/// Limits the size of a feed to that of a page.
fn bound(web: &Web, entries: &mut [FeedEntry]) {
    let texts = entries
        .iter_mut()
        .map(|entry| (&mut entry.html, entry.address.clone()));
    text_limit::limit_texts(texts.collect(), &web.texts.text("show-whole"));
}

fn newest(entries: &[FeedEntry], otherwise: Moment) -> Moment {
    entries
        .iter()
        .map(|entry| entry.updated)
        .max()
        .unwrap_or(otherwise)
}

fn answer(body: String, media_type: &'static str, tags: Vec<CacheTag>) -> Response {
    let mut response = body.into_response();
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
        .extensions_mut()
        .insert(Cacheable { tags, until: None });
    response
}
