//! Histogram points of both kinds in one form that can be checked, subtracted and turned into a sketch.

use opentelemetry_proto::tonic::metrics::v1::{ExponentialHistogramDataPoint, HistogramDataPoint};
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use crate::collect::histogram::spread;
use crate::collect::sources::otlp::attributes::Attributes;
use crate::domain::sample::{Distribution, Summary};
use crate::domain::units::Millis;

/// Most buckets of one point. SDKs have 160 at most; the limit bounds what a hostile point can cost.
const MAX_BUCKETS: usize = 2_000;
/// Most calls that one point is believed to stand for.
const MAX_COUNT: u64 = 1_000_000_000_000;
/// Largest sum that is believed: a day for each of a billion calls, or as many tokens.
const MAX_SUM: f64 = 1e15;
/// Scales that the data model gives a meaning.
const SCALES: std::ops::RangeInclusive<i32> = -10..=20;

/// A field at fault and what is wrong with it.
pub(super) type Fault = (&'static str, String);

/// How many values fell where, either since the start of the instrument or since the export before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Tally {
    #[serde(rename = "n")]
    pub(super) count: u64,
    #[serde(rename = "s")]
    pub(super) sum: Option<f64>,
    #[serde(rename = "h")]
    shape: Shape,
    #[serde(rename = "b")]
    buckets: Vec<u64>,
}

/// Where the buckets lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Shape {
    /// Given by bounds, which are known by their hash here.
    #[serde(rename = "e")]
    Explicit(u64),
    /// Bucket `i` holds values in `(g^(offset + i), g^(offset + i + 1)]` with `g = 2^(2^-scale)`.
    #[serde(rename = "x")]
    Exponential { scale: i32, offset: i32, zeros: u64 },
}

/// One histogram point.
#[derive(Debug)]
pub(super) struct Point<'a> {
    pub(super) attributes: Attributes<'a>,
    pub(super) start_nanos: u64,
    pub(super) time_nanos: u64,
    pub(super) tally: Tally,
    /// Upper bounds of the buckets in the instrument's unit; of an exponential point computed when needed.
    bounds: &'a [f64],
    zero_threshold: f64,
    min: Option<f64>,
    max: Option<f64>,
}

impl<'a> Point<'a> {
    /// Checks a point with explicit bounds.
    pub(super) fn explicit(point: &'a HistogramDataPoint) -> Result<Self, Fault> {
        let (bounds, buckets) = (&point.explicit_bounds, &point.bucket_counts);
        if !buckets.is_empty() && buckets.len() != bounds.len() + 1 {
            let problem =
                format!("has {} entries for {} bounds; one more than bounds is right", buckets.len(), bounds.len());
            return Err(("bucketCounts", problem));
        }
        if bounds.iter().any(|bound| bound.is_nan()) || !bounds.is_sorted() {
            return Err(("explicitBounds", "must ascend".to_owned()));
        }
        check(point.count, point.sum, buckets, 0)?;
        let hash = xxh3_64(&bounds.iter().flat_map(|bound| bound.to_le_bytes()).collect::<Vec<u8>>());
        let shape = Shape::Explicit(hash);
        Ok(Self {
            attributes: Attributes(&point.attributes),
            start_nanos: point.start_time_unix_nano,
            time_nanos: point.time_unix_nano,
            tally: Tally { count: point.count, sum: point.sum, shape, buckets: buckets.clone() },
            bounds,
            zero_threshold: 0.0,
            min: point.min,
            max: point.max,
        })
    }

    /// Checks an exponential point. Durations and token counts have no negative buckets; a point with some is refused.
    pub(super) fn exponential(point: &'a ExponentialHistogramDataPoint) -> Result<Self, Fault> {
        if !SCALES.contains(&point.scale) {
            return Err(("scale", format!("is {}; -10 to 20 are allowed", point.scale)));
        }
        if point.negative.as_ref().is_some_and(|negative| negative.bucket_counts.iter().any(|&n| n > 0)) {
            return Err(("negative", "holds values below zero".to_owned()));
        }
        let (offset, buckets) = point.positive.as_ref().map_or((0, &[][..]), |p| (p.offset, &p.bucket_counts));
        if !(-2_000_000_000..=2_000_000_000).contains(&offset) {
            return Err(("positive", "has an impossible offset".to_owned()));
        }
        check(point.count, point.sum, buckets, point.zero_count)?;
        let shape = Shape::Exponential { scale: point.scale, offset, zeros: point.zero_count };
        Ok(Self {
            attributes: Attributes(&point.attributes),
            start_nanos: point.start_time_unix_nano,
            time_nanos: point.time_unix_nano,
            tally: Tally { count: point.count, sum: point.sum, shape, buckets: buckets.to_vec() },
            bounds: &[],
            zero_threshold: point.zero_threshold,
            min: point.min,
            max: point.max,
        })
    }

