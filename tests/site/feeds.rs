//! Feeds: entries are new only once, links are absolute, and text is never markup.

use quick_xml::Reader;
use quick_xml::events::Event;
use rejoinder::accounts::permissions::Actor;
use rejoinder::accounts::register::{self, AccountInput};
use rejoinder::commands::serve::Workers;
use rejoinder::feeds::MAX_FEED;
use rejoinder::posts::draft::PostInput;
use rejoinder::store::entity::user::Role;

use crate::on_both_databases;
use crate::support::site::{PASSWORD, Site};

/// The texts of all elements with this name, as a feed reader gets them from its XML parser.
fn texts(xml: &str, name: &str) -> Vec<String> {
    let mut reader = Reader::from_str(xml);
    let (mut found, mut inside) = (Vec::new(), None::<String>);
    loop {
        match reader.read_event().unwrap() {
            Event::Start(tag) if tag.name().as_ref() == name => {
                inside = Some(String::new());
            }
            Event::End(tag) if tag.name().as_ref() == name => found.extend(inside.take()),
            Event::Text(text) => {
                if let Some(inside) = &mut inside {
                    inside.push_str(&text);
                }
            }
            Event::GeneralRef(reference) => {
                if let Some(inside) = &mut inside {
                    match reference.resolve_char_ref().unwrap() {
                        Some(c) => inside.push(c),
                        None => inside.push_str(match &*reference {
                            "lt" => "<",
                            "gt" => ">",
                            "amp" => "&",
                            "quot" => "\"",
                            "apos" => "'",
                            other => panic!("{other}"),
                        }),
                    }
                }
            }
            Event::Eof => return found,
            _ => {}
        }
    }
}

/// What a reader that treats `text` as HTML shows: the text, and the number of elements.
fn as_html(text: &str) -> (String, usize) {
    let html = scraper::Html::parse_fragment(text);
    let all = scraper::Selector::parse("html > *").unwrap();
    (
        html.root_element().text().collect(),
        html.select(&all).count(),
    )
}

async fn names(site: &Site) -> Vec<Vec<String>> {
    let reader = site.visitor();
    let mut names = Vec::new();
    for (address, element) in [
        ("/feed/", "guid"),
        ("/feed/atom/", "id"),
        ("/comments/feed/", "guid"),
        ("/comments/feed/atom/", "id"),
    ] {
        names.push(texts(&reader.get(address).await.body, element));
    }
    let json: serde_json::Value =
        serde_json::from_str(&reader.get("/feed.json").await.body).unwrap();
    names.push(vec![json["items"][0]["id"].as_str().unwrap().to_owned()]);
    names
}

