//! Speed of the forecasting models and of what follows a series online, beside augurs in the same run.
//!
//! `cargo bench --bench forecast` prints one table; `-- --out DIR` also leaves the series in DIR for
//! `benches/peers/forecast.py`, which measures statsforecast and LightGBM on them. Under `cargo test` everything is small
//! and only seen to work. Time is CPU time, user + system, on one thread.

#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]
#![expect(clippy::expect_used, reason = "a benchmark that cannot go on should say why and stop")]
#![expect(clippy::cast_precision_loss, reason = "figures for people")]

#[path = "common/cpu.rs"]
mod cpu;
#[path = "forecast/series.rs"]
mod series;

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

use augurs::ets::AutoETS;
use augurs::mstl::MSTLModel;
use augurs::{Fit as _, Predict as _};
use cpu::{cpu_ms, measure};
use foreroute::domain::target::Quantity;
use foreroute::domain::time::Timestamp;
use foreroute::forecast::catalogue::{self, Setting};
use foreroute::forecast::ets::EtsModel;
use foreroute::forecast::global::{Cycles, GlobalLagModel, Pool, Pools};
use foreroute::forecast::history::{Grid, History, Observation};
use foreroute::forecast::holt_winters::{Form, HoltWintersModel, HoltWintersParams};
use foreroute::forecast::live::{SavedTracker, Shape, Tracker};
use foreroute::forecast::model::Fit;
use foreroute::forecast::naive::NaiveModel;
use foreroute::forecast::output::Levels;
use foreroute::forecast::scale::{Domain, OnScale, Scale};
use foreroute::forecast::select::{Selection, SelectionOptions, candidates};
use foreroute::stats::boost::Boosted;
use foreroute::stats::boost::bins::Binned;
use foreroute::stats::boost::matrix::Matrix;
use foreroute::stats::boost::params::{Booster, Params};

/// Steps that are forecast.
const AHEAD: usize = 60;
/// Steps in a day of minutes.
const DAY: usize = 1_440;
/// Values of a channel that are forecast.
const COLUMNS: usize = 12;

/// The champion that is several models with their shares.
const MIXED: &str = "mixed, as chosen for the series";

/// The size of a run.
#[derive(Clone, Copy)]
struct Size {
    /// How often short work is repeated; long work less often.
    repeats: u32,
    steps: usize,
    channels: usize,
    rows: usize,
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let size = if arguments.iter().any(|word| word == "--bench") {
        Size { repeats: 40, steps: 20_000, channels: 1_000, rows: 20_000 }
    } else {
        Size { repeats: 1, steps: 20, channels: 1, rows: 200 }
    };
    let values = series::minutes(7 * DAY + 2 * size.steps, 1);
    let (columns, targets) = series::rows(size.rows, 30);
    let (week, news) = values.split_at(7 * DAY);
    if let Some(dir) = arguments.iter().position(|word| word == "--out").and_then(|at| arguments.get(at + 1)) {
        std::fs::create_dir_all(dir).expect("the output directory can be made");
        series::write(Path::new(dir), week, &columns, &targets).expect("the series can be written");
    }
    fits(size, week);
    // The rest takes seconds in an unoptimised build.
    if size.repeats > 1 {
        slow_fits(size, week);
        peers(size, week);
    }
    boosting(size, &columns, &targets);
    let pool = pool(if size.repeats > 1 { 7 } else { 2 });
    let mut champions = champions(&pool);
    // Its choice takes seconds in an unoptimised build.
    if size.repeats > 1 {
        champions.push((MIXED, mixed(week)));
    }
    online(&champions, week, news);
    minute(size.channels, "of all kinds", &champions, &pool, week, news);
    if let [.., last @ (MIXED, _)] = champions.as_slice() {
        minute(size.channels.div_ceil(10), "all mixed", std::slice::from_ref(last), &pool, week, news);
    }
}

fn report(what: &str, value: f64, unit: &str, mark: Option<f64>) {
    let verdict = mark
        .map_or_else(String::new, |mark| format!("mark <= {mark} {}", if value <= mark { "met" } else { "MISSED" }));
    println!("{what:66} {value:10.3} {unit:7} {verdict}");
}

fn history(values: &[f64]) -> History<'_> {
    History::new(Grid { start: Timestamp::from_seconds(1_795_132_800), step_s: 60 }, values)
}

