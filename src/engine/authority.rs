//! Who may say yes, in the running engine: modes that people set, changes that wait for them, and a journal of it all.
//!
//! What people said outlives the process: it is a document, written before their order is answered. Each decision that
//! changes something, each yes and no, each change of mode is a line of the journal ([`Engine::note`]) before anybody hears
//! of it. A class whose decisions did harm too often goes back to advice by itself ([`Conduct`]).

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::domain::time::Timestamp;
use crate::engine::machine::pilot::waiting::Approved;
use crate::engine::machine::pilot::{Decided, Mode, Route};
use crate::engine::{Engine, Inner};
use crate::policy::authority::conduct::Conduct;
use crate::policy::authority::proposal::{Approval, ApprovalError, Proposal};
use crate::policy::decision::{Decision, Trigger, Urgency};
use crate::policy::plan::Plan;
use crate::store::{Entry, Store, StoreError};

/// Name of the document.
const DOCUMENT: &str = "authority";
/// Who takes the right to act away when too much harm was done.
const ITSELF: &str = "foreroute";

/// A mode that was set, in place of the configured one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetMode {
    /// The mode.
    pub mode: Mode,
    /// Who set it.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}

/// What may be done about one route class.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassMode {
    /// The class.
    pub class: String,
    /// What may be done now.
    pub mode: Mode,
    /// What is configured.
    pub configured: Mode,
    /// What people said, if they did.
    pub set: Option<SetMode>,
    /// Decisions of the last day that did harm.
    pub harmful: usize,
    /// The change that waits for approval.
    pub waiting: Option<Proposal>,
}

/// Why an order about modes or approvals was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// There is no such class, or nothing is decided at all.
    #[error("there is no route class `{0}` about which anything is decided")]
    UnknownClass(String),
    /// The yes or no does not count.
    #[error(transparent)]
    Approval(#[from] ApprovalError),
    /// It could not be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What outlives the process.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Kept {
    modes: BTreeMap<String, SetMode>,
    conducts: BTreeMap<String, Conduct>,
}

/// What people said, and how decisions turned out.
#[derive(Debug, Default)]
pub(super) struct Authority {
    kept: Mutex<Kept>,
}

impl Authority {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What outlives the process, if anything was ever said; else what is wrong with it.
fn read(store: &Store) -> Result<Option<Kept>, String> {
    let bytes = store.document(DOCUMENT).map_err(|error| error.to_string())?;
    bytes.map(|bytes| serde_json::from_slice(&bytes).map_err(|error| error.to_string())).transpose()
}

/// The modes that people set, by route class: for those who read a store beside its writer. None if nobody did, or, as the
/// log says then, if that cannot be read.
#[must_use]
pub fn read_modes(store: &Store) -> BTreeMap<String, SetMode> {
    let kept = read(store).unwrap_or_else(|error| {
        tracing::warn!(error, "what operators said of modes cannot be read; the configuration is shown");
        None
    });
    kept.unwrap_or_default().modes
}

impl Engine {
    /// Takes up what people said before.
    pub(in crate::engine) fn load_authority(&self) {
        match read(&self.0.store) {
            Ok(kept) => {
                let kept = kept.unwrap_or_default();
                let mut pilot = self.0.deciding.pilot();
                kept.modes.iter().for_each(|(class, set)| pilot.set_mode(class, Some(set.mode)));
                drop(pilot);
                *self.0.authority.kept() = kept;
            }
            Err(error) => {
                tracing::error!(error, "what operators said of modes cannot be read; the configuration holds");
            }
        }
    }

    /// What may be done about each class.
    #[must_use]
    pub fn modes(&self) -> Vec<ClassMode> {
        let Some(decide) = &self.settings().decide else { return Vec::new() };
        let now = self.clock().now();
        let (mut kept, pilot) = (self.0.authority.kept(), self.0.deciding.pilot());
        let of = |route: &Route| {
            let class = route.class.name.clone();
            ClassMode {
                mode: pilot.mode(route),
                configured: route.mode,
                set: kept.modes.get(&class).cloned(),
                harmful: kept.conducts.get_mut(&class).map_or(0, |conduct| conduct.harmful(now)),
                waiting: pilot.waiting(&class).cloned(),
                class,
            }
        };
        decide.book.routes.iter().map(of).collect()
    }

    /// What may be done about `class`; `None` if nothing is decided about it.
    #[must_use]
    pub fn mode(&self, class: &str) -> Option<Mode> {
        self.0.mode_of(class)
    }

