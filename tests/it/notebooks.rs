//! The notebooks run from top to bottom, and find what they are about.
//!
//! What runs them comes from `.venv`, which `.ci/test` fills; without it the test says so and shows nothing.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::readers::python;

/// Runs the notebook `name` and reads what it found; `None` without what runs it.
fn run(name: &str) -> Option<Value> {
    let python = python()?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let dir = tempfile::tempdir().expect("a directory");
    let results = dir.path().join("results.json");
    let output = Command::new(&python)
        .arg(root.join("tests/notebooks/execute.py"))
        .arg(root.join("notebooks").join(name))
        .env("FOREROUTE_BINARY", env!("CARGO_BIN_EXE_foreroute"))
        .env("FOREROUTE_NOTEBOOK_RESULTS", &results)
        .env("TMPDIR", dir.path())
        // Kernels of this environment only, and nothing in the home directory.
        .env("JUPYTER_PREFER_ENV_PATH", "1")
        .env("IPYTHONDIR", dir.path())
        .env("MPLCONFIGDIR", dir.path())
        .env("OMP_NUM_THREADS", "1")
        .output()
        .expect("python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&std::fs::read(&results).expect("written")).expect("JSON"))
}

fn number(found: &Value, pointer: &str) -> f64 {
    found.pointer(pointer).and_then(Value::as_f64).unwrap_or(f64::NAN)
}

#[test]
fn the_forecasting_notebook_runs_and_its_figures_hold() {
    let Some(found) = run("forecasting.ipynb") else { return };
    let number = |pointer: &str| number(&found, pointer);

    assert_eq!((number("/calls"), number("/fan_steps")), (4_165.0, 8.0), "every call of the file is in the series");
    let [champion, naive] = ["champion", "naive"].map(|model| number(&format!("/comparison/{model}/MASE")));
    assert!(champion < naive, "the champion has a MASE of {champion}, repeating the last value {naive}");
    let coverage = number("/comparison/champion/coverage");
    assert!((0.8..=0.98).contains(&coverage), "the 90 % interval covers {coverage}");
    assert!(number("/truths_inside") >= 5.0, "of eight truths most lie in the fan");
    let lstm = number("/mase_of_all/lstm");
    assert!(lstm > 0.0 && lstm < 2.0, "the network has learnt something: a MASE of {lstm}");
}

#[test]
fn the_anomalies_notebook_runs_and_its_figures_hold() {
    let Some(found) = run("anomalies.ipynb") else { return };
    let number = |pointer: &str| number(&found, pointer);
    assert_eq!((number("/rows"), number("/found/spike")), (3_456.0, 0.0), "a spike is told in its first step");
    let [point, delay] = ["point", "delay-adjusted"].map(|rule| number(&format!("/verdicts/{rule}/recall")));
    assert!(delay >= point, "what is told early counts as a whole: {delay} and {point}");
    let recall = |at: usize| number(&format!("/sensitivity/{at}/event recall"));
    assert!(recall(3) >= recall(0) && recall(3) > 0.9, "whoever wants to hear of much hears of nearly everything");
}

#[test]
fn the_tables_notebook_runs_and_its_figures_hold() {
    let Some(found) = run("tables.ipynb") else { return };
    let number = |pointer: &str| number(&found, pointer);
    assert_eq!((&found["same_totals"], number("/requests/0")), (&Value::Bool(true), 4_165.0), "roll-ups lose no call");
    let (merged, averaged) = (number("/merged_error_p95"), number("/averaged_error_median"));
    assert!(merged <= 0.011, "percentiles of hours are the calls' own within one percent: {merged}");
    assert!(averaged > 0.1, "averaged percentiles are not: {averaged}");
    let early = number("/left_before_incident_s");
    assert!(early > 0.0 && early < 200.0, "calls left {early} s before the incident");
}

#[test]
fn the_replay_notebook_runs_and_its_figures_hold() {
    let Some(found) = run("replay.ipynb") else { return };
    let number = |pointer: &str| number(&found, pointer);
    assert_eq!((number("/seeds"), number("/same_calls")), (5.0, 1.0), "all policies meet the same calls");
    let [fixed, ours] = ["static", "foreroute"].map(|policy| number(&format!("/harmed/slow/{policy}")));
    assert!(ours < fixed / 2.0, "decisions spare most harm: {ours} and {fixed}");
    assert!(number("/left_after_s/slow") < 30.0 && number("/left_after_s/dead") < 30.0);
}
