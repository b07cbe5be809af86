//! Webmention by its Recommendation: discovery on posts, the request, verification, updates,
//! withdrawal; and how a source's microformats decide what is shown.

use std::process::Command;
use std::time::Duration;

use rejoinder::commands::serve::Workers;
use rejoinder::linkbacks::protocol::webmention::form_body;
use rejoinder::posts::draft::PostInput;
use rejoinder::store::entity::user::Role;
use reqwest::{Method, StatusCode};

use crate::on_both_databases;
use crate::support::client::Page;
use crate::support::database::Kind;
use crate::support::neighbour::Neighbour;
use crate::support::site::{Site, comment_id};

pub const OPEN: &str = "[comments]\nmoderation = \"none\"\n";
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

pub async fn blog_and_site(kind: Kind, settings: &str) -> (Neighbour, Site) {
    let blog = Neighbour::start().await;
    let settings = format!("{settings}{}", blog.allowed());
    let site = Site::with(kind, &settings, Workers::Off).await;
    (blog, site)
}

pub async fn mention(site: &Site, source: &str, target: &str) -> Page {
    let body = form_body(source, target);
    site.visitor()
        .request(Method::POST, "/webmention", body.as_str(), &[FORM])
        .await
}

/// Sends a mention, runs the jobs that are due, and returns the status page's path.
pub async fn mention_and_check(site: &Site, source: &str, target: &str) -> String {
    let answer = mention(site, source, target).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    site.run_jobs().await;
    let location = answer.header("location").unwrap();
    location.strip_prefix(&site.base).unwrap().to_owned()
}

pub async fn state(site: &Site, status_token: &str) -> String {
    let accept = [("accept", "application/json")];
    let page = site.visitor().get_with(status_token, &accept).await;
    assert_eq!(page.header("content-type"), Some("application/json"));
    let status: serde_json::Value = serde_json::from_str(&page.body).unwrap();
    assert!(status["message"].as_str().unwrap().len() > 20);
    status["state"].as_str().unwrap().to_owned()
}

fn entry(class: &str, target: &str, content: &str) -> String {
    format!(
        "<article class=h-entry><a class='p-author h-card' href='/ann'>Ann <img class=u-photo src=/ann.png></a>\
         <a class='{class}' href='{target}'>x</a><div class='e-content p-name'>{content}</div></article>"
    )
}

