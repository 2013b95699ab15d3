//! Where the demo's store lives, and what becomes of it.

use std::path::{Path, PathBuf};

use crate::cli::args::Shared;
use crate::cli::exit::{Exit, Failure};
use crate::cli::output;
use crate::domain::time::Timestamp;

/// The directory of the store. A temporary one is deleted when this is dropped, unless it is to be kept.
#[derive(Debug)]
pub(super) struct DataDir {
    path: PathBuf,
    keep: bool,
}

impl DataDir {
    /// The directory that was named with `--data`, which is never deleted, else a new temporary one.
    pub(super) fn choose(keep: bool, shared: &Shared, now: Timestamp) -> Result<Self, Failure> {
        if shared.data_named {
            return Ok(Self { path: shared.data.clone(), keep: true });
        }
        let name = format!("foreroute-demo-{}-{}", std::process::id(), now.millis());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path)
            .map_err(|error| Failure::new(Exit::Usage, format!("cannot create {}: {error}", path.display())))?;
        Ok(Self { path, keep })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Where it is and what becomes of it, in one phrase.
    pub(super) fn about(&self) -> String {
        let fate = if self.keep { "kept" } else { "deleted at the end, unless --keep" };
        format!("{} ({fate})", self.path.display())
    }

    /// Says what became of the directory; the store must be closed.
    pub(super) fn leave(self, shared: &Shared) -> Result<(), Failure> {
        if self.keep {
            output::note(shared, &format!("kept the store in {}", self.path.display()));
            return Ok(());
        }
        std::fs::remove_dir_all(&self.path)
            .map_err(|error| Failure::new(Exit::Partial, format!("cannot delete {}: {error}", self.path.display())))
    }
}

impl Drop for DataDir {
    fn drop(&mut self) {
        if !self.keep {
            // Only what an early failure left; after `leave` there is nothing to find.
            let _gone = std::fs::remove_dir_all(&self.path);
        }
    }
}
