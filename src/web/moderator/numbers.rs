//! The numbers of moderation, as plots and tables.

use axum::extract::State;
use axum::response::IntoResponse;
use maud::{Markup, html};

use crate::clock::Moment;
use crate::moderation::numbers::{self, DAYS, Numbers};
use crate::web::moderator::plot::{Plot, Series};
use crate::web::respond::PageResult;
use crate::web::session::SignedIn;
use crate::web::state::Web;
use crate::web::views::staff::{Room, staff_page};

const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const DAY: i64 = 24 * 60 * 60 * 1000;

/// `GET /queue/numbers`
pub async fn show(State(web): State<Web>, who: SignedIn) -> PageResult {
    let numbers = numbers::gather(&web.app, &who.actor).await?;
    let main = html! {
        div.title-row { h1 { "Statistics" } a href="/queue/" { "Back to the queue" } }
        p { "Of the last " (DAYS) " days, in the site's time zone." }
        (waiting(&numbers))
        (by_hour(&numbers))
        (by_weekday(&numbers))
        (by_rule(&numbers))
        (spam(&numbers))
        (filter(&numbers))
    };
    let site = web.site_name().await?;
    Ok(staff_page(&site, &who, Room::Queue, "Statistics", &main).into_response())
}

fn day(at: Moment) -> String {
    at.rfc3339().get(5..10).unwrap_or_default().to_owned()
}

fn waiting(numbers: &Numbers) -> Markup {
    let minutes = |pick: fn(&(Moment, u64, u64)) -> u64| {
        numbers.waiting.iter().map(|row| pick(row) as f64).collect()
    };
    Plot {
        title: "How long responses waited for a moderator",
        label: "Day",
        labels: numbers.waiting.iter().map(|row| day(row.0)).collect(),
        series: vec![
            Series {
                name: "90th percentile",
                values: minutes(|row| row.2),
            },
            Series {
                name: "median",
                values: minutes(|row| row.1),
            },
        ],
        unit: "minutes",
    }
    .lines()
}

fn counts(counts: &[u64]) -> Vec<f64> {
    counts.iter().map(|count| *count as f64).collect()
}

fn by_hour(numbers: &Numbers) -> Markup {
    Plot {
        title: "Decisions by hour of the day",
        label: "Hour",
        labels: (0..24).map(|hour| format!("{hour}")).collect(),
        series: vec![Series {
            name: "decisions",
            values: counts(&numbers.by_hour),
        }],
        unit: "count",
    }
    .bars()
}

fn by_weekday(numbers: &Numbers) -> Markup {
    Plot {
        title: "Decisions by day of the week",
        label: "Day",
        labels: WEEKDAYS.iter().map(|&day| day.to_owned()).collect(),
        series: vec![Series {
            name: "decisions",
            values: counts(&numbers.by_weekday),
        }],
        unit: "count",
    }
    .bars()
}

fn by_rule(numbers: &Numbers) -> Markup {
    let all = numbers
        .by_rule
        .iter()
        .map(|(_, count)| (count.approved + count.refused) as f64);
    let approved = numbers
        .by_rule
        .iter()
        .map(|(_, count)| count.approved as f64);
    Plot {
        title: "Outcomes by rule",
        label: "Rule",
        labels: numbers
            .by_rule
            .iter()
            .map(|(name, _)| name.clone())
            .collect(),
        series: vec![
            Series {
                name: "decided",
                values: all.collect(),
            },
            Series {
                name: "of them approved",
                values: approved.collect(),
            },
        ],
        unit: "count",
    }
    .bars()
}

fn spam(numbers: &Numbers) -> Markup {
    Plot {
        title: "Share of spam in what was decided",
        label: "Day",
        labels: numbers.spam.iter().map(|row| day(row.0)).collect(),
        series: vec![
            Series {
                name: "decided",
                values: numbers.spam.iter().map(|row| row.1 as f64).collect(),
            },
            Series {
                name: "of them spam",
                values: numbers.spam.iter().map(|row| row.2 as f64).collect(),
            },
        ],
        unit: "count",
    }
    .bars()
}

fn filter(numbers: &Numbers) -> Markup {
    let share = |part: i64, all: i64| {
        if all > 0 {
            part as f64 * 100.0 / all as f64
        } else {
            100.0
        }
    };
    Plot {
        title: "How well the filter does on this site's own decisions",
        label: "Day",
        labels: numbers
            .filter
            .iter()
            .map(|row| day(Moment(row.day * DAY)))
            .collect(),
        series: vec![
            Series {
                name: "precision: of what it would hold, spam",
                values: numbers
                    .filter
                    .iter()
                    .map(|row| share(row.spam_caught, row.spam_caught + row.ham_held))
                    .collect(),
            },
            Series {
                name: "recall: of the spam, what it would hold",
                values: numbers
                    .filter
                    .iter()
                    .map(|row| share(row.spam_caught, row.spam_caught + row.spam_missed))
                    .collect(),
            },
        ],
        unit: "percent",
    }
    .lines()
}
