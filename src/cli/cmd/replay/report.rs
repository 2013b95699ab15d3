//! What came of the replays, for people and for programs.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::Outcome;
use crate::cli::output::{self, Align, Table};
use crate::sim::replay::score::{MEASURES, Score};
use crate::sim::scenario::expect::{Verdict, judge, mean, median};

/// Whether what was expected of the policies that played came true.
pub(super) fn verdicts(outcome: &Outcome<'_>) -> Vec<Verdict> {
    let played = |name: &String| outcome.loaded.policies.contains(name);
    let expected = outcome.loaded.scenario.expectations.iter();
    let judged = expected.filter(|expected| played(&expected.policy) && expected.against.as_ref().is_none_or(played));
    judged.map(|expected| judge(expected, |policy| scores(outcome, policy))).collect()
}

/// The scores of `policy`, one for each seed.
fn scores<'a>(outcome: &'a Outcome<'_>, policy: &str) -> Vec<&'a Score> {
    let runs = outcome.by_seed.iter().flat_map(|(_, runs)| runs);
    runs.filter(|played| played.policy == policy).map(|played| &played.score).collect()
}

/// The values of `measure` over the seeds, in ascending order.
fn sorted(scores: &[&Score], measure: &str) -> Vec<f64> {
    let mut values: Vec<f64> = scores.iter().filter_map(|score| score.measure(measure)).collect();
    values.sort_by(f64::total_cmp);
    values
}

pub(super) fn text(outcomes: &[Outcome<'_>], verdicts: &[Vec<Verdict>], styled: bool) -> String {
    let mut text = "Simulated: demand, channels and trouble are made up from measured figures.\n".to_owned();
    for (outcome, verdicts) in outcomes.iter().zip(verdicts) {
        let scenario = &outcome.loaded.scenario;
        let (name, about, seeds) = (&scenario.name, &scenario.about, outcome.by_seed.len());
        let _infallible = write!(text, "\n{name}: {about} Median of {seeds} seeds.\n{}", table(outcome, styled));
        if let Some(recovery) = recovery(outcome, styled) {
            text.push_str(&recovery);
        }
        for verdict in verdicts {
            let mark = if verdict.holds { "as expected" } else { "NOT AS EXPECTED" };
            let _infallible = writeln!(text, "{mark}: {} (it is {})", verdict.expected, number(verdict.got));
        }
    }
    text
}

fn table(outcome: &Outcome<'_>, styled: bool) -> String {
    let columns: [(&str, &str, f64, usize); 10] = [
        ("calls", "calls", 1.0, 0),
        ("harmed %", "harmed_share", 100.0, 2),
        ("failed", "failed", 1.0, 0),
        ("slow", "slow", 1.0, 0),
        ("at faults", "attempts_at_faults", 1.0, 0),
        ("USD", "cost_usd", 1.0, 3),
        ("mean ms", "mean_ms", 1.0, 0),
        ("left s", "left_after_s", 1.0, 0),
        ("back s", "back_after_s", 1.0, 0),
        ("changes/h", "changes_per_hour", 1.0, 1),
    ];
    let headings = columns.iter().map(|(heading, ..)| (*heading, Align::Right));
    let mut table = Table::new(std::iter::once(("policy", Align::Left)).chain(headings));
    for policy in &outcome.loaded.policies {
        let scores = scores(outcome, policy);
        let cell = |(_, measure, times, digits): &(&str, &str, f64, usize)| {
            let value = median(&sorted(&scores, measure)) * times;
            if value.is_finite() { output::decimal(Some(value), *digits) } else { "never".to_owned() }
        };
        table.row(std::iter::once(policy.clone()).chain(columns.iter().map(cell)));
    }
    table.render(styled)
}

/// How faults were ended that a command can end; `None` if there were none. Of each measure the median over the seeds and
/// the worst, of the part without a person the mean and the worst.
fn recovery(outcome: &Outcome<'_>, styled: bool) -> Option<String> {
    let columns = [
        "faults",
        "detect s",
        "mitigate s",
        "recover s",
        "worst seed s",
        "longest s",
        "without a person %",
        "worst seed %",
    ];
    let headings = columns.iter().map(|heading| (*heading, Align::Right));
    let mut table = Table::new(std::iter::once(("policy", Align::Left)).chain(headings));
    let mut is_empty = true;
    for policy in &outcome.loaded.policies {
        let scores = scores(outcome, policy);
        let sorted = |measure| sorted(&scores, measure);
        let worst = |measure| sorted(measure).last().copied().unwrap_or(f64::NAN);
        let alone = sorted("without_person");
        let faults: f64 = sorted("recoverable").iter().sum();
        is_empty &= faults == 0.0;
        let seconds = [
            median(&sorted("detect_s")),
            median(&sorted("mitigate_s")),
            median(&sorted("recover_s")),
            worst("recover_s"),
            worst("recover_worst_s"),
        ];
        let cell = |value: f64, digits| {
            if value.is_finite() { output::decimal(Some(value), digits) } else { "never".to_owned() }
        };
        let parts = [mean(&alone), alone.first().copied().unwrap_or(f64::NAN)].map(|part| cell(part * 100.0, 1));
        let cells = std::iter::once(cell(faults, 0)).chain(seconds.map(|seconds| cell(seconds, 0))).chain(parts);
        table.row(std::iter::once(policy.clone()).chain(cells));
    }
    (!is_empty).then(|| table.render(styled))
}

/// A number with as many digits as are worth reading.
fn number(value: f64) -> String {
    if value.is_finite() { format!("{value:.4}") } else { "never".to_owned() }
}

pub(super) fn json(outcomes: &[Outcome<'_>], verdicts: &[Vec<Verdict>]) -> Value {
    let scenario = |(outcome, verdicts): (&Outcome<'_>, &Vec<Verdict>)| {
        let policies = outcome.loaded.policies.iter().map(|policy| (policy.clone(), policy_json(outcome, policy)));
        json!({
            "scenario": outcome.loaded.scenario.name,
            "about": outcome.loaded.scenario.about,
            "seeds": outcome.by_seed.iter().map(|(seed, _)| seed).collect::<Vec<_>>(),
            "policies": policies.collect::<serde_json::Map<_, _>>(),
            "expectations": verdicts,
        })
    };
    json!({"simulated": true, "scenarios": outcomes.iter().zip(verdicts).map(scenario).collect::<Vec<_>>()})
}

/// Each measure of `policy` over the seeds, and the score of each seed. What never came is null.
fn policy_json(outcome: &Outcome<'_>, policy: &str) -> Value {
    let scores = scores(outcome, policy);
    let measure = |name: &&str| {
        let values = sorted(&scores, name);
        let (low, high) = (values.first().copied(), values.last().copied());
        ((*name).to_owned(), json!({"median": median(&values), "mean": mean(&values), "lowest": low, "highest": high}))
    };
    let measures = MEASURES.iter().map(measure).collect::<serde_json::Map<_, _>>();
    json!({"measures": measures, "by_seed": scores})
}
