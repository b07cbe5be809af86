//! What custom CSS can do and what it cannot.

use super::*;

fn compiled(text: &str) -> String {
    compile(text, "").unwrap_or_else(|error| panic!("{text}: {error:?}"))
}

fn problem(text: &str) -> CssProblem {
    match compile(text, "") {
        Ok(css) => panic!("{text} was accepted as {css}"),
        Err(error) => error.problem,
    }
}

#[test]
fn each_rule_gets_a_scope_without_the_forms() {
    let css = compiled(".post h2, a:hover { color: red !important; padding: 1rem }");
    let (first, rest) = css.split_once('\n').unwrap();
    assert_eq!(
        first,
        format!(":is(.post h2){AROUND}, :is(a:hover){AROUND} {{ color: red !important; }}")
    );
    assert!(rest.starts_with(&format!(
        ":is(.post h2){OUTSIDE}, :is(a:hover){OUTSIDE} {{ color: red !important; padding: 1rem; }}\n"
    )));
    assert!(rest.contains(&format!("{FORMS} {{ position: relative; z-index: 9;")));
    assert_eq!(compiled(""), "");
    assert_eq!(compiled(" /* nothing */ \n"), "");
    assert_eq!(compiled("a { }"), "");
}

#[test]
fn a_pseudo_element_stays_at_the_end() {
    for (selector, guarded) in [
        ("p::before", format!(":is(p){OUTSIDE}::before")),
        ("p:after", format!(":is(p){OUTSIDE}:after")),
        ("::selection", format!(":is(*){OUTSIDE}::selection")),
        (
            "article > ::marker",
            format!(":is(article > *){OUTSIDE}::marker"),
        ),
        (
            "li:not(.a, .b):nth-child(2n + 1)",
            format!(":is(li:not(.a, .b):nth-child(2n + 1)){OUTSIDE}"),
        ),
        ("a[href^='/x']", format!(":is(a[href^=\"/x\"]){OUTSIDE}")),
    ] {
        let css = compiled(&format!("{selector} {{ padding: 0 }}"));
        let found = css.split(" { ").next().unwrap();
        assert_eq!(found.replace("2n+1", "2n + 1"), guarded, "{selector}");
    }
}

#[test]
fn conditions_are_kept_and_rules_in_them_are_scoped() {
    let css = compiled(
        "@media (min-width: 40rem) and (prefers-color-scheme: dark) { p { margin: 1em } }",
    );
    assert!(
        css.starts_with("@media (min-width: 40rem) and (prefers-color-scheme: dark) {\n:is(p)")
    );
    assert!(compiled("@media print { p { display: none } }").contains("@media print {"));
    assert_eq!(compiled("@supports (display: grid) { }"), "");
    let deep = "@media print { ".repeat(4) + "a { color: red }" + &"}".repeat(4);
    assert_eq!(problem(&deep), CssProblem::TooDeep);
}

