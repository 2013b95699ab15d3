use super::*;

/// `np.round(scipy.stats.genpareto.rvs(0.3, scale=2.0, size=40, random_state=1), 4)`
const HEAVY: [f64; 40] = [
    1.1715, 3.1037, 0.0002, 0.7603, 0.3251, 0.1966, 0.4252, 0.9042, 1.0916, 1.7424, 1.1803, 2.7632, 0.4735, 5.8684,
    0.0558, 2.6345, 1.1726, 1.8542, 0.3095, 0.4565, 4.1498, 12.102, 0.7961, 2.828, 5.8156, 6.4271, 0.1802, 0.0802,
    0.3828, 5.8692, 0.2103, 1.188, 10.5755, 1.7117, 2.8239, 0.803, 2.7748, 4.7718, 0.037, 3.4399,
];

/// The same with a shape of -0.25 and `random_state=2`.
const LIGHT: [f64; 40] = [
    1.0672, 0.0524, 1.4465, 1.0651, 1.0196, 0.7631, 0.4451, 1.7159, 0.6816, 0.5973, 1.7236, 1.3731, 0.2839, 1.319,
    0.3975, 2.5546, 3.0547, 1.2535, 2.993, 0.1643, 1.2905, 0.1339, 1.0431, 0.2005, 0.2674, 1.6249, 0.4963, 0.223,
    0.4825, 0.8163, 1.167, 0.4382, 1.805, 1.2166, 1.2905, 0.921, 2.608, 1.5598, 0.3465, 2.0831,
];

/// The same with a shape of 0 and `random_state=3`.
const PLAIN: [f64; 40] = [
    1.6006, 2.463, 0.6875, 1.4301, 4.4689, 4.5324, 0.2684, 0.4645, 0.1057, 1.1625, 0.0607, 1.2207, 2.0948, 0.6528,
    2.2556, 1.7874, 0.0485, 1.6368, 0.6002, 1.0726, 0.6668, 2.3627, 1.1613, 0.3413, 1.5734, 3.0311, 0.7316, 0.5019,
    0.982, 5.5098, 7.459, 2.2318, 4.6627, 3.7384, 0.9496, 0.1935, 2.1192, 1.6322, 0.8975, 0.5099,
];

#[test]
fn agrees_with_scipy() {
    // scipy 1.17.1: shape, _, scale = scipy.stats.genpareto.fit(y, floc=0), polished because it stops early:
    // scipy.optimize.minimize(lambda p: genpareto.nnlf((p[0], 0, p[1]), y), [shape, scale], method='Nelder-Mead',
    // options=dict(xatol=1e-12, fatol=1e-14, maxiter=10000)). Before that: 0.277_25, 1.731_71; -0.472_53, 1.630_01;
    // -0.079_05, 1.885_48.
    let expected = [
        (HEAVY, 0.277_238_913_737_880_23, 1.731_715_152_709_702_6),
        (LIGHT, -0.472_526_422_321_256_9, 1.630_021_280_548_847),
        (PLAIN, -0.079_055_111_842_326_05, 1.885_469_805_896_343_5),
    ];
    for (excesses, shape, scale) in expected {
        let fitted = GeneralisedPareto::fit(&excesses);
        assert!(
            (fitted.shape - shape).abs() < 1e-6 && (fitted.scale - scale).abs() < 1e-6,
            "{fitted:?} {shape} {scale}"
        );
    }
}

#[test]
fn the_fit_knows_no_unit() {
    let fitted = GeneralisedPareto::fit(&HEAVY);
    for unit in [1e-120, 1e120] {
        let other = GeneralisedPareto::fit(&HEAVY.map(|excess| excess * unit));
        assert!((other.shape - fitted.shape).abs() < 1e-9 && (other.scale / unit - fitted.scale).abs() < 1e-9);
    }
}

#[test]
fn tails_agree_with_scipy() {
    // scipy 1.17.1, genpareto: sf(5, .25, scale=2), isf(.001, .25, scale=2), isf(.001, -.25, scale=2), sf(3, 0, scale=2)
    let of = |shape: f64| GeneralisedPareto { shape, scale: 2.0 };
    assert!((of(0.25).survival(5.0) - 0.143_412_345_506_109_76).abs() < 1e-12);
    assert!((of(0.25).exceeded_with(1e-3) - 36.987_306_015_227_92).abs() < 1e-9);
    assert!((of(-0.25).exceeded_with(1e-3) - 6.577_376_471_968_861).abs() < 1e-9);
    assert!((of(0.0).survival(3.0) - 0.223_130_160_148_429_82).abs() < 1e-12);
    assert!(of(-0.25).survival(9.0).abs() < 1e-300, "beyond its end");
}

#[test]
fn few_and_equal_excesses_are_exponential() {
    assert_eq!(GeneralisedPareto::fit(&[]), GeneralisedPareto { shape: 0.0, scale: 0.0 });
    assert_eq!(GeneralisedPareto::fit(&[2.0, 4.0]), GeneralisedPareto { shape: 0.0, scale: 3.0 });
    assert!(GeneralisedPareto::fit(&[3.0; 40]).scale.is_finite());
}
