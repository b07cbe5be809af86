//! The form of a section of the settings for which the settings file has defaults: each setting says where its
//! value comes from. Reads and stores nothing.

use std::fmt::Display;

use maud::{Markup, html};

use crate::error::Field;
use crate::site::discussion::TICKED;
use crate::texts::Texts;
use crate::ui::buttons::{ButtonStyle, submit, submit_value};
use crate::ui::fields::{self, Checkbox, Input, Select};
use crate::ui::problems::{self, FieldText};

/// What the button sends that lets the section follow the settings file again.
pub const USE_DEFAULTS: &str = "defaults";

/// What a form is made of, beside its fields.
pub struct SectionForm<'a> {
    pub texts: &'a Texts,
    pub action: &'a str,
    /// The one that is seen on this page.
    pub revision: i64,
    pub problems: &'a [FieldText],
    /// Whether anything differs from the settings file.
    pub is_changed: bool,
}

/// Where a value comes from: None if it follows the settings file, else the value there.
pub type Default = Option<String>;

/// The origin of a value that may differ from the settings file.
pub fn default_if_changed<T: PartialEq>(
    value: &T,
    default: &T,
    show: impl FnOnce(&T) -> String,
) -> Default {
    (value != default).then(|| show(default))
}

/// The same for what is shown as it is written.
pub fn default_text<T: PartialEq + Display>(value: &T, default: &T) -> Default {
    default_if_changed(value, default, T::to_string)
}

impl SectionForm<'_> {
    /// Where a value comes from, as people read it.
    fn origin(&self, default: &Default) -> String {
        match default {
            None => self.texts.text("setting-from-file"),
            Some(default) => {
                let values = [("default", default.as_str().into())];
                self.texts.with("setting-changed", &values)
            }
        }
    }

    fn hint(&self, hint: Option<String>, default: &Default) -> String {
        let origin = self.origin(default);
        match hint {
            Some(hint) => {
                let values = [("hint", hint.into()), ("origin", origin.into())];
                self.texts.with("setting-hint", &values)
            }
            None => origin,
        }
    }

    /// A number, or a line of text; `kind` as in [`Input`].
    pub fn line(
        &self,
        (field, kind): (Field, &'static str),
        label: &str,
        hint: Option<String>,
        (value, default): (&str, Default),
    ) -> Markup {
        let input = Input {
            field,
            label,
            hint: Some(&self.hint(hint, &default)),
            kind,
            autocomplete: Some("off"),
            value,
            required: false,
        };
        fields::input(&input, self.problems)
    }

    /// One of a few values.
    pub fn choice(
        &self,
        field: Field,
        label: &str,
        options: &[(&str, String)],
        (selected, default): (&str, Default),
    ) -> Markup {
        let select = Select {
            field,
            label,
            hint: Some(&self.origin(&default)),
            options,
            selected,
        };
        fields::select(&select, self.problems)
    }

    /// A box to tick.
    pub fn tick(&self, name: &str, label: &str, (value, default): (&str, Default)) -> Markup {
        let values = [
            ("label", label.to_owned().into()),
            ("origin", self.origin(&default).into()),
        ];
        fields::checkbox(&Checkbox {
            name,
            value: TICKED,
            label: &self.texts.with("setting-label", &values),
            checked: value == TICKED,
            required: false,
        })
    }

    /// The form around `fields`, and the button that lets everything follow the settings file again.
    pub fn form(&self, fields: &Markup) -> Markup {
        let texts = self.texts;
        html! {
            (problems::summary(texts, &texts.text("form-problems"), self.problems))
            form.section-form method="post" action=(self.action) {
                (self.hidden())
                (fields)
                p.buttons { (submit(ButtonStyle::Primary, &texts.text("button-save"))) }
            }
            @if self.is_changed {
                form.defaults-form method="post" action=(self.action) {
                    (self.hidden())
                    p { (texts.text("setting-defaults-note")) }
                    p.buttons { (submit_value(ButtonStyle::Secondary, "do", USE_DEFAULTS, &texts.text("setting-use-defaults"))) }
                }
            }
        }
    }

    fn hidden(&self) -> Markup {
        html! { input type="hidden" name="revision" value=(self.revision); }
    }
}