    /// The distribution of `tally`, which is this point's own or a part of it, in milliseconds of `unit_ms` each.
    /// The point's minimum and maximum belong to all of it, so `is_whole` says whether they apply.
    #[expect(clippy::cast_precision_loss, reason = "a mean is a float")]
    pub(super) fn distribution(&self, tally: &Tally, unit_ms: f64, is_whole: bool) -> Distribution {
        // What no call can take is a mistake of the sender's, and must not blow up the sums of others.
        let scaled = |value: f64| if value.is_finite() { (value * unit_ms).min(Millis::MAX_MS) } else { value };
        let (min, max) = if is_whole { (self.min.map(scaled), self.max.map(scaled)) } else { (None, None) };
        let sum = tally.sum.map(|sum| (sum * unit_ms).min(Millis::MAX_MS * tally.count as f64));
        if tally.count == 0 {
            return Distribution::Empty;
        }
        let (bounds, counts) = match tally.shape {
            Shape::Explicit(_) if tally.buckets.is_empty() => {
                // A point without buckets says what its values sum to, and nothing of how they lie.
                let mean = sum.map(|sum| sum / tally.count as f64);
                return Distribution::Stated(Box::new(Summary { mean, max, ..Summary::default() }));
            }
            Shape::Explicit(_) => (self.bounds.to_vec(), tally.buckets.clone()),
            Shape::Exponential { scale, offset, zeros } => {
                let step = f64::from(-scale).exp2();
                let bound = |index: usize| ((f64::from(offset) + index as f64) * step).exp2();
                let bounds = std::iter::once(self.zero_threshold.max(0.0)).chain((0..=tally.buckets.len()).map(bound));
                (bounds.collect(), [zeros, 0].into_iter().chain(tally.buckets.iter().copied()).collect())
            }
        };
        let bounds: Vec<f64> = bounds.into_iter().map(scaled).collect();
        Distribution::Sketch(spread(&bounds, &counts, sum, min, max))
    }
}

fn check(count: u64, sum: Option<f64>, buckets: &[u64], zeros: u64) -> Result<(), Fault> {
    if count > MAX_COUNT {
        return Err(("count", format!("is larger than {MAX_COUNT}")));
    }
    if buckets.len() > MAX_BUCKETS {
        return Err(("bucketCounts", format!("has {} entries; at most {MAX_BUCKETS} are allowed", buckets.len())));
    }
    let total = buckets.iter().fold(zeros, |total, &bucket| total.saturating_add(bucket));
    if total != count && !(buckets.is_empty() && zeros == 0) {
        return Err(("count", format!("is {count}, but the buckets hold {total}")));
    }
    match sum {
        Some(sum) if !sum.is_finite() => Err(("sum", "is not a finite number".to_owned())),
        Some(sum) if sum > MAX_SUM => Err(("sum", format!("is larger than {MAX_SUM}"))),
        Some(sum) if sum < 0.0 => Err(("sum", "is negative".to_owned())),
        _ => Ok(()),
    }
}

