//! Longer windows from minutes: counts add up, sketches merge, coverage is the sum of its minutes.
//!
//! Percentiles of a window come from its merged sketch and are as exact as a minute's; nothing is averaged.

use std::iter::Peekable;

use crate::domain::sample::Sample;
use crate::store::error::StoreError;

/// The windows of `width` minutes over sorted minutes, sorted likewise.
pub(crate) struct RolledUp<I: Iterator<Item = Result<Sample, StoreError>>> {
    minutes: Peekable<I>,
    width: u32,
}

/// Rolls `minutes`, sorted by channel and minute, up to epoch-aligned windows of `width` minutes.
pub(crate) fn roll_up<I: Iterator<Item = Result<Sample, StoreError>>>(minutes: I, width: u32) -> RolledUp<I> {
    RolledUp { minutes: minutes.peekable(), width }
}

impl<I: Iterator<Item = Result<Sample, StoreError>>> Iterator for RolledUp<I> {
    type Item = Result<Sample, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut window = match self.minutes.next()? {
            Ok(first) => first,
            Err(error) => return Some(Err(error)),
        };
        window.minute = window.minute.floor_to(self.width);
        let belongs = |minute: &Result<Sample, StoreError>| {
            let same = |minute: &Sample| {
                minute.channel == window.channel && minute.minute.floor_to(self.width) == window.minute
            };
            minute.as_ref().is_ok_and(same)
        };
        let mut rest = Vec::new();
        while let Some(minute) = self.minutes.next_if(belongs) {
            rest.extend(minute);
        }
        for minute in rest {
            // Minutes of one window are watched one after the other; merging alone would take the longest.
            let coverage_s = window.coverage_s.saturating_add(minute.coverage_s);
            window.merge(&minute);
            window.coverage_s = coverage_s;
            window.revision = window.revision.max(minute.revision);
        }
        Some(Ok(window))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::ChannelId;
    use crate::domain::time::Minute;

    fn minute(channel: &str, minute: u32, ms: &[f64]) -> Sample {
        let mut sample = Sample::new(ChannelId::new(channel).expect("valid name"), Minute(minute));
        sample.coverage_s = 60;
        sample.counts.requests = ms.len() as u64;
        for &ms in ms {
            sample.latency.insert(ms);
        }
        sample
    }

    #[test]
    fn windows_are_epoch_aligned_and_keep_channels_apart() {
        let minutes =
            [minute("a", 4, &[1.0]), minute("a", 5, &[2.0]), minute("a", 9, &[3.0, 4.0]), minute("b", 9, &[])];
        let windows: Vec<_> = roll_up(minutes.into_iter().map(Ok), 5).map(|w| w.expect("no error")).collect();
        let shown: Vec<_> = windows.iter().map(|w| (w.channel.as_str(), w.minute.0, w.counts.requests)).collect();
        assert_eq!(shown, [("a", 0, 1), ("a", 5, 3), ("b", 5, 0)]);
        assert_eq!((windows[1].coverage_s, windows[1].latency.max()), (120, Some(4.0)));
    }

    #[test]
    fn percentiles_come_from_all_values() {
        let minutes = (0..60).map(|at| Ok(minute("a", at, &[f64::from(at + 1), f64::from(at + 61)])));
        let window = roll_up(minutes, 60).next().expect("one window").expect("no error");
        let p50 = window.latency.quantile(0.5).expect("known");
        assert!((p50 / 60.5 - 1.0).abs() < 0.011, "{p50}");
    }
}
