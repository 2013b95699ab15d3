//! Decisions as text and as JSON.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::api::routes::decisions::PastDecision;
use crate::cli::args::{Format, Shared};
use crate::cli::exit::Failure;
use crate::cli::output::{self, Align, Table};
use crate::domain::ids::ChannelId;
use crate::domain::time::Timestamp;
use crate::policy::decision::Decision;

/// Most letters of a reason in a table.
const LETTERS: usize = 72;

/// Shows what holds and what was decided before.
pub(super) fn show(
    holding: &[Decision],
    past: &[PastDecision],
    now: Timestamp,
    shared: &Shared,
) -> Result<(), Failure> {
    if shared.format == Format::Json {
        let holding: Vec<_> = holding.iter().map(Decision::told).collect();
        return output::emit_json(&json!({"holding": holding, "decisions": past}));
    }
    let mut parts: Vec<String> = holding.iter().map(|decision| holds(decision, now)).collect();
    if !past.is_empty() {
        parts.push(table(past).render(output::styled()));
    }
    if parts.is_empty() { Ok(()) } else { output::emit(&parts.join("\n")) }
}

/// One decision in a few lines.
fn holds(decision: &Decision, now: Timestamp) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds from 0 on")]
    let span = |seconds: f64| output::seconds(seconds.max(0.0).round() as u64);
    let left_s = decision.expires.seconds_since(now);
    let lease = if left_s > 0.0 {
        format!("holds for another {}", span(left_s))
    } else {
        format!("its lease ended {} ago: whoever routes goes its own ways", span(-left_s))
    };
    let plan = &decision.plan;
    let age = span(now.seconds_since(decision.issued));
    let mut text = format!("{}: generation {}, made {age} ago, {lease}\n", plan.class, decision.generation);
    // Writing into a string cannot fail.
    let _written = writeln!(text, "  {}", shares(&plan.shares));
    if !plan.probes.is_empty() {
        let each = |(channel, seconds): (&ChannelId, &f64)| {
            format!("{channel} every {} s", output::decimal(Some(*seconds), 1))
        };
        let _written = writeln!(text, "  probes: {}", plan.probes.iter().map(each).collect::<Vec<_>>().join(", "));
    }
    let _written = writeln!(text, "  {}", decision.report);
    text
}

/// Shares of channels as percentages, the largest first.
pub(super) fn shares(shares: &BTreeMap<ChannelId, f64>) -> String {
    let mut sorted: Vec<(&str, f64)> = shares.iter().map(|(channel, share)| (channel.as_str(), *share)).collect();
    percentages(&mut sorted)
}

fn percentages(shares: &mut [(&str, f64)]) -> String {
    shares.sort_by(|one, other| other.1.total_cmp(&one.1));
    let each = |(channel, share): &(&str, f64)| format!("{channel} {} %", output::decimal(Some(share * 100.0), 1));
    shares.iter().map(each).collect::<Vec<_>>().join(", ")
}

fn table(past: &[PastDecision]) -> Table {
    let mut table = Table::new([
        ("made", Align::Left),
        ("class", Align::Left),
        ("generation", Align::Right),
        ("because of", Align::Left),
        ("shares", Align::Left),
        ("calls", Align::Right),
        ("failed", Align::Right),
        ("slow", Align::Right),
        ("foreseen", Align::Left),
        ("why", Align::Left),
    ]);
    for decision in past {
        let heard = |count: fn(&crate::api::routes::decisions::HeardMeanwhile) -> u64| {
            decision.heard.as_ref().map_or_else(|| "-".to_owned(), |heard| output::count(count(heard)))
        };
        table.row([
            decision.issued_at.clone(),
            decision.class.clone(),
            decision.generation.to_string(),
            decision.trigger.clone().unwrap_or_else(|| "-".to_owned()),
            weights(&decision.weights),
            heard(|heard| heard.calls),
            heard(|heard| heard.failed),
            heard(|heard| heard.slow),
            foreseen(&decision.foreseen),
            shortened(decision.why.as_deref().unwrap_or("-")),
        ]);
    }
    table
}

fn weights(weights: &Value) -> String {
    let shares = weights.as_object().into_iter().flatten();
    let mut sorted: Vec<(&str, f64)> =
        shares.filter_map(|(channel, share)| Some((channel.as_str(), share.as_f64()?))).collect();
    percentages(&mut sorted)
}

/// `eu came`, `us did not come`, or `-`.
fn foreseen(foreseen: &BTreeMap<String, bool>) -> String {
    let each = |(channel, came): (&String, &bool)| format!("{channel} {}", if *came { "came" } else { "did not come" });
    let told: Vec<String> = foreseen.iter().map(each).collect();
    if told.is_empty() { "-".to_owned() } else { told.join(", ") }
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= LETTERS {
        return text.to_owned();
    }
    let cut: String = text.chars().take(LETTERS - 2).collect();
    format!("{} ..", cut.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_share_comes_first_and_long_reasons_are_cut() {
        assert_eq!(weights(&json!({"eu": 0.01, "us": 0.99})), "us 99 %, eu 1 %");
        let told = foreseen(&[("eu".to_owned(), true), ("us".to_owned(), false)].into());
        assert_eq!((told.as_str(), foreseen(&BTreeMap::new()).as_str()), ("eu came, us did not come", "-"));
        let long = shortened(&"word ".repeat(30));
        assert!(long.ends_with("word ..") && long.chars().count() <= LETTERS, "{long}");
    }
}
