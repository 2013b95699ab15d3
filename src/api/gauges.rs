//! What `/metrics` shows of how everything stands: written when it is asked for, so that nothing outlives what it is about.
//!
//! A channel that was not heard in the newest minute has no score and no risk, a class that was removed no budget, and while
//! nothing is judged at all there are neither scores nor risks.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::anomaly::verdict::State;
use crate::domain::ids::ChannelId;
use crate::domain::target::Target;
use crate::domain::time::{Minute, Timestamp};
use crate::engine::{Engine, Situation, Status};
use crate::forecast::output::{Forecast, Levels};
use crate::incident::severity::Severity;
use crate::store::Snapshot;
use crate::telemetry::names::Metric;
use crate::telemetry::page::Page;

/// Seconds after the end of the minute that was judged last for which its scores and risks are still news.
const NEWS_S: i64 = 180;
/// Minutes ahead whose forecasts are shown.
const AHEAD: [usize; 3] = [5, 15, 60];
/// Quantiles of them that are shown.
const SHOWN: [f64; 3] = [0.05, 0.5, 0.95];

/// The gauges of the engine's state at this moment. Blocks for as long as it takes to read it.
#[must_use]
pub fn of(engine: &Engine) -> String {
    let mut page = Page::default();
    status(&mut page, &engine.status());
    // An empty span: only the files are wanted.
    store(&mut page, &engine.view(None, Minute(0), Minute(0)).snapshot);
    let situation = engine.situation();
    kept(&mut page, &situation);
    if engine.settings().detect.as_ref().is_some_and(|detect| detect.metrics) {
        judged(&mut page, &situation, engine.clock().now());
    }
    page.into_text()
}

fn status(page: &mut Page, status: &Status) {
    page.gauge::<&str, 0>(Metric::OpenMinutes, [([], as_float(status.open_rows as u64))]);
    page.gauge::<&str, 0>(Metric::Channels, [([], as_float(status.channels as u64))]);
}

fn store(page: &mut Page, snapshot: &Snapshot) {
    let catalog = snapshot.catalog();
    page.gauge::<&str, 0>(Metric::CatalogVersion, [([], as_float(catalog.version))]);
    page.gauge::<&str, 0>(Metric::Quarantined, [([], as_float(catalog.counters.quarantined))]);
    let mut tables: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for file in &catalog.files {
        let (files, bytes) = tables.entry(&file.table).or_default();
        *files += 1;
        *bytes += file.bytes;
    }
    page.gauge(Metric::StoreFiles, tables.iter().map(|(table, (files, _))| ([table], as_float(*files))));
    page.gauge(Metric::StoreBytes, tables.iter().map(|(table, (_, bytes))| ([table], as_float(*bytes))));
}

/// Incidents that are open, and what is left of error budgets.
fn kept(page: &mut Page, situation: &Situation) {
    let open = Severity::ALL.map(|severity| {
        let open = situation.incidents.iter().filter(|incident| incident.severity == severity).count();
        ([severity.name()], as_float(open as u64))
    });
    page.gauge(Metric::IncidentsOpen, open);
    let Some(minute) = situation.minute else { return };
    let budgets = situation.classes.iter().flat_map(|(class, kept)| {
        kept.budgets.iter().map(move |(promise, budget)| ([class.as_str(), promise.name()], budget.left(minute)))
    });
    page.gauge(Metric::BudgetLeft, budgets);
}

