//! Gives the pictures in a text what browsers need to show them well: sizes to choose from, width and height,
//! and a caption. A picture of another site that this site does not allow becomes a link to it. Reads only
//! what the sanitiser wrote; never looks anything up.

use std::collections::HashMap;

use maud::{Markup, html};
use url::Url;

use crate::markup::written_tags::{attribute, name_of, tag_length, unescaped};

/// The class of a link to a picture that is on another site, and not shown.
pub const PICTURE_ELSEWHERE: &str = "picture-elsewhere";

/// How wide pictures in a text are shown (the column in site.css).
const SIZES: &str = "(min-width: 43rem) 40.5rem, calc(100vw - 2.5rem)";
/// The longest address that is shown as text, in characters.
const MAX_SHOWN_ADDRESS: usize = 80;

/// A picture of this site.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnPicture {
    /// For browsers that do not choose.
    pub src: String,
    /// Empty where there is one size alone.
    pub srcset: String,
    /// In pixels.
    pub width: i64,
    pub height: i64,
    /// Used where the text has none.
    pub alt: String,
    /// The library's; may be empty. A text has captions of its own.
    pub caption: String,
    /// May be empty.
    pub credit: String,
}

/// What the addresses of pictures mean on a site.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PictureRules {
    /// What addresses of its library begin with, such as `/media/`.
    pub prefix: &'static str,
    /// Its own address, without a slash at the end.
    pub origin: String,
    /// The hosts whose pictures are shown directly, by https.
    pub allowed_hosts: Vec<String>,
}

/// Where a picture is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PicturePlace<'t> {
    /// In the library, under this token, if it is there.
    Library(&'t str),
    /// Elsewhere on this site.
    ThisSite,
    /// On a host whose pictures are shown.
    AllowedHost,
    /// On another site.
    OtherSite,
}

impl PictureRules {
    /// Where the picture at `address` is, which is not escaped.
    pub fn place_of<'t>(&self, address: &'t str) -> PicturePlace<'t> {
        let on_site = match address.strip_prefix(self.origin.as_str()) {
            Some(path) if path.starts_with('/') && !self.origin.is_empty() => path,
            _ => address,
        };
        if let Some((token, _)) = on_site
            .strip_prefix(self.prefix)
            .and_then(|rest| rest.split_once('/'))
        {
            return PicturePlace::Library(token);
        }
        let url = match Url::parse(address) {
            Ok(url) => url,
            // An address without a scheme, such as //example.org/x.png.
            Err(_) if on_site.starts_with("//") || on_site.starts_with("/\\") => {
                return PicturePlace::OtherSite;
            }
            Err(_) => return PicturePlace::ThisSite,
        };
        if url.origin().ascii_serialization() == self.origin {
            return PicturePlace::ThisSite;
        }
        let host = url.host_str().unwrap_or_default();
        let is_allowed = url.scheme() == "https"
            && url.port().is_none()
            && self.allowed_hosts.iter().any(|allowed| allowed == host);
        match is_allowed {
            true => PicturePlace::AllowedHost,
            false => PicturePlace::OtherSite,
        }
    }

    fn find<'o>(&self, tag: &str, own: &'o HashMap<String, OwnPicture>) -> Option<&'o OwnPicture> {
        match self.place_of(&unescaped(attribute(tag, "src")?)) {
            PicturePlace::Library(token) => own.get(token),
            _ => None,
        }
    }
}

/// The tokens in addresses of the library in links and pictures, each once.
pub fn tokens(html: &str, rules: &PictureRules) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let (tag, after) = rest[at..].split_at(tag_length(&rest[at..]));
        let address = match name_of(tag) {
            "a" => attribute(tag, "href"),
            "img" => attribute(tag, "src"),
            _ => None,
        };
        if let Some(address) = address.map(unescaped)
            && let PicturePlace::Library(token) = rules.place_of(&address)
            && !found.iter().any(|known| known == token)
        {
            found.push(token.to_owned());
        }
        rest = after;
    }
    found
}

