//! The ids of headings, by which links in a text and from elsewhere reach them: words of the
//! heading in its own script, as on GitHub, after a prefix that no id of a page has. Never gives
//! one id twice.

use std::collections::{HashMap, HashSet};

use percent_encoding::percent_decode_str;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The prefix of every id in a post. The ids of pages never begin with it.
pub const ID_PREFIX: &str = "p-";
/// The most characters of a heading in its id.
const MAX_CHARS: usize = 64;

/// The ids of the headings of one text.
#[derive(Default)]
pub struct HeadingIds {
    taken: HashSet<String>,
    /// The next number for each id that was taken already.
    next: HashMap<String, usize>,
}

impl HeadingIds {
    /// The id of a heading with this text. None where it has no letter and no digit.
    pub fn assign(&mut self, text: &str) -> Option<String> {
        slug(text).map(|slug| self.unique(prefixed(&slug)))
    }

    /// The id of a heading for which the writer chose `id`. None where nothing of it may be in one.
    pub fn assign_chosen(&mut self, id: &str) -> Option<String> {
        let id: String = id
            .chars()
            .filter(|c| is_allowed(*c))
            .take(MAX_CHARS)
            .collect();
        (!id.is_empty()).then(|| self.unique(prefixed(&id)))
    }

    fn unique(&mut self, id: String) -> String {
        if self.taken.insert(id.clone()) {
            return id;
        }
        // Each number is tried once, so that a thousand equal headings take no longer than others.
        let nth = self.next.entry(id.clone()).or_insert(1);
        loop {
            let numbered = format!("{id}-{nth}");
            *nth += 1;
            if self.taken.insert(numbered.clone()) {
                return numbered;
            }
        }
    }

    /// The address of the heading that a link to `#fragment` means, if there is one.
    pub fn address(&self, fragment: &str) -> Option<String> {
        let fragment = percent_decode_str(fragment).decode_utf8_lossy();
        let id = Some(prefixed(&fragment)).filter(|id| self.taken.contains(id));
        let id = id.or_else(|| {
            let slug = prefixed(&slug(&fragment)?);
            self.taken.contains(&slug).then_some(slug)
        });
        id.map(|id| format!("#{id}"))
    }
}

/// `id` as the sanitiser writes it.
pub fn prefixed(id: &str) -> String {
    match id.starts_with(ID_PREFIX) {
        true => id.to_owned(),
        false => format!("{ID_PREFIX}{id}"),
    }
}

/// Whether `c` may be in an id.
pub fn is_allowed(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':') || is_combining_mark(c)
}

fn slug(text: &str) -> Option<String> {
    let slug: String = text
        .trim()
        .nfc()
        .flat_map(char::to_lowercase)
        .filter_map(|c| match c {
            c if c.is_whitespace() => Some('-'),
            '.' | ':' => None,
            c => is_allowed(c).then_some(c),
        })
        .take(MAX_CHARS)
        .collect();
    let slug = slug.trim_matches('-');
    slug.contains(char::is_alphanumeric)
        .then(|| slug.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_says_what_the_heading_says_in_any_script() {
        let mut ids = HeadingIds::default();
        for (text, id) in [
            ("What we know, and what not", "p-what-we-know-and-what-not"),
            ("Über Öl & Gas", "p-über-öl--gas"),
            ("何が分かったか", "p-何が分かったか"),
            ("हिन्दी में", "p-हिन्दी-में"),
            ("P-Value", "p-value"),
            ("C++", "p-c"),
        ] {
            assert_eq!(ids.assign(text).as_deref(), Some(id));
        }
        assert_eq!(ids.assign("?!"), None);
        assert!(
            ids.assign(&"word ".repeat(2000))
                .is_some_and(|id| id.len() < 70)
        );
    }

    #[test]
    fn equal_headings_have_different_ids() {
        let mut ids = HeadingIds::default();
        let all: HashSet<_> = ["a", "a-1", "a", "a", "p-a", "a-1"]
            .into_iter()
            .chain(std::iter::repeat_n("a", 1000))
            .filter_map(|text| ids.assign(text))
            .collect();
        assert_eq!(all.len(), 1006);
        for fragment in ["a", "A", "p-a", "%61"] {
            assert_eq!(ids.address(fragment).as_deref(), Some("#p-a"), "{fragment}");
        }
        assert_eq!(ids.assign_chosen("Sec.1 \"<").as_deref(), Some("p-Sec.1"));
        assert_eq!(ids.address("Sec.1").as_deref(), Some("#p-Sec.1"));
        assert_eq!(ids.address("b"), None);
    }
}
