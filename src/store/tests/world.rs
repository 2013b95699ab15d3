//! A small engine on top of the store, and a way to tell how often each batch counts.
//!
//! Batch `n` brings 4^n prompt tokens and a gauge reading of 4^n. Whatever the pieces are merged into, digit `n` of the
//! sum in base 4 says how often the batch is there. With its tokens a record is published that bears its number.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use crate::domain::batch::{Amendment, Batch, Checkpoint, Mode};
use crate::domain::gauge::{Gauge, GaugeMinute};
use crate::domain::ids::ChannelId;
use crate::domain::record::{Cell, FORECASTS, Record};
use crate::domain::sample::Sample;
use crate::domain::time::{Day, Minute, Timestamp};
use crate::store::faults::SimDisk;
use crate::store::schema::{GAUGES, RECORD_TABLES, SAMPLES, SAMPLES_1H, SAMPLES_5M, TableSpec};
use crate::store::wal::codec;
use crate::store::{
    ImportMark, LiveFile, Lsn, Publication, Recovery, RecoveryReport, Replay, Retention, Store, StoreError,
    StoreOptions, files,
};

/// Batches that fit the digits of an i64.
pub(crate) const MOST_BATCHES: u32 = 26;

/// The day in which everything happens.
pub(crate) const DAY: Day = Day(20_777);

/// A time within the day.
pub(crate) fn now() -> Timestamp {
    DAY.first_minute().plus(300).start()
}

/// A time at which the day has settled.
pub(crate) fn next_day() -> Timestamp {
    Day(DAY.0 + 1).first_minute().plus(600).start()
}

/// Small segments, so that there are several.
pub(crate) const OPTIONS: fn() -> StoreOptions = || StoreOptions {
    wal_segment_bytes: 200,
    retention: Retention {
        samples_days: Some(90),
        gauges_days: Some(90),
        late_days: Some(30),
        samples_5m_days: Some(366),
        samples_1h_days: None,
        forecasts_days: Some(90),
        forecast_accuracy_days: None,
        anomalies_days: Some(90),
        incidents_days: None,
        risks_days: Some(90),
        decisions_days: Some(90),
        actions_days: Some(90),
        work_days: Some(90),
    },
    ..StoreOptions::default()
};

fn weight(number: u32) -> u64 {
    4_u64.pow(number)
}

/// Batch `number`: one piece of a minute and one reading. Numbers are spread over channels, minutes and hours.
pub(crate) fn batch(number: u32) -> Batch {
    let channel = ChannelId::new(["a", "b"][number as usize % 2]).expect("valid name");
    let minute = DAY.first_minute().plus(55 + number / 3 * 2);
    let mut sample = Sample::new(channel, minute);
    sample.tokens_prompt = Some(weight(number));
    #[expect(clippy::cast_precision_loss, reason = "below 2^53")]
    let value = weight(number) as f64;
    let gauge = Gauge { ts: minute.start(), metric: "depth".into(), labels: BTreeMap::new(), value };
    Batch { partials: vec![sample], gauges: vec![gauge], ..Batch::new(now()) }
}

/// What the engine concludes of the piece `sample` of a batch: a forecast whose horizon is the batch's number.
fn conclusion(sample: &Sample) -> Record {
    let tokens = sample.tokens_prompt.expect("every batch brings tokens");
    #[expect(clippy::cast_precision_loss, reason = "below 2^53")]
    let mean: Cell = (tokens as f64).into();
    let at = sample.minute.start();
    let [series, purpose, channel, column, model] =
        ["0123456789abcdef", "asked", sample.channel.as_str(), "tokens_prompt", "naive"].map(Cell::from);
    let horizon = Cell::from(tokens.trailing_zeros() / 2);
    let cells = vec![
        series,
        horizon,
        purpose,
        channel,
        column,
        at.into(),
        model,
        mean.clone(),
        mean.clone(),
        mean.clone(),
        mean,
        Cell::Null,
    ];
    Record::new(&FORECASTS, at, cells).expect("it fits the table")
}

/// The engine: the store, and what was acknowledged but not yet published.
#[derive(Debug)]
pub(crate) struct Engine {
    pub(crate) store: Store,
    open: Vec<Amendment>,
    gauges: Vec<GaugeMinute>,
    end: Lsn,
    /// What the opening found.
    pub(crate) report: RecoveryReport,
}

impl Engine {
    /// Opens the store on `disk` and applies what it recovers.
    pub(crate) fn open(disk: &SimDisk) -> Result<Self, StoreError> {
        let (store, recovery) = Store::open_on(Arc::new(disk.clone()), Path::new("/"), OPTIONS(), now())?;
        let Recovery { checkpoint, replay, report } = recovery;
        let mut engine = Self { store, open: checkpoint.open, gauges: checkpoint.gauges, end: report.next, report };
        engine.apply(replay)?;
        Ok(engine)
    }

    fn apply(&mut self, replay: Replay) -> Result<(), StoreError> {
        for batch in replay {
            self.take(&batch?);
        }
        Ok(())
    }

    fn take(&mut self, batch: &Batch) {
        let adding = |sample: &Sample| Amendment { sample: sample.clone(), mode: Mode::Add };
        self.open.extend(batch.partials.iter().map(adding));
        self.gauges.extend(batch.gauges.iter().map(GaugeMinute::from_reading));
    }

