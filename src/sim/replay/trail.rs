//! What happened in a run: counts per second, and what callers felt in all.

use crate::domain::time::Timestamp;
use crate::sim::replay::deed::Done;
use crate::sim::world::fault::Spell;
use crate::stats::ddsketch::{DdSketch, Tray};

/// Seconds of one step of the latency course.
pub const STEP_S: usize = 60;

/// What happened in a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Trail {
    /// First instant.
    pub begin: Timestamp,
    /// Per second of arrival: calls.
    pub calls: Vec<u32>,
    /// Per second of arrival: calls that failed in the end.
    pub failed: Vec<u32>,
    /// Per second of arrival: calls that were answered, and too late.
    pub slow: Vec<u32>,
    /// Per channel and second: attempts.
    pub attempts: Vec<Vec<u32>>,
    /// Per channel and second of sending: attempts that failed.
    pub failing: Vec<Vec<u32>>,
    /// Per step of [`STEP_S`]: latency of the calls that were answered, retries included.
    pub latency: Vec<DdSketch>,
    /// Attempts that met a fault on their channel.
    pub attempts_at_faults: u64,
    /// USD spent.
    pub cost_usd: f64,
    /// Calls for which nobody was picked.
    pub unserved: u64,
    /// What was done to channels, in the order in which it ended.
    pub deeds: Vec<Done>,
    /// Per channel, what went wrong in the end: first what the scene says, some of it ended early, then what deeds broke.
    pub spells: Vec<Vec<Spell>>,
}

/// Latencies of the newest step of the course, on their way into the trail.
#[derive(Debug, Clone, Default)]
pub(super) struct Step {
    step: usize,
    latencies: Tray,
}

/// How a call ended for its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Felt {
    /// In time.
    Good,
    /// Answered, and too late.
    Slow,
    /// Not answered.
    Failed,
}

impl Trail {
    /// The trail of a run of so many seconds over so many channels, in which nothing has happened.
    #[must_use]
    pub fn new(begin: Timestamp, seconds: usize, channels: usize) -> Self {
        let each = || vec![0_u32; seconds];
        Self {
            begin,
            calls: each(),
            failed: each(),
            slow: each(),
            attempts: (0..channels).map(|_| each()).collect(),
            failing: (0..channels).map(|_| each()).collect(),
            latency: vec![DdSketch::new(); seconds.div_ceil(STEP_S)],
            attempts_at_faults: 0,
            cost_usd: 0.0,
            unserved: 0,
            deeds: Vec::new(),
            spells: Vec::new(),
        }
    }

    /// The second of the run at `at`; 0 before its beginning.
    #[must_use]
    pub fn second(&self, at: Timestamp) -> usize {
        let micros = at.micros().saturating_sub(self.begin.micros()).max(0);
        usize::try_from(micros / 1_000_000).unwrap_or(usize::MAX)
    }

    /// Seconds of the run.
    #[must_use]
    pub fn seconds(&self) -> usize {
        self.calls.len()
    }

    /// A call that came at `at` ended for its caller. Latencies of the newest step stay in `tray` until
    /// [`Trail::empty`].
    pub(super) fn felt(&mut self, tray: &mut Step, at: Timestamp, felt: Felt, took_ms: f64) {
        let second = self.second(at);
        bump(&mut self.calls, second);
        match felt {
            Felt::Good => {}
            Felt::Slow => bump(&mut self.slow, second),
            Felt::Failed => bump(&mut self.failed, second),
        }
        let step = second / STEP_S;
        if felt == Felt::Failed || step >= self.latency.len() {
            return;
        }
        if step > tray.step {
            self.empty(tray);
            tray.step = step;
        }
        if step == tray.step {
            tray.latencies.insert(took_ms);
        } else if let Some(sketch) = self.latency.get_mut(step) {
            sketch.insert(took_ms);
        }
    }

    /// Takes in what is left in `tray`.
    pub(super) fn empty(&mut self, tray: &mut Step) {
        if let Some(sketch) = self.latency.get_mut(tray.step) {
            sketch.merge(&tray.latencies.take());
        }
    }

    /// An attempt was sent to `channel` at `at`.
    pub(super) fn sent(&mut self, at: Timestamp, channel: usize, fails: bool) {
        let second = self.second(at);
        if let Some(attempts) = self.attempts.get_mut(channel) {
            bump(attempts, second);
        }
        if fails && let Some(failing) = self.failing.get_mut(channel) {
            bump(failing, second);
        }
    }

    /// The part of all attempts in these seconds that went to `channel`; `None` if there were none.
    #[must_use]
    pub fn share(&self, channel: usize, seconds: std::ops::Range<usize>) -> Option<f64> {
        let sum = |of: &Vec<u32>| -> u64 {
            let end = seconds.end.min(of.len());
            of.get(seconds.start.min(end)..end).unwrap_or_default().iter().map(|n| u64::from(*n)).sum()
        };
        let all: u64 = self.attempts.iter().map(sum).sum();
        #[expect(clippy::cast_precision_loss, reason = "counts of attempts")]
        let share = sum(self.attempts.get(channel)?) as f64 / all as f64;
        (all > 0).then_some(share)
    }
}

fn bump(counts: &mut [u32], second: usize) {
    if let Some(count) = counts.get_mut(second) {
        *count += 1;
    }
}
