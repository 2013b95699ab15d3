//! A tracker over a simulated day: calibrated, restartable, and modest.

use rand_distr::{Distribution, StandardNormal};

use super::*;
use crate::domain::time::Timestamp;
use crate::forecast::combine::{Combination, Rule};
use crate::forecast::naive::NaiveModel;
use crate::forecast::naive::median::MedianModel;
use crate::forecast::scale::{Domain, OnScale};
use crate::stats::seed::Seed;

const GRID: Grid = Grid { start: Timestamp::from_seconds(1_700_006_400), step_s: 60 };
const SHAPE: Shape = Shape { domain: Domain::NonNegative, season: Some(120), horizon: 60 };

fn latencies(len: usize, seed: u64) -> Vec<f64> {
    let mut rng = Seed::new(seed).rng();
    (0..len)
        .map(|_| {
            let score: f64 = StandardNormal.sample(&mut rng);
            400.0 * (0.2 * score).exp()
        })
        .collect()
}

fn median() -> Box<dyn Fit> {
    Box::new(OnScale::new(Box::new(MedianModel::new(60).expect("valid")), Some(Domain::NonNegative)))
}

fn bits(forecast: &Forecast) -> Vec<u64> {
    forecast.mean.iter().chain(&forecast.quantiles).map(|value| value.to_bits()).collect()
}

#[test]
fn scores_say_how_far_it_may_be_trusted() {
    let values = latencies(3_000, 1);
    let mut tracker = Tracker::start(&*median(), SHAPE, &History::new(GRID, &values[..1_000])).expect("long enough");
    assert!(tracker.take_scores().is_empty(), "a rehearsal is not scored");
    for value in &values[1_000..] {
        tracker.update(Observation::of(*value));
    }
    let scores = tracker.take_scores();
    let at = |role: Role, horizon_s: u32, model: &str| -> Vec<&WindowScore> {
        scores.iter().filter(|s| s.role == role && s.horizon_s == horizon_s && s.model == model).collect()
    };
    let champion = at(Role::Champion, 900, tracker.model());
    assert!(champion.len() >= 30, "{} whole hours", champion.len());
    assert!(champion.iter().all(|score| score.start.seconds() % 3_600 == 0));
    let coverage: f64 = champion.iter().map(|score| score.measures.intervals[0].coverage).sum();
    let coverage = coverage / f64::from(u32::try_from(champion.len()).expect("few"));
    assert!((0.86..0.94).contains(&coverage), "{coverage}");
    assert_eq!(at(Role::Challenger, 900, "naive").len(), champion.len());
    assert_eq!(tracker.better_baseline(), None, "on pure noise the median beats both");
}

#[test]
fn a_restored_tracker_goes_on_bit_for_bit() {
    let values = latencies(700, 2);
    let parts = vec![median(), Box::new(NaiveModel) as Box<dyn Fit>];
    let model = Combination::new("both", parts, Rule::Weighted(vec![3.0, 1.0])).expect("valid");
    let mut running = Tracker::start(&model, SHAPE, &History::new(GRID, &values[..500])).expect("long enough");
    let mut restored = running.save().restore().expect("same format");
    for value in &values[500..] {
        running.update(Observation::of(*value));
        restored.update(Observation::of(*value));
    }
    let levels = Levels::default();
    assert_eq!(bits(&running.forecast(60, &levels)), bits(&restored.forecast(60, &levels)));
    let mut ahead = [0.0; 7];
    running.ahead(1, &Places::from(&levels), &mut ahead);
    assert_eq!(ahead.map(f64::to_bits).as_slice(), &bits(&running.forecast(1, &levels))[1..]);
    let text = |tracker: &Tracker| format!("{:?}", tracker.save());
    assert!(text(&running) == text(&restored), "states differ");
}

#[test]
fn a_champion_that_falls_behind_is_replaced() {
    // A median knows nothing of seasons, and this series is little else.
    let season = |step: usize| {
        1.5 + f64::sin(std::f64::consts::TAU * f64::from(u8::try_from(step % 120).expect("small")) / 120.0)
    };
    let values: Vec<f64> =
        latencies(1_500, 3).iter().enumerate().map(|(step, value)| (value + 2_000.0) * season(step)).collect();
    let mut tracker = Tracker::start(&*median(), SHAPE, &History::new(GRID, &values[..1_000])).expect("long enough");
    for value in &values[1_000..] {
        tracker.update(Observation::of(*value));
    }
    assert_eq!(tracker.better_baseline(), Some(Baseline::SeasonalNaive));
    tracker.fall_back(Baseline::SeasonalNaive);
    assert_eq!((tracker.model(), tracker.better_baseline()), ("seasonal-naive-120", None));
    for value in &values[1_500 - 300..] {
        tracker.update(Observation::of(*value));
    }
    let median = tracker.forecast(60, &Levels::default()).path(0.5).expect("a default level");
    assert!((median[29] / 2_400.0 / season(1_529) - 1.0).abs() < 0.2, "{}", median[29]);
}

#[test]
fn gaps_and_constants_are_no_trouble() {
    let mut values = vec![5.0; 200];
    values[150..170].fill(f64::NAN);
    let mut tracker = Tracker::start(&NaiveModel, SHAPE, &History::new(GRID, &values)).expect("long enough");
    for _ in 0..100 {
        tracker.update(Observation::of(f64::NAN));
    }
    let forecast = tracker.forecast(60, &Levels::default());
    assert!(forecast.quantiles.iter().all(|value| (value - 5.0).abs() < 0.1));
}
