//! The boosting loop: each tree is grown on what the trees before it left over.

use crate::stats::boost::FitError;
use crate::stats::boost::bins::Binned;
use crate::stats::boost::forest::Forest;
use crate::stats::boost::grow::{Bounds, Grower, Task, Tree};
use crate::stats::boost::objective::{Errors, Scratch};
use crate::stats::boost::params::{Booster, Holdout, Params};
use crate::stats::boost::sample::{choose, part_of};
use crate::stats::boost::scale::Scale;
use crate::stats::boost::split::Search;

/// What training comes to, on the scale of [`Scale`].
pub(super) struct Trained {
    pub(super) start: f64,
    pub(super) forest: Forest,
}

/// The state of one training.
struct Run<'a> {
    params: &'a Params,
    data: &'a Binned,
    weights: Option<Vec<f64>>,
    /// Target minus prediction of every row.
    residuals: Vec<f64>,
    pulls: Vec<f64>,
    /// Rows to train on, ascending.
    rows: Vec<u32>,
    /// Rows kept aside.
    held: Vec<u32>,
    /// Rows and columns of the present tree.
    bag: Vec<u32>,
    columns: Vec<u32>,
    grower: Grower,
    forest: Forest,
    scratch: Scratch,
}

/// Trains on `targets`, already on their `scale`, with weights already checked.
pub(super) fn train(
    booster: &Booster,
    data: &Binned,
    targets: Vec<f64>,
    weights: Option<&[f64]>,
    scale: Scale,
) -> Result<Trained, FitError> {
    let params = booster.params();
    let (rows, mut held) = keep_aside(params, data.rows())?;
    let weights = weights.map(|weights| normalised(weights, &rows)).transpose()?;
    if let Some(weights) = &weights {
        held.retain(|&row| weights[row as usize] > 0.0);
    }
    let bounds = Bounds {
        leaves: params.leaves,
        depth: params.depth.unwrap_or(u32::MAX),
        search: Search { least: as_f64(params.min_rows), lambda: params.lambda, min_gain: min_gain(params, scale) },
    };
    let mut run = Run {
        params,
        data,
        weights,
        pulls: vec![0.0; targets.len()],
        residuals: targets,
        rows,
        held,
        bag: Vec::new(),
        columns: Vec::new(),
        grower: Grower::new(data, bounds),
        forest: Forest::default(),
        scratch: Scratch::default(),
    };
    let start = run.start();
    run.boost();
    Ok(Trained { start, forest: run.forest })
}

impl Run<'_> {
    /// Takes the best constant from all residuals.
    fn start(&mut self) -> f64 {
        let errors = Errors { residuals: &self.residuals, weights: self.weights.as_deref() };
        let start = self.params.objective.constant(&self.rows, errors, 0.0, &mut self.scratch);
        for residual in &mut self.residuals {
            *residual -= start;
        }
        start
    }

    fn boost(&mut self) {
        let (mut best, mut least) = (0, self.held_loss());
        for number in 0..self.params.trees {
            let tree = self.grow(number);
            if tree.branches.is_empty() {
                // Other rows or features may still have something to say; the same ones will not.
                if self.bag.len() < self.rows.len() || self.columns.len() < self.data.columns.len() {
                    continue;
                }
                break;
            }
            self.add(&tree);
            if self.held.is_empty() {
                continue;
            }
            let loss = self.held_loss();
            if loss < least {
                (best, least) = (self.forest.trees(), loss);
            } else if self.forest.trees() >= best + self.params.patience {
                break;
            }
        }
        if !self.held.is_empty() {
            self.forest.truncate(best);
        }
    }

    fn held_loss(&self) -> f64 {
        let errors = Errors { residuals: &self.residuals, weights: self.weights.as_deref() };
        errors.loss(self.params.objective, &self.held)
    }

    /// Grows tree `number` on a sample of rows and columns.
    fn grow(&mut self, number: usize) -> Tree {
        let (params, seed) = (self.params, |name| self.params.seed.child(name).nth(number as u64));
        let wanted = part_of(self.rows.len(), params.row_fraction);
        choose(&mut seed("rows").rng(), &self.rows, wanted, &mut self.bag);
        let all: Vec<u32> = (0..).take(self.data.columns.len()).collect();
        let wanted = part_of(all.len(), params.column_fraction);
        choose(&mut seed("columns").rng(), &all, wanted, &mut self.columns);
        params.objective.pull(&self.residuals, &mut self.pulls);
        let weights = self.weights.as_deref();
        let task = Task { data: self.data, pulls: &self.pulls, weights, columns: &self.columns };
        self.grower.grow(&task, &self.bag)
    }

    /// Gives the leaves of `tree` their values and takes these from the residuals of all rows, also of those that the
    /// tree has not seen.
    fn add(&mut self, tree: &Tree) {
        let mut values = Vec::with_capacity(tree.leaves.len());
        for range in &tree.leaves {
            let rows = &self.grower.rows()[range.clone()];
            let errors = Errors { residuals: &self.residuals, weights: self.weights.as_deref() };
            let constant = self.params.objective.constant(rows, errors, self.params.lambda, &mut self.scratch);
            values.push(constant * self.params.learning_rate);
        }
        self.forest.push(tree, self.data, &values);
        if self.bag.len() == self.residuals.len() {
            for (range, value) in tree.leaves.iter().zip(values) {
                for &row in &self.grower.rows()[range.clone()] {
                    self.residuals[row as usize] -= value;
                }
            }
            return;
        }
        for (row, residual) in (0..).zip(&mut self.residuals) {
            *residual -= values[tree.leaf(self.data, row)];
        }
    }
}

/// Rows to train on, and rows kept aside.
fn keep_aside(params: &Params, count: usize) -> Result<(Vec<u32>, Vec<u32>), FitError> {
    let mut rows: Vec<u32> = (0..).take(count).collect();
    let held = match params.holdout {
        Holdout::None => Vec::new(),
        Holdout::Last(last) => rows.split_off(count.saturating_sub(last)),
        Holdout::Fraction(part) => {
            let mut held = Vec::new();
            choose(&mut params.seed.child("holdout").rng(), &rows, part_of(count, part), &mut held);
            rows.retain(|row| held.binary_search(row).is_err());
            held
        }
    };
    if rows.is_empty() { Err(FitError::NoRows) } else { Ok((rows, held)) }
}

/// Weights whose mean over `rows` is 1, so that bounds on weight are bounds on rows.
fn normalised(weights: &[f64], rows: &[u32]) -> Result<Vec<f64>, FitError> {
    // The largest is taken first, so that no sum overflows.
    let largest = rows.iter().map(|&row| weights[row as usize]).fold(0.0, f64::max);
    if largest <= 0.0 {
        return Err(FitError::NoWeight);
    }
    let mean = rows.iter().map(|&row| weights[row as usize] / largest).sum::<f64>() / as_f64(rows.len());
    Ok(weights.iter().map(|&weight| weight / largest / mean).collect())
}

/// Gains of squared error are on the squared scale of the targets, those of quantiles on none.
fn min_gain(params: &Params, scale: Scale) -> f64 {
    match params.objective.level() {
        None => scale.down(scale.down(params.min_gain)),
        Some(_) => params.min_gain,
    }
}

#[expect(clippy::cast_precision_loss, reason = "fewer than 2^31 rows")]
fn as_f64(count: usize) -> f64 {
    count as f64
}
