//! Form fields with their labels and what is wrong with them.

use maud::{Markup, html};

use crate::error::{Field, FieldError};

/// A line of text to fill in.
pub struct Input<'a> {
    /// Which field.
    pub field: Field,
    /// Its label.
    pub label: &'a str,
    /// A short remark behind the label.
    pub hint: Option<&'a str>,
    /// `text`, `email`, `url`, `password` and the like.
    pub kind: &'static str,
    /// For browsers that fill forms.
    pub autocomplete: Option<&'static str>,
    /// What was typed before.
    pub value: &'a str,
    /// Whether it must be filled.
    pub required: bool,
}

/// The field, and its problem where `problems` has one for it.
pub fn input(input: &Input<'_>, problems: &[(Field, String)]) -> Markup {
    let name = input.field.name();
    let problem = problem_of(input.field, problems);
    html! {
        div.field {
            label for=(name) {
                (input.label)
                @if let Some(hint) = input.hint { " " span.hint { "(" (hint) ")" } }
            }
            input #(name) name=(name) type=(input.kind) value=[(input.kind != "password").then_some(input.value)]
                dir=[(input.kind == "text").then_some("auto")]
                autocomplete=[input.autocomplete] required[input.required]
                aria-invalid=[problem.map(|_| "true")]
                aria-describedby=[problem.map(|_| format!("{name}-problem"))];
            (problem_note(name, problem))
        }
    }
}

/// What is wrong with `field`.
pub fn problem_of(field: Field, problems: &[(Field, String)]) -> Option<&str> {
    problems
        .iter()
        .find(|(other, _)| *other == field)
        .map(|(_, words)| words.as_str())
}

/// The note under a field, to which its `aria-describedby` points.
pub fn problem_note(name: &str, problem: Option<&str>) -> Markup {
    html! {
        @if let Some(problem) = problem {
            p.problem id={ (name) "-problem" } { (problem) }
        }
    }
}

/// Problems in the words of staff pages.
pub fn plain_problems(errors: &[FieldError]) -> Vec<(Field, String)> {
    errors
        .iter()
        .map(|error| {
            let words = error.problem.to_string();
            let mut chars = words.chars();
            let words = chars.next().map_or_else(String::new, |c| {
                c.to_uppercase().chain(chars).collect::<String>()
            });
            (error.field, words + ".")
        })
        .collect()
}

/// A box above a form that says how much there is to fix, with links to the fields.
pub fn problem_summary(title: &str, problems: &[(Field, String)]) -> Markup {
    html! {
        @if !problems.is_empty() {
            div.problems role="alert" tabindex="-1" {
                p { strong { (title) } }
                ul {
                    @for (field, words) in problems {
                        li {
                            @if *field == Field::Form || *field == Field::Parent { (words) }
                            @else { a href={ "#" (field.name()) } { (words) } }
                        }
                    }
                }
            }
        }
    }
}
