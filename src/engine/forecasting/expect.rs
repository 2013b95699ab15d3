//! What is expected of the coming minutes, noted before they come.
//!
//! A minute is judged some seconds after its end, but trackers learn it only once it is sealed, a quarter of an hour later.
//! So each sealed minute notes what the tracker expects so many minutes on. Whatever happens in between, the note is the
//! same: what a minute is held against does not depend on when files were published.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::domain::ids::ChannelId;
use crate::domain::time::Minute;
use crate::engine::forecasting::channel::ChannelForecasts;
use crate::engine::forecasting::{Forecasting, locked};
use crate::engine::machine::Expected;
use crate::engine::machine::rulebook::LEVELS;
use crate::forecast::interval::Places;
use crate::forecast::output::Levels;

/// Notes that are kept: twice as many as minutes lie between a note and its minute.
const KEPT: usize = 2;

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
pub(super) struct Notes(VecDeque<(Minute, Expected)>);

impl Notes {
    fn of(&self, minute: Minute) -> Option<Expected> {
        self.0.iter().find(|(noted, _)| *noted == minute).map(|(_, expected)| *expected)
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
        self.notes.0.retain(|(noted, _)| *noted < minute);
        self.notes.0.push_back((minute, expected));
        while self.notes.0.len() > KEPT * lead.minutes as usize {
            self.notes.0.pop_front();
        }
    }
}

impl Forecasting {
    /// What was expected of `minute` of `channel`, if it was noted.
    pub(in crate::engine) fn expected(&self, channel: &ChannelId, minute: Minute) -> Option<Expected> {
        self.known(channel).and_then(|forecasts| locked(&forecasts).notes.of(minute))
    }
}
