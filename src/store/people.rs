//! Queries on everything that one person sent, by what is known of them.

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::error::Result;
use crate::store::entity::ids::ResponseId;
use crate::store::entity::response::{Column, Entity, Model, ResponseState};

/// What a sender's responses are looked up by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SenderKey {
    /// What proves who they are: their browser, or the host that their page was read from.
    Proof(String),
    /// The email address that they typed.
    Email(String),
    /// Their name, folded.
    Name(String),
    /// The address that they write from.
    Ip(String),
    /// The network that they write from.
    Network(String),
    /// The site that they name as theirs.
    Url(String),
}

impl SenderKey {
    fn condition(&self) -> sea_orm::sea_query::SimpleExpr {
        match self {
            Self::Proof(key) => Column::ProofKey.eq(key.as_str()),
            Self::Email(email) => Column::AuthorEmail.eq(email.as_str()),
            Self::Name(name) => Column::NameKey.eq(name.as_str()),
            Self::Ip(ip) => Column::Ip.eq(ip.as_str()),
            Self::Network(network) => Column::Network.eq(network.as_str()),
            Self::Url(url) => Column::AuthorUrl.eq(url.as_str()),
        }
    }
}

/// The states of a sender's responses, newest first, up to `limit`.
pub async fn list_states(
    db: &impl ConnectionTrait,
    by: &SenderKey,
    limit: u64,
) -> Result<Vec<ResponseState>> {
    Ok(Entity::find()
        .select_only()
        .column(Column::State)
        .filter(by.condition())
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await?)
}

/// A sender's responses, newest first.
pub async fn list(db: &impl ConnectionTrait, by: &SenderKey, limit: u64) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(by.condition())
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(db)
        .await?)
}

/// The ids of a sender's approved and pending responses, newest first.
pub async fn list_open_ids(
    db: &impl ConnectionTrait,
    by: &SenderKey,
    limit: u64,
) -> Result<Vec<ResponseId>> {
    let open = [ResponseState::Pending, ResponseState::Approved];
    Ok(Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(by.condition())
        .filter(Column::State.is_in(open))
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await?)
}
