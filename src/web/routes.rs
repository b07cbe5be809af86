//! Every route, one table: the site's map.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use tower::{Layer, ServiceExt};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::timeout::TimeoutLayer;

use crate::error::Error;
use crate::web::editor::{compose, notices, posts};
use crate::web::endpoints::{feeds, health, passport, pingback, sitemap, trackback, webmention};
use crate::web::moderator::{
    decisions, letter, live, log, numbers, person, queue, rules, standing, tasks, undo,
};
use crate::web::page_request::PageRequest;
use crate::web::reader::{
    archives, comment_link, home, moderation_log, post as reader_post, report, respond, statement,
};
use crate::web::respond::{Failure, error_pages};
use crate::web::settings::{jobs, people, site};
use crate::web::state::Web;
use crate::web::{assets, cache, compress, door, kept, layers, session, wellformed};

/// The whole site.
pub fn router(web: Web) -> Router {
    let readers = Router::new()
        .route("/", get(home::index))
        .route("/page/{page}/", get(home::index_page))
        .route("/tag/{slug}/", get(archives::by_tag))
        .route("/tag/{slug}/page/{page}/", get(archives::by_tag_page))
        .route("/author/{slug}/", get(archives::by_author))
        .route("/author/{slug}/page/{page}/", get(archives::by_author_page))
        .route("/{year}/{month}/", get(archives::by_month))
        .route("/{year}/{month}/page/{page}/", get(archives::by_month_page))
        .route("/{year}/{month}/{day}/{slug}/", get(reader_post::show))
        .route(
            "/{year}/{month}/{day}/{slug}/{page}/",
            get(reader_post::show_page),
        )
        .route(
            "/{year}/{month}/{day}/{slug}/respond",
            post(respond::create),
        )
        .route(
            "/{year}/{month}/{day}/{slug}/report/{id}",
            get(report::show).post(report::create),
        )
        .route(
            "/{year}/{month}/{day}/{slug}/receipt/{receipt}",
            get(statement::show).post(statement::create),
        )
        .route("/comment/{id}/", get(comment_link::show))
        .route("/comment/{id}", get(comment_link::show))
        .route("/moderation-log", get(moderation_log::show))
        .route(
            "/{year}/{month}/{day}/{slug}/feed/",
            get(feeds::post_responses_as_rss),
        )
        .route("/feed/", get(feeds::posts_as_rss))
        .route("/feed/atom/", get(feeds::posts_as_atom))
        .route("/feed.json", get(feeds::posts_as_json))
        .route("/comments/feed/", get(feeds::responses_as_rss))
        .route("/comments/feed/atom/", get(feeds::responses_as_atom))
        .route("/sitemap.xml", get(sitemap::show));

    let max_body = web.app.config.server.max_body * 1024;
    let whole_posts = || DefaultBodyLimit::max(max_body.max(kept::MAX_POST_FORM));
    let staff = Router::new()
        .route(
            "/login",
            // Signing in carries the text of somebody whose session ended while they wrote.
            get(door::show_sign_in)
                .post(door::create_session)
                .layer(whole_posts()),
        )
        .route("/logout", post(door::delete_session))
        .route(
            "/setup",
            get(door::show_set_up).post(door::create_administrator),
        )
        .route("/desk/", get(posts::index))
        .route("/desk/posts", post(compose::create).layer(whole_posts()))
        .route("/desk/posts/new", get(compose::new))
        .route(
            "/desk/posts/{id}",
            post(compose::update).layer(whole_posts()),
        )
        .route("/desk/posts/{id}/edit", get(compose::edit))
        .route("/desk/posts/{id}/withdrawal", post(posts::withdraw))
        .route("/desk/posts/{id}/trashing", post(posts::trash))
        .route("/desk/posts/{id}/restoration", post(posts::restore))
        .route(
            "/desk/posts/{id}/deletion",
            get(posts::confirm_deletion).post(posts::delete),
        )
        .route("/desk/notices", get(notices::index))
        .route("/desk/notices/{id}/retry", post(notices::retry))
        .route("/desk/preview", post(compose::preview).layer(whole_posts()))
        .route("/queue/", get(queue::index))
        .route("/queue/decisions", post(decisions::create))
        .route("/queue/undo", get(undo::show).post(decisions::undo))
        .route(
            "/queue/standings",
            get(standing::index).post(standing::create),
        )
        .route("/queue/standings/{id}/withdrawal", post(standing::delete))
        .route("/queue/bursts/{id}/end", post(queue::end_burst))
        .route("/queue/tasks/{token}", get(tasks::show))
        .route("/queue/tasks/{token}/retry", post(tasks::retry))
        .route("/queue/live", get(live::show))
        .route("/queue/claims", post(live::claim))
        .route("/queue/rules", get(rules::index).post(rules::create))
        .route("/queue/rules/new", get(rules::new))
        .route("/queue/rules/trial", post(rules::try_out))
        .route("/queue/rules/{id}/edit", get(rules::edit))
        .route("/queue/rules/{id}/{action}", post(rules::change))
        .route("/queue/numbers", get(numbers::show))
        .route(
            "/queue/letter/{letter}",
            get(letter::show).post(letter::create),
        )
        .route("/queue/log", get(log::index))
        .route("/queue/responses/{id}", get(log::show))
        .route("/queue/responses/{id}/person", get(person::show))
        .route("/queue/responses/{id}/reply", post(log::reply))
        .route("/queue/responses/{id}/edit", post(log::edit))
        .route("/settings/", get(site::show))
        .route("/settings/site", post(site::update))
        .route("/settings/people", post(site::create_person))
        .route("/settings/jobs", get(jobs::index))
        .route("/settings/jobs/{id}/retry", post(jobs::retry))
        .route("/settings/people/{id}", get(people::show))
        .route("/settings/people/{id}/{change}", post(people::update))
        .layer(from_fn(layers::never_keep));

    let people = readers
        .merge(staff)
        .layer(session::layer(&web))
        .layer(CsrfLayer::new());

    let machines = Router::new()
        .route("/xmlrpc.php", get(pingback::show).post(pingback::create))
        .route(
            "/{year}/{month}/{day}/{slug}/trackback/",
            get(trackback::show).post(trackback::create),
        )
        .route(
            "/{year}/{month}/{day}/{slug}/trackback",
            get(trackback::show).post(trackback::create),
        )
        .route(
            "/webmention",
            get(webmention::show).post(webmention::create),
        )
        .route("/linkbacks/{passport}", get(passport::show))
        .route("/robots.txt", get(sitemap::robots))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/metrics", get(health::metrics))
        .route("/static/{name}", get(assets::show));

    let settings = &web.app.config.server;
    let timeout = Duration::from_secs(settings.request_timeout);
    let transport = layers::strict_transport(web.app.urls.is_https(), settings.hsts_seconds);
    let known = people
        .merge(machines)
        .route_layer(from_fn(layers::note_route));
    // What is here with a slash at its end is looked for as any reader would, in the cache too.
    let with_slash = known
        .clone()
        .layer(from_fn_with_state(web.clone(), cache::serve))
        .with_state(web.clone());
    let site = known
        .fallback(move |request| elsewhere(with_slash.clone(), request))
        .layer(DefaultBodyLimit::max(max_body))
        .layer(CatchPanicLayer::new())
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            timeout,
        ))
        .layer(from_fn_with_state(web.clone(), kept::keep_text))
        .layer(from_fn(wellformed::refuse))
        .layer(from_fn_with_state(web.clone(), error_pages))
        .layer(from_fn_with_state(transport, layers::safe_headers))
        .layer(from_fn_with_state(web.clone(), cache::serve))
        .layer(from_fn(layers::hide_address))
        .layer(from_fn(compress::pack))
        .with_state(web);
    // A router's own layers come after its routing, and the address is read before it.
    let read = from_fn_with_state(max_body, wellformed::read).layer(site);
    Router::new().fallback_service(from_fn(layers::observe).layer(read))
}

