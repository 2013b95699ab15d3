//! What the series of a file have in common, for the models that make use of it.

use std::ops::Range;
use std::sync::Arc;

use super::args::Shared;
use super::parallel;
use super::plain::PlainFile;
use crate::clock::Stopwatch;
use crate::domain::time::Timestamp;
use crate::forecast::catalogue::{CHAMPION, Entry};
use crate::forecast::global::Pools;
use crate::forecast::history::History;
use crate::forecast::select::{cycles, ends, pool};

/// What decides whether there are pools.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct PoolArgs {
    /// Fit each series for itself; else, with a season above 60 steps, the champion and `global` learn from all series
    /// together
    #[arg(long, help_heading = "Models")]
    no_pool: bool,
}

/// Pools, and what they cost.
#[derive(Debug, Default)]
pub struct Trained {
    /// The pools.
    pub pools: Pools,
    /// Seconds that all of them took together.
    pub seconds: f64,
}

impl PoolArgs {
    /// The pools of the series of `file` that fits meet, of which `fits` says to which steps of a history they are
    /// made. None where no model asks for one.
    pub fn train(
        self,
        file: &PlainFile,
        entries: &[&Entry],
        seasons: &[usize],
        fits: impl Fn(&History<'_>) -> Vec<Range<usize>>,
        (jobs, shared): (usize, &Shared),
    ) -> Trained {
        let mut seasons: Vec<usize> = seasons.iter().copied().filter(|season| *season > 1).collect();
        seasons.sort_unstable();
        let asked = !self.no_pool && entries.iter().any(|entry| [CHAMPION, "global"].contains(&entry.name));
        let histories: Vec<History<'_>> = file.series.iter().filter_map(|series| series.history().ok()).collect();
        let (Some(cycles), Some(first), true) = (cycles(&seasons), histories.first(), asked && histories.len() > 1)
        else {
            return Trained::default();
        };
        let in_time = |history: &History<'_>| -> Vec<Range<Timestamp>> {
            let at = |steps: Range<usize>| history.grid.at(steps.start)..history.grid.at(steps.end);
            fits(history).into_iter().map(at).collect()
        };
        let fits: Vec<Range<Timestamp>> = histories.iter().flat_map(in_time).collect();
        let season = i64::try_from(seasons.first().copied().unwrap_or(1)).unwrap_or(i64::MAX);
        let ends = ends(&fits, season.saturating_mul(i64::from(first.grid.step_s)));
        let bar = parallel::bar(shared, "pools", ends.len());
        let trained = parallel::map(&ends, jobs, &bar, |end| {
            let watch = Stopwatch::start();
            let pool = pool(cycles, None, &histories, *end);
            (pool.map(|pool| (*end, Arc::new(pool))), watch.elapsed().as_secs_f64())
        });
        let seconds = trained.iter().map(|(_, seconds)| seconds).sum();
        Trained { pools: Pools::new(trained.into_iter().filter_map(|(pool, _)| pool)), seconds }
    }
}
