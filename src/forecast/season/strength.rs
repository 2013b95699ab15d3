//! How much of a series a season explains.

use crate::forecast::season::LEAST_PERIOD;
use crate::stats::quantile::quantile_select;

/// Robust standard deviations beyond which a value counts as lying there.
const CLIP: f64 = 5.0;

/// A series around its moving average, folded by a period.
pub struct Cycles {
    /// NaN where there is a gap.
    around: Vec<f64>,
    /// Mean of each phase, 0 for a phase that was never seen.
    profile: Vec<f64>,
    observed: f64,
}

impl Cycles {
    /// Folds what a centred moving average over one period leaves of `values`. Longer waves are gone then, and so is
    /// a wandering level as far as it is slower than the period.
    pub fn around_moving_average(values: &[f64], period: usize) -> Self {
        let level = moving_average(values, period);
        let mut around: Vec<f64> = values.iter().zip(&level).map(|(value, level)| value - level).collect();
        clip(&mut around);
        Self::fold(around, period)
    }

    /// The same values folded by another period.
    pub fn with_period(&self, period: usize) -> Self {
        Self::fold(self.around.clone(), period)
    }

    /// The fold by the period within 2 % (at least one step) of this one that explains most.
    pub fn refined(self) -> Self {
        let period = self.period();
        let reach = (period / 50).max(1);
        let folds = ((period - reach).max(LEAST_PERIOD)..=period + reach).map(|other| self.with_period(other));
        folds.max_by(|a, b| a.strength().total_cmp(&b.strength())).unwrap_or(self)
    }

    /// Steps of one cycle.
    pub const fn period(&self) -> usize {
        self.profile.len()
    }

    fn fold(around: Vec<f64>, period: usize) -> Self {
        let (mut sums, mut counts) = (vec![0.0; period], vec![0.0f64; period]);
        for (index, value) in around.iter().enumerate().filter(|(_, value)| value.is_finite()) {
            sums[index % period] += value;
            counts[index % period] += 1.0;
        }
        let observed = counts.iter().sum();
        let profile = sums.iter().zip(&counts).map(|(sum, count)| sum / count.max(1.0)).collect();
        Self { around, profile, observed }
    }

    /// What is left of step `index`.
    fn rest(&self, index: usize) -> f64 {
        self.around[index] - self.profile[index % self.profile.len()]
    }

    /// Adjusted coefficient of determination of the profile, 0 ..= 1.
    pub fn strength(&self) -> f64 {
        let (mut total, mut left) = (0.0, 0.0);
        for (index, value) in self.around.iter().enumerate().filter(|(_, value)| value.is_finite()) {
            total += value * value;
            left += self.rest(index).powi(2);
        }
        let freedom = self.observed - self.phases();
        if freedom < 1.0 || total <= 1e-12 * self.observed {
            return 0.0;
        }
        (1.0 - left / freedom / (total / self.observed)).clamp(0.0, 1.0)
    }

    /// Standard error of the strength if there is no season: with k cycles it is the mean correlation of k (k - 1) / 2
    /// pairs of cycles, each over as many independent steps as the autocorrelation of what is left allows.
    pub fn standard_error(&self) -> f64 {
        let (mut products, mut squares) = (0.0, 0.0);
        for index in 1..self.around.len() {
            let (before, now) = (self.rest(index - 1), self.rest(index));
            if before.is_finite() && now.is_finite() {
                products += before * now;
                squares += now * now;
            }
        }
        let rho = if squares > 0.0 { (products / squares).clamp(0.0, 0.999) } else { 0.0 };
        let dependent = ((1.0 + rho) / (1.0 - rho)).min(self.phases() / 3.0).max(1.0);
        let cycles = self.observed / self.phases();
        (2.0 * dependent / (cycles * (cycles - 1.0).max(0.1) * self.phases())).sqrt()
    }

    /// Takes the profile out of `values`.
    pub fn remove_from(&self, values: &mut [f64]) {
        for (index, value) in values.iter_mut().enumerate() {
            *value -= self.profile[index % self.profile.len()];
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "at most some thousand steps")]
    fn phases(&self) -> f64 {
        self.profile.len() as f64
    }
}

/// Centred mean of the known values of one period around each step, ends of an even period counted half; the first and
/// the last full one serve the half periods at the ends. NaN only where a whole period is a gap.
fn moving_average(values: &[f64], period: usize) -> Vec<f64> {
    let (mut sums, mut counts) = (vec![0.0; values.len() + 1], vec![0.0; values.len() + 1]);
    for (index, value) in values.iter().enumerate() {
        let known = value.is_finite();
        sums[index + 1] = sums[index] + if known { *value } else { 0.0 };
        counts[index + 1] = counts[index] + f64::from(u8::from(known));
    }
    let half = period / 2;
    let last = values.len().saturating_sub(half + 1).max(half);
    let mean = |centre: usize| {
        let centre = centre.clamp(half, last);
        // Two windows of one period each, which coincide if the period is odd.
        let early = centre - half;
        let late = early + usize::from(period.is_multiple_of(2));
        let over = |from: usize, of: &[f64]| of[(from + period).min(values.len())] - of[from.min(values.len())];
        let count = over(early, &counts) + over(late, &counts);
        if count > 0.0 { (over(early, &sums) + over(late, &sums)) / count } else { f64::NAN }
    };
    (0..values.len()).map(mean).collect()
}

/// Moves values beyond [`CLIP`] robust standard deviations to that distance; nothing if most values are equal.
pub fn clip(around: &mut [f64]) {
    let mut sizes: Vec<f64> = around.iter().filter(|value| value.is_finite()).map(|value| value.abs()).collect();
    let limit = quantile_select(&mut sizes, 0.5).unwrap_or(0.0) * 1.4826 * CLIP;
    if limit > 0.0 {
        for value in around.iter_mut() {
            *value = value.clamp(-limit, limit);
        }
    }
}
