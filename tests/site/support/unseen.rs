//! What goes wrong behind a test's back: errors in the log, and panics in tasks that nobody awaits.
//! Told apart by the runtime in which they come, as each test has one of its own.

use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::{LazyLock, Mutex, MutexGuard, Once, PoisonError};

use tokio::runtime::{Handle, Id};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

/// What came in one runtime, and what its test expects there.
#[derive(Default)]
struct Seen {
    errors: Vec<String>,
    /// With whether they came.
    expected: Vec<(&'static str, bool)>,
}

static SEEN: LazyLock<Mutex<HashMap<Id, Seen>>> = LazyLock::new(Mutex::default);

fn seen() -> MutexGuard<'static, HashMap<Id, Seen>> {
    SEEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The runtime of this thread, if it has one.
fn here() -> Option<Id> {
    Handle::try_current().ok().map(|handle| handle.id())
}

/// Begins to look, once for all tests of the process.
pub fn watch() {
    static BEGUN: Once = Once::new();
    BEGUN.call_once(|| {
        let errors = tracing_subscriber::registry().with(Errors.with_filter(LevelFilter::ERROR));
        tracing::subscriber::set_global_default(errors).expect("nobody else takes the log");
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            note(format!("panicked: {panic}"));
            usual(panic);
        }));
    });
}

/// The test of this runtime expects an error that contains this text.
pub fn expect(words: &'static str) {
    if let Some(id) = here() {
        seen().entry(id).or_default().expected.push((words, false));
    }
}

/// Such an error may come, and need not.
pub fn allow(words: &'static str) {
    if let Some(id) = here() {
        seen().entry(id).or_default().expected.push((words, true));
    }
}

/// What came in this runtime since this was asked last and was not expected, and what was expected
/// and never came.
pub fn surprises() -> Vec<String> {
    let Some(id) = here() else {
        return Vec::new();
    };
    let mut seen = seen();
    let Seen { errors, expected } = seen.entry(id).or_default();
    let mut surprises = Vec::new();
    for error in errors.drain(..) {
        let mut is_expected = false;
        for (words, came) in &mut *expected {
            if error.contains(*words) {
                (is_expected, *came) = (true, true);
            }
        }
        if !is_expected {
            surprises.push(error);
        }
    }
    let missing = expected.iter().filter(|(_, came)| !came);
    surprises.extend(missing.map(|(words, _)| format!("there was no error with “{words}” in it")));
    surprises
}

fn note(error: String) {
    if let Some(id) = here() {
        seen().entry(id).or_default().errors.push(error);
    }
}

struct Errors;

impl<S: Subscriber> Layer<S> for Errors {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut line = Line(event.metadata().target().to_owned());
        event.record(&mut line);
        note(line.0);
    }
}

/// An event as one line.
struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" {
            self.0.push_str(&format!(": {value:?}"));
        } else {
            self.0.push_str(&format!(" {}={value:?}", field.name()));
        }
    }
}
