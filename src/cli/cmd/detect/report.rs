//! The scores: rows as JSON or Parquet for programs, stretches of anomalies for people.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::judge::{Judged, Scored};
use crate::anomaly::series::SeriesDetector;
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::{self, Align, Table};
use crate::cli::plain::{PlainFile, When};
use crate::forecast::align::Raw;
use crate::store::parquet::{ParquetError, ScoreWriter, ScoredRow};

/// What is said of a series, or why nothing is.
type Outcome = Result<Judged, String>;

/// Writes one JSON array, a row on each line.
pub(super) fn json(sink: &mut impl Write, file: &PlainFile, outcomes: &[Outcome]) -> io::Result<()> {
    let mut separator = "[\n";
    for (series, judged) in judged(file, outcomes) {
        for (row, scored) in judged.rows() {
            sink.write_all(separator.as_bytes())?;
            serde_json::to_writer(&mut *sink, &one(series, row, &scored, file.when))?;
            separator = ",\n";
        }
    }
    sink.write_all(if separator == "[\n" { b"[]\n" } else { b"\n]\n" })
}

/// The same as text.
pub(super) fn json_text(file: &PlainFile, outcomes: &[Outcome]) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    json(&mut bytes, file, outcomes)
        .map_err(|error| Failure::new(Exit::Partial, format!("the result cannot be written as JSON: {error}")))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn one(series: &str, (at, value): Raw, scored: &Scored, when: When) -> Value {
    let detectors: Map<String, Value> = SeriesDetector::NAMES
        .iter()
        .zip(scored.detectors)
        .map(|(name, score)| ((*name).to_owned(), score.into()))
        .collect();
    json!({
        "series": series,
        "ts": when.json(at),
        "value": value,
        "score": scored.score,
        "anomaly": scored.anomaly,
        "state": scored.state.name(),
        "detectors": detectors,
    })
}

/// Writes one Parquet file.
pub(super) fn parquet<W: Write + Send>(sink: W, file: &PlainFile, outcomes: &[Outcome]) -> Result<(), ParquetError> {
    let are_instants = file.when == When::Instants;
    let mut writer = ScoreWriter::new(sink, &SeriesDetector::NAMES, are_instants)?;
    for (series, judged) in judged(file, outcomes) {
        for ((at, value), scored) in judged.rows() {
            writer.push(ScoredRow {
                series,
                ts: if are_instants { at.millis() } else { at.seconds() },
                value,
                score: scored.score,
                anomaly: scored.anomaly,
                state: scored.state.name(),
                detectors: &scored.detectors,
            })?;
        }
    }
    writer.finish()?;
    Ok(())
}

/// One line for each stretch of anomalies.
pub(super) fn table(file: &PlainFile, outcomes: &[Outcome], styled: bool) -> String {
    let headings = [("series", Align::Left), ("from", Align::Left), ("to", Align::Left), ("rows", Align::Right)];
    let of_worst = [("score", Align::Right), ("value", Align::Right), ("expected", Align::Right)];
    let mut table = Table::new(headings.into_iter().chain(of_worst));
    for (series, judged) in judged(file, outcomes) {
        let rows: Vec<(Raw, Scored)> = judged.rows().collect();
        for stretch in rows.chunk_by(|one, other| one.1.anomaly == other.1.anomaly) {
            // A score may reach its end for several rows, of which the farthest from what was expected tells most.
            let away = |(raw, scored): &(Raw, Scored)| (raw.1 - scored.expected.middle).abs().max(0.0);
            let by_score = |one: &(Raw, Scored), other: &(Raw, Scored)| one.1.score.total_cmp(&other.1.score);
            let worst =
                stretch.iter().max_by(|one, other| by_score(one, other).then(away(one).total_cmp(&away(other))));
            let (Some(first), Some(last), Some(worst)) = (stretch.first(), stretch.last(), worst) else { continue };
            if first.1.anomaly {
                let [from, to] = [first, last].map(|row| file.when.show(row.0.0));
                let numbers =
                    [worst.1.score, worst.0.1, worst.1.expected.middle].map(|number| output::decimal(Some(number), 4));
                table.row([series.to_owned(), from, to, stretch.len().to_string()].into_iter().chain(numbers));
            }
        }
    }
    if table.is_empty() { "no anomalies\n".to_owned() } else { table.render(styled) }
}

/// The series that could be scored.
pub(super) fn judged<'a>(file: &'a PlainFile, outcomes: &'a [Outcome]) -> impl Iterator<Item = (&'a str, &'a Judged)> {
    let both = file.series.iter().zip(outcomes);
    both.filter_map(|(series, outcome)| Some((series.name.as_str(), outcome.as_ref().ok()?)))
}
