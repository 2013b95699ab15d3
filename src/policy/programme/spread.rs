//! That calls are better spread over channels that are about as good.
//!
//! The cheapest mix is a corner: of two channels that differ by a hair one gets all calls, and the next minute, by another
//! hair, the other. So a share has a small price of its own that grows with its square. Channels whose calls cost about the
//! same then carry about the same, each is known well when the others fail, and one that comes back finds its place again.
//! The square is followed in pieces that end where so many equal channels have all calls between them.

/// Where the pieces end: the shares of eight equal channels, of six, and so on.
const ENDS: [f64; 6] = [LEAST, 1.0 / 6.0, 1.0 / 4.0, 1.0 / 3.0, 1.0 / 2.0, 1.0];
/// Up to here a further call of any channel asks the same, and the least.
pub(super) const LEAST: f64 = 1.0 / 8.0;

/// A part of a share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Piece {
    pub length: f64,
    /// By how much the square grows for each further call.
    pub slope: f64,
}

/// The pieces of a share between `from` and `to`, both within 0 ..= 1.
pub(super) fn pieces(from: f64, to: f64) -> impl Iterator<Item = Piece> {
    let mut begin = 0.0;
    ENDS.into_iter().filter_map(move |end| {
        let (low, high) = (from.max(begin), to.min(end));
        let piece = Piece { length: high - low, slope: begin + end };
        begin = end;
        (high > low).then_some(piece)
    })
}

/// The square of `share`, as the pieces follow it.
pub(super) fn square(share: f64) -> f64 {
    pieces(0.0, share).map(|piece| piece.length * piece.slope).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_follow_the_square_and_ever_steeper() {
        for end in ENDS {
            assert!((square(end) - end * end).abs() < 1e-12, "{end}");
        }
        assert!(square(0.7) > 0.49 && square(0.7) < 0.56, "between two ends it is above");
        let all: Vec<_> = pieces(0.2, 0.4).collect();
        assert_eq!(all.len(), 3);
        assert!((all.iter().map(|piece| piece.length).sum::<f64>() - 0.2).abs() < 1e-12);
        assert!(all.windows(2).all(|pair| pair[0].slope < pair[1].slope));
        assert_eq!(pieces(0.5, 0.5).count(), 0);
    }
}
