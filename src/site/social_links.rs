//! The site's profiles on other sites, one per line: an address, with or without a name before it. Pure.

use url::Url;

use crate::error::{Error, Field, Problem, Result};
use crate::markup::excerpt::clean_line;
use crate::texts::Message;

/// The most profiles.
const MAX_LINKS: usize = 12;
/// The longest line, in characters.
const MAX_LINE: usize = 500;
/// The longest name, in characters.
const MAX_LABEL: usize = 60;

/// A profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SocialLink {
    /// The name before the address, or the address as people write it.
    pub label: String,
    pub href: String,
}

/// The lines as they are stored; fails where one is not a profile.
pub fn check(typed: &str) -> Result<String> {
    let refuse = |message: Message| Error::field(Field::SocialLinks, Problem::Unusable(message));
    let lines: Vec<&str> = typed
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    if lines.len() > MAX_LINKS {
        return Err(refuse(
            Message::new("social-links-too-many").with("max", MAX_LINKS),
        ));
    }
    let mut checked = Vec::new();
    for line in lines {
        if line.chars().count() > MAX_LINE || parse_line(line).is_none() {
            let start: String = line.chars().take(60).collect();
            return Err(refuse(
                Message::new("social-links-unusable").with("start", clean_line(&start, 60)),
            ));
        }
        checked.push(clean_line(line, MAX_LINE));
    }
    Ok(checked.join("\n"))
}

/// The profiles in lines that were checked.
pub fn parse(stored: &str) -> Vec<SocialLink> {
    stored
        .lines()
        .filter_map(parse_line)
        .take(MAX_LINKS)
        .collect()
}

fn parse_line(line: &str) -> Option<SocialLink> {
    let (name, address) = match line.trim().rsplit_once(char::is_whitespace) {
        Some((name, address)) => (name.trim(), address),
        None => ("", line.trim()),
    };
    let url = Url::parse(address).ok()?;
    let is_web = matches!(url.scheme(), "http" | "https");
    if !is_web || !url.username().is_empty() || url.password().is_some() {
        return None;
    }
    let host = url.host_str()?;
    let label = match name {
        "" => {
            let host = host.strip_prefix("www.").unwrap_or(host);
            format!("{host}{}", url.path().trim_end_matches('/'))
        }
        name => name.to_owned(),
    };
    Some(SocialLink {
        label: clean_line(&label, MAX_LABEL),
        href: url.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_has_a_name_or_shows_its_address() {
        let stored =
            check("https://www.social.example/@news\n\n  On Mastodon https://m.example/@n ")
                .unwrap();
        let links = parse(&stored);
        assert_eq!(links[0].label, "social.example/@news");
        assert_eq!(links[1].label, "On Mastodon");
        assert_eq!(links[1].href, "https://m.example/@n");
        assert_eq!(check(" \n").unwrap(), "");
    }

    #[test]
    fn what_is_not_a_web_address_is_refused() {
        for line in [
            "javascript:alert(1)",
            "Mastodon",
            "mailto:a@b.example",
            "//m.example/@n",
            "https://user:secret@m.example/",
            "https://",
        ] {
            assert!(check(line).is_err(), "{line}");
        }
        assert!(check(&"https://m.example/\n".repeat(13)).is_err());
        assert!(check(&format!("https://m.example/{}", "x".repeat(600))).is_err());
    }
}
