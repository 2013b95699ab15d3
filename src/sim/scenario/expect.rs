//! What a scenario expects, and whether it came.

use serde::Serialize;

use crate::sim::replay::score::{MEASURES, Score};
use crate::sim::scenario::ScenarioError;
use crate::sim::scenario::raw::{ExpectText, Of};

/// Whether one expectation came true.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verdict {
    /// What was expected, in words.
    pub expected: String,
    /// What came; infinite, which is null in JSON, if it never happened.
    pub got: f64,
    /// Whether it is within the range.
    pub holds: bool,
}

pub(super) fn check(expected: &ExpectText, policies: &[String]) -> Result<(), ScenarioError> {
    let named = [Some(&expected.policy), expected.against.as_ref()];
    if let Some(name) = named.into_iter().flatten().find(|name| !policies.contains(name)) {
        return Err(ScenarioError::unknown("policy in this scenario", name, policies.iter().map(String::as_str)));
    }
    if !MEASURES.contains(&expected.measure.as_str()) {
        return Err(ScenarioError::unknown("measure", &expected.measure, MEASURES));
    }
    if expected.at_least.is_none() && expected.at_most.is_none() {
        return Err(ScenarioError::value("expect", "needs at_least or at_most"));
    }
    Ok(())
}

/// Whether `expected` came true, given the score of each policy for each seed by `of`, all with the same seeds.
pub fn judge<'a>(expected: &ExpectText, of: impl Fn(&str) -> Vec<&'a Score>) -> Verdict {
    let measures = |policy: &str| -> Vec<f64> {
        of(policy).into_iter().map(|score| score.measure(&expected.measure).unwrap_or(f64::NAN)).collect()
    };
    let mut values = measures(&expected.policy);
    if let Some(other) = &expected.against {
        values.iter_mut().zip(measures(other)).for_each(|(value, base)| *value = ratio(*value, base));
    }
    values.sort_by(f64::total_cmp);
    let in_range = |value: f64| {
        expected.at_least.is_none_or(|least| value >= least) && expected.at_most.is_none_or(|most| value <= most)
    };
    let got = match expected.of {
        Of::Median => median(&values),
        Of::Mean => mean(&values),
        Of::Every => values.iter().copied().find(|value| !in_range(*value)).unwrap_or_else(|| median(&values)),
    };
    Verdict { expected: words(expected), got, holds: in_range(got) }
}

/// `value` as a multiple of `base`; nothing is one time nothing.
fn ratio(value: f64, base: f64) -> f64 {
    if base == 0.0 && value == 0.0 { 1.0 } else { value / base }
}

/// The middle of sorted values; NaN of none.
#[must_use]
pub fn median(sorted: &[f64]) -> f64 {
    let middle = |place: usize| sorted.get(place).copied().unwrap_or(f64::NAN);
    match sorted.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => middle(odd / 2),
        even => f64::midpoint(middle(even / 2 - 1), middle(even / 2)),
    }
}

/// The mean; NaN of none.
#[must_use]
pub fn mean(values: &[f64]) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a count of seeds")]
    let count = values.len() as f64;
    values.iter().sum::<f64>() / count
}

fn words(expected: &ExpectText) -> String {
    let range = match (expected.at_least, expected.at_most) {
        (Some(least), Some(most)) => format!("within {least} and {most}"),
        (Some(least), None) => format!("at least {least}"),
        (None, Some(most)) => format!("at most {most}"),
        (None, None) => "anything".to_owned(),
    };
    let times = expected.against.as_ref().map(|other| format!(" times that of {other}")).unwrap_or_default();
    let of = match expected.of {
        Of::Median => "median",
        Of::Mean => "mean",
        Of::Every => "every",
    };
    format!("{of} {} of {} {range}{times}", expected.measure, expected.policy)
}
