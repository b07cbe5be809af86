//! What to fix in a form: the summary above it, which links to the fields, and the note at each field.

use maud::{Markup, html};

use crate::error::{Field, FieldError};
use crate::texts::Texts;

/// A field, and what the person who filled it reads.
pub type FieldText = (Field, String);

/// What the person reads about each error.
pub fn texts(texts: &Texts, errors: &[FieldError]) -> Vec<FieldText> {
    errors
        .iter()
        .map(|error| (error.field, texts.message(&error.problem.message())))
        .collect()
}

/// The problem of `field`.
pub fn of_field(field: Field, problems: &[FieldText]) -> Option<&str> {
    problems
        .iter()
        .find(|(other, _)| *other == field)
        .map(|(_, text)| text.as_str())
}

/// The note under the field `name`, to which its `aria-describedby` points.
pub fn note(name: &str, problem: Option<&str>) -> Markup {
    html! {
        @if let Some(problem) = problem {
            p.problem id={ (name) "-problem" } { (problem) }
        }
    }
}

/// The label that the forms give a field; `None` for what is no single field.
fn label_id(field: Field) -> Option<&'static str> {
    Some(match field {
        Field::Form | Field::Parent | Field::Conditions => return None,
        Field::Name => "field-name",
        Field::Email => "field-email",
        Field::Url => "field-url",
        Field::Comment => "field-comment",
        Field::Title => "field-title",
        Field::Body => "field-body",
        Field::Slug => "field-slug",
        Field::Date => "field-date",
        Field::Tags => "field-tags",
        Field::PageParent => "field-page-parent",
        Field::Password => "field-password",
        Field::Role => "field-role",
        Field::Bio => "field-bio",
        Field::SiteName => "setup-site-name",
        Field::Tagline => "field-tagline",
        Field::FooterText => "field-footer-text",
        Field::SocialLinks => "field-social-links",
        Field::AccentColour => "field-accent",
        Field::Logo => "field-logo",
        Field::LogoDark => "field-logo-dark",
        Field::Icon => "field-icon",
        Field::Fonts => "field-fonts",
        Field::HeaderStyle => "field-header-style",
        Field::HomeStyle => "field-home-style",
        Field::HomePage => "field-home-page",
        Field::CustomCss => "field-custom-css",
        Field::MenuLabel => "field-menu-label",
        Field::MenuTarget => "field-menu-target",
        Field::TimeZone => "field-time-zone",
        Field::Language => "field-language",
        Field::PostsPerPage => "field-posts-per-page",
        Field::FeedEntries => "field-feed-entries",
        Field::Moderation => "field-moderation",
        Field::MaxDepth => "field-max-depth",
        Field::ResponsesPerPage => "field-responses-per-page",
        Field::MaxLength => "field-max-length",
        Field::CloseComments => "field-close-comments",
        Field::MaxLinks => "field-max-links",
        Field::HoldAtRisk => "field-hold-at-risk",
        Field::CloseLinkbacks => "field-close-linkbacks",
        Field::FromName => "field-from-name",
        Field::FromAddress => "field-from-address",
        Field::DigestMinutes => "field-digest-minutes",
        Field::RuleName => "rule-name",
        Field::RuleWords => "rule-words",
        Field::RulePattern => "rule-pattern",
        Field::RuleMinLinks => "rule-min-links",
        Field::RuleHosts => "rule-hosts",
        Field::RuleEmails => "rule-emails",
        Field::RuleNames => "rule-names",
        Field::RuleNetworks => "rule-networks",
        Field::RuleLanguages => "rule-languages",
        Field::RulePostAge => "rule-post-age",
        Field::RulePriority => "rule-priority",
        Field::RuleAction => "rule-action",
        Field::Message => "rule-message",
        Field::Note => "report-note",
        Field::Subject => "sender-value",
        Field::Featured => "field-featured",
        Field::File => "field-file",
        Field::Alt => "field-alt",
        Field::Caption => "field-caption",
        Field::Credit => "field-credit",
    })
}

/// A problem with the label of its field before it.
fn named(texts: &Texts, field: Field, problem: &str) -> String {
    match label_id(field) {
        Some(id) => {
            let values = [
                ("field", texts.text(id).into()),
                ("problem", problem.into()),
            ];
            texts.with("problem-of-field", &values)
        }
        None => problem.to_owned(),
    }
}

/// The box above a form; nothing where there are no problems.
pub fn summary(texts: &Texts, title: &str, problems: &[FieldText]) -> Markup {
    html! {
        @if !problems.is_empty() {
            div.problems role="alert" tabindex="-1" {
                p { strong { (title) } }
                ul {
                    @for (field, text) in problems {
                        li {
                            // These have no field of their own to link to.
                            @if matches!(field, Field::Form | Field::Parent) { (text) }
                            @else { a href={ "#" (field.name()) } { (named(texts, *field, text)) } }
                        }
                    }
                }
            }
        }
    }
}
