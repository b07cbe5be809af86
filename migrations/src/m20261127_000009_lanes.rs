//! Lanes for jobs, a fair turn within each, a token for each claim; tasks that end as failed; what
//! moderators are still to be emailed about.

use sea_orm_migration::prelude::*;

use crate::dialect;

#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &[&str] = &[
    "ALTER TABLE jobs ADD COLUMN lane TEXT NOT NULL DEFAULT 'prompt'",
    // On whose account it is done; jobs of one share do not fill a lane.
    "ALTER TABLE jobs ADD COLUMN share TEXT NOT NULL DEFAULT ''",
    // Its place among the due jobs of its lane; the highest number while it is not due.
    "ALTER TABLE jobs ADD COLUMN turn BIGINT NOT NULL DEFAULT 9223372036854775807",
    // Counts the claims, so that only the last one notes how the job ended.
    "ALTER TABLE jobs ADD COLUMN claims BIGINT NOT NULL DEFAULT 0",
    "UPDATE jobs SET lane = 'fetch', share = 'earlier'
        WHERE payload LIKE '{\"verify_linkback\"%' OR payload LIKE '{\"look_again\"%'
        OR payload LIKE '{\"send_notice\"%' OR payload LIKE '{\"ask_outside\"%'",
    "UPDATE jobs SET lane = 'bulk' WHERE payload = '\"learn\"' OR payload LIKE '{\"work_on\"%'",
    "UPDATE jobs SET lane = 'email' WHERE payload = '\"tell_held\"'",
    "DROP INDEX jobs_due",
    "CREATE INDEX jobs_due ON jobs (lane, state, turn, run_at, id)",
    "CREATE INDEX jobs_by_share ON jobs (lane, state, share, turn)",
    "CREATE INDEX jobs_by_payload ON jobs (state, payload)",
    // Why it ended before it was done.
    "ALTER TABLE tasks ADD COLUMN error TEXT NOT NULL DEFAULT ''",
    // Tasks whose job was given up were under way for ever.
    "UPDATE tasks SET ended_at = (SELECT MAX(created_at) FROM jobs),
        error = 'It was tried five times and failed each time.'
        WHERE ended_at IS NULL AND EXISTS (SELECT 1 FROM jobs WHERE state = 'failed'
            AND payload = '{\"work_on\":{\"task\":' || tasks.id || '}}')
        AND NOT EXISTS (SELECT 1 FROM jobs WHERE state IN ('waiting', 'running')
            AND payload = '{\"work_on\":{\"task\":' || tasks.id || '}}')",
    "CREATE TABLE held_notices (
        response_id BIGINT PRIMARY KEY REFERENCES responses (id) ON DELETE CASCADE
    )",
    "INSERT INTO held_notices (response_id)
        SELECT id FROM responses WHERE state = 'pending'
        AND id > COALESCE((SELECT CAST(value AS BIGINT) FROM settings WHERE name = 'told_up_to'), 0)
        AND EXISTS (SELECT 1 FROM jobs WHERE payload = '\"tell_held\"'
            AND state IN ('waiting', 'running'))",
    "DELETE FROM settings WHERE name = 'told_up_to'",
];

pub const SAMPLE: &str = "INSERT INTO jobs
    (id, payload, state, run_at, attempts, created_at, lane, share, turn, claims)
    VALUES (2, '\"learn\"', 'failed', 1700000000000, 5, 1700000000000, 'bulk', '', 0, 5)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, TABLES).await
    }
}
