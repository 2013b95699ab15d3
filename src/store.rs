//! Samples, gauges and records on disk: write-ahead log, Parquet files, catalog, model files, documents, queries.
//!
//! # The path of a batch
//! [`Store::append`] makes it durable in the log ([`wal`]). The engine applies it to its accumulator. From time to
//! time [`Store::publish`] writes the complete minutes into Parquet files, the rest of the accumulator into a checkpoint,
//! and then a new version of the [`catalog`] that names both and the frame of the log where replay begins. That one
//! file is the switch: before it everything is as it was, after it everything is new, and nothing in between can be
//! seen. An opening reads the newest catalog, its checkpoint and the log from there: every acknowledged batch is in
//! the files, in the checkpoint or in the replay, and in only one of them.
//!
//! # What may happen, and what follows
//! | event | answer |
//! |---|---|
//! | power cut or kill at any instant | nothing acknowledged is lost or counted twice; leftovers are removed at opening |
//! | a write or sync fails | typed error, state as before, the call can be repeated ([`wal`], `truth`) |
//! | torn end of the log | cut back to the last good frame, bytes kept in `quarantine/`, reported |
//! | damage within the log | bytes kept in `quarantine/`, lost frames counted and reported, reading goes on behind it |
//! | a model file damaged | it is set aside and reported; the model is fitted anew ([`models`]) |
//! | a document of the operators damaged | it is set aside and reported; it begins anew ([`documents`]) |
//! | catalog or checkpoint damaged or empty | opening is refused, naming the file and the repair command |
//! | a second writer | refused at the door by the lock; should that fail, fenced by the catalog |

pub mod blob;
pub mod catalog;
pub mod checkpoint;
pub mod compact;
pub mod disk;
pub mod documents;
pub mod error;
#[cfg(test)]
mod faults;
mod files;
mod framed;
pub mod jobs;
pub mod journal;
pub mod lock;
pub mod models;
pub mod parquet;
pub mod publish;
pub mod quarantine;
pub mod query;
pub mod recover;
pub mod repair;
pub mod retention;
mod retired;
mod rollup;
mod rows;
pub mod schema;
pub mod snapshot;
mod truth;
pub mod validate;
pub mod wal;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use crate::domain::time::Timestamp;
use blob::{Blobs, DurableLocal};
use catalog::Catalog;
use compact::Upkeep;
use disk::{Disk, LocalDisk, LockGuard, ensure_dir};
pub use jobs::CheckedJobs;
use jobs::JobLog;
use journal::Journal;
use truth::Truth;
use wal::log::Log;
use wal::segment;

pub use catalog::{ImportMark, LiveFile};
pub use compact::MaintainReport;
pub use error::StoreError;
pub use journal::{Checked, Entry};
pub use models::FoundModel;
pub use publish::{Publication, PublishReport};
pub use recover::{Damage, Recovery, RecoveryReport, Replay};
pub use retention::Retention;
pub use snapshot::Snapshot;
pub use wal::frame::Lsn;

/// What an operator can tune.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreOptions {
    /// How long tables are kept.
    pub retention: Retention,
    /// Size from which a segment of the log is followed by a new one; also what an opening reads at a time.
    pub wal_segment_bytes: u64,
    /// How long after the end of a day its hour files are merged into one: late minutes still amend small files then.
    pub settle_minutes: u32,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self { retention: Retention::default(), wal_segment_bytes: 32 * 1024 * 1024, settle_minutes: 120 }
    }
}

/// Samples and gauges on disk. One process at a time may write; any number may read.
#[derive(Debug)]
pub struct Store {
    root: Arc<Path>,
    disk: Arc<dyn Disk>,
    blobs: Blobs,
    options: StoreOptions,
    snapshot: RwLock<Arc<Snapshot>>,
    /// `None` if opened for reading.
    writer: Option<Writer>,
}

/// What only the writer has.
#[derive(Debug)]
struct Writer {
    log: Mutex<Log>,
    truth: Mutex<Truth>,
    /// The version by which another writer has taken the store: whatever this one logs from then on would be lost.
    fenced: Arc<OnceLock<u64>>,
    /// Held during upkeep: two rounds at once would do the same work.
    upkeep: Mutex<()>,
    /// Held while models and documents change: two at once could write the same file aside.
    models: Mutex<()>,
    journal: Mutex<Journal>,
    /// Opened by whoever knows from which event on it is needed.
    jobs: Mutex<Option<JobLog>>,
    _lock: LockGuard,
}

