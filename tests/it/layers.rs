//! The arrows of the architecture, kept true by reading every `use crate::` line.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Which top-level modules each module may name. What is absent is forbidden.
const ARROWS: &[(&str, &[&str])] = &[
    ("stats", &[]),
    ("domain", &["stats"]),
    ("forecast", &["domain", "stats"]),
    ("anomaly", &["domain", "stats", "forecast"]),
    ("incident", &["domain", "stats", "anomaly"]),
    ("risk", &["domain", "stats", "forecast", "anomaly"]),
    ("policy", &["domain", "stats", "incident", "risk"]),
    ("alert", &["domain", "stats", "incident"]),
    ("report", &["domain", "stats", "policy"]),
    ("chat", &["domain", "stats", "policy"]),
    ("clock", &["domain"]),
    ("config", &["domain", "stats"]),
    ("telemetry", &["domain", "stats"]),
    ("collect", &["domain", "stats", "clock", "telemetry"]),
    ("store", &["domain", "stats", "telemetry"]),
    ("act", &["domain", "stats", "incident", "alert", "chat", "clock", "telemetry"]),
    (
        "engine",
        &[
            "domain",
            "stats",
            "forecast",
            "anomaly",
            "incident",
            "alert",
            "policy",
            "report",
            "risk",
            "clock",
            "config",
            "telemetry",
            "collect",
            "store",
            "act",
        ],
    ),
    (
        "api",
        &[
            "domain",
            "stats",
            "forecast",
            "anomaly",
            "incident",
            "alert",
            "policy",
            "report",
            "risk",
            "chat",
            "clock",
            "config",
            "telemetry",
            "engine",
            "store",
            "collect",
        ],
    ),
    ("sim", &["domain", "stats", "forecast", "incident", "policy", "risk", "clock", "collect", "engine"]),
    (
        "cli",
        &[
            "domain",
            "stats",
            "forecast",
            "anomaly",
            "incident",
            "alert",
            "policy",
            "report",
            "risk",
            "chat",
            "clock",
            "config",
            "telemetry",
            "collect",
            "store",
            "engine",
            "api",
            "sim",
        ],
    ),
];

/// Crates with one home each: (crate path, directories that may name it).
const HOMES: &[(&str, &[&str])] = &[
    ("polars", &["store/query"]),
    ("linfa", &["forecast/structural", "anomaly/forest"]),
    ("linfa_elasticnet", &["forecast/structural"]),
    ("ndarray", &["forecast/structural", "anomaly/forest"]),
    ("microlp", &["stats/simplex"]),
    ("axum", &["api"]),
    ("arrow", &["store", "collect/import"]),
    ("parquet", &["store", "collect/import"]),
    ("object_store", &["store"]),
    ("ring", &["act", "api/slack"]),
    ("redis", &["act/adapters/redis_litellm"]),
];

/// What the pure layers may never name.
const IMPURE: &[&str] = &[
    "tokio",
    "axum",
    "polars",
    "arrow",
    "parquet",
    "reqwest",
    "hyper",
    "std::fs",
    "std::net",
    "tracing",
    "chrono::Utc::now",
];

/// Modules and files that are pure although their neighbours are not.
const PURE: &[&str] = &[
    "domain",
    "stats",
    "forecast",
    "anomaly",
    "incident",
    "alert",
    "policy",
    "report",
    "risk",
    "chat",
    "collect/accumulate",
    "collect/ledger",
    "sim/world",
    "sim/demand",
    "sim/jobs",
    "sim/replay",
    "sim/scenario",
];

fn sources() -> Vec<(String, PathBuf)> {
    fn walk(dir: &Path, out: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(dir).expect("src can be listed") {
            let path = entry.expect("entry can be read").path();
            if path.is_dir() {
                walk(&path, out);
            } else if path.extension().is_some_and(|ext| ext == "rs") {
                out.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    walk(&root, &mut files);
    files.sort();
    let name = |path: &Path| {
        let relative = path.strip_prefix(&root).expect("below src");
        relative.with_extension("").to_string_lossy().replace('\\', "/")
    };
    files.into_iter().map(|path| (name(&path), path)).collect()
}

fn is_below(name: &str, home: &str) -> bool {
    name == home || name.strip_prefix(home).is_some_and(|rest| rest.starts_with('/'))
}

/// Code lines of a file: comments do not count.
fn code_lines(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).expect("source is text");
    text.lines().map(str::trim).filter(|line| !line.starts_with("//")).map(str::to_owned).collect()
}

/// Whether `line` names the path `name` as a path of its own: `name::`, not `my_name::`.
fn names(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = &line[at + name.len()..];
        let starts = before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':');
        starts && (after.starts_with("::") || after.starts_with(';'))
    })
}

#[test]
fn arrows_point_inwards() {
    let mut wrong = BTreeSet::new();
    for (name, path) in sources() {
        let top = name.split('/').next().unwrap_or_default();
        let Some((_, allowed)) = ARROWS.iter().find(|(module, _)| *module == top) else { continue };
        for line in code_lines(&path) {
            for (at, _) in line.match_indices("crate::") {
                let target: String = line[at + 7..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if ARROWS.iter().any(|(module, _)| *module == target) && target != top && !allowed.contains(&&*target) {
                    wrong.insert(format!("{name}: {top} -> {target}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "forbidden arrows:\n{wrong:#?}");
}

#[test]
fn crates_stay_in_their_homes() {
    let mut wrong = BTreeSet::new();
    for (name, path) in sources() {
        for line in code_lines(&path) {
            for (krate, homes) in HOMES {
                if names(&line, krate) && !homes.iter().any(|home| is_below(&name, home)) {
                    wrong.insert(format!("{name} names {krate}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "crates outside their homes:\n{wrong:#?}");
}

#[test]
fn pure_modules_stay_pure() {
    let mut wrong = BTreeSet::new();
    for (name, path) in sources().into_iter().filter(|(name, _)| PURE.iter().any(|pure| is_below(name, pure))) {
        for line in code_lines(&path) {
            for banned in IMPURE {
                if names(&line, banned) {
                    wrong.insert(format!("{name} names {banned}"));
                }
            }
            if line.contains("async fn") {
                wrong.insert(format!("{name} has an async fn"));
            }
        }
    }
    assert!(wrong.is_empty(), "impure lines in pure modules:\n{wrong:#?}");
}
