//! The horizons that have coefficients of their own, and what lies between them.

/// Roughly each half as far again as the one before.
const USUAL: [usize; 10] = [1, 2, 3, 5, 8, 12, 20, 30, 45, 60];

/// Most horizons there are.
pub(super) const MOST: usize = USUAL.len() + 1;

/// The horizons up to an hour of `hour` steps, the hour included.
pub(super) fn up_to(hour: usize) -> Vec<usize> {
    let mut horizons: Vec<usize> = USUAL.into_iter().filter(|horizon| *horizon < hour).collect();
    horizons.push(hour);
    horizons
}

/// The positions of the horizons around `ahead`, and its share of the way between them in the logarithm: what is one
/// step farther matters less the farther it is. Beyond the last one it stays there.
pub(super) fn around(horizons: &[usize], ahead: usize) -> (usize, usize, f64) {
    let after = horizons.partition_point(|horizon| *horizon < ahead).min(horizons.len() - 1);
    let before = after.saturating_sub(1);
    let (low, high) = (horizons[before], horizons[after]);
    if ahead >= high || ahead <= low {
        return (after, after, 0.0);
    }
    (before, after, logarithm(ahead, low) / logarithm(high, low))
}

/// The logarithm of the ratio of two numbers of steps.
#[expect(clippy::cast_precision_loss, reason = "horizons are small")]
fn logarithm(above: usize, below: usize) -> f64 {
    (above as f64 / below as f64).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_lie_between_horizons_in_the_logarithm() {
        let horizons = up_to(60);
        assert_eq!(horizons, USUAL);
        assert_eq!(around(&horizons, 1), (0, 0, 0.0));
        let (before, after, share) = around(&horizons, 6);
        assert_eq!((before, after), (3, 4));
        assert!((share - (6.0f64 / 5.0).ln() / (8.0f64 / 5.0).ln()).abs() < 1e-12);
        assert_eq!(around(&horizons, 900), (9, 9, 0.0));
        assert_eq!(up_to(10), [1, 2, 3, 5, 8, 10]);
    }
}
