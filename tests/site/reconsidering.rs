//! A shown linkback whose source changes: the new verdict always decides. A person's decision on the same
//! content stays.

use std::time::Duration;

use rejoinder::judge::rule_conditions::RuleConditions;
use rejoinder::store::entity::rule::RuleAction;
use rejoinder::store::entity::sender_policy::{Scope, SenderPolicy};
use rejoinder::store::entity::user::Role;
use reqwest::{Method, StatusCode};

use crate::on_both_databases;
use crate::proving::{set_policy, set_rule, words};
use crate::support::client::Client;
use crate::support::neighbour::Neighbour;
use crate::support::site::Site;
use crate::webmentions::{blog_and_site, mention, mention_and_check};

const OPEN: &str = "[comments]\nmoderation = \"none\"\n";
const FIRST: &str = "[comments]\nmoderation = \"first\"\n";
const DAY: Duration = Duration::from_secs(24 * 60 * 60 + 1);

async fn days_pass(site: &Site, days: u32) {
    site.app.clock.step(DAY * days);
    site.run_jobs().await;
}

async fn counts(moderator: &Client) -> [String; 4] {
    let counts = moderator.get("/queue/").await.all(".tabs .count");
    counts.try_into().unwrap()
}

fn reply(target: &str, text: &str) -> String {
    format!(
        "<div class=h-entry><a class='p-author h-card' href=/ann>Ann</a> <a class=u-in-reply-to href='{target}'>re</a><p class=e-content>{text}</p></div>"
    )
}

