//! Webmention (W3C Recommendation of 12 January 2017): the one form by which a page's author tells
//! another of a link. Fetches nothing: whether the source links is for somebody else to see.

use url::{Url, form_urlencoded};

/// The longest address that is taken, in bytes.
pub const MAX_URL: usize = 2048;
/// The longest form that is read, in bytes; both addresses with every byte escaped fit.
const LONGEST: usize = 16 * 1024;

/// What a sender says (section 3.1.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// The page that links.
    pub source: Url,
    /// The page that it links to.
    pub target: Url,
}

/// Why a form is no mention (section 3.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestError {
    /// Longer than anybody sends.
    TooLong,
    /// No `source`.
    SourceMissing,
    /// No `target`.
    TargetMissing,
    /// `source` or `target` more than once.
    Repeated,
    /// `source` is no web address that can be taken.
    SourceUnusable,
    /// `target` is no web address that can be taken.
    TargetUnusable,
    /// Both are the same page.
    SamePage,
}

impl RequestError {
    /// What to fix, for the people at the other end.
    pub fn message(self) -> &'static str {
        match self {
            Self::TooLong => "The request is longer than this server takes.",
            Self::SourceMissing => {
                "The field source is missing: the address of the page that links."
            }
            Self::TargetMissing => {
                "The field target is missing: the address of the page linked to."
            }
            Self::Repeated => "The fields source and target must be there once each.",
            Self::SourceUnusable => {
                "The source must be an http or https address of at most 2048 bytes without a user name."
            }
            Self::TargetUnusable => {
                "The target must be an http or https address of at most 2048 bytes without a user name."
            }
            Self::SamePage => "The source and the target are the same page.",
        }
    }
}

/// Reads a request (sections 3.1.3 and 3.2.1): both addresses once, on the web, and different
/// pages; other fields are passed over.
pub fn parse_request(body: &[u8]) -> Result<Mention, RequestError> {
    if body.len() > LONGEST {
        return Err(RequestError::TooLong);
    }
    let (mut source, mut target) = (None, None);
    for (name, value) in form_urlencoded::parse(body) {
        let place = match name.as_ref() {
            "source" => &mut source,
            "target" => &mut target,
            _ => continue,
        };
        if place.replace(value).is_some() {
            return Err(RequestError::Repeated);
        }
    }
    let source = source.ok_or(RequestError::SourceMissing)?;
    let target = target.ok_or(RequestError::TargetMissing)?;
    let source = read_address(&source).ok_or(RequestError::SourceUnusable)?;
    let target = read_address(&target).ok_or(RequestError::TargetUnusable)?;
    if without_fragment(&source) == without_fragment(&target) {
        return Err(RequestError::SamePage);
    }
    Ok(Mention { source, target })
}

/// A request to send (section 3.1.3).
pub fn form_body(source: &str, target: &str) -> String {
    form_urlencoded::Serializer::new(String::new())
        .append_pair("source", source)
        .append_pair("target", target)
        .finish()
}

fn read_address(text: &str) -> Option<Url> {
    let text = text.trim();
    if text.len() > MAX_URL {
        return None;
    }
    let url = Url::parse(text).ok()?;
    let is_usable = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.as_str().len() <= MAX_URL;
    is_usable.then_some(url)
}

fn without_fragment(url: &Url) -> Url {
    let mut page = url.clone();
    page.set_fragment(None);
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "https://waterpigs.example/post-by-barnaby?a=1&b=ü";
    const TARGET: &str = "https://aaronpk.example/post-by-aaron#part";

    #[test]
    fn a_request_is_read_with_both_its_addresses() {
        let mention = parse_request(form_body(SOURCE, TARGET).as_bytes()).unwrap();
        assert_eq!(mention.source, Url::parse(SOURCE).unwrap());
        assert_eq!(mention.target, Url::parse(TARGET).unwrap());
        let plain = b"vouch=x&target=http://b.example/&source=http://a.example/";
        assert_eq!(
            parse_request(plain).unwrap().source.as_str(),
            "http://a.example/"
        );
    }

    #[test]
    fn what_is_no_request_is_refused_for_its_reason() {
        let long = format!("http://a.example/{}", "x".repeat(MAX_URL));
        for (source, target, error) in [
            ("", TARGET, RequestError::SourceUnusable),
            ("ftp://a.example/", TARGET, RequestError::SourceUnusable),
            ("mailto:a@b.example", TARGET, RequestError::SourceUnusable),
            ("javascript:x", TARGET, RequestError::SourceUnusable),
            ("/relative", TARGET, RequestError::SourceUnusable),
            ("https://u@a.example/", TARGET, RequestError::SourceUnusable),
            (
                "https://:p@a.example/",
                TARGET,
                RequestError::SourceUnusable,
            ),
            (&long, TARGET, RequestError::SourceUnusable),
            (SOURCE, "news", RequestError::TargetUnusable),
            (
                SOURCE,
                "https://u:p@a.example/",
                RequestError::TargetUnusable,
            ),
            (SOURCE, &long, RequestError::TargetUnusable),
            (SOURCE, SOURCE, RequestError::SamePage),
            (
                "https://A.example#x",
                "https://a.example/#y",
                RequestError::SamePage,
            ),
        ] {
            let body = form_body(source, target);
            assert_eq!(
                parse_request(body.as_bytes()),
                Err(error),
                "{source} {target}"
            );
            assert!(!error.message().is_empty());
        }
        for (body, error) in [
            ("", RequestError::SourceMissing),
            ("target=http://a.example/", RequestError::SourceMissing),
            ("source=http://a.example/", RequestError::TargetMissing),
            (
                "source=http://a.example/&source=http://b.example/",
                RequestError::Repeated,
            ),
            ("target=a&source=b&target=c", RequestError::Repeated),
        ] {
            assert_eq!(parse_request(body.as_bytes()), Err(error), "{body}");
        }
        assert_eq!(
            parse_request(&vec![b'x'; LONGEST + 1]),
            Err(RequestError::TooLong)
        );
    }

    proptest::proptest! {
        #[test]
        fn never_panics_on_any_bytes(body: Vec<u8>, form in "(source|target|=|&|https?:|/|%|%E9|a|@|#){0,40}") {
            let _ = parse_request(&body);
            let _ = parse_request(form.as_bytes());
        }

        #[test]
        fn any_path_survives_the_way(path in "\\PC{0,60}") {
            let mut source = Url::parse("https://a.example/").unwrap();
            source.set_path(&path);
            let mention = parse_request(form_body(source.as_str(), TARGET).as_bytes()).unwrap();
            proptest::prop_assert_eq!(mention.source, source);
        }
    }
}
