//! What a look at the engine and a look at a store have in common.

use std::collections::BTreeMap;

use crate::chat::facts::{self, Channel, Promise, Share};
use crate::domain::batch::Amendment;
use crate::domain::column::Column;
use crate::domain::ids::ChannelId;
use crate::domain::target::{Quantity, Target};
use crate::domain::time::{MINUTES_PER_DAY, Minute};
use crate::engine::{Situation, View, kept};
use crate::incident::evidence::Evidence;
use crate::incident::state::Incident;
use crate::incident::told::Told;
use crate::report::facts::Kept;
use crate::store::Snapshot;
use crate::store::query::{self, Combine, QueryError, RangeQuery, TopQuery};

/// Minutes of a step of a small chart.
pub const STEP_MINUTES: u32 = 3;
/// Steps of a small chart: an hour.
const STEPS: u32 = 20;
/// Columns that are blamed by name; `/v1/incidents` has all of them.
const MOST_BLAMED: usize = 3;
/// Risks that are given.
pub const MOST_RISKS: usize = 20;

/// The minutes of all channels, published or not.
#[derive(Debug, Clone, Copy)]
pub struct Minutes<'a> {
    /// The published files.
    pub snapshot: &'a Snapshot,
    /// What is not in them yet.
    pub fresh: &'a [Amendment],
}

impl<'a> From<&'a View> for Minutes<'a> {
    fn from(view: &'a View) -> Self {
        Self { snapshot: &view.snapshot, fresh: &view.fresh }
    }
}

/// The hour before the step that `now` lies in: whole steps only.
#[must_use]
pub const fn hour_before(now: Minute) -> (Minute, Minute) {
    let to = now.floor_to(STEP_MINUTES);
    (to.minus(STEP_MINUTES * STEPS), to)
}

impl Minutes<'_> {
    /// The newest minute of which anything is known.
    #[must_use]
    pub fn newest(&self) -> Option<Minute> {
        let files = self.snapshot.catalog().files_of("samples").iter().map(|file| file.last_minute);
        files.chain(self.fresh.iter().map(|row| row.sample.minute)).max()
    }

    /// The totals of `columns` of every channel with a row in `[from, to)`, by name; other columns stay unknown.
    ///
    /// # Errors
    /// [`QueryError`].
    pub fn totals(&self, columns: &[Column], (from, to): (Minute, Minute)) -> Result<Vec<Channel>, QueryError> {
        let mut channels: BTreeMap<ChannelId, Channel> = BTreeMap::new();
        for &column in columns {
            let question = TopQuery { column, from, to, n: usize::MAX, descending: true, combine: Combine::True };
            for (channel, value) in query::top(self.snapshot, self.fresh, &question)? {
                let none = || Channel { channel: channel.to_string(), ..Channel::default() };
                let of = channels.entry(channel.clone()).or_insert_with(none);
                let place = match column {
                    Column::Requests => &mut of.requests,
                    Column::Errors => &mut of.errors,
                    Column::LatencyP50 => &mut of.latency_p50_ms,
                    Column::LatencyP95 => &mut of.latency_p95_ms,
                    Column::TokensCompletion => &mut of.tokens_completion,
                    Column::Cost => &mut of.cost_usd,
                    _ => continue,
                };
                *place = Some(value);
            }
        }
        Ok(channels.into_values().collect())
    }

    /// Fills in the last hour of `channels`.
    ///
    /// # Errors
    /// [`QueryError`].
    pub fn last_hour(&self, channels: &mut [Channel], now: Minute) -> Result<(), QueryError> {
        let names: Vec<ChannelId> = channels.iter().filter_map(|of| ChannelId::new(&of.channel).ok()).collect();
        let mut latency = self.steps(&names, Column::LatencyP95, now)?;
        let mut failing = self.ratios(&names, Column::Errors, now)?;
        for of in channels {
            let Ok(name) = ChannelId::new(&of.channel) else { continue };
            of.last_hour_p95_ms = latency.remove(&name).unwrap_or_default();
            of.last_hour_failing = failing.remove(&name).unwrap_or_default();
        }
        Ok(())
    }

    /// `target` of `channel` over the last hour; sums are those of one minute.
    ///
    /// # Errors
    /// [`QueryError`].
    pub fn course(&self, channel: &ChannelId, target: Target, now: Minute) -> Result<Vec<Option<f64>>, QueryError> {
        let names = std::slice::from_ref(channel);
        let mut steps = match target {
            Target::ErrorRatio => self.ratios(names, Column::Errors, now)?,
            Target::ThrottledRatio => self.ratios(names, Column::Throttled, now)?,
            Target::Column(column) => self.steps(names, column, now)?,
        };
        let adds_up = matches!(target.quantity(), Quantity::Count | Quantity::Money);
        let per_minute = |value: f64| if adds_up { value / f64::from(STEP_MINUTES) } else { value };
        Ok(steps.remove(channel).unwrap_or_default().into_iter().map(|value| value.map(per_minute)).collect())
    }

    fn steps(
        &self,
        channels: &[ChannelId],
        column: Column,
        now: Minute,
    ) -> Result<BTreeMap<ChannelId, Vec<Option<f64>>>, QueryError> {
        let (from, to) = hour_before(now);
        let question = RangeQuery { channels: channels.to_vec(), column, from, to, step_minutes: STEP_MINUTES };
        let series = query::range(self.snapshot, self.fresh, &question)?;
        let values = |points: Vec<(Minute, Option<f64>)>| points.into_iter().map(|(_, value)| value).collect();
        Ok(series.into_iter().map(|series| (series.channel, values(series.points))).collect())
    }

    /// `part` of the calls of each step.
    fn ratios(
        &self,
        channels: &[ChannelId],
        part: Column,
        now: Minute,
    ) -> Result<BTreeMap<ChannelId, Vec<Option<f64>>>, QueryError> {
        let mut parts = self.steps(channels, part, now)?;
        let calls = self.steps(channels, Column::Requests, now)?;
        for (channel, values) in &mut parts {
            for (at, value) in values.iter_mut().enumerate() {
                let calls = calls.get(channel).and_then(|calls| calls.get(at).copied().flatten());
                *value = value.zip(calls.filter(|calls| *calls > 0.0)).map(|(part, calls)| part / calls);
            }
        }
        Ok(parts)
    }
}

