//! Moderation, threads, comments and linkbacks: what administrators decide about them. Rate limits, bursts
//! and spam checkers are left to the operator, in the settings file.

use maud::{Markup, html};

use crate::config::CommentModeration;
use crate::config::effective::DiscussionSettings;
use crate::error::Field;
use crate::site::discussion::{
    MAX_DAYS, MAX_DEPTH, MAX_LENGTH, MAX_LINKS, MAX_PER_PAGE, MAX_RISK, MODERATION, moderation_name,
};
use crate::site::section::SectionState;
use crate::texts::{Texts, Value};
use crate::ui::sections::section as page_section;
use crate::web::settings::section_form::{SectionForm, default_if_changed, default_text};
use crate::web::settings::section_page::SectionPage;
use crate::web::settings::setting_labels::{moderation_label_id, yes_or_no_id};
use crate::web::settings::settings_tabs::SettingsPage;

fn range(texts: &Texts, id: &str, min: u64, max: impl Into<Value>) -> Option<String> {
    let max = match max.into() {
        Value::Number(number) => number.into(),
        Value::Text(text) => text.into(),
    };
    Some(texts.with(id, &[("min", min.into()), ("max", max)]))
}

impl SectionPage for DiscussionSettings {
    const PAGE: SettingsPage = SettingsPage::Discussion;

    fn fields(form: &SectionForm<'_>, input: &Self::Input, state: &SectionState<Self>) -> Markup {
        let (texts, values, defaults) = (form.texts, &state.values, &state.defaults);
        let modes = MODERATION.map(|mode| {
            let label = texts.text(moderation_label_id(mode));
            (moderation_name(mode), label)
        });
        let mode = |mode: &CommentModeration| texts.text(moderation_label_id(*mode));
        let yes_or_no = |is_ticked: &bool| texts.text(yes_or_no_id(*is_ticked));
        let number = |field, label: &str, hint, value| {
            form.line((field, "number"), &texts.text(label), hint, value)
        };
        let tick = |name: &str, label: &str, typed: &str, value: &bool, default: &bool| {
            let default = default_if_changed(value, default, yes_or_no);
            form.tick(name, &texts.text(label), (typed, default))
        };
        let moderation = html! {
            (form.choice(Field::Moderation, &texts.text("field-moderation"), &modes,
                (&input.moderation, default_if_changed(&values.moderation, &defaults.moderation, mode))))
            (number(Field::MaxLinks, "field-max-links", range(texts, "setting-range", 0, MAX_LINKS),
                (&input.max_links, default_text(&values.max_links, &defaults.max_links))))
            (number(Field::HoldAtRisk, "field-hold-at-risk", range(texts, "setting-risk-range", 1, MAX_RISK),
                (&input.hold_at_risk, default_text(&values.hold_at_risk, &defaults.hold_at_risk))))
            (tick("public_log", "field-public-log", &input.public_log, &values.public_log, &defaults.public_log))
        };
        let comments = html! {
            (number(Field::MaxLength, "field-max-length", range(texts, "setting-range", 1, MAX_LENGTH),
                (&input.max_length, default_text(&values.max_length, &defaults.max_length))))
            (number(Field::MaxDepth, "field-max-depth", range(texts, "setting-range", 1, MAX_DEPTH),
                (&input.max_depth, default_text(&values.max_depth, &defaults.max_depth))))
            (number(Field::ResponsesPerPage, "field-responses-per-page", range(texts, "setting-range", 1, MAX_PER_PAGE),
                (&input.per_page, default_text(&values.per_page, &defaults.per_page))))
            (number(Field::CloseComments, "field-close-comments", range(texts, "setting-days-range", 1, MAX_DAYS),
                (&input.close_comments, default_text(&values.close_comments_after_days, &defaults.close_comments_after_days))))
        };
        let linkbacks = html! {
            (tick("accept_linkbacks", "field-accept-linkbacks", &input.accept_linkbacks, &values.accept_linkbacks, &defaults.accept_linkbacks))
            (number(Field::CloseLinkbacks, "field-close-linkbacks", range(texts, "setting-days-range", 1, MAX_DAYS),
                (&input.close_linkbacks, default_text(&values.close_linkbacks_after_days, &defaults.close_linkbacks_after_days))))
            (tick("send_linkbacks", "field-send-linkbacks", &input.send_linkbacks, &values.send_linkbacks, &defaults.send_linkbacks))
        };
        html! {
            (page_section("moderation-heading", &texts.text("discussion-moderation"), moderation))
            (page_section("comments-heading", &texts.text("discussion-comments"), comments))
            (page_section("linkbacks-heading", &texts.text("discussion-linkbacks"), linkbacks))
        }
    }
}
