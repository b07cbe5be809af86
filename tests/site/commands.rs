//! The command line: accounts, posts from files, moderation, jobs, and errors that say what to
//! mend.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::on_both_databases;
use crate::support::database::Database;
use crate::support::site::Site;
use rejoinder::commands::serve::Workers;

fn command(database: &str, folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rejoinder"));
    command
        .env("REJOINDER_DATABASE__URL", database)
        .env("REJOINDER_SITE__URL", "https://news.example")
        .env("REJOINDER_LOG__FILTER", "error")
        .current_dir(folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn run(database: &str, folder: &Path, arguments: &[&str], input: &str) -> Output {
    let mut child = command(database, folder)
        .args(arguments)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that reads nothing may be gone already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn said(output: &Output) -> String {
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn complained(output: &Output) -> String {
    assert!(
        !output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    String::from_utf8(output.stderr.clone()).unwrap()
}

on_both_databases! {
    async fn a_post_is_published_updated_and_deleted_from_files(db) {
        let database = Database::empty(db).await;
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let run = |arguments: &[&str]| run(&database.url, folder, arguments, "a long enough password\n");
        let write = |text: &str| std::fs::write(folder.join("post.md"), text).unwrap();
        write("---\ntitle: From a file\ndate: 2026-03-05\ntags: [one]\n---\nText");
        let error = complained(&run(&["post", "publish", "post.md"]));
        assert!(error.contains("rejoinder user add"), "{error}");
        let added = said(&run(&[
            "user", "add", "--email", "ada@x.example", "--name", "Ada", "--role", "author", "--password-stdin",
        ]));
        assert!(added.contains("ada@x.example"));
        assert!(!added.contains("password"), "{added}");
        let link = said(&run(&["post", "publish", "post.md"]));
        assert_eq!(link, "https://news.example/2026/03/05/from-a-file/\n");
        write("---\ntitle: From a file\ndate: 2026-03-05\n---\nOther text");
        assert_eq!(said(&run(&["post", "publish", "post.md"])), link);
        let site = Site::on(database.shared(), "", Workers::Off).await;
        let page = site.visitor().get("/2026/03/05/from-a-file/").await;
        assert!(page.text().contains("Other text"));
        assert_eq!(said(&run(&["post", "list"])).lines().count(), 1);
        said(&run(&["post", "delete", "from-a-file"]));
        let error = complained(&run(&["post", "delete", "from-a-file"]));
        assert!(error.contains("no post has the slug"), "{error}");
        site.stop().await;
    }

    async fn responses_are_moderated_from_a_shell(db) {
        let site = Site::start(db).await;
        let post = site.post("A question", "Text").await;
        let one = crate::support::site::comment_id(&site.comment(&post, "Ruth", "Hello").await);
        site.comment(&post, "Pavel", "Hi").await;
        site.comment(&post, "Sol", "Hey").await;
        let folder = tempfile::tempdir().unwrap();
        let moderate = |arguments: &[&str]| {
            let arguments: Vec<&str> = ["moderate"].iter().chain(arguments).copied().collect();
            run(&site.database.url, folder.path(), &arguments, "")
        };
        let listed = said(&moderate(&["list"]));
        assert_eq!(listed.lines().count(), 3);
        assert!(listed.contains("Ruth") && listed.contains("First response of this writer."), "{listed}");
        assert!(said(&moderate(&["approve", &one.to_string()])).starts_with("1 moved"));
        let done = said(&moderate(&["spam", "--all-pending"]));
        assert!(done.starts_with("2 moved"), "{done}");
        let batch = done.trim().rsplit(' ').next().unwrap();
        assert!(said(&moderate(&["undo", batch])).starts_with("2 put back"));
        assert_eq!(said(&moderate(&["list"])).lines().count(), 2);
        assert_eq!(said(&moderate(&["list", "--state", "approved"])).lines().count(), 1);
        assert!(complained(&moderate(&["trash", "99999"])).contains("gone"));
        assert!(complained(&moderate(&["trash"])).contains("--all-pending"));
        // The server beside it shows what the command decided.
        let begun = std::time::Instant::now();
        while !site.visitor().get(&site.path(&post)).await.text().contains("Hello") {
            assert!(begun.elapsed().as_secs() < 5);
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        site.stop().await;
    }

    async fn doctor_migrate_and_jobs_tell_how_things_stand(db) {
        let database = Database::empty(db).await;
        let folder = tempfile::tempdir().unwrap();
        let run = |arguments: &[&str]| run(&database.url, folder.path(), arguments, "");
        let doctor = run(&["doctor"]);
        assert!(String::from_utf8_lossy(&doctor.stdout).contains("not there yet"));
        assert!(said(&run(&["migrate"])).contains("steps made"));
        assert_eq!(said(&run(&["migrate"])), "The schema was up to date.\n");
        assert_eq!(said(&run(&["jobs", "run"])), "0 jobs worked off.\n");
        assert_eq!(said(&run(&["jobs", "list"])), "");
        assert!(complained(&run(&["jobs", "retry", "7"])).contains("no such job"));
        assert!(complained(&run(&["doctor"])).contains("to mend"), "nobody can sign in");
    }
}

fn alone(arguments: &[&str], input: &str) -> Output {
    let folder = tempfile::tempdir().unwrap();
    run("sqlite://data/x.db", folder.path(), arguments, input)
}

#[test]
fn markdown_is_rendered_as_it_would_be_shown() {
    let text = "# Head\n\n<script>x</script>\n\n[l](https://x.example)";
    let post = said(&alone(&["render", "--as", "post"], text));
    assert!(
        post.contains("<h2>Head</h2>") && !post.contains("script"),
        "{post}"
    );
    let comment = said(&alone(&["render", "--as", "comment"], text));
    assert!(
        comment.contains("rel=\"nofollow ugc noopener\"") && !comment.contains("<h2>"),
        "{comment}"
    );
}

#[test]
fn a_misspelt_setting_is_named_with_its_neighbour() {
    let folder = tempfile::tempdir().unwrap();
    let output = command("sqlite://data/x.db", folder.path())
        .env("REJOINDER_SERVER__LISEN", "127.0.0.1:1")
        .arg("migrate")
        .output()
        .unwrap();
    let error = complained(&output);
    assert!(
        error.contains("no setting server.lisen") && error.contains("server.listen"),
        "{error}"
    );
    assert!(
        !folder.path().join("data").exists(),
        "something was written"
    );
}

#[test]
fn files_that_are_no_posts_say_what_to_mend() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("bytes.md"), b"# \xff").unwrap();
    std::fs::write(folder.path().join("untitled.md"), "Text").unwrap();
    for (file, says) in [
        ("none.md", "No such file"),
        ("bytes.md", "UTF-8"),
        ("untitled.md", "no title"),
    ] {
        let error = complained(&run(
            "sqlite://x.db",
            folder.path(),
            &["post", "publish", file],
            "",
        ));
        assert!(error.contains(file) && error.contains(says), "{error}");
    }
}

#[test]
fn help_teaches() {
    for (arguments, says) in [
        (vec!["--help"], "rejoinder demo"),
        (vec!["post", "publish", "--help"], "front matter"),
        (vec!["moderate", "--help"], "Review responses"),
    ] {
        let help = said(&alone(&arguments, ""));
        assert!(help.contains(says), "{arguments:?}: {help}");
    }
}
