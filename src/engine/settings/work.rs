//! Settings of work that is shared out among models.

use std::sync::Arc;

use crate::collect::schedule::CronExpr;
use crate::config::Config;
use crate::config::valid;
use crate::policy::work::book::{Book, Class, Model};
use crate::stats::seed::Seed;

/// Settings of work.
#[derive(Debug, Clone)]
pub struct WorkSettings {
    /// What operators say about it.
    pub book: Arc<Book>,
    /// When the shares of the coming day are told.
    pub cron: CronExpr,
}

impl WorkSettings {
    /// The settings that `config` asks for; `None` if there is no work.
    #[must_use]
    pub fn of(config: &Config) -> Option<Self> {
        let learn = &config.learn;
        // The configuration has read the schedule already.
        let cron = CronExpr::parse(learn.cron.as_str()).ok().filter(|_| !config.work.is_empty())?;
        let book = Book {
            classes: config.work.iter().map(class).collect(),
            discount: 0.5_f64.powf(1.0 / learn.half_life_jobs),
            expire_s: learn.expire_after.as_secs_f64(),
            exhausted_s: learn.exhausted_for.as_secs_f64(),
            seed: Seed::new(learn.seed).child("work"),
        };
        Some(Self { book: Arc::new(book), cron })
    }
}

fn class(work: &valid::Work) -> Class {
    let model = |of: &valid::WorkModel| Model {
        name: of.name.clone(),
        tokens_per_day: of.tokens_per_day,
        usd_per_job: of.usd_per_job,
    };
    Class {
        name: work.class.clone(),
        models: work.models.iter().map(model).collect(),
        fixed: work.fixed.clone(),
        enough: work.enough,
    }
}
