//! A look at the running engine.

use crate::api::chat::look::{self, MOST_RISKS, Minutes};
use crate::api::chat::money;
use crate::chat::answer::known;
use crate::chat::facts::{Channel, Class, Incident, Mode, Risk, Spend, Status, Waiting, Why};
use crate::chat::intent::Subject;
use crate::chat::names::Names;
use crate::domain::column::Column;
use crate::domain::ids::ChannelId;
use crate::domain::time::{MINUTES_PER_DAY, Minute, Timestamp};
use crate::engine::{ChannelSituation, ClassMode, Engine, RunState, View};
use crate::risk;
use crate::store::query::QueryError;

/// Minutes that figures of channels are about.
pub const LATELY_MINUTES: u32 = 15;
/// Channels that are shown at once.
const MOST_CHANNELS: usize = 12;
/// What is shown of each channel.
const COLUMNS: [Column; 3] = [Column::Requests, Column::Errors, Column::LatencyP95];

/// The names that people may use.
#[must_use]
pub fn names(engine: &Engine) -> Names {
    let channels = engine.channels().iter().map(ToString::to_string).collect();
    let decided = engine.modes().into_iter().map(|of| of.class);
    let promised = engine.situation().classes.keys().cloned().collect::<Vec<_>>();
    let mut classes: Vec<String> = decided.chain(promised).collect();
    classes.sort();
    classes.dedup();
    Names { channels, classes }
}

/// How everything is at `now`, or what `about` names. Blocks.
///
/// # Errors
/// [`QueryError`].
pub fn status(engine: &Engine, view: &View, about: Option<&Subject>, now: Timestamp) -> Result<Status, QueryError> {
    let minutes = Minutes::from(view);
    let minute = now.minute();
    let (channel, class) = known(about);
    let mut classes = classes(engine, minute);
    classes.retain(|of| {
        class.is_none_or(|class| of.class == class)
            && channel.is_none_or(|name| of.shares.iter().any(|share| share.channel == name))
    });
    let serves = |name: &str| classes.iter().any(|of| of.shares.iter().any(|share| share.channel == name));
    let is_wanted = |name: &str| match (channel, class) {
        (Some(channel), _) => channel == name,
        (_, Some(_)) => serves(name),
        _ => true,
    };
    let mut incidents = incidents(engine, None);
    incidents.retain(|of| is_wanted(&of.channel));
    let mut risks = risks(engine);
    risks.retain(|of| is_wanted(&of.channel) && class.is_none_or(|class| of.class == class));

    let lately = (minute.plus(1).minus(LATELY_MINUTES), minute.plus(1));
    let mut channels = minutes.totals(&COLUMNS, lately)?;
    channels.retain(|of| is_wanted(&of.channel));
    if let Some(name) = channel.filter(|_| channels.is_empty()) {
        channels.push(Channel { channel: name.to_owned(), ..Channel::default() });
    }
    look::mark(&mut channels, &incidents, &risks);
    // Who needs a look comes first, then who carries most.
    let rank = |of: &Channel| (of.is_in_trouble, of.risk.unwrap_or(0.0), of.requests.unwrap_or(0.0));
    channels.sort_by(|one, other| {
        let ((one_open, one_risk, one_calls), (open, risk, calls)) = (rank(one), rank(other));
        open.cmp(&one_open).then(risk.total_cmp(&one_risk)).then(calls.total_cmp(&one_calls))
    });
    let more_channels = channels.len().saturating_sub(MOST_CHANNELS);
    channels.truncate(MOST_CHANNELS);
    minutes.last_hour(&mut channels, minute)?;
    risks.truncate(MOST_RISKS);
    let day = engine.worth(lately.1.minus(MINUTES_PER_DAY), lately.1)?;
    let wanted = day.into_iter().filter(|of| class.is_none_or(|class| of.class == class));
    // Worth is that of a class, never of one of its channels.
    let worth = if channel.is_none() { money::worth(wanted.map(|of| of.worth)) } else { None };
    // Of one channel or class it is another question.
    let spend = if about.is_none() { Some(spend(engine)?) } else { None };
    Ok(Status { at: now, newest: minutes.newest(), classes, channels, more_channels, incidents, risks, worth, spend })
}

