//! Connecting, migrating, and the one path by which everything is written.
//!
//! Reads use `store.read()`. Writes go through [`Store::write`]: on SQLite one writer runs them in
//! batches, on PostgreSQL each is an ordinary transaction. Either may run a piece of work twice,
//! so it is a function that can be called again, and does nothing but write rows.

use std::time::Duration;

use rejoinder_migrations::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, RuntimeErr,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};

use crate::config::is_postgres;
use crate::error::{Error, Field, Problem, Result};
use crate::store::changes::{CacheTag, Changes};
use crate::store::private_files;
pub use crate::store::tx::{Tx, TxFuture, TxWork};
use crate::store::writer::Writer;
use crate::texts::Message;

/// How often a transaction that lost a race on PostgreSQL is tried again.
const MAX_RETRIES: u32 = 5;
/// How often an SQLite file that is locked while it is opened is tried again.
const MAX_OPEN_TRIES: u32 = 10;
/// The channel by which nodes hear of each other's changes.
const CHANNEL: &str = "rejoinder_changes";
/// A notification has less than 8000 bytes, a tag at most 25 with its comma.
const TAGS_PER_NOTIFICATION: usize = 300;
/// The advisory lock under which nodes migrate one after the other: "rejoin" in ASCII.
const MIGRATION_LOCK: i64 = 0x72_65_6a_6f_69_6e;

/// The database: cheap to clone, one for the whole process.
#[derive(Clone)]
pub struct Store {
    reader: DatabaseConnection,
    writing: Writing,
    changes: Changes,
}

#[derive(Clone)]
enum Writing {
    Sqlite(Writer),
    Postgres,
}

impl Store {
    /// Connects to `url`, making an SQLite file and its folder where they are not there yet.
    /// Migrates nothing.
    pub async fn connect(url: &str, max_connections: u32, wait: Duration) -> Result<Self> {
        let changes = Changes::default();
        if is_postgres(url) {
            let reader = connect_postgres(url, max_connections, wait).await?;
            Ok(Self {
                reader,
                writing: Writing::Postgres,
                changes,
            })
        } else {
            make_folder(url)?;
            let writer = connect_sqlite(url, 1, wait).await?;
            let reader = connect_sqlite(url, max_connections, wait).await?;
            Ok(Self {
                reader,
                writing: Writing::Sqlite(Writer::start(writer, changes.clone())),
                changes,
            })
        }
    }

    /// The connection to read from.
    pub fn read(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// Closes the connections for reading; the writer's closes with the last clone of the store.
    pub async fn close(&self) {
        if let Err(error) = self.reader.close_by_ref().await {
            tracing::warn!(%error, "close the database");
        }
    }

    pub fn changes(&self) -> &Changes {
        &self.changes
    }

    /// Whether several processes on several machines may share the database.
    pub fn is_shared(&self) -> bool {
        matches!(self.writing, Writing::Postgres)
    }

    /// Runs `work` in a transaction, and returns once its commit is durable.
    pub async fn write<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t Tx) -> TxFuture<'t, T> + Send + Sync + 'static,
    {
        match &self.writing {
            Writing::Sqlite(writer) => writer.write(work).await,
            Writing::Postgres => self.write_to_postgres(&work).await,
        }
    }

    async fn write_to_postgres<T>(&self, work: &dyn TxWork<T>) -> Result<T> {
        let mut tries = 0;
        loop {
            let tx = Tx::new(self.reader.begin().await?);
            let outcome = match work.run(&tx).await {
                Ok(value) => match self.finish(tx).await {
                    Ok(()) => return Ok(value),
                    Err(error) => Err(error),
                },
                Err(error) => {
                    tx.rollback().await;
                    Err(error)
                }
            };
            match outcome {
                Err(error) if tries < MAX_RETRIES && lost_a_race(&error) => tries += 1,
                Err(error) => return Err(conflict(error)),
                other => return other,
            }
        }
    }

    async fn finish(&self, tx: Tx) -> Result<()> {
        let tags: Vec<String> = tx.invalidated().iter().map(CacheTag::to_string).collect();
        for tags in tags.chunks(TAGS_PER_NOTIFICATION) {
            let notify = Statement::from_sql_and_values(
                DbBackend::Postgres,
                "SELECT pg_notify($1, $2)",
                [CHANNEL.into(), tags.join(",").into()],
            );
            tx.execute_raw(notify).await?;
        }
        let invalidated = tx.commit().await?;
        self.changes.invalidate(&invalidated);
        Ok(())
    }

