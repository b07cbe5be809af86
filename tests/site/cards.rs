//! Link cards: asked for in a post, fetched by a job, shown with what the other page says.

use std::io::Cursor;
use std::time::Duration;

use image::{ImageFormat, RgbImage};
use rejoinder::cards::fetch;
use rejoinder::commands::serve::Workers;
use rejoinder::posts::draft::PostInput;
use rejoinder::store::entity::link_card::LinkCardState;
use rejoinder::store::entity::post::Model as Post;
use rejoinder::store::entity::user::Role;
use rejoinder::store::link_cards;
use reqwest::StatusCode;

use crate::on_both_databases;
use crate::support::client::{Client, Page};
use crate::support::database::Kind;
use crate::support::neighbour::Neighbour;
use crate::support::site::Site;
use crate::support::two_nodes::two_nodes;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn show_picture(neighbour: &Neighbour, path: &str) {
    let mut bytes = Vec::new();
    RgbImage::new(60, 30)
        .write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png)
        .unwrap();
    neighbour.show_as(path, 200, "image/png", &bytes, Duration::ZERO);
}

fn page_titled(title: &str) -> String {
    format!(
        "<title>Plain</title><meta property=\"og:title\" content=\"{title}\">\
         <meta property=\"og:description\" content=\"What it &lt;b&gt;says&lt;/b&gt;\">\
         <meta property=\"og:site_name\" content=\"The neighbour\">\
         <meta property=\"og:image\" content=\"/picture.png\">"
    )
}

async fn site_near(db: Kind, neighbour: &Neighbour) -> Site {
    Site::with(db, &neighbour.allowed(), Workers::Off).await
}

/// Publishes a post with this text, which notifies nobody.
async fn publish(site: &Site, body: &str) -> Post {
    let input = PostInput {
        title: "With a card".to_owned(),
        body: body.to_owned(),
        ..PostInput::default()
    };
    site.post_of(input).await
}

async fn read(site: &Site, post: &Post) -> Page {
    site.visitor().get(&site.path(post)).await
}

/// Saves a post again by its form.
async fn save_again(editor: &Client, post: &Post, body: Option<&str>) {
    let page = editor.get(&format!("/desk/posts/{}/edit", post.id)).await;
    let form = page.form("form.compose");
    let body = body.unwrap_or_else(|| form.value("body")).to_owned();
    let saved = editor
        .submit(&form.fill("body", &body).press("Update"))
        .await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text());
}

fn visits_to(neighbour: &Neighbour, path: &str) -> usize {
    let visits = neighbour.visits();
    visits.iter().filter(|visited| *visited == path).count()
}

async fn state_of(site: &Site, url: &str) -> Option<LinkCardState> {
    let urls = [url.to_owned()];
    let cards = link_cards::list_by_urls(site.app.store.read(), &urls)
        .await
        .unwrap();
    cards.first().map(|card| card.state)
}

