use proptest::prelude::*;

use super::*;
use crate::policy::fixtures::{class, id, question, well};
use crate::policy::input::Candidate;

#[test]
fn the_front_leads_from_the_cheapest_mix_to_the_fastest() {
    let at = |cost: f64, latency_ms: f64| Candidate { latency_ms, ..well(cost) };
    let input = class(
        0,
        &[("cheap", at(1.0, 900.0)), ("fast", at(4.0, 200.0)), ("middle", at(2.0, 400.0)), ("poor", at(4.0, 950.0))],
    );
    let front = front(&Setting::default(), &input);
    assert!(front.len() > 4 && front.len() <= MOST, "{}", front.len());
    let (first, last) = (front.first().expect("points"), front.last().expect("points"));
    assert!(first.shares[&id("cheap")] > 0.95 && last.shares[&id("fast")] > 0.95);
    let middle = front.iter().map(|point| point.shares[&id("middle")]).fold(0.0, f64::max);
    assert!(middle > 0.5, "the middle one is cheaper than a mix of both others");
    assert_eq!(super::front(&Setting::default(), &class(0, &[])), []);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Along the front cost rises and latency falls, and each point is a whole mix.
    #[test]
    fn no_point_beats_another(input in question()) {
        let front = front(&Setting::default(), &input);
        prop_assert!(!front.is_empty() && front.len() <= MOST);
        prop_assert!(front.windows(2).all(|pair| pair[0].cost_usd <= pair[1].cost_usd));
        prop_assert!(front.windows(2).all(|pair| pair[0].latency_ms > pair[1].latency_ms));
        prop_assert!(front.iter().all(|point| (point.shares.values().sum::<f64>() - 1.0).abs() < 1e-6));
    }
}