/// Fits `model` and forecasts an hour.
fn fit(what: &str, model: &dyn Fit, values: &[f64], repeats: u32, mark: Option<f64>) {
    let mut path = [0.0; AHEAD];
    let ms = measure(repeats, || {
        model.fit(&history(black_box(values))).expect("long enough").predict(&mut path);
        black_box(&path);
    });
    report(what, ms, "CPU-ms", mark);
}

fn holt_winters(form: Form, season: usize) -> HoltWintersModel {
    let params = HoltWintersParams { form, ..HoltWintersParams::seasonal(vec![season]) };
    HoltWintersModel::new(params).expect("valid")
}

/// The model called `name` for a day's season.
fn named(name: &str) -> Box<dyn Fit> {
    let setting = Setting { seasons: &[DAY], step_s: 60, horizon: AHEAD, pools: None, holidays: &[] };
    catalogue::find(name).expect("a known name").build(&setting).expect("has all it needs")
}

/// The global regression of a series for itself, on the scale of even noise.
fn global() -> Box<dyn Fit> {
    Box::new(OnScale::new(Box::new(GlobalLagModel::alone(Cycles::MINUTES)), None))
}

fn fits(size: Size, week: &[f64]) {
    let day = &week[..DAY];
    for (form, word) in [(Form::Additive, "additive"), (Form::Multiplicative, "multiplicative")] {
        let model = holt_winters(form, DAY);
        fit(&format!("Holt-Winters {word}, 10,080 steps, season 1,440"), &model, week, size.repeats, Some(5.0));
        let model = holt_winters(form, 60);
        fit(&format!("Holt-Winters {word}, 1,440 steps, season 60"), &model, day, 4 * size.repeats, Some(0.8));
    }
    for name in ["profile", "theta", "optimised-theta"] {
        fit(&format!("{name}, 10,080 steps, season 1,440"), &*named(name), week, size.repeats.div_ceil(4), None);
    }
}

fn slow_fits(size: Size, week: &[f64]) {
    let repeats = size.repeats.div_ceil(10);
    fit("automatic ETS, 10,080 steps, no season", &EtsModel::new(), week, repeats, Some(60.0));
    let seasonal = EtsModel::seasonal(60).expect("valid");
    fit("automatic ETS, 10,080 steps, season 60", &seasonal, week, repeats, Some(400.0));
    for name in ["lag-ridge", "arima", "structural", catalogue::CHAMPION] {
        fit(&format!("{name}, 10,080 steps, season 1,440 where it has one"), &*named(name), week, repeats, None);
    }
    fit("global regression of one series, 10,080 steps", &*global(), week, repeats, None);
}

fn peers(size: Size, week: &[f64]) {
    let repeats = size.repeats.div_ceil(10);
    let ets = measure(repeats, || {
        let fitted = AutoETS::non_seasonal().fit(black_box(week)).expect("a model");
        drop(black_box(fitted.predict(AHEAD, None).expect("a path")));
    });
    report("augurs: automatic ETS, 10,080 steps, no season", ets, "CPU-ms", None);
    for (values, season) in [(week, DAY), (&week[..DAY], 60)] {
        let ms = measure(repeats, || {
            let trend: Box<dyn augurs::mstl::TrendModel + Sync + Send> =
                Box::new(AutoETS::non_seasonal().into_trend_model());
            let fitted = MSTLModel::new(vec![season], trend).fit(black_box(values)).expect("a model");
            drop(black_box(fitted.predict(AHEAD, None).expect("a path")));
        });
        report(&format!("augurs: MSTL + ETS, {} steps, season {season}", values.len()), ms, "CPU-ms", None);
    }
}

fn boosting(size: Size, columns: &[Vec<f64>], targets: &[f64]) {
    let matrix = Matrix::new(columns.iter().map(Vec::as_slice).collect()).expect("equally long");
    let booster = Booster::new(Params::default()).expect("valid");
    let ms = measure(size.repeats.div_ceil(10), || {
        drop(black_box(Boosted::fit(&booster, &Binned::new(&matrix), targets, None).expect("trained")));
    });
    let (rows, trees) = (targets.len(), Params::default().trees);
    report(&format!("boosted trees, {rows} rows x {} features, {trees} trees", columns.len()), ms, "CPU-ms", None);
}