#[test]
fn what_would_reach_over_a_form_or_off_the_site_is_refused() {
    let property = |name: &str| CssProblem::Property(name.to_owned());
    let address = |text: &str| CssProblem::Address(text.to_owned());
    for (text, expected) in [
        ("a { position: fixed }", property("position")),
        ("a { POSITION: fixed }", property("position")),
        ("a { p\\6fsition: fixed }", property("position")),
        ("a { z-index: 9 }", property("z-index")),
        ("a { inset: 0 }", property("inset")),
        ("a { transform: scale(99) }", property("transform")),
        ("a { animation: x 1s }", property("animation")),
        ("a { float: left }", property("float")),
        ("a { border-image: none }", property("border-image")),
        ("a { behavior: x }", property("behavior")),
        ("a { -moz-binding: x }", property("-moz-binding")),
        ("a { margin-top: -9999px }", CssProblem::Margin),
        ("a { margin: calc(0px - 9999px) }", CssProblem::Margin),
        ("a { margin: var(--x) }", CssProblem::Margin),
        ("a { --x: -1px }", CssProblem::Margin),
        (
            "a { background: url(https://e.example/x) }",
            address("https://e.example/x"),
        ),
        (
            "a { background: url('//e.example/x') }",
            address("//e.example/x"),
        ),
        (
            "a { background: url(data:image/png;base64,x) }",
            address("data:image/png;base64,x"),
        ),
        (
            "a { background: url(/media/../login) }",
            address("/media/../login"),
        ),
        (
            "a { background: url(/media/%2e%2e/login) }",
            address("/media/%2e%2e/login"),
        ),
        ("a { background: u\\72l(/x) }", address("/x")),
        (
            "a { width: expression(alert(1)) }",
            CssProblem::Function("expression".into()),
        ),
        (
            "a { background: image-set('https://e.example/x' 1x) }",
            CssProblem::Function("image-set".into()),
        ),
        (
            "@import 'https://e.example/x.css';",
            CssProblem::AtRule("import".into()),
        ),
        (
            "@IMPORT url(x) { a { color: red } }",
            CssProblem::AtRule("IMPORT".into()),
        ),
        (
            "@font-face { src: url(/media/x) }",
            CssProblem::AtRule("font-face".into()),
        ),
        (
            "@keyframes x { from { color: red } }",
            CssProblem::AtRule("keyframes".into()),
        ),
        (
            "@layer x { a { color: red } }",
            CssProblem::AtRule("layer".into()),
        ),
        ("</style><script>alert(1)</script>", CssProblem::Html),
        ("a { content: '</STYLE>' }", CssProblem::Html),
        ("a { content: '\\3c/style>' }", CssProblem::Html),
    ] {
        assert_eq!(problem(text), expected, "{text}");
    }
}

#[test]
fn what_is_not_closed_is_refused() {
    for text in [
        "a { color: red",
        "a { color: red } }",
        "a { color: red } /* and so on",
        "a { content: 'x }",
        "a:is(b { color: red }",
        "a[b { color: red }",
        "a { background: url(/media/x }",
        "a { color: rgb(0 0 0 }",
        "} #respond { display: none }",
    ] {
        assert_eq!(problem(text), CssProblem::Unbalanced, "{text}");
    }
    for text in [
        "a",
        "a;",
        "a { b }",
        "a { color }",
        "a { color: }",
        "a { b { color: red } }",
        "{ color: red }",
        "a, { color: red }",
        "a > { color: red }",
        "a & b { color: red }",
    ] {
        assert!(compile(text, "").is_err(), "{text}");
    }
    assert_eq!(compile("\n\na { top: 0 }", "").unwrap_err().line, 3);
}

#[test]
fn addresses_of_files_get_the_base() {
    let text = "a { background: url(\"/media/x/a b.png\") no-repeat }";
    assert!(compiled(text).contains("background: url(/media/x/a\\20 b.png) no-repeat"));
    let css = compile(text, "https://news.example").unwrap();
    assert!(
        css.contains("url(https://news.example/media/x/a\\20 b.png)"),
        "{css}"
    );
}

#[test]
fn the_length_has_a_limit() {
    let rule = "a { color: red }\n";
    let text = rule.repeat(MAX_BYTES / rule.len());
    assert_eq!(
        compile(&text, "").err().map(|error| error.problem),
        Some(CssProblem::TooMany)
    );
    let text = format!("/*{}*/", "x".repeat(MAX_BYTES - 4));
    assert_eq!(compiled(&text), "");
    assert_eq!(problem(&format!("{text} ")), CssProblem::TooLong);
    assert!(matches!(
        problem(&"(".repeat(MAX_BYTES)),
        CssProblem::Unbalanced | CssProblem::TooDeep
    ));
}

proptest::proptest! {
    #[test]
    fn whatever_is_accepted_is_accepted_again_and_balanced(text in "[-a-z #.>:{}();'\"/*\\\\!@0-9\n]{0,200}") {
        if let Ok(css) = compile(&text, "") {
            let prepared = css_tokens::prepare(&css);
            proptest::prop_assert!(css_tokens::read(&prepared).is_ok(), "{}", css);
        }
    }
}
