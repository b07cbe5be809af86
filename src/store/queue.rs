//! The queue's pages: the responses that a filter names, in one of three orders.

use sea_orm::sea_query::{Expr, ExprTrait, Query, SimpleExpr};
use sea_orm::{
    ActiveEnum, ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};
use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::store::entity::ids::{PostId, ResponseId, RuleId, UserId};
use crate::store::entity::post;
use crate::store::entity::response::{Column, Entity, Model, ResponseKind, ResponseState};
use crate::store::search_text;

/// Words are looked for in so many of the newest responses of a state, so that the work is bounded.
pub const SEARCHED: u64 = 20_000;

/// Which responses. Everything that is set must hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Filter {
    /// Where they stand.
    pub state: ResponseState,
    /// How they came in.
    pub kind: Option<ResponseKind>,
    /// The post that they answer.
    pub post: Option<PostId>,
    /// Their writer's e-mail address.
    pub email: Option<String>,
    /// The address that they came from.
    pub ip: Option<String>,
    /// The network that they came from.
    pub network: Option<String>,
    /// Their writer's name, folded.
    pub name_key: Option<String>,
    /// Words in the text or the name.
    pub words: Option<String>,
    /// The name of the rule that gave a reason.
    pub rule: Option<String>,
    /// The site's own rule that gave a reason.
    pub site_rule: Option<RuleId>,
    /// At least so risky, in thousandths.
    pub min_risk: Option<i64>,
    /// Reported by readers.
    pub reported: bool,
    /// Their writer appealed.
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
            words: None,
            rule: None,
            site_rule: None,
            min_risk: None,
            reported: false,
            appealed: false,
            posts_of: None,
        }
    }

    /// Whether anything but the state is asked for.
    pub fn is_narrow(&self) -> bool {
        *self != Self::of(self.state)
    }

    /// Whether rows must be read to see whether they match.
    fn searches(&self) -> bool {
        self.words.is_some()
            || self.rule.is_some()
            || self.site_rule.is_some()
            || self.kind.is_some()
            || self.min_risk.is_some()
            || self.posts_of.is_some()
    }
}

/// Which comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// What came in first.
    #[default]
    Oldest,
    /// What came in last.
    Newest,
    /// What is most likely spam.
    Riskiest,
}

/// Where a page of the queue begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    /// At the beginning.
    Start,
    /// Behind this response, with its risk.
    After(ResponseId, i64),
}

/// The oldest response that is looked at where rows must be read to see whether they match; None where
/// there are fewer.
async fn floor(db: &impl ConnectionTrait, filter: &Filter) -> Result<Option<ResponseId>> {
    let is_bounded = filter.state != ResponseState::Pending
        && filter.searches()
        && !filter.reported
        && !filter.appealed;
    if !is_bounded {
        return Ok(None);
    }
    Ok(Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(stands(filter.state))
        .order_by_desc(Column::Id)
        .offset(SEARCHED - 1)
        .limit(1)
        .into_tuple()
        .one(db)
        .await?)
}

fn matching(filter: &Filter, floor: Option<ResponseId>) -> Select<Entity> {
    let mut query = Entity::find();
    // Reported and appealed responses stand in any state.
    if filter.reported {
        query = query.filter(Column::Reported.gt(0));
    } else if filter.appealed {
        query = query.filter(Column::AppealedAt.is_not_null());
    } else {
        query = query.filter(stands(filter.state));
        if let Some(ResponseId(floor)) = floor {
            query = query.filter(Expr::cust(format!("\"responses\".\"id\" >= {floor}")));
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
    if let Some(words) = &filter.words {
        query = query.filter(search_text::says(words));
    }
    if let Some(rule) = &filter.rule {
        let like = search_text::like(&format!("\"rule\":\"{rule}\""));
        query = query.filter(Expr::col(Column::Reasons).like(like));
    }
    if let Some(rule) = filter.site_rule {
        let like = search_text::like(&format!("\"site_rule\":[{rule},"));
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

/// Where a response stands, as a literal: the planners of both databases see from it which index fits,
/// which a value that is bound later hides from them.
fn stands(state: ResponseState) -> SimpleExpr {
    let name = state.to_value();
    Expr::cust(format!("\"responses\".\"state\" = '{name}'"))
}

/// A page of what matches.
pub async fn page(
    db: &impl ConnectionTrait,
    filter: &Filter,
    order: Order,
    from: From,
    size: u64,
) -> Result<Vec<Model>> {
    let mut query = matching(filter, floor(db, filter).await?);
    if let From::After(id, risk) = from {
        query = match order {
            Order::Oldest => query.filter(Column::Id.gt(id)),
            Order::Newest => query.filter(Column::Id.lt(id)),
            Order::Riskiest => query.filter(
                Condition::any().add(Column::Risk.lt(risk)).add(
                    Condition::all()
                        .add(Column::Risk.eq(risk))
                        .add(Column::Id.gt(id)),
                ),
            ),
        };
    }
    query = match order {
        Order::Oldest => query.order_by_asc(Column::Id),
        Order::Newest => query.order_by_desc(Column::Id),
        Order::Riskiest => query.order_by_desc(Column::Risk).order_by_asc(Column::Id),
    };
    Ok(query.limit(size).all(db).await?)
}

/// How many match, and the highest key among them; counted up to `most`.
pub async fn count(db: &impl ConnectionTrait, filter: &Filter, most: u64) -> Result<u64> {
    Ok(matching(filter, floor(db, filter).await?)
        .select_only()
        .column(Column::Id)
        .limit(most)
        .count(db)
        .await?)
}

/// The keys of what matches, oldest first, behind `after` and up to `last`; for work on all of it, a
/// piece at a time.
pub async fn list_ids(
    db: &impl ConnectionTrait,
    filter: &Filter,
    after: ResponseId,
    last: ResponseId,
    limit: u64,
) -> Result<Vec<ResponseId>> {
    Ok(matching(filter, floor(db, filter).await?)
        .select_only()
        .column(Column::Id)
        .filter(Column::Id.gt(after))
        .filter(Column::Id.lte(last))
        .order_by_asc(Column::Id)
        .limit(limit)
        .into_tuple()
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

/// What the time machine looks at.
#[derive(Clone, Debug, FromQueryResult)]
pub struct PastRow {
    /// Key.
    pub id: ResponseId,
    /// The post it answers.
    pub post_id: PostId,
    /// How it came in.
    pub kind: ResponseKind,
    /// Where it stands.
    pub state: ResponseState,
    /// The writer's name.
    pub author_name: String,
    /// The writer's address.
    pub author_email: Option<String>,
    /// The writer's own site.
    pub author_url: Option<String>,
    /// Set where staff wrote it.
    pub author_id: Option<UserId>,
    /// The page that links here.
    pub source_url: Option<String>,
    /// As written.
    pub body_markdown: String,
    /// As shown.
    pub body_html: String,
    /// JSON.
    pub reasons: String,
    /// Where it came from.
    pub ip: Option<String>,
    /// When it came in.
    pub created_at: crate::clock::Moment,
}

impl std::convert::From<&Model> for PastRow {
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
            created_at: row.created_at,
        }
    }
}

/// Past responses before `before`, the newest first.
pub async fn list_past(
    db: &impl ConnectionTrait,
    before: ResponseId,
    limit: u64,
) -> Result<Vec<PastRow>> {
    Ok(Entity::find()
        .select_only()
        .columns([
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
            Column::CreatedAt,
        ])
        .filter(Column::Id.lt(before))
        .order_by_desc(Column::Id)
        .limit(limit)
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
        .order_by_asc(Column::Id)
        .all(db)
        .await?)
}
