//! Every scenario in `tests/scenarios` comes out as it says. At most its first five seeds are played here, and what is
//! said of every seed or of the median must hold for those; `foreroute replay` plays all of them. The long ones in
//! `tests/scenarios/acceptance` are only read here.

use std::fs;
use std::path::{Path, PathBuf};

use foreroute::sim::scenario::expect::judge;
use foreroute::sim::scenario::play::{Played, history, play};
use foreroute::sim::scenario::{Scenario, Traces};

/// The first seed that `foreroute replay` takes, and how many are played here.
const SEED: u64 = 42;
const SEEDS: u64 = 5;

fn scenarios(dir: &str) -> Vec<(PathBuf, Scenario)> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join(dir);
    let mut files: Vec<_> = fs::read_dir(dir).expect("scenarios").map(|entry| entry.expect("a file").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    assert!(files.len() >= 3, "{files:?}");
    let parse = |file: PathBuf| {
        let text = fs::read_to_string(&file).expect("text");
        let scenario = Scenario::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        (file, scenario)
    };
    files.into_iter().map(parse).collect()
}

#[test]
fn long_scenarios_are_sound() {
    scenarios("tests/scenarios/acceptance");
}

#[test]
fn scenarios_come_out_as_they_say() {
    for (file, scenario) in scenarios("tests/scenarios") {
        let runs: Vec<Vec<Played>> = (SEED..SEED + scenario.seeds.min(SEEDS))
            .map(|seed| {
                let scene = scenario.scene(seed, &Traces::new()).expect("checked");
                play(&scene, &scenario.policies, &history(&scene))
            })
            .collect();
        for expected in &scenario.expectations {
            let of = |policy: &str| {
                let played = runs.iter().flatten().filter(|played| played.policy == policy);
                played.map(|played| &played.score).collect()
            };
            let verdict = judge(expected, of);
            assert!(verdict.holds, "{}: {verdict:?}", file.display());
        }
    }
}
