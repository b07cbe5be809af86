//! What a trackback says about its source. Checks none of it.

use serde::{Deserialize, Serialize};

use crate::linkbacks::protocol::html_page::HtmlPage;
use crate::linkbacks::protocol::trackback::TrackbackPing;
use crate::markup::excerpt::clean_line;

/// A longer claim is cut, in characters.
const MAX_CLAIM: usize = 1000;

/// Plain text, each on one line; empty where the sender says nothing. Stored as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SenderClaims {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub excerpt: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub blog_name: String,
}

impl SenderClaims {
    /// Reads each field as HTML: nobody can know whether its sender means text or HTML.
    pub fn of(ping: &TrackbackPing) -> Self {
        let plain = |html: &str| {
            let text = HtmlPage::read(html).map_or_else(String::new, |page| page.text);
            clean_line(&text, MAX_CLAIM)
        };
        Self {
            title: plain(&ping.title),
            excerpt: plain(&ping.excerpt),
            blog_name: plain(&ping.blog_name),
        }
    }
}
