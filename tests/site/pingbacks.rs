//! Other blogs: a pingback over real sockets is verified, judged and shown, and every fault of the
//! protocol is returned where it applies.

use std::process::Command;
use std::time::Duration;

use rejoinder::commands::serve::Workers;
use rejoinder::linkbacks::protocol::pingback::{PingError, parse_response, ping_request};
use rejoinder::posts::draft::PostInput;
use rejoinder::store::entity::user::Role;
use reqwest::{Method, StatusCode};

use crate::on_both_databases;
use crate::support::database::Kind;
use crate::support::neighbour::Neighbour;
use crate::support::site::Site;

const OPEN: &str = "[comments]\nmoderation = \"none\"\n";

async fn ping(site: &Site, source: &str, target: &str) -> Result<String, PingError> {
    let answer = call(site, &ping_request(source, target)).await;
    parse_response(answer.as_bytes())
}

async fn call(site: &Site, body: &str) -> String {
    let answer = site
        .visitor()
        .request(
            Method::POST,
            "/xmlrpc.php",
            body,
            &[("content-type", "text/xml")],
        )
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(
        answer
            .header("content-type")
            .unwrap()
            .starts_with("text/xml")
    );
    answer.body
}

fn fault(answer: Result<String, PingError>) -> i32 {
    match answer {
        Err(PingError::Fault { code, .. }) => code,
        other => panic!("no fault: {other:?}"),
    }
}

async fn blog_and_site(kind: Kind, settings: &str) -> (Neighbour, Site) {
    let blog = Neighbour::start().await;
    let site = Site::with(kind, &format!("{settings}{}", blog.allowed()), Workers::On).await;
    (blog, site)
}

