//! A post and the conversation under it.

use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use url::form_urlencoded;

use crate::accounts::permissions::{Action, Actor};
use crate::error::{Error, Result};
use crate::linkbacks::protocol::trackback;
use crate::markup::sanitise::SafeHtml;
use crate::posts::find::{self, Found};
use crate::posts::inner_links;
use crate::responses::comment;
use crate::responses::openness::{takes_comments, takes_linkbacks};
use crate::responses::thread::{self, Faces, ThreadPage};
use crate::store::changes::Part;
use crate::store::entity::ids::ResponseId;
use crate::store::entity::post::Model as Post;
use crate::store::entity::response::ResponseState;
use crate::store::entity::{tag, user};
use crate::store::posts::{self, PostLine};
use crate::store::thread::ThreadRow;
use crate::store::users;
use crate::web::cacheable::Cacheable;
use crate::web::page_request::{Asked, PageRequest, number};
use crate::web::reader::whole;
use crate::web::respond::{Failure, PageResult};
use crate::web::session::Visitor;
use crate::web::state::Web;
use crate::web::views::body::body;
use crate::web::views::bounded;
use crate::web::views::comment_form::{CommentForm, comment_form};
use crate::web::views::facepile::facepile;
use crate::web::views::layout::{Frame, layout};
use crate::web::views::paging::paging;
use crate::web::views::response_item::{Thread, response_list};
use crate::web::views::when;

/// The parts of a permalink.
pub type Permalink = (String, String, String, String);

/// The parts of an address below a permalink.
pub type Address = (String, String, String, String, String);

/// The address of a writer's statement.
pub fn statement_path(permalink: &str, receipt: &str) -> String {
    format!("{permalink}receipt/{receipt}")
}

/// `GET /YYYY/MM/DD/SLUG/`
pub async fn show(
    State(web): State<Web>,
    Visitor(visitor): Visitor,
    Path(permalink): Path<Permalink>,
    asked: PageRequest,
) -> PageResult {
    let post = match find_post(&web, &permalink, &asked.post_query()).await? {
        Ok(post) => post,
        Err(elsewhere) => return Ok(elsewhere),
    };
    // What asks for nothing that is there leads to the page itself: there are as many such addresses
    // as anybody likes to make up, and no page is made for them.
    let plain = || Ok(Redirect::to(&find::permalink(&web.app, &post)).into_response());
    let receipt = match &asked.receipt {
        Asked::Nothing => None,
        Asked::For(receipt) => match own_response(&web, &post, receipt).await? {
            Some(own) => Some(own),
            None => return plain(),
        },
        Asked::Unreadable => return plain(),
    };
    if let (Some(own), Asked::For(receipt)) = (&receipt, &asked.receipt)
        && matches!(own.state, ResponseState::Spam | ResponseState::Trash)
    {
        let to = statement_path(&find::permalink(&web.app, &post), receipt);
        return Ok(Redirect::to(&to).into_response());
    }
    let parent = match asked.reply_to {
        Asked::Nothing => None,
        Asked::For(id) => match thread::find_shown(&web.app, post.id, id).await? {
            Some(parent) => Some(parent),
            None => return plain(),
        },
        Asked::Unreadable => return plain(),
    };
    let mut form = CommentForm::default();
    if let Some(parent) = &parent {
        form.input.parent = parent.id.to_string();
    }
    form.parent = parent.as_ref();
    form.visitor = visitor.as_ref();
    let page = match (&receipt, &parent) {
        (Some(own), _) => {
            let shown = own.state == ResponseState::Approved;
            thread::find_page_of(&web.app, post.id, &own.path, shown).await?
        }
        (None, Some(parent)) => page_of(&web, parent).await?,
        (None, None) => 1,
    };
    let view = View {
        post: &post,
        page,
        own: receipt.map(|own| own.id),
        form,
        status: StatusCode::OK,
    };
    post_page(&web, visitor.as_ref(), view).await
}

