//! Forecasts that wait for their truth: one ring for each horizon.

use serde::{Deserialize, Serialize};

use crate::forecast::interval::Horizons;

/// Up to this horizon a forecast is noted every step, beyond it every [`STRIDE`]th: what is a day away changes
/// little in a quarter of an hour, and a ring for every minute would be the largest part of the state.
const EVERY_STEP: usize = 60;
/// Steps between notes of far horizons.
const STRIDE: usize = 15;

/// Rings of (value, spread) on the working scale. Values are kept in full: rounded to single precision they would be
/// off in the same direction step after step, which on a series that hardly moves is an error to learn from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Pending {
    rings: Vec<Ring>,
    /// Steps so far, modulo [`STRIDE`].
    phase: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Ring {
    stride: usize,
    /// NaN where nothing was noted.
    values: Vec<f64>,
    spreads: Vec<f32>,
    /// The slot whose truth comes with the next step that counts.
    next: usize,
}

impl Pending {
    pub(super) fn new(horizons: &Horizons) -> Self {
        let ring = |&horizon: &usize| {
            let stride = if horizon <= EVERY_STEP || !horizon.is_multiple_of(STRIDE) { 1 } else { STRIDE };
            let steps = horizon / stride;
            Ring { stride, values: vec![f64::NAN; steps], spreads: vec![f32::NAN; steps], next: 0 }
        };
        Self { rings: horizons.as_slice().iter().map(ring).collect(), phase: 0 }
    }

    /// What was forecast of the coming step at the horizon numbered `at`.
    pub(super) fn due(&self, at: usize) -> Option<(f64, f64)> {
        let ring = self.rings.get(at).filter(|ring| self.counts(ring))?;
        let (value, spread) = (ring.values[ring.next], ring.spreads[ring.next]);
        value.is_finite().then_some((value, f64::from(spread)))
    }

    /// Moves on by one step.
    pub(super) fn advance(&mut self) {
        let phase = self.phase;
        for ring in self.rings.iter_mut().filter(|ring| ring.stride == 1 || phase == 0) {
            ring.values[ring.next] = f64::NAN;
            ring.next += 1;
            if ring.next == ring.values.len() {
                ring.next = 0;
            }
        }
        self.phase = if phase + 1 == STRIDE { 0 } else { phase + 1 };
    }

    /// Whether a forecast made now is noted at the horizon numbered `at`.
    pub(super) fn is_wanted(&self, at: usize) -> bool {
        // A step ago the ring's own step was due, and its slot is free again.
        self.rings.get(at).is_some_and(|ring| ring.stride == 1 || self.phase == 1)
    }

    /// Notes a forecast made now. Its slot is the one just left.
    #[expect(clippy::cast_possible_truncation, reason = "seven digits of a spread are plenty")]
    pub(super) fn issue(&mut self, at: usize, value: f64, spread: f64) {
        if !self.is_wanted(at) {
            return;
        }
        if let Some(ring) = self.rings.get_mut(at) {
            let slot = ring.next.checked_sub(1).unwrap_or(ring.values.len() - 1);
            ring.values[slot] = value;
            ring.spreads[slot] = spread as f32;
        }
    }

    fn counts(&self, ring: &Ring) -> bool {
        ring.stride == 1 || self.phase == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forecast_comes_due_after_its_horizon() {
        let horizons = Horizons::up_to(120);
        let mut pending = Pending::new(&horizons);
        for step in 0..400_u16 {
            for (at, &horizon) in horizons.as_slice().iter().enumerate() {
                // What is noted at step s for horizon h is the number s - 1 + h of the step it is about.
                let due = pending.due(at);
                assert!(due.is_none_or(|(about, _)| (about - f64::from(step)).abs() < 1e-9), "{horizon} at {step}");
                let expected = horizon <= 60 && usize::from(step) > horizon;
                assert!(due.is_some() || !expected, "{horizon} at {step}");
            }
            pending.advance();
            for (at, &horizon) in horizons.as_slice().iter().enumerate() {
                let ahead = u16::try_from(horizon).expect("small");
                pending.issue(at, f64::from(step + ahead), 1.0);
            }
        }
    }

    #[test]
    fn far_horizons_come_due_too() {
        let horizons = Horizons::up_to(120);
        let far = horizons.as_slice().len() - 1;
        let mut pending = Pending::new(&horizons);
        let mut due = 0;
        for _ in 0..600 {
            due += u32::from(pending.due(far).is_some());
            pending.advance();
            pending.issue(far, 1.0, 1.0);
        }
        assert_eq!(due, (600 - 120) / 15);
    }
}
