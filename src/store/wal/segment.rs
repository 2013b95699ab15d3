//! One file of the log, named by the number of its first frame, and what its bytes hold.

use std::ops::Range;

use super::frame::{self, Lsn};

/// Directory of the segments.
pub(crate) const DIR: &str = "wal";

/// Path of the segment whose first frame is `first`.
pub(crate) fn path_of(first: Lsn) -> String {
    format!("{DIR}/{:020}.wal", first.0)
}

/// The first frame of the segment called `name` (without directory); `None` if it is no segment's name.
pub(crate) fn first_of(name: &str) -> Option<Lsn> {
    name.strip_suffix(".wal")?.parse().ok().map(Lsn)
}

/// A run of bytes that is no frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Gap {
    /// Where it lies in the segment.
    pub(crate) bytes: Range<usize>,
    /// Frames that must have been there, `[from, to)`; empty if none is missing.
    pub(crate) lost: Range<u64>,
}

/// What a segment's bytes hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scan {
    /// Runs of valid frames.
    pub(crate) good: Vec<Range<usize>>,
    /// Damage with valid frames behind it.
    pub(crate) gaps: Vec<Gap>,
    /// Offset behind the last valid frame: what follows is torn, damaged or superseded.
    pub(crate) end: usize,
    /// Number after the last valid frame.
    pub(crate) next: Lsn,
}

/// Reads a segment whose first frame should be number `first`.
///
/// Frames from `before` on are not taken: the next segment begins there, so they were never acknowledged here.
pub(crate) fn scan(bytes: &[u8], first: Lsn, before: Option<Lsn>) -> Scan {
    let mut found = Scan { good: Vec::new(), gaps: Vec::new(), end: 0, next: first };
    let mut at = 0;
    while let Some((start, frame)) = next_frame(bytes, at, found.next) {
        if before.is_some_and(|before| frame.lsn >= before) {
            break;
        }
        let end = start + frame.len();
        if start > found.end || frame.lsn > found.next {
            found.gaps.push(Gap { bytes: found.end..start, lost: found.next.0..frame.lsn.0 });
            found.good.push(start..end);
        } else if let Some(run) = found.good.last_mut() {
            run.end = end;
        } else {
            found.good.push(start..end);
        }
        (found.end, found.next, at) = (end, frame.lsn.next(), end);
    }
    found
}

/// The first valid frame at or after `at` that is not older than `expected`.
fn next_frame(bytes: &[u8], mut at: usize, expected: Lsn) -> Option<(usize, frame::Frame<'_>)> {
    loop {
        let start = frame::find(bytes, at)?;
        let frame = frame::parse(&bytes[start..])?;
        if frame.lsn >= expected {
            return Some((start, frame));
        }
        at = start + frame.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(numbers: Range<u64>) -> Vec<u8> {
        let mut bytes = Vec::new();
        for lsn in numbers {
            frame::put(&mut bytes, Lsn(lsn), &[7; 12]);
        }
        bytes
    }

    const FRAME: usize = frame::HEADER_BYTES + 12;

    #[test]
    fn a_torn_tail_ends_the_segment() {
        let bytes = frames(5..9);
        let scan = scan(&bytes[..bytes.len() - 1], Lsn(5), None);
        assert_eq!(scan.good.first(), Some(&(0..3 * FRAME)));
        assert_eq!((scan.good.len(), scan.end, scan.next), (1, 3 * FRAME, Lsn(8)));
        assert!(scan.gaps.is_empty());
    }

    #[test]
    fn damage_in_the_middle_is_stepped_over_and_measured() {
        let mut bytes = frames(5..9);
        bytes[FRAME + 3] ^= 1;
        bytes[2 * FRAME + 25] ^= 1;
        let scan = scan(&bytes, Lsn(5), None);
        assert_eq!(scan.good, [0..FRAME, 3 * FRAME..4 * FRAME]);
        assert_eq!(scan.gaps, [Gap { bytes: FRAME..3 * FRAME, lost: 6..8 }]);
        assert_eq!(scan.next, Lsn(9));
    }

    #[test]
    fn frames_that_the_next_segment_has_are_not_taken_twice() {
        let scan = scan(&frames(5..9), Lsn(5), Some(Lsn(7)));
        assert_eq!((scan.end, scan.next), (2 * FRAME, Lsn(7)));
    }
}
