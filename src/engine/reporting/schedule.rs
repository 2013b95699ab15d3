//! Reports on schedule.
//!
//! A report that came due is about the UTC day before: it is written as HTML, Markdown and JSON into its directory, and a
//! message for each of its receivers is put into the outbox, which is a document. Only when both are on disk it counts as made,
//! so one that the process slept through, or died over, is made up for at the next start; of several that were missed, the
//! last. The first start begins to count: nothing is made for the time before it.

use std::path::Path;

use tokio::sync::watch;

use crate::act::courier::DeliveryError;
use crate::domain::time::Timestamp;
use crate::engine::reporting::kept::Parcel;
use crate::engine::settings::ReportSettings;
use crate::engine::tasks::wait;
use crate::engine::{Engine, EngineError};
use crate::report::figures::Report;
use crate::report::{html, markdown, words};

/// Longest wait for the next look, in seconds: clocks may be set.
const LOOK_S: i64 = 60;
/// Due instants that are gone through at most to find the newest one.
const MOST_MISSED: usize = 100_000;

/// Makes and brings reports when they are due, until `stop`.
pub async fn reports(engine: Engine, mut stop: watch::Receiver<bool>) {
    loop {
        // Of before the making: what comes due meanwhile is seen at once.
        let looked = engine.clock().now();
        for settings in engine.settings().reports.clone() {
            let making = engine.clone();
            let made = tokio::task::spawn_blocking(move || making.make_due(&settings)).await;
            match made {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::error!(%error, "a report was not made; it will be tried again"),
                Err(_) => tracing::error!("making a report broke off; it will be tried again"),
            }
        }
        if !engine.bring_reports(&mut stop).await {
            return;
        }
        let due = engine.settings().reports.iter().filter_map(|of| of.cron.next_after(looked)).min();
        let look = looked.plus_seconds(LOOK_S);
        if !wait(&engine, due.map_or(look, |due| due.min(look)), &mut stop).await {
            return;
        }
    }
}

impl Engine {
    /// Makes the report of `settings` if it came due since it was made last.
    fn make_due(&self, settings: &ReportSettings) -> Result<(), EngineError> {
        let now = self.clock().now();
        let last = self.0.reporting.kept().made.get(&settings.key()).copied();
        let Some(last) = last else {
            self.0.reporting.kept().made.insert(settings.key(), now);
            self.save_reports();
            return Ok(());
        };
        let missed = std::iter::successors(settings.cron.next_after(last), |at| settings.cron.next_after(*at));
        let Some(due) = missed.take(MOST_MISSED).take_while(|at| *at <= now).last() else { return Ok(()) };
        let report = self.report(settings.kind, due.minute().day().minus(1))?;
        if let Some(directory) = &settings.directory {
            write(directory, settings, &report)
                .map_err(|source| EngineError::Report { path: directory.clone(), source })?;
        }
        let parcels: Vec<Parcel> =
            settings.to.iter().filter_map(|to| self.parcel(to, settings, &report, due)).collect();
        let mut kept = self.0.reporting.kept();
        kept.outbox.extend(parcels);
        kept.made.insert(settings.key(), due);
        drop(kept);
        self.save_reports();
        tracing::info!(kind = settings.kind.name(), day = %report.day, "report made");
        Ok(())
    }

    /// What the receiver `to` is told of `report`; `None` if there is no such receiver.
    fn parcel(&self, to: &str, settings: &ReportSettings, report: &Report, due: Timestamp) -> Option<Parcel> {
        let (receiver, _) = self.0.alerting.receiver(to)?;
        let document = words::document(report, settings.language);
        let told = crate::act::report::Told {
            id: &format!("report-{}-{}-{}", settings.kind.name(), settings.language, due.micros()),
            kind: settings.kind.name(),
            at: report.made_at,
            title: &document.title,
            summary: &words::in_short(report, settings.language),
            markdown: &markdown::markdown(&document),
            report: serde_json::to_value(report).unwrap_or_default(),
        };
        let message = receiver.report(&told)?;
        let body = String::from_utf8(message.body).ok()?;
        Some(Parcel { receiver: to.to_owned(), id: message.id, body })
    }

    /// Brings what is in the outbox; `false` if it is time to stop, then it waits for the next start.
    async fn bring_reports(&self, stop: &mut watch::Receiver<bool>) -> bool {
        loop {
            let Some(parcel) = self.0.reporting.kept().outbox.front().cloned() else { return !*stop.borrow() };
            if let Some((receiver, courier)) = self.0.alerting.receiver(&parcel.receiver) {
                let message =
                    crate::act::receiver::Message { id: parcel.id.clone(), body: parcel.body.clone().into_bytes() };
                match courier.deliver(receiver, &message, stop).await {
                    Ok(()) => {}
                    Err(DeliveryError::Stopping) => return false,
                    Err(error) => {
                        tracing::warn!(receiver = parcel.receiver, id = parcel.id, %error, "a report was given up");
                    }
                }
            }
            self.0.reporting.kept().remove(&parcel);
            let saving = self.clone();
            if tokio::task::spawn_blocking(move || saving.save_reports()).await.is_err() {
                tracing::error!("saving which reports were made broke off");
            }
        }
    }
}

/// Writes `report` into `directory`, each file whole or not at all.
fn write(directory: &Path, settings: &ReportSettings, report: &Report) -> std::io::Result<()> {
    std::fs::create_dir_all(directory)?;
    let document = words::document(report, settings.language);
    let json = serde_json::to_string_pretty(report).unwrap_or_default() + "\n";
    let name = format!("{}-{}-{}", settings.kind.name(), report.day, settings.language);
    for (ending, text) in [("md", markdown::markdown(&document)), ("html", html::html(&document)), ("json", json)] {
        let path = directory.join(format!("{name}.{ending}"));
        let beside = directory.join(format!(".{name}.{ending}.new"));
        std::fs::write(&beside, text)?;
        std::fs::rename(&beside, &path)?;
    }
    Ok(())
}
