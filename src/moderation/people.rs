//! Everything of one person on one card: what is known of them, what they sent, what became of it.

use crate::accounts::permissions::{Action, Actor};
use crate::app::App;
use crate::error::{Error, Result};
use crate::moderation::entry::{Entry, entry};
use crate::moderation::privacy;
use crate::responses::person::Sender;
use crate::store::entity::ids::ResponseId;
use crate::store::entity::response::{Model as Response, ResponseState};
use crate::store::entity::standing::{Model as StandingRow, Scope};
use crate::store::people::{self, Trait};
use crate::store::{responses, standings};

/// So many of a person's responses are counted.
const COUNTED: u64 = 1000;
/// So many are shown.
const SHOWN: u64 = 20;

/// How many of somebody's responses stand where; counted up to a thousand of the newest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Shown.
    pub approved: u64,
    /// Waiting.
    pub pending: u64,
    /// Spam.
    pub spam: u64,
    /// In the trash.
    pub trash: u64,
}

impl Record {
    fn of(states: &[ResponseState]) -> Self {
        let count = |state| states.iter().filter(|other| **other == state).count() as u64;
        Self {
            approved: count(ResponseState::Approved),
            pending: count(ResponseState::Pending),
            spam: count(ResponseState::Spam),
            trash: count(ResponseState::Trash),
        }
    }

    /// All of them.
    pub fn total(&self) -> u64 {
        self.approved + self.pending + self.spam + self.trash
    }
}

/// A way in which a person is known, and what is known by it.
#[derive(Clone, Debug)]
pub struct Known {
    /// The way.
    pub by: Trait,
    /// What became of everything that is known by it.
    pub record: Record,
}

/// A person's card.
#[derive(Clone, Debug)]
pub struct Card {
    /// The response by which they were looked up.
    pub response: Response,
    /// In which ways they are known.
    pub known: Vec<Known>,
    /// How they stand here.
    pub standings: Vec<StandingRow>,
    /// What they sent, the newest first.
    pub entries: Vec<Entry>,
}

/// The card of who sent a response.
pub async fn find_card(app: &App, actor: &Actor, id: ResponseId) -> Result<Card> {
    actor.must(Action::Moderate)?;
    let db = app.store.read();
    let response = responses::find(db, id)
        .await?
        .ok_or(Error::NotFound("response"))?;
    let sees_addresses = actor.may(Action::SeeAddresses);
    let mut known = Vec::new();
    let is_address = |by: &Trait| matches!(by, Trait::Email(_) | Trait::Ip(_) | Trait::Network(_));
    let mut traits = traits_of(&response);
    // Which responses are one person's would tell whose addresses are the same.
    traits.retain(|by| sees_addresses || !is_address(by));
    let rows = match traits.first() {
        Some(by) => people::list(db, by, SHOWN).await?,
        None => vec![response.clone()],
    };
    for by in traits {
        let record = Record::of(&people::list_states(db, &by, COUNTED).await?);
        known.push(Known { by, record });
    }
    let sender = Sender {
        email: response.author_email.as_deref(),
        ip: response.ip.as_deref(),
        url: response.author_url.as_deref(),
        source: response.source_url.as_deref(),
    };
    let mut standings = standings::list_for(db, &sender.blockable(), app.clock.now()).await?;
    if !sees_addresses {
        standings.retain(|row| matches!(row.scope, Scope::Author | Scope::Host));
    }
    let mut response = response;
    privacy::hide_in_response(actor, &mut response);
    Ok(Card {
        known,
        standings,
        entries: rows.into_iter().map(|row| entry(actor, row)).collect(),
        response,
    })
}

/// What became of what the sender of a response sent before; by what identifies them best.
pub async fn record_of(app: &App, response: &Response) -> Result<Option<Record>> {
    match traits_of(response).into_iter().next() {
        Some(by) => {
            let states = people::list_states(app.store.read(), &by, COUNTED).await?;
            Ok(Some(Record::of(&states)))
        }
        None => Ok(None),
    }
}

/// In which ways the sender of a response is known, the surest first.
fn traits_of(response: &Response) -> Vec<Trait> {
    let proof = response.proof_key.clone().map(Trait::Proof);
    let email = response.author_email.clone().map(Trait::Email);
    let url = response.author_url.clone().map(Trait::Url);
    let name = response.name_key.clone().map(Trait::Name);
    let ip = response.ip.clone().map(Trait::Ip);
    let network = response.network.clone().map(Trait::Network);
    [proof, email, url, ip, network, name]
        .into_iter()
        .flatten()
        .collect()
}