/// `GET /YYYY/MM/DD/SLUG/comment-page-N/`
pub async fn show_page(
    State(web): State<Web>,
    Visitor(visitor): Visitor,
    Path((year, month, day, slug, page)): Path<(String, String, String, String, String)>,
) -> PageResult {
    if let Some(id) = whole::read_part(&page) {
        return match find_post(&web, &(year, month, day, slug), &whole::part(id)).await? {
            Ok(post) => whole::show(&web, &post, id).await,
            Err(elsewhere) => Ok(elsewhere),
        };
    }
    let page: u64 = page
        .strip_prefix("comment-page-")
        .and_then(number)
        .ok_or(Error::NotFound("page"))?;
    let rest = match page {
        1 => String::new(),
        page => format!("comment-page-{page}/"),
    };
    let post = match find_post(&web, &(year, month, day, slug), &rest).await? {
        Ok(post) => post,
        Err(elsewhere) => return Ok(elsewhere),
    };
    if page == 1 {
        return Ok(Redirect::permanent(&find::permalink(&web.app, &post)).into_response());
    }
    let view = View {
        post: &post,
        page,
        own: None,
        form: CommentForm {
            visitor: visitor.as_ref(),
            ..CommentForm::default()
        },
        status: StatusCode::OK,
    };
    post_page(&web, visitor.as_ref(), view).await
}

/// The post at a permalink, or the redirect to where it is; `rest` is kept in it.
pub async fn find_post(
    web: &Web,
    (year, month, day, slug): &Permalink,
    rest: &str,
) -> std::result::Result<std::result::Result<Post, Response>, Failure> {
    let post = match find::find_by_slug(&web.app, slug).await? {
        Found::Here(post) | Found::Moved(post) => *post,
        Found::Gone => return Err(Failure::gone()),
        Found::Nothing => return Err(Error::NotFound("post").into()),
    };
    let permalink = find::permalink(&web.app, &post);
    if permalink == format!("/{year}/{month}/{day}/{slug}/") {
        Ok(Ok(post))
    } else {
        Ok(Err(
            Redirect::permanent(&format!("{permalink}{rest}")).into_response()
        ))
    }
}

/// The page of its thread on which a shown comment stands.
pub async fn page_of(web: &Web, row: &ThreadRow) -> Result<u64> {
    thread::find_page_of(&web.app, row.post_id, &row.path, true).await
}

/// The post that was here when its page was read, wherever its permalink is by now: what is sent to
/// an old address is not sent elsewhere first, because a text would be lost on the way.
pub async fn find_post_of_form(web: &Web, slug: &str) -> std::result::Result<Post, Failure> {
    match find::find_by_slug(&web.app, slug).await? {
        Found::Here(post) | Found::Moved(post) => Ok(*post),
        Found::Gone => Err(Failure::gone()),
        Found::Nothing => Err(Error::NotFound("post").into()),
    }
}

struct Own {
    id: ResponseId,
    path: Vec<u8>,
    state: ResponseState,
}

async fn own_response(web: &Web, post: &Post, receipt: &str) -> Result<Option<Own>> {
    let Some((id, token)) = receipt.split_once('-') else {
        return Ok(None);
    };
    let Ok(id) = id.parse() else { return Ok(None) };
    let found = comment::find_by_receipt(&web.app, post.id, id, token).await?;
    Ok(found.map(|response| Own {
        id: response.id,
        path: response.path,
        state: response.state,
    }))
}

/// A post's page as it is to be shown.
pub struct View<'a> {
    /// The post.
    pub post: &'a Post,
    /// The page of its thread.
    pub page: u64,
    /// The reader's own response, shown even while it waits.
    pub own: Option<ResponseId>,
    /// The form.
    pub form: CommentForm<'a>,
    /// 200, or what is wrong with what was sent.
    pub status: StatusCode,
}

