//! What a source says to a post: pure, from what was fetched to what there is to show and to judge.

use url::Url;

use crate::judge::SourceSigns;
use crate::linkbacks::protocol::microformats::{self, Entry};
use crate::linkbacks::protocol::source::{self, Document};
use crate::linkbacks::receive::Told;
use crate::markup::excerpt::{clean_line, first_words};
use crate::net::fetch::Fetched;
use crate::store::entity::ids::ResponseId;
use crate::store::entity::linkback::Protocol;
use crate::store::entity::response::MentionKind;

/// The longest name or title that is kept, in characters.
const MAX_NAME: usize = 150;
/// The longest excerpt that a sender chooses, in characters.
const MAX_TOLD: usize = 300;
/// The fewest characters by which a language is told.
const ENOUGH: usize = 300;
/// The most characters by which a language is told.
const PLENTY: usize = 4000;
/// From so many links to other sites on, a page with a bare link is a list of links.
const LIST: usize = 12;
/// How much of a told excerpt must be on the page, in characters: senders cut and mark the rest.
const RECOGNISED: usize = 40;

/// What was found at a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Its own address, after all redirects.
    pub source: Url,
    /// Its author, or its title.
    pub name: String,
    /// Its author's own address; None where only the source is known.
    pub author_url: Option<String>,
    /// Where it has its author's picture.
    pub author_photo: Option<String>,
    /// What it is to the post; None where it does not say.
    pub mention: Option<MentionKind>,
    /// What to show of its words.
    pub words: String,
    /// The comment here that it answers.
    pub answers: Option<ResponseId>,
    /// Signs of spam.
    pub signs: Signs,
}

/// Signs of spam on a source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signs {
    /// Links to other sites.
    pub outbound_links: usize,
    /// The link stands without words around it in a list of links.
    pub bare_link: bool,
    /// The told title is the name of the blog.
    pub title_is_blog_name: bool,
    /// The told excerpt is nowhere on the page.
    pub excerpt_elsewhere: bool,
    /// Its language, where it is surely another than the post's.
    pub other_language: Option<&'static str>,
}

impl Signs {
    /// As the judge wants them.
    pub fn for_judge(&self, came_back: bool) -> SourceSigns {
        SourceSigns {
            outbound_links: self.outbound_links,
            bare_link: self.bare_link,
            title_is_blog_name: self.title_is_blog_name,
            excerpt_elsewhere: self.excerpt_elsewhere,
            other_language: self.other_language,
            came_back,
        }
    }
}

/// What a source turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// It links to the target.
    Links(Box<Evidence>),
    /// It does not.
    NoLink,
    /// As much of it as is read does not.
    NoLinkSoFar,
    /// It says of itself that it is gone for good.
    Gone,
}

/// Reads a source. `target` is the address that was told, `post_text` the post's words.
pub fn read_source(
    fetched: &Fetched,
    protocol: Protocol,
    told: &Told,
    target: &str,
    post_text: &str,
    is_target: &dyn Fn(&str) -> bool,
) -> Source {
    let document = Document::read(&fetched.body, fetched.content_type());
    // A page that is gone may still show what it said.
    if document.says_gone() {
        return Source::Gone;
    }
    let Some(link) = source::find_link(&document, is_target, &fetched.url) else {
        return match fetched.truncated || document.has_more_links() {
            true => Source::NoLinkSoFar,
            false => Source::NoLink,
        };
    };
    let host = fetched.url.host_str().unwrap_or_default().to_owned();
    let title = source::title(&document)
        .map(|title| clean_line(&title, MAX_NAME))
        .filter(|title| !title.is_empty());
    let outbound_links = source::count_outbound_links(&document, &fetched.url);
    let excerpt = link.excerpt.unwrap_or_default();
    let page_text = document.html().map_or("", |page| page.text.as_str());
    let mut evidence = Evidence {
        source: fetched.url.clone(),
        name: title.unwrap_or(host),
        author_url: None,
        author_photo: None,
        mention: None,
        words: excerpt,
        answers: comment_in(&link.url).or_else(|| comment_in(target)),
        signs: Signs {
            outbound_links,
            bare_link: link.is_bare && outbound_links >= LIST,
            title_is_blog_name: false,
            excerpt_elsewhere: false,
            other_language: other_language(page_text, post_text),
        },
    };
    match protocol {
        Protocol::Pingback => {}
        Protocol::Trackback => take_told(&mut evidence, told, page_text),
        Protocol::Webmention => {
            if let Some(entry) = microformats::entry(&document, &fetched.url, is_target) {
                take_entry(&mut evidence, entry);
            }
        }
    }
    Source::Links(Box::new(evidence))
}

/// A trackback is shown as its sender wants it; where that differs from the page, it is judged.
fn take_told(evidence: &mut Evidence, told: &Told, page_text: &str) {
    let title = clean_line(&told.title, MAX_NAME);
    let blog = clean_line(&told.blog_name, MAX_NAME);
    let excerpt = clean_line(&told.excerpt, usize::MAX);
    let same = !blog.is_empty() && title.to_lowercase() == blog.to_lowercase();
    let title_is_address = Url::parse(&title).is_ok();
    let title = match title {
        title if title.is_empty() || title_is_address => evidence.name.clone(),
        title => title,
    };
    evidence.name = match blog {
        blog if blog.is_empty() || same => title,
        blog => clean_line(&format!("{title} — {blog}"), MAX_NAME),
    };
    evidence.signs.title_is_blog_name = same;
    if !excerpt.is_empty() {
        evidence.signs.excerpt_elsewhere = !is_on_page(&excerpt, page_text);
        evidence.words = first_words(&excerpt, MAX_TOLD);
    }
}

