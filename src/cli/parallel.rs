//! The same work on many items, on several threads, with a bar that shows how far it is.

use std::num::NonZeroUsize;
use std::panic;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::args::Shared;

const TEMPLATE: &str = "{prefix} [{bar:30}] {pos}/{len} {msg} (left: {eta})";

/// Threads that this machine runs at once.
#[must_use]
pub fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

/// A bar for `len` items; it hides itself with `--quiet` and where standard error is no terminal.
#[must_use]
pub fn bar(shared: &Shared, prefix: &'static str, len: usize) -> ProgressBar {
    let bar = ProgressBar::new(len as u64);
    bar.set_draw_target(if shared.quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() });
    bar.set_style(ProgressStyle::with_template(TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_prefix(prefix);
    bar
}

/// What `work` makes of each of `items`, in their order, whichever of `jobs` threads was first. A thread takes the
/// next item when it is done with one, so that a long series does not hold up the short ones.
pub fn map<T: Sync, R: Send>(items: &[T], jobs: usize, bar: &ProgressBar, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let take = || {
        let mut done = Vec::new();
        while let Some((at, item)) =
            Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, items.get(at)?)))
        {
            done.push((at, work(item)));
            bar.inc(1);
        }
        done
    };
    let mut done: Vec<(usize, R)> = thread::scope(|scope| {
        let threads: Vec<_> = (0..jobs.clamp(1, items.len().max(1))).map(|_| scope.spawn(take)).collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap_or_else(|cause| panic::resume_unwind(cause)))
            .collect()
    });
    bar.finish_and_clear();
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_stand_in_the_order_of_the_items() {
        let items: Vec<u32> = (0..100).collect();
        for jobs in [0, 1, 7, 1_000] {
            let doubled = map(&items, jobs, &ProgressBar::hidden(), |item| item * 2);
            assert_eq!(doubled, (0..100).map(|item| item * 2).collect::<Vec<_>>());
        }
        assert!(map(&[0u8; 0], 4, &ProgressBar::hidden(), |item| *item).is_empty());
    }
}
