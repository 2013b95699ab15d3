//! One job, and the parts that models had in it.

use serde::{Deserialize, Serialize};

use crate::domain::time::Timestamp;
use crate::policy::work::Kind;

/// What a job took so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Tokens.
    pub tokens: u64,
    /// USD.
    pub cost_usd: f64,
}

/// A step that was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Its number, if it has one.
    pub number: Option<u32>,
    /// Its key, if it has one.
    pub key: Option<String>,
    /// What was said, in short.
    pub digest: u64,
}

/// How a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It goes on.
    Open,
    /// It is over; with what was said of its end, in short.
    Ended(u64),
    /// Nothing was heard of it for too long.
    Abandoned,
}

impl State {
    /// The name in the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Ended(_) => "ended",
            Self::Abandoned => "abandoned",
        }
    }
}

/// A job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// What kind of work it is.
    pub kind: Kind,
    /// Who does it and who takes over, in this order.
    pub chain: Vec<String>,
    /// The place in the chain of who is at work; `None` if nobody is left.
    pub at: Option<usize>,
    /// Why it is who it is, in plain words.
    pub why: String,
    /// What was said at its start, in short.
    pub digest: u64,
    /// How it stands.
    pub state: State,
    /// When it was last heard of.
    pub heard: Timestamp,
    /// What it took so far.
    pub so_far: Figures,
    /// When the model that is at work began.
    pub part_began: Timestamp,
    /// What the job had taken then.
    pub before_part: Figures,
    /// Parts that are over.
    pub parts: u32,
    /// Steps that were told, in their order.
    pub steps: Vec<Told>,
}

impl Job {
    /// Who is at work.
    #[must_use]
    pub fn model(&self) -> Option<&str> {
        self.at.and_then(|at| self.chain.get(at)).map(String::as_str)
    }
}

/// The part that one model had in a job, once it is over: a row of the table `work`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// The job.
    pub job: String,
    /// Number of the part, from 1.
    pub number: u32,
    /// When the model began.
    pub began: Timestamp,
    /// When its part was over.
    pub ended: Timestamp,
    /// What kind of work it was.
    pub kind: Kind,
    /// The model.
    pub model: String,
    /// `done`, `failed`, `exhausted` or `abandoned`.
    pub outcome: String,
    /// Whether the job did what it was to do; `None` if nobody knows.
    pub success: Option<bool>,
    /// How well, 0 ..= 1; `None` if nobody judged it.
    pub quality: Option<f64>,
    /// Tokens of this part.
    pub tokens: u64,
    /// USD of this part.
    pub cost_usd: f64,
}