impl Store {
    /// Opens the store in the directory `root` for writing, creating it if it is not there.
    ///
    /// # Errors
    /// [`StoreError::Locked`] if another process has it, [`StoreError::Damaged`] if something it needs is damaged, or
    /// whatever the operating system refuses.
    pub fn open(root: &Path, options: StoreOptions, now: Timestamp) -> Result<(Self, Recovery), StoreError> {
        let disk = LocalDisk::create(root).map_err(StoreError::io("create", &root.to_string_lossy()))?;
        Self::open_on(Arc::new(disk), root, options, now)
    }

    /// Opens the store on any disk; `root` is where readers find its files.
    pub(crate) fn open_on(
        disk: Arc<dyn Disk>,
        root: &Path,
        options: StoreOptions,
        now: Timestamp,
    ) -> Result<(Self, Recovery), StoreError> {
        let lock = lock::acquire(&*disk, now)?;
        for dir in [catalog::DIR, segment::DIR] {
            ensure_dir(&*disk, dir).map_err(StoreError::io("create", dir))?;
        }
        let blobs = Blobs::new(Arc::new(DurableLocal::new(disk.clone())));
        let opened = recover::open(&disk, &blobs, now)?;
        let (fenced, recovery) = (Arc::new(OnceLock::new()), opened.recovery);
        let mut truth = Truth::new(disk.clone(), blobs.clone(), opened.found, fenced.clone());
        let current = truth.switch(opened.next)?;
        let log = Log::new(disk.clone(), options.wal_segment_bytes, opened.firsts, opened.next_frame);
        let root: Arc<Path> = Arc::from(root);
        let snapshot = RwLock::new(Arc::new(Snapshot::new(root.clone(), current)));
        let journal = Mutex::new(Journal::open(disk.clone())?);
        let (log, truth, upkeep, models) = (Mutex::new(log), Mutex::new(truth), Mutex::new(()), Mutex::new(()));
        let jobs = Mutex::new(None);
        let writer = Writer { log, truth, fenced, upkeep, models, journal, jobs, _lock: lock };
        Ok((Self { root, disk, blobs, options, snapshot, writer: Some(writer) }, recovery))
    }

    /// Opens the store in `root` for reading, also next to a running writer. Takes no lock and changes nothing.
    ///
    /// # Errors
    /// As [`Store::open`], but never [`StoreError::Locked`].
    pub fn open_read_only(root: &Path) -> Result<Self, StoreError> {
        let disk = LocalDisk::existing(root).map_err(StoreError::io("open", &root.to_string_lossy()))?;
        let disk: Arc<dyn Disk> = Arc::new(disk);
        let blobs = Blobs::new(Arc::new(DurableLocal::new(disk.clone())));
        let (catalog, root): (_, Arc<Path>) = (recover::patiently(|| catalog::load(&blobs))?, Arc::from(root));
        let snapshot = RwLock::new(Arc::new(Snapshot::new(root.clone(), Arc::new(catalog))));
        Ok(Self { root, disk, blobs, options: StoreOptions::default(), snapshot, writer: None })
    }

    /// Makes one batch of each of `frames` durable: one write, one sync. Returns the number after the last.
    ///
    /// `frames` are made by [`wal::codec::encode`]. When this returns, every one of them survives a power cut; after
    /// an error none of them is acknowledged and the call can be repeated.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`], [`StoreError::Poisoned`], [`StoreError::Fenced`], [`StoreError::ReadOnly`], or whatever
    /// the operating system refuses.
    pub fn append(&self, frames: &[Vec<u8>]) -> Result<Lsn, StoreError> {
        locked(&self.unfenced()?.log).append(frames)
    }

    /// Makes everything in `publication` visible at once. After an error nothing of it is, and the same publication can
    /// be tried again.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] if another writer has taken the store, [`StoreError::Parquet`] if a file that had to be
    /// amended is damaged, or whatever the operating system refuses.
    pub fn publish(&self, publication: Publication, now: Timestamp) -> Result<PublishReport, StoreError> {
        let writer = self.writer()?;
        let mut truth = locked(&writer.truth);
        let report = publish::publish(&self.blobs, &mut truth, publication, now)?;
        let current = truth.current().clone();
        locked(&writer.log).prune(current.replay_from);
        self.show(current);
        truth.sweep();
        Ok(report)
    }

