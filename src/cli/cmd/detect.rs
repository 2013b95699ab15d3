//! `foreroute detect`: how odd each row of a file is, by what came before it.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::anomaly::controls::{ALARMS_PER_DAY, Controls, Direction, Missing, Rest};
use crate::cli::args::{Format, Shared};
use crate::cli::exit::{Exit, Failure};
use crate::cli::output;
use crate::cli::parallel;
use crate::cli::plain::{self, Marks, PlainArgs, PlainFile};
use crate::domain::time::Timestamp;
use crate::forecast::history::Span;
use judge::{Job, Judged, Quiet, Season};

mod judge;
mod picture;
mod report;

/// Arguments of `detect`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
One object for each row: {series, ts, value, score, anomaly, state, detectors:{level, seasonal, ..}}. Scores lie in 0..1, and
0.5 is the line at which a healthy series raises the wanted number of alarms a day. A row is judged by what came
before it, and rows before anything can be said have score 0. Without --train-until the line follows the series; with
it, it is fixed at the end of the training part.

Examples:
  foreroute detect --input latency.csv --time ts --value p95_ms --direction up
  foreroute detect --input kpi.parquet --value value --series kpi_id --train-until is_train=1 --label label \
--format parquet --out scores.parquet
  foreroute detect --input taxi.csv --season 48 --sensitivity 0.02 --rest 1d --format json --out scores.json
  foreroute detect --input latency.csv --time ts --value p95_ms --plot anomalies.svg")]
pub struct Args {
    #[command(flatten)]
    plain: PlainArgs,
    /// Learn the line up to here only: the rows whose column holds a value, or an instant
    #[arg(long, value_name = "COLUMN=VALUE|TS", value_parser = until, help_heading = "Learning")]
    train_until: Option<Until>,
    /// Column of labels, of which those of the training part are used: rows above zero are known anomalies, from which
    /// the line learns nothing
    #[arg(long, value_name = "COLUMN", requires = "train_until", help_heading = "Learning")]
    label: Option<String>,
    /// Length of the season in steps, `day` or `none`
    #[arg(long, value_name = "N", value_parser = season, default_value = "day", help_heading = "Learning")]
    season: Season,
    #[command(flatten)]
    alarms: AlarmArgs,
    /// Series that are worked on at once [default: one for each core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..), help_heading = "Work")]
    jobs: Option<u16>,
    /// Write the rows into this file, as JSON or Parquet; the summary still goes to standard output
    #[arg(long, value_name = "FILE", help_heading = "Work")]
    out: Option<PathBuf>,
    /// Draw values, what was expected and anomalies of up to twelve series into this SVG file
    #[arg(long, value_name = "FILE", help_heading = "Work")]
    plot: Option<PathBuf>,
}

/// What is an alarm.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Alarms")]
struct AlarmArgs {
    /// Alarms a day that a healthy series may raise
    #[arg(long, value_name = "PER-DAY", default_value_t = ALARMS_PER_DAY)]
    sensitivity: f64,
    /// Which deviations matter: both, up or down
    #[arg(long, value_name = "SIDE", value_parser = direction, default_value = "both")]
    direction: Direction,
    /// Least deviation from what was expected, in the unit of the values
    #[arg(long, value_name = "X", default_value_t = 0.0)]
    least_deviation: f64,
    /// Least deviation as a part of what was expected
    #[arg(long, value_name = "PART", default_value_t = 0.0)]
    least_relative: f64,
    /// With --count, least number of calls behind a value that is judged
    #[arg(long, value_name = "N", default_value_t = 0.0)]
    least_calls: f64,
    /// So many absent steps in a row are an anomaly, in the row that follows [default: absence is none]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    missing_after: Option<u32>,
    /// No further alarm for so long after one, such as 6h or, as a part of the series so far, 5%; unless it is ten times as
    /// rare
    #[arg(long, value_name = "SPAN|PART%", value_parser = rest)]
    rest: Option<Quiet>,
    /// A stretch in which nothing is an anomaly and nothing is learnt; may be repeated
    #[arg(long, value_name = "FROM..TO", value_parser = plain::stretch)]
    maintenance: Vec<Span>,
}

/// Where the training part ends.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Until {
    /// With the last row whose column holds this value.
    Column(String, String),
    /// Before this instant.
    At(Timestamp),
}

impl Args {
    /// Whether `--format parquet` has a file to go to.
    #[must_use]
    pub const fn writes_parquet(&self) -> bool {
        self.out.is_some()
    }

    fn marks(&self) -> Marks {
        let training = match &self.train_until {
            Some(Until::Column(column, value)) => Some((column.clone(), value.clone())),
            Some(Until::At(_)) | None => None,
        };
        Marks { label: self.label.clone(), training }
    }

    fn job(&self) -> Result<Job, Failure> {
        let controls = self.alarms.controls();
        controls.check().map_err(|error| Failure::from_error(Exit::Usage, &error))?;
        let learns_until = match &self.train_until {
            Some(Until::At(at)) => Some(*at),
            Some(Until::Column(..)) | None => None,
        };
        let season = self.season;
        Ok(Job { controls, rest: self.alarms.rest, season, learns_until, is_trained: self.train_until.is_some() })
    }
}

