//! The most important test of the store: random histories, a crash at every instant of each, and faults anywhere.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::world::{Engine, MOST_BATCHES, batch, next_day, now};
use crate::store::faults::{Crash, Fault, SimDisk};

/// One step of a history.
#[derive(Debug, Clone, Copy)]
enum Action {
    /// Make so many batches durable at once.
    Append(u32),
    Publish {
        all: bool,
    },
    Import,
    /// Upkeep, within the day or after it.
    Maintain {
        next_day: bool,
    },
    Reopen,
}

fn any_action() -> impl Strategy<Value = Action> {
    prop_oneof![
        5 => (1..4_u32).prop_map(Action::Append),
        4 => any::<bool>().prop_map(|all| Action::Publish { all }),
        1 => Just(Action::Import),
        2 => any::<bool>().prop_map(|next_day| Action::Maintain { next_day }),
        1 => Just(Action::Reopen),
    ]
}

/// What must be there: exactly once, or at most once if nobody was told that it is.
#[derive(Debug, Clone, Default)]
struct Expected {
    acknowledged: u32,
    /// Numbers above are not yet used, numbers in here were refused or interrupted.
    doubtful: Vec<u32>,
}

impl Expected {
    fn check(&self, counted: &BTreeMap<u32, u64>, context: &dyn std::fmt::Display) {
        for (&number, &times) in counted {
            assert!(number < self.acknowledged, "{context}: batch {number} was never sent");
            assert_eq!(times, 1, "{context}: batch {number} counts {times} times");
        }
        for number in (0..self.acknowledged).filter(|number| !self.doubtful.contains(number)) {
            assert!(counted.contains_key(&number), "{context}: acknowledged batch {number} is lost");
        }
    }
}

/// Runs histories; `None` for the engine while the store cannot be opened.
struct Run {
    disk: SimDisk,
    engine: Option<Engine>,
    expected: Expected,
}

impl Run {
    fn new(disk: SimDisk) -> Self {
        Self { disk, engine: None, expected: Expected::default() }
    }

    /// Does one action. Whatever fails is not acknowledged; a later action will try again.
    fn act(&mut self, action: Action) {
        if self.engine.is_none() || matches!(action, Action::Reopen) {
            self.engine = None;
            self.engine = Engine::open(&self.disk).ok();
        }
        let Some(engine) = &mut self.engine else { return };
        match action {
            Action::Append(count) => {
                let numbers = self.expected.acknowledged..(self.expected.acknowledged + count).min(MOST_BATCHES);
                let batches: Vec<_> = numbers.clone().map(batch).collect();
                let result = engine.append(&batches);
                self.settle(numbers.collect(), result.is_ok());
            }
            Action::Import if self.expected.acknowledged < MOST_BATCHES => {
                let number = self.expected.acknowledged;
                let result = engine.import(number);
                self.settle(vec![number], result.is_ok());
            }
            // A failed publication stays in the engine and is part of the next one.
            Action::Publish { all } => drop(engine.publish(all)),
            Action::Maintain { next_day: later } => {
                drop(engine.store.maintain(if later { next_day() } else { now() }));
            }
            Action::Import | Action::Reopen => {}
        }
    }

    fn settle(&mut self, numbers: Vec<u32>, acknowledged: bool) {
        self.expected.acknowledged += u32::try_from(numbers.len()).expect("few");
        if !acknowledged {
            self.expected.doubtful.extend(numbers);
        }
    }
}

fn crashes(seed: u64) -> [Crash; 3] {
    [Crash::Kill, Crash::PowerCut, Crash::Torn(seed)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10, ..ProptestConfig::default() })]

    /// For any history and a crash after any single file operation of it, reopening finds every acknowledged batch
    /// exactly once and every interrupted one at most once.
    #[test]
    fn a_crash_at_any_instant_loses_and_doubles_nothing(actions in prop::collection::vec(any_action(), 1..12), seed in any::<u64>()) {
        let disk = SimDisk::new();
        disk.keep_pictures();
        let mut run = Run::new(disk.clone());
        for action in actions {
            let (before, first) = (run.expected.clone(), disk.pictures());
            run.act(action);
            // While the action was going on, what it was about to acknowledge may or may not be there.
            let mut during = run.expected.clone();
            during.doubtful.extend(before.acknowledged..during.acknowledged);
            let last = disk.pictures();
            for at in first..last {
                let crash = crashes(seed ^ at as u64)[at % 3];
                let expected = if at + 1 == last { &run.expected } else { &during };
                let context = format!("{action:?}, {crash:?} after step {at} of {first}..{last}");
                let found = Engine::open(&disk.after_crash(at, crash));
                let found = found.expect(&context);
                expected.check(&found.counted(), &context);
            }
        }
    }
}

fn any_fault() -> impl Strategy<Value = Fault> {
    prop::sample::select(vec![Fault::Fails, Fault::Short, Fault::FailsAfterwards, Fault::NoSpace])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    /// For any history with any operations failing in any way, and a crash at the end, every acknowledged batch is
    /// there exactly once; and once nothing fails any more, the store works again.
    #[test]
    fn failing_operations_lose_and_double_nothing(
        actions in prop::collection::vec((any_action(), prop::collection::vec((0..40_u64, any_fault()), 0..3)), 1..12),
        seed in any::<u64>(),
    ) {
        let disk = SimDisk::new();
        let mut run = Run::new(disk.clone());
        for (action, faults) in actions {
            for (after, fault) in faults {
                disk.plan(after, fault);
            }
            run.act(action);
        }
        for crash in crashes(seed) {
            let found = Engine::open(&disk.crash_now(crash)).expect("the store can be opened");
            run.expected.check(&found.counted(), &format!("{crash:?}"));
        }
        disk.heal();
        run.act(Action::Append(1));
        run.act(Action::Publish { all: true });
        let engine = run.engine.as_ref().expect("the store can be opened");
        run.expected.check(&engine.counted(), &"healed");
    }
}
