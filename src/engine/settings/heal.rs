//! Settings of playbooks.

use std::collections::BTreeMap;

use crate::config::Config;
use crate::config::valid;
use crate::config::valid::playbook::{Act, Condition as ValidCondition, Step as ValidStep, Trouble};
use crate::domain::ids::ChannelId;
use crate::engine::settings::severity;
use crate::incident::kind::Kind;
use crate::policy::healing::healer::Setting;
use crate::policy::healing::playbook::{Action, Condition, Pattern, Playbook, Step, Trigger, Verify};
use crate::stats::seed::Seed;

/// Settings of playbooks.
#[derive(Debug, Clone)]
pub struct HealSettings {
    /// The playbooks and their budget.
    pub setting: Setting,
    /// Program and arguments of each command that may be run, by name.
    pub commands: BTreeMap<String, Vec<String>>,
    /// Who serves each channel of which that is known.
    pub providers: BTreeMap<ChannelId, String>,
}

impl HealSettings {
    /// The settings that `config` asks for; `None` if there is nothing to run, or nothing is decided, without which no mode
    /// allows anything.
    #[must_use]
    pub fn of(config: &Config) -> Option<Self> {
        if !config.heal.enabled || config.playbooks.is_empty() || !config.decide.enabled || config.routes.is_empty() {
            return None;
        }
        let provider = |channel: &valid::Channel| Some((channel.name.clone(), channel.provider.clone()?));
        Some(Self {
            setting: Setting {
                playbooks: config.playbooks.iter().map(playbook).collect(),
                actions_per_hour: usize::try_from(config.heal.actions_per_hour).unwrap_or(usize::MAX),
                approve_within_s: config.decide.approve_within.as_secs_f64(),
                seed: Seed::new(0).child("healing"),
            },
            commands: config.heal.commands.clone(),
            providers: config.channels.iter().filter_map(provider).collect(),
        })
    }
}

fn playbook(of: &valid::Playbook) -> Playbook {
    let patterns = |names: &[String]| names.iter().cloned().map(Pattern).collect();
    Playbook {
        name: of.name.clone(),
        trigger: Trigger {
            kinds: of.incidents.iter().copied().map(kind).collect(),
            at_least: severity(of.at_least),
            tripped: of.tripped,
            risk: of.risk,
            channels: patterns(&of.channels),
            providers: patterns(&of.providers),
        },
        steps: of.steps.iter().map(step).collect(),
        verify: of.verify.map(|verify| Verify {
            condition: condition(verify.that),
            calls: verify.calls,
            hold_s: verify.hold.as_secs_f64(),
            within_s: verify.within.as_secs_f64(),
            rounds: verify.rounds,
        }),
        roll_back: of.roll_back.iter().map(step).collect(),
        high_risk: of.high_risk,
        cool_down_s: of.cool_down.as_secs_f64(),
    }
}

fn step(of: &ValidStep) -> Step {
    Step {
        action: match &of.act {
            Act::Drain => Action::Drain,
            Act::Restore => Action::Restore,
            Act::Webhook(to) => Action::Webhook { to: to.clone() },
            Act::Command(name) => Action::Command { name: name.clone() },
            Act::Wait(until) => Action::Wait(condition(*until)),
            Act::Probe => Action::Probe,
        },
        timeout_s: of.timeout.as_secs_f64(),
        tries: of.tries,
        back_off_s: of.back_off.as_secs_f64(),
        repeatable: of.repeatable,
        confirm: of.confirm.map(condition),
    }
}

const fn condition(of: ValidCondition) -> Condition {
    Condition {
        incident_over: of.incident_over,
        probe_ok: of.probe_ok,
        errors_below: of.errors_below,
        slow_below: of.slow_below,
        after_s: of.after.as_secs_f64(),
    }
}

const fn kind(of: Trouble) -> Kind {
    match of {
        Trouble::Absence => Kind::Absence,
        Trouble::Errors => Kind::Errors,
        Trouble::Throttling => Kind::Throttling,
        Trouble::Latency => Kind::Latency,
        Trouble::Cost => Kind::Cost,
        Trouble::Traffic => Kind::Traffic,
    }
}
