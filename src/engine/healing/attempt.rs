//! One attempt, carried out.

use std::time::Duration;

use serde_json::json;
use tokio::sync::watch;

use crate::act::command::{CommandError, Ready, Said};
use crate::act::receiver::Message;
use crate::domain::time::Timestamp;
use crate::engine::Engine;
use crate::policy::healing::order::{Attempt, Order, Outcome};
use crate::policy::healing::playbook::Action;

/// Microseconds between two looks whether a channel answers.
const LOOK_US: i64 = 250_000;

/// What came of an attempt.
#[derive(Debug, Clone)]
pub(super) struct Came {
    /// What was ordered.
    pub order: Order,
    /// The attempt.
    pub attempt: Attempt,
    /// What came of it.
    pub outcome: Outcome,
    /// The end of what a command said; for the table only.
    pub said: String,
    /// When it ended.
    pub at: Timestamp,
}

/// Makes `attempt` of `order`; `None` if the program stops before it is known what came of it.
pub(super) async fn make(
    engine: Engine,
    order: Order,
    attempt: Attempt,
    mut stop: watch::Receiver<bool>,
) -> Option<Came> {
    let timeout = Duration::try_from_secs_f64(attempt.timeout_s).unwrap_or(Duration::MAX);
    let made = match &attempt.action {
        Action::Drain => Ok("calls are kept away".to_owned()),
        Action::Restore => Ok("it is given back to the planner".to_owned()),
        Action::Webhook { to } => webhook(&engine, &order, &attempt, to).await,
        Action::Probe => probe(&engine, &order, &attempt, &mut stop).await?,
        Action::Command { name } => match command(&engine, &order, &attempt, (name, timeout), &mut stop).await {
            Ok(Said(said)) => return Some(engine.came(order, attempt, Ok("ended with exit code 0".to_owned()), said)),
            Err(CommandError::Stopping) => return None,
            Err(error) => {
                let said = error.said().to_owned();
                return Some(engine.came(order, attempt, Err(error.to_string()), said));
            }
        },
        Action::Wait(_) => Err("a wait is no attempt".to_owned()),
    };
    Some(engine.came(order, attempt, made, String::new()))
}

async fn webhook(engine: &Engine, order: &Order, attempt: &Attempt, to: &str) -> Result<String, String> {
    let Some((receiver, courier)) = engine.0.alerting.receiver(to) else {
        return Err(format!("there is no receiver `{to}` any more"));
    };
    let body = json!({
        "version": 1,
        "type": "playbook",
        "id": attempt.key,
        "run": order.run,
        "playbook": order.playbook,
        "channel": order.channel,
        "classes": order.classes,
        "step": attempt.step,
        "try": attempt.tried,
        "cause": order.cause,
        "began_at": attempt.began.to_string(),
        "link": engine.settings().alerts.link,
    });
    let message = Message { id: attempt.key.clone(), body: body.to_string().into_bytes() };
    let until = after(engine.clock().now(), attempt.timeout_s);
    tokio::select! {
        delivered = courier.attempt(receiver, &message) => {
            delivered.map(|()| "delivered".to_owned()).map_err(|setback| setback.error.to_string())
        }
        () = engine.clock().sleep_until(until) => Err("no answer within the time-out of the step".to_owned()),
    }
}

async fn command(
    engine: &Engine,
    order: &Order,
    attempt: &Attempt,
    (name, timeout): (&str, Duration),
    stop: &mut watch::Receiver<bool>,
) -> Result<Said, CommandError> {
    let words = engine.settings().heal.as_ref().and_then(|heal| heal.commands.get(name)).ok_or(CommandError::Empty)?;
    let channel = order.channel.as_str();
    let values = [
        ("{channel}", channel),
        ("{playbook}", order.playbook.as_str()),
        ("{run}", order.run.as_str()),
        ("{key}", attempt.key.as_str()),
    ];
    let mut ready = Ready::new(words, &values, timeout)?;
    let variable = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    ready.variables = vec![variable("FOREROUTE_KEY", &attempt.key), variable("FOREROUTE_CHANNEL", channel)];
    ready.run(engine.clock(), stop).await
}

/// Asks the channel, if it has a probe of its own, and waits until it answers; `None` if the program stops before. A channel
/// without a probe is asked by the single calls that it gets.
async fn probe(
    engine: &Engine,
    order: &Order,
    attempt: &Attempt,
    stop: &mut watch::Receiver<bool>,
) -> Option<Result<String, String>> {
    let until = after(engine.clock().now(), attempt.timeout_s);
    let asked = engine.ask_probe(&order.channel);
    loop {
        match asked {
            Some(since) => {
                let found = engine.0.healing.probes.found(&order.channel).filter(|found| found.at >= since);
                if let Some(found) = found {
                    let failed = || "its probe got no right answer".to_owned();
                    return Some(found.is_ok.then(|| "its probe got the right answer".to_owned()).ok_or_else(failed));
                }
            }
            None if engine.answers(&order.channel) => return Some(Ok("it answers".to_owned())),
            None => {}
        }
        let now = engine.clock().now();
        if now >= until {
            return Some(Err(format!("it did not answer within {:.0} s", attempt.timeout_s)));
        }
        tokio::select! {
            () = engine.clock().sleep_until(now.plus_micros(LOOK_US).min(until)) => {}
            _ = stop.wait_for(|stop| *stop) => return None,
        }
    }
}

fn after(now: Timestamp, seconds: f64) -> Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "float casts saturate")]
    let micros = (seconds * 1e6) as i64;
    now.plus_micros(micros)
}

impl Engine {
    fn came(&self, order: Order, attempt: Attempt, made: Result<String, String>, said: String) -> Came {
        let is_ok = made.is_ok();
        let message = made.unwrap_or_else(|error| error);
        Came { order, attempt, outcome: Outcome { is_ok, message }, said, at: self.clock().now() }
    }
}
