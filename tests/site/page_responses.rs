//! Comments, feeds and linkbacks of pages such as About: off at first, and then as those of posts, also after
//! the page has moved.

use rejoinder::commands::serve::Workers;
use rejoinder::posts::draft::PostInput;
use rejoinder::store::entity::post::{DiscussionStatus, Model as Post};
use rejoinder::store::entity::user::Role;
use reqwest::{Method, StatusCode};

use crate::on_both_databases;
use crate::pages::{edit, find, publish};
use crate::support::client::{Client, Page};
use crate::support::site::{Site, comment_id};
use crate::webmentions::{OPEN, blog_and_site, mention_and_check, state};

/// Publishes a page that takes comments and linkbacks.
async fn publish_open(site: &Site, editor: &Client, slug: &str, parent: &str) -> Post {
    publish(editor, &format!("Page {slug}"), slug, parent).await;
    open(site, editor, slug).await;
    find(site, slug).await
}

async fn open(site: &Site, editor: &Client, slug: &str) {
    let form = edit(site, editor, slug).await;
    let form = form.fill("comments", "open").fill("linkbacks", "open");
    let saved = editor.submit(&form.press("Update")).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text());
}

async fn close(site: &Site, editor: &Client, slug: &str) {
    let mut form = edit(site, editor, slug).await;
    form.fields
        .retain(|(name, _)| name != "comments" && name != "linkbacks");
    editor.submit(&form.press("Update")).await;
}

async fn move_below(site: &Site, editor: &Client, slug: &str, parent: &str) {
    let form = edit(site, editor, slug).await.fill("parent", parent);
    let saved = editor.submit(&form.press("Update")).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text());
}

/// Sends a comment to an address as its form would.
async fn send_to(site: &Site, path: &str, text: &str) -> Page {
    let fields = [
        ("author", "Ruth"),
        ("email", "r@x.example"),
        ("comment", text),
    ];
    site.visitor()
        .post(&format!("{path}respond"), &fields)
        .await
}

