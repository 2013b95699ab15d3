//! A model that works on another scale than its series.

use serde::{Deserialize, Serialize};

use crate::forecast::history::{History, Observation};
use crate::forecast::model::{Fit, FitError, Predict};
use crate::forecast::saved::Saved;
use crate::forecast::scale::{Domain, Scale};

/// Any model on the variance-stabilising scale of a series.
#[derive(Debug)]
pub struct OnScale {
    inner: Box<dyn Fit>,
    domain: Option<Domain>,
}

/// A fitted [`OnScale`]. The path is the median of the forecast distribution in so far as the inner path is: the way
/// back is monotone, so medians stay medians, while means do not stay means. The mean is made from the quantiles.
#[derive(Debug)]
pub struct Scaled {
    inner: Box<dyn Predict>,
    scale: Scale,
    bounds: Bounds,
}

/// Where paths are cut on the working scale: the range that was seen, widened by its own length on either side. A
/// trend that runs away would else become infinite on the way back from a logarithm.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bounds {
    low: f64,
    high: f64,
}

impl Bounds {
    fn nothing() -> Self {
        Self { low: f64::INFINITY, high: f64::NEG_INFINITY }
    }

    fn widen(&mut self, z: f64) {
        if z.is_finite() {
            self.low = self.low.min(z);
            self.high = self.high.max(z);
        }
    }

    fn cut(&self, z: f64) -> f64 {
        let room = (self.high - self.low).max(1.0);
        if z.is_finite() { z.clamp(self.low - room, self.high + room) } else { self.high }
    }
}

impl OnScale {
    /// `inner` on the scale of `domain`, or of the narrowest domain that holds the history if that is not known.
    #[must_use]
    pub fn new(inner: Box<dyn Fit>, domain: Option<Domain>) -> Self {
        Self { inner, domain }
    }
}

impl Fit for OnScale {
    fn name(&self) -> String {
        self.inner.name()
    }

    fn minimum(&self) -> usize {
        self.inner.minimum()
    }

    fn fit(&self, history: &History<'_>) -> Result<Box<dyn Predict>, FitError> {
        let domain = self.domain.unwrap_or_else(|| Domain::of(history));
        let scale = Scale::of(domain, history);
        let values: Vec<f64> = (0..history.len()).map(|index| scale.forward(history.observation(index))).collect();
        let inner = self.inner.fit(&History { values: &values, ..*history })?;
        Ok(Box::new(Scaled::new(inner, scale, &values)))
    }
}

impl Scaled {
    /// `inner` as it was fitted to `values`, which are on `scale` already.
    #[must_use]
    pub fn new(inner: Box<dyn Predict>, scale: Scale, values: &[f64]) -> Self {
        let mut bounds = Bounds::nothing();
        for &z in values {
            bounds.widen(z);
        }
        Self { inner, scale, bounds }
    }

    /// The model that was saved as its parts.
    #[must_use]
    pub fn restored(inner: Box<dyn Predict>, scale: Scale, bounds: Bounds) -> Self {
        Self { inner, scale, bounds }
    }

    fn back(&self, values: &mut [f64]) {
        for value in values {
            *value = self.scale.back(self.bounds.cut(*value));
        }
    }
}

impl Predict for Scaled {
    fn update(&mut self, news: Observation) {
        let value = self.scale.forward(news);
        self.bounds.widen(value);
        self.inner.update(Observation { value, ..news });
    }

    fn predict(&self, path: &mut [f64]) {
        self.inner.predict(path);
        self.back(path);
    }

    fn predict_at(&self, horizons: &[usize], values: &mut [f64]) {
        self.inner.predict_at(horizons, values);
        self.back(values);
    }

    fn quantiles(&self, levels: &[f64], out: &mut [f64]) -> bool {
        let known = self.inner.quantiles(levels, out);
        if known {
            self.back(out);
        }
        known
    }

    fn save(&self) -> Saved {
        Saved::Scaled { inner: Box::new(self.inner.save()), scale: self.scale, bounds: self.bounds }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;
    use crate::forecast::history::Grid;
    use crate::forecast::naive::NaiveModel;

    #[test]
    fn paths_come_back_to_the_natural_scale_and_survive_saving() {
        let grid = Grid { start: Timestamp::from_seconds(0), step_s: 60 };
        let model = OnScale::new(Box::new(NaiveModel), Some(Domain::NonNegative));
        let mut fitted = model.fit(&History::new(grid, &[10.0, 20.0, f64::NAN])).expect("long enough");
        fitted.update(Observation::of(40.0));
        let mut path = [0.0; 2];
        fitted.predict(&mut path);
        assert!((path[1] - 40.0).abs() < 1e-9);
        let mut second_only = [0.0];
        fitted.predict_at(&[2], &mut second_only);
        assert_eq!(second_only[0].to_bits(), path[1].to_bits());
        let mut again = [0.0; 2];
        fitted.save().restore().predict(&mut again);
        assert_eq!(path.map(f64::to_bits), again.map(f64::to_bits));
    }
}
