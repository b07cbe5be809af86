//! Outgoing linkbacks: which links of a post are announced, by which protocol, when again, and what the desk
//! shows of it.

use std::time::Duration;

use rejoinder::app::SendingMode;
use rejoinder::commands::serve::Workers;
use rejoinder::linkbacks::protocol::pingback::{
    Call, Fault, FaultCode, fault_response, parse_call, string_response,
};
use rejoinder::linkbacks::protocol::trackback;
use rejoinder::posts::draft::PostInput;
use rejoinder::store::entity::post::Model as Post;
use rejoinder::store::entity::user::Role;
use reqwest::StatusCode;

use crate::on_both_databases;
use crate::support::client::Client;
use crate::support::neighbour::{Neighbour, Posted};
use crate::support::site::Site;
use crate::webmentions::blog_and_site;

/// The name of a case, the headers of its page, its markup.
type Case = (&'static str, Vec<(&'static str, String)>, String);

/// A page of the neighbour that accepts webmentions at `/endpoint`.
fn accepts_webmentions(blog: &Neighbour, path: &str) -> String {
    blog.show_with(
        "/endpoint",
        202,
        &[("content-type", "text/plain")],
        "Thanks.",
    );
    blog.show_with(
        path,
        200,
        &[("link", "</endpoint>; rel=webmention")],
        "<p>Hello",
    )
}

fn mentions(blog: &Neighbour) -> Vec<(String, String)> {
    let posts = blog.posts();
    let fields = |posted: &Posted| (posted.field("source"), posted.field("target"));
    posts.iter().map(fields).collect()
}

async fn rewrite(site: &Site, editor: &Client, post: &Post, body: &str) {
    update(site, editor, post, ("body", body)).await;
}

async fn update(site: &Site, editor: &Client, post: &Post, (field, text): (&str, &str)) {
    let edit = editor.get(&format!("/desk/posts/{}/edit", post.id)).await;
    let form = edit.form("form.compose").fill(field, text).press("Update");
    let saved = editor.submit(&form).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text());
    site.run_jobs().await;
}

