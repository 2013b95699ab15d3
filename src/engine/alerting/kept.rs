//! What must outlive the process, as one document.

use std::collections::{BTreeMap, VecDeque};
use std::sync::PoisonError;

use serde::{Deserialize, Serialize};

use crate::alert::life::Alerts;
use crate::alert::notice::{Notice, Notifier};
use crate::alert::silence::Silences;
use crate::engine::Engine;
use crate::store::StoreError;

/// Name of the document.
const DOCUMENT: &str = "alerts";

/// What must outlive the process.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Kept {
    /// Every series of a rule that is in breach.
    pub alerts: Alerts,
    /// What nobody wants to hear of.
    pub silences: Silences,
    /// Who was told what.
    pub notifier: Notifier,
    /// Notices on their way, by receiver, oldest first.
    pub outbox: BTreeMap<String, VecDeque<Notice>>,
}

impl Engine {
    /// Reads what was kept. A document that cannot be read is no reason not to start: people are told again then.
    pub(in crate::engine) fn load_alerts(&self) {
        let alerting = &self.0.alerting;
        let document = self.0.store.document(DOCUMENT).map_err(|error| error.to_string());
        let read = document.and_then(|document| match document {
            Some(bytes) => {
                postcard::from_bytes(&bytes).map(|kept: Kept| (kept, bytes)).map_err(|error| error.to_string())
            }
            None => Ok((Kept::default(), Vec::new())),
        });
        match read {
            Ok((mut kept, bytes)) => {
                let is_there = |name: &String| alerting.receivers.iter().any(|post| post.receiver.name() == name);
                kept.outbox.retain(|name, _| is_there(name));
                *alerting.kept() = kept;
                *alerting.written.lock().unwrap_or_else(PoisonError::into_inner) = bytes;
            }
            Err(error) => tracing::error!(%error, "alerts and silences of before are of no use; they begin anew"),
        }
    }

    /// Writes what must outlive the process, if it has changed. Blocks.
    ///
    /// # Errors
    /// If the document cannot be written; the old one is still there.
    pub(super) fn keep_alerts(&self) -> Result<(), StoreError> {
        let alerting = &self.0.alerting;
        let mut written = alerting.written.lock().unwrap_or_else(PoisonError::into_inner);
        let encoded = postcard::to_stdvec(&*alerting.kept());
        let Ok(bytes) = encoded.inspect_err(|error| tracing::error!(%error, "alerts cannot be encoded")) else {
            return Ok(());
        };
        if bytes != *written {
            self.0.store.put_document(DOCUMENT, &bytes)?;
            *written = bytes;
        }
        Ok(())
    }

    /// Writes it away from the threads that serve requests. A failure is logged: the next change tries again.
    pub(super) async fn save_alerts(&self) {
        let engine = self.clone();
        match tokio::task::spawn_blocking(move || engine.keep_alerts()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "alerts were not saved; they will be again"),
            Err(_) => tracing::error!("saving the alerts broke off; they will be saved again"),
        }
    }
}
