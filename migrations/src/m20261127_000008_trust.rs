//! Trust needs proof: the key of the browser or the host behind each response, keys under which
//! blocks match every spelling, and what the filter learned, so that exactly that can be taken back.

use sea_orm_migration::prelude::*;

use crate::dialect;

#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &[&str] = &[
    // For a comment the hash of its browser's key; for a linkback the host that its source was read from.
    "ALTER TABLE responses ADD COLUMN proof_key TEXT",
    // When a linkback's source last said something else.
    "ALTER TABLE responses ADD COLUMN content_changed_at BIGINT",
    "CREATE INDEX responses_by_proof ON responses (proof_key, state, id) WHERE proof_key IS NOT NULL",
    "ALTER TABLE standings ADD COLUMN match_key TEXT NOT NULL DEFAULT ''",
    "UPDATE standings SET match_key = subject",
    "CREATE INDEX standings_by_match_key ON standings (scope, match_key)",
    // Responses that somebody decided on and that the filter has not learned from: claimed and
    // deleted, so that a decision that is committed late is not passed over.
    "CREATE TABLE lessons (
        id {id},
        response_id BIGINT NOT NULL REFERENCES responses (id) ON DELETE CASCADE
    )",
    "CREATE INDEX lessons_by_response ON lessons (response_id)",
    "INSERT INTO lessons (response_id)
        SELECT response_id FROM decisions WHERE id > coalesce(
            (SELECT CAST(value AS BIGINT) FROM settings WHERE name = 'learned_up_to'), 0)",
    "DELETE FROM settings WHERE name = 'learned_up_to'",
    // The buckets that were learned from a response.
    "CREATE TABLE learned_features (
        response_id BIGINT PRIMARY KEY REFERENCES responses (id) ON DELETE CASCADE,
        buckets {bytes} NOT NULL
    )",
    // From how many responses of each class was learned.
    "INSERT INTO filter_buckets (bucket, spam, ham)
        SELECT -2, count(CASE WHEN learned = 'spam' THEN 1 END),
            count(CASE WHEN learned = 'ham' THEN 1 END) FROM responses",
];

pub const SAMPLE: &str = "INSERT INTO lessons (id, response_id) VALUES (1, 1)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, TABLES).await
    }
}
