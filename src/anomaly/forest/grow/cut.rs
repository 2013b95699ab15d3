//! Where a node is cut.

use rand::RngExt;
use rand_distr::{Distribution, StandardNormal};

use super::Grower;
use crate::anomaly::forest::rows::kept;
use crate::anomaly::forest::tree::Side;

impl Grower<'_> {
    /// Cuts `node` at random; false if all of `rows` are equal.
    pub(super) fn cut(&mut self, node: usize, rows: &[u16]) -> bool {
        match &self.tree.side {
            Side::One(_) => self.cut_across_one(node, rows),
            Side::Sum(terms) => self.cut_across(node, terms.len(), rows),
        }
    }

    /// A feature drawn from those that are not constant in `rows`, cut between their smallest and their largest value,
    /// so that rows go both ways.
    fn cut_across_one(&mut self, node: usize, rows: &[u16]) -> bool {
        for seen in 0..self.features.len() {
            let feature = self.next_feature(seen);
            let (low, high) = self.sample.range(feature, rows);
            if low < high {
                let cut = low + (high - low) * self.rng.random::<f32>();
                if let Side::One(table) = &mut self.tree.side {
                    table[node] = feature;
                }
                self.tree.threshold[node] = if cut > low { cut } else { high };
                return true;
            }
        }
        false
    }

    /// A plane of random slope across up to `most` features that are not constant in `rows`, through a point drawn from
    /// the box around them. All rows may lie on one side of it, as in the paper.
    fn cut_across(&mut self, node: usize, most: usize, rows: &[u16]) -> bool {
        let (mut found, mut threshold) = (0, 0.0);
        for seen in 0..self.features.len() {
            let feature = self.next_feature(seen);
            let (low, high) = self.sample.range(feature, rows);
            if low < high {
                let slope: f64 = StandardNormal.sample(&mut self.rng);
                let weight = kept(slope * self.sample.weight(feature));
                let through = f64::from(low) + (f64::from(high) - f64::from(low)) * self.rng.random::<f64>();
                threshold += f64::from(weight) * through;
                self.set_term(found, node, feature, weight);
                found += 1;
            }
            if found == most {
                break;
            }
        }
        if found > 0 {
            self.tree.threshold[node] = kept(threshold);
        }
        found > 0
    }

    fn set_term(&mut self, term: usize, node: usize, feature: u8, weight: f32) {
        if let Side::Sum(terms) = &mut self.tree.side {
            terms[term].feature[node] = feature;
            terms[term].weight[node] = weight;
        }
    }
}
