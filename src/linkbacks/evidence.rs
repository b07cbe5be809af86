//! What a source's page says about a post: pure, from the fetched page to what is shown and judged.

use url::Url;

use crate::judge::SourceSignals;
use crate::linkbacks::protocol::document::Document;
use crate::linkbacks::protocol::microformats::{self, HEntry};
use crate::linkbacks::protocol::target_link::{self, TargetLink};
use crate::linkbacks::sender_claims::SenderClaims;
use crate::markup::excerpt::{clean_line, leading_excerpt};
use crate::net::fetch::Fetched;
use crate::store::entity::ids::ResponseId;
use crate::store::entity::linkback::Protocol;
use crate::store::entity::response::MentionKind;

/// A longer name or title is cut, in characters.
const MAX_NAME: usize = 150;
/// A longer excerpt of a sender's own choice is cut, in characters.
const MAX_CLAIMED_EXCERPT: usize = 300;
/// Shorter texts do not show their language with certainty, in characters.
const MIN_CHARS_FOR_LANGUAGE: usize = 300;
/// A language is detected from this much of a text, in characters.
const MAX_CHARS_FOR_LANGUAGE: usize = 4000;
/// A page with this many links to other sites and a bare link is a list of links.
const MIN_LINKS_OF_A_LIST: usize = 12;
/// How much of a claimed excerpt must be on the page, in letters and digits: senders shorten the rest.
const COMPARED_CHARS: usize = 40;

/// What a page that links to the target says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The page's own address, after all redirects.
    pub source: Url,
    /// Its author, its title, or its host.
    pub name: String,
    /// The author's own address; None where only the source is known.
    pub author_url: Option<String>,
    pub author_photo: Option<String>,
    /// None where the page does not say.
    pub mention: Option<MentionKind>,
    /// The part of its text to show; may be empty.
    pub text: String,
    /// The comment here that it replies to.
    pub in_reply_to: Option<ResponseId>,
    /// Without `was_removed_before`, which the page does not say.
    pub signals: SourceSignals,
}

/// What was found in a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceReading {
    Links(Box<Evidence>),
    NoLink,
    /// The part of it that is read does not link to the target.
    NoLinkWithinLimit,
    /// It says that it is gone permanently.
    Gone,
}

/// Reads a source. `target` is the address that was sent, `post_text` the plain text of the post.
pub fn read_source(
    fetched: &Fetched,
    protocol: Protocol,
    claims: &SenderClaims,
    target: &str,
    post_text: &str,
    is_target: &dyn Fn(&str) -> bool,
) -> SourceReading {
    let document = Document::read(&fetched.body, fetched.content_type());
    // A page that is gone may still show its old text.
    if document.says_gone() {
        return SourceReading::Gone;
    }
    let Some(link) = target_link::find_link(&document, is_target, &fetched.url) else {
        return match fetched.truncated || target_link::has_more_links(&document) {
            true => SourceReading::NoLinkWithinLimit,
            false => SourceReading::NoLink,
        };
    };
    let page_text = document.html().map_or("", |page| page.text.as_str());
    let mut evidence = evidence_of_page(&document, &fetched.url, link, target);
    evidence.signals.other_language = other_language(page_text, post_text);
    match protocol {
        Protocol::Pingback => {}
        Protocol::Trackback => apply_claims(&mut evidence, claims, page_text),
        Protocol::Webmention => {
            if let Some(entry) = microformats::find_entry(&document, &fetched.url, is_target) {
                apply_entry(&mut evidence, entry);
            }
        }
    }
    SourceReading::Links(Box::new(evidence))
}

