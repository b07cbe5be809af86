//! Queries on linkbacks to other sites.

use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, Set,
};

use crate::clock::Moment;
use crate::error::Result;
use crate::store::entity::ids::{OutgoingLinkbackId, PostId, UserId};
use crate::store::entity::linkback::Protocol;
use crate::store::entity::outgoing_linkback::{ActiveModel, Column, Entity, Model, OutgoingState};
use crate::store::entity::post;

/// A linkback to send.
#[derive(Clone, Debug)]
pub struct NewOutgoingLinkback {
    /// The post that links.
    pub post_id: PostId,
    pub source_url: String,
    /// The page that it links to.
    pub target_url: String,
    /// The same without its fragment.
    pub target_key: String,
    pub title: String,
    /// The text around the link.
    pub excerpt: String,
}

/// What came of a try.
#[derive(Clone, Debug)]
pub struct DeliveryOutcome {
    /// How far it has come.
    pub state: OutgoingState,
    /// The protocol that it came by.
    pub protocol: Option<Protocol>,
    pub endpoint_url: Option<String>,
    /// The HTTP status of the answer.
    pub status: Option<u16>,
    /// The other site's answer, or what went wrong.
    pub answer: String,
    /// The other site's status page for it.
    pub status_url: Option<String>,
    /// When it is tried again.
    pub next_try: Option<Moment>,
    /// How often it was tried in this round.
    pub tries: i64,
    /// How often in a row it was put off because of the rate limit for its host.
    pub deferrals: i64,
    /// Until when the endpoint may be used without another discovery.
    pub endpoint_known_until: Option<Moment>,
}

/// The notice with this key.
pub async fn find(db: &impl ConnectionTrait, id: OutgoingLinkbackId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// All notices of a post, in the order in which its links were seen.
pub async fn list_for_post(db: &impl ConnectionTrait, post: PostId) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::PostId.eq(post))
        .order_by_asc(Column::Id)
        .all(db)
        .await?)
}

/// Whether a post ever had a linkback to send.
pub async fn exists_for_post(db: &impl ConnectionTrait, post: PostId) -> Result<bool> {
    let one = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::PostId.eq(post))
        .limit(1)
        .into_tuple::<OutgoingLinkbackId>()
        .one(db)
        .await?;
    Ok(one.is_some())
}

/// The notices that changed last, of all posts or of one author's.
pub async fn list_newest(
    db: &impl ConnectionTrait,
    author: Option<UserId>,
    limit: u64,
) -> Result<Vec<Model>> {
    let mut query = Entity::find();
    if let Some(author) = author {
        query = query.filter(
            Column::PostId.in_subquery(
                Query::select()
                    .column(post::Column::Id)
                    .from(post::Entity)
                    .and_where(post::Column::AuthorId.eq(author))
                    .to_owned(),
            ),
        );
    }
    Ok(query
        .order_by_desc(Column::UpdatedAt)
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(db)
        .await?)
}

/// Adds a notice that waits to be sent.
pub async fn insert(
    db: &impl ConnectionTrait,
    new: NewOutgoingLinkback,
    now: Moment,
) -> Result<Model> {
    let row = ActiveModel {
        post_id: Set(new.post_id),
        source_url: Set(new.source_url),
        target_url: Set(new.target_url),
        target_key: Set(new.target_key),
        title: Set(new.title),
        excerpt: Set(new.excerpt),
        is_linked: Set(true),
        state: Set(OutgoingState::Waiting),
        answer: Set(String::new()),
        round: Set(1),
        tries: Set(0),
        next_try: Set(Some(now)),
        deferrals: Set(0),
        deliveries_begun: Set(0),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    Ok(row.insert(db).await?)
}

/// Begins another round of notifying: the post changed, or does not link there any more (`new` is
/// None).
pub async fn set_waiting(
    db: &impl ConnectionTrait,
    notice: Model,
    new: Option<NewOutgoingLinkback>,
    now: Moment,
) -> Result<Model> {
    let round = notice.round + 1;
    let mut row = notice.into_active_model();
    row.is_linked = Set(new.is_some());
    if let Some(new) = new {
        row.source_url = Set(new.source_url);
        row.target_url = Set(new.target_url);
        row.title = Set(new.title);
        row.excerpt = Set(new.excerpt);
    }
    row.state = Set(OutgoingState::Waiting);
    row.round = Set(round);
    row.tries = Set(0);
    row.next_try = Set(Some(now));
    row.endpoint_known_until = Set(None);
    row.deferrals = Set(0);
    row.deliveries_begun = Set(0);
    row.updated_at = Set(now);
    Ok(row.update(db).await?)
}

/// Marks a linkback as unlinked where the other site need not be notified of that.
pub async fn set_unlinked(db: &impl ConnectionTrait, notice: Model, now: Moment) -> Result<()> {
    let mut row = notice.into_active_model();
    row.is_linked = Set(false);
    row.updated_at = Set(now);
    row.update(db).await?;
    Ok(())
}

/// Records that a delivery begins, and by which endpoint; false where another round has begun. What the
/// other side answers is noted by [`set_outcome`]: where that is missing, nobody knows whether it heard.
pub async fn begin_delivery(
    db: &impl ConnectionTrait,
    notice: &Model,
    (protocol, endpoint_url): (Protocol, &str),
    endpoint_known_until: Moment,
) -> Result<bool> {
    let begun = Entity::update_many()
        .col_expr(Column::Protocol, Expr::value(protocol))
        .col_expr(Column::EndpointUrl, Expr::value(endpoint_url))
        .col_expr(
            Column::EndpointKnownUntil,
            Expr::value(endpoint_known_until),
        )
        .col_expr(
            Column::DeliveriesBegun,
            Expr::col(Column::DeliveriesBegun).add(1),
        )
        .filter(Column::Id.eq(notice.id))
        .filter(Column::Round.eq(notice.round))
        .exec(db)
        .await?;
    Ok(begun.rows_affected > 0)
}

/// Notes what came of a try in this round; nothing where another round has begun.
pub async fn set_outcome(
    db: &impl ConnectionTrait,
    notice: &Model,
    outcome: DeliveryOutcome,
    now: Moment,
) -> Result<()> {
    let row = ActiveModel {
        state: Set(outcome.state),
        protocol: Set(outcome.protocol),
        endpoint_url: Set(outcome.endpoint_url),
        status: Set(outcome.status.map(i64::from)),
        answer: Set(outcome.answer),
        status_url: Set(outcome.status_url),
        tries: Set(outcome.tries),
        next_try: Set(outcome.next_try),
        deferrals: Set(outcome.deferrals),
        endpoint_known_until: Set(outcome.endpoint_known_until),
        deliveries_begun: Set(0),
        updated_at: Set(now),
        ..Default::default()
    };
    Entity::update_many()
        .set(row)
        .filter(Column::Id.eq(notice.id))
        .filter(Column::Round.eq(notice.round))
        .exec(db)
        .await?;
    Ok(())
}
