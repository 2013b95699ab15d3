//! The ingest thread: group commit, then apply, then acknowledge.

use std::collections::HashSet;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};

use crate::domain::batch::Batch;
use crate::domain::call::Call;
use crate::domain::ids::ChannelId;
use crate::domain::price::{PriceList, Usage};
use crate::engine::{EngineError, Inner, State};
use crate::store::wal::codec;

/// Bytes gathered into one write at most: large enough to share a sync among many batches, small enough that the
/// first of them does not wait long.
const GROUP_BYTES: usize = 4 << 20;

/// When a sender may try again that was refused for want of memory: a publication takes about a second.
const CROWDED_RETRY_S: u32 = 2;

/// What a sender learns about a batch that is durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// Calls counted; for a re-sent batch, the calls counted the first time.
    pub calls: u64,
    /// Of these, calls that came after their minute's late window and were kept aside.
    pub late: u64,
    /// Whether the batch's key had been counted before; it was not counted again.
    pub duplicate: bool,
}

/// Why a batch was not accepted. Nothing of it was counted, except after [`AcceptError::Storage`], where a crash may
/// still find it in the log: send it again with the same key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AcceptError {
    /// Input comes in faster than the disk takes it.
    #[error("input comes in faster than the disk takes it; try again in {retry_after_s} s")]
    Busy {
        /// When to try again.
        retry_after_s: u32,
    },
    /// The engine is shutting down.
    #[error("the engine is stopping")]
    Stopping,
    /// The disk failed.
    #[error("the batch could not be made durable: {0}")]
    Storage(String),
}

/// Work for the ingest thread.
pub(super) enum Job {
    /// Log and apply a batch.
    Batch(Box<BatchJob>),
    /// End after everything queued before.
    Stop(oneshot::Sender<()>),
}

/// A batch, its encoded frame, and who waits for it.
pub(super) struct BatchJob {
    batch: Batch,
    frame: Vec<u8>,
    reply: oneshot::Sender<Result<Receipt, AcceptError>>,
    /// Frees the queue's bytes when the job is dropped.
    _room: OwnedSemaphorePermit,
}

/// Queues `batch` and waits until it is durable. Pressure stalls the sender first and refuses it then.
pub(super) async fn accept(inner: &Inner, mut batch: Batch) -> Result<Receipt, AcceptError> {
    if inner.stopping.load(Ordering::SeqCst) {
        return Err(AcceptError::Stopping);
    }
    // Publication frees memory; if it cannot keep up, or the disk refuses it, input has to wait.
    if inner.open_rows.load(Ordering::Relaxed) > inner.settings.max_open_rows.saturating_mul(2) {
        inner.crowded.notify_one();
        return Err(AcceptError::Busy { retry_after_s: CROWDED_RETRY_S });
    }
    fill_costs(&mut batch, &inner.settings.prices);
    let frame = codec::encode(&batch);
    let kib = (frame.len() / 1_024 + 1).min(inner.settings.queue_kib);
    let permits = u32::try_from(kib).unwrap_or(u32::MAX);
    let (reply, answer) = oneshot::channel();
    let queued = async {
        let room =
            Arc::clone(&inner.queued_kib).acquire_many_owned(permits).await.map_err(|_| AcceptError::Stopping)?;
        let job = Job::Batch(Box::new(BatchJob { batch, frame, reply, _room: room }));
        inner.queue.send(job).await.map_err(|_| AcceptError::Stopping)
    };
    let stall = Duration::from_millis(inner.settings.stall_ms);
    tokio::time::timeout(stall, queued).await.unwrap_or(Err(AcceptError::Busy { retry_after_s: 1 }))?;
    answer.await.unwrap_or(Err(AcceptError::Stopping))
}

/// Starts the thread. It holds the engine weakly, so that an engine nobody uses any more goes away.
pub(super) fn spawn(inner: &Arc<Inner>, queue: mpsc::Receiver<Job>) -> Result<(), EngineError> {
    let weak = Arc::downgrade(inner);
    std::thread::Builder::new()
        .name("ingest".to_owned())
        .spawn(move || run(&weak, queue))
        .map(|_handle| ())
        .map_err(EngineError::Thread)
}

