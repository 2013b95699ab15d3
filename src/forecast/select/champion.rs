//! What a selection ends in.

use serde::{Deserialize, Serialize};

use crate::forecast::history::Observation;
use crate::forecast::model::Predict;
use crate::forecast::saved::Saved;
use crate::forecast::scale::{Domain, Scale};
use crate::forecast::select::spread::Spread;

/// The fitted champion of a series: the chosen models on their working scale, and the spread around their path.
///
/// Updates move the path; the spread stays as it was at the fit. Where steps come in one by one, the quantiles of
/// [`Intervals`](crate::forecast::interval::Intervals) around this path follow them.
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
    pub(super) spread: Spread,
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

impl Predict for Champion {
    fn update(&mut self, news: Observation) {
        self.inner.update(news);
    }

    fn predict(&self, path: &mut [f64]) {
        self.inner.predict(path);
        for value in path {
            *value = self.around.domain.clamp(*value);
        }
    }

    fn quantiles(&self, levels: &[f64], out: &mut [f64]) -> bool {
        let Around { domain, scale, spread } = &self.around;
        let width = levels.len().max(1);
        let mut path = vec![0.0; out.len() / width];
        self.predict(&mut path);
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
