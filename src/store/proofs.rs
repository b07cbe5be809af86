//! Queries on what is known of the holder of a proof: the browser or the host behind responses that were
//! approved.

use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::error::Result;
use crate::store::decisions::OPERATOR;
use crate::store::entity::decision;
use crate::store::entity::response::{Column, Entity, ResponseState};
use crate::store::queue::has_state;

/// How many email addresses of one proof are read.
const MAX_EMAILS: u64 = 200;

/// Who approved a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApprovedBy {
    People,
    /// Anything: a person, a rule, or that nothing spoke against it.
    Anything,
}

/// The addresses that were typed on the shown responses that this proof sent, each once.
pub async fn list_emails(
    db: &impl ConnectionTrait,
    proof_key: &str,
    by: ApprovedBy,
) -> Result<Vec<Option<String>>> {
    let mut query = Entity::find()
        .select_only()
        .column(Column::AuthorEmail)
        .distinct()
        .filter(Column::ProofKey.eq(proof_key))
        .filter(has_state(ResponseState::Approved));
    if by == ApprovedBy::People {
        let approved = Query::select()
            .column(decision::Column::Id)
            .from(decision::Entity)
            .and_where(
                Expr::col((decision::Entity, decision::Column::ResponseId))
                    .equals((Entity, Column::Id)),
            )
            .and_where(decision::Column::ToState.eq(ResponseState::Approved))
            .cond_where(
                Condition::any()
                    .add(decision::Column::ActorId.is_not_null())
                    .add(decision::Column::ActorName.eq(OPERATOR)),
            )
            .to_owned();
        query = query.filter(Expr::exists(approved));
    }
    Ok(query.limit(MAX_EMAILS).into_tuple().all(db).await?)
}
