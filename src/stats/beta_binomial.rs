//! The beta-binomial distribution: how many of `n` calls are bad if each is with a probability that is itself only known
//! to be Beta(`alpha`, `beta`).
//!
//! It is the binomial one whose share is uncertain or differs from minute to minute; with `alpha + beta` towards infinity
//! it is the binomial itself (Skellam, *A probability distribution derived from the binomial distribution*, Journal of the
//! Royal Statistical Society B 10, 1948).
//!
//! The upper tail is the sum of its terms, each from the one before by their ratio, begun at the logarithm of the first.
//! One minus the sum of the lower terms, as is common, is noise once the tail is below 1e-12.

use statrs::function::gamma::ln_gamma;

/// Terms of a tail that are summed. What comes behind them is bounded by a geometric series.
const MOST_TERMS: u32 = 4_096;
/// A tail is summed until what is left is this part of it.
const PRECISION: f64 = 1e-13;
/// Parameters are held between these: finite and above zero.
const PARAMETERS: (f64, f64) = (1e-6, 1e9);
/// Most calls.
const MOST_CALLS: f64 = 1e9;

/// The distribution of bad calls; see the module.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BetaBinomial {
    alpha: f64,
    beta: f64,
}

impl BetaBinomial {
    /// Of a share with a mean and a precision, `alpha + beta`: larger is more certain. Both are held in the range in which
    /// everything is finite.
    #[must_use]
    pub fn of(mean: f64, precision: f64) -> Self {
        let within = |value: f64| value.max(PARAMETERS.0).min(PARAMETERS.1);
        Self { alpha: within(mean * precision), beta: within((1.0 - mean) * precision) }
    }

    /// The mean share.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.alpha / (self.alpha + self.beta)
    }

    /// How sure that mean is, as a number of calls.
    #[must_use]
    pub fn precision(&self) -> f64 {
        self.alpha + self.beta
    }

    /// Variance of the number of bad ones among `calls`.
    #[must_use]
    pub fn variance(&self, calls: f64) -> f64 {
        let (mean, precision) = (self.mean(), self.alpha + self.beta);
        calls * mean * (1.0 - mean) * (precision + calls) / (precision + 1.0)
    }

    /// The natural logarithm of the probability of `bad` of `calls`, both rounded and held in their range.
    #[must_use]
    pub fn ln_probability(&self, bad: f64, calls: f64) -> f64 {
        let (bad, calls) = whole(bad, calls);
        let choose = ln_gamma(calls + 1.0) - ln_gamma(bad + 1.0) - ln_gamma(calls - bad + 1.0);
        choose + ln_beta(bad + self.alpha, calls - bad + self.beta) - ln_beta(self.alpha, self.beta)
    }

    /// The natural logarithm of the probability of `bad` or more of `calls`, at most 0. At or below the mean it is taken
    /// as 0, which is true within a factor of few and where nobody asks for more. Costs at most 4,096 terms; where the
    /// tail has more it is rounded up.
    #[must_use]
    pub fn ln_at_least(&self, bad: f64, calls: f64) -> f64 {
        let (bad, calls) = whole(bad, calls);
        if bad <= calls * self.mean() {
            return 0.0;
        }
        let (mut term, mut sum, mut at) = (1.0, 1.0, bad);
        for step in 1.. {
            if at >= calls {
                break;
            }
            let ratio = (calls - at) * (self.alpha + at) / ((at + 1.0) * (self.beta + calls - at - 1.0));
            let rest = if ratio < 1.0 { term * ratio / (1.0 - ratio) } else { f64::INFINITY };
            if step > MOST_TERMS || rest < PRECISION * sum {
                sum += rest.min(term * (calls - at));
                break;
            }
            term *= ratio;
            sum += term;
            at += 1.0;
        }
        (self.ln_probability(bad, calls) + sum.ln()).min(0.0)
    }
}

/// Whole numbers in their range; what is not a number is none.
fn whole(bad: f64, calls: f64) -> (f64, f64) {
    let number = |value: f64, most: f64| if value.is_nan() { 0.0 } else { value.round().clamp(0.0, most) };
    let calls = number(calls, MOST_CALLS);
    (number(bad, calls), calls)
}

fn ln_beta(a: f64, b: f64) -> f64 {
    ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bad ones, calls, alpha, beta; the logarithms of their probability and of the tail.
    const GOLDEN: [(f64, f64, f64, f64, f64, f64); 7] = [
        (3.0, 36.0, 1.5, 98.5, -3.677_952_529_002_898, -3.349_561_682_457_202_3),
        (12.0, 36.0, 0.7, 300.0, -29.729_698_605_566_497, -29.654_566_386_546_28),
        (40.0, 500.0, 20.0, 980.0, -17.757_981_005_971_06, -17.133_768_986_498_385),
        (1.0, 5.0, 1.0, 49.0, -2.458_017_749_571_669, -2.379_546_134_130_174),
        (300.0, 10_000.0, 50.0, 4_950.0, -38.433_974_098_418_05, -36.969_878_188_134_38),
        (150.0, 240.0, 4.0, 1_996.0, -377.997_812_088_580_4, -377.952_813_403_221_6),
        (36.0, 36.0, 2.0, 998.0, -149.971_252_136_332_6, -149.971_252_136_332_6),
    ];

    fn near(found: f64, expected: f64) -> bool {
        (found - expected).abs() <= 1e-9 * expected.abs().max(1.0)
    }

    #[test]
    fn agrees_with_scipy() {
        // scipy 1.17.1: betabinom.logpmf(k, n, a, b) and numpy.log(betabinom.pmf(range(k, n + 1), n, a, b).sum()).
        for (bad, calls, alpha, beta, ln_one, ln_tail) in GOLDEN {
            let found = BetaBinomial::of(alpha / (alpha + beta), alpha + beta);
            let (one, tail) = (found.ln_probability(bad, calls), found.ln_at_least(bad, calls));
            assert!(near(one, ln_one) && near(tail, ln_tail), "{bad} of {calls}: {one} {tail}");
        }
    }

    #[test]
    fn a_share_that_is_certain_is_binomial() {
        // scipy 1.17.1: binom.logsf(k - 1, n, p).
        let golden = [
            (3.0, 36.0, 0.01, -5.188_430_592_035_417_5),
            (20.0, 240.0, 0.02, -15.984_858_855_706_81),
            (60.0, 1_000.0, 0.02, -29.306_865_672_070_19),
        ];
        for (bad, calls, share, expected) in golden {
            let found = BetaBinomial::of(share, 1e8).ln_at_least(bad, calls);
            assert!((found - expected).abs() < 1e-3, "{found} for {expected}");
        }
    }

    #[test]
    fn everything_is_finite() {
        let odd = [0.0, 1e-300, 0.5, 1.0, 37.0, 1e9, 1e300, f64::INFINITY, f64::NAN, -3.0];
        for (mean, precision) in [(0.0, 0.0), (0.5, 1e-9), (1.0, 1e300), (0.01, 500.0), (f64::NAN, f64::NAN)] {
            let model = BetaBinomial::of(mean, precision);
            for (bad, calls) in odd.into_iter().flat_map(|bad| odd.map(|calls| (bad, calls))) {
                let (one, tail) = (model.ln_probability(bad, calls), model.ln_at_least(bad, calls));
                assert!(one.is_finite() && tail.is_finite() && tail <= 0.0, "{bad} of {calls} under {model:?}");
            }
            assert!(model.variance(1e9).is_finite());
        }
    }
}
