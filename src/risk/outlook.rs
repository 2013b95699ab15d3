//! The risk of one channel for one route class, minute by minute, and what became of it.
//!
//! Each minute: [`Outlook::observe`] hears whether the minute broke the objective and settles the probabilities whose time
//! has come; then [`Outlook::ask`] gives new ones. What is learnt is shared by the channels of a route class
//! ([`Calibration`]), for on one channel promises are hardly ever broken; they take their turns in a fixed order.
//!
//! Trouble is [`RUN`] broken minutes in a row, as in the forecast's probability. Probabilities of a longer horizon are
//! never smaller. While nothing is known of a minute, nothing is learnt.
//!
//! A minute costs O(horizons); the state is three queues of at most 5, 15 and 60 probabilities, and restored bit for bit.

use serde::{Deserialize, Serialize};

use crate::domain::parameter::ParameterError;
use crate::domain::time::Minute;
use crate::risk::chance::{Chances, HORIZONS, RUN};
use crate::risk::isotonic::Isotonic;
use crate::risk::lead::{Leads, Warning};
use crate::risk::logistic::{Inputs, Logistic};
use crate::risk::pending::{Events, Pending};
use crate::risk::reliability::Reliability;

/// What the channels of one route class have taught, by horizon, and how well it serves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    horizons: Vec<Learnt>,
    /// What came of warnings, by the longest horizon.
    pub leads: Leads,
}

/// What was learnt of one horizon.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Learnt {
    logistic: Logistic,
    isotonic: Isotonic,
    reliability: Reliability,
}

impl Calibration {
    /// Nothing learnt yet; what was learnt counts half after `half_life` further independent outcomes, and in the score
    /// after as many outcomes.
    ///
    /// # Errors
    /// If `half_life` is not a number from 10 on.
    pub fn new(half_life: f64) -> Result<Self, ParameterError> {
        let learnt = |_| {
            let (isotonic, reliability) = (Isotonic::new(half_life)?, Reliability::new(half_life)?);
            Ok(Learnt { logistic: Logistic::default(), isotonic, reliability })
        };
        let horizons = HORIZONS.iter().map(learnt).collect::<Result<_, ParameterError>>()?;
        Ok(Self { horizons, leads: Leads::default() })
    }

    /// Takes what `rehearsed`, which began as a copy of this one, has learnt of the past. What is told of how good the
    /// probabilities were stays: what was only rehearsed was never told to anybody.
    pub fn adopt(&mut self, rehearsed: Self) {
        for (own, learnt) in self.horizons.iter_mut().zip(rehearsed.horizons) {
            (own.logistic, own.isotonic) = (learnt.logistic, learnt.isotonic);
        }
    }

    /// How good the probabilities of the horizon at `index` of [`HORIZONS`] were.
    #[must_use]
    pub fn reliability(&self, index: usize) -> Option<&Reliability> {
        self.horizons.get(index).map(|learnt| &learnt.reliability)
    }
}

/// A probability of breaking the objective.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Risk {
    /// Minutes ahead.
    pub horizon: u32,
    /// By the forecast alone.
    pub chance: f64,
    /// Calibrated, 0 ..= 1.
    pub probability: f64,
}

/// A probability whose time has come.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The minute that it was given after.
    pub minute: Minute,
    /// What was said.
    pub risk: Risk,
    /// Whether it came true.
    pub came: bool,
}

/// What is known after a minute.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Present {
    /// The minute.
    pub minute: Minute,
    /// Probabilities by the forecasts made after it.
    pub chances: Chances,
    /// Normal score of its value under the forecast of it, above zero where it is worse than expected; NaN if unknown.
    pub surprise: f64,
    /// Its value over its limit, the largest of the promises; NaN if unknown.
    pub pressure: f64,
    /// Its calls over those that were expected of it; NaN if unknown.
    pub load: f64,
}

/// The state of one channel for one route class.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Outlook {
    last: Option<Minute>,
    /// Broken minutes in a row, up to the last.
    run: u32,
    events: Events,
    pending: [Pending; HORIZONS.len()],
    warning: Warning,
}

impl Outlook {
    /// Hears of `minute`, of which `is_broken` says whether it broke the objective, if that is known; returns what came of
    /// earlier probabilities. Minutes come in order; one that came before is ignored.
    pub fn observe(&mut self, shared: &mut Calibration, minute: Minute, is_broken: Option<bool>) -> Vec<Outcome> {
        if self.last.is_some_and(|last| minute <= last) {
            return Vec::new();
        }
        let follows = self.last.is_some_and(|last| last.plus(1) == minute);
        self.last = Some(minute);
        // What ended before this minute is not concerned by it.
        let mut outcomes = self.settle(shared, minute.minus(1));
        self.run = match is_broken {
            Some(true) if follows => self.run.saturating_add(1),
            Some(true) => 1,
            _ => 0,
        };
        if let Some(is_broken) = is_broken {
            let is_trouble = is_broken && self.run as usize >= RUN;
            self.events.add(minute, is_trouble);
            if is_trouble {
                self.warning.harm(minute, minute.minus(self.run - 1), &mut shared.leads);
            }
        }
        outcomes.extend(self.settle(shared, minute));
        outcomes
    }

    /// The probability of trouble within each horizon, given what is `present`. Asked once for each minute.
    pub fn ask(&mut self, shared: &mut Calibration, present: &Present) -> [Risk; HORIZONS.len()] {
        let Present { minute, chances, surprise, pressure, load } = *present;
        let mut least = 0.0;
        let mut risks = [Risk { horizon: 0, chance: 0.0, probability: 0.0 }; HORIZONS.len()];
        let horizons = HORIZONS.iter().zip(chances.0).zip(&shared.horizons).zip(&mut self.pending);
        for (risk, (((horizon, chance), learnt), pending)) in risks.iter_mut().zip(horizons) {
            let inputs = Inputs { chance, surprise, pressure, load };
            let raw = learnt.logistic.probability(&inputs);
            let probability = learnt.isotonic.calibrate(raw).max(least);
            least = probability;
            *risk = Risk { horizon: *horizon, chance, probability };
            pending.ask(minute, *horizon, (inputs, raw, probability), &self.events);
        }
        if let Some(Risk { horizon, probability, .. }) = risks.last() {
            self.warning.call(minute, *probability, *horizon, &mut shared.leads);
        }
        risks
    }

    /// Settles what ends at `last` or before, and learns from it.
    fn settle(&mut self, shared: &mut Calibration, last: Minute) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        for ((horizon, learnt), pending) in HORIZONS.iter().zip(&mut shared.horizons).zip(&mut self.pending) {
            while let Some((asked, came)) = pending.settle(last, *horizon, &self.events) {
                let Some(came) = came else { continue };
                learnt.isotonic.learn(asked.raw, came, asked.news);
                learnt.logistic.learn(&asked.inputs, came, asked.news);
                learnt.reliability.add(asked.probability, came);
                let risk = Risk { horizon: *horizon, chance: asked.inputs.chance, probability: asked.probability };
                outcomes.push(Outcome { minute: asked.minute, risk, came });
            }
        }
        outcomes
    }
}

#[cfg(test)]
mod tests;
