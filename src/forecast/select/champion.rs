//! What a selection ends in.

use serde::{Deserialize, Serialize};

use crate::forecast::history::Observation;
use crate::forecast::interval::Intervals;
use crate::forecast::model::Predict;
use crate::forecast::output::Levels;
use crate::forecast::saved::Saved;
use crate::forecast::scale::{Domain, Scale};
use crate::forecast::select::spread::Spread;

/// The fitted champion of a series: the chosen models on their working scale, and the spread around their path.
///
/// Updates move the path, but not the spread around it: to learn from every step, a forecast would have to be made at
/// every step. Who makes them all the same keeps [`Intervals`] of their own.
#[derive(Debug)]
pub struct Champion {
    inner: Box<dyn Predict>,
    around: Around,
}

/// What a [`Champion`] knows beside its models.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Around {
    pub(super) domain: Domain,
    pub(super) scale: Scale,
    pub(super) band: Band,
}

/// Where quantiles come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum Band {
    /// The size of the errors at the origins of the selection.
    Origins(Spread),
    /// Intervals that rehearsed on the end of the history.
    Online(Box<Intervals>),
}

impl Champion {
    /// `inner`, whose path is in the unit of the series, and what surrounds it.
    #[must_use]
    pub fn restored(inner: Box<dyn Predict>, around: Around) -> Self {
        Self { inner, around }
    }

    /// The values the series takes.
    #[must_use]
    pub const fn domain(&self) -> Domain {
        self.around.domain
    }

    /// The scale on which the models work.
    #[must_use]
    pub const fn scale(&self) -> Scale {
        self.around.scale
    }
}

/// Writes the quantiles of `intervals` in the order of `levels`.
fn online(intervals: &Intervals, path: &[f64], levels: &[f64], out: &mut [f64]) -> bool {
    let Ok(sorted) = Levels::new(levels.to_vec()) else { return false };
    let mut rows = Vec::with_capacity(path.len() * sorted.len());
    intervals.quantiles(path, &sorted, &mut rows);
    for (to, from) in out.chunks_exact_mut(levels.len()).zip(rows.chunks_exact(sorted.len())) {
        for (quantile, &level) in to.iter_mut().zip(levels) {
            *quantile = sorted.position(level).map_or(f64::NAN, |at| from[at]);
        }
    }
    true
}

impl Predict for Champion {
    fn update(&mut self, news: Observation) {
        self.inner.update(news);
        if let Band::Online(intervals) = &mut self.around.band {
            // Time moves on for the profile of noise over the season, and what was rehearsed comes due.
            intervals.observe(news);
        }
    }

    fn predict(&self, path: &mut [f64]) {
        self.inner.predict(path);
        for value in path {
            *value = self.around.domain.clamp(*value);
        }
    }

    fn predict_at(&self, horizons: &[usize], values: &mut [f64]) {
        self.inner.predict_at(horizons, values);
        for value in values {
            *value = self.around.domain.clamp(*value);
        }
    }

    fn quantiles(&self, levels: &[f64], out: &mut [f64]) -> bool {
        let Around { domain, scale, band } = &self.around;
        let width = levels.len().max(1);
        let mut path = vec![0.0; out.len() / width];
        self.predict(&mut path);
        let spread = match band {
            Band::Origins(spread) => spread,
            Band::Online(intervals) => return online(intervals, &path, levels, out),
        };
        for (step, (row, value)) in out.chunks_exact_mut(width).zip(path).enumerate() {
            let centre = scale.forward(Observation::of(value));
            if centre.is_finite() {
                spread.write(step, centre, levels, row);
                for quantile in row {
                    *quantile = domain.clamp(scale.back(*quantile));
                }
            } else {
                // A logarithm without shift does not hold the border of the domain.
                row.fill(value);
            }
        }
        true
    }

    fn save(&self) -> Saved {
        Saved::Champion { inner: Box::new(self.inner.save()), around: self.around.clone() }
    }
}
