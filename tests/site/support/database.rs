//! A database of its own for each test: a copy of one that was migrated once. On PostgreSQL, where
//! a copy takes a tenth of a second, one that a test has left is emptied for the next.

use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{LazyLock, Mutex, Once, PoisonError, mpsc};
use std::time::Duration;

use rejoinder::store::db::Store;
use sea_orm::{ConnectOptions, ConnectionTrait, Database as Connection, DbErr};
use tempfile::TempDir;
use tokio::sync::OnceCell;

/// Which database a behaviour is shown on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The embedded one.
    Sqlite,
    /// The shared one.
    Postgres,
}

/// A database that goes with the test.
pub struct Database {
    /// For `database.url`.
    pub url: String,
    folder: Option<TempDir>,
    name: Option<String>,
    is_migrated: bool,
    is_left: bool,
}

static NEXT: AtomicU32 = AtomicU32::new(0);
static TEMPLATE: OnceCell<String> = OnceCell::const_new();
static FILE: OnceCell<Vec<u8>> = OnceCell::const_new();
/// The names of databases that have the schema and no test.
static IDLE: Mutex<Vec<String>> = Mutex::new(Vec::new());
/// What the names of this process's databases begin with.
static RUN: LazyLock<String> =
    LazyLock::new(|| format!("rejoinder_run_{:08x}", rand::random::<u32>()));

/// Keeps beside the schema what the steps put into it, for [`EMPTY`].
const KEEP: &str = "
    CREATE SCHEMA kept;
    CREATE VIEW kept.shape_now AS
        SELECT md5(string_agg(format('%s %s %s', c.relname, a.attname, a.atttypid), ','
            ORDER BY c.relname, a.attnum)) AS shape
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0;
    CREATE TABLE kept.shape AS TABLE kept.shape_now;
    CREATE TABLE kept.sequences AS
        SELECT sequencename, last_value FROM pg_sequences
        WHERE schemaname = 'public' AND last_value IS NOT NULL;
    DO $$
    DECLARE name text; is_any boolean;
    BEGIN
        FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
            EXECUTE format('SELECT EXISTS (SELECT 1 FROM public.%I)', name) INTO is_any;
            IF is_any THEN
                EXECUTE format('CREATE TABLE kept.%I AS TABLE public.%I', 'rows ' || name, name);
            END IF;
        END LOOP;
    END $$;";

/// Makes a database what it was when it was copied; fails where a test changed the schema. Deletes
/// rows instead of truncating tables: that makes new files for each.
const EMPTY: &str = "
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid();
    SET session_replication_role = replica;
    DO $$
    DECLARE name text;
    BEGIN
        IF (SELECT shape FROM kept.shape) <> (SELECT shape FROM kept.shape_now) THEN
            RAISE 'another schema';
        END IF;
        FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
            EXECUTE format('DELETE FROM public.%I', name);
        END LOOP;
        FOR name IN SELECT substr(tablename, 6) FROM pg_tables
            WHERE schemaname = 'kept' AND tablename LIKE 'rows %' LOOP
            EXECUTE format('INSERT INTO public.%I TABLE kept.%I', name, 'rows ' || name);
        END LOOP;
    END $$;
    SELECT setval(
        format('public.%I', s.sequencename)::regclass,
        coalesce(k.last_value, s.start_value), k.last_value IS NOT NULL
    ) FROM pg_sequences s LEFT JOIN kept.sequences k USING (sequencename)
        WHERE s.schemaname = 'public';";

impl Database {
    /// A stand-in where the real one was taken out.
    pub fn none() -> Self {
        Self {
            url: String::new(),
            folder: None,
            name: None,
            is_migrated: false,
            is_left: false,
        }
    }

    /// Nobody uses it any more, so that another test may.
    pub fn leave(&mut self) {
        self.is_left = true;
    }

    /// The same database for another process; it stays when this goes.
    pub fn shared(&self) -> Self {
        let mut other = Self::none();
        other.url.clone_from(&self.url);
        other
    }

    /// Where the files of pictures and documents are that its rows name.
    pub fn media_folder(&self) -> PathBuf {
        match self.url.strip_prefix("sqlite://") {
            Some(file) => PathBuf::from(file).with_file_name("media"),
            None => {
                let name = self.url.rsplit('/').next().unwrap();
                std::env::temp_dir().join("rejoinder_media").join(name)
            }
        }
    }

    /// Whether it goes when this goes.
    pub fn is_own(&self) -> bool {
        self.folder.is_some() || self.name.is_some()
    }

    /// An empty one, with no schema yet.
    pub async fn empty(kind: Kind) -> Self {
        match kind {
            Kind::Sqlite => Self::file(),
            Kind::Postgres => Self::copy_of("template0").await,
        }
    }

    /// One with the schema, and no rows.
    pub async fn migrated(kind: Kind) -> Self {
        match kind {
            Kind::Sqlite => {
                let bytes = FILE.get_or_init(migrated_file).await;
                let database = Self::file();
                std::fs::write(database.path().unwrap(), bytes).unwrap();
                database
            }
            Kind::Postgres => {
                let mut database = match take_idle() {
                    Some(name) => Self::named(name),
                    None => Self::copy_of(TEMPLATE.get_or_init(migrated_template).await).await,
                };
                database.is_migrated = true;
                database
            }
        }
    }

