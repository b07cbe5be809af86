//! Responses of every kind, how many each post has of each state, and the log of decisions.
//!
//! The counts are kept by triggers, so that no path of the code can forget one.

use sea_orm_migration::prelude::*;

use crate::dialect::{self, Dialect};

#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &[&str] = &[
    "CREATE TABLE responses (
        id {id},
        post_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
        parent_id BIGINT REFERENCES responses (id) ON DELETE SET NULL,
        path {bytes} NOT NULL,
        kind TEXT NOT NULL,
        state TEXT NOT NULL,
        author_name TEXT NOT NULL,
        author_email TEXT,
        author_url TEXT,
        author_id BIGINT REFERENCES users (id) ON DELETE SET NULL,
        body_markdown TEXT NOT NULL,
        body_html TEXT NOT NULL,
        source_url TEXT,
        reasons TEXT NOT NULL,
        ip TEXT,
        user_agent TEXT,
        receipt_hash TEXT,
        dedupe_key TEXT NOT NULL,
        created_at BIGINT NOT NULL
    )",
    "CREATE UNIQUE INDEX responses_once ON responses (post_id, dedupe_key)",
    "CREATE INDEX responses_in_thread ON responses (post_id, state, path)",
    "CREATE INDEX responses_in_queue ON responses (state, id)",
    "CREATE INDEX responses_by_email ON responses (author_email, state)
        WHERE author_email IS NOT NULL",
    "CREATE INDEX responses_by_parent ON responses (parent_id) WHERE parent_id IS NOT NULL",
    "CREATE TABLE response_counts (
        post_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
        state TEXT NOT NULL,
        n BIGINT NOT NULL,
        PRIMARY KEY (post_id, state)
    )",
    "CREATE TABLE decisions (
        id {id},
        response_id BIGINT NOT NULL REFERENCES responses (id) ON DELETE CASCADE,
        actor_id BIGINT REFERENCES users (id) ON DELETE SET NULL,
        actor_name TEXT NOT NULL,
        from_state TEXT NOT NULL,
        to_state TEXT NOT NULL,
        batch TEXT NOT NULL,
        undoes BIGINT UNIQUE REFERENCES decisions (id) ON DELETE CASCADE,
        decided_at BIGINT NOT NULL
    )",
    "CREATE INDEX decisions_by_response ON decisions (response_id, id)",
    "CREATE INDEX decisions_by_batch ON decisions (batch, id)",
];

const SQLITE_COUNTS: &[&str] = &[
    "CREATE TRIGGER responses_counted_on_insert AFTER INSERT ON responses BEGIN
        INSERT INTO response_counts (post_id, state, n) VALUES (NEW.post_id, NEW.state, 1)
        ON CONFLICT (post_id, state) DO UPDATE SET n = n + 1;
    END",
    "CREATE TRIGGER responses_counted_on_update AFTER UPDATE OF state ON responses
        WHEN OLD.state <> NEW.state BEGIN
        UPDATE response_counts SET n = n - 1 WHERE post_id = OLD.post_id AND state = OLD.state;
        INSERT INTO response_counts (post_id, state, n) VALUES (NEW.post_id, NEW.state, 1)
        ON CONFLICT (post_id, state) DO UPDATE SET n = n + 1;
    END",
    "CREATE TRIGGER responses_counted_on_delete AFTER DELETE ON responses BEGIN
        UPDATE response_counts SET n = n - 1 WHERE post_id = OLD.post_id AND state = OLD.state;
    END",
];

// Rows are taken in the order of their state's name, so that two moderators who move responses
// of one post in opposite directions cannot wait for each other.
const POSTGRES_COUNTS: &[&str] = &[
    "CREATE FUNCTION count_responses() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' THEN
            UPDATE response_counts SET n = n - 1
                WHERE post_id = OLD.post_id AND state = OLD.state;
            RETURN OLD;
        END IF;
        IF TG_OP = 'UPDATE' AND OLD.state < NEW.state THEN
            UPDATE response_counts SET n = n - 1
                WHERE post_id = OLD.post_id AND state = OLD.state;
        END IF;
        INSERT INTO response_counts (post_id, state, n) VALUES (NEW.post_id, NEW.state, 1)
            ON CONFLICT (post_id, state) DO UPDATE SET n = response_counts.n + 1;
        IF TG_OP = 'UPDATE' AND OLD.state > NEW.state THEN
            UPDATE response_counts SET n = n - 1
                WHERE post_id = OLD.post_id AND state = OLD.state;
        END IF;
        RETURN NEW;
    END $$",
    "CREATE TRIGGER responses_counted_on_insert AFTER INSERT ON responses
        FOR EACH ROW EXECUTE FUNCTION count_responses()",
    "CREATE TRIGGER responses_counted_on_update AFTER UPDATE OF state ON responses
        FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state)
        EXECUTE FUNCTION count_responses()",
    "CREATE TRIGGER responses_counted_on_delete AFTER DELETE ON responses
        FOR EACH ROW EXECUTE FUNCTION count_responses()",
];

pub const SAMPLE: &str = "INSERT INTO responses
    (id, post_id, path, kind, state, author_name, body_markdown, body_html, reasons, dedupe_key,
     created_at)
    VALUES (1, 1, '', 'comment', 'approved', 'Ben', 'Hello', '<p>Hello</p>', '[]', 'k',
     1700000000000)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, TABLES).await?;
        let counts = match Dialect::of(manager) {
            Dialect::Sqlite => SQLITE_COUNTS,
            Dialect::Postgres => POSTGRES_COUNTS,
        };
        dialect::run(manager, counts).await
    }
}
