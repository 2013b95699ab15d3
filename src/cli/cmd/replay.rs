//! `foreroute replay`: scenarios in a simulated world, several policies side by side.

mod playbooks;
mod report;
mod traces;

use std::fs;
use std::path::{Path, PathBuf};

use crate::cli::args::{Format, Shared};
use crate::cli::exit::{Exit, Failure};
use crate::cli::output;
use crate::cli::parallel;
use crate::cli::plot::timeline;
use crate::domain::sample::Sample;
use crate::policy::healing::healer::Setting;
use crate::sim::replay::scene::Scene;
use crate::sim::scenario::play::{POLICIES, Played, history, play};
use crate::sim::scenario::{Scenario, ScenarioError, Traces};

/// Arguments of `replay`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A scenario is a TOML file: channels, route classes with their promises and demand, what goes wrong, which policies play
and ranges that their measures must lie in; those in `tests/scenarios` of the source are examples. All policies hear of
the same past, meet the same calls, and have the same luck. The first seed is --seed.

A scenario may name a configuration (its key is `playbooks`) whose playbooks run in the simulated world, and say
what its commands take and mend there. Then `foreroute-playbooks` and `foreroute-alerts` play: the engine with these
playbooks, and the engine with a person who is alerted by their triggers instead.

Everything it prints is simulated. The exit code is 2 if something came other than was expected.

Examples:
  foreroute replay tests/scenarios/*.toml
  foreroute replay ramp.toml --seeds 20 --format json
  foreroute replay ramp.toml --seeds 1 --policy static,litellm-latency --plot ramp.svg")]
pub struct Args {
    /// Scenario files
    #[arg(required = true, value_name = "SCENARIO")]
    files: Vec<PathBuf>,
    /// How many seeds to play each with [default: as the scenario says]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=10_000))]
    seeds: Option<u64>,
    /// Who plays [default: as the scenario says]; what is expected of others is not judged
    #[arg(long, value_name = "NAME,..", value_delimiter = ',', value_parser = clap::builder::PossibleValuesParser::new(POLICIES))]
    policy: Vec<String>,
    /// Runs at once [default: one for each core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Draw what each policy did in the first seed of the first scenario into this SVG file
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
}

/// A scenario with everything that it needs.
struct Loaded {
    scenario: Scenario,
    traces: Traces,
    playbooks: Option<Setting>,
    policies: Vec<String>,
}

/// One scenario played with one seed.
struct Job<'a> {
    loaded: &'a Loaded,
    seed: u64,
}

/// What came of one scenario: the runs of each seed.
struct Outcome<'a> {
    loaded: &'a Loaded,
    by_seed: Vec<(u64, Vec<Played>)>,
}

/// Plays all scenarios.
///
/// # Errors
/// [`Failure`] if a scenario cannot be read or the picture cannot be written.
pub fn run(args: &Args, shared: &Shared) -> Result<Exit, Failure> {
    let loaded = args.files.iter().map(|file| load(file, &args.policy)).collect::<Result<Vec<_>, _>>()?;
    let seeds = |of: &Loaded| shared.seed..shared.seed.saturating_add(args.seeds.unwrap_or(of.scenario.seeds));
    let jobs: Vec<Job<'_>> = loaded.iter().flat_map(|of| seeds(of).map(move |seed| Job { loaded: of, seed })).collect();
    let bar = parallel::bar(shared, "replay", jobs.len());
    let threads = args.jobs.map_or_else(parallel::cores, usize::from);
    let mut played = parallel::map(&jobs, threads, &bar, |job| one(job).map(|runs| (job.seed, runs))).into_iter();
    let mut results = Vec::with_capacity(loaded.len());
    for of in &loaded {
        let count = seeds(of).count();
        let by_seed = played.by_ref().take(count).collect::<Result<Vec<_>, _>>();
        results.push(Outcome { loaded: of, by_seed: by_seed.map_err(|error| wrong(&of.scenario.name, &error))? });
    }
    if let (Some(path), Some(first)) = (&args.plot, results.first()) {
        picture(path, first)?;
    }
    let verdicts: Vec<_> = results.iter().map(report::verdicts).collect();
    match shared.format {
        Format::Json => output::emit_json(&report::json(&results, &verdicts))?,
        Format::Table => output::emit(&report::text(&results, &verdicts, output::styled()))?,
    }
    let all_hold = verdicts.iter().flatten().all(|verdict| verdict.holds);
    Ok(if all_hold { Exit::Done } else { Exit::Partial })
}

fn wrong(name: &str, error: &ScenarioError) -> Failure {
    Failure::new(Exit::Usage, format!("scenario {name}: {error}"))
}

/// The scenario in `file`, with its traces, played by `chosen` instead of its own policies if any are.
fn load(file: &Path, chosen: &[String]) -> Result<Loaded, Failure> {
    let text = fs::read_to_string(file)
        .map_err(|error| Failure::new(Exit::Usage, format!("cannot read {}: {error}", file.display())))?;
    let scenario = Scenario::parse(&text).map_err(|error| wrong(&file.display().to_string(), &error))?;
    let beside = file.parent().unwrap_or(Path::new("."));
    let read = |name: &str| Ok((name.to_owned(), traces::read(&beside.join(name))?));
    let traces = scenario.trace_names().map(read).collect::<Result<Traces, Failure>>()?;
    let policies = if chosen.is_empty() { scenario.policies.clone() } else { chosen.to_vec() };
    let playbooks = scenario.playbooks.as_ref().map(|name| playbooks::read(&beside.join(name))).transpose()?;
    scenario.check_policies(&policies).map_err(|error| wrong(&scenario.name, &error))?;
    Ok(Loaded { scenario, traces, playbooks, policies })
}

impl Loaded {
    /// The scene of one seed, with its playbooks.
    fn scene(&self, seed: u64) -> Result<Scene, ScenarioError> {
        let scene = self.scenario.scene(seed, &self.traces)?;
        match &self.playbooks {
            Some(playbooks) => scene.with_playbooks(playbooks.clone()),
            None => Ok(scene),
        }
    }
}

fn one(job: &Job<'_>) -> Result<Vec<Played>, ScenarioError> {
    let (scene, past) = prepared(job.loaded, job.seed)?;
    Ok(play(&scene, &job.loaded.policies, &past))
}

fn prepared(loaded: &Loaded, seed: u64) -> Result<(Scene, Vec<Vec<Sample>>), ScenarioError> {
    let scene = loaded.scene(seed)?;
    let past = history(&scene);
    Ok((scene, past))
}

fn picture(path: &Path, result: &Outcome<'_>) -> Result<(), Failure> {
    let Some((seed, runs)) = result.by_seed.first() else { return Ok(()) };
    let scenario = &result.loaded.scenario;
    let scene = result.loaded.scene(*seed).map_err(|error| wrong(&scenario.name, &error))?;
    let title = format!("{} (simulated, seed {seed})", scenario.about);
    timeline::write(path, &title, &scene, runs)
}
