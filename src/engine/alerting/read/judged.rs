//! Values of what detection makes: scores, risks, burn rates.

use std::collections::BTreeMap;

use crate::alert::rule::Labels;
use crate::anomaly::verdict::State;
use crate::config::valid::Burn;
use crate::domain::ids::ChannelId;
use crate::domain::target::Target;
use crate::domain::time::Minute;
use crate::engine::watching::Situation;
use crate::risk::budget::Budget;
use crate::risk::burn::{Pair, Urgency, WORKBOOK};

/// Minutes after which nothing that detection said is known any more.
const STALE: u32 = 5;
/// Calls of the long window below which nothing is a rate: of three calls at night one failure is none.
const LEAST: u64 = 10;

/// Whether `situation` is of the minutes just before `to`.
pub(super) fn is_fresh(situation: &Situation, to: Minute) -> bool {
    situation.minute.is_some_and(|minute| minute.plus(STALE) >= to)
}

/// The score of `column` of `channel`, or the largest; `None` if nothing could be said.
pub(super) fn score(situation: &Situation, channel: &ChannelId, column: Option<Target>) -> Option<f64> {
    let verdicts = &situation.channels.get(channel)?.verdicts;
    let wanted = verdicts.iter().filter(|(target, _)| column.is_none_or(|column| column == *target));
    let judged = wanted.filter(|(_, verdict)| verdict.state == State::Judged).map(|(_, verdict)| verdict.score);
    judged.reduce(f64::max)
}

/// The risk of `channel` for `class` within `horizon` minutes.
pub(super) fn risk(situation: &Situation, channel: &ChannelId, class: &str, horizon: u32) -> Option<f64> {
    let risks = &situation.channels.get(channel)?.risks;
    let wanted = risks.iter().find(|(of, risk)| of == class && risk.horizon == horizon);
    wanted.map(|(_, risk)| risk.probability)
}

/// How fast `class` uses up what may be broken of `promise`, over how fast it is an alert.
pub(super) fn burn_rate(situation: &Situation, class: &str, promise: &str, burn: Burn) -> BTreeMap<Labels, f64> {
    let budgets = situation.classes.get(class).map(|of| of.budgets.as_slice()).unwrap_or_default();
    let budget = budgets.iter().find(|(known, _)| known.name() == promise).map(|(_, budget)| budget);
    let own;
    let pairs: Vec<&Pair> = match burn {
        Burn::Page => WORKBOOK.iter().filter(|pair| pair.urgency == Urgency::Page).collect(),
        Burn::Ticket => WORKBOOK.iter().filter(|pair| pair.urgency == Urgency::Ticket).collect(),
        Burn::Pair { long, short, rate } => {
            own = Pair { urgency: Urgency::Page, long, short, rate };
            vec![&own]
        }
    };
    let known = budget.zip(situation.minute);
    let reached = known.and_then(|(budget, minute)| {
        pairs.into_iter().filter_map(|pair| reached(budget, minute, pair)).reduce(f64::max)
    });
    BTreeMap::from([(Labels::new([("class", class), ("promise", promise)]), reached.unwrap_or(f64::NAN))])
}

/// The slower of both windows over the rate of `pair`; 0 if too little was called.
fn reached(budget: &Budget, minute: Minute, pair: &Pair) -> Option<f64> {
    let (long, short) = (budget.burn_rate(minute, pair.long)?, budget.burn_rate(minute, pair.short)?);
    let is_enough = budget.window(minute, pair.long).total >= LEAST;
    Some(if is_enough { long.min(short) / pair.rate } else { 0.0 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anomaly::detector::Band;
    use crate::anomaly::verdict::Verdict;
    use crate::domain::column::Column;
    use crate::engine::watching::{ChannelSituation, ClassSituation};
    use crate::risk::objective::{Counts, Promise};
    use crate::risk::outlook::{Calibration, Risk};

    fn channel() -> ChannelId {
        ChannelId::new("eu").expect("valid")
    }

    fn verdict(state: State, score: f64) -> Verdict {
        let expected = Band { low: 0.0, middle: 0.0, high: 0.0 };
        Verdict { state, score, anomaly: false, value: 1.0, expected, votes: Vec::new() }
    }

    /// A class of whose calls `bad` of 100 failed in each of the last hundred minutes.
    fn situation(bad: u64) -> Situation {
        let mut budget = Budget::new(0.99);
        for minute in 0..100 {
            budget.add(Minute(minute), Counts { bad, total: 100 });
        }
        let verdicts = vec![
            (Target::Column(Column::LatencyP95), verdict(State::Judged, 0.25)),
            (Target::ErrorRatio, verdict(State::Judged, 0.75)),
            (Target::ThrottledRatio, verdict(State::Warming, 0.0)),
        ];
        let risks = vec![("chat".to_owned(), Risk { horizon: 15, chance: 0.1, probability: 0.5 })];
        let calibration = Calibration::new(100.0).expect("valid");
        let class = ClassSituation { calibration, budgets: vec![(Promise::Errors { limit: 0.01 }, budget)] };
        Situation {
            minute: Some(Minute(99)),
            channels: BTreeMap::from([(channel(), ChannelSituation { verdicts, risks })]),
            classes: BTreeMap::from([("chat".to_owned(), class)]),
            ..Situation::default()
        }
    }

    #[test]
    fn scores_and_risks_are_known_while_they_are_fresh() {
        let situation = situation(0);
        assert!(is_fresh(&situation, Minute(100)) && !is_fresh(&situation, Minute(105)));
        assert_eq!(score(&situation, &channel(), None), Some(0.75));
        assert_eq!(score(&situation, &channel(), Some(Target::Column(Column::LatencyP95))), Some(0.25));
        assert_eq!(score(&situation, &channel(), Some(Target::ThrottledRatio)), None);
        assert_eq!(risk(&situation, &channel(), "chat", 15), Some(0.5));
        assert_eq!(risk(&situation, &channel(), "chat", 60), None);
    }

    #[test]
    fn burn_rates_are_over_their_limits() {
        let of = |bad, burn| burn_rate(&situation(bad), "chat", "error_ratio", burn).into_values().next();
        // 29 % of calls fail where 1 % may: a rate of 29. Of the six hours only a hundred minutes are known.
        let page = of(29, Burn::Page).expect("one series");
        assert!((page - 29.0 / 6.0).abs() < 1e-9, "{page}");
        let pair = of(29, Burn::Pair { long: 60, short: 5, rate: 14.5 }).expect("one series");
        assert!((pair - 2.0).abs() < 1e-9, "{pair}");
        assert_eq!(of(0, Burn::Ticket), Some(0.0));
        let unknown = burn_rate(&situation(0), "chat", "latency", Burn::Page);
        assert!(unknown.values().all(|value| value.is_nan()) && unknown.len() == 1);
    }

    #[test]
    fn the_horizons_of_the_configuration_are_those_of_the_risks() {
        assert_eq!(crate::config::valid::HORIZONS, crate::risk::chance::HORIZONS);
    }
}