    fn path(&self) -> Option<PathBuf> {
        Some(self.folder.as_ref()?.path().join("rejoinder.db"))
    }

    fn file() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut database = Self::none();
        database.url = format!("sqlite://{}/rejoinder.db", folder.path().display());
        database.folder = Some(folder);
        database
    }

    fn named(name: String) -> Self {
        let mut database = Self::none();
        database.url = with_name(cluster(), &name);
        database.name = Some(name);
        database
    }

    async fn copy_of(template: &str) -> Self {
        show_life();
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}_{number}", *RUN);
        let admin = Connection::connect(cluster()).await.unwrap();
        // Two copies of one template cannot be made at once.
        admin
            .execute_unprepared("SELECT pg_advisory_lock(7)")
            .await
            .unwrap();
        let made = admin
            .execute_unprepared(&format!("CREATE DATABASE {name} TEMPLATE {template}"))
            .await;
        admin.close().await.unwrap();
        made.unwrap();
        Self::named(name)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let files = self.media_folder();
        let Some(name) = self.name.take() else { return };
        let _ = std::fs::remove_dir_all(files);
        let is_reusable = self.is_migrated && self.is_left;
        let give_back = async move {
            if is_reusable && run(&name, EMPTY).await.is_ok() {
                idle().push(name);
            } else {
                let drop_it = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
                let _ = run("", &drop_it).await;
            }
        };
        // A test's own runtime may be ending; this one is nobody else's.
        let _ = std::thread::spawn(move || runtime().block_on(give_back)).join();
    }
}

fn idle() -> std::sync::MutexGuard<'static, Vec<String>> {
    IDLE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn take_idle() -> Option<String> {
    idle().pop()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

/// Runs statements in the database of that name, or in the cluster's own.
async fn run(name: &str, statements: &str) -> Result<(), DbErr> {
    let url = match name {
        "" => cluster().to_owned(),
        name => with_name(cluster(), name),
    };
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    let connection = Connection::connect(options).await?;
    let done = connection.execute_unprepared(statements).await;
    let _ = connection.close().await;
    done.map(|_| ())
}

/// Keeps a connection under this run's name for as long as the process lives, and drops the
/// databases of runs that have none: nobody drops those that are idle when a process ends.
fn show_life() {
    static SHOWN: Once = Once::new();
    SHOWN.call_once(|| {
        let (shown, is_shown) = mpsc::channel();
        std::thread::spawn(move || {
            runtime().block_on(async {
                let mut url = url::Url::parse(cluster()).unwrap();
                url.query_pairs_mut().append_pair("application_name", &RUN);
                let mut options = ConnectOptions::new(url);
                options.max_connections(1).sqlx_logging(false);
                // A pool ends what is idle or old, and this connection is both.
                options.idle_timeout(None::<Duration>);
                options.max_lifetime(None::<Duration>);
                let life = Connection::connect(options).await.unwrap();
                shown.send(()).unwrap();
                let dead = "SELECT datname FROM pg_database d
                    WHERE datname LIKE 'rejoinder\\_run\\_%' AND NOT EXISTS (
                        SELECT 1 FROM pg_stat_activity a
                        WHERE a.application_name <> '' AND starts_with(d.datname, a.application_name))";
                let rows = life
                    .query_all_raw(sea_orm::Statement::from_string(
                        sea_orm::DbBackend::Postgres,
                        dead,
                    ))
                    .await
                    .unwrap();
                for row in rows {
                    let name: String = row.try_get_by_index(0).unwrap();
                    // Another run may be about to do the same.
                    let drop_it = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
                    let _ = life.execute_unprepared(&drop_it).await;
                }
                std::future::pending::<()>().await;
            });
        });
        is_shown.recv().expect("a connection to the cluster");
    });
}

async fn migrate(url: &str) {
    let store = Store::connect(url, 3, Duration::from_secs(20))
        .await
        .unwrap();
    store.migrate().await.unwrap();
    store.close().await;
}

async fn migrated_template() -> String {
    let mut template = Database::copy_of("template0").await;
    migrate(&template.url).await;
    let name = template.name.take().unwrap();
    run(&name, KEEP).await.unwrap();
    name
}

/// The bytes of a migrated SQLite file.
async fn migrated_file() -> Vec<u8> {
    let database = Database::file();
    migrate(&database.url).await;
    let path = database.path().unwrap();
    // By SQLite itself: what was committed may still stand in the log beside the file.
    let copy = path.with_file_name("copy.db");
    let raw = Connection::connect(&database.url).await.unwrap();
    raw.execute_unprepared(&format!("VACUUM INTO '{}'", copy.display()))
        .await
        .unwrap();
    raw.close().await.unwrap();
    std::fs::read(copy).unwrap()
}

fn with_name(url: &str, name: &str) -> String {
    let (server, _) = url.rsplit_once('/').unwrap();
    format!("{server}/{name}")
}

/// The throwaway cluster: what `TEST_POSTGRES_URL` names, or one that `tests/postgres` starts.
fn cluster() -> &'static str {
    static URL: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    URL.get_or_init(|| {
        if let Ok(url) = std::env::var("TEST_POSTGRES_URL") {
            return url;
        }
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/postgres");
        let output = Command::new(script).arg("start").output().unwrap();
        assert!(
            output.status.success(),
            "no PostgreSQL for the tests: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    })
}
