//! Incidents, groups and odd minutes as rows of their tables.

use std::collections::BTreeMap;

use crate::anomaly::verdict::{State, Verdict};
use crate::domain::ids::ChannelId;
use crate::domain::record::{ANOMALIES, Cell, INCIDENTS, Record, RecordError};
use crate::domain::series::SeriesKey;
use crate::domain::time::{Minute, Timestamp};
use crate::incident::change::Change;
use crate::incident::group::GroupChange;
use crate::incident::kind::Kind;
use crate::incident::state::Ending;

/// The row of `anomalies` for what is said of `column` of `channel` in `minute`.
///
/// # Errors
/// [`RecordError`] if the score is not finite or the minute out of range.
pub fn anomaly(channel: &ChannelId, column: &str, minute: Minute, verdict: &Verdict) -> Result<Record, RecordError> {
    let state = match verdict.state {
        State::Judged => "judged",
        State::Warming => "warming",
        State::Thin => "thin",
        State::Absent => "absent",
        State::Excused => "excused",
    };
    let votes: BTreeMap<&str, f64> = verdict.votes.iter().map(|vote| (vote.detector, vote.p)).collect();
    let cells = vec![
        SeriesKey::of_channel("samples", channel, column).to_string().into(),
        channel.as_str().into(),
        column.into(),
        state.into(),
        verdict.score.into(),
        verdict.anomaly.into(),
        verdict.value.into(),
        verdict.expected.low.into(),
        verdict.expected.middle.into(),
        verdict.expected.high.into(),
        serde_json::to_string(&votes).ok().filter(|_| !votes.is_empty()).into(),
    ];
    Record::new(&ANOMALIES, minute.start(), cells)
}

/// The row of `incidents` for `change`.
///
/// # Errors
/// [`RecordError`] if the time is out of range.
pub fn incident(change: &Change) -> Result<Record, RecordError> {
    let incident = &change.incident;
    let columns: Vec<&str> = incident.evidence.columns.keys().map(String::as_str).collect();
    let note = incident.notes.last();
    let cells = vec![
        incident.id.to_string().into(),
        incident.revision.into(),
        change.what.name().into(),
        incident.channel.as_str().into(),
        Cell::Null,
        incident.kind.name().into(),
        incident.fingerprint.to_string().into(),
        incident.severity.name().into(),
        incident.worst.name().into(),
        incident.times.first_sign.start().into(),
        incident.times.opened.into(),
        incident.times.acknowledged.into(),
        incident.times.mitigated.into(),
        incident.times.resolved.into(),
        incident.ending.map(Ending::name).into(),
        incident.flaps.into(),
        incident.recurrence.map_or(0, |recurrence| recurrence.times).into(),
        (!columns.is_empty()).then(|| columns.join(",")).into(),
        serde_json::to_string(&incident.evidence).ok().into(),
        incident.silence.as_ref().map(|silence| silence.until).into(),
        note.map(|note| note.by.as_str()).into(),
        note.map(|note| note.text.as_str()).into(),
        incident.runbook.as_deref().into(),
        Cell::Null,
        Cell::Null,
    ];
    Record::new(&INCIDENTS, change.at, cells)
}

