//! Slugs: the last part of a permalink.

/// The longest slug, in characters.
const MAX: usize = 100;
/// What a title without a single letter or digit gets.
const FALLBACK: &str = "post";

/// The slug that a title suggests: letters and digits of ASCII, single hyphens between them.
pub fn of_title(title: &str) -> String {
    let mut slug = String::new();
    for c in deunicode::deunicode(title).chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if c != '\'' && !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    if slug.len() > MAX {
        slug.truncate(MAX);
        if let Some(end) = slug.rfind('-') {
            slug.truncate(end);
        }
    }
    let slug = slug.trim_matches('-');
    if slug.is_empty() {
        FALLBACK.to_owned()
    } else {
        slug.to_owned()
    }
}

/// Whether `slug` can stand in a permalink as it is.
pub fn is_valid(slug: &str) -> bool {
    !slug.is_empty()
        && slug.len() <= MAX
        && !slug.starts_with('-')
        && !slug.ends_with('-')
        && !slug.contains("--")
        && slug
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_suggests_its_slug() {
        assert_eq!(
            of_title(
                "Multi-Stakeholder Initiatives: What do we know and where do we go from here?"
            ),
            "multi-stakeholder-initiatives-what-do-we-know-and-where-do-we-go-from-here"
        );
        assert_eq!(of_title("Café — it's open!"), "cafe-its-open");
        assert_eq!(of_title("???"), "post");
    }

    proptest::proptest! {
        #[test]
        fn every_suggested_slug_is_valid(title in "\\PC{0,200}") {
            proptest::prop_assert!(is_valid(&of_title(&title)));
        }
    }
}
