//! The preview of a text, with what its editor should look at before publishing. Stores nothing.

use std::collections::HashMap;

use crate::app::App;
use crate::error::Result;
use crate::markup::markdown;
use crate::markup::pictures::PicturePlace;
use crate::markup::sanitise::{MarkupProfile, SafeHtml};
use crate::markup::text_check::{self, SkippedLevel, TextPicture};
use crate::media::import::ForeignPicture;
use crate::media::{address, uses};
use crate::posts::cards;
use crate::posts::render::check_length;
use crate::store::entity::ids::MediaId;
use crate::store::entity::media::{MediaKind, Model as Media};
use crate::store::media as rows;

/// A text as readers will see it.
#[derive(Clone, Debug)]
pub struct Preview {
    pub html: SafeHtml,
    pub findings: Findings,
}

/// What an editor should look at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// Pictures of other sites that readers see as links.
    pub foreign: Vec<ForeignPicture>,
    /// Addresses of pictures that will not show: none in the library, or none at all.
    pub missing: Vec<String>,
    /// Addresses of this site that are not in its library: it may have no picture there.
    pub uncertain: Vec<String>,
    pub without_alt: Vec<WithoutAlt>,
    pub skipped: Vec<SkippedLevel>,
    /// Addresses of cards that will be fetched, and of those that could not be.
    pub cards_waiting: Vec<String>,
    pub cards_failed: Vec<String>,
}

/// A picture that people who cannot see it learn nothing of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithoutAlt {
    pub address: String,
    /// In the library, where its text can be added for all posts.
    pub media: Option<MediaId>,
}

impl Findings {
    /// Whether there is nothing to look at.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether readers will not see a picture as a picture.
    pub fn hides_pictures(&self) -> bool {
        !self.foreign.is_empty() || !self.missing.is_empty()
    }
}

/// A text as it would look, and what to look at in it.
pub async fn preview(app: &App, body: &str) -> Result<Preview> {
    check_length(body)?;
    let body = body.to_owned();
    let rendered = app.cpu.run("preview a post", move || {
        let html = markdown::render(&body, MarkupProfile::Post);
        let found = text_check::check(&html);
        (html.highlighted(), found)
    });
    let (html, found) = rendered.await?;
    let mut findings = find_pictures(app, found.pictures).await?;
    findings.skipped = found.skipped;
    let illustrated = uses::illustrate(app, html).await?;
    let placed = cards::place(app, illustrated.html).await?;
    findings.cards_waiting = placed.waiting;
    findings.cards_failed = placed.failed;
    Ok(Preview {
        html: placed.html,
        findings,
    })
}

/// The pictures of a text that are on other sites and are not shown.
pub async fn list_foreign(app: &App, body: &str) -> Result<Vec<ForeignPicture>> {
    Ok(preview(app, body).await?.findings.foreign)
}

async fn find_pictures(app: &App, pictures: Vec<TextPicture>) -> Result<Findings> {
    let rules = uses::rules(app);
    let token_of = |picture: &TextPicture| match rules.place_of(picture.address.as_deref()?) {
        PicturePlace::Library(token) => Some(token.to_owned()),
        _ => None,
    };
    let tokens: Vec<String> = pictures
        .iter()
        .filter_map(token_of)
        .filter(|token| address::is_token(token))
        .collect();
    let library: HashMap<String, Media> = rows::list_by_tokens(app.store.read(), &tokens)
        .await?
        .into_iter()
        .filter(|media| media.kind == MediaKind::Picture)
        .map(|media| (media.token.clone(), media))
        .collect();
    let mut findings = Findings::default();
    for picture in pictures {
        let media = token_of(&picture).and_then(|token| library.get(&token));
        let has_alt = !picture.alt.trim().is_empty()
            || media.is_some_and(|media| !media.alt.trim().is_empty());
        let Some(address) = picture.address else {
            add(&mut findings.missing, picture.alt);
            continue;
        };
        match rules.place_of(&address) {
            PicturePlace::Library(_) if media.is_none() => {
                add(&mut findings.missing, address);
                continue;
            }
            PicturePlace::Library(_) | PicturePlace::AllowedHost => {}
            PicturePlace::ThisSite => add(&mut findings.uncertain, address.clone()),
            PicturePlace::OtherSite => {
                let is_new = findings
                    .foreign
                    .iter()
                    .all(|known| known.address != address);
                if is_new {
                    findings.foreign.push(ForeignPicture {
                        address: address.clone(),
                        alt: picture.alt,
                    });
                }
            }
        }
        if !has_alt {
            let without = WithoutAlt {
                address,
                media: media.map(|media| media.id),
            };
            add(&mut findings.without_alt, without);
        }
    }
    Ok(findings)
}

fn add<T: PartialEq>(list: &mut Vec<T>, one: T) {
    if !list.contains(&one) {
        list.push(one);
    }
}
