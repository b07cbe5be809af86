//! Moments as readers see them.

use jiff::tz::TimeZone;
use maud::{Markup, html};

use crate::clock::Moment;

/// A day, such as "23 November 2026".
pub fn day(at: Moment, zone: &TimeZone) -> String {
    at.in_zone(zone).strftime("%-d %B %Y").to_string()
}

/// A day and time, such as "23 November 2026, 14:05".
pub fn minute(at: Moment, zone: &TimeZone) -> String {
    at.in_zone(zone).strftime("%-d %B %Y, %H:%M").to_string()
}

/// `<time>` with the day.
pub fn time_of_day(at: Moment, zone: &TimeZone) -> Markup {
    html! { time datetime=(at.rfc3339()) { (day(at, zone)) } }
}

/// `<time>` with the day and time.
pub fn time_of_minute(at: Moment, zone: &TimeZone) -> Markup {
    html! { time datetime=(at.rfc3339()) { (minute(at, zone)) } }
}

/// A day without its year, such as "23 Nov", for the axis of a plot.
pub fn short_day(at: Moment, zone: &TimeZone) -> String {
    at.in_zone(zone).strftime("%-d %b").to_string()
}
