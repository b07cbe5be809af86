//! Tests of rendering.

use super::*;

#[test]
fn a_post_has_headings_below_its_title() {
    let html = render(
        "# One\n\nText *with* a [link](https://x.example/).",
        MarkupProfile::Post,
    );
    assert_eq!(
        html.as_str(),
        "<h2 id=\"p-one\">One</h2>\n<p>Text <em>with</em> a <a href=\"https://x.example/\" rel=\"noopener\">link</a>.</p>\n"
    );
}

#[test]
fn a_response_keeps_its_lines_and_has_no_headings_or_pictures() {
    let html = render(
        "# Loud\none\ntwo ![p](https://x.example/p.png)",
        MarkupProfile::Response,
    );
    assert_eq!(html.as_str(), "<p>Loud</p>\n<p>one<br>\ntwo p</p>\n");
}

#[test]
fn what_is_not_allowed_stands_as_it_was_typed() {
    for (typed, seen) in [
        ("The <title> of your page", "The <title> of your page"),
        ("A Vec<String> and *more*", "A Vec<String> and more"),
        ("<!-- x\n\nand *more*", "<!-- x\n\nand more"),
        ("<?php echo 1;\n\nand *more*", "<?php echo 1;\n\nand more"),
        ("<![CDATA[ x ]]>", "<![CDATA[ x ]]>"),
        ("<!DOCTYPE html>", "<!DOCTYPE html>"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("<foo>\n*x*\n</foo>", "<foo>\nx\n</foo>"),
        ("`<title>` and ``<!--``", "<title> and <!--"),
        ("    <title>\n    >>>\n", "<title>\n>>>"),
        ("\\<b> \\<title>", "<b> <title>"),
        (
            "<p>in <tt>html</tt> <!-- y --></p>",
            "in <tt>html</tt> <!-- y -->",
        ),
        ("a < b and c > d &lt; &amp;", "a < b and c > d < &"),
    ] {
        for profile in [MarkupProfile::Post, MarkupProfile::Response] {
            let html = render(typed, profile);
            let words = plain::text_of(html.as_str());
            let lines = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert_eq!(lines(&words), lines(seen), "{typed}: {}", html.as_str());
        }
    }
    let html = render("One.\n\n<!--more-->\n\nTwo.", MarkupProfile::Post);
    assert_eq!(html.as_str(), "<p>One.</p>\n<p>Two.</p>\n");
    let html = render("[a](</x y>) <https://x.example/?a=b>", MarkupProfile::Post);
    assert!(
        html.as_str().contains("href=\"/x%20y\""),
        "{}",
        html.as_str()
    );
    assert!(html.as_str().contains("href=\"https://x.example/?a=b\""));
}

#[test]
fn what_readers_would_not_see_is_blank() {
    let is_blank = |text: &str, profile| {
        let html = render(text, profile);
        super::is_blank(text, &html, profile)
    };
    for text in [
        "",
        "***",
        "- - -",
        "![a](https://x.example/a.png)",
        "[![a](b)](https://x.example/)",
        "\u{200b}\u{3164}",
        "<b></b>",
        "> ",
        "-",
        "&#8203;",
        "[](https://x.example/)",
        "[a]: https://x.example/",
        "#",
        "<br>",
    ] {
        assert!(is_blank(text, MarkupProfile::Response), "{text}");
    }
    for text in ["a", "🏴", "![a](b) c", "<title>", "`x`", "***\n\n1"] {
        assert!(!is_blank(text, MarkupProfile::Response), "{text}");
    }
    assert!(!is_blank("![a](/a.png)", MarkupProfile::Post));
    assert!(is_blank("\u{200b}", MarkupProfile::Post));
}

#[test]
fn a_summary_ends_at_the_mark_or_at_a_word() {
    let summary = |text: &str| summary(text, &render(text, MarkupProfile::Post));
    assert_eq!(summary("One **two**.\n\n<!--more-->\n\nThree."), "One two.");
    let long = "word ".repeat(200);
    let summary = summary(&long);
    assert!(summary.chars().count() <= 281, "{summary}");
    assert!(summary.ends_with('…'), "{summary}");
}

fn post(markdown: &str) -> String {
    render(markdown, MarkupProfile::Post).into_string()
}

fn response(markdown: &str) -> String {
    render(markdown, MarkupProfile::Response).into_string()
}

/// The HTML of a post without what marks its footnotes as its own.
fn post_with_notes(markdown: &str) -> String {
    let key = crate::markup::footnotes::fingerprint(markdown);
    post(markdown)
        .replace(&format!(":{key}-"), ":")
        .replace(" rel=\"noopener\"", "")
        .replace('\u{fe0e}', "")
}

#[test]
fn footnotes_are_numbered_by_their_first_reference_and_link_back() {
    assert_eq!(
        post_with_notes("One[^b] two[^A] three[^b].\n\n[^a]: First.\n[^b]: Second.\n\n    More."),
        "<p>One<sup><a href=\"#p-fn:1\" id=\"p-fnref:1\">1</a></sup> two<sup><a href=\"#p-fn:2\" \
         id=\"p-fnref:2\">2</a></sup> three<sup><a href=\"#p-fn:1\" id=\"p-fnref:1-2\">1</a></sup>.</p>\n\
         <ol class=\"footnotes\">\n<li id=\"p-fn:1\">\n<p>Second.</p>\n<p>More. <a href=\"#p-fnref:1\">↩</a> \
         <a href=\"#p-fnref:1-2\">↩2</a></p>\n</li>\n<li id=\"p-fn:2\">\n<p>First. \
         <a href=\"#p-fnref:2\">↩</a></p>\n</li>\n</ol>\n"
    );
    // Two posts on one page do not share their ids.
    let fingerprint = crate::markup::footnotes::fingerprint;
    assert_ne!(fingerprint("a[^1]"), fingerprint("b[^1]"));
}

#[test]
fn a_footnote_is_referred_to_from_lists_tables_and_quotes() {
    let html = post_with_notes(
        "- One[^a]\n- Two[^a]\n\n| x |\n| - |\n| y[^a] |\n\n> z[^a]\n\n## End[^a]\n\n[^a]: Note.",
    );
    for part in [
        "<li>One<sup><a href=\"#p-fn:1\" id=\"p-fnref:1\">1</a></sup></li>",
        "<li>Two<sup><a href=\"#p-fn:1\" id=\"p-fnref:1-2\">1</a></sup></li>",
        "<td>y<sup><a href=\"#p-fn:1\" id=\"p-fnref:1-3\">1</a></sup></td>",
        "<p>z<sup><a href=\"#p-fn:1\" id=\"p-fnref:1-4\">1</a></sup></p>",
        "End<sup><a href=\"#p-fn:1\" id=\"p-fnref:1-5\">1</a></sup></h2>",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
    assert_eq!(html.matches("<li id=\"p-fn:").count(), 1, "{html}");
    assert_eq!(html.matches('↩').count(), 5, "{html}");
}

#[test]
fn what_is_no_footnote_stays_as_it_was_typed() {
    assert_eq!(post("Never[^x] defined."), "<p>Never[^x] defined.</p>\n");
    assert_eq!(post("`[^1]`\n\n[^1]: x"), "<p><code>[^1]</code></p>\n");
    assert_eq!(response("A[^1] b"), "<p>A[^1] b</p>\n");
}

#[test]
fn footnotes_in_footnotes_end() {
    let html = post_with_notes("A[^1].\n\n[^1]: See [^2] and [^1].\n[^2]: Back to [^1].");
    assert_eq!(html.matches("<li id=").count(), 2, "{html}");
    assert_eq!(html.matches("href=\"#p-fn:1\"").count(), 3, "{html}");
    let deep = (0..500)
        .map(|n| format!("[^{n}]: to [^{}]\n", n + 1))
        .collect::<String>();
    let html = post(&format!("A[^0]\n\n{deep}"));
    assert_eq!(html.matches("<li id=").count(), 500);
}

#[test]
fn a_summary_and_a_plain_text_have_no_footnote_numbers() {
    let text = "Oil[^1] spills.\n\n[^1]: A source.";
    let html = render(text, MarkupProfile::Post);
    assert_eq!(summary(text, &html), "Oil spills.");
    let text = "Oil[^a] and [^b].\n\n<!--more-->\n\nRest.\n\n[^A]: x";
    let html = render(text, MarkupProfile::Post);
    assert_eq!(summary(text, &html), "Oil and [^b].");
    assert!(plain_text("Oil[^1] spills.\n\n[^1]: A source.").contains("A source."));
}

#[test]
fn a_table_keeps_the_alignment_of_its_columns() {
    let html = post("| a | b | c |\n| :- | :-: | -: |\n| 1 | 2 | 3 |");
    for cell in [
        "<th class=\"align-left\">a</th>",
        "<th class=\"align-center\">b</th>",
        "<td class=\"align-right\">3</td>",
    ] {
        assert!(html.contains(cell), "{html}");
    }
    assert_eq!(
        post("<table><tr><td align=right>1</td></tr></table>")
            .matches("align-right")
            .count(),
        1
    );
    let wide = format!(
        "|{}\n|{}\n|{}\n",
        "a|".repeat(1000),
        "-:|".repeat(1000),
        "1|".repeat(1000)
    );
    let html = post(&wide);
    assert!(!html.contains("<table>") && html.contains("a|a|a"));
    let rows = format!(
        "|{}\n|{}\n{}",
        "a|".repeat(60),
        "-:|".repeat(60),
        "|1\n".repeat(2000)
    );
    assert!(post(&rows).len() <= rows.len() * MAX_GROWTH + MAX_GROWTH_EXTRA);
}

#[test]
fn a_task_list_shows_what_is_done() {
    assert_eq!(
        post("- [x] One\n- [ ] Two\n- Three"),
        "<ul>\n<li class=\"task\">☑\u{202f}One</li>\n<li class=\"task\">☐\u{202f}Two</li>\n<li>Three</li>\n</ul>\n"
    );
    assert!(post("- [x] One\n\n- [ ] Two").contains("<li class=\"task\">"));
    assert!(response("- [x] One").contains("[x] One"));
    assert_eq!(post("~~gone~~"), "<p><del>gone</del></p>\n");
}

#[test]
fn a_link_in_the_text_reaches_its_heading() {
    let html = post(
        "[a](#was-bleibt-übrig) [b](#Two)\n\n# Was *bleibt* übrig?\n\n## Two\n\n## Two\n\n## Own {#sec.1}",
    );
    for part in [
        "href=\"#p-was-bleibt-übrig\"",
        "id=\"p-was-bleibt-übrig\"",
        "href=\"#p-two\"",
        "<h2 id=\"p-two\">",
        "<h2 id=\"p-two-1\">",
        "<h2 id=\"p-sec.1\">",
    ] {
        let found = percent_encoding::percent_decode_str(&html).decode_utf8_lossy();
        assert!(found.contains(part), "{part} in {html}");
    }
    assert!(post("[a](#comments)").contains("href=\"#comments\""));
    assert!(post("[a](#comments)\n\n# Comments").contains("href=\"#p-comments\""));
    assert!(!post("# ?!").contains("id="));
    let equal = post(&"# a\n".repeat(1000));
    assert!(equal.contains("id=\"p-a-999\""));
    let long = post(&format!("# {}", "word ".repeat(2000)));
    assert!(long.len() < 10_300, "{}", long.len());
}

#[test]
fn a_heading_of_any_script_is_reached_as_it_is_typed_or_encoded() {
    for (heading, id) in [
        ("住民の声", "住民の声"),
        ("Что дальше, и кто?", "что-дальше-и-кто"),
        ("ما العمل", "ما-العمل"),
        ("हिन्दी में", "हिन्दी-में"),
    ] {
        let encoded: String =
            percent_encoding::utf8_percent_encode(id, percent_encoding::NON_ALPHANUMERIC).collect();
        for target in [id, &encoded] {
            let html = post(&format!("[a](#{target})\n\n## {heading}"));
            let html = percent_encoding::percent_decode_str(&html)
                .decode_utf8_lossy()
                .into_owned();
            assert!(html.contains(&format!("<a href=\"#p-{id}\"")), "{html}");
            assert!(html.contains(&format!("<h2 id=\"p-{id}\">")), "{html}");
        }
    }
}

#[test]
fn a_figure_may_be_typed_as_html() {
    let typed = "<figure><img src=\"/media/x/y.jpg\" alt=\"A\"><figcaption>The <em>caption</em></figcaption></figure>";
    let html = post(typed);
    assert!(
        html.contains("<figcaption>The <em>caption</em></figcaption></figure>"),
        "{html}"
    );
    assert!(
        html.contains("<img src=\"/media/x/y.jpg\" alt=\"A\">"),
        "{html}"
    );
    assert!(!response(typed).contains("<figure"));
}

#[test]
fn pull_quotes_and_notes_have_their_label_removed() {
    assert_eq!(
        post("> [!pullquote]\n> The *river* is ours."),
        "<blockquote class=\"pullquote\">\n<p>\nThe <em>river</em> is ours.</p>\n</blockquote>\n"
            .replace("<p>\n", "<p>")
    );
    assert!(post("> [!NOTE]\n>\n> Text").starts_with("<blockquote class=\"callout\">"));
    assert!(post("> [!warning]\n> Text").contains("callout-warning"));
    for typed in [
        "[!note]\n\nx",
        "> a\n> [!note]",
        "> [!other]\n> x",
        "> [!note] x",
    ] {
        assert!(post(typed).contains("[!"), "{typed}");
        assert!(!post(typed).contains("class"), "{typed}");
    }
    assert!(response("> [!note]\n> x").contains("[!note]"));
}

#[test]
fn bare_addresses_are_links_and_stay_as_they_were_typed() {
    for (typed, address, text) in [
        (
            "See https://a.example/x_y_z--q.",
            "https://a.example/x_y_z--q",
            "https://a.example/x_y_z--q",
        ),
        (
            "(www.a.example/it's*x*y)",
            "http://www.a.example/it&#x27;s*x*y",
            "www.a.example/it's*x*y",
        ),
        (
            "**http://a.example/?a=1&b=~2~3**",
            "http://a.example/?a=1&amp;b=~2~3",
            "http://a.example/?a=1&amp;b=~2~3",
        ),
    ] {
        let address = address.replace("&#x27;", "'");
        assert!(
            post(typed).contains(&format!(
                "<a href=\"{address}\" rel=\"noopener\">{text}</a>"
            )),
            "{}",
            post(typed)
        );
        let link = format!("<a href=\"{address}\" rel=\"nofollow ugc noopener\">{text}</a>");
        assert!(response(typed).contains(&link), "{}", response(typed));
    }
    for typed in [
        "`https://a.example`",
        "    https://a.example",
        "```\nhttps://a.example\n```",
        "<code>https://a.example</code>",
        "a https:// b",
    ] {
        assert!(!response(typed).contains("<a "), "{}", response(typed));
    }
    for typed in [
        "[https://a.example](https://b.example)",
        "<a href=\"https://b.example\">https://a.example</a>",
        "[x https://a.example y][r]\n\n[r]: https://b.example",
        "<https://b.example>",
    ] {
        let html = response(typed);
        assert_eq!(html.matches("<a ").count(), 1, "{html}");
        assert!(html.contains("https://b.example"), "{html}");
    }
    assert!(post("![https://a.example](/x.png)").contains("alt=\"https://a.example\""));
}

#[test]
fn a_code_block_names_its_language() {
    assert_eq!(
        post("```rust,ignore\nx\n```\n\n```c++\ny\n```"),
        "<pre><code class=\"language-rust\">x\n</code></pre>\n<pre><code class=\"language-c++\">y\n</code></pre>\n"
    );
    assert_eq!(response("```rust\nx\n```"), "<pre><code>x\n</code></pre>\n");
}

#[test]
fn many_references_stay_small_and_readable() {
    let text = format!("{}\n\n[^1]: Note.", "[^1]".repeat(10_000));
    let html = post(&text);
    assert!(html.len() <= text.len() * MAX_GROWTH + MAX_GROWTH_EXTRA);
    assert!(html.contains("<ol class=\"footnotes\">"));
    assert_eq!(html.matches('↩').count(), 10);
    let labels: String = (0..10_000).map(|n| format!("[^{n}]")).collect();
    let notes: String = (0..10_000).map(|n| format!("[^{n}]: x\n")).collect();
    let text = format!("{labels}\n\n{notes}");
    let html = post(&text);
    assert!(html.len() <= text.len() * MAX_GROWTH + MAX_GROWTH_EXTRA);
    assert!(html.contains("<ol class=\"footnotes\">"));
}

proptest::proptest! {
    #[test]
    fn what_was_rendered_is_clean_already(
        parts in proptest::collection::vec(
            "(\\[\\^[a-c]\\]:? ?|> \\[!note\\]\n|- \\[x\\] |# [a-b]\n|www\\.a\\.example/_|https://a\\.b/|\\|-:\\||\\|a|\\[a\\]\\(#b\\)|<p id=a>|\n\n|[a-c*_~`<> ])",
            0..40,
        ),
    ) {
        let markdown = parts.join("");
        for profile in [MarkupProfile::Post, MarkupProfile::Response] {
            let html = render(&markdown, profile);
            let again = SafeHtml::sanitise(html.as_str(), profile);
            proptest::prop_assert_eq!(html.as_str(), again.as_str());
            let mut ids: Vec<&str> = html
                .as_str()
                .split(" id=\"")
                .skip(1)
                .filter_map(|rest| rest.split('"').next())
                .collect();
            let all = ids.len();
            ids.sort_unstable();
            ids.dedup();
            proptest::prop_assert_eq!(all, ids.len(), "{}", html.as_str());
        }
    }

    #[test]
    fn any_text_renders(markdown in "\\PC{0,300}") {
        let html = render(&markdown, MarkupProfile::Post);
        render(&markdown, MarkupProfile::Response);
        summary(&markdown, &html);
    }

    #[test]
    fn the_html_is_never_much_longer_than_its_markdown(
        parts in proptest::collection::vec("([-<>*_`#|!\\[\\]()~.:^a-c1 \n]{1,6}|\\[\\^1\\]|\n\\[\\^1\\]: |www\\.a\\.b |-:\\||- \\[x\\] )", 0..6),
        times in 1usize..300,
    ) {
        let markdown = parts.join("").repeat(times);
        for profile in [MarkupProfile::Post, MarkupProfile::Response] {
            let html = render(&markdown, profile);
            proptest::prop_assert!(
                html.as_str().len() <= markdown.len() * MAX_GROWTH + MAX_GROWTH_EXTRA
            );
        }
    }
}
