//! Linear programmes with few rows and many bounded columns: the revised simplex method with an explicit inverse.
//!
//! Minimises `cost . x` subject to `A x = rhs` and `low <= x <= high`. With `M` rows an iteration costs O(M n) for n
//! columns and allocates nothing; a handful of rows needs neither sparse factors nor a presolve, which is where the time of
//! general solvers goes on such programmes. The caller names one column for each row that can take up whatever is left
//! (a slack), so there is no first phase, and no programme without an answer.
//!
//! A variable that is in no basis stands at one of its bounds (G. Dantzig, *Upper Bounds, Secondary Constraints, and Block
//! Triangularity in Linear Programming*, Econometrica 23, 1955). The column with the steepest reduced cost enters; after steps
//! that gain nothing the first that gains at all does, by which the method ends (R. Bland, *New Finite Pivoting Rules for the
//! Simplex Method*, Mathematics of Operations Research 2, 1977).
//!
//! Degenerate cases: without columns beyond the slacks these are the answer; numbers that are not finite, or a cost that
//! falls without end, give none.

/// One variable.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Column<const M: usize> {
    /// What one unit costs.
    pub cost: f64,
    /// Smallest value, finite.
    pub low: f64,
    /// Largest value, at least `low`; may be infinite.
    pub high: f64,
    /// What one unit adds to each row.
    pub rows: [f64; M],
}

/// Reduced costs and pivots below are nothing.
const TINY: f64 = 1e-9;
/// Steps without gain after which the first column that gains is taken.
const PATIENCE: usize = 20;
/// Steps for each row and column until it is given up.
const STEPS: usize = 50;

/// The values of `columns` of least cost, by column. `slacks` names a column for each row, which is 1 or -1 there and 0
/// in the other rows. `None` if a slack is none or cannot take up what is left of its row when all others are at their low
/// bounds, if the cost falls without end, or if numbers are not finite.
#[must_use]
pub fn minimise<const M: usize>(columns: &[Column<M>], rhs: [f64; M], slacks: [usize; M]) -> Option<Vec<f64>> {
    let mut tableau = Tableau::new(columns, rhs, slacks)?;
    let mut stalled = 0;
    for _ in 0..STEPS * (columns.len() + M) {
        let Some(entering) = tableau.entering(stalled > PATIENCE) else { return tableau.values() };
        let moved = tableau.step(entering)?;
        stalled = if moved > TINY { 0 } else { stalled + 1 };
    }
    None
}

struct Tableau<'a, const M: usize> {
    columns: &'a [Column<M>],
    /// The column of each row, and its value.
    basis: [usize; M],
    values: [f64; M],
    inverse: [[f64; M]; M],
    /// Where each column stands.
    places: Vec<Place>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Basic,
    Low,
    High,
}

/// A column that is to enter, and the direction in which its value goes.
#[derive(Clone, Copy)]
struct Entering {
    column: usize,
    sign: f64,
}

impl<'a, const M: usize> Tableau<'a, M> {
    fn new(columns: &'a [Column<M>], rhs: [f64; M], slacks: [usize; M]) -> Option<Self> {
        let mut left = rhs;
        for column in columns {
            for (left, entry) in left.iter_mut().zip(&column.rows) {
                *left -= entry * column.low;
            }
        }
        let mut places = vec![Place::Low; columns.len()];
        let (mut values, mut inverse) = ([0.0; M], [[0.0; M]; M]);
        for (row, slack) in slacks.into_iter().enumerate() {
            let column = columns.get(slack)?;
            let unit = column.rows[row];
            values[row] = column.low + left[row] / unit;
            inverse[row][row] = 1.0 / unit;
            let fits = (column.low..=column.high).contains(&values[row]);
            if !fits || !inverse[row][row].is_finite() || places[slack] == Place::Basic {
                return None;
            }
            places[slack] = Place::Basic;
        }
        Some(Self { columns, basis: slacks, values, inverse, places })
    }

