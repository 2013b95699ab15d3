//! What a client says, and what is to happen then.

use crate::domain::time::Timestamp;
use crate::policy::work::Kind;
use crate::policy::work::allocation::Shares;
use crate::policy::work::ask::{Ask, End, LONGEST_JOB, Refusal, Start, Step, Trouble};
use crate::policy::work::book::{Book, Class};
use crate::policy::work::event::Event;
use crate::policy::work::job::{Job, State};
use crate::policy::work::ledger::{Ledger, MOST_OPEN, MOST_STEPS};
use crate::policy::work::purse::Shut;

/// What is to happen, and to which job.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// The job.
    pub job: String,
    /// What is to happen; `None` if it happened before, when the same was said.
    pub event: Option<Event>,
}

impl Ledger {
    /// Judges `ask`, said at `now`. Changes nothing: what it returns has yet to be applied.
    ///
    /// # Errors
    /// [`Refusal`], which names the field that is wrong and says what to do.
    pub fn judge(&self, book: &Book, now: Timestamp, ask: &Ask) -> Result<Judged, Refusal> {
        let digest = ask.digest();
        match ask {
            Ask::Start(start) => self.start(book, now, start, digest),
            Ask::Step(step) => self.step(book, now, step, digest),
            Ask::End(end) => self.end(now, end, digest),
        }
    }

    fn start(&self, book: &Book, now: Timestamp, start: &Start, digest: u64) -> Result<Judged, Refusal> {
        let class = book.class(&start.class).ok_or_else(|| Refusal::Class {
            class: start.class.clone(),
            known: names(book.classes.iter().map(|class| &class.name)),
        })?;
        if let Some(model) = start.model.as_ref().filter(|model| class.model(model).is_none()) {
            return Err(Refusal::Model {
                model: model.clone(),
                class: class.name.clone(),
                known: names(class.models.iter().map(|model| &model.name)),
            });
        }
        let job = match &start.job {
            Some(job) => named(job)?,
            None => self.new_name(),
        };
        if let Some(known) = self.jobs.get(&job) {
            return if known.digest == digest {
                Ok(Judged { job, event: None })
            } else {
                let kind = &known.kind;
                let problem =
                    format!("`{job}` was started already, as {} {} in other words", kind.class, kind.tier.name());
                Err(Refusal::Differs { field: "job", problem })
            };
        }
        if self.count().open >= MOST_OPEN {
            return Err(Refusal::Full(format!("{MOST_OPEN} jobs are open already; end those that are over")));
        }
        let kind = Kind { class: class.name.clone(), tier: start.tier };
        let (chain, why) = self.choose(book, class, &kind, start.model.as_deref(), now)?;
        let event = Event::Started { job: job.clone(), at: now, kind, chain, why, digest };
        Ok(Judged { job, event: Some(event) })
    }

    /// Who does a job of `kind`, who takes over, and why.
    fn choose(
        &self,
        book: &Book,
        class: &Class,
        kind: &Kind,
        asked: Option<&str>,
        now: Timestamp,
    ) -> Result<(Vec<String>, String), Refusal> {
        let shut = |model: &str| self.shut(book, &class.name, model, now);
        let shares = self.today.as_ref().and_then(|today| today.allocation.shares(kind));
        let in_file = || class.models.iter().map(|model| model.name.clone());
        let ranked: Vec<String> = shares.map_or_else(|| in_file().collect(), |shares| shares.chain.clone());
        let usable = |model: &str| class.model(model).is_some() && shut(model).is_none();
        let chain: Vec<String> = match (asked, shares) {
            (Some(asked), _) => {
                let others = ranked.iter().filter(|model| *model != asked).cloned();
                std::iter::once(asked.to_owned()).chain(others).filter(|model| usable(model)).collect()
            }
            (None, Some(shares)) => shares.pick(book.seed.child("pick"), self.started, usable),
            (None, None) => ranked.into_iter().filter(|model| usable(model)).collect(),
        };
        let passed_over: Vec<String> = in_file()
            .filter_map(|model| shut(&model).map(|shut| format!("`{model}` is passed over: {}", shut.told())))
            .collect();
        let Some(first) = chain.first() else {
            let until = in_file().filter_map(|model| shut(&model)).map(Shut::until).min().unwrap_or(now);
            return Err(Refusal::NobodyLeft { class: class.name.clone(), until });
        };
        let mut why = match asked {
            Some(asked) if asked == first => format!("`{first}` was asked for"),
            Some(asked) => format!("`{asked}` was asked for; `{first}` is next in the chain"),
            None => drawn(first, shares),
        };
        for said in passed_over {
            why.push_str("; ");
            why.push_str(&said);
        }
        Ok((chain, why))
    }

