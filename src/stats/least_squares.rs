//! Nonlinear least squares in a box: Levenberg-Marquardt with a numeric Jacobian.
//!
//! Recursive filters (exponential smoothing, theta) have smooth residuals but no convenient derivative, few
//! parameters, and optima on the edge of their region. A simplex search needs thousands of passes over the data for
//! that and stops early when a season of initial states is among the unknowns; a damped Gauss-Newton step needs one
//! pass per parameter and a dozen steps.
//!
//! Reference: Nocedal and Wright, *Numerical optimization*, 2nd ed., section 10.3; parameters on a bound whose
//! gradient points outside are held there for the step (section 16.7).

/// How far a search goes.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Steps at most; each costs one evaluation per parameter and usually one or two more.
    pub steps: usize,
    /// A step which lowers the sum of squares by less than this share is the last one.
    pub tolerance: f64,
}

/// One unknown: where the search starts and where it may go.
#[derive(Debug, Clone, Copy)]
pub struct Unknown {
    /// Start on the way in, solution on the way out.
    pub value: f64,
    /// Smallest value allowed.
    pub lower: f64,
    /// Largest value allowed.
    pub upper: f64,
    /// Typical size, above zero: the step of the numeric derivative is a small share of it.
    pub size: f64,
}

/// Share of an unknown's size by which it is moved for a derivative: the square root of the rounding error of a
/// recursion over some thousand steps.
const NUDGE: f64 = 1e-7;

/// Damping beyond which no shorter step is tried.
const STIFFEST: f64 = 1e12;

/// Moves `unknowns` to a local minimum of the sum of squared residuals and returns that sum; `None` if the start is
/// outside the domain of `residuals`.
///
/// `residuals(x, out)` writes the `count` residuals at `x` and returns false if `x` lies outside its domain.
#[must_use]
pub fn minimise<F>(unknowns: &mut [Unknown], count: usize, limits: Limits, mut residuals: F) -> Option<f64>
where
    F: FnMut(&[f64], &mut [f64]) -> bool,
{
    let mut search = Search::start(unknowns, count, &mut residuals)?;
    let mut damping = 1e-3;
    for _ in 0..limits.steps {
        search.linearise(unknowns, &mut residuals);
        let before = search.cost;
        while !search.step(unknowns, damping, &mut residuals) {
            damping *= 8.0;
            if damping > STIFFEST {
                return Some(search.finish(unknowns));
            }
        }
        damping = (damping * 0.1).max(1e-12);
        if search.cost >= before * (1.0 - limits.tolerance) {
            break;
        }
    }
    Some(search.finish(unknowns))
}

/// Where the search stands, and the working memory of a step.
struct Search {
    /// The best point so far and its residuals.
    at: Vec<f64>,
    residuals: Vec<f64>,
    cost: f64,
    /// A point to try and its residuals.
    trial: Vec<f64>,
    moved: Vec<f64>,
    /// Derivatives, one column of `residuals.len()` per unknown.
    jacobian: Vec<f64>,
    /// Normal equations over all unknowns, row-major, and their right-hand side (the negative gradient).
    normal: Vec<f64>,
    descent: Vec<f64>,
    /// Factor of the damped normal equations, and the step.
    factor: Vec<f64>,
    delta: Vec<f64>,
}

impl Search {
    fn start<F>(unknowns: &[Unknown], count: usize, residuals: &mut F) -> Option<Self>
    where
        F: FnMut(&[f64], &mut [f64]) -> bool,
    {
        let width = unknowns.len();
        let at: Vec<f64> = unknowns.iter().map(|unknown| unknown.value.clamp(unknown.lower, unknown.upper)).collect();
        let mut first = vec![0.0; count];
        let cost = evaluate(residuals, &at, &mut first)?;
        Some(Self {
            trial: at.clone(),
            at,
            residuals: first,
            cost,
            moved: vec![0.0; count],
            jacobian: vec![0.0; count * width],
            normal: vec![0.0; width * width],
            descent: vec![0.0; width],
            factor: vec![0.0; width * width],
            delta: vec![0.0; width],
        })
    }

    /// Derivatives and normal equations at the best point. An unknown that cannot be moved, or that is held by its
    /// bound, gets a zero column: the damped equations then leave it where it is.
    fn linearise<F>(&mut self, unknowns: &[Unknown], residuals: &mut F)
    where
        F: FnMut(&[f64], &mut [f64]) -> bool,
    {
        let (count, width) = (self.residuals.len(), unknowns.len());
        for (index, unknown) in unknowns.iter().enumerate() {
            let nudge = NUDGE * unknown.size.max(self.at[index].abs());
            let nudge = if self.at[index] + nudge > unknown.upper { -nudge } else { nudge };
            self.trial.copy_from_slice(&self.at);
            self.trial[index] += nudge;
            let column = &mut self.jacobian[index * count..(index + 1) * count];
            if evaluate(residuals, &self.trial, column).is_none() {
                column.fill(0.0);
                continue;
            }
            let per = nudge.recip();
            for (derivative, base) in column.iter_mut().zip(&self.residuals) {
                *derivative = (*derivative - base) * per;
            }
            let slope = dot(column, &self.residuals);
            let held =
                (self.at[index] <= unknown.lower && slope > 0.0) || (self.at[index] >= unknown.upper && slope < 0.0);
            if held {
                column.fill(0.0);
            }
        }
        for row in 0..width {
            let left = &self.jacobian[row * count..(row + 1) * count];
            self.descent[row] = -dot(left, &self.residuals);
            for other in 0..=row {
                let product = dot(left, &self.jacobian[other * count..(other + 1) * count]);
                self.normal[row * width + other] = product;
                self.normal[other * width + row] = product;
            }
        }
    }

