//! Texts for people are in the message files: none is missing there, none is left over, and pages have no
//! English of their own.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::architecture::folders;

/// The ids of the English messages, and the message files.
fn message_ids() -> (BTreeSet<String>, Vec<PathBuf>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/locales/en");
    let mut ids = BTreeSet::new();
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        for line in fs::read_to_string(&path).unwrap().lines() {
            let Some((id, _)) = line.split_once(" =") else {
                continue;
            };
            if is_message_id(id) {
                let is_new = ids.insert(id.to_owned());
                assert!(is_new, "{id} is defined twice, also in {}", path.display());
            }
        }
        files.push(path);
    }
    (ids, files)
}

/// Whether `text` has the form of a message id: lower-case words with hyphens between them.
fn is_message_id(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// The literals that come right after each `call` and an opening parenthesis.
fn first_arguments<'a>(code: &'a str, call: &'a str) -> impl Iterator<Item = &'a str> {
    code.split(call).skip(1).filter_map(|rest| {
        let rest = rest.trim_start().strip_prefix('(')?;
        let literal = rest.trim_start().strip_prefix('"')?;
        literal.split('"').next()
    })
}

/// The literals in the bodies of functions whose names end in `_id`.
fn ids_of_id_functions(code: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for function in code.split("fn ").skip(1) {
        let name_end = function
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .unwrap_or(function.len());
        if !function[..name_end].ends_with("_id") || !function.contains("-> &'static str") {
            continue;
        }
        let end = ["\n}", "\n    }"]
            .iter()
            .filter_map(|end| function.find(end))
            .min()
            .unwrap_or(function.len());
        found.extend(function[..end].split('"').skip(1).step_by(2));
    }
    found
}

#[test]
fn the_code_and_the_message_files_have_the_same_messages() {
    let (known, files) = message_ids();
    let texts = folders()
        .into_iter()
        .find(|(_, file, _)| file == "texts.rs")
        .unwrap()
        .2;
    for path in files {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        assert!(
            texts.contains(&format!("en/{name}")),
            "texts.rs leaves {name} out"
        );
    }
    let mut used = BTreeSet::new();
    let mut missing = BTreeSet::new();
    for (_, file, text) in folders() {
        for quoted in literals(&text) {
            if known.contains(quoted) {
                used.insert(quoted.to_owned());
            }
        }
        // `texts.with` takes an id, `Message::with` the name of a value.
        let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let text = text.replace("texts .", "texts.");
        let calls = ["texts.text", "texts.with", "texts.around", "Message::new"];
        let ids = calls
            .iter()
            .flat_map(|call| first_arguments(&text, call))
            .chain(ids_of_id_functions(&text));
        for id in ids {
            if !known.contains(id) {
                missing.insert(format!("{file}: {id}"));
            }
        }
    }
    assert!(missing.is_empty(), "not in a message file: {missing:#?}");
    let unused: Vec<_> = known.difference(&used).collect();
    assert!(unused.is_empty(), "used nowhere: {unused:#?}");
}

/// The string literals of Rust code, without those in comments.
fn literals(code: &str) -> Vec<&str> {
    let bytes = code.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'/' if bytes.get(at + 1) == Some(&b'/') => at = end_of_line(bytes, at),
            b'\'' if bytes.get(at + 1..at + 3) == Some(b"\"'") => at += 3,
            b'"' => {
                let end = end_of_literal(bytes, at);
                found.push(&code[at + 1..end]);
                at = end + 1;
            }
            _ => at += 1,
        }
    }
    found
}

fn end_of_line(bytes: &[u8], from: usize) -> usize {
    let rest = bytes[from..].iter().position(|byte| *byte == b'\n');
    rest.map_or(bytes.len(), |length| from + length)
}

/// Where the literal that opens at `from` closes.
fn end_of_literal(bytes: &[u8], from: usize) -> usize {
    let mut at = from + 1;
    while at < bytes.len() && bytes[at] != b'"' {
        at += 1 + usize::from(bytes[at] == b'\\');
    }
    at.min(bytes.len())
}

