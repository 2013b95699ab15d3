//! `detect` on plain files, through the binary.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Output};

use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::RowAccessor;
use serde_json::Value;
use tempfile::TempDir;

/// Quarters of an hour in a day, days in the file, and the row of the fault.
const DAY: u32 = 96;
const DAYS: u32 = 12;
const FAULT: u32 = 10 * DAY + 40;

fn foreroute(dir: &Path, args: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_foreroute");
    Command::new(program).args(args).current_dir(dir).env_clear().output().expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A daily wave with noise, and one fault of three rows.
fn file() -> TempDir {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let mut csv = "ts,value,who,part,label\n".to_owned();
    for row in 0..DAYS * DAY {
        let noise = f64::from(row * 7_919 % 101) / 20.0;
        let wave = 100.0 + 40.0 * (f64::from(row % DAY) / f64::from(DAY) * std::f64::consts::TAU).sin();
        let value = wave + noise + if (FAULT..FAULT + 3).contains(&row) { 90.0 } else { 0.0 };
        let part = if row < 9 * DAY { "train" } else { "test" };
        writeln!(csv, "{},{value},a,{part},0", 1_795_132_800 + 900 * row).expect("a string");
    }
    fs::write(dir.path().join("wave.csv"), csv).expect("written");
    dir
}

#[test]
fn every_row_is_scored_and_the_fault_is_the_anomaly() {
    let dir = file();
    let learning = ["--train-until", "part=train", "--label", "label"];
    for args in [&[][..], &learning, &["--train-until", "2026-11-29"]] {
        let args =
            [&["detect", "--input", "wave.csv", "--series", "who", "--format", "json", "--quiet"], args].concat();
        let output = foreroute(dir.path(), &args);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let rows: Vec<Value> = serde_json::from_slice(&output.stdout).expect("a JSON array");
        assert_eq!(rows.len(), (DAYS * DAY) as usize);
        let fault = &rows[FAULT as usize];
        assert_eq!((&fault["series"], &fault["ts"]), (&Value::from("a"), &Value::from("2026-11-30T10:00:00Z")));
        assert!(fault["anomaly"] == true && fault["score"].as_f64() > Some(0.5), "{fault}");
        assert!(fault["detectors"]["seasonal"].as_f64() > Some(0.5), "{fault}");
        assert!(rows[0]["score"] == 0.0 && rows[0]["state"] == "warming" && rows[0]["detectors"]["level"].is_null());
        // Sums of ten readings know the three rows of the fault until they have left.
        let fault = FAULT as usize..FAULT as usize + 13;
        let others = rows.iter().enumerate().filter(|(at, row)| !fault.contains(at) && row["anomaly"] == true);
        assert!(others.count() <= 6, "those of a short past, and one in ten days");
    }
}

#[test]
fn the_same_goes_into_parquet_and_into_a_table() {
    let dir = file();
    let args = ["detect", "--input", "wave.csv", "--direction", "up", "--format", "parquet", "--out", "scores.parquet"];
    let output = foreroute(dir.path(), &args);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(output.stdout.is_empty());
    let reader = SerializedFileReader::new(File::open(dir.path().join("scores.parquet")).expect("a file"));
    let rows: Vec<_> =
        reader.expect("Parquet").get_row_iter(None).expect("rows").map(|row| row.expect("a row")).collect();
    assert_eq!(rows.len(), (DAYS * DAY) as usize);
    let fault = &rows[FAULT as usize];
    assert!(fault.get_bool(4).expect("anomaly") && fault.get_double(3).expect("score") > 0.5);
    let table = text(&foreroute(dir.path(), &["detect", "--input", "wave.csv"]).stdout);
    assert!(table.contains("2026-11-30T10:00:00Z"), "{table}");

    // One spike: the line shows it, and not a row behind it that is odd for its sake.
    let value = |row: u32| if row == FAULT { 5_000.0 } else { 100.0 + f64::from(row * 7_919 % 101) / 20.0 };
    let rows = (0..DAYS * DAY).map(|row| format!("{},{}\n", 1_795_132_800 + 900 * row, value(row)));
    fs::write(dir.path().join("spike.csv"), rows.fold("ts,value\n".to_owned(), |csv, row| csv + &row))
        .expect("written");
    let table = text(&foreroute(dir.path(), &["detect", "--input", "spike.csv"]).stdout);
    let line = table.lines().find(|line| line.contains("2026-11-30T10:00:00Z")).expect("the spike");
    assert!(line.contains("5000"), "{table}");
}

/// Whether every element of `svg` that is opened is closed in turn; texts and attributes hold no bare brackets then.
fn is_well_formed(svg: &str) -> bool {
    let mut open = Vec::new();
    for tag in svg.split('<').skip(1) {
        let Some((tag, _text)) = tag.split_once('>').filter(|(_, text)| !text.contains('>')) else { return false };
        let name = tag.trim_matches('/').split_whitespace().next();
        match (tag.starts_with('/'), tag.ends_with('/')) {
            (true, _) if open.pop() != name => return false,
            (false, false) => open.extend(name),
            _ => {}
        }
    }
    open.is_empty()
}

#[test]
fn a_picture_has_a_panel_for_each_series_and_a_mark_for_each_anomaly() {
    let dir = file();
    let args = ["detect", "--input", "wave.csv", "--value", "value", "--format", "json", "--plot", "wave.svg"];
    let output = foreroute(dir.path(), &args);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("drawn into wave.svg\n"), "{}", text(&output.stderr));
    let rows: Vec<Value> = serde_json::from_slice(&output.stdout).expect("a JSON array");
    let odd = rows.iter().filter(|row| row["anomaly"] == true).count();
    let picture = fs::read_to_string(dir.path().join("wave.svg")).expect("drawn");
    assert!(is_well_formed(&picture) && !is_well_formed("<svg><g></svg>"), "{picture}");
    assert!(odd > 0 && picture.matches("<circle").count() == odd, "{odd} anomalies");
    for part in ["<polygon", "Anomalies of wave.csv", "expected", "anomaly", "time (UTC)"] {
        assert!(picture.contains(part), "{part} is missing");
    }

    let rows = (0..14 * 300).map(|row| format!("{},s{:02},{}\n", row / 14, row % 14, row % 5));
    fs::write(dir.path().join("many.csv"), rows.fold("t,who,v\n".to_owned(), |csv, row| csv + &row)).expect("written");
    let args =
        ["detect", "--input", "many.csv", "--time", "t", "--value", "v", "--series", "who", "--plot", "many.svg"];
    let told = text(&foreroute(dir.path(), &args).stderr);
    assert!(told.contains("the first 12 of 14 series drawn into many.svg\n"), "{told}");
    let picture = fs::read_to_string(dir.path().join("many.svg")).expect("drawn");
    assert!(is_well_formed(&picture) && picture.contains("s11") && !picture.contains("s12"), "twelve panels");
}

#[test]
fn mistakes_are_told_before_any_work() {
    let dir = file();
    let refused = |args: &[&str]| {
        let output = foreroute(dir.path(), &[&["detect", "--input", "wave.csv"], args].concat());
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        text(&output.stderr)
    };
    assert!(refused(&["--sensitivity", "0"]).contains("alarms_per_day"));
    assert!(refused(&["--label", "label"]).contains("--train-until"));
    assert!(refused(&["--train-until", "part=no"]).contains("no training part"));
    assert!(refused(&["--format", "parquet"]).contains("--out"));
}
