use super::*;
use proptest::prelude::*;

fn raw(points: &[(i64, f64)]) -> Vec<Raw> {
    points.iter().map(|&(seconds, value)| (Timestamp::from_seconds(seconds), value)).collect()
}

/// Gaps as -1, so that values can be compared.
fn plain(aligned: &Aligned) -> Vec<f64> {
    aligned.values.iter().map(|value| if value.is_nan() { -1.0 } else { *value }).collect()
}

#[test]
fn order_jitter_gaps_and_corrections() {
    // A minute grid at second 7; 131 is late, 306 early, 247 and a whole minute are missing, 67 comes twice.
    let points = [(367, 6.0), (7, 0.0), (67, 9.0), (131, 2.0), (306, 5.0), (67, 1.0), (427, 7.0), (67, f64::NAN)];
    let aligned = align(raw(&points), None).expect("regular enough");
    assert_eq!((aligned.grid.start.seconds(), aligned.grid.step_s), (7, 60));
    assert_eq!(plain(&aligned), [0.0, 1.0, 2.0, -1.0, -1.0, 5.0, 6.0, 7.0]);
    assert_eq!((aligned.gaps, aligned.replaced, aligned.averaged, aligned.off_grid), (2, 2, 0, 2));
}

#[test]
fn a_straggler_at_the_start_does_not_move_the_grid() {
    let aligned = align(raw(&[(-10, 1.0), (60, 2.0), (120, 3.0), (180, 4.0)]), None).expect("regular enough");
    assert_eq!(aligned.grid.start.seconds(), 0);
    assert_eq!(plain(&aligned), [1.0, 2.0, 3.0, 4.0]);
}

#[test]
fn a_longer_step_averages_from_the_multiple_of_the_step() {
    let points = [(60, 60.0), (120, 120.0), (180, 180.0), (240, 240.0), (300, 300.0), (360, 360.0), (420, 420.0)];
    let aligned = align(raw(&points), Some(180)).expect("regular enough");
    assert_eq!(aligned.grid.start.seconds(), 0);
    assert_eq!(plain(&aligned), [90.0, 240.0, 390.0]);
    assert_eq!(aligned.averaged, 7);
}

#[test]
fn plain_indices_are_steps_of_a_second() {
    let aligned = align(raw(&[(1, 5.0), (2, 6.0), (4, 8.0)]), None).expect("regular enough");
    assert_eq!((aligned.grid.start.seconds(), aligned.grid.step_s), (1, 1));
    assert_eq!(plain(&aligned), [5.0, 6.0, -1.0, 8.0]);
}

#[test]
fn what_makes_no_grid_is_told() {
    let told = |raw, step| align(raw, step).expect_err("no grid").to_string();
    assert_eq!(told(Vec::new(), None), "there are no values");
    let one = raw(&[(60, 1.0), (60, 2.0)]);
    assert_eq!(
        told(one.clone(), None),
        "there is one instant only, 1970-01-01T00:01:00Z, which tells no step: give the step"
    );
    assert_eq!(align(one, Some(60)).expect("a step is given").values, [2.0]);
    let fine: Vec<Raw> = (0..9).map(|n| (Timestamp::from_millis(n * 100), 1.0)).collect();
    assert_eq!(align(fine.clone(), None), Err(AlignError::TooFine));
    assert_eq!(align(fine, Some(1)).expect("a step is given").values, [1.0]);
    let far = align(raw(&[(0, 1.0), (1, 1.0), (2, 1.0), (1 << 40, 1.0)]), None);
    assert!(matches!(far, Err(AlignError::TooLong { step_s: 1, .. })), "{far:?}");
}

proptest! {
    /// Whatever the instants, no known value is lost or invented: the sum over steps weighted by their number is the
    /// sum of all, and the last step is never a padding gap beyond the last instant.
    #[test]
    fn values_are_neither_lost_nor_invented(points in prop::collection::btree_map(0i64..5_000, 0.0f64..100.0, 1..60), step in 1u32..90) {
        let points: Vec<(i64, f64)> = points.into_iter().collect();
        let aligned = align(raw(&points), Some(step)).expect("short enough");
        let last = aligned.grid.at(aligned.values.len() - 1);
        let end = points.last().expect("not empty").0;
        prop_assert!((last.seconds() - end).abs() <= i64::from(step));
        let known = aligned.values.len() - aligned.gaps;
        prop_assert!(known >= 1 && known <= points.len());
        let (low, high) = points.iter().fold((f64::MAX, f64::MIN), |(low, high), (_, value)| (low.min(*value), high.max(*value)));
        prop_assert!(aligned.values.iter().filter(|value| !value.is_nan()).all(|value| (low - 1e-9..=high + 1e-9).contains(value)));
    }
}
