//! Logs hold no secrets from addresses, and text by strangers cannot control a terminal.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rejoinder::commands::serve::Workers;
use rejoinder::store::entity::ids::ResponseId;
use rejoinder::store::entity::user::Role;

use crate::on_both_databases;
use crate::support::client::Client;
use crate::support::database::{Database, Kind};
use crate::support::site::Site;

fn command(database: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rejoinder"));
    command
        .env("REJOINDER_DATABASE__URL", database)
        .current_dir(std::env::temp_dir())
        .stdin(Stdio::null());
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_holds_no_secret_from_an_address() {
    let database = Database::migrated(Kind::Sqlite).await;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let mut server = command(&database.url)
        .env("REJOINDER_SERVER__LISTEN", address.to_string())
        .env("REJOINDER_LOG__FILTER", "trace")
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let client = Client::new(&format!("http://{address}"));
    let begun = Instant::now();
    while tokio::net::TcpStream::connect(address).await.is_err() {
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "it does not start"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let key = "0123456789abcdef0123456789abcdef";
    let mut requests = 0;
    for path in [
        format!("/queue/email/1-2-3-4-{key}"),
        format!("/queue/email/1-2-3-4-{key}/"),
        format!("/QUEUE/email/{key}"),
        format!("/2026/11/27/a/receipt/7-{key}"),
        format!("/2026/11/27/a/?receipt=7-{key}"),
        format!("/linkbacks/{key}"),
        format!("/setup?token={key}"),
        format!("/page/{key}/"),
    ] {
        let referer = [("referer", path.as_str())];
        client.get_with(&path, &referer).await;
        client.post(&path, &[("to", "approved")]).await;
        requests += 1;
    }
    server.kill().unwrap();
    server.wait().unwrap();
    let log = std::fs::read_to_string(&log).unwrap();
    assert!(log.matches("/queue/email/[hidden]").count() >= 2, "{log}");
    assert!(log.matches("answer").count() >= requests, "{log}");
    let leaked: Vec<&str> = log.lines().filter(|line| line.contains(key)).collect();
    assert!(leaked.is_empty(), "{leaked:#?}");
}

on_both_databases! {
    async fn text_by_strangers_cannot_control_a_terminal(db) {
        let site = Site::with(db, "", Workers::Off).await;
        let control = "\u{1b}]0;owned\u{7}\u{9b}2J\u{202e}abc\u{2066}";
        let eve = site.account_named("Eve", Role::Author).await.id;
        let post = site.post(&format!("Title {control}"), "Text").await;
        let path = format!("{}respond", site.path(&post));
        let fields = [
            ("author", "Ruth"),
            ("email", "ruth@readers.example"),
            ("comment", "Hello\n\nthere"),
        ];
        site.visitor().post(&path, &fields).await;
        // As older versions may have stored it.
        let (name, text) = (format!("Ruth\t{control}"), format!("Hello {control}\nthere"));
        site.app
            .store
            .write(move |tx| {
                let (name, text) = (name.clone(), text.clone());
                Box::pin(async move {
                    use sea_orm::{ActiveModelTrait, Set};
                    let row = rejoinder::store::entity::response::ActiveModel {
                        id: Set(ResponseId(1)),
                        author_name: Set(name.clone()),
                        body_markdown: Set(text),
                        ..Default::default()
                    };
                    row.update(tx).await?;
                    let row = rejoinder::store::entity::user::ActiveModel {
                        id: Set(eve),
                        name: Set(name),
                        ..Default::default()
                    };
                    row.update(tx).await?;
                    Ok(())
                })
            })
            .await
            .unwrap();
        for arguments in [
            vec!["moderate", "list"],
            vec!["post", "list"],
            vec!["user", "list"],
            vec!["jobs", "list"],
            vec!["doctor"],
        ] {
            let output = command(&site.database.url).args(&arguments).output().unwrap();
            let output = String::from_utf8(output.stdout).unwrap();
            assert!(!output.is_empty() || arguments[0] == "jobs", "{arguments:?}");
            let is_control = |char: char| (char.is_control() && !matches!(char, '\n' | '\t'))
                || matches!(char, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
            assert!(!output.contains(is_control), "{arguments:?}: {output:?}");
            if arguments[0] == "moderate" {
                assert!(output.contains("Hello \\u{1b}]0;owned"), "{output}");
                assert_eq!(output.lines().count(), 1);
                assert_eq!(output.matches('\t').count(), 5, "{output}");
            }
        }
    }
}
