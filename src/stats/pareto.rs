//! The generalised Pareto distribution, fitted by maximum likelihood the way of Grimshaw.
//!
//! It is what the excesses over a high threshold of nearly any distribution tend to (Pickands 1975). Its likelihood has two
//! parameters and a surface on which general searches get lost; Grimshaw (*Computing Maximum Likelihood Estimates for the
//! Generalized Pareto Distribution*, Technometrics 35, 1993) reduces it to one variable, shape over scale, in which all
//! maxima are sign changes of one function.

/// Factors whose logarithms are taken at once: their product stays far within the range of a number.
const TOGETHER: usize = 8;
/// Excesses from which on a shape is fitted; fewer say too little and are taken as exponential.
const LEAST: usize = 10;
/// Points of the search, as shares of the way to the pole on the negative side.
const NEGATIVE: [f64; 12] = [0.999, 0.99, 0.97, 0.94, 0.9, 0.8, 0.65, 0.5, 0.3, 0.15, 0.06, 0.01];
/// The first point on the positive side, in units of one over the mean; each further one is twice as large.
const FIRST_POSITIVE: f64 = 0.005;
/// The last one.
const LAST_POSITIVE: f64 = 1e4;

/// The distribution of what lies above a threshold.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct GeneralisedPareto {
    /// Shape: 0 is exponential, above it the tail is heavier, below it ends at -scale / shape.
    pub shape: f64,
    /// Scale, in the unit of the excesses.
    pub scale: f64,
}

impl GeneralisedPareto {
    /// The distribution of largest likelihood for `excesses`, all above zero, in some sixty passes over them. Exponential if
    /// they are fewer than ten or no other maximum beats it; the scale is zero without any.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "slices are far shorter than 2^52")]
    pub fn fit(excesses: &[f64]) -> Self {
        let mean = excesses.iter().sum::<f64>() / excesses.len().max(1) as f64;
        let exponential = Self { shape: 0.0, scale: mean };
        if excesses.len() < LEAST || !(mean > 0.0 && mean.is_finite()) {
            return exponential;
        }
        let profile = Profile { excesses, mean };
        // The exponential's own, up to a constant that all of them share.
        let mut best = (-1.0, exponential);
        for ratio in profile.maxima() {
            let shape = profile.at(ratio).shape;
            let likelihood = (ratio / shape).ln() - shape - 1.0;
            if likelihood > best.0 {
                best = (likelihood, Self { shape, scale: mean * shape / ratio });
            }
        }
        best.1
    }

    /// Probability of an excess above `excess`.
    #[must_use]
    pub fn survival(&self, excess: f64) -> f64 {
        let steps = excess / self.scale;
        if self.shape.abs() < 1e-9 {
            return (-steps).exp();
        }
        (1.0 + self.shape * steps).max(0.0).powf(-1.0 / self.shape)
    }

    /// The excess that is exceeded with probability `p`, 0 < `p` <= 1.
    #[must_use]
    pub fn exceeded_with(&self, p: f64) -> f64 {
        if self.shape.abs() < 1e-9 {
            return -self.scale * p.ln();
        }
        self.scale * (p.powf(-self.shape) - 1.0) / self.shape
    }
}

/// The likelihood in one variable, the ratio of shape to scale in units of one over the mean.
struct Profile<'a> {
    excesses: &'a [f64],
    mean: f64,
}

/// What follows from a ratio.
struct Point {
    /// The shape of largest likelihood.
    shape: f64,
    /// Grimshaw's function, whose sign is that of the slope of the likelihood.
    slope: f64,
}

impl Profile<'_> {
    #[expect(clippy::cast_precision_loss, reason = "slices are far shorter than 2^52")]
    fn at(&self, ratio: f64) -> Point {
        let (mut logs, mut inverses) = (0.0, 0.0);
        for chunk in self.excesses.chunks(TOGETHER) {
            let mut product = 1.0;
            for excess in chunk {
                let factor = 1.0 + ratio * (excess / self.mean);
                product *= factor;
                inverses += 1.0 / factor;
            }
            logs += product.ln();
        }
        let count = self.excesses.len() as f64;
        let shape = logs / count;
        Point { shape, slope: inverses / count * (1.0 + shape) - 1.0 }
    }

    /// Where the likelihood has a maximum, at a resolution that no sample of this kind asks for.
    fn maxima(&self) -> impl Iterator<Item = f64> {
        let largest = self.excesses.iter().copied().fold(0.0, f64::max);
        let pole = -self.mean / largest;
        let negative = NEGATIVE.iter().map(move |share| share * pole);
        let positive = std::iter::successors(Some(FIRST_POSITIVE), |ratio| Some(2.0 * ratio));
        let ratios = negative.chain(positive.take_while(|ratio| *ratio <= LAST_POSITIVE));
        let points: Vec<(f64, f64)> = ratios.map(|ratio| (ratio, self.at(ratio).slope)).collect();
        let falling = |pair: &[(f64, f64)]| match pair {
            [(low, up), (high, down)] if *up > 0.0 && *down <= 0.0 => Some(self.root((*low, *up), (*high, *down))),
            _ => None,
        };
        // The exponential lies between the two sides and is no root of its own.
        points.windows(2).filter_map(falling).filter(|ratio| ratio.abs() > 1e-9).collect::<Vec<_>>().into_iter()
    }

    /// The zero of the slope between two points, by false position with the step of Illinois.
    fn root(&self, mut low: (f64, f64), mut high: (f64, f64)) -> f64 {
        for _ in 0..60 {
            if (high.0 - low.0).abs() <= 1e-12 * high.0.abs() {
                break;
            }
            let middle = (low.0 * high.1 - high.0 * low.1) / (high.1 - low.1);
            let slope = self.at(middle).slope;
            if slope.abs() < 1e-15 {
                return middle;
            }
            if slope > 0.0 {
                low = (middle, slope);
                high.1 *= 0.5;
            } else {
                high = (middle, slope);
                low.1 *= 0.5;
            }
        }
        f64::midpoint(low.0, high.0)
    }
}

#[cfg(test)]
mod tests;
