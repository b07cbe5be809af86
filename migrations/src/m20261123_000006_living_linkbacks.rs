//! Linkbacks that live on: what they are to the post, when their source is looked at again, whom
//! moderators trust; and what this site tells others, and of itself.

use sea_orm_migration::prelude::*;

use crate::dialect::{self, Dialect};

#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: &[&str] = &[
    "CREATE TABLE trusts (
        id {id},
        scope TEXT NOT NULL,
        subject TEXT NOT NULL,
        given_by BIGINT REFERENCES users (id) ON DELETE SET NULL,
        given_by_name TEXT NOT NULL,
        given_at BIGINT NOT NULL
    )",
    "CREATE UNIQUE INDEX trusts_once ON trusts (scope, subject)",
    "ALTER TABLE responses ADD COLUMN mention TEXT",
    "ALTER TABLE responses ADD COLUMN author_photo TEXT",
    "ALTER TABLE responses ADD COLUMN gone_since BIGINT",
    "ALTER TABLE responses ADD COLUMN trust_id BIGINT",
    "CREATE INDEX responses_by_trust ON responses (trust_id) WHERE trust_id IS NOT NULL",
    "ALTER TABLE response_counts ADD COLUMN faces BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE linkbacks ADD COLUMN passport TEXT",
    "ALTER TABLE linkbacks ADD COLUMN told TEXT NOT NULL DEFAULT '{}'",
    "ALTER TABLE linkbacks ADD COLUMN tries BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE linkbacks ADD COLUMN etag TEXT",
    "ALTER TABLE linkbacks ADD COLUMN last_modified TEXT",
    "ALTER TABLE linkbacks ADD COLUMN look_at BIGINT",
    "ALTER TABLE linkbacks ADD COLUMN looked_days BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE linkbacks ADD COLUMN failing_since BIGINT",
    "ALTER TABLE linkbacks ADD COLUMN failures BIGINT NOT NULL DEFAULT 0",
    "CREATE UNIQUE INDEX linkbacks_by_passport ON linkbacks (passport)",
    "CREATE INDEX linkbacks_to_look_at ON linkbacks (look_at) WHERE look_at IS NOT NULL",
    "ALTER TABLE posts ADD COLUMN tells TEXT NOT NULL DEFAULT 'open'",
    "CREATE TABLE gone_slugs (
        slug TEXT PRIMARY KEY,
        post_id BIGINT NOT NULL
    )",
    "CREATE INDEX gone_slugs_by_post ON gone_slugs (post_id)",
    "CREATE TABLE inner_links (
        from_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
        to_id BIGINT NOT NULL REFERENCES posts (id) ON DELETE CASCADE,
        PRIMARY KEY (from_id, to_id)
    )",
    "CREATE INDEX inner_links_to ON inner_links (to_id, from_id)",
    // Without a foreign key: what a deleted post linked to is told of its end.
    "CREATE TABLE outgoing_notices (
        id {id},
        post_id BIGINT NOT NULL,
        source_url TEXT NOT NULL,
        target_url TEXT NOT NULL,
        target_key TEXT NOT NULL,
        title TEXT NOT NULL,
        excerpt TEXT NOT NULL,
        is_linked BOOLEAN NOT NULL,
        state TEXT NOT NULL,
        protocol TEXT,
        endpoint_url TEXT,
        status BIGINT,
        answer TEXT NOT NULL,
        status_url TEXT,
        round BIGINT NOT NULL,
        tries BIGINT NOT NULL,
        next_try BIGINT,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL
    )",
    "CREATE UNIQUE INDEX outgoing_notices_once ON outgoing_notices (post_id, target_key)",
];