on_both_databases! {
    async fn a_link_becomes_a_card_once_its_page_was_fetched(db) {
        let neighbour = Neighbour::start().await;
        show_picture(&neighbour, "/picture.png");
        let url = neighbour.show("/a", &page_titled("Their title"));
        let site = site_near(db, &neighbour).await;
        let post = publish(&site, &format!("Before\n\n[{url}]({url} \"card\")\n\nAfter")).await;
        let before = read(&site, &post).await;
        assert_eq!(before.attributes(".text p > a", "href"), [url.as_str()]);
        assert_eq!(before.attribute(".text p > a", "title"), None);
        assert!(!before.has(".link-card"));
        assert_eq!(neighbour.visits(), Vec::<String>::new(), "nobody waits for another site");
        site.run_jobs().await;
        let page = read(&site, &post).await;
        assert_eq!(page.attributes(".link-card > a", "href"), [url.as_str()]);
        assert_eq!(page.one(".link-card strong"), "Their title");
        assert_eq!(page.one(".link-card-description"), "What it <b>says</b>");
        assert_eq!(page.one(".link-card-source"), "The neighbour · 127.0.0.1");
        assert_eq!(page.attribute(".link-card img", "width").as_deref(), Some("60"));
        assert_eq!(page.attribute(".link-card img", "height").as_deref(), Some("30"));
        let picture = page.attribute(".link-card img", "src").unwrap();
        assert!(picture.starts_with("/media/"), "{picture}");
        assert_eq!(site.visitor().get(&picture).await.status, StatusCode::OK);
        // Saved again at once, and shown in a second post, nothing is fetched again.
        let editor = site.signed_in(Role::Editor).await;
        save_again(&editor, &post, None).await;
        let second = publish(&site, &format!("[My own title]({url} \"card\")")).await;
        assert_eq!(read(&site, &second).await.one(".link-card strong"), "My own title");
        site.run_jobs().await;
        assert_eq!((visits_to(&neighbour, "/a"), visits_to(&neighbour, "/picture.png")), (1, 1));
        // The library knows where the picture is used.
        let library = editor.get("/desk/media").await;
        let item = library.attributes(".media-grid a", "href").pop().unwrap();
        assert!(editor.get(&item).await.text().contains("With a card"));
    }

    async fn a_card_is_read_again_when_its_post_is_saved_later(db) {
        let neighbour = Neighbour::start().await;
        show_picture(&neighbour, "/picture.png");
        let url = neighbour.show("/a", &page_titled("Old"));
        let site = site_near(db, &neighbour).await;
        let editor = site.signed_in(Role::Editor).await;
        let post = publish(&site, &format!("[{url}]({url} \"card\")")).await;
        site.run_jobs().await;
        neighbour.show("/a", &page_titled("New"));
        save_again(&editor, &post, None).await;
        site.run_jobs().await;
        assert_eq!(read(&site, &post).await.one(".link-card strong"), "Old");
        site.app.clock.step(Duration::from_secs(2 * 60 * 60));
        let editor = site.signed_in(Role::Editor).await;
        save_again(&editor, &post, None).await;
        site.run_jobs().await;
        assert_eq!(read(&site, &post).await.one(".link-card strong"), "New");
        // A page that is gone leaves a link.
        neighbour.show_as("/a", 410, "text/html", b"gone", Duration::ZERO);
        site.app.clock.step(Duration::from_secs(2 * 60 * 60));
        let editor = site.signed_in(Role::Editor).await;
        save_again(&editor, &post, None).await;
        site.run_jobs().await;
        let page = read(&site, &post).await;
        assert!(!page.has(".link-card"));
        assert_eq!(page.attributes(".text p > a", "href"), [url.as_str()]);
    }

    async fn what_gives_no_card_stays_a_link_and_the_editor_hears_of_it(db) {
        let neighbour = Neighbour::start().await;
        let site = site_near(db, &neighbour).await;
        let editor = site.signed_in(Role::Editor).await;
        let picture = neighbour.show_as("/x.bin", 200, "application/octet-stream", &[0, 1, 2], Duration::ZERO);
        let empty = neighbour.show("/empty", "<p></p>");
        let missing = neighbour.url("/missing");
        let forbidden = "http://127.0.0.1:1/".to_owned();
        let inside = "http://169.254.169.254/latest".to_owned();
        let all = [picture, empty, missing, forbidden, inside];
        let body: String = all.iter().map(|url| format!("[Text]({url} \"card\")\n\n")).collect();
        let post = publish(&site, &body).await;
        let edit = format!("/desk/posts/{}/edit", post.id);
        assert!(editor.get(&edit).await.text().contains("will appear shortly after you save the post"));
        site.run_jobs().await;
        while site.step_to_next_job().await.is_some() {
            site.run_jobs().await;
        }
        let page = read(&site, &post).await;
        assert!(!page.has(".link-card"));
        assert_eq!(page.attributes(".text p > a", "href"), all);
        let editor = site.signed_in(Role::Editor).await;
        let checks = editor.get(&edit).await.all("#checks li");
        let failed = checks.iter().filter(|check| check.contains("could not be read"));
        assert_eq!(failed.count(), all.len(), "{checks:?}");
    }

    async fn a_page_that_fails_for_a_while_is_tried_some_times(db) {
        let neighbour = Neighbour::start().await;
        let url = neighbour.show_as("/a", 503, "text/html", b"later", Duration::ZERO);
        let site = site_near(db, &neighbour).await;
        let post = publish(&site, &format!("[{url}]({url} \"card\")")).await;
        site.run_jobs().await;
        assert_eq!(state_of(&site, &url).await, Some(LinkCardState::Waiting));
        while site.step_to_next_job().await.is_some() {
            site.run_jobs().await;
        }
        assert_eq!(visits_to(&neighbour, "/a"), 4);
        assert_eq!(state_of(&site, &url).await, Some(LinkCardState::Failed));
        // Saved when the page is back, it is a card.
        neighbour.show("/a", "<title>Back</title>");
        site.app.clock.step(Duration::from_secs(60 * 60));
        let editor = site.signed_in(Role::Editor).await;
        save_again(&editor, &post, None).await;
        site.run_jobs().await;
        assert_eq!(read(&site, &post).await.one(".link-card strong"), "Back");
    }

    async fn a_hostile_page_gives_harmless_text(db) {
        let neighbour = Neighbour::start().await;
        neighbour.show_as("/x.svg", 200, "image/svg+xml", b"<svg onload=\"alert(1)\"/>", Duration::ZERO);
        let html = format!(
            "<meta property=og:title content='&lt;script&gt;alert(1)&lt;/script&gt;\u{202e}{}'>\
             <meta property=og:image content=/x.svg>",
            "long ".repeat(2000)
        );
        let url = neighbour.show("/a", &html);
        let site = site_near(db, &neighbour).await;
        let post = publish(&site, &format!("[{url}]({url} \"card\")")).await;
        site.run_jobs().await;
        let page = read(&site, &post).await;
        assert!(!page.has(".link-card script") && !page.has(".link-card img"));
        let title = page.one(".link-card strong");
        assert!(title.starts_with("<script>") && title.chars().count() < 220, "{title}");
    }

    async fn an_address_alone_is_no_card_and_nothing_is_framed(db) {
        let neighbour = Neighbour::start().await;
        let url = neighbour.show("/watch?v=1", &page_titled("A video"));
        let site = site_near(db, &neighbour).await;
        let post = publish(&site, &format!("{url}\n\n<iframe src=\"{url}\"></iframe>\n\n[{url}]({url})")).await;
        site.run_jobs().await;
        let page = read(&site, &post).await;
        assert!(!page.has("iframe") && !page.has(".link-card"));
        assert_eq!(neighbour.visits(), Vec::<String>::new());
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'") && !policy.contains("frame-src"), "{policy}");
    }

    async fn a_card_that_no_post_shows_is_deleted_after_a_day(db) {
        let neighbour = Neighbour::start().await;
        let url = neighbour.show("/a", "<title>Title</title>");
        let site = site_near(db, &neighbour).await;
        let post = publish(&site, &format!("[{url}]({url} \"card\")")).await;
        site.run_jobs().await;
        site.app.clock.step(DAY * 2);
        fetch::delete_unused(&site.app).await.unwrap();
        assert_eq!(state_of(&site, &url).await, Some(LinkCardState::Ready), "it is shown");
        let editor = site.signed_in(Role::Editor).await;
        save_again(&editor, &post, Some("Text")).await;
        fetch::delete_unused(&site.app).await.unwrap();
        site.run_jobs().await;
        assert_eq!(state_of(&site, &url).await, None);
        assert!(!read(&site, &post).await.has(".link-card"));
    }

    async fn posts_with_the_same_card_can_be_saved_at_once_on_two_nodes(db) {
        let neighbour = Neighbour::start().await;
        let url = neighbour.show("/a", "<title>Title</title>");
        let other = neighbour.show("/b", "<title>Other</title>");
        let (one, two) = two_nodes(db, &neighbour.allowed()).await;
        one.account_named("Ada Okoye", Role::Author).await;
        let first = format!("[{url}]({url} \"card\")\n\n[{other}]({other} \"card\")");
        let second = format!("[{other}]({other} \"card\")\n\n[{url}]({url} \"card\")");
        let (post, same) = tokio::join!(publish(&one, &first), publish(&two, &second));
        one.run_jobs().await;
        two.run_jobs().await;
        for post in [&post, &same] {
            assert_eq!(read(&one, post).await.all(".link-card strong").len(), 2);
        }
        assert_eq!((visits_to(&neighbour, "/a"), visits_to(&neighbour, "/b")), (1, 1));
    }
}
