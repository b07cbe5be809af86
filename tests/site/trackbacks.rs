//! TrackBack by its specification, and verified like every linkback.

use rejoinder::commands::serve::Workers;
use rejoinder::posts::draft::PostInput;
use rejoinder::store::entity::user::Role;
use reqwest::{Method, StatusCode};

use crate::on_both_databases;
use crate::support::client::Page;
use crate::support::database::Kind;
use crate::support::neighbour::Neighbour;
use crate::support::site::Site;

const OPEN: &str = "[comments]\nmoderation = \"none\"\n";
const FORM: &str = "application/x-www-form-urlencoded";

async fn blog_and_site(kind: Kind) -> (Neighbour, Site) {
    let blog = Neighbour::start().await;
    let site = Site::with(kind, &format!("{OPEN}{}", blog.allowed()), Workers::On).await;
    (blog, site)
}

fn body(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

async fn send(site: &Site, path: &str, body: &str, content_type: &str) -> Page {
    site.visitor()
        .request(
            Method::POST,
            &format!("{path}trackback/"),
            body,
            &[("content-type", content_type)],
        )
        .await
}

fn is_taken(answer: &Page) -> bool {
    assert_eq!(answer.status, StatusCode::OK);
    assert!(
        answer
            .header("content-type")
            .unwrap()
            .starts_with("text/xml")
    );
    assert!(
        answer
            .body
            .starts_with("<?xml version=\"1.0\" encoding=\"utf-8\"?>")
    );
    answer.body.contains("<error>0</error>")
}

on_both_databases! {
    async fn a_trackback_is_verified_and_shown_with_its_own_text(db) {
        let (blog, site) = blog_and_site(db).await;
        let post = site.post("A question", "Text").await;
        let (path, target) = (site.path(&post), site.address(&post));
        let source = blog.show("/a", &format!("<title>T</title><p>We read <a href='{target}'>their question</a> &amp; liked it."));
        let ping = body(&[
            ("url", &source), ("title", "Our <b>answer</b>"), ("blog_name", "The &quot;margin&quot;"),
            ("excerpt", "We read their question & liked it."),
        ]);
        assert!(is_taken(&send(&site, &path, &ping, FORM).await));
        let page = site.visitor().get(&path).await;
        assert_eq!(page.one("li.trackback .author"), "Our answer — The \"margin\"");
        assert_eq!(page.one("li.trackback .text"), "We read their question & liked it.");
        assert_eq!(page.attribute("li.trackback a.author", "rel"), Some("nofollow ugc noopener".into()));
        let again = send(&site, &path, &ping, FORM).await;
        assert!(!is_taken(&again) && again.body.contains("already registered"));
    }

    async fn a_page_that_does_not_link_here_is_never_shown(db) {
        let (blog, site) = blog_and_site(db).await;
        let post = site.post("A question", "Text").await;
        let path = site.path(&post);
        let source = blog.show("/a", "<p>No link at all");
        let answer = send(&site, &path, &body(&[("url", &source), ("title", "x")]), FORM).await;
        assert!(!is_taken(&answer) && answer.body.contains("does not link"), "{}", answer.body);
        let answer = send(&site, &path, &body(&[("url", &blog.url("/none"))]), FORM).await;
        assert!(!is_taken(&answer) && answer.body.contains("could not be read"));
        let answer = send(&site, &path, &body(&[("title", "x")]), FORM).await;
        assert!(!is_taken(&answer) && answer.body.contains("url"));
        let answer = send(&site, &path, "{}", "application/json").await;
        assert!(!is_taken(&answer) && answer.body.contains(FORM));
        let closed = site.post_of(PostInput { title: "Closed".into(), body: "x".into(), ..PostInput::default() }).await;
        let answer = send(&site, &site.path(&closed), &body(&[("url", &source)]), FORM).await;
        assert!(!is_taken(&answer) && answer.body.contains("no longer accepts linkbacks"));
        let answer = send(&site, "/2026/01/01/none/", &body(&[("url", &source)]), FORM).await;
        assert!(!is_taken(&answer));
        assert!(!site.visitor().get(&path).await.has("li.trackback"));
    }

    async fn each_charset_is_read_as_it_is_named(db) {
        let (blog, site) = blog_and_site(db).await;
        let post = site.post("A question", "Text").await;
        let (path, target) = (site.path(&post), site.address(&post));
        let page = "<p>日本語 Grüße — wir lasen ".to_owned() + &format!("<a href='{target}'>die Frage</a> gern.");
        for (number, (content_type, field, title)) in [
            (format!("{FORM}; charset=utf-8"), "", "Gr%C3%BC%C3%9Fe"),
            (format!("{FORM}; charset=ISO-8859-1"), "", "Gr%FC%DFe"),
            (FORM.to_owned(), "&charset=iso-8859-1", "Gr%FC%DFe"),
            (FORM.to_owned(), "", "Gr%FC%DFe"),
            (FORM.to_owned(), "", "Gr%C3%BC%C3%9Fe"),
            (format!("{FORM}; charset=utf-7"), "", "Gr%C3%BC%C3%9Fe"),
        ].into_iter().enumerate() {
            let source = blog.show(&format!("/{number}"), &page);
            let ping = format!("{}&title={title}{field}", body(&[("url", &source)]));
            assert!(is_taken(&send(&site, &path, &ping, &content_type).await));
        }
        let source = blog.show("/jp", &page);
        let ping = format!("{}&title=%93%FA%96%7B%8C%EA", body(&[("url", &source)]));
        assert!(is_taken(&send(&site, &path, &ping, &format!("{FORM}; charset=Shift_JIS")).await));
        let shown = site.visitor().get(&path).await.all("li.trackback .author");
        assert_eq!(shown[..6], ["Grüße"; 6]);
        assert_eq!(shown[6], "日本語");
    }

    async fn a_reader_who_opens_the_address_is_led_to_the_post(db) {
        let (_blog, site) = blog_and_site(db).await;
        let post = site.post("A -- question", "Text").await;
        let path = site.path(&post);
        let answer = site.visitor().get(&format!("{path}trackback/")).await;
        assert!(answer.status.is_redirection());
        assert_eq!(answer.header("location"), Some(path.as_str()));
        let page = site.visitor().get(&path).await;
        let note = page.body.split_once("<rdf:Description").unwrap().1.split_once("-->").unwrap().0;
        assert!(note.contains(&format!("trackback:ping=\"{}trackback/\"", site.address(&post))));
        assert!(note.contains(&format!("dc:identifier=\"{}\"", site.address(&post))));
        assert!(note.contains("dc:title=\"A -&#45; question\""), "{note}");
        assert!(!note.contains("--"));
    }

    async fn signals_of_spam_hold_a_trackback_and_the_queue_names_them(db) {
        let (blog, site) = blog_and_site(db).await;
        let post = site.post("A question", "Text").await;
        let (path, target) = (site.path(&post), site.address(&post));
        let source = blog.show("/a", &format!("<p>Pills. <a href='{target}'>x</a> More pills."));
        let ping = body(&[("url", &source), ("title", "Cheap pills"), ("blog_name", "cheap PILLS"), ("excerpt", "Great post, I liked it!")]);
        assert!(is_taken(&send(&site, &path, &ping, FORM).await));
        assert!(!site.visitor().get(&path).await.has("li.trackback"));
        let moderator = site.signed_in(Role::Moderator).await;
        let reasons = moderator.get("/queue/").await.one(".entry .reasons");
        assert!(reasons.contains("Its title is the name of its blog."), "{reasons}");
        assert!(reasons.contains("Its excerpt is not on its page."), "{reasons}");
    }
}
