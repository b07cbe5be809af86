//! The link cards of a text: puts in those that are known, and asks for the others when a post is saved. Never
//! fetches a page.

use std::collections::HashMap;

use crate::app::App;
use crate::clock::Moment;
use crate::error::Result;
use crate::jobs::{self, Job};
use crate::markup::cards::{self, Card};
use crate::markup::sanitise::SafeHtml;
use crate::media::uses;
use crate::store::db::Tx;
use crate::store::entity::ids::{MediaId, PostId};
use crate::store::entity::link_card::{LinkCardState, Model as LinkCard};
use crate::store::link_cards as rows;

/// A text with the cards that are known.
#[derive(Clone, Debug)]
pub struct WithCards {
    pub html: SafeHtml,
    /// The addresses for which it asks for cards.
    pub addresses: Vec<String>,
    /// The pictures of its cards.
    pub media: Vec<MediaId>,
    /// The addresses whose pages are not known yet, and those that could not be read.
    pub waiting: Vec<String>,
    pub failed: Vec<String>,
}

/// Puts the cards that are known into a text.
pub async fn place(app: &App, html: SafeHtml) -> Result<WithCards> {
    let mut placed = WithCards {
        addresses: cards::addresses(html.as_str()),
        html,
        media: Vec::new(),
        waiting: Vec::new(),
        failed: Vec::new(),
    };
    if placed.addresses.is_empty() {
        return Ok(placed);
    }
    let stored = rows::list_by_urls(app.store.read(), &placed.addresses).await?;
    let state_of = |address: &String| {
        let card = stored.iter().find(|card| card.url == *address);
        card.map_or(LinkCardState::Waiting, |card| card.state)
    };
    for address in &placed.addresses {
        match state_of(address) {
            LinkCardState::Ready => {}
            LinkCardState::Waiting => placed.waiting.push(address.clone()),
            LinkCardState::Failed => placed.failed.push(address.clone()),
        }
    }
    let ready: Vec<LinkCard> = stored
        .into_iter()
        .filter(|card| card.state == LinkCardState::Ready)
        .collect();
    placed.media = ready.iter().filter_map(|card| card.media_id).collect();
    let pictures = uses::list_pictures(app, &placed.media).await?;
    let known: HashMap<String, Card> = ready
        .into_iter()
        .map(|card| {
            let shown = Card {
                title: card.title,
                description: card.description,
                site_name: card.site_name,
                picture: card.media_id.and_then(|id| pictures.get(&id).cloned()),
            };
            (card.url, shown)
        })
        .collect();
    let html = placed.html;
    placed.html = app
        .cpu
        .run("place link cards", move || html.with_cards(&known))
        .await?;
    Ok(placed)
}

/// Records which cards a post shows, and has their pages fetched: those that are new, and those that were
/// fetched some time ago. A card that became known since the post was rendered is put in by the same job.
pub(super) async fn record(tx: &Tx, post: PostId, addresses: &[String], now: Moment) -> Result<()> {
    for card in rows::set_for_post(tx, post, addresses, now).await? {
        jobs::enqueue_once(tx, &Job::FetchLinkCard { card }, now, now).await?;
    }
    Ok(())
}
