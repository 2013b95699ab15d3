//! `[heal]` and `[[playbook]]` as meant.

mod step;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{Channel, Receiver, Severity, unique_name};
use crate::config::check::Checker;
use crate::config::document::Path;
use crate::config::elements::duration;
use crate::config::raw;

pub use step::{Act, Condition, Step};

/// What may stand in an argument of a command.
pub const PLACEHOLDERS: [&str; 4] = ["{channel}", "{playbook}", "{run}", "{key}"];

/// What playbooks may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heal {
    /// Whether playbooks run at all.
    pub enabled: bool,
    /// Actions that may begin within an hour.
    pub actions_per_hour: u32,
    /// Program and arguments of each command, by name.
    pub commands: BTreeMap<String, Vec<String>>,
}

impl Default for Heal {
    fn default() -> Self {
        Self { enabled: true, actions_per_hour: 20, commands: BTreeMap::new() }
    }
}

/// What is done about a channel in trouble.
#[derive(Debug, Clone, PartialEq)]
pub struct Playbook {
    /// Its name; unique.
    pub name: String,
    /// Kinds of incidents that it is for.
    pub incidents: Vec<Trouble>,
    /// The mildest severity of these.
    pub at_least: Severity,
    /// Whether a channel that the fast lane shut is enough.
    pub tripped: bool,
    /// The risk from which on it acts ahead.
    pub risk: Option<f64>,
    /// Patterns of channels; all if empty.
    pub channels: Vec<String>,
    /// Patterns of providers; all if empty.
    pub providers: Vec<String>,
    /// What is done; at least one step.
    pub steps: Vec<Step>,
    /// What must hold afterwards.
    pub verify: Option<Verify>,
    /// What is done if that fails.
    pub roll_back: Vec<Step>,
    /// Whether two different operators must approve each run.
    pub high_risk: bool,
    /// Time after a run before the next one on the same channel.
    pub cool_down: Duration,
}

/// A kind of incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Nothing is heard of the channel.
    Absence,
    /// Calls fail.
    Errors,
    /// Calls are refused for load or quota.
    Throttling,
    /// Calls take long.
    Latency,
    /// Money runs at another rate than usual.
    Cost,
    /// More or fewer calls or tokens than usual.
    Traffic,
}

impl From<raw::Trouble> for Trouble {
    fn from(raw: raw::Trouble) -> Self {
        match raw {
            raw::Trouble::Absence => Self::Absence,
            raw::Trouble::Errors => Self::Errors,
            raw::Trouble::Throttling => Self::Throttling,
            raw::Trouble::Latency => Self::Latency,
            raw::Trouble::Cost => Self::Cost,
            raw::Trouble::Traffic => Self::Traffic,
        }
    }
}

/// What must hold after the steps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verify {
    /// What.
    pub that: Condition,
    /// Shares of calls are of all calls since the steps were done, once there are so many.
    pub calls: Option<u32>,
    /// How long without a break.
    pub hold: Duration,
    /// Time within which that must have been so; longer than `hold`.
    pub within: Duration,
    /// How often the steps are done before that is given up, 1 ..= 5.
    pub rounds: u32,
}

/// What playbooks may name.
pub(super) struct Known<'a> {
    pub channels: &'a [Channel],
    pub receivers: &'a [Receiver],
    pub commands: &'a BTreeMap<String, Vec<String>>,
}

impl Heal {
    pub(super) fn check(raw: &raw::Heal, path: &Path, checker: &mut Checker<'_>) -> Self {
        for (name, words) in &raw.commands {
            let path = path.key("commands").key(name);
            match words.first() {
                None => checker.fail(&path, "is empty; give the program with its full path, then its arguments"),
                Some(program) if !program.starts_with('/') => {
                    let message = format!("expected the full path of the program, found `{program}`");
                    checker.fail(&path.at(0), message);
                }
                Some(program) if program.contains('{') => {
                    checker.fail(&path.at(0), "the program itself cannot depend on the channel");
                }
                Some(_) => {}
            }
            for (at, word) in words.iter().enumerate().skip(1) {
                if let Some(unknown) = unknown_placeholder(word) {
                    let message = format!("there is no placeholder `{unknown}`; known are {}", PLACEHOLDERS.join(", "));
                    checker.fail(&path.at(at), message);
                }
            }
        }
        Self { enabled: raw.enabled, actions_per_hour: raw.actions_per_hour, commands: raw.commands.clone() }
    }
}

/// The first `{letters}` of `word` that is none of [`PLACEHOLDERS`].
fn unknown_placeholder(word: &str) -> Option<&str> {
    let mut rest = word;
    while let Some(begin) = rest.find('{') {
        let tail = rest.get(begin..)?;
        let end = tail.find('}')? + 1;
        let found = tail.get(..end)?;
        let is_word = found.len() > 2 && found[1..end - 1].bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        if is_word && !PLACEHOLDERS.contains(&found) {
            return Some(found);
        }
        rest = tail.get(1..)?;
    }
    None
}

