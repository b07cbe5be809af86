//! All routes of the site, and the middleware around them. Handles no request itself.

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

use crate::config::effective::{DiscussionSettings, GeneralSettings, MailSenderSettings};
use crate::error::Error;
use crate::web::body_limits::{BodyLimits, MAX_POST_FORM};
use crate::web::editor::{compose, media, media_item, media_replace, outgoing_linkbacks, posts};
use crate::web::endpoints::{
    feeds, health, icons, linkback_status, pingback, sitemap, theme, trackback, webmention,
};
use crate::web::moderator::{
    decisions, email_links, live, log, profile, queue, response, rule_form, rules, sender_policies,
    statistics, tasks, undo,
};
use crate::web::page_request::PageRequest;
use crate::web::reader::{
    archives, comment_link, comment_status, home, moderation_log, page, post as reader_post,
    report, respond,
};
use crate::web::respond::{Failure, error_pages};
use crate::web::settings::{
    changes, components, design, design_preview, jobs, mail_sender, navigation, people,
    section_page, site,
};
use crate::web::state::Web;
use crate::web::{
    assets, cache, compress, fresh_settings, layers, login, media_files, request_validation,
    session, setup, unsaved_text,
};

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
            get(comment_status::show).post(comment_status::create),
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
        .route("/sitemap.xml", get(sitemap::show))
        // Pages are at the addresses that no other route takes; `/PARENT/PAGE/` is an archive's.
        .route("/{year}/", get(page::show))
        .route("/{year}/{month}/{day}/", get(page::show))
        .route("/{year}/respond", post(respond::create))
        .route("/{year}/{month}/respond", post(respond::create))
        .route("/{year}/{month}/{day}/respond", post(respond::create))
        .route(
            "/{year}/report/{id}",
            get(report::show).post(report::create),
        )
        .route(
            "/{year}/{month}/report/{id}",
            get(report::show).post(report::create),
        )
        .route(
            "/{year}/{month}/{day}/report/{id}",
            get(report::show).post(report::create),
        )
        .route(
            "/{year}/receipt/{receipt}",
            get(comment_status::show).post(comment_status::create),
        )
        .route(
            "/{year}/{month}/receipt/{receipt}",
            get(comment_status::show).post(comment_status::create),
        )
        .route(
            "/{year}/{month}/{day}/receipt/{receipt}",
            get(comment_status::show).post(comment_status::create),
        )
        .route("/{year}/feed/", get(feeds::post_responses_as_rss))
        .route("/{year}/{month}/feed/", get(feeds::post_responses_as_rss))
        .route("/{year}/{month}/{day}/feed/", get(page::show_feed_or_post))
        .route(
            "/{year}/{month}/{day}/trackback/",
            get(page::show_trackback_or_post).post(trackback::create),
        );

    let limits = BodyLimits::new(&web.app.config);
    let whole_posts = || DefaultBodyLimit::max(limits.ordinary.max(MAX_POST_FORM));
    let staff = Router::new()
        .route(
            "/login",
            // Signing in carries the text of a user whose session ended while they wrote.
            get(login::show_sign_in)
                .post(login::create_session)
                .layer(whole_posts()),
        )
        .route("/logout", post(login::delete_session))
        .route("/setup", get(setup::show).post(setup::create))
        .route("/desk/", get(posts::index))
        .route("/desk/posts", post(compose::create).layer(whole_posts()))
        .route("/desk/posts/new", get(compose::new))
        .route(
            "/desk/posts/{id}",
            post(compose::update).layer(whole_posts()),
        )
        .route("/desk/posts/{id}/edit", get(compose::edit))
        .route("/desk/posts/{id}/unpublish", post(posts::unpublish))
        .route("/desk/posts/{id}/trash", post(posts::trash))
        .route("/desk/posts/{id}/restore", post(posts::restore))
        .route(
            "/desk/posts/{id}/delete",
            get(posts::confirm_deletion).post(posts::delete),
        )
        .route(
            "/desk/media",
            get(media::index)
                .post(media::create)
                .layer(DefaultBodyLimit::max(limits.upload)),
        )
        .route(
            "/desk/media/{id}",
            get(media_item::show).post(media_item::update),
        )
        .route(
            "/desk/media/{id}/delete",
            get(media_item::confirm_deletion).post(media_item::delete),
        )
        .route(
            "/desk/media/{id}/replace",
            get(media_replace::show)
                .post(media_replace::create)
                .layer(DefaultBodyLimit::max(limits.replacement)),
        )
        .route("/desk/outgoing-linkbacks", get(outgoing_linkbacks::index))
        .route(
            "/desk/outgoing-linkbacks/{id}/retry",
            post(outgoing_linkbacks::retry),
        )
        .route("/desk/preview", post(compose::preview).layer(whole_posts()))
        .route("/queue/", get(queue::index))
        .route("/queue/decisions", post(decisions::create))
        .route(
            "/queue/undo",
            get(undo::show).post(decisions::undo_decisions),
        )
        .route(
            "/queue/senders",
            get(sender_policies::index).post(sender_policies::create),
        )
        .route("/queue/senders/{id}/remove", post(sender_policies::delete))
        .route("/queue/bursts/{id}/end", post(queue::end_burst))
        .route("/queue/tasks/{token}", get(tasks::show))
        .route("/queue/tasks/{token}/retry", post(tasks::retry))
        .route("/queue/live", get(live::show))
        .route("/queue/claims", post(live::claim))
        .route("/queue/rules", get(rules::index).post(rule_form::create))
        .route("/queue/rules/new", get(rule_form::new))
        .route("/queue/rules/test", post(rule_form::start_test))
        .route("/queue/rules/{id}/edit", get(rule_form::edit))
        .route("/queue/rules/{id}/{action}", post(rules::update))
        .route("/queue/statistics", get(statistics::show))
        .route(
            "/queue/email/{link}",
            get(email_links::show).post(email_links::create),
        )
        .route("/queue/log", get(log::index))
        .route("/queue/responses/{id}", get(response::show))
        .route("/queue/responses/{id}/person", get(profile::show))
        .route("/queue/responses/{id}/reply", post(response::reply))
        .route("/queue/responses/{id}/edit", post(response::update))
        .route("/settings/", get(site::show))
        .route("/settings/site", post(site::update))
        .route(
            "/settings/navigation",
            get(navigation::show).post(navigation::update),
        )
        .route(
            "/settings/design",
            get(design::show)
                .post(design::update)
                .layer(DefaultBodyLimit::max(limits.upload)),
        )
        .route(
            "/settings/design/preview",
            get(design_preview::show).post(design_preview::create),
        )
        .route(
            "/settings/general",
            get(section_page::show::<GeneralSettings>)
                .post(section_page::update::<GeneralSettings>),
        )
        .route(
            "/settings/discussion",
            get(section_page::show::<DiscussionSettings>)
                .post(section_page::update::<DiscussionSettings>),
        )
        .route(
            "/settings/mail",
            get(section_page::show::<MailSenderSettings>)
                .post(section_page::update::<MailSenderSettings>),
        )
        .route("/settings/mail/test", post(mail_sender::test))
        .route("/settings/undo", post(changes::undo))
        .route("/settings/people", post(site::create_person))
        .route(
            "/settings/components",
            get(components::show).post(components::submit),
        )
        .route("/settings/jobs", get(jobs::index))
        .route("/settings/jobs/{id}/retry", post(jobs::retry))
        .route("/settings/people/{id}", get(people::show))
        .route("/settings/people/{id}/{change}", post(people::update))
        .layer(from_fn(layers::no_store));

    let people = readers
        .merge(staff)
        .layer(from_fn_with_state(web.clone(), fresh_settings::refresh))
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
            "/{year}/trackback/",
            get(trackback::show).post(trackback::create),
        )
        .route(
            "/{year}/{month}/trackback/",
            get(trackback::show).post(trackback::create),
        )
        .route(
            "/webmention",
            get(webmention::show).post(webmention::create),
        )
        .route("/linkbacks/{status_token}", get(linkback_status::show))
        .layer(from_fn_with_state(web.clone(), fresh_settings::refresh))
        .route("/media/{token}/{file}", get(media_files::show))
        .route("/robots.txt", get(sitemap::robots))
        .route("/theme.css", get(theme::show))
        .route("/custom.css", get(theme::show_custom))
        .route("/manifest.webmanifest", get(icons::manifest))
        .route("/favicon.ico", get(icons::favicon))
        .route("/icons/{token}/{file}", get(icons::show))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/metrics", get(health::metrics))
        .route("/static/{name}", get(assets::show));

    let settings = &web.app.config.server;
    let timeout = Duration::from_secs(settings.request_timeout);
    let security = layers::SecuritySettings {
        transport: layers::strict_transport_security(
            web.app.urls.is_https(),
            settings.hsts_seconds,
        ),
        posts_policy: layers::posts_policy(&web.app.config.media.allow_hosts),
    };
    let known = people
        .merge(machines)
        .route_layer(from_fn(layers::expose_route));
    // A path without its final slash is tried with one, in the cache too.
    let with_slash = known
        .clone()
        .layer(from_fn_with_state(web.clone(), cache::serve))
        .with_state(web.clone());
    let site = known
        .fallback(move |request| redirect_or_not_found(with_slash.clone(), request))
        .layer(DefaultBodyLimit::max(limits.ordinary))
        .layer(CatchPanicLayer::new())
        .layer(from_fn_with_state(timeout, layers::limit_time))
        .layer(from_fn_with_state(web.clone(), unsaved_text::preserve))
        .layer(from_fn(request_validation::reject))
        .layer(from_fn_with_state(web.clone(), error_pages))
        .layer(from_fn_with_state(security, layers::security_headers))
        .layer(from_fn_with_state(web.clone(), cache::serve))
        .layer(from_fn(layers::hide_secret_url))
        .layer(from_fn(compress::compress_response))
        .with_state(web);
    // A router's own layers run after its routing, and the URL is validated before it.
    let validated = from_fn_with_state(limits, request_validation::validate).layer(site);
    Router::new().fallback_service(from_fn(layers::log_request).layer(validated))
}

