//! The one thread that judges what is said of jobs: what waits is judged together, synced once, and answered then.

use std::sync::{Arc, Weak};

use tokio::sync::{mpsc, oneshot};

use crate::engine::bus::Happening;
use crate::engine::work::{State, WorkError};
use crate::engine::{EngineError, Inner, WorkSettings};
use crate::policy::work::ask::{Answer, Ask};
use crate::policy::work::event::Event;
use crate::policy::work::report::Report;
use crate::telemetry::names::Metric;

/// Orders that share one sync at most: the first of them must not wait long.
const GROUP: usize = 512;

type Reply<T> = oneshot::Sender<Result<T, WorkError>>;

/// What the thread is to do.
#[derive(Debug)]
pub(in crate::engine) enum Order {
    /// Judge what a client says.
    Ask(Box<Ask>, Reply<Answer>),
    /// Tell the shares of the coming day.
    Allocate(Reply<Report>),
    /// Give up the jobs of which nothing was heard.
    Sweep(Reply<usize>),
}

/// Who is answered once the group is on disk, and what.
enum Waiting {
    Answer(Reply<Answer>, Result<Answer, WorkError>),
    Report(Reply<Report>, Result<Report, WorkError>),
    Swept(Reply<usize>, Result<usize, WorkError>),
}

/// Starts the thread. It holds the engine weakly, so that an engine nobody uses any more goes away.
pub(in crate::engine) fn spawn(inner: &Arc<Inner>, queue: mpsc::Receiver<Order>) -> Result<(), EngineError> {
    let Some(settings) = inner.settings.work.clone() else { return Ok(()) };
    let weak = Arc::downgrade(inner);
    std::thread::Builder::new()
        .name("work".to_owned())
        .spawn(move || run(&weak, &settings, queue))
        .map(|_handle| ())
        .map_err(EngineError::Thread)
}

fn run(engine: &Weak<Inner>, settings: &WorkSettings, mut queue: mpsc::Receiver<Order>) {
    while let Some(first) = queue.blocking_recv() {
        let Some(inner) = engine.upgrade() else { return };
        let mut group = vec![first];
        while group.len() < GROUP
            && let Ok(order) = queue.try_recv()
        {
            group.push(order);
        }
        let answered = inner.carry_out(settings, group);
        // Whoever hears that it is durable may close the engine at once and open the store again.
        drop(inner);
        answered.into_iter().for_each(Waiting::send);
    }
}

impl Waiting {
    /// Answers. Whoever no longer waits needs no answer.
    fn send(self) {
        match self {
            Self::Answer(reply, answer) => drop(reply.send(answer)),
            Self::Report(reply, report) => drop(reply.send(report)),
            Self::Swept(reply, swept) => drop(reply.send(swept)),
        }
    }

    /// The same, but nothing came of it.
    fn failed(self, cause: &str) -> Self {
        let error = || WorkError::Storage(cause.to_owned());
        match self {
            Self::Answer(reply, answer) => Self::Answer(reply, answer.and_then(|_| Err(error()))),
            Self::Report(reply, _) => Self::Report(reply, Err(error())),
            Self::Swept(reply, _) => Self::Swept(reply, Err(error())),
        }
    }
}

impl Inner {
    /// Judges every order of `group` in turn, and makes what follows durable.
    fn carry_out(&self, settings: &WorkSettings, group: Vec<Order>) -> Vec<Waiting> {
        let mut state = self.working.state();
        if state.is_unsure
            && let Err(error) = self.read_work(&mut state)
        {
            tracing::error!(%error, "what is known of jobs cannot be read again; nothing is taken on until it can");
            return group.into_iter().map(|order| order.refused(&error.to_string())).collect();
        }
        let mut events = Vec::new();
        let waiting: Vec<Waiting> =
            group.into_iter().map(|order| self.judge(settings, &mut state, order, &mut events)).collect();
        if events.is_empty() {
            return waiting;
        }
        // Texts and numbers can always be written.
        let frames: Vec<Vec<u8>> = events.iter().map(|event| serde_json::to_vec(event).unwrap_or_default()).collect();
        match self.store.append_jobs(&frames) {
            Ok(next) => state.next = next,
            Err(error) => {
                state.is_unsure = true;
                tracing::error!(%error, events = events.len(), "log write failed; what was said of jobs was not taken on");
                let cause = error.to_string();
                return waiting.into_iter().map(|waiting| waiting.failed(&cause)).collect();
            }
        }
        metrics::gauge!(Metric::JobsOpen.name()).set(u32::try_from(state.ledger.count().open).unwrap_or(u32::MAX));
        drop(state);
        for event in &events {
            self.tell_work(event);
        }
        waiting
    }

    fn judge(&self, settings: &WorkSettings, state: &mut State, order: Order, events: &mut Vec<Event>) -> Waiting {
        let (book, now) = (&*settings.book, self.clock.now());
        let mut happen = |state: &mut State, event: Event| {
            if let Some(part) = state.ledger.apply(book, &event) {
                metrics::counter!(Metric::JobParts.name(), "outcome" => part.outcome.clone()).increment(1);
                state.add(part);
            }
            events.push(event);
        };
        match order {
            Order::Ask(ask, reply) => {
                let judged = match state.ledger.judge(book, now, &ask) {
                    Ok(judged) => judged,
                    Err(refusal) => return Waiting::Answer(reply, Err(refusal.into())),
                };
                let repeated = judged.event.is_none();
                if let Some(event) = judged.event {
                    happen(state, event);
                }
                let answer = state.ledger.answer(&judged.job, repeated);
                Waiting::Answer(reply, answer.ok_or_else(|| WorkError::Storage("the job is gone".to_owned())))
            }
            Order::Allocate(reply) => {
                let report = state.ledger.allocate(book, now);
                happen(state, Event::Allocated { report: Box::new(report.clone()) });
                Waiting::Report(reply, Ok(report))
            }
            Order::Sweep(reply) => {
                let expired = state.ledger.expired(book, now);
                let swept = expired.len();
                for event in expired {
                    happen(state, event);
                }
                Waiting::Swept(reply, Ok(swept))
            }
        }
    }

    /// Tells whoever listens of what is on disk.
    fn tell_work(&self, event: &Event) {
        let Event::Allocated { report } = event else { return };
        tracing::info!(at = %report.at(), kinds = report.kinds.len(), "work is shared out anew");
        if self.watching.bus.is_heard() {
            self.watching.bus.tell(Happening::Work(Arc::new((**report).clone())));
        }
    }
}

impl Order {
    /// Nothing came of it.
    fn refused(self, cause: &str) -> Waiting {
        let error = WorkError::Storage(cause.to_owned());
        match self {
            Self::Ask(_, reply) => Waiting::Answer(reply, Err(error)),
            Self::Allocate(reply) => Waiting::Report(reply, Err(error)),
            Self::Sweep(reply) => Waiting::Swept(reply, Err(error)),
        }
    }
}
