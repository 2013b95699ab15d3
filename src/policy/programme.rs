//! One route class as a linear programme: the cheapest mix of channels within what is promised.
//!
//! The share of a channel is cut into segments of load ([`load`]), each with what its calls cost and how many of them are
//! slow or fail. All shares, and what no channel has room for, make one; the sums of failures, slowness, risk and cost stay
//! within limits that are soft ([`row`]). Harm within the promise has a small price as well, so that of two channels that
//! cost the same the better one is taken.
//!
//! Why not score channels and take the best? A score has one winner, so all calls go there until it breaks, and it does
//! not say which promise held it back. Why not search? Five rows are solved exactly by the simplex method (G. Dantzig,
//! *Linear Programming and Extensions*, 1963), here that of `microlp`, in some tens of microseconds.

use microlp::{ComparisonOp, OptimizationDirection, Problem, Solution, Variable};

use crate::policy::input::PolicyInput;
use crate::policy::offer::{Offer, Rank};
use crate::policy::planner::Setting;
use crate::policy::report::Binding;

pub(super) mod load;
mod prune;
mod row;
pub(super) mod value;

use row::{Measure, Row};
use value::Value;

/// What is wanted of a mix.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Aim {
    /// The least cost.
    Cheapest,
    /// The least cost at no more than so many milliseconds on average.
    Within(f64),
    /// The least mean latency.
    Fastest,
}

/// A mix of channels.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mix {
    /// By offer; at least 0, and 1 together.
    pub shares: Vec<f64>,
    /// What it comes to.
    pub value: Value,
    /// Limits that hold it back.
    pub binding: Vec<Binding>,
}

/// Everything that a mix is judged by.
pub(super) struct Programme<'a> {
    offers: &'a [Offer<'a>],
    setting: &'a Setting,
    rows: Vec<Row>,
    aim: Aim,
    /// Mean cost of a call over the channels: the unit of prices.
    unit: f64,
    /// Mean latency over the channels.
    latency_unit: f64,
}

