//! The program's own metrics: named once, and each of them recorded.

use std::fs;
use std::path::{Path, PathBuf};

use foreroute::telemetry::names::Metric;

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("src can be listed") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn every_metric_is_recorded_and_none_is_named_by_hand() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    sources(&root, &mut paths);
    let outside = paths.iter().filter(|path| !path.starts_with(root.join("telemetry")));
    let code: String = outside.map(|path| fs::read_to_string(path).expect("text")).collect();
    for metric in Metric::ALL {
        assert!(code.contains(&format!("Metric::{metric:?}")), "{metric:?} is never recorded");
    }
    for kind in ["counter", "gauge", "histogram"] {
        assert!(!code.contains(&format!("{kind}!(\"")), "a {kind} is named by hand");
    }
}
