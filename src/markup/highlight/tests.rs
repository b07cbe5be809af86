//! Tests of coloured code.

use std::time::{Duration, Instant};

use super::*;
use crate::markup::highlight_languages::names;
use crate::markup::markdown;
use crate::markup::plain;
use crate::markup::sanitise::MarkupProfile;

fn coloured(language: &str, code: &str) -> String {
    let markdown = format!("~~~~{language}\n{code}\n~~~~");
    highlight(markdown::render(&markdown, MarkupProfile::Post).as_str())
}

/// The pieces of one kind.
fn pieces(language: &str, code: &str, class: &str) -> Vec<String> {
    let html = coloured(language, code);
    let open = format!("<span class=\"hl-{class}\">");
    html.split(&open)
        .skip(1)
        .filter_map(|rest| rest.split("</span>").next())
        .map(|piece| plain::text_of(piece).trim().to_owned())
        .collect()
}

#[test]
fn words_texts_numbers_and_comments_are_told_apart() {
    let rust =
        "// Levels\nlet level: u32 = 4_000; /* in\nmm */\nprintln!(\"{}\", it::<Level<'a>>('x'));";
    assert_eq!(pieces("rust", rust, "c"), ["// Levels", "/* in\nmm */"]);
    assert_eq!(pieces("rust", rust, "k"), ["let", "u32"]);
    assert_eq!(pieces("rust", rust, "v"), ["4_000"]);
    assert_eq!(pieces("rust", rust, "s"), ["\"{}\"", "'x'"]);
    assert_eq!(pieces("rust", rust, "t"), ["Level"]);
    assert_eq!(pieces("rust", rust, "f"), ["println"]);
    let sql = "SELECT name, count(*) FROM wells -- all\nWHERE place = 'O''Hare' AND depth > 2.5";
    assert_eq!(pieces("SQL", sql, "k"), ["SELECT", "FROM", "WHERE", "AND"]);
    assert_eq!(pieces("sql", sql, "f"), ["count"]);
    assert_eq!(pieces("sql", sql, "c"), ["-- all"]);
    assert_eq!(pieces("sql", sql, "v"), ["2.5"]);
    let python = "def f(a):\n    \"\"\"One\n    # two\"\"\"\n    return a[\"x\"] # three";
    assert_eq!(pieces("python", python, "c"), ["# three"]);
    assert_eq!(
        pieces("py", python, "s"),
        ["\"\"\"One\n    # two\"\"\"", "\"x\""]
    );
    let shell = "for f in *.csv; do echo \"$f\" ${#f} $HOME; done # all";
    assert_eq!(pieces("bash", shell, "k"), ["for", "in", "do echo", "done"]);
    assert_eq!(pieces("sh", shell, "a"), ["$HOME"]);
    assert_eq!(pieces("sh", shell, "c"), ["# all"]);
}

#[test]
fn keys_and_attributes_have_names() {
    assert_eq!(
        pieces("json", "{\"a\": \"b\", \"c\" : 1}", "a"),
        ["\"a\"", "\"c\""]
    );
    assert_eq!(pieces("yaml", "- name: x: y\n  at: 2", "a"), ["name", "at"]);
    assert_eq!(pieces("toml", "[site]\nurl = \"x\" # y", "a"), ["url"]);
    let html = "<!-- x --><a href=\"/\" hidden>A &amp; B</a>";
    assert_eq!(pieces("html", html, "a"), ["href", "hidden"]);
    assert_eq!(pieces("html", html, "s"), ["\"/\""]);
    assert_eq!(pieces("html", html, "v"), ["&amp;"]);
    assert_eq!(
        pieces("css", "a { color: #fff; width: 50% }", "v"),
        ["#fff", "50%"]
    );
    let diff = "--- a\n+++ b\n@@ -1 +1 @@\n-old\n+new\n same";
    assert_eq!(pieces("diff", diff, "d"), ["-old"]);
    assert_eq!(pieces("diff", diff, "i"), ["+new"]);
}

