//! Where files are kept, when that fails: nothing is half there, nothing is lost, and people are told. In a
//! folder, and in an object store that several nodes share.

use std::path::Path;
use std::process::Child;
use std::time::Duration;

use image::ImageFormat;
use rejoinder::accounts::permissions::Actor;
use rejoinder::commands::serve::Workers;
use rejoinder::media::{address, library, sweep};
use rejoinder::store::entity::user::Role;
use rejoinder::store::media as rows;
use reqwest::StatusCode;

use crate::commands::{command, stderr_of, stdout_of};
use crate::media::{added, address_in, encoded, item_path, photo, upload};
use crate::on_both_databases;
use crate::support::database::{Database, Kind};
use crate::support::object_server::ObjectServer;
use crate::support::site::{PASSWORD, Site};

/// How often a command is killed in a normal run; the variable `KILLS` overrides it.
const KILLS: u64 = 4;
/// Older than what `media::sweep` leaves alone.
const A_DAY_LATER: Duration = Duration::from_secs(25 * 60 * 60);

struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn png() -> Vec<u8> {
    encoded(&photo(700, 400), ImageFormat::Png)
}

async fn site_on(server: &ObjectServer, db: Kind) -> Site {
    let database = Database::migrated(db).await;
    let settings = server.settings(&database.media_folder());
    Site::on(database, &settings, Workers::Off).await
}

/// Every file that a row names is there with all of its bytes; returns how many rows there are.
async fn check_every_file(site: &Site) -> u64 {
    let reader = site.visitor();
    let found = library::page(&site.app, &Actor::operator(), "", 1)
        .await
        .unwrap();
    for media in &found.media {
        let whole = reader.get(&address::of_original(media)).await;
        assert_eq!(whole.status, StatusCode::OK);
        assert_eq!(whole.bytes.len() as i64, media.size);
        let variants = rows::list_variants(site.app.store.read(), &[media.id])
            .await
            .unwrap();
        for variant in variants {
            let smaller = reader
                .get(&address::of_variant(&media.token, variant.width))
                .await;
            assert_eq!(smaller.bytes.len() as i64, variant.size);
        }
    }
    found.count
}

