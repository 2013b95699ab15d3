//! What a pool of series is trained on, and when.
//!
//! Every fit needs a pool of its own time: at the oldest origin from which candidates are judged, which lies in the
//! newer half of the history, and at its end. A pool costs as much as some fits do, so that they are trained at most
//! once a season, and only where a fit needs one; a pool that is a little older than it might be says much the same.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::domain::time::Timestamp;
use crate::forecast::global::{Cycles, Pool, Training};
use crate::forecast::history::History;
use crate::forecast::scale::Domain;
use crate::forecast::select::{race, working_scale};

/// Series that a pool is trained on at most. What they have in common is known long before, and cost and memory do not
/// grow with their number.
const MOST: usize = 64;

/// A pool of some series, as they were known at one instant.
#[derive(Debug)]
pub struct PoolTraining {
    domain: Option<Domain>,
    until: Timestamp,
    training: Training,
}

impl PoolTraining {
    /// A pool of `series` series at most, whose values are of `domain` if that is known, of what was known at `until`.
    #[must_use]
    pub fn new(cycles: Cycles, domain: Option<Domain>, until: Timestamp, series: usize) -> Self {
        let steps = cycles.seen(usize::MAX).saturating_mul(series.min(MOST));
        Self { domain, until, training: Training::new(cycles, steps) }
    }

    /// Which of `series` series are to be shown: all, or so many evenly spread ones as are enough.
    pub fn sample(series: usize) -> impl Iterator<Item = usize> {
        let some = series.min(MOST);
        (0..some).map(move |at| at * series / some)
    }

    /// Takes what was known of a series. Whether that was enough to learn from.
    pub fn add(&mut self, history: &History<'_>) -> bool {
        let seconds = self.until.seconds_since(history.grid.start);
        let steps = (seconds / f64::from(history.grid.step_s.max(1))).max(0.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is cut to the length")]
        let known = history.until(steps as usize);
        let values = race::forward(&known, working_scale(self.domain, &known));
        self.training.add(&History { values: &values, ..known })
    }

    /// The pool; `None` of fewer than two series: a single one learns as much for itself.
    #[must_use]
    pub fn finish(self) -> Option<Pool> {
        (self.training.series() >= 2).then(|| self.training.finish())
    }
}

/// The pool of what was known of `histories` at `until`, whose values are of `domain` if that is known; `None` if they
/// have too little in common.
#[must_use]
pub fn pool(cycles: Cycles, domain: Option<Domain>, histories: &[History<'_>], until: Timestamp) -> Option<Pool> {
    let begun: Vec<&History<'_>> = histories.iter().filter(|history| history.grid.start < until).collect();
    let mut training = PoolTraining::new(cycles, domain, until, begun.len());
    for history in PoolTraining::sample(begun.len()).filter_map(|at| begun.get(at)) {
        training.add(history);
    }
    training.finish()
}

/// The instants at which pools are to be trained for fits to these stretches of time, oldest first: seasons of
/// `season_s` seconds before the newest end of all, of which only those are here that some fit meets.
#[must_use]
pub fn ends(fits: &[Range<Timestamp>], season_s: i64) -> Vec<Timestamp> {
    let Some(newest) = fits.iter().map(|fit| fit.end).max() else { return Vec::new() };
    let season = season_s.max(1).saturating_mul(1_000_000);
    let before = |instant: Timestamp| {
        let back = newest.micros().saturating_sub(instant.micros());
        newest.plus_micros((back / season + i64::from(back % season > 0)).saturating_mul(season).saturating_neg())
    };
    let middle = |fit: &Range<Timestamp>| Timestamp::from_micros(i64::midpoint(fit.start.micros(), fit.end.micros()));
    let all: BTreeSet<Timestamp> = fits.iter().flat_map(|fit| [before(middle(fit)), before(fit.end)]).collect();
    all.into_iter().collect()
}

#[cfg(test)]
mod tests;
