//! Limits the size of a page of responses: where their texts together are too large, the long ones are
//! cut and link to the whole text. Short ones stay whole, and no response moves to another page.

use crate::markup::sanitise::SafeHtml;

/// The most that the texts of a page may have together, in bytes.
const MAX_PAGE_BYTES: usize = 1024 * 1024;

/// Cuts the long ones of `texts` where they are too large together. Each comes with the address of the
/// whole text, to which a link with `label` leads.
pub fn limit_texts(texts: Vec<(&mut String, String)>, label: &str) {
    let total: usize = texts.iter().map(|(html, _)| html.len()).sum();
    if total <= MAX_PAGE_BYTES {
        return;
    }
    let each = MAX_PAGE_BYTES / texts.len().max(1);
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
    fn long_texts_are_cut_where_all_are_too_large() {
        let mut rows: Vec<String> = (0..40).map(|_| "<p>x</p>".to_owned()).collect();
        rows[1] = format!("<p>{}</p>", "long words ".repeat(60_000));
        rows[3] = rows[1].clone();
        let texts = |rows: &mut Vec<String>| {
            let texts = rows.iter_mut().enumerate();
            limit_texts(
                texts.map(|(at, row)| (row, format!("/{at}/"))).collect(),
                "More",
            );
        };
        texts(&mut rows);
        assert!(rows.iter().map(String::len).sum::<usize>() <= MAX_PAGE_BYTES);
        assert!(rows[1].starts_with("<p>long words"), "{}", rows[1]);
        assert!(
            rows[1].ends_with("<p><a href=\"/1/\">More</a></p>"),
            "{}",
            rows[1]
        );
        assert_eq!(rows[0], "<p>x</p>");
        let whole = format!("<p>{}</p>", "long words ".repeat(60_000));
        let mut single = vec![whole.clone()];
        texts(&mut single);
        assert_eq!(single[0], whole);
    }
}
