//! Reading: pages, feeds, URLs, and a cache that is never out of date.

use std::future::{Future, poll_fn};
use std::task::Poll;

use rejoinder::accounts::permissions::Actor;
use rejoinder::commands::serve::Workers;
use rejoinder::moderation::decide::{DecisionRequest, decide};
use rejoinder::posts::draft::PostInput;
use rejoinder::store::entity::ids::ResponseId;
use rejoinder::store::entity::response::ResponseState;
use reqwest::{Method, StatusCode};
use sea_orm::TransactionTrait;

use crate::on_both_databases;
use crate::support::database::Kind;
use crate::support::site::{Site, comment_id};

on_both_databases! {
    async fn many_readers_at_once_all_see_what_was_posted_before_they_came(db) {
        let site = Site::with(db, "[comments]\nmoderation = \"none\"\n", Workers::Off).await;
        let post = site.post("A question", "Text").await;
        let path = site.path(&post);
        for count in 1..=10 {
            site.comment(&post, "Ben", &format!("Remark number {count}.")).await;
            let readers: Vec<_> = (0..12).map(|_| {
                let (visitor, path) = (site.visitor(), path.clone());
                tokio::spawn(async move { visitor.get(&path).await.all("li.comment").len() })
            }).collect();
            for reader in readers {
                assert_eq!(reader.await.unwrap(), count);
            }
        }
    }

    async fn a_page_that_was_being_made_during_a_change_is_not_cached(db) {
        let site = Site::start(db).await;
        let post = site.post("A question", "Text").await;
        let path = site.path(&post);
        let mut held = Vec::new();
        for count in 0..12 {
            held.push(ResponseId(comment_id(&site.comment(&post, &format!("R{count}"), "Hello").await)));
        }
        // The page and this test alternate on one connection, so that the change comes between any two of
        // the page's queries.
        let begin = || site.app.store.read().begin();
        let listening = usize::from(db == Kind::Postgres);
        let mut taken = Vec::new();
        for _ in listening..3 {
            taken.push(begin().await.unwrap());
        }
        for (queries, id) in held.iter().enumerate() {
            let mut transaction = begin().await.unwrap();
            // No earlier page may be sent.
            site.app.store.changes().invalidate_all();
            let (reader, at) = (site.visitor(), path.clone());
            let page = tokio::spawn(async move { reader.get(&at).await.status });
            // By then the page waits for the connection.
            let pause = async || {
                for _ in 0..3 {
                    assert_eq!(site.visitor().get("/health/live").await.body, "alive\n");
                }
            };
            pause().await;
            for _ in 0..queries {
                let mut next = Box::pin(begin());
                let _ = poll_fn(|context| Poll::Ready(next.as_mut().poll(context).is_pending())).await;
                transaction.rollback().await.unwrap();
                transaction = next.await.unwrap();
                pause().await;
            }
            let transaction = match db {
                Kind::Sqlite => Some(transaction),
                // There the change waits for the connection too.
                Kind::Postgres => transaction.rollback().await.map(|()| None).unwrap(),
            };
            decide(&site.app, &Actor::operator(), &[*id], &DecisionRequest::to(ResponseState::Approved)).await.unwrap();
            if let Some(transaction) = transaction {
                transaction.rollback().await.unwrap();
            }
            assert_eq!(page.await.unwrap(), StatusCode::OK);
            let after = site.visitor().get(&path).await;
            assert_eq!(after.all("li.comment").len(), queries + 1, "after {queries} queries");
        }
        for transaction in taken {
            transaction.rollback().await.unwrap();
        }
    }

    async fn an_empty_site_says_so(db) {
        let site = Site::start(db).await;
        let page = site.visitor().get("/").await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text().contains("The first post will appear"));
        assert_eq!(site.visitor().get("/feed/").await.status, StatusCode::OK);
    }

    async fn the_home_page_shows_the_newest_posts_page_by_page(db) {
        let site = Site::with(db, "[site]\nposts_per_page = 2\n", Workers::Off).await;
        for title in ["One", "Two", "Three"] {
            site.post(title, "Text").await;
            site.app.clock.step(std::time::Duration::from_secs(60));
        }
        let visitor = site.visitor();
        let first = visitor.get("/").await;
        assert_eq!(first.all("article h2"), ["Three", "Two"]);
        let next = first.attribute("a[rel='next']", "href").unwrap();
        assert_eq!(visitor.get(&next).await.all("article h2"), ["One"]);
        assert_eq!(visitor.get("/page/3/").await.status, StatusCode::NOT_FOUND);
        assert_eq!(visitor.get("/page/x/").await.status, StatusCode::NOT_FOUND);
        assert_eq!(visitor.get("/page/1/").await.status, StatusCode::PERMANENT_REDIRECT);
    }

    async fn an_approved_comment_is_on_the_next_page_that_anybody_gets(db) {
        let site = Site::with(db, "[comments]\nmoderation = \"none\"\n", Workers::Off).await;
        let post = site.post("Fresh", "Text").await;
        let path = site.path(&post);
        let reader = site.visitor();
        for count in 1..=20 {
            reader.get(&path).await;
            site.comment(&post, &format!("Reader{count}"), &format!("Text {count}")).await;
            let page = reader.get(&path).await;
            assert_eq!(page.all("ol.comment-list > li").len(), count, "a stale page");
        }
        assert!(reader.get("/").await.text().contains("20 responses"));
    }

    async fn an_unchanged_page_is_not_sent_again(db) {
        let site = Site::start(db).await;
        let post = site.post("Fresh", "Text").await;
        let path = site.path(&post);
        let reader = site.visitor();
        let first = reader.get(&path).await;
        let etag = first.header("etag").unwrap().to_owned();
        let again = reader.get_with(&path, &[("if-none-match", &etag)]).await;
        assert_eq!(again.status, StatusCode::NOT_MODIFIED);
        assert!(again.body.is_empty());
        let head = reader.request(Method::HEAD, &path, "", &[]).await;
        assert_eq!(head.header("x-pingback"), first.header("x-pingback"));
        assert!(head.body.is_empty());
        site.comment(&post, "Ruth", "Hello").await;
        site.approve_all().await;
        let changed = reader.get_with(&path, &[("if-none-match", &etag)]).await;
        assert_eq!(changed.status, StatusCode::OK);
    }

    async fn a_post_with_ten_responses_is_a_small_download(db) {
        let site = Site::with(db, "[comments]\nmoderation = \"none\"\n", Workers::Off).await;
        let text = "Some words of a paragraph that is about as long as such things are. ".repeat(40);
        let post = site.post("Small", &text).await;
        for count in 0..10 {
            site.comment(&post, &format!("Reader{count}"), &text[..500 + count]).await;
        }
        let reader = site.visitor();
        let plain = reader.get(&site.path(&post)).await;
        assert_eq!(plain.all("ol.comment-list > li").len(), 10);
        let mut total = 0;
        let style = plain.attribute("link[rel='stylesheet']", "href").unwrap();
        let script = plain.attribute("script", "src").unwrap();
        for path in [site.path(&post), style, script] {
            let compressed = reader.get_with(&path, &[("accept-encoding", "br")]).await;
            assert_eq!(compressed.header("content-encoding"), Some("br"));
            total += compressed.header("content-length").unwrap().parse::<usize>().unwrap();
        }
        assert!(total < 30_000, "{total} bytes");
        assert_eq!(plain.all("script").len(), 1, "the one that helps with the form");
        assert!(!plain.has("script:not([src^='/static/'])"));
        assert!(!plain.body.contains("src=\"http"), "a third-party resource");
    }

    async fn a_long_thread_has_pages_and_every_response_is_on_one(db) {
        let settings = "[comments]\nmoderation = \"none\"\nper_page = 3\n";
        let site = Site::with(db, settings, Workers::Off).await;
        let post = site.post("Long", "Text").await;
        let path = site.path(&post);
        let mut last = None;
        for count in 1..=7 {
            last = Some(site.comment(&post, &format!("R{count}"), &format!("Text {count}")).await);
        }
        let location = last.unwrap().header("location").unwrap().to_owned();
        assert!(location.contains("/comment-page-3/#comment-"), "{location}");
        let visitor = site.visitor();
        let mut seen = Vec::new();
        let mut next = Some(path.clone());
        while let Some(here) = next {
            let page = visitor.get(here.split('#').next().unwrap()).await;
            assert_eq!(page.one("#comments h2"), "7 responses to “Long”");
            seen.extend(page.all("ol.comment-list > li .author"));
            next = page.attribute("nav.paging a[rel='next']", "href");
        }
        assert_eq!(seen, ["R1", "R2", "R3", "R4", "R5", "R6", "R7"]);
        assert_eq!(visitor.get(&format!("{path}comment-page-4/")).await.status, StatusCode::NOT_FOUND);
    }

    async fn every_url_of_a_post_redirects_to_its_permalink(db) {
        let site = Site::start(db).await;
        let post = site.post("An address", "Text").await;
        let path = site.path(&post);
        let visitor = site.visitor();
        let wrong_day = format!("/1999/01/01/{}/", post.slug);
        let without_slash = path.trim_end_matches('/').to_owned();
        for address in [format!("/?p={}", post.id), wrong_day, without_slash, format!("{path}comment-page-1/")] {
            let answer = visitor.get(&address).await;
            assert_eq!(answer.status, StatusCode::PERMANENT_REDIRECT, "{address}");
            assert_eq!(answer.header("location"), Some(path.as_str()), "{address}");
        }
        assert_eq!(visitor.get("/?p=x").await.status, StatusCode::NOT_FOUND);
        assert_eq!(visitor.get("/?p=9999").await.status, StatusCode::NOT_FOUND);
    }

    async fn archives_show_the_posts_of_a_tag_an_author_a_month(db) {
        let site = Site::start(db).await;
        let input = PostInput {
            title: "Tagged".into(),
            body: "Text".into(),
            tags: "Oil & gas".into(),
            date: "2026-03-05 10:00".into(),
            ..PostInput::default()
        };
        site.post_of(input).await;
        site.post("Other", "Text").await;
        let visitor = site.visitor();
        for address in ["/tag/oil-gas/", "/2026/03/"] {
            assert_eq!(visitor.get(address).await.all("article h2"), ["Tagged"], "{address}");
        }
        assert_eq!(visitor.get("/author/ada-okoye/").await.all("article h2").len(), 2);
        for address in ["/tag/none/", "/2026/13/", "/2020/01/", "/author/nobody/", "/20x6/03/"] {
            assert_eq!(visitor.get(address).await.status, StatusCode::NOT_FOUND, "{address}");
        }
    }

    async fn feeds_hold_posts_and_responses(db) {
        let site = Site::start(db).await;
        let post = site.post("In a feed & more", "Some *text*").await;
        site.comment(&post, "Ruth", "A response").await;
        let visitor = site.visitor();
        assert!(!visitor.get("/comments/feed/").await.body.contains("A response"), "a held response is left out");
        site.approve_all().await;
        let own = format!("{}feed/", site.path(&post));
        for (address, media_type, holds) in [
            ("/feed/", "application/rss+xml", "In a feed &amp; more"),
            ("/feed/atom/", "application/atom+xml", "In a feed &amp; more"),
            ("/feed.json", "application/feed+json", "In a feed & more"),
            ("/comments/feed/", "application/rss+xml", "A response"),
            ("/comments/feed/atom/", "application/atom+xml", "A response"),
            (own.as_str(), "application/rss+xml", "A response"),
            ("/sitemap.xml", "application/xml", "/in-a-feed-more/"),
        ] {
            let feed = visitor.get(address).await;
            assert_eq!(feed.status, StatusCode::OK, "{address}");
            assert!(feed.header("content-type").unwrap().starts_with(media_type), "{address}");
            assert!(feed.body.contains(holds), "{address}: {}", feed.body);
        }
    }

    async fn an_error_page_has_a_next_step(db) {
        let site = Site::start(db).await;
        let visitor = site.visitor();
        for address in ["/nothing", "/2026/11/23/nothing/", "/static/nothing.css", "/a/b/c/d/e/f", "/%ff%fe/"] {
            let page = visitor.get(address).await;
            assert_eq!(page.status, StatusCode::NOT_FOUND, "{address}");
            assert_eq!(page.one("main h1"), "Page not found", "{address}");
            assert!(page.has("main a[href='/']"));
        }
        assert!(visitor.get("/desk/").await.has("main a[href='/login?next=%2Fdesk%2F']"));
        let wrong = visitor.request(Method::DELETE, "/", "", &[]).await;
        assert_eq!(wrong.status, StatusCode::METHOD_NOT_ALLOWED);
        assert!(wrong.has("main a[href='/']"), "{}", wrong.body);
    }

    async fn every_answer_has_the_security_headers(db) {
        let site = Site::start(db).await;
        let visitor = site.visitor();
        for address in ["/", "/login", "/nothing", "/feed/", "/xmlrpc.php"] {
            let page = visitor.get(address).await;
            let policy = page.header("content-security-policy").unwrap();
            assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{address}");
            assert_eq!(page.header("x-content-type-options"), Some("nosniff"), "{address}");
            assert!(page.header("x-request-id").is_some(), "{address}");
        }
    }
}