/// `html` with the pictures whose tokens are in `own`. One that is alone in its paragraph becomes a
/// figure, with its title as the caption. The first is loaded at once, the others when they come into view.
pub fn place(html: &str, rules: &PictureRules, own: &HashMap<String, OwnPicture>) -> String {
    let mut out = String::with_capacity(html.len() + 1024);
    let mut rest = html;
    let mut is_first = true;
    let mut in_link = false;
    while let Some(at) = rest.find('<') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let (tag, after) = from.split_at(tag_length(from));
        rest = after;
        if tag == "<p>" && after.starts_with("<img ") {
            let (image, behind) = after.split_at(tag_length(after));
            if let Some(end) = behind.strip_prefix("</p>")
                && let Some(picture) = rules.find(image, own)
            {
                figure(image, picture, is_first, &mut out);
                is_first = false;
                rest = end;
                continue;
            }
        }
        match name_of(tag) {
            "a" => in_link = true,
            "/a" => in_link = false,
            "img" => {
                if let Some(picture) = rules.find(tag, own) {
                    image(tag, picture, is_first, true, &mut out);
                    is_first = false;
                } else {
                    elsewhere(tag, rules, in_link, &mut out);
                }
                continue;
            }
            _ => {}
        }
        out.push_str(tag);
    }
    out.push_str(rest);
    out
}

/// The picture with its caption and its credit.
fn figure(tag: &str, picture: &OwnPicture, is_first: bool, out: &mut String) {
    out.push_str("<figure class=\"picture\">");
    image(tag, picture, is_first, false, out);
    let caption = text_of(tag, "title");
    if !caption.is_empty() || !picture.credit.is_empty() {
        out.push_str("<figcaption>");
        out.push_str(&caption);
        if !picture.credit.is_empty() {
            if !caption.is_empty() {
                out.push(' ');
            }
            let credit: Markup = html! { span.credit { (picture.credit) } };
            out.push_str(&credit.into_string());
        }
        out.push_str("</figcaption>");
    }
    out.push_str("</figure>");
}

fn image(tag: &str, picture: &OwnPicture, is_first: bool, with_title: bool, out: &mut String) {
    let srcset = Some(&picture.srcset).filter(|srcset| !srcset.is_empty());
    let image: Markup = html! {
        img src=(picture.src) srcset=[srcset] sizes=[srcset.map(|_| SIZES)]
            width=(picture.width) height=(picture.height)
            loading=[(!is_first).then_some("lazy")] fetchpriority=[is_first.then_some("high")]
            decoding="async";
    };
    let image = image.into_string();
    out.push_str(image.trim_end_matches('>'));
    out.push_str(" alt=\"");
    match attribute(tag, "alt") {
        Some(alt) if !alt.is_empty() => out.push_str(alt),
        _ => out.push_str(&html! { (picture.alt) }.into_string()),
    }
    out.push('"');
    for name in ["title", "id", "lang", "dir"] {
        if let Some(value) = attribute(tag, name).filter(|_| with_title || name != "title") {
            out.push_str(&format!(" {name}=\"{value}\""));
        }
    }
    out.push('>');
}

/// A picture that is not in the library.
fn elsewhere(tag: &str, rules: &PictureRules, in_link: bool, out: &mut String) {
    let alt = text_of(tag, "alt");
    let Some(src) = attribute(tag, "src") else {
        // The sanitiser left out an address that nobody may use, such as data:.
        out.push_str(&alt);
        return;
    };
    let address = unescaped(src);
    match rules.place_of(&address) {
        PicturePlace::Library(_) | PicturePlace::ThisSite => out.push_str(tag),
        PicturePlace::AllowedHost => {
            out.push_str("<img loading=\"lazy\" decoding=\"async\" referrerpolicy=\"no-referrer\"");
            out.push_str(&tag["<img".len()..]);
        }
        PicturePlace::OtherSite => {
            let text = match alt.is_empty() {
                true => html! { (shown_address(&address)) }.into_string(),
                false => alt,
            };
            if in_link {
                // Links cannot contain links.
                out.push_str(&text);
                return;
            }
            let title = attribute(tag, "title").unwrap_or_default();
            out.push_str(&format!("<a class=\"{PICTURE_ELSEWHERE}\" href=\"{src}\""));
            if !title.is_empty() {
                out.push_str(&format!(" title=\"{title}\""));
            }
            out.push_str(&format!(" rel=\"noopener\">{text}</a>"));
        }
    }
}

/// The value of an attribute, escaped as text: in an attribute, `<` can be left as it is.
fn text_of(tag: &str, name: &str) -> String {
    let value = unescaped(attribute(tag, name).unwrap_or_default());
    html! { (value) }.into_string()
}

/// An address as a text of its own: without its scheme, and not longer than a line.
pub fn shown_address(address: &str) -> String {
    let bare = address
        .strip_prefix("https://")
        .or_else(|| address.strip_prefix("http://"))
        .or_else(|| address.strip_prefix("//"))
        .unwrap_or(address);
    match bare.char_indices().nth(MAX_SHOWN_ADDRESS) {
        Some((end, _)) => format!("{}…", &bare[..end]),
        None => bare.to_owned(),
    }
}

#[cfg(test)]
mod tests;
