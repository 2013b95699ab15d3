//! Channels that playbooks keep calls away from.
//!
//! To the planner such a channel is like one that the fast lane shut and tries again with single calls: it gets nothing
//! while any other is open, and its probes go on, so that it is known when it is well. If all are shut the least bad ones
//! serve, as ever: a drain never leaves a class without channels.

use std::collections::BTreeSet;

use crate::domain::ids::ChannelId;
use crate::domain::time::Timestamp;
use crate::engine::machine::pilot::{Decided, Pilot, RouteBook};
use crate::policy::decision::Trigger;
use crate::policy::input::{Standing, TripReason};

impl Pilot {
    /// Keeps calls away from exactly the channels `drained`, and plans the classes again that serve on one that is new among
    /// them, or not there any more.
    pub fn drain(&mut self, book: &RouteBook, drained: BTreeSet<ChannelId>, now: Timestamp) -> Vec<Decided> {
        let changed: Vec<ChannelId> = self.drained.symmetric_difference(&drained).cloned().collect();
        self.drained = drained;
        let is_touched = |channels: &BTreeSet<ChannelId>| changed.iter().any(|it| channels.contains(it));
        let touched = book.routes.iter().filter(|route| is_touched(&route.class.channels));
        touched.filter_map(|route| self.plan(book, route, now, Trigger::Playbook)).collect()
    }

    /// Channels that calls are kept away from.
    #[must_use]
    pub const fn drained(&self) -> &BTreeSet<ChannelId> {
        &self.drained
    }

    /// What the planner hears of the standing of the channel `name`, of which the fast lane says `standing`.
    pub(super) fn drained_standing(&self, name: &ChannelId, standing: Standing) -> Standing {
        if standing.is_shut() || !self.drained.contains(name) {
            return standing;
        }
        Standing::HalfOpen { reason: TripReason::Drained, passed: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::call::Outcome;
    use crate::engine::machine::Class;
    use crate::engine::machine::pilot::{Mode, Route};
    use crate::policy::fast::call::CallEnd;
    use crate::risk::objective::Objective;
    use crate::stats::seed::Seed;

    fn name(of: &str) -> ChannelId {
        ChannelId::new(of).expect("valid name")
    }

    /// Ten good calls on each channel.
    fn hear(pilot: &mut Pilot, book: &RouteBook, now: Timestamp) {
        for channel in ["eu", "us"] {
            for call in 0..10 {
                let end = CallEnd {
                    at: now.plus_micros(call * 1_000),
                    outcome: Outcome::Ok,
                    latency_ms: Some(400.0),
                    limit_ms: Some(2_000.0),
                    retry_after_s: None,
                    probe: false,
                };
                let _decided = pilot.hear(book, &name(channel), &end);
            }
        }
    }

    #[test]
    fn a_yes_to_a_run_is_a_yes_to_its_shifts() {
        let objective = Objective::new(Some((0.95, 2_000.0)), Some(0.05), None).expect("an objective");
        let channels = BTreeSet::from([name("eu"), name("us")]);
        let class = Class { name: "chat".to_owned(), objective, channels };
        let route = Route { class, mode: Mode::Approve, approvals: 2, purse: None };
        let book = RouteBook { routes: vec![route], ..RouteBook::default() };
        let mut pilot = Pilot::new(Seed::new(1));
        let now = Timestamp::from_seconds(1_795_000_000);
        hear(&mut pilot, &book, now);
        assert!(pilot.minute(&book, now, &std::collections::BTreeMap::new()).is_empty());
        assert!(pilot.waiting("chat").is_some(), "what the planner wants by itself waits for people");
        let drained = pilot.drain(&book, BTreeSet::from([name("eu")]), now.plus_seconds(5));
        let [decided] = &drained[..] else { unreachable!("{drained:?}") };
        assert_eq!(decided.decision.trigger, Trigger::Playbook);
        assert!(decided.decision.plan.share(&name("eu")) < 1e-9, "{}", decided.decision.report);
        assert!(pilot.waiting("chat").is_none(), "what waited was thought out before");
    }

    #[test]
    fn a_drained_channel_gets_single_calls_only_and_comes_back_in_steps() {
        let objective = Objective::new(Some((0.95, 2_000.0)), Some(0.05), None).expect("an objective");
        let channels = BTreeSet::from([name("eu"), name("us")]);
        let class = Class { name: "chat".to_owned(), objective, channels };
        let route = Route { class, mode: Mode::Auto, approvals: 1, purse: None };
        let book = RouteBook { routes: vec![route], ..RouteBook::default() };
        let mut pilot = Pilot::new(Seed::new(1));
        let mut now = Timestamp::from_seconds(1_795_000_000);
        hear(&mut pilot, &book, now);
        let first = pilot.minute(&book, now, &std::collections::BTreeMap::new());
        assert_eq!(first.len(), 1);
        now = now.plus_seconds(5);
        let drained = pilot.drain(&book, BTreeSet::from([name("eu")]), now);
        let [decided] = &drained[..] else { unreachable!("{drained:?}") };
        assert!(decided.decision.plan.share(&name("eu")) < 1e-9, "{}", decided.decision.report);
        assert!(decided.decision.plan.probes.contains_key(&name("eu")));
        assert!(pilot.drain(&book, BTreeSet::from([name("eu")]), now).is_empty(), "nothing is new");

        // All of them: somebody has to serve.
        let all = pilot.drain(&book, BTreeSet::from([name("eu"), name("us")]), now.plus_seconds(1));
        let holds = pilot.current("chat").expect("a decision");
        assert!((holds.plan.shares.values().sum::<f64>() - 1.0).abs() < 1e-9, "{all:?}");

        now = now.plus_seconds(60);
        hear(&mut pilot, &book, now);
        let _restored = pilot.drain(&book, BTreeSet::new(), now);
        for second in 1..300 {
            now = now.plus_seconds(1);
            if second % 10 == 0 {
                hear(&mut pilot, &book, now);
            }
            let _decided = pilot.on_time(&book, now);
        }
        let holds = pilot.current("chat").expect("a decision");
        assert!(holds.plan.share(&name("eu")) > 0.005, "{}", holds.report);
    }
}