/// The row of `incidents` for the change of a group. Its kind is the gravest of its members'; it ends with the last.
///
/// # Errors
/// [`RecordError`] if the time is out of range.
pub fn group(change: &GroupChange) -> Result<Record, RecordError> {
    let group = &change.group;
    let members: Vec<String> = group.members.keys().map(ToString::to_string).collect();
    let kind = group.members.values().map(|member| member.kind).min().unwrap_or(Kind::Other);
    let ending = group.resolved.map(|_| if group.part_of.is_some() { Ending::Closed } else { Ending::Recovered });
    let never: Option<Timestamp> = None;
    let nothing: Option<&str> = None;
    let cells = vec![
        group.id.to_string().into(),
        group.revision.into(),
        change.what.name().into(),
        Cell::Null,
        format!("{} {}", group.scope.level(), group.scope).into(),
        kind.name().into(),
        group.fingerprint.to_string().into(),
        group.severity.name().into(),
        group.worst.name().into(),
        group.first_sign.start().into(),
        group.opened.into(),
        never.into(),
        never.into(),
        group.resolved.into(),
        ending.map(Ending::name).into(),
        0_u32.into(),
        0_u32.into(),
        nothing.into(),
        nothing.into(),
        never.into(),
        nothing.into(),
        nothing.into(),
        nothing.into(),
        serde_json::to_string(&members).ok().into(),
        group.part_of.map(|whole| whole.to_string()).into(),
    ];
    Record::new(&INCIDENTS, change.at, cells)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anomaly::detector::Band;
    use crate::anomaly::verdict::Vote;
    use crate::incident::group::{Grouping, Groups};
    use crate::incident::place::{Place, Topology};
    use crate::incident::rules::Rules;
    use crate::incident::severity::Harm;
    use crate::incident::watch::{Report, Watch};

    fn verdict() -> Verdict {
        let votes = vec![Vote { detector: "zscore", p: 0.001 }];
        let expected = Band::around(100.0, 10.0);
        Verdict { state: State::Judged, score: 0.97, anomaly: true, value: 300.0, expected, votes }
    }

    #[test]
    fn every_change_is_a_row() {
        let place = Place { provider: Some("openai".into()), ..Place::default() };
        let channels = ["eu", "us"].map(|name| ChannelId::new(name).expect("a name"));
        let topology = Topology::new(channels.iter().map(|name| (name.clone(), place.clone())).collect());
        let columns = [("latency_p95_ms", verdict())];
        let report = Report { minute: Minute(9), columns: &columns, harm: Harm::UNKNOWN };
        let opened = |name: &ChannelId| {
            let mut watch = Watch::new(name.clone(), place.clone());
            watch.observe(&Rules::default(), Minute(9).end(), &report)
        };
        let changes: Vec<Change> = channels.iter().flat_map(opened).collect();
        let row = incident(&changes[0]).expect("it fits");
        assert_eq!((row.ts(), row.get("blamed").and_then(Cell::text)), (Minute(9).end(), Some("latency_p95_ms")));
        assert_eq!(row.get("resolved"), Some(&Cell::Null));
        let evidence: serde_json::Value =
            serde_json::from_str(row.get("evidence").and_then(Cell::text).expect("a text")).expect("JSON");
        assert_eq!(evidence["columns"]["latency_p95_ms"]["worst"]["expected"]["high"], 110.0);

        let grouped = Groups::default().observe(&Grouping::default(), &topology, Minute(9).end(), &changes);
        let row = group(&grouped[0]).expect("it fits");
        assert_eq!(row.get("scope").and_then(Cell::text), Some("provider openai"));
        let members: Vec<String> =
            serde_json::from_str(row.get("members").and_then(Cell::text).expect("a text")).expect("JSON");
        assert_eq!(members.len(), 2);
    }

    #[test]
    fn an_odd_minute_is_a_row_and_an_absent_one_has_no_value() {
        let channel = ChannelId::new("eu").expect("a name");
        let row = anomaly(&channel, "latency_p95_ms", Minute(9), &verdict()).expect("it fits");
        assert_eq!(row.get("votes").and_then(Cell::text), Some(r#"{"zscore":0.001}"#));
        let absent = Verdict {
            state: State::Absent,
            score: 0.0,
            anomaly: false,
            value: f64::NAN,
            expected: Band::UNKNOWN,
            votes: vec![],
        };
        let row = anomaly(&channel, "latency_p95_ms", Minute(9), &absent).expect("it fits");
        assert!(["value", "expected", "votes"].iter().all(|name| row.get(name) == Some(&Cell::Null)));
    }
}
