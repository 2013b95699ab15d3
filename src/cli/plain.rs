//! Plain files of series: one row for each observation, in CSV, JSONL (both plain or gzip) or Parquet.
//!
//! Files are read by the reader of `import`, which tells formats apart by content. Here only three columns count: the
//! instant, the value and, where a file holds several series, whose value it is. A row whose instant or value cannot
//! be understood is counted and told, and the rest goes on without it.

mod marks;
mod rows;
mod when;

use std::path::{Path, PathBuf};

use super::args::Shared;
use super::exit::{Exit, Failure};
use super::output;
use super::stored;
use super::suggest;
use crate::collect::import::read::{ReadError, Reader};
use crate::config::elements::{ElementError, date, duration, stretch};
use crate::domain::time::Timestamp;
use crate::forecast::align::{self, AlignError, Aligned};
use crate::forecast::history::{History, Span};
pub use marks::{Marks, Rowwise};
use rows::{ReadSeries, Rows};
pub use when::When;

/// Rows that are read at a time.
const CHUNK_ROWS: usize = 8_192;

/// Where series are read from.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Input")]
pub struct PlainArgs {
    /// File of observations: CSV or JSONL, plain or gzip, or Parquet; told apart by content
    #[arg(long, value_name = "FILE", required_unless_present = "column")]
    input: Option<PathBuf>,
    /// In place of a file: this series of the store, minute by minute, such as latency_p95_ms or error_ratio
    #[arg(long, value_name = "NAME", group = "counted", conflicts_with_all = ["input", "series", "conditions", "grid"])]
    column: Option<String>,
    /// With --column, only these channels
    #[arg(long, value_name = "NAME,..", value_delimiter = ',', requires = "column")]
    channel: Vec<String>,
    /// Column of the instant: RFC 3339, `2026-11-20 23:00:00`, seconds, milliseconds or microseconds since 1970, or
    /// plain numbers 0, 1, 2, ..
    #[arg(long, value_name = "COLUMN", default_value = "ts")]
    time: String,
    /// Column of the value; an empty field is a gap
    #[arg(long, value_name = "COLUMN", default_value = "value")]
    value: String,
    /// Column that tells series apart [default: the file is one series]
    #[arg(long, value_name = "COLUMN")]
    series: Option<String>,
    /// Column of the number of calls behind each value, whose noise falls with it
    #[arg(long, value_name = "COLUMN", group = "counted")]
    count: Option<String>,
    /// Only rows whose column holds this value; several conditions hold together
    #[arg(long = "where", value_name = "COLUMN=VALUE", value_parser = condition)]
    conditions: Vec<(String, String)>,
    /// Step of the series, such as 60s or 1h; observations within one are averaged [default: their most common spacing]
    #[arg(long, value_name = "SPAN", value_parser = span_s)]
    grid: Option<u32>,
    /// Leave this stretch, an incident or a maintenance, out of the series as if nothing were known of it; may be repeated
    #[arg(long, value_name = "FROM..TO", value_parser = stretch)]
    skip: Vec<Span>,
}

/// The series of a file.
#[derive(Debug)]
pub struct PlainFile {
    /// How instants are written in the file, and so in answers about it.
    pub when: When,
    /// The series in the order of their first row.
    pub series: Vec<Series>,
    /// Name of the value column.
    pub value: String,
    /// Rows that could not be understood.
    pub rejected: u64,
}

/// One series of a file.
#[derive(Debug)]
pub struct Series {
    /// What its rows have in the series column; the name of the value column for a file of one series.
    pub name: String,
    /// The series on its grid, or why it has none.
    pub aligned: Result<Aligned, AlignError>,
    /// Calls behind each step, if the file tells them: of several observations in a step their mean.
    pub counts: Option<Aligned>,
    /// The rows as they stand in the file, where marks were asked for.
    pub marks: Option<Rowwise>,
}

impl Series {
    /// The series as models see it.
    ///
    /// # Errors
    /// If it could not be laid out.
    pub fn history(&self) -> Result<History<'_>, &AlignError> {
        let history = self.aligned.as_ref().map(Aligned::history)?;
        Ok(match &self.counts {
            Some(counts) => history.with_counts(&counts.values),
            None => history,
        })
    }
}

impl Series {
    /// Turns the steps inside of `stretches` into gaps.
    fn leave_out(&mut self, stretches: &[Span]) {
        if let Ok(aligned) = &mut self.aligned {
            aligned.values = aligned.history().without(stretches);
            aligned.gaps = aligned.values.iter().filter(|value| value.is_nan()).count();
        }
    }
}

impl PlainFile {
    /// Reads the file that `args` name, and tells of rows that could not be understood.
    ///
    /// # Errors
    /// [`Failure`] if the file cannot be read, lacks a column, or no row is left.
    pub fn read(args: &PlainArgs, shared: &Shared) -> Result<Self, Failure> {
        Self::read_marked(args, None, shared)
    }

    /// The same, and of each series its rows with what `marks` say of them; of a store there are none.
    ///
    /// # Errors
    /// As [`PlainFile::read`].
    pub fn read_marked(args: &PlainArgs, marks: Option<&Marks>, shared: &Shared) -> Result<Self, Failure> {
        let mut file = Self::whole(args, marks, shared)?;
        for series in &mut file.series {
            series.leave_out(&args.skip);
        }
        Ok(file)
    }

