//! The tables on disk: their names, their Parquet columns and what a value becomes in them.
//!
//! Samples follow from [`Column`], records from their [`RecordTable`]; nothing about a column is said twice. Numbers of
//! samples are fixed-point integers: a
//! column with decimal digits is a Parquet DECIMAL (precision 9 on INT32, 18 on INT64), so that every reader sees the
//! true value, and a column without is a plain INT32 or INT64. Values beyond what a column can hold saturate at
//! [`limit`]; values that are not finite are stored as null. Both only happen to input that no real channel produces.

use std::fmt::Write as _;

use crate::domain::column::Column;
use crate::domain::record::{self, Kind, RecordTable};
use crate::domain::sample::Sample;

/// Version of the layout, written into every footer. Readers refuse a newer one.
pub const FORMAT_VERSION: u32 = 1;

/// Footer key of [`FORMAT_VERSION`].
pub const KEY_VERSION: &str = "foreroute.version";
/// Footer key of the table's name.
pub const KEY_TABLE: &str = "foreroute.table";
/// Footer key of the number of rows that hold a summary somebody stated in place of a sketch.
pub const KEY_SUMMARIES: &str = "foreroute.summaries";
/// Footer key of the channel index.
pub const KEY_CHANNELS: &str = "foreroute.channels";

/// Position of `ts` in every schema.
pub const TS: usize = 0;
/// Position of `channel` in the sample schema.
pub const CHANNEL: usize = 1;
/// Position of the first of [`Column::ALL`] in the sample schema.
pub const FIRST_COLUMN: usize = 2;
/// Position of the first of a record's cells.
pub const FIRST_CELL: usize = 1;
/// Position of `latency_sketch` in the sample schema.
pub const LATENCY_SKETCH: usize = FIRST_COLUMN + Column::ALL.len();
/// Position of `ttft_sketch` in the sample schema.
pub const TTFT_SKETCH: usize = LATENCY_SKETCH + 1;

/// What the rows of a table are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowKind {
    /// Minutes or longer windows of channels.
    Samples,
    /// Minutes of gauge series.
    Gauges,
    /// Conclusions, described as data.
    Records(&'static RecordTable),
}

/// One table on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableSpec {
    /// Name of the directory, of the SQL table and in the footer.
    pub name: &'static str,
    /// Minutes that one row covers.
    pub width_minutes: u32,
    /// Whether each key (channel or series) has at most one row per window.
    pub unique: bool,
    /// What its rows are.
    pub rows: RowKind,
}

impl TableSpec {
    const fn samples(name: &'static str, width_minutes: u32, unique: bool) -> Self {
        Self { name, width_minutes, unique, rows: RowKind::Samples }
    }

    /// The table of the records that `described` describes.
    #[must_use]
    pub const fn records(described: &'static RecordTable) -> Self {
        Self { name: described.name, width_minutes: 1, unique: true, rows: RowKind::Records(described) }
    }
}

/// One row per channel and minute.
pub const SAMPLES: TableSpec = TableSpec::samples("samples", 1, true);
/// Pieces of minutes that came after the late window: same columns as [`SAMPLES`], several rows per minute.
pub const LATE: TableSpec = TableSpec::samples("late", 1, false);
/// Roll-up of [`SAMPLES`] to five minutes.
pub const SAMPLES_5M: TableSpec = TableSpec::samples("samples_5m", 5, true);
/// Roll-up of [`SAMPLES`] to one hour.
pub const SAMPLES_1H: TableSpec = TableSpec::samples("samples_1h", 60, true);
/// One row per gauge series and minute.
pub const GAUGES: TableSpec = TableSpec { name: "gauges", width_minutes: 1, unique: true, rows: RowKind::Gauges };

/// The tables whose rows are samples.
pub const SAMPLE_TABLES: [&TableSpec; 4] = [&SAMPLES, &LATE, &SAMPLES_5M, &SAMPLES_1H];

/// The tables of records, in the order of [`record::TABLES`].
pub static RECORD_TABLES: [TableSpec; record::TABLES.len()] = {
    let mut specs = [GAUGES; record::TABLES.len()];
    let mut at = 0;
    while at < specs.len() {
        specs[at] = TableSpec::records(record::TABLES[at]);
        at += 1;
    }
    specs
};

/// Every table: samples and their roll-ups, gauges, records.
pub fn tables() -> impl Iterator<Item = &'static TableSpec> {
    SAMPLE_TABLES.into_iter().chain([&GAUGES]).chain(&RECORD_TABLES)
}

/// The table called `name`.
#[must_use]
pub fn table(name: &str) -> Option<&'static TableSpec> {
    tables().find(|table| table.name == name)
}

/// Position of `column` in the sample schema.
#[must_use]
pub fn position(column: Column) -> usize {
    FIRST_COLUMN + column as usize
}

/// 10^scale: how many stored units one unit of `column` is.
#[must_use]
pub fn units_per_one(column: Column) -> f64 {
    10_f64.powi(i32::from(column.spec().scale))
}

/// The largest stored integer of `column` in absolute value: nine decimal digits for a narrow DECIMAL, eighteen for a
/// wide one, else what the integer type holds.
#[must_use]
pub const fn limit(column: Column) -> i64 {
    let spec = column.spec();
    match (spec.wide, spec.scale) {
        (false, 0) => i32::MAX as i64,
        (false, _) => 999_999_999,
        (true, 0) => i64::MAX,
        (true, _) => 999_999_999_999_999_999,
    }
}

