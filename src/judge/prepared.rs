//! A submission prepared for many rules: its fields are folded once, and only if a rule needs it. Knows no
//! rule.

use std::cell::OnceCell;

use regex::Regex;

use crate::judge::reason::{MatchedField, Quote};
use crate::judge::submission::Submission;
use crate::markup::fold::{self, FORMS, FoldForm, Folded};
use crate::markup::mailbox;

pub struct PreparedSubmission<'a> {
    pub submission: &'a Submission,
    fields: OnceCell<Vec<PreparedField<'a>>>,
    names: OnceCell<Vec<String>>,
    email: OnceCell<Option<EmailKeys>>,
}

struct PreparedField<'a> {
    field: MatchedField,
    text: &'a str,
    forms: Vec<Folded>,
}

/// The keys by which an email address is compared.
#[derive(Clone, Debug)]
pub struct EmailKeys {
    /// The mailbox and its domain, for rules that approve.
    pub exact: (String, String),
    /// The keys of the mailbox and the domain that look-alike spellings share, for all other rules.
    pub block: (String, String),
}

impl EmailKeys {
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

impl<'a> PreparedSubmission<'a> {
    pub fn of(submission: &'a Submission) -> Self {
        Self {
            submission,
            fields: OnceCell::new(),
            names: OnceCell::new(),
            email: OnceCell::new(),
        }
    }

    fn fields(&self) -> &[PreparedField<'a>] {
        self.fields.get_or_init(|| {
            let url = self.submission.author_url.as_deref().unwrap_or_default();
            [
                (MatchedField::Text, self.submission.text.as_str()),
                (MatchedField::Author, self.submission.author_name.as_str()),
                (MatchedField::Url, url),
            ]
            .into_iter()
            .map(|(field, text)| PreparedField {
                field,
                text,
                forms: forms_of(text),
            })
            .collect()
        })
    }

    /// The keys of the sender's name.
    pub fn name_keys(&self) -> &[String] {
        self.names
            .get_or_init(|| name_keys(&self.submission.author_name))
    }

    /// The keys of the sender's email address.
    pub fn email_keys(&self) -> Option<&EmailKeys> {
        self.email
            .get_or_init(|| self.submission.author_email.as_deref().map(EmailKeys::of))
            .as_ref()
    }

    /// The first field and span in which `words`, made of folded words, matches a folded form.
    pub fn find_words(&self, words: &Regex, text_only: bool) -> Option<(MatchedField, Quote)> {
        self.fields()
            .iter()
            .filter(|field| !text_only || field.field == MatchedField::Text)
            .find_map(|field| {
                let found = field.forms.iter().find_map(|form| {
                    let found = words.find(form.text())?;
                    Some(form.original(found.start(), found.end()))
                });
                let (start, end) = found?;
                Some((field.field, Quote::of(field.text, start, end)))
            })
    }

    /// The first field and span that a pattern matches, as it was written or as it looks.
    pub fn find_pattern(&self, pattern: &Regex, text_only: bool) -> Option<(MatchedField, Quote)> {
        self.fields()
            .iter()
            .filter(|field| !text_only || field.field == MatchedField::Text)
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
                Some((field.field, Quote::of(field.text, start, end)))
            })
    }
}

/// The folded forms of a text that differ; the first is how it looks.
fn forms_of(text: &str) -> Vec<Folded> {
    FORMS
        .into_iter()
        .filter(|form| match form {
            FoldForm::Looks => true,
            FoldForm::Lower => !text.is_ascii(),
            FoldForm::Upper => !text.is_ascii() || text.contains(['0', '1', '|']),
        })
        .map(|form| Folded::new(form, text))
        .collect()
}

/// The keys by which a name is compared; one without letters is compared by its other characters.
pub fn name_keys(name: &str) -> Vec<String> {
    let mut keys = fold::name_keys(name);
    if keys.is_empty() {
        keys.push(fold::fold(FoldForm::Looks, name).trim().to_owned());
    }
    keys
}