    /// Sets the mode of `class`, or of all if `None`, as `by` orders. Blocks; when it returns, it survives a power cut.
    ///
    /// # Errors
    /// [`AuthorityError`]; then the mode is as before.
    pub fn set_mode(&self, class: Option<&str>, mode: Mode, by: &str, reason: &str) -> Result<(), AuthorityError> {
        let none = || AuthorityError::UnknownClass(class.unwrap_or("*").to_owned());
        let decide = self.settings().decide.as_ref().ok_or_else(none)?;
        let names = decide.book.routes.iter().map(|route| route.class.name.as_str());
        let names: Vec<&str> = names.filter(|name| class.is_none_or(|class| class == *name)).collect();
        if names.is_empty() {
            return Err(none());
        }
        if reason.trim().is_empty() {
            return Err(ApprovalError::NoReason.into());
        }
        let at = self.clock().now();
        for name in names {
            self.0.note(at, "mode", &json!({"class": name, "mode": mode, "by": by, "reason": reason}))?;
            let set = SetMode { mode, by: by.to_owned(), at, reason: reason.to_owned() };
            let mut kept = self.0.authority.kept();
            kept.modes.insert(name.to_owned(), set);
            if let Some(conduct) = kept.conducts.get_mut(name) {
                conduct.forgive();
            }
            drop(kept);
            self.0.write_authority()?;
            self.0.deciding.pilot().set_mode(name, Some(mode));
            tracing::info!(class = name, mode = mode.name(), by, "mode");
        }
        Ok(())
    }

    /// Counts the yes of `by` to the proposal `id`. Blocks.
    ///
    /// # Errors
    /// [`AuthorityError`]; then nothing is decided.
    pub fn approve(&self, id: &str, by: &str, reason: &str) -> Result<Approved, AuthorityError> {
        let decide = self.settings().decide.as_ref().ok_or(ApprovalError::Unknown)?;
        let class = class_of(id)?;
        let approval = Approval { by: by.to_owned(), at: self.clock().now(), reason: reason.to_owned() };
        let mut pilot = self.0.deciding.pilot();
        let waiting = pilot.waiting(class).filter(|waiting| waiting.id() == id).ok_or(ApprovalError::Unknown)?;
        waiting.check(&approval)?;
        // The journal knows of the yes before anything follows from it.
        self.0.note(approval.at, "approval", &json!({"id": id, "class": class, "by": by, "reason": reason}))?;
        let approved = pilot.approve(&decide.book, class, id, approval)?;
        drop(pilot);
        if let Approved::Decided(decided) = &approved {
            self.0.make_known(vec![decided.clone()]);
        }
        Ok(approved)
    }

    /// Drops the proposal `id`, as `by` orders. Blocks.
    ///
    /// # Errors
    /// [`AuthorityError`]; then it still waits.
    pub fn reject(&self, id: &str, by: &str, reason: &str) -> Result<Proposal, AuthorityError> {
        if reason.trim().is_empty() {
            return Err(ApprovalError::NoReason.into());
        }
        let (class, now) = (class_of(id)?, self.clock().now());
        let mut pilot = self.0.deciding.pilot();
        let waiting = pilot.waiting(class).filter(|waiting| waiting.id() == id).ok_or(ApprovalError::Unknown)?;
        let weights = &waiting.decision.plan.shares;
        let body = json!({"id": id, "class": class, "by": by, "reason": reason, "weights": weights});
        self.0.note(now, "rejection", &body)?;
        Ok(pilot.reject(class, id, now)?)
    }
}

/// The class that the proposal `id` is about.
fn class_of(id: &str) -> Result<&str, ApprovalError> {
    id.rsplit_once('@').map(|(class, _)| class).ok_or(ApprovalError::Unknown)
}

impl Inner {
    /// What may be done about `class`; `None` if nothing is decided about it.
    pub(super) fn mode_of(&self, class: &str) -> Option<Mode> {
        let book = &self.settings.decide.as_ref()?.book;
        let route = book.routes.get(book.place(class)?)?;
        Some(self.deciding.pilot().mode(route))
    }

    /// Writes one line of the journal.
    ///
    /// # Errors
    /// As [`crate::store::Store::note`].
    pub(super) fn note(&self, at: Timestamp, kind: &str, body: &Value) -> Result<u64, StoreError> {
        self.store.note(at, kind, body)
    }

