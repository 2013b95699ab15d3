//! First estimates by two regressions: a long autoregression gives surprises, then values are regressed on past values
//! and past surprises (Hannan and Rissanen 1982).

use crate::stats::cholesky;

/// Autoregressive and moving-average coefficients of `values`; zeros where the regressions have no solution.
pub fn start(p: usize, q: usize, mean: f64, values: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let centred: Vec<f64> = values.iter().map(|value| value - mean).collect();
    let nothing = vec![f64::NAN; centred.len()];
    let surprises = if q == 0 {
        nothing
    } else {
        let long = (p + q + 6).min(centred.len() / 4);
        let phi = regress(&centred, &nothing, long, 0);
        (0..centred.len())
            .map(|t| {
                if t < long {
                    f64::NAN
                } else {
                    centred[t] - (0..long).map(|i| phi[i] * centred[t - 1 - i]).sum::<f64>()
                }
            })
            .collect()
    };
    let mut ar = regress(&centred, &surprises, p, q);
    let ma = ar.split_off(p);
    (ar, ma)
}

/// Least squares of `values` on `p` past values and `q` past `surprises`, over the steps where all are known.
fn regress(values: &[f64], surprises: &[f64], p: usize, q: usize) -> Vec<f64> {
    let k = p + q;
    let (mut gram, mut moment, mut row) = (vec![0.0; k * k], vec![0.0; k], vec![0.0; k]);
    for t in p.max(q)..values.len() {
        for (i, place) in row.iter_mut().enumerate() {
            *place = if i < p { values[t - 1 - i] } else { surprises[t - 1 - (i - p)] };
        }
        if !values[t].is_finite() || row.iter().any(|value| !value.is_finite()) {
            continue;
        }
        for i in 0..k {
            moment[i] += row[i] * values[t];
            for j in 0..k {
                gram[i * k + j] += row[i] * row[j];
            }
        }
    }
    for i in 0..k {
        // A trace of ridge keeps the system solvable where a column is constant.
        gram[i * k + i] = gram[i * k + i] * (1.0 + 1e-9) + 1e-12;
    }
    if cholesky::solve(&mut gram, &mut moment).is_err() {
        moment.fill(0.0);
    }
    moment
}
