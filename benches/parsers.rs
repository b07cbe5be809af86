//! What the pure functions cost: `cargo bench --bench parsers`.

#![allow(missing_docs, reason = "a bench has no readers but its own")]

use divan::{Bencher, black_box};
use rejoinder::judge::Submission;
use rejoinder::judge::features::features;
use rejoinder::judge::filter::{self, Knowledge};
use rejoinder::judge::rule::{Conditions, SiteRule};
use rejoinder::linkbacks::protocol::pingback::{parse_call, ping_request};
use rejoinder::linkbacks::protocol::source::{Document, find_link};
use rejoinder::markup::excerpt::excerpt_around;
use rejoinder::markup::markdown;
use rejoinder::markup::sanitise::Profile;
use rejoinder::store::entity::ids::RuleId;
use rejoinder::store::entity::rule::RuleOutcome;
use url::Url;

fn main() {
    divan::main();
}

const TEXT: &str = "Some *words* of a [paragraph](https://x.example/) that is as **long** as such are.\n\n> quoted\n\n";

#[divan::bench(args = [1, 10, 100])]
fn render_a_comment(bencher: Bencher, paragraphs: usize) {
    let text = TEXT.repeat(paragraphs);
    bencher.bench(|| markdown::render(black_box(&text), Profile::Response));
}

#[divan::bench(args = [10, 100])]
fn render_a_post(bencher: Bencher, paragraphs: usize) {
    let text = TEXT.repeat(paragraphs);
    bencher.bench(|| markdown::render(black_box(&text), Profile::Post));
}

#[divan::bench(args = [10, 100, 1000])]
fn find_a_link_on_a_page(bencher: Bencher, kibibytes: usize) {
    let filler =
        "<p>Some <b>words</b> and <a href=/x>a link</a> of the page.</p>\n".repeat(kibibytes * 16);
    let page = format!("{filler}<p>Here <a href='https://news.example/post/'>it</a> is</p>");
    let base = Url::parse("https://blog.example/").ok();
    bencher.bench(|| {
        let document = Document::read(black_box(page.as_bytes()), Some("text/html"));
        base.as_ref()
            .and_then(|base| find_link(&document, &|url| url == "https://news.example/post/", base))
    });
}

#[divan::bench]
fn read_a_pingback(bencher: Bencher) {
    let call = ping_request(
        "https://blog.example/a?x=1&y=2",
        "https://news.example/post/",
    );
    bencher.bench(|| parse_call(black_box(call.as_bytes()), None));
}

#[divan::bench]
fn cut_an_excerpt(bencher: Bencher) {
    let text = "words and more words ".repeat(100);
    bencher.bench(|| excerpt_around(black_box(&text), "the link", black_box(&text)));
}

#[divan::bench(args = [10, 100, 1000])]
fn judge_a_comment_by_a_list_of_words(bencher: Bencher, words: usize) {
    let conditions = Conditions {
        words: (0..words).map(|n| format!("unwanted{n}")).collect(),
        ..Conditions::default()
    };
    let Ok(rule) = SiteRule::new(RuleId(1), "", 0, RuleOutcome::Hold, "", conditions) else {
        return;
    };
    let submission = Submission::of_text(&TEXT.repeat(3));
    bencher.bench(|| rule.find(black_box(&submission)));
}

#[divan::bench]
fn read_a_comment_with_the_filter(bencher: Bencher) {
    let submission = Submission::of_text(&TEXT.repeat(3));
    let knowledge = Knowledge::default();
    bencher.bench(|| filter::read(&features(black_box(&submission)), &knowledge));
}
