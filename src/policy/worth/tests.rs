//! The yardstick on minutes that are known by heart, and on any.

use proptest::prelude::*;

use super::*;
use crate::domain::units::MicroUsd;

#[expect(clippy::unnecessary_wraps, reason = "minutes are there or not, and most here are")]
fn tally(calls: u64, failed: u64, usd: Option<i64>) -> Option<Tally> {
    Some(Tally { calls, failed, slow: 0, cost: usd.map(|usd| MicroUsd(usd * 1_000_000)) })
}

fn of(lanes: &[Vec<Option<Tally>>], minutes: Range<usize>) -> Worth {
    let lanes: Vec<Lane<'_>> = lanes.iter().map(|tallies| Lane { tallies, classes: 1 }).collect();
    let mut sum = Worth::default();
    for minute in worth(&lanes, minutes) {
        sum += minute;
    }
    sum
}

#[test]
fn calls_that_were_kept_from_a_failing_channel_are_avoided_harm() {
    // 90 of 100 calls went to the good channel, which is dearer; the other fails half of its own.
    let found = of(&[vec![tally(90, 0, Some(9))], vec![tally(10, 5, Some(0))]], 0..1);
    assert_eq!((found.calls, found.harmed, found.felt.even), (100.0, 5.0, 25.0));
    assert_eq!((found.avoided(), found.known(), found.even_ratio()), (Some(20.0), Some(1.0), Some(0.25)));
    assert_eq!((found.paid.usd, found.paid.even_usd, found.saved_usd()), (9.0, 5.0, Some(-4.0)));
}

#[test]
fn a_channel_that_was_left_is_judged_by_the_calls_around() {
    let left = [tally(40, 0, None), None, tally(6, 6, None), tally(2, 2, None), tally(6, 6, None), None];
    let good = vec![tally(100, 0, None); 6];
    let found = of(&[good.clone(), left.to_vec()], 3..4);
    assert_eq!((found.felt.even, found.harmed), (51.0, 2.0), "six on either side failed too");
    assert_eq!((found.saved_usd(), found.avoided_usd()), (None, None), "nobody knows what calls cost");
    let unknown = of(&[good, vec![None; 6]], 3..4);
    assert_eq!((unknown.calls, unknown.known(), unknown.avoided()), (100.0, Some(0.0), None));
}

#[test]
fn a_channel_of_two_classes_counts_half_in_each() {
    let tallies = [tally(100, 10, Some(1))];
    let lane = Lane { tallies: &tallies, classes: 2 };
    let found = worth(&[lane], 0..1)[0];
    assert_eq!((found.calls, found.harmed, found.usd), (50.0, 5.0, 0.5));
    assert_eq!(worth(&[], 0..2), [Worth::default(); 2], "a class without channels");
    assert_eq!(worth(&[lane], 5..6), [Worth::default()], "beyond what is there");
}

fn any_tally() -> impl Strategy<Value = Option<Tally>> {
    let tally = (0..60_u64, 0.0..1.0_f64, 0.0..1.0_f64, prop::option::of(0..50_i64)).prop_map(
        |(calls, failing, slow, cost)| {
            let part = |whole: u64, share: f64| {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    clippy::cast_precision_loss,
                    reason = "some calls"
                )]
                let part = (whole as f64 * share) as u64;
                part
            };
            let failed = part(calls, failing);
            Tally { calls, failed, slow: part(calls - failed, slow), cost: cost.map(MicroUsd) }
        },
    );
    prop::option::weighted(0.8, tally)
}

fn any_lanes() -> impl Strategy<Value = Vec<Vec<Option<Tally>>>> {
    (1..80_usize).prop_flat_map(|minutes| prop::collection::vec(prop::collection::vec(any_tally(), minutes), 1..5))
}

proptest! {
    /// Nothing is negative, no side harms more calls than there are, and what is known is a part of everything.
    #[test]
    fn parts_are_parts(lanes in any_lanes()) {
        let found = of(&lanes, 0..lanes[0].len());
        let parts = [found.calls, found.harmed, found.usd, found.felt.even, found.paid.usd, found.paid.even_usd];
        prop_assert!(parts.into_iter().all(|part| part >= 0.0 && part.is_finite()), "{found:?}");
        prop_assert!(found.harmed <= found.calls && found.felt.harmed <= found.felt.calls);
        prop_assert!(found.felt.even <= found.felt.calls * (1.0 + 1e-9));
        prop_assert!(found.felt.calls <= found.calls && found.paid.calls <= found.felt.calls);
    }

    /// Where calls were shared out evenly and each minute tells enough, nothing was avoided and nothing saved.
    #[test]
    fn even_shares_are_the_yardstick(
        minutes in prop::collection::vec((ENOUGH..200, prop::collection::vec((0.0..1.0_f64, 0..90_i64), 3)), 1..40)
    ) {
        let lane = |channel: usize| -> Vec<Option<Tally>> {
            let of = |(calls, rates): &(u64, Vec<(f64, i64)>)| {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "some calls")]
                let failed = (*calls as f64 * rates[channel].0) as u64;
                Some(Tally { calls: *calls, failed, slow: 0, cost: Some(MicroUsd(rates[channel].1)) })
            };
            minutes.iter().map(of).collect()
        };
        let found = of(&[lane(0), lane(1), lane(2)], 0..minutes.len());
        prop_assert_eq!(found.known(), Some(1.0));
        prop_assert!(found.avoided().is_some_and(|avoided| avoided.abs() < 1e-6 * found.calls), "{:?}", found);
        prop_assert!(found.saved_usd().is_some_and(|saved| saved.abs() < 1e-6), "{:?}", found);
    }

    /// A minute in which a channel had no call in reach stays unknown.
    #[test]
    fn unknown_stays_unknown(lane in prop::collection::vec(any_tally(), 1..40)) {
        let silent = vec![tally(0, 0, Some(0)); lane.len()];
        let found = of(&[lane.clone(), silent], 0..lane.len());
        prop_assert_eq!((found.felt, found.paid), (Felt::default(), Paid::default()));
        prop_assert!(found.avoided().is_none() && found.saved_usd().is_none() && found.even_ratio().is_none());
    }
}
