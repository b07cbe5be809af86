//! What holds comments, how threads are shown, when they close, and which linkbacks are accepted and sent.

use serde::Deserialize;

use crate::config::CommentModeration;
use crate::config::effective::DiscussionSettings;
use crate::error::{Field, Problem, Result};
use crate::site::numbers::Problems;
use crate::site::section::TypedSection;

/// Levels of replies: a thread path has 16 bytes per level, and both databases index the whole path.
pub const MAX_DEPTH: usize = 50;
/// Responses on a page.
pub const MAX_PER_PAGE: u64 = 500;
/// Characters of a comment. A form with one fits the default limit on bodies, whatever its characters.
pub const MAX_LENGTH: usize = 50_000;
/// Ten years.
pub const MAX_DAYS: u64 = 3650;
pub const MAX_LINKS: usize = 1000;
/// In thousandths: certainly spam.
pub const MAX_RISK: i64 = 1000;

/// What was typed. A box that is not ticked is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct DiscussionInput {
    pub moderation: String,
    pub max_depth: String,
    pub per_page: String,
    pub max_length: String,
    pub close_comments: String,
    pub max_links: String,
    pub hold_at_risk: String,
    pub public_log: String,
    pub accept_linkbacks: String,
    pub close_linkbacks: String,
    pub send_linkbacks: String,
}

/// What a ticked box sends.
pub const TICKED: &str = "yes";

fn ticked(is_ticked: bool) -> String {
    match is_ticked {
        true => TICKED.to_owned(),
        false => String::new(),
    }
}

impl From<&DiscussionSettings> for DiscussionInput {
    fn from(settings: &DiscussionSettings) -> Self {
        Self {
            moderation: moderation_name(settings.moderation).to_owned(),
            max_depth: settings.max_depth.to_string(),
            per_page: settings.per_page.to_string(),
            max_length: settings.max_length.to_string(),
            close_comments: settings.close_comments_after_days.to_string(),
            max_links: settings.max_links.to_string(),
            hold_at_risk: settings.hold_at_risk.to_string(),
            public_log: ticked(settings.public_log),
            accept_linkbacks: ticked(settings.accept_linkbacks),
            close_linkbacks: settings.close_linkbacks_after_days.to_string(),
            send_linkbacks: ticked(settings.send_linkbacks),
        }
    }
}

/// The modes, in the order of their strictness.
pub const MODERATION: [CommentModeration; 3] = [
    CommentModeration::None,
    CommentModeration::First,
    CommentModeration::All,
];

/// The name of a mode in forms and in the settings file.
pub fn moderation_name(moderation: CommentModeration) -> &'static str {
    match moderation {
        CommentModeration::None => "none",
        CommentModeration::First => "first",
        CommentModeration::All => "all",
    }
}

impl TypedSection for DiscussionSettings {
    type Input = DiscussionInput;

    fn check(typed: &Self::Input, defaults: &Self) -> Result<Self> {
        let mut problems = Problems::default();
        let moderation = MODERATION
            .into_iter()
            .find(|mode| moderation_name(*mode) == typed.moderation);
        if moderation.is_none() {
            problems.add(Field::Moderation, Problem::NotAChoice);
        }
        let values = DiscussionSettings {
            moderation: moderation.unwrap_or(defaults.moderation),
            max_links: problems.number(
                Field::MaxLinks,
                &typed.max_links,
                0..=MAX_LINKS,
                defaults.max_links,
            ),
            hold_at_risk: problems.number(
                Field::HoldAtRisk,
                &typed.hold_at_risk,
                0..=MAX_RISK,
                defaults.hold_at_risk,
            ),
            public_log: typed.public_log == TICKED,
            max_length: problems.number(
                Field::MaxLength,
                &typed.max_length,
                1..=MAX_LENGTH,
                defaults.max_length,
            ),
            max_depth: problems.number(
                Field::MaxDepth,
                &typed.max_depth,
                1..=MAX_DEPTH,
                defaults.max_depth,
            ),
            per_page: problems.number(
                Field::ResponsesPerPage,
                &typed.per_page,
                1..=MAX_PER_PAGE,
                defaults.per_page,
            ),
            close_comments_after_days: problems.number(
                Field::CloseComments,
                &typed.close_comments,
                0..=MAX_DAYS,
                defaults.close_comments_after_days,
            ),
            accept_linkbacks: typed.accept_linkbacks == TICKED,
            close_linkbacks_after_days: problems.number(
                Field::CloseLinkbacks,
                &typed.close_linkbacks,
                0..=MAX_DAYS,
                defaults.close_linkbacks_after_days,
            ),
            send_linkbacks: typed.send_linkbacks == TICKED,
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

    fn defaults(overrides: &str) -> DiscussionSettings {
        DiscussionSettings::of_config(&Config::with(overrides).unwrap())
    }

    #[test]
    fn every_problem_is_found_at_once() {
        let Err(Error::Invalid(errors)) =
            DiscussionSettings::check(&DiscussionInput::default(), &defaults(""))
        else {
            panic!("it was accepted");
        };
        assert_eq!(errors.len(), 8, "{errors:?}");
    }

    #[test]
    fn what_the_page_shows_can_be_saved_whatever_the_file_says() {
        for file in [
            "",
            "[moderation]\nmax_links = 100000\nhold_at_risk = 0\n",
            "[comments]\nmoderation = \"all\"\nmax_length = 1000000\nper_page = 5000\n",
        ] {
            let settings = defaults(file);
            let shown = DiscussionInput::from(&settings);
            assert_eq!(
                DiscussionSettings::check(&shown, &settings).unwrap(),
                settings
            );
        }
    }
}
