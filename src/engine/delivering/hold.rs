//! States that must be kept at a target: leases that are renewed while a decision holds, and weights that are set, set again
//! where somebody may have lost them, and put back once no decision holds or the engine may not act any more.

use tokio::sync::watch;

use crate::act::adapters::{Adapter, AdapterError, Pool};
use crate::domain::time::Timestamp;
use crate::engine::Engine;
use crate::engine::delivering::kept::Mark;
use crate::engine::delivering::{End, LONGEST_WAIT_S};

/// What should be at a target.
struct Wanted {
    /// What the adapter is told.
    pools: Vec<Pool>,
    /// Which of them are decisions; the others are what is gone back to.
    decided: Vec<bool>,
}

impl Wanted {
    fn marks(&self) -> Vec<(String, Option<Mark>)> {
        let mark = |(pool, decided): (&Pool, &bool)| (pool.class.clone(), decided.then(|| Mark::of(pool)));
        self.pools.iter().zip(&self.decided).map(mark).collect()
    }
}

/// Keeps the state of the target number `at` until `stop` turns true, and puts it back then if that is wanted.
pub(super) async fn hold(engine: Engine, at: usize, mut stop: watch::Receiver<bool>) {
    let Some(end) = engine.0.delivering.ends.get(at) else { return };
    let mut adapter = end.adapter.lock().await;
    let mut boards = engine.boards(&end.deliver);
    let never = Timestamp::from_micros(i64::MAX);
    let mut done: Vec<(String, Option<Mark>)> = Vec::new();
    let mut again_at = never;
    while !boards.is_empty() {
        let now = engine.clock().now();
        let wanted = engine.wanted(end, now);
        let is_new = wanted.marks() != done;
        if !wanted.pools.is_empty() && (is_new || again_at <= now) {
            match engine.make_it_so(end, &mut **adapter, &wanted, is_new).await {
                Ok(()) => {
                    done = wanted.marks();
                    again_at =
                        adapter.again_after().map_or(never, |after| engine.clock().now().plus_micros(micros(after)));
                }
                Err(wait_until) => {
                    // Told again when there is news, or after the wait.
                    done = wanted.marks();
                    again_at = wait_until;
                }
            }
        } else if wanted.pools.is_empty() {
            done = Vec::new();
        }
        let ends = wanted.pools.iter().zip(&wanted.decided).filter(|(_, decided)| **decided);
        let wake = ends.map(|(pool, _)| pool.valid_until).chain([again_at]).min().unwrap_or(never);
        if !engine.news(&mut boards, wake, &mut stop).await {
            break;
        }
    }
    if end.deliver.target.fallback().is_some_and(|fallback| fallback.restore_on_stop) {
        let now = engine.clock().now();
        let held = end.deliver.classes.iter().filter(|class| engine.holds(end, class));
        let pools: Vec<Pool> = held.filter_map(|class| Engine::fallback(&end.deliver, class, now)).collect();
        let wanted = Wanted { decided: vec![false; pools.len()], pools };
        if !wanted.pools.is_empty() {
            // What fails here is in the document, and the next start goes on with it.
            let _done = engine.make_it_so(end, &mut **adapter, &wanted, true).await;
        }
    }
}

impl Engine {
    fn holds(&self, end: &End, class: &str) -> bool {
        self.0.delivering.kept().course(&end.deliver.name, class).is_some_and(|course| course.holds)
    }

    /// What should be at `end` now.
    fn wanted(&self, end: &End, now: Timestamp) -> Wanted {
        let mut wanted = Wanted { pools: Vec::new(), decided: Vec::new() };
        for class in &end.deliver.classes {
            let decided = self.pool_of(&end.deliver, class, now);
            let is_decided = decided.is_some();
            let back = || self.holds(end, class).then(|| Self::fallback(&end.deliver, class, now)).flatten();
            if let Some(pool) = decided.or_else(back) {
                wanted.pools.push(pool);
                wanted.decided.push(is_decided);
            }
        }
        wanted
    }

    /// Has `adapter` make it as is `wanted`; if that failed, when to try again.
    async fn make_it_so(
        &self,
        end: &End,
        adapter: &mut dyn Adapter,
        wanted: &Wanted,
        is_new: bool,
    ) -> Result<(), Timestamp> {
        self.will_hold(end, wanted).await;
        let tried = tokio::time::timeout(end.deliver.timeout, adapter.apply(&wanted.pools, self.clock().now())).await;
        match tried.unwrap_or(Err(AdapterError::Timeout)) {
            Ok(()) => {
                let had_failed = end.trouble().failures > 0;
                for (pool, is_decided) in wanted.pools.iter().zip(&wanted.decided) {
                    match is_decided {
                        true if is_new || had_failed => self.arrived(end, pool).await,
                        true => {}
                        false => self.put_back(end, pool).await,
                    }
                }
                if is_new || had_failed {
                    self.save_deliveries().await;
                }
                Ok(())
            }
            Err(error) => {
                let longest_s = adapter.again_after().map_or(LONGEST_WAIT_S, |after| after.as_secs_f64().max(1.0));
                let mut failures = 1;
                if let Some(pool) = wanted.pools.first() {
                    failures = self.failed(end, pool, &error).await;
                }
                Err(end.try_again_at(self.clock().now(), failures, longest_s, None))
            }
        }
    }

    /// Notes that weights of `class` will stay at `end`; whether that is new.
    fn hold_on(&self, end: &End, class: &str) -> bool {
        let mut kept = self.0.delivering.kept();
        !std::mem::replace(&mut kept.course_mut(&end.deliver.name, class).holds, true)
    }

    /// Before a target that keeps what it is told hears of its first decision, the document knows that it will have to be
    /// put back.
    async fn will_hold(&self, end: &End, wanted: &Wanted) {
        if end.deliver.target.fallback().is_none() {
            return;
        }
        let decided = wanted.pools.iter().zip(&wanted.decided).filter(|(_, decided)| **decided);
        let is_changed = decided.fold(false, |changed, (pool, _)| self.hold_on(end, &pool.class) || changed);
        if is_changed {
            self.save_deliveries().await;
        }
    }
}

fn micros(span: std::time::Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}
