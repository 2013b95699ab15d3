//! Which column of a file feeds which field: checked before the first row is read.
//!
//! A mapping is made from what the operator asked for (a preset, single pairs, a channel name) and from the columns
//! the file has. A column that no rule claims but that is named like a field feeds that field, so a file written by
//! this product needs no mapping at all.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::collect::import::cell::TsUnit;
use crate::collect::import::preset::{self, Layout};
use crate::domain::column::Column;
use crate::domain::time::Timestamp;

pub mod field;
pub mod template;

use field::Field;
use template::Template;

/// What a row of the file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One request. Calls add to what is known of their minute.
    Calls,
    /// One channel's whole minute, recorded elsewhere. It replaces the minute unless a revision at least as high is
    /// known.
    Samples,
}

impl Kind {
    /// Name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Calls => "calls",
            Self::Samples => "samples",
        }
    }
}

/// Rows that are left out on purpose and counted: those whose `column` holds one of `values`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkipRule {
    /// The column that decides.
    pub column: String,
    /// Values, compared as text.
    pub values: Vec<String>,
}

/// What the operator asked for.
#[derive(Debug, Clone, Default)]
pub struct Wishes {
    /// What rows are; where not said, the preset or the columns decide.
    pub kind: Option<Kind>,
    /// Name of a preset; `auto` or nothing looks for one that fits, unless `map` has pairs.
    pub preset: Option<String>,
    /// Pairs of field and column; they win over the preset.
    pub map: Vec<(String, String)>,
    /// A channel name, or a template of columns such as `{provider}/{model}`; wins over everything else.
    pub channel: Option<String>,
    /// Rows to leave out; wins over the preset.
    pub skip: Option<SkipRule>,
    /// Unit of timestamps that are bare numbers.
    pub ts_unit: TsUnit,
    /// Instant that offsets count from.
    pub start: Option<Timestamp>,
}

/// A checked mapping.
#[derive(Debug, Clone, PartialEq)]
pub struct Mapping {
    /// What rows are.
    pub kind: Kind,
    /// How a row's channel is named.
    pub channel: Template,
    /// Column of each field.
    pub fields: BTreeMap<Field, String>,
    /// Rows to leave out.
    pub skip: Option<SkipRule>,
    /// Unit of timestamps that are bare numbers.
    pub ts_unit: TsUnit,
    /// Instant that offsets count from.
    pub start: Option<Timestamp>,
}

/// Why there is no mapping. Each says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// A field that does not exist for this kind of rows.
    #[error("`{name}` is no field of {kind}; {hint}")]
    UnknownField {
        /// The name given.
        name: String,
        /// The kind of rows.
        kind: &'static str,
        /// The nearest name, or all of them.
        hint: String,
    },
    /// A preset that does not exist.
    #[error("there is no preset `{name}`; there are {known}")]
    UnknownPreset {
        /// The name given.
        name: String,
        /// The presets there are.
        known: String,
    },
    /// A preset that does not come in this kind.
    #[error("the preset `{preset}` has no form with {kind}")]
    NoLayout {
        /// The preset.
        preset: &'static str,
        /// The kind of rows.
        kind: &'static str,
    },
    /// Columns that the mapping needs are not in the file.
    #[error("the file has no column {missing}; it has {present}")]
    MissingColumns {
        /// Columns needed and absent.
        missing: String,
        /// Columns of the file.
        present: String,
    },
    /// Nothing says when a row happened.
    #[error("nothing says when a row happened: map `ts` to a column, or `offset_s` together with --start")]
    NoTime,
    /// Offsets without an instant to count from.
    #[error("this file has no timestamps, only offsets: give the instant they count from with --start")]
    NoStart,
    /// Nothing says which channel a row belongs to.
    #[error("nothing says which channel a row belongs to: map `channel` to a column, or give --channel")]
    NoChannel,
    /// Minutes without a number of calls.
    #[error("minutes need their number of calls: map `requests` to a column, or import --kind calls")]
    NoRequests,
    /// A channel template that cannot be parsed.
    #[error("the channel template `{0}` has a brace without its partner")]
    BadTemplate(String),
}

