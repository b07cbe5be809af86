//! Parses publication dates as people and files write them, and finds out whether a date is the one
//! that a post has already. Pure: never asks what time it is.

use std::sync::LazyLock;

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use regex::Regex;

use crate::clock::Moment;
use crate::error::Problem;
use crate::texts::Message;

/// The hour of a date that has no time.
const DEFAULT_HOUR: i8 = 9;

/// A parsed date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PostDate {
    pub at: Moment,
    precision: Precision,
    /// It had an offset from UTC, so that it names exactly one moment.
    is_absolute: bool,
}

/// The smallest unit that was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Precision {
    Day,
    Minute,
    Second,
    Fraction,
}

impl PostDate {
    /// The publication time of a post that is saved with this date. The current time is kept where
    /// it fits the date, with what cannot be typed: seconds, and which of two hours when clocks go
    /// back.
    pub fn or_keep(self, current: Option<Moment>, zone: &TimeZone) -> Moment {
        match current {
            Some(current) if self.describes(current, zone) => current,
            _ => self.at,
        }
    }

    fn describes(self, moment: Moment, zone: &TimeZone) -> bool {
        let unit = match self.precision {
            Precision::Day | Precision::Minute => 60_000,
            Precision::Second => 1000,
            Precision::Fraction => 1,
        };
        if self.is_absolute {
            return self.at.0.div_euclid(unit) == moment.0.div_euclid(unit);
        }
        let (mine, its) = (self.at.in_zone(zone), moment.in_zone(zone));
        if self.precision == Precision::Day {
            return mine.date() == its.date();
        }
        let shown = |at: &jiff::ZonedDateTime| at.strftime("%Y-%m-%dT%H:%M:%S").to_string();
        let keep = if self.precision == Precision::Minute {
            16
        } else {
            19
        };
        let same = shown(&mine).get(..keep) == shown(&its).get(..keep);
        same && (self.precision != Precision::Fraction
            || self.at.0.rem_euclid(1000) == moment.0.rem_euclid(1000))
    }
}

static DATE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)^
        ([0-9]{4}) (?: - ([0-9]{1,2}) - ([0-9]{1,2}) | / ([0-9]{1,2}) / ([0-9]{1,2}) )
        (?: (?: [Tt] | [\ \t]+ )
            ([0-9]{1,2}) : ([0-9]{2}) (?: : ([0-9]{2}) (?: [.,] ([0-9]{1,9}) )? )?
            [\ \t]*
            (Z | z | UTC | GMT | [+-][0-9]{2} (?: :? [0-9]{2} )? )?
        )? $",
    )
    .unwrap_or_else(|_| unreachable!("the expression is fixed"))
});

/// Parses a date, in the site's zone where it has no offset: a day with - or / in it, and
/// optionally a time after a T or a space, with seconds, a fraction and an offset.
pub fn parse(typed: &str, zone: &TimeZone) -> Result<PostDate, Problem> {
    let typed = typed.trim();
    let Some(parts) = DATE.captures(typed) else {
        // With the name of a zone in brackets (RFC 9557).
        let zoned = typed.parse::<jiff::ZonedDateTime>();
        return match zoned {
            Ok(at) => checked(at.timestamp().into(), Precision::Second, true, zone),
            Err(_) => Err(Problem::NotADate),
        };
    };
    let number = |nth: usize| -> i32 {
        parts
            .get(nth)
            .and_then(|part| part.as_str().parse().ok())
            .unwrap_or_default()
    };
    let small = |nth: usize| i8::try_from(number(nth)).unwrap_or(i8::MAX);
    let (month, day) = match parts.get(2) {
        Some(_) => (small(2), small(3)),
        None => (small(4), small(5)),
    };
    let (precision, hour) = match (parts.get(6), parts.get(8), parts.get(9)) {
        (None, ..) => (Precision::Day, DEFAULT_HOUR),
        (_, None, _) => (Precision::Minute, small(6)),
        (_, _, None) => (Precision::Second, small(6)),
        _ => (Precision::Fraction, small(6)),
    };
    let nanoseconds = parts
        .get(9)
        .and_then(|part| format!("{:0<9}", part.as_str()).parse().ok())
        .unwrap_or(0);
    let year = i16::try_from(number(1)).unwrap_or_default();
    let civil = DateTime::new(year, month, day, hour, small(7), small(8), nanoseconds)
        .map_err(|_| Problem::NotADate)?;
    let (at, is_absolute) = match parts.get(10) {
        Some(offset) => (at_offset(civil, offset.as_str())?, true),
        None => (in_zone(civil, zone)?, false),
    };
    checked(at, precision, is_absolute, zone)
}

fn at_offset(civil: DateTime, offset: &str) -> Result<Moment, Problem> {
    let digits: String = offset.chars().filter(char::is_ascii_digit).collect();
    let part = |from: usize| -> i32 {
        digits
            .get(from..from + 2)
            .and_then(|part| part.parse().ok())
            .unwrap_or(0)
    };
    let (hours, minutes) = (part(0), part(2));
    if hours > 23 || minutes > 59 {
        return Err(Problem::NotADate);
    }
    let seconds = (hours * 60 + minutes) * 60;
    let seconds = if offset.starts_with('-') {
        -seconds
    } else {
        seconds
    };
    Offset::from_seconds(seconds)
        .and_then(|offset| offset.to_timestamp(civil))
        .map(Moment::from)
        .map_err(|_| Problem::NotADate)
}

