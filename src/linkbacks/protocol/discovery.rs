//! Where a page takes linkbacks. Reads one answer that somebody else fetched; never fetches, and never
//! says that an address is safe to call.

use url::Url;

use crate::linkbacks::protocol::address::{is_web, page_key};
use crate::linkbacks::protocol::document::Document;
use crate::linkbacks::protocol::link_header;
use crate::linkbacks::protocol::xml::unescape;

/// More descriptions of trackbacks than this are ignored.
const MAX_DESCRIPTIONS: usize = 1000;

/// The endpoints that a page names, all of them on the web.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endpoints {
    /// Webmention, section 3.1.2.
    pub webmention: Option<Url>,
    /// Pingback 1.0, section 2.
    pub pingback: Option<Url>,
    /// TrackBack 1.2, "Auto-Discovery of TrackBack Ping URLs".
    pub trackback: Option<Url>,
}

/// Reads an answer's headers and, where it has one, its document. `page` is the address that
/// answered, after redirects.
pub fn discover(
    headers: &[(String, String)],
    document: Option<&Document>,
    page: &Url,
) -> Endpoints {
    Endpoints {
        webmention: webmention(headers, document, page),
        pingback: pingback(headers, document),
        trackback: trackback(document, page),
    }
}

/// The first `Link` header with the relation, else the first element with it; an empty address is
/// the page itself.
fn webmention(
    headers: &[(String, String)],
    document: Option<&Document>,
    page: &Url,
) -> Option<Url> {
    let from_header = values(headers, "link")
        .flat_map(link_header::parse)
        .find(|link| {
            link.relations
                .iter()
                .any(|relation| relation == "webmention")
        })
        .and_then(|link| page.join(&link.target).ok());
    from_header
        .or_else(|| element_with("webmention", document, page))
        .filter(is_web)
}

/// The header goes before the element, and the element is found by the specification's own pattern,
/// not by the rules of HTML.
fn pingback(headers: &[(String, String)], document: Option<&Document>) -> Option<Url> {
    let from_header = values(headers, "x-pingback")
        .next()
        .and_then(|url| Url::parse(url.trim()).ok());
    let from_element = || {
        document?
            .text()
            .split("<link rel=\"pingback\" href=\"")
            .skip(1)
            .find_map(|rest| {
                let (href, after) = rest.split_once('"')?;
                let after = after.strip_prefix(' ').unwrap_or(after);
                let ends = after.strip_prefix('/').unwrap_or(after).starts_with('>');
                let href = href
                    .replace("&lt;", "<")
                    .replace("&gt;", ">")
                    .replace("&quot;", "\"")
                    .replace("&amp;", "&");
                if ends && !href.is_empty() {
                    Url::parse(&href).ok()
                } else {
                    None
                }
            })
    };
    from_header.or_else(from_element).filter(is_web)
}

/// The RDF in a comment whose identifier is this page, else the first element with the relation.
fn trackback(document: Option<&Document>, page: &Url) -> Option<Url> {
    let text = document?.text();
    let descriptions = text
        .split("<rdf:Description")
        .skip(1)
        .take(MAX_DESCRIPTIONS);
    let from_rdf = descriptions
        .filter_map(|rest| {
            let tag = &rest[..rest.find('>')?];
            let identifier = Url::parse(&attribute(tag, "dc:identifier")?).ok()?;
            (page_key(&identifier) == page_key(page)).then(|| attribute(tag, "trackback:ping"))?
        })
        .find_map(|ping| Url::parse(&ping).ok());
    from_rdf
        .or_else(|| element_with("trackback", document, page))
        .filter(is_web)
}

/// The value of an attribute in a tag of XML.
fn attribute(tag: &str, name: &str) -> Option<String> {
    tag.match_indices(name).find_map(|(at, _)| {
        let is_whole_name = tag[..at].ends_with(|c: char| c.is_ascii_whitespace());
        let value = tag[at + name.len()..].trim_start().strip_prefix('=')?;
        let value = value.trim_start();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let (value, _) = value[1..].split_once(quote)?;
        is_whole_name.then(|| unescape(value).trim().to_owned())
    })
}

/// Where the first `<link>` or `<a>` with a relation leads.
fn element_with(wanted: &str, document: Option<&Document>, page: &Url) -> Option<Url> {
    let html = document?.html()?;
    let href = html.rel_links.iter().find_map(|link| {
        let mut relations = link.rel.split_ascii_whitespace();
        let is_wanted = relations.any(|rel| rel.eq_ignore_ascii_case(wanted));
        link.href.as_deref().filter(|_| is_wanted)
    })?;
    let href = href.trim();
    if href.is_empty() {
        // An empty address is the page itself, whatever its <base> says.
        return Some(page.clone());
    }
    html.base_url(page).join(href).ok()
}

fn values<'a>(headers: &'a [(String, String)], name: &'a str) -> impl Iterator<Item = &'a str> {
    headers
        .iter()
        .filter(move |(other, _)| other.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
}

#[cfg(test)]
mod tests;
