//! What coefficients are learnt from: features of past steps, and what came of them.

use crate::forecast::global::detail::Detail;
use crate::forecast::global::profile::LeftOut;
use crate::forecast::global::state::{ORIGIN, State, TARGET};
use crate::forecast::global::window::Window;

/// A row: origin features, target features, and a one for the intercept.
pub(super) const WIDTH: usize = ORIGIN + TARGET + 1;

/// Outcomes beyond this many scales count as this many.
const TRUTH_CLIP: f64 = 12.0;
/// Rows begin after this many steps of a day of minutes, when the levels have settled.
const SETTLING: usize = 400;
const MINUTES: usize = 1_440;

/// The rows of one series.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows {
    origins: Vec<[f64; ORIGIN]>,
    /// For each horizon, one entry for each of `origins`: target features, and the outcome, NaN where unknown.
    targets: Vec<Vec<([f64; TARGET], f64)>>,
}

impl Rows {
    /// Every `stride`th step of `window` as a row, at each of `horizons`, ascending.
    pub(super) fn of(window: &Window, horizons: &[usize], stride: usize) -> Self {
        let (values, season) = (&window.values, window.season);
        let mut rows = Self { origins: Vec::new(), targets: vec![Vec::new(); horizons.len()] };
        let profile = LeftOut::of(values, &details(values, season), season);
        let mut state = State::new(season, window.hour);
        let last = horizons.last().copied().unwrap_or(1);
        let first = SETTLING * season / MINUTES;
        for (step, &value) in values.iter().enumerate().take(values.len().saturating_sub(last)) {
            state.advance(value, &profile);
            if step < first || !(step - first).is_multiple_of(stride) || !value.is_finite() {
                continue;
            }
            rows.origins.push(state.origin(&profile));
            for (targets, &horizon) in rows.targets.iter_mut().zip(horizons) {
                let (smooth, features) = state.target(horizon, &profile);
                let truth = (values[step + horizon] - state.base() - smooth) / state.scale();
                targets.push((features, truth.clamp(-TRUTH_CLIP, TRUTH_CLIP)));
            }
        }
        rows
    }

    /// Number of rows.
    pub(super) fn len(&self) -> usize {
        self.origins.len()
    }

    /// Calls `each` with every row that has an outcome at the horizon numbered `at`, and with that outcome.
    pub(super) fn each(&self, at: usize, mut each: impl FnMut(&[f64; WIDTH], f64)) {
        let mut row = [1.0; WIDTH];
        let targets = self.targets.get(at).map_or(&[][..], Vec::as_slice);
        for (origin, (target, truth)) in self.origins.iter().zip(targets) {
            if truth.is_finite() {
                row[..ORIGIN].copy_from_slice(origin);
                row[ORIGIN..ORIGIN + TARGET].copy_from_slice(target);
                each(&row, *truth);
            }
        }
    }
}

/// The detail of every step; NaN where it is not known.
fn details(values: &[f64], season: usize) -> Vec<f64> {
    #[expect(clippy::cast_precision_loss, reason = "a number of steps")]
    let mut detail = Detail::new(1.0 / season as f64);
    let mut details = vec![f64::NAN; values.len()];
    for (step, &value) in values.iter().enumerate() {
        if let (Some(found), Some(centre)) = (detail.push(value), step.checked_sub(Detail::DELAY)) {
            details[centre] = found;
        }
    }
    details
}
