//! Which minutes an interval between two scrapes falls into, and how integers are shared out among them.

use crate::domain::time::{Minute, Timestamp};

/// The minutes that `(from, to]` touches, each with its share of the interval in microseconds (at least 1).
#[must_use]
pub fn minutes(from: Timestamp, to: Timestamp) -> Vec<(Minute, u64)> {
    let mut shares = Vec::new();
    let mut minute = from.minute();
    while minute.start() < to {
        let begin = minute.start().max(from).micros();
        let end = minute.end().min(to).micros();
        if let Ok(share @ 1..) = u64::try_from(end - begin) {
            shares.push((minute, share));
        }
        if minute.0 == u32::MAX {
            break;
        }
        minute = minute.plus(1);
    }
    shares
}

/// Shares whole numbers out in proportion to fixed weights.
///
/// Nothing is lost or invented: the parts always add up to the number. What rounding withholds from a part in one call
/// it is owed in the next, so that many small numbers (the buckets of a histogram, the classes of errors) together
/// follow the weights as well as one large number does.
#[derive(Debug, Clone)]
pub struct Splitter {
    weights: Vec<u64>,
    total: u128,
    /// What each part is owed, in units of `1 / total`; adds up to zero.
    owed: Vec<i128>,
}

impl Splitter {
    /// A splitter with one part per weight; at least one weight must be above zero, else everything goes to the last.
    #[must_use]
    pub fn new(weights: impl IntoIterator<Item = u64>) -> Self {
        let mut weights: Vec<u64> = weights.into_iter().collect();
        if weights.iter().all(|&weight| weight == 0)
            && let Some(last) = weights.last_mut()
        {
            *last = 1;
        }
        let total = weights.iter().map(|&weight| u128::from(weight)).sum();
        let owed = vec![0; weights.len()];
        Self { weights, total, owed }
    }

    /// The parts of `n`, one per weight.
    pub fn split(&mut self, n: u64) -> Vec<u64> {
        if n == 0 || self.weights.is_empty() {
            return vec![0; self.weights.len()];
        }
        let mut parts = Vec::with_capacity(self.weights.len());
        let mut left = n;
        for (&weight, owed) in self.weights.iter().zip(&mut self.owed) {
            let exact = u128::from(n) * u128::from(weight);
            #[expect(clippy::cast_possible_truncation, reason = "weight <= total, so the quotient is at most n")]
            let whole = (exact / self.total) as u64;
            *owed += (exact % self.total).cast_signed();
            left -= whole;
            parts.push(whole);
        }
        // At most one less than there are parts.
        for _ in 0..left {
            let most_owed = (0..parts.len()).max_by_key(|&part| (self.owed[part], std::cmp::Reverse(part)));
            if let Some(part) = most_owed {
                parts[part] += 1;
                self.owed[part] -= self.total.cast_signed();
            }
        }
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_rfc3339(text).expect("valid RFC 3339")
    }

    #[test]
    fn an_interval_is_cut_at_the_full_minutes() {
        let shares = minutes(at("2026-11-20T12:00:45Z"), at("2026-11-20T12:02:30Z"));
        assert_eq!(shares.iter().map(|&(_, share)| share).collect::<Vec<_>>(), [15_000_000, 60_000_000, 30_000_000]);
        let full = minutes(at("2026-11-20T12:00:00Z"), at("2026-11-20T12:01:00Z"));
        assert_eq!(full, [(at("2026-11-20T12:00:00Z").minute(), 60_000_000)]);
        assert!(minutes(at("2026-11-20T12:01:00Z"), at("2026-11-20T12:01:00Z")).is_empty());
    }

    #[test]
    fn small_numbers_follow_the_weights_together() {
        let mut splitter = Splitter::new([15, 45]);
        let parts = (0..8).map(|_| splitter.split(1)).fold([0, 0], |sum, part| [sum[0] + part[0], sum[1] + part[1]]);
        assert_eq!(parts, [2, 6]);
        assert_eq!(Splitter::new([0, 0]).split(5), [0, 5]);
    }

    proptest! {
        /// For any weights and numbers: the parts of each number add up to it, and over all numbers no part is more
        /// than the number of parts away from its exact share.
        #[test]
        fn parts_add_up_and_follow_the_weights(
            weights in prop::collection::vec(0_u64..3_600_000_000, 1..6),
            numbers in prop::collection::vec(prop_oneof![0_u64..5, any::<u64>().prop_map(|n| n >> 12)], 1..40),
        ) {
            let mut splitter = Splitter::new(weights.clone());
            let mut sums = vec![0_u128; weights.len()];
            for &n in &numbers {
                let parts = splitter.split(n);
                prop_assert_eq!(parts.iter().map(|&part| u128::from(part)).sum::<u128>(), u128::from(n));
                for (sum, part) in sums.iter_mut().zip(parts) {
                    *sum += u128::from(part);
                }
            }
            let total: u128 = weights.iter().map(|&weight| u128::from(weight)).sum();
            let all: u128 = numbers.iter().map(|&n| u128::from(n)).sum();
            prop_assume!(total > 0);
            for (&weight, sum) in weights.iter().zip(sums) {
                let exact = all * u128::from(weight) / total;
                prop_assert!(sum.abs_diff(exact) <= weights.len() as u128, "{sum} for {exact}");
            }
        }
    }
}
