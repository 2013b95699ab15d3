//! What is expected of the coming minutes, noted before they come.
//!
//! A minute is judged some seconds after its end, but trackers learn it only once it is sealed, a quarter of an hour later.
//! So each sealed minute notes what the tracker expects so many minutes on. Whatever happens in between, the note is the
//! same: what a minute is held against does not depend on when files were published. Of minutes that are over it is remembered
//! for some hours, for people who compare it with what came.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::domain::ids::ChannelId;
use crate::domain::time::Minute;
use crate::engine::Engine;
use crate::engine::forecasting::channel::{ChannelForecasts, SERIES};
use crate::engine::forecasting::{Forecasting, locked};
use crate::engine::machine::Expected;
use crate::engine::machine::rulebook::LEVELS;
use crate::forecast::interval::Places;
use crate::forecast::output::Levels;

/// Notes that are kept: twice as many as minutes lie between a note and its minute.
const KEPT: usize = 2;

/// Minutes of which it is remembered what was expected: three hours and what is still to come.
const REMEMBERED: usize = 200;

/// Which of [`LEVELS`] are remembered: 5 %, the median and 95 %.
const SHOWN: [usize; 3] = [1, 3, 5];

/// The quantiles that were expected of a minute at 0.05, 0.5 and 0.95, for each series that had a forecast. In single precision:
/// pictures show no more.
pub type Remembered = [Option<[f32; SHOWN.len()]>; SERIES];

/// What was expected of some minutes before they came.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Expectations {
    /// Minutes between the newest minute that was known then and the one that was expected.
    pub lead_minutes: u32,
    /// The minutes in their order.
    pub minutes: Vec<(Minute, Remembered)>,
}

/// Minutes ahead, and the levels that are noted.
#[derive(Debug, Clone)]
pub(super) struct Lead {
    minutes: u32,
    places: Option<Places>,
}

impl Lead {
    /// Long enough for every minute to be noted before it is judged, if minutes are sealed `late_window_s` after their end
    /// and published every `flush_every_s`.
    pub(super) fn of(late_window_s: i64, flush_every_s: i64) -> Self {
        let minutes = u32::try_from((late_window_s + flush_every_s) / 60 + 2).unwrap_or(1).max(1);
        Self { minutes, places: Levels::new(LEVELS.to_vec()).ok().map(|levels| Places::from(&levels)) }
    }
}

impl Default for Lead {
    fn default() -> Self {
        Self::of(600, 300)
    }
}

/// What is expected of the coming minutes of one channel, in their order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Notes {
    newest: VecDeque<(Minute, Expected)>,
    remembered: VecDeque<(Minute, Remembered)>,
}

impl Notes {
    fn of(&self, minute: Minute) -> Option<Expected> {
        self.newest.iter().find(|(noted, _)| *noted == minute).map(|(_, expected)| *expected)
    }

    /// Puts down what is expected of `minute`, which takes the place of what was noted of it and of later ones.
    fn put(&mut self, minute: Minute, expected: &Expected, kept: usize) {
        #[expect(clippy::cast_possible_truncation, reason = "single precision is what is remembered")]
        let shown = expected.map(|row| row.map(|row| SHOWN.map(|at| row[at] as f32)));
        note(&mut self.newest, minute, *expected, kept);
        if shown.iter().any(Option::is_some) {
            note(&mut self.remembered, minute, shown, REMEMBERED);
        }
    }
}

fn note<T>(of: &mut VecDeque<(Minute, T)>, minute: Minute, expected: T, kept: usize) {
    of.retain(|(noted, _)| *noted < minute);
    of.push_back((minute, expected));
    while of.len() > kept {
        of.pop_front();
    }
}

impl ChannelForecasts {
    /// Notes what is expected `lead` minutes behind the newest sealed one.
    pub(super) fn note(&mut self, lead: &Lead) {
        let (Some(next), Some(places)) = (self.next, &lead.places) else { return };
        let minute = next.plus(lead.minutes - 1);
        let mut expected: Expected = Expected::default();
        for (slot, fitted) in expected.iter_mut().zip(&self.series) {
            *slot = fitted.as_ref().map(|fitted| {
                let mut row = [0.0; LEVELS.len()];
                fitted.tracker.ahead(lead.minutes as usize, places, &mut row);
                row
            });
        }
        self.notes.put(minute, &expected, KEPT * lead.minutes as usize);
    }
}

impl Forecasting {
    /// What was expected of `minute` of `channel`, if it was noted.
    pub(in crate::engine) fn expected(&self, channel: &ChannelId, minute: Minute) -> Option<Expected> {
        self.known(channel).and_then(|forecasts| locked(&forecasts).notes.of(minute))
    }
}

impl Engine {
    /// What was expected of the minutes of `channel` in `[from, to)`, as far as it is remembered: some three hours, and only of
    /// minutes behind a first fit.
    #[must_use]
    pub fn expectations(&self, channel: &ChannelId, from: Minute, to: Minute) -> Expectations {
        let minutes = self.0.forecasting.known(channel).map(|forecasts| {
            let forecasts = locked(&forecasts);
            let remembered = forecasts.notes.remembered.iter();
            remembered.filter(|(minute, _)| (from..to).contains(minute)).copied().collect()
        });
        Expectations { lead_minutes: self.0.forecasting.lead.minutes, minutes: minutes.unwrap_or_default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_expected_is_remembered_for_three_hours() {
        assert_eq!(SHOWN.map(|at| LEVELS[at].to_bits()), [0.05, 0.5, 0.95].map(f64::to_bits));
        let mut notes = Notes::default();
        let mut expected = Expected::default();
        notes.put(Minute(0), &expected, 30);
        assert_eq!((notes.newest.len(), notes.remembered.len()), (1, 0), "nothing was expected");
        for minute in 0..500 {
            expected[2] = Some([f64::from(minute); LEVELS.len()]);
            notes.put(Minute(minute), &expected, 30);
        }
        assert_eq!((notes.newest.len(), notes.remembered.len()), (30, REMEMBERED));
        assert_eq!((notes.of(Minute(470)), notes.of(Minute(469))).1, None);
        let (minute, oldest) = notes.remembered[0];
        assert_eq!((minute, oldest[2], oldest[0]), (Minute(300), Some([300.0; 3]), None));
    }
}
