//! Addresses of pages that link or are linked to. Never says that an address is safe to fetch: that is
//! for the guard in `net`.

use url::Url;

/// In bytes; longer addresses are refused.
pub const MAX_URL: usize = 2048;

/// Reads an http or https address without a user name or a password.
pub fn parse_web_address(text: &str) -> Option<Url> {
    let text = text.trim();
    if text.len() > MAX_URL {
        return None;
    }
    let url = Url::parse(text).ok()?;
    let is_usable = is_web(&url)
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.as_str().len() <= MAX_URL;
    is_usable.then_some(url)
}

/// Whether the address can be opened in a browser.
pub fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}

/// The address without its fragment: two addresses with the same key are one page.
pub fn page_key(url: &Url) -> String {
    let mut page = url.clone();
    page.set_fragment(None);
    page.into()
}
