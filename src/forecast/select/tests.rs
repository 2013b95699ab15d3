use std::sync::{Arc, Mutex};

use rand::Rng;

use super::*;
use crate::domain::time::Timestamp;
use crate::forecast::global::Pools;
use crate::forecast::history::{Grid, Observation};
use crate::forecast::naive::NaiveModel;
use crate::forecast::naive::median::MedianModel;
use crate::forecast::naive::seasonal::SeasonalNaiveModel;
use crate::stats::seed::Seed;

fn history(values: &[f64]) -> History<'_> {
    History::new(Grid { start: Timestamp::from_seconds(0), step_s: 3_600 }, values)
}

fn options(horizon: usize, season: Option<usize>) -> SelectionOptions {
    SelectionOptions { horizon, season, domain: None, seed: 0 }
}

fn simple() -> Vec<Box<dyn Fit>> {
    vec![
        Box::new(NaiveModel),
        Box::new(MedianModel::new(24).expect("a window")),
        Box::new(SeasonalNaiveModel::new(4).expect("a season")),
    ]
}

fn choose(candidates: Vec<Box<dyn Fit>>, season: Option<usize>, values: &[f64]) -> Chosen {
    Selection::new(candidates, options(8, season)).expect("valid").choose(&history(values)).expect("fits")
}

/// Uniform noise on 10 to 11.
fn noise(len: usize) -> Vec<f64> {
    let mut rng = Seed::new(5).rng();
    #[expect(clippy::cast_precision_loss, reason = "ten bits")]
    let unit = |bits: u64| (bits % 1_024) as f64 / 1_024.0;
    (0..len).map(|_| 10.0 + unit(rng.next_u64() >> 20)).collect()
}

#[test]
fn the_constant_wins_on_noise_and_the_season_where_there_is_one() {
    let chosen = choose(simple(), Some(4), &noise(200));
    assert_eq!(chosen.report.best().expect("three").name, "median-24");
    let seasonal: Vec<f64> = noise(200).iter().enumerate().map(|(at, v)| v * [1.0, 2.0, 3.0, 2.0][at % 4]).collect();
    let chosen = choose(simple(), Some(4), &seasonal);
    let best = chosen.report.best().expect("three").clone();
    assert_eq!(best.name, "seasonal-naive-4");
    assert!(best.weight > 0.9 && best.mase.expect("a scale") < 1.2, "{best:?}");
    let total: f64 = chosen.report.candidates.iter().map(|candidate| candidate.weight).sum();
    assert!((total - 1.0).abs() < 1e-12);
}

#[test]
fn shares_fall_with_the_fourth_power_of_the_error() {
    let run =
        |mae: Option<f64>| Ok(race::Run { paths: mae.into_iter().collect(), mae, errors: mae.into_iter().collect() });
    let lanes = [run(Some(1.0)), run(Some(2.0)), run(Some(3.0)), Err("no".to_owned())];
    let shares = race::shares(&lanes, 1.0, false);
    // 1 and 1/16; the 1/81 of the third is below 2 %.
    assert!((shares[0] - 16.0 / 17.0).abs() < 1e-12 && (shares[1] - 1.0 / 17.0).abs() < 1e-12, "{shares:?}");
    assert!(shares[2..].iter().all(|share| share.abs() < 1e-12));
    let exact = race::shares(&[run(Some(0.0)), run(Some(1.0))], 1.0, false);
    assert!((exact[0] - 1.0).abs() < 1e-12, "{exact:?}");
    let unjudged = race::shares(&[run(None), Err("no".to_owned()), run(None)], 1.0, false);
    assert!((unjudged[2] - 0.5).abs() < 1e-12, "{unjudged:?}");
}

