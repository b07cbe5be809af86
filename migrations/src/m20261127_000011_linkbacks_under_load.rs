//! Linkbacks under load: which word about a source is the newest, what is known of a way to tell
//! another site, and how often something was put off.

use sea_orm_migration::prelude::*;

use crate::dialect;

#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &[&str] = &[
    "ALTER TABLE linkbacks ADD COLUMN generation BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE linkbacks ADD COLUMN put_offs BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE outgoing_notices ADD COLUMN way_until BIGINT",
    "ALTER TABLE outgoing_notices ADD COLUMN put_offs BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE outgoing_notices ADD COLUMN posts_begun BIGINT NOT NULL DEFAULT 0",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, TABLES).await
    }
}
