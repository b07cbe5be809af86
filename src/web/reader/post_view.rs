//! The page of a post: the article, its thread and the comment form. Reads what the page needs and
//! renders it; never changes anything.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use url::form_urlencoded;

use crate::accounts::permissions::{Action, Actor};
use crate::error::Error;
use crate::linkbacks::protocol::trackback;
use crate::markup::sanitise::SafeHtml;
use crate::posts::find;
use crate::posts::inner_links;
use crate::responses::discussion::{accepts_comments, accepts_linkbacks, next_closing};
use crate::responses::thread::{self, Reactions, ThreadPage};
use crate::store::changes::CacheTag;
use crate::store::entity::ids::ResponseId;
use crate::store::entity::post::Model as Post;
use crate::store::entity::response::ResponseState;
use crate::store::entity::{tag, user};
use crate::store::posts::{self, PostLine};
use crate::store::users;
use crate::ui::frame::PageFrame;
use crate::ui::pager::{self, pager};
use crate::ui::reader_page::reader_page;
use crate::ui::text_block::stored_text;
use crate::ui::when;
use crate::web::cacheable::Cacheable;
use crate::web::reader::single_response;
use crate::web::respond::PageResult;
use crate::web::state::Web;
use crate::web::views::comment_form::{CommentForm, comment_form};
use crate::web::views::facepile::facepile;
use crate::web::views::response_item::{Thread, response_list};
use crate::web::views::text_limit;

/// What a post's page shows.
pub struct PostView<'a> {
    pub post: &'a Post,
    /// The page of its thread, from 1.
    pub page: u64,
    /// The reader's own response, shown even while it is pending.
    pub own: Option<ResponseId>,
    pub form: CommentForm<'a>,
    /// 200, or what is wrong with the comment that was sent.
    pub status: StatusCode,
}

/// Renders a post's page.
pub async fn post_page(web: &Web, visitor: Option<&user::Model>, view: PostView<'_>) -> PageResult {
    let post = view.post;
    let db = web.app.store.read();
    let site = web.site_name().await?;
    let mut thread = thread::page_thread(&web.app, post.id, view.page, view.own)
        .await?
        .ok_or(Error::NotFound("page"))?;
    let permalink = find::permalink(&web.app, post);
    let shown = thread
        .rows
        .iter_mut()
        .filter(|row| Some(row.id) != view.own);
    let texts = shown.map(|row| {
        let address = format!("{permalink}{}", single_response::segment(row.id));
        (&mut row.body_html, address)
    });
    text_limit::limit_texts(texts.collect(), &web.texts.text("show-whole"));
    let author = users::find(db, post.author_id).await?;
    let tags = find::tags_of(&web.app, post.id).await?;
    let published = post.published_at.unwrap_or(post.created_at);
    let neighbours = posts::list_neighbours(db, post.id, published).await?;
    let accepts_linkbacks = accepts_linkbacks(&web.app, post);
    let mentioning = inner_links::list_mentioning(&web.app, post.id).await?;
    let reactions = thread::list_reactions(&web.app, post.id).await?;
    let main = html! {
        (article(web, post, author.as_ref(), &tags))
        @if accepts_linkbacks { (trackback_note(web, post, &permalink)) }
        (mentioned_in(web, &mentioning))
        (neighbour_links(web, &neighbours))
        (conversation(web, &permalink, &thread, &reactions, accepts_linkbacks, &view))
    };
    let edit = visitor
        .filter(|user| {
            let actor = Actor::from(*user);
            actor.may(Action::PublishOwnPosts) && actor.must_write_post_of(post.author_id).is_ok()
        })
        .map(|_| format!("/desk/posts/{}/edit", post.id));
    let frame = PageFrame {
        title: Some(&post.title),
        description: Some(&post.summary),
        canonical: Some(&permalink),
        head: head(web, post, &permalink, accepts_linkbacks, &view),
        visitor,
        edit,
        ..web.frame(&site)
    };
    let mut response = (view.status, reader_page(&frame, &main)).into_response();
    if accepts_linkbacks {
        advertise(web, &mut response);
    }
    if view.own.is_none() && view.status == StatusCode::OK {
        response.extensions_mut().insert(Cacheable {
            tags: vec![CacheTag::Identity, CacheTag::Posts, CacheTag::Post(post.id)],
            until: next_closing(&web.app, post),
        });
    }
    Ok(response)
}

/// The headers by which other sites find where this post accepts linkbacks.
fn advertise(web: &Web, response: &mut Response) {
    let headers = response.headers_mut();
    if let Ok(server) = HeaderValue::from_str(&pingback_server(web)) {
        headers.insert(HeaderName::from_static("x-pingback"), server);
    }
    let link = format!("<{}>; rel=\"webmention\"", webmention_endpoint(web));
    if let Ok(link) = HeaderValue::from_str(&link) {
        headers.insert(header::LINK, link);
    }
}

fn webmention_endpoint(web: &Web) -> String {
    web.app.urls.absolute("/webmention")
}

fn pingback_server(web: &Web) -> String {
    web.app.urls.absolute("/xmlrpc.php")
}

