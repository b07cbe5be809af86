//! What readers see around the text of a post, and how lists of posts are laid out.

use rejoinder::accounts::permissions::Actor;
use rejoinder::posts::draft::PostInput;
use rejoinder::site::design::{self, DesignInput};
use rejoinder::site::look::{HeaderStyle, HomeStyle};
use rejoinder::store::entity::post::{Model as Post, PostKind};
use rejoinder::store::entity::user::Role;
use reqwest::StatusCode;

use crate::media::add_picture;
use crate::on_both_databases;
use crate::support::browser::{Browser, Scripts};
use crate::support::client::{Client, Page};
use crate::support::database::Kind;
use crate::support::site::Site;
use crate::support::two_nodes::two_nodes;

/// Publishes a post with tags, a minute after the one before.
async fn tagged(site: &Site, title: &str, tags: &str) -> Post {
    site.app.clock.step(std::time::Duration::from_secs(60));
    let input = PostInput {
        title: title.to_owned(),
        body: "Text".to_owned(),
        tags: tags.to_owned(),
        comments: true,
        ..PostInput::default()
    };
    site.post_of(input).await
}

/// The titles of the posts that are listed as related to one.
async fn related(reader: &Client, site: &Site, post: &Post) -> Vec<String> {
    reader.get(&site.path(post)).await.all(".related h3")
}

/// Presses a button of the desk's list.
async fn act(editor: &Client, post: &Post, verb: &str) -> Page {
    let path = format!("/desk/posts/{}/{verb}", post.id);
    editor.post(&path, &[("sure", "1")]).await
}

/// Gives the site another header and home page.
async fn choose(site: &Site, header_style: HeaderStyle, home_style: HomeStyle) {
    let (stored, revision) = design::find(&site.app).await.unwrap();
    let input = DesignInput {
        header_style: header_style.name().to_owned(),
        home_style: home_style.name().to_owned(),
        ..DesignInput::from(&stored)
    };
    design::save(&site.app, &Actor::operator(), &input, Some(revision))
        .await
        .unwrap();
}

