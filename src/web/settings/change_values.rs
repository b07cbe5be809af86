//! Changes of the settings for which the settings file has defaults, as people read them. Reads no rows.

use serde_json::Value;

use crate::config::effective::{Changed, read_changed};
use crate::site::discussion::{MODERATION, moderation_name};
use crate::texts::{Message, Texts};
use crate::web::settings::setting_labels::{moderation_label_id, yes_or_no_id};

/// The settings by their names in the stored JSON, in the order of the forms, with the labels of their fields.
const LABELS: [(&str, &str); 18] = [
    ("time_zone", "field-time-zone"),
    ("language", "field-language"),
    ("posts_per_page", "field-posts-per-page"),
    ("feed_entries", "field-feed-entries"),
    ("moderation", "field-moderation"),
    ("max_links", "field-max-links"),
    ("hold_at_risk", "field-hold-at-risk"),
    ("public_log", "field-public-log"),
    ("max_length", "field-max-length"),
    ("max_depth", "field-max-depth"),
    ("per_page", "field-responses-per-page"),
    ("close_comments_after_days", "field-close-comments"),
    ("accept_linkbacks", "field-accept-linkbacks"),
    ("close_linkbacks_after_days", "field-close-linkbacks"),
    ("send_linkbacks", "field-send-linkbacks"),
    ("from_name", "field-from-name"),
    ("from_address", "field-from-address"),
    ("digest_minutes", "field-digest-minutes"),
];

/// Each setting with its values before and after a change, from their JSON.
pub fn change_values(texts: &Texts, before: &str, after: &str) -> Vec<(Message, String, String)> {
    let (before, after) = (read_changed(before), read_changed(after));
    LABELS
        .into_iter()
        .map(|(name, label)| {
            let value = |changed: &Changed| value_text(texts, name, changed.get(name));
            (Message::new(label), value(&before), value(&after))
        })
        .collect()
}

fn value_text(texts: &Texts, name: &str, value: Option<&Value>) -> String {
    match value {
        None => texts.text("setting-default"),
        Some(Value::Bool(is_ticked)) => texts.text(yes_or_no_id(*is_ticked)),
        Some(Value::String(text)) => {
            let mode = MODERATION
                .into_iter()
                .find(|mode| name == "moderation" && moderation_name(*mode) == text);
            mode.map_or_else(
                || text.clone(),
                |mode| texts.text(moderation_label_id(mode)),
            )
        }
        Some(other) => other.to_string(),
    }
}
