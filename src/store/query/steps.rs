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
        mut each: impl FnMut(usize, &'v [T]),
    ) {
        let mut at = self.of(first);
        let mut left_in_step = (self.width - (first.0 - self.origin.0) % self.width) / width_minutes;
        while !values.is_empty() {
            let (now, later) = values.split_at(values.len().min(left_in_step as usize));
            each(at, now);
            (values, at, left_in_step) = (later, at + 1, self.width / width_minutes);
        }
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

/// Folds of many steps at once. NaN stands for a minute without a value and changes nothing.
#[derive(Debug, Clone)]
pub(super) struct Folds {
    fold: Fold,
    value: Vec<f64>,
    count: Vec<u32>,
}

impl Folds {
    /// `cells` empty folds.
    pub fn new(fold: Fold, cells: usize) -> Self {
        let start = match fold {
            Fold::Sum | Fold::Mean => 0.0,
            Fold::Max => f64::NEG_INFINITY,
            Fold::Min => f64::INFINITY,
        };
        Self { fold, value: vec![start; cells], count: vec![0; cells] }
    }

    /// Adds `values` to fold number `cell`.
    pub fn add(&mut self, cell: usize, values: &[f64]) {
        let (Some(value), Some(count)) = (self.value.get_mut(cell), self.count.get_mut(cell)) else { return };
        for &new in values {
            let there = !new.is_nan();
            *count += u32::from(there);
            match self.fold {
                Fold::Sum | Fold::Mean => *value += if there { new } else { 0.0 },
                // These two ignore NaN.
                Fold::Max => *value = value.max(new),
                Fold::Min => *value = value.min(new),
            }
        }
    }

    /// The result of fold number `cell`; `None` if nothing was added.
    pub fn get(&self, cell: usize) -> Option<f64> {
        let (&value, &count) = (self.value.get(cell)?, self.count.get(cell)?);
        match self.fold {
            _ if count == 0 => None,
            Fold::Mean => Some(value / f64::from(count)),
            Fold::Sum | Fold::Max | Fold::Min => Some(value),
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
        let mut pieces = Vec::new();
        steps.cut(Minute(8), 1, &[8, 9, 10, 11, 12, 13, 14, 15], |step, values| pieces.push((step, values.to_vec())));
        assert_eq!(pieces, [(0, vec![8, 9]), (1, vec![10, 11, 12, 13, 14]), (2, vec![15])]);
        let steps = Steps::new(Minute(10), Minute(40), 10);
        assert!(steps.hold_whole(5) && !steps.hold_whole(60));
        pieces.clear();
        steps.cut(Minute(15), 5, &[15, 20, 25, 30], |step, values| pieces.push((step, values.to_vec())));
        assert_eq!(pieces, [(0, vec![15]), (1, vec![20, 25]), (2, vec![30])]);
        assert_eq!(Steps::new(Minute(9), Minute(9), 5).count, 0);
    }

    #[test]
    fn folds_ignore_what_is_not_there() {
        for (fold, expected) in [(Fold::Sum, 6.0), (Fold::Mean, 3.0), (Fold::Max, 4.0), (Fold::Min, 2.0)] {
            let mut folds = Folds::new(fold, 2);
            folds.add(0, &[2.0, f64::NAN]);
            folds.add(0, &[4.0]);
            assert_eq!((folds.get(0), folds.get(1)), (Some(expected), None));
        }
    }
}
