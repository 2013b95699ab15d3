//! The fitted model.

use serde::{Deserialize, Serialize};

use crate::forecast::history::Observation;
use crate::forecast::model::Predict;
use crate::forecast::saved::Saved;

/// The last cycle of each season, repeated for ever.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Seasons {
    cycles: Vec<Vec<f64>>,
    /// Where the next step stands in each of them.
    next: Vec<usize>,
}

impl Seasons {
    /// Seasons that begin anew with the next step; none of the `cycles` is empty.
    pub(super) fn new(cycles: Vec<Vec<f64>>) -> Self {
        let next = vec![0; cycles.len()];
        Self { cycles, next }
    }

    /// The effect of all seasons `ahead` steps after the next one.
    fn effect(&self, ahead: usize) -> f64 {
        let at = self.cycles.iter().zip(&self.next);
        at.map(|(cycle, next)| cycle[(next + ahead) % cycle.len()]).sum()
    }

    fn advance(&mut self) {
        for (next, cycle) in self.next.iter_mut().zip(&self.cycles) {
            *next = if *next + 1 < cycle.len() { *next + 1 } else { 0 };
        }
    }
}

/// A fitted [`MstlModel`](super::MstlModel).
#[derive(Debug)]
pub struct Mstl {
    inner: Box<dyn Predict>,
    seasons: Seasons,
}

impl Mstl {
    /// `inner`, fitted to a series without `seasons`, and those.
    #[must_use]
    pub fn new(inner: Box<dyn Predict>, seasons: Seasons) -> Self {
        Self { inner, seasons }
    }

    /// Adds the seasons to rows of `width` values for each step.
    fn add_seasons(&self, rows: &mut [f64], width: usize) {
        for (ahead, row) in rows.chunks_mut(width.max(1)).enumerate() {
            let effect = self.seasons.effect(ahead);
            for value in row {
                *value = (*value + effect).clamp(f64::MIN, f64::MAX);
            }
        }
    }
}

impl Predict for Mstl {
    fn update(&mut self, news: Observation) {
        self.inner.update(Observation { value: news.value - self.seasons.effect(0), ..news });
        self.seasons.advance();
    }

    fn predict(&self, path: &mut [f64]) {
        self.inner.predict(path);
        self.add_seasons(path, 1);
    }

    fn quantiles(&self, levels: &[f64], out: &mut [f64]) -> bool {
        let known = self.inner.quantiles(levels, out);
        if known {
            self.add_seasons(out, levels.len());
        }
        known
    }

    fn save(&self) -> Saved {
        Saved::Mstl { inner: Box::new(self.inner.save()), seasons: self.seasons.clone() }
    }
}
