//! Pages such as About: addresses without a date, hierarchy, what is kept out of lists, and what is refused.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use rejoinder::accounts::permissions::Actor;
use rejoinder::accounts::register;
use rejoinder::commands::serve::Workers;
use rejoinder::error::Result;
use rejoinder::posts::draft::PostInput;
use rejoinder::posts::hierarchy::MAX_LEVELS;
use rejoinder::posts::publish::delete_post;
use rejoinder::posts::reserved;
use rejoinder::posts::save::{SaveIntent, SaveOutcome, SaveTarget, save_post};
use rejoinder::store::entity::post::{Model as Post, PostKind};
use rejoinder::store::entity::user::{Model as User, Role};
use rejoinder::store::{pages, posts};
use reqwest::StatusCode;

use crate::commands::{run, stderr_of, stdout_of};
use crate::on_both_databases;
use crate::support::client::{Client, Page};
use crate::support::database::Database;
use crate::support::site::{PASSWORD, Site};
use crate::support::two_nodes::{rounds, two_nodes};

/// Fills the form for a new page and publishes it; `parent` is a slug.
pub async fn publish(editor: &Client, title: &str, slug: &str, parent: &str) -> Page {
    let form = editor
        .get("/desk/posts/new?kind=page")
        .await
        .form("form.compose");
    let form = form
        .fill("title", title)
        .fill("slug", slug)
        .fill("body", "Some *text*.")
        .fill("parent", parent);
    editor.submit(&form.press("Publish")).await
}

/// The form of a page that is there.
pub async fn edit(site: &Site, editor: &Client, slug: &str) -> crate::support::client::Form {
    let page = find(site, slug).await;
    editor
        .get(&format!("/desk/posts/{}/edit", page.id))
        .await
        .form("form.compose")
}

pub async fn find(site: &Site, slug: &str) -> Post {
    posts::find_by_slug(site.app.store.read(), slug)
        .await
        .unwrap()
        .unwrap()
}

/// Presses a button of the desk's list.
async fn act(site: &Site, editor: &Client, slug: &str, verb: &str) -> Page {
    let page = find(site, slug).await;
    editor
        .post(&format!("/desk/posts/{}/{verb}", page.id), &[("sure", "1")])
        .await
}

/// Saves a page as the domain does, without a browser.
async fn save_page(
    site: &Site,
    author: &User,
    page: Option<&Post>,
    title: &str,
    parent: &str,
) -> Result<Post> {
    let input = PostInput {
        kind: PostKind::Page,
        title: title.to_owned(),
        slug: page.map_or_else(String::new, |page| page.slug.clone()),
        parent: parent.to_owned(),
        body: "Text".to_owned(),
        ..PostInput::default()
    };
    let draft = input.parse(&site.app.zone())?;
    let target = page.map_or(SaveTarget::New, |page| {
        SaveTarget::Existing(page.id, page.revision)
    });
    match save_post(
        &site.app,
        &Actor::from(author),
        author.id,
        target,
        draft,
        SaveIntent::Publish,
    )
    .await?
    {
        SaveOutcome::Saved(page) => Ok(*page),
        SaveOutcome::Conflict(page) => panic!("{page:?}"),
    }
}

/// Every program address begins with something that no page may have.
#[test]
fn no_page_can_be_where_the_program_is() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web/routes.rs");
    let source = fs::read_to_string(source).unwrap();
    let mut seen = 0;
    for route in source.split(".route(").skip(1) {
        let path = route.split('"').nth(1).unwrap();
        let first = path.trim_start_matches('/').split('/').next().unwrap();
        if first.is_empty() || first.starts_with('{') {
            continue;
        }
        seen += 1;
        assert!(
            !reserved::may_be_page(first),
            "{path} could be hidden by a page"
        );
    }
    assert!(seen > 50, "the routes were not read: {seen}");
}

