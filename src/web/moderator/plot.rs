//! Plots as SVG, drawn on the server, each with its table for those who would rather read.

use maud::{Markup, html};

/// How wide a plot is drawn; pages scale it.
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 200.0;
const LEFT: f64 = 44.0;
const BOTTOM: f64 = 24.0;
const TOP: f64 = 12.0;

/// A row of numbers with a name.
pub struct Series<'a> {
    /// What it is.
    pub name: &'a str,
    /// One for each label.
    pub values: Vec<f64>,
}

/// A plot, or what to say where there is nothing to plot.
pub struct Plot<'a> {
    /// What it shows.
    pub title: &'a str,
    /// What the labels are.
    pub label: &'a str,
    /// Along the bottom.
    pub labels: Vec<String>,
    /// What is drawn.
    pub series: Vec<Series<'a>>,
    /// What the numbers are counted in.
    pub unit: &'a str,
}

impl Plot<'_> {
    fn highest(&self) -> f64 {
        let all = self.series.iter().flat_map(|series| &series.values);
        all.copied().fold(1.0, f64::max)
    }

    fn x(&self, at: usize) -> f64 {
        let step = (WIDTH - LEFT) / self.labels.len().max(1) as f64;
        LEFT + step * (at as f64 + 0.5)
    }

    fn y(&self, value: f64) -> f64 {
        let room = HEIGHT - TOP - BOTTOM;
        TOP + room * (1.0 - value / self.highest())
    }

    /// Bars, those of several series behind one another.
    pub fn bars(&self) -> Markup {
        let width = (WIDTH - LEFT) / self.labels.len().max(1) as f64 * 0.7;
        let marks = html! {
            @for (nth, series) in self.series.iter().enumerate() {
                @for (at, value) in series.values.iter().enumerate() {
                    rect class={ "series-" (nth) } x=(round(self.x(at) - width / 2.0)) y=(round(self.y(*value)))
                        width=(round(width)) height=(round(self.y(0.0) - self.y(*value))) {
                        title { (self.labels.get(at).map_or("", String::as_str)) ": " (number(*value)) " " (series.name) }
                    }
                }
            }
        };
        self.figure(&marks)
    }

    /// Lines.
    pub fn lines(&self) -> Markup {
        let marks = html! {
            @for (nth, series) in self.series.iter().enumerate() {
                @let points: Vec<String> = series.values.iter().enumerate()
                    .map(|(at, value)| format!("{},{}", round(self.x(at)), round(self.y(*value)))).collect();
                polyline class={ "line-" (nth) } fill="none" points=(points.join(" ")) {}
                @for (at, value) in series.values.iter().enumerate() {
                    circle class={ "series-" (nth) } cx=(round(self.x(at))) cy=(round(self.y(*value))) r="2.5" {
                        title { (self.labels.get(at).map_or("", String::as_str)) ": " (number(*value)) " " (series.name) }
                    }
                }
            }
        };
        self.figure(&marks)
    }

    fn figure(&self, marks: &Markup) -> Markup {
        let every = self.labels.len().div_ceil(8).max(1);
        html! {
            figure.plot {
                figcaption {
                    h2 { (self.title) }
                    @if self.series.len() > 1 {
                        p.legend { @for (nth, series) in self.series.iter().enumerate() {
                            span class={ "key key-" (nth) } {} " " (series.name) " "
                        } }
                    }
                }
                @if self.labels.is_empty() {
                    div.empty { p { "Nothing yet: this fills as moderators decide." } }
                } @else {
                    svg viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" aria-label={ (self.title) ", as a plot; the same numbers are in the table below" } {
                        @for share in [0.0, 0.5, 1.0] {
                            @let value = self.highest() * share;
                            line.grid x1=(LEFT) x2=(WIDTH) y1=(round(self.y(value))) y2=(round(self.y(value))) {}
                            text.scale x=(LEFT - 6.0) y=(round(self.y(value) + 4.0)) text-anchor="end" { (number(value)) }
                        }
                        (marks)
                        @for (at, label) in self.labels.iter().enumerate() {
                            @if at % every == 0 {
                                text.scale x=(round(self.x(at))) y=(HEIGHT - 6.0) text-anchor="middle" { (label) }
                            }
                        }
                    }
                    details {
                        summary { "As a table" }
                        div.table-scroll tabindex="0" role="region" aria-label=(self.title) {
                            table {
                                thead { tr { th scope="col" { (self.label) } @for series in &self.series { th scope="col" { (series.name) " (" (self.unit) ")" } } } }
                                tbody {
                                    @for (at, label) in self.labels.iter().enumerate() {
                                        tr { th scope="row" { (label) } @for series in &self.series { td { (number(series.values.get(at).copied().unwrap_or(0.0))) } } }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
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
