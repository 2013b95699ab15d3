//! What was wrong within the last day, so that it is known when it comes back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::time::Timestamp;
use crate::incident::fingerprint::Fingerprint;
use crate::incident::state::{Incident, IncidentId, Recurrence};

/// Seconds after which trouble is no recurrence any more: a day.
const MEMORY_S: i64 = 86_400;

/// Marks kept for one channel; the oldest is forgotten beyond.
const MOST: usize = 64;

/// Closed incidents of one channel, by mark. At most [`MOST`], of the last day.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Past(BTreeMap<Fingerprint, Remembered>);

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Remembered {
    last: IncidentId,
    closed: Timestamp,
    /// How often it was seen, without a day between.
    times: u32,
}

impl Past {
    /// Remembers that `incident` closed at `now`.
    pub(super) fn remember(&mut self, now: Timestamp, incident: &Incident) {
        let before = incident.recurrence.map_or(0, |recurrence| recurrence.times);
        let remembered = Remembered { last: incident.id, closed: now, times: before + 1 };
        self.0.insert(incident.fingerprint, remembered);
        self.0.retain(|_, known| known.closed.plus_seconds(MEMORY_S) >= now);
        if self.0.len() > MOST {
            let oldest = self.0.iter().min_by_key(|(mark, known)| (known.closed, **mark)).map(|(mark, _)| *mark);
            oldest.map(|mark| self.0.remove(&mark));
        }
    }

    /// What is known of `mark` at `now`, if it closed within a day.
    pub(super) fn recall(&self, now: Timestamp, mark: Fingerprint) -> Option<Recurrence> {
        let known = self.0.get(&mark).filter(|known| known.closed.plus_seconds(MEMORY_S) >= now)?;
        Some(Recurrence { times: known.times, last: known.last, closed: known.closed })
    }
}
