//! Forms as browsers send them. Reading one cannot fail on what it holds: what is not UTF-8 becomes
//! the replacement character, so that a person gets their text back and is told what to fix.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};

use crate::web::respond::Failure;

/// The most fields that a form may have; the largest form here is the queue's.
const MOST_FIELDS: usize = 500;

/// Fields whose own forms say that they hold what cannot be stored, with all else that was typed.
const CHECKED: [&str; 3] = ["comment", "title", "body"];
/// The fields of a form, in order.
#[derive(Clone, Debug, Default)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// Reads an `application/x-www-form-urlencoded` body.
    pub fn parse(body: &[u8]) -> Self {
        Self(
            url::form_urlencoded::parse(body)
                .into_owned()
                .take(MOST_FIELDS)
                .collect(),
        )
    }

    /// A form that was carried through another one.
    pub fn from_fields(fields: Vec<(String, String)>) -> Self {
        Self(fields)
    }

    /// The first value of `name`; empty where there is none.
    pub fn get(&self, name: &str) -> &str {
        self.find(name).unwrap_or_default()
    }

    /// The first value of `name`.
    pub fn find(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether a box was ticked.
    pub fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// All values of `name`.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether a field holds NUL, which PostgreSQL cannot store, where nobody will say so beside it.
    fn has_nul(&self) -> bool {
        self.0.iter().any(|(name, value)| {
            name.contains('\0') || (value.contains('\0') && !CHECKED.contains(&name.as_str()))
        })
    }

    /// All fields, to be carried on in another form.
    pub fn fields(&self) -> &[(String, String)] {
        &self.0
    }
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let body = Bytes::from_request(request, state)
            .await
            .map_err(|rejection| Failure::of_body(&rejection))?;
        let form = Self::parse(&body);
        if form.has_nul() {
            return Err(Failure::not_text());
        }
        Ok(form)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_whatever_it_holds() {
        let form = Form::parse(b"id=1&id=2&text=a+b%26c&bad=%ff&flag=");
        assert_eq!(form.all("id").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(form.get("text"), "a b&c");
        assert_eq!(form.get("bad"), "\u{fffd}");
        assert!(form.has("flag") && !form.has("none"));
    }
}
