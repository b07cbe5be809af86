//! Numbers that are typed into forms. Pure.

use std::ops::RangeInclusive;

use crate::error::{Error, Field, FieldError, Problem, Result};
use crate::texts::Message;

/// The problems of a form, of which all are found before any is shown.
#[derive(Debug, Default)]
pub struct Problems(Vec<FieldError>);

impl Problems {
    pub fn add(&mut self, field: Field, problem: Problem) {
        self.0.push(FieldError { field, problem });
    }

    /// The number in `text`, where it is in `range` or the `default`, which the operator chose.
    pub fn number<T>(&mut self, field: Field, text: &str, range: RangeInclusive<T>, default: T) -> T
    where
        T: Copy + PartialOrd + TryFrom<u64> + TryInto<i64>,
    {
        let text = text.trim();
        if text.is_empty() {
            self.add(field, Problem::Missing);
            return default;
        }
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse::<u64>().ok().filter(|_| is_number);
        match number.and_then(|number| T::try_from(number).ok()) {
            Some(number) if number == default || range.contains(&number) => number,
            _ => {
                let shown = |end: &T| (*end).try_into().unwrap_or(i64::MAX);
                let message = Message::new("problem-number-range")
                    .with("min", shown(range.start()))
                    .with("max", shown(range.end()));
                self.add(field, Problem::Unusable(message));
                default
            }
        }
    }

    /// `value`, where there are no problems.
    pub fn unless_any<T>(self, value: T) -> Result<T> {
        if self.0.is_empty() {
            Ok(value)
        } else {
            Err(Error::Invalid(self.0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_in_its_range_or_the_default() {
        for (text, number) in [
            ("1", 1),
            ("100", 100),
            (" 7 ", 7),
            ("007", 7),
            ("5000", 5000),
        ] {
            let mut problems = Problems::default();
            let read = problems.number(Field::PostsPerPage, text, 1..=100_u64, 5000);
            assert!(problems.unless_any(()).is_ok(), "{text}");
            assert_eq!(read, number);
        }
        for text in [
            "",
            " ",
            "0",
            "101",
            "-1",
            "+1",
            "1.5",
            "1e2",
            "٣",
            "x",
            "99999999999999999999",
        ] {
            let mut problems = Problems::default();
            problems.number(Field::PostsPerPage, text, 1..=100_u64, 10);
            assert!(problems.unless_any(()).is_err(), "{text}");
        }
    }
}
