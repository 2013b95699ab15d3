//! Who gets which share of the work today, and who takes over when a model cannot.

use std::collections::{BTreeMap, BTreeSet};

use rand::RngExt as _;
use serde::{Deserialize, Serialize};

use crate::domain::time::Timestamp;
use crate::policy::work::book::{Book, Class};
use crate::policy::work::scores::{Board, Scores};
use crate::policy::work::{Kind, Tier};
use crate::stats::seed::Seed;

/// Draws behind the shares of a kind of work.
const DRAWS: u32 = 1_000;
/// The share that no model goes below while it is allowed to work.
const LEAST: f64 = 0.001;

/// The shares of one kind of work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Shares {
    /// The kind.
    pub kind: Kind,
    /// The share of each model; they add up to 1.
    pub models: BTreeMap<String, f64>,
    /// All models, in the order in which one takes over from the other when it has failed or its tokens are used up.
    pub chain: Vec<String>,
}

/// The shares of every kind of work, from one day's allocation to the next.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Allocation {
    /// When it was made.
    pub at: Timestamp,
    /// The kinds, in the order of classes and tiers.
    pub kinds: Vec<Shares>,
}

impl Allocation {
    /// The allocation of all work in `book` by what is known at `now`. Equal seeds give equal shares.
    #[must_use]
    pub fn of(scores: &Scores, book: &Book, now: Timestamp, seed: Seed) -> Self {
        let kinds = book.classes.iter().flat_map(|class| Tier::ALL.map(|tier| (class, tier)));
        let shares = |(class, tier): (&Class, Tier)| {
            let kind = Kind { class: class.name.clone(), tier };
            let board = class.board(scores, tier);
            Shares::of(&kind, &board, class.enough(tier), seed)
        };
        Self { at: now, kinds: kinds.map(shares).collect() }
    }

    /// Whether it is about the work in `book`, and about its models.
    #[must_use]
    pub fn fits(&self, book: &Book) -> bool {
        let names = |class: &Class| class.models.iter().map(|model| model.name.clone()).collect::<BTreeSet<_>>();
        self.kinds.len() == book.classes.len() * Tier::ALL.len()
            && self.kinds.iter().all(|shares| {
                let class = book.class(&shares.kind.class);
                class.is_some_and(|class| names(class) == shares.chain.iter().cloned().collect())
            })
    }

    /// The shares of `kind`; `None` if no model is known for it.
    #[must_use]
    pub fn shares(&self, kind: &Kind) -> Option<&Shares> {
        self.kinds.iter().find(|shares| shares.kind == *kind)
    }
}

impl Shares {
    /// The shares of `kind`, of which `board` is known and for which a worth of `enough` is enough.
    #[must_use]
    pub fn of(kind: &Kind, board: &Board, enough: f64, seed: Seed) -> Self {
        let mut rng = seed.child(&kind.class).child(kind.tier.name()).rng();
        let mut wins = vec![0_u32; board.arms.len()];
        for _ in 0..DRAWS {
            if let Some(won) = board.best(enough, &mut rng).and_then(|place| wins.get_mut(place)) {
                *won += 1;
            }
        }
        let raised: Vec<f64> = wins.iter().map(|won| (f64::from(*won) / f64::from(DRAWS)).max(LEAST)).collect();
        let sum: f64 = raised.iter().sum();
        let models: BTreeMap<String, f64> =
            board.arms.keys().cloned().zip(raised.iter().map(|share| share / sum)).collect();
        let mut ranked: Vec<(&String, f64, f64)> =
            board.arms.iter().zip(models.values()).map(|((name, arm), share)| (name, *share, arm.worth())).collect();
        ranked.sort_by(|one, other| other.1.total_cmp(&one.1).then(other.2.total_cmp(&one.2)).then(one.0.cmp(other.0)));
        let chain = ranked.into_iter().map(|(name, ..)| name.clone()).collect();
        Self { kind: kind.clone(), models, chain }
    }

