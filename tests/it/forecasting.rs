//! `backtest` and `forecast` on plain files, through the binary; expected numbers are computed here from scratch.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray, TimestampMillisecondArray};
use parquet::arrow::ArrowWriter;
use serde_json::Value;
use tempfile::TempDir;

/// Steps of each generated series, its season and its first instant (2026-11-20T00:00:00Z).
const STEPS: i32 = 120;
const SEASON: usize = 24;
const START_S: i64 = 1_795_132_800;

fn foreroute(dir: &Path, args: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_foreroute");
    Command::new(program).args(args).current_dir(dir).env_clear().output().expect("the program starts")
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("the program ends by itself")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn json(dir: &Path, args: &[&str]) -> Value {
    let output = foreroute(dir, &[args, &["--format", "json"]].concat());
    assert_eq!(code(&output), 0, "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// A rough wave with a trend; `size` tells the two series apart.
fn wave(size: f64) -> Vec<f64> {
    let value = |step: i32| {
        let rough = f64::from(step * 7_919 % 101) / 20.0;
        size * (20.0 + 6.0 * (f64::from(step) * std::f64::consts::TAU / 24.0).sin() + rough + f64::from(step) / 40.0)
    };
    (0..STEPS).map(value).collect()
}

/// Hourly rows of series `a` and `b`, interleaved, as CSV and as Parquet.
fn files() -> TempDir {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let (mut csv, mut at, mut name, mut values) = ("when,who,ms\n".to_owned(), Vec::new(), Vec::new(), Vec::new());
    for (step, (a, b)) in (0..).zip(wave(1.0).into_iter().zip(wave(100.0))) {
        for (who, value) in [("a", a), ("b", b)] {
            let second = START_S + 3_600 * step;
            writeln!(csv, "{second},{who},{value}").expect("a string");
            at.push(second * 1_000);
            name.push(who);
            values.push(value);
        }
    }
    fs::write(dir.path().join("waves.csv"), csv).expect("written");
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("when", Arc::new(TimestampMillisecondArray::from(at).with_timezone("UTC"))),
        ("who", Arc::new(StringArray::from(name))),
        ("ms", Arc::new(Float64Array::from(values))),
    ];
    let batch = RecordBatch::try_from_iter(columns).expect("columns match");
    let file = File::create(dir.path().join("waves.parquet")).expect("created");
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).expect("the schema is fine");
    writer.write(&batch).expect("written");
    writer.close().expect("closed");
    dir
}

/// MAPE, sMAPE, MASE and RMSE of repeating the value `lag` steps before each origin's season, two folds of 12 steps.
fn expected(lag: usize) -> [f64; 4] {
    let [mut percentage, mut symmetric, mut scaled, mut squares, mut points] = [0.0; 5];
    for values in [wave(1.0), wave(100.0)] {
        for origin in [values.len() - 36, values.len() - 12] {
            let known = &values[..origin];
            let differences: Vec<f64> = (SEASON..origin).map(|at| (known[at] - known[at - SEASON]).abs()).collect();
            let scale = differences.iter().sum::<f64>() / f64::from(u32::try_from(differences.len()).expect("few"));
            for step in 0..12 {
                let (truth, guess) = (values[origin + step], known[origin - lag + step % lag]);
                percentage += 100.0 * (truth - guess).abs() / truth;
                symmetric += 200.0 * (truth - guess).abs() / (truth + guess);
                scaled += (truth - guess).abs() / scale;
                squares += (truth - guess).powi(2);
                points += 1.0;
            }
        }
    }
    [percentage / points, symmetric / points, scaled / points, (squares / points).sqrt()]
}

const BACKTEST: [&str; 15] = [
    "backtest",
    "--time",
    "when",
    "--value",
    "ms",
    "--series",
    "who",
    "--season",
    "24,48",
    "--horizon",
    "12",
    "--folds",
    "2",
    "--step",
    "24",
];

#[test]
fn a_backtest_measures_what_a_calculation_by_hand_does() {
    let dir = files();
    let args = |file| [&BACKTEST[..], &["--input", file, "--models", "naive,seasonal-naive", "--by-series"]].concat();
    let found = json(dir.path(), &args("waves.csv"));
    for (model, lag) in [("naive", 1), ("seasonal-naive", SEASON)] {
        let row = &found["models"][model];
        for (measure, expected) in ["mape", "smape", "mase", "rmse"].into_iter().zip(expected(lag)) {
            let found = row[measure].as_f64().expect("a number");
            assert!((found / expected - 1.0).abs() < 1e-9, "{model} {measure}: {found} is not {expected}");
        }
        let whole = [("series", 2), ("folds", 4), ("failures", 0), ("points", 48), ("gaps", 0)];
        assert!(whole.into_iter().all(|(key, number)| row[key] == number), "{row}");
        let coverage = row["intervals"]["0.9"]["coverage"].as_f64().expect("a number");
        assert!(row["coverage"] == row["intervals"]["0.9"]["coverage"] && (0.0..=1.0).contains(&coverage), "{row}");
        let (pinball, crps) = (row["pinball"].as_f64().expect("a number"), row["crps"].as_f64().expect("a number"));
        assert!(pinball > 0.0 && (crps - 2.0 * pinball).abs() < 1e-9 && row["seconds"].as_f64() >= Some(0.0));
        let by_series = &found["by_series"];
        let (a, b) = (&by_series["a"][model]["mase"], &by_series["b"][model]["mase"]);
        let (a, b) = (a.as_f64().expect("a number"), b.as_f64().expect("a number"));
        assert!((a - b).abs() < 1e-9, "MASE does not depend on the size of a series");
    }
    let champion = found["champion"]["mase"].as_f64().expect("a number");
    let naive = found["models"]["naive"]["mase"].as_f64().expect("a number");
    assert!(champion < naive && found["models"]["champion"].is_null(), "{champion} against {naive}");
    assert_eq!((&found["horizon"], &found["mase_lag"], &found["series"]), (&12.into(), &24.into(), &2.into()));
    assert_eq!(timeless(json(dir.path(), &args("waves.parquet"))), timeless(found.clone()), "CSV and Parquet agree");
    let alone = [&args("waves.csv")[..], &["--jobs", "1", "--quiet"]].concat();
    assert_eq!(timeless(json(dir.path(), &alone)), timeless(found), "threads change nothing");
}

#[test]
fn parts_of_a_backtest_are_measured_apart() {
    let dir = files();
    let more = ["--models", "naive", "--within", "6", "--mase-lag", "1", "--count", "ms", "--min-count", "100"];
    let found = json(dir.path(), &[&BACKTEST[..], &["--input", "waves.csv"], &more[..]].concat());
    let naive = &found["models"]["naive"];
    assert_eq!((&found["mase_lag"], &found["min_count"]), (&1.into(), &100.into()));
    // All values of `b` are above 100 and none of `a` is; two folds of 12 steps each.
    let points = |part: &Value| (part["points"].as_u64(), part["gaps"].as_u64());
    assert_eq!(points(naive), (Some(24), Some(24)));
    assert_eq!(
        (points(&naive["older_folds"]), points(&naive["newer_folds"])),
        ((Some(12), Some(12)), (Some(12), Some(12)))
    );
    assert_eq!(points(&naive["within"]["6"]), (Some(12), Some(12)));
    let of_means = naive["mape_of_means"].as_f64().expect("a number");
    assert!(of_means > 0.0 && naive["mape"].as_f64() >= Some(of_means), "means err less than their steps");
}

#[test]
fn series_are_pooled_unless_that_is_refused_and_threads_change_nothing() {
    let dir = tempfile::tempdir().expect("a directory");
    let rows = (0..2 * 672_u32).map(|row| {
        let (series, t) = (row % 2, row / 2);
        let value = 20 + (t * (7_919 + 60 * series)) % 7 + 10 * u32::from(t % 96 > 40) + 5 * u32::from(t % 4 == 1);
        format!("{t},{series},{value}\n")
    });
    fs::write(dir.path().join("pair.csv"), format!("t,who,v\n{}", rows.collect::<String>())).expect("written");
    let args = ["backtest", "--input", "pair.csv", "--time", "t", "--value", "v", "--series", "who"];
    let more = ["--season", "96", "--horizon", "4", "--folds", "2", "--step", "96", "--models", "global"];
    let with = |last: &[&str]| json(dir.path(), &[&args[..], &more, last].concat());
    let found = with(&["--jobs", "2"]);
    assert_eq!(found["pools"]["trained"], 3, "for two origins, and for the middles of both histories");
    assert_eq!(timeless(with(&["--jobs", "1"])), timeless(found.clone()));
    let alone = with(&["--no-pool"]);
    assert_eq!(alone["pools"]["trained"], 0);
    assert_ne!(alone["models"]["global"]["mase"], found["models"]["global"]["mase"]);
}

/// The document without what differs from run to run and file to file.
fn timeless(mut document: Value) -> Value {
    fn strip(value: &mut Value) {
        if let Some(object) = value.as_object_mut() {
            object.remove("seconds");
            object.values_mut().for_each(strip);
        }
    }
    document["input"] = Value::Null;
    strip(&mut document);
    document
}

#[test]
fn a_backtest_as_a_table_and_what_goes_wrong() {
    let dir = files();
    let table = foreroute(
        dir.path(),
        &[&BACKTEST[..], &["--input", "waves.csv", "--models", "drift,seasonal-naive", "--plot", "a.svg"]].concat(),
    );
    let shown = text(&table.stdout);
    assert_eq!(code(&table), 0, "{}", text(&table.stderr));
    let picture = fs::read_to_string(dir.path().join("a.svg")).expect("drawn");
    assert!(picture.contains("median (champion)") && picture.contains("truth"), "the champion beside the truth");
    assert!(shown.contains("seasonal-naive") && shown.contains("2 series, 2 folds of 12 steps"), "{shown}");
    let complaint = |args: &[&str]| {
        let output = foreroute(dir.path(), args);
        assert_eq!(code(&output), 1, "{args:?}");
        text(&output.stderr)
    };
    let with = |more: &[&'static str]| [&BACKTEST[..], more].concat();
    let slip = complaint(&with(&["--input", "waves.csv", "--models", "naif"]));
    assert_eq!(slip, "error: there is no model `naif`; did you mean `naive`?\n");
    let column = complaint(&["backtest", "--input", "waves.csv", "--time", "when", "--value", "s", "--horizon", "2"]);
    assert_eq!(column, "error: waves.csv has no column `s`; there are `when`, `who`, `ms`\n");
    assert!(complaint(&with(&["--input", "none.csv"])).contains("none.csv"));
    let long = complaint(&with(&["--input", "waves.csv", "--window", "9", "--refit-every", "2", "--levels", "0.1,1"]));
    assert!(long.contains("levels must be strictly between 0 and 1"), "{long}");
    let short = &["backtest", "--input", "waves.csv", "--time", "when", "--value", "ms", "--series", "who"];
    let short = complaint(&[&short[..], &["--horizon", "120"]].concat());
    assert!(short.contains("1 folds of 120 steps need at least 121 steps, there are 120"), "{short}");
}

#[test]
fn a_series_that_fails_does_not_stop_the_others() {
    let dir = files();
    let path = dir.path().join("waves.csv");
    let more = fs::read_to_string(&path).expect("a file") + "1795132800,short,1\noops,a,1\n";
    fs::write(&path, more).expect("written");
    let args = [&BACKTEST[..], &["--input", "waves.csv", "--models", "naive", "--format", "json"]].concat();
    let output = foreroute(dir.path(), &args);
    assert_eq!(code(&output), 2);
    let found: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(found["series"], 2);
    assert!(found["series_failed"]["short"].as_str().is_some_and(|reason| reason.contains("one instant only")));
    let told = text(&output.stderr);
    assert!(told.contains("1 rows of waves.csv are left out; the first: row 242 `when` is `oops`"), "{told}");
    assert!(told.contains("error: series `short`: there is one instant only"), "{told}");
}

#[test]
fn a_forecast_goes_on_from_the_last_row() {
    let dir = files();
    let args = ["forecast", "--input", "waves.parquet", "--time", "when", "--value", "ms", "--horizon", "3"];
    let many = [&args[..], &["--series", "who", "--season", "24", "--model", "seasonal-naive"]].concat();
    let found = json(dir.path(), &many);
    for (at, (name, values)) in [("a", wave(1.0)), ("b", wave(100.0))].into_iter().enumerate() {
        let one = &found[at];
        assert_eq!(
            (&one["series"], &one["step_s"], &one["model"]),
            (&name.into(), &3_600.into(), &"seasonal-naive".into())
        );
        assert_eq!(one["origin"], "2026-11-24T23:00:00Z");
        assert_eq!(one["points"].as_array().map(Vec::len), Some(3));
        for (step, point) in one["points"].as_array().expect("a list").iter().enumerate() {
            assert_eq!(point["ts"], format!("2026-11-25T0{step}:00:00Z"));
            let mean = point["mean"].as_f64().expect("a number");
            assert!((mean - values[values.len() - SEASON + step]).abs() < 1e-9 * mean);
            let at = |level: &str| point["quantiles"][level].as_f64().expect("a number");
            assert!(at("0.05") <= at("0.5") && at("0.5") <= at("0.95") && at("0.05") < at("0.95"), "{point}");
        }
    }
    let more = ["--where", "who=b", "--levels", "0.1", "--plot", "b.svg"];
    let one = json(dir.path(), &[&args[..], &more].concat());
    assert!(fs::read_to_string(dir.path().join("b.svg")).expect("drawn").contains("Forecast of waves.parquet"));
    assert_eq!((&one["series"], &one["model"]), (&"ms".into(), &"champion".into()));
    assert_eq!(
        one["points"][0]["quantiles"].as_object().map(|all| all.keys().cloned().collect()),
        Some(vec!["0.1".to_owned(), "0.5".to_owned()])
    );
}

#[test]
fn plain_numbers_stay_plain_numbers() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    fs::write(dir.path().join("n.csv"), "t,v\n1,5\n2,6\n3,7\n").expect("written");
    let args = ["forecast", "--input", "n.csv", "--time", "t", "--value", "v", "--horizon", "1", "--model", "naive"];
    let found = json(dir.path(), &args);
    let point = &found["points"][0];
    assert_eq!((&found["origin"], &point["ts"], &point["mean"]), (&3.into(), &4.into(), &7.0.into()));
    let table = text(&foreroute(dir.path(), &args).stdout);
    assert!(table.contains("\nv       4      7 "), "{table}");
}

/// Five weeks of hours with a day and a week in them, as rows of a CSV.
fn weeks() -> Vec<String> {
    let row = |step: i32| {
        let wave = |period: f64| (f64::from(step) * std::f64::consts::TAU / period).sin();
        let value = 50.0 + 9.0 * wave(24.0) + 6.0 * wave(168.0) + f64::from(step * 7_919 % 101) / 50.0;
        format!("{},{value}", START_S + 3_600 * i64::from(step))
    };
    (0..35 * 24).map(row).collect()
}

fn write(dir: &TempDir, name: &str, rows: &[String]) {
    fs::write(dir.path().join(name), format!("ts,value\n{}\n", rows.join("\n"))).expect("written");
}

#[test]
fn seasons_are_found_where_none_are_given() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    write(&dir, "w.csv", &weeks());
    let asked = |more: &[&str]| {
        let args = ["backtest", "--input", "w.csv", "--horizon", "24", "--folds", "2", "--models", "seasonal-naive"];
        json(dir.path(), &[&args[..], &["--by-series"], more].concat())
    };
    let (found, given) = (asked(&[]), asked(&["--season", "24,168"]));
    assert_eq!(found["season_by_series"]["value"], serde_json::json!([24, 168]));
    assert_eq!((&found["season"], &given["season"]), (&Value::Null, &serde_json::json!([24, 168])));
    assert_eq!(found["champion"]["mase"], given["champion"]["mase"], "found or given, the work is the same");
    let args = ["forecast", "--input", "w.csv", "--horizon", "2", "--model", "median", "--format", "json"];
    let output = foreroute(dir.path(), &args);
    assert!(text(&output.stderr).contains("seasons found, in steps: 24,168 (of 1 series)"), "{output:?}");
    let without = json(dir.path(), &[&args[..7], &["--season", "none"]].concat());
    assert_eq!(without["season"], serde_json::json!([]));
}