/// How the promises of every class were kept in the day before `now`, as far as `situation` knows.
#[must_use]
pub fn promises(situation: &Situation, now: Minute) -> BTreeMap<String, Vec<Promise>> {
    let mut promises: BTreeMap<String, Vec<Promise>> = BTreeMap::new();
    for of in kept(situation, now.minus(MINUTES_PER_DAY), now) {
        let kept = of.ratio();
        let Kept { class, promise, target, limit_ms, budget_left, .. } = of;
        promises.entry(class).or_default().push(Promise { promise, target, limit_ms, kept, budget_left });
    }
    promises
}

/// Shares, the largest first; of equal ones by name.
#[must_use]
pub fn shares<'a, N: ToString + 'a>(shares: impl IntoIterator<Item = (&'a N, &'a f64)>) -> Vec<Share> {
    let share = |(channel, share): (&N, &f64)| Share { channel: channel.to_string(), share: *share };
    let mut shares: Vec<Share> = shares.into_iter().map(share).collect();
    shares.sort_by(|one, other| other.share.total_cmp(&one.share));
    shares
}

/// An incident as its row tells it; `None` if it is a group, or over.
#[must_use]
pub fn told(told: &Told) -> Option<facts::Incident> {
    let channel = told.channel().filter(|_| told.is_open())?;
    Some(facts::Incident {
        id: told.id().to_owned(),
        severity: told.severity().to_owned(),
        kind: told.kind().to_owned(),
        channel: channel.to_owned(),
        since: told.times.opened,
        blamed: told.evidence().as_ref().map(blamed).unwrap_or_default(),
        is_acknowledged: told.times.acknowledged.is_some(),
    })
}

/// An incident as the engine has it.
#[must_use]
pub fn incident(of: &Incident) -> facts::Incident {
    facts::Incident {
        id: of.id.to_string(),
        severity: of.severity.name().to_owned(),
        kind: of.kind.name().to_owned(),
        channel: of.channel.to_string(),
        since: of.times.opened,
        blamed: blamed(&of.evidence),
        is_acknowledged: of.times.acknowledged.is_some(),
    }
}

/// The columns to blame, the oddest first.
fn blamed(evidence: &Evidence) -> Vec<String> {
    let mut columns: Vec<(&String, f64)> = evidence.columns.iter().map(|(name, of)| (name, of.worst.score)).collect();
    columns.sort_by(|one, other| other.1.total_cmp(&one.1));
    columns.into_iter().take(MOST_BLAMED).map(|(name, _)| name.clone()).collect()
}

/// Puts the gravest and newest first.
pub fn sort(incidents: &mut [facts::Incident]) {
    incidents.sort_by(|one, other| (&one.severity, other.since, &one.id).cmp(&(&other.severity, one.since, &other.id)));
}

/// Marks channels with their incidents and their highest risk.
pub fn mark(channels: &mut [Channel], incidents: &[facts::Incident], risks: &[facts::Risk]) {
    for of in channels {
        of.is_in_trouble = incidents.iter().any(|incident| incident.channel == of.channel);
        let own = risks.iter().filter(|risk| risk.channel == of.channel).map(|risk| risk.probability);
        of.risk = own.reduce(f64::max);
    }
}