impl Tally {
    /// What came on top of `before`; `None` if something became less, which means that the instrument began anew.
    pub(super) fn since(&self, before: &Self) -> Option<Self> {
        let count = self.count.checked_sub(before.count)?;
        let sum = match (self.sum, before.sum) {
            // Rounding may leave a hair below zero, and only there.
            (Some(sum), Some(earlier)) => Some((sum - earlier).max(0.0)),
            (sum, _) => sum.filter(|_| before.count == 0),
        };
        let mut left = self.clone();
        match (&mut left.shape, before.shape) {
            (Shape::Explicit(now), Shape::Explicit(then)) if *now == then => {
                for (bucket, &earlier) in left.buckets.iter_mut().zip(&before.buckets) {
                    *bucket = bucket.checked_sub(earlier)?;
                }
            }
            (Shape::Exponential { scale, offset, zeros }, Shape::Exponential { scale: s, offset: o, zeros: z }) => {
                *zeros = zeros.checked_sub(z)?;
                // An instrument only ever makes its buckets coarser: by one scale two neighbours become one.
                let shift = u32::try_from(s.checked_sub(*scale)?).ok()?;
                for (index, &earlier) in (o..).zip(&before.buckets).filter(|&(_, &earlier)| earlier > 0) {
                    let at = usize::try_from(index.checked_shr(shift)?.checked_sub(*offset)?).ok()?;
                    let bucket = left.buckets.get_mut(at)?;
                    *bucket = bucket.checked_sub(earlier)?;
                }
            }
            _ => return None,
        }
        Some(Self { count, sum, ..left })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use opentelemetry_proto::tonic::metrics::v1::exponential_histogram_data_point::Buckets;

    fn exponential(scale: i32, offset: i32, counts: &[u64]) -> ExponentialHistogramDataPoint {
        let positive = Some(Buckets { offset, bucket_counts: counts.to_vec() });
        let count = counts.iter().sum();
        ExponentialHistogramDataPoint { scale, positive, count, ..ExponentialHistogramDataPoint::default() }
    }

    #[test]
    fn exponential_buckets_lie_where_the_data_model_says() {
        // Scale 0: bucket 3 is (8, 16].
        let wire = exponential(0, 3, &[5]);
        let point = Point::exponential(&wire).expect("valid point");
        let distribution = point.distribution(&point.tally, 1.0, true);
        let sketch = distribution.sketch().expect("a sketch");
        assert_eq!(sketch.count(), 5);
        assert!(sketch.min() > Some(8.0) && sketch.max() <= Some(16.0), "{sketch:?}");
    }

    #[test]
    fn a_coarser_scale_is_not_a_reset() {
        let (before, now) = (exponential(1, 4, &[1, 2, 3, 4]), exponential(0, 2, &[3, 9]));
        let (before, now) = (Point::exponential(&before), Point::exponential(&now));
        let delta = now.expect("valid").tally.since(&before.expect("valid").tally).expect("no reset");
        assert_eq!((delta.count, delta.buckets), (2, vec![0, 2]));
    }

    #[test]
    fn less_than_before_is_a_reset() {
        let wire = |counts: [u64; 2]| HistogramDataPoint {
            count: counts.iter().sum(),
            bucket_counts: counts.to_vec(),
            explicit_bounds: vec![1.0],
            ..HistogramDataPoint::default()
        };
        let (before, more, less) = (wire([3, 4]), wire([3, 6]), wire([9, 1]));
        let tally = |point| Point::explicit(point).map(|point| point.tally).expect("valid point");
        assert_eq!(tally(&more).since(&tally(&before)).map(|delta| delta.count), Some(2));
        assert_eq!(tally(&less).since(&tally(&before)), None);
    }

    #[test]
    fn points_that_contradict_themselves_are_refused() {
        let good = HistogramDataPoint {
            count: 1,
            bucket_counts: vec![1, 0],
            explicit_bounds: vec![1.0],
            ..HistogramDataPoint::default()
        };
        let field = |point: &HistogramDataPoint| Point::explicit(point).err().map(|(field, _)| field);
        assert_eq!(field(&good), None);
        assert_eq!(field(&HistogramDataPoint { count: 2, ..good.clone() }), Some("count"));
        assert_eq!(field(&HistogramDataPoint { explicit_bounds: vec![], ..good.clone() }), Some("bucketCounts"));
        assert_eq!(field(&HistogramDataPoint { sum: Some(f64::NAN), ..good.clone() }), Some("sum"));
        assert_eq!(field(&HistogramDataPoint { explicit_bounds: vec![f64::NAN], ..good }), Some("explicitBounds"));
        let wire = exponential(99, 0, &[1]);
        assert_eq!(Point::exponential(&wire).err().map(|(field, _)| field), Some("scale"));
    }
}
