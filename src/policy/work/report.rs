//! An allocation and its reasons: as data, and in words that somebody reads at eight in the morning.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::domain::time::Timestamp;
use crate::policy::work::allocation::{Allocation, Shares};
use crate::policy::work::book::{Book, Class};
use crate::policy::work::scores::Scores;

/// A share that changed by less than this is not worth a word.
const WORTH_A_WORD: f64 = 0.005;

/// One model in the report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelReport {
    /// Its name.
    pub model: String,
    /// Its share of the jobs, 0 ..= 1.
    pub share: f64,
    /// Its share the day before; `None` if it had none.
    pub before: Option<f64>,
    /// Jobs in all that it did of this kind.
    pub jobs: u64,
    /// Jobs of these that succeeded.
    pub successes: u64,
    /// Mean worth of a job, 0 ..= 1, by what is remembered and what is assumed of the unknown.
    pub worth: f64,
    /// Mean USD of a job; `None` if nobody knows.
    pub cost_usd: Option<f64>,
    /// Worth for a USD; `None` if nobody knows.
    pub per_usd: Option<f64>,
    /// Whether it is the one that operators would take without learning.
    pub fixed: bool,
}

/// One kind of work in the report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KindReport {
    /// The class.
    pub class: String,
    /// The tier.
    pub tier: String,
    /// Mean worth that is enough.
    pub enough: f64,
    /// Jobs of this kind that ended, over all models.
    pub jobs: u64,
    /// The models, the largest share first: the order in which they take over from each other.
    pub models: Vec<ModelReport>,
    /// Worth for a USD by these shares, among the models whose cost is known, over that of the static choice, less 1; `None`
    /// if it cannot be told yet.
    pub gain: Option<f64>,
    /// Why, in plain words.
    pub why: String,
}

/// An allocation and its reasons.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The allocation.
    pub allocation: Allocation,
    /// Its reasons, kind by kind.
    pub kinds: Vec<KindReport>,
}

impl Report {
    /// Why `allocation` is as it is, by what `scores` know, beside the one `before` it.
    #[must_use]
    pub fn of(allocation: Allocation, before: Option<&Allocation>, scores: &Scores, book: &Book) -> Self {
        let kinds = allocation.kinds.iter().filter_map(|shares| {
            let old = before.and_then(|before| before.shares(&shares.kind));
            Some(KindReport::of(shares, old, scores, book.class(&shares.kind.class)?))
        });
        Self { kinds: kinds.collect(), allocation }
    }

    /// When it was made.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.allocation.at
    }

    /// All of it as Markdown.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("# Allocation of {}\n", self.at());
        let (known, unknown): (Vec<&KindReport>, Vec<&KindReport>) = self.kinds.iter().partition(|kind| kind.jobs > 0);
        for kind in known {
            // Writing to a string cannot fail.
            let _written = write!(text, "\n## {}, {}\n\n{}\n\n", kind.class, kind.tier, kind.why);
            text.push_str(
                "| model | share | before | jobs | worth | USD a job | worth a USD |\n|---|--:|--:|--:|--:|--:|--:|\n",
            );
            for model in &kind.models {
                let _written = writeln!(
                    text,
                    "| {}{} | {} | {} | {} | {:.2} | {} | {} |",
                    model.model,
                    if model.fixed { " (static choice)" } else { "" },
                    percent(model.share),
                    model.before.map_or_else(|| "-".to_owned(), percent),
                    model.jobs,
                    model.worth,
                    model.cost_usd.map_or_else(|| "-".to_owned(), |usd| format!("{usd:.4}")),
                    model.per_usd.map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.1}")),
                );
            }
        }
        if !unknown.is_empty() {
            let names: Vec<String> = unknown.iter().map(|kind| format!("{} {}", kind.class, kind.tier)).collect();
            let _written = write!(text, "\nNo job has ended yet of: {}.\n", names.join(", "));
        }
        text
    }
}

impl KindReport {
    fn of(shares: &Shares, before: Option<&Shares>, scores: &Scores, class: &Class) -> Self {
        let (tier, board) = (shares.kind.tier, class.board(scores, shares.kind.tier));
        let model = |name: &String| {
            let arm = board.arms.get(name).copied().unwrap_or_default();
            let cost_usd = arm.cost_usd();
            ModelReport {
                model: name.clone(),
                share: shares.models.get(name).copied().unwrap_or(0.0),
                before: before.and_then(|before| before.models.get(name).copied()),
                jobs: arm.jobs,
                successes: arm.successes,
                worth: arm.worth(),
                cost_usd,
                per_usd: cost_usd.filter(|usd| *usd > 0.0).map(|usd| arm.worth() / usd),
                fixed: *name == class.fixed,
            }
        };
        let models: Vec<ModelReport> = shares.chain.iter().map(model).collect();
        let enough = class.enough(tier);
        Self {
            class: class.name.clone(),
            tier: tier.name().to_owned(),
            enough,
            jobs: models.iter().map(|model| model.jobs).sum(),
            gain: gain(&models),
            why: why(&models, enough),
            models,
        }
    }
}

/// Worth for a USD of a mix over that of the static choice, less 1.
fn gain(models: &[ModelReport]) -> Option<f64> {
    let fixed = models.iter().find(|model| model.fixed && model.jobs > 0)?.per_usd?;
    let (mut worth, mut usd) = (0.0, 0.0);
    // Of those that cost nobody knows what, nothing can be said yet.
    for (model, cost_usd) in models.iter().filter_map(|model| Some((model, model.cost_usd?))) {
        worth += model.share * model.worth;
        usd += model.share * cost_usd;
    }
    (usd > 0.0 && fixed > 0.0).then(|| worth / usd / fixed - 1.0)
}

/// The reasons in words.
fn why(models: &[ModelReport], enough: f64) -> String {
    let Some(first) = models.first() else { return "no model may do it".to_owned() };
    let cost = first.cost_usd.map_or_else(String::new, |usd| format!(" at {usd:.4} USD a job"));
    let known =
        if first.jobs == 0 { "of which nothing is known yet".to_owned() } else { format!("after {} jobs", first.jobs) };
    let reason = if first.worth >= enough {
        format!("its worth of {:.2} is enough ({enough:.2})", first.worth)
    } else {
        format!("its worth of {:.2} comes nearest to enough ({enough:.2})", first.worth)
    };
    let mut text = format!("`{}` gets {} of the jobs, {known}: {reason}{cost}.", first.model, percent(first.share));
    if let Some(ratio) = gain(models) {
        let (change, side) = (percent(ratio.abs()), if ratio < 0.0 { "less" } else { "more" });
        let _written = write!(text, " A USD gets {change} {side} worth than with the static choice.");
    }
    for model in models {
        let Some(before) = model.before else { continue };
        if (model.share - before).abs() >= WORTH_A_WORD {
            let verb = if model.share > before { "rises" } else { "falls" };
            let _written =
                write!(text, " `{}` {verb} from {} to {}.", model.model, percent(before), percent(model.share));
        }
    }
    text
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}