    /// One round of upkeep: merges the hour files of finished days, makes roll-ups, drops what retention has passed.
    /// Publications and queries go on meanwhile.
    ///
    /// # Errors
    /// The first failure, as [`Store::publish`]; what was done before it stays done.
    pub fn maintain(&self, now: Timestamp) -> Result<MaintainReport, StoreError> {
        let writer = self.writer()?;
        let _one_at_a_time = locked(&writer.upkeep);
        let show = |current| drop(self.show(current));
        let done = Upkeep { blobs: &self.blobs, truth: &writer.truth, options: &self.options, show: &show }.run(now);
        locked(&writer.truth).sweep();
        done
    }

    /// Keeps `bytes` as the model `name` (up to 128 of a-z, 0-9 and `-`), replacing what was kept. When this returns it
    /// survives a power cut; after an error the old one is still there.
    ///
    /// # Errors
    /// [`StoreError::ModelName`], [`StoreError::Fenced`], [`StoreError::ReadOnly`], or whatever the operating system
    /// refuses.
    pub fn put_model(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let _one_at_a_time = locked(&self.unfenced()?.models);
        models::put(&self.blobs, name, bytes)
    }

    /// Removes the model `name`; it is no error if there is none.
    ///
    /// # Errors
    /// As [`Store::put_model`].
    pub fn remove_model(&self, name: &str) -> Result<(), StoreError> {
        let _one_at_a_time = locked(&self.unfenced()?.models);
        models::remove(&self.blobs, &*self.disk, name)
    }

    /// The model `name`, as it was kept last; `None` if there is none. Changes nothing.
    ///
    /// # Errors
    /// [`StoreError::ModelName`], [`StoreError::Damaged`], [`StoreError::Newer`], or if it cannot be read.
    pub fn model(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        models::get(&self.blobs, name)
    }

    /// Every model by name, with its bytes or what is wrong with it. The writer moves a damaged one to `quarantine/`,
    /// so that it is reported once; a reader changes nothing.
    ///
    /// # Errors
    /// If the models cannot be listed.
    pub fn models(&self) -> Result<Vec<FoundModel>, StoreError> {
        let Some(writer) = &self.writer else { return models::all(&self.blobs) };
        let _nobody_replaces_it = locked(&writer.models);
        let found = models::all(&self.blobs)?;
        for (name, read) in &found {
            if let Err(StoreError::Damaged { path, .. }) = read
                && let Err(error) = quarantine::set_aside(&self.blobs, path)
            {
                tracing::warn!(name, %error, "a damaged model could not be set aside");
            }
        }
        Ok(found)
    }

    /// Keeps `content` as the document `name`, replacing what was kept. When this returns it survives a power cut; after an
    /// error the old one is still there.
    ///
    /// # Errors
    /// [`StoreError::Fenced`], [`StoreError::ReadOnly`], or whatever the operating system refuses.
    pub fn put_document(&self, name: &'static str, content: &[u8]) -> Result<(), StoreError> {
        let _one_at_a_time = locked(&self.unfenced()?.models);
        documents::put(&self.blobs, name, content)
    }

    /// The document `name`; `None` if there is none. The writer moves a damaged one to `quarantine/`, so that the next one
    /// to ask finds none.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], [`StoreError::Newer`], or if it cannot be read.
    pub fn document(&self, name: &'static str) -> Result<Option<Vec<u8>>, StoreError> {
        let found = documents::get(&self.blobs, name);
        if let (Err(StoreError::Damaged { path, .. }), Some(_)) = (&found, &self.writer) {
            quarantine::set_aside(&self.blobs, path)?;
        }
        found
    }

    /// Appends what happened to the journal; when this returns, it survives a power cut. Returns its number.
    ///
    /// # Errors
    /// [`StoreError::Fenced`], [`StoreError::ReadOnly`], or whatever the operating system refuses; the call can be repeated.
    pub fn note(&self, at: Timestamp, kind: &str, body: &serde_json::Value) -> Result<u64, StoreError> {
        locked(&self.unfenced()?.journal).append(at, kind, body)
    }