    /// Brings the schema up to date; nodes that start together do it one after the other.
    pub async fn migrate(&self) -> Result<()> {
        match &self.writing {
            Writing::Sqlite(_) => {
                self.refuse_newer().await?;
                // On one connection: another one of the pool could still see the old schema. And
                // in one transaction, so that a step that fails leaves nothing behind.
                let options = TransactionOptions {
                    sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                    ..Default::default()
                };
                let transaction = self.reader.begin_with_options(options).await;
                let transaction = transaction?;
                Migrator::up(&transaction, None).await?;
                transaction.commit().await.map_err(Error::from)
            }
            Writing::Postgres => {
                // The lock belongs to the connection that took it, so it is taken in a
                // transaction of its own that stays open meanwhile.
                let guard = self.reader.begin().await?;
                let lock = Statement::from_sql_and_values(
                    DbBackend::Postgres,
                    "SELECT pg_advisory_xact_lock($1)",
                    [MIGRATION_LOCK.into()],
                );
                guard.execute_raw(lock).await?;
                let migrated = match self.refuse_newer().await {
                    Ok(()) => Migrator::up(&self.reader, None).await.map_err(Error::from),
                    Err(error) => Err(error),
                };
                guard.rollback().await?;
                migrated
            }
        }
    }

    /// The steps that the database still lacks.
    pub async fn missing_steps(&self) -> Result<Vec<String>> {
        self.refuse_newer().await?;
        let steps = Migrator::get_pending_migrations(&self.reader).await?;
        Ok(steps.iter().map(|step| step.name().to_owned()).collect())
    }

    async fn refuse_newer(&self) -> Result<()> {
        Migrator::install(&self.reader).await?;
        let applied = Migrator::get_migration_models(&self.reader).await?;
        let known = Migrator::migrations();
        let newer = applied
            .iter()
            .find(|step| known.iter().all(|ours| ours.name() != step.version));
        match newer {
            None => Ok(()),
            Some(step) => Err(Error::Unavailable(
                Message::new("database-newer").with("step", step.version.as_str()),
            )),
        }
    }

    /// Hears of other nodes' changes until the process ends. On SQLite the writer does this.
    pub async fn listen_for_changes(&self) {
        if !self.is_shared() {
            return;
        }
        let changes = self.changes.clone();
        let pool = self.reader.get_postgres_connection_pool().clone();
        changes.set_disconnected(true);
        loop {
            match hear(&pool, &changes).await {
                Ok(()) => return,
                Err(error) => {
                    changes.set_disconnected(true);
                    tracing::warn!(%error, "listen for other nodes' changes; pages are rendered afresh until it works");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
    }
}

async fn hear(
    pool: &sea_orm::sqlx::PgPool,
    changes: &Changes,
) -> std::result::Result<(), sea_orm::sqlx::Error> {
    let mut listener = sea_orm::sqlx::postgres::PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    changes.set_disconnected(false);
    loop {
        // None means that the connection broke and was restored: notifications in between are lost.
        match listener.try_recv().await? {
            Some(heard) => {
                let tags: Vec<CacheTag> = heard
                    .payload()
                    .split(',')
                    .filter_map(|tag| tag.parse().ok())
                    .collect();
                changes.invalidate(&tags);
            }
            None => changes.invalidate_all(),
        }
    }
}

async fn connect_postgres(
    url: &str,
    max_connections: u32,
    wait: Duration,
) -> Result<DatabaseConnection> {
    let mut options = ConnectOptions::new(url);
    options
        // Migrating needs one for the lock beside one for the work, listening keeps one.
        .max_connections(max_connections.max(3))
        .acquire_timeout(wait)
        .connect_timeout(wait)
        .sqlx_logging(false);
    Database::connect(options).await.map_err(|error| {
        Error::Unavailable(
            Message::new("database-unreachable")
                .with("url", without_password(url))
                .with("error", error.to_string()),
        )
    })
}

async fn connect_sqlite(
    url: &str,
    max_connections: u32,
    wait: Duration,
) -> Result<DatabaseConnection> {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(max_connections)
        .acquire_timeout(wait)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |sqlite| {
            use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
            sqlite
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(wait)
                .pragma("cache_size", "-8000")
                .pragma("temp_store", "memory")
        });
    let mut tries = 0;
    loop {
        match Database::connect(options.clone()).await {
            Ok(connection) => return Ok(connection),
            // Another process makes the file or changes its journal: the busy timeout does not cover
            // that.
            Err(error)
                if tries < MAX_OPEN_TRIES && error.to_string().contains("database is locked") =>
            {
                tries += 1;
                tokio::time::sleep(Duration::from_millis(50) * tries).await;
            }
            Err(error) => {
                return Err(Error::Unavailable(
                    Message::new("database-not-opened")
                        .with("url", url)
                        .with("error", error.to_string()),
                ));
            }
        }
    }
}

fn make_folder(url: &str) -> Result<()> {
    private_files::prepare(url).map_err(|error| {
        Error::Unavailable(
            Message::new("database-no-folder")
                .with("url", url)
                .with("error", error.to_string()),
        )
    })
}

fn without_password(url: &str) -> String {
    match url::Url::parse(url) {
        Ok(mut url) => {
            let _ = url.set_password(None);
            url.to_string()
        }
        Err(_) => "database.url".to_owned(),
    }
}

/// What a database error means to people: a full disk, a busy or lost database can be dealt with by
/// the operator; anything else is a defect.
impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        if is_out_of_reach(&error) {
            tracing::error!(%error, "reach the database");
            return Self::Unavailable(Message::new("database-no-answer"));
        }
        match sql_code(&error).as_deref() {
            // SQLITE_FULL, SQLITE_IOERR_WRITE, PostgreSQL's disk_full.
            Some("13" | "778" | "53100") => {
                tracing::error!(%error, "write to a full disk");
                Self::Unavailable(Message::new("database-disk-full"))
            }
            // SQLITE_READONLY, SQLITE_BUSY and its snapshot form.
            Some("8" | "1032" | "5" | "517") => {
                tracing::error!(%error, "write to a locked or read-only database");
                Self::Unavailable(Message::new("database-busy"))
            }
            // SQLITE_CONSTRAINT_UNIQUE and its form for keys. On PostgreSQL it is a race first.
            Some("2067" | "1555") => stored_already(&error),
            // Text that PostgreSQL cannot store: NUL.
            Some("22021" | "22P05") => Self::field(Field::Form, Problem::NotText),
            _ => Self::internal("use the database", error),
        }
    }
}

