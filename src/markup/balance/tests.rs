//! Tests of `balance`.

use super::*;

fn post(html: &str) -> String {
    balance(html, MarkupProfile::Post, html.len())
}

fn response(html: &str) -> String {
    balance(html, MarkupProfile::Response, html.len())
}

#[test]
fn what_is_well_formed_stays_as_it_is() {
    for html in [
        "<p>One <b>two <i>three</i></b></p>",
        "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>",
        "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td><p>b</p></td></tr></tbody></table>",
        "<details><summary>a</summary><p>b</p></details>",
        "<figure><img src=\"a\"><figcaption>b</figcaption></figure>",
        "<a href=\"/x\"><h2>a</h2></a>",
        "<dl><dt>a</dt><dd>b</dd></dl>",
    ] {
        assert_eq!(post(html), html);
    }
}

#[test]
fn what_is_left_open_is_closed_and_does_not_come_back() {
    assert_eq!(response("<p><b>x<p>y"), "<p><b>x</b></p><p>y</p>");
    assert_eq!(response("<b><i>x</b>y</i>z"), "<b><i>x</i></b>yz");
    assert_eq!(
        response("<p>a <blockquote>b</blockquote> c</p>"),
        "<p>a </p><blockquote>b</blockquote> c"
    );
    assert_eq!(
        response("<ul><li>a<li>b</ul>"),
        "<ul><li>a</li><li>b</li></ul>"
    );
    assert_eq!(
        post("<table><tr><td>a<td>b<tr><th>c</table>"),
        "<table><tr><td>a</td><td>b</td></tr><tr><th>c</th></tr></table>"
    );
}

#[test]
fn what_is_no_tag_stays_as_it_was_typed() {
    for (html, shown) in [
        ("The <title> of", "The &lt;title> of"),
        ("Vec<String>", "Vec&lt;String>"),
        ("<!-- x", "&lt;!-- x"),
        ("<?php echo 1; ?>", "&lt;?php echo 1; ?>"),
        ("a </b> b", "a &lt;/b&gt; b"),
        ("<li>x", "&lt;li&gt;x"),
        (
            "<script>alert(1)</script>",
            "&lt;script>alert(1)&lt;/script>",
        ),
    ] {
        assert_eq!(response(html), shown);
    }
    assert_eq!(post("a <td> b"), "a &lt;td&gt; b");
}

#[test]
fn what_lists_and_tables_hold_stands_in_items_and_cells() {
    assert_eq!(response("<ul>a</ul>"), "<ul><li>a</li></ul>");
    assert_eq!(
        post("<table>a<tr>b</table>"),
        "<table><tr><td>a</td></tr><tr><td>b</td></tr></table>"
    );
}

#[test]
fn nothing_is_nested_deeper_than_it_may() {
    let deepest = |html: &str| {
        let (mut depth, mut most) = (0_i32, 0);
        for part in html.split('<').skip(1) {
            depth += if part.starts_with('/') { -1 } else { 1 };
            most = most.max(depth);
        }
        assert_eq!(depth, 0);
        most
    };
    let quotes = response(&"<blockquote>x".repeat(1000));
    assert!(deepest(&quotes) <= MAX_DEPTH as i32);
    assert!(deepest(&response(&"<b>x".repeat(1000))) <= MAX_INLINE_DEPTH as i32);
}
