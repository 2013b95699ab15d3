use super::*;
use crate::domain::time::Timestamp;
use crate::forecast::arima::css::minimise;
use crate::forecast::arima::fitted::difference;
use crate::forecast::classics::AIR;
use crate::forecast::history::{Grid, Observation};
use crate::stats::seed::Seed;
use proptest::prelude::*;
use rand_distr::{Distribution, StandardNormal};

/// R `lh`: luteinising hormone in blood at ten-minute intervals.
const LH: [f64; 48] = [
    2.4, 2.4, 2.4, 2.2, 2.1, 1.5, 2.3, 2.3, 2.5, 2.0, 1.9, 1.7, 2.2, 1.8, 3.2, 3.2, 2.7, 2.2, 2.2, 1.9, 1.9, 1.8, 2.7,
    3.0, 2.3, 2.0, 2.0, 2.9, 2.9, 2.7, 2.7, 2.3, 2.6, 2.4, 1.8, 1.7, 1.5, 1.4, 2.1, 3.3, 3.5, 3.5, 3.1, 2.6, 2.1, 3.4,
    3.0, 2.9,
];

/// R `WWWusage`: users connected to a server each minute.
const WWW: [f64; 100] = [
    88.0, 84.0, 85.0, 85.0, 84.0, 85.0, 83.0, 85.0, 88.0, 89.0, 91.0, 99.0, 104.0, 112.0, 126.0, 138.0, 146.0, 151.0,
    150.0, 148.0, 147.0, 149.0, 143.0, 132.0, 131.0, 139.0, 147.0, 150.0, 148.0, 145.0, 140.0, 134.0, 131.0, 131.0,
    129.0, 126.0, 126.0, 132.0, 137.0, 140.0, 142.0, 150.0, 159.0, 167.0, 170.0, 171.0, 172.0, 172.0, 174.0, 175.0,
    172.0, 172.0, 174.0, 174.0, 169.0, 165.0, 156.0, 142.0, 131.0, 121.0, 112.0, 104.0, 102.0, 99.0, 99.0, 95.0, 88.0,
    84.0, 84.0, 87.0, 89.0, 88.0, 85.0, 86.0, 89.0, 91.0, 91.0, 94.0, 101.0, 110.0, 121.0, 135.0, 145.0, 149.0, 156.0,
    165.0, 171.0, 175.0, 177.0, 182.0, 193.0, 204.0, 208.0, 210.0, 215.0, 222.0, 228.0, 226.0, 222.0, 220.0,
];

fn history(values: &[f64]) -> History<'_> {
    History::new(Grid { start: Timestamp::from_seconds(0), step_s: 60 }, values)
}

fn order(p: usize, d: usize, q: usize, constant: bool) -> Order {
    Order::new(p, d, q, constant).expect("in range")
}

fn path<const N: usize>(model: &dyn Predict) -> [f64; N] {
    let mut path = [0.0; N];
    model.predict(&mut path);
    path
}

fn assert_near(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() <= tolerance, "{found} is not {expected} within {tolerance}");
    }
}

/// The reference is `statsforecast.arima.arima(x, order, seasonal, method="CSS")` of statsforecast 2.1.1, the port of
/// R's; R prints the same for `arima(lh, c(3, 0, 0), method = "CSS")`: 0.6578, -0.0658, -0.2348, 2.3918, 0.1905.
#[test]
fn coefficients_agree_with_r() {
    let of = |order: Order, values: &[f64]| minimise(order, &difference(order, values));
    let ar = of(order(3, 0, 0, true), &LH);
    assert_near(&ar.coefficients.ar, &[0.657_824, -0.065_813, -0.234_835], 1e-3);
    assert_near(&[ar.coefficients.mean, ar.variance], &[2.391_82, 0.190_469_2], 1e-3);
    let mixed = of(order(1, 0, 1, true), &LH);
    assert_near(&[mixed.coefficients.ar[0], mixed.coefficients.ma[0]], &[0.463_139, 0.200_355], 2e-3);
    let usage = of(order(1, 1, 1, false), &WWW);
    assert_near(&[usage.coefficients.ar[0], usage.coefficients.ma[0]], &[0.647_81, 0.529_319], 1e-3);
    assert_near(&[usage.variance], &[9.826_981], 1e-4);
    let air = AIR.map(f64::ln);
    let airline = order(0, 1, 1, false).with_season(Seasonal { p: 0, d: 1, q: 1, period: 12 }).expect("in range");
    let airline = of(airline, &air);
    assert_near(&[airline.coefficients.ma[0], airline.coefficients.ma[11]], &[-0.377_162, -0.572_379], 2e-3);
    assert_near(&[airline.variance], &[0.001_388_75], 1e-7);
}

