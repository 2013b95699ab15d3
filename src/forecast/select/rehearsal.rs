//! Intervals that have seen the end of the history before the first forecast that counts.

use crate::forecast::history::History;
use crate::forecast::interval::{Horizons, Intervals};
use crate::forecast::model::Predict;
use crate::forecast::scale::{Domain, Scaled};
use crate::forecast::select::Selection;
use crate::forecast::select::race::Course;

/// Steps that are walked through: a day of minutes, so that an outer quantile has moved some seventy times.
const STEPS: usize = 1_440;

/// The shortest history, in rehearsals, of which enough is left to fit the models to.
const ROOM: usize = 4;

impl Selection {
    /// Fits the models with a share to what lies before the last steps and walks them through those, one by one.
    /// `None` if the history is too short for it.
    pub(super) fn rehearse(&self, course: &Course<'_>, domain: Domain, shares: &[f64]) -> Option<Intervals> {
        let Course { history, working, scale, .. } = *course;
        let start = history.len().checked_sub(STEPS).filter(|_| history.len() >= ROOM * STEPS)?;
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
}
