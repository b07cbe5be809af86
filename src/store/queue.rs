//! The queue's pages: the responses that a filter names, in one of three orders.

use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;

use sea_orm::sea_query::{BinOper, Expr, ExprTrait, Query, SimpleExpr};
use sea_orm::{
    ActiveEnum, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, Select,
};
use serde::{Deserialize, Serialize};

use crate::clock::Moment;
use crate::error::Result;
use crate::store::entity::ids::{PostId, ResponseId, RuleId, UserId};
use crate::store::entity::post;
use crate::store::entity::response::{Column, Entity, Model, ResponseKind, ResponseState};
use crate::store::search_text;

/// How many of the newest responses of a state a text search reads, so that its cost is bounded.
pub const MAX_SEARCHED: u64 = 20_000;

/// Which responses. Everything that is set must hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Filter {
    pub state: ResponseState,
    /// How they came in.
    pub kind: Option<ResponseKind>,
    /// The post that they answer.
    pub post: Option<PostId>,
    /// Their writer's email address.
    pub email: Option<String>,
    /// The address that they came from.
    pub ip: Option<String>,
    /// The network that they came from.
    pub network: Option<String>,
    /// Their writer's name, folded.
    pub name_key: Option<String>,
    /// A phrase in the text or the name.
    pub phrase: Option<String>,
    /// The name of the rule that gave a reason.
    pub check: Option<String>,
    /// The site's own rule that gave a reason.
    pub rule: Option<RuleId>,
    /// At least so risky, in thousandths.
    pub min_risk: Option<i64>,
    pub reported: bool,
    pub appealed: bool,
    /// On posts of this author.
    pub posts_of: Option<UserId>,
}

impl Default for Filter {
    fn default() -> Self {
        Self::of(ResponseState::Pending)
    }
}

impl Filter {
    /// Everything in a state.
    pub fn of(state: ResponseState) -> Self {
        Self {
            state,
            kind: None,
            post: None,
            email: None,
            ip: None,
            network: None,
            name_key: None,
            phrase: None,
            check: None,
            rule: None,
            min_risk: None,
            reported: false,
            appealed: false,
            posts_of: None,
        }
    }

    /// Whether it filters by more than the state.
    pub fn is_narrow(&self) -> bool {
        *self != Self::of(self.state)
    }

    /// Whether rows must be read to see whether they match.
    fn searches(&self) -> bool {
        self.phrase.is_some()
            || self.check.is_some()
            || self.rule.is_some()
            || self.kind.is_some()
            || self.min_risk.is_some()
            || self.posts_of.is_some()
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// What came in first.
    #[default]
    Oldest,
    /// What came in last.
    Newest,
    /// What is most likely spam.
    HighestRisk,
}

/// The last response of a page of the queue: the next page begins behind it. Its text form, for
/// addresses, is `TIME.ID.RISK`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Cursor {
    /// When it came in.
    pub created_at: Moment,
    /// Its key, which decides among those of one millisecond.
    pub id: ResponseId,
    /// Its risk, in thousandths.
    pub risk: i64,
}

impl From<&Model> for Cursor {
    fn from(row: &Model) -> Self {
        Self {
            created_at: row.created_at,
            id: row.id,
            risk: row.risk,
        }
    }
}

impl From<&PastRow> for Cursor {
    fn from(row: &PastRow) -> Self {
        Self {
            created_at: row.created_at,
            id: row.id,
            risk: row.risk,
        }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.created_at.0, self.id, self.risk)
    }
}

impl FromStr for Cursor {
    type Err = ParseIntError;

    fn from_str(text: &str) -> std::result::Result<Self, ParseIntError> {
        let mut parts = text.splitn(3, '.');
        let mut part = || parts.next().unwrap_or("").parse();
        Ok(Self {
            created_at: Moment(part()?),
            id: ResponseId(part()?),
            risk: part()?,
        })
    }
}

/// The time from which on responses are read where rows must be read to see whether they match; None
/// where there are fewer.
async fn floor(db: &impl ConnectionTrait, filter: &Filter) -> Result<Option<Moment>> {
    let is_bounded = filter.state != ResponseState::Pending
        && filter.searches()
        && !filter.reported
        && !filter.appealed;
    if !is_bounded {
        return Ok(None);
    }
    Ok(Entity::find()
        .select_only()
        .column(Column::CreatedAt)
        .filter(has_state(filter.state))
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .offset(MAX_SEARCHED - 1)
        .limit(1)
        .into_tuple()
        .one(db)
        .await?)
}

