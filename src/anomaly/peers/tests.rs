use super::*;
use crate::anomaly::bounds::ODDEST;

/// Members in the ratio 1 : 1.1 : 1.5 : 2 (as sums, on a logarithm) under a common tide, with small noise of their own.
fn minute(at: u32) -> [f64; 4] {
    let tide = 5.0 + (f64::from(at) / 40.0).sin();
    let noise = |member: u32| f64::from((at * 7_919 + member * 104_729) % 97) / 970.0 - 0.05;
    [tide + noise(0), tide + 0.1 + noise(1), tide + 0.4 + noise(2), tide + 0.7 + noise(3)]
}

fn warm() -> Peers {
    let mut peers = Peers::new(4, Params::default()).expect("valid");
    for at in 0..200 {
        peers.observe(&minute(at));
    }
    peers
}

fn oddness_of(peers: &mut Peers, values: &[f64]) -> Vec<f64> {
    peers.observe(values).into_iter().flatten().map(|reading| reading.oddness).collect()
}

#[test]
fn agrees_with_scipy_among_equals() {
    // scipy 1.17.1: (x - np.median(x)) / scipy.stats.median_abs_deviation(x, scale='normal')
    let mut peers = Peers::new(5, Params { warm_up: 1, floor: 0.0, ..Params::default() }).expect("valid");
    assert_eq!(peers.observe(&[10.0; 5]), [None; 5], "warming up");
    let found = oddness_of(&mut peers, &[10.0, 10.5, 9.0, 11.25, 30.0]);
    let expected =
        [-0.449_659_833_464_054_47, 0.0, -1.348_979_500_392_163_4, 0.674_489_750_196_081_7, 17.536_733_505_098_123];
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-12, "{found} {expected}");
    }
}

#[test]
fn a_tide_is_nobodys_fault_and_one_alone_is_found() {
    let mut peers = warm();
    let mut flood = minute(200).map(|value| value + 3.0);
    assert!(oddness_of(&mut peers.clone(), &flood).iter().all(|odd| odd.abs() < 3.5));
    flood[2] += 0.8;
    let found = oddness_of(&mut peers, &flood);
    assert!(found[2] > 8.0 && [0, 1, 3].iter().all(|at| found[*at].abs() < 3.5), "{found:?}");
}

#[test]
fn a_little_out_of_line_for_a_while_is_found() {
    let mut peers = warm();
    let mut found = Vec::new();
    for at in 200..205 {
        let mut values = minute(at);
        values[0] -= 0.15;
        found = oddness_of(&mut peers, &values);
    }
    assert!(found[0] < -4.0 && found[1..].iter().all(|odd| odd.abs() < 4.0), "{found:?}");
}

#[test]
fn absent_members_are_not_judged_and_two_are_no_pool() {
    let mut peers = warm();
    let [first, second, third, _] = minute(200);
    let readings = peers.observe(&[first, f64::NAN, third]);
    assert!(readings.iter().all(Option::is_none), "two members");
    let readings = peers.observe(&[first, second, third, f64::INFINITY]);
    assert_eq!(readings.iter().map(Option::is_some).collect::<Vec<_>>(), [true, true, true, false]);
}

#[test]
fn constant_pools_and_hostile_values_stay_finite() {
    let mut peers = Peers::new(3, Params { warm_up: 1, ..Params::default() }).expect("valid");
    for values in [[0.0; 3], [0.0; 3], [0.0, 0.0, 7.0], [f64::MAX, f64::MIN, 1e-300], [0.0, f64::MAX, f64::MAX]] {
        let found = oddness_of(&mut peers, &values);
        assert!(found.iter().all(|odd| odd.is_finite() && odd.abs() <= ODDEST), "{found:?}");
        if values[2] > 1.0 && values[0] < 1.0 && values[1] < 1.0 {
            assert_eq!(found, [0.0, 0.0, ODDEST]);
        }
    }
}

#[test]
fn a_restored_pool_goes_on_bit_for_bit_and_parameters_are_checked() {
    let mut running = warm();
    let bytes = postcard::to_allocvec(&running).expect("serialisable");
    let mut restored: Peers = postcard::from_bytes(&bytes).expect("readable");
    assert_eq!(restored.observe(&minute(200)), running.observe(&minute(200)));
    assert_eq!(restored, running);
    let wrong = |members, params: Params| Peers::new(members, params).expect_err("refused").parameter;
    let fine = Params::default();
    assert_eq!(wrong(2, fine), "members");
    assert_eq!(wrong(3, Params { window: 0, ..fine }), "window");
    assert_eq!(wrong(3, Params { warm_up: 0, ..fine }), "warm_up");
    assert_eq!(wrong(3, Params { span: f64::NAN, ..fine }), "span");
    assert_eq!(wrong(3, Params { floor: 2.0, ..fine }), "floor");
}
