//! Windows of time and how the minutes in them combine.

use crate::domain::column::{Aggregate, Column};
use crate::domain::time::Minute;
use crate::store::query::Combine;

/// The epoch-aligned steps that a question covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Steps {
    origin: Minute,
    width: u32,
    pub count: usize,
}

impl Steps {
    /// Steps of `width` minutes over `from <= minute < to`; the first and last may be cut by the window.
    pub fn new(from: Minute, to: Minute, width: u32) -> Self {
        let width = width.max(1);
        let origin = from.floor_to(width);
        let count = if to > from { (to.0 - origin.0).div_ceil(width) as usize } else { 0 };
        Self { origin, width, count }
    }

    /// First minute of step `at`.
    #[expect(clippy::cast_possible_truncation, reason = "steps lie between two u32 minutes")]
    pub fn minute(&self, at: usize) -> Minute {
        self.origin.plus(at as u32 * self.width)
    }

    /// The step of `minute`, which must lie in the window.
    pub fn of(&self, minute: Minute) -> usize {
        ((minute.0 - self.origin.0) / self.width) as usize
    }

    /// Whether every epoch-aligned window of `width_minutes` lies within one step.
    pub fn hold_whole(&self, width_minutes: u32) -> bool {
        self.count <= 1 || self.width.is_multiple_of(width_minutes)
    }

    /// Cuts values of consecutive windows of `width_minutes` from `first` on into the steps that hold them whole.
    pub fn cut<'v, T>(
        &self,
        first: Minute,
        width_minutes: u32,
        mut values: &'v [T],
    ) -> impl Iterator<Item = (usize, &'v [T])> + use<'v, T> {
        let mut at = self.of(first);
        let mut room = (self.width - (first.0 - self.origin.0) % self.width) / width_minutes;
        let room_later = self.width / width_minutes;
        std::iter::from_fn(move || {
            let (now, later) = values.split_at(values.len().min(room as usize));
            let cut = (at, now);
            (values, at, room) = (later, at + 1, room_later);
            (!now.is_empty()).then_some(cut)
        })
    }
}

/// How numbers fold into one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fold {
    Sum,
    Max,
    Min,
    Mean,
}

/// How a step's value comes about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Method {
    /// By folding the column's minute values.
    Fold(Fold),
    /// From the merged sketches of its minutes.
    Merge,
}

impl Method {
    /// The method for `column` over steps of `width_minutes`.
    pub fn of(column: Column, width_minutes: u32, combine: Combine) -> Self {
        match (combine, column.spec().aggregate) {
            (Combine::MeanOfMinutes, _) => Self::Fold(Fold::Mean),
            (Combine::True, Aggregate::Sum) => Self::Fold(Fold::Sum),
            (Combine::True, Aggregate::Max | Aggregate::MaxOf(_)) => Self::Fold(Fold::Max),
            (Combine::True, Aggregate::Min) => Self::Fold(Fold::Min),
            // A step of one minute has at most one value.
            (Combine::True, Aggregate::Mean(_) | Aggregate::Quantile(..)) if width_minutes <= 1 => {
                Self::Fold(Fold::Max)
            }
            (Combine::True, Aggregate::Mean(_) | Aggregate::Quantile(..)) => Self::Merge,
        }
    }
}

/// What one step has folded. NaN stands for a minute without a value and changes nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Folded {
    fold: Fold,
    value: f64,
    count: u32,
}

impl Folded {
    /// Nothing yet.
    pub const fn new(fold: Fold) -> Self {
        let value = match fold {
            Fold::Sum | Fold::Mean => 0.0,
            Fold::Max => f64::NEG_INFINITY,
            Fold::Min => f64::INFINITY,
        };
        Self { fold, value, count: 0 }
    }

    /// Adds `values`.
    pub fn add(&mut self, values: &[f64]) {
        for &new in values {
            let there = !new.is_nan();
            self.count += u32::from(there);
            match self.fold {
                Fold::Sum | Fold::Mean => self.value += if there { new } else { 0.0 },
                // These two ignore NaN.
                Fold::Max => self.value = self.value.max(new),
                Fold::Min => self.value = self.value.min(new),
            }
        }
    }

    /// The result; `None` if nothing was added.
    pub fn value(&self) -> Option<f64> {
        match self.fold {
            _ if self.count == 0 => None,
            Fold::Mean => Some(self.value / f64::from(self.count)),
            Fold::Sum | Fold::Max | Fold::Min => Some(self.value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_aligned_to_the_epoch_and_cut_at_the_window() {
        let steps = Steps::new(Minute(7), Minute(16), 5);
        assert_eq!((steps.count, steps.minute(0), steps.minute(2)), (3, Minute(5), Minute(15)));
        let pieces: Vec<_> = steps.cut(Minute(8), 1, &[8, 9, 10, 11, 12, 13, 14, 15]).collect();
        assert_eq!(pieces, [(0, [8, 9].as_slice()), (1, &[10, 11, 12, 13, 14]), (2, &[15])]);
        let steps = Steps::new(Minute(10), Minute(40), 10);
        assert!(steps.hold_whole(5) && !steps.hold_whole(60));
        let pieces: Vec<_> = steps.cut(Minute(15), 5, &[15, 20, 25, 30]).collect();
        assert_eq!(pieces, [(0, [15].as_slice()), (1, &[20, 25]), (2, &[30])]);
        assert_eq!(Steps::new(Minute(9), Minute(9), 5).count, 0);
    }

    #[test]
    fn folds_ignore_what_is_not_there() {
        for (fold, expected) in [(Fold::Sum, 6.0), (Fold::Mean, 3.0), (Fold::Max, 4.0), (Fold::Min, 2.0)] {
            let mut folded = Folded::new(fold);
            assert_eq!(folded.value(), None);
            folded.add(&[2.0, f64::NAN]);
            folded.add(&[4.0]);
            assert_eq!(folded.value(), Some(expected));
        }
    }
}
