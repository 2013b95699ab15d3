use super::*;
use crate::forecast::history::{Grid, Observation};
use crate::forecast::model::{FitError, Predict};
use crate::forecast::naive::NaiveModel;
use crate::forecast::output::Levels;
use crate::forecast::saved::Saved;
use std::sync::Mutex;

const GRID: Grid = Grid { start: Timestamp::from_seconds(0), step_s: 60 };

fn plan(horizon: usize, folds: usize, step: usize, window: Window, refit_every: usize) -> Plan {
    let levels = Levels::new(vec![0.1, 0.9]).expect("valid");
    Plan::new(PlanOptions {
        horizon,
        folds,
        step,
        window,
        refit_every,
        levels,
        scale_lag: 1,
        within: vec![1],
        least_count: 3.0,
    })
    .expect("valid")
}

fn evaluate(values: &[f64], plan: &Plan, model: &dyn Fit) -> Run {
    let mut now = 0.0;
    let mut tick = || {
        now += 0.5;
        now
    };
    let mut runs = run(&History::new(GRID, values), plan, &[model], &mut tick).expect("long enough");
    runs.pop().expect("one model")
}

/// Writes down what it is told, forecasts zero, and refuses histories that end with -1.
#[derive(Debug, Default)]
struct Witness {
    fits: Mutex<Vec<Vec<f64>>>,
}

impl Fit for Witness {
    fn name(&self) -> String {
        "witness".to_owned()
    }

    fn minimum(&self) -> usize {
        // Higher than any history here, so that no fit is for residuals.
        1_000
    }

    fn fit(&self, history: &History<'_>) -> Result<Box<dyn Predict>, FitError> {
        if history.is_empty() {
            return Err(FitError::NoSolution { model: self.name(), reason: "nothing there".to_owned() });
        }
        self.fits.lock().expect("unpoisoned").push(history.values.to_vec());
        if history.values.ends_with(&[-1.0]) {
            return Err(FitError::Domain { model: self.name(), needed: "luck".to_owned() });
        }
        NaiveModel.fit(history)
    }
}

#[test]
fn naive_errors_are_those_of_the_last_value() {
    // Origins 3 and 5, horizon 2: 4 -> 7, 5; 5 -> 9, NaN. Scales: mean(|2-1|, |4-2|) = 1.5 and
    // mean(1, 2, 3, 2) = 2. MASE = (3/1.5 + 1/1.5 + 4/2) / 3, MAPE = 100 * (3/7 + 1/5 + 4/9) / 3.
    let values = [1.0, 2.0, 4.0, 7.0, 5.0, 9.0, f64::NAN];
    let run = evaluate(&values, &plan(2, 2, 2, Window::Expanding, 1), &NaiveModel);
    let measures = run.tally.measures();
    assert_eq!((measures.points, measures.gaps, run.folds), (3, 1, 2));
    assert!((measures.mase.expect("scaled") - 14.0 / 9.0).abs() < 1e-12);
    assert!((measures.mape.expect("no zeros") - 100.0 * (3.0 / 7.0 + 0.2 + 4.0 / 9.0) / 3.0).abs() < 1e-12);
    assert!((measures.rmse.expect("points") - (26.0f64 / 3.0).sqrt()).abs() < 1e-12);
    assert!((run.seconds - 1.0).abs() < 1e-12, "half a second for each of two folds");
    let newest = run.newest.expect("the newest fold worked");
    assert_eq!((newest.grid.start, newest.mean), (GRID.at(5), vec![5.0, 5.0]));
}

#[test]
fn parts_of_the_folds_are_measured_apart() {
    // Origins 1, 2 and 3, horizon 2; of three folds the newer half has two.
    let run = evaluate(&[1.0, 2.0, 4.0, 4.0, 8.0], &plan(2, 3, 1, Window::Expanding, 1), &NaiveModel);
    let mape = |tally: &Tally| tally.measures().mape.expect("no zeros");
    assert!((mape(&run.parts.older) - 100.0 * (0.5 + 0.75) / 2.0).abs() < 1e-12);
    assert!((mape(&run.parts.newer) - 100.0 * (0.5 + 0.5 + 0.0 + 0.5) / 4.0).abs() < 1e-12);
    let (steps, first) = run.parts.within.first().expect("one step apart");
    assert_eq!((*steps, first.points()), (1, 3));
    assert!((mape(first) - 100.0 / 3.0).abs() < 1e-12);
    // Means of two steps: 1 beside 3, 2 beside 4, 4 beside 6.
    let of_means = run.tally.measures().mape_of_means.expect("no zeros");
    assert!((of_means - 100.0 * (2.0 / 3.0 + 0.5 + 1.0 / 3.0) / 3.0).abs() < 1e-12);
}

