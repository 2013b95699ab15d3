//! What a caller is told about the input it sent.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::batch::Reject;

/// Answer to calls that were sent in. Everything it counts as accepted is on disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CallsReport {
    /// Calls of this batch that are stored; for a duplicate, by the request that came first.
    #[schema(example = 998)]
    pub accepted: u64,
    /// Of the accepted calls, those that came after their minute's late window. They are kept aside in the table
    /// `late` and change no sample.
    pub late: u64,
    /// Whether a batch with this Idempotency-Key was counted before; this one changed nothing.
    pub duplicate: bool,
    /// The lines that were not accepted.
    #[serde(flatten)]
    #[schema(inline)]
    pub rejects: Rejected,
}

/// Lines of the input that were not accepted.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, ToSchema)]
pub struct Rejected {
    /// How many there are.
    #[schema(example = 2)]
    pub rejected: u64,
    /// The first of them, each with its reason.
    pub problems: Vec<LineProblem>,
}

/// One line that was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LineProblem {
    /// Line of the body, or element of the array, counted from 1.
    #[schema(example = 17)]
    pub line: u64,
    /// The field at fault; empty if it is the line as a whole.
    #[schema(example = "tokens_prompt")]
    pub field: String,
    /// What is wrong with it.
    #[schema(example = "is negative")]
    pub problem: String,
}

impl Rejected {
    /// Counts `rejects` and lists the first `listed` of them.
    #[must_use]
    pub fn new(rejects: Vec<Reject>, listed: usize) -> Self {
        let rejected = rejects.len() as u64;
        let line = |reject: Reject| LineProblem { line: reject.line, field: reject.field, problem: reject.problem };
        Self { rejected, problems: rejects.into_iter().take(listed).map(line).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_rejects_are_counted_and_some_are_listed() {
        let reject = |line| Reject { line, field: "ts".into(), problem: "is missing".into() };
        let rejected = Rejected::new((1..=5).map(reject).collect(), 2);
        assert_eq!((rejected.rejected, rejected.problems.len()), (5, 2));
        let report = CallsReport { accepted: 1, late: 0, duplicate: false, rejects: rejected };
        let json = serde_json::to_string(&report).expect("report is JSON");
        assert!(json.starts_with(r#"{"accepted":1,"late":0,"duplicate":false,"rejected":5,"problems":[{"line":1,"#));
    }
}
