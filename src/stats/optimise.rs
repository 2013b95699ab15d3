//! Minimum of a function of a few variables without derivatives: the simplex method of Nelder and Mead (1965).
//!
//! Coefficients are the dimension-dependent ones of Gao and Han (2012), which equal the classical ones for two
//! variables. A value that is not a number counts as infinitely bad, so a function may refuse a point that way.
//! Equal functions and starts give bit-equal minima.

/// When a search ends: once both tolerances hold (equal corners alone may lie on two sides of a valley), or at the limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// Calls of the function, at least; a step in progress is finished.
    pub evaluations: usize,
    /// The values at all corners agree within this share of the best value (plus 1e-300 for a minimum of zero).
    pub value_tolerance: f64,
    /// All corners lie within this distance of the best one in every coordinate.
    pub at_tolerance: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self { evaluations: 500, value_tolerance: 1e-8, at_tolerance: 1e-4 }
    }
}

/// Where a search ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Minimum {
    /// The best point.
    pub at: Vec<f64>,
    /// The function there; infinite if no point was good.
    pub value: f64,
    /// How often the function was called.
    pub evaluations: usize,
    /// Whether the tolerances ended the search rather than the limit of evaluations.
    pub converged: bool,
}

/// Searches the minimum of `f` from `start`, the other corners of the first simplex lying `step` away along one axis
/// each (a missing or zero step is read as 0.1). Constraints are the caller's: map the variables or return infinity.
pub fn nelder_mead(f: &mut dyn FnMut(&[f64]) -> f64, start: &[f64], step: &[f64], options: &Options) -> Minimum {
    let mut simplex = Simplex::around(f, start, step);
    let mut converged = start.is_empty() || simplex.is_small(options);
    while !converged && simplex.evaluations < options.evaluations {
        simplex.advance();
        converged = simplex.is_small(options);
    }
    let Simplex { corners, evaluations, .. } = simplex;
    let (value, at) = corners.into_iter().next().unwrap_or((f64::INFINITY, Vec::new()));
    Minimum { at, value, evaluations, converged }
}

/// The corners with their values, best first.
struct Simplex<'a> {
    f: &'a mut dyn FnMut(&[f64]) -> f64,
    corners: Vec<(f64, Vec<f64>)>,
    /// Mean of all corners but the worst.
    centre: Vec<f64>,
    /// The point under trial and the best one tried before it in the same step.
    trial: Vec<f64>,
    kept: Vec<f64>,
    evaluations: usize,
    expansion: f64,
    contraction: f64,
    shrinkage: f64,
}

impl<'a> Simplex<'a> {
    fn around(f: &'a mut dyn FnMut(&[f64]) -> f64, start: &[f64], step: &[f64]) -> Self {
        let n = start.len();
        #[expect(clippy::cast_precision_loss, reason = "a few variables")]
        let dimension = n.max(2) as f64;
        let mut simplex = Self {
            f,
            corners: Vec::with_capacity(n + 1),
            centre: vec![0.0; n],
            trial: start.to_vec(),
            kept: start.to_vec(),
            evaluations: 0,
            expansion: 1.0 + 2.0 / dimension,
            contraction: 0.75 - 0.5 / dimension,
            shrinkage: 1.0 - 1.0 / dimension,
        };
        for corner in 0..=n {
            simplex.trial.copy_from_slice(start);
            if let Some(axis) = corner.checked_sub(1) {
                let length = step.get(axis).copied().filter(|length| *length != 0.0).unwrap_or(0.1);
                simplex.trial[axis] += length;
            }
            let value = simplex.value_of_trial();
            simplex.corners.push((value, simplex.trial.clone()));
        }
        simplex.sort();
        simplex
    }

    fn value_of_trial(&mut self) -> f64 {
        self.evaluations += 1;
        let value = (self.f)(&self.trial);
        if value.is_nan() { f64::INFINITY } else { value }
    }

    /// Equal values keep their order, so that the path of the search is fixed.
    fn sort(&mut self) {
        self.corners.sort_by(|a, b| a.0.total_cmp(&b.0));
    }

    /// Tries the point `factor` of the way from the centre to the reflection of the worst corner.
    fn try_at(&mut self, factor: f64) -> f64 {
        let worst = &self.corners[self.corners.len() - 1].1;
        for ((trial, centre), worst) in self.trial.iter_mut().zip(&self.centre).zip(worst) {
            *trial = centre + factor * (centre - worst);
        }
        self.value_of_trial()
    }

