//! `GET /v1/stream`: what happens, as server-sent events.
//!
//! The engine tells everybody at once and waits for nobody. A reader that falls behind by some thousand events misses the
//! oldest and is told how many; what it missed is in the tables, and an event's id says which row it was.

mod event;

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::stream;
use futures::{Stream, StreamExt as _};
use serde::Deserialize;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use utoipa::IntoParams;

use crate::api::error::{ApiError, Problem};
use crate::api::params::{self, Params};
use crate::api::state::ApiState;
use crate::domain::ids::ChannelId;
use crate::engine::bus::Happening;
use event::Kind;

/// Time without an event after which a comment shows that the connection is alive.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Probability from which a risk is told unless another one is asked for.
const USUAL_RISK: f64 = 0.1;

/// What is told.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct StreamParams {
    /// Kinds of events, separated by commas: `samples`, `anomalies`, `incidents` (groups as well), `risks`, `decisions`, `actions`,
    /// `work`. All of them if absent.
    #[param(example = "incidents,risks")]
    kinds: Option<String>,
    /// Only what happens to this channel, and to groups in which it is.
    channel: Option<String>,
    /// Only risks of at least this probability, 0 to 1. 0.1 if absent.
    #[param(example = 0.5)]
    least_risk: Option<f64>,
}

/// What one reader wants to hear.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wanted {
    kinds: BTreeSet<Kind>,
    channel: Option<ChannelId>,
    least_risk: f64,
}

impl Wanted {
    fn read(asked: &StreamParams) -> Result<Self, ApiError> {
        let kind = |name: &str| {
            let wrong = || {
                let known = "`samples`, `anomalies`, `incidents`, `risks`, `decisions`, `actions` and `work`";
                ApiError::Invalid(format!("`{name}` is no kind of event; there are {known}"))
            };
            Kind::parse(name.trim()).ok_or_else(wrong)
        };
        let least_risk = asked.least_risk.unwrap_or(USUAL_RISK);
        if !(0.0..=1.0).contains(&least_risk) {
            let message = format!("`least_risk` is {least_risk}; expected a probability from 0 to 1");
            return Err(ApiError::Invalid(message));
        }
        let kinds = asked.kinds.as_deref().map(|names| names.split(',').map(kind).collect()).transpose()?;
        Ok(Self {
            kinds: kinds.unwrap_or_else(|| Kind::ALL.into_iter().collect()),
            channel: asked.channel.as_deref().map(params::channel).transpose()?,
            least_risk,
        })
    }

    fn wants(&self, happening: &Happening) -> bool {
        let is_here = |channel: &ChannelId| self.channel.as_ref().is_none_or(|wanted| wanted == channel);
        self.kinds.contains(&Kind::of(happening))
            && match happening {
                Happening::Sample(sample) => is_here(&sample.channel),
                Happening::Anomaly { channel, .. } => is_here(channel),
                Happening::Incident(change) => is_here(&change.incident.channel),
                Happening::Group(change) => change.group.members.values().any(|member| is_here(&member.channel)),
                Happening::Risk { risk, .. } => is_here(&risk.channel) && risk.of.probability >= self.least_risk,
                Happening::Decision(decision) => decision.plan.shares.keys().any(is_here),
                Happening::Action(row) => is_here(&row.channel),
                // Models are no channels.
                Happening::Work(_) => self.channel.is_none(),
            }
    }
}

/// Tell what happens as it happens: server-sent events, each with JSON in its data.
///
/// Events are `sample` (a judged minute of a channel), `anomaly`, `incident`, `group`, `risk`, `decision`, `action` and `work` (work was shared out anew). An id names the row of
/// the table in which the event is kept, so one that comes twice is known. After `missed`, whose data is
/// `{"missed": 12}`, so many were left out because the reader was slow: ask for what was missed. A comment every 15
/// seconds shows that the connection is alive. The stream ends when the server stops.
#[utoipa::path(
    get, path = "/v1/stream", tag = "out", security(("token" = [])),
    params(StreamParams),
    responses(
        (status = 200, description = "Events.", body = str, content_type = "text/event-stream"),
        (status = 400, response = Problem),
    )
)]
pub(super) async fn stream(
    State(api): State<ApiState>,
    Params(asked): Params<StreamParams>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    let wanted = Wanted::read(&asked)?;
    if let Some(channel) = &wanted.channel {
        params::known(&api, channel)?;
    }
    let reader = Reader { events: api.engine().subscribe(), api, wanted };
    Ok(reader.sse().keep_alive(KeepAlive::new().interval(HEARTBEAT)))
}