on_both_databases! {
    async fn posts_that_share_most_tags_are_related(db) {
        let site = Site::start(db).await;
        let reader = site.visitor();
        tagged(&site, "One tag, old", "Oil").await;
        tagged(&site, "Two tags, old", "Oil, Gas").await;
        tagged(&site, "Other tag", "Fish").await;
        tagged(&site, "No tag", "").await;
        let post = tagged(&site, "The post", "Gas, Oil").await;
        assert_eq!(related(&reader, &site, &post).await, ["Two tags, old", "One tag, old"]);
        tagged(&site, "One tag, new", "gas").await;
        let three = ["Two tags, old", "One tag, new", "One tag, old"];
        assert_eq!(related(&reader, &site, &post).await, three);
        // A fourth leaves out the one that has least in common and is oldest.
        let newest = tagged(&site, "Two tags, new", "Oil, Gas, Fish").await;
        let three = ["Two tags, new", "Two tags, old", "One tag, new"];
        assert_eq!(related(&reader, &site, &post).await, three);
        let page = reader.get(&site.path(&post)).await;
        assert_eq!(page.attribute(".related h3 a", "href"), Some(site.path(&newest)));
        assert_eq!(page.one(".related h2"), "Related posts");
        assert!(page.has(".related time"));
    }

    async fn a_post_without_tags_or_alone_with_them_has_no_related_posts(db) {
        let site = Site::start(db).await;
        let reader = site.visitor();
        let alone = tagged(&site, "Alone", "Whales").await;
        let without = tagged(&site, "Without", "").await;
        tagged(&site, "Without, too", "").await;
        for post in [&alone, &without] {
            let page = reader.get(&site.path(post)).await;
            assert_eq!(page.status, StatusCode::OK);
            assert!(!page.has(".related"));
        }
    }

    async fn what_readers_cannot_open_is_related_to_nothing(db) {
        let site = Site::start(db).await;
        let editor = site.signed_in(Role::Editor).await;
        let reader = site.visitor();
        let post = tagged(&site, "The post", "Oil").await;
        let other = tagged(&site, "The other", "Oil").await;
        assert_eq!(related(&reader, &site, &post).await, ["The other"]);
        let edit = async || editor.get(&format!("/desk/posts/{}/edit", other.id)).await.form("form.compose");
        // Restored from the trash, it is a draft.
        for verbs in [&["unpublish"][..], &["trash"], &["trash", "restore"]] {
            for verb in verbs {
                assert_eq!(act(&editor, &other, verb).await.status, StatusCode::SEE_OTHER, "{verb}");
            }
            assert_eq!(related(&reader, &site, &post).await, Vec::<String>::new(), "{verbs:?}");
            if *verbs == ["trash"] {
                act(&editor, &other, "restore").await;
            }
            editor.submit(&edit().await.press("Publish")).await;
            assert_eq!(related(&reader, &site, &post).await, ["The other"], "{verbs:?}");
        }
        editor.submit(&edit().await.fill("tags", "Fish").press("Update")).await;
        assert_eq!(related(&reader, &site, &post).await, Vec::<String>::new(), "it has other tags now");
    }

    async fn every_one_of_many_tags_is_looked_at_up_to_a_limit(db) {
        let site = Site::start(db).await;
        let tags: Vec<String> = (1..=9).map(|nth| format!("Tag {nth}")).collect();
        let post = tagged(&site, "The post", &tags.join(", ")).await;
        // Tags are in the order of their names.
        let eighth = tagged(&site, "The eighth", "Tag 8").await;
        let ninth = tagged(&site, "The ninth", "Tag 9").await;
        let reader = site.visitor();
        assert_eq!(related(&reader, &site, &post).await, ["The eighth"]);
        for post in [&eighth, &ninth] {
            assert_eq!(related(&reader, &site, post).await, ["The post"]);
        }
    }

    async fn a_new_related_post_is_seen_on_every_node(db) {
        let (one, two) = two_nodes(db, "").await;
        let post = tagged(&one, "The post", "Oil").await;
        let (near, far) = (one.visitor(), two.visitor());
        assert!(related(&far, &two, &post).await.is_empty());
        tagged(&one, "The other", "Oil").await;
        assert_eq!(related(&near, &one, &post).await, ["The other"]);
        let begun = std::time::Instant::now();
        while related(&far, &two, &post).await.is_empty() {
            assert!(begun.elapsed() < std::time::Duration::from_secs(1), "another node is behind");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }

    async fn a_post_ends_with_its_author(db) {
        let site = Site::start(db).await;
        let name = "\u{644}\u{64a}\u{644}\u{649} <b> & Co";
        let author = site.account_named(name, Role::Author).await;
        let input = PostInput { title: "Hers".into(), body: "Text".into(), ..PostInput::default() };
        let post = site.publish_as(&author, input).await;
        let reader = site.visitor();
        let page = reader.get(&site.path(&post)).await;
        assert_eq!(page.one(".author-box .author-name bdi"), name);
        let posts = page.attribute(".author-box a", "href").unwrap();
        assert_eq!(posts, format!("/author/{}/", author.slug));
        assert_eq!(reader.get(&posts).await.all("article h2"), ["Hers"]);
        // An address is nobody's business.
        assert!(!page.body.contains(&author.email));
    }

    async fn readers_learn_what_an_administrator_wrote_about_an_author(db) {
        let site = Site::start(db).await;
        let author = site.account_named("Ada Okoye", Role::Author).await;
        let post = site.publish_as(&author, PostInput { title: "Hers".into(), body: "Text".into(), ..PostInput::default() }).await;
        let reader = site.visitor();
        assert!(!reader.get(&site.path(&post)).await.has(".author-bio"));
        let admin = site.signed_in(Role::Administrator).await;
        let page = format!("/settings/people/{}", author.id);
        let form = async || admin.get(&page).await.form("form[action$='/bio']");
        let bio = "Writes about <oil> & gas.\nLives in Accra.";
        let saved = admin.submit(&form().await.fill("bio", bio)).await;
        assert_eq!(admin.follow(saved).await.one(".received"), "Description saved.");
        let shown = "Writes about <oil> & gas. Lives in Accra.";
        assert_eq!(reader.get(&site.path(&post)).await.one(".author-bio[dir='auto']"), shown);
        assert_eq!(reader.get("/author/ada-okoye/").await.one(".list-title p[dir='auto']"), shown);
        // At the limit, and one beyond: what was typed is kept.
        let longest = "\u{e9}".repeat(300);
        assert_eq!(admin.submit(&form().await.fill("bio", &longest)).await.status, StatusCode::SEE_OTHER);
        let too_long = format!("{longest}x");
        let refused = admin.submit(&form().await.fill("bio", &too_long)).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.has("#bio-problem"));
        assert_eq!(refused.form("form[action$='/bio']").value("bio"), too_long);
        assert_eq!(reader.get(&site.path(&post)).await.one(".author-bio"), longest);
        // Sent twice, it is the same; emptied, it is gone. The author stays signed in all the while.
        let writer = site.visitor();
        writer.sign_in(&author.email, crate::support::site::PASSWORD).await;
        let empty = form().await.fill("bio", " \u{200b} ");
        for _ in 0..2 {
            assert_eq!(admin.submit(&empty).await.status, StatusCode::SEE_OTHER);
        }
        assert!(!reader.get(&site.path(&post)).await.has(".author-bio"));
        assert_eq!(writer.get("/desk/").await.status, StatusCode::OK);
    }

    async fn only_administrators_write_about_authors(db) {
        let site = Site::start(db).await;
        let author = site.account_named("Ada Okoye", Role::Author).await;
        let path = format!("/settings/people/{}/bio", author.id);
        site.as_everybody(async |role, client| {
            let answer = client.post(&path, &[("before", ""), ("bio", "Mine")]).await;
            match role {
                Some(Role::Administrator) => assert_eq!(answer.status, StatusCode::SEE_OTHER),
                Some(_) => assert_eq!(answer.status, StatusCode::FORBIDDEN, "{role:?}"),
                None => assert_eq!(answer.status, StatusCode::UNAUTHORIZED),
            }
        }).await;
        let admin = site.visitor();
        let user = site.account_named("Second", Role::Administrator).await;
        admin.sign_in(&user.email, crate::support::site::PASSWORD).await;
        let nobody = admin.post("/settings/people/999/bio", &[("before", ""), ("bio", "x")]).await;
        assert_eq!(nobody.status, StatusCode::NOT_FOUND);
    }

    async fn of_two_administrators_who_write_about_an_author_the_second_is_told(db) {
        let (one, two) = two_nodes(db, "").await;
        let author = one.account_named("Ada Okoye", Role::Author).await;
        let path = format!("/settings/people/{}", author.id);
        let first = one.signed_in(Role::Administrator).await;
        let second = first.copy_at(&two.base);
        let forms = [&first, &second].map(|client| async { client.get(&path).await.form("form[action$='/bio']") });
        let [a, b] = forms;
        let (a, b) = (a.await.fill("bio", "From the first"), b.await.fill("bio", "From the second"));
        let (a, b) = tokio::join!(first.submit(&a), second.submit(&b));
        let refused = match (a.status, b.status) {
            (StatusCode::SEE_OTHER, StatusCode::CONFLICT) => b,
            (StatusCode::CONFLICT, StatusCode::SEE_OTHER) => a,
            other => panic!("{other:?}"),
        };
        let form = refused.form("form[action$='/bio']");
        let (kept, stored) = (form.value("bio").to_owned(), form.value("before").to_owned());
        assert!(kept.starts_with("From the ") && stored.starts_with("From the ") && kept != stored);
        assert!(refused.text().contains(&format!("Current description: {stored}")), "{}", refused.text());
        // Sent again, it replaces what the page showed.
        assert_eq!(first.submit(&form).await.status, StatusCode::SEE_OTHER);
        assert_eq!(first.get(&path).await.form("form[action$='/bio']").value("bio"), kept);
    }

    async fn posts_lead_to_the_ones_before_and_after(db) {
        let site = Site::start(db).await;
        let first = tagged(&site, "First", "").await;
        let second = tagged(&site, "Second <i>", "").await;
        let third = tagged(&site, "Third", "").await;
        let reader = site.visitor();
        let ends = async |post: &Post| {
            let page = reader.get(&site.path(post)).await;
            let title = |rel: &str| page.all(&format!(".neighbours a[rel='{rel}'] bdi")).first().cloned();
            (title("prev"), title("next"))
        };
        let some = |title: &str| Some(title.to_owned());
        assert_eq!(ends(&first).await, (None, some("Second <i>")));
        assert_eq!(ends(&second).await, (some("First"), some("Third")));
        assert_eq!(ends(&third).await, (some("Second <i>"), None));
        let page = reader.get(&site.path(&second)).await;
        assert_eq!(page.attribute(".neighbours a[rel='prev']", "href"), Some(site.path(&first)));
        let editor = site.signed_in(Role::Editor).await;
        act(&editor, &second, "trash").await;
        assert_eq!(ends(&first).await, (None, some("Third")));
    }

    async fn a_link_is_copied_with_scripts_alone(db) {
        let site = Site::start(db).await;
        let open = site.post("Open", "Text").await;
        let closed = site.post_of(PostInput { title: "Closed".into(), body: "Text".into(), ..PostInput::default() }).await;
        for post in [&open, &closed] {
            let page = site.visitor().get(&site.path(post)).await;
            assert!(page.has(".share button.copy-link[type='button'][hidden]"), "{}", post.title);
            assert!(page.has(".share [role='status']"));
            let scripts = page.attributes("script", "src");
            assert_eq!(scripts.len(), 1, "{scripts:?}");
            assert!(scripts[0].starts_with("/static/comments."), "{scripts:?}");
            assert!(!page.has("script:not([defer])"), "no script holds the page up");
        }
        // What is no post has nothing to share.
        assert!(!site.visitor().get("/").await.has(".share"));
    }

    async fn the_part_before_the_mark_is_set_as_a_lead(db) {
        let site = Site::start(db).await;
        let with = site.post("With", "The lead.\n\n<!--more-->\n\nThe rest.").await;
        let without = site.post("Without", "The beginning.\n\nThe rest.").await;
        let reader = site.visitor();
        assert_eq!(reader.get(&site.path(&with)).await.one(".text.with-lead > p:first-child"), "The lead.");
        assert!(!reader.get(&site.path(&without)).await.has(".with-lead"));
    }

    async fn the_picture_above_a_post_is_loaded_first(db) {
        let site = Site::start(db).await;
        let (_, path) = add_picture(&site).await;
        let page = site.visitor().get(&path).await;
        let featured = "article.post > header + figure.featured";
        assert_eq!(page.one(&format!("{featured} .caption")), "The harbour");
        assert_eq!(page.one(&format!("{featured} .credit")), "Mei Ito");
        let image = format!("{featured} img");
        assert_eq!(page.attribute(&image, "fetchpriority").as_deref(), Some("high"));
        assert_eq!(page.attribute(&image, "loading"), None);
        assert!(page.attribute(&image, "srcset").unwrap().contains("w, "));
        assert!(page.attribute(&image, "sizes").is_some());
    }

    async fn the_home_page_is_a_list_or_cards(db) {
        let site = Site::start(db).await;
        let (item, _) = add_picture(&site).await;
        let picture = item.rsplit('/').next().map(str::to_owned);
        site.app.clock.step(std::time::Duration::from_secs(60));
        site.post_of(PostInput { title: "Second".into(), body: "Text".into(), featured: picture, ..PostInput::default() }).await;
        site.app.clock.step(std::time::Duration::from_secs(60));
        site.post("Newest", "Text").await;
        let reader = site.visitor();
        for (style, entry, other) in [
            (HomeStyle::List, "article.post-line", ".post-card"),
            (HomeStyle::Cards, "article.post-card", ".post-line"),
        ] {
            choose(&site, HeaderStyle::Left, style).await;
            let page = reader.get("/").await;
            assert_eq!(page.all(&format!("{entry} h2")), ["Newest", "Second", "With pictures"], "{style:?}");
            assert!(!page.has(other), "{style:?}");
            // The newest leads; the first picture is loaded first, the one below when it comes into view.
            assert_eq!(page.one(&format!("{entry}.post-lead h2")), "Newest");
            assert_eq!(page.all(&format!("{entry}.with-picture h2")), ["Second", "With pictures"]);
            assert_eq!(page.all(".card-picture img").len(), 2);
            assert_eq!(page.attributes(".card-picture img[fetchpriority='high']:not([loading])", "src").len(), 1);
            assert_eq!(page.attributes(".card-picture img[loading='lazy']", "src").len(), 1);
            for attribute in ["width", "height", "srcset", "sizes", "alt"] {
                assert_eq!(page.attributes(".card-picture img", attribute).len(), 2, "{attribute}");
            }
            assert!(page.has(&format!("{entry} p.summary[dir='auto']")));
            assert!(page.has(&format!("{entry} .post-meta time")));
        }
        // Archives are lists, whatever the home page is, and nothing leads there.
        let archive = reader.get("/author/ada-okoye/").await;
        assert!(archive.has("article.post-line") && !archive.has(".post-card, .post-lead"));
    }

    async fn only_the_first_page_has_a_post_that_leads(db) {
        let site = Site::with(db, "[site]\nposts_per_page = 2\n", rejoinder::commands::serve::Workers::Off).await;
        for title in ["One", "Two", "Three"] {
            tagged(&site, title, "").await;
        }
        let reader = site.visitor();
        assert_eq!(reader.get("/").await.one(".post-lead h2"), "Three");
        let second = reader.get("/page/2/").await;
        assert_eq!(second.all("article h2"), ["One"]);
        assert!(!second.has(".post-lead"));
    }

    async fn the_header_has_the_style_that_was_chosen(db) {
        let site = Site::start(db).await;
        let post = site.post("A post", "Text").await;
        let reader = site.visitor();
        for style in HeaderStyle::ALL {
            choose(&site, style, HomeStyle::List).await;
            for path in ["/".to_owned(), site.path(&post), "/nothing/".to_owned()] {
                let page = reader.get(&path).await;
                let header = format!("body.reader > header.site-header.header-{}", style.name());
                assert!(page.has(&header), "{style:?} {path}");
            }
        }
        // Staff have their own.
        let editor = site.signed_in(Role::Editor).await;
        assert!(!editor.get("/desk/").await.has("body.reader, [class*='header-']"));
    }

    async fn a_page_has_no_date_author_or_neighbours(db) {
        let site = Site::start(db).await;
        tagged(&site, "News", "Oil").await;
        let editor = site.account(Role::Editor).await;
        let input = PostInput {
            kind: PostKind::Page,
            title: "About".into(),
            body: "Text".into(),
            ..PostInput::default()
        };
        let page = site.publish_as(&editor, input).await;
        let page = site.visitor().get(&site.path(&page)).await;
        assert_eq!(page.one("article.page h1"), "About");
        for hook in [".byline", "time", ".author-box", ".related", ".neighbours"] {
            assert!(!page.has(hook), "{hook}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn copying_a_link_says_what_happened() {
    let site = Site::start(Kind::Sqlite).await;
    let post = site.post("A post", "Text").await;
    let reader = Browser::start(Scripts::On).await;
    reader
        .goto(&format!("{}{}", site.base, site.path(&post)))
        .await;
    reader.press("Copy link").await;
    // A browser may refuse to copy; then the address itself is shown.
    reader.wait_for(".share [role='status']:not(:empty)").await;
    let said = reader.text(".share [role='status']").await;
    assert!(
        said == "Link copied" || said == site.address(&post),
        "{said}"
    );
    assert_eq!(reader.console_errors().await, Vec::<String>::new());
    reader.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_scripts_no_button_does_nothing() {
    let site = Site::start(Kind::Sqlite).await;
    let post = site.post("A post", "Text").await;
    let reader = Browser::start(Scripts::Off).await;
    reader
        .goto(&format!("{}{}", site.base, site.path(&post)))
        .await;
    reader.wait_for("button.copy-link[hidden]").await;
    reader.close().await;
}