/// Renders a post's page.
pub async fn post_page(web: &Web, visitor: Option<&user::Model>, view: View<'_>) -> PageResult {
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
        let address = format!("{permalink}{}", whole::part(row.id));
        (&mut row.body_html, address)
    });
    bounded::bound(texts.collect(), &web.texts.text("show-whole"));
    let author = users::find(db, post.author_id).await?;
    let tags = find::tags_of(&web.app, post.id).await?;
    let published = post.published_at.unwrap_or(post.created_at);
    let neighbours = posts::list_neighbours(db, post.id, published).await?;
    let takes_linkbacks = takes_linkbacks(&web.app, post);
    let mentioning = inner_links::list_mentioning(&web.app, post.id).await?;
    let faces = thread::list_faces(&web.app, post.id).await?;
    let main = html! {
        (article(web, post, author.as_ref(), &tags))
        @if takes_linkbacks { (trackback_note(web, post, &permalink)) }
        (mentioned_in(web, &mentioning))
        (neighbour_links(web, &neighbours))
        (conversation(web, &permalink, &thread, &faces, takes_linkbacks, &view))
    };
    let edit = visitor
        .filter(|user| {
            let actor = Actor::from(*user);
            actor.may(Action::PublishOwnPosts) && actor.must_write_post_of(post.author_id).is_ok()
        })
        .map(|_| format!("/desk/posts/{}/edit", post.id));
    let frame = Frame {
        title: Some(&post.title),
        description: Some(&post.summary),
        canonical: Some(&permalink),
        head: head(web, post, &permalink, takes_linkbacks, &view),
        visitor,
        edit,
    };
    let mut response = (view.status, layout(web, &site, &frame, &main)).into_response();
    if takes_linkbacks {
        advertise(web, &mut response);
    }
    if view.own.is_none() && view.status == StatusCode::OK {
        response.extensions_mut().insert(Cacheable {
            parts: vec![Part::Identity, Part::Posts, Part::Post(post.id)],
            until: crate::responses::openness::next_closing(&web.app, post),
        });
    }
    Ok(response)
}

/// How other sites find out where this post takes linkbacks.
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

fn head(web: &Web, post: &Post, permalink: &str, takes_linkbacks: bool, view: &View<'_>) -> Markup {
    let title = web
        .texts
        .with("responses-feed", &[("title", post.title.as_str().into())]);
    html! {
        @if takes_linkbacks {
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
            div.e-content.text dir="auto" { (body(web, &post.body_html)) }
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

/// Where the post takes trackbacks, for the programs that look for it in a comment.
fn trackback_note(web: &Web, post: &Post, permalink: &str) -> SafeHtml {
    let address = web.app.urls.absolute(permalink);
    SafeHtml::comment(&trackback::rdf(
        &address,
        &post.title,
        &format!("{address}trackback/"),
    ))
}

/// The posts of this site that link to this one.
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
    faces: &Faces,
    takes_linkbacks: bool,
    view: &View<'_>,
) -> Markup {
    let texts = &web.texts;
    let open = takes_comments(&web.app, view.post);
    let own_waits = thread
        .rows
        .iter()
        .any(|row| row.state == ResponseState::Pending);
    let look = Thread {
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
            @if own_waits {
                div.received role="status" {
                    p { strong { (texts.text("received-title")) } }
                    p { (texts.text("received-pending")) }
                }
            }
            h2 {
                (texts.around("responses-heading", ("title", title), &[("count", thread.total.into())]))
            }
            (facepile(web, faces))
            @if !thread.rows.is_empty() { (response_list(&look, &thread::nest(&thread.rows))) }
            (paging(texts, thread.page, thread.pages, &address, "response-pages", "older-responses", "newer-responses"))
        }
        @if open { (comment_form(web, permalink, &view.form)) }
        @else {
            @if !view.form.problems.is_empty() { (comment_form(web, permalink, &view.form)) }
            @else { p.closed #respond { (texts.text("respond-closed")) } }
        }
        @if takes_linkbacks {
            @let target: String = form_urlencoded::byte_serialize(web.app.urls.absolute(permalink).as_bytes()).collect();
            p.elsewhere {
                a href={ "/webmention?target=" (target) } rel="nofollow" { (texts.text("mention-invite")) }
            }
        }
    }
}
