//! Read-only SQL over the tables, by polars. Nothing of polars shows outside this file.
//!
//! Tables: `samples`, `late`, `samples_5m`, `samples_1h`, `gauges` and those of records, scanned lazily from the live
//! files, with what is not published in its place. Fixed-point columns are shown as floats, sketches are hidden. The
//! dialect is that of polars' SQL interface.
//!
//! What is refused: more than one statement, anything but a query, and table functions that read files. A query has
//! a limit of rows and of time. Its thread cannot be killed: after the time nobody waits for it any more, and what it
//! still computes is thrown away. While several such queries are computed, new ones are refused.

mod overdue;
mod records;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use polars::prelude::{
    AnyValue, DataFrame, DataType, JoinArgs, JoinType, LazyFrame, PlRefPath, PolarsError, ScanArgsParquet, ScanSources,
    TimeUnit, UnionArgs, col, concat,
};
use polars::sql::SQLContext;
use serde_json::Value;

use crate::domain::batch::Amendment;
use crate::domain::column::Column;
use crate::domain::gauge::GaugeMinute;
use crate::domain::record::{self, Record};
use crate::domain::sample::Sample;
use crate::domain::time::Timestamp;
use crate::store::parquet::{GaugeWriter, ParquetError, SampleWriter};
use crate::store::query::{QueryError, overlay::Overlay};
use crate::store::schema::{self, GAUGES, LATE, SAMPLE_TABLES, SAMPLES, TableSpec};
use crate::store::snapshot::Snapshot;
use overdue::Ticket;

/// Functions that would read files of the operator's machine.
const FILE_FUNCTIONS: [&str; 4] = ["read_parquet", "read_csv", "read_ipc", "read_json"];

/// How much a query may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SqlLimits {
    /// Rows of the answer; further ones are cut off and said to be.
    pub rows: usize,
    /// Seconds of wall-clock time.
    pub seconds: u64,
}

impl Default for SqlLimits {
    fn default() -> Self {
        Self { rows: 10_000, seconds: 30 }
    }
}

/// The answer to a query.
#[derive(Debug, Clone, PartialEq)]
pub struct SqlResult {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// One list of values per row, in the order of `columns`. Instants are RFC 3339 texts; what JSON has no number
    /// for (NaN, infinities) is null.
    pub rows: Vec<Vec<Value>>,
    /// Whether rows were cut off at the limit.
    pub truncated: bool,
}

/// Why a query has no answer.
#[derive(Debug, thiserror::Error)]
pub enum SqlError {
    /// The query itself is at fault; the text says what to change.
    #[error("{0}")]
    Refused(String),
    /// It took too long.
    #[error("the query took longer than {seconds} s: narrow it by `ts` or `channel`, or aggregate")]
    Timeout {
        /// The limit.
        seconds: u64,
    },
    /// Too many earlier queries took too long and are still being computed.
    #[error("several earlier queries ran out of time and are still being computed: ask again later")]
    Busy,
    /// A file could not be read.
    #[error("the tables cannot be read")]
    Query(#[from] QueryError),
}

impl SqlError {
    /// Whether a file was deleted since the snapshot was taken: ask again with a fresh snapshot.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        matches!(self, Self::Query(error) if error.is_stale())
    }
}

/// What is accepted but not in the files yet, by table.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unpublished<'a> {
    /// For `samples`, at most one amendment per channel and minute.
    pub samples: &'a [Amendment],
    /// For `late`, in any order.
    pub late: &'a [Sample],
    /// For `gauges`, in any order.
    pub gauges: &'a [GaugeMinute],
    /// For the tables of records, in any order; of equal keys the last one holds.
    pub records: &'a [Record],
}

/// Runs one query over `snapshot` with `fresh` laid over it. Blocks; call it off the async threads.
///
/// # Errors
/// [`SqlError`].
pub fn sql(snapshot: &Snapshot, fresh: Unpublished<'_>, query: &str, limits: SqlLimits) -> Result<SqlResult, SqlError> {
    let query = check(query)?;
    let ticket = Arc::new(Ticket::draw().ok_or(SqlError::Busy)?);
    let tables = tables(snapshot, fresh)?;
    let (answer, answered) = channel();
    let computed = Computed(Arc::clone(&ticket));
    let work = move || {
        let _computed = computed;
        // If nobody waits any more the answer is not needed.
        let _sent = answer.send(run(tables, &query, limits));
    };
    std::thread::Builder::new()
        .name("sql".to_owned())
        .spawn(work)
        .map_err(|error| SqlError::Refused(format!("no thread for the query: {error}")))?;
    match answered.recv_timeout(Duration::from_secs(limits.seconds)) {
        Ok(answer) => answer,
        Err(RecvTimeoutError::Timeout) => {
            ticket.give_up();
            Err(SqlError::Timeout { seconds: limits.seconds })
        }
        Err(RecvTimeoutError::Disconnected) => {
            Err(SqlError::Refused("the query cannot be computed; please simplify it".to_owned()))
        }
    }
}

/// Ends the ticket when the thread ends, even by a panic.
struct Computed(Arc<Ticket>);

