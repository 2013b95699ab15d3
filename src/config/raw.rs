//! Settings as they are written. Nothing outside of `config` sees these types.
//!
//! Their doc comments become the descriptions of the published JSON Schema, their defaults its defaults. Only what
//! JSON Schema can say is said here; everything else is checked in [`super::valid`].

mod alerts;
mod channel;
mod chat;
mod collect;
mod decide;
mod deliver;
mod detect;
mod forecast;
mod incidents;
mod mapping;
mod playbook;
mod report;
mod route;
mod rule;
mod server;
mod source;
mod store;
mod work;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(super) use alerts::{Alerts, Receiver, ReceiverKind, Severity};
pub(super) use channel::{Channel, Price};
pub(super) use chat::{Chat, Slack};
pub(super) use collect::{Collect, UnknownChannels};
pub(super) use decide::Decide;
pub(super) use deliver::Deliver;
pub(super) use detect::{Detect, DetectControl, Direction};
pub(super) use forecast::Forecast;
pub(super) use incidents::{Incidents, Runbooks};
pub(super) use mapping::{Combine, Counter, Counts, FailureOutcome, Mapping, Measures, Tells, TimeUnit};
pub(super) use playbook::{Condition, Do, Heal, Playbook, Step, Trouble};
pub(super) use report::{Report, ReportKind, ReportLanguage};
pub(super) use route::{Budget, Latency, Mode, Objective, Period, Route};
pub(super) use rule::{Burn, Missing, Promise, Rule, Rules, Take};
pub(super) use server::{Role, Server, Token};
pub(super) use source::{Preset, Source};
pub(super) use store::{Retention, Store};
pub(super) use work::{Learn, Work, WorkModel};

/// The configuration of Foreroute.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(title = "foreroute.toml")]
pub(super) struct Raw {
    /// The HTTP interface.
    pub server: Server,
    /// The tables on disk.
    pub store: Store,
    /// What is collected and when.
    pub collect: Collect,
    /// Forecasts of every channel.
    pub forecast: Forecast,
    /// Scores of every minute of every channel.
    pub detect: Detect,
    /// When odd minutes are an incident.
    pub incidents: Incidents,
    /// What people are told of, and who.
    pub alerts: Alerts,
    /// Where people ask in plain words.
    pub chat: Chat,
    /// Which channel should carry which share of a route class.
    pub decide: Decide,
    /// Whom decisions are brought to.
    pub deliver: Vec<Deliver>,
    /// What playbooks may do.
    pub heal: Heal,
    /// How it is learnt which model should do which work.
    pub learn: Learn,
    /// The channels: ways to reach a model.
    pub channel: Vec<Channel>,
    /// Where calls and metrics are fetched from. What is pushed to the HTTP interface needs no source here.
    pub source: Vec<Source>,
    /// Kinds of work, each with its objective.
    pub route: Vec<Route>,
    /// What is done about channels in trouble; of several that are for a channel the first one runs.
    pub playbook: Vec<Playbook>,
    /// Classes of work, and the models among which their jobs are shared out.
    pub work: Vec<Work>,
    /// Reports that are made on schedule.
    pub report: Vec<Report>,
}
