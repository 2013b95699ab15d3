//! Decisions to files, to the table, and over restarts.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::engine::authority::decision_of;
use crate::engine::deciding::Announced;
use crate::engine::machine::pilot::{Came, Mode, Tally};
use crate::engine::{Engine, Inner};
use crate::policy::decision::Decision;
use crate::policy::rows;
use crate::store::Store;

/// Name of the document that holds the newest decision of each class.
const DOCUMENT: &str = "decisions";
/// More generations than a class can be given between two writings of the document. Each start leaves them out, and says so
/// in the document: a `kill -9` may have come when some were told and not yet written.
const UNWRITTEN: u64 = 1_000;

/// Lines of the journal that are looked through for decisions that the document does not have yet.
const NOTED: usize = 1_000;

/// The newest decision of each class.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Kept {
    decisions: Vec<Decision>,
    /// By route class, a generation up to which any may have been told.
    #[serde(default)]
    told: BTreeMap<String, u64>,
}

/// The newest decision of each class that was written; none if nothing was, or, as the log says then, if it cannot be read.
#[must_use]
pub fn read_decisions(store: &Store) -> Vec<Decision> {
    read(store).unwrap_or_default().decisions
}

/// The document; `None` if there is none that can be read.
fn read(store: &Store) -> Option<Kept> {
    let read = store.document(DOCUMENT).map_err(|error| error.to_string());
    let parsed = read.and_then(|bytes| {
        bytes.map(|bytes| serde_json::from_slice::<Kept>(&bytes).map_err(|error| error.to_string())).transpose()
    });
    parsed.unwrap_or_else(|error| {
        tracing::warn!(error, "the decisions of the last run cannot be read; new ones begin anew");
        None
    })
}

impl Engine {
    /// Takes up the newest decisions of the last run: they hold as long as their leases, and their generations go on. Those of
    /// classes about which nothing is decided any more are left behind.
    pub(in crate::engine) fn load_decisions(&self) {
        let Some(decide) = &self.settings().decide else { return };
        let kept = read(&self.0.store);
        // The journal knows of every change before it is told; the document follows within moments.
        let noted = self.0.store.newest_notes(NOTED).unwrap_or_else(|error| {
            tracing::warn!(%error, "the journal cannot be read; decisions go on from their document");
            Vec::new()
        });
        let noted: Vec<Decision> = noted.iter().filter_map(decision_of).collect();
        let known = || kept.iter().flat_map(|kept| &kept.decisions).chain(&noted);
        for route in &decide.book.routes {
            let class = &route.class.name;
            let of_class = known().filter(|decision| decision.plan.class == *class);
            let decision = of_class.max_by_key(|decision| decision.generation);
            let newest = decision.map_or(0, |decision| decision.generation);
            let told = kept.as_ref().and_then(|kept| kept.told.get(class)).copied().unwrap_or(0).max(newest);
            // Renewals are not in the journal.
            let told = if kept.is_none() && newest == 0 { 0 } else { told + UNWRITTEN };
            self.0.deciding.told().insert(class.clone(), told);
            let decision = decision.filter(|_| self.mode(class).is_some_and(|mode| mode != Mode::Observe));
            if let Some(decision) = decision {
                let announced = Arc::new(Announced::from(decision.clone()));
                self.0.deciding.board(class).send_replace(Some(announced));
            }
            self.0.deciding.pilot().resume(class, decision.cloned(), told);
        }
        self.write_decisions();
    }

    /// Writes the newest decisions: one document for ourselves, and a file of each class for others. Blocks.
    pub(super) fn write_decisions(&self) {
        let newest = self.0.deciding.newest();
        let decisions = newest.iter().map(|told| (*told.decision).clone()).collect();
        let kept = Kept { decisions, told: self.0.deciding.told().clone() };
        let written = serde_json::to_vec(&kept).map_err(|error| error.to_string());
        let stored =
            written.and_then(|bytes| self.0.store.put_document(DOCUMENT, &bytes).map_err(|error| error.to_string()));
        if let Err(error) = stored {
            tracing::warn!(error, "decisions were not kept; a restart would go on from older ones");
        }
        if let Err(error) = self.0.write_authority() {
            tracing::warn!(%error, "how decisions turned out was not kept");
        }
        let directory = self.settings().decide.as_ref().and_then(|decide| decide.directory.clone());
        for (directory, told) in directory.iter().flat_map(|directory| newest.iter().map(move |told| (directory, told)))
        {
            let class = &told.decision.plan.class;
            if let Err(error) = write_file(directory, class, &told.json) {
                tracing::error!(class, %error, "the file of a decision was not replaced");
            }
        }
    }
}

impl Inner {
    /// Rows of `decision`, and of what came of the one `before`.
    pub(super) fn record(&self, decision: &Decision, before: Option<(u64, Tally)>) {
        let mut records = Vec::new();
        match rows::decision(decision) {
            Ok(record) => records.push(record),
            Err(error) => tracing::warn!(%error, "a decision was not kept"),
        }
        if let Some((generation, tally)) = before {
            let came = rows::Held { calls: tally.calls, failed: tally.failed, slow: tally.slow };
            match rows::held(&decision.plan.class, generation, decision.issued, came) {
                Ok(record) => records.push(record),
                Err(error) => tracing::warn!(%error, "what came of a decision was not kept"),
            }
        }
        self.records.add(records);
    }

    /// Rows of what came of troubles that were foreseen.
    pub(super) fn record_came(&self, came: &[Came]) {
        let now = self.clock.now();
        let row = |came: &Came| rows::came(&came.class, came.generation, now, &came.channel, came.came);
        let records = came.iter().filter_map(|came| {
            row(came).map_err(|error| tracing::warn!(%error, "what came of a foreseen trouble was not kept")).ok()
        });
        self.records.add(records);
    }
}

/// The decision as its own file, replaced as a whole: readers see the old one or the new one.
fn write_file(directory: &Path, class: &str, json: &[u8]) -> std::io::Result<()> {
    fs::create_dir_all(directory)?;
    let path = directory.join(format!("{class}.json"));
    let aside = directory.join(format!(".{class}.json.new"));
    let mut file = fs::File::create(&aside)?;
    file.write_all(json)?;
    file.sync_all()?;
    fs::rename(&aside, &path)?;
    fs::File::open(directory)?.sync_all()
}

/// Writes what is decided until `stop`. Several decisions in a moment are one writing.
pub async fn publishing(engine: Engine, mut stop: watch::Receiver<bool>) {
    loop {
        let go_on = tokio::select! {
            () = engine.0.deciding.news.notified() => true,
            _ = stop.wait_for(|stop| *stop) => false,
        };
        let writing = engine.clone();
        let _written = tokio::task::spawn_blocking(move || writing.write_decisions()).await;
        if !go_on {
            return;
        }
    }
}
