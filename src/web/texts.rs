//! Every word that a reader sees, from a Fluent message file, so that languages can follow.

use std::sync::Arc;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use maud::{Markup, html};
use unic_langid::LanguageIdentifier;

use crate::error::{Error, Problem, Result};

/// The languages that are built in.
const LOCALES: &[(&str, &str)] = &[("en", include_str!("../../config/locales/en.ftl"))];

/// The words of one language; cheap to clone.
#[derive(Clone)]
pub struct Texts {
    bundle: Arc<FluentBundle<FluentResource>>,
    language: &'static str,
}

impl Texts {
    /// The words of `language`.
    pub fn load(language: &str) -> Result<Self> {
        let Some((name, source)) = LOCALES.iter().find(|(name, _)| *name == language) else {
            let known: Vec<_> = LOCALES.iter().map(|(name, _)| *name).collect();
            return Err(Error::Unavailable(format!(
                "the setting site.language is one of {}, not {language:?}",
                known.join(", ")
            )));
        };
        let unreadable = |what: String| Error::internal("read the message file", what);
        let resource = FluentResource::try_new((*source).to_owned())
            .map_err(|(_, errors)| unreadable(format!("{errors:?}")))?;
        let id: LanguageIdentifier = name.parse().map_err(|e| unreadable(format!("{e:?}")))?;
        let mut bundle = FluentBundle::new_concurrent(vec![id]);
        // Marks around every placeable would end up inside titles and attributes.
        bundle.set_use_isolating(false);
        bundle
            .add_resource(resource)
            .map_err(|errors| unreadable(format!("{errors:?}")))?;
        Ok(Self {
            bundle: Arc::new(bundle),
            language: name,
        })
    }

    /// The language, for `<html lang>`.
    pub fn language(&self) -> &'static str {
        self.language
    }

    /// The message `id`.
    pub fn text(&self, id: &str) -> String {
        self.format(id, None)
    }

    /// The message `id` with its blanks filled.
    pub fn with(&self, id: &str, blanks: &[(&str, FluentValue<'_>)]) -> String {
        let args: FluentArgs<'_> = blanks
            .iter()
            .map(|(name, value)| (*name, value.clone()))
            .collect();
        self.format(id, Some(&args))
    }

    /// The message `id` with one blank filled by what a person wrote, which keeps its own direction
    /// and changes none around it.
    pub fn around(
        &self,
        id: &str,
        written: (&str, &str),
        more: &[(&str, FluentValue<'_>)],
    ) -> Markup {
        /// Stands for what a person wrote; no message holds it.
        const PLACE: &str = "\u{1}";
        let mut blanks = vec![(written.0, PLACE.into())];
        blanks.extend_from_slice(more);
        let text = self.with(id, &blanks);
        html! {
            @for (nth, part) in text.split(PLACE).enumerate() {
                @if nth > 0 { bdi { (written.1) } }
                (part)
            }
        }
    }

    /// What is wrong with a field, in words for readers.
    pub fn problem(&self, problem: &Problem) -> String {
        match problem {
            Problem::Missing => self.text("problem-missing"),
            Problem::Invisible => self.text("problem-invisible"),
            Problem::TooLong { max } => self.with("problem-too-long", &[("max", (*max).into())]),
            Problem::TooShort { min } => self.with("problem-too-short", &[("min", (*min).into())]),
            Problem::NotAnEmail => self.text("problem-not-an-email"),
            Problem::NotAUrl => self.text("problem-not-a-url"),
            Problem::NameOfStaff => self.text("problem-name-of-staff"),
            Problem::Duplicate => self.text("problem-duplicate"),
            Problem::Closed => self.text("problem-closed"),
            Problem::ParentGone => self.text("problem-parent-gone"),
            Problem::TooFast { seconds } => {
                self.with("problem-too-fast", &[("seconds", (*seconds).into())])
            }
            Problem::Busy { seconds, .. } => {
                self.with("problem-busy", &[("seconds", (*seconds).into())])
            }
            Problem::LooksAutomatic => self.text("problem-looks-automatic"),
            Problem::NotText => self.text("problem-not-text"),
            Problem::Refused { words } if words.is_empty() => self.text("problem-refused"),
            Problem::Refused { words } => words.clone(),
            // Only forms of the staff have these.
            Problem::NotADate
            | Problem::NotASlug
            | Problem::NotAChoice
            | Problem::Taken
            | Problem::Unusable { .. }
            | Problem::WrongCredentials => problem.to_string(),
        }
    }

    fn format(&self, id: &str, args: Option<&FluentArgs<'_>>) -> String {
        let Some(pattern) = self
            .bundle
            .get_message(id)
            .and_then(|message| message.value())
        else {
            tracing::error!(id, "find a message");
            return id.to_owned();
        };
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, args, &mut errors);
        if !errors.is_empty() {
            tracing::error!(id, ?errors, "fill a message");
        }
        text.into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plurals_are_right() {
        let texts = Texts::load("en").unwrap();
        let heading = |count: u64| {
            texts.with(
                "responses-heading",
                &[("count", count.into()), ("title", "Title".into())],
            )
        };
        assert_eq!(heading(1), "One response to “Title”");
        assert_eq!(heading(2), "2 responses to “Title”");
        assert_eq!(heading(0), "No responses to “Title” yet");
    }

    #[test]
    fn what_a_person_wrote_is_set_apart_in_a_sentence() {
        let texts = Texts::load("en").unwrap();
        let by = texts.around("by-author", ("name", "<Ada>"), &[]);
        assert_eq!(by.into_string(), "by <bdi>&lt;Ada&gt;</bdi>");
        let heading = texts.around("responses-heading", ("title", "T"), &[("count", 2.into())]);
        assert_eq!(heading.into_string(), "2 responses to “<bdi>T</bdi>”");
    }

    #[test]
    fn an_unknown_language_names_the_known_ones() {
        let Err(error) = Texts::load("xx") else {
            panic!("there is no xx")
        };
        assert!(error.to_string().contains("one of en"), "{error}");
    }
}
