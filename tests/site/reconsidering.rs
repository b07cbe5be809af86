//! A shown linkback whose source changes: the new verdict decides, always. What a person decided on the
//! same content stands.

use std::time::Duration;

use rejoinder::judge::rule::Conditions;
use rejoinder::store::entity::rule::RuleOutcome;
use rejoinder::store::entity::standing::{Scope, Standing};
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
    site.work_off().await;
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
            (RuleOutcome::Spam, ["0", "0", "1", "0"]),
            (RuleOutcome::Refuse, ["0", "0", "0", "1"]),
            (RuleOutcome::Hold, ["1", "0", "0", "0"]),
        ] {
            let (blog, site) = blog_and_site(db, OPEN).await;
            let post = site.post("A question", "Text").await;
            let target = site.address(&post);
            let moderator = site.signed_in(Role::Moderator).await;
            set_rule(&site, outcome, words("pills")).await;
            let source = blog.show("/a", &reply(&target, "Good words"));
            mention_and_check(&site, &source, &target).await;
            assert_eq!(counts(&moderator).await, ["0", "1", "0", "0"]);
            // A moderator approved the good words: that says nothing of others.
            for to in ["pending", "approved"] {
                let id = rejoinder::store::queue::last_id(site.app.store.read()).await.unwrap();
                moderator.post("/queue/decisions", &[("move", &format!("{to}:{id}"))]).await;
            }
            blog.show("/a", &reply(&target, "Buy pi\u{200b}lls"));
            days_pass(&site, 1).await;
            assert_eq!(counts(&moderator).await, expected, "{outcome:?}, looked at again");
            assert!(!site.visitor().get(&site.path(&post)).await.body.contains("pi\u{200b}lls"));
            // Good words again do not bring it back by themselves.
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
        set_rule(&site, RuleOutcome::Spam, words("pills")).await;
        let source = blog.show("/a", &reply(&target, "Good words"));
        mention_and_check(&site, &source, &target).await;
        blog.show("/a", &reply(&target, "Buy pills"));
        mention_and_check(&site, &source, &target).await;
        assert_eq!(counts(&moderator).await, ["0", "0", "1", "0"]);
    }

    async fn what_a_person_decided_on_the_same_content_stands_and_what_nobody_decided_does_not(db) {
        let (blog, site) = blog_and_site(db, OPEN).await;
        let post = site.post("A question", "Text").await;
        let target = site.address(&post);
        let moderator = site.signed_in(Role::Moderator).await;
        // One by which its server says that it is unchanged, one that is read again.
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
        set_policy(&site, Scope::Host, "127.0.0.1", Standing::Ban).await;
        days_pass(&site, 1).await;
        assert_eq!(counts(&moderator).await, ["0", "1", "0", "2"]);
        let page = site.visitor().get(&site.path(&post)).await;
        assert!(page.one("li.webmention .text").contains("Looked at by a person"));
        // Other words were not looked at by anybody.
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
        assert_eq!(counts(&moderator).await, ["1", "1", "0", "0"], "what was shown unseen makes nobody known");
        // Nor does one that grows later.
        blog.show("/short", &reply(&target, &long));
        mention_and_check(&site, &short, &target).await;
        assert_eq!(counts(&moderator).await, ["2", "0", "0", "0"]);
        site.approve_all().await;
        let next = blog.show("/next", &reply(&target, &long.replace("Many", "More")));
        mention_and_check(&site, &next, &target).await;
        assert_eq!(counts(&moderator).await, ["0", "3", "0", "0"], "a person approved this host");
    }

    async fn who_leads_to_somebodys_page_changes_nothing_of_it(db) {
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
        site.work_off().await;
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
        site.work_off().await;
        assert_eq!(shown().await, left);
        blog.show("/other", &reply(&target, "Words of my own"));
        mention_and_check(&site, &other, &target).await;
        assert!(shown().await.iter().any(|shown| shown.contains("Vera’s good words")));
        // And Vera's own word holds, whoever else leads to her page.
        blog.show("/vera", "<p>I took it back.");
        mention_and_check(&site, &veras, &target).await;
        assert!(shown().await.is_empty());
    }

    async fn what_others_say_of_a_page_speaks_against_nobody_but_them(db) {
        let blog = Neighbour::start().await;
        let settings = format!("{OPEN}{}", blog.allowed());
        let site = Site::with_server(db, "trusted_proxies = [\"127.0.0.0/8\"]", &settings).await;
        let post = site.post("A question", "Text").await;
        let target = site.address(&post);
        let moderator = site.signed_in(Role::Moderator).await;
        set_rule(&site, RuleOutcome::Spam, words("pills")).await;
        let veras = blog.show("/vera", &reply(&target, "Vera’s good words"));
        let ping = async |from: &str, excerpt: &str| {
            let body = format!("url={veras}&title=Vera&excerpt={}", excerpt.replace(' ', "+"));
            let form = ("content-type", "application/x-www-form-urlencoded");
            let headers = [form, ("x-forwarded-for", from)];
            let path = format!("{}trackback/", site.path(&post));
            let answer = site.visitor().request(Method::POST, &path, body, &headers).await;
            site.work_off().await;
            answer.body
        };
        let form = moderator.get("/queue/standings").await.form("form[action='/queue/standings']");
        let ban = form.fill("scope", "network").fill("subject", "203.0.113.0/24").fill("standing", "ban");
        moderator.submit(&ban).await;
        let refused = ping("203.0.113.9", "Fine words").await;
        assert!(refused.contains("your network"), "{refused}");
        assert_eq!(counts(&moderator).await, ["0", "0", "0", "0"]);
        ping("192.0.2.1", "Buy pills").await;
        assert_eq!(counts(&moderator).await, ["0", "0", "1", "0"]);
        assert_eq!(mention(&site, &veras, &target).await.status, StatusCode::ACCEPTED);
        site.work_off().await;
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
        assert!(queue.one(".reasons").contains("without proof"), "{}", queue.text());
        // A page that speaks of somebody is not theirs.
        let about = reply(&target, "Other words").replace(">Ann<", ">A talk with Ada Okoye<");
        mention_and_check(&site, &blog.show("/b", &about), &target).await;
        assert_eq!(counts(&moderator).await, ["1", "1", "0", "0"]);
    }

    async fn a_page_is_not_let_in_by_the_site_that_it_names(db) {
        let (blog, site) = blog_and_site(db, "[comments]\nmoderation = \"all\"\n").await;
        let post = site.post("A question", "Text").await;
        let target = site.address(&post);
        let moderator = site.signed_in(Role::Moderator).await;
        set_rule(&site, RuleOutcome::Approve, Conditions { hosts: vec!["good.example".into()], ..Conditions::default() }).await;
        let page = reply(&target, "Words").replace("href=/ann", "href=https://good.example/ann");
        mention_and_check(&site, &blog.show("/a", &page), &target).await;
        assert_eq!(counts(&moderator).await, ["1", "0", "0", "0"]);
    }
}