on_both_databases! {
    async fn only_a_post_that_accepts_webmentions_announces_its_endpoint(db) {
        let site = Site::start(db).await;
        let post = site.post("A question", "Text").await;
        let page = site.visitor().get(&site.path(&post)).await;
        let endpoint = format!("{}/webmention", site.base);
        assert_eq!(page.header("link"), Some(format!("<{endpoint}>; rel=\"webmention\"").as_str()));
        assert_eq!(page.attribute("link[rel=webmention]", "href"), Some(endpoint));
        let head = site.visitor().request(Method::HEAD, &site.path(&post), "", &[]).await;
        assert!(head.header("link").unwrap().contains("webmention"));
        assert!(head.header("x-pingback").is_some());
        let closed = site.post_of(PostInput { title: "Closed".into(), body: "x".into(), ..PostInput::default() }).await;
        for path in [site.path(&closed), "/".to_owned(), "/feed/".to_owned()] {
            let page = site.visitor().get(&path).await;
            assert_eq!(page.header("link"), None, "{path}");
            assert_eq!(page.header("x-pingback"), None, "{path}");
            assert!(!page.body.contains("rel=\"webmention\"") && !page.body.contains("trackback:ping"), "{path}");
        }
    }

    async fn a_mention_is_stored_and_checked_later_and_its_status_page_shows_each_step(db) {
        let (blog, site) = blog_and_site(db, "[comments]\nmoderation = \"all\"\n").await;
        let post = site.post("A question", "Text").await;
        let target = site.address(&post);
        let source = blog.show("/a", &format!("<title>Their answer</title><p>We read <a href='{target}'>it</a> twice."));
        let answer = mention(&site, &source, &target).await;
        assert_eq!(answer.status, StatusCode::CREATED);
        let status_token = answer.header("location").unwrap().strip_prefix(&site.base).unwrap().to_owned();
        assert!(answer.body.contains(&status_token));
        assert!(blog.visits().is_empty(), "nothing is fetched inside the request");
        assert_eq!(state(&site, &status_token).await, "received");
        site.run_jobs().await;
        assert_eq!(state(&site, &status_token).await, "held");
        assert!(!site.visitor().get(&site.path(&post)).await.has("li.webmention"));
        site.approve_all().await;
        assert_eq!(state(&site, &status_token).await, "shown");
        let page = site.visitor().get(&status_token).await;
        assert!(page.text().contains("Your linkback is shown under the post"));
        let where_shown = page.attribute("main p a", "href").unwrap();
        assert!(where_shown.starts_with(&format!("{}/comment/", site.base)));
        let there = site.visitor().get(where_shown.strip_prefix(&site.base).unwrap()).await;
        assert!(there.header("location").unwrap().starts_with(&format!("{}#comment-", site.path(&post))));
        let page = site.visitor().get(&site.path(&post)).await;
        assert_eq!(page.one("li.webmention .author"), "Their answer");
        assert_eq!(page.one("li.webmention .text"), "[…] We read it twice. […]");
        assert_eq!(site.visitor().get("/linkbacks/none").await.status, StatusCode::NOT_FOUND);
    }

    async fn an_invalid_request_is_answered_with_400_and_what_to_fix(db) {
        let (blog, site) = blog_and_site(db, OPEN).await;
        let post = site.post("A question", "Text").await;
        let target = site.address(&post);
        let closed = site.post_of(PostInput { title: "Closed".into(), body: "x".into(), ..PostInput::default() }).await;
        let closed = site.address(&closed);
        let source = blog.url("/a");
        let none = format!("{}/2026/01/01/none/", site.base);
        for (source, target, says) in [
            ("", target.as_str(), "source"),
            ("ftp://a.example/", &target, "source"),
            (&source, "", "target"),
            (&source, "mailto:a@b.example", "target"),
            (&source, &source, "same page"),
            (&target, &target, "same page"),
            (&source, &none, "not a post on this site"),
            (&source, &site.base, "not a post on this site"),
            (&source, "https://elsewhere.example/", "not a post on this site"),
            (&source, &closed, "no longer accepts linkbacks"),
        ] {
            let answer = mention(&site, source, target).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{source} {target}");
            assert!(answer.body.contains(says), "{source} {target}: {}", answer.body);
            assert!(answer.header("content-type").unwrap().starts_with("text/plain"));
        }
        for body in ["", "source=x", "nonsense", "source=http%3A%2F%2Fa.example%2F&source=x&target=y"] {
            let answer = site.visitor().request(Method::POST, "/webmention", body, &[FORM]).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        }
        assert!(blog.visits().is_empty(), "nothing of this needs the source");
        assert_eq!(site.run_jobs().await, 0);
    }

    async fn a_client_that_accepts_json_gets_problem_details_and_the_status(db) {
        let (blog, site) = blog_and_site(db, OPEN).await;
        let target = site.address(&site.post("A question", "Text").await);
        let source = blog.show("/a", &format!("<p>I read <a href='{target}'>it</a>, twice."));
        let headers = [("accept", "application/json"), FORM];
        let send = async |source: &str| {
            let body = form_body(source, &target);
            site.visitor().request(Method::POST, "/webmention", body.as_str(), &headers).await
        };
        let wrong = send("my blog").await;
        assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
        assert_eq!(wrong.header("content-type"), Some("application/problem+json"));
        let problem: serde_json::Value = serde_json::from_str(&wrong.body).unwrap();
        assert_eq!(problem["status"], 400);
        assert!(problem["detail"].as_str().unwrap().contains("http or https"), "{}", wrong.body);
        let sent = send(&source).await;
        assert_eq!(sent.status, StatusCode::CREATED);
        let status: serde_json::Value = serde_json::from_str(&sent.body).unwrap();
        assert_eq!(status["state"], "received");
        site.run_jobs().await;
    }

    async fn people_can_submit_their_page_with_a_form_and_keep_what_they_typed(db) {
        let (blog, site) = blog_and_site(db, OPEN).await;
        let post = site.post("A question", "Text").await;
        let target = site.address(&post);
        let source = blog.show("/a", &format!("<p>I read <a href='{target}'>it</a>, twice."));
        let page = site.visitor().get(&site.path(&post)).await;
        let form_at = page.attribute("p.elsewhere a", "href").unwrap();
        let browser = [("accept", "text/html"), FORM];
        let form = site.visitor().get(&form_at).await.form("form.mention");
        assert_eq!(form.value("target"), target);
        let wrong = site.visitor().request(Method::POST, "/webmention", form_body("my blog", &target).as_str(), &browser).await;
        assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
        assert!(wrong.one(".problems").contains("http or https"));
        assert_eq!(wrong.form("form.mention").value("source"), "my blog");
        let sent = site.visitor().request(Method::POST, "/webmention", form_body(&source, &target).as_str(), &browser).await;
        assert_eq!(sent.status, StatusCode::CREATED);
        assert!(sent.one(".received").contains("We have received it"));
        site.run_jobs().await;
        assert!(site.visitor().get(&site.path(&post)).await.has("li.webmention"));
    }

    async fn microformats_decide_how_a_mention_is_shown(db) {
        let (blog, site) = blog_and_site(db, OPEN).await;
        let post = site.post("A question", "Text").await;
        let target = site.address(&post);
        for (path, class, content) in [
            ("/reply", "u-in-reply-to", "I do not agree with the second point."),
            ("/like", "u-like-of", ""),
            ("/repost", "u-repost-of", ""),
            ("/bookmark", "u-bookmark-of", ""),
            ("/mention", "", "Some words."),
        ] {
            let source = blog.show(path, &entry(class, &target, content));
            mention_and_check(&site, &source, &target).await;
        }
        let page = site.visitor().get(&site.path(&post)).await;
        assert_eq!(page.one("#comments h2"), "2 responses to “A question”");
        assert_eq!(page.all("ol.comment-list > li.webmention").len(), 2);
        assert_eq!(page.one("ol.comment-list > li:first-child .text"), "I do not agree with the second point.");
        assert!(page.one("ol.comment-list > li:first-child .who").contains("Reply from Ann on 127.0.0.1"));
        assert_eq!(page.attribute("ol.comment-list > li:first-child a.author", "href"), Some(blog.url("/ann")));
        assert!(page.one("ol.comment-list > li:last-child .who").contains("Mentioned by Ann"));
        assert_eq!(page.all(".reactions h3"), ["One like", "One repost", "One bookmark"]);
        assert_eq!(page.all(".reactions li a"), ["A Ann likes this", "A Ann reposted this", "A Ann bookmarked this"]);
        assert!(!page.body.contains("ann.png"), "no picture is loaded from elsewhere");
    }

    async fn a_mention_of_a_comment_is_a_reply_to_it(db) {
        let (blog, site) = blog_and_site(db, OPEN).await;
        let post = site.post("A question", "Text").await;
        let parent = comment_id(&site.comment(&post, "Ben", "What about costs?").await);
        let target = format!("{}#comment-{parent}", site.address(&post));
        let source = blog.show("/reply", &entry("u-in-reply-to", &target, "They are known."));
        mention_and_check(&site, &source, &target).await;
        let page = site.visitor().get(&site.path(&post)).await;
        assert_eq!(page.one(&format!("li#comment-{parent} ol.children li.webmention .text")), "They are known.");
        let lasting = format!("{}/comment/{parent}/", site.base);
        let second = blog.show("/second", &entry("u-in-reply-to", &lasting, "I know them too."));
        mention_and_check(&site, &second, &lasting).await;
        let page = site.visitor().get(&site.path(&post)).await;
        assert_eq!(page.all(&format!("li#comment-{parent} ol.children li.webmention")).len(), 2);
    }

    async fn json_and_plain_text_sources_count_where_they_name_the_exact_target(db) {
        let (blog, site) = blog_and_site(db, OPEN).await;
        let post = site.post("A question", "Text").await;
        let target = site.address(&post);
        let none = Duration::ZERO;
        let sources = [
            (blog.show_as("/j", 200, "application/json", format!("{{\"a\": [\"{target}\"]}}").as_bytes(), none), "shown"),
            (blog.show_as("/t", 200, "text/plain", format!("See {target} there.").as_bytes(), none), "shown"),
            (blog.show("/img", &format!("<p>A picture of it: <img src='{target}'>")), "shown"),
            (blog.show_as("/longer", 200, "text/plain", format!("{target}x").as_bytes(), none), "refused"),
            (blog.show("/text", &format!("<p>{target}")), "refused"),
            (blog.show("/comment", &format!("<!-- <a href='{target}'>x</a> -->")), "refused"),
        ];
        for (source, expected) in sources {
            let status_token = mention_and_check(&site, &source, &target).await;
            assert_eq!(state(&site, &status_token).await, expected, "{source}");
        }
    }

    async fn sending_again_updates_and_withdraws(db) {
        let (blog, site) = blog_and_site(db, OPEN).await;
        let post = site.post("A question", "Text").await;
        let target = site.address(&post);
        let source = blog.show("/a", &format!("<p>First words with <a href='{target}'>a link</a>."));
        let status_token = mention_and_check(&site, &source, &target).await;
        let shown = async || site.visitor().get(&site.path(&post)).await;
        assert_eq!(shown().await.one("li.webmention .text"), "[…] First words with a link. […]");
        blog.show("/a", &format!("<p>Better words with <a href='{target}'>a link</a>."));
        assert_eq!(mention_and_check(&site, &source, &target).await, status_token, "one status page");
        assert_eq!(shown().await.all("li.webmention .text"), ["[…] Better words with a link. […]"]);
        blog.show("/a", "<p>I took it back.");
        mention_and_check(&site, &source, &target).await;
        assert!(!shown().await.has("li.webmention"));
        assert_eq!(state(&site, &status_token).await, "withdrawn");
        // What was withdrawn does not come back by itself: a moderator reviews it first.
        blog.show("/a", &format!("<p>I want it <a href='{target}'>back</a> after all."));
        mention_and_check(&site, &source, &target).await;
        assert!(!shown().await.has("li.webmention"));
        assert_eq!(state(&site, &status_token).await, "held");
        let moderator = site.signed_in(Role::Moderator).await;
        assert!(moderator.get("/queue/").await.one(".reasons").contains("removed the link before"));
        let log = moderator.get("/queue/log").await;
        assert!(log.text().contains("Automatic (source gone or link removed)"), "{}", log.text());
    }

    async fn a_withdrawn_response_waits_for_a_moderator_by_whichever_address_it_returns(db) {
        let (blog, site) = blog_and_site(db, OPEN).await;
        let post = site.post("A question", "Text").await;
        let target = site.address(&post);
        let page = format!("<p>First words with <a href='{target}'>a link</a>.");
        let lasting = blog.show("/lasting", &page);
        let other = blog.show_with("/other", 302, &[("location", lasting.as_str())], "");
        mention_and_check(&site, &other, &target).await;
        let shown = async || site.visitor().get(&site.path(&post)).await.has("li.webmention");
        assert!(shown().await);
        blog.show("/lasting", "<p>I took it back.");
        mention_and_check(&site, &other, &target).await;
        assert!(!shown().await);
        blog.show("/lasting", &page);
        let status_token = mention_and_check(&site, &lasting, &target).await;
        assert_eq!(state(&site, &status_token).await, "held");
        let moderator = site.signed_in(Role::Moderator).await;
        let queue = moderator.get("/queue/").await;
        assert!(queue.one(".reasons").contains("removed the link before"), "{}", queue.text());
        // What a moderator moved to the trash does not return at all.
        let id = queue.attribute("[data-id]", "data-id").unwrap();
        moderator.post("/queue/decisions", &[("move", &format!("trash:{id}"))]).await;
        mention_and_check(&site, &lasting, &target).await;
        mention_and_check(&site, &other, &target).await;
        assert!(moderator.get("/queue/").await.all(".reasons").is_empty());
    }

    async fn a_source_that_is_gone_withdraws_at_once_and_a_missing_one_after_retries(db) {
        let (blog, site) = blog_and_site(db, OPEN).await;
        let post = site.post("A question", "Text").await;
        let target = site.address(&post);
        let page = format!("<p>We read <a href='{target}'>it</a> all, twice.");
        let (gone, missing) = (blog.show("/gone", &page), blog.show("/missing", &page));
        let gone_at = mention_and_check(&site, &gone, &target).await;
        let missing_at = mention_and_check(&site, &missing, &target).await;
        blog.show_with("/gone", 410, &[], "");
        blog.show_with("/missing", 404, &[], "");
        mention_and_check(&site, &gone, &target).await;
        mention_and_check(&site, &missing, &target).await;
        assert_eq!(state(&site, &gone_at).await, "withdrawn");
        assert_eq!(state(&site, &missing_at).await, "checking");
        assert_eq!(site.visitor().get(&site.path(&post)).await.all("li.webmention").len(), 1);
        for _ in 0..4 {
            site.app.clock.step(Duration::from_secs(3 * 60 * 60));
            site.run_jobs().await;
        }
        assert_eq!(state(&site, &missing_at).await, "withdrawn");
        assert!(!site.visitor().get(&site.path(&post)).await.has("li.webmention"));
    }

    async fn a_source_that_fails_for_a_moment_is_tried_again(db) {
        let (blog, site) = blog_and_site(db, OPEN).await;
        let post = site.post("A question", "Text").await;
        let target = site.address(&post);
        let source = blog.show_with("/a", 503, &[], "");
        let status_token = mention_and_check(&site, &source, &target).await;
        assert_eq!(state(&site, &status_token).await, "checking");
        blog.show("/a", &format!("<p>We read <a href='{target}'>it</a> now and again."));
        assert_eq!(site.run_jobs().await, 0, "not before its time");
        site.app.clock.step(Duration::from_secs(61));
        site.run_jobs().await;
        assert_eq!(state(&site, &status_token).await, "shown");
    }

    async fn sources_that_cannot_be_read_all_have_the_same_status(db) {
        let (blog, site) = blog_and_site(db, OPEN).await;
        let secret = Neighbour::start().await;
        let post = site.post("A question", "Text").await;
        let target = site.address(&post);
        secret.show("/a", &format!("<p><a href='{target}'>x</a>"));
        let port = secret.port;
        let mut results = Vec::new();
        for source in [
            format!("http://127.0.0.1:{port}/a"),
            format!("http://[::ffff:127.0.0.1]:{port}/a"),
            format!("http://0x7f.0.0.1:{port}/a"),
            blog.show_with("/broken", 500, &[], ""),
            blog.show_with("/hop", 302, &[("location", &format!("http://localhost:{port}/a"))], ""),
            blog.url("/missing"),
        ] {
            let status_token = mention_and_check(&site, &source, &target).await;
            let mut states = vec![state(&site, &status_token).await];
            for _ in 0..5 {
                site.app.clock.step(Duration::from_secs(3 * 60 * 60));
                site.run_jobs().await;
                states.push(state(&site, &status_token).await);
            }
            results.push((source, states));
        }
        let first = results[0].1.clone();
        assert_eq!(first.last().map(String::as_str), Some("refused"));
        for (source, states) in results {
            assert_eq!(states, first, "{source}");
        }
        assert!(secret.visits().is_empty(), "nothing reached the address that is not public");
    }

    async fn one_source_is_one_response_by_whichever_protocols_it_arrives(db) {
        let (blog, site) = blog_and_site(db, OPEN).await;
        let post = site.post("A question", "Text").await;
        let target = site.address(&post);
        let page = format!("<title>T</title>{}", entry("u-in-reply-to", &target, "Whole words of it."));
        let source = blog.show("/a", &page);
        let call = rejoinder::linkbacks::protocol::pingback::ping_request(&source, &target);
        let path = format!("{}trackback/", site.path(&post));
        let form = form_body("", "") + &format!("&url={}", url::form_urlencoded::byte_serialize(source.as_bytes()).collect::<String>());
        let working = site.app.clone();
        let ping = tokio::spawn({
            let visitor = site.visitor();
            async move { visitor.request(Method::POST, "/xmlrpc.php", call.as_str(), &[("content-type", "text/xml")]).await }
        });
        while rejoinder::worker::run_due_jobs(&working).await.unwrap() == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(ping.await.unwrap().body.contains("has arrived"));
        let trackback = site.visitor().request(Method::POST, &path, form.as_str(), &[FORM]).await;
        assert!(trackback.body.contains("already registered"), "{}", trackback.body);
        mention_and_check(&site, &format!("{source}#again"), &target).await;
        let page = site.visitor().get(&site.path(&post)).await;
        assert_eq!(page.one("#comments h2"), "One response to “A question”");
        // The webmention says more about it than the pingback did.
        assert_eq!(page.one("li.webmention .text"), "Whole words of it.");
    }

    async fn a_blocked_network_can_send_no_page_and_nobody_else_pays_for_it(db) {
        let blog = Neighbour::start().await;
        let settings = format!("{OPEN}{}", blog.allowed());
        let proxy = "trusted_proxies = [\"127.0.0.0/8\"]";
        let site = Site::with_server(db, proxy, &settings).await;
        let target = site.address(&site.post("A question", "Text").await);
        let source = |name: &str| blog.show(name, &format!("<p>Words <a href='{target}'>here</a>."));
        let (one, two) = (source("/one"), source("/two"));
        let send = async |from: &str, source: &str| {
            let headers = [FORM, ("x-forwarded-for", from)];
            let body = form_body(source, &target);
            site.visitor().request(Method::POST, "/webmention", body.as_str(), &headers).await
        };
        assert_eq!(send("203.0.113.9", &one).await.status, StatusCode::CREATED);
        let moderator = site.signed_in(Role::Moderator).await;
        let form = moderator.get("/queue/senders").await.form("form[action='/queue/senders']");
        let block = form.fill("scope", "network").fill("subject", "203.0.113.0/24").fill("policy", "block");
        moderator.submit(&block).await;
        let refused = send("203.0.113.9", &two).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.body);
        assert!(refused.body.contains("your network"), "{}", refused.body);
        let owners = send("192.0.2.1", &two).await;
        assert_eq!(owners.status, StatusCode::CREATED);
        // Who sends it again from another network does not see the owner's status page.
        let again = send("198.51.100.1", &two).await;
        assert_eq!((again.status, again.header("location")), (StatusCode::ACCEPTED, None));
        assert!(!again.body.contains("/linkbacks/"), "{}", again.body);
        let neighbour = send("192.0.2.200", &two).await;
        assert_eq!(neighbour.header("location"), owners.header("location"));
        site.run_jobs().await;
        let shown = site.visitor().get(target.strip_prefix(&site.base).unwrap()).await;
        assert_eq!(shown.all("li.webmention").len(), 2, "{}", shown.text());
    }

    async fn this_sites_own_links_are_a_quiet_line_and_no_response(db) {
        let (_blog, site) = blog_and_site(db, OPEN).await;
        let first = site.post("A question", "Text").await;
        let answer = site.post("An answer", &format!("See [the question]({}) again, and [once]({}?p={}) more.", site.path(&first), site.base.clone() + "/", first.id)).await;
        site.run_jobs().await;
        let page = site.visitor().get(&site.path(&first)).await;
        assert_eq!(page.one("p.mentioned-in"), "Mentioned in: An answer");
        assert_eq!(page.one("#comments h2"), "No responses to “A question” yet");
        let sent = mention(&site, &site.address(&answer), &site.address(&first)).await;
        assert_eq!(sent.status, StatusCode::BAD_REQUEST);
        assert!(sent.body.contains("page on this site"));
        let editor = site.signed_in(Role::Editor).await;
        editor.post(&format!("/desk/posts/{}/unpublish", answer.id), &[]).await;
        assert!(!site.visitor().get(&site.path(&first)).await.has("p.mentioned-in"));
    }

    async fn somebody_elses_client_finds_the_endpoint_and_is_understood(db) {
        let (blog, site) = blog_and_site(db, OPEN).await;
        let post = site.post("A question", "Text").await;
        let target = site.address(&post);
        let source = blog.show("/a", &format!("<p>We read <a href='{target}'>it</a> twice."));
        let program = "require('send-webmention')(process.argv[1], process.argv[2], (error, sent) => { \
            console.log(error, sent.success, sent.res.statusCode, sent.res.headers.location); process.exit(); })";
        let run = tokio::task::spawn_blocking(move || {
            let tests = concat!(env!("CARGO_MANIFEST_DIR"), "/tests");
            Command::new("node").current_dir(tests).args(["-e", program, &source, &target]).output().unwrap()
        });
        let output = run.await.unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(said.starts_with("undefined true 201 http://"), "{said} {}", String::from_utf8_lossy(&output.stderr));
        site.run_jobs().await;
        let page = site.visitor().get(&site.path(&post)).await;
        assert_eq!(page.one("li.webmention .text"), "[…] We read it twice. […]");
    }

    async fn too_many_mentions_must_wait(db) {
        let (blog, site) = blog_and_site(db, "[limits]\nlinkbacks_per_source_host = 2\n").await;
        let post = site.post("A question", "Text").await;
        let target = site.address(&post);
        let mut statuses = Vec::new();
        for count in 0..3 {
            statuses.push(mention(&site, &blog.url(&format!("/{count}")), &target).await);
        }
        assert_eq!(statuses[1].status, StatusCode::CREATED);
        assert_eq!(statuses[2].status, StatusCode::TOO_MANY_REQUESTS);
        assert!(statuses[2].header("retry-after").unwrap().parse::<u64>().unwrap() > 0);
    }

    async fn a_host_gets_no_more_requests_than_its_rate_limit_however_many_sources_lead_to_it(db) {
        let victim = Neighbour::start().await;
        let blog = Neighbour::start().await;
        let settings = format!(
            "{OPEN}[limits]\nlinkbacks_per_minute = 0\nlinkbacks_per_source_host = 0\nlinkbacks_per_post = 0\nfetches_per_host = 5\n\
             [linkbacks]\nfetch_allow = [\"127.0.0.1/32:{}\", \"127.0.0.1/32:{}\"]\n",
            victim.port, blog.port
        );
        let site = Site::with(db, &settings, Workers::Off).await;
        let post = site.post("A question", "Text").await;
        for count in 0..4 {
            let to = victim.url(&format!("/expensive?{count}"));
            blog.show_with(&format!("/{count}"), 302, &[("location", &to)], "");
            mention(&site, &blog.url(&format!("/{count}")), &site.address(&post)).await;
        }
        for count in 0..4 {
            mention(&site, &victim.url(&format!("/{count}")), &site.address(&post)).await;
        }
        site.run_jobs().await;
        assert_eq!(victim.visits().len(), 5);
    }
}
