//! Escapes plain text for elements that some feed readers treat as HTML.

/// Plain text as HTML, for elements that contain HTML by their specification.
pub(super) fn as_html(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            _ => html.push(c),
        }
    }
    html
}

/// Plain text for elements that the specification only calls "text": some readers show it as it is,
/// others as HTML. Only what would be a tag or a character reference (`<b`, `&lt;`) is escaped.
pub(super) fn for_either(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek().copied();
        let opens_tag =
            next.is_some_and(|next| next.is_ascii_alphabetic() || matches!(next, '/' | '!' | '?'));
        let opens_reference = next.is_some_and(|next| next.is_ascii_alphanumeric() || next == '#');
        match c {
            '<' if opens_tag => out.push_str("&lt;"),
            '&' if opens_reference => out.push_str("&amp;"),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_markup_is_not_escaped() {
        for text in ["In a feed & more", "1 < 2 > 1", "R & B, \"Soul\"", "a <- b"] {
            assert_eq!(for_either(text), text);
        }
    }

    #[test]
    fn what_would_be_markup_is_escaped() {
        assert_eq!(
            for_either("The <title> and &lt;b> of AT&T"),
            "The &lt;title> and &amp;lt;b> of AT&amp;T"
        );
        assert_eq!(as_html("<b> & \"c\""), "&lt;b&gt; &amp; &quot;c&quot;");
    }
}