/// The author, the words and the kind that a page gives by microformats.
fn take_entry(evidence: &mut Evidence, entry: Entry) {
    evidence.mention = Some(entry.kind);
    if let Some(author) = entry.author {
        evidence.name = clean_line(&author.name, MAX_NAME);
        evidence.author_url = author.url.map(Into::into);
        evidence.author_photo = author.photo.map(Into::into);
    }
    match entry.kind {
        MentionKind::Reply => {
            if let Some(content) = entry.content {
                evidence.words = content;
            }
            // The whole reply is shown: that its link stands alone at the top is usual.
            evidence.signs.bare_link = false;
        }
        MentionKind::Mention if evidence.words.is_empty() => {
            evidence.words = entry.content.or(entry.name).unwrap_or_default();
        }
        kind if kind.is_face() => {
            evidence.words = String::new();
            evidence.signs.bare_link = false;
        }
        _ => {}
    }
}

/// The comment that an address names, by its fragment or as its lasting link.
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
    let wanted: String = plain(excerpt).chars().take(RECOGNISED).collect();
    plain(page_text).contains(&wanted)
}

/// The page's language, where both texts are long enough to tell and differ.
fn other_language(page_text: &str, post_text: &str) -> Option<&'static str> {
    let language = |text: &str| {
        let text: String = text.chars().take(PLENTY).collect();
        let found = whatlang::detect(&text)?;
        (text.chars().count() >= ENOUGH && found.is_reliable()).then(|| found.lang())
    };
    let (page, post) = (language(page_text)?, language(post_text)?);
    (page != post).then(|| page.eng_name())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TARGET: &str = "https://news.example/2026/11/23/post/";

    fn fetched(html: &str) -> Fetched {
        Fetched {
            url: Url::parse("https://blog.example/a").unwrap(),
            status: 200,
            headers: vec![("content-type".into(), "text/html; charset=utf-8".into())],
            body: html.as_bytes().to_vec(),
            truncated: false,
        }
    }

    fn read(html: &str, protocol: Protocol, told: &Told) -> Option<Evidence> {
        let is_target = |url: &str| url.split('#').next() == Some(TARGET);
        match read_source(&fetched(html), protocol, told, TARGET, "", &is_target) {
            Source::Links(evidence) => Some(*evidence),
            _ => None,
        }
    }

    #[test]
    fn what_was_not_read_to_its_end_is_not_said_to_have_no_link() {
        let is_target = |url: &str| url == TARGET;
        let read = |page: &Fetched| {
            read_source(
                page,
                Protocol::Webmention,
                &Told::default(),
                TARGET,
                "",
                &is_target,
            )
        };
        let mut page = fetched("<p>Nothing so far");
        assert_eq!(read(&page), Source::NoLink);
        page.truncated = true;
        assert_eq!(read(&page), Source::NoLinkSoFar);
        let linked = fetched(&format!(
            "<meta http-equiv=Status content='410 Gone'><a href='{TARGET}'>x</a>"
        ));
        assert_eq!(read(&linked), Source::Gone);
    }

    #[test]
    fn a_webmention_is_shown_as_its_entry_has_it() {
        let html = format!(
            "<div class=h-entry><a class='p-author h-card' href=/me>Ann</a> \
             <a class=u-in-reply-to href='{TARGET}#comment-7'>re</a><p class=e-content>I agree.</p></div>"
        );
        let evidence = read(&html, Protocol::Webmention, &Told::default()).unwrap();
        assert_eq!(evidence.mention, Some(MentionKind::Reply));
        assert_eq!(evidence.name, "Ann");
        assert_eq!(evidence.words, "I agree.");
        assert_eq!(evidence.answers, Some(ResponseId(7)));
        assert_eq!(
            evidence.author_url.as_deref(),
            Some("https://blog.example/me")
        );
    }

    #[test]
    fn a_trackback_is_shown_as_told_and_judged_by_its_page() {
        let html =
            format!("<title>T</title><p>We read <a href='{TARGET}'>it</a> and liked it.</p>");
        let told = Told {
            title: "Our title".into(),
            excerpt: "We read it and liked it.".into(),
            blog_name: "Our blog".into(),
        };
        let evidence = read(&html, Protocol::Trackback, &told).unwrap();
        assert_eq!(evidence.name, "Our title — Our blog");
        assert_eq!(evidence.words, "We read it and liked it.");
        assert!(!evidence.signs.excerpt_elsewhere);
        let spam = Told {
            title: "Best Pills".into(),
            excerpt: "Nice site, buy cheap pills".into(),
            blog_name: "best pills".into(),
        };
        let evidence = read(&html, Protocol::Trackback, &spam).unwrap();
        assert!(evidence.signs.excerpt_elsewhere && evidence.signs.title_is_blog_name);
        assert_eq!(evidence.name, "Best Pills");
    }

    #[test]
    fn a_link_without_words_and_a_page_in_another_language_are_signs() {
        let others: String = (0..12)
            .map(|n| format!("<li><a href='https://{n}.example/'>x</a></li>"))
            .collect();
        let bare =
            format!("<ul><li><a href='{TARGET}'>Some long link text here</a></li>{others}</ul>");
        let evidence = read(&bare, Protocol::Pingback, &Told::default()).unwrap();
        assert!(evidence.signs.bare_link);
        let english =
            "The people of the city were asked what they think about the plans of the council. "
                .repeat(6);
        let german =
            "Die Menschen in der Stadt wurden gefragt, was sie von den Plänen des Rates halten. "
                .repeat(6);
        assert_eq!(other_language(&german, &english), Some("German"));
        assert_eq!(other_language(&english, &english), None);
        assert_eq!(other_language("Kurz.", &english), None);
    }
}
