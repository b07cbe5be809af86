//! A response as it arrived, as rules and the filter see it. Holds no verdict and no row.

use std::net::IpAddr;

use crate::store::entity::response::ResponseKind;

/// A response that is to be judged.
#[derive(Clone, Debug)]
pub struct Submission {
    pub kind: ResponseKind,
    /// The sender's name, or the source's title.
    pub author_name: String,
    pub author_email: Option<String>,
    /// The sender's website, or the page that links here.
    pub author_url: Option<String>,
    /// The address that sent it; None where anybody may send it for somebody else.
    pub ip: Option<IpAddr>,
    /// The text without markup.
    pub text: String,
    /// The host of each link in the text.
    pub link_hosts: Vec<String>,
    /// The age of the post in days.
    pub post_age: u32,
    /// Nothing by this sender was approved before. Always true for a sender without proof.
    pub is_first: bool,
    /// The sender proved to be someone of whom a moderator approved something. Otherwise name, address
    /// and website are claims: they count against a sender, never for one.
    pub is_proven: bool,
    /// For a linkback, the host that its source was read from.
    pub source_host: Option<String>,
    /// For a linkback, what was found on its source.
    pub source: Option<SourceSignals>,
}

impl Submission {
    /// A comment that consists of `text`, by a sender of whom nothing is known.
    pub fn of_text(text: &str) -> Self {
        Self {
            kind: ResponseKind::Comment,
            author_name: String::new(),
            author_email: None,
            author_url: None,
            ip: None,
            text: text.to_owned(),
            link_hosts: Vec::new(),
            post_age: 0,
            is_first: true,
            is_proven: false,
            source_host: None,
            source: None,
        }
    }

    /// The host of the sender's website, in lower case.
    pub fn author_host(&self) -> Option<String> {
        let url = url::Url::parse(self.author_url.as_deref()?).ok()?;
        url.host_str().map(str::to_lowercase)
    }
}

/// Signals of spam on a linkback's source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceSignals {
    /// Links from the source to other sites.
    pub outbound_links: usize,
    /// The link stands in a list of links, without text around it.
    pub bare_link: bool,
    /// The title that the sender gave is the name of its blog.
    pub title_is_blog_name: bool,
    /// The excerpt that the sender gave is not on the page.
    pub excerpt_not_on_page: bool,
    /// The language of the page, where it is certainly not the post's.
    pub other_language: Option<&'static str>,
    /// The source removed its link before.
    pub was_removed_before: bool,
}
