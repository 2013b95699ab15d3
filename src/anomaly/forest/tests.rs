//! A forest against the paper, against scikit-learn, and against itself.

use linfa::prelude::*;
use ndarray::{Array1, Array2};
use proptest::prelude::*;

use super::*;

/// A number in 0 .. 1 that depends on `n` alone: splitmix64, which is quickly written in any language.
fn uniform(n: u64) -> f64 {
    let mut z = n.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    let bits = ((z ^ (z >> 31)) >> 11) as f64;
    bits / 9_007_199_254_740_992.0
}

fn normal(n: u64) -> f64 {
    let angle = std::f64::consts::TAU * uniform(2 * n + 2);
    (-2.0 * (1.0 - uniform(2 * n + 1)).ln()).sqrt() * angle.cos()
}

/// Rows of 8 features with a common factor. Every hundredth is odd: in turns far out without a factor, or with signs
/// that break the correlation while each feature is ordinary.
fn toy(rows: u64) -> Vec<f64> {
    let row = |row: u64| {
        let kind = if row.is_multiple_of(100) { 1 + row / 100 % 2 } else { 0 };
        let common = 0.9 * normal(row * 9);
        (0..8).map(move |feature| {
            let own = normal(row * 9 + 1 + feature);
            let sign = if kind == 2 && feature % 2 == 1 { -1.0 } else { 1.0 };
            if kind == 1 { 1.8 * own } else { sign * common + 0.436 * own }
        })
    };
    (0..rows).flat_map(row).collect()
}

/// The share of pairs of an odd and an ordinary row in which the odd one has the higher score.
fn auc(scores: &[f64]) -> f64 {
    let (odd, ordinary): (Vec<_>, Vec<_>) = scores.iter().enumerate().partition(|(row, _)| row.is_multiple_of(100));
    let wins = |score: &f64| ordinary.iter().map(|(_, other)| f64::from(u8::from(score > other))).sum::<f64>();
    #[expect(clippy::cast_precision_loss, reason = "few rows")]
    let pairs = (odd.len() * ordinary.len()) as f64;
    odd.iter().map(|(_, score)| wins(score)).sum::<f64>() / pairs
}

fn model(params: ForestParams) -> ForestModel {
    params.check().expect("parameters in range")
}

fn scores(forest: &Forest, rows: &[f64]) -> Vec<f64> {
    let mut scores = vec![0.0; rows.len() / forest.features()];
    forest.score_all(rows, &mut scores);
    scores
}

#[test]
fn two_and_three_rows_have_the_scores_of_the_paper() {
    // Two rows: one cut, both paths are 1 = c(2), so both scores are 2^-1.
    let forest = model(ForestParams::default()).grow(&[1.0, 5.0], 1).expect("two rows");
    assert_eq!(scores(&forest, &[1.0, 5.0]), [0.5, 0.5]);
    // Three rows in one tree: either row 0 or row 10 is parted first, with path 1, the other two have path 2.
    let rows = [0.0, 1.0, 10.0];
    let forest = model(ForestParams::default().trees(1)).grow(&rows, 1).expect("three rows");
    let short = (-1.0 / expected_path(3)).exp2();
    let long = (-2.0 / expected_path(3)).exp2();
    for (found, expected) in scores(&forest, &rows).iter().zip([long, long, short]) {
        assert!((found - expected).abs() < 1e-6, "{found} {expected}");
    }
}

#[test]
fn rows_that_are_all_equal_are_ordinary() {
    let forest = model(ForestParams::default()).grow(&[3.0; 40], 2).expect("twenty rows");
    assert_eq!(scores(&forest, &[3.0, 3.0, 3.0, 1e9]), [0.5, 0.5]);
}

#[test]
fn it_ranks_like_scikit_learn() {
    // scikit-learn 1.9.1: IsolationForest(n_estimators=100, max_samples=256, random_state=s).fit(toy(2000)), roc_auc_score
    // of -score_samples: mean over 200 seeds 0.888, of one seed between 0.87 and 0.91.
    let rows = toy(2_000);
    let mean = |extension| {
        let one = |seed| {
            let grown = model(ForestParams::default().seed(seed).extension(extension)).grow(&rows, 8);
            auc(&scores(&grown.expect("enough rows"), &rows))
        };
        (0..4).map(one).sum::<f64>() / 4.0
    };
    let (standard, extended) = (mean(0), mean(1));
    assert!((0.875..0.901).contains(&standard), "{standard}");
    assert!(extended > standard + 0.005, "{extended} is not above {standard}");
}

