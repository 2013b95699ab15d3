//! Series with their anomalies as a picture.

use std::path::Path;

use super::judge::Judged;
use super::report;
use crate::cli::exit::Failure;
use crate::cli::plain::PlainFile;
use crate::cli::plot::{self, MOST_PANELS, Point, Verdicts};
use crate::domain::time::Timestamp;

/// Draws the first series of `file` into `path`; says what was drawn.
pub(super) fn draw(
    path: &Path,
    file_name: &str,
    file: &PlainFile,
    judged: &[Result<Judged, String>],
) -> Result<String, Failure> {
    let all = report::judged(file, judged).count();
    let panel = |(name, judged): (_, &Judged)| {
        let point = |((at, value), scored): ((Timestamp, f64), super::judge::Scored)| Point {
            at: at.seconds_since(Timestamp::default()),
            value,
            expected: (scored.expected.low, scored.expected.high),
            anomaly: scored.anomaly,
        };
        Verdicts { name, value: &file.value, when: file.when, points: judged.rows().map(point).collect() }
    };
    let panels: Vec<Verdicts<'_>> = report::judged(file, judged).take(MOST_PANELS).map(panel).collect();
    plot::write(path, &format!("Anomalies of {file_name}"), &panels)?;
    let which = if all > MOST_PANELS { format!("the first {MOST_PANELS} of {all} series ") } else { String::new() };
    Ok(format!("{which}drawn into {}", path.display()))
}
