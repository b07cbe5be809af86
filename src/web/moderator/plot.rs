//! Plots as SVG, drawn on the server, each with a table of the same numbers.

use maud::{Markup, html};

use crate::texts::Texts;
use crate::ui::tables;

// The size of the drawing; pages scale it.
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 200.0;
const LEFT: f64 = 44.0;
const BOTTOM: f64 = 24.0;
const TOP: f64 = 12.0;
/// The most labels that fit below a plot.
const MAX_LABELS: usize = 8;

/// Numbers of one kind, one for each label of the plot.
pub struct Series {
    pub name: String,
    pub values: Vec<f64>,
}

/// One or two series over the same labels. Where there is nothing to draw, the page says so.
pub struct Plot<'a> {
    pub texts: &'a Texts,
    pub title: String,
    /// What the labels are, such as “Day”.
    pub axis: String,
    /// Along the bottom.
    pub labels: Vec<String>,
    pub series: Vec<Series>,
    /// What the numbers are in, such as minutes; None where they count what the series names.
    pub unit: Option<String>,
}

impl Plot<'_> {
    fn values(&self) -> impl Iterator<Item = f64> {
        let all = self.series.iter().flat_map(|series| &series.values);
        all.copied()
    }

    /// Whether there is nothing to draw, such as no decision at any hour.
    fn is_empty(&self) -> bool {
        self.unit.is_none() && self.values().all(|count| count == 0.0) || self.labels.is_empty()
    }

    fn highest(&self) -> f64 {
        self.values().fold(1.0, f64::max)
    }

    fn x(&self, at: usize) -> f64 {
        let step = (WIDTH - LEFT) / self.labels.len().max(1) as f64;
        LEFT + step * (at as f64 + 0.5)
    }

    fn y(&self, value: f64) -> f64 {
        let height = HEIGHT - TOP - BOTTOM;
        TOP + height * (1.0 - value / self.highest())
    }

    /// Bars, those of the second series in front of those of the first.
    pub fn bars(&self) -> Markup {
        let width = (WIDTH - LEFT) / self.labels.len().max(1) as f64 * 0.7;
        let bars = html! {
            @for (nth, series) in self.series.iter().enumerate() {
                @for (at, value) in series.values.iter().enumerate() {
                    rect class={ "series-" (nth) } x=(round(self.x(at) - width / 2.0)) y=(round(self.y(*value)))
                        width=(round(width)) height=(round(self.y(0.0) - self.y(*value))) {
                        (self.tooltip(series, at, *value))
                    }
                }
            }
        };
        self.figure(&bars)
    }

    /// Lines with a dot at each value.
    pub fn lines(&self) -> Markup {
        let lines = html! {
            @for (nth, series) in self.series.iter().enumerate() {
                @let points: Vec<String> = series.values.iter().enumerate()
                    .map(|(at, value)| format!("{},{}", round(self.x(at)), round(self.y(*value)))).collect();
                polyline class={ "line-" (nth) } fill="none" points=(points.join(" ")) {}
                @for (at, value) in series.values.iter().enumerate() {
                    circle class={ "series-" (nth) } cx=(round(self.x(at))) cy=(round(self.y(*value))) r="2.5" {
                        (self.tooltip(series, at, *value))
                    }
                }
            }
        };
        self.figure(&lines)
    }

    fn tooltip(&self, series: &Series, at: usize, value: f64) -> Markup {
        let label = self.labels.get(at).map_or("", String::as_str);
        let mut values = vec![
            ("label", label.into()),
            ("series", series.name.as_str().into()),
            ("value", number(value).into()),
        ];
        let text = match &self.unit {
            None => self.texts.with("plot-count", &values),
            Some(unit) => {
                values.push(("unit", unit.as_str().into()));
                self.texts.with("plot-value", &values)
            }
        };
        html! { title { (text) } }
    }

    fn figure(&self, drawing: &Markup) -> Markup {
        let every = self.labels.len().div_ceil(MAX_LABELS).max(1);
        let description = self
            .texts
            .with("plot-description", &[("title", self.title.as_str().into())]);
        html! {
            figure.plot {
                figcaption {
                    h2 { (self.title) }
                    @if self.series.len() > 1 {
                        p.legend { @for (nth, series) in self.series.iter().enumerate() {
                            span class={ "key key-" (nth) } {} " " (self.heading(series)) " "
                        } }
                    }
                }
                @if self.is_empty() {
                    div.empty { p { (self.texts.text("plot-empty")) } }
                } @else {
                    svg viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" aria-label=(description) {
                        @for share in [0.0, 0.5, 1.0] {
                            @let value = self.highest() * share;
                            // Half a decision is no number to read.
                            @if self.unit.is_some() || value.fract() == 0.0 {
                                line.grid x1=(LEFT) x2=(WIDTH) y1=(round(self.y(value))) y2=(round(self.y(value))) {}
                                text.scale x=(LEFT - 6.0) y=(round(self.y(value) + 4.0)) text-anchor="end" { (number(value)) }
                            }
                        }
                        (drawing)
                        @for (at, label) in self.labels.iter().enumerate() {
                            @if at % every == 0 {
                                text.scale x=(round(self.x(at))) y=(HEIGHT - 6.0) text-anchor="middle" { (label) }
                            }
                        }
                    }
                    details {
                        summary { (self.texts.text("plot-as-table")) }
                        (self.table())
                    }
                }
            }
        }
    }

    /// The name of a series with its unit.
    fn heading(&self, series: &Series) -> String {
        let Some(unit) = &self.unit else {
            return series.name.clone();
        };
        let values = [
            ("series", series.name.as_str().into()),
            ("unit", unit.as_str().into()),
        ];
        self.texts.with("plot-column", &values)
    }

    fn table(&self) -> Markup {
        let value = |series: &Series, at: usize| series.values.get(at).copied().unwrap_or(0.0);
        let table = html! {
            table {
                thead { tr {
                    th scope="col" { (self.axis) }
                    @for series in &self.series { th scope="col" { (self.heading(series)) } }
                } }
                tbody {
                    @for (at, label) in self.labels.iter().enumerate() {
                        tr {
                            th scope="row" { (label) }
                            @for series in &self.series { td { (number(value(series, at))) } }
                        }
                    }
                }
            }
        };
        tables::scroll_region(&self.title, &table)
    }
}

