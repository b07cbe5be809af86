//! The form for the site's identity. Reads and stores nothing.

use maud::{Markup, html};

use crate::error::Field;
use crate::site::identity::SiteIdentity;
use crate::texts::Texts;
use crate::ui::buttons::{ButtonStyle, submit};
use crate::ui::fields::{self, Input, TextArea};
use crate::ui::problems::{self, FieldText};
use crate::web::form::Form;
use crate::web::settings::accent_notes::accent_notes;
use crate::web::settings::preview_frame;

/// What was typed.
pub fn read(form: &Form) -> SiteIdentity {
    let text = |field: Field| form.get(field.name()).to_owned();
    SiteIdentity {
        name: text(Field::SiteName),
        tagline: text(Field::Tagline),
        footer_text: text(Field::FooterText),
        social_links: text(Field::SocialLinks),
        accent: text(Field::AccentColour),
    }
}

/// The form with these values; `revision` is the one that is seen on this page.
pub fn identity_form(
    texts: &Texts,
    site: &SiteIdentity,
    revision: i64,
    problems: &[FieldText],
) -> Markup {
    let optional = texts.text("field-optional");
    let line = |field, label: &'static str, hint: Option<&str>, value: &str, required| {
        let input = Input {
            field,
            label: &texts.text(label),
            hint,
            kind: "text",
            autocomplete: Some("off"),
            value,
            required,
        };
        fields::input(&input, problems)
    };
    let area = |field, label: &'static str, hint: &'static str, rows, value: &str| {
        let area = TextArea {
            field,
            label: &texts.text(label),
            hint: Some(&texts.text(hint)),
            rows,
            value,
        };
        fields::text_area(&area, problems)
    };
    html! {
        (problems::summary(texts, &texts.text("form-problems"), problems))
        form method="post" action="/settings/site" {
            input type="hidden" name="revision" value=(revision);
            (line(Field::SiteName, "field-name", None, &site.name, true))
            (line(Field::Tagline, "field-tagline", Some(&optional), &site.tagline, false))
            (area(Field::FooterText, "field-footer-text", "field-footer-text-hint", 3, &site.footer_text))
            (area(Field::SocialLinks, "field-social-links", "field-social-links-hint", 4, &site.social_links))
            (line(Field::AccentColour, "field-accent", Some(&texts.text("field-accent-hint")), &site.accent, false))
            (accent_notes(texts, &site.accent))
            p.buttons {
                (submit(ButtonStyle::Primary, &texts.text("button-save")))
                " " (preview_frame::button(texts))
            }
        }
    }
}
