//! What a time of the season is usually like.
//!
//! The median of the last seasons, step by step, is smoothed twice: widely, which is what levels are told against, and
//! finely, which keeps the edges. A profile with a season of its own in it would know the values that training rows
//! are to forecast, so there are two of them: one for forecasts, and one that leaves the season of each row out.

use serde::{Deserialize, Serialize};

use crate::stats::quantile::quantile_select;

/// Steps on either side of the wide and of the fine smoothing.
const SMOOTH: usize = 30;
const FINE: usize = 6;
/// Weight of the newest detail of a step of the season in the long run: that of a mean of seven seasons.
const MINUTE_WEIGHT: f64 = 1.0 / 7.0;

/// What is expected of a step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Expected {
    /// The widely smoothed median of other seasons.
    pub(super) smooth: f64,
    /// The finely smoothed one.
    pub(super) fine: f64,
    /// The mean detail of this step in other seasons.
    pub(super) minute: f64,
}

/// A source of what is expected of a step; steps are counted from the beginning of the window that was learnt from.
pub(super) trait Profile {
    fn at(&self, step: usize) -> Expected;
}

/// The profile for forecasts: medians of all seasons of the window, and details that follow the news.
///
/// Season-long arrays are in single precision: they are the larger part of a model's memory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Standing {
    smooth: Vec<f32>,
    fine: Vec<f32>,
    minute: Vec<f32>,
}

impl Standing {
    /// Of `window`, whole seasons of `season` steps.
    pub(super) fn of(window: &[f64], season: usize) -> Self {
        let mut values = Vec::new();
        let medians: Vec<f64> =
            (0..season).map(|slot| median(&mut values, window.iter().skip(slot).step_by(season))).collect();
        // Three turns, of which the middle one has whole neighbourhoods.
        let turns = medians.repeat(3);
        let middle = |around: usize| {
            let smooth = smoothed(&turns, around);
            smooth[season..2 * season].iter().map(|value| single(*value)).collect()
        };
        Self { smooth: middle(SMOOTH), fine: middle(FINE), minute: vec![0.0; season] }
    }

    /// Learns the detail of `step`.
    pub(super) fn learn(&mut self, step: usize, detail: f64) {
        let season = self.minute.len();
        let weight = MINUTE_WEIGHT.max(1.0 / whole(step / season + 1));
        let minute = &mut self.minute[step % season];
        *minute += single(weight * (detail - f64::from(*minute)));
    }
}

impl Profile for Standing {
    fn at(&self, step: usize) -> Expected {
        let slot = step % self.smooth.len();
        let read = |values: &[f32]| f64::from(values[slot]);
        Expected { smooth: read(&self.smooth), fine: read(&self.fine), minute: read(&self.minute) }
    }
}

/// The profile for training rows: what is expected of a step comes from the other seasons of the window only.
pub(super) struct LeftOut {
    smooth: Vec<f64>,
    fine: Vec<f64>,
    minute: Vec<f64>,
}

impl LeftOut {
    /// Of `window`, at least two whole seasons of `season` steps, and the details of its steps.
    pub(super) fn of(window: &[f64], details: &[f64], season: usize) -> Self {
        let others = |values: &[f64], middle: &mut dyn FnMut(&mut dyn Iterator<Item = f64>) -> f64| {
            let mut out = Vec::with_capacity(values.len());
            for step in 0..values.len() {
                let slots = values.iter().enumerate().skip(step % season).step_by(season);
                out.push(middle(&mut slots.filter(|(other, _)| *other != step).map(|(_, value)| *value)));
            }
            out
        };
        let mut scratch = Vec::new();
        let medians = others(window, &mut |values| median(&mut scratch, values));
        let minute = others(details, &mut |values| {
            let (sum, known) =
                values.filter(|value| value.is_finite()).fold((0.0, 0.0), |(sum, n), value| (sum + value, n + 1.0));
            sum / f64::max(known, 1.0)
        });
        Self { smooth: smoothed(&medians, SMOOTH), fine: smoothed(&medians, FINE), minute }
    }
}

impl Profile for LeftOut {
    fn at(&self, step: usize) -> Expected {
        let step = step.min(self.smooth.len() - 1);
        Expected { smooth: self.smooth[step], fine: self.fine[step], minute: self.minute[step] }
    }
}

/// The median of what is known of `values`; NaN if that is nothing.
fn median<V: std::borrow::Borrow<f64>>(scratch: &mut Vec<f64>, values: impl Iterator<Item = V>) -> f64 {
    scratch.clear();
    scratch.extend(values.map(|value| *value.borrow()).filter(|value| value.is_finite()));
    quantile_select(scratch, 0.5).unwrap_or(f64::NAN)
}

/// The mean of what is known up to `around` steps on either side. Where that is nothing, the last mean before it, or
/// zero, stands in.
fn smoothed(values: &[f64], around: usize) -> Vec<f64> {
    let mut sums = Vec::with_capacity(values.len() + 1);
    sums.push((0.0, 0.0));
    let (mut sum, mut known) = (0.0, 0.0);
    for value in values {
        if value.is_finite() {
            sum += value;
            known += 1.0;
        }
        sums.push((sum, known));
    }
    let mut last = 0.0;
    let smooth = |step: usize| {
        let (low, high) = (sums[step.saturating_sub(around)], sums[(step + around + 1).min(values.len())]);
        if high.1 > low.1 {
            last = (high.0 - low.0) / (high.1 - low.1);
        }
        last
    };
    (0..values.len()).map(smooth).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "see `Standing`")]
fn single(value: f64) -> f32 {
    value as f32
}

#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn whole(value: usize) -> f64 {
    value as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn training_rows_do_not_see_their_own_season() {
        let mut window = vec![1.0; 400];
        window[100..200].fill(5.0);
        let left_out = LeftOut::of(&window, &window, 100);
        assert_eq!(left_out.at(150), Expected { smooth: 1.0, fine: 1.0, minute: 1.0 });
        assert_eq!(left_out.at(250).fine.to_bits(), 1.0f64.to_bits());
        assert!((left_out.at(250).minute - 7.0 / 3.0).abs() < 1e-12);
        let standing = Standing::of(&window, 100);
        assert_eq!(standing.at(50), Expected { smooth: 1.0, fine: 1.0, minute: 0.0 });
    }

    #[test]
    fn smoothing_skips_gaps() {
        let smooth = smoothed(&[f64::NAN, 1.0, 3.0, f64::NAN, f64::NAN, f64::NAN, 9.0], 1);
        assert_eq!(smooth, [1.0, 2.0, 2.0, 3.0, 3.0, 9.0, 9.0]);
    }
}
