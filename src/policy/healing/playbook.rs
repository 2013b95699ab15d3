//! What operators write: when to act, what to do, what must hold afterwards, and how to take it back.

use serde::{Deserialize, Serialize};

use crate::domain::ids::ChannelId;
use crate::domain::time::Timestamp;
use crate::incident::kind::Kind;
use crate::incident::severity::Severity;
use crate::policy::healing::facts::{Facts, Trouble};

/// Kinds of incidents that callers feel: those that a condition is about where the trigger names none.
const FELT: [Kind; 4] = [Kind::Absence, Kind::Errors, Kind::Throttling, Kind::Latency];

/// A name with `*` for any letters and `?` for one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Pattern(pub String);

impl Pattern {
    /// Whether it fits the whole of `name`.
    #[must_use]
    pub fn fits(&self, name: &str) -> bool {
        let (pattern, name): (Vec<char>, Vec<char>) = (self.0.chars().collect(), name.chars().collect());
        // Letters of the name that the pattern so far may have used up.
        let mut used = vec![false; name.len() + 1];
        used[0] = true;
        for letter in pattern {
            let mut next = vec![false; name.len() + 1];
            for at in 0..=name.len() {
                next[at] = match letter {
                    '*' => used[at] || (at > 0 && next[at - 1]),
                    '?' => at > 0 && used[at - 1],
                    plain => at > 0 && used[at - 1] && name[at - 1] == plain,
                };
            }
            used = next;
        }
        used[name.len()]
    }
}

/// When a playbook is for a channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trigger {
    /// Kinds of incidents that it is for; none if empty.
    pub kinds: Vec<Kind>,
    /// The mildest severity of these.
    pub at_least: Severity,
    /// Whether a channel that the fast lane shut is enough.
    pub tripped: bool,
    /// The probability of breaking a promise from which on it acts ahead; never if `None`.
    pub risk: Option<f64>,
    /// Names of channels that it is for; all if empty.
    pub channels: Vec<Pattern>,
    /// Providers that it is for; all if empty.
    pub providers: Vec<Pattern>,
}

/// Why a playbook runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// In a few words.
    pub text: String,
    /// When the first sign of the trouble was seen, if that is known.
    pub first_sign: Option<Timestamp>,
}

impl Trigger {
    /// Why it is for `channel`; `None` if it is not.
    #[must_use]
    pub fn fires(&self, channel: &ChannelId, facts: &Facts) -> Option<Cause> {
        let one_of = |patterns: &[Pattern], name: Option<&str>| {
            patterns.is_empty() || patterns.iter().any(|pattern| name.is_some_and(|name| pattern.fits(name)))
        };
        if !one_of(&self.channels, Some(channel.as_str())) || !one_of(&self.providers, facts.provider.as_deref()) {
            return None;
        }
        let is_meant = |it: &&Trouble| self.kinds.contains(&it.kind) && !self.at_least.is_worse_than(it.severity);
        let worst = facts.incidents.iter().flatten().filter(is_meant).min_by_key(|it| (it.severity, it.first_sign));
        if let Some(worst) = worst {
            let text = format!("an incident of {} of severity {} is open", worst.kind.name(), worst.severity);
            return Some(Cause { text, first_sign: Some(worst.first_sign) });
        }
        if self.tripped && facts.tripped {
            return Some(Cause { text: "the fast lane shut it".to_owned(), first_sign: None });
        }
        let limit = self.risk.filter(|limit| facts.risk >= *limit)?;
        let text = format!("the risk of breaking a promise is {:.2}, {limit:.2} or more is acted upon", facts.risk);
        Some(Cause { text, first_sign: None })
    }
}

/// Something that must hold; all of its parts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Condition {
    /// No incident is open of the kinds that the playbook is for.
    pub incident_over: bool,
    /// The channel answers.
    pub probe_ok: bool,
    /// Less than this share of its newest calls fails.
    pub errors_below: Option<f64>,
    /// Less than this share of its newest calls takes longer than promised.
    #[serde(default)]
    pub slow_below: Option<f64>,
    /// So many seconds have passed.
    pub after_s: f64,
}

impl Condition {
    /// Whether all of it holds after `waited_s` seconds of waiting, for a playbook with `trigger`.
    #[must_use]
    pub fn holds(&self, trigger: &Trigger, facts: &Facts, waited_s: f64) -> bool {
        let kinds = if trigger.kinds.is_empty() { &FELT[..] } else { &trigger.kinds };
        let is_over = || facts.incidents.as_ref().is_some_and(|open| open.iter().all(|it| !kinds.contains(&it.kind)));
        (!self.incident_over || is_over())
            && (!self.probe_ok || facts.is_well == Some(true))
            && self.errors_below.is_none_or(|limit| facts.failing < limit)
            && self.slow_below.is_none_or(|limit| facts.slow < limit)
            && waited_s >= self.after_s
    }
}

