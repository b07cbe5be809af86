//! Time zone, language, posts on a page and entries in a feed.

use maud::{Markup, html};

use crate::config::effective::GeneralSettings;
use crate::error::Field;
use crate::site::general::{self, MAX_ENTRIES};
use crate::site::section::SectionState;
use crate::texts::languages;
use crate::web::settings::section_form::{SectionForm, default_text};
use crate::web::settings::section_page::SectionPage;
use crate::web::settings::settings_tabs::SettingsPage;

impl SectionPage for GeneralSettings {
    const PAGE: SettingsPage = SettingsPage::General;

    fn fields(form: &SectionForm<'_>, input: &Self::Input, state: &SectionState<Self>) -> Markup {
        let (texts, values, defaults) = (form.texts, &state.values, &state.defaults);
        let mut zones = general::time_zones();
        if !zones.contains(&input.time_zone) {
            // What the file or the form says stays chosen.
            zones.insert(0, input.time_zone.clone());
        }
        let zones: Vec<(&str, String)> = zones
            .iter()
            .map(|zone| (zone.as_str(), zone.clone()))
            .collect();
        let languages: Vec<(&str, String)> = languages()
            .map(|language| (language, language.to_owned()))
            .collect();
        let range = texts.with(
            "setting-range",
            &[("min", 1.into()), ("max", MAX_ENTRIES.into())],
        );
        html! {
            (form.choice(Field::TimeZone, &texts.text("field-time-zone"), &zones,
                (&input.time_zone, default_text(&values.time_zone, &defaults.time_zone))))
            p.note { (texts.text("time-zone-note")) }
            @if languages.len() > 1 {
                (form.choice(Field::Language, &texts.text("field-language"), &languages,
                    (&input.language, default_text(&values.language, &defaults.language))))
            }
            (form.line((Field::PostsPerPage, "number"), &texts.text("field-posts-per-page"), Some(range.clone()),
                (&input.posts_per_page, default_text(&values.posts_per_page, &defaults.posts_per_page))))
            (form.line((Field::FeedEntries, "number"), &texts.text("field-feed-entries"), Some(range.clone()),
                (&input.feed_entries, default_text(&values.feed_entries, &defaults.feed_entries))))
        }
    }
}