    /// Tries the step at this damping; true if it was taken.
    fn step<F>(&mut self, unknowns: &[Unknown], damping: f64, residuals: &mut F) -> bool
    where
        F: FnMut(&[f64], &mut [f64]) -> bool,
    {
        let width = unknowns.len();
        self.factor.copy_from_slice(&self.normal);
        for index in 0..width {
            let own = &mut self.factor[index * width + index];
            *own = if *own > 0.0 { *own * (1.0 + damping) } else { 1.0 };
        }
        self.delta.copy_from_slice(&self.descent);
        if !solve(&mut self.factor, &mut self.delta) {
            return false;
        }
        for (index, unknown) in unknowns.iter().enumerate() {
            self.trial[index] = (self.at[index] + self.delta[index]).clamp(unknown.lower, unknown.upper);
        }
        match evaluate(residuals, &self.trial, &mut self.moved) {
            Some(cost) if cost < self.cost => {
                std::mem::swap(&mut self.at, &mut self.trial);
                std::mem::swap(&mut self.residuals, &mut self.moved);
                self.cost = cost;
                true
            }
            _ => false,
        }
    }

    fn finish(self, unknowns: &mut [Unknown]) -> f64 {
        for (unknown, value) in unknowns.iter_mut().zip(self.at) {
            unknown.value = value;
        }
        self.cost
    }
}

/// The sum of squares at `x`, with the residuals left in `out`; `None` outside the domain.
fn evaluate<F>(residuals: &mut F, x: &[f64], out: &mut [f64]) -> Option<f64>
where
    F: FnMut(&[f64], &mut [f64]) -> bool,
{
    let inside = residuals(x, out);
    let cost = dot(out, out);
    (inside && cost.is_finite()).then_some(cost)
}

/// Inner product with four partial sums, which the compiler turns into vector instructions.
fn dot(left: &[f64], right: &[f64]) -> f64 {
    let (left, left_rest) = left.as_chunks::<4>();
    let (right, right_rest) = right.as_chunks::<4>();
    let mut sums = [0.0; 4];
    for (a, b) in left.iter().zip(right) {
        for lane in 0..4 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let rest: f64 = left_rest.iter().zip(right_rest).map(|(a, b)| a * b).sum();
    (sums[0] + sums[2]) + (sums[1] + sums[3]) + rest
}

/// Solves the symmetric positive definite `matrix` x = `side` in place by Cholesky; false if it is not definite.
fn solve(matrix: &mut [f64], side: &mut [f64]) -> bool {
    let width = side.len();
    for row in 0..width {
        for column in 0..=row {
            let mut sum = matrix[row * width + column];
            for inner in 0..column {
                sum -= matrix[row * width + inner] * matrix[column * width + inner];
            }
            if row > column {
                matrix[row * width + column] = sum / matrix[column * width + column];
            } else if sum > 0.0 {
                matrix[row * width + row] = sum.sqrt();
            } else {
                return false;
            }
        }
    }
    for row in 0..width {
        let known: f64 = (0..row).map(|inner| matrix[row * width + inner] * side[inner]).sum();
        side[row] = (side[row] - known) / matrix[row * width + row];
    }
    for row in (0..width).rev() {
        let known: f64 = (row + 1..width).map(|inner| matrix[inner * width + row] * side[inner]).sum();
        side[row] = (side[row] - known) / matrix[row * width + row];
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { steps: 100, tolerance: 1e-14 };

    fn unknown(value: f64, lower: f64, upper: f64) -> Unknown {
        Unknown { value, lower, upper, size: 1.0 }
    }

    /// The Rosenbrock valley as a sum of two squares.
    fn valley(x: &[f64], out: &mut [f64]) -> bool {
        out.copy_from_slice(&[10.0 * (x[1] - x[0] * x[0]), 1.0 - x[0]]);
        true
    }

    #[test]
    fn walks_the_rosenbrock_valley_to_its_end() {
        let mut unknowns = [unknown(-1.2, -9.0, 9.0), unknown(1.0, -9.0, 9.0)];
        let cost = minimise(&mut unknowns, 2, LIMITS, valley).expect("inside the domain");
        assert!(cost < 1e-12 && (unknowns[0].value - 1.0).abs() < 1e-5 && (unknowns[1].value - 1.0).abs() < 1e-5);
    }

    #[test]
    fn stays_in_the_box_and_finds_the_best_point_of_its_edge() {
        // With x <= 0.5 the best point is (0.5, 0.25), where only (1 - x)^2 is left.
        let mut unknowns = [unknown(-1.2, -9.0, 0.5), unknown(1.0, -9.0, 9.0)];
        let cost = minimise(&mut unknowns, 2, LIMITS, valley).expect("inside the domain");
        assert!((cost - 0.25).abs() < 1e-9, "{cost}");
        assert!((unknowns[0].value - 0.5).abs() < 1e-12 && (unknowns[1].value - 0.25).abs() < 1e-6);
    }

    #[test]
    fn a_start_outside_the_domain_has_no_answer_and_a_useless_unknown_stays() {
        assert_eq!(minimise(&mut [unknown(0.0, -1.0, 1.0)], 1, LIMITS, |_, _| false), None);
        let mut unknowns = [unknown(3.0, -9.0, 9.0), unknown(0.5, -9.0, 9.0)];
        let cost = minimise(&mut unknowns, 1, LIMITS, |x, out| {
            out[0] = x[0] - 2.0;
            true
        });
        assert!(cost.is_some_and(|cost| cost < 1e-20) && (unknowns[1].value - 0.5).abs() < 1e-15);
    }
}
