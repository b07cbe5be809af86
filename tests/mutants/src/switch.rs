//! Which mutant is on in this process, and which were reached. Part of the mutated copy of the server only.

use std::io::Write;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};

enum Mode {
    /// No mutant is on.
    Off,
    /// One mutant is on.
    One(usize),
    /// No mutant is on, and the numbers of reached mutants are written to a file.
    Record(PathBuf),
}

static MODE: LazyLock<Mode> = LazyLock::new(|| {
    if let Some(path) = std::env::var_os("MUTANTS_REACHED") {
        return Mode::Record(path.into());
    }
    let number = std::env::var("MUTANT").ok();
    number
        .and_then(|number| number.parse().ok())
        .map_or(Mode::Off, Mode::One)
});

static REACHED: [AtomicBool; 1 << 16] = [const { AtomicBool::new(false) }; 1 << 16];

/// Whether the mutant of this number is on.
pub fn on(number: usize) -> bool {
    match &*MODE {
        Mode::Off => false,
        Mode::One(chosen) => *chosen == number,
        Mode::Record(path) => {
            if !REACHED[number].swap(true, Ordering::Relaxed) {
                // One short write, so that processes of one test can share the file.
                let _ = std::fs::OpenOptions::new()
                    .append(true)
                    .create(true)
                    .open(path)
                    .and_then(|mut file| file.write_all(format!("{number}\n").as_bytes()));
            }
            false
        }
    }
}
