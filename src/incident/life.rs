//! One line of trouble on a channel: nothing, then an incident, then perhaps the same again.

use serde::{Deserialize, Serialize};

use crate::anomaly::verdict::Verdict;
use crate::domain::ids::ChannelId;
use crate::domain::time::{Minute, Timestamp};
use crate::incident::change::{Change, What};
use crate::incident::evidence::Evidence;
use crate::incident::fingerprint::Fingerprint;
use crate::incident::kind::Kind;
use crate::incident::past::Past;
use crate::incident::place::Place;
use crate::incident::pulse::{Hold, Pulse, Signal};
use crate::incident::rules::Settings;
use crate::incident::severity::{Harm, Ladder, Severity};
use crate::incident::state::{Ending, Incident, IncidentId, Times};

/// Everything that is the same for all lines of a channel in one minute.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scene<'a> {
    pub(super) rules: &'a Settings,
    pub(super) now: Timestamp,
    pub(super) minute: Minute,
    /// Minutes since the last one that nobody saw.
    pub(super) skipped: u32,
    pub(super) channel: &'a ChannelId,
    pub(super) place: &'a Place,
    pub(super) harm: Harm,
}

/// The state of one line.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Life {
    pulse: Pulse,
    /// Odd minutes of late, of which none was enough yet.
    signs: Option<Evidence>,
    /// The open incident, or the last one as long as it may be taken up again.
    incident: Option<Incident>,
    ladder: Option<Ladder>,
    /// When the present run of calm began.
    calm_since: Option<Minute>,
    /// Set when it was ended although it is odd: nothing opens until it was calm.
    is_resting: bool,
}

impl Life {
    /// Hears of one minute, in which `odd` columns were odd.
    pub(super) fn observe(
        &mut self,
        scene: &Scene<'_>,
        hold: &Hold,
        signal: Signal,
        odd: &[(&str, &Verdict)],
        past: &mut Past,
    ) -> Vec<Change> {
        self.pulse.step(scene.skipped, signal);
        if self.pulse.begins_to_calm() {
            self.calm_since = Some(scene.minute);
        }
        self.is_resting &= !self.pulse.closes(hold);
        let is_odd = matches!(signal, Signal::Odd { .. }) && !self.is_resting;
        if self.incident.as_ref().is_some_and(Incident::is_open) {
            return self.go_on(scene, hold, is_odd.then_some(odd), past);
        }
        self.forget(scene, hold);
        if !is_odd {
            return Vec::new();
        }
        let signs = self.signs.get_or_insert_with(|| Evidence::new(scene.minute));
        add(signs, scene.minute, odd);
        if self.pulse.opens(hold) { self.begin(scene, past).into_iter().collect() } else { Vec::new() }
    }

    /// Drops signs that led to nothing and an incident that is over for long.
    fn forget(&mut self, scene: &Scene<'_>, hold: &Hold) {
        if self.pulse.closes(hold) || self.pulse.was_quiet() {
            self.signs = None;
        }
        let last = scene.now.plus_seconds(-60 * i64::from(scene.rules.join_within));
        if self.incident.as_ref().and_then(|known| known.times.resolved).is_some_and(|resolved| resolved < last) {
            self.incident = None;
        }
    }

    /// Opens a new incident, or the last one again.
    fn begin(&mut self, scene: &Scene<'_>, past: &Past) -> Option<Change> {
        let signs = self.signs.take()?;
        let is_absent = signs.columns.is_empty();
        let severity = scene.rules.severity.of(&scene.harm, is_absent);
        self.ladder = Some(Ladder::at(severity));
        if let Some(known) = self.incident.as_mut().filter(|known| is_the_same(known, &signs)) {
            merge(&mut known.evidence, signs);
            known.flaps = known.flaps.saturating_add(1);
            (known.ending, known.times.resolved, known.times.mitigated) = (None, None, None);
            known.severity = severity;
            known.worst = known.worst.min(severity);
            return Some(Change::make(scene.now, What::Reopened, known));
        }
        let mut incident = open(scene, signs, severity, past);
        let change = Change::make(scene.now, What::Opened, &mut incident);
        self.incident = Some(incident);
        Some(change)
    }

