//! Published traces. They are not part of the repository; where they are absent, the tests say so and pass.

use std::path::{Path, PathBuf};

use foreroute::collect::import::mapping::Wishes;
use foreroute::domain::time::Timestamp;
use foreroute::engine::import::{Cuts, Verdict};

use super::store::TestStore;
use super::{compare, import, totals};

/// The trace `name`: in `$FOREROUTE_TRACES`, or in `../shared/data/llm` beside the repository.
fn trace(name: &str) -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "tests are told by the environment where things are")]
    let named = std::env::var_os("FOREROUTE_TRACES").map(PathBuf::from);
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/llm");
    let path = named.unwrap_or_else(beside).join(name);
    if path.exists() {
        return Some(path);
    }
    #[expect(clippy::print_stderr, reason = "a test that shows nothing must say so")]
    {
        eprintln!("skipped: {} is absent", path.display());
    }
    None
}

/// Imports a trace twice and compares what is stored with the independent reader. Latencies of stated minutes are
/// not merged, so for minute files only the sums are compared.
fn check(preset: &str, layout: &str, name: &str) {
    let Some(path) = trace(name) else { return };
    let start = Timestamp::parse_rfc3339("2024-01-01T00:00:00Z");
    let wishes = Wishes { preset: Some(preset.to_owned()), start, ..Wishes::default() };
    let by_columns = Wishes { start, ..Wishes::default() };
    let store = TestStore::new();
    let first = import(&path, &wishes, Cuts::default(), &mut store.target()).expect("imports");
    assert_eq!((first.rejected, &first.verdict), (0, &Verdict::Imported), "{:?}", first.rejects);
    let samples = store.samples();
    assert_eq!(samples.len() as u64, first.minutes);
    if let Some(totals) = totals(layout, &path) {
        compare(&first, &store, &totals);
    }
    let store = store.reopened();
    let catalog = store.store.snapshot().catalog().clone();
    let second = import(&path, &by_columns, Cuts::default(), &mut store.target()).expect("is known");
    assert!(matches!(second.verdict, Verdict::AlreadyImported { .. }), "{:?}", second.verdict);
    assert_eq!(store.store.snapshot().catalog(), &catalog);
    assert_eq!(store.samples(), samples);
}

#[test]
fn azure() {
    check("azure", "tokens", "azure2023_code_requests.parquet");
    check("azure", "token-minutes", "azure2023_code_minute.csv.gz");
}

#[test]
fn vllm_bench() {
    check("vllm-bench", "vllm-bench", "vllm_bench_v0.3.0_requests.parquet");
}

#[test]
fn servegen() {
    check("servegen", "tokens", "servegen_resampled_requests.parquet");
    check("servegen", "token-minutes", "servegen_resampled_minute.parquet");
}

#[test]
fn gentd26() {
    check("gentd26", "gentd26", "gentd26_image_requests.parquet");
    check("gentd26", "gentd26-minutes", "gentd26_image_minute_sparse.csv.gz");
}

#[test]
fn thefastest() {
    check("thefastest", "thefastest", "thefastest_probes.csv.gz");
}

#[test]
fn llmperf() {
    check("llmperf", "llmperf", "llmperf_requests.csv.gz");
}

#[test]
fn mooncake() {
    check("mooncake", "tokens", "mooncake_conversation_requests.parquet");
    check("mooncake", "token-minutes", "mooncake_conversation_minute.csv.gz");
}