    /// Makes batches durable in one go; they count once this returns.
    pub(crate) fn append(&mut self, batches: &[Batch]) -> Result<(), StoreError> {
        let frames: Vec<_> = batches.iter().map(codec::encode).collect();
        self.end = self.store.append(&frames)?;
        for batch in batches {
            self.take(batch);
        }
        Ok(())
    }

    /// Publishes every second piece, or all; the rest goes into the checkpoint.
    pub(crate) fn publish(&mut self, all: bool) -> Result<(), StoreError> {
        let mut kept = Vec::new();
        let mut samples = Vec::new();
        for (at, amendment) in self.open.iter().enumerate() {
            let to = if all || at % 2 == 0 { &mut samples } else { &mut kept };
            to.push(amendment.clone());
        }
        let checkpoint = Checkpoint { open: kept.clone(), ..Checkpoint::default() };
        let state = Some((checkpoint, self.end));
        let records = samples.iter().map(|change| conclusion(&change.sample)).collect();
        let gauges = self.gauges.clone();
        let publication = Publication { samples, gauges, records, state, ..Publication::default() };
        self.store.publish(publication, now())?;
        (self.open, self.gauges) = (kept, Vec::new());
        Ok(())
    }

    /// Publishes batch `number` past the log, unless its mark says that it is done.
    pub(crate) fn import(&self, number: u32) -> Result<(), StoreError> {
        let id = number.to_string();
        if self.store.import_mark(&id).is_some() {
            return Ok(());
        }
        let batch = batch(number);
        let samples = batch.partials.iter().map(|s| Amendment { sample: s.clone(), mode: Mode::Add }).collect();
        let gauges = batch.gauges.iter().map(GaugeMinute::from_reading).collect();
        let import = Some(ImportMark { id, rows_done: 1, complete: true, source: "test".into() });
        let records = batch.partials.iter().map(conclusion).collect();
        self.store.publish(Publication { samples, gauges, records, import, ..Publication::default() }, now())?;
        Ok(())
    }

    /// How often each batch is there, by its samples; checked to be the same by its gauges, and where it is published,
    /// by its record.
    pub(crate) fn counted(&self) -> BTreeMap<u32, u64> {
        let published: u64 = self.rows::<Sample>(&SAMPLES).into_iter().filter_map(|row| row.tokens_prompt).sum();
        let open = self.open.iter().filter_map(|change| change.sample.tokens_prompt);
        let by_samples = published + open.sum::<u64>();
        let gauges = self.rows::<GaugeMinute>(&GAUGES);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a sum of powers of four")]
        let by_gauges = gauges.iter().chain(&self.gauges).map(|row| row.sum).sum::<f64>() as u64;
        assert_eq!(by_samples, by_gauges, "samples and gauges of a batch belong together");
        self.check_roll_ups();
        let digits = |sum: u64| -> BTreeMap<u32, u64> {
            let digit = |number: u32| (number, sum / weight(number) % 4);
            (0..MOST_BATCHES).map(digit).filter(|&(_, times)| times > 0).collect()
        };
        assert!(self.concluded().eq(&digits(published).into_keys().collect()), "a batch and its record come together");
        digits(by_samples)
    }

    /// Batches that have a record.
    fn concluded(&self) -> BTreeSet<u32> {
        let horizon = |record: Record| record.get("horizon_s").and_then(Cell::integer);
        let records = RECORD_TABLES.iter().flat_map(|table| self.rows::<Record>(table));
        records.filter_map(horizon).map(|number| u32::try_from(number).expect("a batch's number")).collect()
    }

    /// Paths of all live files.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.store.snapshot().catalog().files.iter().map(|file| file.path.clone()).collect()
    }

    /// A live roll-up that is up to date has what its minutes have.
    fn check_roll_ups(&self) {
        let catalog = self.store.snapshot();
        let catalog = catalog.catalog();
        let sum = |file: &LiveFile| -> u64 {
            self.read::<Sample>(file).into_iter().filter_map(|row| row.tokens_prompt).sum()
        };
        for table in [&SAMPLES_5M, &SAMPLES_1H] {
            for made in catalog.files_of(table.name) {
                let source = catalog.files.iter().find(|file| Some(&file.path) == made.made_from.as_ref());
                assert_eq!(source.map_or_else(|| sum(made), sum), sum(made), "{}", made.path);
            }
        }
    }

    fn read<R: crate::store::rows::Row>(&self, file: &LiveFile) -> Vec<R> {
        let rows = files::read(&self.store.blobs, &file.path).expect("a live file can be opened");
        rows.map(|row| row.expect("a live file can be read")).collect()
    }

    /// The rows of a table, each key once, each in the file that says so.
    fn rows<R: crate::store::rows::Row>(&self, table: &TableSpec) -> Vec<R> {
        let mut keys = BTreeSet::new();
        let mut rows = Vec::new();
        for file in self.store.snapshot().files(table) {
            let of_file = self.read::<R>(file);
            assert_eq!(of_file.len() as u64, file.rows, "{}", file.path);
            for row in of_file {
                let minute: Minute = row.minute();
                assert!(file.covers(minute.hour()) && file.first_minute <= minute && minute <= file.last_minute);
                assert!(keys.insert(row.key()), "{minute} is in {} twice", table.name);
                rows.push(row);
            }
        }
        rows
    }
}
