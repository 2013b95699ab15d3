//! How slow a channel gets under more load than it was tried with.
//!
//! Up to the load that it has carried well, calls are as slow as forecast. Beyond, with each doubling of the load 1 +
//! `crowding` times as many are slow, so the share of slow calls grows as a power of the load. That is convex in the share
//! that a class sends, and a linear programme can follow it by segments, each with a larger marginal slowness: as a mix
//! costs more the more of it is crowded, the cheaper segments are filled first without being told.

/// Doublings beyond what was tried that are told apart; all load beyond is as bad as the last.
const DOUBLINGS: i32 = 4;
/// Share of slow calls from which crowding starts where none is slow yet: nothing stays perfect under any load.
const LEAST_SLOW: f64 = 0.002;
/// Part of the demand that any channel is trusted with, were it never tried: what exploration shows.
const TRUSTED: f64 = 0.02;
/// By how much latency grows, as a power of the growth of slow calls: for log-normal times with few slow calls, twice as
/// many are slow when all take a sixth longer.
const LATENCY_POWER: f64 = 0.2;

/// Calls a minute below which there is no demand to speak of.
const LEAST_DEMAND: f64 = 1e-3;
/// Largest load in multiples of the demand that is told apart.
const MOST_LOAD: f64 = 1e6;
/// Largest crowding that is believed.
const MOST_CROWDING: f64 = 3.0;
/// Slow calls that one call more can make at most.
const MOST_SLOW: f64 = 10.0;

/// The load of one channel, as shares of the demand of the class.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::policy) struct Load {
    /// What other classes send.
    others: f64,
    /// What was carried well, by all classes.
    tried: f64,
    /// Power of the load with which slow calls grow.
    power: f64,
}

/// A part of a channel's load on which slowness is linear.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::policy) struct Segment {
    /// Share of the calls of the class.
    pub length: f64,
    /// Slow calls of each further call.
    pub slow: f64,
    /// Milliseconds of each further call.
    pub latency: f64,
}

impl Load {
    /// From calls a minute; without demand nothing is crowded.
    pub(in crate::policy) fn new(tried: f64, others: f64, crowding: f64, demand: f64) -> Self {
        let known = |value: f64| if value.is_finite() { value.max(0.0) } else { 0.0 };
        if demand < LEAST_DEMAND {
            return Self { others: 0.0, tried: f64::INFINITY, power: 0.0 };
        }
        let others = (known(others) / demand).min(MOST_LOAD);
        let tried = if tried == f64::INFINITY { tried } else { (known(tried) / demand).max(others + TRUSTED) };
        Self { others, tried, power: (1.0 + known(crowding).min(MOST_CROWDING)).log2() }
    }

    /// The share of the class that it was tried with.
    pub(in crate::policy) fn tried(&self) -> f64 {
        if self.power > 0.0 { self.tried - self.others } else { f64::INFINITY }
    }

    /// Factor on slow calls if the class sends `share` of its own.
    fn crowded(&self, share: f64) -> f64 {
        let times = (self.others + share) / self.tried;
        if times > 1.0 { times.powf(self.power) } else { 1.0 }
    }

    /// Share of calls that are slow if the class sends `share` of its own, and `slow` of few; at most 1.
    pub(in crate::policy) fn slow(&self, slow: f64, share: f64) -> f64 {
        (slow.max(LEAST_SLOW) * self.crowded(share)).min(1.0)
    }

    /// Milliseconds of a call if the class sends `share` of its own, and a call takes `latency` among few.
    pub(in crate::policy) fn latency(&self, latency: f64, share: f64) -> f64 {
        latency * self.crowded(share).powf(LATENCY_POWER)
    }

    /// The segments up to a share of `most`, or of all calls if that is less.
    pub(in crate::policy) fn segments(&self, slow: f64, latency: f64, most: f64) -> impl Iterator<Item = Segment> {
        let (load, most, slow) = (*self, most.min(1.0), slow.max(LEAST_SLOW));
        // Of all calls on the channel up to there, not cut at 1: the sum must stay convex.
        let at = move |share: f64| {
            let crowded = load.crowded(share);
            (share * slow * crowded, share * latency * crowded.powf(LATENCY_POWER))
        };
        let end = move |doubling: i32| {
            let end = load.tried * 2_f64.powi(doubling) - load.others;
            if doubling > DOUBLINGS || load.power <= 0.0 { most } else { end.min(most) }
        };
        let mut from = 0.0;
        (0..=DOUBLINGS + 1).map_while(move |doubling| {
            if from >= most {
                return None;
            }
            let (begin, to) = (from, end(doubling));
            from = to;
            let ((slow, latency), (slow_to, latency_to)) = (at(begin), at(to));
            let length = to - begin;
            let slope = |rise: f64| if length > 0.0 { rise / length } else { 0.0 };
            Some(Segment { length, slow: slope(slow_to - slow).min(MOST_SLOW), latency: slope(latency_to - latency) })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_tried_is_one_segment_and_each_doubling_another() {
        // Demand 100: tried with 30 calls a minute of which others send 10; twice as many slow calls with each doubling.
        let load = Load::new(30.0, 10.0, 1.0, 100.0);
        let segments: Vec<_> = load.segments(0.01, 100.0, 1.0).collect();
        let lengths: Vec<_> = segments.iter().map(|segment| (segment.length * 100.0).round()).collect();
        assert_eq!(lengths, [20.0, 30.0, 50.0], "up to 30, 60, and all 110 of 120");
        assert!((segments[0].slow - 0.01).abs() < 1e-12);
        // At 60 in all, of our 50 calls 2 % are slow: 1, after 0.2 of 20.
        assert!((segments[1].slow - (1.0 - 0.2) / 30.0).abs() < 1e-12);
        assert!((load.slow(0.01, 0.5) - 0.02).abs() < 1e-12);
        assert!(segments.windows(2).all(|pair| pair[0].slow < pair[1].slow && pair[0].latency < pair[1].latency));
    }

    #[test]
    fn nothing_is_crowded_without_crowding_or_demand() {
        for load in [Load::new(30.0, 10.0, 0.0, 100.0), Load::new(0.0, 0.0, 1.0, 0.0)] {
            let segments: Vec<_> = load.segments(0.1, 100.0, f64::INFINITY).collect();
            assert_eq!(segments.len(), 1);
            assert!((segments[0].length - 1.0).abs() < 1e-12 && (segments[0].slow - 0.1).abs() < 1e-12);
        }
        let strange = Load::new(f64::NAN, f64::NAN, f64::NAN, 5.0);
        assert!(strange.segments(0.1, 5.0, 1.0).all(|segment| segment.slow.is_finite()));
        assert_eq!(strange.segments(0.1, 5.0, 0.0).count(), 0);
    }
}
