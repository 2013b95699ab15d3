//! What a mix comes to.

use crate::policy::programme::Programme;
use crate::policy::programme::row::{self, Measure, Row};
use crate::policy::programme::spread;

/// What a mix comes to, with every channel as crowded as it makes it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::policy) struct Value {
    /// USD of a call.
    pub cost: f64,
    /// Milliseconds of a call.
    pub latency: f64,
    /// Share of slow calls.
    pub slow: f64,
    /// Share of failing calls.
    pub failing: f64,
    /// Mean risk.
    pub risk: f64,
    /// Share of calls for which there is no room.
    pub crammed: f64,
    /// Price of all this in mean costs of a call, limits included: what the programme makes least.
    pub price: f64,
    /// The same without what is asked for using up margins: what is lost if everything comes as forecast.
    pub loss: f64,
}

impl Value {
    pub(super) fn of(programme: &Programme, shares: &[f64]) -> Self {
        let sum = |measure| measured(programme, measure, 1.0, shares);
        let crammed =
            programme.offers.iter().zip(shares).map(|(offer, share)| (share - offer.room).max(0.0)).sum::<f64>();
        let mut value = Self {
            cost: sum(Measure::Budget),
            latency: sum(Measure::Latency),
            slow: sum(Measure::Slow),
            failing: sum(Measure::Failing),
            risk: sum(Measure::Risk),
            crammed,
            price: 0.0,
            loss: 0.0,
        };
        let open: f64 = programme
            .offers
            .iter()
            .zip(shares)
            .filter(|(_, share)| **share > 0.0)
            .map(|(offer, share)| {
                let price = programme.price(offer, offer.load.slow(offer.slow, *share), offer.latency);
                share * price + programme.setting.spread_price * spread::square(*share)
            })
            .sum();
        let crossed = |price: fn(&Row, f64) -> f64| {
            programme.rows.iter().map(|row| price(row, value.of_row(row))).sum::<f64>() + row::ROOM * crammed
        };
        (value.price, value.loss) = (open + crossed(Row::penalty), open + crossed(Row::beyond));
        value
    }

    /// The measure that `row` limits, in its unit.
    pub(super) fn of_row(&self, row: &Row) -> f64 {
        let value = match row.measure {
            Measure::Failing => self.failing,
            Measure::Slow => self.slow,
            Measure::Risk => self.risk,
            Measure::Budget => self.cost,
            Measure::Latency => self.latency,
        };
        value / row.unit
    }
}

/// The sum of `measure` over `shares`, in units of `unit`.
pub(super) fn measured(programme: &Programme, measure: Measure, unit: f64, shares: &[f64]) -> f64 {
    let row = Row { measure, soft: 0.0, hard: 0.0, price: 0.0, unit };
    let used = programme.offers.iter().zip(shares).filter(|(_, share)| **share > 0.0);
    let each = used.map(|(offer, share)| {
        let (slow, latency) = (offer.load.slow(offer.slow, *share), offer.load.latency(offer.latency, *share));
        share * row.coefficient(offer, slow, latency)
    });
    each.sum()
}