    /// The model that does the job `number`, and those that take over from it, without those of which `is_usable` says no;
    /// empty if none is left. Equal seeds and numbers give equal models.
    #[must_use]
    pub fn pick(&self, seed: Seed, number: u64, is_usable: impl Fn(&str) -> bool) -> Vec<String> {
        let usable: Vec<(&String, f64)> =
            self.models.iter().filter(|(name, _)| is_usable(name)).map(|(name, share)| (name, *share)).collect();
        let sum: f64 = usable.iter().map(|(_, share)| share).sum();
        let mut at = seed.nth(number).rng().random::<f64>() * sum;
        let first = usable.iter().find(|(_, share)| {
            at -= share;
            at < 0.0
        });
        let Some((first, _)) = first.or(usable.last()) else { return Vec::new() };
        let others = self.chain.iter().filter(|name| name != first && is_usable(name));
        std::iter::once(*first).chain(others).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::work::Done;
    use crate::policy::work::book::Model as Offered;

    /// Name, probability of success, mean USD of a job.
    type Model = (&'static str, f64, f64);

    const MODELS: [Model; 4] =
        [("grand", 0.93, 0.060), ("solid", 0.91, 0.024), ("quick", 0.90, 0.011), ("tiny", 0.62, 0.003)];

    /// Worth for a USD of `jobs` jobs, forty a day, that `choose` spreads, told of the place of the job and a random number.
    fn play(seed: Seed, jobs: u64, mut choose: impl FnMut(&Scores, u64) -> usize, learn: &mut Scores) -> f64 {
        let kind = Kind { class: "code".to_owned(), tier: Tier::L2 };
        let start = Timestamp::from_seconds(1_795_000_000);
        let (mut worth, mut usd) = (0.0, 0.0);
        for job in 0..jobs {
            let place = choose(learn, job);
            let (name, success, cost) = MODELS[place];
            let mut rng = seed.nth(job).rng();
            let (luck, spread): (f64, f64) = (rng.random(), rng.random());
            let done = Done { success: luck < success, quality: None, tokens: 100, cost_usd: cost * (0.5 + spread) };
            let day = i64::try_from(job / 40).expect("small");
            learn.hear(start.plus_seconds(86_400 * day), &kind, name, &done, Book::DISCOUNT);
            worth += done.worth();
            usd += done.cost_usd;
        }
        worth / usd
    }

    fn book(class: &str, models: &[(&str, Option<f64>)]) -> Book {
        let model = |(name, usd_per_job): &(&str, Option<f64>)| Offered {
            name: (*name).to_owned(),
            tokens_per_day: None,
            usd_per_job: *usd_per_job,
        };
        Book {
            classes: vec![Class {
                name: class.to_owned(),
                models: models.iter().map(model).collect(),
                fixed: models[0].0.to_owned(),
                enough: Tier::ALL.map(Tier::enough),
            }],
            ..Book::default()
        }
    }

    fn place(name: &str) -> usize {
        MODELS.iter().position(|(known, ..)| *known == name).expect("known")
    }

    #[test]
    #[expect(clippy::print_stderr, reason = "the figures of the test, for whoever runs it with --nocapture")]
    fn after_two_thousand_jobs_it_beats_the_static_choice_and_nears_the_best_fixed_one() {
        let kind = Kind { class: "code".to_owned(), tier: Tier::L2 };
        let mut ratios = Vec::new();
        for run in 0..20 {
            let seed = Seed::new(run);
            let mut scores = Scores::default();
            let book = book("code", &MODELS.map(|(name, _, cost)| (name, Some(cost))));
            let mut today: Option<Allocation> = None;
            let learnt = play(
                seed,
                2_000,
                |scores, job| {
                    if job % 40 == 0 {
                        let at = Timestamp::from_seconds(1_795_000_000 + i64::try_from(job).expect("small"));
                        today = Some(Allocation::of(scores, &book, at, seed.child("day").nth(job)));
                    }
                    let shares = today.as_ref().and_then(|today| today.shares(&kind)).expect("shares");
                    place(&shares.pick(seed.child("pick"), job, |_| true)[0])
                },
                &mut scores,
            );
            let fixed = |name: &str| play(seed, 2_000, |_, _| place(name), &mut Scores::default());
            // An operator takes the most capable model; the best fixed one that is good enough is known afterwards.
            ratios.push((learnt / fixed("grand"), learnt / fixed("quick")));
        }
        let median = |mut values: Vec<f64>| {
            values.sort_by(f64::total_cmp);
            values[values.len() / 2]
        };
        let (over, beside) = (
            median(ratios.iter().map(|(over, _)| *over).collect()),
            median(ratios.iter().map(|(_, beside)| *beside).collect()),
        );
        eprintln!(
            "efficiency after 2,000 jobs, median of 20 seeds: {over:.3} of the static choice, {beside:.3} of the best fixed one"
        );
        assert!(over >= 1.05 && beside >= 0.97, "{over:.3} of the static choice, {beside:.3} of the best fixed one");
    }

    #[test]
    fn who_cannot_work_is_passed_over_and_the_chain_goes_on() {
        let kind = Kind { class: "chat".to_owned(), tier: Tier::L4 };
        let (scores, book) = (Scores::default(), book("chat", &["a", "b", "c"].map(|name| (name, None))));
        let allocation = Allocation::of(&scores, &book, Timestamp::from_seconds(0), Seed::new(1));
        let shares = allocation.shares(&kind).expect("shares");
        assert!((shares.models.values().sum::<f64>() - 1.0).abs() < 1e-9);
        let chain = shares.pick(Seed::new(2), 7, |name| name != "b");
        assert!(chain.len() == 2 && !chain.contains(&"b".to_owned()), "{chain:?}");
        assert_eq!(shares.pick(Seed::new(2), 7, |_| false), Vec::<String>::new());
        let again = Allocation::of(&scores, &book, Timestamp::from_seconds(0), Seed::new(1));
        assert!(again == allocation && again.fits(&book), "it can be repeated");
    }
}