impl Playbook {
    pub(super) fn check_all(
        raw: &[raw::Playbook],
        known: &Known<'_>,
        path: &Path,
        checker: &mut Checker<'_>,
    ) -> Vec<Self> {
        let mut taken = BTreeSet::new();
        let check = |(at, playbook): (usize, &raw::Playbook)| {
            let path = path.at(at);
            let name = unique_name(&playbook.name, &path.key("name"), &mut taken, checker);
            let body = Self::check(playbook, known, &path, checker);
            Some(Self { name: name?, ..body })
        };
        raw.iter().enumerate().filter_map(check).collect()
    }

    fn check(raw: &raw::Playbook, known: &Known<'_>, path: &Path, checker: &mut Checker<'_>) -> Self {
        let on = &raw.on;
        if on.incidents.is_empty() && !on.tripped && on.risk.is_none() {
            let message = "say when it runs: name `incidents`, or set `tripped = true` or `risk`";
            checker.fail(&path.key("on"), message);
        }
        if on.incidents.is_empty() && on.at_least.is_some() {
            checker.fail(&path.key("on").key("at_least"), "is about `incidents`, of which none are named");
        }
        let of_channels = known.channels.iter().map(|channel| channel.name.as_str());
        let channels = patterns(raw.channels.as_deref(), of_channels, "name", &path.key("channels"), checker);
        let of_providers = known.channels.iter().filter_map(|channel| channel.provider.as_deref());
        let providers = patterns(raw.providers.as_deref(), of_providers, "provider", &path.key("providers"), checker);
        if raw.step.is_empty() {
            checker.fail(&path.key("step"), "a playbook needs at least one step");
        }
        let steps = Step::check_all(&raw.step, known, &path.key("step"), checker);
        let is_drained = |at: usize| raw.step.iter().take(at).any(|step| step.what == raw::Do::Drain);
        for (at, step) in raw.step.iter().enumerate() {
            if step.what == raw::Do::Restore && !is_drained(at) {
                checker.fail(&path.key("step").at(at).key("do"), "nothing is drained before this step");
            }
        }
        let roll_back = Step::check_all(&raw.roll_back, known, &path.key("roll_back"), checker);
        let span = |text: Option<&str>, least: &str, most: &str, default: u64| {
            text.map_or(Ok(Duration::from_secs(default)), |text| duration::parse_within(text, least, most))
        };
        let cool_down = span(raw.cool_down.as_deref(), "0s", "30d", 1_800);
        let cool_down = checker.take_or(&path.key("cool_down"), cool_down, Duration::from_mins(30));
        let verify = raw.verify.as_ref().map(|verify| {
            let path = path.key("verify");
            let (hold, within) = (Duration::from_mins(3), Duration::from_mins(15));
            let spans =
                (span(verify.hold.as_deref(), "0s", "1d", 180), span(verify.within.as_deref(), "1s", "7d", 900));
            let verify = Verify {
                that: Condition::check(&verify.that, &path.key("that"), checker),
                calls: verify.calls,
                hold: checker.take_or(&path.key("hold"), spans.0, hold),
                within: checker.take_or(&path.key("within"), spans.1, within),
                rounds: verify.rounds.unwrap_or(1),
            };
            if verify.calls.is_some() && verify.that.errors_below.is_none() && verify.that.slow_below.is_none() {
                checker.fail(
                    &path.key("calls"),
                    "says of how many calls `errors_below` or `slow_below` is a share; neither is there",
                );
            }
            if verify.within <= verify.hold {
                checker.fail(&path.key("within"), "must be longer than `hold`, or nothing could ever be found good");
            }
            verify
        });
        Self {
            name: String::new(),
            incidents: on.incidents.iter().map(|kind| Trouble::from(*kind)).collect(),
            at_least: on.at_least.map_or(Severity::P2, Severity::from),
            tripped: on.tripped,
            risk: on.risk,
            channels,
            providers,
            steps,
            verify,
            roll_back,
            high_risk: raw.high_risk,
            cool_down,
        }
    }
}

/// Patterns of names; one without `*` and `?` must be one of `names`, for a slip of the pen would never run.
fn patterns<'n>(
    raw: Option<&[String]>,
    names: impl Iterator<Item = &'n str>,
    what: &str,
    path: &Path,
    checker: &mut Checker<'_>,
) -> Vec<String> {
    let Some(raw) = raw else { return Vec::new() };
    let known: BTreeSet<&str> = names.collect();
    if raw.is_empty() {
        checker.fail(path, "name at least one, or leave this out for all of them");
    }
    for (at, pattern) in raw.iter().enumerate() {
        let is_plain = !pattern.contains(['*', '?']);
        if is_plain && !known.contains(pattern.as_str()) {
            checker.fail(&path.at(at), format!("there is no `[[channel]]` whose {what} is `{pattern}`"));
        }
    }
    raw.to_vec()
}
