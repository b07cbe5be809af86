//! What counts as a source: where its redirects lead, its media type, how much of it is read, what it says of
//! itself, and what its sender learns.

use std::time::{Duration, Instant};

use rejoinder::commands::serve::Workers;
use rejoinder::linkbacks::protocol::pingback::{PingError, parse_response, ping_request};
use rejoinder::store::entity::response::ResponseState;
use rejoinder::store::entity::user::Role;
use rejoinder::store::responses;
use reqwest::Method;
use tokio::net::TcpListener;

use crate::on_both_databases;
use crate::support::client::Page;
use crate::support::site::Site;
use crate::webmentions::{blog_and_site, mention, mention_and_check, state};

const OPEN: &str = "[comments]\nmoderation = \"none\"\n";
const NO_WAIT: Duration = Duration::ZERO;

async fn thread(site: &Site, path: &str) -> Page {
    site.visitor().get(path).await
}

async fn reason(site: &Site, status_token: &str) -> Option<String> {
    let page = site.visitor().get(&format!("{status_token}.json")).await;
    let status: serde_json::Value = serde_json::from_str(&page.body).unwrap();
    status["reason"].as_str().map(str::to_owned)
}

/// The fault that answers a ping; None where it is accepted.
async fn ping(site: &Site, source: &str, target: &str) -> Option<i32> {
    let call = ping_request(source, target);
    let xml = [("content-type", "text/xml")];
    let answer = site
        .visitor()
        .request(Method::POST, "/xmlrpc.php", call.as_str(), &xml)
        .await;
    match parse_response(answer.body.as_bytes()) {
        Ok(_) => None,
        Err(PingError::Fault { code, .. }) => Some(code),
        Err(PingError::NotXmlRpc) => panic!("{}", answer.body),
    }
}

