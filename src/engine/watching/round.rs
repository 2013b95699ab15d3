//! One minute: judged, kept, told.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use crate::anomaly::verdict::{State, Verdict};
use crate::domain::column::Column;
use crate::domain::ids::ChannelId;
use crate::domain::record::{Record, RecordError};
use crate::domain::target::Target;
use crate::domain::time::{Minute, Timestamp};
use crate::engine::bus::Happening;
use crate::engine::machine::{Conclusions, Heard};
use crate::engine::watching::{Situation, events};
use crate::engine::{DetectSettings, Engine};
use crate::incident::rows;
use crate::risk::outlook::Risk;
use crate::risk::rows::risk as risk_row;

/// Probability from which a risk is kept every minute; below, one of each quarter of an hour is.
const NOTABLE: f64 = 0.1;
/// Minutes between two risks that are kept of a channel that is well.
const EVERY: u32 = 15;

impl Engine {
    /// Has `minute` judged at `now`. With `live`, the forecasts of this moment say how likely trouble is; of a minute that is
    /// long over they would know too much.
    pub(super) fn round(
        &self,
        detect: &DetectSettings,
        now: Timestamp,
        minute: Minute,
        mut heard: BTreeMap<ChannelId, Heard>,
        live: bool,
    ) {
        if live && self.0.settings.forecast.enabled {
            for (channel, heard) in heard.iter_mut().filter(|(_, heard)| heard.sample.is_some()) {
                (heard.chances, heard.ahead) = self.foresee(&detect.book, channel);
            }
        }
        self.tell_moved(now, &mut heard);
        let mut machine = self.0.watching.machine();
        let conclusions = machine.observe(&detect.book, now, minute, &heard);
        self.keep(detect, minute, &conclusions);
        self.announce(minute, &heard, &conclusions);
        let Conclusions { changes, groups, .. } = &conclusions;
        for event in events::of(&machine, &detect.book.topology, changes, groups) {
            self.hear(now, event);
        }
        if !conclusions.verdicts.is_empty() {
            let situation = Arc::new(Situation::of(&machine, &detect.book, &conclusions));
            drop(machine);
            *self.0.watching.situation.write().unwrap_or_else(PoisonError::into_inner) = situation;
        }
        if live {
            self.decide(now, minute, &heard, &conclusions);
            self.0.healing.wake();
        }
    }

    /// Conclusions as rows for the next publication.
    fn keep(&self, detect: &DetectSettings, minute: Minute, conclusions: &Conclusions) {
        let mut kept = Kept::default();
        let keep_from = detect.keep_from;
        for (channel, verdicts) in &conclusions.verdicts {
            for (target, verdict) in verdicts.iter().filter(|(target, verdict)| is_kept(*target, verdict, keep_from)) {
                kept.add(rows::anomaly(channel, target.name(), minute, verdict));
            }
        }
        conclusions.changes.iter().for_each(|change| kept.add(rows::incident(change)));
        conclusions.groups.iter().for_each(|change| kept.add(rows::group(change)));
        for of in conclusions.risks.iter().filter(|of| is_notable(minute, &of.of)) {
            kept.add(risk_row(&of.channel, &of.class, minute, &of.of, None));
        }
        for of in conclusions.outcomes.iter().filter(|of| is_notable(of.of.minute, &of.of.risk)) {
            kept.add(risk_row(&of.channel, &of.class, of.of.minute, &of.of.risk, Some(of.of.came)));
        }
        self.0.records.add(kept.0);
    }

    fn announce(&self, minute: Minute, heard: &BTreeMap<ChannelId, Heard>, conclusions: &Conclusions) {
        for change in &conclusions.changes {
            tracing::info!(
                incident = %change.incident.id, channel = %change.incident.channel, kind = %change.incident.kind,
                severity = %change.incident.severity, "incident {}", change.what.name()
            );
        }
        let bus = &self.0.watching.bus;
        if !bus.is_heard() {
            return;
        }
        for sample in heard.values().filter_map(|heard| heard.sample.as_ref()) {
            bus.tell(Happening::Sample(Arc::new(sample.clone())));
        }
        for (channel, verdicts) in &conclusions.verdicts {
            for (column, verdict) in verdicts.iter().filter(|(_, verdict)| verdict.anomaly) {
                let (channel, verdict) = (channel.clone(), Arc::new(verdict.clone()));
                bus.tell(Happening::Anomaly { channel, minute, column: *column, verdict });
            }
        }
        conclusions.changes.iter().for_each(|change| bus.tell(Happening::Incident(Arc::new(change.clone()))));
        conclusions.groups.iter().for_each(|change| bus.tell(Happening::Group(Arc::new(change.clone()))));
        for risk in &conclusions.risks {
            bus.tell(Happening::Risk { minute, risk: risk.clone() });
        }
    }
}

/// Rows to keep. One that cannot be a row is told in the log.
#[derive(Default)]
struct Kept(Vec<Record>);

impl Kept {
    fn add(&mut self, row: Result<Record, RecordError>) {
        match row {
            Ok(record) => self.0.push(record),
            Err(error) => tracing::warn!(%error, "a conclusion was not kept"),
        }
    }
}

/// What is odd, and absence: that once a minute, by the column that every minute has.
fn is_kept(target: Target, verdict: &Verdict, keep_from: f64) -> bool {
    let is_absent = verdict.state == State::Absent && target == Target::Column(Column::Requests);
    is_absent || verdict.anomaly || (verdict.state == State::Judged && verdict.score >= keep_from)
}

fn is_notable(minute: Minute, risk: &Risk) -> bool {
    risk.probability >= NOTABLE || minute.0.is_multiple_of(EVERY)
}
