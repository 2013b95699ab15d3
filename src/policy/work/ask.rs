//! What clients say of a job, and what they are answered.

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use crate::domain::time::Timestamp;
use crate::policy::work::Tier;

/// Longest name of a job, in bytes.
pub const LONGEST_JOB: usize = 128;

/// A job begins.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Start {
    /// Its name; one is made if it is `None`.
    pub job: Option<String>,
    /// The class of its work.
    pub class: String,
    /// How hard it is.
    pub tier: Tier,
    /// The model that the client chose; one is chosen for it if it is `None`.
    pub model: Option<String>,
}

/// How a model let a job down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Trouble {
    /// It failed.
    Failed,
    /// Its tokens are used up.
    Exhausted,
}

impl Trouble {
    /// The name in tables and the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Exhausted => "exhausted",
        }
    }
}

/// A job goes on, with its model or with the next one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// The job.
    pub job: String,
    /// Number of the step, from 1, ascending.
    pub number: Option<u32>,
    /// What tells it from other steps if it has no number.
    pub key: Option<String>,
    /// The model that it is about; the one that is at work if `None`.
    pub model: Option<String>,
    /// Tokens that the job took so far; as before if `None`.
    pub tokens: Option<u64>,
    /// USD that it cost so far; as before if `None`.
    pub cost_usd: Option<f64>,
    /// How the model let it down, if it did.
    pub trouble: Option<Trouble>,
    /// Of [`Trouble::Exhausted`]: seconds until the model has tokens again, if that is known.
    pub retry_after_s: Option<f64>,
}

/// A job is over.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct End {
    /// The job.
    pub job: String,
    /// Whether it did what it was to do.
    pub success: bool,
    /// How well, 0 ..= 1; `None` if nobody judged it.
    pub quality: Option<f64>,
    /// Tokens that it took, those of all models together.
    pub tokens: u64,
    /// USD that it cost, likewise.
    pub cost_usd: f64,
}

/// What a client says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Ask {
    /// A job begins.
    Start(Start),
    /// It goes on.
    Step(Step),
    /// It is over.
    End(End),
}

impl Ask {
    /// What tells it from everything else that may be said, so that saying it twice is known.
    #[must_use]
    pub fn digest(&self) -> u64 {
        // Texts and numbers can always be written; figures that are not finite are refused before this matters.
        xxh3_64(&serde_json::to_vec(self).unwrap_or_default())
    }
}

/// How a job stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answer {
    /// The job.
    pub job: String,
    /// `open`, `ended` or `abandoned`.
    pub state: &'static str,
    /// The model that is to go on with it; `None` if none is left or the job is over.
    pub model: Option<String>,
    /// The models that take over from it, in this order.
    pub chain: Vec<String>,
    /// Why it is this model, in plain words.
    pub why: String,
    /// Whether this was said before, and so changed nothing.
    pub repeated: bool,
}

/// Why nothing came of what a client said.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// There is no such class.
    #[error("`class` is `{class}`, of which no `[[work]]` tells; there are: {known}")]
    Class {
        /// What was said.
        class: String,
        /// The classes that there are.
        known: String,
    },
    /// No such model does work of this class.
    #[error("`model` is `{model}`, which does no work of the class `{class}`; there are: {known}")]
    Model {
        /// What was said.
        model: String,
        /// The class.
        class: String,
        /// Its models.
        known: String,
    },
    /// A value that cannot be.
    #[error("`{field}` {problem}")]
    Field {
        /// The field.
        field: &'static str,
        /// What is wrong with it, and what is expected.
        problem: String,
    },
    /// Nobody knows the job.
    #[error("`job` is `{0}`, which nobody started, or which was over too long ago to be known; start it first")]
    Unknown(String),
    /// The same was said before, differently.
    #[error("`{field}`: {problem}")]
    Differs {
        /// The field that tells what is meant.
        field: &'static str,
        /// What was said before.
        problem: String,
    },
    /// The job is over.
    #[error("the job `{job}` {how}; start another one")]
    Over {
        /// The job.
        job: String,
        /// What it is.
        how: &'static str,
    },
    /// The model is not at work on the job any more.
    #[error("`model` is `{said}`, but the job `{job}` is with {now}")]
    NotAtIt {
        /// What was said.
        said: String,
        /// The job.
        job: String,
        /// Whose turn it is.
        now: String,
    },
    /// Nobody can do the work now.
    #[error("no model of the class `{class}` has tokens left; the first has new ones at {until}")]
    NobodyLeft {
        /// The class.
        class: String,
        /// When.
        until: Timestamp,
    },
    /// There are too many jobs or steps.
    #[error("{0}")]
    Full(String),
}