on_both_databases! {
    async fn an_entry_keeps_its_id_when_its_slug_and_the_sites_address_change(db) {
        let site = Site::start(db).await;
        let post = site.post("Old name", "Text").await;
        site.comment(&post, "Ruth", "Hello").await;
        site.approve_all().await;
        let before = names(&site).await;
        assert!(before.iter().flatten().all(|name| name.starts_with("urn:uuid:")), "{before:?}");
        let mut distinct: Vec<_> = before[1..4].iter().flatten().collect();
        distinct.sort();
        distinct.dedup();
        assert_eq!(distinct.len(), 4, "two feeds, a post and a comment: {before:?}");
        let editor = site.signed_in(Role::Editor).await;
        let form = editor.get(&format!("/desk/posts/{}/edit", post.id)).await.form("form.compose");
        editor.submit(&form.fill("slug", "new-name").fill("date", "2025-01-01T00:00").press("Update")).await;
        assert_eq!(names(&site).await, before);
        let database = site.stop().await;
        let mut moved = Site::on(database, "[site]\nurl = \"https://moved.example\"\n", Workers::Off).await;
        moved.base = format!("http://{}", moved.app.config.server.listen);
        let feed = moved.visitor().get("/feed/").await;
        assert!(feed.body.contains("<link>https://moved.example/2025/01/01/new-name/</link>"), "{}", feed.body);
        assert!(feed.body.contains("isPermaLink=\"false\""));
        assert_eq!(names(&moved).await, before);
    }

    async fn links_and_images_in_feeds_are_absolute(db) {
        let site = Site::start(db).await;
        let body = "See [this](/about/?a=1&b=2), [below](#p-x), ![map](../map.png) and [that](https://other.example/).";
        let post = site.post("Links", body).await;
        let page = site.address(&post);
        let base = &site.base;
        let reader = site.visitor();
        let json: serde_json::Value = serde_json::from_str(&reader.get("/feed.json").await.body).unwrap();
        let rss = texts(&reader.get("/feed/").await.body, "content:encoded").remove(0);
        let atom = texts(&reader.get("/feed/atom/").await.body, "content").remove(0);
        for html in [json["items"][0]["content_html"].as_str().unwrap(), &rss, &atom] {
            for whole in [
                format!("href=\"{base}/about/?a=1&amp;b=2\""),
                format!("href=\"{page}#p-x\""),
                "href=\"https://other.example/\"".to_owned(),
            ] {
                assert!(html.contains(&whole), "{whole}: {html}");
            }
            let picture = page.trim_end_matches('/').rsplit_once('/').unwrap().0;
            assert!(html.contains(&format!("src=\"{picture}/map.png\"")), "{html}");
        }
        // The page itself is unchanged.
        assert!(reader.get(&site.path(&post)).await.body.contains("href=\"/about/?a=1&amp;b=2\""));
    }

    async fn text_is_never_markup_in_a_feed(db) {
        let site = Site::start(db).await;
        let code = "<img src=x onerror=alert(1)>";
        let input = AccountInput {
            name: "<b>Ada</b> &lt;i>".to_owned(),
            email: "ada@staff.example".to_owned(),
            password: PASSWORD.to_owned(),
        };
        let operator = Actor::operator();
        let author = register::add_account(&site.app, &operator, &input, Role::Author).await.unwrap();
        let input = PostInput {
            title: format!("The {code} of AT&T"),
            body: format!("It is `{code}` that runs & stops."),
            tags: format!("{code}, R&D"),
            comments: true,
            ..PostInput::default()
        };
        let post = site.publish_as(&author, input).await;
        site.comment(&post, "Ruth <svg/onload=x>", &format!("I say `{code}`")).await;
        site.approve_all().await;
        let reader = site.visitor();
        for address in ["/feed/", "/comments/feed/", &format!("{}feed/", site.path(&post))] {
            let feed = reader.get(address).await.body;
            for element in ["title", "description", "dc:creator", "category"] {
                for text in texts(&feed, element) {
                    let (_, elements) = as_html(&text);
                    assert_eq!(elements, 0, "{address} {element}: {text}");
                }
            }
        }
        let feed = reader.get("/feed/").await.body;
        let shown = |element: &str, nth: usize| as_html(&texts(&feed, element)[nth]).0;
        assert_eq!(shown("title", 1), format!("The {code} of AT&T"));
        assert_eq!(shown("description", 1), format!("It is {code} that runs & stops."));
        assert_eq!(shown("dc:creator", 0), "<b>Ada</b> &lt;i>");
        assert_eq!(shown("category", 0), code);
        // Atom and JSON Feed declare what is text.
        let atom = reader.get("/feed/atom/").await.body;
        assert!(atom.contains("<title type=\"text\">") && atom.contains("<summary type=\"text\">"), "{atom}");
        assert_eq!(texts(&atom, "title")[1], format!("The {code} of AT&T"));
        let json: serde_json::Value = serde_json::from_str(&reader.get("/feed.json").await.body).unwrap();
        assert_eq!(json["items"][0]["title"], format!("The {code} of AT&T"));
        assert_eq!(json["items"][0]["tags"][1], "R&D");
    }

    async fn a_feed_of_long_posts_is_shortened_and_lists_them_all(db) {
        let site = Site::start(db).await;
        let long = "Some words of a long post, again and again. ".repeat(4000);
        for nth in 0..14 {
            site.post(&format!("Long {nth}"), &long).await;
            site.app.clock.step(std::time::Duration::from_secs(60));
        }
        for address in ["/feed/", "/feed/atom/", "/feed.json"] {
            let feed = site.visitor().get(address).await;
            assert_eq!(feed.status, reqwest::StatusCode::OK, "{address}");
            assert!(feed.body.len() <= MAX_FEED, "{address}: {}", feed.body.len());
            for nth in 0..14 {
                assert!(feed.body.contains(&format!("Long {nth}")), "{address}: {nth}");
            }
        }
    }
}
