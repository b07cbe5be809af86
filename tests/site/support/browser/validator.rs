//! The Nu HTML checker, over pages that the tests have already fetched.
//! Reports errors only: never warnings, never matters of taste.

use serde_json::Value;
use std::path::Path;
use std::process::Command;

const CHECKER: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/node_modules/vnu-jar/build/dist/vnu.jar"
);

/// Checks whole documents, given as (name, HTML), and returns a line for each error.
/// Starting the checker takes a second or two, so hand it many pages at once.
pub fn validate_html<Name, Html>(pages: &[(Name, Html)]) -> Vec<String>
where
    Name: AsRef<str>,
    Html: AsRef<str>,
{
    assert!(!pages.is_empty(), "no page to check");
    assert!(
        Path::new(CHECKER).exists(),
        "{CHECKER} is missing: run `npm ci` in tests/"
    );
    let folder = tempfile::tempdir().expect("make a folder");
    let mut java = Command::new("java");
    // The checker runs too briefly for the thorough compiler and the parallel collectors to pay.
    java.args(["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]);
    // Its grammar of HTML is deeply nested.
    java.args(["-Xss8m", "-jar", CHECKER]);
    java.args([
        "--errors-only",
        "--exit-zero-always",
        "--format",
        "json",
        "--stdout",
    ]);
    for (number, (_, html)) in pages.iter().enumerate() {
        let file = folder.path().join(format!("{number}.html"));
        std::fs::write(&file, html.as_ref()).expect("write a page");
        java.arg(file);
    }
    let output = java
        .output()
        .expect("run java (Debian's package: default-jre-headless)");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| {
        panic!(
            "the HTML checker failed: {}",
            String::from_utf8_lossy(&output.stderr)
        )
    });
    let messages = report["messages"].as_array().expect("a list of messages");
    messages
        .iter()
        .map(|message| describe(message, pages))
        .collect()
}

fn describe<Name: AsRef<str>, Html>(message: &Value, pages: &[(Name, Html)]) -> String {
    let url = message["url"].as_str().unwrap_or_default();
    let number = Path::new(url)
        .file_stem()
        .and_then(|stem| stem.to_str()?.parse::<usize>().ok());
    let name = number
        .and_then(|number| pages.get(number))
        .map_or(url, |(name, _)| name.as_ref());
    format!(
        "{name}:{}:{}: {} [{}]",
        message["lastLine"],
        message["firstColumn"]
            .as_u64()
            .or(message["lastColumn"].as_u64())
            .unwrap_or(1),
        message["message"]
            .as_str()
            .unwrap_or("an error without words"),
        message["extract"]
            .as_str()
            .unwrap_or_default()
            .replace('\n', " ")
            .trim(),
    )
}
