//! What the features of a channel are called, and whom they blame.

use std::fmt;

use super::{FEATURES, RATIOS};
use crate::domain::target::Target;

/// One feature of a channel's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Feature {
    /// The target it belongs to, which is to blame if the feature is odd.
    pub target: Target,
    /// What of the target.
    pub kind: Kind,
}

/// What a feature is of its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Its level.
    Level,
    /// Its difference to the minute before.
    Difference,
    /// What a seasonal forecast left of it.
    Residual,
    /// Its ratio to another target.
    Ratio(Target),
}

impl Feature {
    /// Every feature, in the order of a row.
    #[must_use]
    pub fn all() -> [Self; FEATURES] {
        let of = |kind| Target::ALL.into_iter().map(move |target| Self { target, kind });
        let mut features = of(Kind::Level).chain(of(Kind::Difference)).chain(of(Kind::Residual));
        let mut ratios = RATIOS.into_iter().map(|(target, whole)| Self { target, kind: Kind::Ratio(whole) });
        let first = Self { target: Target::ErrorRatio, kind: Kind::Level };
        std::array::from_fn(|_| features.next().or_else(|| ratios.next()).unwrap_or(first))
    }

    /// For each target that is to blame what its features contribute together, the most guilty first; targets that
    /// make the row more ordinary are left out. `bits` are those of [`crate::anomaly::forest::Blame`].
    #[must_use]
    pub fn targets_to_blame(bits: &[f64]) -> Vec<(Target, f64)> {
        let of = |target: Target| {
            let own = Self::all().into_iter().zip(bits).filter(|(feature, _)| feature.target == target);
            (target, own.map(|(_, bits)| *bits).sum::<f64>())
        };
        let mut guilty: Vec<_> = Target::ALL.into_iter().map(of).filter(|(_, bits)| *bits > 0.0).collect();
        guilty.sort_by(|(_, left), (_, right)| right.total_cmp(left));
        guilty
    }
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::Level => write!(f, "{}", self.target),
            Kind::Difference => write!(f, "{} difference", self.target),
            Kind::Residual => write!(f, "{} residual", self.target),
            Kind::Ratio(whole) => write!(f, "{} / {whole}", self.target),
        }
    }
}
