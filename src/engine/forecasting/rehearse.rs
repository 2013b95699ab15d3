//! Risks of the past, walked through by models that knew only what came before, so that the first live ones are
//! calibrated. It follows the first fits of a channel and costs about as much as one of them.

use crate::domain::ids::ChannelId;
use crate::domain::target::Target;
use crate::domain::time::{MINUTES_PER_DAY, Minute};
use crate::engine::Engine;
use crate::engine::forecasting::channel::Row;
use crate::engine::forecasting::fit::{column, rows_of};
use crate::engine::forecasting::locked;
use crate::engine::machine::Class;
use crate::engine::machine::foresight::{Foresight, Walker, targets};
use crate::engine::machine::rehearsal::walk;
use crate::forecast::champion::{self, MINIMUM};
use crate::forecast::history::{Grid, History, Span};

/// Most minutes that are walked through.
const MOST: u32 = 3 * MINUTES_PER_DAY;
/// The part of the history that is walked through.
const PART: u32 = 3;

impl Engine {
    /// Has the risks of every route class of `channel` learn from its past, where they have not. Blocks.
    pub(super) fn rehearse(&self, channel: &ChannelId) {
        let Some(detect) = &self.settings().detect else { return };
        let wanting = |class: &&Class| self.wants_rehearsal(&class.name, channel);
        let classes: Vec<&Class> = detect.book.classes_of(channel).filter(wanting).collect();
        let forecasts = self.0.forecasting.channel(channel);
        let Some(to) = locked(&forecasts).next.filter(|_| !classes.is_empty()) else { return };
        let days = self.settings().forecast.history_days;
        let samples = match self.samples_of(channel, to.minus(days.saturating_mul(MINUTES_PER_DAY)), to) {
            Ok(samples) => samples,
            Err(error) => return tracing::warn!(%channel, %error, "risks are not calibrated by the past"),
        };
        let Some((start, rows)) = rows_of(&samples, u32::MAX) else { return };
        let end = start.plus(u32::try_from(rows.len()).unwrap_or(u32::MAX));
        let from = end.minus((end.0.saturating_sub(start.0) / PART).min(MOST));
        let known = &rows[..(from.0.saturating_sub(start.0) as usize).min(rows.len())];
        let trouble = self.trouble(channel, start, from);
        for class in classes {
            let abnormal = |target| trouble.of(target, start, from);
            if let Some(walkers) = self.walkers(class, start, known, abnormal) {
                let steps = walk(&detect.book, class, Foresight::new(walkers), from, &samples);
                self.learn_risks(class, channel, &steps);
            }
        }
    }

    /// What walks: champions that were chosen and fitted by what was `known`. `None` if that is too little.
    fn walkers(
        &self,
        class: &Class,
        start: Minute,
        known: &[Row],
        abnormal: impl Fn(Target) -> Vec<Span>,
    ) -> Option<Vec<Walker>> {
        let follow = |target: Target| {
            let slot = Target::ALL.into_iter().position(|known| known == target)?;
            let (values, counts) = column(start, known, slot, &abnormal(target));
            let history = History::new(Grid { start: start.start(), step_s: 60 }, &values).with_counts(&counts);
            let pools = self.0.forecasting.pools(target);
            let enough = history.observed() >= MINIMUM;
            let tracker = enough.then(|| champion::choose(target, &history, &pools).ok()).flatten()?.tracker;
            let panel = self.panel(tracker.draw().persistence)?;
            Some(Walker { target, tracker, panel })
        };
        targets(class).into_iter().map(follow).collect()
    }
}
