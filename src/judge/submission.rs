//! What came in, as rules and the filter see it.

use std::net::IpAddr;

use crate::store::entity::response::ResponseKind;

/// What came in.
#[derive(Clone, Debug)]
pub struct Submission {
    /// How it came in.
    pub kind: ResponseKind,
    /// The writer's name, or the source's title.
    pub author_name: String,
    /// The writer's address, where they gave one.
    pub author_email: Option<String>,
    /// The writer's own site, or the page that links here.
    pub author_url: Option<String>,
    /// Where it came from.
    pub ip: Option<IpAddr>,
    /// The text, without marks.
    pub text: String,
    /// The host of each link in the text.
    pub link_hosts: Vec<String>,
    /// How old the post was, in days.
    pub post_age: u32,
    /// Nothing of this writer was approved before; somebody who proves nothing has no before.
    pub is_first: bool,
    /// A moderator approved something of this writer, who has proved to be the same. Otherwise the name,
    /// the address and the site are claims: they may speak against a writer, and never for one.
    pub is_proven: bool,
    /// For a linkback, the host that its source was read from.
    pub source_host: Option<String>,
    /// For a linkback, what its source looks like.
    pub source: Option<SourceSigns>,
}

impl Submission {
    /// A comment that says `text` and nothing else; for a look at what the filter makes of it.
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

    /// The host of the writer's own site.
    pub fn author_host(&self) -> Option<String> {
        let url = url::Url::parse(self.author_url.as_deref()?).ok()?;
        url.host_str().map(str::to_lowercase)
    }
}

/// Signs of spam on a linkback's source.
#[derive(Clone, Debug, Default)]
pub struct SourceSigns {
    /// Links from the source to other sites.
    pub outbound_links: usize,
    /// The link stands without words around it in a list of links.
    pub bare_link: bool,
    /// The title that the sender gave is the name of its blog.
    pub title_is_blog_name: bool,
    /// The excerpt that the sender gave is nowhere on the page.
    pub excerpt_elsewhere: bool,
    /// The language of the page, where it is surely another one than the post's.
    pub other_language: Option<&'static str>,
    /// The source had taken its response back before.
    pub came_back: bool,
}