    /// Opens the log of jobs; returns the events from number `from` on, and the number that the next one will get.
    ///
    /// # Errors
    /// [`StoreError::Fenced`], [`StoreError::ReadOnly`], or if the log cannot be read.
    pub fn open_jobs(&self, from: Lsn) -> Result<(Vec<Vec<u8>>, Lsn), StoreError> {
        let mut jobs = locked(&self.unfenced()?.jobs);
        // What a failed write left behind must be gone before it is read.
        jobs.as_mut().map_or(Ok(from), |log| log.append(&[]))?;
        let (log, events) = JobLog::open(&self.disk, &self.blobs, from)?;
        let next = jobs.insert(log).next();
        Ok((events, next))
    }

    /// Makes `events` of jobs durable: one write, one sync. Returns the number after the last. When this returns, every one
    /// of them survives a power cut; after an error none is acknowledged, and the log has to be opened again.
    ///
    /// # Errors
    /// As [`Store::append`].
    pub fn append_jobs(&self, events: &[Vec<u8>]) -> Result<Lsn, StoreError> {
        let mut jobs = locked(&self.unfenced()?.jobs);
        jobs.as_mut().ok_or(StoreError::ReadOnly)?.append(events)
    }

    /// Reads the log of jobs from number `from` on, which is as far as a document does not know them; changes nothing.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub fn check_jobs(&self, from: Lsn) -> Result<CheckedJobs, StoreError> {
        jobs::check(&self.disk, from)
    }

    /// Lets go of events of jobs before number `from`, which a document knows.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] or [`StoreError::ReadOnly`].
    pub fn prune_jobs(&self, from: Lsn) -> Result<(), StoreError> {
        locked(&self.unfenced()?.jobs).iter_mut().for_each(|log| log.prune(from));
        Ok(())
    }

    /// Reads the whole journal and checks its chain; changes nothing.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub fn check_journal(&self) -> Result<Checked, StoreError> {
        journal::check(&*self.disk)
    }

    /// The newest `most` lines of the journal, the newest first.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub fn newest_notes(&self, most: usize) -> Result<Vec<Entry>, StoreError> {
        journal::newest(&*self.disk, most)
    }

    /// The number that the next frame of the log will get; the first one for a store opened for reading.
    #[must_use]
    pub fn end_of_log(&self) -> Lsn {
        self.writer.as_ref().map_or(Lsn(0), |writer| locked(&writer.log).next())
    }

    /// The live files of every table, as of now.
    #[must_use]
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How far the import `id` has come.
    #[must_use]
    pub fn import_mark(&self, id: &str) -> Option<ImportMark> {
        self.snapshot().catalog().imports.get(id).cloned()
    }

    /// What is acknowledged but not yet published, for a reader beside a running writer: the newest checkpoint and the
    /// batches since. The snapshot is brought up to the same version, so that nothing is seen twice or not at all.
    ///
    /// # Errors
    /// As [`Store::open_read_only`]. An error of the replay that [`StoreError::is_not_found`] means that the writer
    /// has published in the meantime: call again.
    pub fn unpublished(&self) -> Result<Recovery, StoreError> {
        let (catalog, recovery) = recover::patiently(|| recover::look(&self.disk, &self.blobs))?;
        self.show(Arc::new(catalog));
        Ok(recovery)
    }

    fn writer(&self) -> Result<&Writer, StoreError> {
        self.writer.as_ref().ok_or(StoreError::ReadOnly)
    }

    /// The writer, unless another one has taken the store.
    fn unfenced(&self) -> Result<&Writer, StoreError> {
        let writer = self.writer()?;
        match writer.fenced.get() {
            Some(&version) => Err(StoreError::Fenced { version }),
            None => Ok(writer),
        }
    }

    /// Lets readers see `catalog`.
    fn show(&self, catalog: Arc<Catalog>) -> Arc<Snapshot> {
        let snapshot = Arc::new(Snapshot::new(self.root.clone(), catalog));
        self.snapshot.write().unwrap_or_else(PoisonError::into_inner).clone_from(&snapshot);
        snapshot
    }
}

/// The value behind the lock. A panic elsewhere cannot leave it half changed: every change is prepared aside.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