    /// The column that gains most for each unit, or the `first` that gains at all; none at the optimum.
    fn entering(&self, first: bool) -> Option<Entering> {
        let mut prices = [0.0; M];
        for (row, basic) in self.basis.iter().enumerate() {
            let cost = self.columns[*basic].cost;
            for (price, entry) in prices.iter_mut().zip(&self.inverse[row]) {
                *price += cost * entry;
            }
        }
        let mut best: Option<(f64, Entering)> = None;
        for (at, (column, place)) in self.columns.iter().zip(&self.places).enumerate() {
            let reduced = column.cost - dot(&prices, &column.rows);
            let (gain, sign) = match place {
                Place::Low => (-reduced, 1.0),
                Place::High => (reduced, -1.0),
                Place::Basic => continue,
            };
            let is_free = column.high > column.low;
            if is_free && gain > TINY && best.is_none_or(|(most, _)| gain > most) {
                best = Some((gain, Entering { column: at, sign }));
                if first {
                    break;
                }
            }
        }
        best.map(|(_, entering)| entering)
    }

    /// Moves `entering` until it or a basic column meets a bound; returns how far. `None` if nothing stops it.
    fn step(&mut self, entering: Entering) -> Option<f64> {
        let Column { low, high, rows, .. } = self.columns[entering.column];
        let mut rates = [0.0; M];
        for (rate, inverse) in rates.iter_mut().zip(&self.inverse) {
            *rate = entering.sign * dot(inverse, &rows);
        }
        let (mut far, mut leaving) = (high - low, None);
        for (row, rate) in rates.iter().enumerate() {
            let basic = &self.columns[self.basis[row]];
            let space = if *rate > TINY { self.values[row] - basic.low } else { basic.high - self.values[row] };
            let until = (space / rate.abs()).max(0.0);
            // Of rows that stop it at once the one with the largest pivot keeps the inverse exact.
            let is_nearer = until < far - TINY
                || (until <= far && leaving.is_none_or(|other: usize| rate.abs() > rates[other].abs()));
            if rate.abs() > TINY && is_nearer {
                (far, leaving) = (until, Some(row));
            }
        }
        if !far.is_finite() {
            return None;
        }
        for (value, rate) in self.values.iter_mut().zip(&rates) {
            *value -= far * rate;
        }
        let from = if entering.sign > 0.0 { low } else { high };
        match leaving {
            None => self.places[entering.column] = if entering.sign > 0.0 { Place::High } else { Place::Low },
            Some(row) => {
                let place = if rates[row] > 0.0 { Place::Low } else { Place::High };
                self.places[self.basis[row]] = place;
                self.places[entering.column] = Place::Basic;
                self.basis[row] = entering.column;
                self.values[row] = from + entering.sign * far;
                self.pivot(row, &rates.map(|rate| rate * entering.sign));
            }
        }
        Some(far)
    }

    /// Brings the inverse up to date after the column whose entries are `entries` entered at `row`.
    fn pivot(&mut self, row: usize, entries: &[f64; M]) {
        let lead = self.inverse[row].map(|entry| entry / entries[row]);
        for (other, inverse) in self.inverse.iter_mut().enumerate() {
            if other == row {
                *inverse = lead;
            } else {
                for (entry, lead) in inverse.iter_mut().zip(&lead) {
                    *entry -= entries[other] * lead;
                }
            }
        }
    }

    fn values(&self) -> Option<Vec<f64>> {
        let at_bounds = self.columns.iter().zip(&self.places).map(|(column, place)| match place {
            Place::High => column.high,
            Place::Low | Place::Basic => column.low,
        });
        let mut values: Vec<f64> = at_bounds.collect();
        for (basic, value) in self.basis.iter().zip(&self.values) {
            values[*basic] = value.clamp(self.columns[*basic].low, self.columns[*basic].high);
        }
        values.iter().all(|value| value.is_finite()).then_some(values)
    }
}

fn dot<const M: usize>(a: &[f64; M], b: &[f64; M]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests;
