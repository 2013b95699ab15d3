//! Playbooks: what is done about a channel in trouble, step by step, until it is well again or a person takes over.
//!
//! | part | what it is |
//! |---|---|
//! | [`playbook`] | what operators write: a trigger, steps, what must hold afterwards, and how to take it back |
//! | [`facts`] | what is known of a channel at an instant, and what may be done about it |
//! | [`run`] | one execution of a playbook on one channel, as a state machine |
//! | [`healer`] | all runs: at most one for each channel, within a budget of actions an hour |
//! | [`order`] | what comes out: attempts, and what people are told |
//! | [`times`] | how long it took to detect, to mitigate and to recover, and how often it went well |
//!
//! Everything here is a pure function of instants, facts and outcomes: equal inputs give equal orders. Whoever carries the
//! orders out keeps the [`healer::Healer`] before an attempt begins and after it ended; after a crash [`healer::Healer::resume`] says
//! what to do about attempts that were under way. An attempt has a key, `RUN-STEP-TRY`, which is given once.

pub mod facts;
pub mod healer;
pub mod order;
pub mod playbook;
pub mod run;
pub mod times;
