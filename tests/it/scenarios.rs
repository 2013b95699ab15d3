//! Every scenario in `tests/scenarios` comes out as it says. At most its first five seeds are played here, and what is
//! said of every seed or of the median must hold for those; `foreroute replay` plays all of them. The long ones in
//! `tests/scenarios/acceptance` are only read here.

use std::fs;
use std::path::{Path, PathBuf};

use foreroute::config;
use foreroute::engine::HealSettings;
use foreroute::sim::replay::scene::Scene;
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

/// The scene of one seed, with the playbooks of the configuration that `scenario` in `file` names.
fn scene(file: &Path, scenario: &Scenario, seed: u64) -> Scene {
    let scene = scenario.scene(seed, &Traces::new()).expect("checked");
    let Some(name) = &scenario.playbooks else { return scene };
    let checked = config::check_file(&file.parent().expect("a folder").join(name)).expect("a sound configuration");
    let heal = HealSettings::of(&checked.config).expect("playbooks that would run");
    scene.with_playbooks(heal.setting).expect("the scenario knows their commands")
}

#[test]
fn long_scenarios_are_sound() {
    for (file, scenario) in scenarios("tests/scenarios/acceptance") {
        if scenario.trace_names().next().is_none() {
            let scene = scene(&file, &scenario, SEED);
            assert_eq!(scene.care.playbooks.is_some(), scenario.playbooks.is_some());
        }
    }
}

#[test]
fn scenarios_come_out_as_they_say() {
    for (file, scenario) in scenarios("tests/scenarios") {
        let runs: Vec<Vec<Played>> = (SEED..SEED + scenario.seeds.min(SEEDS))
            .map(|seed| {
                let scene = scene(&file, &scenario, seed);
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
