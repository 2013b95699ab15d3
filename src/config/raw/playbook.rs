//! `[heal]` and `[[playbook]]` as written.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Severity;
use crate::config::elements::duration::DurationText;

/// What playbooks may do.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct Heal {
    /// Whether playbooks run at all.
    pub enabled: bool,
    /// Drains, webhooks and commands that may begin within an hour, over all channels.
    #[schemars(range(min = 1, max = 10_000))]
    pub actions_per_hour: u32,
    /// The commands that playbooks may run, by name: the program with its full path, then its arguments. No shell is
    /// involved; `{channel}`, `{playbook}`, `{run}` and `{key}` are replaced within an argument.
    pub commands: BTreeMap<String, Vec<String>>,
}

impl Default for Heal {
    fn default() -> Self {
        Self { enabled: true, actions_per_hour: 20, commands: BTreeMap::new() }
    }
}

/// What is done about a channel in trouble, step by step. Runs by itself where the mode of its route classes is `auto`, after
/// a person's approval where it is `approve`; where it is `advise`, what would run is told.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Playbook {
    /// Its name.
    pub name: String,
    /// When it is for a channel: any of these.
    pub on: On,
    /// Channels that it is for, by names in which `*` stands for any letters and `?` for one; all if absent.
    pub channels: Option<Vec<String>>,
    /// Providers that it is for, written likewise; all if absent.
    pub providers: Option<Vec<String>>,
    /// What is done, in this order; each step once the one before went well.
    pub step: Vec<Step>,
    /// What must hold afterwards; without it a run is done after its last step.
    pub verify: Option<Verify>,
    /// What is done if a step or the verification fails for good. Then a person is told.
    #[serde(default)]
    pub roll_back: Vec<Step>,
    /// Whether two different operators must approve each run, in any mode.
    #[serde(default)]
    pub high_risk: bool,
    /// Time after a run before the next one on the same channel; 30 minutes if absent.
    #[schemars(with = "Option<DurationText>")]
    pub cool_down: Option<String>,
}

/// When a playbook is for a channel.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct On {
    /// Kinds of incidents, one of which is open.
    pub incidents: Vec<Trouble>,
    /// The mildest severity of such an incident; P2 if absent.
    pub at_least: Option<Severity>,
    /// Whether it is enough that the fast lane shut the channel.
    pub tripped: bool,
    /// The probability of breaking a promise within a quarter of an hour from which on it acts ahead.
    #[schemars(range(min = 0.05, max = 1.0))]
    pub risk: Option<f64>,
}

/// A kind of incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::config) enum Trouble {
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

/// One step.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Step {
    /// What is done.
    #[serde(rename = "do")]
    pub what: Do,
    /// Of `webhook`: the name of an `[[alerts.receiver]]` of the kind `webhook`.
    pub to: Option<String>,
    /// Of `command`: its name in `heal.commands`.
    pub command: Option<String>,
    /// Of `wait`: what must hold, all of it.
    pub until: Option<Condition>,
    /// The longest time for one try; of a webhook 10 s, of a command or a probe 1 minute, of a wait 30 minutes if absent.
    #[schemars(with = "Option<DurationText>")]
    pub timeout: Option<String>,
    /// Tries until it has failed; 3 if absent.
    #[schemars(range(min = 1, max = 10))]
    pub tries: Option<u32>,
    /// Time before the second try, doubled before each further one; 5 s if absent.
    #[schemars(with = "Option<DurationText>")]
    pub back_off: Option<String>,
    /// Of `command`: whether it may run again if nobody knows whether it ran, because the machine went down meanwhile.
    #[serde(default)]
    pub repeatable: bool,
    /// Of `command`: what shows that it ran, where nobody knows; without it a person must see to it then.
    pub confirm: Option<Condition>,
}

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::config) enum Do {
    /// Keeps calls away from the channel until it is restored or the run ends.
    Drain,
    /// Gives the channel back.
    Restore,
    /// Tells a receiver.
    Webhook,
    /// Runs a command of the allow-list.
    Command,
    /// Waits until something holds.
    Wait,
    /// Waits until the channel answers.
    Probe,
}

/// Something that must hold; all of its parts.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct Condition {
    /// No incident is open of the kinds that the playbook is for.
    pub incident_over: bool,
    /// The channel answers, by its probes or by the calls of the last minute.
    pub probe_ok: bool,
    /// Less than this share of its newest calls fails.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub errors_below: Option<f64>,
    /// Less than this share of its newest calls takes longer than a class promises.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub slow_below: Option<f64>,
    /// So much time has passed.
    #[schemars(with = "Option<DurationText>")]
    pub after: Option<String>,
}

/// What must hold after the steps.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Verify {
    /// What, all of it.
    pub that: Condition,
    /// `errors_below` and `slow_below` are of all calls since the steps were done, once there are so many; of the newest
    /// calls if absent.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub calls: Option<u32>,
    /// How long without a break; 3 minutes if absent.
    #[schemars(with = "Option<DurationText>")]
    pub hold: Option<String>,
    /// Time within which that must have been so; 15 minutes if absent.
    #[schemars(with = "Option<DurationText>")]
    pub within: Option<String>,
    /// How often the steps are done, if that does not hold in time, before they are rolled back; once if absent.
    #[schemars(range(min = 1, max = 5))]
    pub rounds: Option<u32>,
}
