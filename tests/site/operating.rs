//! Operating: health, metrics, settings and databases that cannot be used, a full disk, a graceful stop.

use rejoinder::app::App;
use rejoinder::clock::Clock;
use rejoinder::commands::serve::{self, Workers};
use rejoinder::config::Config;
use rejoinder::error::Error;
use reqwest::StatusCode;
use sea_orm::ConnectionTrait;

use crate::on_both_databases;
use crate::support::database::{Database, Kind};
use crate::support::site::Site;

on_both_databases! {
    async fn health_and_metrics_can_be_monitored(db) {
        let site = Site::start(db).await;
        let visitor = site.visitor();
        visitor.get("/").await;
        assert_eq!(visitor.get("/health/live").await.body, "alive\n");
        assert_eq!(visitor.get("/health/ready").await.body, "ready\n");
        let metrics = visitor.get("/metrics").await;
        assert_eq!(metrics.status, StatusCode::OK);
        for name in ["rejoinder_requests_total", "rejoinder_page_cache_total", "rejoinder_jobs{", "rejoinder_request_seconds"] {
            assert!(metrics.body.contains(name), "{name}: {}", metrics.body);
        }
    }

    async fn a_forged_header_does_not_change_who_may_read_the_metrics(db) {
        let settings = "[site]\nname = \"x\"\n";
        let site = Site::with(db, settings, Workers::Off).await;
        // Behind a trusted proxy the client's own network decides. No proxy is trusted here, so the forged
        // address changes nothing.
        let forged = site.visitor().get_with("/metrics", &[("x-forwarded-for", "203.0.113.9")]).await;
        assert_eq!(forged.status, StatusCode::OK);
    }

    async fn an_error_page_shows_the_request_id_of_its_log_line(db) {
        let site = Site::start(db).await;
        site.expect_error("use the database");
        site.expect_error("status=500");
        site.app.store.read().execute_unprepared("ALTER TABLE posts RENAME TO lost").await.unwrap();
        let broken = site.visitor().get("/?s=word").await;
        assert_eq!(broken.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(broken.one("main p.meta").ends_with(broken.header("x-request-id").unwrap()), "{}", broken.text());
        let missing = site.visitor().get("/no/page/of/any/kind").await;
        assert_eq!(missing.status, StatusCode::NOT_FOUND);
        assert!(!missing.has("main p.meta"), "{}", missing.text());
    }

    async fn a_graceful_stop_finishes_running_requests(db) {
        let site = Site::start(db).await;
        let post = site.post("A question", "Text").await;
        let address = site.base.clone();
        let answers: Vec<_> = (0..10)
            .map(|count| {
                let client = crate::support::client::Client::new(&address);
                let path = format!("{}respond", site.path(&post));
                tokio::spawn(async move {
                    let text = format!("Text {count}");
                    let fields = [("author", "R"), ("email", "r@x.example"), ("comment", text.as_str())];
                    client.post(&path, &fields).await.status
                })
            })
            .collect();
        let mut accepted = 0;
        for answer in answers {
            accepted += u64::from(answer.await.unwrap() == StatusCode::SEE_OTHER);
        }
        let post = post.id;
        let database = site.stop().await;
        let site = Site::on(database, "", Workers::Off).await;
        let state = rejoinder::store::entity::response::ResponseState::Pending;
        let stored = rejoinder::store::response_counts::recount(site.app.store.read(), post, state).await;
        assert_eq!(stored.unwrap(), accepted);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_in_one_write_does_not_stop_later_writes() {
    let site = Site::start(Kind::Sqlite).await;
    site.expect_error("a defect that this test made");
    let broken = site
        .app
        .store
        .write::<(), _>(|_| Box::pin(async move { panic!("a defect that this test made") }))
        .await;
    assert!(matches!(broken, Err(Error::Unavailable(_))), "{broken:?}");
    let post = site.post("Still here", "Text").await;
    assert_eq!(
        site.visitor().get(&site.path(&post)).await.status,
        StatusCode::OK
    );
}

async fn start_error(settings: &str) -> String {
    let config = Config::with(settings).unwrap();
    match App::start(config, Clock::system()).await {
        Err(Error::Unavailable(text)) => text.to_string(),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it started"),
    }
}

#[tokio::test]
async fn a_start_that_fails_says_what_to_fix() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().display();
    let in_folder = format!("[database]\nurl = \"sqlite://{folder}/a.db\"\n");
    for (settings, says) in [
        (
            "[database]\nurl = \"postgres://nobody:secret@127.0.0.1:1/none\"\ntimeout = 1\n"
                .to_owned(),
            "Check database.url",
        ),
        (
            "[database]\nurl = \"sqlite:///proc/none/a.db\"\n".to_owned(),
            "create the folder for",
        ),
        (
            format!("{in_folder}[linkbacks]\nfetch_allow = [\"everything\"]\n"),
            "linkbacks.fetch_allow",
        ),
        (
            format!("{in_folder}[linkbacks]\nresolver = \"dns\"\n"),
            "linkbacks.resolver",
        ),
    ] {
        let error = start_error(&settings).await;
        assert!(error.contains(says), "{settings}: {error}");
        assert!(!error.contains("secret"), "{error}");
    }
}

#[tokio::test]
async fn a_file_that_is_not_a_database_is_left_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.db");
    std::fs::write(&file, "This is a note, not a database. ".repeat(100)).unwrap();
    let config = Config::with(&format!(
        "[database]\nurl = \"sqlite://{}\"\n",
        file.display()
    ))
    .unwrap();
    assert!(App::start(config, Clock::system()).await.is_err());
    assert!(
        std::fs::read_to_string(&file)
            .unwrap()
            .starts_with("This is a note")
    );
}

#[tokio::test]
async fn a_port_in_use_suggests_another_one() {
    let taken = serve::listen("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let error = serve::listen(taken.local_addr().unwrap())
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("already in use") && error.contains("REJOINDER_SERVER__LISTEN"),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_loses_no_text_and_leaves_nothing_half_written() {
    // A database that must not grow stands for a full disk: SQLite reports the same error.
    let database = Database::migrated(Kind::Sqlite).await;
    let site = Site::on(database, "", Workers::Off).await;
    site.leave_jobs();
    site.expect_error("write to a full disk");
    site.expect_error("status=503");
    let post = site.post("A question", "Text").await;
    let path = site.path(&post);
    site.app
        .store
        .write(|tx| {
            Box::pin(async move {
                tx.execute_unprepared("PRAGMA max_page_count = 1").await?;
                Ok(())
            })
        })
        .await
        .unwrap();
    let visitor = site.visitor();
    let text = "A long comment. ".repeat(600);
    let mut refused = None;
    for count in 0..200 {
        let text = format!("{text}{count}");
        let fields = [
            ("author", "R"),
            ("email", "r@x.example"),
            ("comment", text.trim()),
        ];
        let answer = visitor.post(&format!("{path}respond"), &fields).await;
        if answer.status != StatusCode::SEE_OTHER {
            refused = Some((answer, text));
            break;
        }
    }
    let (answer, text) = refused.expect("the disk did not fill up");
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(
        answer.one(".problems").contains("The site’s disk is full"),
        "{}",
        answer.text()
    );
    assert_eq!(
        answer.form("#respond form").value("comment").trim(),
        text.trim()
    );
    assert_eq!(
        visitor.get(&path).await.status,
        StatusCode::OK,
        "reading still works"
    );
}

/// The permission bits of a file.
fn permissions(path: &std::path::Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn only_the_owner_can_read_the_data_even_in_an_existing_folder() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    std::fs::set_permissions(&data, PermissionsExt::from_mode(0o755)).unwrap();
    let url = format!("sqlite://{}/rejoinder.db", data.display());
    let run = |arguments: &[&str]| crate::commands::run(&url, folder.path(), arguments, "");
    crate::commands::stdout_of(&run(&["migrate"]));
    assert_eq!(permissions(&data), 0o700);
    let check = || {
        for entry in std::fs::read_dir(&data).unwrap() {
            let path = entry.unwrap().path();
            assert_eq!(permissions(&path), 0o600, "{}", path.display());
        }
    };
    check();
    // An existing database that everybody can read.
    std::fs::set_permissions(&data, PermissionsExt::from_mode(0o755)).unwrap();
    std::fs::set_permissions(data.join("rejoinder.db"), PermissionsExt::from_mode(0o644)).unwrap();
    crate::commands::stdout_of(&run(&["user", "list"]));
    check();
    assert_eq!(permissions(&data), 0o700);
    // With other files beside it, the folder is left unchanged, and doctor says so.
    std::fs::write(data.join("note"), "").unwrap();
    std::fs::set_permissions(&data, PermissionsExt::from_mode(0o755)).unwrap();
    let doctor = run(&["doctor"]);
    let report = String::from_utf8_lossy(&doctor.stdout).into_owned();
    assert!(
        report.contains("other users can read") && report.contains("/data"),
        "{report}"
    );
    assert_eq!(permissions(&data), 0o755);
}