fn matching(filter: &Filter, floor: Option<Moment>) -> Select<Entity> {
    let mut query = Entity::find();
    // Reported and appealed responses are listed in any state.
    if filter.reported {
        query = query.filter(Column::Reported.gt(0));
    } else if filter.appealed {
        query = query.filter(Column::AppealedAt.is_not_null());
    } else {
        query = query.filter(has_state(filter.state));
        if let Some(Moment(floor)) = floor {
            let floor = format!("\"responses\".\"created_at\" >= {floor}");
            query = query.filter(Expr::cust(floor));
        }
    }
    let text = |column: Column, value: &Option<String>| {
        value.as_ref().map(|value| column.eq(value.as_str()))
    };
    let plain = [
        filter.kind.map(|kind| Column::Kind.eq(kind)),
        filter.post.map(|post| Column::PostId.eq(post)),
        filter.min_risk.map(|risk| Column::Risk.gte(risk)),
        text(Column::AuthorEmail, &filter.email),
        text(Column::Ip, &filter.ip),
        text(Column::Network, &filter.network),
        text(Column::NameKey, &filter.name_key),
    ];
    for condition in plain.into_iter().flatten() {
        query = query.filter(condition);
    }
    if let Some(phrase) = &filter.phrase {
        query = query.filter(search_text::contains(phrase));
    }
    if let Some(check) = &filter.check {
        let like = search_text::like(&format!("\"check\":\"{check}\""));
        query = query.filter(Expr::col(Column::Reasons).like(like));
    }
    if let Some(rule) = filter.rule {
        let like = search_text::like(&format!("\"rule\":[{rule},"));
        query = query.filter(Expr::col(Column::Reasons).like(like));
    }
    if let Some(author) = filter.posts_of {
        let own = Query::select()
            .column(post::Column::Id)
            .from(post::Entity)
            .and_where(post::Column::AuthorId.eq(author))
            .to_owned();
        query = query.filter(Column::PostId.in_subquery(own));
    }
    query
}

/// That a response has `state`, as a literal: the planners of both databases see from it which index fits,
/// which a value that is bound later hides from them.
pub(super) fn has_state(state: ResponseState) -> SimpleExpr {
    let name = state.to_value();
    Expr::cust(format!("\"responses\".\"state\" = '{name}'"))
}

/// A page of what matches, from the beginning or behind `after`.
pub async fn page(
    db: &impl ConnectionTrait,
    filter: &Filter,
    order: Order,
    after: Option<Cursor>,
    size: u64,
) -> Result<Vec<Model>> {
    let mut query = matching(filter, floor(db, filter).await?);
    if let Some(after) = after {
        let later = time_order(BinOper::GreaterThan, after.created_at, after.id);
        query = query.filter(match order {
            Order::Oldest => later,
            Order::Newest => time_order(BinOper::SmallerThan, after.created_at, after.id),
            Order::HighestRisk => Column::Risk
                .lt(after.risk)
                .or(Column::Risk.eq(after.risk).and(later)),
        });
    }
    query = match order {
        Order::Oldest => oldest_first(query),
        Order::Newest => newest_first(query),
        Order::HighestRisk => oldest_first(query.order_by_desc(Column::Risk)),
    };
    Ok(query.limit(size).all(db).await?)
}

fn oldest_first(query: Select<Entity>) -> Select<Entity> {
    query
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::Id)
}

fn newest_first(query: Select<Entity>) -> Select<Entity> {
    query
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
}

/// That (time, id) of a response lies before or behind the given one: a row comparison, which both
/// databases answer from an index.
fn time_order(than: BinOper, created_at: Moment, id: ResponseId) -> SimpleExpr {
    let of_row = Expr::tuple([
        Expr::col((Entity, Column::CreatedAt)),
        Expr::col((Entity, Column::Id)),
    ]);
    of_row.binary(
        than,
        Expr::tuple([Expr::value(created_at.0), Expr::value(id.0)]),
    )
}

/// How many match, counted up to `most`.
pub async fn count(db: &impl ConnectionTrait, filter: &Filter, most: u64) -> Result<u64> {
    Ok(matching(filter, floor(db, filter).await?)
        .select_only()
        .column(Column::Id)
        .limit(most)
        .count(db)
        .await?)
}