/// Attributes that people read or hear.
const SPOKEN: [&str; 4] = ["aria-label=", "title=", "placeholder=", "alt="];

/// The texts of the elements in the `html!` blocks of `code`, and of the attributes that people read.
fn texts_in_markup(code: &str) -> Vec<&str> {
    /// What a bracket opens.
    #[derive(Clone, Copy, PartialEq)]
    enum Inside {
        Element,
        Attribute,
        Code,
    }
    let bytes = code.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = code[at..].find("html! {") {
        at += start + "html! {".len();
        let mut stack = vec![Inside::Element];
        let mut before = b'{';
        while let Some(&inside) = stack.last() {
            let Some(&byte) = bytes.get(at) else { break };
            match byte {
                b'/' if bytes.get(at + 1) == Some(&b'/') => {
                    at = end_of_line(bytes, at);
                    continue;
                }
                b'{' if inside == Inside::Element && before == b'=' => {
                    stack.push(Inside::Attribute)
                }
                b'{' => stack.push(inside),
                b'(' | b'[' => stack.push(Inside::Code),
                b'}' | b')' | b']' => {
                    stack.pop();
                }
                b'\'' if bytes.get(at + 1..at + 3) == Some(b"\"'") => at += 2,
                b'"' => {
                    let end = end_of_literal(bytes, at);
                    let is_pattern = code[end + 1..].trim_start().starts_with(['|'])
                        || code[end + 1..].trim_start().starts_with("=>");
                    let is_spoken = SPOKEN.iter().any(|name| code[..at].ends_with(name));
                    if is_spoken || (inside == Inside::Element && before != b'=' && !is_pattern) {
                        found.push(&code[at + 1..end]);
                    }
                    at = end;
                }
                _ => {}
            }
            if !byte.is_ascii_whitespace() {
                before = byte;
            }
            at += 1;
        }
    }
    found
}

/// Whether a literal is for people: it has a letter that belongs to no escape, and is no address.
fn is_for_people(literal: &str) -> bool {
    if literal.starts_with("https://") {
        return false;
    }
    let mut chars = literal.chars();
    while let Some(c) = chars.next() {
        if c == '\\' {
            chars.next();
        } else if c.is_alphabetic() {
            return true;
        }
    }
    false
}

/// Whether a literal reads as an English sentence or label: a capital, lower-case letters, a space.
fn is_sentence(literal: &str) -> bool {
    let Some((word, rest)) = literal.split_once(' ') else {
        return false;
    };
    word.len() > 1
        && word.starts_with(|c: char| c.is_ascii_uppercase())
        && word[1..].chars().all(|c| c.is_ascii_lowercase())
        && rest.starts_with(|c: char| c.is_ascii_alphabetic())
}

#[test]
fn pages_have_no_text_of_their_own() {
    let mut found = BTreeMap::<String, Vec<String>>::new();
    for (folder, file, text) in folders() {
        if !matches!(folder.as_str(), "web" | "ui") {
            continue;
        }
        let in_markup = texts_in_markup(&text)
            .into_iter()
            .filter(|text| is_for_people(text));
        // Answers to machines, and names in protocols, stay English.
        let others = literals(&text)
            .into_iter()
            .filter(|literal| is_sentence(literal) && !file.starts_with("web/endpoints/"));
        for literal in in_markup.chain(others) {
            found
                .entry(file.clone())
                .or_default()
                .push(literal.to_owned());
        }
    }
    assert!(
        found.is_empty(),
        "these belong in a message file: {found:#?}"
    );
}

#[test]
fn texts_in_markup_are_found() {
    let code = r#"html! { p.a title="Read" href="/x" class={ "b " (c) } { "Seen " (texts.text("id")) }
        @if a == "no" { " " } @match b { "no" => { "Also" } _ => {} } // "no"
    }"#;
    let found: Vec<_> = texts_in_markup(code)
        .into_iter()
        .filter(|text| is_for_people(text))
        .collect();
    assert_eq!(found, ["Read", "Seen ", "Also"]);
}
