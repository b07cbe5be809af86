//! The settings that administrators can change under /settings/: the values in the settings file, with the
//! changes on top. Reads neither files nor the database.

use jiff::tz::TimeZone;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::config::{CommentModeration, Config};

/// The settings of one section that were changed, by name. All others have the value in the settings file.
pub type Changed = Map<String, Value>;

/// Settings that are saved, compared and undone together.
pub trait Section:
    Clone + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static
{
    /// The values of the settings file.
    fn of_config(config: &Config) -> Self;
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GeneralSettings {
    /// IANA name.
    pub time_zone: String,
    /// A folder of `config/locales`.
    pub language: String,
    pub posts_per_page: u64,
    pub feed_entries: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiscussionSettings {
    pub moderation: CommentModeration,
    /// Levels of replies, 1 to 50.
    pub max_depth: usize,
    /// Responses on one page of a thread.
    pub per_page: u64,
    /// Characters of a comment.
    pub max_length: usize,
    /// 0 for never.
    pub close_comments_after_days: u64,
    /// A response with more links than this is held.
    pub max_links: usize,
    /// Thousandths; 0 for never.
    pub hold_at_risk: i64,
    /// Whether everybody may read decisions and reasons, without names and texts.
    pub public_log: bool,
    pub accept_linkbacks: bool,
    /// 0 for never.
    pub close_linkbacks_after_days: u64,
    /// Whether the sites that posts link to are notified.
    pub send_linkbacks: bool,
}

/// The sender of the site's emails, and how often moderators get one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailSenderSettings {
    pub from_name: String,
    pub from_address: String,
    /// Minutes for which held responses are collected into one email; 0 to send none.
    pub digest_minutes: u64,
}

impl Section for GeneralSettings {
    fn of_config(config: &Config) -> Self {
        Self {
            time_zone: config.site.time_zone.clone(),
            language: config.site.language.clone(),
            posts_per_page: config.site.posts_per_page,
            feed_entries: config.site.feed_entries,
        }
    }
}

impl Section for DiscussionSettings {
    fn of_config(config: &Config) -> Self {
        Self {
            moderation: config.comments.moderation,
            max_depth: config.comments.max_depth,
            per_page: config.comments.per_page,
            max_length: config.comments.max_length,
            close_comments_after_days: config.comments.close_after_days,
            max_links: config.moderation.max_links,
            hold_at_risk: config.moderation.hold_at_risk,
            public_log: config.moderation.public_log,
            accept_linkbacks: config.linkbacks.accept,
            close_linkbacks_after_days: config.linkbacks.close_after_days,
            send_linkbacks: config.linkbacks.send,
        }
    }
}

impl Section for MailSenderSettings {
    fn of_config(config: &Config) -> Self {
        let (from_name, from_address) = split_mailbox(&config.mail.from);
        Self {
            from_name,
            from_address,
            digest_minutes: config.mail.digest_minutes,
        }
    }
}

/// The name and the address in `News <news@example.org>`.
fn split_mailbox(from: &str) -> (String, String) {
    let from = from.trim();
    let parts = from
        .strip_suffix('>')
        .and_then(|rest| rest.rsplit_once('<'));
    match parts {
        Some((name, address)) => {
            let name = name.trim().trim_matches('"').trim();
            (name.to_owned(), address.trim().to_owned())
        }
        None => (String::new(), from.to_owned()),
    }
}

/// What was changed, as JSON; empty where nothing was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangedSections {
    pub general: String,
    pub discussion: String,
    pub mail: String,
}

/// All of these settings with their current values.
#[derive(Clone, Debug)]
pub struct EffectiveSettings {
    pub general: GeneralSettings,
    pub discussion: DiscussionSettings,
    pub mail: MailSenderSettings,
    /// The zone that `general` names.
    pub zone: TimeZone,
}

impl EffectiveSettings {
    pub fn new(config: &Config, changed: &ChangedSections) -> Self {
        let general: GeneralSettings = overlaid(
            &GeneralSettings::of_config(config),
            &read_changed(&changed.general),
        );
        Self {
            // Another node may know more zones than this one.
            zone: TimeZone::get(&general.time_zone).unwrap_or_else(|_| config.zone()),
            general,
            discussion: overlaid(
                &DiscussionSettings::of_config(config),
                &read_changed(&changed.discussion),
            ),
            mail: overlaid(
                &MailSenderSettings::of_config(config),
                &read_changed(&changed.mail),
            ),
        }
    }
}

