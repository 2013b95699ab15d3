//! One channel under watch: its trouble and its absence, minute by minute.
//!
//! What a minute says follows from its verdicts. It is odd if a column is an anomaly; certain if one scores very high or
//! columns of different kinds agree; calm if something was judged and every score lies well below the line, and, while an
//! incident is open, if that holds of a column which it blames. Everything between is neither. Channels of which every
//! column is absent are silent, which is trouble of its own kind and never calm.
//!
//! Levels that shifted without harm are adopted after a stated time: the incident ends, the change says so (that is when
//! detectors should learn the level), and values around it are no news until the detectors have learnt it. What breaks a
//! promise is never adopted.
//!
//! A minute costs O(columns). The state is bounded: two incidents with one entry for each column, and the marks of a
//! day. It is restored bit for bit. Minutes must come in order; one that came before is ignored.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::anomaly::verdict::{State, Verdict};
use crate::domain::ids::ChannelId;
use crate::domain::time::{Minute, Timestamp};
use crate::incident::change::{Change, What};
use crate::incident::command::{Command, CommandError};
use crate::incident::kind::Kind;
use crate::incident::level::{Adopted, Level};
use crate::incident::life::{Life, Scene};
use crate::incident::past::Past;
use crate::incident::place::Place;
use crate::incident::pulse::Signal;
use crate::incident::rules::{Rules, Settings};
use crate::incident::severity::{Harm, Severity};
use crate::incident::state::{Ending, Incident, IncidentId};

/// What is said of a channel's minute.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// The minute.
    pub minute: Minute,
    /// The verdict of each column that is watched, by name.
    pub columns: &'a [(&'a str, Verdict)],
    /// What the minute did to callers.
    pub harm: Harm,
}

/// The state of one channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Watch {
    channel: ChannelId,
    place: Place,
    last: Option<Minute>,
    trouble: Life,
    absence: Life,
    /// Levels of the columns that the open incident blames.
    levels: BTreeMap<String, Level>,
    adopted: BTreeMap<String, Adopted>,
    past: Past,
}

impl Watch {
    /// A channel of which nothing has been heard.
    #[must_use]
    pub fn new(channel: ChannelId, place: Place) -> Self {
        Self {
            channel,
            place,
            last: None,
            trouble: Life::default(),
            absence: Life::default(),
            levels: BTreeMap::new(),
            adopted: BTreeMap::new(),
            past: Past::default(),
        }
    }

    /// Hears of one minute at `now`, and says what changed.
    pub fn observe(&mut self, rules: &Rules, now: Timestamp, report: &Report<'_>) -> Vec<Change> {
        let skipped = match self.last {
            Some(last) if report.minute <= last => return Vec::new(),
            Some(last) => report.minute.0 - last.0 - 1,
            None => 0,
        };
        self.last = Some(report.minute);
        let rules = rules.get();
        let odd = self.odd(rules, report, skipped + 1);
        let (signal, presence) = (self.signal(rules, report, &odd), presence(report));
        let Self { channel, place, trouble, absence, past, .. } = self;
        let scene = Scene { rules, now, minute: report.minute, skipped, channel, place, harm: report.harm };
        let mut changes = trouble.observe(&scene, &rules.trouble, signal, &odd, past);
        if let Some(hold) = &rules.absence {
            changes.extend(absence.observe(&scene, hold, presence, &[], past));
        }
        changes.extend(self.adopt(rules, now));
        changes.extend(self.give_up(rules, now, report.minute));
        changes
    }

    /// Does what a person orders for one of the channel's incidents, open or just over.
    ///
    /// # Errors
    /// [`CommandError`] if there is no such incident, or the order makes no sense for it now.
    pub fn command(&mut self, now: Timestamp, id: IncidentId, command: &Command) -> Result<Change, CommandError> {
        let Self { trouble, absence, past, .. } = self;
        let mut lives = [trouble, absence].into_iter();
        let Some(life) = lives.find(|life| life.known().is_some_and(|incident| incident.id == id)) else {
            return Err(CommandError::Unknown(id));
        };
        let incident = life.known_mut().ok_or(CommandError::Unknown(id))?;
        let change = command.apply(now, incident)?;
        if change.what == What::Ended(Ending::Closed) {
            past.remember(now, incident);
            life.rest();
        }
        Ok(change)
    }

    /// The channel.
    #[must_use]
    pub const fn channel(&self) -> &ChannelId {
        &self.channel
    }

    /// Open incidents: none, trouble, absence, or both.
    pub fn open(&self) -> impl Iterator<Item = &Incident> {
        [&self.trouble, &self.absence].into_iter().filter_map(Life::open)
    }

    /// Columns whose shifted level was adopted and is not learnt yet.
    pub fn adopted(&self) -> impl Iterator<Item = &str> {
        self.adopted.keys().map(String::as_str)
    }

