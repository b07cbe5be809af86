//! Shown linkbacks are rechecked: changed ones are shown as they are now, dead ones are folded.

use std::time::Duration;

use crate::on_both_databases;
use crate::support::neighbour::Neighbour;
use crate::support::site::Site;
use crate::webmentions::{blog_and_site, mention_and_check, state};

const OPEN: &str = "[comments]\nmoderation = \"none\"\n";
const DAY: Duration = Duration::from_secs(24 * 60 * 60 + 1);

async fn days_pass(site: &Site, days: u32) {
    site.app.clock.step(DAY * days);
    site.run_jobs().await;
}

/// On which of the next forty days the blog gets a request.
async fn days_of_requests(site: &Site, blog: &Neighbour) -> Vec<u32> {
    let mut days = Vec::new();
    for day in 1..=40 {
        let before = blog.visits().len();
        days_pass(site, 1).await;
        if blog.visits().len() > before {
            days.push(day);
        }
    }
    days
}

on_both_databases! {
    async fn a_changed_source_is_shown_as_it_is_now(db) {
        let (blog, site) = blog_and_site(db, OPEN).await;
        let post = site.post("A question", "Text").await;
        let target = site.address(&post);
        let source = blog.show("/a", &format!("<p>First words with <a href='{target}'>a link</a>."));
        mention_and_check(&site, &source, &target).await;
        blog.show("/a", &format!("<p>Later words with <a href='{target}'>a link</a>."));
        assert_eq!(site.run_jobs().await, 0);
        days_pass(&site, 1).await;
        let page = site.visitor().get(&site.path(&post)).await;
        assert_eq!(page.one("li.webmention .text"), "[…] Later words with a link. […]");
    }

    async fn an_unchanged_source_is_rechecked_ever_more_rarely(db) {
        let (blog, site) = blog_and_site(db, OPEN).await;
        let post = site.post("A question", "Text").await;
        let target = site.address(&post);
        let page = format!("<p>Some words with <a href='{target}'>a link</a>.");
        let source = blog.show_with("/a", 200, &[("etag", "\"1\"")], &page);
        let status_token = mention_and_check(&site, &source, &target).await;
        assert_eq!(days_of_requests(&site, &blog).await, [1, 3, 7, 15, 31]);
        assert_eq!(state(&site, &status_token).await, "shown");
        let page = site.visitor().get(&site.path(&post)).await;
        assert_eq!(page.one("li.webmention .text"), "[…] Some words with a link. […]");
    }

    async fn a_dead_source_is_folded_with_a_date_and_unfolds_when_it_is_back(db) {
        let (blog, site) = blog_and_site(db, OPEN).await;
        let post = site.post("A question", "Text").await;
        let target = site.address(&post);
        let text = format!("<p>Some words with <a href='{target}'>a link</a>.");
        let source = blog.show("/a", &text);
        let status_token = mention_and_check(&site, &source, &target).await;
        blog.show_with("/a", 404, &[], "");
        for _ in 0..2 {
            days_pass(&site, 1).await;
            assert!(!site.visitor().get(&site.path(&post)).await.has("details.gone"), "a bad day is not death");
        }
        days_pass(&site, 1).await;
        let page = site.visitor().get(&site.path(&post)).await;
        assert!(page.one("li.webmention details.gone summary").starts_with("The page has been gone or without the link since"));
        assert!(page.has("li.webmention details.gone .text"));
        assert_eq!(page.one("#comments h2"), "One response to “A question”");
        let status = site.visitor().get(&status_token).await.text();
        assert!(status.contains("Gone since"), "{status}");
        blog.show("/a", &text);
        days_pass(&site, 70).await;
        assert!(!site.visitor().get(&site.path(&post)).await.has("details.gone"));
    }

    async fn a_dead_source_is_rechecked_ever_more_rarely(db) {
        let (blog, site) = blog_and_site(db, OPEN).await;
        let target = site.address(&site.post("A question", "Text").await);
        let source = blog.show("/a", &format!("<p>Some words with <a href='{target}'>a link</a>."));
        mention_and_check(&site, &source, &target).await;
        blog.show_with("/a", 404, &[], "");
        assert_eq!(days_of_requests(&site, &blog).await, [1, 2, 3, 5, 9, 17, 33]);
    }

    async fn a_source_that_says_it_is_gone_or_drops_its_link_is_folded_at_the_next_recheck(db) {
        let (blog, site) = blog_and_site(db, OPEN).await;
        let post = site.post("A question", "Text").await;
        let target = site.address(&post);
        let text = format!("<p>Some words with <a href='{target}'>a link</a>.");
        for path in ["/gone", "/unlinked"] {
            mention_and_check(&site, &blog.show(path, &text), &target).await;
        }
        blog.show_with("/gone", 410, &[], "");
        blog.show("/unlinked", "<p>Some words without.");
        days_pass(&site, 1).await;
        let page = site.visitor().get(&site.path(&post)).await;
        assert_eq!(page.all("li.webmention details.gone").len(), 2);
    }

    async fn a_source_that_turns_into_spam_is_held(db) {
        let (blog, site) = blog_and_site(db, OPEN).await;
        let post = site.post("A question", "Text").await;
        let target = site.address(&post);
        let source = blog.show("/a", &format!("<p>Some words with <a href='{target}'>a link</a>."));
        let status_token = mention_and_check(&site, &source, &target).await;
        let links: String = (0..90).map(|n| format!("<a href='https://{n}.example/'>pills</a> ")).collect();
        blog.show("/a", &format!("<p>Buy pills <a href='{target}'>a link</a>. {links}"));
        days_pass(&site, 1).await;
        assert_eq!(state(&site, &status_token).await, "held");
        assert!(!site.visitor().get(&site.path(&post)).await.has("li.webmention"));
    }
}
