//! What the schema builder cannot say, in the SQL of each database: triggers, an unlogged table, a
//! random id.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// The database that a step runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// The embedded database.
    Sqlite,
    /// The database of a site with several nodes.
    Postgres,
}

impl Dialect {
    /// The dialect of the connection behind `manager`.
    pub fn of(manager: &SchemaManager<'_>) -> Self {
        match manager.get_database_backend() {
            DbBackend::Postgres => Self::Postgres,
            _ => Self::Sqlite,
        }
    }

    /// The statements that this database needs beside the tables.
    pub fn statements(self) -> &'static [&'static str] {
        match self {
            Self::Sqlite => SQLITE,
            Self::Postgres => POSTGRES,
        }
    }
}

/// Runs each statement in turn.
pub async fn run(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    for statement in statements {
        manager
            .get_connection()
            .execute_unprepared(statement)
            .await?;
    }
    Ok(())
}

/// Counts are kept by triggers, so that no path of the code can forget one. `is_reaction` says which
/// responses stand beside the thread; the application decides that, in one place.
const SQLITE: &[&str] = &[
    "CREATE TRIGGER responses_counted_on_insert AFTER INSERT ON responses BEGIN
        INSERT INTO response_counts (post_id, state, n, reactions)
            VALUES (NEW.post_id, NEW.state, NOT NEW.is_reaction, NEW.is_reaction)
            ON CONFLICT (post_id, state) DO UPDATE
            SET n = n + excluded.n, reactions = reactions + excluded.reactions;
    END",
    "CREATE TRIGGER responses_counted_on_update AFTER UPDATE OF state, is_reaction ON responses
        WHEN OLD.state <> NEW.state OR OLD.is_reaction <> NEW.is_reaction BEGIN
        UPDATE response_counts
            SET n = n - (NOT OLD.is_reaction), reactions = reactions - OLD.is_reaction
            WHERE post_id = OLD.post_id AND state = OLD.state;
        INSERT INTO response_counts (post_id, state, n, reactions)
            VALUES (NEW.post_id, NEW.state, NOT NEW.is_reaction, NEW.is_reaction)
            ON CONFLICT (post_id, state) DO UPDATE
            SET n = n + excluded.n, reactions = reactions + excluded.reactions;
    END",
    "CREATE TRIGGER responses_counted_on_delete AFTER DELETE ON responses BEGIN
        UPDATE response_counts
            SET n = n - (NOT OLD.is_reaction), reactions = reactions - OLD.is_reaction
            WHERE post_id = OLD.post_id AND state = OLD.state;
    END",
    "INSERT INTO settings (name, value) VALUES ('site_id', lower(hex(randomblob(16))))",
];

// Count rows are locked in the order of their state's name, so that two moderators who move responses
// of one post in opposite directions cannot wait for each other.
const POSTGRES: &[&str] = &[
    "CREATE FUNCTION uncount_response(response responses) RETURNS void LANGUAGE sql AS $$
        UPDATE response_counts
            SET n = n - (NOT response.is_reaction)::int,
                reactions = reactions - response.is_reaction::int
            WHERE post_id = response.post_id AND state = response.state
    $$",
    "CREATE FUNCTION count_responses() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' THEN
            PERFORM uncount_response(OLD);
            RETURN OLD;
        END IF;
        IF TG_OP = 'UPDATE' AND OLD.state <= NEW.state THEN
            PERFORM uncount_response(OLD);
        END IF;
        INSERT INTO response_counts (post_id, state, n, reactions)
            VALUES (NEW.post_id, NEW.state, (NOT NEW.is_reaction)::int, NEW.is_reaction::int)
            ON CONFLICT (post_id, state) DO UPDATE
            SET n = response_counts.n + excluded.n,
                reactions = response_counts.reactions + excluded.reactions;
        IF TG_OP = 'UPDATE' AND OLD.state > NEW.state THEN
            PERFORM uncount_response(OLD);
        END IF;
        RETURN NEW;
    END $$",
    "CREATE TRIGGER responses_counted_on_insert AFTER INSERT ON responses
        FOR EACH ROW EXECUTE FUNCTION count_responses()",
    "CREATE TRIGGER responses_counted_on_update AFTER UPDATE OF state, is_reaction ON responses
        FOR EACH ROW WHEN (OLD.state <> NEW.state OR OLD.is_reaction <> NEW.is_reaction)
        EXECUTE FUNCTION count_responses()",
    "CREATE TRIGGER responses_counted_on_delete AFTER DELETE ON responses
        FOR EACH ROW EXECUTE FUNCTION count_responses()",
    // Using a rate limit is not worth a log record: after a crash of the server everybody starts anew.
    "CREATE UNLOGGED TABLE rate_limits (
        key TEXT PRIMARY KEY,
        arrival BIGINT NOT NULL,
        step BIGINT NOT NULL,
        burst BIGINT NOT NULL
    )",
    "INSERT INTO settings (name, value)
        VALUES ('site_id', replace(gen_random_uuid()::text, '-', ''))",
];
