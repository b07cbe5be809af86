//! The texts of a picture or document, as people type them. Pure.

use crate::error::{Error, Field, FieldError, Problem, Result};
use crate::markup::excerpt::clean_line;
use crate::store::media::MediaTexts;

/// The longest texts, in characters.
pub const MAX_ALT: usize = 1000;
const MAX_CAPTION: usize = 1000;
pub const MAX_CREDIT: usize = 200;

/// Checks the fields and reports every problem at once.
pub fn parse(typed: &MediaTexts) -> Result<MediaTexts> {
    let mut errors = Vec::new();
    let mut read = |field, text: &str, max: usize| {
        if text.chars().count() > max {
            let problem = Problem::TooLong { max };
            errors.push(FieldError { field, problem });
        }
        if text.contains('\0') {
            let problem = Problem::NotText;
            errors.push(FieldError { field, problem });
        }
        clean_line(text, max)
    };
    let texts = MediaTexts {
        alt: read(Field::Alt, &typed.alt, MAX_ALT),
        caption: read(Field::Caption, &typed.caption, MAX_CAPTION),
        credit: read(Field::Credit, &typed.credit, MAX_CREDIT),
    };
    match errors.is_empty() {
        true => Ok(texts),
        false => Err(Error::Invalid(errors)),
    }
}
