use super::*;
use crate::domain::time::Timestamp;
use crate::forecast::naive::NaiveModel;
use crate::forecast::saved::Saved;
use proptest::prelude::*;

const GRID: Grid = Grid { start: Timestamp::from_seconds(0), step_s: 60 };

/// A model that repeats `path` for ever and may know quantiles.
#[derive(Debug, Clone)]
struct Fake {
    value: f64,
    quantiles: Option<[f64; 3]>,
}

impl Fit for Fake {
    fn name(&self) -> String {
        "fake".to_owned()
    }

    fn minimum(&self) -> usize {
        1
    }

    fn fit(&self, _history: &History<'_>) -> Result<Box<dyn Predict>, FitError> {
        Ok(Box::new(self.clone()))
    }
}

impl Predict for Fake {
    fn update(&mut self, _news: Observation) {}

    fn predict(&self, path: &mut [f64]) {
        path.fill(self.value);
    }

    fn quantiles(&self, _levels: &[f64], out: &mut [f64]) -> bool {
        let Some(own) = self.quantiles else { return false };
        out.chunks_exact_mut(3).for_each(|row| row.copy_from_slice(&own));
        true
    }

    fn save(&self) -> Saved {
        NaiveModel.fit(&History::new(GRID, &[self.value])).expect("one value").save()
    }
}

fn levels() -> Levels {
    Levels::new(vec![0.25, 0.5, 0.75]).expect("valid")
}

fn forecast(model: &dyn Fit, values: &[f64], horizon: usize) -> Result<Forecast, ForecastError> {
    Banded::fit(model, &History::new(GRID, values), horizon, levels())?.forecast(GRID, horizon)
}

#[test]
fn quantiles_are_those_of_the_signed_residuals_out_of_sample() {
    // The last third is judged: 0, 1, 2, 3, 8, of which a constant 1 misses by -1, 0, 1, 2, 7: the quartiles are 0
    // and 2. At step 0 only its own residuals count.
    let values = [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 1.0, 2.0, 3.0, 8.0];
    let made = forecast(&Fake { value: 1.0, quantiles: None }, &values, 1).expect("finite");
    assert_eq!(made.at(0), [1.0, 1.0, 3.0]);
}

#[test]
fn own_quantiles_are_sorted_and_infinite_ones_refused() {
    let made = forecast(&Fake { value: 1.0, quantiles: Some([3.0, 1.0, 2.0]) }, &[1.0], 2).expect("finite");
    assert_eq!(made.quantiles, [1.0, 2.0, 3.0, 1.0, 2.0, 3.0]);
    let broken = forecast(&Fake { value: f64::NAN, quantiles: None }, &[1.0, 2.0], 2).expect_err("NaN");
    assert_eq!(broken.to_string(), "fake gives a value at step 1 that is not finite");
}

#[test]
fn a_single_value_has_no_spread() {
    let made = forecast(&NaiveModel, &[f64::NAN, 7.0, f64::NAN], 2).expect("one value is enough");
    assert_eq!(made.quantiles, [7.0; 6]);
}

proptest! {
    /// Quantiles ascend with their level and are finite at every step, whatever the history and however far ahead.
    #[test]
    fn quantiles_never_cross(values in prop::collection::vec(prop_oneof![Just(f64::NAN), -1e6f64..1e6], 1..60), horizon in 1usize..40) {
        prop_assume!(values.iter().any(|value| value.is_finite()));
        let made = forecast(&NaiveModel, &values, horizon).expect("one value is enough");
        for step in 0..horizon {
            prop_assert!(made.at(step).is_sorted() && made.at(step).iter().all(|quantile| quantile.is_finite()));
        }
    }
}
