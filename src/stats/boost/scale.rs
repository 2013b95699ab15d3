//! Targets of about 1, so that no square of theirs overflows or vanishes.

/// A power of two: scaling by it and back changes no bit of a result but at the very ends of the number range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    exponent: i32,
}

impl Scale {
    /// The scale on which the largest of `values`, all finite, lies from 1 to below 4 (below 2 but for the very largest numbers).
    pub(super) fn of(values: &[f64]) -> Self {
        let largest = values.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
        // The exponent bits of a double; 2 ^ +-1022 are the outermost powers whose inverse is of full precision.
        let exponent = i32::try_from(largest.to_bits() >> 52).map_or(0, |biased| biased - 1023);
        Self { exponent: if largest == 0.0 { 0 } else { exponent.clamp(-1022, 1022) } }
    }

    /// From the targets' scale to that of training.
    pub(super) fn down(self, value: f64) -> f64 {
        value * power_of_two(-self.exponent)
    }

    /// And back.
    pub(super) fn up(self, value: f64) -> f64 {
        value * power_of_two(self.exponent)
    }
}

/// 2 to the power `exponent`, which lies in -1022 ..= 1022.
fn power_of_two(exponent: i32) -> f64 {
    f64::from_bits(u64::try_from(exponent + 1023).unwrap_or(0) << 52)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_value_comes_to_one_and_back() {
        for value in [1e308, -3.0, 1.0, 1e-300] {
            let scale = Scale::of(&[0.0, value]);
            assert!((1.0..4.0).contains(&scale.down(value).abs()), "{value}");
            assert_eq!(scale.up(scale.down(value)).to_bits(), f64::to_bits(value));
        }
        assert_eq!(Scale::of(&[0.0]), Scale { exponent: 0 });
        assert!(Scale::of(&[5e-324]).down(5e-324) > 0.0);
    }
}