    fn whole(args: &PlainArgs, marks: Option<&Marks>, shared: &Shared) -> Result<Self, Failure> {
        let Some(input) = &args.input else {
            return stored::read(args.column.as_deref().unwrap_or_default(), &args.channel, shared);
        };
        let rows = args.rows(input, marks)?;
        if let Some(first) = &rows.first_problem {
            let text = format!("{} rows of {} are left out; the first: {first}", rows.rejected, input.display());
            output::note(shared, &text);
        }
        if rows.series.is_empty() {
            let text = format!("no row of {} has an instant and passes --where", input.display());
            return Err(Failure::new(Exit::Usage, text));
        }
        let (when, rejected) = (rows.when(), rows.rejected);
        let series = rows.series.into_iter().map(|read| args.series_of(read, marks.is_some())).collect();
        Ok(Self { when, series, value: args.value.clone(), rejected })
    }
}

impl PlainArgs {
    /// What is read, for people: the file as it was named, or the column of the store.
    #[must_use]
    pub fn source(&self) -> String {
        self.input.as_ref().map_or_else(|| self.file_name(), |input| input.display().to_string())
    }

    /// The file's name without its directory, or the column of the store.
    #[must_use]
    pub fn file_name(&self) -> String {
        let Some(input) = &self.input else { return self.column.clone().unwrap_or_default() };
        input.file_name().unwrap_or(input.as_os_str()).to_string_lossy().into_owned()
    }

    /// Whether there may be several series.
    #[must_use]
    pub const fn holds_many(&self) -> bool {
        self.series.is_some() || self.column.is_some()
    }

    fn series_of(&self, read: ReadSeries, is_marked: bool) -> Series {
        let marks = is_marked.then(|| Rowwise::of(&read.values, read.labels, read.trained_until));
        // The grid depends on the instants only, so both lie on the same.
        let counts = if read.counts.is_empty() { None } else { align::align(read.counts, self.grid).ok() };
        let name = read.name.unwrap_or_else(|| self.value.clone());
        Series { name, aligned: align::align(read.values, self.grid), counts, marks }
    }

    fn rows(&self, input: &Path, marks: Option<&Marks>) -> Result<Rows, Failure> {
        let mut reader = Reader::open(input).map_err(|error| failure(&error))?;
        let mut columns = self.columns();
        columns.extend(marks.into_iter().flat_map(Marks::columns).cloned());
        for column in &columns {
            check_exists(input, column, reader.columns())?;
        }
        reader.select(&columns).map_err(|error| failure(&error))?;
        let wanted: Vec<&str> = self.conditions.iter().map(|(_, value)| value.as_str()).collect();
        let mut rows = Rows::new(self.series.is_some(), self.count.is_some(), &wanted, marks);
        while let Some(chunk) = reader.next_chunk(CHUNK_ROWS).map_err(|error| failure(&error))? {
            rows.take(&chunk, &columns);
        }
        Ok(rows)
    }

    /// The columns that are read: instant, value, the conditions', the count, and last the series. Those of marks follow.
    fn columns(&self) -> Vec<String> {
        let conditions = self.conditions.iter().map(|(column, _)| column);
        [&self.time, &self.value]
            .into_iter()
            .chain(conditions)
            .chain(&self.count)
            .chain(&self.series)
            .cloned()
            .collect()
    }
}

/// A path into an object, such as `usage.total`, is no column of its own; whether it is there shows row by row.
fn check_exists(input: &Path, column: &String, columns: &[String]) -> Result<(), Failure> {
    let head = column.split('.').next().unwrap_or_default();
    if columns.iter().any(|known| known == column || known == head) {
        return Ok(());
    }
    let instead = suggest::instead(column, columns.iter().map(String::as_str));
    Err(Failure::new(Exit::Usage, format!("{} has no column `{column}`; {instead}", input.display())))
}

fn failure(error: &ReadError) -> Failure {
    let exit = match error {
        ReadError::Open { .. } | ReadError::Empty { .. } => Exit::Usage,
        ReadError::Io { row, .. } | ReadError::Parquet { row, .. } if *row == 0 => Exit::Usage,
        ReadError::Io { .. } | ReadError::Parquet { .. } => Exit::Partial,
    };
    Failure::from_error(exit, error)
}

fn condition(text: &str) -> Result<(String, String), String> {
    let (column, value) = text.split_once('=').ok_or("must be COLUMN=VALUE")?;
    Ok((column.trim().to_owned(), value.trim().to_owned()))
}

/// A stretch between instants, or between plain numbers where the file counts steps.
///
/// # Errors
/// In words, if it is none.
pub fn stretch(text: &str) -> Result<Span, String> {
    let stretch = stretch::parse(text, number_or_date).map_err(|error| error.to_string())?;
    Ok(Span { from: stretch.from, to: stretch.to })
}

/// An instant, or a plain number where the file counts steps.
///
/// # Errors
/// In words, if it is neither.
pub fn instant(text: &str) -> Result<Timestamp, String> {
    number_or_date(text).map_err(|error| error.to_string())
}

fn number_or_date(text: &str) -> Result<Timestamp, ElementError> {
    match text.parse::<i64>() {
        Ok(number) => Ok(Timestamp::from_seconds(number)),
        Err(_) => date::parse(text),
    }
}

/// A span of whole seconds, in seconds.
///
/// # Errors
/// In words, if it is none.
pub fn span_s(text: &str) -> Result<u32, String> {
    let span = duration::parse_within(text, "1s", "366d").map_err(|error| error.to_string())?;
    if span.subsec_millis() != 0 {
        return Err("must be whole seconds".to_owned());
    }
    u32::try_from(span.as_secs()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests;
