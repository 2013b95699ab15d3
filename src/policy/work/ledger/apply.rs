//! What follows from an event.

use crate::domain::time::Timestamp;
use crate::policy::work::Done;
use crate::policy::work::ask::Trouble;
use crate::policy::work::book::Book;
use crate::policy::work::event::Event;
use crate::policy::work::job::{Figures, Job, Part, State, Told};
use crate::policy::work::ledger::{Ledger, MOST_OVER};

/// How a part came out.
#[derive(Clone, Copy)]
struct Came {
    outcome: &'static str,
    success: Option<bool>,
    quality: Option<f64>,
}

impl Ledger {
    /// Has `event` happen; the part of a job that is over with it. An event about a job that is not known changes nothing.
    pub fn apply(&mut self, book: &Book, event: &Event) -> Option<Part> {
        match event {
            Event::Started { job, at, kind, chain, why, digest } => {
                self.started += 1;
                let begun = Job {
                    kind: kind.clone(),
                    chain: chain.clone(),
                    at: Some(0),
                    why: why.clone(),
                    digest: *digest,
                    state: State::Open,
                    heard: *at,
                    so_far: Figures::default(),
                    part_began: *at,
                    before_part: Figures::default(),
                    parts: 0,
                    steps: Vec::new(),
                };
                self.jobs.insert(job.clone(), begun);
                None
            }
            Event::Stepped { job, at, number, key, digest, tokens, cost_usd, trouble, next, until } => {
                let mut found = self.jobs.remove(job)?;
                self.take(&mut found, *at, Figures { tokens: *tokens, cost_usd: *cost_usd });
                found.steps.push(Told { number: *number, key: key.clone(), digest: *digest });
                let part = trouble.and_then(|trouble| {
                    let came = Came { outcome: trouble.name(), success: Some(false), quality: None };
                    let part = self.close(book, job, &mut found, *at, came);
                    self.pass_on(&mut found, trouble, *next, *until);
                    part
                });
                self.jobs.insert(job.clone(), found);
                part
            }
            Event::Ended { job, at, digest, success, quality, tokens, cost_usd } => {
                let mut found = self.jobs.remove(job)?;
                self.take(&mut found, *at, Figures { tokens: *tokens, cost_usd: *cost_usd });
                let outcome = if *success { "done" } else { "failed" };
                let part = self.close(
                    book,
                    job,
                    &mut found,
                    *at,
                    Came { outcome, success: Some(*success), quality: *quality },
                );
                self.lay_aside(book, job, found, *at, State::Ended(*digest));
                part
            }
            Event::Abandoned { job, at } => {
                let mut found = self.jobs.remove(job)?;
                let part =
                    self.close(book, job, &mut found, *at, Came { outcome: "abandoned", success: None, quality: None });
                self.lay_aside(book, job, found, *at, State::Abandoned);
                part
            }
            Event::Allocated { report } => {
                self.today = Some((**report).clone());
                None
            }
        }
    }

    /// Counts what `job` took more.
    fn take(&mut self, job: &mut Job, at: Timestamp, now: Figures) {
        let more = now.tokens.saturating_sub(job.so_far.tokens);
        if let Some(model) = job.model().filter(|_| more > 0) {
            let of_class = self.purses.entry(job.kind.class.clone()).or_default();
            of_class.entry(model.to_owned()).or_default().take(at, more);
        }
        (job.so_far, job.heard) = (now, at);
    }

    /// Ends the part of the model that is at work, and learns from it unless nobody knows how it came out.
    fn close(&mut self, book: &Book, name: &str, job: &mut Job, at: Timestamp, came: Came) -> Option<Part> {
        let model = job.model()?.to_owned();
        let (tokens, cost_usd) = (
            job.so_far.tokens.saturating_sub(job.before_part.tokens),
            (job.so_far.cost_usd - job.before_part.cost_usd).max(0.0),
        );
        if let Some(success) = came.success {
            let done = Done { success, quality: came.quality, tokens, cost_usd };
            self.scores.hear(at, &job.kind, &model, &done, book.discount);
        }
        job.parts += 1;
        let part = Part {
            job: name.to_owned(),
            number: job.parts,
            began: job.part_began,
            ended: at,
            kind: job.kind.clone(),
            model,
            outcome: came.outcome.to_owned(),
            success: came.success,
            quality: came.quality,
            tokens,
            cost_usd,
        };
        (job.part_began, job.before_part) = (at, job.so_far);
        Some(part)
    }

    /// Gives `job` to the next model.
    fn pass_on(&mut self, job: &mut Job, trouble: Trouble, next: Option<usize>, until: Option<Timestamp>) {
        let Some(model) = job.model().map(str::to_owned) else { return };
        if let Some(until) = until {
            let of_class = self.purses.entry(job.kind.class.clone()).or_default();
            of_class.entry(model.clone()).or_default().shut(until);
        }
        job.at = next;
        let what = match trouble {
            Trouble::Failed => "failed",
            Trouble::Exhausted => "has no tokens left",
        };
        job.why = match job.model() {
            Some(next) => format!("`{model}` {what}; `{next}` takes over"),
            None => format!("`{model}` {what}, and no model of the chain is left; end the job"),
        };
    }

    /// Keeps a job that is over for as long as somebody may speak of it again.
    fn lay_aside(&mut self, book: &Book, name: &str, job: Job, at: Timestamp, state: State) {
        self.jobs.insert(name.to_owned(), Job { state, heard: at, ..job });
        self.over.push_back((at, name.to_owned()));
        while let Some((since, oldest)) = self.over.front()
            && (self.over.len() > MOST_OVER || at.seconds_since(*since) > book.expire_s)
        {
            self.jobs.remove(oldest);
            self.over.pop_front();
        }
    }
}
