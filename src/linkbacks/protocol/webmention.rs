//! Webmention (W3C Recommendation of 12 January 2017): the one form that a sender posts. Fetches
//! nothing: whether the source links is checked elsewhere.

use url::{Url, form_urlencoded};

use crate::linkbacks::protocol::address::{MAX_URL, page_key, parse_web_address};
use crate::texts::Message;

/// A form is read up to here, in bytes; both addresses fit with every byte escaped.
const MAX_FORM: usize = 16 * 1024;

/// A request (section 3.1.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebmentionRequest {
    /// The page that links.
    pub source: Url,
    /// The page that it links to.
    pub target: Url,
}

/// Why a form is not a request (section 3.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebmentionRequestError {
    /// The form is longer than any sender needs.
    TooLong,
    SourceMissing,
    TargetMissing,
    /// `source` or `target` is there more than once.
    Repeated,
    /// `source` is not a usable web address.
    SourceInvalid,
    /// `target` is not a usable web address.
    TargetInvalid,
    /// Both lead to one page.
    SamePage,
}

impl WebmentionRequestError {
    /// What the sender must fix.
    pub fn message(self) -> Message {
        let invalid = |id| Message::new(id).with("max", MAX_URL);
        match self {
            Self::TooLong => Message::new("webmention-error-too-long"),
            Self::SourceMissing => Message::new("webmention-error-source-missing"),
            Self::TargetMissing => Message::new("webmention-error-target-missing"),
            Self::Repeated => Message::new("webmention-error-repeated"),
            Self::SourceInvalid => invalid("webmention-error-source-invalid"),
            Self::TargetInvalid => invalid("webmention-error-target-invalid"),
            Self::SamePage => Message::new("linkback-error-same-page"),
        }
    }
}

/// Reads a request (sections 3.1.3 and 3.2.1): both addresses once, on the web, and different
/// pages; other fields are ignored.
pub fn parse_request(body: &[u8]) -> Result<WebmentionRequest, WebmentionRequestError> {
    if body.len() > MAX_FORM {
        return Err(WebmentionRequestError::TooLong);
    }
    let (mut source, mut target) = (None, None);
    for (name, value) in form_urlencoded::parse(body) {
        let place = match name.as_ref() {
            "source" => &mut source,
            "target" => &mut target,
            _ => continue,
        };
        if place.replace(value).is_some() {
            return Err(WebmentionRequestError::Repeated);
        }
    }
    let source = source.ok_or(WebmentionRequestError::SourceMissing)?;
    let target = target.ok_or(WebmentionRequestError::TargetMissing)?;
    let source = parse_web_address(&source).ok_or(WebmentionRequestError::SourceInvalid)?;
    let target = parse_web_address(&target).ok_or(WebmentionRequestError::TargetInvalid)?;
    if page_key(&source) == page_key(&target) {
        return Err(WebmentionRequestError::SamePage);
    }
    Ok(WebmentionRequest { source, target })
}

/// The form to send (section 3.1.3).
pub fn form_body(source: &str, target: &str) -> String {
    form_urlencoded::Serializer::new(String::new())
        .append_pair("source", source)
        .append_pair("target", target)
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "https://waterpigs.example/post-by-barnaby?a=1&b=ü";
    const TARGET: &str = "https://aaronpk.example/post-by-aaron#part";

    #[test]
    fn a_request_is_read_with_both_its_addresses() {
        let request = parse_request(form_body(SOURCE, TARGET).as_bytes()).unwrap();
        assert_eq!(request.source, Url::parse(SOURCE).unwrap());
        assert_eq!(request.target, Url::parse(TARGET).unwrap());
        let plain = b"vouch=x&target=http://b.example/&source=http://a.example/";
        assert_eq!(
            parse_request(plain).unwrap().source.as_str(),
            "http://a.example/"
        );
    }

    #[test]
    fn a_form_that_is_not_a_request_is_refused_for_its_reason() {
        let long = format!("http://a.example/{}", "x".repeat(MAX_URL));
        for (source, target, error) in [
            ("", TARGET, WebmentionRequestError::SourceInvalid),
            (
                "ftp://a.example/",
                TARGET,
                WebmentionRequestError::SourceInvalid,
            ),
            (
                "mailto:a@b.example",
                TARGET,
                WebmentionRequestError::SourceInvalid,
            ),
            (
                "javascript:x",
                TARGET,
                WebmentionRequestError::SourceInvalid,
            ),
            ("/relative", TARGET, WebmentionRequestError::SourceInvalid),
            (
                "https://u@a.example/",
                TARGET,
                WebmentionRequestError::SourceInvalid,
            ),
            (
                "https://:p@a.example/",
                TARGET,
                WebmentionRequestError::SourceInvalid,
            ),
            (&long, TARGET, WebmentionRequestError::SourceInvalid),
            (SOURCE, "news", WebmentionRequestError::TargetInvalid),
            (
                SOURCE,
                "https://u:p@a.example/",
                WebmentionRequestError::TargetInvalid,
            ),
            (SOURCE, &long, WebmentionRequestError::TargetInvalid),
            (SOURCE, SOURCE, WebmentionRequestError::SamePage),
            (
                "https://A.example#x",
                "https://a.example/#y",
                WebmentionRequestError::SamePage,
            ),
        ] {
            let body = form_body(source, target);
            assert_eq!(
                parse_request(body.as_bytes()),
                Err(error),
                "{source} {target}"
            );
            assert!(!error.message().to_string().is_empty());
        }
        for (body, error) in [
            ("", WebmentionRequestError::SourceMissing),
            (
                "target=http://a.example/",
                WebmentionRequestError::SourceMissing,
            ),
            (
                "source=http://a.example/",
                WebmentionRequestError::TargetMissing,
            ),
            (
                "source=http://a.example/&source=http://b.example/",
                WebmentionRequestError::Repeated,
            ),
            (
                "target=a&source=b&target=c",
                WebmentionRequestError::Repeated,
            ),
        ] {
            assert_eq!(parse_request(body.as_bytes()), Err(error), "{body}");
        }
        assert_eq!(
            parse_request(&vec![b'x'; MAX_FORM + 1]),
            Err(WebmentionRequestError::TooLong)
        );
    }

    proptest::proptest! {
        #[test]
        fn never_panics_on_any_bytes(body: Vec<u8>, form in "(source|target|=|&|https?:|/|%|%E9|a|@|#){0,40}") {
            let _ = parse_request(&body);
            let _ = parse_request(form.as_bytes());
        }

        #[test]
        fn any_path_is_read_back_as_it_was_written(path in "\\PC{0,60}") {
            let mut source = Url::parse("https://a.example/").unwrap();
            source.set_path(&path);
            let request = parse_request(form_body(source.as_str(), TARGET).as_bytes()).unwrap();
            proptest::prop_assert_eq!(request.source, source);
        }
    }
}