#[test]
fn with_a_long_season_every_origin_counts_alike() {
    let run = |errors: [f64; 3]| {
        let known: Vec<f64> = errors.into_iter().filter(|error| error.is_finite()).collect();
        Ok(race::Run { paths: Vec::new(), mae: known.first().copied(), errors: errors.to_vec() })
    };
    // Twice as wrong at an ordinary origin, half as wrong at one a hundred times as wild; one of gaps, one without errors.
    let lanes = [run([1.0, 200.0, f64::NAN]), run([2.0, 100.0, f64::NAN]), Err("no".to_owned())];
    let shares = race::shares(&lanes, 1.0, true);
    assert!(
        (shares[0] - 0.5).abs() < 1e-12 && (shares[1] - 0.5).abs() < 1e-12 && shares[2].abs() < 1e-12,
        "{shares:?}"
    );
    let shares = race::shares(&[run([1.0, 1.0, 0.0]), run([1.25, 1.25, 0.0])], 1.0, true);
    assert!((shares[0] / shares[1] - 1.25_f64.powi(8)).abs() < 1e-9, "{shares:?}");
    let exact = race::shares(&[run([0.0; 3]), run([0.0; 3]), run([f64::NAN; 3])], 1.0, true);
    assert!((exact[0] - 0.5).abs() < 1e-12 && exact[2].abs() < 1e-12, "{exact:?}");
    let unjudged = race::shares(&[run([f64::NAN; 3]), run([f64::NAN; 3])], 1.0, true);
    assert!((unjudged[1] - 0.5).abs() < 1e-12, "{unjudged:?}");
}

/// A model that notes what it was shown.
#[derive(Debug)]
struct Spy(Arc<Mutex<Vec<Vec<f64>>>>);

impl Fit for Spy {
    fn name(&self) -> String {
        "spy".to_owned()
    }

    fn minimum(&self) -> usize {
        1
    }

    fn fit(&self, history: &History<'_>) -> Result<Box<dyn Predict>, FitError> {
        self.0.lock().expect("not poisoned").push(history.values.to_vec());
        NaiveModel.fit(history)
    }
}

#[test]
fn models_see_what_lies_before_each_origin_and_then_all() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let values: Vec<f64> = noise(100).into_iter().map(|value| value - 10.5).collect();
    let chosen = choose(vec![Box::new(Spy(Arc::clone(&seen)))], Some(4), &values);
    let seen = seen.lock().expect("not poisoned");
    let lengths: Vec<usize> = chosen.report.origins.iter().copied().chain([100]).collect();
    assert_eq!(seen.iter().map(Vec::len).collect::<Vec<_>>(), lengths);
    assert_eq!(lengths[..2], [92, 88], "a season apart");
    assert!(seen.iter().all(|seen| seen[..] == values[..seen.len()]));
}

#[test]
fn a_failure_is_told_and_short_histories_have_a_champion() {
    let mut candidates = simple();
    candidates.push(Box::new(MedianModel::new(3).expect("a window")));
    let chosen = choose(candidates, Some(4), &[3.0, f64::NAN]);
    let seasonal = &chosen.report.candidates[2];
    assert!(seasonal.failed.as_ref().is_some_and(|why| why.contains("seasonal-naive-4 needs")), "{seasonal:?}");
    let mut path = [0.0; 3];
    chosen.champion.predict(&mut path);
    assert!(path.iter().all(|value| (value - 3.0).abs() < 1e-9), "{path:?}");
    let none = Selection::new(simple(), options(8, None)).expect("valid").choose(&history(&[f64::NAN; 9]));
    assert!(matches!(none, Err(FitError::TooShort { .. })));
    assert!(Selection::new(Vec::new(), options(8, None)).is_err());
    assert!(
        Selection::new(simple(), options(0, None)).is_err() && Selection::new(simple(), options(1, Some(1))).is_err()
    );
}