    /// The odd columns, without those at a level that was adopted.
    fn odd<'r>(&mut self, rules: &Settings, report: &Report<'r>, minutes: u32) -> Vec<(&'r str, &'r Verdict)> {
        let mut odd = Vec::new();
        for (column, verdict) in report.columns {
            let is_odd = verdict.anomaly && verdict.state == State::Judged && verdict.value.is_finite();
            if is_odd && !self.is_adopted(column, verdict.value) {
                odd.push((*column, verdict));
            } else if !is_odd && verdict.state == State::Judged {
                self.unlearn(rules, column);
            }
            self.follow(column, verdict, is_odd, minutes);
        }
        odd
    }

    /// Whether `value` is odd only by a level that was adopted; one that leaves the level ends the adoption.
    fn is_adopted(&mut self, column: &str, value: f64) -> bool {
        let Some(adopted) = self.adopted.get_mut(column) else { return false };
        adopted.calm = 0;
        let is_excused = adopted.level.excuses(value);
        if !is_excused {
            self.adopted.remove(column);
        }
        is_excused
    }

    /// Ends the adoption of a column's level once the detectors know it.
    fn unlearn(&mut self, rules: &Settings, column: &str) {
        let Some(adopted) = self.adopted.get_mut(column) else { return };
        adopted.calm += 1;
        if adopted.calm >= rules.trouble.close_after {
            self.adopted.remove(column);
        }
    }

    /// Keeps the levels of the columns that the open incident blames.
    fn follow(&mut self, column: &str, verdict: &Verdict, is_odd: bool, minutes: u32) {
        let is_blamed = self.trouble.open().is_some_and(|open| open.evidence.columns.contains_key(column));
        if is_blamed && verdict.state == State::Judged && verdict.value.is_finite() {
            if !self.levels.contains_key(column) {
                self.levels.insert(column.to_owned(), Level::new(verdict.value, verdict.expected.middle));
            }
            if let Some(level) = self.levels.get_mut(column) {
                level.learn(minutes, verdict.value, is_odd);
            }
        }
    }

    fn signal(&self, rules: &Settings, report: &Report<'_>, odd: &[(&str, &Verdict)]) -> Signal {
        if !odd.is_empty() {
            let mut kinds: Vec<Kind> = odd.iter().map(|(column, _)| Kind::of_column(column)).collect();
            kinds.sort_unstable();
            kinds.dedup();
            let is_certain = odd.iter().any(|(_, verdict)| verdict.score >= rules.certain);
            return Signal::Odd { certain: is_certain || kinds.len() >= rules.agreeing_kinds };
        }
        let judged = || {
            let columns = report.columns.iter().filter(|(_, verdict)| verdict.state == State::Judged);
            columns.filter(|(column, verdict)| !(verdict.anomaly && self.adopted.contains_key(*column)))
        };
        let is_blamed =
            |column: &str| self.trouble.open().is_none_or(|open| open.evidence.columns.contains_key(column));
        let is_calm = judged().all(|(_, verdict)| verdict.score < rules.calm_below);
        let excused =
            || report.columns.iter().any(|(column, verdict)| verdict.anomaly && self.adopted.contains_key(*column));
        match (is_calm, judged().any(|(column, _)| is_blamed(column))) {
            (false, _) => Signal::Uneasy,
            (true, true) => Signal::Calm,
            (true, false) if self.trouble.open().is_none() && excused() => Signal::Calm,
            (true, false) => Signal::Unknown,
        }
    }

    /// Ends an incident all of whose columns have settled at a level that does no harm.
    fn adopt(&mut self, rules: &Settings, now: Timestamp) -> Option<Change> {
        let open = self.trouble.open()?;
        if open.severity.is_worse_than(Severity::P4) {
            return None;
        }
        let is_recent = |last: Minute| open.evidence.last_sign.0 - last.0 <= rules.trouble.close_after;
        let mut blamed = open.evidence.columns.iter().filter(|(_, blame)| is_recent(blame.last)).peekable();
        blamed.peek()?;
        let has_settled =
            |column: &String| self.levels.get(column).is_some_and(|level| level.has_settled(rules.adopt_after));
        let columns: Vec<String> = blamed.map(|(column, _)| column.clone()).collect();
        if !columns.iter().all(has_settled) {
            return None;
        }
        for column in columns {
            if let Some(level) = self.levels.get(&column) {
                self.adopted.insert(column, Adopted { level: *level, calm: 0 });
            }
        }
        self.trouble.end(now, Ending::Adopted, &mut self.past)
    }

    /// Takes a channel that was silent for long as gone, and forgets levels once there is no incident.
    fn give_up(&mut self, rules: &Settings, now: Timestamp, minute: Minute) -> Option<Change> {
        if self.trouble.open().is_none() {
            self.levels.clear();
        }
        let silent_since = self.absence.open()?.evidence.first_sign;
        if minute.0.saturating_sub(silent_since.0) < rules.gone_after {
            return None;
        }
        self.absence.rest();
        self.absence.end(now, Ending::Adopted, &mut self.past)
    }
}

/// What a minute says of whether the channel is there at all.
fn presence(report: &Report<'_>) -> Signal {
    let mut states = report.columns.iter().map(|(_, verdict)| verdict.state);
    if states.clone().all(|state| state == State::Absent) {
        return Signal::Odd { certain: false };
    }
    if states.any(|state| matches!(state, State::Judged | State::Warming | State::Thin)) {
        Signal::Calm
    } else {
        Signal::Unknown
    }
}

#[cfg(test)]
mod tests;
