//! What the sums come to.

use super::Tally;

/// The measures of some points. A measure that no point gives is `None`.
#[derive(Debug, Clone, PartialEq)]
pub struct Measures {
    /// Points that were measured.
    pub points: u64,
    /// Points whose truth is a gap.
    pub gaps: u64,
    /// Measured points whose truth is zero, which MAPE leaves out.
    pub zero_truths: u64,
    /// Mean absolute percentage error of the median, in percent.
    pub mape: Option<f64>,
    /// Mean absolute percentage error of the mean over each recorded stretch of steps, in percent.
    pub mape_of_means: Option<f64>,
    /// Symmetric mean absolute percentage error of the median, 0 to 200.
    pub smape: Option<f64>,
    /// Mean absolute error of the median over that of the in-sample naive forecast.
    pub mase: Option<f64>,
    /// Root mean squared error of the mean, in the unit of the values.
    pub rmse: Option<f64>,
    /// The same over the mean absolute truth.
    pub nrmse: Option<f64>,
    /// Pinball loss averaged over the levels, in the unit of the values.
    pub pinball: Option<f64>,
    /// Pinball loss of each level, ascending by level.
    pub pinball_by_level: Vec<(f64, f64)>,
    /// Continuous ranked probability score from the levels: twice the mean pinball loss.
    pub crps: Option<f64>,
    /// The same over the mean absolute truth.
    pub crps_over_mean: Option<f64>,
    /// The central intervals, widest first.
    pub intervals: Vec<Interval>,
}

/// How a central interval did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Share of truths that should lie inside, 0 to 1.
    pub nominal: f64,
    /// Share that did; a truth on the border is inside.
    pub coverage: f64,
    /// Mean width, in the unit of the values.
    pub width: f64,
}

impl Tally {
    /// What was measured so far.
    #[must_use]
    pub fn measures(&self) -> Measures {
        let magnitude = self.magnitude.get().filter(|magnitude| *magnitude > 0.0);
        let relative = |measure: Option<f64>| measure.zip(magnitude).map(|(measure, magnitude)| measure / magnitude);
        let rmse = self.squares.get().map(f64::sqrt);
        let levels = self.levels.as_slice();
        let pinball_by_level: Vec<(f64, f64)> =
            levels.iter().zip(&self.pinball).filter_map(|(level, loss)| Some((*level, loss.get()?))).collect();
        #[expect(clippy::cast_precision_loss, reason = "levels are few")]
        let count = pinball_by_level.len() as f64;
        let total: f64 = pinball_by_level.iter().map(|(_, loss)| loss).sum();
        let pinball = (!pinball_by_level.is_empty()).then(|| total / count);
        let crps = pinball.map(|loss| 2.0 * loss);
        let intervals = self.intervals.iter().filter_map(|interval| {
            let nominal = levels.get(interval.high)? - levels.get(interval.low)?;
            Some(Interval { nominal, coverage: interval.inside.get()?, width: interval.width.get()? })
        });
        Measures {
            points: self.points(),
            gaps: self.gaps,
            zero_truths: self.zero_truths,
            mape: self.percentage.get(),
            mape_of_means: self.percentage_of_means.get(),
            smape: self.symmetric.get(),
            mase: self.scaled.get(),
            rmse,
            nrmse: relative(rmse),
            pinball,
            pinball_by_level,
            crps,
            crps_over_mean: relative(crps),
            intervals: intervals.collect(),
        }
    }
}