#[test]
fn quantiles_are_ordered_inside_the_domain_and_survive_saving() {
    let values: Vec<f64> = noise(120).into_iter().map(|value| (value - 10.4).max(0.0)).collect();
    let mut champion = choose(candidates(&[4, 12], 120, 8, &Pools::default()), Some(4), &values).champion;
    let mut restored = champion.save().restore();
    champion.update(Observation::of(0.3));
    restored.update(Observation::of(0.3));
    let levels = [0.01, 0.05, 0.5, 0.95, 0.99];
    let (mut rows, mut again) = ([0.0; 50], [0.0; 50]);
    assert!(champion.quantiles(&levels, &mut rows) && restored.quantiles(&levels, &mut again));
    assert_eq!(rows.map(f64::to_bits), again.map(f64::to_bits));
    assert!(rows.chunks(5).all(|row| row.is_sorted() && row[0] >= 0.0 && row[4] < 2.0), "{rows:?}");
    let report = choose(simple(), None, &values).report;
    let json = serde_json::to_string(&report).expect("serialisable");
    assert_eq!(serde_json::from_str::<SelectionReport>(&json).expect("readable").origins, report.origins);
}

#[test]
fn a_long_history_teaches_the_intervals() {
    let values = noise(6_000);
    let mut champion = choose(simple(), None, &values).champion;
    let mut restored = champion.save().restore();
    champion.update(Observation::of(10.5));
    restored.update(Observation::of(10.5));
    // Asked for in another order, and two levels that are not tracked.
    let levels = [0.95, 0.3, 0.05, 0.7];
    let (mut rows, mut again) = ([0.0; 8], [0.0; 8]);
    assert!(champion.quantiles(&levels, &mut rows) && restored.quantiles(&levels, &mut again));
    assert_eq!(rows.map(f64::to_bits), again.map(f64::to_bits));
    // Uniform noise on 10 to 11: its quantiles are its levels.
    assert!(
        rows.iter().zip(levels.iter().cycle()).all(|(found, level)| (found - 10.0 - level).abs() < 0.2),
        "{rows:?}"
    );
}

#[test]
fn candidates_that_forecast_the_same_have_one_share() {
    // With ten values known at most, both windows hold all of them.
    let medians = [20, 60].map(|window| Box::new(MedianModel::new(window).expect("a window")) as Box<dyn Fit>);
    let mut candidates = Vec::from(medians);
    candidates.push(Box::new(NaiveModel));
    let report = choose(candidates, None, &[5.0; 12]).report;
    let weights: Vec<f64> = report.candidates.iter().map(|candidate| candidate.weight).collect();
    assert!(weights.iter().all(|weight| (weight - 1.0 / 3.0).abs() < 1e-12), "all three are one: {weights:?}");
    let ramp: Vec<f64> = (0..12).map(|step| 10.0 + f64::from(step)).collect();
    let medians = [20, 60].map(|window| Box::new(MedianModel::new(window).expect("a window")) as Box<dyn Fit>);
    let one = choose(vec![Box::new(MedianModel::new(20).expect("a window")), Box::new(NaiveModel)], None, &ramp);
    let mut candidates = Vec::from(medians);
    candidates.push(Box::new(NaiveModel));
    let two = choose(candidates, None, &ramp);
    let share = |chosen: &Chosen| chosen.report.candidates.last().map(|naive| naive.weight);
    assert_eq!(share(&one), share(&two), "naive does not lose to a copy");
}

#[test]
fn a_level_that_doubled_three_hours_ago_is_forecast_with_its_daily_shape() {
    let value = |t: u32| {
        let wave = 1.0 + 0.3 * (f64::from(t) * std::f64::consts::TAU / 96.0).sin();
        100.0 * wave * (1.0 + f64::from(t * 7_919 % 101) / 2_000.0)
    };
    let values: Vec<f64> = (0..480).map(|t| if t < 468 { value(t) } else { 2.0 * value(t) }).collect();
    let grid = Grid { start: Timestamp::from_seconds(0), step_s: 900 };
    let selection = Selection::new(candidates(&[96], 480, 96, &Pools::default()), options(96, Some(96)));
    let chosen = selection.expect("valid").choose(&History::new(grid, &values)).expect("fits");
    let mut path = vec![0.0; 96];
    chosen.champion.predict(&mut path);
    for (t, forecast) in (480..).zip(path) {
        let truth = 2.0 * value(t);
        assert!((forecast / truth - 1.0).abs() < 0.1, "step {t}: {forecast} is not {truth}");
    }
}
