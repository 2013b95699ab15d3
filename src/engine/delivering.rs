//! Brings decisions to orchestrators: one task for each target, which hears of decisions as they are made.
//!
//! Only decisions of classes that may act (mode `approve` or `auto`) are delivered, and only while they hold. Of several that
//! wait, the newest alone arrives. Two kinds of targets differ in what has to be remembered:
//!
//! | part | what it does |
//! |---|---|
//! | [`post`] | requests that must arrive, from an outbox that outlives the process |
//! | [`hold`] | states that must be kept: renewed leases, weights that are set again, and put back once no decision holds |
//! | [`wanted`] | what should be at a target, from the decisions that hold |
//! | [`kept`] | the document that outlives the process |
//! | [`account`] | what came of it: journal, metrics, standing |

mod account;
mod build;
mod hold;
mod kept;
mod post;
mod wanted;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rand::RngExt as _;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::act::adapters::Adapter;
use crate::clock::Clock;
use crate::config::valid::{Deliver, Target};
use crate::domain::time::Timestamp;
use crate::engine::settings::Settings;
use crate::engine::{Announced, Engine, EngineError};
use crate::stats::seed::Seed;
use kept::Kept;

pub use account::{ClassDelivery, DeliveryStanding};

/// How often modes are looked at, which nobody tells of.
const LOOK_S: i64 = 1;
/// Longest wait between two tries.
const LONGEST_WAIT_S: f64 = 30.0;

/// Everybody whom decisions are brought to.
pub(super) struct Delivering {
    kept: Mutex<Kept>,
    /// The document as it was written last; held while it is written, so that of two writers the later state stays.
    written: Mutex<Vec<u8>>,
    ends: Vec<End>,
}

/// One target.
struct End {
    deliver: Deliver,
    /// Held by its task.
    adapter: tokio::sync::Mutex<Box<dyn Adapter>>,
    trouble: Mutex<Trouble>,
}

/// What went wrong at a target.
#[derive(Debug, Clone, Default)]
struct Trouble {
    /// Tries that failed since the last one that did not.
    failures: u32,
    last: Option<(Timestamp, String)>,
}

impl Delivering {
    /// Nothing was delivered yet.
    pub(super) fn new(settings: &Settings, clock: &Clock) -> Result<Self, EngineError> {
        let end = |deliver: &Deliver| {
            let adapter = tokio::sync::Mutex::new(build::adapter(deliver, clock)?);
            Ok(End { deliver: deliver.clone(), adapter, trouble: Mutex::default() })
        };
        let ends = settings.deliver.iter().map(end).collect::<Result<_, EngineError>>()?;
        Ok(Self { kept: Mutex::default(), written: Mutex::default(), ends })
    }

    /// A poisoned lock still guards values that were each changed whole.
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl End {
    fn trouble(&self) -> MutexGuard<'_, Trouble> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// When to try again after a failure at `now`: 1, 2, 4 s and so on up to `longest_s`, each times 0.5 to 1.5, and not
    /// before `asked_s`.
    fn try_again_at(&self, now: Timestamp, failures: u32, longest_s: f64, asked_s: Option<f64>) -> Timestamp {
        let seed = Seed::new(0).child("deliver").child(&self.deliver.name).nth(u64::from(failures));
        let wait_s = 2_f64.powi(failures.min(16).cast_signed() - 1).min(longest_s) * (0.5 + seed.rng().random::<f64>());
        let wait_s = wait_s.max(asked_s.unwrap_or(0.0));
        #[expect(clippy::cast_possible_truncation, reason = "at most minutes")]
        let micros = (wait_s * 1e6) as i64;
        now.plus_micros(micros)
    }
}

/// Starts a task for each target; they end when `stop` turns true. A try under way is finished first.
pub fn deliveries(engine: &Engine, stop: &watch::Receiver<bool>, tasks: &mut JoinSet<()>) {
    for (at, end) in engine.0.delivering.ends.iter().enumerate() {
        let (engine, stop) = (engine.clone(), stop.clone());
        match end.deliver.target {
            Target::Webhook { .. } => tasks.spawn(post::post(engine, at, stop)),
            _ => tasks.spawn(hold::hold(engine, at, stop)),
        };
    }
}

/// What tells of decisions of one class.
type Board = watch::Receiver<Option<Arc<Announced>>>;

impl Engine {
    fn boards(&self, deliver: &Deliver) -> Vec<Board> {
        deliver.classes.iter().map(|class| self.decisions_of(class)).collect()
    }

    /// Waits for a decision, and no longer than until `wake`; `false` if it is time to stop.
    async fn news(&self, boards: &mut [Board], wake: Timestamp, stop: &mut watch::Receiver<bool>) -> bool {
        let wake = wake.min(self.clock().now().plus_seconds(LOOK_S));
        let told = boards.iter_mut().map(|board| Box::pin(board.changed()));
        let told = futures::future::select_all(told);
        tokio::select! {
            _ = told => true,
            () = self.clock().sleep_until(wake) => true,
            _ = stop.wait_for(|stop| *stop) => false,
        }
    }
}

#[cfg(test)]
mod tests;
