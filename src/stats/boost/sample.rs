//! Chance: which rows and features a tree is grown on.

use rand::Rng;

/// Keeps `wanted` of `from`, each choice equally likely, in their order (selection sampling: Knuth, *The Art of Computer
/// Programming* volume 2, algorithm 3.4.2 S).
pub(super) fn choose(rng: &mut impl Rng, from: &[u32], wanted: usize, chosen: &mut Vec<u32>) {
    chosen.clear();
    for (at, &candidate) in from.iter().enumerate() {
        let (open, rest) = ((wanted - chosen.len()) as u128, (from.len() - at) as u128);
        // A whole number below `rest`, from the upper bits of a product (Lemire 2019, without the rejection: the bias
        // is below 2^-32 for fewer than 2^32 rows).
        if (u128::from(rng.next_u64()) * rest) >> 64 < open {
            chosen.push(candidate);
        }
    }
}

/// `fraction` of `count`, rounded, but at least one and at most all.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts")]
pub(super) fn part_of(count: usize, fraction: f64) -> usize {
    ((count as f64 * fraction).round() as usize).clamp(1.min(count), count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::seed::Seed;

    #[test]
    fn each_is_chosen_equally_often_and_in_order() {
        let (mut rng, mut chosen, mut counts) = (Seed::new(3).rng(), Vec::new(), [0_u32; 5]);
        for _ in 0..5000 {
            choose(&mut rng, &[0, 1, 2, 3, 4], 2, &mut chosen);
            assert!(chosen.len() == 2 && chosen[0] < chosen[1]);
            for &at in &chosen {
                counts[at as usize] += 1;
            }
        }
        assert!(counts.iter().all(|count| (1850..2150).contains(count)), "{counts:?}");
        assert_eq!((part_of(10, 0.01), part_of(10, 0.75), part_of(0, 1.0)), (1, 8, 0));
    }
}