/// One who listens.
struct Reader {
    events: Receiver<Happening>,
    api: ApiState,
    wanted: Wanted,
}

impl Reader {
    /// All events to come. A comment goes ahead, so that whoever asks through a proxy knows at once that somebody listens.
    fn sse(self) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
        let greeting = stream::once(async { Ok(Event::default().comment("connected")) });
        let events = stream::unfold(self, |mut reader| async { reader.next().await.map(|event| (Ok(event), reader)) });
        Sse::new(greeting.chain(events))
    }

    /// The next event; `None` once the server stops.
    async fn next(&mut self) -> Option<Event> {
        loop {
            let heard = tokio::select! {
                () = self.api.stopped() => return None,
                heard = self.events.recv() => heard,
            };
            match heard {
                Ok(happening) if self.wanted.wants(&happening) => {
                    if let Some(event) = event::of(&happening) {
                        return Some(event);
                    }
                }
                Ok(_) => {}
                Err(RecvError::Lagged(missed)) => return Some(event::missed(missed)),
                Err(RecvError::Closed) => return None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::response::IntoResponse;
    use http_body_util::BodyExt;

    use super::*;
    use crate::api::settings::Settings;
    use crate::clock::Clock;
    use crate::domain::sample::Sample;
    use crate::domain::time::Minute;
    use crate::engine::{self, Engine};
    use crate::store::StoreOptions;

    #[tokio::test]
    async fn a_slow_reader_is_told_how_much_it_missed() {
        let data = tempfile::tempdir().expect("temporary folder");
        let settings = engine::Settings::default();
        let opened = Engine::open(data.path(), StoreOptions::default(), settings, Clock::system());
        let api = ApiState::new(opened.expect("engine opens").0, Settings::default(), None);
        let (tell, events) = tokio::sync::broadcast::channel(2);
        let sample = Arc::new(Sample::new(ChannelId::new("eu").expect("a name"), Minute(9)));
        for _ in 0..5 {
            tell.send(Happening::Sample(Arc::clone(&sample))).expect("somebody listens");
        }
        drop(tell);
        let reader = Reader { events, api: api.clone(), wanted: asked("", "eu", 0.1).expect("fine") };
        let body = reader.sse().into_response().into_body().collect().await.expect("in memory").to_bytes();
        let text = String::from_utf8_lossy(&body);
        let names: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("event: ")).collect();
        assert_eq!(names, ["missed", "sample", "sample"], "{text}");
        assert!(text.starts_with(": connected\n") && text.contains(r#"{"missed":3}"#), "{text}");

        let mut reader =
            Reader { events: api.engine().subscribe(), api: api.clone(), wanted: asked("", "", 0.1).expect("fine") };
        api.stop();
        assert!(reader.next().await.is_none(), "it ends with the server");
    }

    fn asked(kinds: &str, channel: &str, least_risk: f64) -> Result<Wanted, ApiError> {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Wanted::read(&StreamParams { kinds: text(kinds), channel: text(channel), least_risk: Some(least_risk) })
    }

    #[test]
    fn what_is_wanted_is_understood() {
        let all = asked("", "", 0.2).expect("fine");
        assert_eq!((all.kinds.len(), all.channel), (7, None));
        assert_eq!(asked("risks, incidents", "eu", 0.2).expect("fine").kinds.len(), 2);
        for (kinds, channel, least) in [("nope", "", 0.1), ("risks,", "", 0.1), ("", "", 1.5), ("", "", f64::NAN)] {
            assert!(asked(kinds, channel, least).is_err(), "{kinds} {channel} {least}");
        }
    }
}
