//! Sessions that end with what their account was allowed, budgets that all nodes share, and a folded
//! text of each response to search in.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, Statement};
use unicode_normalization::UnicodeNormalization;

use crate::dialect::{self, Dialect};

#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &[&str] = &[
    // Counts up when the account's sessions end: one that was begun before is worth nothing.
    "ALTER TABLE users ADD COLUMN session_epoch BIGINT NOT NULL DEFAULT 0",
    // Those of before do not say whose they are: everybody signs in once more.
    "DELETE FROM sessions",
    "ALTER TABLE sessions ADD COLUMN user_id BIGINT REFERENCES users (id) ON DELETE CASCADE",
    "CREATE INDEX sessions_by_user ON sessions (user_id) WHERE user_id IS NOT NULL",
    "ALTER TABLE responses ADD COLUMN search_text TEXT NOT NULL DEFAULT ''",
];
/// A use of a budget is not worth a log record: after a crash of the server everybody begins anew.
const SHARED_LIMITS: &str = "CREATE UNLOGGED TABLE rate_limits (
    key TEXT PRIMARY KEY,
    arrival BIGINT NOT NULL,
    step BIGINT NOT NULL,
    burst BIGINT NOT NULL
)";
/// Rows of one piece of the work.
const PIECE: i64 = 500;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, TABLES).await?;
        if Dialect::of(manager) == Dialect::Postgres {
            dialect::run(manager, &[SHARED_LIMITS]).await?;
        }
        fold_texts(manager).await
    }
}

async fn fold_texts(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = manager.get_connection();
    let backend = manager.get_database_backend();
    let mut after = 0_i64;
    loop {
        let rows = db
            .query_all_raw(Statement::from_sql_and_values(
                backend,
                "SELECT id, author_name, body_markdown, body_html FROM responses
                 WHERE id > $1 ORDER BY id LIMIT $2",
                [after.into(), PIECE.into()],
            ))
            .await?;
        if rows.is_empty() {
            return Ok(());
        }
        for row in rows {
            after = row.try_get_by_index(0)?;
            let name: String = row.try_get_by_index(1)?;
            let markdown: String = row.try_get_by_index(2)?;
            let html: String = row.try_get_by_index(3)?;
            let text = if markdown.is_empty() { html } else { markdown };
            db.execute_raw(Statement::from_sql_and_values(
                backend,
                "UPDATE responses SET search_text = $1 WHERE id = $2",
                [folded(&format!("{name}\n{text}")).into(), after.into()],
            ))
            .await?;
        }
    }
}

/// As the application folded texts when this step was written.
fn folded(text: &str) -> String {
    text.nfkc()
        .flat_map(char::to_lowercase)
        .map(|c| if c == 'ς' { 'σ' } else { c })
        .collect()
}