    fn step(&self, book: &Book, now: Timestamp, step: &Step, digest: u64) -> Result<Judged, Refusal> {
        let job = self.jobs.get(&step.job).ok_or_else(|| Refusal::Unknown(step.job.clone()))?;
        check_figure("cost_usd", step.cost_usd)?;
        check_figure("retry_after_s", step.retry_after_s)?;
        let (field, same) = match (step.number, &step.key) {
            (Some(number), _) => ("step", job.steps.iter().find(|told| told.number == Some(number))),
            (None, Some(key)) => ("Idempotency-Key", job.steps.iter().find(|told| told.key.as_ref() == Some(key))),
            (None, None) => {
                let problem = "is missing; number the steps of a job from 1, or send the header Idempotency-Key";
                return Err(Refusal::Field { field: "step", problem: problem.to_owned() });
            }
        };
        if let Some(told) = same {
            return if told.digest == digest {
                Ok(Judged { job: step.job.clone(), event: None })
            } else {
                let problem = "this step was told before, in other words; number the next one higher".to_owned();
                Err(Refusal::Differs { field, problem })
            };
        }
        open(&step.job, job)?;
        let newest = job.steps.iter().filter_map(|told| told.number).max();
        if let Some(newest) = newest.filter(|newest| step.number.is_some_and(|number| number <= *newest)) {
            let problem = format!("comes after step {newest} was told; steps are told in their order");
            return Err(Refusal::Field { field: "step", problem });
        }
        if job.steps.len() >= MOST_STEPS {
            return Err(Refusal::Full(format!("the job has {MOST_STEPS} steps already; end it")));
        }
        if let Some(said) = step.model.as_ref().filter(|said| job.model() != Some(said)) {
            let now = job.model().map_or_else(|| "nobody".to_owned(), |model| format!("`{model}`"));
            return Err(Refusal::NotAtIt { said: said.clone(), job: step.job.clone(), now });
        }
        if step.trouble.is_some() && job.at.is_none() {
            return Err(Refusal::Over { job: step.job.clone(), how: "has no model left that could fail" });
        }
        let tokens = step.tokens.unwrap_or(job.so_far.tokens);
        let cost_usd = step.cost_usd.unwrap_or(job.so_far.cost_usd);
        grown(job, tokens, cost_usd)?;
        let usable = |model: &String| self.shut(book, &job.kind.class, model, now).is_none();
        let next = job.at.filter(|_| step.trouble.is_some()).and_then(|at| {
            let behind = job.chain.iter().enumerate().skip(at + 1);
            behind.filter(|(_, model)| usable(model)).map(|(place, _)| place).next()
        });
        let until = (step.trouble == Some(Trouble::Exhausted))
            .then(|| after(now, step.retry_after_s.unwrap_or(book.exhausted_s)));
        let event = Event::Stepped {
            job: step.job.clone(),
            at: now,
            number: step.number,
            key: step.key.clone(),
            digest,
            tokens,
            cost_usd,
            trouble: step.trouble,
            next,
            until,
        };
        Ok(Judged { job: step.job.clone(), event: Some(event) })
    }

