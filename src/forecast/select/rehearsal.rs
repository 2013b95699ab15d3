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
        let mut path = Vec::with_capacity(self.options.horizon);
        for index in start..history.len() {
            path.resize(intervals.wanted(), 0.0);
            model.predict(&mut path);
            intervals.issue(&path);
            let news = history.observation(index);
            intervals.observe(news);
            model.update(news);
        }
        Some(intervals)
    }
}