/// What was changed in a section, read from JSON; nothing where that cannot be read.
pub fn read_changed(json: &str) -> Changed {
    if json.is_empty() {
        return Changed::new();
    }
    serde_json::from_str(json).unwrap_or_else(|error| {
        tracing::warn!(%error, "read changed settings");
        Changed::new()
    })
}

/// `defaults` with what was changed. A value that this version cannot use, such as one from a newer version,
/// counts as not changed.
pub fn overlaid<S: Section>(defaults: &S, changed: &Changed) -> S {
    let mut values = fields(defaults);
    for (name, value) in changed {
        let Some(old) = values.insert(name.clone(), value.clone()) else {
            values.remove(name);
            continue;
        };
        if read::<S>(&values).is_none() {
            tracing::warn!(name, %value, "use a changed setting");
            values.insert(name.clone(), old);
        }
    }
    read(&values).unwrap_or_else(|| defaults.clone())
}

/// What is different in `values`.
pub fn changed<S: Section>(defaults: &S, values: &S) -> Changed {
    let defaults = fields(defaults);
    let mut changed = fields(values);
    changed.retain(|name, value| defaults.get(name) != Some(value));
    changed
}

fn fields<S: Section>(values: &S) -> Changed {
    match serde_json::to_value(values) {
        Ok(Value::Object(fields)) => fields,
        _ => Changed::new(),
    }
}

fn read<S: Section>(fields: &Changed) -> Option<S> {
    serde_json::from_value(Value::Object(fields.clone())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn effective(overrides: &str, general: &str) -> EffectiveSettings {
        let changed = ChangedSections {
            general: general.to_owned(),
            ..ChangedSections::default()
        };
        EffectiveSettings::new(&Config::with(overrides).unwrap(), &changed)
    }

    #[test]
    fn a_setting_follows_the_file_until_it_is_changed() {
        let file = "[site]\nposts_per_page = 7\nfeed_entries = 8\n";
        let general = effective(file, r#"{"posts_per_page":3}"#).general;
        assert_eq!((general.posts_per_page, general.feed_entries), (3, 8));
    }

    #[test]
    fn what_cannot_be_used_counts_as_not_changed() {
        for bad in [
            "",
            "x",
            "[]",
            r#"{"posts_per_page":"many"}"#,
            r#"{"posts_per_page":-1}"#,
            r#"{"of_a_newer_version":1}"#,
        ] {
            assert_eq!(effective("", bad).general.posts_per_page, 10, "{bad}");
        }
        let mixed = r#"{"feed_entries":5,"of_a_newer_version":1,"posts_per_page":"many"}"#;
        let general = effective("", mixed).general;
        assert_eq!((general.posts_per_page, general.feed_entries), (10, 5));
        let nowhere = effective(
            "[site]\ntime_zone = \"Asia/Tokyo\"",
            r#"{"time_zone":"Mars/Base"}"#,
        );
        assert_eq!(nowhere.zone.iana_name(), Some("Asia/Tokyo"));
    }

    #[test]
    fn only_what_is_different_was_changed() {
        let defaults = GeneralSettings::of_config(&Config::with("").unwrap());
        assert!(changed(&defaults, &defaults).is_empty());
        let values = GeneralSettings {
            feed_entries: 5,
            ..defaults.clone()
        };
        let difference = changed(&defaults, &values);
        assert_eq!(
            Value::Object(difference.clone()).to_string(),
            r#"{"feed_entries":5}"#
        );
        assert_eq!(overlaid(&defaults, &difference), values);
    }

    #[test]
    fn a_sender_is_a_name_and_an_address() {
        for (from, name, address) in [
            ("News <news@example.org>", "News", "news@example.org"),
            (
                "\"The News\" <news@example.org>",
                "The News",
                "news@example.org",
            ),
            (" news@example.org ", "", "news@example.org"),
            ("", "", ""),
        ] {
            assert_eq!(split_mailbox(from), (name.to_owned(), address.to_owned()));
        }
    }
}
