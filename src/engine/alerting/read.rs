//! Values of the series that rules are about, over published and open minutes alike.

mod judged;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::alert::rule::{Labels, Missing, Side};
use crate::config::valid::{Series, Take};
use crate::domain::column::{Aggregate, Column};
use crate::domain::gauge::GaugeMinute;
use crate::domain::ids::ChannelId;
use crate::domain::time::{Minute, Timestamp};
use crate::engine::settings::WatchedRule;
use crate::engine::{Engine, View};
use crate::store::query::{self, Combine, QueryError, TopQuery};

/// Share of a window that must have been watched for a sum over it to be known.
const WATCHED: f64 = 0.75;

/// One round's look at everything: each question is asked once, however many rules want its answer.
pub(super) struct Reading<'e> {
    engine: &'e Engine,
    view: View,
    /// First minute after every window.
    to: Minute,
    /// Every channel, with its labels.
    channels: Vec<(ChannelId, Labels)>,
    columns: BTreeMap<(Column, u32), BTreeMap<ChannelId, f64>>,
}

impl<'e> Reading<'e> {
    /// A look at the windows before `to` of `rules`.
    pub(super) fn new(engine: &'e Engine, rules: &[WatchedRule], to: Minute) -> Self {
        let longest = rules.iter().map(|rule| minutes(&rule.series)).max().unwrap_or(0);
        let described = &engine.settings().alerts.channels;
        let labels = |channel: ChannelId| {
            let plain = || Labels::new([("channel", channel.as_str())]);
            (channel.clone(), described.get(&channel).cloned().unwrap_or_else(plain))
        };
        Self {
            engine,
            view: engine.view(None, to.minus(longest), to),
            to,
            channels: engine.channels().into_iter().map(labels).collect(),
            columns: BTreeMap::new(),
        }
    }

    /// The series of `rule` by labels, NaN where a value is not known.
    ///
    /// # Errors
    /// [`QueryError`] if a file cannot be read.
    pub(super) fn values(&mut self, rule: &WatchedRule) -> Result<BTreeMap<Labels, f64>, QueryError> {
        match &rule.series {
            Series::Column { column, minutes } => {
                let values = self.column(*column, *minutes)?;
                if column.spec().aggregate != Aggregate::Sum {
                    return Ok(self.by_labels(rule, |channel| values.get(channel).copied()));
                }
                let watched = self.watched(*minutes)?;
                let sum = |channel: &ChannelId| {
                    let is_watched = watched.contains(channel);
                    // Minutes without a call may have no row yet.
                    let quiet = (is_watched && !column.spec().nullable).then_some(0.0);
                    let value = values.get(channel).copied().or(quiet)?;
                    // Of a sum over less than the window only this is known: it is not smaller.
                    let is_breach = rule.rule.condition.side() == Side::Above && rule.rule.condition.is_breach(value);
                    (is_watched || is_breach).then_some(value)
                };
                Ok(self.by_labels(rule, sum))
            }
            Series::Ratio { part, minutes } => {
                let (parts, calls) = (self.column(*part, *minutes)?, self.column(Column::Requests, *minutes)?);
                let ratio = |channel: &ChannelId| {
                    let calls = calls.get(channel).filter(|calls| **calls > 0.0)?;
                    Some(parts.get(channel)? / calls)
                };
                Ok(self.by_labels(rule, ratio))
            }
            Series::Score { .. } | Series::Risk { .. } | Series::BurnRate { .. } => Ok(self.judged(rule)),
            Series::Gauge { metric, take, minutes } => {
                let (from, to) = (self.to.minus(*minutes), self.to);
                let found = query::gauges(&self.view.snapshot, &self.view.fresh_gauges, metric, from, to)?;
                Ok(gauges(rule, *take, &found))
            }
        }
    }

    /// Whether there may be a series of these labels; gauges come and go.
    pub(super) fn may_come(&self, rule: &WatchedRule, labels: &Labels) -> bool {
        match &rule.series {
            Series::Column { .. } | Series::Ratio { .. } | Series::Score { .. } | Series::Risk { .. } => {
                self.wanted(rule).any(|(_, known)| known == *labels)
            }
            Series::Gauge { .. } => labels.fit(&rule.labels),
            Series::BurnRate { class, promise, .. } => {
                labels.get("class") == class && labels.get("promise") == *promise
            }
        }
    }

