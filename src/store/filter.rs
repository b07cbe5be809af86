//! Queries on what the filter has learned, and on how it did.

use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
};

use crate::error::Result;
use crate::store::entity::filter_bucket::{self, Entity};
use crate::store::entity::filter_day;

/// The bucket in which all features count.
const ALL: i64 = -1;
/// The bucket in which all responses count.
const RESPONSES: i64 = -2;
/// The advisory lock under which nodes learn one after the other: "learn" in ASCII.
const LEARN_LOCK: i64 = 0x6c_65_61_72_6e;
/// Rows of one statement: databases limit the values in it.
const MAX_ROWS_PER_STATEMENT: usize = 5_000;

/// A bucket's number, and how often it occurred in spam and in wanted responses.
pub type Row = (i64, i64, i64);

/// Serialises learning until the transaction ends. SQLite needs no lock: it has one writer.
pub async fn lock(tx: &impl ConnectionTrait) -> Result<()> {
    if tx.get_database_backend() == DbBackend::Postgres {
        let lock = format!("SELECT pg_advisory_xact_lock({LEARN_LOCK})");
        tx.execute_unprepared(&lock).await?;
    }
    Ok(())
}

/// From how much was learned; each pair is spam and what was wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Features, counted once per response.
    pub features: (i64, i64),
    pub responses: (i64, i64),
}

/// What was learned of these buckets, and of all.
pub async fn find(db: &impl ConnectionTrait, buckets: &[i64]) -> Result<(Totals, Vec<Row>)> {
    let mut rows: Vec<Row> = Vec::new();
    let wanted: Vec<i64> = buckets.iter().copied().chain([ALL, RESPONSES]).collect();
    for wanted in wanted.chunks(MAX_ROWS_PER_STATEMENT) {
        let found: Vec<Row> = Entity::find()
            .select_only()
            .columns([
                filter_bucket::Column::Bucket,
                filter_bucket::Column::Spam,
                filter_bucket::Column::Ham,
            ])
            .filter(filter_bucket::Column::Bucket.is_in(wanted.iter().copied()))
            .into_tuple()
            .all(db)
            .await?;
        rows.extend(found);
    }
    let total = |bucket| {
        rows.iter()
            .find(|row| row.0 == bucket)
            .map_or((0, 0), |row| (row.1, row.2))
    };
    let totals = Totals {
        features: total(ALL),
        responses: total(RESPONSES),
    };
    rows.retain(|row| row.0 >= 0);
    Ok((totals, rows))
}

/// Adds to what was learned. What is added may be negative.
pub async fn add(db: &impl ConnectionTrait, totals: Totals, mut rows: Vec<Row>) -> Result<()> {
    rows.push((ALL, totals.features.0, totals.features.1));
    rows.push((RESPONSES, totals.responses.0, totals.responses.1));
    // In one order, so that two nodes cannot wait for each other.
    rows.sort_unstable();
    for rows in rows.chunks(MAX_ROWS_PER_STATEMENT) {
        let new = rows
            .iter()
            .map(|(bucket, spam, ham)| filter_bucket::ActiveModel {
                bucket: Set(*bucket),
                spam: Set(*spam),
                ham: Set(*ham),
            });
        let more = |column: filter_bucket::Column, name: &'static str| {
            let kept = Expr::col((Entity, column));
            (column, kept.add(Expr::col(("excluded", name))))
        };
        Entity::insert_many(new)
            .on_conflict(
                OnConflict::column(filter_bucket::Column::Bucket)
                    .values([
                        more(filter_bucket::Column::Spam, "spam"),
                        more(filter_bucket::Column::Ham, "ham"),
                    ])
                    .to_owned(),
            )
            .exec_without_returning(db)
            .await?;
    }
    Ok(())
}

/// Adds to how the filter did on a day.
pub async fn add_day(db: &impl ConnectionTrait, day: filter_day::Model) -> Result<()> {
    let more = |column: filter_day::Column, name: &'static str| {
        let kept = Expr::col((filter_day::Entity, column));
        (column, kept.add(Expr::col(("excluded", name))))
    };
    filter_day::Entity::insert(filter_day::ActiveModel {
        day: Set(day.day),
        spam_caught: Set(day.spam_caught),
        spam_missed: Set(day.spam_missed),
        ham_held: Set(day.ham_held),
        ham_passed: Set(day.ham_passed),
    })
    .on_conflict(
        OnConflict::column(filter_day::Column::Day)
            .values([
                more(filter_day::Column::SpamCaught, "spam_caught"),
                more(filter_day::Column::SpamMissed, "spam_missed"),
                more(filter_day::Column::HamHeld, "ham_held"),
                more(filter_day::Column::HamPassed, "ham_passed"),
            ])
            .to_owned(),
    )
    .exec_without_returning(db)
    .await?;
    Ok(())
}

/// How the filter did from `day` on, the oldest first.
pub async fn list_days(
    db: &impl ConnectionTrait,
    day: i64,
    limit: u64,
) -> Result<Vec<filter_day::Model>> {
    Ok(filter_day::Entity::find()
        .filter(filter_day::Column::Day.gte(day))
        .order_by_asc(filter_day::Column::Day)
        .limit(limit)
        .all(db)
        .await?)
}
