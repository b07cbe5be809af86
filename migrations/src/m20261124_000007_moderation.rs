//! Moderation: rules that moderators write, the filter that they teach, who is let in, held or
//! banned, work on many responses at once, readers' reports, writers' appeals, and bursts.

use sea_orm_migration::prelude::*;

use crate::dialect;

#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &[&str] = &[
    "ALTER TABLE trusts RENAME TO standings",
    "ALTER TABLE standings ADD COLUMN standing TEXT NOT NULL DEFAULT 'approve'",
    "ALTER TABLE standings ADD COLUMN until BIGINT",
    "ALTER TABLE standings ADD COLUMN note TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE responses RENAME COLUMN trust_id TO standing_id",
    // How likely it is spam, in thousandths, by the filter of the time.
    "ALTER TABLE responses ADD COLUMN risk BIGINT NOT NULL DEFAULT 0",
    // What the filter learned it as.
    "ALTER TABLE responses ADD COLUMN learned TEXT",
    "ALTER TABLE responses ADD COLUMN network TEXT",
    "ALTER TABLE responses ADD COLUMN name_key TEXT",
    // The weight of readers' reports, in thousandths, until a moderator has looked at it.
    "ALTER TABLE responses ADD COLUMN reported BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE responses ADD COLUMN appealed_at BIGINT",
    "CREATE INDEX responses_by_risk ON responses (risk DESC, id) WHERE state = 'pending'",
    "CREATE INDEX responses_by_network ON responses (network, id) WHERE network IS NOT NULL",
    "CREATE INDEX responses_by_name ON responses (name_key, id) WHERE name_key IS NOT NULL",
    "CREATE INDEX responses_by_ip ON responses (ip, id) WHERE ip IS NOT NULL",
    "CREATE INDEX responses_by_arrival ON responses (post_id, id)",
    "CREATE INDEX responses_reported ON responses (reported, id) WHERE reported > 0",
    "CREATE INDEX responses_appealed ON responses (appealed_at, id)
        WHERE appealed_at IS NOT NULL",
    "CREATE TABLE rules (
        id {id},
        name TEXT NOT NULL,
        rank BIGINT NOT NULL,
        conditions TEXT NOT NULL,
        outcome TEXT NOT NULL,
        message TEXT NOT NULL,
        is_on BOOLEAN NOT NULL,
        hits BIGINT NOT NULL,
        changed_by TEXT NOT NULL,
        changed_at BIGINT NOT NULL
    )",
    "CREATE TABLE filter_buckets (
        bucket BIGINT PRIMARY KEY,
        spam BIGINT NOT NULL,
        ham BIGINT NOT NULL
    )",
    // What the filter had said of what moderators then decided, a row a day (days since 1970).
    "CREATE TABLE filter_days (
        day BIGINT PRIMARY KEY,
        spam_caught BIGINT NOT NULL,
        spam_missed BIGINT NOT NULL,
        ham_held BIGINT NOT NULL,
        ham_passed BIGINT NOT NULL
    )",
    // Work on many responses: deciding on all that match, taking that back, trying a rule.
    "CREATE TABLE tasks (
        id {id},
        token TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL,
        work TEXT NOT NULL,
        actor_id BIGINT REFERENCES users (id) ON DELETE SET NULL,
        actor_name TEXT NOT NULL,
        actor_role TEXT NOT NULL,
        total BIGINT NOT NULL,
        seen BIGINT NOT NULL,
        moved BIGINT NOT NULL,
        place BIGINT NOT NULL,
        result TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        ended_at BIGINT
    )",
    "CREATE TABLE claims (
        response_id BIGINT PRIMARY KEY REFERENCES responses (id) ON DELETE CASCADE,
        user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        user_name TEXT NOT NULL,
        until BIGINT NOT NULL
    )",
    "CREATE TABLE reports (
        id {id},
        response_id BIGINT NOT NULL REFERENCES responses (id) ON DELETE CASCADE,
        reporter TEXT NOT NULL,
        reason TEXT NOT NULL,
        note TEXT NOT NULL,
        weight BIGINT NOT NULL,
        upheld BOOLEAN,
        created_at BIGINT NOT NULL
    )",
    "CREATE UNIQUE INDEX reports_once ON reports (response_id, reporter)",
    "CREATE INDEX reports_by_reporter ON reports (reporter, upheld)",
    "CREATE TABLE appeals (
        id {id},
        response_id BIGINT NOT NULL UNIQUE REFERENCES responses (id) ON DELETE CASCADE,
        words TEXT NOT NULL,
        answer TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        answered_at BIGINT
    )",
    "CREATE TABLE edits (
        id {id},
        response_id BIGINT NOT NULL REFERENCES responses (id) ON DELETE CASCADE,
        editor_name TEXT NOT NULL,
        before_markdown TEXT NOT NULL,
        edited_at BIGINT NOT NULL
    )",
    "CREATE INDEX edits_by_response ON edits (response_id, id)",
    // A burst of responses: post 0 is the whole site.
    "CREATE TABLE shields (
        post_id BIGINT PRIMARY KEY,
        since BIGINT NOT NULL,
        until BIGINT NOT NULL
    )",
    "ALTER TABLE decisions ADD COLUMN note TEXT NOT NULL DEFAULT ''",
    "CREATE INDEX decisions_by_time ON decisions (decided_at)",
];

pub const SAMPLE: &str = "INSERT INTO rules
    (id, name, rank, conditions, outcome, message, is_on, hits, changed_by, changed_at)
    VALUES (1, 'Pills', 1, '{\"words\":[\"cialis\"]}', 'hold', '', TRUE, 0, 'Ada', 1700000000000)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, TABLES).await
    }
}
