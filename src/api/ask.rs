//! Questions to the store: off the threads that serve connections, a few at a time, over one consistent view.

use crate::api::error::ApiError;
use crate::api::state::ApiState;
use crate::clock::Stopwatch;
use crate::domain::ids::ChannelId;
use crate::domain::time::Minute;
use crate::engine::View;
use crate::telemetry::names::Metric;

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

/// Answers `question`, which is called `kind` in the metrics, once it is its turn.
///
/// # Errors
/// [`ApiError::Busy`] if its turn does not come in time, and what the question's own error becomes.
pub async fn ask<T: Send + 'static, E: Into<ApiError> + Send + 'static>(
    api: &ApiState,
    kind: &'static str,
    scope: Scope,
    question: impl FnOnce(&View) -> Result<T, E> + Send + 'static,
) -> Result<T, ApiError> {
    let engine = api.engine().clone();
    let work = move || {
        let watch = Stopwatch::start();
        let answered = question(&engine.view(scope.channel.as_ref(), scope.from, scope.to));
        metrics::histogram!(Metric::QuerySeconds.name(), "kind" => kind).record(watch.elapsed());
        answered
    };
    api.query(work).await?.map_err(Into::into)
}
