//! Speed of the parsers, the Markdown renderer and the judge. Run with `cargo bench --bench parsers`.

use divan::{Bencher, black_box};
use rejoinder::judge::Submission;
use rejoinder::judge::features::features;
use rejoinder::judge::filter::{self, FilterModel};
use rejoinder::judge::rule::SiteRule;
use rejoinder::judge::rule_conditions::RuleConditions;
use rejoinder::linkbacks::protocol::document::Document;
use rejoinder::linkbacks::protocol::pingback::{parse_call, ping_request};
use rejoinder::linkbacks::protocol::target_link::find_link;
use rejoinder::markup::excerpt::excerpt_around;
use rejoinder::markup::markdown;
use rejoinder::markup::sanitise::MarkupProfile;
use rejoinder::store::entity::ids::RuleId;
use rejoinder::store::entity::rule::RuleAction;
use url::Url;

fn main() {
    print_bombs();
    divan::main();
}

/// Makes a text of about as many bytes as asked for.
type MakeText = fn(usize) -> String;

/// Texts whose HTML or rendering time explodes in a careless renderer.
const BOMBS: [(&str, MakeText); 12] = [
    ("quotes in quotes", |n| ">".repeat(n)),
    ("lists in lists", |n| "- ".repeat(n / 2) + "x"),
    ("lazy lines in quotes", |n| {
        "> ".repeat(n / 4) + "a\n" + &"b\n".repeat(n / 4)
    }),
    ("open formatting elements", |n| {
        let open: String = (0..n / 20).map(|nth| format!("<b a{nth}>")).collect();
        format!("<p>{open}{}", "<p>x".repeat(n / 10))
    }),
    ("misnested elements", |n| {
        "<blockquote><ul><li><b><i>x</b>".repeat(n / 31)
    }),
    ("brackets", |n| "![[".repeat(n / 3)),
    ("emphasis", |n| "*a **a _a ".repeat(n / 10)),
    ("one definition, many links", |n| {
        format!(
            "[a]: https://x.example/{}\n\n{}",
            "u".repeat(n / 8),
            "[a] ".repeat(n / 5)
        )
    }),
    ("a table of many columns", |n| {
        format!(
            "{}\n{}\n{}",
            "|a".repeat(n / 8),
            "|-".repeat(n / 8),
            "x\n".repeat(n / 4)
        )
    }),
    ("signs that are escaped", |n| "&<".repeat(n / 2)),
    ("ampersands alone", |n| "&".repeat(n)),
    ("letters that begin with 0xC2", |n| "£".repeat(n / 2)),
];

/// Prints time and size for 2,500 bytes, and the factors for twice, four times, … the length. Linear growth
/// shows as 2, 4, 8, 16.
fn print_bombs() {
    for (profile, name) in [
        (MarkupProfile::Response, "comment"),
        (MarkupProfile::Post, "post"),
    ] {
        println!(
            "{name:28} {:>10} {:>27} {:>10} {:>27}",
            "µs", "5k, 10k, 20k, 40k", "bytes", "5k, 10k, 20k, 40k"
        );
        for (shape, make) in BOMBS {
            let found = [2_500, 5_000, 10_000, 20_000, 40_000].map(|length| {
                let text = make(length);
                // The fastest of several runs: other load on the machine only makes runs slower.
                let runs = (0..20).map(|_| {
                    let begun = std::time::Instant::now();
                    let html = markdown::render(black_box(&text), profile);
                    (
                        begun.elapsed().as_secs_f64() * 1e6,
                        html.as_str().len() as f64,
                    )
                });
                runs.min_by(|one, other| one.0.total_cmp(&other.0))
                    .unwrap_or_default()
            });
            let times = |of: fn(&(f64, f64)) -> f64| {
                let ratios = found[1..]
                    .iter()
                    .map(|one| format!("{:6.1}", of(one) / of(&found[0])));
                ratios.collect::<String>()
            };
            let (time, size) = found[0];
            println!(
                "{shape:28} {time:>10.0} {:>27} {size:>10.0} {:>27}",
                times(|found| found.0),
                times(|found| found.1)
            );
        }
    }
}

const TEXT: &str = "Some *words* of a [paragraph](https://x.example/) that is as **long** as such are.\n\n> quoted\n\n";

#[divan::bench(args = [1, 10, 100])]
fn render_a_comment(bencher: Bencher, paragraphs: usize) {
    let text = TEXT.repeat(paragraphs);
    bencher.bench(|| markdown::render(black_box(&text), MarkupProfile::Response));
}

#[divan::bench(args = [10, 100])]
fn render_a_post(bencher: Bencher, paragraphs: usize) {
    let text = TEXT.repeat(paragraphs);
    bencher.bench(|| markdown::render(black_box(&text), MarkupProfile::Post));
}

#[divan::bench(args = [10, 20, 40])]
fn colour_code(bencher: Bencher, kibibytes: usize) {
    let line = "let level: u32 = read(\"gauge\")?.parse(); // in centimetres\n";
    let code = line.repeat(kibibytes * 1024 / line.len());
    let html = markdown::render(&format!("```rust\n{code}```"), MarkupProfile::Post);
    bencher.bench(|| black_box(&html).highlighted());
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
fn match_a_word_list_rule(bencher: Bencher, words: usize) {
    let conditions = RuleConditions {
        words: (0..words).map(|n| format!("unwanted{n}")).collect(),
        ..RuleConditions::default()
    };
    let Ok(rule) = SiteRule::new(RuleId(1), "", 0, RuleAction::Hold, "", conditions) else {
        return;
    };
    let submission = Submission::of_text(&TEXT.repeat(3));
    bencher.bench(|| rule.find_match(black_box(&submission)));
}

#[divan::bench]
fn read_a_comment_with_the_filter(bencher: Bencher) {
    let submission = Submission::of_text(&TEXT.repeat(3));
    let model = FilterModel::default();
    bencher.bench(|| filter::score(&features(black_box(&submission)), &model));
}