fn head(
    web: &Web,
    post: &Post,
    permalink: &str,
    accepts_linkbacks: bool,
    view: &PostView<'_>,
) -> Markup {
    let title = web
        .texts
        .with("responses-feed", &[("title", post.title.as_str().into())]);
    html! {
        @if accepts_linkbacks {
            link rel="pingback" href=(pingback_server(web));
            link rel="webmention" href=(webmention_endpoint(web));
            link rel="trackback" href={ (web.app.urls.absolute(permalink)) "trackback/" };
        }
        link rel="alternate" type="application/rss+xml" title=(title) href={ (web.app.urls.absolute(permalink)) "feed/" };
        link rel="shortlink" href={ (web.app.urls.absolute("/")) "?p=" (post.id) };
        meta property="og:type" content="article";
        meta property="og:title" content=(post.title);
        meta property="og:url" content=(web.app.urls.absolute(permalink));
        @if view.form.parent.is_some() || view.own.is_some() {
            meta name="robots" content="noindex";
        }
    }
}

fn article(web: &Web, post: &Post, author: Option<&user::Model>, tags: &[tag::Model]) -> Markup {
    let zone = web.app.urls.zone();
    html! {
        article.post.h-entry {
            header {
                h1.p-name dir="auto" { (post.title) }
                p.meta {
                    @if let Some(at) = post.published_at {
                        time.dt-published datetime=(at.rfc3339()) { (when::day(at, zone)) }
                    }
                    @if let Some(author) = author {
                        " "
                        a.p-author.h-card rel="author" href={ "/author/" (author.slug) "/" } {
                            (web.texts.around("by-author", ("name", &author.name), &[]))
                        }
                    }
                }
            }
            div.e-content.text dir="auto" { (stored_text(&web.texts, &post.body_html)) }
            @if !tags.is_empty() {
                footer {
                    ul.tags aria-label=(web.texts.text("tags")) {
                        @for tag in tags {
                            li { a.p-category rel="tag" dir="auto" href={ "/tag/" (tag.slug) "/" } { (tag.name) } }
                        }
                    }
                }
            }
        }
    }
}

fn neighbour_links(web: &Web, (older, newer): &(Option<PostLine>, Option<PostLine>)) -> Markup {
    let link = |post: &PostLine, message| {
        let title = web.texts.around(message, ("title", &post.title), &[]);
        (find::permalink_of_line(&web.app, post), title)
    };
    html! {
        @if older.is_some() || newer.is_some() {
            nav.neighbours aria-label=(web.texts.text("neighbours")) {
                @if let Some(post) = older {
                    @let (href, title) = link(post, "previous-post");
                    a rel="prev" href=(href) { (title) }
                }
                @if let Some(post) = newer {
                    @let (href, title) = link(post, "next-post");
                    a rel="next" href=(href) { (title) }
                }
            }
        }
    }
}

/// The trackback address, for programs that look for it in a comment.
fn trackback_note(web: &Web, post: &Post, permalink: &str) -> SafeHtml {
    let address = web.app.urls.absolute(permalink);
    SafeHtml::comment(&trackback::rdf(
        &address,
        &post.title,
        &format!("{address}trackback/"),
    ))
}

fn mentioned_in(web: &Web, posts: &[PostLine]) -> Markup {
    html! {
        @if !posts.is_empty() {
            p.mentioned-in {
                (web.texts.text("mentioned-in")) " "
                @for (place, post) in posts.iter().enumerate() {
                    @if place > 0 { ", " }
                    a href=(find::permalink_of_line(&web.app, post)) { bdi { (post.title) } }
                }
            }
        }
    }
}

fn conversation(
    web: &Web,
    permalink: &str,
    thread: &ThreadPage,
    reactions: &Reactions,
    accepts_linkbacks: bool,
    view: &PostView<'_>,
) -> Markup {
    let texts = &web.texts;
    let open = accepts_comments(&web.app, view.post);
    let is_own_pending = thread
        .rows
        .iter()
        .any(|row| row.state == ResponseState::Pending);
    let common = Thread {
        web,
        permalink,
        page: thread.page,
        post_author: view.post.author_id,
        open,
    };
    let title = view.post.title.as_str();
    let address = |page: u64| match page {
        0 | 1 => format!("{permalink}#comments"),
        page => format!("{permalink}comment-page-{page}/#comments"),
    };
    html! {
        section #comments {
            @if is_own_pending {
                div.received role="status" {
                    p { strong { (texts.text("received-title")) } }
                    p { (texts.text("received-pending")) }
                }
            }
            h2 {
                (texts.around("responses-heading", ("title", title), &[("count", thread.total.into())]))
            }
            (facepile(web, reactions))
            // The first button of a form is the one that Enter presses: not one of the replies below.
            @if open { button type="submit" form="comment-form" name="do" value="send" hidden { (texts.text("button-send")) } }
            @if !thread.rows.is_empty() { (response_list(&common, &thread::nest(&thread.rows))) }
            (pager(texts, thread.page, thread.pages, &address, &pager::RESPONSES))
        }
        @if open { (comment_form(web, permalink, &view.form)) }
        @else {
            @if !view.form.problems.is_empty() { (comment_form(web, permalink, &view.form)) }
            @else { p.closed #respond { (texts.text("respond-closed")) } }
        }
        @if accepts_linkbacks {
            @let target: String = form_urlencoded::byte_serialize(web.app.urls.absolute(permalink).as_bytes()).collect();
            p.elsewhere {
                a href={ "/webmention?target=" (target) } rel="nofollow" { (texts.text("mention-invite")) }
            }
        }
    }
}