    /// One more minute of an open incident; `odd` is what was odd, if the minute was.
    fn go_on(
        &mut self,
        scene: &Scene<'_>,
        hold: &Hold,
        odd: Option<&[(&str, &Verdict)]>,
        past: &mut Past,
    ) -> Vec<Change> {
        let (Some(incident), Some(ladder)) = (self.incident.as_mut(), self.ladder.as_mut()) else { return Vec::new() };
        let mut changes = Vec::new();
        if incident.silence.is_some() && !incident.is_silent(scene.now) {
            incident.silence = None;
            changes.push(Change::make(scene.now, What::Unsilenced, incident));
        }
        if odd.is_some_and(|odd| add(&mut incident.evidence, scene.minute, odd)) {
            incident.kind = Kind::of_columns(incident.evidence.columns.keys().map(String::as_str));
            incident.runbook = scene.rules.runbooks.get(incident.kind).map(str::to_owned);
            changes.push(Change::make(scene.now, What::Blamed, incident));
        }
        // An absence does no more harm in its last minutes than in its first, when calls are heard again.
        let is_absent = incident.evidence.columns.is_empty() && odd.is_some();
        if let Some(from) = ladder.step(&scene.rules.severity, &scene.harm, is_absent) {
            incident.severity = ladder.now();
            incident.worst = incident.worst.min(incident.severity);
            let rose = incident.severity.is_worse_than(from);
            let what = if rose { What::Raised { from } } else { What::Lowered { from } };
            changes.push(Change::make(scene.now, what, incident));
        }
        if self.pulse.closes(hold) {
            changes.extend(self.end(scene.now, Ending::Recovered, past));
        } else if self.pulse.lapses(hold) {
            changes.extend(self.end(scene.now, Ending::Lapsed, past));
        }
        changes
    }

    /// Ends the open incident.
    pub(super) fn end(&mut self, now: Timestamp, ending: Ending, past: &mut Past) -> Option<Change> {
        let incident = self.incident.as_mut().filter(|incident| incident.is_open())?;
        incident.ending = Some(ending);
        incident.times.resolved = Some(now);
        if ending == Ending::Recovered {
            let calm = self.calm_since.map_or(now, Minute::start);
            incident.times.mitigated.get_or_insert(calm);
        }
        past.remember(now, incident);
        let change = Change::make(now, What::Ended(ending), incident);
        self.signs = None;
        Some(change)
    }

    /// The open incident.
    pub(super) fn open(&self) -> Option<&Incident> {
        self.known().filter(|incident| incident.is_open())
    }

    /// The open incident, or the one that may be taken up again.
    pub(super) const fn known(&self) -> Option<&Incident> {
        self.incident.as_ref()
    }

    pub(super) const fn known_mut(&mut self) -> Option<&mut Incident> {
        self.incident.as_mut()
    }

    /// Lets nothing open until it was calm for its hold time.
    pub(super) fn rest(&mut self) {
        self.is_resting = true;
        self.signs = None;
    }
}

/// Adds one odd minute; returns whether a column is blamed for the first time.
fn add(evidence: &mut Evidence, minute: Minute, odd: &[(&str, &Verdict)]) -> bool {
    evidence.mark(minute);
    let mut is_new = false;
    for (column, verdict) in odd {
        is_new |= evidence.blame(minute, column, verdict);
    }
    is_new
}

/// Whether the trouble of `signs` is that of `known` come back: it recovered, and a column is to blame again.
fn is_the_same(known: &Incident, signs: &Evidence) -> bool {
    let shares = signs.columns.keys().any(|column| known.evidence.columns.contains_key(column));
    let was_silent = known.evidence.columns.is_empty() && signs.columns.is_empty();
    let has_recovered = matches!(known.ending, Some(Ending::Recovered | Ending::Lapsed));
    has_recovered && (shares || was_silent)
}

/// Adds the evidence of `signs`, which are younger, to `known`.
fn merge(known: &mut Evidence, signs: Evidence) {
    known.last_sign = signs.last_sign;
    known.odd_minutes = known.odd_minutes.saturating_add(signs.odd_minutes);
    for (column, blame) in signs.columns {
        match known.columns.get_mut(&column) {
            Some(own) => own.merge(blame),
            None => drop(known.columns.insert(column, blame)),
        }
    }
}

fn open(scene: &Scene<'_>, evidence: Evidence, severity: Severity, past: &Past) -> Incident {
    let columns = || evidence.columns.keys().map(String::as_str);
    let kind = Kind::of_columns(columns());
    let fingerprint = Fingerprint::of(kind, scene.channel.as_str(), scene.place, columns());
    let first_sign = evidence.first_sign;
    Incident {
        id: IncidentId::of(scene.channel, kind, first_sign),
        revision: 0,
        channel: scene.channel.clone(),
        kind,
        fingerprint,
        severity,
        worst: severity,
        times: Times { first_sign, opened: scene.now, acknowledged: None, mitigated: None, resolved: None },
        ending: None,
        flaps: 0,
        recurrence: past.recall(scene.now, fingerprint),
        silence: None,
        notes: Vec::new(),
        runbook: scene.rules.runbooks.get(kind).map(str::to_owned),
        evidence,
    }
}
