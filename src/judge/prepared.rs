//! A submission made ready for many rules: its fields folded once, where a rule asks for that.

use std::cell::OnceCell;

use regex::Regex;

use crate::judge::reason::{Place, Quote};
use crate::judge::submission::Submission;
use crate::markup::fold::{self, FORMS, Folded, Form};
use crate::markup::mailbox;

/// A submission and its folded forms.
pub struct Prepared<'a> {
    /// The submission.
    pub submission: &'a Submission,
    fields: OnceCell<Vec<Field<'a>>>,
    names: OnceCell<Vec<String>>,
    email: OnceCell<Option<EmailKeys>>,
}

struct Field<'a> {
    place: Place,
    text: &'a str,
    forms: Vec<Folded>,
}

/// The keys of the writer's address.
#[derive(Clone, Debug)]
pub struct EmailKeys {
    /// The mailbox, and its domain.
    pub exact: (String, String),
    /// The key for blocks, and that of the domain.
    pub block: (String, String),
}

impl EmailKeys {
    /// The keys of an address.
    pub fn of(address: &str) -> Self {
        let exact = mailbox::mailbox(address);
        let domain = |address: &str| {
            let domain = address.rsplit_once('@').map(|(_, domain)| domain);
            domain.unwrap_or_default().to_owned()
        };
        let domain = domain(&exact);
        Self {
            block: (mailbox::block_key(address), mailbox::domain_key(&domain)),
            exact: (exact, domain),
        }
    }
}

impl<'a> Prepared<'a> {
    /// Of a submission.
    pub fn of(submission: &'a Submission) -> Self {
        Self {
            submission,
            fields: OnceCell::new(),
            names: OnceCell::new(),
            email: OnceCell::new(),
        }
    }

    fn fields(&self) -> &[Field<'a>] {
        self.fields.get_or_init(|| {
            let url = self.submission.author_url.as_deref().unwrap_or_default();
            [
                (Place::Text, self.submission.text.as_str()),
                (Place::Author, self.submission.author_name.as_str()),
                (Place::Url, url),
            ]
            .into_iter()
            .map(|(place, text)| Field {
                place,
                text,
                forms: forms_of(text),
            })
            .collect()
        })
    }

    /// The keys of the writer's name.
    pub fn name_keys(&self) -> &[String] {
        self.names
            .get_or_init(|| name_keys(&self.submission.author_name))
    }

    /// The keys of the writer's address.
    pub fn email_keys(&self) -> Option<&EmailKeys> {
        self.email
            .get_or_init(|| self.submission.author_email.as_deref().map(EmailKeys::of))
            .as_ref()
    }

    /// The first span of a field that folded words match, in any form.
    pub fn find_words(&self, words: &Regex, text_alone: bool) -> Option<(Place, Quote)> {
        self.fields()
            .iter()
            .filter(|field| !text_alone || field.place == Place::Text)
            .find_map(|field| {
                let found = field.forms.iter().find_map(|form| {
                    let found = words.find(form.text())?;
                    Some(form.original(found.start(), found.end()))
                });
                let (start, end) = found?;
                Some((field.place, Quote::of(field.text, start, end)))
            })
    }

    /// The first span of a field that a pattern matches: as it was written, or as it looks.
    pub fn find_pattern(&self, pattern: &Regex, text_alone: bool) -> Option<(Place, Quote)> {
        self.fields()
            .iter()
            .filter(|field| !text_alone || field.place == Place::Text)
            .find_map(|field| {
                let as_written = pattern
                    .find(field.text)
                    .map(|found| (found.start(), found.end()));
                let as_it_looks = || {
                    let form = field.forms.first().filter(|_| !field.text.is_ascii())?;
                    let found = pattern.find(form.text())?;
                    Some(form.original(found.start(), found.end()))
                };
                let (start, end) = as_written.or_else(as_it_looks)?;
                Some((field.place, Quote::of(field.text, start, end)))
            })
    }
}

/// The forms of a text that differ; the first is how it looks.
fn forms_of(text: &str) -> Vec<Folded> {
    FORMS
        .into_iter()
        .filter(|form| match form {
            Form::Looks => true,
            Form::Small => !text.is_ascii(),
            Form::Capital => !text.is_ascii() || text.contains(['0', '1', '|']),
        })
        .map(|form| Folded::new(form, text))
        .collect()
}

/// The keys under which a name is compared; one without letters is compared by its signs.
pub fn name_keys(name: &str) -> Vec<String> {
    let mut keys = fold::name_keys(name);
    if keys.is_empty() {
        keys.push(fold::fold(Form::Looks, name).trim().to_owned());
    }
    keys
}
