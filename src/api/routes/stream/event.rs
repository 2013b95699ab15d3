//! Happenings as server-sent events.

use axum::response::sse::Event;
use serde::Serialize;
use serde_json::json;

use crate::api::routes::actions::ActionBody;
use crate::api::routes::anomalies::AnomalyBody;
use crate::api::routes::incidents::body::IncidentBody;
use crate::api::routes::risk::body::RiskBody;
use crate::api::routes::work::body::AllocationBody;
use crate::api::series::Point;
use crate::domain::series::SeriesKey;
use crate::engine::bus::Happening;
use crate::incident::rows;
use crate::incident::told::Told;

/// What a reader may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Judged minutes of channels.
    Samples,
    /// Odd minutes.
    Anomalies,
    /// Changes of incidents and of groups.
    Incidents,
    /// Probabilities of breaking a promise.
    Risks,
    /// Decisions about route classes.
    Decisions,
    /// Steps of playbooks.
    Actions,
    /// Allocations of work.
    Work,
}

impl Kind {
    pub(super) const ALL: [Self; 7] =
        [Self::Samples, Self::Anomalies, Self::Incidents, Self::Risks, Self::Decisions, Self::Actions, Self::Work];

    const fn name(self) -> &'static str {
        match self {
            Self::Samples => "samples",
            Self::Anomalies => "anomalies",
            Self::Incidents => "incidents",
            Self::Risks => "risks",
            Self::Decisions => "decisions",
            Self::Actions => "actions",
            Self::Work => "work",
        }
    }

    pub(super) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    pub(super) const fn of(happening: &Happening) -> Self {
        match happening {
            Happening::Sample(_) => Self::Samples,
            Happening::Anomaly { .. } => Self::Anomalies,
            Happening::Incident(_) | Happening::Group(_) => Self::Incidents,
            Happening::Risk { .. } => Self::Risks,
            Happening::Decision(_) => Self::Decisions,
            Happening::Action(_) => Self::Actions,
            Happening::Work(_) => Self::Work,
        }
    }
}

/// A sample with its channel.
#[derive(Serialize)]
struct SampleEvent<'a> {
    channel: &'a str,
    #[serde(flatten)]
    point: Point,
}

/// An odd minute with its channel.
#[derive(Serialize)]
struct AnomalyEvent<'a> {
    channel: &'a str,
    #[serde(flatten)]
    anomaly: AnomalyBody,
}

/// What happened to an incident, and how it stands.
#[derive(Serialize)]
struct IncidentEvent<'a> {
    at: String,
    change: &'a str,
    #[serde(flatten)]
    incident: IncidentBody,
}

/// A risk with the minute after which it is said.
#[derive(Serialize)]
struct RiskEvent {
    ts: String,
    #[serde(flatten)]
    risk: RiskBody,
}

/// The event that tells of `happening`; `None` if it cannot be told, which no happening of the engine is.
pub(super) fn of(happening: &Happening) -> Option<Event> {
    let (name, id, event) = match happening {
        Happening::Sample(sample) => {
            let id = format!("{}-{}", SeriesKey::of_channel("samples", &sample.channel, "*"), sample.minute.0);
            let data = SampleEvent { channel: sample.channel.as_str(), point: Point::of_sample(sample) };
            ("sample", id, Event::default().json_data(data))
        }
        Happening::Anomaly { channel, minute, column, verdict } => {
            let record = rows::anomaly(channel, column.name(), *minute, verdict).ok()?;
            let id = format!("{}-{}", SeriesKey::of_channel("samples", channel, column.name()), minute.0);
            let data = AnomalyEvent { channel: channel.as_str(), anomaly: AnomalyBody::of(&record) };
            ("anomaly", id, Event::default().json_data(data))
        }
        Happening::Incident(change) => {
            let told = Told::of(rows::incident(change).ok()?)?;
            ("incident", format!("{}-{}", told.id(), told.revision()), incident(&told))
        }
        Happening::Group(change) => {
            let told = Told::of(rows::group(change).ok()?)?;
            ("group", format!("{}-{}", told.id(), told.revision()), incident(&told))
        }
        Happening::Risk { minute, risk } => {
            let key = SeriesKey::of_channel("risks", &risk.channel, &risk.class);
            let data = RiskEvent { ts: minute.to_string(), risk: RiskBody::of(&risk.channel, &risk.class, &risk.of) };
            ("risk", format!("{key}-{}-{}", risk.of.horizon, minute.0), Event::default().json_data(data))
        }
        Happening::Decision(decision) => {
            let id = format!("{}-{}", decision.plan.class, decision.generation);
            ("decision", id, Event::default().json_data(decision.told()))
        }
        Happening::Action(row) => {
            let id = format!("{}-{}-{}-{}", row.run, row.step, row.tried, row.outcome.as_deref().unwrap_or("begun"));
            ("action", id, Event::default().json_data(ActionBody::of(row)))
        }
        Happening::Work(report) => {
            ("work", format!("work-{}", report.at()), Event::default().json_data(AllocationBody::of(report)))
        }
    };
    Some(event.ok()?.event(name).id(id))
}

fn incident(told: &Told) -> Result<Event, axum::Error> {
    let data =
        IncidentEvent { at: told.at().to_string(), change: told.change(), incident: IncidentBody::of(told, None) };
    Event::default().json_data(data)
}

/// Tells that so many events were left out.
pub(super) fn missed(missed: u64) -> Event {
    Event::default().event("missed").data(json!({ "missed": missed }).to_string())
}
