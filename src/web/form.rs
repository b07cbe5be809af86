//! Forms as browsers send them. Reading one never fails on what it contains: what is not UTF-8 becomes
//! the replacement character, so that a person gets their text back and sees what to fix.

use std::collections::HashSet;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use serde::de::DeserializeOwned;

use crate::web::respond::Failure;

/// The most fields that are read; the largest form here is the queue's.
const MAX_FIELDS: usize = 500;

/// Fields whose forms are shown again, with all that was typed, where they contain what cannot be stored.
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
                .take(MAX_FIELDS)
                .collect(),
        )
    }

    /// A form that another one carried.
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

    /// Whether a field that no form checks contains NUL, which PostgreSQL cannot store.
    fn has_nul(&self) -> bool {
        self.0.iter().any(|(name, value)| {
            name.contains('\0') || (value.contains('\0') && !CHECKED.contains(&name.as_str()))
        })
    }

    /// The form as the struct that names its fields. Of a field that is sent twice the first value
    /// counts, and one that `T` does not name is ignored; None where a value does not fit its type.
    pub fn read<T: DeserializeOwned>(&self) -> Option<T> {
        let mut seen = HashSet::new();
        let fields = self.0.iter().filter(|(name, _)| seen.insert(name.as_str()));
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        serde_urlencoded::from_str(&form.extend_pairs(fields).finish()).ok()
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

/// A form as the struct that names its fields, read as [`Form::read`] does.
#[derive(Debug)]
pub struct TypedForm<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for TypedForm<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let form = Form::from_request(request, state).await?;
        form.read().map(Self).ok_or_else(Failure::broken_request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_struct_is_filled_by_the_names_of_its_fields() {
        #[derive(Debug, Default, PartialEq, serde::Deserialize)]
        #[serde(default)]
        struct Typed {
            id: u8,
            text: String,
            missing: String,
        }
        let form = Form::parse(b"id=1&id=2&text=a+b&other=x");
        let typed = Typed {
            id: 1,
            text: "a b".to_owned(),
            missing: String::new(),
        };
        assert_eq!(form.read(), Some(typed));
        assert_eq!(Form::parse(b"id=x").read::<Typed>(), None);
    }

    #[test]
    fn a_form_is_read_whatever_it_contains() {
        let form = Form::parse(b"id=1&id=2&text=a+b%26c&bad=%ff&flag=");
        assert_eq!(form.all("id").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(form.get("text"), "a b&c");
        assert_eq!(form.get("bad"), "\u{fffd}");
        assert!(form.has("flag") && !form.has("none"));
    }
}
