//! Signing in: set-up, sign-in, limits, and which pages each role may open.

use rejoinder::accounts::register;
use rejoinder::commands::serve::Workers;
use rejoinder::store::entity::user::Role;
use reqwest::StatusCode;
use url::form_urlencoded;

use crate::on_both_databases;
use crate::support::site::{PASSWORD, Site};

on_both_databases! {
    async fn the_set_up_link_makes_the_first_administrator_once(db) {
        let site = Site::start(db).await;
        let link = register::create_setup_link(&site.app).await.unwrap();
        let path = link.strip_prefix(&site.base).unwrap();
        let visitor = site.visitor();
        assert_eq!(visitor.get("/setup?token=wrong").await.status, StatusCode::NOT_FOUND);
        let form = visitor.get(path).await.form("form[action='/setup']");
        let short = visitor
            .submit(
                &form
                    .fill("site_name", "The Initiative")
                    .fill("author", "Ada Okoye")
                    .fill("email", "ada@site.example")
                    .fill("password", "short"),
            )
            .await;
        assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(short.one("#password-problem").contains("10 characters"));
        let form = short.form("form[action='/setup']");
        assert_eq!(form.value("site_name"), "The Initiative");
        let done = visitor.submit(&form.fill("password", PASSWORD)).await;
        let desk = visitor.follow(done).await;
        assert_eq!(desk.one("h1"), "Posts");
        assert_eq!(site.visitor().get("/").await.one(".site-name"), "The Initiative");
        assert_eq!(site.visitor().get(path).await.status, StatusCode::NOT_FOUND);
    }

    async fn wrong_credentials_do_not_tell_which_part_is_wrong(db) {
        let site = Site::start(db).await;
        let user = site.account(Role::Editor).await;
        let mut said = Vec::new();
        for (email, password) in [(user.email.as_str(), "wrong password"), ("nobody@x.example", PASSWORD)] {
            let visitor = site.visitor();
            let form = visitor.get("/login").await.form("form");
            let page = visitor.submit(&form.fill("email", email).fill("password", password)).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
            said.push(page.one("#password-problem"));
        }
        assert_eq!(said[0], said[1]);
    }

    async fn signing_in_leads_to_no_other_site(db) {
        let site = Site::start(db).await;
        let user = site.account(Role::Editor).await;
        for (next, leads_to) in [
            ("/queue/?state=spam", "/queue/?state=spam"),
            ("https://evil.example/", "/desk/"),
            ("//evil.example/", "/desk/"),
            ("/\\evil.example/", "/desk/"),
            ("/\t/evil.example/", "/desk/"),
            ("evil", "/desk/"),
        ] {
            let visitor = site.visitor();
            let query = form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish();
            let form = visitor.get(&format!("/login?{query}")).await.form("form[action='/login']");
            assert_eq!(form.value("next"), next);
            let answer = visitor.submit(&form.fill("email", &user.email).fill("password", PASSWORD)).await;
            assert_eq!(answer.header("location"), Some(leads_to), "{next}");
            let again = visitor.get(&format!("/login?{query}")).await;
            assert_eq!(again.header("location"), Some(leads_to), "{next}, signed in already");
        }
    }

    async fn guessing_passwords_is_slowed_down(db) {
        let site = Site::with(db, "[limits]\nsign_ins = 3\n", Workers::Off).await;
        let visitor = site.visitor();
        let mut last = None;
        for _ in 0..4 {
            let fields = [("email", "ada@x.example"), ("password", "guess")];
            last = Some(visitor.post("/login", &fields).await);
        }
        let page = last.unwrap();
        assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
        assert!(page.header("retry-after").is_some());
    }

    async fn signing_out_ends_the_session_on_the_server_too(db) {
        let site = Site::start(db).await;
        let user = site.account(Role::Editor).await;
        let visitor = site.visitor();
        visitor.sign_in(&user.email, PASSWORD).await;
        let desk = visitor.get("/desk/").await;
        assert_eq!(desk.status, StatusCode::OK);
        assert_eq!(desk.header("cache-control"), Some("no-store"));
        visitor.submit(&desk.form("form[action='/logout']")).await;
        assert_eq!(visitor.get("/desk/").await.status, StatusCode::UNAUTHORIZED);
    }

    async fn using_the_site_extends_the_session(db) {
        let site = Site::start(db).await;
        let user = site.account(Role::Editor).await;
        let visitor = site.visitor();
        visitor.sign_in(&user.email, PASSWORD).await;
        assert!(visitor.get("/desk/").await.header("set-cookie").is_none());
        site.app.clock.step(std::time::Duration::from_secs(25 * 60 * 60));
        assert!(visitor.get("/desk/").await.header("set-cookie").is_some());
        site.app.clock.step(std::time::Duration::from_secs(30 * 24 * 60 * 60));
        assert_eq!(visitor.get("/desk/").await.status, StatusCode::UNAUTHORIZED);
    }

    async fn a_form_sent_by_another_site_does_nothing(db) {
        let site = Site::start(db).await;
        let editor = site.signed_in(Role::Editor).await;
        let answer = editor
            .request(
                reqwest::Method::POST,
                "/desk/posts",
                "title=Planted&do=publish",
                &[
                    ("origin", "https://evil.example"),
                    ("sec-fetch-site", "cross-site"),
                    ("content-type", "application/x-www-form-urlencoded"),
                ],
            )
            .await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert!(answer.text().contains("page on another site"), "{}", answer.text());
        assert!(!site.visitor().get("/").await.text().contains("Planted"));
    }

    async fn each_role_opens_only_its_own_pages(db) {
        let site = Site::start(db).await;
        let pages = ["/desk/", "/desk/posts/new", "/queue/", "/queue/log", "/settings/"];
        site.as_everybody(async |role, client| {
            let statuses = match role {
                None => [401; 5],
                // Contributors write drafts.
                Some(Role::Contributor) => [200, 200, 403, 403, 403],
                // Authors moderate what answers their own posts.
                Some(Role::Author) => [200, 200, 200, 403, 403],
                // The desk sends moderators on to their queue.
                Some(Role::Moderator) => [303, 403, 200, 200, 403],
                Some(Role::Editor) => [200, 200, 200, 200, 403],
                Some(Role::Administrator) => [200; 5],
            };
            for (page, status) in pages.iter().zip(statuses) {
                assert_eq!(client.get(page).await.status.as_u16(), status, "{role:?} {page}");
            }
        })
        .await;
        let stranger = site.visitor();
        for page in pages {
            let answer = stranger.get(page).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{page}");
            assert!(answer.has("a[href^='/login?next=%2F']"));
        }
        for action in ["/desk/posts/1/trash", "/queue/decisions", "/queue/undo", "/settings/people", "/desk/preview"] {
            assert_eq!(stranger.post(action, &[]).await.status, StatusCode::UNAUTHORIZED, "{action}");
        }
    }

    async fn an_administrator_makes_accounts_and_names_the_site(db) {
        let site = Site::start(db).await;
        let admin = site.signed_in(Role::Administrator).await;
        let page = admin.get("/settings/").await;
        let form = page.form("form[action='/settings/people']");
        let made = admin
            .submit(
                &form
                    .fill("author", "Mei Tanaka")
                    .fill("email", "Mei@Site.Example")
                    .fill("password", PASSWORD)
                    .fill("role", "moderator"),
            )
            .await;
        assert!(admin.follow(made).await.text().contains("mei@site.example"));
        let again = admin
            .submit(
                &page
                    .form("form[action='/settings/people']")
                    .fill("author", "Mei Again")
                    .fill("email", "mei@site.example")
                    .fill("password", PASSWORD),
            )
            .await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(again.one("#email-problem").contains("already in use"));
        let reader = site.visitor();
        reader.get("/").await;
        let form = page.form("form[action='/settings/site']");
        admin.submit(&form.fill("site_name", "Renamed").fill("tagline", "A line")).await;
        assert_eq!(reader.get("/").await.one(".site-name"), "Renamed");
    }
}
