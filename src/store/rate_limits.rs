//! Queries on the budgets that all nodes of a site share. The table is there on PostgreSQL alone, and
//! unlogged: after a crash of the server everybody begins with a whole budget.

use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};

use crate::clock::Moment;
use crate::error::Result;

/// One use of a budget; see `limits::gcra` for what the numbers mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// A hash of what is counted and for whom.
    pub key: String,
    /// What one use costs, in milliseconds.
    pub step: i64,
    /// What may be used at once, in milliseconds.
    pub burst: i64,
}

/// Takes one from each of these budgets in one statement, and returns the keys of those that had one
/// left. The row's lock lets nodes take turns, so that no two of them take the same one.
pub async fn take(db: &impl ConnectionTrait, charges: &[Charge], now: i64) -> Result<Vec<String>> {
    let mut charges = charges.to_vec();
    // In one order, so that two statements cannot wait for each other.
    charges.sort_unstable_by(|a, b| a.key.cmp(&b.key));
    let mut values: Vec<Value> = vec![now.into()];
    let mut rows = Vec::new();
    for charge in charges {
        let nth = values.len();
        rows.push(format!(
            "(${}, $1 + ${}::BIGINT, ${}::BIGINT, ${}::BIGINT)",
            nth + 1,
            nth + 2,
            nth + 2,
            nth + 3
        ));
        values.extend([charge.key.into(), charge.step.into(), charge.burst.into()]);
    }
    let used = "LEAST(GREATEST(rate_limits.arrival, $1), $1 + excluded.burst)";
    let sql = format!(
        "INSERT INTO rate_limits (key, arrival, step, burst) VALUES {}
         ON CONFLICT (key) DO UPDATE
         SET arrival = {used} + excluded.step, step = excluded.step, burst = excluded.burst
         WHERE {used} + excluded.step - $1 <= excluded.burst
         RETURNING key",
        rows.join(", ")
    );
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
    let taken = db.query_all_raw(statement).await?;
    let keys = taken.iter().map(|row| row.try_get_by_index::<String>(0));
    Ok(keys.collect::<std::result::Result<_, _>>()?)
}

/// Gives one back to each of these budgets.
pub async fn give_back(db: &impl ConnectionTrait, charges: &[Charge]) -> Result<()> {
    let mut charges = charges.to_vec();
    charges.sort_unstable_by(|a, b| a.key.cmp(&b.key));
    for charge in charges {
        let statement = Statement::from_sql_and_values(
            DbBackend::Postgres,
            "UPDATE rate_limits SET arrival = arrival - $2 WHERE key = $1",
            [charge.key.into(), charge.step.into()],
        );
        db.execute_raw(statement).await?;
    }
    Ok(())
}

/// The theoretical arrival times of these keys.
pub async fn find(db: &impl ConnectionTrait, keys: &[String]) -> Result<Vec<(String, i64)>> {
    let mut found = Vec::new();
    for key in keys {
        let statement = Statement::from_sql_and_values(
            DbBackend::Postgres,
            "SELECT arrival FROM rate_limits WHERE key = $1",
            [key.clone().into()],
        );
        if let Some(row) = db.query_one_raw(statement).await? {
            found.push((key.clone(), row.try_get_by_index(0)?));
        }
    }
    Ok(found)
}

/// Forgets the keys whose budget is whole again.
pub async fn delete_idle(db: &impl ConnectionTrait, now: Moment) -> Result<()> {
    let statement = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "DELETE FROM rate_limits WHERE arrival <= $1",
        [now.0.into()],
    );
    db.execute_raw(statement).await?;
    Ok(())
}
