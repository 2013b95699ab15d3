//! From the buckets of a foreign histogram to a sketch of our own.
//!
//! Prometheus and OpenTelemetry histograms say how many values fell between two bounds, and often what they sum to.
//! A sketch needs values, so the values of a bucket are spread over it: at evenly spaced ranks, along the one curve
//! `lo + (hi - lo) u^p` whose exponent makes the whole agree with the stated sum. Putting everything in the middle
//! of its bucket instead would bend the mean by up to half a bucket, and linear interpolation alone cannot use the
//! sum, which is the only exact figure in the message.
//!
//! What holds: the number of values is kept (up to `u32::MAX` per bin of the sketch); no value leaves its bucket, so
//! neither does a quantile by more than the sketch's own error; the sum is met wherever the buckets allow it; a
//! stated minimum and maximum are values of the sketch. Equal input gives equal output.
//!
//! Limits: within a bucket the shape is a guess. Bounds of 0 or less are taken as 0, for a duration has no others.

use crate::stats::ddsketch::DdSketch;

/// Most distinct values that stand for one bucket. Twenty follow a bucket that doubles within 4 % of its width, and
/// keep the sketch of a usual minute below a kilobyte.
const MAX_POINTS: u64 = 20;

/// A non-empty bucket: `count` values in `(low, high]`.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    low: f64,
    high: f64,
    count: u64,
}

/// The sketch, in milliseconds, of a histogram in milliseconds.
///
/// `counts[i]` values lie above `bounds[i - 1]` (0 for the first) and at most at `bounds[i]`; the bucket after the
/// last finite bound is open-ended. `sum`, `min` and `max` are those of the values themselves, where the source states
/// them; what contradicts the buckets is left out of account. In an open-ended bucket without `max` and `sum` every
/// value is taken to lie at the last bound, as Prometheus does it.
#[must_use]
pub fn spread(bounds: &[f64], counts: &[u64], sum: Option<f64>, min: Option<f64>, max: Option<f64>) -> DdSketch {
    let mut sketch = DdSketch::new();
    let mut buckets = occupied(bounds, counts);
    let mut sum = sum.filter(|sum| sum.is_finite() && *sum >= 0.0);
    if let Some(max) = max.filter(|max| max.is_finite()) {
        close_open_end(&mut buckets, max);
    }
    estimate_open_end(&mut buckets, sum);
    if let Some(max) = take_extreme(buckets.last_mut(), max, &mut sketch, &mut sum)
        && let Some(last) = buckets.last_mut()
    {
        last.high = max;
    }
    if let Some(min) = take_extreme(buckets.iter_mut().find(|bucket| bucket.count > 0), min, &mut sketch, &mut sum)
        && let Some(first) = buckets.first_mut()
    {
        first.low = min;
    }
    let share = share_of_width(&buckets, sum);
    for bucket in buckets {
        fill(&mut sketch, bucket, share);
    }
    sketch
}

/// The buckets that hold anything, with their edges made sane.
fn occupied(bounds: &[f64], counts: &[u64]) -> Vec<Bucket> {
    let mut low = 0.0_f64;
    let mut buckets = Vec::new();
    for (index, &count) in counts.iter().enumerate() {
        // `max` returns its other argument for NaN, so that a bound that is none gives an empty interval.
        let high = bounds.get(index).map_or(f64::INFINITY, |&bound| low.max(bound));
        if count > 0 {
            buckets.push(Bucket { low, high, count });
        }
        if high.is_finite() {
            low = high;
        }
    }
    buckets
}

/// Gives the open-ended bucket the stated maximum as its upper edge.
fn close_open_end(buckets: &mut [Bucket], max: f64) {
    for bucket in buckets.iter_mut().filter(|bucket| bucket.high.is_infinite()) {
        bucket.high = max.max(bucket.low);
    }
}

/// Gives an open-ended bucket the upper edge at which the sum comes out with every bucket filled evenly.
#[expect(clippy::cast_precision_loss, reason = "an estimate")]
fn estimate_open_end(buckets: &mut [Bucket], sum: Option<f64>) {
    let closed = buckets.iter().filter(|bucket| bucket.high.is_finite());
    let elsewhere: f64 = closed.map(|bucket| f64::midpoint(bucket.low, bucket.high) * bucket.count as f64).sum();
    let beyond: u64 = buckets.iter().filter(|b| b.high.is_infinite()).map(|b| b.count).fold(0, u64::saturating_add);
    for bucket in buckets.iter_mut().filter(|bucket| bucket.high.is_infinite()) {
        let mean = sum.map_or(bucket.low, |sum| (sum - elsewhere) / beyond as f64);
        bucket.high = bucket.low.max(2.0 * mean - bucket.low);
    }
}

/// Moves one value of `bucket` to the stated extreme, if that lies in the bucket, and returns the extreme.
fn take_extreme(
    bucket: Option<&mut Bucket>,
    extreme: Option<f64>,
    sketch: &mut DdSketch,
    sum: &mut Option<f64>,
) -> Option<f64> {
    let bucket = bucket?;
    let extreme = extreme.filter(|extreme| (bucket.low..=bucket.high).contains(extreme) && bucket.count > 0)?;
    bucket.count -= 1;
    sketch.insert(extreme);
    *sum = sum.map(|sum| (sum - extreme).max(0.0));
    Some(extreme)
}

/// How far into its bucket the mean value lies, 0 ..= 1, the same in every bucket, so that the sum comes out.
#[expect(clippy::cast_precision_loss, reason = "an estimate")]
fn share_of_width(buckets: &[Bucket], sum: Option<f64>) -> f64 {
    let least: f64 = buckets.iter().map(|bucket| bucket.low * bucket.count as f64).sum();
    let room: f64 = buckets.iter().map(|bucket| (bucket.high - bucket.low) * bucket.count as f64).sum();
    match sum {
        Some(sum) if room > 0.0 => ((sum - least) / room).clamp(0.0, 1.0),
        _ => 0.5,
    }
}

