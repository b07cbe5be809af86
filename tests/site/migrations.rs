//! Migrations: both databases, nodes that start together, existing rows, databases of newer versions.

use std::time::Duration;

use rejoinder::error::Error;
use rejoinder::store::db::Store;
use rejoinder::store::entity::ids::{PostId, ResponseId};
use rejoinder::store::entity::response::ResponseState;
use rejoinder::store::response_counts;
use rejoinder::store::{linkbacks, posts, responses, users};
use rejoinder_migrations::SAMPLE_ROWS;
use sea_orm::{ConnectionTrait, Database as Connection};

use crate::on_both_databases;
use crate::support::database::Database;

async fn connect(url: &str) -> Store {
    Store::connect(url, 3, Duration::from_secs(20))
        .await
        .unwrap()
}

on_both_databases! {
    async fn existing_rows_survive_the_migrations(db) {
        let database = Database::empty(db).await;
        let store = connect(&database.url).await;
        assert!(!store.missing_steps().await.unwrap().is_empty());
        store.migrate().await.unwrap();
        let raw = Connection::connect(&database.url).await.unwrap();
        for row in SAMPLE_ROWS {
            raw.execute_unprepared(row).await.unwrap();
        }
        raw.close().await.unwrap();
        store.migrate().await.unwrap();
        assert_eq!(store.missing_steps().await.unwrap(), Vec::<String>::new());
        let db = store.read();
        assert_eq!(users::count(db).await.unwrap(), 1);
        assert_eq!(posts::find(db, PostId(1)).await.unwrap().unwrap().title, "First");
        let response = responses::find(db, ResponseId(1)).await.unwrap().unwrap();
        assert_eq!(response.state, ResponseState::Approved);
        let source = "https://blog.example/a";
        assert!(linkbacks::find_by_source(db, PostId(1), source).await.unwrap().is_some());
        assert_eq!(response.guid, "urn:uuid:2");
        let counts = response_counts::count_approved(db, &[PostId(1)]).await.unwrap();
        assert_eq!(counts[&PostId(1)], 1);
    }

    async fn nodes_that_start_together_migrate_one_after_the_other(db) {
        let database = Database::empty(db).await;
        let mut starting = tokio::task::JoinSet::new();
        for _ in 0..4 {
            let url = database.url.clone();
            starting.spawn(async move { connect(&url).await.migrate().await });
        }
        // SQLite is for one node; PostgreSQL must work with all of them.
        let results = starting.join_all().await;
        if db == crate::support::database::Kind::Postgres {
            for result in results {
                result.unwrap();
            }
        }
        let store = connect(&database.url).await;
        store.migrate().await.unwrap();
        assert_eq!(store.missing_steps().await.unwrap(), Vec::<String>::new());
    }

    async fn a_database_of_a_newer_version_is_left_unchanged(db) {
        let database = Database::migrated(db).await;
        let raw = Connection::connect(&database.url).await.unwrap();
        raw.execute_unprepared(
            "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29991231_000001_later', 1)",
        )
        .await
        .unwrap();
        raw.close().await.unwrap();
        let Err(Error::Unavailable(message)) = connect(&database.url).await.migrate().await else {
            panic!("a newer database was opened");
        };
        let text = message.to_string();
        assert!(text.contains("newer version of Rejoinder") && text.contains("m29991231"), "{text}");
    }
}
