//! Statistics of moderation, as plots and tables.

use axum::extract::State;
use axum::response::IntoResponse;
use jiff::tz::TimeZone;
use maud::{Markup, html};

use crate::clock::Moment;
use crate::moderation::statistics::{self, DAYS, Statistics};
use crate::store::entity::filter_day;
use crate::texts::Texts;
use crate::ui::staff_page::NavSection;
use crate::ui::when;
use crate::web::moderator::plot::{Plot, Series};
use crate::web::respond::PageResult;
use crate::web::session::SignedIn;
use crate::web::state::Web;
use crate::web::views::staff::staff_page;

/// Monday first.
const WEEKDAYS: [&str; 7] = [
    "statistics-monday",
    "statistics-tuesday",
    "statistics-wednesday",
    "statistics-thursday",
    "statistics-friday",
    "statistics-saturday",
    "statistics-sunday",
];
const MILLISECONDS_OF_DAY: i64 = 24 * 60 * 60 * 1000;

/// `GET /queue/statistics`
pub async fn show(State(web): State<Web>, who: SignedIn) -> PageResult {
    let statistics = statistics::load(&web.app, &who.actor).await?;
    let texts = &web.texts;
    let title = texts.text("statistics-title");
    let main = html! {
        div.title-row { h1 { (title) } a href="/queue/" { (texts.text("back-to-queue")) } }
        p { (texts.with("statistics-intro", &[("days", DAYS.into())])) }
        (waiting_times(texts, &statistics))
        (by_hour(texts, &statistics))
        (by_weekday(texts, &statistics))
        (by_rule(texts, &statistics))
        (spam_share(texts, &statistics))
        (filter_quality(texts, &statistics))
    };
    let page = staff_page(&web, &who, NavSection::Queue, &title, &main).await?;
    Ok(page.into_response())
}

/// A day of the site's time zone, which statistics name by its midnight in UTC.
fn day(midnight: Moment) -> String {
    when::short_day(midnight, &TimeZone::UTC)
}

fn series(texts: &Texts, name_id: &'static str, values: impl Iterator<Item = f64>) -> Series {
    Series {
        name: texts.text(name_id),
        values: values.collect(),
    }
}

fn waiting_times(texts: &Texts, statistics: &Statistics) -> Markup {
    let rows = &statistics.waiting;
    Plot {
        texts,
        title: texts.text("statistics-waiting"),
        axis: texts.text("statistics-day"),
        labels: rows.iter().map(|row| day(row.0)).collect(),
        series: vec![
            series(
                texts,
                "statistics-90th-percentile",
                rows.iter().map(|row| row.2 as f64),
            ),
            series(
                texts,
                "statistics-median",
                rows.iter().map(|row| row.1 as f64),
            ),
        ],
        unit: Some(texts.text("statistics-minutes")),
    }
    .lines()
}

fn by_hour(texts: &Texts, statistics: &Statistics) -> Markup {
    let counts = statistics.by_hour.iter().map(|count| *count as f64);
    Plot {
        texts,
        title: texts.text("statistics-by-hour"),
        axis: texts.text("statistics-hour"),
        labels: (0..24).map(|hour| hour.to_string()).collect(),
        series: vec![series(texts, "statistics-decisions", counts)],
        unit: None,
    }
    .bars()
}

fn by_weekday(texts: &Texts, statistics: &Statistics) -> Markup {
    let counts = statistics.by_weekday.iter().map(|count| *count as f64);
    Plot {
        texts,
        title: texts.text("statistics-by-weekday"),
        axis: texts.text("statistics-day"),
        labels: WEEKDAYS.map(|id| texts.text(id)).to_vec(),
        series: vec![series(texts, "statistics-decisions", counts)],
        unit: None,
    }
    .bars()
}

fn by_rule(texts: &Texts, statistics: &Statistics) -> Markup {
    let rows = &statistics.by_rule;
    let all = rows
        .iter()
        .map(|(_, count)| (count.approved + count.refused) as f64);
    let approved = rows.iter().map(|(_, count)| count.approved as f64);
    Plot {
        texts,
        title: texts.text("statistics-by-rule"),
        axis: texts.text("rules-rule"),
        labels: rows.iter().map(|(name, _)| name.clone()).collect(),
        series: vec![
            series(texts, "statistics-decided", all),
            series(texts, "statistics-approved", approved),
        ],
        unit: None,
    }
    .bars()
}

fn spam_share(texts: &Texts, statistics: &Statistics) -> Markup {
    let rows = &statistics.spam;
    Plot {
        texts,
        title: texts.text("statistics-spam-share"),
        axis: texts.text("statistics-day"),
        labels: rows.iter().map(|row| day(row.0)).collect(),
        series: vec![
            series(
                texts,
                "statistics-decided",
                rows.iter().map(|row| row.1 as f64),
            ),
            series(
                texts,
                "statistics-spam",
                rows.iter().map(|row| row.2 as f64),
            ),
        ],
        unit: None,
    }
    .bars()
}

fn filter_quality(texts: &Texts, statistics: &Statistics) -> Markup {
    let rows = &statistics.filter;
    let precision = |row: &filter_day::Model| percent(row.spam_caught, row.ham_held);
    let recall = |row: &filter_day::Model| percent(row.spam_caught, row.spam_missed);
    Plot {
        texts,
        title: texts.text("statistics-filter"),
        axis: texts.text("statistics-day"),
        labels: rows
            .iter()
            .map(|row| day(Moment(row.day * MILLISECONDS_OF_DAY)))
            .collect(),
        series: vec![
            series(texts, "statistics-precision", rows.iter().map(precision)),
            series(texts, "statistics-recall", rows.iter().map(recall)),
        ],
        unit: Some(texts.text("statistics-percent")),
    }
    .lines()
}

/// The share of the right ones; all of them where there are none at all.
fn percent(right: i64, wrong: i64) -> f64 {
    match right + wrong {
        0 => 100.0,
        all => right as f64 * 100.0 / all as f64,
    }
}