impl<'a> Programme<'a> {
    pub(super) fn new(setting: &'a Setting, input: &PolicyInput, offers: &'a [Offer<'a>], aim: Aim) -> Self {
        let bound = if let Aim::Within(latency_ms) = aim { Some(latency_ms) } else { None };
        #[expect(clippy::cast_precision_loss, reason = "counts of channels")]
        let count = offers.len().max(1) as f64;
        let unit = |sum: f64| if sum > 0.0 && sum.is_finite() { sum / count } else { 1.0 };
        Self {
            offers,
            setting,
            rows: row::rows(setting, input, bound),
            aim,
            unit: unit(offers.iter().map(|offer| offer.cost).sum()),
            latency_unit: unit(offers.iter().map(|offer| offer.latency).sum()),
        }
    }

    /// The best mix; `None` only without offers.
    pub(super) fn solve(&self) -> Option<Mix> {
        let by_latency = self.aim != Aim::Cheapest;
        let kept = prune::promising(self.offers, by_latency, |offer| self.alone(offer));
        let mut shares: Vec<f64> = self.offers.iter().map(|offer| offer.explore).collect();
        for at in &kept {
            shares[*at] = 0.0;
        }
        let explored = shares.clone();
        match self.simplex(&kept, &explored) {
            Some(found) => kept.iter().zip(found).for_each(|(at, share)| shares[*at] = share),
            None => kept.iter().for_each(|at| shares[*at] = self.offers[*at].explore),
        }
        self.fill(&mut shares).then(|| {
            let value = self.value(&shares);
            let binding = self.binding(&shares, &value);
            Mix { shares, value, binding }
        })
    }

    /// What `shares` come to.
    pub(super) fn value(&self, shares: &[f64]) -> Value {
        Value::of(self, shares)
    }

    /// The price of a call on `offer`, without any limit, in mean costs.
    fn price(&self, offer: &Offer, slow: f64, latency: f64) -> f64 {
        let cost = if self.aim == Aim::Fastest { latency / self.latency_unit } else { offer.cost / self.unit };
        let cost = cost.min(MOST_COST);
        let harm = self.setting.harm_price * (slow + offer.failing);
        cost + harm + row::BARRED * f64::from(offer.rank as u8)
    }

    /// The price of sending all calls to `offer`.
    fn alone(&self, offer: &Offer) -> f64 {
        let crossed: f64 =
            self.rows.iter().map(|row| row.penalty(row.coefficient(offer, offer.slow, offer.latency))).sum();
        self.price(offer, offer.slow, offer.latency) + crossed
    }

    /// Solves for the offers at `kept`, if the others get what they have in `explored`.
    fn simplex(&self, kept: &[usize], explored: &[f64]) -> Option<Vec<f64>> {
        let mut problem = Problem::new(OptimizationDirection::Minimize);
        let mut terms: Vec<Vec<(Variable, f64)>> = vec![Vec::new(); self.rows.len()];
        let (mut all, mut columns) = (Vec::new(), Vec::with_capacity(kept.len()));
        for at in kept {
            columns.push(self.column(&self.offers[*at], &mut problem, &mut all, &mut terms));
        }
        all.push((problem.add_var(row::ROOM, (0.0, f64::INFINITY)), 1.0));
        problem.add_constraint(&all, ComparisonOp::Eq, 1.0 - explored.iter().sum::<f64>());
        for (row, mut terms) in self.rows.iter().zip(terms) {
            let used = value::measured(self, row.measure, row.unit, explored);
            terms.push((problem.add_var(row.within(), (0.0, row.hard - row.soft)), -1.0));
            terms.push((problem.add_var(row.price, (0.0, f64::INFINITY)), -1.0));
            problem.add_constraint(&terms, ComparisonOp::Le, row.soft - used);
        }
        let solution = problem.solve().ok()?;
        let shares: Vec<f64> = columns.iter().map(|segments| share(&solution, segments)).collect();
        shares.iter().all(|share| share.is_finite()).then_some(shares)
    }

    /// Adds the segments of `offer`; returns their variables.
    fn column(
        &self,
        offer: &Offer,
        problem: &mut Problem,
        all: &mut Vec<(Variable, f64)>,
        terms: &mut [Vec<(Variable, f64)>],
    ) -> Vec<Variable> {
        let mut explore = offer.explore;
        let segments = offer.load.segments(offer.slow, offer.latency, offer.most());
        let add = |segment: load::Segment| {
            let least = explore.min(segment.length);
            explore -= least;
            let price = self.price(offer, segment.slow, segment.latency);
            let variable = problem.add_var(price, (least, segment.length));
            all.push((variable, 1.0));
            for (row, terms) in self.rows.iter().zip(terms.iter_mut()) {
                let coefficient = row.coefficient(offer, segment.slow, segment.latency);
                if coefficient != 0.0 {
                    terms.push((variable, coefficient));
                }
            }
            variable
        };
        segments.map(add).collect()
    }

    /// Gives what no channel has room for to those that should have had it, in proportion to their room, for calls have to
    /// go somewhere. Whether there are shares at all.
    fn fill(&self, shares: &mut [f64]) -> bool {
        for share in shares.iter_mut() {
            *share = if *share > TINY { *share } else { 0.0 };
        }
        let missing = 1.0 - shares.iter().sum::<f64>();
        if missing > TINY {
            let asked = self.offers.iter().filter(|offer| !offer.is_barred);
            let Some(best) = asked.map(|offer| offer.rank).min() else { return false };
            let weights: Vec<f64> = self.offers.iter().map(|offer| weight(offer, best)).collect();
            let sum: f64 = weights.iter().sum();
            for (share, weight) in shares.iter_mut().zip(&weights) {
                *share += missing * weight / sum;
            }
        }
        let sum: f64 = shares.iter().sum();
        for share in shares.iter_mut() {
            *share /= sum;
        }
        sum > 0.0 && sum.is_finite()
    }

    /// Limits that hold with equality or are crossed.
    fn binding(&self, shares: &[f64], value: &Value) -> Vec<Binding> {
        let rows = self.rows.iter().filter(|row| value.of_row(row) > row.soft - CLOSE).filter_map(Row::binding);
        let full = self.offers.iter().zip(shares).filter(|(offer, share)| {
            let is_cut = offer.room < 1.0 && **share > 0.0 && **share > offer.room - CLOSE;
            is_cut && offer.room <= offer.cap
        });
        rows.chain(full.map(|(offer, _)| Binding::Room { channel: offer.channel.clone() })).collect()
    }

    pub(super) fn rows_crossed(&self, value: &Value) -> Vec<(Binding, f64)> {
        let crossed = self.rows.iter().filter(|row| value.of_row(row) > row.hard + CLOSE);
        crossed.filter_map(|row| Some((row.binding()?, (value.of_row(row) - row.hard) * row.unit))).collect()
    }

    /// Whether failing or slow calls are beyond what is promised, by more than `by` of it.
    pub(super) fn breaks_promise(&self, value: &Value, by: f64) -> bool {
        let promised = self.rows.iter().filter(|row| matches!(row.measure, Measure::Failing | Measure::Slow));
        promised.into_iter().any(|row| value.of_row(row) > row.hard * (1.0 + by) + CLOSE)
    }
}

/// Multiple of the mean cost that is told apart.
const MOST_COST: f64 = 1e3;
/// Shares below are none.
const TINY: f64 = 1e-9;
/// Limits that are missed by less are held with equality.
const CLOSE: f64 = 1e-6;

fn share(solution: &Solution, segments: &[Variable]) -> f64 {
    segments.iter().map(|segment| solution[*segment]).sum()
}

/// The weight of an offer among those that take what there is no room for; `best` is the best rank there is.
fn weight(offer: &Offer, best: Rank) -> f64 {
    if offer.rank == best && !offer.is_barred { offer.room.clamp(CLOSE, 1.0) } else { 0.0 }
}

#[cfg(test)]
mod tests;
