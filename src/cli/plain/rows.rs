//! Rows of cells to observations of series.

use std::collections::HashMap;

use super::marks::Marks;
use super::when::{FIRST_INSTANT_S, When};
use crate::collect::import::cell::{Cell, TsUnit};
use crate::collect::import::read::Chunk;
use crate::domain::time::Timestamp;
use crate::forecast::align::Raw;

/// How missing numbers are written by pandas, R, SQL and spreadsheets.
const MISSING: [&str; 5] = ["nan", "na", "n/a", "null", "none"];

/// Places of the columns in a chunk; conditions, the count and the series follow.
const TIME: usize = 0;
const VALUE: usize = 1;
const FIRST_CONDITION: usize = 2;

/// What was read of one series.
pub(super) struct ReadSeries {
    /// What its rows have in the series column; `None` for the only one of a file without series.
    pub(super) name: Option<String>,
    /// Its values.
    pub(super) values: Vec<Raw>,
    /// The calls behind them, one for each value; none if they are not read.
    pub(super) counts: Vec<Raw>,
    /// Whether each row is labelled as an anomaly, one for each value; none if labels are not read.
    pub(super) labels: Vec<bool>,
    /// The last instant that is marked as training.
    pub(super) trained_until: Option<Timestamp>,
}

impl ReadSeries {
    const fn new(name: Option<String>) -> Self {
        Self { name, values: Vec::new(), counts: Vec::new(), labels: Vec::new(), trained_until: None }
    }
}

/// Which columns are read besides instant and value.
#[derive(Clone, Copy)]
struct Has {
    series: bool,
    count: bool,
    label: bool,
}

/// What was read so far.
pub(super) struct Rows {
    /// Observations by series, in the order of their first row.
    pub(super) series: Vec<ReadSeries>,
    /// Rows that could not be understood.
    pub(super) rejected: u64,
    /// What is wrong with the first of them.
    pub(super) first_problem: Option<String>,
    has: Has,
    /// What the training column holds in rows of the training part.
    training: Option<String>,
    wanted: Vec<String>,
    places: HashMap<String, usize>,
    are_numbers: bool,
    /// The cell at hand as text; kept so that rows do not allocate.
    text: String,
}

impl Rows {
    pub(super) fn new(has_series: bool, has_count: bool, wanted: &[&str], marks: Option<&Marks>) -> Self {
        Self {
            series: Vec::new(),
            rejected: 0,
            first_problem: None,
            has: Has { series: has_series, count: has_count, label: marks.is_some_and(|marks| marks.label.is_some()) },
            training: marks.and_then(|marks| marks.training.as_ref()).map(|(_, value)| value.clone()),
            wanted: wanted.iter().map(|&value| value.to_owned()).collect(),
            places: HashMap::new(),
            are_numbers: true,
            text: String::new(),
        }
    }

    /// How the instants read so far were written.
    pub(super) const fn when(&self) -> When {
        if self.are_numbers { When::Numbers } else { When::Instants }
    }

    /// Adds the rows of `chunk`, whose columns are called `names`.
    pub(super) fn take(&mut self, chunk: &Chunk, names: &[String]) {
        for row in 0..chunk.len() {
            let problem = match chunk.defect(row) {
                Some(defect) => Some(defect.problem),
                None => self.take_row(chunk, row, names).err(),
            };
            if let Some(problem) = problem {
                self.rejected += 1;
                let number = chunk.first_row + row as u64;
                self.first_problem.get_or_insert_with(|| format!("row {number} {problem}"));
            }
        }
    }

    fn take_row(&mut self, chunk: &Chunk, row: usize, names: &[String]) -> Result<(), String> {
        for at in 0..self.wanted.len() {
            self.read_text(chunk.cell(row, FIRST_CONDITION + at));
            if self.wanted.get(at) != Some(&self.text) {
                return Ok(());
            }
        }
        let blame = |column: usize| {
            let name = names.get(column).map_or("", String::as_str);
            move |problem: String| format!("`{name}` {problem}")
        };
        let missing = || "is missing".to_owned();
        let counts = FIRST_CONDITION + self.wanted.len();
        let series = counts + usize::from(self.has.count);
        let (time, value) = (chunk.cell(row, TIME), number(chunk.cell(row, VALUE)).map_err(blame(VALUE))?);
        let at = time.instant(TsUnit::Auto).and_then(|at| at.ok_or_else(missing)).map_err(blame(TIME))?;
        let count = self.has.count.then(|| number(chunk.cell(row, counts)).map_err(blame(counts))).transpose()?;
        let place = self.place(chunk.cell(row, series)).ok_or_else(missing).map_err(blame(series))?;
        let label = series + usize::from(self.has.series);
        let labelled = self.has.label.then(|| number(chunk.cell(row, label)).map_err(blame(label))).transpose()?;
        let trains = self.is_training(chunk.cell(row, label + usize::from(self.has.label)));
        self.are_numbers &= is_number(time, at);
        if let Some(read) = self.series.get_mut(place) {
            read.values.push((at, value));
            read.counts.extend(count.map(|count| (at, count)));
            read.labels.extend(labelled.map(|label| label > 0.0));
            read.trained_until = read.trained_until.max(trains.then_some(at));
        }
        Ok(())
    }

    /// Whether `cell`, of the training column, marks a row of the training part.
    fn is_training(&mut self, cell: Cell<'_>) -> bool {
        self.read_text(cell);
        self.training.as_ref() == Some(&self.text)
    }

    /// Where the series of `cell` stands; `None` if it has no name.
    fn place(&mut self, cell: Cell<'_>) -> Option<usize> {
        if !self.has.series {
            if self.series.is_empty() {
                self.series.push(ReadSeries::new(None));
            }
            return Some(0);
        }
        self.read_text(cell);
        if self.text.is_empty() {
            return None;
        }
        if let Some(&place) = self.places.get(&self.text) {
            return Some(place);
        }
        let place = self.series.len();
        self.places.insert(self.text.clone(), place);
        self.series.push(ReadSeries::new(Some(self.text.clone())));
        Some(place)
    }

    fn read_text(&mut self, cell: Cell<'_>) {
        self.text.clear();
        cell.write_to(&mut self.text);
    }
}

/// A value; NaN for a missing one.
fn number(cell: Cell<'_>) -> Result<f64, String> {
    match cell {
        Cell::Text(text) if MISSING.iter().any(|missing| text.eq_ignore_ascii_case(missing)) => Ok(f64::NAN),
        Cell::Float(value) if !value.is_finite() => Ok(f64::NAN),
        _ => Ok(cell.number()?.unwrap_or(f64::NAN)),
    }
}

/// Whether `cell`, read as `at`, is a plain whole number and no instant.
fn is_number(cell: Cell<'_>, at: Timestamp) -> bool {
    let is_bare = match cell {
        Cell::Int(_) | Cell::Float(_) => true,
        Cell::Text(text) => text.parse::<f64>().is_ok(),
        _ => false,
    };
    is_bare && at.seconds().abs() < FIRST_INSTANT_S && at.micros().rem_euclid(1_000_000) == 0
}