fn round(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

fn number(value: f64) -> String {
    if value >= 10.0 || value.fract() == 0.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.1}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plot(texts: &Texts, counts: [f64; 2], unit: Option<&str>) -> String {
        let plot = Plot {
            texts,
            title: "Decisions".to_owned(),
            axis: "Hour".to_owned(),
            labels: vec!["8".to_owned(), "9".to_owned()],
            series: vec![Series {
                name: "decisions".to_owned(),
                values: counts.to_vec(),
            }],
            unit: unit.map(str::to_owned),
        };
        plot.bars().into_string()
    }

    #[test]
    fn counts_are_named_by_what_they_count_and_measures_by_their_unit() {
        let texts = Texts::load("en").unwrap();
        let counts = plot(&texts, [0.0, 1.0], None);
        assert!(
            counts.contains("<title>9, decisions: 1</title>"),
            "{counts}"
        );
        assert!(!counts.contains("0.5"), "half a decision: {counts}");
        let minutes = plot(&texts, [0.0, 1.0], Some("minutes"));
        assert!(minutes.contains("<title>9: 1 minutes, decisions</title>"));
        assert!(minutes.contains("0.5"));
    }

    #[test]
    fn counts_that_are_all_zero_are_no_chart() {
        let texts = Texts::load("en").unwrap();
        assert!(!plot(&texts, [0.0, 0.0], None).contains("<svg"));
        assert!(plot(&texts, [0.0, 0.0], Some("minutes")).contains("<svg"));
    }
}