fn in_zone(civil: DateTime, zone: &TimeZone) -> Result<Moment, Problem> {
    let ambiguous = zone.to_ambiguous_timestamp(civil);
    if let AmbiguousOffset::Gap { .. } = ambiguous.offset() {
        let message = match zone.iana_name() {
            Some(zone) => Message::new("date-skipped").with("zone", zone),
            None => Message::new("date-skipped-here"),
        };
        let time = civil.strftime("%Y-%m-%d %H:%M").to_string();
        return Err(Problem::Unusable(message.with("time", time)));
    }
    ambiguous
        .compatible()
        .map(Moment::from)
        .map_err(|_| Problem::NotADate)
}

/// Fails where the year has not four digits, in UTC or in the site's zone: permalinks and feeds
/// need them.
fn checked(
    at: Moment,
    precision: Precision,
    is_absolute: bool,
    zone: &TimeZone,
) -> Result<PostDate, Problem> {
    let years = [at.in_zone(zone).year(), at.in_zone(&TimeZone::UTC).year()];
    if years.iter().any(|year| !(1..=9999).contains(year)) {
        return Err(Problem::NotADate);
    }
    Ok(PostDate {
        at,
        precision,
        is_absolute,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn berlin() -> TimeZone {
        TimeZone::get("Europe/Berlin").unwrap()
    }

    fn moment(utc: &str) -> Moment {
        utc.parse::<jiff::Timestamp>().unwrap().into()
    }

    #[test]
    fn dates_are_parsed_as_files_write_them() {
        for (typed, utc) in [
            ("2026-11-23", "2026-11-23T08:00:00Z"),
            ("2026/11/23", "2026-11-23T08:00:00Z"),
            ("2026/1/3 9:05", "2026-01-03T08:05:00Z"),
            ("2026-11-23 09:30", "2026-11-23T08:30:00Z"),
            ("2026-11-23T09:30", "2026-11-23T08:30:00Z"),
            ("2026-11-23t09:30:15.25", "2026-11-23T08:30:15.25Z"),
            ("2026-11-23T09:30:15,5+05:30", "2026-11-23T04:00:15.5Z"),
            ("2026-11-23 09:30:15 -0800", "2026-11-23T17:30:15Z"),
            ("2026-11-23 09:30 +02", "2026-11-23T07:30:00Z"),
            ("2026-11-23T09:30Z", "2026-11-23T09:30:00Z"),
            ("2026-11-23 09:30:00 UTC", "2026-11-23T09:30:00Z"),
            (
                "2026-11-23T09:30:00-05:00[America/New_York]",
                "2026-11-23T14:30:00Z",
            ),
            (" 9999-12-30 ", "9999-12-30T08:00:00Z"),
            ("0001-01-02", "0001-01-02T08:06:32Z"),
        ] {
            let read = parse(typed, &berlin());
            assert_eq!(read.map(|date| date.at), Ok(moment(utc)), "{typed}");
        }
    }

    #[test]
    fn what_is_not_a_date_is_refused() {
        for typed in [
            "soon",
            "2026-13-01",
            "2026-02-30",
            "2026-11-23 25:00",
            "2026-11-23 09:61",
            "2026-11/23",
            "23.11.2026",
            "0000-01-01",
            "0001-01-01 00:10",
            "10000-01-01",
            "-0001-01-01",
            "9999-12-31T23:59:59-12:00",
            "2026-11-23T09:30+99:00",
            "٢٠٢٦-11-23",
        ] {
            assert_eq!(parse(typed, &berlin()), Err(Problem::NotADate), "{typed}");
        }
    }

    #[test]
    fn a_time_that_clocks_skip_is_refused() {
        let Err(Problem::Unusable(message)) = parse("2026-03-29 02:30", &berlin()) else {
            panic!("it was accepted");
        };
        let text = message.to_string();
        assert!(
            text.contains("2026-03-29 02:30 does not exist in Europe/Berlin"),
            "{text}"
        );
    }

    #[test]
    fn a_date_that_fits_the_current_time_keeps_it() {
        // The second 02:30 of the night in which clocks go back.
        let second = moment("2026-10-25T01:30:42.123Z");
        for typed in [
            "2026-10-25",
            "2026-10-25T02:30",
            "2026-10-25 02:30:42",
            "2026-10-25T02:30+01:00",
            "2026-10-25T02:30:42.123+01:00",
        ] {
            let date = parse(typed, &berlin()).unwrap();
            assert_eq!(date.or_keep(Some(second), &berlin()), second, "{typed}");
        }
        for (typed, utc) in [
            ("2026-10-25T02:30+02:00", "2026-10-25T00:30:00Z"),
            ("2026-10-25T02:31", "2026-10-25T00:31:00Z"),
            ("2026-10-26", "2026-10-26T08:00:00Z"),
        ] {
            let date = parse(typed, &berlin()).unwrap();
            assert_eq!(
                date.or_keep(Some(second), &berlin()),
                moment(utc),
                "{typed}"
            );
            assert_eq!(date.or_keep(None, &berlin()), moment(utc), "{typed}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_moment_survives_the_form(at in -62_000_000_000_000_i64..253_000_000_000_000) {
            let at = Moment(at);
            let shown = crate::posts::draft::date_input(at, &berlin());
            let date = parse(&shown, &berlin()).unwrap();
            proptest::prop_assert_eq!(date.or_keep(Some(at), &berlin()), at);
        }

        #[test]
        fn any_text_is_parsed_or_refused(typed in "[0-9TZ:./+ -]{0,40}") {
            let _ = parse(&typed, &berlin());
        }
    }
}