/// What matches with no key above `last`, oldest first, behind `after`; for work on all of it, a chunk at
/// a time. A cursor keeps its place whatever becomes of its response.
pub async fn list_cursors(
    db: &impl ConnectionTrait,
    filter: &Filter,
    after: Option<Cursor>,
    last: ResponseId,
    limit: u64,
) -> Result<Vec<Cursor>> {
    let mut query = matching(filter, floor(db, filter).await?)
        .select_only()
        .columns([Column::CreatedAt, Column::Id, Column::Risk])
        .filter(Column::Id.lte(last));
    if let Some(after) = after {
        query = query.filter(time_order(BinOper::GreaterThan, after.created_at, after.id));
    }
    Ok(oldest_first(query)
        .limit(limit)
        .into_model()
        .all(db)
        .await?)
}

/// The highest key of all.
pub async fn last_id(db: &impl ConnectionTrait) -> Result<ResponseId> {
    let last: Option<ResponseId> = Entity::find()
        .select_only()
        .column(Column::Id)
        .order_by_desc(Column::Id)
        .limit(1)
        .into_tuple()
        .one(db)
        .await?;
    Ok(last.unwrap_or(ResponseId(0)))
}

/// A past response, as a dry run of a rule reads it.
#[derive(Clone, Debug, FromQueryResult)]
pub struct PastRow {
    pub id: ResponseId,
    /// The post it answers.
    pub post_id: PostId,
    /// How it came in.
    pub kind: ResponseKind,
    pub state: ResponseState,
    pub author_name: String,
    pub author_email: Option<String>,
    /// The writer's own site.
    pub author_url: Option<String>,
    /// Set where staff wrote it.
    pub author_id: Option<UserId>,
    /// The page that links here.
    pub source_url: Option<String>,
    pub body_markdown: String,
    pub body_html: String,
    pub reasons: String,
    /// Where it came from.
    pub ip: Option<String>,
    pub risk: i64,
    pub created_at: Moment,
}

impl From<&Model> for PastRow {
    fn from(row: &Model) -> Self {
        Self {
            id: row.id,
            post_id: row.post_id,
            kind: row.kind,
            state: row.state,
            author_name: row.author_name.clone(),
            author_email: row.author_email.clone(),
            author_url: row.author_url.clone(),
            author_id: row.author_id,
            source_url: row.source_url.clone(),
            body_markdown: row.body_markdown.clone(),
            body_html: row.body_html.clone(),
            reasons: row.reasons.clone(),
            ip: row.ip.clone(),
            risk: row.risk,
            created_at: row.created_at,
        }
    }
}

/// Past responses before `before`, the newest first; from the newest of all where there is none.
pub async fn list_past(
    db: &impl ConnectionTrait,
    before: Option<Cursor>,
    limit: u64,
) -> Result<Vec<PastRow>> {
    let mut query = Entity::find().select_only().columns([
        Column::Id,
        Column::PostId,
        Column::Kind,
        Column::State,
        Column::AuthorName,
        Column::AuthorEmail,
        Column::AuthorUrl,
        Column::AuthorId,
        Column::SourceUrl,
        Column::BodyMarkdown,
        Column::BodyHtml,
        Column::Reasons,
        Column::Ip,
        Column::Risk,
        Column::CreatedAt,
    ]);
    if let Some(before) = before {
        query = query.filter(time_order(
            BinOper::SmallerThan,
            before.created_at,
            before.id,
        ));
    }
    Ok(newest_first(query)
        .limit(limit)
        .into_model()
        .all(db)
        .await?)
}

/// A response's sender and its text as shown.
#[derive(Clone, Debug, FromQueryResult)]
pub struct ResponseText {
    pub id: ResponseId,
    pub author_name: String,
    pub body_html: String,
}

/// The senders and texts of the responses with these keys, in no order.
pub async fn list_texts(
    db: &impl ConnectionTrait,
    ids: &[ResponseId],
) -> Result<Vec<ResponseText>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(Entity::find()
        .select_only()
        .columns([Column::Id, Column::AuthorName, Column::BodyHtml])
        .filter(Column::Id.is_in(ids.iter().copied()))
        .into_model()
        .all(db)
        .await?)
}

/// The responses with these keys.
pub async fn list(db: &impl ConnectionTrait, ids: &[ResponseId]) -> Result<Vec<Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(Entity::find()
        .filter(Column::Id.is_in(ids.iter().copied()))
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::Id)
        .all(db)
        .await?)
}
