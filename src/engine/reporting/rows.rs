//! Sums over rows of tables.

use std::collections::BTreeMap;

use crate::domain::record::{Cell, Record};
use crate::policy::work::Tier;
use crate::policy::work::book::Book;
use crate::report::figures::{Accuracy, Score};
use crate::stats::quantile::quantile_select;

/// What is averaged of forecasts, weighted by their number.
const AVERAGED: [&str; 3] = ["mase", "mape", "coverage_90"];

/// A weighted mean in the making.
#[derive(Debug, Clone, Copy, Default)]
struct Mean {
    sum: f64,
    weight: f64,
}

impl Mean {
    fn add(&mut self, value: f64, weight: f64) {
        self.sum += value * weight;
        self.weight += weight;
    }

    fn join(&mut self, other: Self) {
        self.sum += other.sum;
        self.weight += other.weight;
    }

    fn get(self) -> Option<f64> {
        (self.weight > 0.0).then(|| self.sum / self.weight)
    }
}

fn text<'r>(row: &'r Record, name: &str) -> &'r str {
    row.get(name).and_then(Cell::text).unwrap_or_default()
}

#[expect(clippy::cast_precision_loss, reason = "counts of forecasts and jobs")]
const fn float(n: u64) -> f64 {
    n as f64
}

/// How forecasts that were served turned out, by column and horizon.
#[derive(Debug, Default)]
pub(super) struct Errors(BTreeMap<(String, i64), (u64, [Mean; AVERAGED.len()])>);

impl Errors {
    pub fn of(rows: &[Record]) -> Self {
        let mut found = Self::default();
        for row in rows.iter().filter(|row| text(row, "role") == "champion") {
            let number = |name| row.get(name).and_then(Cell::integer).unwrap_or_default();
            let n = u64::try_from(number("n")).unwrap_or_default();
            let key = (text(row, "column_name").to_owned(), number("horizon_s"));
            let (count, means) = found.0.entry(key).or_default();
            *count += n;
            for (name, mean) in AVERAGED.into_iter().zip(means) {
                if let Some(value) = row.get(name).and_then(Cell::float) {
                    mean.add(value, float(n));
                }
            }
        }
        found
    }

    pub fn add(&mut self, other: Self) {
        for (key, (n, means)) in other.0 {
            let (count, known) = self.0.entry(key).or_default();
            *count += n;
            known.iter_mut().zip(means).for_each(|(known, mean)| known.join(mean));
        }
    }

    /// The mean of what is called `name` over everything.
    pub fn mean(&self, name: &str) -> Option<f64> {
        let place = AVERAGED.iter().position(|known| *known == name)?;
        let mut all = Mean::default();
        self.0.values().filter_map(|(_, means)| means.get(place)).for_each(|mean| all.join(*mean));
        all.get()
    }

    pub fn lines(self) -> Vec<Accuracy> {
        let line = |((column, horizon_s), (n, [mase, mape, coverage])): (_, (u64, [Mean; AVERAGED.len()]))| Accuracy {
            column,
            horizon_s,
            n,
            mase: mase.get(),
            mape: mape.get(),
            coverage_90: coverage.get(),
        };
        self.0.into_iter().map(line).collect()
    }
}

/// What models did in jobs, by class of work, tier and model.
#[derive(Debug, Default)]
pub(super) struct Jobs(BTreeMap<(String, String, String), (u64, f64, f64)>);

impl Jobs {
    pub fn of(rows: &[Record]) -> Self {
        let mut found = Self::default();
        for row in rows {
            // Where nobody knows whether a job did what it was to do, it is worth nothing that could be said.
            let Some(success) = row.get("success").and_then(Cell::flag) else { continue };
            let quality = row.get("quality").and_then(Cell::float).unwrap_or(1.0);
            let key = (text(row, "class").to_owned(), text(row, "tier").to_owned(), text(row, "model").to_owned());
            let (jobs, worth, usd) = found.0.entry(key).or_default();
            *jobs += 1;
            *worth += if success { quality } else { 0.0 };
            *usd += row.get("cost_usd").and_then(Cell::float).unwrap_or_default();
        }
        found
    }

    pub fn add(&mut self, other: Self) {
        for (key, (n, worth, usd)) in other.0 {
            let known = self.0.entry(key).or_default();
            *known = (known.0 + n, known.1 + worth, known.2 + usd);
        }
    }

    fn sums(&self) -> (u64, f64, f64) {
        self.0.values().fold((0, 0.0, 0.0), |sum, of| (sum.0 + of.0, sum.1 + of.1, sum.2 + of.2))
    }

    /// Mean worth of a job.
    pub fn score(&self) -> Option<f64> {
        let (jobs, worth, _) = self.sums();
        (jobs > 0).then(|| worth / float(jobs))
    }

    /// Worth for a USD.
    pub fn worth_per_usd(&self) -> Option<f64> {
        let (_, worth, usd) = self.sums();
        (usd > 0.0).then(|| worth / usd)
    }

    pub fn lines(self, book: Option<&Book>) -> Vec<Score> {
        let line = |((class, tier, model), (jobs, worth, usd)): ((String, String, String), (u64, f64, f64))| Score {
            enough: book
                .and_then(|book| book.classes.iter().find(|known| known.name == class))
                .zip(Tier::parse(&tier))
                .map(|(class, tier)| class.enough(tier)),
            worth: worth / float(jobs.max(1)),
            class,
            tier,
            model,
            jobs,
            usd,
        };
        self.0.into_iter().map(line).collect()
    }
}

/// Minutes of columns that were odd.
#[derive(Debug, Default)]
pub(super) struct Odd {
    pub minutes: u64,
    /// How wide what was usual was, as a part of its middle.
    widths: Vec<f64>,
}

impl Odd {
    pub fn of(rows: &[Record]) -> Self {
        let mut found = Self::default();
        for row in rows {
            found.minutes += u64::from(row.get("anomaly").and_then(Cell::flag) == Some(true));
            let float = |name| row.get(name).and_then(Cell::float);
            if let (Some(low), Some(middle), Some(high)) =
                (float("expected_low"), float("expected"), float("expected_high"))
            {
                let width = (high - low) / middle.abs();
                found.widths.extend(width.is_finite().then_some(width));
            }
        }
        found
    }

    /// Counts the minutes of `other` too; widths are of a day each.
    pub const fn add(&mut self, other: &Self) {
        self.minutes += other.minutes;
    }

    /// Median of the widths.
    pub fn width(&self) -> Option<f64> {
        quantile_select(&mut self.widths.clone(), 0.5)
    }
}
