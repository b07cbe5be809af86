//! The schema: both databases, nodes that start together, rows that live on, databases from the
//! future.

use std::time::Duration;

use rejoinder::error::Error;
use rejoinder::store::db::Store;
use rejoinder::store::entity::ids::{PostId, ResponseId};
use rejoinder::store::entity::response::ResponseState;
use rejoinder::store::{guids, linkbacks, posts, responses, users};
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
    async fn sample_rows_are_there_after_every_step(db) {
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
        // What was there before names were kept goes by the name that feeds used.
        guids::fill_missing(&store, "https://news.example").await.unwrap();
        guids::fill_missing(&store, "https://moved.example").await.unwrap();
        let post = posts::find(db, PostId(1)).await.unwrap().unwrap();
        assert_eq!(post.guid.as_deref(), Some("https://news.example/?p=1"));
        let response = responses::find(db, ResponseId(1)).await.unwrap().unwrap();
        assert_eq!(response.guid.as_deref(), Some("https://news.example/?p=1#comment-1"));
        let counts = responses::count_approved(db, &[PostId(1)]).await.unwrap();
        assert_eq!(counts[&PostId(1)], 1);
    }

    async fn nodes_that_start_together_migrate_one_after_the_other(db) {
        let database = Database::empty(db).await;
        let mut starting = tokio::task::JoinSet::new();
        for _ in 0..4 {
            let url = database.url.clone();
            starting.spawn(async move { connect(&url).await.migrate().await });
        }
        // SQLite belongs to one node; PostgreSQL must hold against all of them.
        let outcomes = starting.join_all().await;
        if db == crate::support::database::Kind::Postgres {
            for outcome in outcomes {
                outcome.unwrap();
            }
        }
        let store = connect(&database.url).await;
        store.migrate().await.unwrap();
        assert_eq!(store.missing_steps().await.unwrap(), Vec::<String>::new());
    }

    async fn a_database_of_a_newer_version_is_left_alone(db) {
        let database = Database::migrated(db).await;
        let raw = Connection::connect(&database.url).await.unwrap();
        raw.execute_unprepared(
            "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29991231_000001_later', 1)",
        )
        .await
        .unwrap();
        raw.close().await.unwrap();
        let Err(Error::Unavailable(words)) = connect(&database.url).await.migrate().await else {
            panic!("a newer database was taken");
        };
        assert!(words.contains("newer Rejoinder") && words.contains("m29991231"), "{words}");
    }
}