on_both_databases! {
    async fn files_in_an_object_store_are_served_in_parts_by_every_node_and_deleted(db) {
        let server = ObjectServer::start().await;
        let site = site_on(&server, db).await;
        let author = site.signed_in(Role::Author).await;
        let page = added(&author, "map.png", &png()).await;
        let address = address_in(&page);
        // Three sizes and the file itself, and nothing on this machine.
        assert_eq!(server.objects().len(), 4);
        let incoming = std::fs::read_dir(site.database.media_folder().join("incoming")).unwrap();
        assert_eq!(incoming.count(), 0);
        let other_folder = tempfile::tempdir().unwrap();
        let other = Site::on(site.database.shared(), &server.settings(other_folder.path()), Workers::Off).await;
        for node in [&site, &other] {
            let reader = node.visitor();
            let whole = reader.get(&address).await;
            assert_eq!((whole.status, whole.header("content-type")), (StatusCode::OK, Some("image/png")));
            assert_eq!(image::load_from_memory(&whole.bytes).unwrap().width(), 700);
            let part = reader.get_with(&address, &[("range", "bytes=1-3")]).await;
            assert_eq!((part.status, part.body.as_str()), (StatusCode::PARTIAL_CONTENT, "PNG"));
            let end = reader.get_with(&address, &[("range", "bytes=-4")]).await;
            assert_eq!(end.bytes, whole.bytes[whole.bytes.len() - 4..]);
            let beyond = reader.get_with(&address, &[("range", "bytes=99999999-")]).await;
            assert_eq!(beyond.status, StatusCode::RANGE_NOT_SATISFIABLE);
        }
        assert_eq!(check_every_file(&other).await, 1);
        let deleted = author.post(&format!("{}/delete", item_path(&page)), &[("sure", "1")]).await;
        assert_eq!(deleted.status, StatusCode::SEE_OTHER);
        assert_eq!(other.visitor().get(&address).await.status, StatusCode::NOT_FOUND);
        assert_eq!(server.objects(), Vec::<String>::new());
        other.stop().await;
    }

    async fn an_object_store_that_fails_at_any_step_leaves_nothing_half(db) {
        let server = ObjectServer::start().await;
        let site = site_on(&server, db).await;
        let author = site.signed_in(Role::Author).await;
        let kept = address_in(&added(&author, "kept.png", &png()).await);
        let before = server.objects();
        site.expect_error("status=503");
        for puts in 0..4 {
            server.fail_after_puts(Some(puts));
            let answer = upload(&author, "My description", &[("new.png", "image/png", &png())]).await;
            assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "after {puts}");
            assert!(answer.one(".problems").contains("could not be stored"), "{}", answer.one(".problems"));
            assert_eq!(answer.form("form.upload").value("alt"), "My description");
            assert_eq!(server.objects(), before, "after {puts}");
        }
        // Not even deleting works: the rest is found later.
        server.fail_after_puts(None);
        server.set_down(true);
        let answer = upload(&author, "", &[("new.png", "image/png", &png())]).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        let served = site.visitor().get(&kept).await;
        assert_eq!(served.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_ne!(served.header("cache-control"), Some("public, max-age=31536000, immutable"));
        assert_eq!(site.visitor().get("/").await.status, StatusCode::OK);
        // Deleted for people; its files go when the store is back.
        let item = library::page(&site.app, &Actor::operator(), "", 1).await.unwrap().media.remove(0);
        let deleted = author.post(&format!("/desk/media/{}/delete", item.id), &[("sure", "1")]).await;
        assert_eq!(deleted.status, StatusCode::SEE_OTHER);
        assert_eq!(site.visitor().get(&kept).await.status, StatusCode::NOT_FOUND);
        server.set_down(false);
        assert_eq!(server.objects(), before);
        site.app.clock.step(A_DAY_LATER);
        assert_eq!(sweep::remove_orphans(&site.app).await.unwrap(), 1);
        assert_eq!(server.objects(), Vec::<String>::new());
    }

    async fn an_object_store_that_fails_for_a_moment_is_asked_again(db) {
        let server = ObjectServer::start().await;
        let site = site_on(&server, db).await;
        let author = site.signed_in(Role::Author).await;
        server.fail_next(2);
        let page = added(&author, "map.png", &png()).await;
        assert_eq!(server.objects().len(), 4);
        server.fail_next(2);
        let served = site.visitor().get(&address_in(&page)).await;
        assert_eq!(served.status, StatusCode::OK);
        server.fail_next(2);
        let deleted = author.post(&format!("{}/delete", item_path(&page)), &[("sure", "1")]).await;
        assert_eq!(deleted.status, StatusCode::SEE_OTHER);
        assert_eq!(server.objects(), Vec::<String>::new());
    }

    async fn a_killed_upload_loses_nothing_that_was_acknowledged(db) {
        let server = ObjectServer::start().await;
        let database = Database::migrated(db).await;
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.png"), png()).unwrap();
        let add = || {
            let mut command = command(&database.url, folder.path());
            command
                .env("REJOINDER_MEDIA__FOLDER", database.media_folder())
                .envs(server.environment())
                .args(["media", "add"])
                .args(["a.png"; 12]);
            command
        };
        let kills = std::env::var("KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(KILLS);
        let mut acknowledged = Vec::new();
        for round in 0..kills {
            let mut running = Killed(add().spawn().unwrap());
            let before = server.objects().len();
            while server.objects().len() < before + 1 + 2 * round as usize && running.0.try_wait().unwrap().is_none() {
                tokio::time::sleep(Duration::from_millis(3)).await;
            }
            running.0.kill().unwrap();
            let mut output = String::new();
            std::io::Read::read_to_string(&mut running.0.stdout.take().unwrap(), &mut output).unwrap();
            acknowledged.extend(output.lines().map(str::to_owned));
        }
        acknowledged.extend(stdout_of(&add().output().unwrap()).lines().map(str::to_owned));
        let settings = server.settings(&database.media_folder());
        let site = Site::on(database.shared(), &settings, Workers::Off).await;
        let count = check_every_file(&site).await;
        assert!(count >= acknowledged.len() as u64 && count >= 12, "{count} rows");
        let reader = site.visitor();
        for address in acknowledged {
            let path = address.strip_prefix("https://news.example").unwrap();
            assert_eq!(reader.get(path).await.status, StatusCode::OK);
        }
        site.app.clock.step(A_DAY_LATER);
        sweep::remove_orphans(&site.app).await.unwrap();
        assert_eq!(server.objects().len() as u64, 4 * count);
        check_every_file(&site).await;
        site.stop().await;
    }

    async fn a_folder_that_cannot_be_written_is_said_and_nothing_typed_is_lost(db) {
        let database = Database::migrated(db).await;
        // A file in the place of the folder: nobody, not even root, can write below it.
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("media");
        std::fs::write(&place, b"in the way").unwrap();
        let site = Site::on(database, &format!("[media]\nfolder = \"{}\"\n", place.display()), Workers::Off).await;
        site.expect_error("status=503");
        let author = site.signed_in(Role::Author).await;
        let answer = upload(&author, "", &[("a.png", "image/png", &png()), ("b.txt", "text/plain", b"Text")]).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        let problems = answer.one(".problems");
        assert!(problems.contains("a.png: The file could not be stored") && problems.contains("b.txt"), "{problems}");
        assert_eq!(library::page(&site.app, &Actor::operator(), "", 1).await.unwrap().count, 0);
        // The rest of the site goes on, and so do uploads once there is a place again.
        assert_eq!(site.visitor().get("/").await.status, StatusCode::OK);
        std::fs::remove_file(&place).unwrap();
        added(&author, "a.png", &png()).await;
        assert_eq!(check_every_file(&site).await, 1);
    }

    async fn a_database_that_fails_after_the_files_are_stored_shows_nothing(db) {
        let site = Site::start(db).await;
        let author = site.account(Role::Author).await;
        let writer = site.visitor();
        writer.sign_in(&author.email, PASSWORD).await;
        site.expect_error("fail a request");
        site.allow_error("status=500");
        // The row cannot be inserted: its table has another name.
        let raw = sea_orm::Database::connect(&site.database.url).await.unwrap();
        let rename = |from: &str, to: &str| format!("ALTER TABLE {from} RENAME TO {to}");
        sea_orm::ConnectionTrait::execute_unprepared(&raw, &rename("media_variants", "elsewhere")).await.unwrap();
        let answer = upload(&writer, "", &[("a.png", "image/png", &png())]).await;
        assert!(answer.status.is_server_error(), "{}", answer.status);
        sea_orm::ConnectionTrait::execute_unprepared(&raw, &rename("elsewhere", "media_variants")).await.unwrap();
        raw.close().await.unwrap();
        assert_eq!(library::page(&site.app, &Actor::operator(), "", 1).await.unwrap().count, 0);
        site.app.clock.step(A_DAY_LATER);
        assert_eq!(sweep::remove_orphans(&site.app).await.unwrap(), 1);

    }

    async fn the_doctor_tests_the_store_and_hides_the_secret(db) {
        let server = ObjectServer::start().await;
        let database = Database::migrated(db).await;
        let folder = tempfile::tempdir().unwrap();
        let doctor = |key: &str, secret: &str| {
            command(&database.url, folder.path())
                .envs(server.environment())
                .env("REJOINDER_MEDIA__KEY_ID", key)
                .env("REJOINDER_MEDIA__SECRET", secret)
                .arg("doctor")
                .output()
                .unwrap()
        };
        let text = |output: &std::process::Output| {
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
        };
        let found = text(&doctor("S3RVER", "S3RVER"));
        assert!(found.contains("ok    files can be stored in s3://media/site"), "{found}");
        assert_eq!(server.objects(), Vec::<String>::new());
        let found = text(&doctor("nobody", "not-the-secret"));
        assert!(found.contains("FIX   files cannot be stored in s3://media/site: storing failed"), "{found}");
        assert!(!found.contains("not-the-secret"), "{found}");
        let found = text(&doctor("S3RVER", ""));
        assert!(found.contains("set media.key_id and media.secret"), "{found}");
        server.set_down(true);
        let found = text(&doctor("S3RVER", "S3RVER"));
        assert!(found.contains("FIX   files cannot be stored"), "{found}");
        let refused = command(&database.url, folder.path())
            .envs(server.environment())
            .env("REJOINDER_MEDIA__ENDPOINT", "http://s3.example.org")
            .args(["media", "add", "none.png"])
            .output()
            .unwrap();
        assert!(stderr_of(&refused).contains("media.endpoint is not https"));
        assert!(Path::new(folder.path()).exists());
    }
}
