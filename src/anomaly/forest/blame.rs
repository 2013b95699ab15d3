//! Which features make a row odd.

use super::Forest;
use super::rows::fill;
use super::tree::{DEPTH, Side, Tree};

/// What the features of a row contribute to its score.
#[derive(Debug, Clone, PartialEq)]
pub struct Blame {
    /// For each feature the bits by which it makes the row odder, above zero, or more ordinary, below. All together are
    /// log2(score / ordinary).
    pub bits: Vec<f64>,
    /// The score that the rows had on average from which the forest was grown.
    pub ordinary: f64,
}

impl Forest {
    /// What each feature contributes to the score of `row`.
    ///
    /// Each cut changes the path that is to be expected of what is left; the feature that was cut is given the change
    /// (Saabas 2014, *Interpreting random forests*). As features are drawn at random, their order is as well, which is
    /// what Shapley values average over. Nothing is lost: contributions add up to the score, as those of DIFFI
    /// (Carletti, Terzi and Susto 2019) do not. A cut across several features divides its change among them by how far
    /// each moved the row from the middle of its tree. It costs one walk per tree.
    #[must_use]
    pub fn blame(&self, row: &[f64]) -> Blame {
        let row = self.kept(row);
        let mut bits = vec![0.0; self.features];
        let mut ordinary = 0.0;
        let mut filled = row.clone();
        for tree in &self.trees {
            filled.copy_from_slice(&row);
            fill(&mut filled, &tree.middle);
            blame_in(tree, &filled, &mut bits);
            ordinary += tree.expected[1];
        }
        #[expect(clippy::cast_precision_loss, reason = "at most 10,000 trees")]
        let trees = self.trees.len().max(1) as f64;
        for bits in &mut bits {
            *bits /= trees;
        }
        Blame { bits, ordinary: self.score_of(ordinary) }
    }
}

/// Adds the changes on the way of `row` through `tree` to `bits`.
fn blame_in(tree: &Tree, row: &[f32], bits: &mut [f64]) {
    let value = |feature: u8| row.get(usize::from(feature)).copied().unwrap_or(0.0);
    let mut node = 1;
    for _ in 0..DEPTH {
        let next = 2 * node + usize::from(tree.goes_right(node, value));
        let change = f64::from(tree.expected[node]) - f64::from(tree.expected[next]);
        match &tree.side {
            Side::One(feature) => bits[usize::from(feature[node])] += change,
            Side::Sum(_) => divide(tree, node, row, change, bits),
        }
        node = next;
    }
}

/// Divides `change` among the features of a cut across several.
fn divide(tree: &Tree, node: usize, row: &[f32], change: f64, bits: &mut [f64]) {
    let Side::Sum(terms) = &tree.side else { return };
    let moved = |feature: usize, weight: f32| {
        let way = f64::from(row[feature]) - f64::from(tree.middle[feature]);
        (f64::from(weight) * way).abs()
    };
    let features = || terms.iter().map(|term| (usize::from(term.feature[node]), term.weight[node]));
    let total: f64 = features().map(|(feature, weight)| moved(feature, weight)).sum();
    if total > 0.0 {
        for (feature, weight) in features() {
            bits[feature] += change * moved(feature, weight) / total;
        }
    } else {
        // The row is at the middle of each: nobody moved it more than others.
        #[expect(clippy::cast_precision_loss, reason = "at most 64 terms")]
        let share = change / terms.len() as f64;
        for (feature, _) in features() {
            bits[feature] += share;
        }
    }
}