const SQLITE_COUNTS: &[&str] = &[
    "DROP TRIGGER responses_counted_on_insert",
    "DROP TRIGGER responses_counted_on_update",
    "DROP TRIGGER responses_counted_on_delete",
    "CREATE TRIGGER responses_counted_on_insert AFTER INSERT ON responses BEGIN
        INSERT INTO response_counts (post_id, state, n, faces)
            VALUES (NEW.post_id, NEW.state,
                coalesce(NEW.mention, '') NOT IN ('like', 'repost', 'bookmark'),
                coalesce(NEW.mention, '') IN ('like', 'repost', 'bookmark'))
            ON CONFLICT (post_id, state) DO UPDATE
            SET n = n + excluded.n, faces = faces + excluded.faces;
    END",
    "CREATE TRIGGER responses_counted_on_update AFTER UPDATE OF state, mention ON responses
        WHEN OLD.state <> NEW.state OR OLD.mention IS NOT NEW.mention BEGIN
        UPDATE response_counts SET
            n = n - (coalesce(OLD.mention, '') NOT IN ('like', 'repost', 'bookmark')),
            faces = faces - (coalesce(OLD.mention, '') IN ('like', 'repost', 'bookmark'))
            WHERE post_id = OLD.post_id AND state = OLD.state;
        INSERT INTO response_counts (post_id, state, n, faces)
            VALUES (NEW.post_id, NEW.state,
                coalesce(NEW.mention, '') NOT IN ('like', 'repost', 'bookmark'),
                coalesce(NEW.mention, '') IN ('like', 'repost', 'bookmark'))
            ON CONFLICT (post_id, state) DO UPDATE
            SET n = n + excluded.n, faces = faces + excluded.faces;
    END",
    "CREATE TRIGGER responses_counted_on_delete AFTER DELETE ON responses BEGIN
        UPDATE response_counts SET
            n = n - (coalesce(OLD.mention, '') NOT IN ('like', 'repost', 'bookmark')),
            faces = faces - (coalesce(OLD.mention, '') IN ('like', 'repost', 'bookmark'))
            WHERE post_id = OLD.post_id AND state = OLD.state;
    END",
];

// Rows are taken in the order of their state's name, so that two moderators who move responses
// of one post in opposite directions cannot wait for each other.
const POSTGRES_COUNTS: &[&str] = &[
    "DROP TRIGGER responses_counted_on_update ON responses",
    "CREATE FUNCTION is_face(mention TEXT) RETURNS INTEGER LANGUAGE sql IMMUTABLE AS $$
        SELECT CASE WHEN mention IN ('like', 'repost', 'bookmark') THEN 1 ELSE 0 END
    $$",
    "CREATE OR REPLACE FUNCTION count_responses() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' THEN
            UPDATE response_counts
                SET n = n - 1 + is_face(OLD.mention), faces = faces - is_face(OLD.mention)
                WHERE post_id = OLD.post_id AND state = OLD.state;
            RETURN OLD;
        END IF;
        IF TG_OP = 'UPDATE' AND OLD.state <= NEW.state THEN
            UPDATE response_counts
                SET n = n - 1 + is_face(OLD.mention), faces = faces - is_face(OLD.mention)
                WHERE post_id = OLD.post_id AND state = OLD.state;
        END IF;
        INSERT INTO response_counts (post_id, state, n, faces)
            VALUES (NEW.post_id, NEW.state, 1 - is_face(NEW.mention), is_face(NEW.mention))
            ON CONFLICT (post_id, state) DO UPDATE
            SET n = response_counts.n + excluded.n, faces = response_counts.faces + excluded.faces;
        IF TG_OP = 'UPDATE' AND OLD.state > NEW.state THEN
            UPDATE response_counts
                SET n = n - 1 + is_face(OLD.mention), faces = faces - is_face(OLD.mention)
                WHERE post_id = OLD.post_id AND state = OLD.state;
        END IF;
        RETURN NEW;
    END $$",
    "CREATE TRIGGER responses_counted_on_update AFTER UPDATE OF state, mention ON responses
        FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state
            OR OLD.mention IS DISTINCT FROM NEW.mention)
        EXECUTE FUNCTION count_responses()",
];

pub const SAMPLE: &str = "INSERT INTO outgoing_notices
    (id, post_id, source_url, target_url, target_key, title, excerpt, is_linked, state, answer,
     round, tries, created_at, updated_at)
    VALUES (1, 1, 'https://news.example/2023/11/14/first/', 'https://blog.example/a',
     'https://blog.example/a', 'First', 'Text', TRUE, 'told', '', 1, 1, 1700000000000,
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
