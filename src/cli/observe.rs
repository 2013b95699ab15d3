//! Keeps the program's own metrics up to date with what the engine says about itself.

use std::collections::BTreeMap;

use tokio::sync::watch;

use crate::anomaly::verdict::State;
use crate::domain::target::Target;
use crate::domain::time::Minute;
use crate::engine::{Engine, Situation, Status};
use crate::forecast::output::Levels;
use crate::incident::severity::Severity;
use crate::store::Snapshot;
use crate::telemetry::names::Metric;
use crate::telemetry::recorder::Recorder;

/// Seconds between two looks. Scrapes are rarely closer together.
const EVERY_S: i64 = 5;

/// Looks every few seconds until `stop` turns true.
pub(super) async fn observe(engine: Engine, recorder: Recorder, mut stop: watch::Receiver<bool>) {
    let (mut forecast_of, mut judged) = (Minute(0), None);
    loop {
        record(&engine.status());
        // An empty span: only the files are wanted.
        record_store(&engine.view(None, Minute(0), Minute(0)).snapshot);
        record_forecasts(&engine, &mut forecast_of);
        record_incidents(&engine.situation());
        record_judgements(&engine, &mut judged);
        recorder.upkeep();
        tokio::select! {
            () = engine.clock().sleep_until(engine.clock().now().plus_seconds(EVERY_S)) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

/// Minutes ahead whose forecasts are shown.
const AHEAD: [usize; 3] = [5, 15, 60];

/// Shows the forecasts of every channel once a minute, if the configuration asks for it; `last` is when it was done.
fn record_forecasts(engine: &Engine, last: &mut Minute) {
    let now = engine.clock().now().minute();
    if !engine.settings().forecast.metrics || *last == now {
        return;
    }
    *last = now;
    for channel in engine.channels() {
        for target in Target::ALL {
            let Ok(seen) = engine.forecast(&channel, target, AHEAD[2], &Levels::default()) else { continue };
            for (level, steps) in [0.05, 0.5, 0.95].into_iter().flat_map(|level| AHEAD.map(|steps| (level, steps))) {
                let value = seen.forecast.levels.position(level).map(|at| seen.forecast.at(steps - 1)[at]);
                let labels = [
                    ("channel", channel.to_string()),
                    ("column", target.name().to_owned()),
                    ("horizon_s", (steps * 60).to_string()),
                    ("quantile", level.to_string()),
                ];
                metrics::gauge!(Metric::Forecast.name(), &labels).set(value.unwrap_or(f64::NAN));
            }
        }
    }
}

/// Shows how many incidents are open: people may close one at any time.
fn record_incidents(situation: &Situation) {
    for severity in Severity::ALL {
        let open = situation.incidents.iter().filter(|incident| incident.severity == severity).count();
        metrics::gauge!(Metric::IncidentsOpen.name(), "severity" => severity.name()).set(as_float(open as u64));
    }
}

/// Shows what is left of error budgets once for each judged minute, and how odd and how risky channels are if the
/// configuration asks for it; `last` is the minute that was shown.
fn record_judgements(engine: &Engine, last: &mut Option<Minute>) {
    let situation = engine.situation();
    let Some(minute) = situation.minute.filter(|minute| *last != Some(*minute)) else { return };
    *last = Some(minute);
    for (class, kept) in &situation.classes {
        for (promise, budget) in &kept.budgets {
            let labels = [("class", class.clone()), ("promise", promise.name().to_owned())];
            metrics::gauge!(Metric::BudgetLeft.name(), &labels).set(budget.left(minute));
        }
    }
    if !engine.settings().detect.as_ref().is_some_and(|detect| detect.metrics) {
        return;
    }
    for (channel, seen) in &situation.channels {
        for (column, verdict) in &seen.verdicts {
            let labels = [("channel", channel.to_string()), ("column", column.name().to_owned())];
            // Of a minute of which nothing can be said there is no score, which is not a score of zero.
            let score = if verdict.state == State::Judged { verdict.score } else { f64::NAN };
            metrics::gauge!(Metric::AnomalyScore.name(), &labels).set(score);
        }
        for (class, risk) in &seen.risks {
            let horizon_s = (risk.horizon * 60).to_string();
            let labels = [("channel", channel.to_string()), ("class", class.clone()), ("horizon_s", horizon_s)];
            metrics::gauge!(Metric::Risk.name(), &labels).set(risk.probability);
        }
    }
}

fn record(status: &Status) {
    let counters = [
        (Metric::IngestCalls, status.calls),
        (Metric::IngestBatches, status.batches),
        (Metric::IngestDuplicates, status.duplicate_batches),
        (Metric::IngestLate, status.late),
        (Metric::Publications, status.publications),
        (Metric::PublishFailures, status.failed_publications),
    ];
    for (metric, total) in counters {
        metrics::counter!(metric.name()).absolute(total);
    }
    set(Metric::OpenMinutes, status.open_rows as u64);
    set(Metric::Channels, status.channels as u64);
}

fn record_store(snapshot: &Snapshot) {
    let catalog = snapshot.catalog();
    set(Metric::CatalogVersion, catalog.version);
    set(Metric::Quarantined, catalog.counters.quarantined);
    let mut tables: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for file in &catalog.files {
        let (files, bytes) = tables.entry(&file.table).or_default();
        *files += 1;
        *bytes += file.bytes;
    }
    for (table, (files, bytes)) in tables {
        metrics::gauge!(Metric::StoreFiles.name(), "table" => table.to_owned()).set(as_float(files));
        metrics::gauge!(Metric::StoreBytes.name(), "table" => table.to_owned()).set(as_float(bytes));
    }
}

fn set(metric: Metric, value: u64) {
    metrics::gauge!(metric.name()).set(as_float(value));
}

#[expect(clippy::cast_precision_loss, reason = "metrics are floats; counts stay far below 2^53")]
const fn as_float(value: u64) -> f64 {
    value as f64
}
