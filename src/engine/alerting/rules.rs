//! The rules as they are now. Their file is read each minute, and what changed in it is taken up.
//!
//! What the file holds is compared and not when it was written: a minute is long, a file of rules is small, and clocks of
//! disks are coarse. A file that is wrong, or gone, changes nothing; people are told of it by the rule `RulesRefused` and
//! where they look for alerts.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use crate::config;
use crate::engine::Engine;
use crate::engine::settings::{RulesFile, WatchedRule};

/// The rules as they are now.
pub(super) struct Rules {
    now: RwLock<Arc<Vec<WatchedRule>>>,
    seen: Mutex<Seen>,
}

/// What was made of the file when it was read last.
#[derive(Default)]
struct Seen {
    /// What it held; `None` if it could not be read.
    text: Option<String>,
    /// Why it was not taken up.
    problem: Option<String>,
}

impl Rules {
    pub(super) fn new(rules: Vec<WatchedRule>) -> Self {
        Self { now: RwLock::new(Arc::new(rules)), seen: Mutex::default() }
    }
}

impl Engine {
    /// The rules as they are now.
    pub(super) fn rules(&self) -> Arc<Vec<WatchedRule>> {
        Arc::clone(&self.0.alerting.rules.now.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Why the file of rules, as it is now, was not taken up; `None` if it was, or there is none.
    #[must_use]
    pub fn rules_problem(&self) -> Option<String> {
        self.0.alerting.rules.seen.lock().unwrap_or_else(PoisonError::into_inner).problem.clone()
    }

    /// Takes up what changed in the file of rules, if there is one. Blocks: it reads the file.
    pub(super) fn reread_rules(&self) {
        let Some(file) = &self.settings().alerts.rules_file else { return };
        let read = std::fs::read_to_string(&file.path);
        let mut seen = self.0.alerting.rules.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let (Ok(text), Some(known)) = (&read, &seen.text)
            && text == known
        {
            return;
        }
        let checked = match &read {
            Ok(text) => check(file, text),
            Err(error) => Err(format!("{} cannot be read: {error}", file.path.display())),
        };
        let (found, problem) = match checked {
            Ok(rules) => (Some(rules), None),
            Err(problem) => (None, Some(problem)),
        };
        if let Some(problem) = problem.as_ref().filter(|problem| seen.problem.as_ref() != Some(problem)) {
            tracing::error!(problem, "the file of rules was not taken up; the rules are those of before");
        }
        *seen = Seen { text: read.ok(), problem };
        drop(seen);
        if let Some(rules) = found.filter(|rules| *rules != *self.rules()) {
            tracing::info!(rules = rules.len(), "the file of rules has changed and was taken up");
            *self.0.alerting.rules.now.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(rules);
            self.forget_rules();
        }
    }
}

fn check(file: &RulesFile, text: &str) -> Result<Vec<WatchedRule>, String> {
    let rules = config::check_rules(&file.path, text, &file.config).map_err(|error| error.to_string())?;
    Ok(WatchedRule::all(&rules))
}