#[test]
fn blame_falls_on_the_feature_that_alone_is_odd() {
    let rows = toy(2_000);
    for extension in [0, 1, 7] {
        let forest = model(ForestParams::default().extension(extension)).grow(&rows, 8).expect("enough rows");
        for odd in 0..8 {
            let mut row = rows[8..16].to_vec();
            row[odd] = 7.0;
            let blame = forest.blame(&row);
            let most = blame.bits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            assert_eq!(blame.bits[odd].to_bits(), most.to_bits(), "{extension} {odd} {blame:?}");
            let sum = blame.ordinary.log2() + blame.bits.iter().sum::<f64>();
            assert!((sum - forest.score(&row).log2()).abs() < 1e-5, "the parts are the whole");
        }
    }
}

#[test]
fn what_is_missing_is_not_odd_and_what_is_infinite_is() {
    let rows = toy(2_000);
    for extension in [0, 1] {
        let forest = model(ForestParams::default().extension(extension)).grow(&rows, 8).expect("enough rows");
        assert!(forest.score(&[f64::NAN; 8]) < 0.5);
        assert!(forest.score(&[]) < 0.5);
        let mut row = [0.0; 8];
        let ordinary = forest.score(&row);
        row[3] = f64::NAN;
        assert!((forest.score(&row) - ordinary).abs() < 0.02);
        row[3] = f64::INFINITY;
        assert!(forest.score(&row) > ordinary + 0.05);
    }
}

#[test]
fn gaps_while_growing_are_no_obstacle() {
    // Every third value of feature 0 is missing, feature 1 always is.
    let rows: Vec<f64> =
        (0..300_u64).flat_map(|n| [if n.is_multiple_of(3) { f64::NAN } else { normal(n) }, f64::NAN]).collect();
    let forest = model(ForestParams::default()).grow(&rows, 2).expect("enough rows");
    assert!(forest.score(&[9.0, f64::NAN]) > 0.6);
    assert!(forest.blame(&[9.0, 1e6]).bits[1].abs() < 1e-12, "nothing is known of it");
}

#[test]
fn rows_or_features_may_not_suffice() {
    let model = model(ForestParams::default());
    assert!(matches!(model.grow(&[1.0], 1), Err(ForestError::TooFewRows(1))));
    assert!(matches!(model.grow(&[1.0, 2.0], 0), Err(ForestError::Features(0))));
    assert!(matches!(model.grow(&[0.0; 130], 65), Err(ForestError::Features(65))));
}

#[test]
fn linfa_grows_the_same_forest() {
    let rows = toy(300);
    let records = Array2::from_shape_vec((300, 8), rows.clone()).expect("300 x 8");
    let params = ForestParams::default().trees(10);
    let forest: Forest = params.fit(&DatasetBase::from(records.clone())).expect("300 rows");
    assert_eq!(forest, model(params).grow(&rows, 8).expect("300 rows"));
    let predicted: Array1<f64> = forest.predict(&records);
    assert_eq!(predicted.to_vec(), scores(&forest, &rows));
    let refused = ForestParams::default().trees(0).fit(&DatasetBase::from(records));
    assert!(matches!(refused, Err(ForestError::Parameter(error)) if error.parameter == "trees"));
}

#[test]
fn a_saved_forest_is_the_same_and_a_broken_one_is_refused() {
    for extension in [0, 2] {
        let forest = model(ForestParams::default().trees(3).extension(extension)).grow(&toy(50), 8).expect("50 rows");
        let saved = serde_json::to_string(&forest).expect("plain data");
        assert_eq!(serde_json::from_str::<Forest>(&saved).expect("as saved"), forest);
        let broken = saved.replacen("\"features\":8", "\"features\":2", 1);
        assert!(serde_json::from_str::<Forest>(&broken).is_err());
    }
}

proptest! {
    /// Whatever the rows, scores lie between 0 and 1, the same seed gives the same, and neither the place of a row among
    /// the others nor its being scored alone changes its score by a bit.
    #[test]
    fn scores_depend_on_the_row_alone(
        mut rows in prop::collection::vec(prop_oneof![8 => -1e3f64..1e3, 1 => Just(f64::NAN), 1 => any::<f64>()], 6..240),
        extension in 0usize..3,
        seed in any::<u64>(),
    ) {
        rows.truncate(rows.len() / 3 * 3);
        let model = model(ForestParams::default().trees(5).extension(extension).seed(seed));
        let forest = model.grow(&rows, 3).expect("two rows or more");
        prop_assert_eq!(&forest, &model.grow(&rows, 3).expect("two rows or more"));
        let found = scores(&forest, &rows);
        let reversed: Vec<f64> = rows.chunks(3).rev().flatten().copied().collect();
        let mut backwards = scores(&forest, &reversed);
        backwards.reverse();
        prop_assert_eq!(&found, &backwards);
        for (row, score) in rows.chunks(3).zip(&found) {
            prop_assert!(*score > 0.0 && *score < 1.0);
            prop_assert_eq!(forest.score(row).to_bits(), score.to_bits());
            let blame = forest.blame(row);
            prop_assert!(blame.ordinary.is_finite() && blame.bits.iter().all(|bits| bits.is_finite()));
        }
    }
}
