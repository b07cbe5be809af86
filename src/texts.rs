//! Every text that people read, from the Fluent message files in `config/locales`.
//!
//! Domain code names a text with a [`Message`] and never writes one; pages, emails and the command line
//! format it with the [`Texts`] of their language. Knows nothing of errors, forms or HTTP.

use std::fmt;
use std::sync::{Arc, LazyLock, RwLock};

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use maud::{Markup, html};
use unic_langid::LanguageIdentifier;

/// The built-in languages: name, and the messages of its files.
const LOCALES: &[(&str, &[&str])] = &[(
    "en",
    &[
        include_str!("../config/locales/en/reader.ftl"),
        include_str!("../config/locales/en/responses.ftl"),
        include_str!("../config/locales/en/linkbacks.ftl"),
        include_str!("../config/locales/en/moderation.ftl"),
        include_str!("../config/locales/en/queue.ftl"),
        include_str!("../config/locales/en/desk.ftl"),
        include_str!("../config/locales/en/settings.ftl"),
        include_str!("../config/locales/en/operators.ftl"),
    ],
)];

/// Texts for logs, tests and the command line, which speak English.
static ENGLISH: LazyLock<Texts> =
    LazyLock::new(|| Texts::load("en").expect("the built-in English messages are valid Fluent"));

/// A text to show a person: a message id of the message files, and the values it is filled with.
///
/// `Display` formats it in English, for logs and the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    id: &'static str,
    values: Vec<(&'static str, Value)>,
}

/// A value that fills a placeable of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Text, such as a title or an address.
    Text(String),
    /// A number, which also chooses the plural form.
    Number(i64),
}

impl Message {
    /// The message `id`, which needs no values.
    pub fn new(id: &'static str) -> Self {
        Self {
            id,
            values: Vec::new(),
        }
    }

    /// Adds the value of the placeable `name`.
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.values.push((name, value.into()));
        self
    }

    /// The message id.
    pub fn id(&self) -> &'static str {
        self.id
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&ENGLISH.message(self))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl From<$number> for Value {
            /// A number beyond `i64` counts as the largest one: no count a person reads is so large.
            fn from(number: $number) -> Self {
                Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
            }
        }
    )*};
}
numbers!(i64, u64, usize, u32);

/// No built-in language has this name, or its messages cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TextsError {
    /// A name that is not in `config/locales`.
    #[error("the setting site.language is one of {known}, not {asked:?}")]
    UnknownLanguage {
        /// What the setting says.
        asked: String,
        /// The names that it may say, separated by commas.
        known: String,
    },
    /// The file is not valid Fluent: a defect of this program.
    #[error("read the message file: {0}")]
    Unreadable(String),
}

/// The names of the built-in languages.
pub fn languages() -> impl Iterator<Item = &'static str> {
    LOCALES.iter().map(|(name, _)| *name)
}

/// The messages of the site's language; cheap to clone. All clones speak the same language.
#[derive(Clone)]
pub struct Texts(Arc<RwLock<Arc<Locale>>>);

/// The messages of one language.
struct Locale {
    bundle: FluentBundle<FluentResource>,
    language: &'static str,
}

impl Locale {
    fn load(language: &str) -> Result<Self, TextsError> {
        let Some((name, sources)) = LOCALES.iter().find(|(name, _)| *name == language) else {
            let known: Vec<_> = languages().collect();
            return Err(TextsError::UnknownLanguage {
                asked: language.to_owned(),
                known: known.join(", "),
            });
        };
        let unreadable = TextsError::Unreadable;
        let id: LanguageIdentifier = name.parse().map_err(|e| unreadable(format!("{e:?}")))?;
        let mut bundle = FluentBundle::new_concurrent(vec![id]);
        // Marks around every placeable would end up inside titles and attributes.
        bundle.set_use_isolating(false);
        for source in *sources {
            let resource = FluentResource::try_new((*source).to_owned())
                .map_err(|(_, errors)| unreadable(format!("{errors:?}")))?;
            bundle
                .add_resource(resource)
                .map_err(|errors| unreadable(format!("{errors:?}")))?;
        }
        Ok(Self {
            bundle,
            language: name,
        })
    }
}

impl Texts {
    /// The messages of `language`, a name such as `en`.
    pub fn load(language: &str) -> Result<Self, TextsError> {
        let locale = Arc::new(Locale::load(language)?);
        Ok(Self(Arc::new(RwLock::new(locale))))
    }

    /// Changes the language, for all clones.
    pub fn switch(&self, language: &str) -> Result<(), TextsError> {
        if language != self.language() {
            let locale = Arc::new(Locale::load(language)?);
            *self.0.write().unwrap_or_else(|e| e.into_inner()) = locale;
        }
        Ok(())
    }

    /// The language, for `<html lang>`.
    pub fn language(&self) -> &'static str {
        self.locale().language
    }

    fn locale(&self) -> Arc<Locale> {
        Arc::clone(&self.0.read().unwrap_or_else(|e| e.into_inner()))
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

    /// A message with its values.
    pub fn message(&self, message: &Message) -> String {
        let args: FluentArgs<'_> = message
            .values
            .iter()
            .map(|(name, value)| match value {
                Value::Text(text) => (*name, FluentValue::from(text.as_str())),
                Value::Number(number) => (*name, FluentValue::from(*number)),
            })
            .collect();
        self.format(message.id, Some(&args))
    }

    fn format(&self, id: &str, args: Option<&FluentArgs<'_>>) -> String {
        let locale = self.locale();
        let message = locale.bundle.get_message(id);
        let Some(pattern) = message.and_then(|message| message.value()) else {
            tracing::error!(id, "find a message");
            return id.to_owned();
        };
        let mut errors = Vec::new();
        let text = locale.bundle.format_pattern(pattern, args, &mut errors);
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

    #[test]
    fn a_language_that_is_unknown_changes_nothing() {
        let texts = Texts::load("en").unwrap();
        let clone = texts.clone();
        assert!(clone.switch("xx").is_err());
        assert!(clone.switch("en").is_ok());
        assert_eq!(texts.language(), "en");
        assert_eq!(texts.text("components-title"), "Components");
    }
}
