use microlp::{ComparisonOp, OptimizationDirection, Problem};
use proptest::prelude::*;

use super::*;

/// A row that may be missed for `price`, with `surplus` for what is left of it.
fn slack(row: usize, cost: f64, entry: f64) -> Column<3> {
    let mut rows = [0.0; 3];
    rows[row] = entry;
    Column { cost, low: 0.0, high: f64::INFINITY, rows }
}

/// Columns whose first row makes one, and two rows with limits that may be crossed at a price.
fn with_slacks(columns: &[Column<3>], limits: [f64; 2]) -> (Vec<Column<3>>, [f64; 3], [usize; 3]) {
    let mut all = vec![slack(0, 1e4, 1.0), slack(1, 0.0, 1.0), slack(1, 500.0, -1.0), slack(2, 0.0, 1.0)];
    all.push(slack(2, 100.0, -1.0));
    all.extend_from_slice(columns);
    let left = |row: usize| limits[row - 1] - columns.iter().map(|column| column.low * column.rows[row]).sum::<f64>();
    let basis = [0, if left(1) < 0.0 { 2 } else { 1 }, if left(2) < 0.0 { 4 } else { 3 }];
    (all, [1.0, limits[0], limits[1]], basis)
}

fn cost(columns: &[Column<3>], values: &[f64]) -> f64 {
    columns.iter().zip(values).map(|(column, value)| column.cost * value).sum()
}

#[test]
fn a_mix_of_two_lies_where_the_limit_binds() {
    let column = |cost: f64, slow: f64| Column { cost, low: 0.0, high: 1.0, rows: [1.0, slow, 0.0] };
    let (columns, rhs, basis) = with_slacks(&[column(1.0, 0.09), column(3.0, 0.01)], [0.04, 0.0]);
    let values = minimise(&columns, rhs, basis).expect("solved");
    // 0.09 x + 0.01 (1 - x) = 0.04.
    assert!((values[5] - 0.375).abs() < 1e-12 && (values[6] - 0.625).abs() < 1e-12, "{values:?}");
}

#[test]
fn what_cannot_be_solved_is_said_so() {
    let (mut columns, rhs, basis) = with_slacks(&[], [0.0, 0.0]);
    assert_eq!(minimise(&columns, rhs, basis), Some(vec![1.0, 0.0, 0.0, 0.0, 0.0]));
    assert_eq!(minimise(&columns, rhs, [0, 1, 9]), None, "no such slack");
    assert_eq!(minimise(&columns, [-1.0, 0.0, 0.0], basis), None, "the slack cannot take that up");
    columns.push(Column { cost: -1.0, low: 0.0, high: f64::INFINITY, rows: [0.0; 3] });
    assert_eq!(minimise(&columns, rhs, basis), None, "the cost falls without end");
    columns[5] = Column { cost: 1.0, low: f64::NAN, high: 1.0, rows: [1.0; 3] };
    assert_eq!(minimise(&columns, rhs, basis), None, "no number");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Values keep every row and bound, and cost what the answer of microlp costs.
    #[test]
    fn no_other_solver_finds_a_cheaper_answer(
        columns in prop::collection::vec((0..8_u8, 0.0..0.1, 0.0..1.0, 0..4_u8, 0..4_u8), 0..40),
        limits in (0.0..0.3, 0.0..0.3),
    ) {
        // Few distinct numbers: ties and degenerate corners are what a simplex may stumble over.
        let columns: Vec<_> = columns.into_iter().map(|(cost, low, wide, a, b)| Column {
            cost: f64::from(cost),
            low: if a == 0 { low / 4.0 } else { 0.0 },
            high: low + wide,
            rows: [1.0, f64::from(a) / 10.0, f64::from(b) / 10.0],
        }).collect();
        prop_assume!(columns.iter().map(|column| column.low).sum::<f64>() < 1.0);
        let (columns, rhs, basis) = with_slacks(&columns, [limits.0, limits.1]);
        let values = minimise(&columns, rhs, basis).expect("solved");
        for (row, right) in rhs.iter().enumerate() {
            let sum: f64 = columns.iter().zip(&values).map(|(column, value)| column.rows[row] * value).sum();
            prop_assert!((sum - right).abs() < 1e-9, "row {row}: {sum}");
        }
        let mut problem = Problem::new(OptimizationDirection::Minimize);
        let terms: Vec<_> =
            columns.iter().map(|column| problem.add_var(column.cost, (column.low, column.high))).collect();
        for (row, right) in rhs.iter().enumerate() {
            let terms: Vec<_> = terms.iter().zip(&columns).map(|(term, column)| (*term, column.rows[row])).collect();
            problem.add_constraint(&terms, ComparisonOp::Eq, *right);
        }
        let theirs = problem.solve().expect("solved").objective();
        let ours = cost(&columns, &values);
        prop_assert!((ours - theirs).abs() < 1e-7 * (1.0 + theirs.abs()), "{ours} against {theirs}");
    }
}
