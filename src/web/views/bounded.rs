//! A page's size in bytes: where the texts of many responses together are more than a page can carry,
//! the long ones show how they begin and lead to the whole. The short ones stay whole, and which
//! responses stand on which page does not change.

use crate::markup::sanitise::SafeHtml;

/// What the texts of a page may have together, in bytes.
const PAGE_BYTES: usize = 1024 * 1024;

/// Shortens what is too much; each text comes with the address of its whole.
pub fn bound(texts: Vec<(&mut String, String)>, label: &str) {
    let total: usize = texts.iter().map(|(html, _)| html.len()).sum();
    if total <= PAGE_BYTES {
        return;
    }
    let each = PAGE_BYTES / texts.len().max(1);
    for (html, address) in texts {
        if html.len() > each {
            *html = SafeHtml::beginning(html, &address, label).into_string();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_shortened_where_all_are_too_much() {
        let mut rows: Vec<String> = (0..40).map(|_| "<p>x</p>".to_owned()).collect();
        rows[1] = format!("<p>{}</p>", "long words ".repeat(60_000));
        rows[3] = rows[1].clone();
        let texts = |rows: &mut Vec<String>| {
            let texts = rows.iter_mut().enumerate();
            bound(
                texts.map(|(at, row)| (row, format!("/{at}/"))).collect(),
                "More",
            );
        };
        texts(&mut rows);
        assert!(rows.iter().map(String::len).sum::<usize>() <= PAGE_BYTES);
        assert!(rows[1].starts_with("<p>long words"), "{}", rows[1]);
        assert!(
            rows[1].ends_with("<p><a href=\"/1/\">More</a></p>"),
            "{}",
            rows[1]
        );
        assert_eq!(rows[0], "<p>x</p>");
        let whole = format!("<p>{}</p>", "long words ".repeat(60_000));
        let mut few = vec![whole.clone()];
        texts(&mut few);
        assert_eq!(few[0], whole);
    }
}
