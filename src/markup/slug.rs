//! Slugs, the last part of permalinks, and the keys of tags. Pure: never knows which slugs are
//! taken.

use unicode_normalization::UnicodeNormalization;

/// The longest slug, in characters.
const MAX_CHARS: usize = 100;
/// The slug of a title without letters and digits.
const FALLBACK: &str = "post";

/// The slug of a title: ASCII letters and digits with single hyphens between them.
pub fn of_title(title: &str) -> String {
    let mut slug = String::new();
    for c in deunicode::deunicode(title).chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if c != '\'' && !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    if slug.len() > MAX_CHARS {
        slug.truncate(MAX_CHARS);
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

/// The slug of a tag. Signs that distinguish names are spelled out, as in C++ and C#.
pub fn of_tag(name: &str) -> String {
    let mut spelled = String::with_capacity(name.len());
    let mut before = ' ';
    for c in name.chars() {
        let follows_a_name = before.is_alphanumeric() || matches!(before, '+' | '#');
        match c {
            '+' if follows_a_name => spelled.push_str(" plus "),
            '#' if follows_a_name => spelled.push_str(" sharp "),
            _ => spelled.push(c),
        }
        before = c;
    }
    of_title(&spelled)
}

/// `slug` with a number, shortened to the longest slug.
pub fn numbered(slug: &str, nth: usize) -> String {
    let suffix = format!("-{nth}");
    let max_base = MAX_CHARS.saturating_sub(suffix.len());
    let base = slug.get(..max_base).unwrap_or(slug).trim_end_matches('-');
    format!("{base}{suffix}")
}

/// The first of `slug`, `slug-2`, `slug-3` … that is not taken; None after 100,000.
pub fn first_free(slug: &str, is_taken: impl Fn(&str) -> bool) -> Option<String> {
    if !is_taken(slug) {
        return Some(slug.to_owned());
    }
    (2..100_000)
        .map(|nth| numbered(slug, nth))
        .find(|slug| !is_taken(slug))
}

/// The key of a tag, equal for spellings that differ in case, width or white space alone (Unicode
/// NFKC, then both case mappings, so that ß and SS are equal).
pub fn tag_key(name: &str) -> String {
    let folded: String = name
        .nfkc()
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether `slug` can be used in a permalink as it is.
pub fn is_valid(slug: &str) -> bool {
    !slug.is_empty()
        && slug.len() <= MAX_CHARS
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

    #[test]
    fn signs_that_tell_tags_apart_stay_in_their_slugs() {
        let slugs = ["C", "C++", "C#", "F#", "#rust", "Oil & gas"].map(of_tag);
        assert_eq!(
            slugs,
            ["c", "c-plus-plus", "c-sharp", "f-sharp", "rust", "oil-gas"]
        );
    }

    #[test]
    fn spellings_of_one_tag_are_one() {
        for (one, other) in [
            ("Mining", "MINING"),
            ("Straße", "STRASSE"),
            ("Ｃ＋＋", "c++"),
            ("oil  and gas", "Oil and Gas"),
            ("Öl", "O\u{308}L"),
        ] {
            assert_eq!(tag_key(one), tag_key(other));
        }
        assert_ne!(tag_key("时事"), tag_key("实事"));
    }

    #[test]
    fn a_numbered_slug_is_still_a_slug() {
        let long = "a".repeat(100);
        assert_eq!(numbered("a", 2), "a-2");
        assert!(is_valid(&numbered(&long, 99_999)));
        assert!(is_valid(&numbered(
            &format!("{}-{}", "a".repeat(96), "bcd"),
            12
        )));
        let taken = ["a", "a-2", "a-3"];
        assert_eq!(
            first_free("a", |slug| taken.contains(&slug)).as_deref(),
            Some("a-4")
        );
    }

    proptest::proptest! {
        #[test]
        fn every_suggested_slug_is_valid(title in "\\PC{0,200}") {
            proptest::prop_assert!(is_valid(&of_title(&title)));
        }
    }
}
