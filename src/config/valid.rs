//! Settings as they are meant: every value checked, every default filled in, every name known.

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
pub mod playbook;
mod report;
mod route;
mod rule;
mod server;
mod source;
mod store;
mod work;

use std::collections::BTreeSet;

use super::check::Checker;
use super::document::Path;
use super::raw::Raw;
use crate::domain::price::PriceList;

pub use alerts::{Address, Alerts, Receiver, ReceiverKind, Severity};
pub use channel::{Channel, Limits};
pub use chat::{Chat, Slack};
pub use collect::{Collect, UnknownChannels};
pub use decide::Decide;
pub use deliver::{Deliver, Fallback, Redis, Socket, Target};
pub use detect::{Detect, DetectControl, Direction};
pub use forecast::Forecast;
pub use incidents::{Grouping, Incidents, SeverityScale};
pub use mapping::{
    Combine, CounterRule, Counts, FailureClass, GaugeRule, HistogramRule, LevelRule, Mapping, Measures, Select, Tells,
};
pub use playbook::{Heal, Playbook};
pub use report::Report;
pub use route::{Budget, LatencyObjective, Mode, Objective, Percentile, Period, Route};
pub use rule::{Burn, HORIZONS, Limit, Missing, Rule, Series, Side, Take};
pub use server::{Role, Server, Tls, Token, TokenHash};
pub use source::{ChannelNaming, Meaning, Preset, Probe, Prometheus, Source, SourceSettings, Tail};
pub use store::{Retention, Store};
pub use work::{Learn, Work, WorkModel};

/// A whole configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
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
    /// What playbooks may do.
    pub heal: Heal,
    /// How it is learnt which model should do which work.
    pub learn: Learn,
    /// The channels, in the order of the file; names are unique.
    pub channels: Vec<Channel>,
    /// The sources that are read, in the order of the file; names are unique.
    pub sources: Vec<Source>,
    /// The route classes, in the order of the file; names are unique and all channels exist.
    pub routes: Vec<Route>,
    /// Whom decisions are brought to, in the order of the file; names are unique.
    pub deliver: Vec<Deliver>,
    /// The playbooks, in the order of the file; names are unique, and what they name exists.
    pub playbooks: Vec<Playbook>,
    /// The classes of work, in the order of the file; names are unique.
    pub work: Vec<Work>,
    /// The reports that are made on schedule, in the order of the file; their receivers exist.
    pub reports: Vec<Report>,
}

impl Default for Config {
    /// The meaning of an empty file.
    fn default() -> Self {
        Self {
            server: Server::default(),
            store: Store::default(),
            collect: Collect::default(),
            forecast: Forecast::default(),
            detect: Detect::default(),
            incidents: Incidents::default(),
            alerts: Alerts::default(),
            chat: Chat::default(),
            decide: Decide::default(),
            heal: Heal::default(),
            learn: Learn::default(),
            channels: Vec::new(),
            sources: Vec::new(),
            routes: Vec::new(),
            deliver: Vec::new(),
            playbooks: Vec::new(),
            work: Vec::new(),
            reports: Vec::new(),
        }
    }
}

impl Config {
    /// Turns raw settings into valid ones. What it returns is only meant for use if `checker` found no problem.
    pub(super) fn check(raw: &Raw, checker: &mut Checker<'_>) -> Self {
        let root = Path::default();
        let server = Server::check(&raw.server, &root.key("server"), checker);
        let store = Store::check(&raw.store, &root.key("store"), checker);
        let collect = Collect::check(&raw.collect, &root.key("collect"), checker);
        let forecast = Forecast::check(&raw.forecast, &root.key("forecast"), checker);
        let detect = Detect::check(&raw.detect, &root.key("detect"), checker);
        let incidents = Incidents::check(&raw.incidents, &root.key("incidents"), checker);
        let alerts = Alerts::check(&raw.alerts, &root.key("alerts"), checker);
        let chat = Chat::check(&raw.chat, &root.key("chat"), checker);
        let decide = Decide::check(&raw.decide, &root.key("decide"), checker);
        let channels = Channel::check_all(&raw.channel, &root.key("channel"), checker);
        let sources = Source::check_all(&raw.source, &collect.cron, &channels, &root.key("source"), checker);
        let routes = Route::check_all(&raw.route, &channels, &root.key("route"), checker);
        let deliver = Deliver::check_all(&raw.deliver, (&channels, &routes), decide.enabled, checker);
        let heal = Heal::check(&raw.heal, &root.key("heal"), checker);
        let known = playbook::Known { channels: &channels, receivers: &alerts.receivers, commands: &heal.commands };
        let playbooks = Playbook::check_all(&raw.playbook, &known, &root.key("playbook"), checker);
        let learn = Learn::check(&raw.learn, &root.key("learn"), checker);
        let work = Work::check_all(&raw.work, &root.key("work"), checker);
        let reports = Report::check_all(&raw.report, &alerts.receivers, &root.key("report"), checker);
        Self {
            server,
            store,
            collect,
            forecast,
            detect,
            incidents,
            alerts,
            chat,
            decide,
            heal,
            learn,
            channels,
            sources,
            routes,
            deliver,
            playbooks,
            work,
            reports,
        }
    }

    /// The prices of all channels.
    #[must_use]
    pub fn prices(&self) -> PriceList {
        let mut list = PriceList::default();
        for channel in &self.channels {
            for price in &channel.prices {
                list.add(channel.name.clone(), *price);
            }
        }
        list
    }
}

/// Longest accepted name of a token, a source or a route class, in bytes.
const MAX_NAME_BYTES: usize = 100;

/// Checks a name that shows up in metrics, logs and addresses: letters, digits, `_`, `-`, `.`, and not used before.
fn unique_name(name: &str, path: &Path, taken: &mut BTreeSet<String>, checker: &mut Checker<'_>) -> Option<String> {
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'));
    if name.is_empty() || name.len() > MAX_NAME_BYTES || !plain {
        let message =
            format!("expected a name of 1 to {MAX_NAME_BYTES} letters, digits, `_`, `-` or `.`, found `{name}`");
        checker.fail(path, message);
        return None;
    }
    if !taken.insert(name.to_owned()) {
        checker.fail(path, format!("the name `{name}` is used twice; names must differ"));
        return None;
    }
    Some(name.to_owned())
}
