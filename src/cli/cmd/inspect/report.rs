//! What `inspect` found, as text and as JSON.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::verify::Fault;
use crate::cli::data::Everything;
use crate::cli::output::{self, Align, Table};
use crate::domain::time::Minute;
use crate::store::{Checked, CheckedJobs, FoundModel, LiveFile, StoreError};

/// Directories of the store beside those of the tables.
const WAL: &str = "wal";
const QUARANTINE: &str = "quarantine";

/// One table's live files, added up.
#[derive(Debug, Clone, Copy)]
struct Total {
    files: u64,
    rows: u64,
    bytes: u64,
    first: Minute,
    last: Minute,
}

/// A file that the catalog does not name.
#[derive(Debug, Clone)]
struct Loose {
    name: String,
    bytes: u64,
}

/// A model file: its name, and its size or what is wrong with it.
type Model = (String, Result<u64, String>);

/// What `inspect` found.
pub(super) struct Report<'a> {
    everything: &'a Everything,
    totals: BTreeMap<&'a str, Total>,
    segments: Vec<Loose>,
    quarantine: Vec<Loose>,
    models: Vec<Model>,
    journal: Checked,
    jobs: CheckedJobs,
    faults: Vec<Fault>,
}

impl<'a> Report<'a> {
    pub(super) fn new(
        everything: &'a Everything,
        data: &Path,
        models: Vec<FoundModel>,
        (journal, jobs): (Checked, CheckedJobs),
        faults: Vec<Fault>,
    ) -> Self {
        let mut totals = BTreeMap::new();
        for file in &everything.snapshot.catalog().files {
            add(&mut totals, file);
        }
        let (segments, quarantine) = (loose_files(&data.join(WAL)), loose_files(&data.join(QUARANTINE)));
        let size = |bytes: Vec<u8>| bytes.len() as u64;
        let problem = |error: StoreError| match error {
            StoreError::Damaged { path, problem } => format!("`{path}`: {problem}"),
            other => other.to_string(),
        };
        let model = |(name, read): FoundModel| (name, read.map(size).map_err(problem));
        let models = models.into_iter().map(model).collect();
        Self { everything, totals, segments, quarantine, models, journal, jobs, faults }
    }

    /// Whether nothing is damaged now. What earlier openings set aside is told, but no longer a fault.
    pub(super) fn is_whole(&self) -> bool {
        let models_are_whole = self.models.iter().all(|(_, read)| read.is_ok());
        models_are_whole
            && self.journal.faults.is_empty()
            && self.jobs.faults.is_empty()
            && self.faults.is_empty()
            && self.everything.report.damage.is_empty()
    }

    pub(super) fn text(&self, files: bool, verified: bool) -> String {
        let mut parts = vec![self.overview(verified), self.tables()];
        if files {
            parts.push(self.files());
        }
        if !self.quarantine.is_empty() {
            let mut table = Table::new([("set aside in quarantine/", Align::Left), ("size", Align::Right)]);
            for file in &self.quarantine {
                table.row([file.name.clone(), output::bytes(file.bytes)]);
            }
            parts.push(table.render(output::styled()));
        }
        let damage = self.everything.report.damage.iter().map(ToString::to_string);
        let faults = self.faults.iter().map(|fault| format!("`{}` {}", fault.path, fault.problem));
        let models = self.models.iter().filter_map(|(_, read)| read.clone().err());
        let mut wrong = String::new();
        let logs = self.journal.faults.iter().chain(&self.jobs.faults).cloned();
        for line in damage.chain(faults).chain(models).chain(logs) {
            let _infallible = writeln!(wrong, "damaged: {line}");
        }
        parts.push(wrong);
        parts.retain(|part| !part.is_empty());
        parts.join("\n")
    }

    fn overview(&self, verified: bool) -> String {
        let catalog = self.everything.snapshot.catalog();
        let counters = catalog.counters;
        let mut table = Table::new([("store", Align::Left), ("", Align::Left)]);
        let published = if catalog.version == 0 { "never" } else { &catalog.written_at };
        table.row(["catalog".to_owned(), format!("version {}, published {published}", catalog.version)]);
        let bytes: u64 = self.segments.iter().map(|segment| segment.bytes).sum();
        table.row(["log".to_owned(), format!("{} segments, {}", self.segments.len(), output::bytes(bytes))]);
        let (frames, fresh) = (self.everything.report.frames, self.everything.fresh.len() as u64);
        let not_yet = format!("{} minutes, {} batches to replay", output::count(fresh), output::count(frames));
        table.row(["not yet published".to_owned(), not_yet]);
        if let Some(tail) = &self.everything.report.tail {
            table.row(["torn end of the log".to_owned(), format!("{tail} (cut off at the next start)")]);
        }
        if !self.models.is_empty() {
            let bytes: u64 = self.models.iter().filter_map(|(_, read)| read.as_ref().ok()).sum();
            table.row(["models".to_owned(), format!("{}, {}", self.models.len(), output::bytes(bytes))]);
        }
        if self.journal.files > 0 {
            let chain = if self.journal.faults.is_empty() { "an unbroken chain" } else { "the chain is broken" };
            let entries = output::count(self.journal.entries);
            table.row(["journal".to_owned(), format!("{entries} entries, {chain}, head {}", self.journal.head)]);
        }
        if self.jobs.files > 0 {
            let events = output::count(self.jobs.events);
            let state = format!("{events} events since their document, {}", output::bytes(self.jobs.bytes));
            table.row(["log of jobs".to_owned(), state]);
        }
        table.row(["late samples".to_owned(), output::count(counters.late_samples)]);
        let lost = format!("{} places, {} batches lost", counters.quarantined, counters.lost_frames);
        table.row(["damage so far".to_owned(), lost]);
        for mark in catalog.imports.values() {
            let state = if mark.complete { "complete" } else { "interrupted; run it again to go on" };
            let rows = output::count(mark.rows_done);
            table.row([format!("import of {}", mark.source), format!("{rows} rows, {state}")]);
        }
        if verified {
            let files = catalog.files.len();
            let state = format!("{} of {files} files are whole", files - self.faults.len());
            table.row(["verified".to_owned(), state]);
        }
        table.render(output::styled())
    }

