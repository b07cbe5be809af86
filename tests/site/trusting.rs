//! Policies that always approve an author or a host: set from the queue, and removed with all that they
//! approved.

use rejoinder::store::entity::user::Role;
use reqwest::StatusCode;

use crate::on_both_databases;
use crate::support::site::Site;
use crate::webmentions::{blog_and_site, mention_and_check};

const HELD: &str = "[comments]\nmoderation = \"all\"\n";

async fn shown(site: &Site, path: &str) -> usize {
    site.visitor().get(path).await.all("li.webmention").len()
}

on_both_databases! {
    async fn linkbacks_from_an_approved_host_do_not_wait_until_the_policy_is_removed(db) {
        let (blog, site) = blog_and_site(db, HELD).await;
        let post = site.post("A question", "Text").await;
        let (path, target) = (site.path(&post), site.address(&post));
        let page = format!("<p>We read <a href='{target}'>it</a> and wrote this.");
        mention_and_check(&site, &blog.show("/1", &page), &target).await;
        mention_and_check(&site, &blog.show("/2", &page), &target).await;
        assert_eq!(shown(&site, &path).await, 0);
        let moderator = site.signed_in(Role::Moderator).await;
        let form = moderator.get("/queue/").await.form("form.queue");
        let done = moderator.submit(&form.press("Trust 127.0.0.1")).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER);
        assert_eq!(shown(&site, &path).await, 1, "the one beside the button");
        mention_and_check(&site, &blog.show("/3", &page), &target).await;
        assert_eq!(shown(&site, &path).await, 2, "and those that come after it");
        let policies = moderator.get("/queue/senders").await;
        assert!(policies.one("ul.rows li").contains("127.0.0.1"));
        let back = moderator.submit(&policies.form("ul.rows form").press("Remove")).await;
        assert_eq!(back.status, StatusCode::SEE_OTHER);
        assert_eq!(shown(&site, &path).await, 0, "what it approved is held again");
        let queue = moderator.follow(back).await;
        assert_eq!(queue.all(".entry").len(), 3);
        let undo = queue.form(".received form").press("Undo");
        moderator.submit(&undo).await;
        assert_eq!(shown(&site, &path).await, 2);
        mention_and_check(&site, &blog.show("/4", &page), &target).await;
        assert_eq!(shown(&site, &path).await, 2, "the policy is gone");
    }

    async fn an_author_is_approved_only_on_their_own_host(db) {
        let (blog, site) = blog_and_site(db, HELD).await;
        let post = site.post("A question", "Text").await;
        let (path, target) = (site.path(&post), site.address(&post));
        let page = |author: &str| format!(
            "<div class=h-entry><a class='p-author h-card' href='{author}'>Ann</a> <a class=u-in-reply-to href='{target}'>re</a> <p class=e-content>Words of a reply.</p></div>"
        );
        mention_and_check(&site, &blog.show("/1", &page("/ann")), &target).await;
        let moderator = site.signed_in(Role::Moderator).await;
        let form = moderator.get("/queue/").await.form("form.queue");
        moderator.submit(&form.press(&format!("Trust {}", blog.url("/ann")))).await;
        mention_and_check(&site, &blog.show("/2", &page("/ann")), &target).await;
        assert_eq!(shown(&site, &path).await, 2);
        mention_and_check(&site, &blog.show("/3", &page("/ben")), &target).await;
        mention_and_check(&site, &blog.show("/4", &page("https://elsewhere.example/ann")), &target).await;
        assert_eq!(shown(&site, &path).await, 2);
        let queue = moderator.get("/queue/").await;
        assert!(!queue.text().contains("Trust https://elsewhere.example"), "a claim of another site's address");
    }

    async fn claiming_the_website_of_an_approved_sender_approves_nobody(db) {
        let (blog, site) = blog_and_site(db, HELD).await;
        let post = site.post("A question", "Text").await;
        let (path, target) = (site.path(&post), site.address(&post));
        mention_and_check(&site, &blog.show("/1", &format!("<p>We <a href='{target}'>read</a> this.")), &target).await;
        let moderator = site.signed_in(Role::Moderator).await;
        let form = moderator.get("/queue/").await.form("form.queue");
        moderator.submit(&form.press("Trust 127.0.0.1")).await;
        let visitor = site.visitor();
        let form = visitor.get(&path).await.form("#respond form");
        let form = form.fill("author", "Eve").fill("email", "eve@readers.example");
        let form = form.fill("url", "http://127.0.0.1:1/").fill("comment", "Let me in");
        visitor.submit(&form.press("Send comment")).await;
        assert!(!site.visitor().get(&path).await.text().contains("Let me in"));
    }

    async fn readers_and_authors_cannot_set_policies(db) {
        let (blog, site) = blog_and_site(db, HELD).await;
        let post = site.post("A question", "Text").await;
        let target = site.address(&post);
        mention_and_check(&site, &blog.show("/1", &format!("<p>We <a href='{target}'>read</a> this.")), &target).await;
        let author = site.signed_in(Role::Author).await;
        assert_eq!(author.get("/queue/senders").await.status, StatusCode::FORBIDDEN);
        assert_eq!(author.post("/queue/senders", &[("trust", "host:1")]).await.status, StatusCode::FORBIDDEN);
        let nobody = site.visitor().post("/queue/senders", &[("trust", "host:1")]).await;
        assert_ne!(nobody.status, StatusCode::SEE_OTHER);
    }
}
