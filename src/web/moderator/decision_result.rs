//! What a decision did, in a sentence: shown after it on the queue, and sent to the queue's script.

use crate::error::Result;
use crate::store::decisions;
use crate::store::entity::ids::DecisionId;
use crate::store::entity::response::ResponseState;
use crate::texts::Texts;
use crate::web::state::Web;

/// What the decisions of `batch` did, and that `left` responses were not moved; `None` where there is no
/// such batch.
pub async fn batch_text(web: &Web, batch: &str, left: usize) -> Result<Option<String>> {
    let db = web.app.store.read();
    let first = decisions::list_batch(db, batch, DecisionId(0), 1).await?;
    let Some(first) = first.first() else {
        return Ok(None);
    };
    let count = decisions::count_batch(db, batch).await?;
    let id = match (first.undoes.is_some(), first.to_state) {
        (true, _) => "queue-done-undone",
        (false, ResponseState::Approved) => "queue-done-approved",
        (false, ResponseState::Spam) => "queue-done-spam",
        (false, ResponseState::Trash) => "queue-done-trash",
        (false, ResponseState::Pending) => "queue-done-pending",
    };
    let done = web.texts.with(id, &[("count", count.into())]);
    Ok(Some(match left {
        0 => done,
        left => format!("{done} {}", not_moved_text(&web.texts, left)),
    }))
}

/// That `left` responses were not moved, and why; empty for none.
pub fn not_moved_text(texts: &Texts, left: usize) -> String {
    match left {
        0 => String::new(),
        left => texts.with("queue-not-moved", &[("count", left.into())]),
    }
}

/// Why a decision moved nothing, by its name in the address.
pub fn nothing_moved_text(texts: &Texts, why: &str) -> Option<String> {
    match why {
        "selected" => Some(texts.text("queue-nothing-selected")),
        "matching" => Some(texts.text("queue-nothing-matches")),
        _ => None,
    }
}