/// Redirects a path that only lacks its final slash, in one step to where a second redirect would lead; any
/// other one is not found.
async fn redirect_or_not_found(with_slash: Router, request: Request) -> Response {
    let not_found = || Failure::from(Error::NotFound("page")).into_response();
    let path = request.uri().path();
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    if !is_read || path.ends_with('/') || path.starts_with("//") {
        return not_found();
    }
    let query = request
        .uri()
        .query()
        .map_or_else(String::new, |query| format!("?{query}"));
    let address = format!("{path}/{query}");
    let Ok(uri) = address.parse() else {
        return not_found();
    };
    let Some(page) = PageRequest::parse(&uri) else {
        return not_found();
    };
    let mut probe = Request::new(Body::empty());
    *probe.uri_mut() = uri;
    *probe.headers_mut() = without_conditions(request.headers());
    *probe.extensions_mut() = request.extensions().clone();
    probe.extensions_mut().insert(page);
    let Ok(found) = with_slash.oneshot(probe).await;
    match found.status() {
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => not_found(),
        StatusCode::GONE => Failure::gone().into_response(),
        status if status.is_redirection() => found,
        _ => Redirect::permanent(&address).into_response(),
    }
}

/// The headers of a request without those that could make a page that exists "not modified".
fn without_conditions(headers: &HeaderMap) -> HeaderMap {
    let mut headers = headers.clone();
    headers.remove(header::IF_NONE_MATCH);
    headers.remove(header::ACCEPT_ENCODING);
    headers
}
