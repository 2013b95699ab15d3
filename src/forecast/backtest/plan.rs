//! Which parts of a history are forecast from which.

use std::ops::Range;

use super::TooShort;
use crate::forecast::history::History;
use crate::forecast::model::ParameterError;
use crate::forecast::output::Levels;

/// What a model is fitted to in each fold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Window {
    /// Everything before the origin.
    #[default]
    Expanding,
    /// That many steps before the origin, or what there is of them.
    Fixed(usize),
}

impl Window {
    /// The part of `known` that lies in the window.
    #[must_use]
    pub fn of<'a>(&self, known: &History<'a>) -> History<'a> {
        match *self {
            Self::Expanding => *known,
            Self::Fixed(steps) => known.tail(steps),
        }
    }
}

/// A plan before its check.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanOptions {
    /// Steps that each fold forecasts, at least 1.
    pub horizon: usize,
    /// Number of folds, at least 1.
    pub folds: usize,
    /// Steps between the origins of two folds, at least 1.
    pub step: usize,
    /// What models are fitted to.
    pub window: Window,
    /// Each how many folds a model is fitted anew, at least 1; in between it is only updated.
    pub refit_every: usize,
    /// At which levels quantiles are measured. The median is always among them.
    pub levels: Levels,
    /// Lag of the naive forecast that scales MASE, at least 1; see
    /// [`scale_lag`](crate::forecast::measure::scale::scale_lag).
    pub scale_lag: usize,
    /// Numbers of first steps of each fold that are measured apart too, at least 1 each; what lies beyond the horizon
    /// does not count.
    pub within: Vec<usize>,
    /// Truths with fewer calls behind them are left out as gaps are; the history keeps them. Those of unknown count
    /// stay.
    pub least_count: f64,
}

/// A checked plan: fold `k` counted from the newest ends `k * step` steps before the end of the history.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan(PlanOptions);

impl Plan {
    /// Checks `options`.
    ///
    /// # Errors
    /// If a number is zero that must not be.
    pub fn new(options: PlanOptions) -> Result<Self, ParameterError> {
        let window = if let Window::Fixed(steps) = options.window { steps } else { 1 };
        let numbers = [
            ("horizon", options.horizon),
            ("folds", options.folds),
            ("step", options.step),
            ("window", window),
            ("refit_every", options.refit_every),
            ("scale_lag", options.scale_lag),
            ("within", options.within.iter().copied().min().unwrap_or(1)),
        ];
        if let Some((parameter, _)) = numbers.into_iter().find(|(_, number)| *number == 0) {
            return Err(ParameterError { parameter, needed: "at least 1", found: "0".to_owned() });
        }
        Ok(Self(PlanOptions { levels: options.levels.with_median(), ..options }))
    }

    /// Steps that each fold forecasts.
    #[must_use]
    pub const fn horizon(&self) -> usize {
        self.0.horizon
    }

    /// Number of folds.
    #[must_use]
    pub const fn folds(&self) -> usize {
        self.0.folds
    }

    /// What models are fitted to.
    #[must_use]
    pub const fn window(&self) -> Window {
        self.0.window
    }

    /// At which levels quantiles are measured, the median among them.
    #[must_use]
    pub const fn levels(&self) -> &Levels {
        &self.0.levels
    }

    /// The same plan with another lag of the naive forecast that scales MASE; 0 counts as 1.
    #[must_use]
    pub fn with_scale_lag(&self, lag: usize) -> Self {
        Self(PlanOptions { scale_lag: lag.max(1), ..self.0.clone() })
    }

    /// What the models of the oldest fold are fitted to: nothing behind it is known to anyone.
    ///
    /// # Errors
    /// If there is no step before the oldest origin.
    pub fn known_first<'a>(&self, history: &History<'a>) -> Result<History<'a>, TooShort> {
        let oldest = self.origins(history.len())?.first().copied().unwrap_or(0);
        Ok(self.window().of(&history.until(oldest)))
    }

    /// Lag of the naive forecast that scales MASE.
    #[must_use]
    pub const fn scale_lag(&self) -> usize {
        self.0.scale_lag
    }

    /// Numbers of first steps that are measured apart.
    #[must_use]
    pub fn within(&self) -> &[usize] {
        &self.0.within
    }

    /// Calls behind a truth without which it is left out.
    #[must_use]
    pub const fn least_count(&self) -> f64 {
        self.0.least_count
    }

    /// Whether fold `fold`, counted from the oldest, is in the newer half of the folds. Of an odd number, the newer half
    /// is the longer.
    pub(super) const fn is_newer(&self, fold: usize) -> bool {
        fold >= self.0.folds / 2
    }

    /// Whether a model is fitted anew in fold `fold`, counted from the oldest.
    pub(super) const fn refits_at(&self, fold: usize) -> bool {
        fold.is_multiple_of(self.0.refit_every)
    }

    /// The steps of a history of `len` steps that a fold is fitted to, for every fold that fits anew, oldest first.
    ///
    /// # Errors
    /// If there is no step before the oldest origin.
    pub fn fits(&self, len: usize) -> Result<Vec<Range<usize>>, TooShort> {
        let origins = self.origins(len)?.into_iter().enumerate().filter(|(fold, _)| self.refits_at(*fold));
        let start = |origin: usize| match self.0.window {
            Window::Expanding => 0,
            Window::Fixed(steps) => origin.saturating_sub(steps),
        };
        Ok(origins.map(|(_, origin)| start(origin)..origin).collect())
    }

    /// Steps before the origin of each fold in a history of `len` steps, oldest fold first.
    ///
    /// # Errors
    /// If there is no step before the oldest origin.
    pub(super) fn origins(&self, len: usize) -> Result<Vec<usize>, TooShort> {
        let PlanOptions { horizon, folds, step, .. } = self.0;
        let span = (folds - 1).saturating_mul(step).saturating_add(horizon);
        match len.checked_sub(span).filter(|oldest| *oldest > 0) {
            Some(oldest) => Ok((0..folds).map(|fold| oldest + fold * step).collect()),
            None => Err(TooShort { folds, horizon, needed: span.saturating_add(1), found: len }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> PlanOptions {
        PlanOptions {
            horizon: 3,
            folds: 2,
            step: 4,
            window: Window::Expanding,
            refit_every: 2,
            levels: Levels::new(vec![0.1]).expect("valid"),
            scale_lag: 1,
            within: Vec::new(),
            least_count: 0.0,
        }
    }

    #[test]
    fn the_last_steps_of_each_fold_are_the_truth() {
        let plan = Plan::new(options()).expect("valid");
        assert_eq!(plan.origins(10), Ok(vec![3, 7]));
        assert_eq!(plan.levels().as_slice(), [0.1, 0.5]);
        assert_eq!([plan.refits_at(0), plan.refits_at(1), plan.refits_at(2)], [true, false, true]);
        let short = plan.origins(7).expect_err("nothing lies before the oldest origin");
        assert_eq!(short.to_string(), "2 folds of 3 steps need at least 8 steps, there are 7");
    }

    #[test]
    fn a_zero_is_named() {
        let wrong = Plan::new(PlanOptions { step: 0, ..options() }).expect_err("no step");
        assert_eq!(wrong.to_string(), "step must be at least 1, is 0");
        assert!(Plan::new(PlanOptions { window: Window::Fixed(0), ..options() }).is_err());
        let wrong = Plan::new(PlanOptions { within: vec![3, 0], ..options() }).expect_err("no steps");
        assert_eq!(wrong.to_string(), "within must be at least 1, is 0");
    }
}
