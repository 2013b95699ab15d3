//! What is said of one step of one series in the end.

use serde::{Deserialize, Serialize};

use crate::anomaly::detector::Band;

/// What could be said at all. Absence is a state of its own and never "fine".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Judged.
    Judged,
    /// Not enough has been seen yet.
    Warming,
    /// There is a value, but of fewer calls than a judgement is worth.
    Thin,
    /// Nothing is known of the step.
    Absent,
    /// The step lies in a maintenance window.
    Excused,
}

impl State {
    /// The name in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Judged => "judged",
            Self::Warming => "warming",
            Self::Thin => "thin",
            Self::Absent => "absent",
            Self::Excused => "excused",
        }
    }
}

/// One detector's part in a score.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Vote {
    /// The detector.
    pub detector: &'static str,
    /// How often a healthy step of this series is at least this odd, 0 ..= 1.
    pub p: f64,
}

/// What is said of one step of one series.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    /// What could be said.
    pub state: State,
    /// How odd, 0 ..= 1; from [`Verdict::LINE`] on the step is an anomaly, unless it is muted. 0 if nothing could be said,
    /// and for a deviation that does not matter by the controls.
    pub score: f64,
    /// Whether the step is an anomaly.
    pub anomaly: bool,
    /// The value, in the unit of the series; NaN if absent.
    pub value: f64,
    /// What was expected by the detector that voted most clearly.
    pub expected: Band,
    /// Every detector that had something to say, the clearest vote first.
    pub votes: Vec<Vote>,
}

impl Verdict {
    /// The score from which a step is an anomaly, whatever the sensitivity.
    pub const LINE: f64 = 0.5;

    /// Nothing can be said of a step but its `state`.
    #[must_use]
    pub const fn unjudged(state: State, value: f64) -> Self {
        Self { state, score: 0.0, anomaly: false, value, expected: Band::UNKNOWN, votes: Vec::new() }
    }
}
