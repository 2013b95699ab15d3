//! A fitted model with quantiles around its path, whether it knows some of its own or not.
//!
//! Models that know their quantiles are asked for them. For the others, [`residuals::Residuals`] are learnt from
//! rolling origins within the history: what the path has missed by, with its sign, for each step ahead.

mod residuals;

use thiserror::Error;

use crate::forecast::history::{Grid, History, Observation};
use crate::forecast::model::{Fit, FitError, Predict};
use crate::forecast::output::{Forecast, Levels};
use residuals::Residuals;

/// Why there is no forecast.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum ForecastError {
    /// The model could not be fitted.
    #[error(transparent)]
    Fit(#[from] FitError),
    /// The model broke its promise of a finite path.
    #[error("{model} gives a value at step {step} that is not finite")]
    NotFinite {
        /// The model's name.
        model: String,
        /// Steps ahead, counted from 1.
        step: usize,
    },
}

/// A fitted model and the spread around its path.
#[derive(Debug)]
pub struct Banded {
    name: String,
    predict: Box<dyn Predict>,
    levels: Levels,
    /// `None` for a model with quantiles of its own.
    residuals: Option<Residuals>,
}

impl Banded {
    /// Fits `model` to `history` and learns its spread up to `horizon` steps ahead.
    ///
    /// # Errors
    /// As [`Fit::fit`].
    pub fn fit(model: &dyn Fit, history: &History<'_>, horizon: usize, levels: Levels) -> Result<Self, FitError> {
        let predict = model.fit(history)?;
        let mut probe = vec![0.0; levels.len()];
        let native = predict.quantiles(levels.as_slice(), &mut probe);
        let residuals = (!native).then(|| Residuals::learn(model, history, horizon));
        Ok(Self { name: model.name(), predict, levels, residuals })
    }

    /// Moves on by one step: the path follows the news, the spread stays.
    pub fn update(&mut self, news: Observation) {
        self.predict.update(news);
    }

    /// The next `horizon` steps, of which `grid` is the first.
    ///
    /// # Errors
    /// If the model gives a value that is not finite.
    pub fn forecast(&self, grid: Grid, horizon: usize) -> Result<Forecast, ForecastError> {
        let levels = self.levels.as_slice();
        let mut mean = vec![0.0; horizon];
        self.predict.predict(&mut mean);
        let mut quantiles = vec![0.0; horizon * levels.len()];
        let rows = quantiles.chunks_exact_mut(levels.len());
        if let Some(residuals) = &self.residuals {
            for (step, (row, &centre)) in rows.zip(&mean).enumerate() {
                residuals.write(step, centre, levels, row);
            }
        } else {
            self.predict.quantiles(levels, &mut quantiles);
            // Quantiles that were fitted one by one may cross; sorting them never makes one worse (Chernozhukov,
            // Fernandez-Val and Galichon, *Quantile and probability curves without crossing*, 2010).
            quantiles.chunks_exact_mut(levels.len()).for_each(|row| row.sort_by(f64::total_cmp));
        }
        let is_sound = |step: &usize| {
            let row = &quantiles[step * levels.len()..][..levels.len()];
            mean[*step].is_finite() && row.iter().all(|quantile| quantile.is_finite())
        };
        match (0..horizon).find(|step| !is_sound(step)) {
            Some(step) => Err(ForecastError::NotFinite { model: self.name.clone(), step: step + 1 }),
            None => Ok(Forecast { grid, model: self.name.clone(), mean, levels: self.levels.clone(), quantiles }),
        }
    }
}

#[cfg(test)]
mod tests;
