//! What a Holt-Winters model is made of, checked.

use serde::{Deserialize, Serialize};

use crate::forecast::history::History;
use crate::forecast::holt_winters::fitted::HoltWinters;
use crate::forecast::holt_winters::recursion::{Form, Gains};
use crate::forecast::holt_winters::search;
use crate::forecast::model::{Fit, FitError, ParameterError, Predict};

/// Largest size of a value: its square and sums of squares stay finite.
const LARGEST: f64 = 1e140;

/// Whether and how the level has a direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trend {
    /// The level stays.
    None,
    /// The trend goes on for ever.
    Linear,
    /// The trend fades.
    Damped,
}

/// Unchecked parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct HoltWintersParams {
    /// How level and season come together.
    pub form: Form,
    /// The kind of trend.
    pub trend: Trend,
    /// Lengths of none, one or two seasons in steps, ascending, each at least 2.
    pub seasons: Vec<usize>,
    /// Whether errors are bounded.
    pub robust: bool,
    /// Smoothing parameters to use instead of seeking them.
    pub gains: Option<Gains>,
}

impl HoltWintersParams {
    /// The usual choice for operations data: additive, damped, robust, parameters sought.
    #[must_use]
    pub const fn seasonal(seasons: Vec<usize>) -> Self {
        Self { form: Form::Additive, trend: Trend::Damped, seasons, robust: true, gains: None }
    }
}

/// A Holt-Winters model that has seen no data yet.
#[derive(Debug, Clone, PartialEq)]
pub struct HoltWintersModel(HoltWintersParams);

impl HoltWintersModel {
    /// Checks `params`.
    ///
    /// # Errors
    /// If there are more than two seasons, one is below 2 or they do not ascend, or given gains lie outside
    /// 0 <= alpha, gamma <= 1, 0 <= beta <= alpha, 0 <= phi <= 1.
    pub fn new(params: HoltWintersParams) -> Result<Self, ParameterError> {
        let seasons = &params.seasons;
        if seasons.len() > 2 || seasons.iter().any(|season| *season < 2) || !seasons.is_sorted_by(|a, b| a < b) {
            let needed = "at most two ascending lengths of at least 2";
            return Err(ParameterError { parameter: "seasons", needed, found: format!("{seasons:?}") });
        }
        if let Some(gains) = &params.gains {
            let unit = 0.0..=1.0;
            let shares = [gains.alpha, gains.gamma[0], gains.gamma[1], gains.phi];
            if !shares.iter().all(|share| unit.contains(share)) || !(0.0..=gains.alpha).contains(&gains.beta) {
                let needed = "between 0 and 1, beta at most alpha";
                return Err(ParameterError { parameter: "gains", needed, found: format!("{gains:?}") });
            }
        }
        Ok(Self(params))
    }
}

/// `value` if the recursion can take it, else a gap.
pub(in crate::forecast) fn admissible(form: Form, value: f64) -> f64 {
    let possible = value.abs() <= LARGEST && (form == Form::Additive || value > 0.0);
    if possible { value } else { f64::NAN }
}

impl Fit for HoltWintersModel {
    fn name(&self) -> String {
        let mut name = "holt-winters".to_owned();
        if self.0.form == Form::Multiplicative {
            name += "-multiplicative";
        }
        name += match self.0.trend {
            Trend::None => "-level",
            Trend::Linear => "-linear",
            Trend::Damped => "",
        };
        for season in &self.0.seasons {
            name.push('-');
            name += &season.to_string();
        }
        if self.0.robust { name } else { name + "-squares" }
    }

    fn minimum(&self) -> usize {
        self.0.seasons.first().map_or(8, |season| 2 * season).max(8)
    }

    fn fit(&self, history: &History<'_>) -> Result<Box<dyn Predict>, FitError> {
        FitError::unless_enough(&self.name(), self.minimum(), history)?;
        let form = self.0.form;
        let refused = |value: &&f64| value.is_finite() && admissible(form, **value).is_nan();
        if let Some(value) = history.values.iter().find(refused) {
            let bounds = if form == Form::Additive { "values" } else { "values above zero and" };
            let needed = format!("{bounds} below 1e140 in size, found {value}");
            return Err(FitError::Domain { model: self.name(), needed });
        }
        let (states, gains) = search::fit(&self.0, history.values);
        Ok(Box::new(HoltWinters::new(form, self.0.robust, gains, states)))
    }
}