/// How odd and how risky channels are, of the minute that was judged last.
fn judged(page: &mut Page, situation: &Situation, now: Timestamp) {
    if situation.minute.is_none_or(|minute| minute.end().plus_seconds(NEWS_S) < now) {
        return;
    }
    let scores = situation.channels.iter().flat_map(|(channel, seen)| {
        // Of a minute of which nothing can be said there is no score, which is not a score of zero.
        let judged = seen.verdicts.iter().filter(|(_, verdict)| verdict.state == State::Judged);
        judged.map(move |(column, verdict)| ([channel.to_string(), column.name().to_owned()], verdict.score))
    });
    page.gauge(Metric::AnomalyScore, scores);
    let risks = situation.channels.iter().flat_map(|(channel, seen)| {
        seen.risks.iter().map(move |(class, risk)| {
            ([channel.to_string(), class.clone(), (risk.horizon * 60).to_string()], risk.probability)
        })
    });
    page.gauge(Metric::Risk, risks);
}

/// The forecasts as they were shown last, for they change with the minute and take a while to make.
#[derive(Debug, Default)]
pub struct Forecasts(Mutex<(Minute, String)>);

impl Forecasts {
    /// The forecasts of every channel, if the configuration asks for them. Blocks; the first to ask in a minute waits while
    /// they are made, and others with him.
    #[must_use]
    pub fn of(&self, engine: &Engine) -> String {
        if !engine.settings().forecast.metrics {
            return String::new();
        }
        let now = engine.clock().now().minute();
        // A poisoned lock still guards a page that was written whole.
        let mut shown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if shown.0 != now {
            let mut page = Page::default();
            page.gauge(Metric::Forecast, engine.channels().iter().flat_map(|channel| foreseen(engine, channel, now)));
            *shown = (now, page.into_text());
        }
        shown.1.clone()
    }
}

/// The rows of one channel.
fn foreseen(engine: &Engine, channel: &ChannelId, now: Minute) -> Vec<([String; 4], f64)> {
    let mut rows = Vec::new();
    for target in Target::ALL {
        let Ok(seen) = engine.forecast(channel, target, AHEAD[2], &Levels::default()) else { continue };
        let Forecast { grid, levels, .. } = &seen.forecast;
        // One that begins where a channel fell silent an hour ago is of the past.
        if grid.start.minute().plus(60) <= now {
            continue;
        }
        for (level, steps) in SHOWN.into_iter().flat_map(|level| AHEAD.map(|steps| (level, steps))) {
            let value = levels.position(level).and_then(|at| seen.forecast.at(steps - 1).get(at).copied());
            let labels = [channel.to_string(), target.name().to_owned(), (steps * 60).to_string(), level.to_string()];
            rows.push((labels, value.unwrap_or(f64::NAN)));
        }
    }
    rows
}

#[expect(clippy::cast_precision_loss, reason = "metrics are floats; counts stay far below 2^53")]
const fn as_float(value: u64) -> f64 {
    value as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::ChannelSituation;
    use crate::risk::outlook::Risk;

    /// The page of a situation of one channel with one risk, so many seconds after the end of the judged minute.
    fn risks(after_s: i64, channels: &[&str]) -> String {
        let minute = Minute(29_000_000);
        let risk = Risk { horizon: 15, chance: 0.4, probability: 0.25 };
        let seen = ChannelSituation { risks: vec![("chat".to_owned(), risk)], ..ChannelSituation::default() };
        let channels = channels.iter().map(|name| (ChannelId::new(name).expect("a name"), seen.clone())).collect();
        let situation = Situation { minute: Some(minute), channels, ..Situation::default() };
        let mut page = Page::default();
        judged(&mut page, &situation, minute.end().plus_seconds(after_s));
        page.into_text()
    }

    #[test]
    fn risks_are_of_the_channels_that_there_are_and_of_now() {
        let row = |channel| format!("foreroute_risk{{channel=\"{channel}\",class=\"chat\",horizon_s=\"900\"}} 0.25\n");
        let both = risks(10, &["eu", "us"]);
        assert!(both.contains(&row("eu")) && both.contains(&row("us")), "{both}");
        let one = risks(10, &["us"]);
        assert!(!one.contains("eu") && one.contains(&row("us")), "{one}");
        assert_eq!(risks(NEWS_S + 1, &["eu"]), "", "nobody judges");
    }
}
