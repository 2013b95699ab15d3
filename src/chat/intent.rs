//! What somebody wants.

use serde::Serialize;

use crate::domain::language::Language;
use crate::domain::target::Target;
use crate::policy::authority::Mode;

/// What can be talked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Say yes to what waits.
    Approve,
    /// Say no to what waits.
    Reject,
    /// What may be done about a class.
    Mode,
    /// Why calls go where they go.
    Why,
    /// How everything is.
    Status,
    /// A report about a span of time.
    Report,
    /// What a channel will do.
    Forecast,
    /// What is spent.
    Cost,
    /// What is wrong.
    Incidents,
    /// What can be asked.
    Help,
}

impl Topic {
    /// Every topic. Where a phrase speaks of several as clearly, the first one is meant.
    pub const ALL: [Self; 10] = [
        Self::Approve,
        Self::Reject,
        Self::Mode,
        Self::Why,
        Self::Status,
        Self::Report,
        Self::Forecast,
        Self::Cost,
        Self::Incidents,
        Self::Help,
    ];

    /// The name in JSON, and the English command.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Reject => "reject",
            Self::Mode => "mode",
            Self::Why => "why",
            Self::Status => "status",
            Self::Report => "report",
            Self::Forecast => "forecast",
            Self::Cost => "cost",
            Self::Incidents => "incidents",
            Self::Help => "help",
        }
    }
}

/// Something that was called by a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A channel there is.
    Channel(String),
    /// A route class there is.
    Class(String),
    /// Something that looks like a name and is none.
    Stranger(String),
}

impl Subject {
    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Channel(name) | Self::Class(name) | Self::Stranger(name) => name,
        }
    }
}

/// A yes or a no, as far as it was said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdict {
    /// What it is said to; without it the phrase only asks what waits.
    pub id: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

/// For which classes a mode is to be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// All of them, as was said.
    All,
    /// One.
    Class(String),
    /// Something that is no class.
    Stranger(String),
    /// It was not said.
    Unsaid,
}

/// A mode that is to be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModeOrder {
    /// For which classes.
    pub reach: Reach,
    /// The mode.
    pub mode: Mode,
    /// Why.
    pub reason: Option<String>,
}

/// A report's span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Span {
    /// A day.
    #[default]
    Daily,
    /// Two weeks, about what was learnt.
    Fortnightly,
}

impl Span {
    /// The name in URLs and commands.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Fortnightly => "fortnightly",
        }
    }
}

/// What somebody wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intent {
    /// How everything is, or one channel or class.
    Status(Option<Subject>),
    /// What a channel will do; all of them, if none is named.
    Forecast(Option<Subject>, Option<Target>),
    /// Why calls go where they go.
    Why(Option<Subject>),
    /// What is wrong.
    Incidents(Option<Subject>),
    /// What is spent.
    Cost,
    /// Say yes.
    Approve(Verdict),
    /// Say no.
    Reject(Verdict),
    /// What may be done; with an order, set it.
    Mode(Option<ModeOrder>),
    /// A report.
    Report(Span),
    /// What can be asked.
    Help,
    /// Nothing of that; perhaps this was meant.
    Unknown(Option<Topic>),
}

impl Intent {
    /// What is talked about; `None` if nobody knows.
    #[must_use]
    pub const fn topic(&self) -> Option<Topic> {
        match self {
            Self::Status(_) => Some(Topic::Status),
            Self::Forecast(..) => Some(Topic::Forecast),
            Self::Why(_) => Some(Topic::Why),
            Self::Incidents(_) => Some(Topic::Incidents),
            Self::Cost => Some(Topic::Cost),
            Self::Approve(_) => Some(Topic::Approve),
            Self::Reject(_) => Some(Topic::Reject),
            Self::Mode(_) => Some(Topic::Mode),
            Self::Report(_) => Some(Topic::Report),
            Self::Help => Some(Topic::Help),
            Self::Unknown(_) => None,
        }
    }

    /// Whether something would be changed: it takes an operator.
    #[must_use]
    pub const fn acts(&self) -> bool {
        match self {
            Self::Approve(verdict) | Self::Reject(verdict) => verdict.id.is_some(),
            Self::Mode(order) => order.is_some(),
            _ => false,
        }
    }
}

/// A phrase, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// What is wanted.
    pub intent: Intent,
    /// The language that it was said in.
    pub language: Language,
}