    fn end(&self, now: Timestamp, end: &End, digest: u64) -> Result<Judged, Refusal> {
        let job = self.jobs.get(&end.job).ok_or_else(|| Refusal::Unknown(end.job.clone()))?;
        check_figure("cost_usd", Some(end.cost_usd))?;
        if let Some(quality) = end.quality.filter(|quality| !(0.0..=1.0).contains(quality)) {
            let problem = format!("is {quality}; expected a number from 0 to 1, or null if nobody judged it");
            return Err(Refusal::Field { field: "quality", problem });
        }
        match job.state {
            State::Ended(known) if known == digest => return Ok(Judged { job: end.job.clone(), event: None }),
            State::Ended(_) => {
                let problem = format!("`{}` ended before, in other words; that stands", end.job);
                return Err(Refusal::Differs { field: "job", problem });
            }
            State::Open | State::Abandoned => open(&end.job, job)?,
        }
        grown(job, end.tokens, end.cost_usd)?;
        let &End { success, quality, tokens, cost_usd, .. } = end;
        let event = Event::Ended { job: end.job.clone(), at: now, digest, success, quality, tokens, cost_usd };
        Ok(Judged { job: end.job.clone(), event: Some(event) })
    }

    /// A name that no job has.
    fn new_name(&self) -> String {
        let names = (self.started + 1..).map(|number| format!("work-{number}"));
        let mut free = names.filter(|name| !self.jobs.contains_key(name));
        free.next().unwrap_or_default()
    }
}

/// Why a model was drawn.
fn drawn(model: &str, shares: Option<&Shares>) -> String {
    match shares.and_then(|shares| shares.models.get(model)) {
        Some(share) => format!("`{model}` gets {:.1} % of such jobs today", share * 100.0),
        None => format!("`{model}` is the first in the configuration; nothing is allocated yet"),
    }
}

/// Refuses what is said of a job that is over.
fn open(name: &str, job: &Job) -> Result<(), Refusal> {
    let how = match job.state {
        State::Open => return Ok(()),
        State::Ended(_) => "is over",
        State::Abandoned => "was given up because nothing was heard of it for too long",
    };
    Err(Refusal::Over { job: name.to_owned(), how })
}

/// A name that a job can have.
fn named(job: &str) -> Result<String, Refusal> {
    let is_plain = job.bytes().all(|byte| byte.is_ascii_graphic());
    if job.is_empty() || job.len() > LONGEST_JOB || !is_plain {
        let problem =
            format!("is no name of a job; expected 1 to {LONGEST_JOB} letters, digits or signs without blanks");
        return Err(Refusal::Field { field: "job", problem });
    }
    Ok(job.to_owned())
}

/// Refuses what cannot be counted.
fn check_figure(field: &'static str, figure: Option<f64>) -> Result<(), Refusal> {
    let Some(figure) = figure.filter(|figure| !(figure.is_finite() && *figure >= 0.0)) else { return Ok(()) };
    Err(Refusal::Field { field, problem: format!("is {figure}; expected a number of at least 0") })
}

/// Figures are those of the job so far, so they never shrink.
fn grown(job: &Job, tokens: u64, cost_usd: f64) -> Result<(), Refusal> {
    let so_far = job.so_far;
    let shrunk = |field, said: String, known: String| {
        let problem = format!("is {said}, but it was {known} before; figures are those of the whole job so far");
        Err(Refusal::Field { field, problem })
    };
    if tokens < so_far.tokens {
        return shrunk("tokens", tokens.to_string(), so_far.tokens.to_string());
    }
    // Sums of prices may differ in their last digits.
    if cost_usd < so_far.cost_usd * (1.0 - 1e-9) {
        return shrunk("cost_usd", cost_usd.to_string(), so_far.cost_usd.to_string());
    }
    Ok(())
}

/// So many seconds after `now`, at most a year.
fn after(now: Timestamp, seconds: f64) -> Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "seconds of a year fit")]
    let whole = seconds.clamp(0.0, 31_536_000.0).ceil() as i64;
    now.plus_seconds(whole)
}

fn names<'a>(names: impl Iterator<Item = &'a String>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