/// Adds the values of one bucket, their mean at `share` of its width.
#[expect(clippy::cast_precision_loss, reason = "ranks within at most twenty points")]
fn fill(sketch: &mut DdSketch, bucket: Bucket, share: f64) {
    let points = bucket.count.min(MAX_POINTS);
    // The mean of u^p over 0..1 is 1 / (p + 1).
    let exponent = if share > 0.0 { 1.0 / share - 1.0 } else { f64::INFINITY };
    let place = |point: u64| ((point as f64 + 0.5) / points as f64).powf(exponent);
    let weight = |point: u64| share_of(bucket.count, points, point);
    let mean = (0..points).map(|point| place(point) * weight(point) as f64).sum::<f64>() / bucket.count as f64;
    for point in 0..points {
        let at = recentre(place(point), mean, share);
        let value = bucket.low + (bucket.high - bucket.low) * at;
        sketch.insert_n(value, u32::try_from(weight(point)).unwrap_or(u32::MAX));
    }
}

/// How many of `count` values go to `point` of `points`: all equal, the remainder scattered evenly.
const fn share_of(count: u64, points: u64, point: u64) -> u64 {
    let (each, rest) = (count / points, count % points);
    each + (point + 1) * rest / points - point * rest / points
}

/// Moves a place in 0 ..= 1 so that places with the mean `from` get the mean `to`, without leaving 0 ..= 1.
fn recentre(place: f64, from: f64, to: f64) -> f64 {
    let moved = if from > to { place * (to / from) } else { 1.0 - (1.0 - place) * ((1.0 - to) / (1.0 - from)) };
    // 0/0 where everything lies on an edge already.
    if moved.is_finite() { moved.clamp(0.0, 1.0) } else { to }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BOUNDS: [f64; 4] = [10.0, 100.0, 1_000.0, 10_000.0];

    #[test]
    fn an_empty_histogram_is_an_empty_sketch() {
        assert!(spread(&BOUNDS, &[0; 5], Some(0.0), None, None).is_empty());
        assert!(spread(&[], &[], None, Some(1.0), Some(2.0)).is_empty());
    }

    #[test]
    fn one_value_is_found_by_its_sum() {
        let sketch = spread(&BOUNDS, &[0, 0, 1, 0, 0], Some(420.0), None, None);
        assert_eq!((sketch.count(), sketch.mean(), sketch.max()), (1, Some(420.0), Some(420.0)));
    }

    #[test]
    fn extremes_and_sum_are_met() {
        let sketch = spread(&BOUNDS, &[1, 5, 90, 3, 1], Some(60_000.0), Some(7.0), Some(12_345.0));
        assert_eq!((sketch.count(), sketch.min(), sketch.max()), (100, Some(7.0), Some(12_345.0)));
        assert!((sketch.sum() - 60_000.0).abs() < 1.0, "{}", sketch.sum());
    }

    #[test]
    fn the_open_end_reaches_as_far_as_the_sum_says() {
        let known = spread(&BOUNDS, &[0, 0, 0, 0, 4], Some(80_000.0), None, None);
        assert_eq!(known.mean(), Some(20_000.0));
        let unknown = spread(&BOUNDS, &[0, 0, 0, 0, 4], None, None, None);
        assert_eq!((unknown.min(), unknown.max()), (Some(10_000.0), Some(10_000.0)));
        let prometheus = spread(&[10.0, f64::INFINITY], &[0, 4], None, None, None);
        assert_eq!(prometheus.max(), Some(10.0));
    }

    #[test]
    fn nonsense_bounds_lose_no_value() {
        let sketch =
            spread(&[f64::NAN, -5.0, 3.0, 2.0], &[1, 2, 3, 4, 5, 6], Some(f64::NAN), Some(-1.0), Some(f64::INFINITY));
        assert_eq!(sketch.count(), 21);
    }

    proptest! {
        /// For any values, the sketch has as many, their sum within rounding, and every quantile in the true bucket.
        #[test]
        #[expect(clippy::cast_precision_loss, reason = "at most 200 values")]
        fn count_sum_and_buckets_are_kept(values in prop::collection::vec(0.0f64..9_999.0, 1..200), with_extremes: bool) {
            let mut sorted = values;
            sorted.sort_by(f64::total_cmp);
            let mut counts = [0_u64; 5];
            for value in &sorted {
                counts[BOUNDS.partition_point(|bound| bound < value)] += 1;
            }
            let sum: f64 = sorted.iter().sum();
            let (min, max) = (sorted[0], sorted[sorted.len() - 1]);
            let sketch = if with_extremes {
                spread(&BOUNDS, &counts, Some(sum), Some(min), Some(max))
            } else {
                spread(&BOUNDS, &counts, Some(sum), None, None)
            };
            prop_assert_eq!(sketch.count(), sorted.len() as u64);
            prop_assert!((sketch.sum() - sum).abs() <= 0.001 * sorted.len() as f64 + 1e-6, "{} for {}", sketch.sum(), sum);
            for (rank, value) in sorted.iter().enumerate() {
                let bucket = BOUNDS.partition_point(|bound| bound < value);
                let low = if bucket == 0 { 0.0 } else { BOUNDS[bucket - 1] };
                let q = rank as f64 / (sorted.len().max(2) - 1) as f64;
                let got = sketch.quantile(q).expect("not empty");
                prop_assert!(got >= low * 0.99 - 0.001 && got <= BOUNDS[bucket] * 1.01 + 0.001, "{} in bucket {}", got, bucket);
            }
        }
    }
}
