//! One route class as a linear programme: the cheapest mix of channels within what is promised.
//!
//! The share of a channel is cut into segments of load ([`load`]), each with what its calls cost and how many of them are
//! slow or fail. All shares, and what no channel has room for, make one; the sums of failures, slowness, risk and cost stay
//! within limits that are soft ([`row`]). Harm within the promise has a small price as well, so that of two channels that
//! cost the same the better one is taken, and so has a large share, so that channels that are as good share ([`spread`]).
//!
//! Why not score channels and take the best? A score has one winner, so all calls go there until it breaks, and it does
//! not say which promise held it back. Why not search? Six rows are solved exactly by the simplex method in some
//! microseconds. Why our own ([`crate::stats::simplex`])? A planner must not panic: of the crates that are kept and build
//! without a C++ compiler, the one that fits our other dependencies (`microlp` 0.2.11, as linfa pins sprs) asserts in release
//! builds where numbers get out of hand, and takes several times as long on few rows. Tests hold the two against each other.

use crate::policy::input::PolicyInput;
use crate::policy::offer::{Offer, Rank};
use crate::policy::planner::Setting;
use crate::policy::report::Binding;
use crate::stats::simplex::{self, Column};

pub(super) mod load;
mod prune;
mod row;
mod spread;
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

    /// The price of sending all calls to `offer` as if limits were free, and that of the limits which this would cross.
    fn alone(&self, offer: &Offer) -> (f64, f64) {
        let used = |row: &Row| row.coefficient(offer, offer.slow, offer.latency);
        let crossed: f64 = self.rows.iter().map(|row| row.price * (used(row) - row.soft).max(0.0)).sum();
        (self.price(offer, offer.slow, offer.latency), crossed)
    }

    /// Solves for the offers at `kept`, if the others get what they have in `explored`.
    fn simplex(&self, kept: &[usize], explored: &[f64]) -> Option<Vec<f64>> {
        let (mut columns, mut rhs, mut slacks) = (Vec::new(), [0.0; ROWS], [0; ROWS]);
        rhs[0] = 1.0 - explored.iter().sum::<f64>();
        columns.push(slack(0, row::ROOM, f64::INFINITY, 1.0));
        for at in 1..ROWS {
            let Some(row) = self.rows.get(at - 1) else {
                slacks[at] = columns.len();
                columns.push(slack(at, 0.0, f64::INFINITY, 1.0));
                continue;
            };
            let used = value::measured(self, row.measure, row.unit, explored);
            rhs[at] = row.soft - used;
            columns.push(slack(at, 0.0, f64::INFINITY, 1.0));
            columns.push(slack(at, row.within(), row.hard - row.soft, -1.0));
            columns.push(slack(at, row.price, f64::INFINITY, -1.0));
            slacks[at] = columns.len() - 1;
        }
        let mut ends = Vec::with_capacity(kept.len() + 1);
        let mut left = rhs;
        for at in kept {
            ends.push(columns.len());
            self.fill_columns(&self.offers[*at], &mut columns, &mut left);
        }
        ends.push(columns.len());
        // What exploration leaves of a limit is free; what it uses beyond is crossed from the start.
        for at in (1..ROWS).filter(|at| left[*at] >= 0.0 && self.rows.len() >= *at) {
            slacks[at] -= 2;
        }
        let values = simplex::minimise(&columns, rhs, slacks)?;
        Some(ends.windows(2).map(|ends| values[ends[0]..ends[1]].iter().sum()).collect())
    }

    /// Adds a column for each piece of each segment of `offer`, and takes from `left` what it gets in any case.
    fn fill_columns(&self, offer: &Offer, columns: &mut Vec<Column<ROWS>>, left: &mut [f64; ROWS]) {
        let mut explore = offer.explore;
        let mut from = 0.0;
        for segment in offer.load.segments(offer.slow, offer.latency, offer.most()) {
            let mut rows = [0.0; ROWS];
            rows[0] = 1.0;
            for (entry, row) in rows[1..].iter_mut().zip(&self.rows) {
                *entry = row.coefficient(offer, segment.slow, segment.latency);
            }
            let price = self.price(offer, segment.slow, segment.latency);
            for piece in spread::pieces(from, from + segment.length) {
                let low = explore.min(piece.length);
                explore -= low;
                for (left, entry) in left.iter_mut().zip(&rows) {
                    *left -= entry * low;
                }
                let cost = price + self.setting.spread_price * piece.slope;
                columns.push(Column { cost, low, high: piece.length, rows });
            }
            from += segment.length;
        }
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

/// All calls, and the limits.
const ROWS: usize = 6;

/// A column that takes up what is left of `row`, or is beyond it.
fn slack(row: usize, cost: f64, high: f64, entry: f64) -> Column<ROWS> {
    let mut rows = [0.0; ROWS];
    rows[row] = entry;
    Column { cost, low: 0.0, high, rows }
}

/// The weight of an offer among those that take what there is no room for; `best` is the best rank there is.
fn weight(offer: &Offer, best: Rank) -> f64 {
    if offer.rank == best && !offer.is_barred { offer.room.clamp(CLOSE, 1.0) } else { 0.0 }
}

#[cfg(test)]
mod tests;