on_both_databases! {
    async fn a_changed_source_goes_where_the_new_verdict_puts_it(db) {
        for (outcome, expected) in [
            (RuleAction::Spam, ["0", "0", "1", "0"]),
            (RuleAction::Refuse, ["0", "0", "0", "1"]),
            (RuleAction::Hold, ["1", "0", "0", "0"]),
        ] {
            let (blog, site) = blog_and_site(db, OPEN).await;
            let post = site.post("A question", "Text").await;
            let target = site.address(&post);
            let moderator = site.signed_in(Role::Moderator).await;
            set_rule(&site, outcome, words("pills")).await;
            let source = blog.show("/a", &reply(&target, "Good words"));
            mention_and_check(&site, &source, &target).await;
            assert_eq!(counts(&moderator).await, ["0", "1", "0", "0"]);
            // A moderator approved the good text, which does not extend to other text.
            for to in ["pending", "approved"] {
                let id = rejoinder::store::queue::last_id(site.app.store.read()).await.unwrap();
                moderator.post("/queue/decisions", &[("move", &format!("{to}:{id}"))]).await;
            }
            blog.show("/a", &reply(&target, "Buy pi\u{200b}lls"));
            days_pass(&site, 1).await;
            assert_eq!(counts(&moderator).await, expected, "{outcome:?}, rechecked");
            assert!(!site.visitor().get(&site.path(&post)).await.body.contains("pi\u{200b}lls"));
            // Good text again does not bring it back by itself.
            blog.show("/a", &reply(&target, "Good words"));
            mention_and_check(&site, &source, &target).await;
            assert_eq!(counts(&moderator).await, expected, "{outcome:?}, sent again");
        }
    }

    async fn an_update_that_is_sent_is_judged_like_one_that_is_found(db) {
        let (blog, site) = blog_and_site(db, OPEN).await;
        let post = site.post("A question", "Text").await;
        let target = site.address(&post);
        let moderator = site.signed_in(Role::Moderator).await;
        set_rule(&site, RuleAction::Spam, words("pills")).await;
        let source = blog.show("/a", &reply(&target, "Good words"));
        mention_and_check(&site, &source, &target).await;
        blog.show("/a", &reply(&target, "Buy pills"));
        mention_and_check(&site, &source, &target).await;
        assert_eq!(counts(&moderator).await, ["0", "0", "1", "0"]);
    }

    async fn a_persons_decision_on_the_same_content_stays_and_what_nobody_decided_is_judged_again(db) {
        let (blog, site) = blog_and_site(db, OPEN).await;
        let post = site.post("A question", "Text").await;
        let target = site.address(&post);
        let moderator = site.signed_in(Role::Moderator).await;
        // One whose server answers that it is not modified, one that is read again.
        let tagged = blog.show_with("/tagged", 200, &[("etag", "\"1\"")], &reply(&target, "Shown by itself, tagged"));
        let plain = blog.show("/plain", &reply(&target, "Shown by itself"));
        let kept = blog.show("/kept", &reply(&target, "Looked at by a person"));
        for source in [&tagged, &plain, &kept] {
            mention_and_check(&site, source, &target).await;
        }
        let id = rejoinder::store::queue::last_id(site.app.store.read()).await.unwrap();
        for to in ["pending", "approved"] {
            moderator.post("/queue/decisions", &[("move", &format!("{to}:{id}"))]).await;
        }
        assert_eq!(counts(&moderator).await, ["0", "3", "0", "0"]);
        set_policy(&site, Scope::Host, "127.0.0.1", SenderPolicy::Block).await;
        days_pass(&site, 1).await;
        assert_eq!(counts(&moderator).await, ["0", "1", "0", "2"]);
        let page = site.visitor().get(&site.path(&post)).await;
        assert!(page.one("li.webmention .text").contains("Looked at by a person"));
        // Nobody has reviewed the other text.
        blog.show("/kept", &reply(&target, "Something else"));
        days_pass(&site, 3).await;
        assert_eq!(counts(&moderator).await, ["0", "0", "0", "3"]);
    }

    async fn a_strangers_long_reply_waits_as_a_comment_would(db) {
        let (blog, site) = blog_and_site(db, FIRST).await;
        let post = site.post("A question", "Text").await;
        let target = site.address(&post);
        let moderator = site.signed_in(Role::Moderator).await;
        let long = "Many words of a stranger, ".repeat(60);
        let short = blog.show("/short", &reply(&target, "A few words"));
        mention_and_check(&site, &short, &target).await;
        assert_eq!(counts(&moderator).await, ["0", "1", "0", "0"], "an excerpt may pass");
        let source = blog.show("/long", &reply(&target, &long));
        mention_and_check(&site, &source, &target).await;
        assert_eq!(counts(&moderator).await, ["1", "1", "0", "0"], "an unreviewed response makes no host known");
        // Nor does one that grows later.
        blog.show("/short", &reply(&target, &long));
        mention_and_check(&site, &short, &target).await;
        assert_eq!(counts(&moderator).await, ["2", "0", "0", "0"]);
        site.approve_all().await;
        let next = blog.show("/next", &reply(&target, &long.replace("Many", "More")));
        mention_and_check(&site, &next, &target).await;
        assert_eq!(counts(&moderator).await, ["0", "3", "0", "0"], "a person approved this host");
    }

    async fn a_source_that_leads_to_somebodys_page_changes_nothing_about_it(db) {
        let (blog, site) = blog_and_site(db, OPEN).await;
        let post = site.post("A question", "Text").await;
        let target = site.address(&post);
        let shown = async || site.visitor().get(&site.path(&post)).await.all("li.webmention");
        let veras = blog.show("/vera", &reply(&target, "Vera’s good words"));
        let other = blog.show("/other", &reply(&target, "Words of my own"));
        mention_and_check(&site, &veras, &target).await;
        mention_and_check(&site, &other, &target).await;
        assert_eq!(shown().await.len(), 2);
        blog.show("/other", "<p>Nothing.");
        mention_and_check(&site, &other, &target).await;
        blog.show_with("/other", 302, &[("location", veras.as_str())], "");
        let ping = format!("{}trackback/", site.path(&post));
        let lies = [("url", other.as_str()), ("title", "Vera is a liar"), ("excerpt", "Lies")];
        site.visitor().post(&ping, &lies).await;
        site.run_jobs().await;
        mention_and_check(&site, &other, &target).await;
        let left = shown().await;
        assert_eq!(left.len(), 1, "{left:?}");
        assert!(left[0].contains("Vera’s good words") && !left[0].contains("liar"), "{left:?}");
        // Once more, now that it has led to her page.
        blog.show_with("/other", 410, &[], "");
        mention_and_check(&site, &other, &target).await;
        assert_eq!(shown().await, left);
        blog.show_with("/other", 302, &[("location", veras.as_str())], "");
        site.visitor().post(&ping, &lies).await;
        site.run_jobs().await;
        assert_eq!(shown().await, left);
        blog.show("/other", &reply(&target, "Words of my own"));
        mention_and_check(&site, &other, &target).await;
        assert!(shown().await.iter().any(|shown| shown.contains("Vera’s good words")));
        // And Vera's own page decides, whoever else leads to it.
        blog.show("/vera", "<p>I took it back.");
        mention_and_check(&site, &veras, &target).await;
        assert!(shown().await.is_empty());
    }

    async fn what_others_send_about_a_page_does_not_count_against_it(db) {
        let blog = Neighbour::start().await;
        let settings = format!("{OPEN}{}", blog.allowed());
        let site = Site::with_server(db, "trusted_proxies = [\"127.0.0.0/8\"]", &settings).await;
        let post = site.post("A question", "Text").await;
        let target = site.address(&post);
        let moderator = site.signed_in(Role::Moderator).await;
        set_rule(&site, RuleAction::Spam, words("pills")).await;
        let veras = blog.show("/vera", &reply(&target, "Vera’s good words"));
        let ping = async |from: &str, excerpt: &str| {
            let body = format!("url={veras}&title=Vera&excerpt={}", excerpt.replace(' ', "+"));
            let form = ("content-type", "application/x-www-form-urlencoded");
            let headers = [form, ("x-forwarded-for", from)];
            let path = format!("{}trackback/", site.path(&post));
            let answer = site.visitor().request(Method::POST, &path, body, &headers).await;
            site.run_jobs().await;
            answer.body
        };
        let form = moderator.get("/queue/senders").await.form("form[action='/queue/senders']");
        let block = form.fill("scope", "network").fill("subject", "203.0.113.0/24").fill("policy", "block");
        moderator.submit(&block).await;
        let refused = ping("203.0.113.9", "Fine words").await;
        assert!(refused.contains("your network"), "{refused}");
        assert_eq!(counts(&moderator).await, ["0", "0", "0", "0"]);
        ping("192.0.2.1", "Buy pills").await;
        assert_eq!(counts(&moderator).await, ["0", "0", "1", "0"]);
        assert_eq!(mention(&site, &veras, &target).await.status, StatusCode::ACCEPTED);
        site.run_jobs().await;
        assert_eq!(counts(&moderator).await, ["1", "0", "0", "0"], "a moderator sees the page’s own words");
    }

    async fn a_page_in_the_name_of_staff_waits(db) {
        let (blog, site) = blog_and_site(db, OPEN).await;
        let post = site.post("A question", "Text").await;
        let target = site.address(&post);
        let moderator = site.signed_in(Role::Moderator).await;
        let page = reply(&target, "I changed my mind").replace(">Ann<", ">Аda Okoye<");
        mention_and_check(&site, &blog.show("/a", &page), &target).await;
        assert_eq!(counts(&moderator).await, ["1", "0", "0", "0"]);
        let queue = moderator.get("/queue/").await;
        assert!(queue.one(".reasons").contains("with no proof"), "{}", queue.text());
        // A page that mentions somebody is not theirs.
        let about = reply(&target, "Other words").replace(">Ann<", ">A talk with Ada Okoye<");
        mention_and_check(&site, &blog.show("/b", &about), &target).await;
        assert_eq!(counts(&moderator).await, ["1", "1", "0", "0"]);
    }

    async fn a_page_is_not_approved_for_the_site_that_it_names(db) {
        let (blog, site) = blog_and_site(db, "[comments]\nmoderation = \"all\"\n").await;
        let post = site.post("A question", "Text").await;
        let target = site.address(&post);
        let moderator = site.signed_in(Role::Moderator).await;
        set_rule(&site, RuleAction::Approve, RuleConditions { hosts: vec!["good.example".into()], ..RuleConditions::default() }).await;
        let page = reply(&target, "Words").replace("href=/ann", "href=https://good.example/ann");
        mention_and_check(&site, &blog.show("/a", &page), &target).await;
        assert_eq!(counts(&moderator).await, ["1", "0", "0", "0"]);
    }
}