#[test]
fn what_is_skipped_is_neither_learnt_nor_judged() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let rows: Vec<String> = (0..100).map(|t| format!("{t},{}", if (60..70).contains(&t) { 900 } else { 5 })).collect();
    write(&dir, "i.csv", &rows);
    let args = ["backtest", "--input", "i.csv", "--season", "none", "--horizon", "40", "--models", "naive"];
    let with = json(dir.path(), &args);
    let without = json(dir.path(), &[&args[..], &["--skip", "60..70", "--skip", "0..5"]].concat());
    assert_eq!((&with["champion"]["gaps"], &without["champion"]["gaps"]), (&0.into(), &10.into()));
    assert!(with["champion"]["rmse"].as_f64() > Some(100.0) && without["champion"]["rmse"].as_f64() < Some(0.1));
    let wrong = foreroute(dir.path(), &[&args[..], &["--skip", "70..60"]].concat());
    assert!(code(&wrong) == 1 && text(&wrong.stderr).contains("must end after it begins"), "{wrong:?}");
}

#[test]
fn a_holiday_is_forecast_like_the_one_before() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    // Sixty days of six-hour steps from 2026-11-20; one Friday is dead.
    let value = |step: i64| if step / 4 == 35 { 10 } else { 100 + step % 4 * 3 % 7 };
    let rows: Vec<String> = (0..240).map(|step| format!("{},{}", START_S + 21_600 * step, value(step))).collect();
    write(&dir, "h.csv", &rows);
    let args = ["forecast", "--input", "h.csv", "--season", "4", "--model", "structural", "--horizon", "8"];
    let mean = |found: &Value, step: usize| found["points"][step]["mean"].as_f64().expect("a number");
    let usual = json(dir.path(), &args);
    assert!((mean(&usual, 5) - 103.0).abs() < 10.0, "{usual}");
    // 2026-12-25 is day 35 of the rows; the second day ahead is 2027-01-20.
    let holiday = json(dir.path(), &[&args[..], &["--holidays", "2026-12-25,2027-01-20"]].concat());
    assert!(mean(&holiday, 5) < 40.0 && (mean(&holiday, 0) - 100.0).abs() < 10.0, "{holiday}");
    let champion = [&args[..5], &["--horizon", "8", "--holidays", "2026-12-25,2027-01-20"]].concat();
    assert!(mean(&json(dir.path(), &champion), 0) > 60.0);
}

