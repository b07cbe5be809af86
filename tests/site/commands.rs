//! The command line: accounts, posts from files, moderation, jobs, and errors that say what to fix.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::on_both_databases;
use crate::support::database::Database;
use crate::support::site::Site;
use rejoinder::commands::serve::Workers;

pub fn command(database: &str, folder: &Path) -> Command {
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

pub fn run(database: &str, folder: &Path, arguments: &[&str], input: &str) -> Output {
    let mut child = command(database, folder)
        .args(arguments)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that reads nothing may be gone already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

pub fn stdout_of(output: &Output) -> String {
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub fn stderr_of(output: &Output) -> String {
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
        let error = stderr_of(&run(&["post", "publish", "post.md"]));
        assert!(error.contains("rejoinder user add"), "{error}");
        let added = stdout_of(&run(&[
            "user", "add", "--email", "ada@x.example", "--name", "Ada", "--role", "author", "--password-stdin",
        ]));
        assert!(added.contains("ada@x.example"));
        assert!(!added.contains("password"), "{added}");
        let link = stdout_of(&run(&["post", "publish", "post.md"]));
        assert_eq!(link, "https://news.example/2026/03/05/from-a-file/\n");
        write("---\ntitle: Another title\nslug: from-a-file\ndate: 2026-03-05\n---\nOther text");
        assert_eq!(stdout_of(&run(&["post", "publish", "post.md"])), link);
        let site = Site::on(database.shared(), "", Workers::Off).await;
        let page = site.visitor().get("/2026/03/05/from-a-file/").await;
        assert!(page.text().contains("Other text"));
        assert_eq!(stdout_of(&run(&["post", "list"])).lines().count(), 1);
        stdout_of(&run(&["post", "delete", "from-a-file"]));
        let error = stderr_of(&run(&["post", "delete", "from-a-file"]));
        assert!(error.contains("no post has the slug"), "{error}");
        site.stop().await;
    }

    async fn only_a_file_that_names_a_slug_updates_a_post(db) {
        let database = Database::empty(db).await;
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let run = |arguments: &[&str]| run(&database.url, folder, arguments, "a long enough password\n");
        let publish = |text: &str| {
            std::fs::write(folder.join("post.md"), text).unwrap();
            run(&["post", "publish", "post.md"])
        };
        stdout_of(&run(&[
            "user", "add", "--email", "ada@x.example", "--name", "Ada", "--role", "author", "--password-stdin",
        ]));
        let mut links = Vec::new();
        for title in ["时事", "实事", "\"???\"", "\"!!!\"", "C++", "\"C#\"", "C++"] {
            let output = publish(&format!("---\ntitle: {title}\ndate: 2026-03-05\n---\nText of {title}"));
            links.push(stdout_of(&output));
            let remark = String::from_utf8(output.stderr).unwrap();
            assert_eq!(remark.contains("name its slug there: slug: "), links.len() % 2 == 0 || links.len() == 7, "{remark}");
        }
        let expected = ["shi-shi", "shi-shi-2", "post", "post-2", "c", "c-2", "c-3"];
        for (link, slug) in links.iter().zip(expected) {
            assert_eq!(link, &format!("https://news.example/2026/03/05/{slug}/\n"));
        }
        // Publishing an unchanged file again changes nothing.
        let store = rejoinder::store::db::Store::connect(&database.url, 2, std::time::Duration::from_secs(20)).await.unwrap();
        let row = async || rejoinder::store::posts::find_by_slug(store.read(), "c-2").await.unwrap().unwrap();
        let named = "---\ntitle: \"C#\"\nslug: c-2\ndate: 2026-03-05T10:11:12+01:00\ntags: [\"Oil, gas\", 2026]\n---\nText";
        stdout_of(&publish(named));
        let first = row().await;
        stdout_of(&publish(named));
        stdout_of(&publish(&named.replace("2026-03-05T10:11:12+01:00", "2026/03/05 09:11")));
        assert_eq!(row().await, first);
        stdout_of(&publish(&named.replace("---\nText", "---\nOther")));
        let changed = row().await;
        assert_eq!((changed.revision, changed.published_at), (first.revision + 1, first.published_at));
        let tags = rejoinder::store::tags::list_for_posts(store.read(), &[changed.id]).await.unwrap();
        let tags: Vec<_> = tags.iter().map(|(_, tag)| tag.name.as_str()).collect();
        assert_eq!(tags, ["2026", "Oil, gas"]);
        // An error names what else has the slug.
        let raw = sea_orm::Database::connect(&database.url).await.unwrap();
        let change = async |sql: &str| sea_orm::ConnectionTrait::execute_unprepared(&raw, sql).await.unwrap();
        change("UPDATE posts SET slug = 'sharp' WHERE slug = 'c-2'").await;
        change("INSERT INTO former_slugs (slug, post_id) SELECT 'c-2', id FROM posts WHERE slug = 'sharp'").await;
        let error = stderr_of(&publish(named));
        assert!(error.contains("line 3, column 1: slug: The post with this slug is now at sharp"), "{error}");
        change("UPDATE posts SET state = 'trash' WHERE slug = 'c'").await;
        let error = stderr_of(&publish("---\nslug: c\ntitle: x\n---\nText"));
        assert!(error.contains("line 2, column 1: slug: A post in the trash has this slug"), "{error}");
        stdout_of(&run(&["post", "delete", "c-3"]));
        let output = publish("---\nslug: c-3\ntitle: x\n---\nText");
        assert!(String::from_utf8_lossy(&output.stderr).contains("permanently deleted post had this slug"));
        stdout_of(&output);
        raw.close().await.unwrap();
        store.close().await;
    }

    async fn a_command_whose_output_is_closed_ends_quietly(db) {
        let site = Site::start(db).await;
        let post = site.post("A post", "x").await;
        site.comment(&post, "Ruth", "Hello").await;
        let folder = tempfile::tempdir().unwrap();
        // The reading end is closed before there is anything to read.
        for arguments in ["post list", "user list", "jobs list", "jobs run", "moderate list", "migrate", "render --as post", "--help"] {
            for everything in ["", "2>&1"] {
                let script = format!("echo '- word' | \"$0\" {arguments} {everything} | true; exit ${{PIPESTATUS[1]}}");
                let output = Command::new("bash")
                    .args(["-c", script.as_str(), env!("CARGO_BIN_EXE_rejoinder")])
                    .env("REJOINDER_DATABASE__URL", &site.database.url)
                    .env("REJOINDER_LOG__FILTER", "trace")
                    .current_dir(folder.path())
                    .output()
                    .unwrap();
                let error = String::from_utf8_lossy(&output.stderr);
                assert!(output.status.success(), "{arguments} {everything}: {:?} {error}", output.status);
                assert!(!error.contains("panicked") && !error.contains("Broken pipe"), "{arguments}: {error}");
            }
        }
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
        let listed = stdout_of(&moderate(&["list"]));
        assert_eq!(listed.lines().count(), 3);
        assert!(listed.contains("Ruth") && listed.contains("Nothing from this sender has been approved yet."), "{listed}");
        assert!(stdout_of(&moderate(&["approve", &one.to_string()])).starts_with("1 moved"));
        let done = stdout_of(&moderate(&["spam", "--all-pending"]));
        assert!(done.starts_with("2 moved"), "{done}");
        let batch = done.trim().rsplit(' ').next().unwrap();
        assert!(stdout_of(&moderate(&["undo", batch])).starts_with("2 moved back"));
        assert_eq!(stdout_of(&moderate(&["list"])).lines().count(), 2);
        assert_eq!(stdout_of(&moderate(&["list", "--state", "approved"])).lines().count(), 1);
        assert!(stderr_of(&moderate(&["trash", "99999"])).contains("gone"));
        assert!(stderr_of(&moderate(&["trash"])).contains("--all-pending"));
        // The running server shows what the command decided.
        let begun = std::time::Instant::now();
        while !site.visitor().get(&site.path(&post)).await.text().contains("Hello") {
            assert!(begun.elapsed().as_secs() < 5);
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        site.stop().await;
    }

    async fn doctor_migrate_and_jobs_report_the_state_of_the_site(db) {
        let database = Database::empty(db).await;
        let folder = tempfile::tempdir().unwrap();
        let run = |arguments: &[&str]| run(&database.url, folder.path(), arguments, "");
        let doctor = run(&["doctor"]);
        assert!(String::from_utf8_lossy(&doctor.stdout).contains("missing; `rejoinder serve`"));
        assert!(stdout_of(&run(&["migrate"])).contains("applied: "));
        assert_eq!(stdout_of(&run(&["migrate"])), "The database schema is already up to date.\n");
        assert_eq!(stdout_of(&run(&["jobs", "run"])), "Ran 0 jobs.\n");
        assert_eq!(stdout_of(&run(&["jobs", "list"])), "");
        assert!(stderr_of(&run(&["jobs", "retry", "7"])).contains("no such job"));
        assert!(stderr_of(&run(&["doctor"])).contains("to fix"), "nobody can sign in");
    }
}

fn alone(arguments: &[&str], input: &str) -> Output {
    let folder = tempfile::tempdir().unwrap();
    run("sqlite://data/x.db", folder.path(), arguments, input)
}

#[test]
fn markdown_is_rendered_as_readers_get_it() {
    let text = "# Head\n\n<script>x</script>\n\n[l](https://x.example)";
    let post = stdout_of(&alone(&["render", "--as", "post"], text));
    assert!(
        post.contains("<h2 id=\"p-head\">Head</h2>") && post.contains("&lt;script&gt;x"),
        "{post}"
    );
    let comment = stdout_of(&alone(&["render", "--as", "comment"], text));
    assert!(
        comment.contains("rel=\"nofollow ugc noopener\"") && !comment.contains("<h2>"),
        "{comment}"
    );
}

#[test]
fn an_unknown_setting_names_the_nearest_known_one() {
    let folder = tempfile::tempdir().unwrap();
    let output = command("sqlite://data/x.db", folder.path())
        .env("REJOINDER_SERVER__LISEN", "127.0.0.1:1")
        .arg("migrate")
        .output()
        .unwrap();
    let error = stderr_of(&output);
    assert!(
        error.contains("unknown setting server.lisen") && error.contains("server.listen"),
        "{error}"
    );
    assert!(
        !folder.path().join("data").exists(),
        "something was written"
    );
}

#[test]
fn a_file_that_is_not_a_post_says_what_to_fix() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("bytes.md"), b"# \xff").unwrap();
    std::fs::write(folder.path().join("untitled.md"), "Text").unwrap();
    for (file, says) in [
        ("none.md", "No such file"),
        ("bytes.md", "line 1, column 3: it is not UTF-8"),
        ("untitled.md", "no title"),
    ] {
        let error = stderr_of(&run(
            "sqlite://x.db",
            folder.path(),
            &["post", "publish", file],
            "",
        ));
        assert!(error.contains(file) && error.contains(says), "{error}");
    }
}

/// Starts the demo and reads its output until it is running.
fn demo(arguments: &[&str], folder: &Path) -> (std::process::Child, String) {
    use std::io::Read;
    let mut child = command("sqlite://mine.db", folder)
        .env("REJOINDER_SERVER__LISTEN", "not an address")
        .env("TMPDIR", folder)
        .arg("demo")
        .args(arguments)
        .spawn()
        .unwrap();
    let mut stdout = String::new();
    let mut out = child.stdout.take().unwrap();
    let mut piece = [0; 1024];
    while !stdout.contains("Ctrl-C") {
        let read = out.read(&mut piece).unwrap();
        if read == 0 {
            break;
        }
        stdout.push_str(&String::from_utf8_lossy(&piece[..read]));
    }
    (child, stdout)
}

/// The answer of a site, with its head.
fn get(site: &str, path: &str) -> String {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(site).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: {site}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn the_demo_has_its_own_settings_and_data_and_finds_a_free_port() {
    let folder = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (child, _) = demo(&["--listen", &address], folder.path());
    let error = stderr_of(&child.wait_with_output().unwrap());
    assert!(
        error.contains("already in use") && error.contains("demo --listen 127.0.0.1:"),
        "{error}"
    );
    // The default port may be free or in use on this machine: bound here, it is in use.
    let usual = std::net::TcpListener::bind("127.0.0.1:8080");
    let (child, stdout) = demo(&[], folder.path());
    assert!(
        stdout.contains("The site:        http://127.0.0.1:"),
        "{stdout}"
    );
    assert!(
        !stdout.contains("http://127.0.0.1:8080/") || usual.is_err(),
        "{stdout}"
    );
    let during = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(during, 1, "only its own folder");
    let site = stdout.split("The site:        http://").nth(1).unwrap();
    let site = site.split('/').next().unwrap();
    let home = get(site, "/");
    assert!(home.contains("Open Books"), "{home}");
    assert!(
        home.matches("<img").count() >= 7,
        "each post has a picture: {home}"
    );
    for path in [
        "/tag/guides/",
        "/about/",
        "/about/how-we-work/",
        "/contact/",
        "/privacy/",
        "/feed/",
    ] {
        assert!(get(site, path).starts_with("HTTP/1.1 200"), "{path}");
    }
    let corrections = get(site, "/about/corrections/");
    assert!(corrections.contains("action=\"/about/corrections/respond#respond\""));
    let river = home
        .split("/the-gauge-knew-before-the-sirens-did/")
        .next()
        .unwrap();
    let river = river.rsplit('"').next().unwrap();
    let river = get(
        site,
        &format!("{river}/the-gauge-knew-before-the-sirens-did/"),
    );
    for part in [
        "<figcaption",
        "doc-noteref",
        "class=\"pullquote\"",
        "class=\"task\"",
    ] {
        assert!(river.contains(part), "{part} in {river}");
    }
    assert!(!river.contains("PICTURE:"), "{river}");
    let stopped = Command::new("kill")
        .arg(child.id().to_string())
        .status()
        .unwrap();
    assert!(stopped.success());
    let output = child.wait_with_output().unwrap();
    let remarks = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{remarks}");
    assert!(
        remarks.contains("does not use REJOINDER_DATABASE__URL"),
        "{remarks}"
    );
    assert!(
        remarks.contains("already in use, so the demo uses another port"),
        "{remarks}"
    );
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        0,
        "something is left"
    );
}

#[test]
fn help_explains_the_commands() {
    for (arguments, says) in [
        (vec!["--help"], "rejoinder demo"),
        (vec!["post", "publish", "--help"], "front matter"),
        (vec!["moderate", "--help"], "Review responses"),
        (
            vec!["moderate", "--help"],
            "rejoinder moderate approve 12 15",
        ),
        (vec!["user", "--help"], "last administrator can be"),
        (vec!["judge", "--help"], "one per line"),
    ] {
        let help = stdout_of(&alone(&arguments, ""));
        assert!(help.contains(says), "{arguments:?}: {help}");
    }
}