on_both_databases! {
    async fn sources_that_lead_to_one_page_are_one_response(db) {
        let (blog, site) = blog_and_site(db, OPEN).await;
        let post = site.post("A question", "Text").await;
        let (target, path) = (site.address(&post), site.path(&post));
        let page = blog.show("/page", &format!("<title>Theirs</title><p>We read <a href='{target}'>it</a> twice."));
        let short = blog.show_with("/s1", 301, &[("location", "/page")], "");
        let shorter = blog.show_with("/s2", 302, &[("location", "/s1")], "");
        let marked = blog.show_with("/s3", 307, &[("location", "/page#part")], "");
        let mut status_tokens = Vec::new();
        for source in [&short, &shorter, &page, &marked] {
            status_tokens.push(mention_and_check(&site, source, &target).await);
            assert_eq!(state(&site, status_tokens.last().unwrap()).await, "shown", "{source}");
            let shown = thread(&site, &path).await;
            assert_eq!(shown.all("li.webmention .text"), ["[…] We read it twice. […]"], "{source}");
            let shown_at = shown.attribute("li.webmention a.author", "href").unwrap();
            assert!(shown_at.starts_with(&page), "{shown_at}");
        }
        // One of them ends: the response stays because of the others. With the last of them it goes.
        for (name, gone) in [("/s1", &short), ("/s2", &shorter), ("/s3", &marked)] {
            blog.show_with(name, 410, &[], "");
            mention_and_check(&site, gone, &target).await;
            assert!(thread(&site, &path).await.has("li.webmention"), "{name}");
        }
        assert_eq!(state(&site, &status_tokens[0]).await, "withdrawn");
        blog.show_with("/page", 410, &[], "");
        mention_and_check(&site, &page, &target).await;
        assert!(!thread(&site, &path).await.has("li.webmention"));
    }

    async fn a_page_that_moves_to_one_that_is_here_already_is_not_counted_twice(db) {
        let (blog, site) = blog_and_site(db, OPEN).await;
        let post = site.post("A question", "Text").await;
        let (target, path) = (site.address(&post), site.path(&post));
        let page = |text: &str| format!("<p>{text} with <a href='{target}'>a link</a>.");
        let old = blog.show("/old", &page("Old words"));
        let new = blog.show("/new", &page("New words"));
        mention_and_check(&site, &old, &target).await;
        mention_and_check(&site, &new, &target).await;
        assert_eq!(thread(&site, &path).await.all("li.webmention").len(), 2);
        blog.show_with("/old", 301, &[("location", "/new")], "");
        site.app.clock.step(Duration::from_secs(25 * 60 * 60));
        site.run_jobs().await;
        assert_eq!(thread(&site, &path).await.all("li.webmention .text"), ["[…] New words with a link. […]"]);
        // One that moves to an unknown page keeps its response.
        blog.show("/newer", &page("Newest words"));
        blog.show_with("/new", 301, &[("location", "/newer")], "");
        mention_and_check(&site, &new, &target).await;
        mention_and_check(&site, &blog.url("/newer"), &target).await;
        assert_eq!(thread(&site, &path).await.all("li.webmention .text"), ["[…] Newest words with a link. […]"]);
    }

    async fn a_redirect_to_a_page_does_not_change_what_is_shown_of_it(db) {
        let (blog, site) = blog_and_site(db, OPEN).await;
        let post = site.post("A question", "Text").await;
        let (target, path) = (site.address(&post), site.path(&post));
        let page = blog.show("/page", &format!("<title>Theirs</title><p>We read <a href='{target}'>it</a> twice."));
        mention_and_check(&site, &page, &target).await;
        let short = blog.show_with("/s", 302, &[("location", "/page")], "");
        let form = format!("url={short}&title=Pills&excerpt=Cheap+pills&blog_name=Pills");
        let (visitor, to) = (site.visitor(), format!("{path}trackback/"));
        let sent = visitor.request(
            Method::POST,
            &to,
            form.as_str(),
            &[("content-type", "application/x-www-form-urlencoded")],
        );
        let app = site.app.clone();
        let work = async {
            while rejoinder::worker::run_due_jobs(&app).await.unwrap() == 0 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let (answer, ()) = tokio::join!(sent, work);
        assert!(answer.body.contains("<error>0</error>"), "{}", answer.body);
        let shown = thread(&site, &path).await;
        assert_eq!(shown.one("#comments h2"), "One response to “A question”");
        assert_eq!(shown.one("li.webmention .text"), "[…] We read it twice. […]");
        assert!(!shown.text().contains("ills"));
    }

    async fn a_source_that_leads_to_this_site_is_rejected(db) {
        let blog = crate::support::neighbour::Neighbour::start().await;
        let settings = format!("{OPEN}[linkbacks]\nfetch_allow = [\"127.0.0.0/8\"]\n");
        let site = Site::with(db, &settings, Workers::On).await;
        let post = site.post("A question", "Text").await;
        let other = site.post("Another", &format!("See [it]({})", site.address(&post))).await;
        let target = site.address(&post);
        for (number, own) in [&target, &site.address(&other)].into_iter().enumerate() {
            let source = blog.show_with(&format!("/{number}"), 302, &[("location", own)], "");
            assert_eq!(ping(&site, &source, &target).await, Some(49), "{own}");
        }
        // The same where it is sent directly: nothing is registered, and no answer says that it is.
        assert_eq!(ping(&site, &site.address(&other), &target).await, Some(49));
        assert!(!thread(&site, &site.path(&post)).await.has("ol.comment-list li"));
    }

    async fn a_link_beyond_the_part_that_is_read_has_its_own_reason_and_withdraws_nothing(db) {
        let (blog, site) = blog_and_site(db, OPEN).await;
        let post = site.post("A question", "Text").await;
        let (target, path) = (site.address(&post), site.path(&post));
        let link = format!("<p>We read <a href='{target}'>it</a> twice.");
        let far = |size: usize| format!("<p>{}{link}", "x ".repeat(size / 2));
        let long = blog.show("/long", &far(1024 * 1024));
        let status_token = mention_and_check(&site, &long, &target).await;
        assert_eq!(state(&site, &status_token).await, "refused");
        assert_eq!(reason(&site, &status_token).await.as_deref(), Some("too_long"));
        let text = site.visitor().get(&status_token).await.text();
        assert!(text.contains("1024 KB") && !text.contains("does not link"), "{text}");
        // Just within the limit it counts.
        let near = blog.show("/near", &far(1024 * 1024 - 4096));
        let near_at = mention_and_check(&site, &near, &target).await;
        assert_eq!(state(&site, &near_at).await, "shown");
        // Where a shown source grows, the link may still be there.
        blog.show("/near", &far(1024 * 1024));
        mention_and_check(&site, &near, &target).await;
        assert_eq!(state(&site, &near_at).await, "shown");
        site.app.clock.step(Duration::from_secs(25 * 60 * 60));
        site.run_jobs().await;
        let shown = thread(&site, &path).await;
        assert!(shown.has("li.webmention") && !shown.text().contains("The page has been gone"));
        assert_eq!(state(&site, &near_at).await, "shown");
        blog.show("/near", "<p>Nothing");
        mention_and_check(&site, &near, &target).await;
        assert_eq!(state(&site, &near_at).await, "withdrawn");
    }

    async fn a_page_that_says_it_is_gone_is_gone_even_if_it_links(db) {
        let (blog, site) = blog_and_site(db, OPEN).await;
        let post = site.post("A question", "Text").await;
        let (target, path) = (site.address(&post), site.path(&post));
        let link = format!("<p>We read <a href='{target}'>it</a> twice.");
        let source = blog.show("/a", &link);
        let status_token = mention_and_check(&site, &source, &target).await;
        let tombstone = format!("<meta http-equiv=\"Status\" content=\"410 Gone\">{link}");
        blog.show("/a", &tombstone);
        mention_and_check(&site, &source, &target).await;
        assert_eq!(state(&site, &status_token).await, "withdrawn");
        assert!(!thread(&site, &path).await.has("li.webmention"));
        let new = blog.show("/b", &tombstone);
        let status_token = mention_and_check(&site, &new, &target).await;
        assert_eq!(state(&site, &status_token).await, "refused");
    }

    async fn a_post_that_closes_keeps_its_linkbacks_and_accepts_no_new_ones(db) {
        let (blog, site) = blog_and_site(db, OPEN).await;
        let post = site.post("A question", "Text").await;
        let (path, target) = (site.path(&post), site.address(&post));
        let page = |text: &str| format!("<p>{text} about <a href='{target}'>this</a>.");
        let (kept, gone) = (blog.show("/kept", &page("First words")), blog.show("/gone", &page("Other words")));
        let kept_at = mention_and_check(&site, &kept, &target).await;
        let gone_at = mention_and_check(&site, &gone, &target).await;
        let late = blog.show("/late", &page("Late words"));
        let answer = mention(&site, &late, &target).await;
        let late_at = answer.header("location").unwrap().strip_prefix(&site.base).unwrap().to_owned();
        let editor = site.signed_in(Role::Editor).await;
        let mut form = editor.get(&format!("/desk/posts/{}/edit", post.id)).await.form("form.compose");
        form.fields.retain(|(name, _)| name != "linkbacks");
        assert_eq!(editor.submit(&form.press("Update")).await.status, 303);
        site.run_jobs().await;
        // It was sent while the post was open, and is checked too late.
        assert_eq!(state(&site, &late_at).await, "refused");
        assert_eq!(reason(&site, &late_at).await.as_deref(), Some("closed"));
        assert!(!blog.visits().contains(&"/late".to_owned()), "{:?}", blog.visits());
        assert_eq!(mention(&site, &late, &target).await.status, 400);
        assert_eq!(mention(&site, &blog.show("/new", &page("New words")), &target).await.status, 400);
        // What is shown may change, and go.
        blog.show("/kept", &page("Better words"));
        mention_and_check(&site, &kept, &target).await;
        blog.show("/gone", "<p>I took it back.");
        mention_and_check(&site, &gone, &target).await;
        assert_eq!(thread(&site, &path).await.all("li.webmention .text"), ["[…] Better words about this. […]"]);
        assert_eq!(state(&site, &kept_at).await, "shown");
        assert_eq!(state(&site, &gone_at).await, "withdrawn");
        // What was withdrawn does not come back.
        blog.show("/gone", &page("Here again"));
        assert_eq!(mention(&site, &gone, &target).await.status, 400);
    }

    async fn what_a_moderator_marked_as_spam_stays_spam_also_where_its_source_withdraws_it(db) {
        let (blog, site) = blog_and_site(db, OPEN).await;
        let post = site.post("A question", "Text").await;
        let target = site.address(&post);
        let source = blog.show("/a", &format!("<p>Cheap kittens at <a href='{target}'>this</a>."));
        let status_token = mention_and_check(&site, &source, &target).await;
        let id = rejoinder::store::queue::last_id(site.app.store.read()).await.unwrap();
        let moderator = site.signed_in(Role::Moderator).await;
        moderator.post("/queue/decisions", &[("move", &format!("spam:{id}"))]).await;
        let is_spam = async || {
            let row = responses::find(site.app.store.read(), id).await.unwrap().unwrap();
            row.state == ResponseState::Spam
        };
        blog.show("/a", "<p>Nothing here.");
        mention_and_check(&site, &source, &target).await;
        assert_eq!(state(&site, &status_token).await, "withdrawn");
        assert!(is_spam().await, "to be learned from");
        blog.show("/a", &format!("<p>Kittens again at <a href='{target}'>this</a>."));
        mention_and_check(&site, &source, &target).await;
        assert!(is_spam().await);
        assert!(!thread(&site, &site.path(&post)).await.has("li.webmention"));
    }

    async fn feeds_and_texts_of_any_script_are_read(db) {
        let (blog, site) = blog_and_site(db, OPEN).await;
        let post = site.post("A question", "Text").await;
        let target = site.address(&post);
        let escaped = format!("<content type='html'>&lt;a href=&quot;{target}&quot;&gt;x&lt;/a&gt;</content>");
        let sources = [
            ("/atom", "application/atom+xml", format!("<feed><entry><link rel='related' href='{target}'/></entry></feed>"), "shown"),
            ("/atom2", "application/atom+xml; charset=utf-8", format!("<feed>{escaped}</feed>"), "shown"),
            ("/rss", "application/rss+xml", format!("<rss><item><description><![CDATA[<a href=\"{target}\">x</a>]]></description></item></rss>"), "shown"),
            ("/svg", "image/svg+xml", format!("<svg><a href='{target}'>x</a></svg>"), "shown"),
            ("/comment", "application/rss+xml", format!("<rss><!-- {target} --></rss>"), "refused"),
            ("/jp", "text/plain; charset=utf-8", format!("これは「{target}」、です。"), "shown"),
            ("/cn", "text/plain; charset=utf-8", format!("看{target}，好。").replace('看', "看 "), "shown"),
            ("/longer", "text/plain; charset=utf-8", format!("{target}時事"), "refused"),
        ];
        for (path, media_type, body, expected) in sources {
            let source = blog.show_as(path, 200, media_type, body.as_bytes(), NO_WAIT);
            let status_token = mention_and_check(&site, &source, &target).await;
            assert_eq!(state(&site, &status_token).await, expected, "{path}");
        }
    }

    async fn an_unexpected_http_status_ends_in_a_clear_linkback_status(db) {
        let (blog, site) = blog_and_site(db, OPEN).await;
        let post = site.post("A question", "Text").await;
        let target = site.address(&post);
        let link = format!("<p><a href='{target}'>x</a>");
        for status in [304, 206, 300] {
            let source = blog.show_with(&format!("/{status}"), status, &[], if status == 304 { "" } else { &link });
            let status_token = mention_and_check(&site, &source, &target).await;
            assert_eq!(state(&site, &status_token).await, "checking", "{status}");
            for _ in 0..4 {
                site.app.clock.step(Duration::from_secs(3 * 60 * 60));
                site.run_jobs().await;
            }
            assert_eq!(state(&site, &status_token).await, "refused", "{status}");
        }
    }

    async fn a_dead_source_is_fault_16_while_the_sender_waits(db) {
        let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let source = format!("http://127.0.0.1:{}/a", silent.local_addr().unwrap().port());
        let settings = format!("{OPEN}[linkbacks]\nfetch_allow = [\"127.0.0.0/8\"]\n");
        let site = Site::with(db, &settings, Workers::On).await;
        let post = site.post("A question", "Text").await;
        let begun = Instant::now();
        assert_eq!(ping(&site, &source, &site.address(&post)).await, Some(16));
        assert!(begun.elapsed() < Duration::from_secs(site.app.config.linkbacks.verification_wait));
    }

    async fn a_post_names_its_trackback_endpoint_in_an_element_too(db) {
        let site = Site::start(db).await;
        let post = site.post("A question", "Text").await;
        let page = thread(&site, &site.path(&post)).await;
        let address = format!("{}trackback/", site.address(&post));
        assert_eq!(page.attribute("link[rel=trackback]", "href"), Some(address));
        let closed = site.post_of(rejoinder::posts::draft::PostInput { title: "Closed".into(), body: "x".into(), ..Default::default() }).await;
        assert!(!thread(&site, &site.path(&closed)).await.has("link[rel=trackback]"));
    }
}
