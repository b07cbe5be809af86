//! A database of its own for each test: a file for SQLite, a copy of a migrated template for
//! PostgreSQL.

use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rejoinder::store::db::Store;
use sea_orm::{ConnectionTrait, Database as Connection};
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
    _folder: Option<TempDir>,
    name: Option<String>,
}

static NEXT: AtomicU32 = AtomicU32::new(0);
static TEMPLATE: OnceCell<String> = OnceCell::const_new();

impl Database {
    /// A stand-in where the real one was taken out.
    pub fn none() -> Self {
        Self {
            url: String::new(),
            _folder: None,
            name: None,
        }
    }

    /// The same database for another process; it stays when this goes.
    pub fn shared(&self) -> Self {
        let mut other = Self::none();
        other.url.clone_from(&self.url);
        other
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
                let database = Self::file();
                migrate(&database.url).await;
                database
            }
            Kind::Postgres => {
                let template = TEMPLATE
                    .get_or_init(|| async {
                        let template = Self::copy_of("template0").await;
                        migrate(&template.url).await;
                        let name = template.name.clone().unwrap();
                        // Kept for the other tests; it goes with the cluster.
                        std::mem::forget(template);
                        name
                    })
                    .await;
                Self::copy_of(template).await
            }
        }
    }

    fn file() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            url: format!("sqlite://{}/rejoinder.db", folder.path().display()),
            _folder: Some(folder),
            name: None,
        }
    }

    async fn copy_of(template: &str) -> Self {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("rejoinder_test_{}_{number}", std::process::id());
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
        Self {
            url: with_name(cluster(), &name),
            _folder: None,
            name: Some(name),
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let Some(name) = self.name.take() else { return };
        let drop_it = async move {
            if let Ok(admin) = Connection::connect(cluster()).await {
                let _ = admin
                    .execute_unprepared(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
                    .await;
                let _ = admin.close().await;
            }
        };
        // A test's own runtime may be ending; this one is nobody else's.
        let _ = std::thread::spawn(move || {
            tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap()
                .block_on(drop_it);
        })
        .join();
    }
}

async fn migrate(url: &str) {
    let store = Store::connect(url, 3, Duration::from_secs(20))
        .await
        .unwrap();
    store.migrate().await.unwrap();
    store.close().await;
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
