//! Commenting: posting and replying, and the messages when something is wrong.

use rejoinder::commands::serve::Workers;
use rejoinder::posts::draft::PostInput;
use rejoinder::store::entity::user::Role;
use reqwest::StatusCode;

use crate::on_both_databases;
use crate::support::client::Form;
use crate::support::site::{Site, comment_id};

fn filled(form: Form) -> Form {
    form.fill("author", "Ruth Amsel")
        .fill("email", "Ruth@Readers.example")
        .fill("comment", "What a *good* question.")
        .press("Send comment")
}

on_both_databases! {
    async fn a_first_comment_is_pending_and_its_author_sees_it_and_what_happens_next(db) {
        let site = Site::start(db).await;
        let post = site.post("A question", "Text").await;
        let path = site.path(&post);
        let ruth = site.visitor();
        let form = ruth.get(&path).await.form("#respond form");
        let answer = ruth.submit(&filled(form)).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        let id = comment_id(&answer);
        let own = ruth.follow(answer).await;
        assert!(own.one(".received").contains("have received"));
        assert!(own.one(&format!("li#comment-{id}.pending .text")).contains("good question"));
        assert!(own.body.contains("<em>good</em>"));
        assert!(!own.text().to_lowercase().contains("ruth@"), "the address is shown");
        let stranger = site.visitor().get(&path).await;
        assert!(!stranger.text().contains("good question"));
        assert!(stranger.one("#comments h2").contains("No responses"));
        let forged = site.visitor().get(&format!("{path}?receipt={id}-{}", "0".repeat(32))).await;
        assert!(!forged.text().contains("good question"));
    }

    async fn the_next_comment_of_an_approved_commenter_is_published_at_once(db) {
        let site = Site::start(db).await;
        let post = site.post("A question", "Text").await;
        let ruth = site.visitor();
        site.comment_from(&ruth, &post, "Ruth", "First").await;
        site.approve_all().await;
        let second = site.comment_from(&ruth, &post, "Ruth", "Second").await;
        assert!(!second.header("location").unwrap().contains("receipt"));
        let page = site.visitor().get(&site.path(&post)).await;
        assert_eq!(page.all("ol.comment-list li.comment").len(), 2);
        assert_eq!(page.one("#comments h2"), "2 responses to “A question”");
    }

    async fn replies_nest_to_the_configured_depth(db) {
        let site = Site::with(db, "[comments]\nmoderation = \"none\"\nmax_depth = 3\n", Workers::Off).await;
        let post = site.post("A question", "Text").await;
        let path = site.path(&post);
        let mut parent = comment_id(&site.comment(&post, "One", "level 1").await);
        for level in 2..=5 {
            let visitor = site.visitor();
            let page = visitor.get(&format!("{path}?replytocom={parent}")).await;
            assert!(page.one("#respond h2").contains("Reply to"), "{}", page.text());
            let form = page.form("#respond form");
            assert_eq!(form.value("parent"), parent.to_string());
            let text = format!("level {level}");
            let answer = visitor.submit(&filled(form).fill("comment", &text)).await;
            parent = comment_id(&answer);
        }
        let page = site.visitor().get(&path).await;
        assert_eq!(page.all(".depth-1").len(), 1);
        assert_eq!(page.all("ol.comment-list > li.depth-1 > ol.children > li.depth-2 > ol.children > li.depth-3").len(), 3);
        assert!(!page.has(".depth-4"));
    }

    async fn only_published_comments_of_the_same_post_can_be_replied_to(db) {
        let site = Site::start(db).await;
        let post = site.post("A question", "Text").await;
        let other = site.post("Another", "Text").await;
        let path = site.path(&post);
        let shown = comment_id(&site.comment(&post, "Ben", "Shown").await);
        let elsewhere = comment_id(&site.comment(&other, "Cy", "Elsewhere").await);
        let hidden = comment_id(&site.comment(&post, "Dee", "Not wanted").await);
        site.approve_all().await;
        let moderator = site.signed_in(Role::Moderator).await;
        let held = comment_id(&site.comment(&post, "Eve", "Not shown yet").await);
        for to in ["spam", "trash"] {
            moderator.post("/queue/decisions", &[("move", &format!("{to}:{hidden}"))]).await;
            for (parent, why) in [(elsewhere, "elsewhere"), (held, "held"), (hidden, to)] {
                let visitor = site.visitor();
                let plain = visitor.get(&format!("{path}?replytocom={parent}")).await;
                assert_eq!(plain.header("location"), Some(path.as_str()), "{why}");
                let form = filled(visitor.get(&path).await.form("#respond form"));
                let refused = visitor.submit(&form.fill("parent", &parent.to_string())).await;
                assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{why}");
                assert_eq!(refused.form("#respond form").value("comment"), "What a *good* question.", "{why}");
            }
        }
        let visitor = site.visitor();
        let form = filled(visitor.get(&format!("{path}?replytocom={shown}")).await.form("#respond form"));
        assert_eq!(visitor.submit(&form).await.status, StatusCode::SEE_OTHER);
    }

    async fn a_receipt_shows_only_its_own_comment_under_its_own_post_and_once(db) {
        let site = Site::start(db).await;
        let post = site.post("A question", "Text").await;
        let other = site.post("Another", "Text").await;
        let (path, elsewhere) = (site.path(&post), site.path(&other));
        let ruth = site.visitor();
        let sent = site.comment_from(&ruth, &post, "Ruth", "Mine alone").await;
        let id = comment_id(&sent);
        let receipt = sent.header("location").unwrap().split_once("?receipt=").unwrap().1;
        let receipt = receipt.split('#').next().unwrap();
        let own = async || ruth.get(&format!("{path}?receipt={receipt}")).await;
        let item = format!("li#comment-{id}");
        assert_eq!(own().await.all(&item).len(), 1);
        let wrong = ruth.get(&format!("{elsewhere}?receipt={receipt}")).await;
        assert_eq!(wrong.header("location"), Some(elsewhere.as_str()));
        assert_eq!(ruth.get(&format!("{path}receipt/{receipt}")).await.status, StatusCode::OK);
        let wrong = ruth.get(&format!("{elsewhere}receipt/{receipt}")).await;
        assert_eq!(wrong.status, StatusCode::NOT_FOUND);
        assert!(!wrong.body.contains("Mine alone"));
        site.approve_all().await;
        let page = own().await;
        assert_eq!(page.all(&item).len(), 1, "{}", page.text());
        assert_eq!(page.one("#comments h2"), "One response to “A question”");
    }

    async fn a_comment_has_the_configured_maximum_length(db) {
        let site = Site::with(db, "[comments]\nmax_length = 50\n", Workers::Off).await;
        let post = site.post("A question", "Text").await;
        for (character, name) in [("x", "Ada"), ("é", "Ben"), ("事", "Cy"), ("🦉", "Dee")] {
            let most = character.repeat(50);
            let taken = site.comment(&post, name, &most).await;
            assert_eq!(taken.status, StatusCode::SEE_OTHER, "{character}: {}", taken.text());
            let refused = site.comment(&post, name, &format!("{most}{character}")).await;
            assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE, "{character}");
        }
    }

    async fn each_problem_is_beside_its_field_and_nothing_typed_is_lost(db) {
        let site = Site::with(db, "[comments]\nmax_length = 50\n", Workers::Off).await;
        let post = site.post("A question", "Text").await;
        let path = site.path(&post);
        let visitor = site.visitor();
        let form = visitor.get(&path).await.form("#respond form");
        let long = "long ".repeat(20);
        let cases = [
            ("author", "", 422, "#author-problem"),
            ("email", "nobody", 422, "#email-problem"),
            ("url", "javascript:alert(1)", 422, "#url-problem"),
            ("comment", " \n ", 422, "#comment-problem"),
            ("comment", long.as_str(), 413, "#comment-problem"),
            ("comment", "nul \0 byte", 422, "#comment-problem"),
            ("contact_me", "x", 422, ".problems"),
            ("parent", "999999", 422, ".problems"),
            ("parent", "no number", 422, ".problems"),
        ];
        for (field, value, status, problem) in cases {
            let sent = filled(form.clone()).fill(field, value);
            let page = visitor.submit(&sent).await;
            assert_eq!(page.status.as_u16(), status, "{problem}: {}", page.text());
            assert!(page.has(problem), "{problem}: {}", page.text());
            let again = page.form("#respond form");
            for field in ["author", "email", "url", "comment"] {
                // HTML has no NUL; everything else comes back as it was typed.
                assert_eq!(again.value(field), sent.value(field).replace('\0', "\u{fffd}"), "{problem}");
            }
        }
        for (length, status) in [(51, StatusCode::PAYLOAD_TOO_LARGE), (50, StatusCode::SEE_OTHER)] {
            let sent = filled(form.clone()).fill("comment", &"x".repeat(length));
            assert_eq!(visitor.submit(&sent).await.status, status, "{length} of 50 characters");
        }
    }

    async fn the_same_text_twice_is_one_comment(db) {
        let site = Site::start(db).await;
        let post = site.post("A question", "Text").await;
        let ruth = site.visitor();
        assert_eq!(site.comment_from(&ruth, &post, "Ruth", "The same  text").await.status, StatusCode::SEE_OTHER);
        let twice = site.comment_from(&ruth, &post, "Ruth", "The same text").await;
        assert_eq!(twice.status, StatusCode::SEE_OTHER, "a double click leads to the same place");
        site.app.clock.step(std::time::Duration::from_secs(25 * 3600));
        let again = site.comment_from(&ruth, &post, "Ruth", "The same text").await;
        assert_eq!(again.status, StatusCode::CONFLICT);
        assert!(again.one("#comment-problem").contains("already"));
        assert_eq!(again.form("#respond form").value("comment"), "The same text");
        assert_eq!(site.comment(&post, "Pavel", "The same text").await.status, StatusCode::SEE_OTHER);
    }

    async fn the_same_text_from_another_browser_later_gets_no_receipt(db) {
        let site = Site::start(db).await;
        let post = site.post("A question", "Text").await;
        let place = async || {
            let answer = site.comment(&post, "Ruth", "The same text").await;
            (answer.status, answer.header("location").is_some_and(|to| to.contains("receipt=")))
        };
        assert_eq!(place().await, (StatusCode::SEE_OTHER, true));
        assert_eq!(place().await, (StatusCode::SEE_OTHER, true), "a double click before the key came");
        site.app.clock.step(std::time::Duration::from_secs(61));
        assert_eq!(place().await, (StatusCode::CONFLICT, false));
    }

    async fn a_second_comment_too_soon_gets_the_time_to_wait(db) {
        let site = Site::with(db, "[limits]\ncomment_interval = 60\n", Workers::Off).await;
        let post = site.post("A question", "Text").await;
        site.comment(&post, "Ruth", "First").await;
        let fast = site.comment(&post, "Ruth", "Second").await;
        assert_eq!(fast.status, StatusCode::TOO_MANY_REQUESTS);
        let wait = fast.header("retry-after").unwrap().parse::<u64>().unwrap();
        assert!((60..=61).contains(&wait), "{wait}");
        assert!(fast.one(".problems").contains("Please wait"));
        assert_eq!(fast.form("#respond form").value("comment"), "Second");
    }

    async fn a_closed_post_accepts_no_comments_and_keeps_the_text(db) {
        let site = Site::start(db).await;
        let input = PostInput { title: "Closed".into(), body: "x".into(), ..PostInput::default() };
        let post = site.post_of(input).await;
        let path = site.path(&post);
        let page = site.visitor().get(&path).await;
        assert!(page.text().contains("Comments are closed."));
        assert!(!page.has("#respond form"));
        let fields = [("author", "R"), ("email", "r@x.example"), ("comment", "My long text")];
        let refused = site.visitor().post(&format!("{path}respond"), &fields).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        assert!(refused.body.contains("My long text"));
    }

    async fn posts_close_automatically_after_some_days(db) {
        let site = Site::with(db, "[comments]\nclose_after_days = 14\n", Workers::Off).await;
        let post = site.post("Ageing", "Text").await;
        let reader = site.visitor();
        assert!(reader.get(&site.path(&post)).await.has("#respond form"));
        site.app.clock.step(std::time::Duration::from_secs(14 * 24 * 3600));
        assert!(reader.get(&site.path(&post)).await.has("#respond form"));
        site.app.clock.step(std::time::Duration::from_millis(1));
        assert!(!reader.get(&site.path(&post)).await.has("#respond form"), "a stale page was served");
    }

    async fn a_preview_shows_the_comment_and_stores_nothing(db) {
        let site = Site::start(db).await;
        let post = site.post("A question", "Text").await;
        let visitor = site.visitor();
        let form = visitor.get(&site.path(&post)).await.form("#respond form");
        let form = filled(form).fill("comment", "**Bold** <script>alert(1)</script>").press("Preview");
        let page = visitor.submit(&form).await;
        assert_eq!(page.status, StatusCode::OK);
        assert_eq!(page.one(".preview .text strong"), "Bold");
        assert!(!page.body.contains("<script>alert"));
        assert_eq!(page.form("#respond form").value("author"), "Ruth Amsel");
        let counts = rejoinder::store::response_counts::count_by_state(site.app.store.read()).await.unwrap();
        assert!(counts.is_empty());
    }

    async fn staff_comment_under_their_own_name_and_are_published_at_once(db) {
        let site = Site::with(db, "[comments]\nmoderation = \"all\"\n", Workers::Off).await;
        let post = site.post("A question", "Text").await;
        let editor = site.signed_in(Role::Editor).await;
        let page = editor.get(&site.path(&post)).await;
        assert!(page.text().contains("Commenting as Editor."));
        let form = page.form("#respond form").fill("comment", "From the desk").fill("author", "Somebody else");
        editor.submit(&form).await;
        let shown = site.visitor().get(&site.path(&post)).await;
        assert_eq!(shown.one("ol.comment-list .author"), "Editor");
    }

    async fn an_endless_body_is_refused_with_a_page(db) {
        let site = Site::start(db).await;
        let post = site.post("A question", "Text").await;
        let huge = format!("author=R&email=r%40x.example&comment={}", "x".repeat(1100 * 1024));
        let answer = site
            .visitor()
            .request(
                reqwest::Method::POST,
                &format!("{}respond", site.path(&post)),
                huge,
                &[("content-type", "application/x-www-form-urlencoded")],
            )
            .await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
        assert!(answer.text().contains("shorten it"), "{}", answer.text());
    }

    async fn bytes_that_are_not_text_become_replacement_characters(db) {
        let site = Site::start(db).await;
        let post = site.post("A question", "Text").await;
        let body = b"author=R%ff&email=r%40x.example&comment=caf%e9".to_vec();
        let answer = site
            .visitor()
            .request(
                reqwest::Method::POST,
                &format!("{}respond", site.path(&post)),
                body,
                &[("content-type", "application/x-www-form-urlencoded")],
            )
            .await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
    }
}
