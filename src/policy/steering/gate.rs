//! Whether a channel may have calls, with memory.
//!
//! A gate shuts at one line and opens at a stricter one, so that a value that wobbles around either moves nothing, and a
//! channel comes back in steps. What the fast lane finds well was found well by calls of this minute; forecasts and
//! incidents have learnt from the trouble and say so for long. So trouble that was known when a channel was found well is
//! pardoned: the incident until it gets worse or is over, forecasts for a stated time, in which the channel counts as slow
//! and as failing as it usually is. If it is not well, the fast lane shuts it again within a few calls.

use serde::{Deserialize, Serialize};

use crate::domain::time::Timestamp;
use crate::incident::severity::Severity;
use crate::policy::input::{Candidate, PolicyInput, Standing};
use crate::policy::offer::{Access, Judged};
use crate::policy::planner::Setting;
use crate::policy::planner::trouble::{self, Pardoned};
use crate::policy::report::Because;
use crate::policy::steering::belief::{Belief, State};

/// Seconds after which a return is over.
const SETTLED_S: f64 = 90.0;

/// The gate of one channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Gate {
    position: Position,
    pardon: Option<Pardon>,
    slow: Belief,
    failing: Belief,
    risk: Belief,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Position {
    In,
    Out {
        since: Timestamp,
        why: Because,
    },
    /// It comes back; `part` of its share is what it was given.
    Back {
        since: Timestamp,
        part: f64,
    },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Pardon {
    incident: Option<Severity>,
    until: Timestamp,
}

impl Gate {
    /// A gate that is open: of a channel that was there when everything began.
    pub(super) fn open() -> Self {
        Self {
            position: Position::In,
            pardon: None,
            slow: Belief::default(),
            failing: Belief::default(),
            risk: Belief::default(),
        }
    }

    /// The gate of a channel that joins later.
    pub(super) fn joining(now: Timestamp) -> Self {
        Self { position: Position::Back { since: now, part: 0.0 }, ..Self::open() }
    }

    /// Hears how the channel is.
    pub(super) fn step(&mut self, setting: &Setting, input: &PolicyInput, one: &Candidate) {
        let now = input.now;
        self.forget(now, one);
        let pardoned = self.pardoned(now);
        let leaves = || trouble::of(setting, &input.promise, one, pardoned);
        let next = match self.position.clone() {
            Position::In | Position::Back { .. } => leaves().map(|why| Position::Out { since: now, why }),
            Position::Out { since, why } => self.when_out(setting, input, one, (since, &why)),
        };
        if let Some(next) = next {
            self.position = next;
        }
        self.ramp(setting, now);
        let state = self.state(now, one);
        self.slow.hear(now, one.slow, state);
        self.failing.hear(now, one.failing, state);
        self.risk.hear(now, one.risk, state);
    }

    fn state(&self, now: Timestamp, one: &Candidate) -> State {
        match &self.pardon {
            Some(pardon) if now < pardon.until => State::Trusted,
            None if self.position == Position::In && one.standing == Standing::Closed => State::Settled,
            _ => State::Doubtful,
        }
    }

    /// What becomes of a channel that is out since then, because of `why`.
    fn when_out(
        &mut self,
        setting: &Setting,
        input: &PolicyInput,
        one: &Candidate,
        (since, why): (Timestamp, &Because),
    ) -> Option<Position> {
        let now = input.now;
        if let Some(reason) = one.standing.trip() {
            return Some(Position::Out { since, why: Because::Shut { reason } });
        }
        let is_found_well = matches!(one.standing, Standing::Returning { since: found } if found > since);
        let is_failing = || matches!(trouble::still(setting, &input.promise, one, None), Some(Because::Failing { .. }));
        if matches!(why, Because::Shut { .. }) || (is_found_well && !is_failing()) {
            self.restart();
            let until = now.plus_micros(micros(setting.pardon_s));
            self.pardon = Some(Pardon { incident: one.incident, until });
            let since = if let Standing::Returning { since } = one.standing { since.min(now) } else { now };
            return Some(Position::Back { since, part: 0.0 });
        }
        let is_fresh = matches!(why, Because::Risk { .. }) && now.seconds_since(since) < setting.out_s;
        match trouble::still(setting, &input.promise, one, self.pardoned(now)) {
            Some(why) => Some(Position::Out { since, why }),
            None if is_fresh => None,
            None => {
                self.restart();
                Some(Position::Back { since: now, part: 0.0 })
            }
        }
    }

    /// What was believed was of the trouble that is over.
    const fn restart(&mut self) {
        self.slow.restart();
        self.failing.restart();
        self.risk.restart();
    }

    /// Each step follows the one before, however late it is asked for: a channel that nobody asked about for a minute does
    /// not get all calls at once.
    fn ramp(&mut self, setting: &Setting, now: Timestamp) {
        if let Position::Back { since, part } = &mut self.position {
            let (had, seconds) = (*part, now.seconds_since(*since));
            *part = setting.ramp_part(seconds).min((had * setting.ramp_growth).max(setting.ramp_first));
            // The last steps are those of a return as well: what calls had to wait for is made up for at once.
            if had >= 1.0 && seconds >= SETTLED_S {
                self.position = Position::In;
            }
        }
    }

    fn forget(&mut self, now: Timestamp, one: &Candidate) {
        if let Some(pardon) = &mut self.pardon {
            if pardon.incident.is_some() && one.incident.is_none_or(|open| is_milder(open, pardon.incident)) {
                pardon.incident = one.incident;
            }
            if pardon.incident.is_none() && now >= pardon.until {
                self.pardon = None;
            }
        }
    }

    fn pardoned(&self, now: Timestamp) -> Option<Pardoned> {
        self.pardon.as_ref().map(|pardon| Pardoned { incident: pardon.incident, is_over: now >= pardon.until })
    }

    /// What counts of the channel, which has this `share`.
    pub(super) fn judged(&self, now: Timestamp, one: &Candidate, share: f64) -> Judged {
        let access = match &self.position {
            Position::Out { why, .. } => Access::Out(why.clone()),
            Position::Back { part, .. } => Access::Part(*part),
            Position::In if matches!(one.standing, Standing::Stale { .. }) => Access::Keep(share),
            Position::In => Access::Free,
        };
        let is_out = matches!(access, Access::Out(_));
        let counts = |belief: &Belief, told: f64| if is_out { told } else { belief.of(told) };
        Judged {
            slow: counts(&self.slow, one.slow),
            failing: counts(&self.failing, one.failing),
            risk: counts(&self.risk, one.risk),
            access,
            out_s: if let Position::Out { since, .. } = &self.position { now.seconds_since(*since) } else { 0.0 },
        }
    }

    /// Whether it comes back, and when the next step is due.
    pub(super) fn next_step(&self, setting: &Setting, now: Timestamp) -> Option<Timestamp> {
        let Position::Back { since, .. } = &self.position else { return None };
        let steps = (now.seconds_since(*since) / setting.ramp_step_s).floor().max(0.0) + 1.0;
        Some(since.plus_micros(micros(steps * setting.ramp_step_s)).max(now.plus_micros(1)))
    }
}

fn is_milder(open: Severity, than: Option<Severity>) -> bool {
    than.is_some_and(|than| than.is_worse_than(open))
}

/// Seconds as microseconds.
#[expect(clippy::cast_possible_truncation, reason = "settings are checked to be far below the range")]
pub(super) fn micros(seconds: f64) -> i64 {
    (seconds * 1e6) as i64
}
