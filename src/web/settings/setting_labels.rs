//! The values of settings as people read them.

use crate::config::CommentModeration;

/// The label of a moderation mode.
pub fn moderation_label_id(moderation: CommentModeration) -> &'static str {
    match moderation {
        CommentModeration::None => "moderation-mode-none",
        CommentModeration::First => "moderation-mode-first",
        CommentModeration::All => "moderation-mode-all",
    }
}

/// A box as people read it.
pub fn yes_or_no_id(is_ticked: bool) -> &'static str {
    match is_ticked {
        true => "setting-yes",
        false => "setting-no",
    }
}
