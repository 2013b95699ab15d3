//! From where candidates are judged.

use crate::forecast::history::History;

/// Origins at most with a season: one for each seventh of it or each day of a week.
const MOST: usize = 7;

/// Origins at most without one. Fits are cheap then, and series without a season are mostly thin and noisy: from seven
/// origins close together the best model is not told from a lucky one.
const MOST_PLAIN: usize = 21;

/// Steps that are left before the oldest origin if a third can still be judged: with fewer, a model that is only just
/// possible now could not be fitted there and would be out of the running.
const FIT: usize = 12;

/// The origins and how far each looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Origins {
    /// Steps before each origin, newest first; at least one unless there is a single step.
    pub at: Vec<usize>,
    /// Steps judged from each.
    pub horizon: usize,
}

impl Origins {
    /// Origins in the newer half of `history`, which all end inside of it. Where a season fits into the horizon they
    /// are a season apart, without a season spread evenly. Longer seasons are cut into sevenths, of which as many lie between two origins as there is
    /// room for: seven is prime, so that every seventh of the day is judged once.
    pub(super) fn of(history: &History<'_>, season: Option<usize>, horizon: usize) -> Self {
        let len = history.len();
        let horizon = horizon.min(len / 3).max(1);
        let room = (len / 2).max((2 * len / 3).min(FIT));
        let most = if season.is_some() { MOST } else { MOST_PLAIN };
        let stride = match season {
            Some(season) if season <= horizon => season,
            Some(season) => {
                let sevenths = (room / MOST * 7 / season).min(6);
                (sevenths * season / 7).max(horizon.div_ceil(2))
            }
            None => (room.saturating_sub(horizon) / most).max(horizon.div_ceil(2)),
        };
        let newest = len.saturating_sub(horizon);
        let at = (0..most).map_while(|back| newest.checked_sub(back * stride));
        let mut at: Vec<usize> = at.take_while(|&origin| origin >= room.max(1)).collect();
        if at.is_empty() && newest > 0 {
            at.push(newest);
        }
        Self { at, horizon }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;
    use crate::forecast::history::Grid;

    fn origins(len: usize, season: Option<usize>, horizon: usize) -> Origins {
        let values = vec![0.0; len];
        Origins::of(&History::new(Grid { start: Timestamp::from_seconds(0), step_s: 60 }, &values), season, horizon)
    }

    #[test]
    fn origins_lie_in_the_newer_half_and_meet_every_part_of_the_season() {
        let hours = origins(700, Some(24), 48);
        assert_eq!(hours.at, [652, 628, 604, 580, 556, 532, 508]);
        let minutes = origins(10_080, Some(1_440), 60);
        assert_eq!(minutes.at.len(), 7);
        let mut sevenths: Vec<usize> = minutes.at.iter().map(|origin| origin % 1_440 * 7 / 1_440).collect();
        sevenths.sort_unstable();
        sevenths.dedup();
        assert!(sevenths.len() >= 6, "{:?}", minutes.at);
        assert!(minutes.at.iter().all(|origin| *origin >= 5_040));
    }

    #[test]
    fn a_short_history_has_fewer() {
        assert_eq!(origins(100, Some(24), 48), Origins { at: vec![67], horizon: 33 });
        let few = origins(15, None, 1).at;
        assert_eq!(few, [14, 13, 12, 11, 10], "ten steps are enough for most models, seven are not");
        let plain = origins(600, None, 15).at;
        assert!(plain.len() == 21 && plain.last().is_some_and(|oldest| *oldest < 330), "{plain:?}");
        assert_eq!(origins(2, None, 48), Origins { at: vec![1], horizon: 1 });
        assert_eq!(origins(1, None, 48).at, [] as [usize; 0]);
        assert_eq!(origins(0, None, 48).at, [] as [usize; 0]);
    }
}
