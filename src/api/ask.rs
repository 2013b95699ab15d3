//! Questions to the store: off the threads that serve connections, a few at a time, over one consistent view.

use crate::api::error::ApiError;
use crate::api::state::ApiState;
use crate::clock::Stopwatch;
use crate::domain::ids::ChannelId;
use crate::domain::time::Minute;
use crate::engine::View;
use crate::store::query::{QueryError, SqlError};
use crate::telemetry::names::Metric;

/// A file can be superseded while a question reads it. Each new view is of the newest files, so more than one further
/// try is needed only if publications come faster than the question reads.
const TRIES: usize = 3;

/// What a question looks at.
#[derive(Debug, Clone)]
pub struct Scope {
    /// One channel, or every channel.
    pub channel: Option<ChannelId>,
    /// First minute.
    pub from: Minute,
    /// First minute after the span.
    pub to: Minute,
}

/// An error that a fresh view may cure.
pub trait Curable: Into<ApiError> + Send + 'static {
    /// Whether a file was deleted since the view was taken.
    fn is_stale(&self) -> bool;
}

impl Curable for QueryError {
    fn is_stale(&self) -> bool {
        Self::is_stale(self)
    }
}

impl Curable for SqlError {
    fn is_stale(&self) -> bool {
        Self::is_stale(self)
    }
}

/// Answers `question`, which is called `kind` in the metrics, once it is its turn.
///
/// # Errors
/// [`ApiError::Busy`] if its turn does not come in time, and what the question's own error becomes.
pub async fn ask<T: Send + 'static, E: Curable>(
    api: &ApiState,
    kind: &'static str,
    scope: Scope,
    question: impl Fn(&View) -> Result<T, E> + Send + 'static,
) -> Result<T, ApiError> {
    let engine = api.engine().clone();
    let work = move || {
        let watch = Stopwatch::start();
        let answer = || question(&engine.view(scope.channel.as_ref(), scope.from, scope.to));
        let mut answered = answer();
        for _ in 1..TRIES {
            if !answered.as_ref().is_err_and(Curable::is_stale) {
                break;
            }
            answered = answer();
        }
        metrics::histogram!(Metric::QuerySeconds.name(), "kind" => kind).record(watch.elapsed());
        answered
    };
    api.query(work).await?.map_err(Into::into)
}
