//! What goes wrong in the demo, and when: trouble of every kind, one after the other, for as long as it runs, and by hand.

use std::io::ErrorKind;
use std::sync::Arc;

use crate::cli::exit::{Exit, Failure};
use crate::clock::Clock;
use crate::domain::time::Timestamp;
use crate::sim::stage::Stage;
use crate::sim::switchboard::Switchboard;
use crate::sim::world::fault::{Fault, FaultKind};

/// The port next to that of the API.
const USUAL_PORT: u16 = 8687;
/// Seconds before the first one: enough to see how things are when they are well.
const FIRST_S: i64 = 90;
/// Seconds that each lasts: long enough to be seen, told and got used to.
const LASTS_S: i64 = 180;
/// Seconds without trouble behind it, in which its incident closes.
const REST_S: i64 = 720;
/// Rounds of all of them; more than a day.
const ROUNDS: i64 = 32;

/// What goes wrong in turn.
const KINDS: [(&str, FaultKind); 4] = [
    ("kestrel-70b", FaultKind::Failing(0.4)),
    ("harbor-mini", FaultKind::Step(5.0)),
    ("harbor-large", FaultKind::Throttling(0.5)),
    ("basalt-spot", FaultKind::Ramp(5.0)),
];

/// The faults of a demo whose traffic begins at `start`.
pub(super) fn schedule(start: Timestamp) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut from = start.plus_seconds(FIRST_S);
    for _ in 0..ROUNDS {
        for (channel, kind) in KINDS {
            faults.push(Fault { channel, from, to: from.plus_seconds(LASTS_S), kind });
            from = from.plus_seconds(LASTS_S + REST_S);
        }
    }
    faults
}

/// Where people break things by hand: on `port`, else on the usual port if it is free.
pub(super) async fn switchboard(stage: &Arc<Stage>, port: Option<u16>, clock: &Clock) -> Result<Switchboard, Failure> {
    let on = |port| Switchboard::start(Arc::clone(stage), port, clock.clone());
    let started = match on(port.unwrap_or(USUAL_PORT)).await {
        Err(error) if error.kind() == ErrorKind::AddrInUse && port.is_none() => on(0).await,
        other => other,
    };
    let at = port.unwrap_or(0);
    started.map_err(|error| Failure::new(Exit::Usage, format!("cannot listen on 127.0.0.1:{at} for faults: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::world::profile::cast;

    #[test]
    fn faults_follow_each_other_on_channels_that_exist() {
        let faults = schedule(Timestamp::from_seconds(1_000));
        assert_eq!(faults[0].from, Timestamp::from_seconds(1_090));
        assert!(faults.windows(2).all(|pair| pair[0].to < pair[1].from));
        assert!(faults.iter().all(|fault| cast().iter().any(|profile| profile.name == fault.channel)));
    }
}