    /// Writes what outlives the process.
    pub(super) fn write_authority(&self) -> Result<(), StoreError> {
        // A map of texts and numbers can always be written.
        let bytes = serde_json::to_vec(&*self.authority.kept()).unwrap_or_default();
        self.store.put_document(DOCUMENT, &bytes)
    }

    /// Notes what was decided, and what came of the plan before it.
    pub(super) fn account(&self, decided: &Decided) {
        let Decided { decision, before } = decided;
        let class = &decision.plan.class;
        if decision.trigger != Trigger::Renewal
            && let Err(error) = self.note(decision.issued, "decision", &noted(decision))
        {
            tracing::error!(class, %error, "a decision is told that the journal does not know");
        }
        let Some(decide) = &self.settings.decide else { return };
        let Some(route) = decide.book.place(class).and_then(|place| decide.book.routes.get(place)) else { return };
        let mut kept = self.authority.kept();
        let conduct = kept.conducts.entry(class.clone()).or_default();
        if let Some((_, tally)) = before {
            conduct.hear(tally.calls, tally.failed + tally.slow);
        }
        if decision.urgency == Urgency::None {
            return;
        }
        let did_harm = conduct.changed(decision.issued, decision.urgency, route.harm_limit());
        let harmful = conduct.harmful(decision.issued);
        drop(kept);
        if did_harm {
            let body = json!({"class": class, "generation": decision.parent, "within_a_day": harmful});
            if let Err(error) = self.note(decision.issued, "harm", &body) {
                tracing::error!(class, %error, "the journal does not know of a harmful decision");
            }
            tracing::warn!(class, generation = decision.parent, harmful, "a decision did harm");
            self.demote(route, decision.issued, harmful, decide.harmful_per_day);
        }
    }

    /// Takes `route` back to advice if `harmful` decisions are more than `allowed`.
    fn demote(&self, route: &Route, now: Timestamp, harmful: usize, allowed: usize) {
        let class = &route.class.name;
        let mut pilot = self.deciding.pilot();
        if harmful <= allowed || !pilot.mode(route).acts() {
            return;
        }
        pilot.set_mode(class, Some(Mode::Advise));
        drop(pilot);
        let reason = format!("{harmful} decisions did harm within a day, {allowed} are allowed");
        tracing::error!(class, reason, "the engine only advises from now on, until an operator sets another mode");
        let body = json!({"class": class, "mode": Mode::Advise, "by": ITSELF, "reason": reason});
        let set = SetMode { mode: Mode::Advise, by: ITSELF.to_owned(), at: now, reason };
        self.authority.kept().modes.insert(class.clone(), set);
        let noted = self.note(now, "mode", &body).map(drop);
        if let Err(error) = noted.and_then(|()| self.write_authority()) {
            tracing::error!(class, %error, "that it only advises would not survive a restart");
        }
    }
}

/// A decision as the journal has it.
fn noted(decision: &Decision) -> Value {
    let plan = &decision.plan;
    json!({
        "class": plan.class,
        "generation": decision.generation,
        "parent": decision.parent,
        "valid_until": decision.expires.to_string(),
        "trigger": decision.trigger,
        "urgency": decision.urgency,
        "weights": plan.shares,
        "probes": plan.probes,
        "why": decision.report.to_string(),
        "expected": {"cost_usd": plan.cost_usd, "slow": plan.slow, "failing": plan.failing},
        "report": decision.report,
    })
}

/// The decision that a line of the journal tells of; `None` if it tells of none.
pub(super) fn decision_of(entry: &Entry) -> Option<Decision> {
    if entry.kind != "decision" {
        return None;
    }
    let body = &entry.body;
    let number = |name: &str| body["expected"][name].as_f64().unwrap_or(f64::NAN);
    Some(Decision {
        generation: body["generation"].as_u64()?,
        parent: body["parent"].as_u64()?,
        issued: entry.at,
        expires: Timestamp::parse_rfc3339(body["valid_until"].as_str()?)?,
        trigger: serde_json::from_value(body["trigger"].clone()).ok()?,
        urgency: serde_json::from_value(body["urgency"].clone()).ok()?,
        plan: Plan {
            class: body["class"].as_str()?.to_owned(),
            shares: serde_json::from_value(body["weights"].clone()).ok()?,
            probes: serde_json::from_value(body["probes"].clone()).ok()?,
            cost_usd: number("cost_usd"),
            slow: number("slow"),
            failing: number("failing"),
        },
        report: serde_json::from_value(body["report"].clone()).ok()?,
    })
}

#[cfg(test)]
mod tests;
