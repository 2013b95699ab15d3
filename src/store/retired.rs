//! Files that the newest catalog does not name any more, kept for those who still read an older one.
//!
//! A publication every second and a query of two seconds would else miss each other again and again: each time the
//! query comes to a file, it has been superseded and removed. So a file goes when nobody in this process holds a catalog
//! that names it. Readers in other processes are not known here; they ask again with a fresh snapshot.

use std::sync::{Arc, Weak};

use crate::store::blob::Blobs;
use crate::store::catalog::Catalog;

/// Superseded files that wait for their last reader. After a crash they are removed at opening, as every file is that
/// the catalog does not name.
#[derive(Debug, Default)]
pub(crate) struct Retired {
    /// Version of the first catalog that does not name it, and path; oldest first.
    files: Vec<(u64, String)>,
    /// Superseded catalogs, oldest first.
    catalogs: Vec<(u64, Weak<Catalog>)>,
}

impl Retired {
    /// `old` has been superseded by a catalog that does not name `files`.
    pub(crate) fn supersede(&mut self, old: &Arc<Catalog>, files: impl IntoIterator<Item = String>) {
        self.catalogs.push((old.version, Arc::downgrade(old)));
        self.files.extend(files.into_iter().map(|path| (old.version + 1, path)));
    }

    /// Removes the files that nobody reads any more. Best effort: what stays is removed at the next opening.
    pub(crate) fn sweep(&mut self, blobs: &Blobs) {
        self.catalogs.retain(|(_, catalog)| catalog.strong_count() > 0);
        let oldest = self.catalogs.first().map_or(u64::MAX, |(version, _)| *version);
        for (_, path) in self.files.extract_if(.., |(since, _)| *since <= oldest) {
            let _best_effort = blobs.delete(&path);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::batch::{Amendment, Mode};
    use crate::domain::column::Column;
    use crate::domain::ids::ChannelId;
    use crate::domain::sample::Sample;
    use crate::domain::time::{Minute, Timestamp};
    use crate::store::query::{RangeQuery, range};
    use crate::store::{Publication, Store, StoreOptions};

    #[test]
    fn a_file_goes_with_its_last_reader() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let (store, _) = Store::open(dir.path(), StoreOptions::default(), Timestamp::from_seconds(0)).expect("opens");
        let channel = ChannelId::new("one").expect("an identifier");
        let publish = |requests: u32| {
            let mut sample = Sample::new(channel.clone(), Minute(5));
            sample.revision = requests;
            sample.counts.requests = requests.into();
            let samples = vec![Amendment { sample, mode: Mode::Replace }];
            store
                .publish(Publication { samples, ..Publication::default() }, Timestamp::from_seconds(0))
                .expect("published");
        };
        let query = RangeQuery {
            channels: vec![channel.clone()],
            column: Column::Requests,
            from: Minute(5),
            to: Minute(6),
            step_minutes: 1,
        };
        let mut seen = Vec::new();
        for requests in 1..=3 {
            publish(requests);
            seen.push((requests, store.snapshot()));
        }
        let paths: Vec<_> =
            seen.iter().flat_map(|(_, seen)| seen.catalog().files.iter().map(|f| seen.path(f))).collect();
        for (requests, snapshot) in seen {
            let series = range(&snapshot, &[], &query).expect("its file is still there");
            assert_eq!(series[0].points[0].1, Some(f64::from(requests)));
        }
        publish(4);
        assert!(paths.iter().all(|path| !path.exists()), "nobody reads them any more");
    }
}
