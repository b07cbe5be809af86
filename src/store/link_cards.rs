//! Queries on link cards, and on which posts show them.

use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
};

use crate::clock::Moment;
use crate::error::Result;
use crate::store::entity::ids::{LinkCardId, MediaId, PostId};
use crate::store::entity::link_card::{ActiveModel, Column, Entity, LinkCardState, Model};
use crate::store::entity::link_card_use;

/// What a fetch found.
#[derive(Clone, Debug)]
pub struct CardContent {
    pub state: LinkCardState,
    pub title: String,
    pub description: String,
    pub site_name: String,
    pub media_id: Option<MediaId>,
    pub failures: i64,
}

/// The card with this key.
pub async fn find(db: &impl ConnectionTrait, id: LinkCardId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id(id).one(db).await?)
}

/// The cards of these addresses, in no order.
pub async fn list_by_urls(db: &impl ConnectionTrait, urls: &[String]) -> Result<Vec<Model>> {
    if urls.is_empty() {
        return Ok(Vec::new());
    }
    Ok(Entity::find()
        .filter(Column::Url.is_in(urls))
        .all(db)
        .await?)
}

/// Replaces the cards that a post shows, and makes those that are new; their keys.
pub async fn set_for_post(
    db: &impl ConnectionTrait,
    post: PostId,
    urls: &[String],
    now: Moment,
) -> Result<Vec<LinkCardId>> {
    link_card_use::Entity::delete_many()
        .filter(link_card_use::Column::PostId.eq(post))
        .exec(db)
        .await?;
    if urls.is_empty() {
        return Ok(Vec::new());
    }
    // In one order everywhere: two posts with the same cards wait for each other one way only.
    let mut urls = urls.to_vec();
    urls.sort();
    let rows = urls.iter().map(|url| ActiveModel {
        url: Set(url.clone()),
        state: Set(LinkCardState::Waiting),
        title: Set(String::new()),
        description: Set(String::new()),
        site_name: Set(String::new()),
        media_id: Set(None),
        failures: Set(0),
        fetched_at: Set(None),
        wanted_at: Set(now),
        ..Default::default()
    });
    // The row of a card that exists is written, too, so that it is not deleted as unused in the meantime.
    Entity::insert_many(rows)
        .on_conflict(
            OnConflict::column(Column::Url)
                .update_column(Column::WantedAt)
                .to_owned(),
        )
        .exec_without_returning(db)
        .await?;
    let ids: Vec<LinkCardId> = list_by_urls(db, &urls)
        .await?
        .into_iter()
        .map(|card| card.id)
        .collect();
    let uses = ids.iter().map(|card| link_card_use::ActiveModel {
        card_id: Set(*card),
        post_id: Set(post),
    });
    link_card_use::Entity::insert_many(uses)
        .on_conflict(
            OnConflict::columns([link_card_use::Column::CardId, link_card_use::Column::PostId])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(db)
        .await?;
    Ok(ids)
}

/// The posts that show a card, whatever their state, the newest first.
pub async fn list_posts(
    db: &impl ConnectionTrait,
    card: LinkCardId,
    limit: u64,
) -> Result<Vec<PostId>> {
    Ok(link_card_use::Entity::find()
        .select_only()
        .column(link_card_use::Column::PostId)
        .filter(link_card_use::Column::CardId.eq(card))
        .order_by_desc(link_card_use::Column::PostId)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await?)
}

/// Stores what a fetch found.
pub async fn set_content(
    db: &impl ConnectionTrait,
    id: LinkCardId,
    content: CardContent,
    now: Moment,
) -> Result<()> {
    let row = ActiveModel {
        state: Set(content.state),
        title: Set(content.title),
        description: Set(content.description),
        site_name: Set(content.site_name),
        media_id: Set(content.media_id),
        failures: Set(content.failures),
        fetched_at: Set(Some(now)),
        ..Default::default()
    };
    Entity::update_many()
        .set(row)
        .filter(Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}

/// Deletes the cards that no post shows, and that none has asked for since `moment`.
pub async fn delete_unused_since(db: &impl ConnectionTrait, moment: Moment) -> Result<()> {
    let used = Query::select()
        .column(link_card_use::Column::CardId)
        .from(link_card_use::Entity)
        .to_owned();
    Entity::delete_many()
        .filter(Column::WantedAt.lt(moment))
        .filter(Expr::col(Column::Id).not_in_subquery(used))
        .exec(db)
        .await?;
    Ok(())
}
