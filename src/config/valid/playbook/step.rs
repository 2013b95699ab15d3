//! Steps of playbooks.

use std::time::Duration;

use super::Known;
use crate::config::check::Checker;
use crate::config::document::Path;
use crate::config::elements::duration;
use crate::config::raw;
use crate::config::valid::ReceiverKind;

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What it does.
    pub act: Act,
    /// The longest time for one try.
    pub timeout: Duration,
    /// Tries until it has failed.
    pub tries: u32,
    /// Time before the second try.
    pub back_off: Duration,
    /// Whether it may be done again if nobody knows whether it was done.
    pub repeatable: bool,
    /// What shows that it was done.
    pub confirm: Option<Condition>,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// Keeps calls away.
    Drain,
    /// Gives the channel back.
    Restore,
    /// Tells this receiver of alerts, which is a webhook.
    Webhook(String),
    /// Runs this command.
    Command(String),
    /// Waits until this holds.
    Wait(Condition),
    /// Waits until the channel answers.
    Probe,
}

/// Something that must hold; all of its parts.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Condition {
    /// No incident is open.
    pub incident_over: bool,
    /// The channel answers.
    pub probe_ok: bool,
    /// Less than this share of calls fails.
    pub errors_below: Option<f64>,
    /// Less than this share of calls takes longer than promised.
    pub slow_below: Option<f64>,
    /// So much time has passed.
    pub after: Duration,
}

impl Condition {
    pub(super) fn check(raw: &raw::Condition, path: &Path, checker: &mut Checker<'_>) -> Self {
        let is_of_calls = raw.errors_below.is_some() || raw.slow_below.is_some();
        if !raw.incident_over && !raw.probe_ok && !is_of_calls && raw.after.is_none() {
            let message = "say what must hold: `incident_over`, `probe_ok`, `errors_below`, `slow_below` or `after`";
            checker.fail(path, message);
        }
        let after = raw.after.as_deref().map_or(Ok(Duration::ZERO), |text| duration::parse_within(text, "0s", "7d"));
        Self {
            incident_over: raw.incident_over,
            probe_ok: raw.probe_ok,
            errors_below: raw.errors_below,
            slow_below: raw.slow_below,
            after: checker.take_or(&path.key("after"), after, Duration::ZERO),
        }
    }
}

impl Step {
    pub(super) fn check_all(raw: &[raw::Step], known: &Known<'_>, path: &Path, checker: &mut Checker<'_>) -> Vec<Self> {
        raw.iter().enumerate().filter_map(|(at, step)| Self::check(step, known, &path.at(at), checker)).collect()
    }

    fn check(raw: &raw::Step, known: &Known<'_>, path: &Path, checker: &mut Checker<'_>) -> Option<Self> {
        only(raw, path, checker);
        let default_s = match raw.what {
            raw::Do::Drain | raw::Do::Restore | raw::Do::Webhook => 10,
            raw::Do::Command | raw::Do::Probe => 60,
            raw::Do::Wait => 1_800,
        };
        let span = |text: Option<&str>, least: &str, most: &str, default: Duration| {
            text.map_or(Ok(default), |text| duration::parse_within(text, least, most))
        };
        let default = Duration::from_secs(default_s);
        let timeout = span(raw.timeout.as_deref(), "1s", "7d", default);
        let timeout = checker.take_or(&path.key("timeout"), timeout, default);
        let default = Duration::from_secs(5);
        let back_off = span(raw.back_off.as_deref(), "100ms", "1h", default);
        let back_off = checker.take_or(&path.key("back_off"), back_off, default);
        let confirm = raw.confirm.as_ref().map(|it| Condition::check(it, &path.key("confirm"), checker));
        let act = act(raw, known, path, checker)?;
        Some(Self { act, timeout, tries: raw.tries.unwrap_or(3), back_off, repeatable: raw.repeatable, confirm })
    }
}

/// Tells of keys that say nothing about what the step does.
fn only(raw: &raw::Step, path: &Path, checker: &mut Checker<'_>) {
    use raw::Do;
    let keys = [
        ("to", raw.to.is_some(), Do::Webhook),
        ("command", raw.command.is_some(), Do::Command),
        ("until", raw.until.is_some(), Do::Wait),
        ("repeatable", raw.repeatable, Do::Command),
        ("confirm", raw.confirm.is_some(), Do::Command),
    ];
    for (key, is_given, of) in keys {
        if is_given && raw.what != of {
            checker.fail(&path.key(key), format!("belongs to a step with `do = \"{}\"`", name(of)));
        }
    }
    if raw.what == Do::Wait && (raw.tries.is_some() || raw.back_off.is_some()) {
        let key = if raw.tries.is_some() { "tries" } else { "back_off" };
        checker.fail(&path.key(key), "a wait is one try; give it a longer `timeout`");
    }
    if raw.repeatable && raw.confirm.is_some() {
        checker.fail(&path.key("confirm"), "is never asked: the step is repeatable");
    }
}

const fn name(of: raw::Do) -> &'static str {
    match of {
        raw::Do::Drain => "drain",
        raw::Do::Restore => "restore",
        raw::Do::Webhook => "webhook",
        raw::Do::Command => "command",
        raw::Do::Wait => "wait",
        raw::Do::Probe => "probe",
    }
}

fn act(raw: &raw::Step, known: &Known<'_>, path: &Path, checker: &mut Checker<'_>) -> Option<Act> {
    match raw.what {
        raw::Do::Drain => Some(Act::Drain),
        raw::Do::Restore => Some(Act::Restore),
        raw::Do::Probe => Some(Act::Probe),
        raw::Do::Wait => {
            let Some(until) = &raw.until else {
                checker.fail(path, "say what is waited for: `until = { incident_over = true }`");
                return None;
            };
            Some(Act::Wait(Condition::check(until, &path.key("until"), checker)))
        }
        raw::Do::Webhook => {
            let Some(to) = &raw.to else {
                checker.fail(path, "say who is told: `to` is the name of an `[[alerts.receiver]]`");
                return None;
            };
            let is_there = known.receivers.iter().any(|it| it.name == *to && it.kind == ReceiverKind::Webhook);
            if !is_there {
                let message = format!("there is no `[[alerts.receiver]]` of the kind `webhook` with the name `{to}`");
                checker.fail(&path.key("to"), message);
            }
            Some(Act::Webhook(to.clone()))
        }
        raw::Do::Command => {
            let Some(command) = &raw.command else {
                checker.fail(path, "say which command is run: `command` is a name in `heal.commands`");
                return None;
            };
            if !known.commands.contains_key(command) {
                let names: Vec<&str> = known.commands.keys().map(String::as_str).collect();
                let allowed =
                    if names.is_empty() { "none is".to_owned() } else { format!("allowed: {}", names.join(", ")) };
                let message = format!("the command `{command}` is not in `heal.commands`; {allowed}");
                checker.fail(&path.key("command"), message);
            }
            Some(Act::Command(command.clone()))
        }
    }
}