on_both_databases! {
    async fn comments_on_a_page_are_off_until_an_editor_allows_them(db) {
        let site = Site::with(db, OPEN, Workers::Off).await;
        let editor = site.signed_in(Role::Editor).await;
        let new = editor.get("/desk/posts/new?kind=page").await;
        for name in ["comments", "linkbacks", "sends_linkbacks"] {
            assert!(new.has(&format!("[name='{name}']:not([checked])")), "{name}");
        }
        publish(&editor, "About", "about", "").await;
        let page = find(&site, "about").await;
        assert_eq!((page.comments, page.linkbacks), (DiscussionStatus::Closed, DiscussionStatus::Closed));
        // However it is sent, it is not stored, and what was typed is kept.
        for _ in 0..2 {
            let refused = send_to(&site, "/about/", "Hello there").await;
            assert_eq!(refused.status, StatusCode::FORBIDDEN);
            assert!(refused.body.contains("Hello there"));
        }
        assert_eq!(send_to(&site, "/nothing/", "x").await.status, StatusCode::NOT_FOUND);
        assert_eq!(send_to(&site, "/2026/11/27/about/", "x").await.status, StatusCode::NOT_FOUND);
        assert!(!site.visitor().get("/about/").await.has("#comments"));

        open(&site, &editor, "about").await;
        assert!(edit(&site, &editor, "about").await.fields.contains(&("comments".to_owned(), "open".to_owned())));
        let id = comment_id(&site.comment(&page, "Ruth", "A question").await);
        let reader = site.visitor();
        let shown = reader.get("/about/").await;
        assert!(shown.one(&format!("#comment-{id}")).contains("A question"));
        assert!(shown.one("#comments h2").contains("One response to"));
        assert_eq!(shown.attribute("#respond form", "action").as_deref(), Some("/about/respond#respond"));
        let found = reader.follow(reader.get(&format!("/comment/{id}/")).await).await;
        assert_eq!(found.path, "/about/");
        for feed in ["/about/feed/", "/comments/feed/"] {
            assert!(reader.get(feed).await.body.contains("A question"), "{feed}");
        }
        assert!(!reader.get("/feed/").await.body.contains("Page about"), "a page is no news");
        assert!(shown.has("link[type='application/rss+xml'][href$='/about/feed/']"));
        let reply = reader.get(&format!("/about/?replytocom={id}")).await;
        assert_eq!(reply.form("#respond form").value("parent"), id.to_string());
        assert_eq!(reader.get("/about/?replytocom=99").await.header("location"), Some("/about/"));

        close(&site, &editor, "about").await;
        let closed = reader.get("/about/").await;
        assert!(closed.has(&format!("#comment-{id}")), "what was said stays");
        assert!(!closed.has("#respond form"));
        assert_eq!(send_to(&site, "/about/", "Too late").await.status, StatusCode::FORBIDDEN);
    }

    async fn all_below_a_page_works_on_each_level(db) {
        let site = Site::with(db, OPEN, Workers::Off).await;
        let editor = site.signed_in(Role::Editor).await;
        let reader = site.visitor();
        let mut parent = String::new();
        for (slug, path) in [("a", "/a/"), ("b", "/a/b/"), ("c", "/a/b/c/")] {
            let page = publish_open(&site, &editor, slug, &parent).await;
            parent = slug.to_owned();
            assert_eq!(site.path(&page), path);
            let id = comment_id(&site.comment(&page, "Ruth", "Hello").await);
            let single = reader.get(&format!("{path}comment-{id}/")).await;
            assert_eq!(single.status, StatusCode::OK, "{path}");
            assert!(single.text().contains("Hello"));
            let first = reader.get(&format!("{path}comment-page-1/")).await;
            assert_eq!(first.header("location"), Some(path));
            for missing in ["comment-page-2/", "comment-page-0/", "comment-page-x/", "comment-99/", "comment-01/"] {
                let status = reader.get(&format!("{path}{missing}")).await.status;
                assert_eq!(status, StatusCode::NOT_FOUND, "{path}{missing}");
            }
            assert_eq!(reader.get(&format!("{path}feed/")).await.status, StatusCode::OK);
            let without_slash = reader.get(&format!("{path}feed")).await;
            assert_eq!(without_slash.header("location"), Some(format!("{path}feed/").as_str()));
            let report = reader.get(&format!("{path}report/{id}")).await;
            assert_eq!(report.status, StatusCode::OK, "{path}");
            let thanks = reader.submit(&report.form("form.report").fill("reason", "spam").press("Send the report")).await;
            assert_eq!(thanks.status, StatusCode::OK, "{}", thanks.text());
            let to_page = reader.get(&format!("{path}trackback/")).await;
            assert_eq!(to_page.header("location"), Some(path));
        }
        // There is no fourth level.
        assert_eq!(reader.get("/a/b/c/d/").await.status, StatusCode::NOT_FOUND);
        assert_eq!(send_to(&site, "/a/b/c/d/", "x").await.status, StatusCode::NOT_FOUND);
    }

    async fn posts_keep_the_slugs_that_pages_need_below_them(db) {
        let site = Site::with(db, OPEN, Workers::Off).await;
        for title in ["Feed", "Trackback", "Respond"] {
            let post = site.post(title, "Text").await;
            let path = site.path(&post);
            let page = site.visitor().get(&path).await;
            assert_eq!(page.status, StatusCode::OK, "{path}");
            assert_eq!(page.one("article.post h1"), title);
            comment_id(&site.comment(&post, "Ruth", "Hello").await);
            assert!(site.visitor().get(&format!("{path}feed/")).await.body.contains("Hello"), "{path}");
        }
    }

    async fn a_page_that_moves_keeps_its_comments_and_its_old_addresses(db) {
        let site = Site::with(db, "[comments]\nmoderation = \"first\"\n", Workers::Off).await;
        let editor = site.signed_in(Role::Editor).await;
        publish(&editor, "About", "about", "").await;
        let team = publish_open(&site, &editor, "team", "").await;
        let id = comment_id(&site.comment(&team, "Ruth", "Before the move").await);
        site.approve_all().await;
        let writer = site.visitor();
        let held = site.comment_from(&writer, &team, "Ben", "Held before the move").await;
        let receipt = held.header("location").unwrap().to_owned();
        let receipt = receipt.split("receipt=").nth(1).unwrap().split('#').next().unwrap().to_owned();

        move_below(&site, &editor, "team", "about").await;
        let reader = site.visitor();
        let page = reader.get("/about/team/").await;
        assert!(page.one(&format!("#comment-{id}")).contains("Before the move"));
        assert_eq!(page.attribute("#respond form", "action").as_deref(), Some("/about/team/respond#respond"));
        for (old, new) in [
            ("/team/".to_owned(), "/about/team/".to_owned()),
            ("/team/feed/".to_owned(), "/about/team/feed/".to_owned()),
            (format!("/team/comment-{id}/"), format!("/about/team/comment-{id}/")),
            (format!("/team/?replytocom={id}"), format!("/about/team/?replytocom={id}")),
            ("/team/comment-page-2/".to_owned(), "/about/team/comment-page-2/".to_owned()),
        ] {
            let moved = reader.get(&old).await;
            assert_eq!(moved.header("location"), Some(new.as_str()), "{old}");
        }
        assert_eq!(reader.get(&format!("/comment/{id}/")).await.header("location"), Some(format!("/about/team/#comment-{id}").as_str()));
        // The page of a form that was open meanwhile, and the status page of a comment that waits.
        let sent = send_to(&site, "/team/", "From an open form").await;
        assert!(sent.header("location").unwrap().starts_with("/about/team/"), "{}", sent.text());
        for path in ["/team/", "/about/team/"] {
            let status = writer.get(&format!("{path}receipt/{receipt}")).await;
            assert_eq!(status.status, StatusCode::OK, "{path}");
        }
        // Back to the top, below another page, and under another slug.
        publish(&editor, "People", "people", "").await;
        move_below(&site, &editor, "team", "people").await;
        for old in ["/team/", "/about/team/"] {
            assert_eq!(reader.get(old).await.header("location"), Some("/people/team/"), "{old}");
        }
        let form = edit(&site, &editor, "team").await.fill("slug", "crew");
        editor.submit(&form.press("Update")).await;
        assert_eq!(reader.get("/about/team/").await.header("location"), Some("/people/crew/"));
        // What is above moves, too.
        move_below(&site, &editor, "people", "about").await;
        assert_eq!(reader.get("/people/crew/feed/").await.header("location"), Some("/about/people/crew/feed/"));
        assert!(reader.get("/about/people/crew/").await.has(&format!("#comment-{id}")));
    }

    async fn linkbacks_reach_a_page_where_it_takes_them(db) {
        let (blog, site) = blog_and_site(db, OPEN).await;
        let editor = site.signed_in(Role::Editor).await;
        publish(&editor, "About", "about", "").await;
        let page = publish_open(&site, &editor, "team", "about").await;
        let target = site.address(&page);
        let shown = site.visitor().get("/about/team/").await;
        assert!(shown.header("link").unwrap().contains("webmention") && shown.header("x-pingback").is_some());
        assert!(shown.has(&format!("link[rel='trackback'][href='{target}trackback/']")));
        let source = blog.show("/a", &format!("<title>Ours</title><p>Look at <a href='{target}'>them</a>."));
        let status = mention_and_check(&site, &source, &target).await;
        assert_eq!(state(&site, &status).await, "shown");
        assert!(site.visitor().get("/about/team/").await.has("li.webmention"));
        // Under the address that it had before, too.
        move_below(&site, &editor, "team", "").await;
        let old = blog.show("/b", &format!("<title>Later</title><p>Still <a href='{target}'>there</a>."));
        let status = mention_and_check(&site, &old, &target).await;
        assert_eq!(state(&site, &status).await, "shown");
        let form = [("content-type", "application/x-www-form-urlencoded")];
        let ping = blog.show("/c", &format!("<p>And <a href='{}/team/'>here</a>.", site.base));
        let body = url::form_urlencoded::Serializer::new(String::new()).append_pair("url", &ping).finish();
        for (path, error) in [("/team/trackback/", "<error>0</error>"), ("/about/trackback/", "<error>1</error>"), ("/nothing/trackback/", "<error>1</error>")] {
            let answer = site.visitor().request(Method::POST, path, body.as_str(), &form).await;
            assert!(answer.body.contains(error), "{path}: {}", answer.body);
        }
        // A page that takes none says so.
        let refused = crate::webmentions::mention(&site, &source, &format!("{}/about/", site.base)).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    }

    async fn the_discussion_of_a_page_does_not_end_by_its_age(db) {
        let settings = "[comments]\nmoderation = \"none\"\nclose_after_days = 1\n";
        let site = Site::with(db, settings, Workers::Off).await;
        let editor = site.signed_in(Role::Editor).await;
        let page = publish_open(&site, &editor, "about", "").await;
        let old = PostInput {
            title: "Old news".into(),
            body: "Text".into(),
            date: "2020-01-01".into(),
            comments: true,
            ..PostInput::default()
        };
        let old = site.post_of(old).await;
        assert!(!site.visitor().get(&site.path(&old)).await.has("#respond form"));
        site.app.clock.step(std::time::Duration::from_secs(60 * 60 * 24 * 30));
        assert!(site.visitor().get(&site.path(&page)).await.has("#respond form"));
        comment_id(&site.comment(&page, "Ruth", "A month later").await);
    }
}
