//! Points of series as JSON: one object per step, gaps as `null`, numbers with the digits that were stored.

use std::collections::BTreeMap;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use crate::domain::column::{Aggregate, Column};
use crate::domain::sample::Sample;
use crate::domain::target::{Quantity, Target};
use crate::domain::time::Minute;

/// What a column means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ColumnAbout {
    /// Its name.
    #[schema(example = "latency_p95_ms")]
    pub name: &'static str,
    /// Its unit.
    #[schema(example = "ms")]
    pub unit: &'static str,
    /// One sentence.
    #[schema(example = "95th percentile of latency.")]
    pub about: &'static str,
}

impl ColumnAbout {
    /// What `column` means.
    #[must_use]
    pub const fn of(column: Column) -> Self {
        let spec = column.spec();
        Self { name: spec.name, unit: spec.unit, about: spec.about }
    }
}

/// One step of one series; `None` where nothing is known.
pub type Step = (Minute, Option<f64>);

/// Values of one step: an object with `ts` and one member per column.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    ts: Minute,
    values: Vec<(Column, Option<f64>)>,
}

impl Point {
    /// Every column of `sample`.
    #[must_use]
    pub fn of_sample(sample: &Sample) -> Self {
        let values = Column::ALL.into_iter().map(|column| (column, column.value(sample))).collect();
        Self { ts: sample.minute, values }
    }

    /// One point per step from one series per column. A step that only some of the series have is `null` in the
    /// others.
    #[must_use]
    pub fn join(series: Vec<(Column, Vec<Step>)>) -> Vec<Self> {
        let columns: Vec<Column> = series.iter().map(|(column, _)| *column).collect();
        let empty: Vec<_> = columns.iter().map(|column| (*column, None)).collect();
        let mut points: BTreeMap<Minute, Vec<(Column, Option<f64>)>> = BTreeMap::new();
        for (at, (_, series)) in series.into_iter().enumerate() {
            for (minute, value) in series {
                points.entry(minute).or_insert_with(|| empty.clone())[at].1 = value;
            }
        }
        points.into_iter().map(|(ts, values)| Self { ts, values }).collect()
    }
}

impl Serialize for Point {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(Some(self.values.len() + 1))?;
        object.serialize_entry("ts", &self.ts.to_string())?;
        for (column, value) in &self.values {
            object.serialize_entry(column.name(), &value.map(|value| Number::new(*column, value)))?;
        }
        object.end()
    }
}

/// A value with as many digits as the store keeps of its column: counts as integers, durations to a tenth of a
/// millisecond, money to a millionth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Number {
    /// A whole number.
    Whole(i64),
    /// A number with digits after the point; NaN and infinities, which no column has, become `null`.
    Real(f64),
}

impl Number {
    /// `value` of `column`, rounded.
    #[must_use]
    pub fn new(column: Column, value: f64) -> Self {
        let spec = column.spec();
        if spec.scale == 0 && !matches!(spec.aggregate, Aggregate::Mean(_)) && value.abs() < 1e15 {
            #[expect(clippy::cast_possible_truncation, reason = "bounded above, and meant")]
            return Self::Whole(value.round() as i64);
        }
        let unit = 10_f64.powi(i32::from(spec.scale));
        Self::Real((value * unit).round() / unit)
    }
}

/// A value that was forecast of `target`, with the digits that its unit has.
#[must_use]
pub fn rounded(target: Target, value: f64) -> f64 {
    let unit = match target.quantity() {
        Quantity::Duration | Quantity::Count => 1e3,
        Quantity::Ratio | Quantity::Money => 1e6,
    };
    (value * unit).round() / unit
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::ChannelId;

    #[test]
    fn steps_of_different_series_meet_and_gaps_are_null() {
        let points = Point::join(vec![
            (Column::Requests, vec![(Minute(0), Some(3.0)), (Minute(5), Some(0.0))]),
            (Column::LatencyP95, vec![(Minute(0), Some(123.456))]),
        ]);
        let json = serde_json::to_string(&points).expect("points are JSON");
        let expected = r#"[{"ts":"1970-01-01T00:00:00Z","requests":3,"latency_p95_ms":123.5},"#.to_owned()
            + r#"{"ts":"1970-01-01T00:05:00Z","requests":0,"latency_p95_ms":null}]"#;
        assert_eq!(json, expected);
    }

    #[test]
    fn a_sample_shows_every_column() {
        let sample = Sample::new(ChannelId::new("c").expect("valid name"), Minute(1));
        let json = serde_json::to_value(Point::of_sample(&sample)).expect("a point is JSON");
        assert_eq!(json["requests"], 0);
        assert_eq!(json["cost_usd"], serde_json::Value::Null);
        assert_eq!(json.as_object().map(serde_json::Map::len), Some(Column::ALL.len() + 1));
    }

    #[test]
    fn no_number_is_not_json() {
        let text = |column, value| serde_json::to_string(&Number::new(column, value)).expect("a number is JSON");
        assert_eq!(text(Column::Cost, 0.123_456_78), "0.123457");
        assert_eq!(text(Column::Requests, f64::NAN), "null");
        assert_eq!(text(Column::TokensPrompt, 1e300), "1e+300");
    }
}
