//! Changing accounts, from a shell and from the settings; what ends a session, and when.

use std::net::IpAddr;
use std::time::Duration;

use rejoinder::accounts::manage::{self, AccountChange};
use rejoinder::accounts::permissions::Actor;
use rejoinder::commands::serve::Workers;
use rejoinder::limits::SignInClient;
use rejoinder::store::entity::user::Role;
use reqwest::StatusCode;

use crate::commands::{run, stderr_of, stdout_of};
use crate::on_both_databases;
use crate::support::client::{Client, Page};
use crate::support::site::{PASSWORD, Site};

const OTHER_PASSWORD: &str = "quite another password";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn try_to_sign_in(client: &Client, email: &str, password: &str) -> Page {
    client
        .post("/login", &[("email", email), ("password", password)])
        .await
}

on_both_databases! {
    async fn changing_an_account_from_a_shell_ends_its_sessions(db) {
        let site = Site::start(db).await;
        site.account(Role::Administrator).await;
        let user = site.account(Role::Editor).await;
        let email = user.email.as_str();
        let folder = tempfile::tempdir().unwrap();
        let shell = |arguments: &[&str], input: &str| {
            let arguments: Vec<&str> = ["user"].iter().chain(arguments).copied().collect();
            run(&site.database.url, folder.path(), &arguments, input)
        };
        let mut password = PASSWORD;
        let changes: [(&[&str], &str); 4] = [
            (&["sign-out", "--email", email], ""),
            (&["set-role", "--email", email, "--role", "author"], ""),
            (&["set-password", "--email", email, "--password-stdin"], "quite another password\n"),
            (&["disable", "--email", email], ""),
        ];
        for (arguments, input) in changes {
            let (one, other) = (site.visitor(), site.visitor());
            one.sign_in(email, password).await;
            other.sign_in(email, password).await;
            assert_eq!(one.get("/desk/").await.status, StatusCode::OK);
            let words = stdout_of(&shell(arguments, input));
            assert!(words.contains("signed out everywhere"), "{words}");
            if !input.is_empty() {
                assert!(!words.contains(OTHER_PASSWORD), "{words}");
                password = OTHER_PASSWORD;
            }
            for browser in [one, other] {
                assert_eq!(browser.get("/desk/").await.status, StatusCode::UNAUTHORIZED, "{arguments:?}");
            }
        }
        let closed = try_to_sign_in(&site.visitor(), email, OTHER_PASSWORD).await;
        assert_eq!(closed.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(stdout_of(&shell(&["list"], "")).contains("disabled"));
        stdout_of(&shell(&["enable", "--email", email], ""));
        let old = try_to_sign_in(&site.visitor(), email, PASSWORD).await;
        assert_eq!(old.status, StatusCode::UNPROCESSABLE_ENTITY);
        let again = site.visitor();
        again.sign_in(email, OTHER_PASSWORD).await;
        assert_eq!(again.get("/queue/log").await.status, StatusCode::FORBIDDEN, "an author now");
        for wrong in [
            shell(&["disable", "--email", "nobody@x.example"], ""),
            shell(&["set-password", "--email", email, "--password-stdin"], "short\n"),
            shell(&["set-role", "--email", email, "--role", "owner"], ""),
            shell(&["set-password", "--email", email, "--password-stdin"], &"x".repeat(1 << 20)),
        ] {
            stderr_of(&wrong);
        }
        let made_up = stdout_of(&shell(&["set-password", "--email", email], ""));
        let made_up = made_up.lines().find_map(|line| line.strip_prefix("Password: ")).unwrap();
        site.visitor().sign_in(email, made_up).await;
    }

    async fn the_last_administrator_stays_one(db) {
        let site = Site::start(db).await;
        let last = site.account(Role::Administrator).await;
        let other = site.account_named("Other", Role::Administrator).await;
        let folder = tempfile::tempdir().unwrap();
        let shell = |arguments: &[&str]| run(&site.database.url, folder.path(), arguments, "");
        stdout_of(&shell(&["user", "disable", "--email", &other.email]));
        for arguments in [
            vec!["user", "disable", "--email", &last.email],
            vec!["user", "set-role", "--email", &last.email, "--role", "editor"],
        ] {
            let words = stderr_of(&shell(&arguments));
            assert!(words.contains("last administrator"), "{words}");
        }
        let admin = site.visitor();
        admin.sign_in(&last.email, PASSWORD).await;
        let path = format!("/settings/people/{}", last.id);
        let asked = admin.submit(&admin.get(&path).await.form("form[action$='/disable']")).await;
        let refused = admin.submit(&asked.form("main form")).await;
        assert_eq!(refused.status, StatusCode::CONFLICT);
        assert!(refused.text().contains("last administrator"), "{}", refused.text());
    }

    async fn an_administrator_changes_accounts_from_the_settings(db) {
        let site = Site::start(db).await;
        let admin = site.signed_in(Role::Administrator).await;
        let user = site.account(Role::Editor).await;
        let editor = site.visitor();
        editor.sign_in(&user.email, PASSWORD).await;
        let list = admin.get("/settings/").await;
        let path = format!("/settings/people/{}", user.id);
        assert!(list.has(&format!("a[href='{path}']")));
        let page = admin.get(&path).await;

        let asked = admin.submit(&page.form("form[action$='/sign-out']")).await;
        assert_eq!(asked.status, StatusCode::OK);
        assert_eq!(editor.get("/desk/").await.status, StatusCode::OK, "nothing happens before the answer");
        let done = admin.submit(&asked.form("main form")).await;
        assert!(admin.follow(done).await.one(".received").contains("signed out everywhere"));
        assert_eq!(editor.get("/desk/").await.status, StatusCode::UNAUTHORIZED);

        let form = page.form("form[action$='/role']").fill("role", "moderator");
        let done = admin.follow(admin.submit(&form).await).await;
        assert!(done.one(".received").contains("Role changed"));
        editor.sign_in(&user.email, PASSWORD).await;
        assert_eq!(editor.get("/desk/posts/new").await.status, StatusCode::FORBIDDEN);

        let form = page.form("form[action$='/password']").fill("password", OTHER_PASSWORD);
        let unsure = admin.submit(&form).await;
        assert_eq!(unsure.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(editor.get("/queue/").await.status, StatusCode::OK);
        let done = admin.follow(admin.submit(&form.fill("sure", "1")).await).await;
        assert!(done.one(".received").contains("Password changed"));
        assert_eq!(editor.get("/queue/").await.status, StatusCode::UNAUTHORIZED);
        let short = page.form("form[action$='/password']").fill("password", "short").fill("sure", "1");
        assert!(admin.submit(&short).await.one("#password-problem").contains("10 characters"));

        let asked = admin.submit(&page.form("form[action$='/disable']")).await;
        let done = admin.follow(admin.submit(&asked.form("main form")).await).await;
        assert!(done.one(".received").contains("disabled"));
        let closed = try_to_sign_in(&site.visitor(), &user.email, OTHER_PASSWORD).await;
        assert_eq!(closed.status, StatusCode::UNPROCESSABLE_ENTITY);
        let done = admin.follow(admin.submit(&done.form("form[action$='/enable']")).await).await;
        assert!(done.one(".received").contains("can sign in again"));
        site.visitor().sign_in(&user.email, OTHER_PASSWORD).await;
        let missing = admin.get("/settings/people/999").await;
        assert_eq!(missing.status, StatusCode::NOT_FOUND);
    }

    async fn a_password_has_ten_to_two_hundred_characters_of_any_script(db) {
        let site = Site::start(db).await;
        let admin = site.signed_in(Role::Administrator).await;
        let user = site.account(Role::Editor).await;
        let page = admin.get(&format!("/settings/people/{}", user.id)).await;
        for (length, is_good) in [(9, false), (10, true), (200, true), (201, false)] {
            let password = "语".repeat(length);
            let form = page.form("form[action$='/password']").fill("password", &password).fill("sure", "1");
            let answer = admin.submit(&form).await;
            assert_eq!(answer.status == StatusCode::SEE_OTHER, is_good, "{length}: {}", answer.text());
            let signed_in = try_to_sign_in(&site.visitor(), &user.email, &password).await;
            assert_eq!(signed_in.status == StatusCode::SEE_OTHER, is_good, "{length}");
        }
    }

    async fn whoever_changes_their_own_password_stays_signed_in_only_here(db) {
        let site = Site::start(db).await;
        let user = site.account(Role::Administrator).await;
        let (here, there) = (site.visitor(), site.visitor());
        here.sign_in(&user.email, PASSWORD).await;
        there.sign_in(&user.email, PASSWORD).await;
        let path = format!("/settings/people/{}", user.id);
        let form = here.get(&path).await.form("form[action$='/password']");
        here.submit(&form.fill("password", OTHER_PASSWORD).fill("sure", "1")).await;
        assert_eq!(here.get("/settings/").await.status, StatusCode::OK);
        assert_eq!(there.get("/settings/").await.status, StatusCode::UNAUTHORIZED);
    }

    async fn a_session_ends_however_much_it_is_used(db) {
        let site = Site::with(db, "[accounts]\nsession_max_days = 3\n", Workers::Off).await;
        let editor = site.signed_in(Role::Editor).await;
        for _ in 0..2 {
            site.app.clock.step(DAY + Duration::from_secs(60));
            assert_eq!(editor.get("/desk/").await.status, StatusCode::OK);
        }
        site.app.clock.step(DAY);
        assert_eq!(editor.get("/desk/").await.status, StatusCode::UNAUTHORIZED);
    }

    async fn a_session_that_ended_is_not_brought_back_by_a_slow_request(db) {
        let site = Site::start(db).await;
        let user = site.account(Role::Editor).await;
        for _ in 0..12 {
            let editor = site.visitor();
            editor.sign_in(&user.email, PASSWORD).await;
            let cookie = editor.cookie("rejoinder_session").unwrap();
            // From now on each request puts the session's end off.
            site.app.clock.step(DAY + Duration::from_secs(60));
            let (one, two) = (site.visitor(), site.visitor());
            one.plant("rejoinder_session", &cookie);
            two.plant("rejoinder_session", &cookie);
            tokio::join!(editor.post("/logout", &[]), one.get("/desk/"), two.get("/desk/"));
            let after = site.visitor();
            after.plant("rejoinder_session", &cookie);
            assert_eq!(after.get("/desk/").await.status, StatusCode::UNAUTHORIZED);
        }
    }

    async fn signing_in_gives_the_session_another_name(db) {
        let site = Site::start(db).await;
        let user = site.account(Role::Editor).await;
        let (editor, thief) = (site.visitor(), site.visitor());
        editor.sign_in(&user.email, PASSWORD).await;
        let planted = editor.cookie("rejoinder_session").unwrap();
        editor.sign_in_again(&user.email, PASSWORD).await;
        assert_ne!(editor.cookie("rejoinder_session").unwrap(), planted);
        thief.plant("rejoinder_session", &planted);
        assert_eq!(thief.get("/desk/").await.status, StatusCode::UNAUTHORIZED);
    }

    async fn a_role_that_changes_while_somebody_signs_in_is_not_missed(db) {
        let site = Site::start(db).await;
        let user = site.slow_account(Role::Editor).await;
        let operator = Actor::operator();
        for nth in 0..6 {
            let role = if nth % 2 == 0 { Role::Author } else { Role::Editor };
            let browser = site.visitor();
            let (_, changed) = tokio::join!(
                try_to_sign_in(&browser, &user.email, PASSWORD),
                manage::change(&site.app, &operator, user.id, AccountChange::Role(role)),
            );
            changed.unwrap();
            let expected = match browser.get("/queue/log").await.status {
                // The session was begun before the change, or after it.
                StatusCode::UNAUTHORIZED => continue,
                status => status,
            };
            let may = role == Role::Editor;
            assert_eq!(expected == StatusCode::OK, may, "{role:?}: {expected}");
        }
    }

    async fn guesses_from_elsewhere_keep_no_owner_out(db) {
        let site = Site::with(db, "[limits]\nsign_ins = 3\n", Workers::Off).await;
        let user = site.account(Role::Administrator).await;
        let owner = site.visitor();
        owner.sign_in(&user.email, PASSWORD).await;
        owner.post("/logout", &[]).await;
        // One wrong try a minute for an hour, and the owner comes with a new browser.
        for minute in 0..60 {
            site.app.clock.step(Duration::from_secs(60));
            let from: IpAddr = format!("198.51.100.{minute}").parse().unwrap();
            let _ = site.app.limits.check_sign_in(SignInClient::Stranger(from, &user.email)).await;
        }
        site.visitor().sign_in(&user.email, PASSWORD).await;
        // Then from everywhere at once: the account's budget is used up.
        for nth in 0..200 {
            let from: IpAddr = format!("203.0.113.{nth}").parse().unwrap();
            let _ = site.app.limits.check_sign_in(SignInClient::Stranger(from, &user.email)).await;
        }
        let stranger = site.visitor();
        for _ in 0..4 {
            let answer = try_to_sign_in(&stranger, &user.email, PASSWORD).await;
            assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
            let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
            assert!(wait <= 60, "nobody is locked out hard: {wait} s");
        }
        owner.sign_in(&user.email, PASSWORD).await;
        assert_eq!(owner.get("/settings/").await.status, StatusCode::OK);
        // A known browser has a budget of its own, and nothing beyond it.
        owner.post("/logout", &[]).await;
        let mut statuses = Vec::new();
        for _ in 0..5 {
            statuses.push(try_to_sign_in(&owner, &user.email, "a wrong password").await.status);
        }
        assert_eq!(statuses[2], StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(statuses[3], StatusCode::TOO_MANY_REQUESTS);
    }

    async fn signing_in_again_and_again_is_no_guessing(db) {
        let site = Site::with(db, "[limits]\nsign_ins = 3\n", Workers::Off).await;
        let user = site.account(Role::Editor).await;
        for _ in 0..8 {
            site.visitor().sign_in(&user.email, PASSWORD).await;
        }
    }

    async fn credentials_that_no_account_can_have_are_refused(db) {
        let site = Site::start(db).await;
        let user = site.account(Role::Editor).await;
        let long = "x".repeat(300_000);
        let at = format!("{long}@x.example");
        let null = format!("{}\0", user.email);
        for (email, password) in [
            (at.as_str(), PASSWORD),
            (user.email.as_str(), long.as_str()),
            (null.as_str(), PASSWORD),
            ("", ""),
            (user.email.as_str(), "\0"),
        ] {
            let answer = try_to_sign_in(&site.visitor(), email, password).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert!(answer.body.len() < 20_000, "the page carries {} bytes", answer.body.len());
        }
    }

    async fn a_contributor_writes_what_somebody_else_publishes(db) {
        let site = Site::start(db).await;
        let contributor = site.signed_in(Role::Contributor).await;
        let form = contributor.get("/desk/posts/new").await.form("form.compose");
        let form = form.fill("title", "A draft of mine").fill("body", "Text");
        let refused = contributor.submit(&form.clone().fill("do", "publish")).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        let kept = contributor.submit(&form.press("Save draft")).await;
        let page = contributor.follow(kept).await;
        assert_eq!(page.status, StatusCode::OK);
        let editor = site.signed_in(Role::Editor).await;
        let list = editor.get("/desk/").await;
        let href = list.attribute("a.row-title", "href").unwrap();
        let draft = editor.get(&href).await.form("form.compose");
        editor.submit(&draft.press("Publish")).await;
        assert!(site.visitor().get("/").await.text().contains("A draft of mine"));
        let own = contributor.get(&href).await.form("form.compose");
        let changed = contributor.submit(&own.fill("title", "Changed").fill("do", "save")).await;
        assert_eq!(changed.status, StatusCode::FORBIDDEN);
        let base = href.strip_suffix("/edit").unwrap();
        for action in ["unpublish", "trash", "delete"] {
            let answer = contributor.post(&format!("{base}/{action}"), &[]).await;
            assert!(matches!(answer.status, StatusCode::FORBIDDEN | StatusCode::CONFLICT), "{action}");
        }
        assert!(site.visitor().get("/").await.text().contains("A draft of mine"));
    }
}
