//! A score's figures by name, for tables and for what scenarios expect.

use crate::sim::replay::score::{BreachScore, FaultScore, Recovery, Score};

/// The names of all measures. Those of faults are the worst over all faults of the run; what never came is infinite.
/// `lead_s` is the median over all breaches, `breaches_foreseen` counts those that calls had left before. `detect_s`,
/// `mitigate_s` and `recover_s` are medians over the faults that a command can end, `recover_worst_s` is the longest of
/// these, `recoverable` how many there are, and `without_person` the part of them that no person was called for.
pub const MEASURES: [&str; 28] = [
    "calls",
    "harmed",
    "harmed_share",
    "failed",
    "slow",
    "attempts",
    "attempts_at_faults",
    "availability",
    "cost_usd",
    "usd_per_call",
    "mean_ms",
    "p95_ms",
    "changes_per_hour",
    "left_after_s",
    "back_after_s",
    "failed_in_faults",
    "harmed_in_faults",
    "breaches",
    "breaches_foreseen",
    "lead_s",
    "moves_ahead",
    "moves_unneeded",
    "recoverable",
    "detect_s",
    "mitigate_s",
    "recover_s",
    "recover_worst_s",
    "without_person",
];

impl Score {
    /// The measure called `name`; `None` if there is none of that name.
    #[must_use]
    pub fn measure(&self, name: &str) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "counts of calls stay far below 2^52")]
        let float = |count: u64| count as f64;
        let calls = float(self.calls.max(1));
        let worst = |of: &dyn Fn(&FaultScore) -> Option<f64>| {
            self.faults.iter().map(|fault| of(fault).unwrap_or(f64::INFINITY)).fold(0.0, f64::max)
        };
        Some(match name {
            "calls" => float(self.calls),
            "harmed" => float(self.harmed),
            "harmed_share" => float(self.harmed) / calls,
            "failed" => float(self.failed),
            "slow" => float(self.slow),
            "attempts" => float(self.attempts),
            "attempts_at_faults" => float(self.attempts_at_faults),
            "availability" => self.availability,
            "cost_usd" => self.cost_usd,
            "usd_per_call" => self.cost_usd / calls,
            "mean_ms" => self.mean_ms,
            "p95_ms" => self.p95_ms,
            "changes_per_hour" => self.changes_per_hour,
            "left_after_s" => worst(&|fault| fault.left_after_s),
            "back_after_s" => worst(&|fault| fault.back_after_s),
            "failed_in_faults" => self.faults.iter().map(|fault| float(fault.failed)).sum(),
            "harmed_in_faults" => self.faults.iter().map(|fault| float(fault.failed + fault.slow)).sum(),
            "breaches" => float(self.breaches.len() as u64),
            "breaches_foreseen" => float(self.leads().iter().filter(|lead| **lead > 0.0).count() as u64),
            "lead_s" => median(&self.leads()),
            "moves_ahead" => float(self.moves_ahead),
            "moves_unneeded" => float(self.moves_unneeded),
            "recoverable" => float(self.recoverable().count() as u64),
            "detect_s" => median(&self.spans(|of| of.seen_after_s)),
            "mitigate_s" => median(&self.spans(|of| of.mitigated_after_s)),
            "recover_s" => median(&self.spans(|of| of.recovered_after_s)),
            "recover_worst_s" => self.spans(|of| of.recovered_after_s).last().copied().unwrap_or(0.0),
            "without_person" => {
                let (all, alone) = (self.recoverable(), self.recoverable().filter(|of| of.without_person));
                let (all, alone) = (float(all.count() as u64), float(alone.count() as u64));
                if all > 0.0 { alone / all } else { 1.0 }
            }
            _ => return None,
        })
    }

    /// What became of the faults that a command can end.
    fn recoverable(&self) -> impl Iterator<Item = &Recovery> {
        self.faults.iter().filter_map(|fault| fault.recovery.as_ref()).filter(|of| of.recoverable)
    }

    /// One span of each of these, in ascending order; what never came is infinite.
    fn spans(&self, of: impl Fn(&Recovery) -> Option<f64>) -> Vec<f64> {
        let mut spans: Vec<f64> = self.recoverable().map(|it| of(it).unwrap_or(f64::INFINITY)).collect();
        spans.sort_by(f64::total_cmp);
        spans
    }

    /// Leads over all breaches in ascending order; those that calls never left come first.
    fn leads(&self) -> Vec<f64> {
        let lead = |breach: &BreachScore| breach.lead_s.unwrap_or(f64::NEG_INFINITY);
        let mut leads: Vec<f64> = self.breaches.iter().map(lead).collect();
        leads.sort_by(f64::total_cmp);
        leads
    }
}

/// The middle of sorted values, the lower one of two; 0 of none.
fn median(sorted: &[f64]) -> f64 {
    sorted.get(sorted.len().saturating_sub(1) / 2).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::replay::baseline::fixed::Fixed;
    use crate::sim::replay::router::Log;
    use crate::sim::replay::run::run;
    use crate::sim::replay::score::score;
    use crate::sim::replay::toy;
    use crate::sim::replay::truth::Truth;

    #[test]
    fn every_measure_has_a_value() {
        let scene = toy::mocks(5.0, 1);
        let trail = run(&scene, &mut Fixed::even(&scene));
        let score = score(&scene, &Truth::of(&scene), &trail, &Log::default());
        for name in MEASURES {
            assert!(score.measure(name).is_some_and(f64::is_finite), "{name}");
        }
        assert_eq!(score.measure("charm"), None);
    }
}
