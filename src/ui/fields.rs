//! Form fields with their labels, hints and problems.

use maud::{Markup, html};

use crate::error::Field;
use crate::ui::problems::{self, FieldText};

/// A field of one line.
pub struct Input<'a> {
    pub field: Field,
    pub label: &'a str,
    /// A short remark beside the label.
    pub hint: Option<&'a str>,
    /// The `type`: `text`, `email`, `password` and the like. A password is never sent back.
    pub kind: &'static str,
    /// For browsers that fill forms.
    pub autocomplete: Option<&'static str>,
    /// What was typed before.
    pub value: &'a str,
    pub required: bool,
}

/// The field, with its problem if `problems` has one for it.
pub fn input(input: &Input<'_>, problems: &[FieldText]) -> Markup {
    let name = input.field.name();
    let problem = problems::of_field(input.field, problems);
    html! {
        div.field {
            (label(name, input.label, input.hint))
            input #(name) name=(name) type=(input.kind) value=[(input.kind != "password").then_some(input.value)]
                dir=[(input.kind == "text").then_some("auto")]
                autocomplete=[input.autocomplete] required[input.required]
                aria-invalid=[problem.map(|_| "true")]
                aria-describedby=[problem.map(|_| format!("{name}-problem"))];
            (problems::note(name, problem))
        }
    }
}

/// A field of several lines.
pub struct TextArea<'a> {
    pub field: Field,
    pub label: &'a str,
    /// A short remark beside the label.
    pub hint: Option<&'a str>,
    /// The height, in lines of text.
    pub rows: u32,
    /// What was typed before.
    pub value: &'a str,
}

/// The field, with its problem if `problems` has one for it.
pub fn text_area(area: &TextArea<'_>, problems: &[FieldText]) -> Markup {
    let name = area.field.name();
    let problem = problems::of_field(area.field, problems);
    html! {
        div.field {
            (label(name, area.label, area.hint))
            textarea #(name) name=(name) rows=(area.rows) dir="auto" aria-invalid=[problem.map(|_| "true")]
                aria-describedby=[problem.map(|_| format!("{name}-problem"))] {
                // HTML drops the first line break of a textarea.
                "\n" (area.value)
            }
            (problems::note(name, problem))
        }
    }
}

/// A field for files from the person's device.
pub struct FileInput<'a> {
    pub field: Field,
    pub label: &'a str,
    /// A short remark beside the label.
    pub hint: Option<&'a str>,
    /// The media types that are offered to choose from.
    pub accept: &'a str,
    /// Whether several can be chosen.
    pub is_multiple: bool,
}

/// The field, with its problem if `problems` has one for it. Browsers send no file again by themselves.
pub fn file_input(input: &FileInput<'_>, problems: &[FieldText]) -> Markup {
    let name = input.field.name();
    let problem = problems::of_field(input.field, problems);
    html! {
        div.field {
            (label(name, input.label, input.hint))
            input #(name) name=(name) type="file" accept=(input.accept) multiple[input.is_multiple] required
                aria-invalid=[problem.map(|_| "true")]
                aria-describedby=[problem.map(|_| format!("{name}-problem"))];
            (problems::note(name, problem))
        }
    }
}

/// A field with a few values to choose from.
pub struct Select<'a> {
    pub field: Field,
    pub label: &'a str,
    /// A short remark beside the label.
    pub hint: Option<&'a str>,
    /// The value that is sent, and what the person reads.
    pub options: &'a [(&'a str, String)],
    pub selected: &'a str,
}

/// The field, with its problem if `problems` has one for it.
pub fn select(select: &Select<'_>, problems: &[FieldText]) -> Markup {
    let name = select.field.name();
    let problem = problems::of_field(select.field, problems);
    html! {
        div.field {
            (label(name, select.label, select.hint))
            select #(name) name=(name) aria-invalid=[problem.map(|_| "true")]
                aria-describedby=[problem.map(|_| format!("{name}-problem"))] {
                @for (value, text) in select.options {
                    option value=(value) selected[*value == select.selected] { (text) }
                }
            }
            (problems::note(name, problem))
        }
    }
}

/// A box to tick.
pub struct Checkbox<'a> {
    pub name: &'a str,
    /// What is sent if it is ticked.
    pub value: &'a str,
    pub label: &'a str,
    pub checked: bool,
    pub required: bool,
}

/// The box before its label.
pub fn checkbox(checkbox: &Checkbox<'_>) -> Markup {
    html! {
        label.check {
            input type="checkbox" name=(checkbox.name) value=(checkbox.value)
                checked[checkbox.checked] required[checkbox.required];
            " " (checkbox.label)
        }
    }
}

fn label(name: &str, text: &str, hint: Option<&str>) -> Markup {
    html! {
        label for=(name) {
            (text)
            @if let Some(hint) = hint { " " span.hint { "(" (hint) ")" } }
        }
    }
}
