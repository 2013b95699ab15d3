//! The healer over restarts, as one document.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::alert::notice::Event;
use crate::domain::ids::ChannelId;
use crate::domain::time::Timestamp;
use crate::engine::Engine;
use crate::engine::healing::row::ActionRow;
use crate::policy::healing::healer::Healer;
use crate::store::StoreError;

/// Name of the document.
const DOCUMENT: &str = "healing";
/// Rows that are kept here until they are surely in the table, which is written every few minutes.
const MOST_ROWS: usize = 1_000;
/// Seconds after which they are: the longest time between two publications, and some more.
const PUBLISHED_S: f64 = 7_200.0;

/// What must outlive the process.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Kept {
    /// All runs.
    pub healer: Healer,
    /// The newest rows, each with when it was written.
    pub rows: VecDeque<(Timestamp, ActionRow)>,
    /// What people were told to see to, by channel, and was not over yet.
    pub handed: Vec<(ChannelId, Event)>,
}

impl Kept {
    /// Keeps `row`, which is written at `now`.
    pub(super) fn add(&mut self, now: Timestamp, row: ActionRow) {
        let is_same = |known: &ActionRow| {
            known.run == row.run && known.step == row.step && known.tried == row.tried && known.began == row.began
        };
        self.rows.retain(|(at, known)| !is_same(known) && now.seconds_since(*at) < PUBLISHED_S);
        if self.rows.len() >= MOST_ROWS {
            self.rows.pop_front();
        }
        self.rows.push_back((now, row));
    }
}

impl Engine {
    /// Reads what was kept. Rows that the table may not have heard of are told again: those of equal keys replace each other.
    pub(in crate::engine) fn load_healing(&self) {
        let read = self.0.store.document(DOCUMENT).map_err(|error| error.to_string());
        let parsed = read.and_then(|bytes| {
            bytes.map(|bytes| serde_json::from_slice::<Kept>(&bytes).map_err(|error| error.to_string())).transpose()
        });
        match parsed {
            Ok(kept) => {
                let kept = kept.unwrap_or_default();
                self.0.records.add(kept.rows.iter().filter_map(|(_, row)| row.record().ok()));
                *self.0.healing.kept() = kept;
            }
            Err(error) => {
                tracing::error!(error, "the playbooks that ran cannot be read; a person must see to what they left");
            }
        }
    }

    /// Puts `kept` in the place of what was, once it is on disk. Blocks.
    ///
    /// # Errors
    /// If it cannot be written; then everything is as before.
    pub(super) fn keep_healing(&self, kept: Kept) -> Result<(), StoreError> {
        if *self.0.healing.kept() != kept {
            // Texts and numbers can always be written.
            let bytes = serde_json::to_vec(&kept).unwrap_or_default();
            self.0.store.put_document(DOCUMENT, &bytes)?;
            *self.0.healing.kept() = kept;
        }
        Ok(())
    }
}