/// What is stored for `column` of `sample`: the value times 10^scale, rounded to the nearest, saturating at
/// [`limit`]; `None` where the sample does not know it (or states something that is not finite).
#[must_use]
pub fn stored(column: Column, sample: &Sample) -> Option<i64> {
    let whole = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let counts = &sample.counts;
    let exact = match column {
        Column::Requests => Some(whole(counts.requests)),
        Column::Errors => Some(whole(counts.errors)),
        Column::Timeouts => Some(whole(counts.timeouts)),
        Column::Throttled => Some(whole(counts.throttled)),
        Column::Retries => Some(whole(counts.retries)),
        Column::ErrorsClient => Some(whole(counts.errors_client)),
        Column::ErrorsServer => Some(whole(counts.errors_server)),
        Column::ErrorsNetwork => Some(whole(counts.errors_network)),
        Column::TokensPrompt => sample.tokens_prompt.map(whole),
        Column::TokensCompletion => sample.tokens_completion.map(whole),
        Column::TokensCached => sample.tokens_cached.map(whole),
        Column::Cost => sample.cost.map(|cost| cost.0),
        _ => column.value(sample).filter(|value| value.is_finite()).map(|value| {
            #[expect(clippy::cast_possible_truncation, reason = "float casts saturate")]
            let rounded = (value * units_per_one(column)).round() as i64;
            rounded
        }),
    };
    exact.map(|value| value.clamp(-limit(column), limit(column)))
}

/// The Parquet schema of [`SAMPLES`], [`LATE`] and the roll-ups, in the notation of the format.
#[must_use]
pub fn sample_schema() -> String {
    let mut text = String::from("message samples {\n required int64 ts (TIMESTAMP(MILLIS,true));\n");
    text.push_str(" required binary channel (STRING);\n");
    for column in Column::ALL {
        let spec = column.spec();
        let repetition = if spec.nullable { "optional" } else { "required" };
        let (physical, precision) = if spec.wide { ("int64", 18) } else { ("int32", 9) };
        let name = spec.name;
        // Writing to a string cannot fail.
        let _written = match spec.scale {
            0 => writeln!(text, " {repetition} {physical} {name};"),
            scale => writeln!(text, " {repetition} {physical} {name} (DECIMAL({precision},{scale}));"),
        };
    }
    text.push_str(" optional binary latency_sketch;\n optional binary ttft_sketch;\n}");
    text
}

/// The Parquet schema of [`GAUGES`]: `labels` is JSON text with sorted names, `series` the stable series key.
pub const GAUGE_SCHEMA: &str = "message gauges {
 required int64 ts (TIMESTAMP(MILLIS,true));
 required int64 series (INTEGER(64,false));
 required binary metric (STRING);
 required binary labels (STRING);
 required double last;
 required double min;
 required double max;
 required double sum;
 required int64 count;
 required int64 last_ts (TIMESTAMP(MICROS,true));
}";

/// The Parquet schema of the table of records `table`.
#[must_use]
pub fn record_schema(table: &RecordTable) -> String {
    let mut text = format!("message {} {{\n required int64 ts (TIMESTAMP(MILLIS,true));\n", table.name);
    for column in table.columns {
        let repetition = if column.nullable { "optional" } else { "required" };
        let (physical, logical) = match column.kind {
            Kind::Text => ("binary", " (STRING)"),
            Kind::Float => ("double", ""),
            Kind::Integer => ("int64", ""),
            Kind::Flag => ("boolean", ""),
            Kind::Time => ("int64", " (TIMESTAMP(MICROS,true))"),
        };
        // Writing to a string cannot fail.
        let _written = writeln!(text, " {repetition} {physical} {}{logical};", column.name);
    }
    text.push('}');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::ChannelId;
    use crate::domain::sample::{Distribution, Summary};
    use crate::domain::time::Minute;
    use crate::domain::units::MicroUsd;
    use parquet::schema::parser::parse_message_type;

    #[test]
    fn schemas_are_valid_and_name_every_column_once() {
        let samples = parse_message_type(&sample_schema()).expect("the sample schema parses");
        assert_eq!(samples.get_fields().len(), TTFT_SKETCH + 1);
        for column in Column::ALL {
            assert_eq!(samples.get_fields()[position(column)].name(), column.name());
        }
        parse_message_type(GAUGE_SCHEMA).expect("the gauge schema parses");
        for table in record::TABLES {
            let schema = parse_message_type(&record_schema(table)).expect("a schema of records parses");
            assert_eq!(schema.get_fields()[TS].name(), "ts");
            let names = schema.get_fields()[FIRST_CELL..].iter().map(|field| field.name().to_owned());
            assert!(names.eq(table.columns.iter().map(|column| column.name)));
        }
    }

    #[test]
    fn tables_are_found_by_their_names() {
        for spec in tables() {
            assert_eq!(table(spec.name), Some(spec));
        }
        assert_eq!(table("nonsense"), None);
    }

    #[test]
    fn values_round_and_saturate_as_stated() {
        let mut sample = Sample::new(ChannelId::new("c").expect("valid name"), Minute(0));
        sample.counts.requests = u64::MAX;
        sample.cost = Some(MicroUsd(i64::MIN));
        let summary =
            Summary { mean: Some(12.34), p50: Some(f64::NAN), p99: Some(1e12), max: Some(0.05), ..Summary::default() };
        sample.latency = Distribution::Stated(Box::new(summary));
        assert_eq!(stored(Column::Requests, &sample), Some(i64::from(i32::MAX)));
        assert_eq!(stored(Column::Cost, &sample), Some(-999_999_999_999_999_999));
        assert_eq!(stored(Column::LatencyMean, &sample), Some(123));
        assert_eq!(stored(Column::LatencyP50, &sample), None);
        assert_eq!(stored(Column::LatencyP99, &sample), Some(999_999_999));
        assert_eq!(stored(Column::LatencyMax, &sample), Some(1));
    }
}
