//! What must outlive the process, as one document.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::act::adapters::Pool;
use crate::domain::ids::ChannelId;
use crate::domain::time::Timestamp;
use crate::engine::Engine;
use crate::engine::delivering::Delivering;
use crate::policy::authority::Mode;
use crate::policy::decision::{Decision, Trigger};
use crate::store::StoreError;

/// Name of the document.
const DOCUMENT: &str = "deliveries";
/// Shares that differ by less are the same.
const SAME: f64 = 1e-6;

/// Which decision of a class: a later one is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Mark {
    pub generation: u64,
    pub issued: Timestamp,
}

impl Mark {
    pub(super) const fn of(pool: &Pool) -> Self {
        Self { generation: pool.generation, issued: pool.issued }
    }
}

/// A decision on its way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Letter {
    pub mark: Mark,
    pub valid_until: Timestamp,
    pub weights: BTreeMap<String, f64>,
    pub json: String,
}

impl Letter {
    pub(super) fn of(pool: &Pool) -> Self {
        Self {
            mark: Mark::of(pool),
            valid_until: pool.valid_until,
            weights: pool.weights.clone(),
            json: String::from_utf8_lossy(&pool.json).into_owned(),
        }
    }

    pub(super) fn pool(&self, class: &str) -> Pool {
        Pool {
            class: class.to_owned(),
            generation: self.mark.generation,
            issued: self.mark.issued,
            valid_until: self.valid_until,
            weights: self.weights.clone(),
            json: Bytes::from(self.json.clone()),
        }
    }
}

/// What is over with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Settled {
    pub mark: Mark,
    /// When.
    pub at: Timestamp,
    /// What the target has since.
    pub weights: BTreeMap<String, f64>,
    /// Whether it arrived; else it was refused for good.
    pub arrived: bool,
}

/// How one class goes at one target.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Course {
    /// The newest that is over with.
    pub settled: Option<Settled>,
    /// What is on its way.
    pub waiting: Option<Letter>,
    /// Whether the target keeps what it was told until it is told otherwise.
    pub holds: bool,
}

/// How every class goes at every target, by their names.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Kept {
    targets: BTreeMap<String, BTreeMap<String, Course>>,
    /// By class, the shares that people approved last, or that were decided while nobody had to.
    #[serde(default)]
    approved: BTreeMap<String, BTreeMap<ChannelId, f64>>,
}

impl Kept {
    /// Hears of a decision that was made while the class was on `mode`.
    fn hear(&mut self, decision: &Decision, mode: Mode) {
        let plan = &decision.plan;
        if mode == Mode::Auto || decision.trigger == Trigger::Approval {
            self.approved.insert(plan.class.clone(), plan.shares.clone());
        }
    }

    /// Whether people said yes to these shares, so that it may be delivered where each change needs that. What was advised
    /// before the mode was set to `approve` is none of it; renewals of what was approved are.
    pub(super) fn is_approved(&self, decision: &Decision) -> bool {
        let approved = self.approved.get(&decision.plan.class);
        approved.is_some_and(|shares| decision.plan.distance(shares) < SAME)
    }

    pub(super) fn course(&self, target: &str, class: &str) -> Option<&Course> {
        self.targets.get(target)?.get(class)
    }

    pub(super) fn course_mut(&mut self, target: &str, class: &str) -> &mut Course {
        self.targets.entry(target.to_owned()).or_default().entry(class.to_owned()).or_default()
    }
}

impl Delivering {
    /// Hears of a decision that was made while its class was on `mode`.
    pub(in crate::engine) fn hear(&self, decision: &Decision, mode: Mode) {
        self.kept().hear(decision, mode);
    }
}

impl Engine {
    /// Reads what was kept. A document that cannot be read is no reason not to start: decisions are brought again then.
    pub(in crate::engine) fn load_deliveries(&self) {
        let delivering = &self.0.delivering;
        let document = self.0.store.document(DOCUMENT).map_err(|error| error.to_string());
        let read = document.and_then(|document| match document {
            Some(bytes) => {
                serde_json::from_slice(&bytes).map(|kept: Kept| (kept, bytes)).map_err(|error| error.to_string())
            }
            None => Ok((Kept::default(), Vec::new())),
        });
        match read {
            Ok((mut kept, bytes)) => {
                kept.targets.retain(|name, _| delivering.ends.iter().any(|end| end.deliver.name == *name));
                *delivering.kept() = kept;
                *delivering.written.lock().unwrap_or_else(PoisonError::into_inner) = bytes;
            }
            Err(error) => tracing::error!(%error, "what was delivered before is not known; it is delivered anew"),
        }
    }

    /// Writes what must outlive the process, if it has changed. Blocks.
    fn keep_deliveries(&self) -> Result<(), StoreError> {
        let delivering = &self.0.delivering;
        let mut written = delivering.written.lock().unwrap_or_else(PoisonError::into_inner);
        // Maps of texts and numbers can always be written.
        let bytes = serde_json::to_vec(&*delivering.kept()).unwrap_or_default();
        if bytes != *written {
            self.0.store.put_document(DOCUMENT, &bytes)?;
            *written = bytes;
        }
        Ok(())
    }

    /// Writes it away from the threads that serve requests. A failure is logged: delivering matters more.
    pub(super) async fn save_deliveries(&self) {
        let engine = self.clone();
        match tokio::task::spawn_blocking(move || engine.keep_deliveries()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "what is delivered was not kept; the next change tries again"),
            Err(_) => tracing::error!("keeping what is delivered broke off; the next change tries again"),
        }
    }
}
