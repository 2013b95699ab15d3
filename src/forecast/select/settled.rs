//! A choice that was made, as a model: the same candidates with the same shares, without another race.

use crate::forecast::history::History;
use crate::forecast::model::{Fit, FitError, Predict};
use crate::forecast::scale::Scaled;
use crate::forecast::select::{NAME, Selection, SelectionReport, race, working_scale};
use crate::forecast::shift;

/// A champion whose shares are decided.
#[derive(Debug)]
pub struct Settled {
    selection: Selection,
    shares: Vec<f64>,
}

impl Selection {
    /// The champion that `report`, of an earlier choice among these candidates, describes. Candidates that it does not
    /// name have no share.
    #[must_use]
    pub fn settle(self, report: &SelectionReport) -> Settled {
        let share = |name: &str| report.candidates.iter().find(|known| known.name == name).map_or(0.0, |it| it.weight);
        let shares = self.candidates.iter().map(|model| share(&model.name())).collect();
        Settled { selection: self, shares }
    }
}

impl Fit for Settled {
    fn name(&self) -> String {
        NAME.to_owned()
    }

    fn minimum(&self) -> usize {
        self.selection.minimum()
    }

    fn fit(&self, history: &History<'_>) -> Result<Box<dyn Predict>, FitError> {
        FitError::unless_enough(NAME, self.minimum(), history)?;
        let scale = working_scale(self.selection.options.domain, history);
        let levelled = shift::levelled(history, scale, self.selection.options.season);
        let history = &History { values: levelled.as_deref().unwrap_or(history.values), ..*history };
        let values = race::forward(history, scale);
        let mut shares = self.shares.clone();
        let inner = self.selection.fit_all(&History { values: &values, ..*history }, &mut shares)?;
        Ok(Box::new(Scaled::new(inner, scale, &values)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;
    use crate::forecast::global::Pools;
    use crate::forecast::history::Grid;
    use crate::forecast::select::{SelectionOptions, candidates};

    #[test]
    fn a_settled_champion_forecasts_what_the_chosen_one_does() {
        let values: Vec<f64> =
            (0..120_u32).map(|step| 50.0 + 10.0 * f64::from(step % 12) + f64::from(step * 7 % 5)).collect();
        let history = History::new(Grid { start: Timestamp::from_seconds(0), step_s: 3_600 }, &values);
        let options = SelectionOptions { horizon: 12, season: Some(12), domain: None, seed: 0 };
        let selection =
            || Selection::new(candidates(&[12], values.len(), 12, &Pools::default()), options).expect("valid");
        let chosen = selection().choose(&history).expect("long enough");
        let settled = selection().settle(&chosen.report).fit(&history).expect("long enough");
        let (mut first, mut second) = ([0.0; 12], [0.0; 12]);
        chosen.champion.predict(&mut first);
        settled.predict(&mut second);
        assert_eq!(first.map(f64::to_bits), second.map(f64::to_bits));
    }
}
