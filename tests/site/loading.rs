//! What a reader's browser loads, and in what order: few bytes, nothing of other sites, no script that the page waits
//! for, and the largest picture first. Bytes and order are counted, never seconds.

use rejoinder::posts::draft::PostInput;
use rejoinder::store::entity::post::{Model as Post, PostKind};
use rejoinder::store::entity::user::Role;
use serde_json::json;

use crate::support::browser::{Browser, Scripts};
use crate::support::database::Kind;
use crate::support::site::{PASSWORD, Site};

/// The most bytes of a post with ten responses and no picture, answers' headers included.
const MAX_BYTES: u64 = 30_000;

const WORDS: &[&str] = &[
    "river", "contract", "ministry", "report", "people", "never", "figures", "village", "water",
    "said", "because", "budget", "road", "school", "council", "question", "answer", "which",
    "under", "three", "months", "after", "promised", "company", "again", "without", "money",
    "public", "records", "nobody", "mayor", "bridge", "between",
];

/// Sentences that do not repeat themselves, as no compression would have it easier than with people's.
fn prose(words: usize, seed: usize) -> String {
    let mut state = seed * 7919 + 17;
    let mut text = String::new();
    for nth in 0..words {
        state = state.wrapping_mul(1_103_515_245).wrapping_add(12_345) % (1 << 31);
        text.push_str(WORDS[(state >> 8) % WORDS.len()]);
        text.push_str(if nth % 13 == 12 { ". " } else { " " });
        if nth % 80 == 79 {
            text.push_str("\n\n");
        }
    }
    text
}

/// A post of some length with ten approved comments.
async fn post_with_ten_responses(site: &Site) -> Post {
    let post = site.post("What the contract hides", &prose(600, 1)).await;
    for nth in 0..10 {
        let answer = site
            .comment(&post, &format!("Reader{nth}"), &prose(60, nth + 2))
            .await;
        assert_eq!(answer.status, 303, "{}", answer.text());
    }
    site.approve_all().await;
    post
}

