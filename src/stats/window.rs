//! The last values of a series, in the order in which they came and in ascending order at once.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// The last `longest` values. A new one finds its place by bisection and moves at most `longest` numbers in one sorted
/// slice, which for windows of up to ten thousand is faster than two heaps or a tree, and every quantile is at hand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "Kept", into = "Kept")]
pub struct SortedWindow {
    kept: Kept,
    /// The values of the window, ascending.
    sorted: Vec<f64>,
}

/// What there is to keep of a [`SortedWindow`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Kept {
    longest: usize,
    /// Oldest first.
    values: VecDeque<f64>,
}

impl SortedWindow {
    /// An empty window of `longest` values, at least 1. Memory is taken as it fills.
    #[must_use]
    pub fn new(longest: usize) -> Self {
        Self { kept: Kept { longest: longest.max(1), values: VecDeque::new() }, sorted: Vec::new() }
    }

    /// Adds `value`, which must not be NaN, and drops the oldest one if the window is full.
    pub fn push(&mut self, value: f64) {
        let full = self.kept.values.len() >= self.kept.longest;
        let oldest = if full { self.kept.values.pop_front() } else { None };
        if let Some(oldest) = oldest {
            self.exchange(oldest, value);
        } else {
            let at = self.place(value);
            self.sorted.insert(at, value);
        }
        self.kept.values.push_back(value);
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.kept.values.clear();
        self.sorted.clear();
    }

    /// The values, ascending.
    #[must_use]
    pub fn sorted(&self) -> &[f64] {
        &self.sorted
    }

    /// How many values there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sorted.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    fn place(&self, value: f64) -> usize {
        self.sorted.partition_point(|known| known.total_cmp(&value).is_lt())
    }

    /// Puts `new` into the sorted window in the place of `old`, moving what lies between the two places by one.
    fn exchange(&mut self, old: f64, new: f64) {
        let (from, to) = (self.place(old), self.place(new));
        if from < to {
            self.sorted.copy_within(from + 1..to, from);
            self.sorted[to - 1] = new;
        } else {
            self.sorted.copy_within(to..from, to + 1);
            self.sorted[to] = new;
        }
    }
}

impl From<Kept> for SortedWindow {
    fn from(kept: Kept) -> Self {
        let mut sorted: Vec<f64> = kept.values.iter().copied().collect();
        sorted.sort_unstable_by(f64::total_cmp);
        Self { kept, sorted }
    }
}

impl From<SortedWindow> for Kept {
    fn from(window: SortedWindow) -> Self {
        window.kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// After any values the sorted side is the last of them, sorted, and so it is after saving.
        #[test]
        fn equals_the_definition(values in prop::collection::vec(-3i32..4, 1..60), longest in 1usize..9) {
            let values: Vec<f64> = values.into_iter().map(f64::from).collect();
            let mut window = SortedWindow::new(longest);
            for end in 1..=values.len() {
                window.push(values[end - 1]);
                let mut last = values[end.saturating_sub(longest)..end].to_vec();
                last.sort_by(f64::total_cmp);
                prop_assert_eq!(window.sorted(), last);
            }
            let bytes = postcard::to_allocvec(&window).expect("serialisable");
            let restored: SortedWindow = postcard::from_bytes(&bytes).expect("readable");
            prop_assert_eq!(restored, window);
        }
    }

    #[test]
    fn a_cleared_window_begins_anew() {
        let mut window = SortedWindow::new(0);
        window.push(1.0);
        window.push(2.0);
        assert_eq!((window.len(), window.sorted()), (1, [2.0].as_slice()), "one value at least");
        window.clear();
        assert!(window.is_empty());
    }
}