impl Drop for Computed {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// Lets through what looks like one query; the parser has the last word.
fn check(query: &str) -> Result<String, SqlError> {
    let query = query.trim().trim_end_matches(';').trim_end();
    let lower = query.to_lowercase();
    let first_word: String = lower.chars().take_while(|c| c.is_alphabetic()).collect();
    if first_word != "select" && first_word != "with" {
        let problem = "only a single query is answered here: begin with SELECT or WITH";
        return Err(SqlError::Refused(problem.to_owned()));
    }
    if let Some(name) = FILE_FUNCTIONS.into_iter().find(|name| lower.contains(name)) {
        let problem = format!("`{name}` is not available: queries see the tables only ({})", table_names());
        return Err(SqlError::Refused(problem));
    }
    Ok(query.to_owned())
}

fn table_names() -> String {
    schema::tables().map(|table| table.name).collect::<Vec<_>>().join(", ")
}

fn run(tables: Vec<(&'static str, LazyFrame)>, query: &str, limits: SqlLimits) -> Result<SqlResult, SqlError> {
    let mut context = SQLContext::new();
    for (name, frame) in tables {
        context.register(name, frame);
    }
    let one_more = u32::try_from(limits.rows.saturating_add(1)).unwrap_or(u32::MAX);
    let query = context.execute(query).map_err(explain)?.limit(one_more);
    let frame = match query.clone().collect() {
        // Counting a concatenation adds up 128-bit lengths, a type that this build of polars leaves out.
        Err(error) if error.to_string().contains("UInt128") => query.with_projection_pushdown(false).collect(),
        collected => collected,
    };
    let frame = frame.map_err(explain)?;
    Ok(to_json(&frame, limits.rows))
}

/// Every table as a lazy scan.
fn tables(snapshot: &Snapshot, fresh: Unpublished<'_>) -> Result<Vec<(&'static str, LazyFrame)>, SqlError> {
    let mut tables = Vec::new();
    for table in SAMPLE_TABLES {
        let mut frame = scan(snapshot, table, || empty_samples(table))?;
        if *table == SAMPLES && !fresh.samples.is_empty() {
            frame = with_fresh(frame, snapshot, fresh.samples)?;
        } else if *table == LATE && !fresh.late.is_empty() {
            frame = with_rows(frame, late_file(fresh.late))?;
        }
        tables.push((table.name, shown(frame)));
    }
    let mut gauges = scan(snapshot, &GAUGES, empty_gauges)?;
    if !fresh.gauges.is_empty() {
        gauges = with_rows(gauges, gauge_file(fresh.gauges))?;
    }
    tables.push((GAUGES.name, gauges));
    for described in record::TABLES {
        tables.push((described.name, records::table(snapshot, described, fresh.records)?));
    }
    Ok(tables)
}

/// Adds the rows of a file in memory.
fn with_rows(published: LazyFrame, file: Result<Vec<u8>, ParquetError>) -> Result<LazyFrame, SqlError> {
    let rows = read(in_memory(file.map_err(QueryError::from)?))?;
    concat([published, rows], UnionArgs::default()).map_err(explain)
}

fn late_file(rows: &[Sample]) -> Result<Vec<u8>, ParquetError> {
    let mut sorted: Vec<&Sample> = rows.iter().collect();
    sorted.sort_by(|a, b| (&a.channel, a.minute).cmp(&(&b.channel, b.minute)));
    sample_file(&LATE, sorted.into_iter())
}

fn gauge_file(rows: &[GaugeMinute]) -> Result<Vec<u8>, ParquetError> {
    // A minute that opened again while it was being published is in both places: one row all the same.
    let mut sorted: BTreeMap<_, GaugeMinute> = BTreeMap::new();
    for row in rows {
        let key = (row.series(), row.minute);
        sorted.entry(key).and_modify(|known| known.merge(row)).or_insert_with(|| row.clone());
    }
    let mut writer = GaugeWriter::new(Vec::new(), &GAUGES)?;
    for row in sorted.values() {
        writer.push(row)?;
    }
    Ok(writer.finish()?.1)
}

fn scan(
    snapshot: &Snapshot,
    table: &TableSpec,
    empty: impl FnOnce() -> Result<Vec<u8>, ParquetError>,
) -> Result<LazyFrame, SqlError> {
    let paths: Vec<PlRefPath> =
        snapshot.files(table).iter().map(|file| PlRefPath::new(snapshot.path(file).to_string_lossy())).collect();
    let sources =
        if paths.is_empty() { in_memory(empty().map_err(QueryError::from)?) } else { ScanSources::Paths(paths.into()) };
    read(sources)
}

/// A scan of exactly these sources: no wildcards, no columns from directory names.
fn read(sources: ScanSources) -> Result<LazyFrame, SqlError> {
    let mut arguments = ScanArgsParquet { glob: false, ..ScanArgsParquet::default() };
    arguments.hive_options.enabled = Some(false);
    LazyFrame::scan_parquet_sources(sources, arguments).map_err(explain)
}

/// The columns as people see them: fixed-point as floats, no sketches.
fn shown(frame: LazyFrame) -> LazyFrame {
    let column = |column: Column| {
        let plain = col(column.name());
        if column.spec().scale > 0 { plain.cast(DataType::Float64) } else { plain }
    };
    let keys = [col("ts"), col("channel")].into_iter();
    frame.select(keys.chain(Column::ALL.into_iter().map(column)).collect::<Vec<_>>())
}

fn in_memory(bytes: Vec<u8>) -> ScanSources {
    ScanSources::Buffers(Arc::from([bytes.into()]))
}

/// Replaces published minutes by their unpublished form and adds the new ones. The rows take the way through a
/// Parquet file in memory, so that they have the types of all others.
fn with_fresh(published: LazyFrame, snapshot: &Snapshot, fresh: &[Amendment]) -> Result<LazyFrame, SqlError> {
    let minutes = || fresh.iter().map(|amendment| amendment.sample.minute);
    let (Some(from), Some(last)) = (minutes().min(), minutes().max()) else { return Ok(published) };
    let overlay = Overlay::new(snapshot, fresh, None, from, last.plus(1)).map_err(QueryError::from)?;
    let bytes = sample_file(&SAMPLES, overlay.minutes.values().flat_map(|minutes| minutes.values()));
    let rows = read(in_memory(bytes.map_err(QueryError::from)?))?;
    let kept = if overlay.replaces {
        let keys = [col("ts"), col("channel")];
        let replaced = rows.clone().select(keys.clone());
        published.join(replaced, keys.clone(), keys, JoinArgs::new(JoinType::Anti))
    } else {
        published
    };
    concat([kept, rows], UnionArgs::default()).map_err(explain)
}

fn sample_file<'s>(table: &TableSpec, rows: impl Iterator<Item = &'s Sample>) -> Result<Vec<u8>, ParquetError> {
    let mut writer = SampleWriter::new(Vec::new(), table)?;
    for sample in rows {
        writer.push(sample)?;
    }
    Ok(writer.finish()?.1)
}

fn empty_samples(table: &TableSpec) -> Result<Vec<u8>, ParquetError> {
    sample_file(table, std::iter::empty())
}

fn empty_gauges() -> Result<Vec<u8>, ParquetError> {
    Ok(GaugeWriter::new(Vec::new(), &GAUGES)?.finish()?.1)
}

/// Polars' error as ours. Missing files are told apart, everything else is about the query.
#[expect(clippy::needless_pass_by_value, reason = "so that it can be handed to map_err")]
fn explain(error: PolarsError) -> SqlError {
    let mut cause = &error;
    while let PolarsError::Context { error, .. } | PolarsError::ExprContext { error, .. } = cause {
        cause = error;
    }
    match cause {
        PolarsError::IO { error, .. } if error.kind() == std::io::ErrorKind::NotFound => {
            let source = std::io::Error::from(error.kind());
            QueryError::from(ParquetError::Open { path: "a live file".into(), source }).into()
        }
        PolarsError::Duplicate(_) => {
            let problem = "two columns of the answer would have the same name: tell them apart with AS, as in \
                           SELECT MIN(ts) AS first, MAX(ts) AS last";
            SqlError::Refused(problem.to_owned())
        }
        // What follows an empty line is the plan, which names files of this machine.
        _ => {
            let (text, tables) = (cause.to_string(), table_names());
            let problem = text.split("\n\n").next().unwrap_or_default();
            let hint = "see their columns with SELECT * FROM samples LIMIT 1";
            SqlError::Refused(format!("{problem} (tables: {tables}; {hint})"))
        }
    }
}

fn to_json(frame: &DataFrame, limit: usize) -> SqlResult {
    let columns = frame.get_column_names().iter().map(ToString::to_string).collect();
    let kept = frame.height().min(limit);
    let row =
        |at: usize| frame.columns().iter().map(|column| value(column.get(at).unwrap_or(AnyValue::Null))).collect();
    SqlResult { columns, rows: (0..kept).map(row).collect(), truncated: frame.height() > limit }
}

fn value(any: AnyValue<'_>) -> Value {
    match any {
        AnyValue::Null => Value::Null,
        AnyValue::Boolean(value) => value.into(),
        AnyValue::String(text) => text.into(),
        AnyValue::StringOwned(text) => text.as_str().into(),
        AnyValue::UInt64(value) => value.into(),
        AnyValue::Datetime(at, unit, _) | AnyValue::DatetimeOwned(at, unit, _) => instant(at, unit).to_string().into(),
        AnyValue::List(series) => series.iter().map(value).collect(),
        other if other.is_integer() => other.extract::<i64>().into(),
        other if other.dtype().is_numeric() => other.extract::<f64>().into(),
        other => other.to_string().into(),
    }
}

fn instant(at: i64, unit: TimeUnit) -> Timestamp {
    match unit {
        TimeUnit::Milliseconds => Timestamp::from_millis(at),
        TimeUnit::Microseconds => Timestamp::from_micros(at),
        TimeUnit::Nanoseconds => Timestamp::from_micros(at.div_euclid(1_000)),
    }
}

#[cfg(test)]
mod tests;
