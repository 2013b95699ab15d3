//! Intervals that have seen the end of the history before the first forecast that counts.

use crate::forecast::history::History;
use crate::forecast::interval::{Horizons, Intervals};
use crate::forecast::model::Predict;
use crate::forecast::scale::{Domain, Scaled};
use crate::forecast::select::Selection;
use crate::forecast::select::race::Course;

/// Fewer steps teach less than the size of the errors at the origins of the selection says.
const LEAST: usize = 60;

/// Seasons that have to be left to fit the models to.
const SEASONS: usize = 2;

impl Selection {
    /// Fits the models with a share to what lies before the last steps and walks them through those, one by one.
    /// `None` if the history is too short for it, and where a season fits into the horizon: then the spread depends on
    /// the phase of the season more than on the distance.
    pub(super) fn rehearse(&self, course: &Course<'_>, domain: Domain, shares: &[f64]) -> Option<Intervals> {
        let Course { history, working, scale, .. } = *course;
        let start = self.start(history.len())?;
        let before: History<'_> = working.until(start);
        let inner = self.fit_all(&before, &mut shares.to_vec()).ok()?;
        let mut model = Scaled::new(inner, scale, before.values);
        let horizons = Horizons::up_to(self.options.horizon);
        let mut intervals = Intervals::new(domain, scale, horizons, self.options.season);
        let horizons = intervals.horizons().as_slice().to_vec();
        let mut values = Vec::with_capacity(horizons.len());
        for index in start..history.len() {
            let wanted = intervals.wanted();
            let wanted = &horizons[..horizons.partition_point(|horizon| *horizon <= wanted)];
            values.resize(wanted.len(), 0.0);
            model.predict_at(wanted, &mut values);
            intervals.issue_at(wanted, &values);
            let news = history.observation(index);
            intervals.observe(news);
            model.update(news);
        }
        Some(intervals)
    }

    /// Where the rehearsal of a history of `len` steps begins, if there is one.
    fn start(&self, len: usize) -> Option<usize> {
        let left = match self.options.season {
            Some(season) if season <= self.options.horizon => return None,
            Some(season) => SEASONS * season,
            None => 0,
        };
        let steps = Intervals::rehearsal(len).min(len.saturating_sub(left));
        (steps >= LEAST).then(|| len - steps)
    }
}