    /// What detection makes of the channels or of a route class.
    fn judged(&self, rule: &WatchedRule) -> BTreeMap<Labels, f64> {
        let situation = self.engine.situation();
        let situation = if judged::is_fresh(&situation, self.to) { situation } else { Arc::default() };
        match &rule.series {
            Series::Score { column } => self.by_labels(rule, |channel| judged::score(&situation, channel, *column)),
            Series::Risk { class, horizon } => {
                let mut risks = self.by_labels(rule, |channel| judged::risk(&situation, channel, class, *horizon));
                // Channels that do not serve the class have none, which is no gap.
                risks.retain(|_, risk| !risk.is_nan());
                risks
            }
            Series::BurnRate { class, promise, burn } => judged::burn_rate(&situation, class, promise, *burn),
            Series::Column { .. } | Series::Ratio { .. } | Series::Gauge { .. } => BTreeMap::new(),
        }
    }

    /// The channels that `rule` is about, with the labels of its series.
    fn wanted(&self, rule: &WatchedRule) -> impl Iterator<Item = (&ChannelId, Labels)> {
        let class = match &rule.series {
            Series::Risk { class, .. } => Some(("class".to_owned(), class.clone())),
            _ => None,
        };
        let wanted = self.channels.iter().filter(|(_, labels)| labels.fit(&rule.labels));
        wanted.map(move |(channel, labels)| {
            let mut labels = labels.clone();
            labels.0.extend(class.clone());
            (channel, labels)
        })
    }

    fn by_labels(&self, rule: &WatchedRule, value: impl Fn(&ChannelId) -> Option<f64>) -> BTreeMap<Labels, f64> {
        let known = |(channel, labels)| (labels, value(channel).unwrap_or(f64::NAN));
        self.wanted(rule).map(known).collect()
    }

    /// Channels that were watched for enough of the window.
    fn watched(&mut self, minutes: u32) -> Result<BTreeSet<ChannelId>, QueryError> {
        let needed_s = WATCHED * 60.0 * f64::from(minutes);
        let mut watched_s = self.column(Column::Coverage, minutes)?;
        // After the view: what has been published in between counts too little then, not twice.
        for (channel, open_s) in self.engine.0.state().minutes.watched_s(self.to.minus(minutes), self.to) {
            *watched_s.entry(channel).or_default() += f64::from(open_s);
        }
        Ok(watched_s.into_iter().filter(|(_, seconds)| *seconds >= needed_s).map(|(channel, _)| channel).collect())
    }

    /// The value of `column` over the window of every channel that has one.
    fn column(&mut self, column: Column, minutes: u32) -> Result<BTreeMap<ChannelId, f64>, QueryError> {
        if let Some(known) = self.columns.get(&(column, minutes)) {
            return Ok(known.clone());
        }
        let (from, to) = (self.to.minus(minutes), self.to);
        let all = TopQuery { column, from, to, n: usize::MAX, descending: true, combine: Combine::True };
        let values = query::top(&self.view.snapshot, &self.view.fresh, &all)?;
        let values: BTreeMap<ChannelId, f64> = values.into_iter().collect();
        self.columns.insert((column, minutes), values.clone());
        Ok(values)
    }
}

/// Minutes that a series looks at together.
const fn minutes(series: &Series) -> u32 {
    match series {
        Series::Column { minutes, .. } | Series::Ratio { minutes, .. } | Series::Gauge { minutes, .. } => *minutes,
        Series::Score { .. } | Series::Risk { .. } | Series::BurnRate { .. } => 0,
    }
}

/// Readings of one series over the window.
struct Readings {
    count: u32,
    sum: f64,
    min: f64,
    max: f64,
    last: f64,
    last_ts: Timestamp,
}

fn gauges(rule: &WatchedRule, take: Take, found: &[GaugeMinute]) -> BTreeMap<Labels, f64> {
    let mut series: BTreeMap<Labels, Readings> = BTreeMap::new();
    for minute in found {
        let labels = Labels(minute.labels.clone());
        if !labels.fit(&rule.labels) {
            continue;
        }
        let GaugeMinute { count, sum, min, max, last, last_ts, .. } = *minute;
        let whole = series.entry(labels).or_insert(Readings { count: 0, sum: 0.0, min, max, last, last_ts });
        whole.count = whole.count.saturating_add(count);
        whole.sum += sum;
        (whole.min, whole.max) = (whole.min.min(min), whole.max.max(max));
        if last_ts >= whole.last_ts {
            (whole.last, whole.last_ts) = (last, last_ts);
        }
    }
    let value = |readings: &Readings| match take {
        Take::Last => readings.last,
        Take::Mean => readings.sum / f64::from(readings.count.max(1)),
        Take::Min => readings.min,
        Take::Max => readings.max,
    };
    let mut values: BTreeMap<Labels, f64> =
        series.into_iter().map(|(labels, readings)| (labels, value(&readings))).collect();
    if values.is_empty() && rule.rule.missing == Missing::Breach {
        // Not one series is there that has to be: the rule's own labels stand for it.
        values.insert(rule.labels.clone(), f64::NAN);
    }
    values
}
