//! The structure holds: folders import only folders below them, no files import each other in a circle,
//! and a few things happen in one folder only.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The layers, from the top down. Folders of one layer do not import each other.
const LAYERS: &[&[&str]] = &[
    &["commands"],
    &["web"],
    &["ui"],
    &["worker"],
    &["cards"],
    &["moderation", "linkbacks"],
    &["responses"],
    &["posts"],
    &["site"],
    &["media"],
    &["accounts"],
    &["app"],
    &["feeds", "judge", "jobs", "limits"],
    &["store"],
    &["markup", "net"],
    &["urls", "config", "cpu", "files"],
    &["clock", "error"],
    &["texts"],
];

/// The most lines of a source file.
const MAX_LINES: usize = 500;

fn source_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            source_files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// Every file below `src`, as its folder, its path and its text without the unit tests. Files that are
/// only tests are left out.
pub fn folders() -> Vec<(String, String, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    source_files(&src, &mut files);
    files
        .into_iter()
        .filter(|path| !path.ends_with("tests.rs"))
        .map(|path| {
            let name = path
                .strip_prefix(&src)
                .unwrap()
                .to_string_lossy()
                .into_owned();
            let folder = name.split(['/', '.']).next().unwrap().to_owned();
            let text = fs::read_to_string(&path).unwrap();
            let text = text.split("#[cfg(test)]").next().unwrap().to_owned();
            (folder, name, text)
        })
        .collect()
}

fn layer_of(folder: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&folder))
}

fn imported_folders(text: &str) -> BTreeSet<String> {
    text.split("crate::")
        .skip(1)
        .map(|rest| {
            rest.chars()
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                .collect::<String>()
        })
        .collect()
}

#[test]
fn a_folder_imports_only_folders_below_it() {
    for (folder, file, text) in folders() {
        if matches!(folder.as_str(), "main" | "lib") {
            continue;
        }
        let layer =
            layer_of(&folder).unwrap_or_else(|| panic!("{file}: no layer has the folder {folder}"));
        for imported in imported_folders(&text) {
            if imported == folder {
                continue;
            }
            let below = layer_of(&imported)
                .unwrap_or_else(|| panic!("{file} imports the unknown folder {imported}"));
            assert!(
                below > layer,
                "{file} imports {imported}, which is not below {folder}"
            );
        }
    }
}

#[test]
fn every_file_says_what_it_is_for() {
    for (_, file, text) in folders() {
        assert!(text.starts_with("//!"), "{file} does not open with //!");
    }
}

#[test]
fn only_the_store_has_queries() {
    for (folder, file, text) in folders() {
        if folder == "store" {
            continue;
        }
        let text = text.replace("use sea_orm::DeriveValueType;", "");
        assert!(!text.contains("sea_orm"), "{file} uses the database itself");
    }
}

#[test]
fn only_net_fetches_other_sites() {
    for (folder, file, text) in folders() {
        assert!(
            folder == "net" || !text.contains("reqwest"),
            "{file} fetches itself"
        );
    }
}

#[test]
fn only_the_sanitiser_makes_unescaped_html() {
    for (_, file, text) in folders() {
        assert!(
            file == "markup/sanitise.rs" || !text.contains("PreEscaped"),
            "{file} bypasses the sanitiser"
        );
    }
}

#[test]
fn pieces_of_pages_know_no_requests_and_no_database() {
    for (folder, file, text) in folders() {
        if folder != "ui" {
            continue;
        }
        for known in [
            "axum",
            "crate::app",
            "crate::config",
            "crate::posts",
            "crate::responses",
        ] {
            assert!(!text.contains(known), "{file} uses {known}");
        }
        for imported in text.split("crate::store::").skip(1) {
            assert!(imported.starts_with("entity::"), "{file} uses the store");
        }
    }
}

#[test]
fn no_source_file_is_too_long() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    source_files(&src, &mut files);
    let too_long: Vec<_> = files
        .iter()
        .filter(|path| !path.ends_with("tests.rs"))
        .map(|path| (path, fs::read_to_string(path).unwrap().lines().count()))
        .filter(|(_, lines)| *lines > MAX_LINES)
        .collect();
    assert!(too_long.is_empty(), "{too_long:#?}");
}

/// The file of `src` that each path after `crate::`, `super::` or the name of a file below `module` leads
/// to, as `folder::file`; names inside of it are ignored.
fn imported_files(module: &str, text: &str, files: &BTreeSet<String>) -> BTreeSet<String> {
    let code: String = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n");
    let parent = match module.rsplit_once("::") {
        Some((parent, _)) => format!("crate::{parent}::"),
        None => "crate::".to_owned(),
    };
    let mut found: BTreeSet<String> = files
        .iter()
        .filter(|file| {
            let child = file
                .strip_prefix(module)
                .and_then(|rest| rest.strip_prefix("::"));
            child.is_some_and(|child| {
                [" ", "(", "{"]
                    .iter()
                    .any(|before| code.contains(&format!("{before}{child}::")))
            })
        })
        .cloned()
        .collect();
    let code = code.replace("super::", &parent);
    for rest in code.split("crate::").skip(1) {
        let end = rest.find(';').unwrap_or(rest.len());
        for path in expand(&rest[..end]) {
            let parts: Vec<&str> = path.split("::").collect();
            let file = (1..=parts.len())
                .rev()
                .map(|length| parts[..length].join("::"))
                .find(|name| files.contains(name));
            found.extend(file);
        }
    }
    found
}

/// `a::{b, c::{d}}` as `a::b` and `a::c::d`.
fn expand(tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let path_end = tree
        .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'))
        .unwrap_or(tree.len());
    let (path, rest) = tree.split_at(path_end);
    let Some(inner) = rest.strip_prefix('{') else {
        return vec![path.to_owned()];
    };
    let (mut depth, mut part, mut parts) = (0, String::new(), Vec::new());
    for c in inner.chars() {
        match c {
            '}' if depth == 0 => break,
            ',' if depth == 0 => parts.push(std::mem::take(&mut part)),
            c => {
                depth += i32::from(c == '{') - i32::from(c == '}');
                part.push(c);
            }
        }
    }
    parts.push(part);
    parts
        .iter()
        .flat_map(|part| expand(part))
        .map(|name| match name.as_str() {
            "self" => path.trim_end_matches("::").to_owned(),
            name => format!("{path}{name}"),
        })
        .collect()
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let module = |name: &str| {
        let name = name.trim_end_matches(".rs").replace('/', "::");
        name.trim_end_matches("::mod").to_owned()
    };
    let folders = folders();
    let files: BTreeSet<String> = folders.iter().map(|(_, name, _)| module(name)).collect();
    let mut imports: BTreeMap<String, BTreeSet<String>> = folders
        .iter()
        .map(|(_, name, text)| {
            let name = module(name);
            let mut imported = imported_files(&name, text, &files);
            imported.remove(&name);
            (name, imported)
        })
        .collect();
    assert!(
        imports["config"].contains("config::reading"),
        "children too"
    );
    assert!(
        imports["web::routes"].contains("web::cache"),
        "imports are read"
    );
    // A file that imports nothing of what is left is in no circle.
    while let Some(free) = imports
        .iter()
        .find(|(_, imported)| imported.iter().all(|file| !imports.contains_key(file)))
        .map(|(name, _)| name.clone())
    {
        imports.remove(&free);
    }
    assert!(
        imports.is_empty(),
        "these are in circles, or import what is: {:#?}",
        imports.keys()
    );
}
