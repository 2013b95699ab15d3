//! What a forest makes of a stream.

use rand_distr::{Distribution, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::*;
use crate::stats::seed::Seed;

fn small() -> StreamForest {
    let forest = ForestParams::default().trees(20).sample(64).seed(3);
    let params = StreamParams { rows: 64, memory: 64, warm_up: 32, every: 2, ..StreamParams::default() };
    StreamForest::new(params.with_forest(forest).expect("in range"), 3).expect("in range")
}

fn around(level: f64, rng: &mut Xoshiro256PlusPlus) -> [f64; 3] {
    std::array::from_fn(|_| level + <StandardNormal as Distribution<f64>>::sample(&StandardNormal, rng))
}

#[test]
fn parameters_are_checked() {
    let named = |params| StreamForest::new(params, 3).expect_err("out of range").parameter;
    let usual = StreamParams::default();
    assert_eq!(named(StreamParams { rows: 255, ..usual }), "rows");
    assert_eq!(named(StreamParams { memory: 511, ..usual }), "memory");
    assert_eq!(named(StreamParams { warm_up: 1, ..usual }), "warm_up");
    assert_eq!(named(StreamParams { every: 0, ..usual }), "every");
    assert_eq!(StreamForest::new(usual, 0).expect_err("no features").parameter, "features");
}

#[test]
fn it_is_silent_until_it_is_complete_and_on_unknown_rows() {
    let (mut forest, mut rng) = (small(), Seed::new(1).rng());
    for learnt in 0..32 + 20 / AT_ONCE - 1 {
        assert_eq!(forest.score(&[0.0; 3]), None, "after {learnt}");
        forest.learn(&around(0.0, &mut rng));
        forest.learn(&[f64::NAN; 3]);
    }
    assert!(forest.score(&[0.0; 3]).is_some());
    assert_eq!(forest.score(&[f64::NAN; 3]), None);
    assert_eq!(forest.blame(&[f64::NAN; 3]), None);
}

#[test]
fn it_follows_drift_at_the_cost_of_a_tree() {
    let (mut forest, mut rng) = (small(), Seed::new(1).rng());
    for _ in 0..100 {
        forest.learn(&around(0.0, &mut rng));
    }
    let before = forest.clone();
    let mut level = 0.0;
    for _ in 0..400 {
        let trees = forest.forest.trees.clone();
        level += 0.05;
        forest.learn(&around(level, &mut rng));
        let changed = trees.iter().zip(&forest.forest.trees).filter(|(old, new)| old != new).count();
        assert!(changed <= 1, "{changed} trees at once");
    }
    let at = |forest: &StreamForest, level| forest.score(&[level; 3]).expect("complete");
    assert!(at(&before, level) > 0.65, "far away from what the first forest knows");
    assert!(at(&forest, level - 2.0) < 0.5, "usual by now: {}", at(&forest, level - 2.0));
    assert!(at(&forest, 0.0) > 0.6, "usual no more: {}", at(&forest, 0.0));
}

#[test]
fn a_restored_state_goes_on_bit_for_bit() {
    let (mut forest, mut rng) = (small(), Seed::new(2).rng());
    for step in 0..60 {
        let mut row = around(0.0, &mut rng);
        row[step % 3] = if step % 5 == 0 { f64::NAN } else { row[step % 3] };
        forest.learn(&row);
    }
    let saved = postcard::to_stdvec(&forest).expect("plain data");
    let mut restored: StreamForest = postcard::from_bytes(&saved).expect("as saved");
    assert_eq!(restored, forest);
    for _ in 0..40 {
        let row = around(0.5, &mut rng);
        assert_eq!(restored.score(&row).map(f64::to_bits), forest.score(&row).map(f64::to_bits));
        forest.learn(&row);
        restored.learn(&row);
    }
    assert_eq!(restored, forest);
    let broken = serde_json::to_string(&forest).expect("plain data");
    let broken = broken.replacen("\"every\":2", "\"every\":0", 1);
    assert!(serde_json::from_str::<StreamForest>(&broken).is_err());
}
