//! Editors: drafts, publishing, two people at one post, the trash.

use rejoinder::store::entity::user::Role;
use reqwest::StatusCode;

use crate::on_both_databases;
use crate::support::site::{PASSWORD, Site};

on_both_databases! {
    async fn a_draft_is_seen_by_nobody_until_it_is_published(db) {
        let site = Site::start(db).await;
        let editor = site.signed_in(Role::Editor).await;
        let form = editor.get("/desk/posts/new").await.form("form.compose");
        let saved = editor
            .submit(&form.fill("title", "A first post").fill("body", "Some *text*.").press("Save draft"))
            .await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER);
        let edit = editor.follow(saved).await;
        let reader = site.visitor();
        assert!(!reader.get("/").await.text().contains("A first post"));
        let published = editor.submit(&edit.form("form.compose").press("Publish")).await;
        let page = editor.follow(published).await;
        assert_eq!(page.one("article.post h1"), "A first post");
        assert!(page.body.contains("<em>text</em>"));
        assert!(page.path.ends_with("/a-first-post/"), "{}", page.path);
        assert!(reader.get("/").await.text().contains("A first post"));
        assert_eq!(reader.get(&page.path).await.status, StatusCode::OK);
    }

    async fn an_administrator_of_a_new_site_sees_what_to_do_first(db) {
        let site = Site::start(db).await;
        let administrator = site.signed_in(Role::Administrator).await;
        let desk = administrator.get("/desk/").await;
        let steps = desk.attributes(".first-steps a", "href");
        assert!(steps.contains(&"/settings/design".to_owned()), "{steps:?}");
        for step in steps {
            assert_eq!(administrator.get(&step).await.status, StatusCode::OK, "{step}");
        }
        assert!(!administrator.get("/desk/?state=trash").await.has(".first-steps"));
        let editor = site.signed_in(Role::Editor).await;
        assert!(!editor.get("/desk/").await.has(".first-steps"));
        site.post("The first post", "Text").await;
        assert!(!administrator.get("/desk/").await.has(".first-steps"));
    }

    async fn a_preview_is_shown_without_saving(db) {
        let site = Site::start(db).await;
        let editor = site.signed_in(Role::Editor).await;
        let form = editor.get("/desk/posts/new").await.form("form.compose");
        let page = editor
            .submit(&form.fill("title", "T").fill("body", "## Head\n\n**bold**").press("Preview"))
            .await;
        assert_eq!(page.one("#preview-text h2"), "Head");
        assert_eq!(page.form("form.compose").value("body"), "## Head\n\n**bold**");
        assert!(editor.get("/desk/").await.text().contains("No posts here."));
    }

    async fn when_two_people_save_the_same_post_nothing_is_lost(db) {
        let site = Site::start(db).await;
        let post = site.post("Shared", "The first text").await;
        let one = site.signed_in(Role::Editor).await;
        let two = site.signed_in(Role::Administrator).await;
        let edit = format!("/desk/posts/{}/edit", post.id);
        let (form_one, form_two) =
            (one.get(&edit).await.form("form.compose"), two.get(&edit).await.form("form.compose"));
        let saved = one.submit(&form_one.fill("body", "Text of one").press("Update")).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER);
        let clash = two.submit(&form_two.fill("body", "Text of two").press("Update")).await;
        assert_eq!(clash.status, StatusCode::CONFLICT);
        assert!(clash.one(".problems").contains("Editor saved this post while you were editing"));
        assert!(clash.body.contains("Text of one"));
        let form = clash.form("form.compose");
        assert_eq!(form.value("body"), "Text of two");
        let merged = two.submit(&form.fill("body", "Text of both").press("Update")).await;
        assert_eq!(merged.status, StatusCode::SEE_OTHER);
        assert!(site.visitor().get(&site.path(&post)).await.text().contains("Text of both"));
    }

    async fn a_refused_post_names_the_problem_and_keeps_its_text(db) {
        let site = Site::start(db).await;
        let editor = site.signed_in(Role::Editor).await;
        let form = editor.get("/desk/posts/new").await.form("form.compose");
        let page = editor
            .submit(&form.fill("body", "Kept").fill("slug", "No Slug!").press("Publish"))
            .await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.one("#slug-problem").contains("lowercase"));
        assert_eq!(page.form("form.compose").value("body"), "Kept");
        let untitled = editor.submit(&page.form("form.compose").fill("slug", "").press("Publish")).await;
        assert_eq!(untitled.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(untitled.has("#title-problem"));
    }

    async fn a_text_survives_the_end_of_the_session(db) {
        let site = Site::start(db).await;
        let user = site.account(Role::Editor).await;
        let editor = site.visitor();
        editor.sign_in(&user.email, PASSWORD).await;
        let form = editor.get("/desk/posts/new").await.form("form.compose");
        editor.forget();
        let long = "A long text\n\nwith \"quotes\" & <tags>.";
        let asked = editor.submit(&form.fill("title", "Kept").fill("body", long).press("Publish")).await;
        assert_eq!(asked.status, StatusCode::UNAUTHORIZED);
        assert!(asked.text().contains("Your text is safe"));
        let wrong = editor
            .submit(&asked.form("form").fill("email", &user.email).fill("password", "not this one"))
            .await;
        let back = editor
            .submit(&wrong.form("form").fill("email", &user.email).fill("password", PASSWORD))
            .await;
        assert_eq!(back.status, StatusCode::OK, "{}", back.text());
        let form = back.form("form.compose");
        assert_eq!(form.value("body"), long);
        let published = editor.submit(&form.press("Publish")).await;
        assert_eq!(editor.follow(published).await.one("article.post h1"), "Kept");
    }

    async fn unpublishing_and_trashing_can_be_undone(db) {
        let site = Site::start(db).await;
        let post = site.post("Here and gone", "Text").await;
        let path = site.path(&post);
        let editor = site.signed_in(Role::Editor).await;
        let reader = site.visitor();
        let press = async |verb: &str| {
            let answer = editor.post(&format!("/desk/posts/{}/{verb}", post.id), &[]).await;
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{verb}: {}", answer.text());
        };
        assert_eq!(reader.get(&path).await.status, StatusCode::OK);
        press("unpublish").await;
        assert_eq!(reader.get(&path).await.status, StatusCode::NOT_FOUND);
        press("trash").await;
        assert_eq!(reader.get(&path).await.status, StatusCode::GONE);
        press("restore").await;
        let form = editor.get(&format!("/desk/posts/{}/edit", post.id)).await.form("form.compose");
        editor.submit(&form.press("Publish")).await;
        assert_eq!(reader.get(&path).await.status, StatusCode::OK);
        let refused = editor.post(&format!("/desk/posts/{}/delete", post.id), &[]).await;
        assert_eq!(refused.status, StatusCode::CONFLICT);
        press("trash").await;
        let asked = editor.get(&format!("/desk/posts/{}/delete", post.id)).await;
        let deleted = editor.submit(&asked.form("main form").press("Delete permanently")).await;
        assert_eq!(deleted.status, StatusCode::SEE_OTHER, "{}", deleted.text());
        assert_eq!(reader.get(&path).await.status, StatusCode::GONE);
    }

    async fn a_new_slug_leaves_the_old_permalink_working(db) {
        let site = Site::start(db).await;
        let post = site.post("Old name", "Text").await;
        let old = site.path(&post);
        let editor = site.signed_in(Role::Editor).await;
        let form = editor.get(&format!("/desk/posts/{}/edit", post.id)).await.form("form.compose");
        editor.submit(&form.fill("slug", "new-name").press("Update")).await;
        let moved = site.visitor().get(&old).await;
        assert_eq!(moved.status, StatusCode::PERMANENT_REDIRECT);
        assert!(moved.header("location").unwrap().ends_with("/new-name/"));
        let short = site.visitor().get(&format!("/?p={}", post.id)).await;
        assert!(short.header("location").unwrap().ends_with("/new-name/"));
    }

    async fn a_post_with_a_date_ahead_appears_by_itself(db) {
        let site = Site::start(db).await;
        let editor = site.signed_in(Role::Editor).await;
        let ahead = site.app.clock.now().plus(std::time::Duration::from_secs(7200));
        let date = rejoinder::posts::draft::date_input(ahead, &site.app.zone());
        let form = editor.get("/desk/posts/new").await.form("form.compose");
        let saved = editor
            .submit(&form.fill("title", "Later").fill("body", "x").fill("date", &date).press("Publish"))
            .await;
        assert!(editor.follow(saved).await.one(".received").contains("Scheduled"));
        let reader = site.visitor();
        site.run_jobs().await;
        assert!(!reader.get("/").await.text().contains("Later"));
        site.app.clock.step(std::time::Duration::from_secs(7260));
        assert_eq!(site.run_jobs().await, 1);
        assert!(reader.get("/").await.text().contains("Later"));
    }

    async fn an_author_sees_and_changes_only_their_own_posts(db) {
        let site = Site::start(db).await;
        let post = site.post("Of Ada", "Text").await;
        let other = site.account_named("Other Author", Role::Author).await;
        let author = site.visitor();
        author.sign_in(&other.email, PASSWORD).await;
        assert!(!author.get("/desk/").await.text().contains("Of Ada"));
        let edit = author.get(&format!("/desk/posts/{}/edit", post.id)).await;
        assert_eq!(edit.status, StatusCode::NOT_FOUND);
        let trash = author.post(&format!("/desk/posts/{}/trash", post.id), &[]).await;
        assert_eq!(trash.status, StatusCode::NOT_FOUND);
    }
}