on_both_databases! {
    async fn a_published_link_is_announced_once_by_webmention(db) {
        let (blog, site) = blog_and_site(db, "").await;
        let target = accepts_webmentions(&blog, "/their-post");
        let post = site.post("Ours", &format!("See [their post]({target}), and [once more]({target}#part).")).await;
        assert!(blog.visits().is_empty(), "nothing is sent inside the request");
        site.run_jobs().await;
        assert_eq!(mentions(&blog), [(site.address(&post), target.clone())]);
        assert_eq!(site.run_jobs().await, 0);
        let editor = site.signed_in(Role::Editor).await;
        let desk = editor.get(&format!("/desk/posts/{}/edit", post.id)).await;
        let row = desk.one("#outgoing-linkbacks li");
        assert!(row.contains(&target) && row.contains("Sent (webmention)") && row.contains("“Thanks.”"), "{row}");
        assert!(editor.get("/desk/outgoing-linkbacks").await.one("ul.outgoing-linkbacks li").contains("from Ours"));
    }

    async fn the_status_page_of_the_other_site_is_kept(db) {
        let (blog, site) = blog_and_site(db, "").await;
        blog.show_with("/endpoint", 201, &[("location", "/status/7")], "<p>Made");
        let target = blog.show("/a", "<link rel=webmention href=/endpoint>");
        let post = site.post("Ours", &format!("See [their post]({target}).")).await;
        site.run_jobs().await;
        let editor = site.signed_in(Role::Editor).await;
        let desk = editor.get(&format!("/desk/posts/{}/edit", post.id)).await;
        assert_eq!(desk.attribute("#outgoing-linkbacks li p.meta a", "href"), Some(blog.url("/status/7")));
    }

    async fn every_form_of_naming_an_endpoint_is_found(db) {
        let (blog, site) = blog_and_site(db, "[limits]\nfetches_per_host = 0\n").await;
        let (end, other) = (blog.url("/end"), blog.url("/other"));
        let ends = [("/end", "/end"), ("/end?a=1&b=2", "/end?a=1&b=2")];
        for (path, _) in ends {
            blog.show_with(path, 202, &[], "");
        }
        let none: &[(&str, &str)] = &[];
        let quoted = format!("<{end}>; rel=\"webmention\"");
        let somewhere = format!("<{other}>; rel=\"other\", <{end}>; rel=\"webmention\"");
        // The forms that webmention.rocks tests for; each must lead to /end.
        let cases: Vec<Case> = vec![
            ("a Link header, relative", vec![("link", "</end>; rel=webmention".into())], String::new()),
            ("a Link header, absolute", vec![("link", format!("<{end}>; rel=webmention"))], String::new()),
            ("a <link>, relative", vec![], "<link rel=webmention href=/end>".into()),
            ("a <link>, absolute", vec![], format!("<link rel=webmention href='{end}'>")),
            ("an <a>, relative", vec![], "<a rel=webmention href=/end>x</a>".into()),
            ("an <a>, absolute", vec![], format!("<a rel=webmention href='{end}'>x</a>")),
            ("a Link header in odd case", vec![("LiNK", "</end>; rel=webmention".into())], String::new()),
            ("a Link header, quoted", vec![("link", quoted)], String::new()),
            ("a <link> with many rels", vec![], "<link rel='webmention somethingelse' href=/end>".into()),
            ("a Link header with many rels", vec![("link", "</end>; rel=\"webmention somethingelse\"".into())], String::new()),
            ("header, link and a: the header", vec![("link", "</end>; rel=webmention".into())], "<link rel=webmention href=/other><a rel=webmention href=/other>x</a>".into()),
            ("a false rel first", vec![], "<link rel=not-webmention href=/other><a rel=webmention href=/end>x</a>".into()),
            ("one in a comment", vec![], "<!-- <a rel=webmention href=/other>x</a> --><a rel=webmention href=/end>x</a>".into()),
            ("one in escaped text", vec![], "&lt;a rel=webmention href=/other>x&lt;/a> <a rel=webmention href=/end>x</a>".into()),
            ("link before a", vec![], "<link rel=webmention href=/end><a rel=webmention href=/other>x</a>".into()),
            ("a before link", vec![], "<a rel=webmention href=/end>x</a><link rel=webmention href=/other>".into()),
            ("many Link headers", vec![("link", "</other>; rel=other".into()), ("link", "</end>; rel=webmention".into())], String::new()),
            ("many values in one Link header", vec![("link", somewhere)], String::new()),
            ("a <link> without href first", vec![], "<link rel=webmention><a rel=webmention href=/end>x</a>".into()),
            ("an endpoint with a query", vec![], "<link rel=webmention href='/end?a=1&amp;b=2'>".into()),
        ];
        let mut body = String::new();
        for (number, (name, headers, html)) in cases.iter().enumerate() {
            let headers: Vec<(&str, &str)> = headers.iter().map(|(k, v)| (*k, v.as_str())).collect();
            blog.show_with(&format!("/{number}"), 200, &headers, html);
            body += &format!("[{name}]({})\n\n", blog.url(&format!("/{number}")));
        }
        blog.show_with("/moved", 302, &[("location", "/deep/page")], "");
        blog.show_with("/deep/page", 200, none, "<link rel=webmention href=../end>");
        body += &format!("[a redirect: relative to where it ends]({})\n", blog.url("/moved"));
        blog.show_with("/self", 200, &[("link", "<>; rel=webmention")], "");
        body += &format!("[an empty address is the page itself]({})\n", blog.url("/self"));
        site.post("Ours", &body).await;
        site.run_jobs().await;
        let arrived: Vec<(String, String)> = blog.posts().iter().map(|p| (p.field("target"), p.to.clone())).collect();
        for (number, (name, _, _)) in cases.iter().enumerate() {
            let at = arrived.iter().find(|(target, _)| *target == blog.url(&format!("/{number}")));
            let expected = if *name == "an endpoint with a query" { "/end?a=1&b=2" } else { "/end" };
            assert_eq!(at.map(|(_, to)| to.as_str()), Some(expected), "{name}");
        }
        assert!(arrived.contains(&(blog.url("/moved"), "/end".into())));
        assert!(arrived.contains(&(blog.url("/self"), "/self".into())));
        assert_eq!(arrived.len(), cases.len() + 2);
    }

    async fn pingback_is_second_and_trackback_third(db) {
        let (blog, site) = blog_and_site(db, "").await;
        let server = blog.show_with("/xmlrpc", 200, &[("content-type", "text/xml")], &string_response("Taken."));
        blog.show_with("/tb", 200, &[("content-type", "text/xml")], &trackback::answer(Ok(())));
        blog.show_with("/endpoint", 202, &[], "");
        let all = blog.show_with("/all", 200, &[("x-pingback", &server), ("link", "</endpoint>; rel=webmention")], "");
        let two = blog.show_with("/two", 200, &[("x-pingback", &server)], "<link rel=trackback href=/tb>");
        let note = trackback::rdf(&blog.url("/three"), "T", &blog.url("/tb"));
        let three = blog.show("/three", &format!("<!-- {note} -->"));
        let none = blog.show("/none", "<p>Nothing");
        let post = site.post("Our -- title", &format!("[a]({all}) [b]({two}) Words before [c]({three}) and after. [d]({none})")).await;
        site.run_jobs().await;
        let source = site.address(&post);
        let posts = blog.posts();
        let to = |path: &str| posts.iter().filter(|p| p.to == path).cloned().collect::<Vec<_>>();
        assert_eq!(to("/endpoint").len(), 1);
        assert_eq!(parse_call(to("/xmlrpc")[0].body.as_bytes(), None), Ok(Call::Ping { source: source.clone(), target: two }));
        assert_eq!(to("/xmlrpc").len(), 1, "one protocol for each target");
        let ping = &to("/tb")[0];
        assert_eq!((ping.field("url"), ping.field("title"), ping.field("blog_name")), (source, "Our -- title".into(), "Rejoinder".into()));
        assert!(ping.field("excerpt").contains("Words before c and after."), "{}", ping.field("excerpt"));
        let editor = site.signed_in(Role::Editor).await;
        let desk = editor.get(&format!("/desk/posts/{}/edit", post.id)).await.all("#outgoing-linkbacks li");
        assert!(desk[1].contains("Sent (pingback)") && desk[1].contains("“Taken.”"), "{desk:?}");
        assert!(desk[2].contains("Sent (trackback)"));
        assert!(desk[3].contains("Doesn’t accept linkbacks"));
    }

    async fn refusals_are_shown_with_the_other_sites_answer_and_not_retried(db) {
        let (blog, site) = blog_and_site(db, "").await;
        let xml = [("content-type", "text/xml")];
        let known = fault_response(&Fault::new(FaultCode::AlreadyRegistered, "Known."));
        let known = blog.show_with("/known", 200, &xml, &known);
        let no = fault_response(&Fault::new(FaultCode::TargetUnusable, "Closed here."));
        let no = blog.show_with("/no", 200, &xml, &no);
        let a = blog.show_with("/a", 200, &[("x-pingback", &known)], "");
        let b = blog.show_with("/b", 200, &[("x-pingback", &no)], "");
        blog.show_with("/bad", 400, &[("content-type", "text/plain")], "No such post\u{202e}");
        let c = blog.show_with("/c", 200, &[("link", "</bad>; rel=webmention")], "");
        let answer = "<response><error>1</error><message>We don&apos;t take &quot;any&quot;.</message></response>";
        blog.show_with("/tb", 200, &xml, answer);
        let d = blog.show("/d", "<link rel=trackback href=/tb>");
        let post = site.post("Ours", &format!("[a]({a}) [b]({b}) [c]({c}) [d]({d})")).await;
        site.run_jobs().await;
        let editor = site.signed_in(Role::Editor).await;
        let rows = editor.get(&format!("/desk/posts/{}/edit", post.id)).await.all("#outgoing-linkbacks li");
        assert!(rows[0].contains("Sent (pingback)"), "{}", rows[0]);
        assert!(rows[1].contains("Refused") && rows[1].contains("“Closed here. (33)”"), "{}", rows[1]);
        assert!(rows[2].contains("Refused") && rows[2].contains("“No such post”"), "{}", rows[2]);
        assert!(rows[3].contains("Refused") && rows[3].contains("“We don't take \"any\".”"), "{}", rows[3]);
        site.app.clock.step(Duration::from_secs(3 * 24 * 60 * 60));
        assert_eq!(site.run_jobs().await, 0);
        let again = editor.get("/desk/outgoing-linkbacks").await.form("ul.outgoing-linkbacks li:last-child form");
        editor.submit(&again.press("Send again")).await;
        site.run_jobs().await;
        assert_eq!(blog.posts().len(), 5);
    }

    async fn a_delivery_that_fails_for_a_moment_is_retried_with_growing_delays(db) {
        let (blog, site) = blog_and_site(db, "").await;
        let target = accepts_webmentions(&blog, "/a");
        blog.show_with("/endpoint", 503, &[], "");
        site.post("Ours", &format!("[a]({target})")).await;
        site.run_jobs().await;
        let mut waits = Vec::new();
        while let Some(wait) = site.step_to_next_job().await {
            waits.push(wait.as_secs() / 60);
            assert!(site.run_jobs().await > 0);
            assert_eq!(blog.posts().len(), waits.len() + 1);
        }
        assert_eq!(waits, [1, 5, 30, 120, 360, 1440]);
        let editor = site.signed_in(Role::Editor).await;
        assert!(editor.get("/desk/outgoing-linkbacks").await.one("ul.outgoing-linkbacks li").contains("Couldn’t be reached"));
    }

    async fn retry_after_is_honoured_and_gone_means_gone(db) {
        let (blog, site) = blog_and_site(db, "").await;
        let busy = blog.show_with("/busy", 200, &[("link", "</later>; rel=webmention")], "");
        blog.show_with("/later", 429, &[("retry-after", "7200")], "");
        let gone = blog.show_with("/gone", 410, &[], "");
        let body = format!("[a]({busy}) [b]({gone})");
        let post = site.post("Ours", &body).await;
        site.run_jobs().await;
        site.app.clock.step(Duration::from_secs(7190));
        assert_eq!(site.run_jobs().await, 0);
        blog.show_with("/later", 202, &[], "");
        site.app.clock.step(Duration::from_secs(11));
        assert_eq!(site.run_jobs().await, 1);
        assert_eq!(blog.posts().len(), 2);
        let editor = site.signed_in(Role::Editor).await;
        let requests = |path: &str| blog.visits().iter().filter(|visit| *visit == path).count();
        assert_eq!(requests("/gone"), 1);
        rewrite(&site, &editor, &post, &format!("{body} changed")).await;
        assert_eq!(requests("/gone"), 1, "what is gone permanently is not requested again");
        assert_eq!(requests("/busy"), 3);
    }

    async fn another_site_can_ask_for_a_delay_within_a_limit(db) {
        let (hour, days) = (60 * 60, 2 * 24 * 60 * 60);
        for (said, waits) in [("3600", hour), ("31536000", days), ("99999999999999999999", 60), ("soon", 60)] {
            let (blog, site) = blog_and_site(db, "").await;
            let target = accepts_webmentions(&blog, "/a");
            blog.show_with("/endpoint", 503, &[("retry-after", said)], "");
            site.post("Ours", &format!("[a]({target})")).await;
            site.run_jobs().await;
            assert_eq!(site.step_to_next_job().await, Some(Duration::from_secs(waits)), "{said}");
            blog.show_with("/endpoint", 202, &[], "");
            site.run_jobs().await;
            assert_eq!(blog.posts().len(), 2, "{said}");
        }
    }

    async fn an_update_while_a_retry_waits_is_sent_once(db) {
        let (blog, site) = blog_and_site(db, "").await;
        let target = accepts_webmentions(&blog, "/a");
        blog.show_with("/endpoint", 503, &[], "");
        let post = site.post("Ours", &format!("[a]({target})")).await;
        site.run_jobs().await;
        let editor = site.signed_in(Role::Editor).await;
        rewrite(&site, &editor, &post, &format!("Changed: [a]({target})")).await;
        assert_eq!(blog.posts().len(), 2);
        // The retry of the first version would come now, and so does the one of the second.
        site.app.clock.step(Duration::from_secs(61));
        site.run_jobs().await;
        assert_eq!(blog.posts().len(), 3);
        blog.show_with("/endpoint", 202, &[], "");
        while site.step_to_next_job().await.is_some() {
            site.run_jobs().await;
        }
        assert_eq!(blog.posts().len(), 4);
    }

    async fn an_update_announces_old_new_and_removed_links(db) {
        let (blog, site) = blog_and_site(db, "").await;
        let (kept, removed) = (accepts_webmentions(&blog, "/kept"), accepts_webmentions(&blog, "/removed"));
        let added = accepts_webmentions(&blog, "/added");
        let post = site.post("Ours", &format!("[a]({kept}) [b]({removed})")).await;
        site.run_jobs().await;
        let editor = site.signed_in(Role::Editor).await;
        rewrite(&site, &editor, &post, &format!("[a]({kept}) [b]({removed})")).await;
        assert_eq!(blog.posts().len(), 2, "nothing changed, nothing to send");
        update(&site, &editor, &post, ("tags", "oil")).await;
        assert_eq!(blog.posts().len(), 2, "tags do not matter to other sites");
        rewrite(&site, &editor, &post, &format!("[a]({kept}) [c]({added})")).await;
        let mut arrived: Vec<String> = mentions(&blog).into_iter().skip(2).map(|(_, target)| target).collect();
        arrived.sort();
        assert_eq!(arrived, [added.clone(), kept.clone(), removed]);
        let desk = editor.get(&format!("/desk/posts/{}/edit", post.id)).await.all("#outgoing-linkbacks li");
        assert!(desk[1].contains("no longer linked") && desk[1].contains("Removal sent"), "{desk:?}");
        // In the trash, the post answers that it is gone, and all sites are notified.
        editor.post(&format!("/desk/posts/{}/trash", post.id), &[]).await;
        assert_eq!(site.visitor().get(&site.path(&post)).await.status, StatusCode::GONE);
        site.run_jobs().await;
        let mut arrived: Vec<String> = mentions(&blog).into_iter().skip(5).map(|(_, target)| target).collect();
        arrived.sort();
        assert_eq!(arrived, [added, kept]);
    }

    async fn a_post_that_is_deleted_permanently_is_gone_and_announces_that(db) {
        let (blog, site) = blog_and_site(db, "").await;
        let target = accepts_webmentions(&blog, "/a");
        let post = site.post("Ours", &format!("[a]({target})")).await;
        let path = site.path(&post);
        site.run_jobs().await;
        let operator = rejoinder::accounts::permissions::Actor::operator();
        rejoinder::posts::publish::delete_post(&site.app, &operator, post.id).await.unwrap();
        site.run_jobs().await;
        assert_eq!(mentions(&blog).len(), 2);
        assert_eq!(site.visitor().get(&path).await.status, StatusCode::GONE);
        let by_id = site.visitor().get(&format!("/?p={}", post.id)).await;
        assert_eq!(by_id.status, StatusCode::GONE);
    }

    async fn own_links_and_links_in_code_samples_are_not_announced(db) {
        let (blog, site) = blog_and_site(db, "").await;
        let target = accepts_webmentions(&blog, "/a");
        let own = site.post("Own", "Text").await;
        site.post("Ours", &format!(
            "[own]({}) <code><a href=\"{target}\">x</a></code>\n\n```\n<a href=\"{target}\">x</a>\n```\n\n<pre><a href=\"{target}\">x</a></pre>\n\n![picture]({target})",
            site.address(&own)
        )).await;
        site.run_jobs().await;
        assert!(blog.visits().is_empty(), "{:?}", blog.visits());
    }

    async fn sending_can_be_off_for_a_post_and_for_a_site(db) {
        let blog = Neighbour::start().await;
        let target = accepts_webmentions(&blog, "/a");
        let site = Site::with(db, &blog.allowed(), Workers::Off).await;
        site.post_of(PostInput { title: "Silent".into(), body: format!("[a]({target})"), ..PostInput::default() }).await;
        site.run_jobs().await;
        let draft = format!("[a]({target})");
        let settings = blog.allowed().replace("[linkbacks]\n", "[linkbacks]\nsend = false\n");
        let off = Site::with(db, &settings, Workers::Off).await;
        off.post("Ours", &draft).await;
        off.run_jobs().await;
        let public = [("http://127.0.0.1", SendingMode::OffForTests), ("https://news.test", SendingMode::OffForTests), ("https://news.example.org", SendingMode::OffForTests), ("https://news.transparency.cc", SendingMode::On)];
        for (url, expected) in public {
            let site = Site::with(db, &format!("[site]\nurl = \"{url}\"\n"), Workers::Off).await;
            assert_eq!(site.app.sending(), expected, "{url}");
        }
        assert!(blog.visits().is_empty());
        let editor = off.signed_in(Role::Editor).await;
        assert!(editor.get("/desk/outgoing-linkbacks").await.text().contains("turned off"));
    }

    async fn a_scheduled_post_announces_its_links_when_it_is_published(db) {
        let (blog, site) = blog_and_site(db, "").await;
        let target = accepts_webmentions(&blog, "/a");
        let date = site.app.clock.now().plus(Duration::from_secs(3600)).rfc3339();
        site.post_of(PostInput { title: "Later".into(), body: format!("[a]({target})"), sends_linkbacks: true, date, ..PostInput::default() }).await;
        site.run_jobs().await;
        assert!(blog.posts().is_empty());
        site.app.clock.step(Duration::from_secs(3601));
        site.run_jobs().await;
        assert_eq!(blog.posts().len(), 1);
    }

    async fn two_sites_notify_each_other(db) {
        let everywhere = "[comments]\nmoderation = \"none\"\n[linkbacks]\nfetch_allow = [\"127.0.0.0/8\"]\n";
        let theirs = Site::with(db, everywhere, Workers::On).await;
        let post = theirs.post("A question", "Text").await;
        let ours = Site::with(db, everywhere, Workers::Off).await;
        // A linkback under the name of somebody who works for the site is held.
        ours.account_named("Ben Carter", Role::Author).await;
        let answer = ours.post("An answer", &format!("They ask [a question]({}) that matters.", theirs.address(&post))).await;
        ours.run_jobs().await;
        let path = theirs.path(&post);
        for _ in 0..1200 {
            if theirs.visitor().get(&path).await.has("li.webmention") { break; }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let page = theirs.visitor().get(&path).await;
        assert_eq!(page.one("li.webmention .text"), "[…] They ask a question that matters. […]");
        let editor = ours.signed_in(Role::Editor).await;
        let desk = editor.get(&format!("/desk/posts/{}/edit", answer.id)).await;
        let status = desk.attribute("#outgoing-linkbacks li p.meta a", "href").unwrap();
        assert!(status.starts_with(&format!("{}/linkbacks/", theirs.base)));
    }
}