#[test]
fn rows_in_any_order_zone_and_number_make_the_same_series() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let tidy: Vec<String> = weeks().into_iter().take(200).collect();
    write(&dir, "tidy.csv", &tidy);
    // Backwards, in the time of Tokyo, every fifth some seconds late, one row doubled with the first of both wrong, one row missing.
    let mut rows: Vec<String> = tidy
        .iter()
        .enumerate()
        .map(|(step, row)| {
            let value = row.split(',').nth(1).expect("two fields");
            let (day, hour) = ((step + 9) / 24, (step + 9) % 24);
            let date = if day < 11 { format!("2026-11-{}", 20 + day) } else { format!("2026-12-{:02}", day - 10) };
            format!("{date}T{hour:02}:00:{:02}+09:00,{value}", if step % 5 == 1 { 3 } else { 0 })
        })
        .collect();
    let doubled = rows[50].clone();
    rows.remove(20);
    rows.reverse();
    rows.insert(0, doubled.split_once(',').map_or_else(String::new, |(at, _)| format!("{at},-1000")));
    write(&dir, "wild.csv", &rows);
    let mut missing = tidy.clone();
    missing.remove(20);
    write(&dir, "tidy.csv", &missing);
    let asked = |name: &str| {
        let found = json(dir.path(), &["forecast", "--input", name, "--horizon", "3", "--model", "seasonal-naive"]);
        (found["points"].clone(), found["gaps"].clone(), found["season"].clone(), found["step_s"].clone())
    };
    let found = asked("wild.csv");
    assert_eq!(found, asked("tidy.csv"));
    assert_eq!((found.1, found.3), (1.into(), 3_600.into()));
}
