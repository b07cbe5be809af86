//! The server's memory over time as an SVG.

use std::fmt::Write;
use std::time::Duration;

const WIDTH: f64 = 800.0;
const HEIGHT: f64 = 240.0;
const LEFT: f64 = 60.0;
const BOTTOM: f64 = 30.0;
const TOP: f64 = 30.0;

/// Seconds and MiB, with the time of the attack marked.
pub fn memory(samples: &[(f64, f64)], attack: Duration, quiet: Duration) -> String {
    let longest = samples.last().map_or(1.0, |(at, _)| *at).max(1.0);
    let highest = samples.iter().map(|(_, size)| *size).fold(1.0, f64::max) * 1.1;
    let x = |at: f64| LEFT + (WIDTH - LEFT - 10.0) * at / longest;
    let y = |size: f64| TOP + (HEIGHT - TOP - BOTTOM) * (1.0 - size / highest);
    let points: Vec<String> = samples
        .iter()
        .map(|(at, size)| format!("{:.1},{:.1}", x(*at), y(*size)))
        .collect();
    let (begin, end) = (
        quiet.as_secs_f64(),
        (quiet + attack).as_secs_f64().min(longest),
    );
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>\n\
         <rect x=\"{:.1}\" y=\"{TOP}\" width=\"{:.1}\" height=\"{}\" fill=\"#fbe9e7\"/>\n\
         <text x=\"{LEFT}\" y=\"18\">Memory of the server (PSS, MiB) over seconds; the attack is shaded</text>\n",
        x(begin),
        x(end) - x(begin),
        HEIGHT - TOP - BOTTOM
    );
    for share in [0.0, 0.25, 0.5, 0.75, 1.0] {
        let (size, at) = (highest * share, longest * share);
        // Writing to a String cannot fail.
        let _ = writeln!(
            svg,
            "<path d=\"M{LEFT} {0:.1}H{WIDTH}\" stroke=\"#ddd\"/><text x=\"{1}\" y=\"{0:.1}\" text-anchor=\"end\">{size:.0}</text><text x=\"{2:.1}\" y=\"{3}\" text-anchor=\"middle\">{at:.0}</text>",
            y(size),
            LEFT - 6.0,
            x(at),
            HEIGHT - 10.0
        );
    }
    let _ = writeln!(
        svg,
        "<polyline points=\"{}\" fill=\"none\" stroke=\"#1a5fb4\" stroke-width=\"1.5\"/>\n</svg>",
        points.join(" ")
    );
    svg
}
