//! What nobody wants to hear of for a while, said by operators.

use std::sync::PoisonError;

use crate::alert::rule::Labels;
use crate::alert::silence::{Silence, SilenceError, Silences};
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
    /// Storing it did not come to an end: the program is being torn down.
    #[error("storing the silence was broken off")]
    BrokenOff,
}

impl Engine {
    /// Every silence that holds, oldest first.
    #[must_use]
    pub fn silences(&self) -> Vec<Silence> {
        let now = self.clock().now();
        let kept = self.0.alerting.kept();
        kept.silences.all().filter(|silence| now < silence.until).cloned().collect()
    }

    /// Silences what has all of the labels `matching` until `until`. When this returns it survives a restart.
    ///
    /// # Errors
    /// [`SilencingError`] if there cannot be such a silence, or the disk failed.
    pub async fn silence(
        &self,
        matching: Labels,
        until: Timestamp,
        by: String,
        reason: String,
    ) -> Result<Silence, SilencingError> {
        let now = self.clock().now();
        let change = move |silences: &mut Silences| {
            let id = silences.add(now, matching.clone(), until, &by, &reason)?;
            Ok(Silence { id, matching, until, by, reason })
        };
        self.change_silences(change).await
    }

    /// Ends the silence `id`; it, if it was there.
    ///
    /// # Errors
    /// [`SilencingError`] if the disk failed; then it holds on.
    pub async fn end_silence(&self, id: u64) -> Result<Option<Silence>, SilencingError> {
        self.change_silences(move |silences| Ok(silences.remove(id))).await
    }

    /// Changes the silences and stores them, or leaves everything as it was.
    async fn change_silences<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut Silences) -> Result<T, SilenceError> + Send + 'static,
    ) -> Result<T, SilencingError> {
        let engine = self.clone();
        let work = move || {
            let alerting = &engine.0.alerting;
            let _one_at_a_time = alerting.silencing.lock().unwrap_or_else(PoisonError::into_inner);
            let before = alerting.kept().silences.clone();
            let changed = change(&mut alerting.kept().silences)?;
            if let Err(error) = engine.keep_alerts() {
                alerting.kept().silences = before;
                return Err(error.into());
            }
            alerting.news.notify_one();
            Ok(changed)
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| SilencingError::BrokenOff)?
    }
}
