//! What a value says beside its neighbourhood: the pattern of single steps that a smooth level cannot hold, for
//! example jobs that start on the hour.

use serde::{Deserialize, Serialize};

/// Steps on either side of the smooth neighbourhood.
const WIDE: usize = 15;
/// Steps on either side of the neighbourhood that a detail is taken against.
const NEAR: usize = 8;
/// Details beyond this many times their typical size count as this many.
const CLIP: f64 = 6.0;

/// The last values, and how large details are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Detail {
    /// Oldest first; NaN for gaps.
    recent: [f64; 2 * WIDE + 1],
    /// Mean absolute detail.
    size: f64,
    known: u32,
    /// Weight of the newest detail in the mean in the long run: one season's worth.
    weight: f64,
}

impl Detail {
    /// Steps after which the detail of a step is known.
    pub(super) const DELAY: usize = NEAR;
    /// Steps after which the mean around a step is known.
    pub(super) const WIDE_DELAY: usize = WIDE;

    pub(super) fn new(weight: f64) -> Self {
        Self { recent: [f64::NAN; 2 * WIDE + 1], size: 0.0, known: 0, weight }
    }

    /// Adds the newest value, NaN for a gap, and returns the detail of the step [`Detail::DELAY`] steps before it,
    /// unless that is a gap or has mostly gaps around it.
    pub(super) fn push(&mut self, value: f64) -> Option<f64> {
        self.recent.rotate_left(1);
        self.recent[2 * WIDE] = value;
        let near = &self.recent[2 * (WIDE - NEAR)..];
        let centre = near[NEAR];
        let (mean, known) = mean(near);
        if !centre.is_finite() || known <= NEAR {
            return None;
        }
        let detail = centre - mean;
        self.known = self.known.saturating_add(1);
        self.size += self.weight.max(1.0 / f64::from(self.known)) * (detail.abs() - self.size);
        Some(detail.clamp(-CLIP * self.size, CLIP * self.size))
    }

    /// The mean around the step [`Detail::WIDE_DELAY`] steps before the newest; NaN if all of it is a gap.
    pub(super) fn around(&self) -> f64 {
        mean(&self.recent).0
    }
}

/// Mean and number of the known values.
#[expect(clippy::cast_precision_loss, reason = "few values")]
fn mean(values: &[f64]) -> (f64, usize) {
    let (mut sum, mut known) = (0.0, 0);
    for value in values.iter().filter(|value| value.is_finite()) {
        sum += value;
        known += 1;
    }
    (sum / known as f64, known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spike_is_a_detail_eight_steps_later() {
        let mut detail = Detail::new(0.01);
        let mut found = Vec::new();
        for step in 0..60 {
            let wave = f64::from(step % 2);
            found.push(detail.push(if step == 40 { f64::NAN } else { wave }));
        }
        assert_eq!(found[7], None, "only half of the neighbourhood is known");
        // Around an odd step of a full window lie 9 odd ones and 8 even ones.
        assert!((found[31].expect("known") - (1.0 - 9.0 / 17.0)).abs() < 1e-12);
        assert_eq!(found[48], None);
        assert!((detail.around() - 15.0 / 30.0).abs() < 0.05);
    }
}
