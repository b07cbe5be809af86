//! The failures that a form is shown again for, with what to fix. Every other failure gets the error page.

use axum::http::StatusCode;

use crate::error::{Error, Field};
use crate::texts::Texts;
use crate::ui::problems::{self, FieldText};
use crate::web::respond::status_of;

/// The page's status and its problems; gives the error back if the form cannot help.
pub fn form_problems(texts: &Texts, error: Error) -> Result<(StatusCode, Vec<FieldText>), Error> {
    let status = status_of(&error);
    let problems = match error {
        Error::Invalid(errors) => problems::texts(texts, &errors),
        Error::Conflict(message) | Error::Unavailable(message) => {
            vec![(Field::Form, texts.message(&message))]
        }
        Error::TooMany { retry_after } => {
            let seconds = [("seconds", retry_after.as_secs().max(1).into())];
            vec![(Field::Form, texts.with("error-too-many", &seconds))]
        }
        error => return Err(error),
    };
    Ok((status, problems))
}
