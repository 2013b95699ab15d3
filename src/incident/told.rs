//! An incident, or a group of them, as a row of the table `incidents` tells it: what is left when the engine is not there.

use crate::domain::record::{Cell, INCIDENTS, Record};
use crate::domain::time::Timestamp;
use crate::incident::evidence::Evidence;
use crate::incident::fingerprint::Fingerprint;
use crate::incident::state::Times;

/// How an incident, or a group, stood after one change.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    record: Record,
    /// When what happened. A group is neither acknowledged nor mitigated as such.
    pub times: Times,
    /// Its mark.
    pub fingerprint: Fingerprint,
}

impl Told {
    /// What `record` tells; `None` if it is of another table, or has no times or no mark.
    #[must_use]
    pub fn of(record: Record) -> Option<Self> {
        if record.table() != &INCIDENTS {
            return None;
        }
        let time = |name| record.get(name).and_then(Cell::time);
        let fingerprint = Fingerprint::parse(record.get("fingerprint")?.text()?)?;
        let times = Times {
            first_sign: time("first_sign")?.minute(),
            opened: time("opened")?,
            acknowledged: time("acknowledged"),
            mitigated: time("mitigated"),
            resolved: time("resolved"),
        };
        Some(Self { record, times, fingerprint })
    }

    /// When this change was.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        self.record.ts()
    }

    /// Its name: 16 hexadecimal digits.
    #[must_use]
    pub fn id(&self) -> &str {
        self.text("incident").unwrap_or_default()
    }

    /// The number of this change, from 1.
    #[must_use]
    pub fn revision(&self) -> u32 {
        self.count("revision")
    }

    /// What happened.
    #[must_use]
    pub fn change(&self) -> &str {
        self.text("change").unwrap_or_default()
    }

    /// The channel; `None` for a group.
    #[must_use]
    pub fn channel(&self) -> Option<&str> {
        self.text("channel")
    }

    /// What the members of a group share; `None` for an incident.
    #[must_use]
    pub fn scope(&self) -> Option<&str> {
        self.text("scope")
    }

    /// Kind of trouble.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.text("kind").unwrap_or_default()
    }

    /// `P1` to `P4`.
    #[must_use]
    pub fn severity(&self) -> &str {
        self.text("severity").unwrap_or_default()
    }

    /// The worst severity so far.
    #[must_use]
    pub fn worst(&self) -> &str {
        self.text("worst").unwrap_or_default()
    }

    /// Why it is over.
    #[must_use]
    pub fn ending(&self) -> Option<&str> {
        self.text("ending")
    }

    /// Whether it is not over.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.times.resolved.is_none()
    }

    /// How often it was taken up again.
    #[must_use]
    pub fn flaps(&self) -> u32 {
        self.count("flaps")
    }

    /// How often the same was wrong within the day before.
    #[must_use]
    pub fn recurrences(&self) -> u32 {
        self.count("recurrences")
    }

    /// The columns to blame.
    #[must_use]
    pub fn blamed(&self) -> Vec<&str> {
        self.text("blamed").map(|columns| columns.split(',').collect()).unwrap_or_default()
    }

    /// What speaks for it; `None` for a group.
    #[must_use]
    pub fn evidence(&self) -> Option<Evidence> {
        serde_json::from_str(self.text("evidence")?).ok()
    }

    /// When it may be heard again, if it was silenced.
    #[must_use]
    pub fn silent_until(&self) -> Option<Timestamp> {
        self.record.get("silent_until").and_then(Cell::time)
    }

    /// The last note, after the name of who wrote it.
    #[must_use]
    pub fn note(&self) -> Option<(&str, &str)> {
        Some((self.text("note_by")?, self.text("note")?))
    }

    /// What to read about this kind.
    #[must_use]
    pub fn runbook(&self) -> Option<&str> {
        self.text("runbook")
    }

    /// Names of the incidents in a group.
    #[must_use]
    pub fn members(&self) -> Vec<String> {
        self.text("members").and_then(|names| serde_json::from_str(names).ok()).unwrap_or_default()
    }

    /// The group that a group became part of.
    #[must_use]
    pub fn part_of(&self) -> Option<&str> {
        self.text("part_of")
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.record.get(name).and_then(Cell::text)
    }

    fn count(&self, name: &str) -> u32 {
        let number = self.record.get(name).and_then(Cell::integer).unwrap_or_default();
        u32::try_from(number).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anomaly::detector::Band;
    use crate::anomaly::verdict::{State, Verdict, Vote};
    use crate::domain::ids::ChannelId;
    use crate::domain::time::Minute;
    use crate::incident::place::Place;
    use crate::incident::rows;
    use crate::incident::rules::Rules;
    use crate::incident::severity::Harm;
    use crate::incident::watch::{Report, Watch};

    #[test]
    fn a_row_tells_what_the_incident_was() {
        let verdict = Verdict {
            state: State::Judged,
            score: 0.97,
            anomaly: true,
            value: 300.0,
            expected: Band::around(100.0, 10.0),
            votes: vec![Vote { detector: "zscore", p: 0.001 }],
        };
        let mut watch = Watch::new(ChannelId::new("eu").expect("a name"), Place::default());
        let columns = [("latency_p95_ms", verdict)];
        let report = Report { minute: Minute(9), columns: &columns, harm: Harm::UNKNOWN };
        let changes = watch.observe(&Rules::default(), Minute(9).end(), &report);
        let incident = &changes[0].incident;
        let told = Told::of(rows::incident(&changes[0]).expect("it fits")).expect("it tells");
        assert_eq!((told.id(), told.revision()), (incident.id.to_string().as_str(), 1));
        assert_eq!((told.times, told.fingerprint), (incident.times, incident.fingerprint));
        assert_eq!(told.evidence().as_ref(), Some(&incident.evidence));
        assert_eq!((told.channel(), told.blamed(), told.is_open()), (Some("eu"), vec!["latency_p95_ms"], true));
        assert!(told.scope().is_none() && told.members().is_empty() && told.ending().is_none());
        assert!(
            Told::of(rows::anomaly(&incident.channel, "requests", Minute(9), &columns[0].1).expect("fits")).is_none()
        );
    }
}
