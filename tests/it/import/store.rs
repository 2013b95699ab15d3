//! A store in a temporary directory.

use foreroute::domain::sample::Sample;
use foreroute::engine::import::StoreTarget;
use foreroute::store::parquet::{FileSource, SampleReader};
use foreroute::store::schema::SAMPLES;
use foreroute::store::{Store, StoreOptions};

use super::today;

pub struct TestStore {
    pub store: Store,
    pub dir: tempfile::TempDir,
}

impl TestStore {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().expect("temporary directory");
        let (store, _recovery) = Store::open(dir.path(), StoreOptions::default(), today()).expect("opens");
        Self { store, dir }
    }

    /// The same directory after closing and opening.
    pub fn reopened(self) -> Self {
        let Self { store, dir } = self;
        drop(store);
        let (store, _recovery) = Store::open(dir.path(), StoreOptions::default(), today()).expect("opens again");
        Self { store, dir }
    }

    pub fn target(&self) -> StoreTarget<'_> {
        StoreTarget::new(&self.store, today())
    }

    /// Every published minute, by channel and minute.
    pub fn samples(&self) -> Vec<Sample> {
        let snapshot = self.store.snapshot();
        let mut samples = Vec::new();
        for file in snapshot.files(&SAMPLES) {
            let source = FileSource::open(&snapshot.path(file)).expect("the file is there");
            let reader = SampleReader::new(source).expect("the file is a table");
            samples.extend(reader.map(|row| row.expect("the row is readable")));
        }
        samples.sort_by(|a, b| (&a.channel, a.minute).cmp(&(&b.channel, b.minute)));
        samples
    }
}