impl Mapping {
    /// Makes the mapping that `wishes` ask for, for a file with `columns`.
    ///
    /// # Errors
    /// [`MappingError`] if something is unknown, missing or contradictory.
    pub fn choose(wishes: &Wishes, columns: &[String]) -> Result<Self, MappingError> {
        let layout = match (&wishes.preset, wishes.map.as_slice()) {
            // Single pairs without a preset are a mapping of their own.
            (None, [_, ..]) => None,
            (name, _) => preset::layout(name.as_deref(), wishes.kind, columns)?,
        };
        let kind = wishes.kind.or(layout.map(|layout| layout.kind)).unwrap_or_else(|| guess_kind(columns));
        let taken = layout.map_or(Ok(Vec::new()), Layout::needed)?;
        let mut fields = like_named(kind, columns.iter().filter(|column| !taken.contains(column)));
        let mut channel = columns.iter().any(|column| column == "channel").then(|| Template::column("channel"));
        if let Some(layout) = layout {
            fields.extend(layout.fields()?);
            channel = Some(Template::parse(layout.channel)?);
        }
        for (name, column) in &wishes.map {
            if name == "channel" {
                channel = Some(Template::column(column));
            } else {
                fields.insert(Field::parse(kind, name)?, column.clone());
            }
        }
        if let Some(name) = &wishes.channel {
            channel = Some(Template::parse(name)?);
        }
        let skip = wishes.skip.clone().or_else(|| layout.and_then(Layout::skip));
        let mapping = Self {
            kind,
            channel: channel.ok_or(MappingError::NoChannel)?,
            fields,
            skip,
            ts_unit: wishes.ts_unit,
            start: wishes.start,
        };
        mapping.check(columns)?;
        Ok(mapping)
    }

    fn check(&self, columns: &[String]) -> Result<(), MappingError> {
        missing(&self.columns(), columns)?;
        let has = |field| self.fields.contains_key(&field);
        if !has(Field::Ts) {
            if !has(Field::OffsetS) && !has(Field::OffsetMs) {
                return Err(MappingError::NoTime);
            }
            self.start.ok_or(MappingError::NoStart)?;
        }
        if self.kind == Kind::Samples && !has(Field::Minute(Column::Requests)) {
            return Err(MappingError::NoRequests);
        }
        Ok(())
    }

    /// Every column that is needed, each once.
    #[must_use]
    pub fn columns(&self) -> Vec<String> {
        let mut columns: Vec<String> = self.fields.values().cloned().collect();
        columns.extend(self.channel.columns().map(str::to_owned));
        columns.extend(self.skip.iter().map(|rule| rule.column.clone()));
        columns.sort();
        columns.dedup();
        columns
    }

    /// Everything that decides what a file's rows become, as text: equal texts, equal imports. Part of an import's
    /// identity, so it must not change between versions of the program.
    #[must_use]
    pub fn canonical(&self) -> String {
        let mut text =
            format!("kind={}\nchannel={}\nts_unit={}\n", self.kind.name(), self.channel, self.ts_unit.name());
        // Writing to a `String` cannot fail.
        for (field, column) in &self.fields {
            let _infallible = writeln!(text, "{}={column}", field.name());
        }
        if let Some(rule) = &self.skip {
            let _infallible = writeln!(text, "skip {}={}", rule.column, rule.values.join("|"));
        }
        if let Some(start) = self.start.filter(|_| !self.fields.contains_key(&Field::Ts)) {
            let _infallible = writeln!(text, "start={}", start.micros());
        }
        text
    }
}

/// Rows that state a number of requests are minutes.
fn guess_kind(columns: &[String]) -> Kind {
    if columns.iter().any(|column| column == Column::Requests.name()) { Kind::Samples } else { Kind::Calls }
}

/// Columns that are named like a field.
fn like_named<'a>(kind: Kind, columns: impl Iterator<Item = &'a String>) -> BTreeMap<Field, String> {
    let known = Field::all(kind);
    let named =
        |column: &String| known.iter().find(|field| field.name() == column).map(|&field| (field, column.clone()));
    columns.filter_map(named).collect()
}

/// # Errors
/// [`MappingError::MissingColumns`] if `needed` has names that `present` has not. A path into an object counts as
/// there if its first key is.
fn missing(needed: &[String], present: &[String]) -> Result<(), MappingError> {
    let is_there = |name: &str| present.iter().any(|column| column == name);
    let absent = |name: &&String| !is_there(name) && !name.split_once('.').is_some_and(|(head, _)| is_there(head));
    let missing: Vec<&String> = needed.iter().filter(absent).collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(MappingError::MissingColumns { missing: quoted(missing), present: quoted(present) })
}

/// Names in backticks, separated by commas, cut after thirty.
fn quoted<I: IntoIterator<Item = S>, S: AsRef<str>>(names: I) -> String {
    let mut names: Vec<String> = names.into_iter().map(|name| format!("`{}`", name.as_ref())).collect();
    if names.len() > 30 {
        let more = names.len() - 30;
        names.truncate(30);
        names.push(format!("and {more} more"));
    }
    names.join(", ")
}

/// Whether `columns` hold everything `layout` needs.
pub(super) fn fits(layout: &Layout, columns: &[String]) -> bool {
    layout.needed().is_ok_and(|needed| missing(&needed, columns).is_ok())
}

/// As [`fits`], with the reason.
///
/// # Errors
/// [`MappingError`] naming the columns that are missing.
pub(super) fn must_fit(layout: &Layout, columns: &[String]) -> Result<(), MappingError> {
    missing(&layout.needed()?, columns)
}

#[cfg(test)]
mod tests;
