//! What nobody wants to hear of for a while, said by operators.

use crate::alert::rule::Labels;
use crate::alert::silence::{Silence, SilenceError};
use crate::domain::time::Timestamp;
use crate::engine::Engine;
use crate::store::StoreError;

/// Why silences were not changed.
#[derive(Debug, thiserror::Error)]
pub enum SilencingError {
    /// There cannot be such a silence.
    #[error(transparent)]
    Refused(#[from] SilenceError),
    /// The disk failed; everything is as before.
    #[error("the silence could not be stored")]
    NotStored(#[from] StoreError),
}

impl Engine {
    /// Every silence that holds, oldest first.
    #[must_use]
    pub fn silences(&self) -> Vec<Silence> {
        let now = self.clock().now();
        let kept = self.0.alerting.kept();
        kept.silences.all().filter(|silence| now < silence.until).cloned().collect()
    }

    /// Silences what has all of the labels `matching` until `until`. When this returns it survives a restart. Blocks.
    ///
    /// # Errors
    /// [`SilencingError`] if there cannot be such a silence, or the disk failed.
    pub fn silence(
        &self,
        matching: Labels,
        until: Timestamp,
        by: &str,
        reason: &str,
    ) -> Result<Silence, SilencingError> {
        let now = self.clock().now();
        let id = self.0.alerting.kept().silences.add(now, matching.clone(), until, by, reason)?;
        if let Err(error) = self.keep_alerts() {
            self.0.alerting.kept().silences.remove(id);
            return Err(error.into());
        }
        self.0.alerting.news.notify_one();
        Ok(Silence { id, matching, until, by: by.to_owned(), reason: reason.to_owned() })
    }

    /// Ends the silence `id`; it, if it was there. Blocks.
    ///
    /// # Errors
    /// [`SilencingError::NotStored`] if the disk failed: the silence is over, but comes back with a restart.
    pub fn end_silence(&self, id: u64) -> Result<Option<Silence>, SilencingError> {
        let ended = self.0.alerting.kept().silences.remove(id);
        self.keep_alerts()?;
        self.0.alerting.news.notify_one();
        Ok(ended)
    }
}