fn run(engine: &Weak<Inner>, mut queue: mpsc::Receiver<Job>) {
    while let Some(first) = queue.blocking_recv() {
        let Some(inner) = engine.upgrade() else { return };
        let (group, stop) = gather(first, &mut queue);
        let answers = if group.is_empty() { Vec::new() } else { commit(&inner, group) };
        // Whoever hears that the batch is durable may close the engine at once and open the store again.
        drop(inner);
        for (reply, answer) in answers {
            // A sender that no longer waits needs no answer.
            let _answered = reply.send(answer);
        }
        if let Some(done) = stop {
            queue.close();
            // Whoever asked may have gone; the thread ends all the same.
            let _asked = done.send(());
            return;
        }
    }
}

/// Takes what waits, up to [`GROUP_BYTES`] or a request to stop.
fn gather(first: Job, queue: &mut mpsc::Receiver<Job>) -> (Vec<BatchJob>, Option<oneshot::Sender<()>>) {
    let mut group = Vec::new();
    let mut bytes = 0;
    let mut next = Some(first);
    while let Some(job) = next {
        match job {
            Job::Stop(done) => return (group, Some(done)),
            Job::Batch(job) => {
                bytes += job.frame.len();
                group.push(*job);
            }
        }
        next = if bytes < GROUP_BYTES { queue.try_recv().ok() } else { None };
    }
    (group, None)
}

/// Logs, syncs and applies `group`; what its senders are to be told.
fn commit(inner: &Inner, mut group: Vec<BatchJob>) -> Vec<Answer> {
    let frames: Vec<Vec<u8>> = group.iter_mut().map(|job| std::mem::take(&mut job.frame)).collect();
    let end = match inner.store.append(&frames) {
        Ok(end) => end,
        Err(error) => {
            tracing::error!(%error, batches = group.len(), "log write failed; batches were not acknowledged");
            let failed = |job: BatchJob| (job.reply, Err(AcceptError::Storage(error.to_string())));
            return group.into_iter().map(failed).collect();
        }
    };
    let mut state = inner.state_mut();
    let mut fresh: Vec<Vec<Call>> = Vec::new();
    let decides = inner.settings.decide.is_some();
    let mut apply = |job: BatchJob| {
        let applied = state.minutes.apply(&job.batch);
        state.counters.record(&job.batch, applied);
        if decides && !applied.duplicate {
            fresh.push(job.batch.calls);
        }
        (job.reply, Ok(Receipt { calls: applied.calls, late: applied.late, duplicate: applied.duplicate }))
    };
    let answers = group.into_iter().map(&mut apply).collect();
    state.applied = end;
    learn_channels(inner, &state);
    inner.weigh(&state);
    drop(state);
    for calls in &fresh {
        inner.hear_calls(calls);
    }
    answers
}

type Answer = (oneshot::Sender<Result<Receipt, AcceptError>>, Result<Receipt, AcceptError>);

/// Publishes the set of known channels again if a batch brought new ones.
fn learn_channels(inner: &Inner, state: &State) {
    let known = Arc::clone(&inner.known.read().unwrap_or_else(PoisonError::into_inner));
    let news: Vec<&ChannelId> = state.minutes.channels().map(|(id, _)| id).filter(|id| !known.contains(*id)).collect();
    if !news.is_empty() {
        let mut grown: HashSet<ChannelId> = (*known).clone();
        grown.extend(news.into_iter().cloned());
        *inner.known.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(grown);
    }
}

/// Gives calls and partial minutes without a stated cost the one that the price list gives them.
fn fill_costs(batch: &mut Batch, prices: &PriceList) {
    for call in batch.calls.iter_mut().filter(|call| call.cost.is_none()) {
        let usage =
            Usage { prompt: call.tokens_prompt, completion: call.tokens_completion, cached: call.tokens_cached };
        call.cost = prices.cost(&call.channel, call.ts, usage);
    }
    for part in batch.partials.iter_mut().filter(|part| part.cost.is_none()) {
        let usage =
            Usage { prompt: part.tokens_prompt, completion: part.tokens_completion, cached: part.tokens_cached };
        part.cost = prices.cost(&part.channel, part.minute.start(), usage);
    }
}
