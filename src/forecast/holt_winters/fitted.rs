//! The fitted model.

use serde::{Deserialize, Serialize};

use crate::forecast::history::Observation;
use crate::forecast::holt_winters::params::admissible;
use crate::forecast::holt_winters::recursion::{Form, Gains, States};
use crate::forecast::model::Predict;
use crate::forecast::saved::Saved;

/// A fitted [`HoltWintersModel`](super::HoltWintersModel).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HoltWinters {
    form: Form,
    robust: bool,
    gains: Gains,
    states: States,
}

impl HoltWinters {
    /// The model that stands at `states`.
    #[must_use]
    pub const fn new(form: Form, robust: bool, gains: Gains, states: States) -> Self {
        Self { form, robust, gains, states }
    }

    /// The smoothing parameters, sought or given.
    #[must_use]
    pub const fn gains(&self) -> &Gains {
        &self.gains
    }
}

impl Predict for HoltWinters {
    fn update(&mut self, news: Observation) {
        self.states.run(self.form, &self.gains, self.robust, &[admissible(self.form, news.value)]);
    }

    fn predict(&self, path: &mut [f64]) {
        self.states.ahead(self.form, self.gains.phi, path);
    }

    fn predict_at(&self, horizons: &[usize], values: &mut [f64]) {
        self.states.at(self.form, self.gains.phi, horizons, values);
    }

    fn save(&self) -> Saved {
        Saved::HoltWinters(self.clone())
    }
}
