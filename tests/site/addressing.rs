//! URLs: each page has one, other spellings redirect to it or are not found, and no page is cached under the
//! URL of another.

use rejoinder::commands::serve::Workers;
use rejoinder::posts::draft::PostInput;
use rejoinder::store::entity::user::Role;
use reqwest::{Method, StatusCode};

use crate::on_both_databases;
use crate::permissions::TABLE;
use crate::support::database::Kind;
use crate::support::site::{Site, comment_id};

const OPEN: &str = "[comments]\nmoderation = \"none\"\n";

on_both_databases! {
    async fn an_unknown_query_never_changes_the_cached_page(db) {
        let site = Site::with(db, OPEN, Workers::Off).await;
        let post = site.post("A question", "Text").await;
        let id = comment_id(&site.comment(&post, "Ruth", "Hello").await);
        let path = site.path(&post);
        let visitor = site.visitor();
        let zeros = format!("replytocom={id:0>20}");
        for query in [
            zeros.as_str(),
            &format!("replytocom=+{id}"),
            &format!("replytocom=%2B{id}"),
            &format!("replytocom=0{id}"),
            &format!("replytocom={id}%20"),
            &format!("replytocom={id}&replytocom={id}"),
            &format!("replytocom={id}&replytocom=0"),
            "replytocom=99999999999999999999",
            "replytocom=999999",
            "replytocom=-1",
            "replytocom=",
            "replytocom",
            "receipt=1-x",
            "receipt=",
            &format!("receipt={id}-x&receipt={id}-y"),
        ] {
            let made_up = visitor.get(&format!("{path}?{query}")).await;
            assert_eq!(made_up.status, StatusCode::SEE_OTHER, "{query}");
            assert_eq!(made_up.header("location"), Some(path.as_str()), "{query}");
            let plain = visitor.get(&path).await;
            assert!(!plain.has("meta[name='robots']"), "{query}");
            assert_eq!(plain.form("#respond form").value("parent"), "", "{query}");
            // Nothing of it is cached for the next reader either.
            site.comment(&post, "Ben", &format!("After {query}")).await;
        }
        for query in [format!("replytocom={id}"), format!("utm=1&%72eplytocom={id}&x=%ff")] {
            let reply = visitor.get(&format!("{path}?{query}")).await;
            assert_eq!(reply.form("#respond form").value("parent"), id.to_string(), "{query}");
            assert!(reply.has("meta[name='robots']"));
            assert!(!visitor.get(&path).await.has("meta[name='robots']"), "{query}");
        }
        for query in ["utm_source=x", "p=1", "x=%ff", "reply=1", "", "%"] {
            let page = visitor.get(&format!("{path}?{query}")).await;
            assert_eq!(page.body, visitor.get(&path).await.body, "{query}");
        }
    }

    async fn the_referrer_policy_of_a_secret_url_is_not_cached_with_the_page(db) {
        let site = Site::start(db).await;
        site.post("A question", "Text").await;
        let visitor = site.visitor();
        let policy = async |path: &str| {
            let page = visitor.get(path).await;
            page.header("referrer-policy").unwrap().to_owned()
        };
        for _ in 0..2 {
            assert_eq!(policy("/?token=x").await, "strict-origin");
            assert_eq!(policy("/").await, "strict-origin-when-cross-origin");
        }
    }

    async fn all_spellings_of_a_path_are_one_page(db) {
        let site = Site::start(db).await;
        let post = site.post("A question", "Text").await;
        let path = site.path(&post);
        let visitor = site.visitor();
        let plain = visitor.get(&path).await;
        for spelling in [path.replace("a-q", "%61-q"), path.replace('-', "%2D"), path.replacen("20", "%320", 1)] {
            let page = visitor.get(&spelling).await;
            assert_eq!((page.status, &page.body), (StatusCode::OK, &plain.body), "{spelling}");
            assert_eq!(page.header("etag"), plain.header("etag"), "{spelling}");
        }
        assert_eq!(visitor.get("/%66eed/").await.status, StatusCode::OK);
        for odd in [
            format!("/{path}"),
            path.replace("/a-", "//a-"),
            path.replace("a-question", "a-question%2F"),
            path.replace("a-question", "A-Question"),
            format!("{path}%20/"),
            format!("{path};x/"),
            format!("{path}/"),
        ] {
            assert_eq!(visitor.get(&odd).await.status, StatusCode::NOT_FOUND, "{odd}");
        }
        let head = visitor.request(Method::HEAD, &path, "", &[]).await;
        assert_eq!(head.header("etag"), plain.header("etag"));
        assert_eq!(visitor.get(&path).await.body, plain.body);
    }

    async fn page_numbers_have_one_form(db) {
        let settings = "[site]\nposts_per_page = 1\n[comments]\nmoderation = \"none\"\nper_page = 1\n";
        let site = Site::with(db, settings, Workers::Off).await;
        let mut paths = Vec::new();
        for title in ["One", "Two"] {
            let input = PostInput {
                title: title.into(),
                body: "Text".into(),
                tags: "oil".into(),
                date: "2026-03-05 10:00".into(),
                comments: true,
                ..PostInput::default()
            };
            let post = site.post_of(input).await;
            for name in ["Ruth", "Ben"] {
                site.comment(&post, name, "Hello").await;
            }
            paths.push(site.path(&post));
        }
        let visitor = site.visitor();
        let bases = ["/", "/tag/oil/", "/author/ada-okoye/", "/2026/03/"];
        let mut lists: Vec<(String, String, &str)> = bases
            .iter()
            .map(|base| ((*base).to_owned(), format!("{base}page/"), ""))
            .collect();
        lists.push((paths[0].clone(), format!("{}comment-page-", paths[0]), ""));
        for (base, before, after) in &lists {
            let page = |number: &str| format!("{before}{number}{after}/");
            assert_eq!(visitor.get(&page("2")).await.status, StatusCode::OK, "{before}");
            let first = visitor.get(&page("1")).await;
            assert_eq!(first.status, StatusCode::PERMANENT_REDIRECT, "{before}");
            assert_eq!(first.header("location"), Some(base.as_str()));
            for number in [
                "0", "3", "01", "02", "+2", "%2B2", "-1", "2%20", "x", "2x", "2.0", "1e1", "%D9%A2",
                "9223372036854775807", "9223372036854775808", "18446744073709551615",
                "18446744073709551616", "99999999999999999999",
            ] {
                let status = visitor.get(&page(number)).await.status;
                assert_eq!(status, StatusCode::NOT_FOUND, "{}", page(number));
            }
        }
        for address in ["/?p=99999999999999999999", "/?p=01", "/?p=+1", "/?p=1&p=1", "/?p=", "/?p=-1"] {
            assert_eq!(visitor.get(address).await.status, StatusCode::NOT_FOUND, "{address}");
        }
        let staff = site.signed_in(Role::Administrator).await;
        for address in [
            "/queue/?page=99999999999999999999", "/queue/?before=99999999999999999999",
            "/queue/log?before=99999999999999999999", "/queue/log?before=x", "/desk/?page=99999999999999999999",
            "/queue/responses/99999999999999999999", "/desk/posts/99999999999999999999/edit",
            "/moderation-log?before=99999999999999999999", "/queue/log?before=1&before=2",
        ] {
            let status = staff.get(address).await.status;
            assert!(status == StatusCode::NOT_FOUND || status == StatusCode::OK, "{address}: {status}");
        }
    }

    async fn no_number_in_an_address_is_too_large(db) {
        let site = Site::start(db).await;
        let post = site.post("A question", "Text").await;
        let (path, most) = (site.path(&post), i64::MAX.unsigned_abs());
        site.as_everybody(async |role, client| {
            for number in [most, most + 1, u64::MAX] {
                for address in [
                    "/desk/?page=", "/desk/?kind=page&page=", "/desk/media?page=", "/desk/media?added=",
                    "/desk/outgoing-linkbacks?page=", "/queue/?page=", "/?p=", "/desk/media/", "/settings/people/",
                ] {
                    let answer = client.get(&format!("{address}{number}")).await;
                    assert!(!answer.status.is_server_error(), "{role:?} {address}{number}");
                }
                for address in [format!("/page/{number}/"), format!("{path}comment-page-{number}/")] {
                    assert_eq!(client.get(&address).await.status, StatusCode::NOT_FOUND, "{role:?} {address}");
                }
            }
        })
        .await;
    }

    async fn a_path_without_its_final_slash_redirects_in_one_step(db) {
        let site = Site::with(db, OPEN, Workers::Off).await;
        let post = site.post("A question", "Text").await;
        let path = site.path(&post);
        let permalink = path.trim_end_matches('/');
        let month = &permalink[..8];
        let visitor = site.visitor();
        for (address, leads_to) in [
            (permalink.to_owned(), path.clone()),
            (format!("{permalink}?x=1"), format!("{path}?x=1")),
            (format!("{path}feed"), format!("{path}feed/")),
            (month.to_owned(), format!("{month}/")),
            ("/author/ada-okoye".to_owned(), "/author/ada-okoye/".to_owned()),
            ("/feed".to_owned(), "/feed/".to_owned()),
            ("/comments/feed".to_owned(), "/comments/feed/".to_owned()),
            ("/queue".to_owned(), "/queue/".to_owned()),
            // In one step to where a second redirect would lead.
            (format!("/1999/01/01/{}", post.slug), path.clone()),
            ("/page/1".to_owned(), "/".to_owned()),
            (format!("{path}comment-page-1"), path.clone()),
        ] {
            let answer = visitor.get(&address).await;
            assert_eq!(answer.status, StatusCode::PERMANENT_REDIRECT, "{address}");
            assert_eq!(answer.header("location"), Some(leads_to.as_str()), "{address}");
        }
        for address in [
            "/2026/11/23/nothing", "/2026/11/23", "/2026/13", "/1999/01", "/tag/none", "/author/nobody",
            "/page/7", "/page/x", "/page", "/desk/nothing", "/queue/nothing/at/all", "/nothing", "/feed/x",
            "//feed", "/feed//", "/settings/nothing", "/2026/11/23/nothing/comment-page-2",
        ] {
            let answer = visitor.get(address).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{address}");
            assert_eq!(answer.one("main h1"), "Page not found", "{address}");
        }
    }

    async fn a_forged_session_gets_the_cached_page(db) {
        let site = Site::start(db).await;
        let post = site.post("A question", "Text").await;
        let path = site.path(&post);
        let plain = site.visitor().get(&path).await;
        assert_eq!(plain.header("cache-control"), Some("public, no-cache"));
        let made_up = [
            "x", "", "made up", "AAAAAAAAAAAAAAAAAAAAAA", "GOd9n5pqvSSh4MbX-4A4Vw", "\"AAAAAAAAAAAAAAAAAAAAAA\"",
        ];
        for cookie in made_up {
            for cookies in [format!("rejoinder_session={cookie}"), format!("a=b; rejoinder_session={cookie}; c=d")] {
                let page = site.visitor().get_with(&path, &[("cookie", &cookies)]).await;
                assert_eq!(page.body, plain.body, "{cookies}");
                assert_eq!(page.header("etag"), plain.header("etag"), "{cookies}");
                assert_eq!(page.header("cache-control"), Some("public, no-cache"), "{cookies}");
                assert!(page.header("vary").unwrap().contains("cookie"), "{cookies}");
                let kept_out = site.visitor().get_with("/desk/", &[("cookie", &cookies)]).await;
                assert_eq!(kept_out.status, StatusCode::UNAUTHORIZED, "{cookies}");
            }
        }
        let editor = site.signed_in(Role::Editor).await;
        let own = editor.get(&path).await;
        assert_eq!(own.header("cache-control"), Some("no-store"));
        assert_ne!(own.body, plain.body);
        assert_eq!(site.visitor().get(&path).await.body, plain.body);
    }

    async fn what_is_made_for_one_person_is_never_stored(db) {
        let site = Site::start(db).await;
        let post = site.post("A question", "Text").await;
        let answer = site.comment(&post, "Ruth", "Hello").await;
        let receipt = answer.header("location").unwrap().split('#').next().unwrap().to_owned();
        let visitor = site.visitor();
        let editor = site.signed_in(Role::Editor).await;
        for (client, address) in [
            (&visitor, receipt.as_str()), (&visitor, "/login"), (&visitor, "/nothing"), (&visitor, "/desk/"),
            (&editor, "/"), (&editor, "/nothing"), (&editor, "/desk/"), (&editor, "/queue/"), (&editor, "/feed/"),
            (&editor, "/desk/posts/99999/edit"), (&editor, "/settings/"), (&visitor, "/health/ready"),
        ] {
            let page = client.get(address).await;
            assert_eq!(page.header("cache-control"), Some("no-store"), "{address}");
        }
        let posted = visitor.post(&format!("{}respond", site.path(&post)), &[("comment", "")]).await;
        assert_eq!(posted.header("cache-control"), Some("no-store"));
    }

    async fn no_url_and_no_field_with_nul_is_a_server_error(db) {
        let site = Site::start(db).await;
        let post = site.post("A question", "Text").await;
        let id = comment_id(&site.comment(&post, "Ruth", "Hello").await);
        let staff = site.signed_in(Role::Administrator).await;
        let path = site.path(&post);
        let form = [("content-type", "application/x-www-form-urlencoded")];
        let mut wrong = Vec::new();
        for (method, route, _) in TABLE {
            let method: Method = method.parse().unwrap();
            let fill = |value: &str| {
                let filled = route
                    .replace("/{year}/{month}/{day}/{slug}/", &path)
                    .replace("{year}/{month}", &path[1..8]);
                let start = filled.find('{');
                match start {
                    Some(start) => {
                        let end = filled.find('}').unwrap();
                        format!("{}{value}{}", &filled[..start], &filled[end + 1..])
                            .replace("{id}", &id.to_string())
                            .replace("{action}", "off")
                            .replace(['{', '}'], "")
                    }
                    None => filled,
                }
            };
            for evil in ["%00", "1%00", "%ff", "%ed%a0%80", "%c0%80", "%0a"] {
                if route.contains('{') {
                    let address = fill(evil);
                    let answer = staff.request(method.clone(), &address, "", &form).await;
                    let is_it = address.contains(evil);
                    if answer.status.is_server_error() || (is_it && answer.status != StatusCode::NOT_FOUND) {
                        wrong.push(format!("{method} {address}: {}", answer.status));
                    }
                }
                let address = format!("{}?q={evil}&before={evil}&text={evil}&next={evil}", fill("1"));
                if *route == "/logout" {
                    continue;
                }
                let answer = staff.request(method.clone(), &address, "", &form).await;
                if answer.status.is_server_error() {
                    wrong.push(format!("{method} {address}: {}", answer.status));
                }
            }
            if method == Method::POST && *route != "/logout" {
                for evil in ["a%00b", "%ed%a0%80", "%ff"] {
                    let body: String = FIELDS.iter().map(|field| format!("{field}={evil}&")).collect();
                    let address = fill("1");
                    let answer = staff.request(method.clone(), &address, body, &form).await;
                    if answer.status.is_server_error() {
                        wrong.push(format!("{method} {address} {evil}: {}", answer.status));
                    }
                    // NUL is what PostgreSQL cannot store.
                    if evil != "a%00b" || db == Kind::Sqlite {
                        continue;
                    }
                    for field in FIELDS {
                        let body = format!("{field}={evil}");
                        let answer = staff.request(method.clone(), &address, body, &form).await;
                        if answer.status.is_server_error() {
                            wrong.push(format!("{method} {address} {field}={evil}: {}", answer.status));
                        }
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    async fn a_name_with_nul_is_an_error_and_the_text_is_preserved(db) {
        let site = Site::start(db).await;
        let post = site.post("A question", "Text").await;
        let fields = [("author", "Ru\0th"), ("email", "r@x.example"), ("comment", "A long and careful text.")];
        let answer = site.visitor().post(&format!("{}respond", site.path(&post)), &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.one(".kept textarea").contains("A long and careful text."), "{}", answer.body);
        for target in ["/2026/01/01/a%00b/", "/2026/01/01/%ff/"] {
            let target = site.app.urls.absolute(target);
            let fields = [("source", "https://blog.example/a"), ("target", target.as_str())];
            let answer = site.visitor().post("/webmention", &fields).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.body);
        }
    }

    async fn an_etag_matches_in_every_form_of_the_header(db) {
        let site = Site::start(db).await;
        let post = site.post("A question", "Text").await;
        let visitor = site.visitor();
        for address in [site.path(&post), "/".to_owned(), "/feed/".to_owned(), "/feed.json".to_owned()] {
            let page = visitor.get(&address).await;
            let etag = page.header("etag").unwrap().to_owned();
            let strong = etag.strip_prefix("W/").unwrap().to_owned();
            let list = format!("\"x\", W/\"a,b\", {strong}");
            for tag in [etag.as_str(), &strong, "*", &list] {
                let answer = visitor.get_with(&address, &[("if-none-match", tag)]).await;
                assert_eq!(answer.status, StatusCode::NOT_MODIFIED, "{address} {tag}");
                assert_eq!(answer.header("etag"), Some(etag.as_str()));
            }
            let bare = strong.trim_matches('"').to_owned();
            let long = strong.replacen('"', "\"x", 1);
            for tag in [bare.as_str(), &long, "", "\"x\""] {
                let answer = visitor.get_with(&address, &[("if-none-match", tag)]).await;
                assert_eq!(answer.status, StatusCode::OK, "{address} {tag}");
            }
            let since = [("if-modified-since", "Sun, 06 Nov 2050 08:49:37 GMT")];
            assert_eq!(visitor.get_with(&address, &since).await.status, StatusCode::OK, "{address}");
        }
    }

    async fn staff_pages_are_compressed_and_those_with_a_secret_in_their_url_are_not(db) {
        let site = Site::start(db).await;
        let post = site.post("A question", &"Some words. ".repeat(300)).await;
        let answer = site.comment(&post, "Ruth", &"Hello again. ".repeat(100)).await;
        let receipt = answer.header("location").unwrap().split('#').next().unwrap().to_owned();
        let editor = site.signed_in(Role::Editor).await;
        let path = site.path(&post);
        for (accepted, expected) in [("br, gzip", Some("br")), ("gzip", Some("gzip")), ("identity", None)] {
            for address in ["/queue/", "/desk/posts/new", path.as_str()] {
                let page = editor.get_with(address, &[("accept-encoding", accepted)]).await;
                assert_eq!(page.header("content-encoding"), expected, "{address}");
                assert!(page.header("vary").unwrap().contains("accept-encoding"), "{address}");
            }
        }
        let own = site.visitor().get_with(&receipt, &[("accept-encoding", "br, gzip")]).await;
        assert_eq!(own.status, StatusCode::OK);
        assert_eq!(own.header("content-encoding"), None);
        assert!(own.body.len() > 2000);
    }
}

/// The fields of all forms.
const FIELDS: &[&str] = &[
    "author",
    "email",
    "url",
    "comment",
    "parent",
    "do",
    "contact_me",
    "challenge",
    "proof",
    "password",
    "next",
    "kept-title",
    "kept-body",
    "site_name",
    "tagline",
    "footer_text",
    "social_links",
    "accent",
    "label",
    "into",
    "item",
    "section",
    "kind",
    "title",
    "body",
    "slug",
    "date",
    "tags",
    "revision",
    "id",
    "move",
    "shown",
    "batch",
    "text",
    "words",
    "note",
    "kind",
    "subject",
    "rule_name",
    "conditions",
    "message",
    "action",
    "name",
    "role",
    "source",
    "target",
    "excerpt",
    "blog_name",
    "token",
    "policy",
];
