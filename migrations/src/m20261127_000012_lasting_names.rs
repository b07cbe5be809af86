//! Names that last: what a feed calls an entry whatever becomes of the site's address, and one tag
//! for each name however many names make the same slug.

use std::collections::HashSet;

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::Statement;

use crate::dialect::{self, Dialect};

#[derive(DeriveMigrationName)]
pub struct Migration;

const COLUMNS: &[&str] = &[
    "ALTER TABLE posts ADD COLUMN guid TEXT",
    "CREATE UNIQUE INDEX posts_by_guid ON posts (guid)",
    // Rows without one are looked for at every start: an index of none costs nothing.
    "CREATE INDEX posts_without_guid ON posts (id) WHERE guid IS NULL",
    "ALTER TABLE responses ADD COLUMN guid TEXT",
    "CREATE UNIQUE INDEX responses_by_guid ON responses (guid)",
    "CREATE INDEX responses_without_guid ON responses (id) WHERE guid IS NULL",
    "ALTER TABLE tags ADD COLUMN name_key TEXT",
    "CREATE UNIQUE INDEX tags_by_name ON tags (name_key)",
];

const SQLITE_SITE_ID: &str = "INSERT INTO settings (name, value)
    VALUES ('site_id', lower(hex(randomblob(16))))";

const POSTGRES_SITE_ID: &str = "INSERT INTO settings (name, value)
    VALUES ('site_id', replace(gen_random_uuid()::text, '-', ''))";

pub const SAMPLE: &str = "INSERT INTO tags (id, slug, name, name_key)
    VALUES (1, 'c', 'C', 'c')";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, COLUMNS).await?;
        let site_id = match Dialect::of(manager) {
            Dialect::Sqlite => SQLITE_SITE_ID,
            Dialect::Postgres => POSTGRES_SITE_ID,
        };
        dialect::run(manager, &[site_id]).await?;
        key_tags(manager).await
    }
}

/// Gives the tags that are there their keys. Of two with the same, the older keeps it.
async fn key_tags(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = manager.get_connection();
    let backend = manager.get_database_backend();
    let rows = db
        .query_all_raw(Statement::from_string(
            backend,
            "SELECT id, name FROM tags ORDER BY id",
        ))
        .await?;
    let mut keys = HashSet::new();
    for row in rows {
        let (id, name): (i64, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        let key = name.to_lowercase();
        if keys.insert(key.clone()) {
            db.execute_raw(Statement::from_sql_and_values(
                backend,
                "UPDATE tags SET name_key = $1 WHERE id = $2",
                [key.into(), id.into()],
            ))
            .await?;
        }
    }
    Ok(())
}