/// An address that is nothing here; one that only lacks its last slash leads on, in one step.
async fn elsewhere(with_slash: Router, request: Request) -> Response {
    let nothing = || Failure::from(Error::NotFound("page")).into_response();
    let path = request.uri().path();
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    if !is_read || path.ends_with('/') || path.starts_with("//") {
        return nothing();
    }
    let query = request
        .uri()
        .query()
        .map_or_else(String::new, |query| format!("?{query}"));
    let address = format!("{path}/{query}");
    let Ok(uri) = address.parse() else {
        return nothing();
    };
    let Some(page) = PageRequest::read(&uri) else {
        return nothing();
    };
    let mut there = Request::new(Body::empty());
    *there.uri_mut() = uri;
    *there.headers_mut() = without_conditions(request.headers());
    *there.extensions_mut() = request.extensions().clone();
    there.extensions_mut().insert(page);
    let Ok(found) = with_slash.oneshot(there).await;
    match found.status() {
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => nothing(),
        StatusCode::GONE => Failure::gone().into_response(),
        status if status.is_redirection() => found,
        _ => Redirect::permanent(&address).into_response(),
    }
}

/// The headers of a request without those that could make "not changed" of a page that is there.
fn without_conditions(headers: &HeaderMap) -> HeaderMap {
    let mut headers = headers.clone();
    headers.remove(header::IF_NONE_MATCH);
    headers.remove(header::ACCEPT_ENCODING);
    headers
}