fn stored_already(error: &dyn std::fmt::Display) -> Error {
    tracing::warn!(%error, "store what is stored already");
    Error::Conflict(Message::new("conflict-stored-already"))
}

/// Whether a database did not answer at all, or is about to stop: nothing is wrong with what it was
/// asked.
fn is_out_of_reach(error: &DbErr) -> bool {
    use sea_orm::sqlx::Error as Cause;
    if let DbErr::ConnectionAcquire(_) | DbErr::Conn(_) = error {
        return true;
    }
    let lost = sqlx_cause(error).is_some_and(|cause| {
        matches!(
            cause,
            Cause::Io(_)
                | Cause::Tls(_)
                | Cause::Protocol(_)
                | Cause::PoolTimedOut
                | Cause::PoolClosed
                | Cause::WorkerCrashed
        )
    });
    // PostgreSQL's classes for lost connections and for an operator's intervention (without a
    // statement that was cancelled), and too many connections.
    lost || sql_code(error).is_some_and(|code| {
        code.len() == 5
            && (code.starts_with("08")
                || matches!(code.as_str(), "57P01" | "57P02" | "57P03" | "53300"))
    })
}

fn sqlx_cause(error: &DbErr) -> Option<&sea_orm::sqlx::Error> {
    match error {
        DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause)) => {
            Some(cause)
        }
        _ => None,
    }
}

fn sql_code(error: &DbErr) -> Option<String> {
    sqlx_cause(error)?
        .as_database_error()
        .and_then(|database| database.code())
        .map(|code| code.into_owned())
}

/// Serialisation failures and deadlocks, which PostgreSQL asks to be tried again; and a row that
/// another node stored or deleted between this one's look and its write: tried again, the look finds
/// that, and the domain says what it means.
fn lost_a_race(error: &Error) -> bool {
    code_of(error)
        .is_some_and(|code| matches!(code.as_str(), "40001" | "40P01" | UNIQUE | FOREIGN_KEY))
}

const UNIQUE: &str = "23505";
const FOREIGN_KEY: &str = "23503";

/// What a race that is lost again and again means to people.
fn conflict(error: Error) -> Error {
    if code_of(&error).as_deref() == Some(UNIQUE) {
        return stored_already(&error);
    }
    error
}

fn code_of(error: &Error) -> Option<String> {
    let Error::Internal { cause, .. } = error else {
        return None;
    };
    cause.downcast_ref::<DbErr>().and_then(sql_code)
}
