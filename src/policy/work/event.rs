//! What happened to jobs: everything that is known of work follows from these, one after the other.

use serde::{Deserialize, Serialize};

use crate::domain::time::Timestamp;
use crate::policy::work::Kind;
use crate::policy::work::ask::Trouble;
use crate::policy::work::report::Report;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum Event {
    /// A job began.
    Started {
        /// The job.
        job: String,
        /// When.
        at: Timestamp,
        /// What kind of work it is.
        kind: Kind,
        /// Who does it, and who takes over in this order; never empty.
        chain: Vec<String>,
        /// Why, in plain words.
        why: String,
        /// What was said, in short.
        digest: u64,
    },
    /// A job went on.
    Stepped {
        /// The job.
        job: String,
        /// When.
        at: Timestamp,
        /// Number of the step, if it has one.
        number: Option<u32>,
        /// Its key, if it has one.
        key: Option<String>,
        /// What was said, in short.
        digest: u64,
        /// Tokens of the job so far.
        tokens: u64,
        /// USD of the job so far.
        cost_usd: f64,
        /// How its model let it down, if it did.
        trouble: Option<Trouble>,
        /// If it did: the place in the chain of who goes on; `None` if nobody is left.
        next: Option<usize>,
        /// Until when the model is passed over.
        until: Option<Timestamp>,
    },
    /// A job was done, or was not.
    Ended {
        /// The job.
        job: String,
        /// When.
        at: Timestamp,
        /// What was said, in short.
        digest: u64,
        /// Whether it did what it was to do.
        success: bool,
        /// How well, 0 ..= 1.
        quality: Option<f64>,
        /// Tokens of the whole job.
        tokens: u64,
        /// USD of the whole job.
        cost_usd: f64,
    },
    /// Nothing was heard of a job for too long.
    Abandoned {
        /// The job.
        job: String,
        /// When that was found.
        at: Timestamp,
    },
    /// The shares of the coming day were told.
    Allocated {
        /// The shares and why.
        report: Box<Report>,
    },
}
