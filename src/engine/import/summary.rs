//! What an import did, for people and for scripts.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::collect::import::mapping::Mapping;
use crate::collect::import::read::Format;
use crate::domain::batch::Reject;
use crate::domain::call::Call;
use crate::domain::ids::ChannelId;
use crate::domain::sample::Sample;
use crate::domain::time::Timestamp;
use crate::domain::units::MicroUsd;

/// Rejected rows that are shown; all are counted.
pub const SHOWN_REJECTS: usize = 20;

/// What became of an import.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Verdict {
    /// The file was read and published.
    #[default]
    Imported,
    /// An earlier run had published some rows; this one did the rest.
    Resumed {
        /// Rows that the earlier run had published.
        after_row: u64,
    },
    /// An earlier run had done it all; nothing was read or changed.
    AlreadyImported {
        /// The file that run read, and when.
        source: String,
    },
    /// The file was read, nothing was published.
    DryRun,
}

/// Counts over the whole file, rows of an earlier run included.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// The file.
    pub file: String,
    /// What the file is.
    pub format: Format,
    /// What rows are: `calls` or `samples`.
    pub kind: &'static str,
    /// Column of each field, the channel's template included.
    pub mapping: BTreeMap<String, String>,
    /// Columns that feed nothing.
    pub unused: Vec<String>,
    /// What became of it.
    pub verdict: Verdict,
    /// Rows read.
    pub rows: u64,
    /// Rows that became calls or minutes.
    pub accepted: u64,
    /// Rows left out on purpose, by the value that decided.
    pub skipped: BTreeMap<String, u64>,
    /// Rows that were not understood.
    pub rejected: u64,
    /// The first of them.
    pub rejects: Vec<Reject>,
    /// Calls, or the sum of the minutes' requests.
    pub requests: u64,
    /// Of these, failures.
    pub failures: u64,
    /// Prompt tokens; like the sums below `None` if no row knows them.
    pub tokens_prompt: Option<u64>,
    /// Completion tokens.
    pub tokens_completion: Option<u64>,
    /// Cached prompt tokens.
    pub tokens_cached: Option<u64>,
    /// Money, stated or computed from prices.
    pub cost: Option<MicroUsd>,
    /// Channels seen.
    pub channels: BTreeSet<ChannelId>,
    /// Earliest call or minute.
    pub first: Option<Timestamp>,
    /// Latest call or minute.
    pub last: Option<Timestamp>,
    /// Minutes published, by this run or an earlier one; in an unsorted file larger than memory allows, pieces of
    /// minutes.
    pub minutes: u64,
    /// Wall time.
    pub seconds: f64,
}

impl Summary {
    /// Nothing read yet.
    #[must_use]
    pub fn new(path: &Path, format: Format, mapping: &Mapping, columns: &[String]) -> Self {
        let used = mapping.columns();
        let mut fields: BTreeMap<String, String> =
            mapping.fields.iter().map(|(field, column)| (field.name().to_owned(), column.clone())).collect();
        fields.insert("channel".to_owned(), mapping.channel.to_string());
        Self {
            file: path.display().to_string(),
            format,
            kind: mapping.kind.name(),
            mapping: fields,
            unused: columns.iter().filter(|column| !used.contains(column)).cloned().collect(),
            verdict: Verdict::default(),
            rows: 0,
            accepted: 0,
            skipped: BTreeMap::new(),
            rejected: 0,
            rejects: Vec::new(),
            requests: 0,
            failures: 0,
            tokens_prompt: None,
            tokens_completion: None,
            tokens_cached: None,
            cost: None,
            channels: BTreeSet::new(),
            first: None,
            last: None,
            minutes: 0,
            seconds: 0.0,
        }
    }

    /// Counts a row left out because it holds `value`.
    pub fn skip(&mut self, value: String) {
        *self.skipped.entry(value).or_default() += 1;
    }

    /// Counts a row that was not understood, and keeps the first ones.
    pub fn reject(&mut self, reject: Reject) {
        self.rejected += 1;
        if self.rejects.len() < SHOWN_REJECTS {
            self.rejects.push(reject);
        }
    }

    /// Counts a call.
    pub fn accept_call(&mut self, call: &Call) {
        self.requests += 1;
        self.failures += u64::from(call.outcome.is_failure());
        self.see(&call.channel, call.ts);
        self.spend([call.tokens_prompt, call.tokens_completion, call.tokens_cached], call.cost);
    }

    /// Counts a minute.
    pub fn accept_minute(&mut self, sample: &Sample) {
        self.requests = self.requests.saturating_add(sample.counts.requests);
        self.failures = self.failures.saturating_add(sample.counts.errors);
        self.see(&sample.channel, sample.minute.start());
        self.spend([sample.tokens_prompt, sample.tokens_completion, sample.tokens_cached], sample.cost);
    }

    fn see(&mut self, channel: &ChannelId, at: Timestamp) {
        self.accepted += 1;
        if !self.channels.contains(channel) {
            self.channels.insert(channel.clone());
        }
        self.first = Some(self.first.map_or(at, |first| first.min(at)));
        self.last = Some(self.last.map_or(at, |last| last.max(at)));
    }

    fn spend(&mut self, tokens: [Option<u64>; 3], cost: Option<MicroUsd>) {
        let sums = [&mut self.tokens_prompt, &mut self.tokens_completion, &mut self.tokens_cached];
        for (sum, tokens) in sums.into_iter().zip(tokens) {
            if let Some(tokens) = tokens {
                *sum = Some(sum.unwrap_or(0).saturating_add(tokens));
            }
        }
        if let Some(cost) = cost {
            *self.cost.get_or_insert_default() += cost;
        }
    }
}
