//! Who may sign in, their sessions, and what the site calls itself.

use sea_orm_migration::prelude::*;

use crate::dialect;

#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &[&str] = &[
    "CREATE TABLE users (
        id {id},
        email TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        slug TEXT NOT NULL UNIQUE,
        role TEXT NOT NULL,
        password_hash TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        disabled_at BIGINT
    )",
    "CREATE TABLE sessions (
        id TEXT PRIMARY KEY,
        data TEXT NOT NULL,
        expires_at BIGINT NOT NULL
    )",
    "CREATE INDEX sessions_by_expiry ON sessions (expires_at)",
    "CREATE TABLE settings (
        name TEXT PRIMARY KEY,
        value TEXT NOT NULL
    )",
];

pub const SAMPLE: &str = "INSERT INTO users
    (id, email, name, slug, role, password_hash, created_at)
    VALUES (1, 'ada@example.org', 'Ada Okoye', 'ada-okoye', 'administrator', 'x', 1700000000000)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, TABLES).await
    }
}