/// What a step does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Keeps calls away from the channel until it is restored or the run ends.
    Drain,
    /// Gives the channel back to the planner.
    Restore,
    /// Tells a receiver.
    Webhook {
        /// Name of the receiver.
        to: String,
    },
    /// Runs a command of the allow-list.
    Command {
        /// Its name there.
        name: String,
    },
    /// Waits until something holds.
    Wait(Condition),
    /// Waits until the channel answers.
    Probe,
}

impl Action {
    /// The name in tables and in the API.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Drain => "drain",
            Self::Restore => "restore",
            Self::Webhook { .. } => "webhook",
            Self::Command { .. } => "command",
            Self::Wait(_) => "wait",
            Self::Probe => "probe",
        }
    }

    /// Whether it counts against the budget: what takes something back, or only looks, is always allowed.
    #[must_use]
    pub const fn is_counted(&self) -> bool {
        matches!(self, Self::Drain | Self::Webhook { .. } | Self::Command { .. })
    }
}

/// One step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// What it does.
    pub action: Action,
    /// The longest time for one try, in seconds.
    pub timeout_s: f64,
    /// Tries until it has failed.
    pub tries: u32,
    /// Seconds between the first try and the second, twice as many before each further one, with jitter.
    pub back_off_s: f64,
    /// Whether it may be done again if nobody knows whether it was done.
    pub repeatable: bool,
    /// What shows that it was done, where nobody knows; asked after a crash.
    pub confirm: Option<Condition>,
}

impl Step {
    /// A step with what is usual.
    #[must_use]
    pub const fn new(action: Action, timeout_s: f64) -> Self {
        Self { action, timeout_s, tries: 3, back_off_s: 5.0, repeatable: false, confirm: None }
    }
}

/// What must hold after the steps.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Verify {
    /// What.
    pub condition: Condition,
    /// Shares of calls are of all calls after the steps, once there are so many; of the newest ones if `None`.
    #[serde(default)]
    pub calls: Option<u32>,
    /// For how many seconds without a break.
    pub hold_s: f64,
    /// Seconds within which that must have been so.
    pub within_s: f64,
    /// How often the steps are done before what must hold is given up, 1 or more.
    #[serde(default = "once")]
    pub rounds: u32,
}

const fn once() -> u32 {
    1
}

/// What is done about a channel in trouble.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Playbook {
    /// Its name.
    pub name: String,
    /// When it is for a channel.
    pub trigger: Trigger,
    /// What is done, in this order; each step once the one before went well.
    pub steps: Vec<Step>,
    /// What must hold afterwards.
    pub verify: Option<Verify>,
    /// What is done if a step or the verification fails.
    pub roll_back: Vec<Step>,
    /// Whether two different operators must say yes, in any mode.
    pub high_risk: bool,
    /// Seconds after a run before the next one on the same channel.
    pub cool_down_s: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_whole_names() {
        let fits = |pattern: &str, name: &str| Pattern(pattern.to_owned()).fits(name);
        assert!(fits("*", "") && fits("*", "eu") && fits("azure/*-4o", "azure/gpt-4o") && fits("e?", "eu"));
        assert!(fits("*a*b*", "xaybz") && fits("eu", "eu") && fits("**", "eu"));
        assert!(!fits("e?", "e") && !fits("eu", "eu2") && !fits("", "eu") && !fits("*a*b", "xayb2"));
    }

    #[test]
    fn what_is_not_known_fulfils_nothing() {
        let trigger = Trigger {
            kinds: vec![Kind::Errors],
            at_least: Severity::P2,
            tripped: true,
            risk: Some(0.5),
            channels: Vec::new(),
            providers: vec![Pattern("acme".to_owned())],
        };
        let channel = ChannelId::new("eu").expect("valid");
        let mut facts = Facts { tripped: true, ..Facts::default() };
        assert_eq!(trigger.fires(&channel, &facts), None, "another provider");
        facts.provider = Some("acme".to_owned());
        assert_eq!(trigger.fires(&channel, &facts).map(|it| it.text), Some("the fast lane shut it".to_owned()));
        let first_sign = Timestamp::from_seconds(100);
        let open = |severity| Some(vec![Trouble { kind: Kind::Errors, severity, first_sign }]);
        facts = Facts { tripped: false, incidents: open(Severity::P3), ..facts };
        assert_eq!(trigger.fires(&channel, &facts), None, "too mild, and NaN is no risk");
        facts.incidents = open(Severity::P1);
        assert_eq!(trigger.fires(&channel, &facts).and_then(|it| it.first_sign), Some(first_sign));

        let all = Condition {
            incident_over: true,
            probe_ok: true,
            errors_below: Some(0.1),
            slow_below: Some(0.2),
            after_s: 60.0,
        };
        assert!(!all.holds(&trigger, &Facts::default(), 99.0));
        facts = Facts { incidents: Some(Vec::new()), is_well: Some(true), failing: 0.05, slow: 0.1, ..facts };
        assert!(all.holds(&trigger, &facts, 60.0) && !all.holds(&trigger, &facts, 59.0));
        facts.failing = f64::NAN;
        assert!(!all.holds(&trigger, &facts, 60.0));
    }
}