#[test]
fn truths_of_few_calls_are_left_out_and_stay_in_the_history() {
    let (values, counts) = ([1.0, 2.0, 4.0, 8.0], [9.0, 9.0, 2.0, 3.0]);
    let history = History::new(GRID, &values).with_counts(&counts);
    let plan = plan(1, 2, 1, Window::Expanding, 1);
    let runs = run(&history, &plan, &[&NaiveModel], &mut || 0.0).expect("long enough");
    let measures = runs[0].tally.measures();
    assert_eq!((measures.points, measures.gaps), (1, 1), "the truth of two calls is left out");
    assert_eq!(measures.mape, Some(50.0), "4 is known when 8 is forecast");
}

#[test]
fn no_model_sees_what_lies_behind_its_origin() {
    let values: Vec<f64> = (0..12).map(f64::from).collect();
    let witness = Witness::default();
    evaluate(&values, &plan(2, 3, 2, Window::Expanding, 1), &witness);
    let fits = witness.fits.into_inner().expect("unpoisoned");
    assert_eq!(fits, [values[..6].to_vec(), values[..8].to_vec(), values[..10].to_vec()]);

    let witness = Witness::default();
    evaluate(&values, &plan(2, 3, 2, Window::Fixed(3), 1), &witness);
    let fits = witness.fits.into_inner().expect("unpoisoned");
    assert_eq!(fits, [values[3..6].to_vec(), values[5..8].to_vec(), values[7..10].to_vec()]);
}

#[test]
fn between_refits_a_model_is_told_of_every_step() {
    let values: Vec<f64> = (0..12).map(f64::from).collect();
    let witness = Witness::default();
    let run = evaluate(&values, &plan(2, 3, 2, Window::Expanding, 2), &witness);
    let fits = witness.fits.into_inner().expect("unpoisoned");
    assert_eq!(fits, [values[..6].to_vec(), values[..10].to_vec()]);
    let every = evaluate(&values, &plan(2, 3, 2, Window::Expanding, 1), &NaiveModel);
    let (told, refitted) = (run.tally.measures(), every.tally.measures());
    assert_eq!(told.mape, refitted.mape, "the naive model knows the same either way");
}

#[test]
fn a_failure_is_told_and_the_next_fold_tried() {
    let values = [1.0, 2.0, -1.0, 3.0, 4.0, 5.0];
    let run = evaluate(&values, &plan(1, 3, 1, Window::Expanding, 3), &Witness::default());
    assert_eq!((run.folds, run.failures.len()), (2, 1));
    assert_eq!(run.failures[0].origin, GRID.at(3));
    assert_eq!(run.failures[0].reason.to_string(), "witness needs luck");
}

#[test]
fn scales_come_from_before_the_origin() {
    // The first three values have no differences, so the first fold has no scale.
    let run = evaluate(&[2.0, 2.0, 2.0, 5.0, 5.0], &plan(1, 2, 1, Window::Expanding, 1), &NaiveModel);
    let measures = run.tally.measures();
    assert_eq!((measures.points, measures.mase), (2, Some(0.0)));
}

/// The news of a step reaches the model in order, gaps included.
#[derive(Debug, Clone)]
struct Counting(f64);

impl Predict for Counting {
    fn update(&mut self, _news: Observation) {
        self.0 += 1.0;
    }

    fn predict(&self, path: &mut [f64]) {
        path.fill(self.0);
    }

    fn save(&self) -> Saved {
        NaiveModel.fit(&History::new(GRID, &[self.0])).expect("one value").save()
    }
}

#[derive(Debug)]
struct CountingModel;

impl Fit for CountingModel {
    fn name(&self) -> String {
        "counting".to_owned()
    }

    fn minimum(&self) -> usize {
        1
    }

    fn fit(&self, history: &History<'_>) -> Result<Box<dyn Predict>, FitError> {
        #[expect(clippy::cast_precision_loss, reason = "a handful of steps")]
        Ok(Box::new(Counting(history.len() as f64)))
    }
}

#[test]
fn updates_count_gaps_too() {
    let values = [1.0, 1.0, f64::NAN, f64::NAN, 4.0, 5.0];
    let run = evaluate(&values, &plan(1, 4, 1, Window::Expanding, 4), &CountingModel);
    assert_eq!(run.newest.expect("worked").mean, [5.0], "two steps fitted, three told");
}
