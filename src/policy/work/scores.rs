//! What is known of every model for every kind of work.

use std::collections::BTreeMap;

use rand_xoshiro::Xoshiro256PlusPlus;
use serde::{Deserialize, Serialize};

use crate::domain::time::Timestamp;
use crate::policy::work::arm::{Arm, Draw};
use crate::policy::work::curve::Curve;
use crate::policy::work::{Done, Kind};

/// One kind of work.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Board {
    /// By model.
    pub arms: BTreeMap<String, Arm>,
    /// By model, how it came along day by day.
    pub curves: BTreeMap<String, Curve>,
}

/// Every kind of work.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    boards: Vec<(Kind, Board)>,
}

impl Scores {
    /// Hears how a job of `kind` ended that `model` did; `discount` is what remains of the weight of all jobs before it.
    pub fn hear(&mut self, now: Timestamp, kind: &Kind, model: &str, done: &Done, discount: f64) {
        let board = self.board_mut(kind);
        board.arms.values_mut().for_each(|arm| arm.fade(discount));
        board.arms.entry(model.to_owned()).or_default().hear(done);
        board.curves.entry(model.to_owned()).or_default().hear(now, done);
    }

    /// Every kind with its board, in the order of classes and tiers.
    pub fn boards(&self) -> impl Iterator<Item = &(Kind, Board)> {
        self.boards.iter()
    }

    /// What is known of `kind`.
    #[must_use]
    pub fn board(&self, kind: &Kind) -> Option<&Board> {
        let place = self.boards.binary_search_by(|(known, _)| known.cmp(kind)).ok()?;
        self.boards.get(place).map(|(_, board)| board)
    }

    fn board_mut(&mut self, kind: &Kind) -> &mut Board {
        let place = self.boards.binary_search_by(|(known, _)| known.cmp(kind)).unwrap_or_else(|place| {
            self.boards.insert(place, (kind.clone(), Board::default()));
            place
        });
        &mut self.boards[place].1
    }
}

impl Board {
    /// What is known of `models` and of no others: each with the USD of a job that operators expect, if they say so.
    #[must_use]
    pub fn of<'a>(&self, models: impl IntoIterator<Item = (&'a str, Option<f64>)>) -> Self {
        let arm = |(model, guess_usd): (&str, Option<f64>)| {
            let mut arm = self.arms.get(model).copied().unwrap_or_default();
            arm.guess_usd = guess_usd;
            (model.to_owned(), arm)
        };
        Self { arms: models.into_iter().map(arm).collect(), curves: BTreeMap::new() }
    }

    /// Draws what each model may be like and returns the place of the best for work for which a worth of `enough` is enough;
    /// `None` without models.
    #[must_use]
    pub fn best(&self, enough: f64, rng: &mut Xoshiro256PlusPlus) -> Option<usize> {
        let known: Vec<f64> = self.arms.values().filter_map(Arm::cost_usd).collect();
        #[expect(clippy::cast_precision_loss, reason = "a handful of models")]
        let guess_usd = if known.is_empty() { 1.0 } else { known.iter().sum::<f64>() / known.len() as f64 };
        let draws: Vec<Draw> = self.arms.values().map(|arm| arm.draw(guess_usd, rng)).collect();
        let highest = draws.iter().map(|draw| draw.worth).fold(f64::NEG_INFINITY, f64::max);
        let least = enough.min(highest);
        let good = draws.iter().enumerate().filter(|(_, draw)| draw.worth >= least);
        let for_a_usd = |draw: &Draw| if draw.cost_usd > 0.0 { draw.worth / draw.cost_usd } else { f64::INFINITY };
        let best = good.max_by(|(_, one), (_, other)| {
            for_a_usd(one).total_cmp(&for_a_usd(other)).then(one.worth.total_cmp(&other.worth))
        });
        best.map(|(place, _)| place)
    }
}