/// The expected paths continue the reference's coefficients by the recursion of the model (NumPy, conditional on zero
/// surprises before the first p + d steps); the standard errors are those of its `predict_arima`.
#[test]
fn paths_and_intervals_agree_with_the_reference() {
    let fitted = |order: Order, values: &[f64]| ArimaModel::new(order).estimate(&history(values)).expect("long enough");
    let lh = fitted(order(3, 0, 0, true), &LH);
    assert_near(&path::<4>(&lh), &[2.449_33, 2.253_384, 2.177_63, 2.246_526], 2e-3);
    let usage = fitted(order(1, 1, 1, false), &WWW);
    assert_near(&path::<4>(&usage), &[218.877_185, 218.149_814, 217.678_615, 217.373_368], 0.02);
    let mut quantiles = [0.0; 8];
    assert!(usage.quantiles(&[0.5, 0.841_344_746], &mut quantiles));
    let errors: Vec<f64> = quantiles.chunks(2).map(|pair| pair[1] - pair[0]).collect();
    assert_near(&errors, &[3.134_802, 7.510_38, 11.888_152, 16.037_134], 0.02);
    let airline = order(0, 1, 1, false).with_season(Seasonal { p: 0, d: 1, q: 1, period: 12 }).expect("in range");
    let air = fitted(airline, &AIR.map(f64::ln));
    assert_near(&path::<4>(&air), &[6.109_508, 6.053_646, 6.172_794, 6.198_563], 1e-3);
}

/// `statsforecast.arima.auto_arima_f` 2.1.1 with p, q <= 3 and P, Q <= 1 chooses the same orders.
#[test]
fn the_search_finds_the_orders_of_auto_arima() {
    let found = AutoArimaModel::default().estimate(&history(&WWW)).expect("long enough");
    assert_eq!(found.order().to_string(), "arima(1,1,1)");
    let air = AIR.map(f64::ln);
    let found = AutoArimaModel::seasonal(12).expect("in range").estimate(&history(&air)).expect("long enough");
    assert_eq!(found.order().to_string(), "arima(0,1,1)(0,1,1)12");
}

#[test]
fn a_known_process_is_recovered_despite_gaps() {
    let mut rng = Seed::new(3).rng();
    let mut values = vec![10.0, 10.0];
    for t in 2..2_000 {
        let noise: f64 = StandardNormal.sample(&mut rng);
        values.push(10.0 + 1.2 * (values[t - 1] - 10.0) - 0.5 * (values[t - 2] - 10.0) + noise);
    }
    (50..2_000).step_by(29).for_each(|gap| values[gap] = f64::NAN);
    let estimate = minimise(order(2, 0, 0, true), &values);
    assert_near(&estimate.coefficients.ar, &[1.2, -0.5], 0.06);
    assert_near(&[estimate.coefficients.mean, estimate.variance], &[10.0, 1.0], 0.2);
}

#[test]
fn a_constant_stays_and_a_gap_moves_time_on() {
    let constant = ArimaModel::new(order(1, 0, 0, true)).estimate(&history(&[5.0; 30])).expect("long enough");
    assert_near(&path::<3>(&constant), &[5.0; 3], 1e-9);
    let mut usage = ArimaModel::new(order(1, 1, 1, false)).estimate(&history(&WWW)).expect("long enough");
    let [next, after] = path::<2>(&usage);
    usage.update(Observation::of(f64::NAN));
    assert_near(&path::<1>(&usage), &[after], 1e-9);
    assert!((next - after).abs() > 0.1, "the gap moved time on");
}

#[test]
fn orders_are_checked_and_short_histories_refused() {
    assert_eq!(Order::new(6, 0, 0, false).expect_err("too many").to_string(), "p must be at most 5, is 6");
    assert!(Order::new(1, 2, 1, true).is_err());
    assert!(AutoArimaModel::seasonal(1_440).is_err());
    assert!(AutoArimaModel::default().fit(&history(&LH[..19])).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    /// Whatever comes in, the path is finite, and a saved and restored model goes on bit for bit the same.
    #[test]
    fn paths_are_finite_and_survive_saving(
        values in prop::collection::vec(
            prop_oneof![8 => -10.0f64..10.0, 1 => Just(f64::NAN), 1 => Just(1e308), 1 => Just(-1e308), 1 => Just(0.0)],
            30..60,
        ),
        news in prop::collection::vec(prop_oneof![3 => -1e3f64..1e3, 1 => Just(f64::NAN), 1 => Just(1e308)], 0..8),
    ) {
        let models: [Box<dyn Fit>; 2] =
            [Box::new(ArimaModel::new(order(1, 2, 1, false))), Box::new(AutoArimaModel::seasonal(4).expect("in range"))];
        for model in models {
            let Ok(mut fitted) = model.fit(&history(&values)) else { continue };
            let mut restored = fitted.save().restore();
            for value in &news {
                fitted.update(Observation::of(*value));
                restored.update(Observation::of(*value));
            }
            let (there, back) = (path::<40>(fitted.as_ref()), path::<40>(restored.as_ref()));
            prop_assert!(there.iter().all(|value| value.is_finite()));
            prop_assert_eq!(there.map(f64::to_bits), back.map(f64::to_bits));
        }
    }
}