    fn advance(&mut self) {
        let n = self.corners.len() - 1;
        #[expect(clippy::cast_precision_loss, reason = "a few variables")]
        let share = 1.0 / n as f64;
        self.centre.fill(0.0);
        for (_, corner) in &self.corners[..n] {
            for (centre, value) in self.centre.iter_mut().zip(corner) {
                *centre += value * share;
            }
        }
        let (best, second_worst, worst) = (self.corners[0].0, self.corners[n - 1].0, self.corners[n].0);
        let reflected = self.try_at(1.0);
        if reflected < best {
            self.kept.copy_from_slice(&self.trial);
            let expanded = self.try_at(self.expansion);
            if expanded >= reflected {
                self.trial.copy_from_slice(&self.kept);
            }
            self.replace_worst(expanded.min(reflected));
        } else if reflected < second_worst {
            self.replace_worst(reflected);
        } else {
            let outside = reflected < worst;
            let contracted = self.try_at(if outside { self.contraction } else { -self.contraction });
            if contracted < if outside { reflected } else { worst } {
                self.replace_worst(contracted);
            } else {
                self.shrink();
            }
        }
    }

    /// Puts the point under trial, whose value is `value`, in the place of the worst corner.
    fn replace_worst(&mut self, value: f64) {
        let trial = &self.trial;
        if let Some(worst) = self.corners.last_mut() {
            worst.0 = value;
            worst.1.copy_from_slice(trial);
        }
        self.sort();
    }

    /// Draws all corners towards the best one.
    fn shrink(&mut self) {
        for index in 1..self.corners.len() {
            let (best, corner) = (&self.corners[0].1, &self.corners[index].1);
            for ((trial, best), old) in self.trial.iter_mut().zip(best).zip(corner) {
                *trial = best + self.shrinkage * (old - best);
            }
            let value = self.value_of_trial();
            self.corners[index].0 = value;
            self.corners[index].1.copy_from_slice(&self.trial);
        }
        self.sort();
    }

    fn is_small(&self, options: &Options) -> bool {
        let Some(((best, at), others)) = self.corners.split_first() else { return true };
        let worst = others.last().map_or(*best, |corner| corner.0);
        let near = |corner: &(f64, Vec<f64>)| {
            corner.1.iter().zip(at).all(|(there, here)| (there - here).abs() <= options.at_tolerance)
        };
        worst - best <= options.value_tolerance * best.abs() + 1e-300 && others.iter().all(near)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_banana_and_the_bowl() {
        // Rosenbrock (1960): minimum 0 at (1, 1); a bowl in five variables.
        let mut banana = |x: &[f64]| (1.0 - x[0]).powi(2) + 100.0 * (x[1] - x[0] * x[0]).powi(2);
        let found = nelder_mead(&mut banana, &[-1.2, 1.0], &[0.5, 0.5], &Options::default());
        assert!(found.converged && found.value < 1e-12, "{found:?}");
        assert!((found.at[0] - 1.0).abs() < 1e-4 && (found.at[1] - 1.0).abs() < 1e-4, "{found:?}");

        let mut bowl = |x: &[f64]| x.iter().zip(1_i32..).map(|(x, i)| f64::from(i) * (x - f64::from(i)).powi(2)).sum();
        let found = nelder_mead(&mut bowl, &[0.0; 5], &[], &Options { evaluations: 2_000, ..Options::default() });
        assert!(found.at.iter().zip(1_i32..).all(|(x, i)| (x - f64::from(i)).abs() < 1e-4), "{found:?}");
    }

    #[test]
    fn one_variable_no_variable_and_nothing_but_walls() {
        let mut parabola = |x: &[f64]| (x[0] - 3.0).powi(2);
        let found = nelder_mead(&mut parabola, &[0.0], &[1.0], &Options::default());
        assert!((found.at[0] - 3.0).abs() < 1e-4, "{found:?}");

        let none = nelder_mead(&mut |_| 4.0, &[], &[], &Options::default());
        assert_eq!((none.at.len(), none.value, none.evaluations), (0, 4.0, 1));

        let limit = Options { evaluations: 20, ..Options::default() };
        let walls = nelder_mead(&mut |_| f64::NAN, &[0.0, 0.0], &[1.0, 1.0], &limit);
        assert!(walls.value.is_infinite() && walls.at.iter().all(|x| x.is_finite()), "{walls:?}");
    }

    proptest! {
        /// A search never ends at a worse point than it began, and says the value of the point it ends at.
        #[test]
        fn never_worse_than_the_start(start in prop::collection::vec(-5.0f64..5.0, 1..5)) {
            let mut wavy = |x: &[f64]| x.iter().map(|x| x * x + 3.0 * (4.0 * x).sin()).sum::<f64>();
            let before = wavy(&start);
            let found = nelder_mead(&mut wavy, &start, &[0.3], &Options::default());
            prop_assert!(found.value <= before);
            prop_assert_eq!(wavy(&found.at).to_bits(), found.value.to_bits());
        }
    }
}