    fn tables(&self) -> String {
        let mut table = Table::new([
            ("table", Align::Left),
            ("files", Align::Right),
            ("rows", Align::Right),
            ("size", Align::Right),
            ("first minute", Align::Left),
            ("last minute", Align::Left),
        ]);
        for (name, total) in &self.totals {
            table.row([
                (*name).to_owned(),
                output::count(total.files),
                output::count(total.rows),
                output::bytes(total.bytes),
                total.first.to_string(),
                total.last.to_string(),
            ]);
        }
        if table.is_empty() { String::new() } else { table.render(output::styled()) }
    }

    fn files(&self) -> String {
        let mut table = Table::new([
            ("file", Align::Left),
            ("rows", Align::Right),
            ("size", Align::Right),
            ("first minute", Align::Left),
            ("last minute", Align::Left),
        ]);
        for file in &self.everything.snapshot.catalog().files {
            table.row([
                file.path.clone(),
                output::count(file.rows),
                output::bytes(file.bytes),
                file.first_minute.to_string(),
                file.last_minute.to_string(),
            ]);
        }
        table.render(output::styled())
    }

    pub(super) fn json(&self, files: bool, verified: bool) -> Value {
        let catalog = self.everything.snapshot.catalog();
        let report = &self.everything.report;
        let loose = |files: &[Loose]| -> Vec<Value> {
            files.iter().map(|file| json!({"name": file.name, "bytes": file.bytes})).collect()
        };
        let tables: BTreeMap<&str, Value> = self
            .totals
            .iter()
            .map(|(name, total)| {
                let Total { files, rows, bytes, first, last } = total;
                let (first, last) = (first.to_string(), last.to_string());
                (
                    *name,
                    json!({"files": files, "rows": rows, "bytes": bytes, "first_minute": first, "last_minute": last}),
                )
            })
            .collect();
        let model =
            |(name, read): &Model| json!({"name": name, "bytes": read.as_ref().ok(), "problem": read.as_ref().err()});
        let models: Vec<Value> = self.models.iter().map(model).collect();
        let faults: Vec<Value> =
            self.faults.iter().map(|fault| json!({"path": fault.path, "problem": fault.problem})).collect();
        let (journal, jobs) = (&self.journal, &self.jobs);
        json!({
            "jobs": {"files": jobs.files, "bytes": jobs.bytes, "events": jobs.events, "faults": jobs.faults},
            "journal": {"entries": journal.entries, "head": journal.head, "faults": journal.faults},
            "catalog": {
                "version": catalog.version,
                "writer_epoch": catalog.writer_epoch,
                "written_at": catalog.written_at,
                "counters": catalog.counters,
                "imports": catalog.imports,
            },
            "tables": tables,
            "files": files.then_some(&catalog.files),
            "log": {
                "segments": loose(&self.segments),
                "replay_from": report.replay_from.0,
                "batches": report.frames,
                "torn_end": report.tail.as_ref().map(ToString::to_string),
                "damage": report.damage.iter().map(ToString::to_string).collect::<Vec<_>>(),
            },
            "unpublished_minutes": self.everything.fresh.len(),
            "models": models,
            "quarantine": loose(&self.quarantine),
            "faults": verified.then_some(faults),
        })
    }
}

fn add<'a>(totals: &mut BTreeMap<&'a str, Total>, file: &'a LiveFile) {
    let empty = Total { files: 0, rows: 0, bytes: 0, first: file.first_minute, last: file.last_minute };
    let total = totals.entry(file.table.as_str()).or_insert(empty);
    total.files += 1;
    total.rows += file.rows;
    total.bytes += file.bytes;
    total.first = total.first.min(file.first_minute);
    total.last = total.last.max(file.last_minute);
}

/// The files of `directory` by name; none if there is no such directory.
fn loose_files(directory: &Path) -> Vec<Loose> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let loose = entries.filter_map(|entry| {
        let bytes = entry.metadata().ok().filter(std::fs::Metadata::is_file)?.len();
        Some(Loose { name: entry.file_name().to_string_lossy().into_owned(), bytes })
    });
    let mut files: Vec<Loose> = loose.collect();
    files.sort_by(|a, b| a.name.cmp(&b.name));
    files
}
