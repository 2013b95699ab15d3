use super::*;

fn readings(params: Params, values: &[f64]) -> Vec<f64> {
    let mut detector = EwmaZ::new(params).expect("valid");
    values.iter().filter_map(|value| detector.observe(Observation::of(*value))).map(|read| read.oddness).collect()
}

#[test]
fn agrees_with_pandas_where_nothing_is_clipped() {
    // pandas 2.3.3: mean = s.ewm(span=5).mean().shift(1); e = s - mean;
    // (e / (e[1:] ** 2).ewm(span=9).mean().shift(1) ** .5)[3:]
    let values = [3.0, 9.0, 4.0, 4.5, 31.0, 5.0, 6.5, 4.2, 3.9, 8.1, 5.5, 12.0];
    let expected = [
        -0.195_382_525_815_824_38,
        7.513_327_171_448_047,
        -0.648_953_443_916_582_4,
        -0.345_485_662_561_438,
        -0.444_055_385_533_791_15,
        -0.352_417_046_174_298_3,
        0.172_603_115_669_924_48,
        -0.175_167_403_070_373_65,
        0.729_602_489_911_728_8,
    ];
    let params = Params { span: 5.0, spread_span: 9.0, warm_up: 3, clip: 1e8, floor: 0.0 };
    let found = readings(params, &values);
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-12, "{found} {expected}");
    }
}

#[test]
fn an_outlier_blinds_nobody_and_a_shift_is_followed() {
    let noise = |at: u32| 100.0 + f64::from(at * 7_919 % 21) - 10.0;
    let mut values: Vec<f64> = (0..300).map(noise).collect();
    values[200] = 1e12;
    values[203] = 200.0;
    let found = readings(Params::default(), &values);
    let at = |step: usize| found[step - 15];
    assert!(at(200) > 1e6 - 1.0 && at(203) > 8.0 && at(290).abs() < 3.0);

    let shifted: Vec<f64> = (0..600).map(|at| if at < 300 { noise(at) } else { 3.0 * noise(at) }).collect();
    let found = readings(Params::default(), &shifted);
    assert!(found[300 - 15] > 20.0);
    assert!(found[500 - 15..].iter().all(|odd| odd.abs() < 3.0), "adopted within 200 minutes");
}

#[test]
fn parameters_are_checked() {
    let wrong = |params: Params| EwmaZ::new(params).expect_err("refused").parameter;
    let fine = Params::default();
    assert_eq!(wrong(Params { span: 0.5, ..fine }), "span");
    assert_eq!(wrong(Params { spread_span: f64::NAN, ..fine }), "spread_span");
    assert_eq!(wrong(Params { warm_up: 2, ..fine }), "warm_up");
    assert_eq!(wrong(Params { clip: 0.0, ..fine }), "clip");
    assert_eq!(wrong(Params { floor: -1.0, ..fine }), "floor");
}