/// Every route class: its mode, its promises, its shares, and what waits.
fn classes(engine: &Engine, now: Minute) -> Vec<Class> {
    let mut promises = look::promises(&engine.situation(), now);
    let mut classes: Vec<Class> = engine
        .modes()
        .into_iter()
        .map(|of| {
            let told = engine.decision(&of.class);
            let shares = told.map(|told| look::shares(&told.decision.plan.shares)).unwrap_or_default();
            Class {
                mode: Some(of.mode.name()),
                promises: promises.remove(&of.class).unwrap_or_default(),
                shares,
                waiting: of.waiting.map(|waiting| waiting.id()),
                class: of.class,
            }
        })
        .collect();
    let watched = |(class, promises)| Class { class, mode: None, promises, shares: Vec::new(), waiting: None };
    classes.extend(promises.into_iter().map(watched));
    classes
}

/// Open incidents, of `channel` only if that is named, the gravest first.
#[must_use]
pub fn incidents(engine: &Engine, channel: Option<&str>) -> Vec<Incident> {
    let situation = engine.situation();
    let open = situation.incidents.iter().filter(|of| channel.is_none_or(|name| of.channel.as_str() == name));
    let mut incidents: Vec<Incident> = open.map(look::incident).collect();
    look::sort(&mut incidents);
    incidents
}

/// The probability of the longest horizon of each channel and class, the highest first.
fn risks(engine: &Engine) -> Vec<Risk> {
    let situation = engine.situation();
    let longest = |of: &ChannelSituation| of.risks.iter().map(|(_, risk)| risk.horizon).max();
    let of_channel = |(channel, of): (&ChannelId, &ChannelSituation)| {
        let wanted = of.risks.iter().filter(|(_, risk)| Some(risk.horizon) == longest(of));
        let risk = |(class, risk): &(String, risk::outlook::Risk)| Risk {
            channel: channel.to_string(),
            class: class.clone(),
            probability: risk.probability,
        };
        wanted.map(risk).collect::<Vec<_>>()
    };
    let mut risks: Vec<Risk> = situation.channels.iter().flat_map(of_channel).collect();
    risks.sort_by(|one, other| other.probability.total_cmp(&one.probability));
    risks
}

/// What may be done about each class.
#[must_use]
pub fn modes(engine: &Engine) -> Vec<Mode> {
    let mode = |of: ClassMode| Mode {
        class: of.class,
        mode: of.mode.name(),
        configured: of.configured.name(),
        set: of.set.map(|set| (set.by, set.reason)),
    };
    engine.modes().into_iter().map(mode).collect()
}

/// What waits for a person: changes of routing, then runs of playbooks.
#[must_use]
pub fn waiting(engine: &Engine) -> Vec<Waiting> {
    let change = |of: ClassMode| {
        let proposal = of.waiting?;
        Some(Waiting {
            id: proposal.id(),
            about: of.class,
            since: proposal.since,
            expires: proposal.expires,
            shares: look::shares(&proposal.decision.plan.shares),
            needed: proposal.needed,
            approved_by: proposal.approvals.iter().map(|approval| approval.by.clone()).collect(),
            why: Why::Report(proposal.decision.report),
        })
    };
    let runs = engine.playbooks().into_iter().flat_map(|of| of.runs);
    let run = |of: RunState| {
        let (needed, approved_by, expires) = of.asks?;
        Some(Waiting {
            id: of.id,
            about: of.channel,
            since: of.began,
            expires,
            shares: Vec::new(),
            why: Why::Said(of.cause),
            needed,
            approved_by,
        })
    };
    engine.modes().into_iter().filter_map(change).chain(runs.filter_map(run)).collect()
}

/// What is spent. Blocks.
///
/// # Errors
/// [`QueryError`].
pub fn spend(engine: &Engine) -> Result<Spend, QueryError> {
    engine.spend().map(|spend| money::spend(&spend))
}
