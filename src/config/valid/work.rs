//! `[learn]` and `[[work]]` as meant.

use std::collections::BTreeSet;
use std::time::Duration;

use super::unique_name;
use crate::config::check::Checker;
use crate::config::document::Path;
use crate::config::elements::cron::Cron;
use crate::config::elements::duration;
use crate::config::raw;

/// Longest name of a model, in bytes.
const LONGEST_MODEL: usize = 200;

/// How it is learnt which model should do which work.
#[derive(Debug, Clone, PartialEq)]
pub struct Learn {
    /// When the shares of the coming day are told.
    pub cron: Cron,
    /// Jobs of a kind after which what was known before counts half.
    pub half_life_jobs: f64,
    /// Where chance begins.
    pub seed: u64,
    /// How long a job may be silent, and how long one that is over is known.
    pub expire_after: Duration,
    /// How long a model is passed over whose tokens a client says are used up.
    pub exhausted_for: Duration,
}

impl Default for Learn {
    fn default() -> Self {
        Self {
            cron: Cron::every_day_at_eight(),
            half_life_jobs: 462.0,
            seed: 0,
            expire_after: Duration::from_hours(24),
            exhausted_for: Duration::from_mins(15),
        }
    }
}

/// A class of work.
#[derive(Debug, Clone, PartialEq)]
pub struct Work {
    /// Its name; unique.
    pub class: String,
    /// Who may do it; at least one, names differ.
    pub models: Vec<WorkModel>,
    /// The model that what is reached is compared with; one of these.
    pub fixed: String,
    /// Mean worth that is enough for L1 to L4, 0 to 1.
    pub enough: [f64; 4],
}

/// A model that may do the work.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkModel {
    /// Its name.
    pub name: String,
    /// Tokens that jobs of the class may take of it in a day; at least 1.
    pub tokens_per_day: Option<u64>,
    /// What a job is expected to cost in USD.
    pub usd_per_job: Option<f64>,
}

impl Learn {
    pub(super) fn check(raw: &raw::Learn, path: &Path, checker: &mut Checker<'_>) -> Self {
        let default = Self::default();
        if !(10.0..=1_000_000.0).contains(&raw.half_life_jobs) {
            let message = format!("expected a number of jobs from 10 to 1000000, found {}", raw.half_life_jobs);
            checker.fail(&path.key("half_life_jobs"), message);
        }
        let expire_after = duration::parse_within(&raw.expire_after, "1m", "30d");
        let exhausted_for = duration::parse_within(&raw.exhausted_for, "1s", "7d");
        Self {
            cron: checker.take_or(&path.key("cron"), Cron::parse(&raw.cron), default.cron),
            half_life_jobs: raw.half_life_jobs,
            seed: raw.seed,
            expire_after: checker.take_or(&path.key("expire_after"), expire_after, default.expire_after),
            exhausted_for: checker.take_or(&path.key("exhausted_for"), exhausted_for, default.exhausted_for),
        }
    }
}

impl Work {
    pub(super) fn check_all(raw: &[raw::Work], path: &Path, checker: &mut Checker<'_>) -> Vec<Self> {
        let mut taken = BTreeSet::new();
        let check = |(at, work): (usize, &raw::Work)| {
            let path = path.at(at);
            let class = unique_name(&work.class, &path.key("class"), &mut taken, checker);
            let body = Self::check(work, &path, checker);
            Some(Self { class: class?, ..body? })
        };
        raw.iter().enumerate().filter_map(check).collect()
    }

    fn check(raw: &raw::Work, path: &Path, checker: &mut Checker<'_>) -> Option<Self> {
        let models = WorkModel::check_all(&raw.model, &path.key("model"), checker);
        let Some(first) = models.first() else {
            if raw.model.is_empty() {
                checker.fail(&path.key("model"), "a class of work needs at least one model");
            }
            return None;
        };
        let fixed = raw.fixed.clone().unwrap_or_else(|| first.name.clone());
        if !models.iter().any(|model| model.name == fixed) {
            let names: Vec<&str> = models.iter().map(|model| model.name.as_str()).collect();
            let message = format!("`{fixed}` is none of the models of this class: {}", names.join(", "));
            checker.fail(&path.key("static"), message);
        }
        let enough = &raw.enough;
        for (tier, worth) in [("L1", enough.L1), ("L2", enough.L2), ("L3", enough.L3), ("L4", enough.L4)] {
            if !(0.0..=1.0).contains(&worth) {
                let message = format!("expected a mean worth from 0 to 1, found {worth}");
                checker.fail(&path.key("enough").key(tier), message);
            }
        }
        Some(Self { class: String::new(), models, fixed, enough: [enough.L1, enough.L2, enough.L3, enough.L4] })
    }
}

impl WorkModel {
    fn check_all(raw: &[raw::WorkModel], path: &Path, checker: &mut Checker<'_>) -> Vec<Self> {
        let mut taken = BTreeSet::new();
        let check = |(at, model): (usize, &raw::WorkModel)| {
            let path = path.at(at);
            let (name, name_path) = (&model.name, path.key("name"));
            if name.is_empty()
                || name.len() > LONGEST_MODEL
                || name.chars().any(|c| c.is_whitespace() || c.is_control())
            {
                let message = format!("expected a name of 1 to {LONGEST_MODEL} bytes without blanks, found `{name}`");
                checker.fail(&name_path, message);
            } else if !taken.insert(name.clone()) {
                checker.fail(&name_path, format!("the model `{name}` is named twice in this class"));
            }
            if let Some(usd) = model.usd_per_job.filter(|usd| !(usd.is_finite() && *usd >= 0.0)) {
                checker.fail(&path.key("usd_per_job"), format!("expected USD of at least 0, found {usd}"));
            }
            Self { name: name.clone(), tokens_per_day: model.tokens_per_day, usd_per_job: model.usd_per_job }
        };
        raw.iter().enumerate().map(check).collect()
    }
}
