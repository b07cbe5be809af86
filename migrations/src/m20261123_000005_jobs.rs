//! Work that is done after the request that caused it, also after a restart.

use sea_orm_migration::prelude::*;

use crate::dialect;

#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &[&str] = &[
    "CREATE TABLE jobs (
        id {id},
        payload TEXT NOT NULL,
        state TEXT NOT NULL,
        run_at BIGINT NOT NULL,
        attempts BIGINT NOT NULL,
        leased_until BIGINT,
        last_error TEXT,
        created_at BIGINT NOT NULL,
        finished_at BIGINT
    )",
    "CREATE INDEX jobs_due ON jobs (state, run_at, id)",
];

pub const SAMPLE: &str = r#"INSERT INTO jobs
    (id, payload, state, run_at, attempts, created_at)
    VALUES (1, '{"verify_linkback":{"linkback":1}}', 'waiting', 1700000000000, 0, 1700000000000)"#;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, TABLES).await
    }
}
