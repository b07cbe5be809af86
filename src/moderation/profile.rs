//! The profile of a sender: by what they are known, the policies for them, what they sent and what happened
//! to it. Addresses are only for those who may see them.

use crate::accounts::permissions::{Action, Actor};
use crate::app::App;
use crate::error::{Error, Result};
use crate::moderation::entry::QueueEntry;
use crate::moderation::privacy;
use crate::responses::person::SenderIdentifiers;
use crate::store::entity::ids::ResponseId;
use crate::store::entity::response::{Model as Response, ResponseState};
use crate::store::entity::sender_policy::{Model as SenderPolicyRow, Scope};
use crate::store::people::{self, SenderKey};
use crate::store::{responses, sender_policies};

/// Older responses of a sender are not counted.
const MAX_COUNTED: u64 = 1000;
const MAX_SHOWN: u64 = 20;

/// The number of a sender's responses in each state; of the newest thousand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SenderRecord {
    pub approved: u64,
    pub pending: u64,
    pub spam: u64,
    pub trash: u64,
}

impl SenderRecord {
    fn of(states: &[ResponseState]) -> Self {
        let count = |state| states.iter().filter(|other| **other == state).count() as u64;
        Self {
            approved: count(ResponseState::Approved),
            pending: count(ResponseState::Pending),
            spam: count(ResponseState::Spam),
            trash: count(ResponseState::Trash),
        }
    }

    pub fn total(&self) -> u64 {
        self.approved + self.pending + self.spam + self.trash
    }
}

/// A key by which a sender is known.
#[derive(Clone, Debug)]
pub struct KnownBy {
    pub by: SenderKey,
    /// What happened to all responses with this key.
    pub record: SenderRecord,
}

#[derive(Clone, Debug)]
pub struct SenderProfile {
    /// The response through which the profile was opened.
    pub response: Response,
    pub known: Vec<KnownBy>,
    /// The policies that apply to them.
    pub sender_policies: Vec<SenderPolicyRow>,
    /// Their responses by the most reliable key, newest first.
    pub entries: Vec<QueueEntry>,
}

/// The profile of the sender of a response.
pub async fn load_profile(app: &App, actor: &Actor, id: ResponseId) -> Result<SenderProfile> {
    actor.must(Action::Moderate)?;
    let db = app.store.read();
    let response = responses::find(db, id)
        .await?
        .ok_or(Error::NotFound("response"))?;
    let sees_addresses = actor.may(Action::SeeAddresses);
    let mut known = Vec::new();
    let is_address = |key: &SenderKey| {
        matches!(
            key,
            SenderKey::Email(_) | SenderKey::Ip(_) | SenderKey::Network(_)
        )
    };
    let mut keys = keys_of(&response);
    // Which responses share an address would reveal whose addresses are the same.
    keys.retain(|key| sees_addresses || !is_address(key));
    let rows = match keys.first() {
        Some(by) => people::list(db, by, MAX_SHOWN).await?,
        None => vec![response.clone()],
    };
    for by in keys {
        let record = SenderRecord::of(&people::list_states(db, &by, MAX_COUNTED).await?);
        known.push(KnownBy { by, record });
    }
    let sender = SenderIdentifiers {
        email: response.author_email.as_deref(),
        ip: response.ip.as_deref(),
        url: response.author_url.as_deref(),
        source: response.source_url.as_deref(),
    };
    let mut sender_policies =
        sender_policies::list_for(db, &sender.block_subjects(), app.clock.now()).await?;
    if !sees_addresses {
        sender_policies.retain(|row| matches!(row.scope, Scope::Author | Scope::Host));
    }
    let mut response = response;
    privacy::hide_in_response(actor, &mut response);
    Ok(SenderProfile {
        known,
        sender_policies,
        entries: rows
            .into_iter()
            .map(|row| QueueEntry::new(actor, row))
            .collect(),
        response,
    })
}

/// What happened to the responses of this response's sender, by the most reliable key.
pub async fn find_record(app: &App, response: &Response) -> Result<Option<SenderRecord>> {
    match keys_of(response).into_iter().next() {
        Some(by) => {
            let states = people::list_states(app.store.read(), &by, MAX_COUNTED).await?;
            Ok(Some(SenderRecord::of(&states)))
        }
        None => Ok(None),
    }
}

/// The keys of the sender of a response, the most reliable first.
fn keys_of(response: &Response) -> Vec<SenderKey> {
    let proof = response.proof_key.clone().map(SenderKey::Proof);
    let email = response.author_email.clone().map(SenderKey::Email);
    let url = response.author_url.clone().map(SenderKey::Url);
    let name = response.name_key.clone().map(SenderKey::Name);
    let ip = response.ip.clone().map(SenderKey::Ip);
    let network = response.network.clone().map(SenderKey::Network);
    [proof, email, url, ip, network, name]
        .into_iter()
        .flatten()
        .collect()
}
