//! A queue of 10,000 on a site with 1,000,000 responses, on both databases: each page of the moderators, a
//! decision on all pending responses and its undo, a rule tested on past responses, and the memory of the
//! server. Run with `cargo bench --bench load -- queue`.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use sea_orm::{ConnectionTrait, Database};

use crate::process::Server;

const RESPONSES: u64 = 1_000_000;
const PENDING: u64 = 10_000;
/// Requests per page.
const REQUESTS: usize = 200;
const PASSWORD: &str = "a long enough password";

/// Inserts rows of 50,000 writers in 20,000 networks, with texts of about forty words. `{hex}` is the path of
/// response `n`.
const ROW: &str = "INSERT INTO responses
    (id, post_id, path, kind, state, author_name, author_email, author_url, body_markdown, body_html,
     reasons, ip, network, name_key, risk, dedupe_key, created_at)
    SELECT n, 1, {hex}, 'comment',
        CASE WHEN n > {approved} THEN 'pending' WHEN n % 5 = 0 THEN 'spam' ELSE 'approved' END,
        'Reader ' || (n % 50000), 'reader' || (n % 50000) || '@readers.example',
        NULL,
        'Remark ' || n || ' on the minutes of the council, which say little of word' || (n % 997) || ' and of word' || (n % 331) || '. I think that the report of the board should tell what was decided, by whom, and for which reason, before anybody votes on it again; the numbers of last year are missing.',
        '<p>Remark ' || n || ' on the minutes of the council, which say little of word' || (n % 997) || ' and of word' || (n % 331) || '.</p>',
        '[{\"check\":\"first_response\"}]', '10.' || (n % 200) || '.' || (n % 100) || '.' || (n % 250),
        '10.' || (n % 200) || '.' || (n % 100) || '.0/24', 'reader' || (n % 50000), (n * 7919) % 1000,
        'bench:' || n, 1700000000000 + n * 1000
    FROM numbers";

/// Prints the results.
pub fn run() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let sqlite = format!("sqlite://{}/queue.db", folder.path().display());
    measure(&runtime, "SQLite", &sqlite);
    let start = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/postgres");
    let started = Command::new(start).arg("start").output().unwrap();
    let server = String::from_utf8(started.stdout).unwrap().trim().to_owned();
    let name = format!("rejoinder_bench_{}", std::process::id());
    let run = |sql: String| {
        let server = server.clone();
        runtime.block_on(async move {
            let db = Database::connect(&server).await.unwrap();
            db.execute_unprepared(&sql).await.unwrap();
            db.close().await.unwrap();
        });
    };
    run(format!("CREATE DATABASE {name}"));
    let (base, _) = server.rsplit_once('/').unwrap();
    measure(&runtime, "PostgreSQL", &format!("{base}/{name}"));
    run(format!("DROP DATABASE {name} WITH (FORCE)"));
}

fn measure(runtime: &tokio::runtime::Runtime, name: &str, url: &str) {
    println!("\n{name}: {RESPONSES} responses, {PENDING} of them pending");
    let server = Server::start(&[
        ("REJOINDER_DATABASE__URL", url),
        ("REJOINDER_MODERATION__BURST_PER_POST", "0"),
        ("REJOINDER_MODERATION__BURST_PER_SITE", "0"),
    ]);
    let begun = Instant::now();
    runtime.block_on(fill(url));
    println!("  filled in {:.0} s", begun.elapsed().as_secs_f64());
    let cookie = sign_in(&server, url);
    println!("  memory (PSS): {:.1} MiB before", server.pss());
    let newest = RESPONSES - 5;
    for (what, path) in [
        ("queue page", "/queue/".to_owned()),
        ("highest risk first", "/queue/?order=risk".to_owned()),
        (
            "a late page",
            format!("/queue/?after={}", cursor(RESPONSES - 2000)),
        ),
        ("filtered by text", "/queue/?words=word331".to_owned()),
        ("filtered by rule", "/queue/?rule=first_response".to_owned()),
        (
            "one writer's",
            "/queue/?state=approved&email=reader77%40readers.example".to_owned(),
        ),
        (
            "approved, filtered by text",
            "/queue/?state=approved&words=word331".to_owned(),
        ),
        ("profile", format!("/queue/responses/{newest}/person")),
        ("one response", format!("/queue/responses/{newest}")),
        ("log", "/queue/log".to_owned()),
    ] {
        let times: Vec<f64> = (0..REQUESTS)
            .map(|_| get(&server, &path, &cookie).0)
            .collect();
        println!("  {what}: {}", spread(times));
    }
    let decisions: Vec<f64> = (0..REQUESTS as u64)
        .map(|n| {
            let body = format!(
                "move=spam:{}&from=pending&shown=state%3Dpending",
                RESPONSES - n
            );
            post(&server, "/queue/decisions", &body, &cookie).0
        })
        .collect();
    println!("  one decision: {}", spread(decisions));
    println!("  memory (PSS): {:.1} MiB after the pages", server.pss());
    let rule = "rule_name=Words&words=word331%0Aboard&action=hold&priority=100";
    wait_for(
        &server,
        "rule tested on 100,000 past responses",
        "/queue/rules/test",
        rule,
        &cookie,
    );
    let all = "matching=spam&shown=state%3Dpending";
    let task = wait_for(
        &server,
        "decision on all pending",
        "/queue/decisions",
        all,
        &cookie,
    );
    let token = task.rsplit('/').next().unwrap();
    let undo = format!("batch={token}");
    wait_for(&server, "undo of it", "/queue/undo", &undo, &cookie);
    println!("  memory (PSS): {:.1} MiB after all", server.pss());
}

