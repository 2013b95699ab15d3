//! What readers see: the live files of every table at one catalog version.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::domain::time::Minute;
use crate::store::catalog::{Catalog, LiveFile};
use crate::store::schema::TableSpec;

/// The live files of every table at one catalog version. Cheap to clone.
///
/// The writer keeps its files for as long as a snapshot in the same process names them. In another process they can be
/// deleted at any time: an open file stays readable, and whoever meets `NotFound` asks for a fresh snapshot.
#[derive(Debug, Clone)]
pub struct Snapshot {
    root: Arc<Path>,
    catalog: Arc<Catalog>,
}

impl Snapshot {
    /// The files of `catalog` below the directory `root`.
    #[must_use]
    pub fn new(root: Arc<Path>, catalog: Arc<Catalog>) -> Self {
        Self { root, catalog }
    }

    /// The catalog version.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.catalog.version
    }

    /// The whole catalog.
    #[must_use]
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// The live files of `table`, ordered by time. No two of them hold the same hour.
    #[must_use]
    pub fn files(&self, table: &TableSpec) -> &[LiveFile] {
        self.catalog.files_of(table.name)
    }

    /// The live files of `table` that may hold rows with `from <= minute < to`, ordered by time. Roll-ups carry the
    /// first minute of their window.
    pub fn overlapping(&self, table: &TableSpec, from: Minute, to: Minute) -> impl Iterator<Item = &LiveFile> {
        self.files(table).iter().filter(move |file| file.first_minute < to && file.last_minute >= from)
    }

    /// Where `file` lies on this machine.
    #[must_use]
    pub fn path(&self, file: &LiveFile) -> PathBuf {
        self.root.join(&file.path)
    }
}
