use super::*;
use crate::policy::fixtures::{class, id, well};
use crate::policy::input::Candidate;
use crate::policy::planner::propose;

fn shares(candidates: &[(&str, Candidate)]) -> Vec<f64> {
    let (plan, _) = propose(&Setting::default(), &class(0, candidates));
    candidates.iter().map(|(name, _)| plan.share(&id(name))).collect()
}

#[test]
fn channels_that_are_about_as_good_share() {
    let slow = |slow: f64| Candidate { slow, ..well(1.0) };
    let even = shares(&[("a", slow(0.020)), ("b", slow(0.019)), ("c", slow(0.021))]);
    assert!(even.iter().all(|share| (share - 1.0 / 3.0).abs() < 1e-9), "a thousandth of the calls is noise: {even:?}");
    let dear = shares(&[("a", well(1.0)), ("b", well(1.0)), ("dear", well(1.1))]);
    assert!(dear[..2].iter().all(|share| (share - 0.495).abs() < 0.01), "a tenth dearer is dearer: {dear:?}");
    let many: Vec<(String, Candidate)> = (0..30).map(|at| (format!("c{at:02}"), well(1.0))).collect();
    let many: Vec<_> = many.iter().map(|(name, one)| (name.as_str(), one.clone())).collect();
    assert!(shares(&many).into_iter().all(|share| share <= 0.125 + 1e-9), "as many as eight are enough");
}

#[test]
fn no_mix_beside_the_best_is_cheaper() {
    let input = class(0, &[("a", well(1.0)), ("b", Candidate { tried_per_min: 200.0, ..well(0.9) }), ("c", well(1.2))]);
    let setting = Setting::default();
    let offers = crate::policy::planner::offered(&setting, &input);
    let programme = Programme::new(&setting, &input, &offers, Aim::Cheapest);
    let best = programme.solve().expect("offers");
    for from in 0..3 {
        for to in 0..3 {
            let mut other = best.shares.clone();
            // What exploration wants is no matter of price.
            let moved = (other[from] - offers[from].explore).min(0.02);
            other[from] -= moved;
            other[to] += moved;
            assert!(programme.value(&other).price >= best.value.price - 1e-4, "{other:?} beats {:?}", best.shares);
        }
    }
}