/// Fills the database; on PostgreSQL the counts are inserted at the end by one statement.
async fn fill(url: &str) {
    let db = Database::connect(url).await.unwrap();
    let approved = RESPONSES - PENDING;
    let is_sqlite = url.starts_with("sqlite");
    let (numbers, hex) = if is_sqlite {
        (
            format!(
                "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {RESPONSES}) "
            ),
            "unhex(printf('8%015X%016X', 1700000000000 + n * 1000, n))",
        )
    } else {
        (
            format!(
                "WITH numbers AS (SELECT n FROM generate_series(1::bigint, {RESPONSES}) AS s (n)) "
            ),
            "decode('8' || lpad(to_hex(1700000000000 + n * 1000), 15, '0') || lpad(to_hex(n), 16, '0'), 'hex')",
        )
    };
    let rows = ROW
        .replace("{hex}", hex)
        .replace("{approved}", &approved.to_string());
    if is_sqlite {
        // SQLite wants the common table expression directly before the SELECT.
        let rows = rows.replace("SELECT n, 1", &format!("{numbers} SELECT n, 1"));
        db.execute_unprepared(&rows).await.unwrap();
        db.execute_unprepared("ANALYZE").await.unwrap();
    } else {
        for sql in [
            "ALTER TABLE responses DISABLE TRIGGER USER".to_owned(),
            format!("{numbers}{rows}"),
            "ALTER TABLE responses ENABLE TRIGGER USER".to_owned(),
            "INSERT INTO response_counts (post_id, state, n, reactions) SELECT post_id, state, count(*), 0 FROM responses GROUP BY post_id, state".to_owned(),
            format!("SELECT setval('responses_id_seq', {RESPONSES})"),
            "ANALYZE".to_owned(),
        ] {
            db.execute_unprepared(&sql).await.unwrap();
        }
    }
    db.close().await.unwrap();
}

fn sign_in(server: &Server, url: &str) -> String {
    let arguments = "user add --email m@x.example --name Mo --role moderator --password-stdin";
    let mut added = Command::new(env!("CARGO_BIN_EXE_rejoinder"))
        .args(arguments.split(' '))
        .env("REJOINDER_DATABASE__URL", url)
        .env("REJOINDER_LOG__FILTER", "error")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    writeln!(added.stdin.take().unwrap(), "{PASSWORD}").unwrap();
    assert!(added.wait().unwrap().success());
    let body = format!(
        "email=m%40x.example&password={}",
        PASSWORD.replace(' ', "+")
    );
    let (_, answer) = post(server, "/login", &body, "");
    let cookie = answer
        .lines()
        .find_map(|line| line.strip_prefix("set-cookie: "))
        .unwrap_or_else(|| panic!("{answer}"));
    cookie.split(';').next().unwrap().to_owned()
}

/// Starts a bulk task and waits until its page says that it is done.
fn wait_for(server: &Server, what: &str, path: &str, body: &str, cookie: &str) -> String {
    let begun = Instant::now();
    let (_, answer) = post(server, path, body, cookie);
    let task = answer
        .lines()
        .find_map(|line| line.strip_prefix("location: "))
        .unwrap_or_else(|| panic!("{answer}"))
        .to_owned();
    let mut max_memory: f64 = 0.0;
    let mut pages = Vec::new();
    loop {
        let (_, page) = get(server, &task, cookie);
        max_memory = max_memory.max(server.pss());
        pages.push(get(server, "/", cookie).0);
        if let Some(done) = page.split("Done: ").nth(1) {
            let result = done.split('<').next().unwrap();
            println!(
                "  {what}: {:.1} s ({result}); memory (PSS) {max_memory:.1} MiB at most; a page meanwhile: {}",
                begun.elapsed().as_secs_f64(),
                spread(pages)
            );
            return task;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn get(server: &Server, path: &str, cookie: &str) -> (f64, String) {
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{}\r\ncookie: {cookie}\r\nconnection: close\r\n\r\n",
        server.port
    );
    let (time, answer) = send(server, &request);
    assert!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer}");
    (time, answer)
}

fn post(server: &Server, path: &str, body: &str, cookie: &str) -> (f64, String) {
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: 127.0.0.1:{}\r\ncookie: {cookie}\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        server.port,
        body.len()
    );
    let (time, answer) = send(server, &request);
    assert!(answer.starts_with("HTTP/1.1 303"), "{path}: {answer}");
    (time, answer)
}

/// Sends a request; returns the time in milliseconds and the response.
fn send(server: &Server, request: &str) -> (f64, String) {
    let begun = Instant::now();
    let mut stream = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let time = begun.elapsed().as_secs_f64() * 1e3;
    (time, String::from_utf8_lossy(&answer).into_owned())
}

/// The address of the queue's page after response `n`, as [`ROW`] fills it: TIME.ID.RISK.
fn cursor(n: u64) -> String {
    format!("{}.{n}.{}", 1_700_000_000_000 + n * 1000, (n * 7919) % 1000)
}

fn spread(mut times: Vec<f64>) -> String {
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    format!("p50 {:.1} ms, p99 {:.1} ms", at(0.5), at(0.99))
}