#[test]
fn other_code_stays_as_it_was() {
    for markdown in [
        "```\nlet x = 1;\n```",
        "```klingon\nlet x = 1;\n```",
        "    let x = 1;",
        "`let x = 1;`",
        "<pre><code class=\"language-rust\">let <b>x</b> = 1;</code></pre>",
        "Text with <pre><code class=language-rust>",
        "<code class=\"language-rust\">let x = 1;</code>",
    ] {
        let html = markdown::render(markdown, MarkupProfile::Post);
        assert_eq!(highlight(html.as_str()), html.as_str(), "{markdown}");
    }
    // What is not sanitised HTML is left alone, too.
    for html in [
        BLOCK,
        "<pre><code class=\"language-rust\">let x = 1;",
        "<pre><code class=\"language-rust",
    ] {
        assert_eq!(highlight(html), html);
    }
}

#[test]
fn what_exceeds_a_limit_stays_as_it_was() {
    let line = "let x = 1;\n";
    let at_limit = line.repeat(MAX_CODE / line.len());
    assert!(coloured("rust", at_limit.trim_end()).contains("<span"));
    let beyond = line.repeat(MAX_CODE / line.len() + 1);
    assert!(!coloured("rust", beyond.trim_end()).contains("<span"));
    // Of several blocks, those are coloured that fit together.
    let block = format!("```rust\n{}```\n\n", line.repeat(3_000));
    let html = highlight(markdown::render(&block.repeat(3), MarkupProfile::Post).as_str());
    let blocks = html.split("<pre>").skip(1);
    assert_eq!(blocks.filter(|block| block.contains("<span")).count(), 1);
    // A span around each character would be too long.
    assert!(!coloured("rust", &"1+".repeat(200)).contains("<span"));
}

#[test]
fn coloured_code_takes_linear_time_and_space() {
    for piece in [
        "1+", "a(", "\"", "'", "/*", "//", "#", "$", "\\", "`", "<", "<a ", "<!--", "&", "&a", "é",
        "a:", "- ", "\"\"\"", "[[", "--[[", "r#\"", "{", "@", "!", "%", "\u{301}", "日", "\u{a0}",
        "-\n", "a b ",
    ] {
        for language in names() {
            let code = piece.repeat(8_000 / piece.len());
            let escaped = code
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;");
            let plain = format!("{BLOCK}{language}\">{escaped}{BLOCK_END}");
            let begun = Instant::now();
            let html = highlight(&plain);
            assert!(
                begun.elapsed() < Duration::from_secs(5),
                "{language} {piece}"
            );
            let max = plain.len() * MAX_GROWTH + MAX_GROWTH_EXTRA;
            assert!(html.len() <= max, "{language} {piece}");
        }
    }
}

#[test]
fn markup_in_code_stays_text() {
    let html = coloured(
        "html",
        "<script>alert(\"&amp;\")</script>\u{a0}<b title='\">x'>",
    );
    assert!(!html.contains("<script") && !html.contains("<b "), "{html}");
    assert!(plain::text_of(&html).contains("<script>alert(\"&amp;\")</script>"));
}

proptest::proptest! {
    #[test]
    fn the_text_is_what_it_was(
        language in "(rust|js|python|html|css|sql|yaml|json|bash|diff|php|c|lua|tex|toml|makefile|go)",
        code in "(\\PC|[a-z0-9<>&\"'(){}\\[\\]/*#=:;.,+ \n\\\\$@!|~`é日-]){0,120}",
    ) {
        let html = markdown::render(&format!("~~~~~{language}\n{code}\n~~~~~"), MarkupProfile::Post);
        let shown = highlight(html.as_str());
        proptest::prop_assert_eq!(plain::text_of(html.as_str()), plain::text_of(&shown));
        // All that was added is spans with a class.
        let spans = regex::Regex::new("<span class=\"hl-[a-z]\">|</span>").unwrap();
        let bare = spans.replace_all(&shown, "").into_owned();
        proptest::prop_assert_eq!(bare.as_str(), html.as_str());
    }
}
