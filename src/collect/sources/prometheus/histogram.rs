//! Puts a histogram together from its `_bucket`, `_sum` and `_count` lines.

use crate::collect::sources::prometheus::mapping::{HistogramRule, Measured};
use crate::collect::sources::prometheus::page::{HistogramSeries, fixed};
use crate::collect::sources::prometheus::text::Point;
use crate::domain::ids::ChannelId;

/// Most buckets of one histogram. The finest in the field has some 160 (native histograms do not show as text).
const MAX_BUCKETS: usize = 500;

/// A histogram on its way.
#[derive(Debug)]
pub struct Builder {
    /// Line of its first part, for messages.
    pub line: u64,
    channel: Option<ChannelId>,
    measure: Measured,
    unit_ms: f64,
    /// Upper bounds in milliseconds with cumulative counts, as they came.
    buckets: Vec<(f64, u64)>,
    count: Option<u64>,
    sum_us: Option<u64>,
}

impl Builder {
    /// An empty histogram of `rule`, first seen in `line`.
    #[must_use]
    pub fn new(rule: &HistogramRule, channel: Option<ChannelId>, line: u64) -> Self {
        let (measure, unit_ms) = (rule.measure, rule.unit_ms);
        Self { line, channel, measure, unit_ms, buckets: Vec::new(), count: None, sum_us: None }
    }

    /// Takes one line; `part` is the suffix of its name.
    ///
    /// # Errors
    /// What is wrong with the line.
    pub fn take(&mut self, part: &str, point: &Point<'_>) -> Result<(), String> {
        match part {
            "_sum" => self.sum_us = Some(fixed(point.value, self.unit_ms * 1_000.0)?),
            "_count" => self.count = Some(fixed(point.value, 1.0)?),
            _ => {
                let le = point.label("le");
                let bound: f64 = le.parse().map_err(|_| format!("has the bound `{le}`, which is not a number"))?;
                if bound.is_nan() {
                    return Err("has the bound NaN".to_owned());
                }
                if self.buckets.len() == MAX_BUCKETS {
                    return Err(format!("has more than {MAX_BUCKETS} buckets"));
                }
                self.buckets.push((bound * self.unit_ms, fixed(point.value, 1.0)?));
            }
        }
        Ok(())
    }

    /// The histogram with plain counts per bucket.
    ///
    /// # Errors
    /// What contradicts itself: a bound that comes twice, cumulative counts that fall, nothing but a sum.
    pub fn finish(mut self) -> Result<HistogramSeries, String> {
        self.buckets.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        let total = match self.buckets.last() {
            Some(&(bound, total)) if bound == f64::INFINITY => {
                self.buckets.pop();
                total
            }
            _ => self.count.ok_or("has neither a bucket `+Inf` nor a count")?,
        };
        let (mut bounds_ms, mut counts, mut below) = (Vec::new(), Vec::new(), 0);
        for (bound, upto) in self.buckets {
            if bounds_ms.last().is_some_and(|&last: &f64| last.total_cmp(&bound).is_eq()) {
                return Err("has a bound twice".to_owned());
            }
            counts.push(upto.checked_sub(below).ok_or("has cumulative counts that fall")?);
            bounds_ms.push(bound);
            below = upto;
        }
        counts.push(total.checked_sub(below).ok_or("has cumulative counts that fall")?);
        let (channel, measure, sum_us) = (self.channel, self.measure, self.sum_us.unwrap_or(0));
        Ok(HistogramSeries { channel, measure, bounds_ms, counts, sum_us })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::sources::prometheus::mapping::Selector;
    use crate::collect::sources::prometheus::text::parse_line;

    fn build(lines: &[&str]) -> Result<(Vec<f64>, Vec<u64>, u64), String> {
        let rule = HistogramRule { select: Selector::named(&["h"]), measure: Measured::Latency, unit_ms: 1_000.0 };
        let mut builder = Builder::new(&rule, None, 1);
        for line in lines {
            let point = parse_line(line.as_bytes())?.into_point().ok_or("no series")?;
            builder.take(&point.name[1..], &point)?;
        }
        builder.finish().map(|histogram| (histogram.bounds_ms, histogram.counts, histogram.sum_us))
    }

    #[test]
    fn cumulative_buckets_become_counts() {
        let lines = ["h_bucket{le=\"+Inf\"} 9", "h_bucket{le=\"0.5\"} 2", "h_bucket{le=\"1\"} 7", "h_sum 6.25"];
        assert_eq!(build(&lines), Ok((vec![500.0, 1_000.0], vec![2, 5, 2], 6_250_000)));
        assert_eq!(build(&["h_bucket{le=\"1\"} 7", "h_count 8"]), Ok((vec![1_000.0], vec![7, 1], 0)));
        assert_eq!(build(&["h_count 8"]), Ok((vec![], vec![8], 0)));
    }

    #[test]
    fn contradictions_are_refused() {
        for lines in [
            &["h_sum 1"][..],
            &["h_bucket{le=\"1\"} 7", "h_bucket{le=\"+Inf\"} 6"],
            &["h_bucket{le=\"1\"} 1", "h_bucket{le=\"1.0\"} 1", "h_count 1"],
            &["h_bucket{le=\"x\"} 1"],
            &["h_bucket{le=\"NaN\"} 1"],
            &["h_bucket 1"],
            &["h_count NaN"],
        ] {
            assert!(build(lines).is_err(), "{lines:?}");
        }
    }
}
