//! The page of a post: the article, its thread and the comment form. Reads what the page needs and
//! renders it; never changes anything.

use std::iter;

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use url::form_urlencoded;

use crate::accounts::permissions::{Action, Actor};
use crate::error::Error;
use crate::linkbacks::protocol::trackback;
use crate::markup::pictures::OwnPicture;
use crate::markup::sanitise::SafeHtml;
use crate::media::uses;
use crate::posts::find;
use crate::posts::inner_links;
use crate::posts::related;
use crate::responses::discussion::{accepts_comments, accepts_linkbacks, next_closing};
use crate::responses::thread::{self, Reactions, ThreadPage};
use crate::store::changes::CacheTag;
use crate::store::entity::ids::{PostId, ResponseId};
use crate::store::entity::post::Model as Post;
use crate::store::entity::response::ResponseState;
use crate::store::entity::user;
use crate::store::posts::{self, PostLine};
use crate::store::users;
use crate::ui::frame::PageFrame;
use crate::ui::pager::{self, pager};
use crate::ui::reader_page::reader_page;
use crate::web::cacheable::Cacheable;
use crate::web::reader::single_response;
use crate::web::respond::PageResult;
use crate::web::state::Web;
use crate::web::views::article::article;
use crate::web::views::comment_form::{CommentForm, comment_form};
use crate::web::views::facepile::facepile;
use crate::web::views::related::{neighbour_links, related_posts};
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
    let permalink = find::permalink(&web.app, post);
    let thread = read_thread(web, &permalink, &view).await?;
    let author = users::find(db, post.author_id).await?;
    let tags = find::tags_of(&web.app, post.id).await?;
    let related = related::list_related(&web.app, post.id, &tags).await?;
    let with_pictures: Vec<PostId> = iter::once(post.id)
        .chain(related.iter().map(|line| line.id))
        .collect();
    let pictures = uses::list_featured(&web.app, &with_pictures).await?;
    let featured = pictures.get(&post.id);
    let published = post.published_at.unwrap_or(post.created_at);
    let neighbours = posts::list_neighbours(db, post.id, published).await?;
    let accepts_linkbacks = accepts_linkbacks(&web.app, post);
    let mentioning = inner_links::list_mentioning(&web.app, post.id).await?;
    let reactions = thread::list_reactions(&web.app, post.id).await?;
    let has_form = accepts_comments(&web.app, post) || !view.form.problems.is_empty();
    let main = html! {
        (article(web, post, author.as_ref(), &tags, featured, has_form))
        @if accepts_linkbacks { (trackback_note(web, post, &permalink)) }
        (mentioned_in(web, &mentioning))
        (conversation(web, &permalink, &thread, &reactions, accepts_linkbacks, &view))
        (related_posts(web, &related, &pictures))
        (neighbour_links(web, &neighbours))
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
        head: head(web, post, &permalink, accepts_linkbacks, &view, featured),
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

/// The page of the thread that is shown. Texts that are too long for it have a page of their own.
pub(super) async fn read_thread(
    web: &Web,
    permalink: &str,
    view: &PostView<'_>,
) -> Result<ThreadPage, Error> {
    let mut thread = thread::page_thread(&web.app, view.post.id, view.page, view.own)
        .await?
        .ok_or(Error::NotFound("page"))?;
    let shown = thread
        .rows
        .iter_mut()
        .filter(|row| Some(row.id) != view.own);
    let texts = shown.map(|row| {
        let address = format!("{permalink}{}", single_response::segment(row.id));
        (&mut row.body_html, address)
    });
    text_limit::limit_texts(texts.collect(), &web.texts.text("show-whole"));
    Ok(thread)
}

/// The headers by which other sites find where this post accepts linkbacks.
pub(super) fn advertise(web: &Web, response: &mut Response) {
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

/// The elements by which other sites find where a post accepts linkbacks.
pub(super) fn linkback_links(web: &Web, permalink: &str) -> Markup {
    html! {
        link rel="pingback" href=(pingback_server(web));
        link rel="webmention" href=(webmention_endpoint(web));
        link rel="trackback" href={ (web.app.urls.absolute(permalink)) "trackback/" };
    }
}

/// The element by which feed readers find the responses to a post.
pub(super) fn feed_link(web: &Web, post: &Post, permalink: &str) -> Markup {
    let title = web
        .texts
        .with("responses-feed", &[("title", post.title.as_str().into())]);
    html! {
        link rel="alternate" type="application/rss+xml" title=(title) href={ (web.app.urls.absolute(permalink)) "feed/" };
    }
}

fn head(
    web: &Web,
    post: &Post,
    permalink: &str,
    accepts_linkbacks: bool,
    view: &PostView<'_>,
    featured: Option<&OwnPicture>,
) -> Markup {
    html! {
        @if accepts_linkbacks { (linkback_links(web, permalink)) }
        (feed_link(web, post, permalink))
        link rel="shortlink" href={ (web.app.urls.absolute("/")) "?p=" (post.id) };
        meta property="og:type" content="article";
        meta property="og:title" content=(post.title);
        meta property="og:url" content=(web.app.urls.absolute(permalink));
        @if let Some(picture) = featured {
            meta property="og:image" content=(web.app.urls.absolute(&picture.src));
            meta property="og:image:alt" content=(picture.alt);
        }
        @if view.form.parent.is_some() || view.own.is_some() {
            meta name="robots" content="noindex";
        }
    }
}

/// The trackback address, for programs that look for it in a comment.
pub(super) fn trackback_note(web: &Web, post: &Post, permalink: &str) -> SafeHtml {
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

pub(super) fn conversation(
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
