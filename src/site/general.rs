//! The site's time zone and language, and how much is on a page and in a feed.

use jiff::tz::{self, TimeZone};
use serde::Deserialize;

use crate::config::effective::GeneralSettings;
use crate::error::{Field, Problem, Result};
use crate::site::numbers::Problems;
use crate::site::section::TypedSection;
use crate::texts;

/// The most posts on a page, or entries in a feed.
pub const MAX_ENTRIES: u64 = 100;
/// Names in the database of time zones that are not places, or of other kinds of time.
const NOT_OFFERED: [&str; 6] = [
    "posix/",
    "right/",
    "posixrules",
    "localtime",
    "Factory",
    "leap",
];

/// What was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct GeneralInput {
    pub time_zone: String,
    pub language: String,
    pub posts_per_page: String,
    pub feed_entries: String,
}

impl From<&GeneralSettings> for GeneralInput {
    fn from(settings: &GeneralSettings) -> Self {
        Self {
            time_zone: settings.time_zone.clone(),
            language: settings.language.clone(),
            posts_per_page: settings.posts_per_page.to_string(),
            feed_entries: settings.feed_entries.to_string(),
        }
    }
}

/// The time zones to choose from, by name.
pub fn time_zones() -> Vec<String> {
    let mut names: Vec<String> = tz::db()
        .available()
        .map(|name| name.to_string())
        .filter(|name| !NOT_OFFERED.iter().any(|other| name.starts_with(other)))
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

impl TypedSection for GeneralSettings {
    type Input = GeneralInput;

    fn check(typed: &Self::Input, defaults: &Self) -> Result<Self> {
        let mut problems = Problems::default();
        // In its one spelling, whatever the case that was typed.
        let time_zone = TimeZone::get(typed.time_zone.trim())
            .ok()
            .and_then(|zone| zone.iana_name().map(str::to_owned))
            .unwrap_or_default();
        // What is not offered may be another time on another node, such as `localtime`.
        if time_zone != defaults.time_zone && !time_zones().contains(&time_zone) {
            problems.add(Field::TimeZone, Problem::NotAChoice);
        }
        // Without a choice there is no field.
        let language = match typed.language.as_str() {
            "" => defaults.language.as_str(),
            language => language,
        };
        if !texts::languages().any(|known| known == language) {
            problems.add(Field::Language, Problem::NotAChoice);
        }
        let values = GeneralSettings {
            time_zone,
            language: language.to_owned(),
            posts_per_page: problems.number(
                Field::PostsPerPage,
                &typed.posts_per_page,
                1..=MAX_ENTRIES,
                defaults.posts_per_page,
            ),
            feed_entries: problems.number(
                Field::FeedEntries,
                &typed.feed_entries,
                1..=MAX_ENTRIES,
                defaults.feed_entries,
            ),
        };
        problems.unless_any(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::config::effective::Section as _;
    use crate::error::Error;

    #[test]
    fn every_problem_is_found_at_once() {
        let typed = GeneralInput {
            time_zone: "Mars/Base".into(),
            language: "xx".into(),
            posts_per_page: "0".into(),
            feed_entries: "101".into(),
        };
        let defaults = GeneralSettings::of_config(&Config::with("").unwrap());
        let Err(Error::Invalid(errors)) = GeneralSettings::check(&typed, &defaults) else {
            panic!("it was accepted");
        };
        let fields: Vec<Field> = errors.iter().map(|error| error.field).collect();
        let all = [
            Field::TimeZone,
            Field::Language,
            Field::PostsPerPage,
            Field::FeedEntries,
        ];
        assert_eq!(fields, all);
        assert_eq!(
            GeneralSettings::check(&GeneralInput::from(&defaults), &defaults).unwrap(),
            defaults
        );
    }

    #[test]
    fn zones_have_one_spelling_and_are_offered_by_it() {
        let zones = time_zones();
        for zone in [
            "UTC",
            "Europe/Berlin",
            "Asia/Tokyo",
            "America/Argentina/Ushuaia",
        ] {
            assert!(zones.iter().any(|offered| offered == zone), "{zone}");
        }
        for zone in &zones {
            assert!(TimeZone::get(zone).is_ok(), "{zone}");
        }
        let defaults = GeneralSettings::of_config(&Config::with("").unwrap());
        let typed = GeneralInput {
            time_zone: " europe/berlin ".into(),
            ..GeneralInput::from(&defaults)
        };
        assert_eq!(
            GeneralSettings::check(&typed, &defaults).unwrap().time_zone,
            "Europe/Berlin"
        );
        for not_offered in ["localtime", "Factory", "posix/Europe/Berlin", "../UTC", ""] {
            let typed = GeneralInput {
                time_zone: not_offered.into(),
                ..typed.clone()
            };
            assert!(
                GeneralSettings::check(&typed, &defaults).is_err(),
                "{not_offered}"
            );
        }
    }
}
