//! One row to one call or one minute, or to the reason why not.

use std::collections::HashSet;

use crate::collect::import::cell::{Cell, TsUnit};
use crate::collect::import::mapping::field::Field;
use crate::collect::import::mapping::template::Part;
use crate::collect::import::mapping::{Kind, Mapping};
use crate::collect::import::read::Chunk;
use crate::collect::source::Admission;
use crate::domain::batch::Reject;
use crate::domain::call::Call;
use crate::domain::ids::ChannelId;
use crate::domain::sample::Sample;
use crate::domain::time::Timestamp;

mod call;
mod minute;

/// Channels that one file may bring. More means that something else was mapped to the channel, such as a request id.
pub const MAX_CHANNELS: usize = 10_000;

/// What a row is.
#[derive(Debug, Clone, PartialEq)]
pub enum Row {
    /// One call.
    Call(Call),
    /// One whole minute.
    Minute(Sample),
    /// Left out on purpose, because the skip rule's column holds this value.
    Skipped(String),
    /// Not understood.
    Rejected(Reject),
}

/// What is wrong: the column, and the end of a sentence that begins with it.
type Problem = (usize, String);

/// A mapping bound to the columns of a reader, and the channels seen so far.
#[derive(Debug)]
pub struct RowParser {
    kind: Kind,
    /// Names of the columns that rows are made of; indices below point into it.
    columns: Vec<String>,
    time: Time,
    fields: Vec<(Field, usize)>,
    channel: Vec<Piece>,
    skip: Option<(usize, Vec<String>)>,
    seen: HashSet<ChannelId>,
    name: String,
}

#[derive(Debug)]
enum Time {
    Column(usize, TsUnit),
    /// Column, microseconds in its unit, and the instant it counts from.
    Offset(usize, f64, Timestamp),
}

#[derive(Debug)]
enum Piece {
    Text(String),
    Column(usize),
}

impl RowParser {
    /// Binds `mapping`. The reader must be narrowed to [`RowParser::columns`].
    #[must_use]
    pub fn new(mapping: &Mapping) -> Self {
        let columns = mapping.columns();
        let index = |name: &str| columns.iter().position(|column| column == name).unwrap_or(usize::MAX);
        let of = |field| mapping.fields.get(&field).map(|name| index(name));
        let start = mapping.start.unwrap_or_default();
        let time = match (of(Field::Ts), of(Field::OffsetS), of(Field::OffsetMs)) {
            (Some(column), _, _) => Time::Column(column, mapping.ts_unit),
            (None, Some(column), _) => Time::Offset(column, 1e6, start),
            (None, None, column) => Time::Offset(column.unwrap_or(usize::MAX), 1e3, start),
        };
        let is_time = |field: Field| matches!(field, Field::Ts | Field::OffsetS | Field::OffsetMs);
        let fields = mapping.fields.iter().filter(|&(&field, _)| !is_time(field));
        let piece = |part: &Part| match part {
            Part::Text(text) => Piece::Text(text.clone()),
            Part::Column(name) => Piece::Column(index(name)),
        };
        Self {
            kind: mapping.kind,
            time,
            fields: fields.map(|(&field, name)| (field, index(name))).collect(),
            channel: mapping.channel.parts.iter().map(piece).collect(),
            skip: mapping.skip.as_ref().map(|rule| (index(&rule.column), rule.values.clone())),
            columns,
            seen: HashSet::new(),
            name: String::new(),
        }
    }

    /// The columns that rows are made of.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// What row `row` of `chunk` is, letting in what `admission` allows.
    pub fn parse(&mut self, chunk: &Chunk, row: usize, admission: &Admission) -> Row {
        if let Some(defect) = chunk.defect(row) {
            return Row::Rejected(defect);
        }
        if let Some(value) = self.skipped(chunk, row) {
            return Row::Skipped(value);
        }
        let parsed = self.place(chunk, row, admission).and_then(|(ts, channel)| match self.kind {
            Kind::Calls => call::parse(&self.fields, chunk, row, Call::new(ts, channel)).map(Row::Call),
            Kind::Samples => {
                minute::parse(&self.fields, chunk, row, Sample::new(channel, ts.minute())).map(Row::Minute)
            }
        });
        parsed.unwrap_or_else(|(column, problem)| {
            let field = self.columns.get(column).cloned().unwrap_or_default();
            Row::Rejected(Reject { line: chunk.first_row + row as u64, field, problem })
        })
    }

    /// The value that the skip rule names, if this row holds it.
    fn skipped(&self, chunk: &Chunk, row: usize) -> Option<String> {
        let (column, values) = self.skip.as_ref()?;
        let cell = chunk.cell(row, *column);
        if let Cell::Text(text) = cell {
            return values.iter().find(|value| *value == text).cloned();
        }
        let mut text = String::new();
        cell.write_to(&mut text);
        values.iter().find(|value| **value == text).cloned()
    }

    /// When and where the row happened.
    fn place(&mut self, chunk: &Chunk, row: usize, admission: &Admission) -> Result<(Timestamp, ChannelId), Problem> {
        let (column, ts) = match self.time {
            Time::Column(column, unit) => (column, chunk.cell(row, column).instant(unit)),
            Time::Offset(column, micros, start) => {
                let offset = chunk.cell(row, column).number();
                #[expect(clippy::cast_possible_truncation, reason = "float casts saturate")]
                let ts = |offset: f64| start.plus_micros((offset * micros).round() as i64);
                (column, offset.map(|offset| offset.map(ts)))
            }
        };
        let ts = ts.and_then(|ts| ts.ok_or_else(|| "is missing".to_owned()));
        let ts = ts.and_then(|ts| admission.check_ts(ts).map(|()| ts)).map_err(|problem| (column, problem))?;
        Ok((ts, self.channel(chunk, row, admission)?))
    }

    fn channel(&mut self, chunk: &Chunk, row: usize, admission: &Admission) -> Result<ChannelId, Problem> {
        self.name.clear();
        let mut last = usize::MAX;
        for piece in &self.channel {
            match piece {
                Piece::Text(text) => self.name.push_str(text),
                Piece::Column(column) => {
                    last = *column;
                    match chunk.cell(row, last) {
                        Cell::Missing => return Err((last, "is missing, and names the channel".to_owned())),
                        Cell::Nested => return Err((last, "is a list or an object, not a name".to_owned())),
                        cell => cell.write_to(&mut self.name),
                    }
                }
            }
        }
        if let Some(known) = self.seen.get(self.name.as_str()) {
            return Ok(known.clone());
        }
        if self.seen.len() >= MAX_CHANNELS {
            let problem =
                format!("is channel number {} of this file: is a request id mapped to `channel`?", MAX_CHANNELS + 1);
            return Err((last, problem));
        }
        let channel = admission.channel(&self.name).map_err(|problem| (last, problem))?;
        self.seen.insert(channel.clone());
        Ok(channel)
    }
}

#[cfg(test)]
mod tests;