on_both_databases! {
    async fn a_pingback_becomes_a_response_with_the_text_around_the_link(db) {
        let (blog, site) = blog_and_site(db, OPEN).await;
        let post = site.post("A question", "Text").await;
        let target = site.address(&post);
        let page = site.visitor().get(&site.path(&post)).await;
        assert_eq!(page.header("x-pingback"), Some(format!("{}/xmlrpc.php", site.base).as_str()));
        assert!(page.body.contains(&format!("<link rel=\"pingback\" href=\"{}/xmlrpc.php\">", site.base)));
        let source = blog.show(
            "/answer",
            &format!("<title>An answer &amp; more</title><p>We <b>read</b> <a href=\"{target}\">their question</a> with interest.</p>"),
        );
        let said = ping(&site, &source, &target).await.unwrap();
        assert!(said.contains("has arrived"), "{said}");
        let page = site.visitor().get(&site.path(&post)).await;
        assert_eq!(page.one("#comments h2"), "One response to “A question”");
        assert_eq!(page.one("ol.comment-list > li.pingback .text"), "[…] We read their question with interest. […]");
        assert_eq!(page.one("li.pingback .author"), "An answer & more");
        assert_eq!(page.attribute("li.pingback a.author", "href"), Some(source.clone()));
        assert!(page.attribute("li.pingback a.author", "rel").unwrap().contains("nofollow"));
        assert_eq!(blog.visits(), ["/answer"]);
        let known = format!(
            "<methodCall><methodName>pingback.extensions.getPingbacks</methodName><params><param><value>{target}</value></param></params></methodCall>"
        );
        assert!(call(&site, &known).await.contains(&source));
    }

    async fn every_spelling_of_the_target_is_the_same_post_and_counts_once(db) {
        let (blog, site) = blog_and_site(db, OPEN).await;
        let post = site.post("A question", "Text").await;
        let target = site.address(&post);
        let spellings = [
            target.clone(),
            target.trim_end_matches('/').to_owned(),
            format!("{target}#comment-1"),
            format!("{}/?p={}", site.base, post.id),
            target.replace("http:", "HTTP:"),
        ];
        for (count, spelling) in spellings.iter().enumerate() {
            let source = blog.show(&format!("/{count}"), &format!("<p>See <a href='{spelling}'>this page</a> there."));
            ping(&site, &source, &target).await.unwrap_or_else(|e| panic!("{spelling}: {e:?}"));
            assert_eq!(fault(ping(&site, &format!("{source}#part"), spelling).await), 48, "{spelling}");
        }
        let page = site.visitor().get(&site.path(&post)).await;
        assert_eq!(page.all("li.pingback").len(), spellings.len());
    }

    async fn each_fault_is_returned_where_it_applies(db) {
        let (blog, site) = blog_and_site(db, OPEN).await;
        let post = site.post("A question", "Text").await;
        let target = site.address(&post);
        let closed = site.post_of(PostInput { title: "Closed".into(), body: "x".into(), ..PostInput::default() }).await;
        let gone = site.post("Gone", "x").await;
        let gone_at = site.address(&gone);
        let link = format!("<p><a href='{target}'>x</a>");
        let good = blog.show("/good", &link);
        let wait = Duration::ZERO;
        let no_link = blog.show("/no-link", "<p>Nothing</p>");
        let commented = blog.show("/commented", &format!("<!-- {link} -->"));
        let broken = blog.show_as("/broken", 500, "text/html", link.as_bytes(), wait);
        let picture = blog.show_as("/picture", 200, "image/png", link.as_bytes(), wait);
        assert_eq!(fault(ping(&site, &no_link, &target).await), 17);
        assert_eq!(fault(ping(&site, &commented, &target).await), 17);
        assert_eq!(fault(ping(&site, &picture, &target).await), 17);
        assert_eq!(fault(ping(&site, &broken, &target).await), 16);
        assert_eq!(fault(ping(&site, &blog.url("/missing"), &target).await), 16);
        assert_eq!(fault(ping(&site, "no address", &target).await), 16);
        assert_eq!(fault(ping(&site, "file:///etc/passwd", &target).await), 16);
        assert_eq!(fault(ping(&site, &good, &site.address(&closed)).await), 33);
        assert_eq!(fault(ping(&site, &good, &format!("{}/2026/01/01/none/", site.base)).await), 33);
        assert_eq!(fault(ping(&site, &good, &site.base).await), 33);
        assert_eq!(fault(ping(&site, &good, "https://elsewhere.example/").await), 33);
        let editor = site.signed_in(Role::Editor).await;
        editor.post(&format!("/desk/posts/{}/trash", gone.id), &[]).await;
        assert_eq!(fault(ping(&site, &good, &gone_at).await), 32);
        ping(&site, &good, &target).await.unwrap();
        assert_eq!(fault(ping(&site, &good, &target).await), 48);
    }

    async fn a_refused_source_may_be_sent_again_once_it_is_fixed(db) {
        let (blog, site) = blog_and_site(db, OPEN).await;
        let post = site.post("A question", "Text").await;
        let target = site.address(&post);
        let source = blog.show("/a", "<p>No link yet</p>");
        assert_eq!(fault(ping(&site, &source, &target).await), 17);
        blog.show("/a", &format!("<p>Now with <a href='{target}'>one</a>"));
        ping(&site, &source, &target).await.unwrap();
    }

    async fn addresses_that_are_not_public_are_never_fetched_and_get_the_same_answer_as_any_other(db) {
        let (blog, site) = blog_and_site(db, OPEN).await;
        let secret = Neighbour::start().await;
        let post = site.post("A question", "Text").await;
        let target = site.address(&post);
        let page = format!("<p><a href='{target}'>x</a>");
        secret.show("/a", &page);
        let port = secret.port;
        let missing = ping(&site, &blog.url("/missing"), &target).await;
        for source in [
            format!("http://127.0.0.1:{port}/a"),
            format!("http://2130706433:{port}/a"),
            format!("http://0x7f.1:{port}/a"),
            format!("http://[::1]:{port}/a"),
            format!("http://[::ffff:127.0.0.1]:{port}/a"),
        ] {
            assert_eq!(ping(&site, &source, &target).await, missing, "{source}");
        }
        assert!(secret.visits().is_empty());
    }

    async fn a_slow_source_is_checked_after_the_answer_also_by_a_later_process(db) {
        let blog = Neighbour::start().await;
        let settings = format!("{OPEN}{}", blog.allowed()).replace("[linkbacks]\n", "[linkbacks]\nverification_wait = 0\n");
        // This process accepts pingbacks and ends before it runs any job.
        let site = Site::with(db, &settings, Workers::Off).await;
        let post = site.post("A question", "Text").await;
        let target = site.address(&post);
        let page = format!("<p>Late, and <a href='{target}'>linked</a>");
        let source = blog.show_as("/slow", 200, "text/html", page.as_bytes(), Duration::from_millis(200));
        let said = ping(&site, &source, &target).await.unwrap();
        assert!(said.contains("being checked"), "{said}");
        assert_eq!(fault(ping(&site, &source, &target).await), 48, "registered while it is checked");
        assert!(blog.visits().is_empty());
        let link = site.path(&post);
        let old_base = site.base.clone();
        let database = site.stop().await;
        let settings = settings + &format!("[site]\nurl = \"{old_base}\"\n");
        let site = Site::on(database, &settings, Workers::Off).await;
        assert_eq!(site.run_jobs().await, 1);
        let visitor = crate::support::client::Client::new(&format!("http://{}", site.app.config.server.listen));
        assert!(visitor.get(&link).await.has("li.pingback"));
    }

    async fn a_held_pingback_waits_in_the_same_queue(db) {
        let (blog, site) = blog_and_site(db, "[comments]\nmoderation = \"all\"\n").await;
        let post = site.post("A question", "Text").await;
        let target = site.address(&post);
        let source = blog.show("/a", &format!("<title>Their post</title><p>Read <a href='{target}'>this</a> now"));
        ping(&site, &source, &target).await.unwrap();
        assert!(!site.visitor().get(&site.path(&post)).await.has("li.pingback"));
        let moderator = site.signed_in(Role::Moderator).await;
        let queue = moderator.get("/queue/").await;
        assert!(queue.one(".entry .who").contains("Their post pingback"));
        assert!(queue.one(".entry .reasons").contains("holds every response"));
    }

    async fn a_pingback_is_held_for_signals_on_its_page_and_the_queue_names_them(db) {
        let (blog, site) = blog_and_site(db, OPEN).await;
        let english = "The people of the city were asked what they think about the plans of the council. ".repeat(6);
        let post = site.post("A question", &english).await;
        let target = site.address(&post);
        let german = "Die Menschen in der Stadt wurden gefragt, was sie von den Plänen des Rates halten. ".repeat(6);
        let elsewhere: String = (0..80).map(|number| format!("<a href='https://{number}.example/'>x</a> ")).collect();
        let page = format!("<title>Antwort</title><p>{german} <a href='{target}'>Die Frage</a> {german}<p>{elsewhere}");
        ping(&site, &blog.show("/a", &page), &target).await.unwrap();
        let moderator = site.signed_in(Role::Moderator).await;
        let reasons = moderator.get("/queue/").await.one(".entry .reasons");
        assert!(reasons.contains("80 links to other sites"), "{reasons}");
        assert!(reasons.contains("Its page is in another language: German."), "{reasons}");
    }

    async fn too_many_pingbacks_must_wait(db) {
        let (blog, site) = blog_and_site(db, "[limits]\nlinkbacks_per_source_host = 2\n").await;
        let post = site.post("A question", "Text").await;
        let target = site.address(&post);
        let mut faults = Vec::new();
        for count in 0..4 {
            let source = blog.show(&format!("/{count}"), "<p>no link</p>");
            faults.push(fault(ping(&site, &source, &target).await));
        }
        assert_eq!(faults, [17, 17, 49, 49]);
        assert_eq!(blog.visits().len(), 2);
    }

    async fn a_body_that_is_not_a_call_gets_a_fault(db) {
        let site = Site::start(db).await;
        for (body, code) in [
            ("", -32700),
            ("<!DOCTYPE x><methodCall/>", -32700),
            ("<methodResponse/>", -32600),
            ("<methodCall><methodName>system.multicall</methodName></methodCall>", -32601),
            ("<methodCall><methodName>pingback.ping</methodName></methodCall>", -32602),
        ] {
            assert_eq!(fault(parse_response(call(&site, body).await.as_bytes())), code, "{body}");
        }
        let huge = "x".repeat(1100 * 1024);
        // Below the protocol: refused by its length, before it is read.
        let refused = site.visitor().request(Method::POST, "/xmlrpc.php", huge.as_str(), &[("content-type", "text/xml")]).await;
        assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
        let listed = call(&site, "<methodCall><methodName>system.listMethods</methodName></methodCall>").await;
        assert!(listed.contains("<string>pingback.ping</string>"));
        let opened = site.visitor().get("/xmlrpc.php").await;
        assert_eq!(opened.status, StatusCode::METHOD_NOT_ALLOWED);
        assert!(opened.body.contains("for other blogs"));
    }

    async fn pythons_own_client_can_ping(db) {
        let (blog, site) = blog_and_site(db, OPEN).await;
        let post = site.post("A question", "Text").await;
        let target = site.address(&post);
        let source = blog.show("/py", &format!("<p>From Python: <a href='{target}'>hello</a> there"));
        let program = "import sys, xmlrpc.client as x\n\
             s = x.ServerProxy(sys.argv[1])\n\
             print('pingback.ping' in s.system.listMethods(), s.pingback.ping(sys.argv[2], sys.argv[3]))\n\
             try:\n    s.pingback.ping(sys.argv[2], sys.argv[3])\n\
             except x.Fault as f:\n    print(f.faultCode)\n";
        let server = format!("{}/xmlrpc.php", site.base);
        let run = tokio::task::spawn_blocking(move || {
            Command::new("python3").args(["-c", program, &server, &source, &target]).output().unwrap()
        });
        let output = run.await.unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(said.starts_with("True Thank you") && said.trim().ends_with("48"), "{said}");
        assert!(site.visitor().get(&site.path(&post)).await.has("li.pingback"));
    }
}
