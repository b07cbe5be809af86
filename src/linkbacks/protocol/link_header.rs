//! The `Link` header (RFC 8288, section 3), read leniently by its appendix B. Resolves no
//! address, and refuses nothing: what cannot be read is ignored.

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderLink {
    /// Between the angle brackets; may be empty or relative.
    pub target: String,
    /// The relations of `rel`, lower-cased.
    pub relations: Vec<String>,
}

/// Reads one value of the header, which may hold several links.
pub fn parse(value: &str) -> Vec<HeaderLink> {
    let mut links = Vec::new();
    let mut rest = value;
    while let Some(begin) = rest.find('<') {
        let Some(end) = rest[begin..].find('>') else {
            break;
        };
        let target = rest[begin + 1..begin + end].trim().to_owned();
        let (relations, after) = parameters(&rest[begin + end + 1..]);
        links.push(HeaderLink { target, relations });
        rest = after;
    }
    links
}

/// Reads parameters up to the comma that ends the link; returns the relations of `rel` and the rest.
fn parameters(mut rest: &str) -> (Vec<String>, &str) {
    let mut relations: Option<Vec<String>> = None;
    loop {
        rest = rest.trim_start();
        let Some(parameter) = rest.strip_prefix(';') else {
            break;
        };
        let parameter = parameter.trim_start();
        let name_end = parameter
            .find(|c: char| matches!(c, '=' | ';' | ',') || c.is_whitespace())
            .unwrap_or(parameter.len());
        let name = &parameter[..name_end];
        let behind = parameter[name_end..].trim_start();
        let (value, after) = match behind.strip_prefix('=') {
            Some(value) => parameter_value(value.trim_start()),
            None => (String::new(), behind),
        };
        // Only the first rel counts (RFC 8288, section 3.3).
        if name.eq_ignore_ascii_case("rel") && relations.is_none() {
            relations = Some(
                value
                    .split_ascii_whitespace()
                    .map(str::to_ascii_lowercase)
                    .collect(),
            );
        }
        rest = after;
    }
    let after = rest.find(',').map_or("", |comma| &rest[comma + 1..]);
    (relations.unwrap_or_default(), after)
}

fn parameter_value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([';', ',']).unwrap_or(text.len());
        return (text[..end].trim_end().to_owned(), &text[end..]);
    };
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (value, &quoted[at + 1..]),
            '\\' => value.extend(chars.next().map(|(_, escaped)| escaped)),
            other => value.push(other),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(target: &str, relations: &[&str]) -> HeaderLink {
        HeaderLink {
            target: target.into(),
            relations: relations.iter().map(|&relation| relation.into()).collect(),
        }
    }

    #[test]
    fn links_are_read_in_all_their_forms() {
        for (value, expected) in [
            ("</w>; rel=webmention", vec![link("/w", &["webmention"])]),
            (
                "</w>; rel=\"webmention\"",
                vec![link("/w", &["webmention"])],
            ),
            (
                "<>;REL=\"Webmention somethingelse\"",
                vec![link("", &["webmention", "somethingelse"])],
            ),
            (
                "</a,b>; title=\"x, y; <z>\"; rel=other, </w> ; rel = webmention",
                vec![link("/a,b", &["other"]), link("/w", &["webmention"])],
            ),
            ("</w>; rel=a; rel=webmention", vec![link("/w", &["a"])]),
            ("</w", vec![]),
            ("</w>", vec![link("/w", &[])]),
        ] {
            assert_eq!(parse(value), expected, "{value}");
        }
    }

    proptest::proptest! {
        #[test]
        fn never_panics_on_any_bytes(bytes: Vec<u8>, value in "[a-zé<>;,=\"\\\\ ]{0,200}") {
            parse(&String::from_utf8_lossy(&bytes));
            parse(&value);
        }

        #[test]
        fn a_link_is_found_behind_any_other(title in "[ -!#-\\[\\]-~]{0,40}", rel in "[a-z]{1,10}") {
            let value = format!("</e>; title=\"{title}\"; rel={rel}, </w>; rel=webmention");
            let links = parse(&value);
            proptest::prop_assert_eq!(links.last(), Some(&link("/w", &["webmention"])));
            proptest::prop_assert_eq!(links.len(), 2);
        }
    }
}