impl AlarmArgs {
    fn controls(&self) -> Controls {
        Controls {
            alarms_per_day: self.sensitivity,
            direction: self.direction,
            least_deviation: self.least_deviation,
            least_relative: self.least_relative,
            least_calls: self.least_calls,
            missing: self.missing_after.map_or(Missing::Tell, |after| Missing::Alarm { after }),
            rest: self.rest.map(|_| Rest { steps: 0, renewal: 1.0 }),
            maintenance: self.maintenance.clone(),
        }
    }
}

/// Scores every row of the file.
///
/// # Errors
/// [`Failure`] if the arguments are wrong, the file cannot be read, or nothing could be scored or written.
pub fn run(args: &Args, shared: &Shared) -> Result<Exit, Failure> {
    let job = args.job()?;
    let file = PlainFile::read_marked(&args.plain, Some(&args.marks()), shared)?;
    let jobs = args.jobs.map_or_else(parallel::cores, usize::from);
    let bar = parallel::bar(shared, "detect", file.series.len());
    let judged: Vec<Result<Judged, String>> = parallel::map(&file.series, jobs, &bar, |series| job.judge(series));
    let failed: Vec<String> = file
        .series
        .iter()
        .zip(&judged)
        .filter_map(|(series, judged)| Some(format!("series `{}`: {}", series.name, judged.as_ref().err()?)))
        .collect();
    if let (true, Some(first)) = (failed.len() == judged.len(), failed.first()) {
        return Err(Failure::new(Exit::Usage, format!("no series could be scored; {first}")));
    }
    if let Some(path) = &args.out {
        write(path, &file, &judged, shared)?;
        output::note(shared, &format!("scores written into {}", path.display()));
    }
    if let Some(path) = &args.plot {
        output::note(shared, &picture::draw(path, &args.plain.file_name(), &file, &judged)?);
    }
    match (shared.format, &args.out) {
        (Format::Json, None) => output::emit(&report::json_text(&file, &judged)?)?,
        (Format::Json, Some(_)) => {}
        (Format::Table, _) => output::emit(&report::table(&file, &judged, output::styled()))?,
    }
    for problem in &failed {
        output::complain(problem);
    }
    Ok(if failed.is_empty() && file.rejected == 0 { Exit::Done } else { Exit::Partial })
}

/// Writes the rows: as Parquet if that was asked for or the name says so, else as JSON.
fn write(path: &Path, file: &PlainFile, judged: &[Result<Judged, String>], shared: &Shared) -> Result<(), Failure> {
    let failed = |why: String| Failure::new(Exit::Partial, format!("cannot write into {}: {why}", path.display()));
    let sink = File::create(path).map_err(|error| failed(error.to_string()))?;
    let is_parquet = shared.parquet || path.extension().is_some_and(|extension| extension == "parquet");
    if is_parquet {
        return report::parquet(BufWriter::new(sink), file, judged).map_err(|error| failed(error.to_string()));
    }
    let mut sink = BufWriter::new(sink);
    report::json(&mut sink, file, judged).and_then(|()| sink.flush()).map_err(|error| failed(error.to_string()))
}

fn until(text: &str) -> Result<Until, String> {
    match text.split_once('=') {
        Some((column, value)) => Ok(Until::Column(column.trim().to_owned(), value.trim().to_owned())),
        None => plain::instant(text).map(Until::At).map_err(|error| format!("must be COLUMN=VALUE or {error}")),
    }
}

fn season(text: &str) -> Result<Season, String> {
    match (text, text.parse::<usize>()) {
        ("none", _) => Ok(Season::None),
        ("day", _) => Ok(Season::Day),
        (_, Ok(steps @ 2..)) => Ok(Season::Steps(steps)),
        _ => Err("must be a number of steps from 2 on, day or none".to_owned()),
    }
}

fn rest(text: &str) -> Result<Quiet, String> {
    let Some(part) = text.strip_suffix('%') else { return plain::span_s(text).map(Quiet::Seconds) };
    match part.trim().parse::<f64>() {
        Ok(percent) if (0.0..=100.0).contains(&percent) => Ok(Quiet::Part(percent / 100.0)),
        _ => Err("must be a span such as 6h, or 0% to 100%".to_owned()),
    }
}

fn direction(text: &str) -> Result<Direction, String> {
    match text {
        "both" => Ok(Direction::Both),
        "up" => Ok(Direction::Up),
        "down" => Ok(Direction::Down),
        _ => Err("must be both, up or down".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_training_is_a_condition_or_an_instant() {
        assert_eq!(until("is_train=1"), Ok(Until::Column("is_train".to_owned(), "1".to_owned())));
        assert_eq!(until("120"), Ok(Until::At(Timestamp::from_seconds(120))));
        assert_eq!(until("1970-01-02"), Ok(Until::At(Timestamp::from_seconds(86_400))));
        assert!(until("yesterday").is_err());
        assert_eq!((season("none"), season("48")), (Ok(Season::None), Ok(Season::Steps(48))));
        assert_eq!((rest("2m"), rest("5%")), (Ok(Quiet::Seconds(120)), Ok(Quiet::Part(0.05))));
        assert!(rest("101%").is_err() && rest("soon").is_err());
        assert!(season("1").is_err() && direction("sideways").is_err());
    }
}
