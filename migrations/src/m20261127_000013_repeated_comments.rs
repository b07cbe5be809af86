//! A comment that is sent twice gets the answer of the first time: it is found by its receipt, and
//! where the site refused it, the refusal is remembered for a short while.

use sea_orm_migration::prelude::*;

use crate::dialect;

#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &[&str] = &[
    "CREATE INDEX responses_by_receipt ON responses (receipt_hash)
        WHERE receipt_hash IS NOT NULL",
    "CREATE TABLE comment_refusals (
        receipt_hash TEXT PRIMARY KEY,
        message TEXT NOT NULL,
        expires_at BIGINT NOT NULL
    )",
    "CREATE INDEX comment_refusals_by_end ON comment_refusals (expires_at)",
];

pub const SAMPLE: &str = "INSERT INTO comment_refusals (receipt_hash, message, expires_at)
    VALUES ('00', 'No shops here', 1700000000000)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, TABLES).await
    }
}
