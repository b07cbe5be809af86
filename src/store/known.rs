//! Queries on what is known of whoever holds a proof: the responses that it sent and that are shown.

use sea_orm::sea_query::Query;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::error::Result;
use crate::store::entity::decision;
use crate::store::entity::ids::ResponseId;
use crate::store::entity::response::{Column, Entity, ResponseState};

/// So many addresses of one proof are looked at.
const MAX_EMAILS: u64 = 200;
/// The name under which the operator at the command line decides; other decisions without an account
/// are made by no person.
pub const OPERATOR: &str = "command line";

/// Who approved a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// A person.
    People,
    /// Anything: a person, a rule, or that nothing spoke against it.
    Anything,
}

/// The addresses that were typed on the shown responses that this proof sent, each once.
pub async fn list_emails(
    db: &impl ConnectionTrait,
    proof_key: &str,
    by: By,
) -> Result<Vec<Option<String>>> {
    let mut query = Entity::find()
        .select_only()
        .column(Column::AuthorEmail)
        .distinct()
        .filter(Column::ProofKey.eq(proof_key))
        .filter(Column::State.eq(ResponseState::Approved));
    if by == By::People {
        let approved = Query::select()
            .column(decision::Column::ResponseId)
            .from(decision::Entity)
            .and_where(decision::Column::ToState.eq(ResponseState::Approved))
            .cond_where(
                Condition::any()
                    .add(decision::Column::ActorId.is_not_null())
                    .add(decision::Column::ActorName.eq(OPERATOR)),
            )
            .to_owned();
        query = query.filter(Column::Id.in_subquery(approved));
    }
    Ok(query.limit(MAX_EMAILS).into_tuple().all(db).await?)
}

/// The last decision on a response.
pub async fn find_last_decision(
    db: &impl ConnectionTrait,
    id: ResponseId,
) -> Result<Option<decision::Model>> {
    Ok(decision::Entity::find()
        .filter(decision::Column::ResponseId.eq(id))
        .order_by_desc(decision::Column::Id)
        .one(db)
        .await?)
}

/// Whether a person made a decision.
pub fn is_by_person(decision: &decision::Model) -> bool {
    decision.actor_id.is_some() || decision.actor_name == OPERATOR
}