/// A pool of eight series.
fn pool(days: usize) -> Arc<Pool> {
    let to_logarithm = |value: &f64| Scale::Log { shift: 0.0 }.forward(Observation::of(*value));
    let values: Vec<Vec<f64>> =
        (0..8).map(|seed| series::minutes(days * DAY, seed).iter().map(to_logarithm).collect()).collect();
    let histories: Vec<History<'_>> = values.iter().map(|values| history(values)).collect();
    Arc::new(Pool::train_with_trees(Cycles::MINUTES, &histories))
}

/// Champions that are followed online.
fn champions(pool: &Arc<Pool>) -> Vec<(&'static str, Box<dyn Fit>)> {
    let with_trees = Box::new(GlobalLagModel::of(Arc::clone(pool)));
    let holt_winters = Box::new(OnScale::new(Box::new(holt_winters(Form::Additive, DAY)), None));
    vec![
        ("naive", Box::new(NaiveModel)),
        ("holt-winters on a logarithm", holt_winters),
        ("profile", named("profile")),
        ("global", global()),
        ("global with trees", Box::new(OnScale::new(with_trees, Some(Domain::NonNegative)))),
    ]
}

/// What the choice among all candidates ends in: several models with their shares.
fn mixed(week: &[f64]) -> Box<dyn Fit> {
    let domain = Some(Shape::of_minutes(Quantity::Duration).domain);
    let options = SelectionOptions { horizon: AHEAD, season: Some(DAY), domain, seed: 0 };
    let selection =
        || Selection::new(candidates(&[DAY], week.len(), AHEAD, &Pools::default()), options).expect("valid");
    let report = selection().choose(&history(week)).expect("long enough").report;
    Box::new(selection().settle(&report))
}

fn tracker(model: &dyn Fit, week: &[f64]) -> Tracker {
    Tracker::start(model, Shape::of_minutes(Quantity::Duration), &history(week)).expect("long enough")
}

fn online(champions: &[(&str, Box<dyn Fit>)], week: &[f64], news: &[f64]) {
    let levels = Levels::default();
    let told = |value: f64| Observation { value, count: 12.0 };
    let (plain, asked) = news.split_at(news.len() / 2);
    for (name, model) in champions {
        let mut tracker = tracker(&**model, week);
        let start = cpu_ms();
        for value in plain {
            tracker.update(told(*value));
        }
        let us = (cpu_ms() - start) * 1e3 / plain.len() as f64;
        report(&format!("update of a series, {name}"), us, "CPU-us", Some(3.0));
        let start = cpu_ms();
        for value in asked {
            tracker.update(told(*value));
            black_box(tracker.forecast(AHEAD, &levels));
        }
        let us = (cpu_ms() - start) * 1e3 / asked.len() as f64;
        report("  with a forecast of 60 steps at 7 levels", us, "CPU-us", Some(30.0));
    }
}

/// Minutes of all series of `channels` channels with champions of these `kinds`, none of which is near a processor when its
/// turn comes. Sixteen of them, because far horizons are noted every fifteenth.
fn minute(channels: usize, what: &str, kinds: &[(&str, Box<dyn Fit>)], pool: &Arc<Pool>, week: &[f64], news: &[f64]) {
    let kinds: Vec<SavedTracker> = kinds.iter().map(|(_, model)| tracker(&**model, week).save()).collect();
    let restored = |at: usize| {
        let mut saved = kinds[at % kinds.len()].clone();
        saved.join(pool);
        saved.restore().expect("same format")
    };
    let mut trackers: Vec<Tracker> = (0..channels * COLUMNS).map(restored).collect();
    let levels = Levels::default();
    // The minute after a fit prepares what all later ones use.
    for tracker in &mut trackers {
        tracker.update(Observation { value: news[0], count: 12.0 });
    }
    let minutes = &news[1..17];
    let (mut worst, start) = (0.0, cpu_ms());
    for value in minutes {
        let begin = cpu_ms();
        for tracker in &mut trackers {
            tracker.update(Observation { value: *value, count: 12.0 });
            black_box(tracker.forecast(AHEAD, &levels));
        }
        worst = f64::max(worst, cpu_ms() - begin);
    }
    let mean = (cpu_ms() - start) / minutes.len() as f64;
    let what = format!("one minute of {} series, {what}, updates and forecasts", trackers.len());
    report(&what, mean / 1e3, "CPU-s", Some(1.0));
    report("  the slowest of sixteen", worst / 1e3, "CPU-s", Some(1.0));
}
