//! Symmetric positive definite systems, solved by Cholesky's factorisation (Golub and Van Loan, *Matrix
//! computations*, section 4.2). For the few dozen unknowns of a regression no blocking is worth its code.

use thiserror::Error;

/// The matrix has a direction in which it is not positive, up to rounding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the matrix is not positive definite at row {row}")]
pub struct NotPositiveDefinite {
    /// The row at which the factorisation stopped.
    pub row: usize,
}

/// Replaces `right` by the solution x of A x = `right`. `matrix` holds A row by row, as many columns as `right` has
/// values; only its lower triangle is read, and overwritten by the factor.
///
/// # Errors
/// If A is not positive definite, has a NaN, or has fewer rows than columns; `right` is then left half done.
pub fn solve(matrix: &mut [f64], right: &mut [f64]) -> Result<(), NotPositiveDefinite> {
    let size = right.len();
    if size == 0 {
        return Ok(());
    }
    if matrix.len() < size * size {
        return Err(NotPositiveDefinite { row: matrix.len() / size });
    }
    factorise(matrix, size)?;
    // Forward: L y = right.
    for row in 0..size {
        let (known, rest) = right.split_at_mut(row);
        rest[0] = (rest[0] - dot(&matrix[row * size..][..row], known)) / matrix[row * size + row];
    }
    // Backward: the transpose of L times x is y, column by column so that L is read along its rows.
    for row in (0..size).rev() {
        let (open, rest) = right.split_at_mut(row);
        rest[0] /= matrix[row * size + row];
        for (value, factor) in open.iter_mut().zip(&matrix[row * size..]) {
            *value -= factor * rest[0];
        }
    }
    Ok(())
}

/// Replaces the lower triangle by L with A = L times its transpose.
fn factorise(matrix: &mut [f64], size: usize) -> Result<(), NotPositiveDefinite> {
    for row in 0..size {
        let (above, this) = matrix.split_at_mut(row * size);
        for column in 0..row {
            let other = &above[column * size..][..=column];
            let sum = this[column] - dot(&this[..column], &other[..column]);
            this[column] = sum / other[column];
        }
        let square = this[row] - dot(&this[..row], &this[..row]);
        // Written so that a NaN fails too.
        if !(square > 0.0 && square.is_finite()) {
            return Err(NotPositiveDefinite { row });
        }
        this[row] = square.sqrt();
    }
    Ok(())
}

/// Sum of products in eight lanes, which the compiler can keep in vector registers; a plain sum it must not reorder.
#[must_use]
pub fn dot(left: &[f64], right: &[f64]) -> f64 {
    let mut lanes = [0.0; 8];
    let (left, left_rest) = left.as_chunks::<8>();
    let (right, right_rest) = right.as_chunks::<8>();
    for (left, right) in left.iter().zip(right) {
        for lane in 0..8 {
            lanes[lane] += left[lane] * right[lane];
        }
    }
    let rest: f64 = left_rest.iter().zip(right_rest).map(|(left, right)| left * right).sum();
    let half = [lanes[0] + lanes[4], lanes[1] + lanes[5], lanes[2] + lanes[6], lanes[3] + lanes[7]];
    (half[0] + half[2]) + (half[1] + half[3]) + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn agrees_with_numpy() {
        // numpy 2: np.linalg.solve([[4, 2, 1], [2, 5, 3], [1, 3, 6]], [1, 2, 3]) -> [6, 7, 29] / 67
        let mut matrix = [4.0, 0.0, 0.0, 2.0, 5.0, 0.0, 1.0, 3.0, 6.0];
        let mut right = [1.0, 2.0, 3.0];
        solve(&mut matrix, &mut right).expect("positive definite");
        for (found, expected) in right.iter().zip([6.0 / 67.0, 7.0 / 67.0, 29.0 / 67.0]) {
            assert!((found - expected).abs() < 1e-12, "{right:?}");
        }
    }

    #[test]
    fn what_is_not_positive_definite_is_refused() {
        assert_eq!(solve(&mut [1.0, 0.0, 2.0, 4.0], &mut [1.0, 1.0]), Err(NotPositiveDefinite { row: 1 }));
        assert_eq!(solve(&mut [f64::NAN], &mut [1.0]), Err(NotPositiveDefinite { row: 0 }));
        assert_eq!(solve(&mut [1.0], &mut [1.0, 1.0]), Err(NotPositiveDefinite { row: 0 }));
        assert_eq!(solve(&mut [], &mut []), Ok(()));
    }

    proptest! {
        /// For every factor with a positive diagonal, the system made of it gives back the solution it was made for.
        #[test]
        fn solutions_are_found(
            entries in prop::collection::vec(-1.0f64..1.0, 11 * 11),
            solution in prop::collection::vec(-9.0f64..9.0, 1..12),
        ) {
            let size = solution.len();
            let factor = |row: usize, column: usize| match row.cmp(&column) {
                std::cmp::Ordering::Less => 0.0,
                std::cmp::Ordering::Equal => 1.5 + entries[row * 11 + column],
                std::cmp::Ordering::Greater => entries[row * 11 + column],
            };
            let entry = |row, column| (0..size).map(|k| factor(row, k) * factor(column, k)).sum::<f64>();
            let mut matrix: Vec<f64> = (0..size * size).map(|at| entry(at / size, at % size)).collect();
            let mut right: Vec<f64> = matrix.chunks(size).map(|row| dot(row, &solution)).collect();
            solve(&mut matrix, &mut right).expect("made of a factor");
            for (found, expected) in right.iter().zip(&solution) {
                prop_assert!((found - expected).abs() < 1e-3 * (1.0 + expected.abs()), "{right:?} {solution:?}");
            }
        }
    }
}