/// What a page has loaded, in the browser's own words, for the message of a test that failed.
async fn loaded(browser: &Browser) -> String {
    let list =
        "return ['navigation', 'resource'].flatMap(kind => performance.getEntriesByType(kind))
        .map(entry => `${entry.name} ${entry.transferSize}`).join('\\n')";
    let list = browser.execute(list, json!([])).await;
    list.as_str().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_with_ten_responses_takes_at_most_thirty_kilobytes() {
    let site = Site::start(Kind::Sqlite).await;
    let post = post_with_ten_responses(&site).await;
    let reader = Browser::start(Scripts::On).await;
    reader.goto(&site.address(&post)).await;
    assert_eq!(reader.count("ol.comment-list li.comment").await, 10);
    let bytes = reader.bytes_on_the_wire().await;
    let list = loaded(&reader).await;
    println!("{bytes} bytes:\n{list}");
    assert!(
        bytes > 3_000 && bytes <= MAX_BYTES,
        "{bytes} bytes:\n{list}"
    );
    reader.close().await;
}

/// Pages of each kind that readers see, one of them with a picture above the text, and one with pictures from
/// elsewhere.
async fn pages_of_readers(site: &Site) -> Vec<String> {
    let (_, illustrated) = crate::media::add_picture(site).await;
    let body = "![a](https://elsewhere.example/a.png) and <img src=\"//elsewhere.example/b.png\" alt=\"b\">\n\n\
        <iframe src=\"https://video.example/x\"></iframe>\n\nhttps://video.example/watch?v=1";
    let foreign = PostInput {
        title: "With pictures from elsewhere".to_owned(),
        body: body.to_owned(),
        ..PostInput::default()
    };
    let foreign = site.post_of(foreign).await;
    let editor = site.account_named("Editor of pages", Role::Editor).await;
    let about = PostInput {
        kind: PostKind::Page,
        title: "About".to_owned(),
        slug: "about".to_owned(),
        body: "Some *text*.".to_owned(),
        ..PostInput::default()
    };
    site.publish_as(&editor, about).await;
    [
        "/".to_owned(),
        illustrated,
        site.path(&foreign),
        "/about/".to_owned(),
        "/author/ada-okoye/".to_owned(),
        "/nothing".to_owned(),
        "/login".to_owned(),
    ]
    .into()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_asks_another_site_for_anything() {
    let site = Site::start(Kind::Sqlite).await;
    let readers = pages_of_readers(&site).await;
    let admin = site.account(Role::Administrator).await;
    let browser = Browser::start(Scripts::On).await;
    for path in &readers {
        browser.goto(&format!("{}{path}", site.base)).await;
        assert_eq!(
            browser.foreign_requests().await,
            Vec::<String>::new(),
            "{path}"
        );
    }
    browser.fill("Email", &admin.email).await;
    browser.fill("Password", PASSWORD).await;
    browser.press("Sign in").await;
    for path in [
        "/desk/",
        "/desk/posts/new",
        "/desk/media",
        "/queue/",
        "/settings/",
        "/settings/navigation",
    ] {
        browser.goto(&format!("{}{path}", site.base)).await;
        assert_eq!(
            browser.foreign_requests().await,
            Vec::<String>::new(),
            "{path}"
        );
    }
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_script_holds_a_page_up_and_every_picture_has_a_size() {
    let site = Site::start(Kind::Sqlite).await;
    let paths = pages_of_readers(&site).await;
    let reader = site.visitor();
    for path in &paths {
        let page = reader.get(path).await;
        assert!(
            !page.has("script:not([defer]):not([async]):not([type='module']):not([type='application/ld+json'])"),
            "{path}: a script without defer"
        );
        assert!(
            !page.has("style, [style]"),
            "{path}: the policy forbids inline styles"
        );
        let files = page.attributes("link[rel='stylesheet']:not([media='print'])", "href");
        // The program's, and the site's own choices.
        assert!((1..=2).contains(&files.len()), "{path}: {files:?}");
        assert!(
            !page.has("img:not([width]), img:not([height])"),
            "{path}: a picture without a size"
        );
        assert!(
            !page.has("img:not([alt])"),
            "{path}: a picture without alternative text"
        );
        assert!(
            !page.has("img[fetchpriority='high'][loading='lazy']"),
            "{path}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_largest_picture_is_loaded_first_and_the_page_stays_where_it_is() {
    let site = Site::start(Kind::Sqlite).await;
    let (_, illustrated) = crate::media::add_picture(&site).await;
    let editor = site.account_named("Second editor", Role::Editor).await;
    let again = PostInput {
        title: "With a picture, too".to_owned(),
        body: "Text".to_owned(),
        featured: Some("1".to_owned()),
        ..PostInput::default()
    };
    site.publish_as(&editor, again).await;
    let visitor = site.visitor();
    for path in ["/", &illustrated] {
        let page = visitor.get(path).await;
        let priorities = page.attributes("main img", "fetchpriority");
        assert!(
            page.all("main img").len() > priorities.len(),
            "{path}: all come first"
        );
        assert!(
            page.has("main img[fetchpriority='high'][srcset][sizes]"),
            "{path}"
        );
    }
    assert_eq!(
        visitor
            .get("/")
            .await
            .all("main img:not([loading='lazy'])")
            .len(),
        1
    );
    let reader = Browser::start(Scripts::On).await;
    for width in [360, 1280] {
        reader.set_size(width, 800).await;
        reader.goto(&format!("{}{illustrated}", site.base)).await;
        assert_eq!(reader.broken_pictures().await, Vec::<String>::new());
        let shifts = "return new Promise(done => {
            new PerformanceObserver(list => done(list.getEntries().reduce((sum, entry) => sum + entry.value, 0)))
                .observe({type: 'layout-shift', buffered: true});
            requestAnimationFrame(() => requestAnimationFrame(() => done(0)));
        })";
        let shifts = reader.execute(shifts, json!([])).await.as_f64().unwrap();
        assert!(shifts < 0.01, "{shifts} at {width} px");
        let largest = "return new Promise(done => {
            new PerformanceObserver(list => done(list.getEntries().at(-1).element?.getAttribute('fetchpriority') ?? 'other'))
                .observe({type: 'largest-contentful-paint', buffered: true});
        })";
        assert_eq!(
            reader.execute(largest, json!([])).await,
            json!("high"),
            "at {width} px"
        );
    }
    reader.close().await;
}
