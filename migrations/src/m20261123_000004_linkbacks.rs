//! What other sites told us: one row a source and post, whatever the protocol.

use sea_orm_migration::prelude::*;

use crate::dialect;

#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &[&str] = &[
    "CREATE TABLE linkbacks (
        id {id},
        post_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
        protocol TEXT NOT NULL,
        source_url TEXT NOT NULL,
        source_key TEXT NOT NULL,
        target_url TEXT NOT NULL,
        state TEXT NOT NULL,
        refusal TEXT,
        response_id BIGINT REFERENCES responses (id) ON DELETE SET NULL,
        ip TEXT,
        received_at BIGINT NOT NULL,
        checked_at BIGINT
    )",
    "CREATE UNIQUE INDEX linkbacks_once ON linkbacks (post_id, source_key)",
    "CREATE INDEX linkbacks_by_response ON linkbacks (response_id)
        WHERE response_id IS NOT NULL",
];

pub const SAMPLE: &str = "INSERT INTO linkbacks
    (id, post_id, protocol, source_url, source_key, target_url, state, received_at)
    VALUES (1, 1, 'pingback', 'https://blog.example/a', 'https://blog.example/a',
     'https://news.example/2023/11/14/first/', 'checking', 1700000000000)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, TABLES).await
    }
}