/// What every page gives, whatever protocol sent it.
fn evidence_of_page(document: &Document, url: &Url, link: TargetLink, target: &str) -> Evidence {
    let host = url.host_str().unwrap_or_default().to_owned();
    let title = document
        .title()
        .map(|title| clean_line(&title, MAX_NAME))
        .filter(|title| !title.is_empty());
    let outbound_links = target_link::count_outbound_links(document, url);
    Evidence {
        source: url.clone(),
        name: title.unwrap_or(host),
        author_url: None,
        author_photo: None,
        mention: None,
        in_reply_to: comment_in(&link.url).or_else(|| comment_in(target)),
        text: link.excerpt.unwrap_or_default(),
        signals: SourceSignals {
            outbound_links,
            bare_link: link.is_bare && outbound_links >= MIN_LINKS_OF_A_LIST,
            ..SourceSignals::default()
        },
    }
}

/// A trackback is shown as its sender wants; where that differs from the page, the difference is judged.
fn apply_claims(evidence: &mut Evidence, claims: &SenderClaims, page_text: &str) {
    let title = clean_line(&claims.title, MAX_NAME);
    let blog = clean_line(&claims.blog_name, MAX_NAME);
    let excerpt = clean_line(&claims.excerpt, usize::MAX);
    let is_blog_name = !blog.is_empty() && title.to_lowercase() == blog.to_lowercase();
    let title_is_address = Url::parse(&title).is_ok();
    let title = match title {
        title if title.is_empty() || title_is_address => evidence.name.clone(),
        title => title,
    };
    evidence.name = match blog {
        blog if blog.is_empty() || is_blog_name => title,
        blog => clean_line(&format!("{title} — {blog}"), MAX_NAME),
    };
    evidence.signals.title_is_blog_name = is_blog_name;
    if !excerpt.is_empty() {
        evidence.signals.excerpt_not_on_page = !is_on_page(&excerpt, page_text);
        evidence.text = leading_excerpt(&excerpt, MAX_CLAIMED_EXCERPT);
    }
}

/// The author, the text and the kind that a page gives by microformats.
fn apply_entry(evidence: &mut Evidence, entry: HEntry) {
    evidence.mention = Some(entry.kind);
    if let Some(author) = entry.author {
        evidence.name = clean_line(&author.name, MAX_NAME);
        evidence.author_url = author.url.map(Into::into);
        evidence.author_photo = author.photo.map(Into::into);
    }
    match entry.kind {
        MentionKind::Reply => {
            if let Some(content) = entry.content {
                evidence.text = content;
            }
            // The whole reply is shown, and its link usually stands alone at the top.
            evidence.signals.bare_link = false;
        }
        MentionKind::Mention if evidence.text.is_empty() => {
            evidence.text = entry.content.or(entry.name).unwrap_or_default();
        }
        kind if kind.is_reaction() => {
            evidence.text = String::new();
            evidence.signals.bare_link = false;
        }
        _ => {}
    }
}

/// The comment that an address names, by its fragment or as its permalink.
fn comment_in(address: &str) -> Option<ResponseId> {
    let url = Url::parse(address).ok()?;
    let by_fragment = url
        .fragment()
        .and_then(|name| name.strip_prefix("comment-"));
    let by_path = || {
        let path = url.path().trim_end_matches('/');
        let (before, id) = path.rsplit_once('/')?;
        before.ends_with("/comment").then_some(id)
    };
    by_fragment.or_else(by_path)?.parse().ok()
}

fn is_on_page(excerpt: &str, page_text: &str) -> bool {
    let plain = |text: &str| -> String {
        text.chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect()
    };
    let wanted: String = plain(excerpt).chars().take(COMPARED_CHARS).collect();
    plain(page_text).contains(&wanted)
}

/// The page's language, where it certainly differs from the post's.
fn other_language(page_text: &str, post_text: &str) -> Option<&'static str> {
    let language = |text: &str| {
        let text: String = text.chars().take(MAX_CHARS_FOR_LANGUAGE).collect();
        let found = whatlang::detect(&text)?;
        (text.chars().count() >= MIN_CHARS_FOR_LANGUAGE && found.is_reliable())
            .then(|| found.lang())
    };
    let (page, post) = (language(page_text)?, language(post_text)?);
    (page != post).then(|| page.eng_name())
}

#[cfg(test)]
mod tests;