on_both_databases! {
    async fn a_page_is_at_an_address_without_a_date_and_in_no_list(db) {
        let site = Site::start(db).await;
        let editor = site.signed_in(Role::Editor).await;
        site.post("Some news", "Text").await;
        let before = site.post("Older news", "Text").await;
        let shown = editor.follow(publish(&editor, "About us", "about", "").await).await;
        assert_eq!(shown.path, "/about/");
        site.post("Newest news", "Text").await;
        let reader = site.visitor();
        let page = reader.get("/about/").await;
        assert_eq!(page.status, StatusCode::OK);
        assert_eq!(page.one("article.page h1"), "About us");
        assert!(page.body.contains("<em>text</em>"));
        for hook in ["time", "#comments", "#respond", ".neighbours", "link[rel='pingback']", "link[rel='webmention']"] {
            assert!(!page.has(hook), "{hook}");
        }
        assert_eq!(page.header("x-pingback"), None);
        let canonical = page.attribute("link[rel='canonical']", "href").unwrap();
        assert!(canonical.ends_with("/about/"), "{canonical}");
        let author = find(&site, "about").await.author_id;
        let author = rejoinder::store::users::find(site.app.store.read(), author).await.unwrap().unwrap();
        let month = site.path(&before)[..9].to_owned();
        for list in ["/", "/feed/", "/feed/atom/", "/feed.json", &month, &format!("/author/{}/", author.slug)] {
            let list = reader.get(list).await;
            assert_eq!(list.status, StatusCode::OK, "{}", list.path);
            assert!(!list.body.contains("About us"), "{}", list.path);
        }
        assert!(!reader.get(&site.path(&before)).await.body.contains("About us"), "a neighbour");
        assert!(reader.get("/sitemap.xml").await.body.contains("/about/</loc>"));
        // Other addresses of it lead there.
        for address in ["/about", "/2026/11/27/about/", "/nobody/about/", &format!("/?p={}", find(&site, "about").await.id)] {
            let moved = reader.get(address).await;
            assert!(moved.status.is_redirection(), "{address}: {}", moved.status);
            assert_eq!(reader.follow(moved).await.path, "/about/", "{address}");
        }
        // It takes no comment, however it is sent.
        let comment = [("author", "Ruth"), ("email", "r@x.example"), ("comment", "Hello")];
        let refused = reader.post("/2026/11/27/about/respond", &comment).await;
        assert_eq!(refused.status, StatusCode::NOT_FOUND);
        for address in ["/nothing/", "/About/", "/about/x/", "/a/b/nothing/", "/feed/about/", "/feed/x/about/", "/2026/11/about/", "/%20/", "/about%2F/"] {
            let status = reader.get(address).await.status;
            assert_eq!(status, StatusCode::NOT_FOUND, "{address}");
        }
    }

    async fn pages_are_nested_and_move_with_the_page_above(db) {
        let site = Site::start(db).await;
        let editor = site.signed_in(Role::Editor).await;
        let reader = site.visitor();
        for (slug, parent, path) in [("about", "", "/about/"), ("team", "about", "/about/team/"), ("ada", "team", "/about/team/ada/")] {
            let shown = editor.follow(publish(&editor, slug, slug, parent).await).await;
            assert_eq!(shown.path, path);
            assert_eq!(reader.get(path).await.status, StatusCode::OK);
        }
        assert_eq!(reader.get("/about/team/ada/").await.all(".breadcrumbs a"), ["about", "team"]);
        let deep = publish(&editor, "Too deep", "deep", "ada").await;
        assert_eq!(deep.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(deep.one("#parent-problem").contains(&MAX_LEVELS.to_string()), "{}", deep.text());
        let choices = editor.get("/desk/posts/new?kind=page").await.attributes("#parent option", "value");
        assert_eq!(choices, ["", "about", "team"], "below the third level is nothing");
        // The page at the top gets another slug: those below it move, and old addresses lead on.
        let saved = editor.submit(&edit(&site, &editor, "about").await.fill("slug", "who-we-are").press("Update")).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text());
        for (old, new) in [("/about/", "/who-we-are/"), ("/about/team/", "/who-we-are/team/"), ("/about/team/ada/", "/who-we-are/team/ada/")] {
            let moved = reader.get(old).await;
            assert!(moved.status.is_redirection(), "{old}: {}", moved.status);
            let there = reader.follow(moved).await;
            assert_eq!((there.path.as_str(), there.status), (new, StatusCode::OK));
        }
        // A page moves to the top with what is below it.
        editor.submit(&edit(&site, &editor, "team").await.fill("parent", "").press("Update")).await;
        assert_eq!(reader.get("/team/ada/").await.status, StatusCode::OK);
        assert_eq!(reader.follow(reader.get("/who-we-are/team/ada/").await).await.path, "/team/ada/");
        // Deleted, it leaves them to the page above it, here none.
        act(&site, &editor, "team", "trash").await;
        assert_eq!(reader.get("/team/").await.status, StatusCode::GONE);
        assert_eq!(reader.get("/team/ada/").await.status, StatusCode::OK, "it is published still");
        assert_eq!(act(&site, &editor, "team", "delete").await.status, StatusCode::SEE_OTHER);
        assert_eq!(reader.get("/team/").await.status, StatusCode::GONE);
        assert_eq!(reader.get("/ada/").await.status, StatusCode::OK);
        assert_eq!(find(&site, "ada").await.parent_id, None);
    }

    async fn no_page_is_ever_below_itself(db) {
        let site = Site::start(db).await;
        let editor = site.signed_in(Role::Editor).await;
        publish(&editor, "A", "a", "").await;
        publish(&editor, "B", "b", "a").await;
        publish(&editor, "C", "c", "b").await;
        for parent in ["a", "b", "c"] {
            let page = editor.submit(&edit(&site, &editor, "a").await.fill("parent", parent).press("Update")).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{parent}");
            assert!(page.one("#parent-problem").contains("below itself"), "{}", page.text());
        }
        for parent in ["nothing", "../..", "x\u{1f600}"] {
            let page = editor.submit(&edit(&site, &editor, "a").await.fill("parent", parent).press("Update")).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{parent}");
            assert!(page.one("#parent-problem").contains("does not exist"));
        }
        let news = site.post("News", "Text").await;
        let page = publish(&editor, "D", "d", &news.slug).await;
        assert!(page.one("#parent-problem").contains("does not exist"), "a post is no parent");
        assert_eq!(site.visitor().get("/a/b/c/").await.status, StatusCode::OK);
    }

    async fn two_pages_that_are_moved_below_each_other_at_once_make_no_circle(db) {
        let (one, two) = two_nodes(db, "").await;
        let author = one.account(Role::Editor).await;
        for round in 0..rounds() {
            let a = save_page(&one, &author, None, &format!("A {round}"), "").await.unwrap();
            let b = save_page(&one, &author, None, &format!("B {round}"), "").await.unwrap();
            let (first, second) = tokio::join!(
                save_page(&one, &author, Some(&a), "A", &b.slug),
                save_page(&two, &author, Some(&b), "B", &a.slug),
            );
            assert_eq!(usize::from(first.is_ok()) + usize::from(second.is_ok()), 1, "{first:?} {second:?}");
            let (a, b) = (find(&one, &a.slug).await, find(&one, &b.slug).await);
            assert!(a.parent_id.is_none() || b.parent_id.is_none());
            let path = |page: &Post| page.page_path.clone().unwrap();
            let paths = [path(&a), path(&b)];
            let (top, below) = if a.parent_id.is_none() { (&a, &b) } else { (&b, &a) };
            assert_eq!(path(below), format!("{}/{}", top.slug, below.slug), "{paths:?}");
        }
    }

    async fn a_page_that_is_moved_while_it_is_deleted_leaves_the_pages_below_in_place(db) {
        let (one, two) = two_nodes(db, "").await;
        let author = one.account(Role::Editor).await;
        for round in 0..rounds() * 2 {
            let above = save_page(&one, &author, None, &format!("Above {round}"), "").await.unwrap();
            let page = save_page(&one, &author, None, &format!("Page {round}"), "").await.unwrap();
            let below = save_page(&one, &author, None, &format!("Below {round}"), &page.slug).await.unwrap();
            let actor = Actor::from(&author);
            let (moved, deleted) = tokio::join!(
                save_page(&one, &author, Some(&page), "Page", &above.slug),
                delete_post(&two.app, &actor, page.id),
            );
            deleted.unwrap();
            let below = find(&one, &below.slug).await;
            let path = below.page_path.clone().unwrap();
            match moved {
                Ok(_) => {
                    assert_eq!(below.parent_id, Some(above.id));
                    assert_eq!(path, format!("{}/{}", above.slug, below.slug));
                }
                Err(_) => assert_eq!((below.parent_id, path), (None, below.slug.clone())),
            }
            let address = format!("/{}/", below.page_path.unwrap());
            assert_eq!(two.visitor().get(&address).await.status, StatusCode::OK);
        }
    }

    async fn a_slug_of_the_program_is_refused_and_named(db) {
        let site = Site::start(db).await;
        let editor = site.signed_in(Role::Editor).await;
        for slug in [
            "feed", "login", "desk", "queue", "settings", "search", "tag", "author", "category", "page", "media",
            "health", "metrics", "static", "webmention", "comment", "2026", "0000", "respond", "comment-page-2",
        ] {
            let page = publish(&editor, "Mine", slug, "").await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{slug}");
            assert!(page.one("#slug-problem").contains(&format!("/{slug}/")), "{slug}: {}", page.text());
        }
        for slug in ["../x", "a/b", "A", "robots.txt", "caf\u{e9}", "-a", "%2e"] {
            assert_eq!(publish(&editor, "Mine", slug, "").await.status, StatusCode::UNPROCESSABLE_ENTITY, "{slug}");
        }
        assert_eq!(pages::count(site.app.store.read()).await.unwrap(), 0);
        // A title leads to the next free slug, and a post may have any: its address has a date.
        let shown = editor.follow(publish(&editor, "Feed", "", "").await).await;
        assert_eq!(shown.path, "/feed-2/");
        assert!(site.path(&site.post("Login", "Text").await).ends_with("/login/"));
        // Posts and pages share their slugs.
        assert_eq!(publish(&editor, "Mine", "login", "").await.status, StatusCode::UNPROCESSABLE_ENTITY);
        site.post("Taken", "Text").await;
        assert!(publish(&editor, "Mine", "taken", "").await.one("#slug-problem").contains("Another post"));
    }

    async fn a_page_below_one_in_the_trash_must_be_moved(db) {
        let site = Site::start(db).await;
        let editor = site.signed_in(Role::Editor).await;
        publish(&editor, "About", "about", "").await;
        publish(&editor, "Team", "team", "about").await;
        act(&site, &editor, "about", "trash").await;
        let reader = site.visitor();
        assert_eq!(reader.get("/about/").await.status, StatusCode::GONE);
        let team = reader.get("/about/team/").await;
        assert_eq!(team.status, StatusCode::OK);
        assert!(!team.has(".breadcrumbs"), "nothing leads to what is in the trash");
        let choices = editor.get("/desk/posts/new?kind=page").await.attributes("#parent option", "value");
        assert_eq!(choices, ["", "team"]);
        let refused = publish(&editor, "New", "new", "about").await;
        assert!(refused.one("#parent-problem").contains("in the trash"), "{}", refused.text());
        let form = edit(&site, &editor, "team").await;
        assert_eq!(form.value("parent"), "about");
        let refused = editor.submit(&form.fill("title", "Our team").press("Update")).await;
        assert!(refused.one("#parent-problem").contains("in the trash"));
        assert_eq!(refused.form("form.compose").value("title"), "Our team", "what was typed is kept");
        let saved = editor.submit(&refused.form("form.compose").fill("parent", "").press("Update")).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER);
        assert_eq!(reader.get("/team/").await.one("h1"), "Our team");
        // Restored, it is a draft.
        act(&site, &editor, "about", "restore").await;
        assert_eq!(reader.get("/about/").await.status, StatusCode::NOT_FOUND);
    }

    async fn only_those_who_write_any_post_publish_a_page(db) {
        let site = Site::start(db).await;
        for role in [Role::Author, Role::Contributor] {
            let client = site.signed_in(role).await;
            let form = client.get("/desk/posts/new?kind=page").await.form("form.compose");
            let slug = format!("by-{}", format!("{role:?}").to_lowercase());
            let form = form.fill("title", "Mine").fill("slug", &slug).fill("body", "Text");
            assert!(!client.get("/desk/posts/new?kind=page").await.has("button[value='publish']"), "{role:?}");
            let forced = client.submit(&form.clone().fill("do", "publish")).await;
            assert_eq!(forced.status, StatusCode::FORBIDDEN, "{role:?}");
            let saved = client.submit(&form.press("Save draft")).await;
            assert_eq!(saved.status, StatusCode::SEE_OTHER, "{role:?}");
            let editor = site.visitor();
            let user = site.account_named(&format!("Editor of {role:?}"), Role::Editor).await;
            editor.sign_in(&user.email, PASSWORD).await;
            editor.submit(&edit(&site, &editor, &slug).await.press("Publish")).await;
            assert_eq!(site.visitor().get(&format!("/{slug}/")).await.status, StatusCode::OK);
            // What is published is not the author's any more to change, hide or throw away.
            let changed = client.submit(&edit(&site, &client, &slug).await.fill("title", "X").fill("do", "save")).await;
            assert_eq!(changed.status, StatusCode::FORBIDDEN, "{role:?}");
            for verb in ["unpublish", "trash"] {
                assert_eq!(act(&site, &client, &slug, verb).await.status, StatusCode::FORBIDDEN, "{role:?} {verb}");
            }
            assert!(!client.get(&format!("/{slug}/")).await.text().contains("Edit this page"));
            assert!(editor.get(&format!("/{slug}/")).await.text().contains("Edit this page"));
        }
    }

    async fn the_desk_lists_posts_and_pages_apart(db) {
        let site = Site::start(db).await;
        let editor = site.signed_in(Role::Editor).await;
        site.post("Some news", "Text").await;
        publish(&editor, "About us", "about", "").await;
        let posts = editor.get("/desk/").await;
        let pages = editor.get("/desk/?kind=page").await;
        assert_eq!(posts.all(".row-title"), ["Some news"]);
        assert_eq!(pages.all(".row-title"), ["About us"]);
        assert_eq!(pages.one("main h1"), "Pages");
        assert!(posts.has("a[href='/desk/posts/new?kind=page']") && posts.has("a[href='/desk/posts/new']"));
        assert!(pages.has("a[href='/about/']"));
        assert!(!pages.has("a[href*='state=scheduled']"));
        assert_eq!(editor.get("/desk/?kind=leaf").await.status, StatusCode::NOT_FOUND);
        let trashed = act(&site, &editor, "about", "trash").await;
        assert_eq!(trashed.header("location"), Some("/desk/?kind=page&done=trash&id=2"));
        assert_eq!(editor.get("/desk/?kind=page&state=trash").await.all(".row-title"), ["About us"]);
        let form = editor.get("/desk/posts/new?kind=page").await;
        for field in ["#date", "#tags"] {
            assert!(!form.has(field), "{field}");
        }
        // A form that says otherwise is refused, and a stored post stays a post.
        let made_up = [("kind", "page"), ("title", "X"), ("body", "x"), ("date", "2026-01-01"), ("tags", "a")];
        assert_eq!(editor.post("/desk/posts", &made_up).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        let news = find(&site, "some-news").await;
        let form = editor.get(&format!("/desk/posts/{}/edit", news.id)).await.form("form.compose");
        editor.submit(&form.fill("kind", "page").fill("title", "Still news").press("Update")).await;
        assert_eq!(find(&site, "some-news").await.kind, PostKind::Post);
    }

    async fn a_change_of_a_page_is_seen_at_once_on_every_node(db) {
        let (one, two) = two_nodes(db, "").await;
        let editor = one.signed_in(Role::Editor).await;
        publish(&editor, "About", "about", "").await;
        publish(&editor, "Team", "team", "about").await;
        let readers = [one.visitor(), two.visitor()];
        for reader in &readers {
            assert_eq!(reader.get("/about/team/").await.all(".breadcrumbs a"), ["About"]);
        }
        editor.submit(&edit(&one, &editor, "about").await.fill("title", "Who we are").press("Update")).await;
        assert_eq!(readers[0].get("/about/team/").await.all(".breadcrumbs a"), ["Who we are"]);
        let begun = Instant::now();
        while readers[1].get("/about/").await.one("h1") != "Who we are" {
            assert!(begun.elapsed() < Duration::from_secs(1), "another node shows the old title");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn two_editors_of_a_page_are_told_of_each_other(db) {
        let site = Site::start(db).await;
        let editor = site.signed_in(Role::Editor).await;
        publish(&editor, "About", "about", "").await;
        let one = edit(&site, &editor, "about").await;
        let two = edit(&site, &editor, "about").await;
        editor.submit(&one.fill("body", "First").press("Update")).await;
        let conflict = editor.submit(&two.fill("body", "Second").press("Update")).await;
        assert_eq!(conflict.status, StatusCode::CONFLICT);
        assert_eq!(conflict.form("form.compose").value("body"), "Second");
        assert!(site.visitor().get("/about/").await.body.contains("First"));
    }

    async fn a_page_is_published_from_a_file(db) {
        let database = Database::empty(db).await;
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let run = |arguments: &[&str]| run(&database.url, folder, arguments, "a long enough password\n");
        stdout_of(&run(&["user", "add", "--email", "ada@x.example", "--name", "Ada", "--role", "author", "--password-stdin"]));
        let publish = |text: &str| {
            fs::write(folder.join("page.md"), text).unwrap();
            run(&["post", "publish", "page.md"])
        };
        let about = "---\ntitle: About\nslug: about\nkind: page\n---\nText";
        assert_eq!(stdout_of(&publish(about)), "https://news.example/about/\n");
        assert_eq!(stdout_of(&publish(&about.replace("Text", "Other text"))), "https://news.example/about/\n");
        let open = about.replace("kind: page", "kind: page\ncomments: open\nlinkbacks: open");
        assert_eq!(stdout_of(&publish(&open)), "https://news.example/about/\n");
        assert_eq!(stdout_of(&publish(&about.replace("Text", "Other text"))), "https://news.example/about/\n");
        let team = "---\ntitle: Team\nkind: page\nparent: about\n---\nText";
        assert_eq!(stdout_of(&publish(team)), "https://news.example/about/team/\n");
        for (text, says) in [
            ("---\ntitle: X\nkind: page\nslug: login\n---\nx", "line 4, column 1: slug"),
            ("---\ntitle: X\nkind: page\ndate: 2026-01-01\n---\nx", "no date"),
            ("---\ntitle: X\nkind: page\ncomments: perhaps\n---\nx", "open or closed"),
            ("---\ntitle: X\nkind: page\nparent: nothing\n---\nx", "line 4, column 1: parent"),
            ("---\ntitle: X\nparent: about\n---\nx", "Only a page"),
            ("---\ntitle: X\nkind: leaf\n---\nx", "post or page"),
            ("---\ntitle: X\nslug: about\n---\nx", "cannot become"),
        ] {
            let error = stderr_of(&publish(text));
            assert!(error.contains(says), "{text}: {error}");
        }
        let list = stdout_of(&run(&["post", "list"]));
        assert!(list.contains("https://news.example/about/team/"), "{list}");
        let site = Site::on(database.shared(), "", Workers::Off).await;
        assert!(site.visitor().get("/about/").await.text().contains("Other text"));
    }

    async fn a_fresh_site_begins_with_two_drafts(db) {
        let site = Site::with(db, "[accounts]\nsession_days = 5\n[media]\nallow_hosts = [\"img.example.org\"]\n", Workers::Off).await;
        let link = register::create_setup_link(&site.app).await.unwrap();
        let admin = site.visitor();
        let form = admin.get(link.strip_prefix(&site.base).unwrap()).await.form("form[action='/setup']");
        let form = form
            .fill("site_name", "The Initiative")
            .fill("author", "Ada Okoye")
            .fill("email", "ada@site.example")
            .fill("password", PASSWORD);
        admin.follow(admin.submit(&form).await).await;
        let list = admin.get("/desk/?kind=page").await;
        let mut titles = list.all(".row-title");
        titles.sort();
        assert_eq!(titles, ["About", "Privacy"]);
        assert_eq!(site.visitor().get("/about/").await.status, StatusCode::NOT_FOUND, "they are drafts");
        let page = admin.follow(admin.submit(&edit(&site, &admin, "privacy").await.press("Publish")).await).await;
        assert_eq!(page.path, "/privacy/");
        let text = page.text();
        for fact in ["email address", "IP address", "user agent", "rejoinder_commenter", "rejoinder_session", "5 days", "img.example.org"] {
            assert!(text.contains(fact), "{fact}: {text}");
        }
        assert!(!text.contains("service at"), "no spam checker is set");
        assert!(!text.contains("load nothing"), "pictures of another site are allowed");
        assert!(page.all("article h2").len() >= 4);
        // The claim that readers get no cookie.
        assert_eq!(site.visitor().get("/privacy/").await.header("set-cookie"), None);
    }
}
