//! The real OpenTelemetry SDK sends to a real server: its totals arrive, and what was said in the calls does not.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::readers::python;
use crate::site::{Site, whole};

/// What the client puts wherever prompts and completions can be.
const SECRET: &str = "the harbour master keeps the spare key under the third bollard";

/// The columns that are compared.
const COLUMNS: [&str; 7] =
    ["requests", "errors", "throttled", "timeouts", "tokens_prompt", "tokens_completion", "tokens_cached"];

/// No file at all.
const NOWHERE: [PathBuf; 0] = [];

/// Per channel, the columns in their order.
type Totals = BTreeMap<String, Vec<u64>>;

/// Runs the client; the totals that it says it sent.
fn send(python: &Path, url: &str) -> Totals {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/otel/send.py");
    let output = Command::new(python).arg(script).args([url, "--secret", SECRET]).output().expect("python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told: BTreeMap<String, BTreeMap<String, Value>> =
        serde_json::from_slice(&output.stdout).expect("one JSON document");
    // The client leaves out what it never counted.
    let row = |counts: BTreeMap<String, Value>| COLUMNS.map(|name| counts.get(name).map_or(0, whole)).to_vec();
    told.into_iter().map(|(channel, counts)| (channel, row(counts))).collect()
}

async fn stored(site: &Site) -> Totals {
    let sums = COLUMNS.map(|name| format!("SUM({name}) AS {name}")).join(", ");
    let rows = site.sql(&format!("SELECT channel, {sums} FROM samples GROUP BY channel")).await;
    let cells = |row: &Value| (1..=COLUMNS.len()).map(|at| whole(&row[at])).collect();
    rows.iter().map(|row| (row[0].as_str().expect("a channel").to_owned(), cells(row))).collect()
}

/// Every file below `dir`.
fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).expect("a readable directory").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// The files below `dir` that hold `text`.
fn holding(dir: &Path, text: &str) -> Vec<PathBuf> {
    let holds = |path: &PathBuf| {
        let bytes = fs::read(path).expect("a readable file");
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    };
    files(dir).into_iter().filter(holds).collect()
}

#[tokio::test]
async fn the_totals_of_the_sdk_arrive_and_content_does_not() {
    let Some(python) = python() else { return };
    let dir = tempfile::tempdir().expect("a temporary directory");
    let site = Site::new(dir.path(), "");
    let server = site.serve().await;

    let told = send(&python, &site.url(""));
    assert_eq!(told.len(), 4, "two channels by spans, two by histograms: {told:?}");
    assert_eq!(stored(&site).await, told, "log:\n{}", site.log());

    let depth = "SELECT SUM(\"count\"), MIN(\"min\"), MAX(\"max\") FROM gauges WHERE metric = 'agent.queue.depth'";
    let readings: Vec<u64> = site.sql(depth).await[0].as_array().expect("a row").iter().map(whole).collect();
    assert_eq!(readings, [3, 3, 4], "one reading of each round, the last one again at the end");
    let gauges = site.sql("SELECT metric, labels FROM gauges").await;
    assert!(gauges.iter().all(|row| !row.to_string().contains(SECRET)), "{gauges:?}");

    // In the log before the stop, in the checkpoint after it; names of models show that the search finds what is there.
    let data = dir.path().join("data");
    assert!(!holding(&data, "claude-sonnet").is_empty());
    assert_eq!(holding(dir.path(), SECRET), NOWHERE);
    assert_eq!(server.stop(), Some(0), "log:\n{}", site.log());
    assert!(!holding(&data, "claude-sonnet").is_empty());
    assert_eq!(holding(dir.path(), SECRET), NOWHERE);
    let server = site.serve().await;
    assert_eq!(stored(&site).await, told, "after a restart; log:\n{}", site.log());
    server.kill();
}
