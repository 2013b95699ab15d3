use super::*;
use crate::stats::seed::Seed;
use rand::RngExt;

/// Minutes of `calls` calls, of which each is bad with a share that `share` says.
fn minutes(seed: u64, calls: u32, share: impl Fn(u32) -> f64) -> impl FnMut(u32) -> Observation {
    let mut rng = Seed::new(seed).rng();
    move |minute| {
        let share = share(minute);
        let bad = (0..calls).filter(|_| rng.random::<f64>() < share).count();
        #[expect(clippy::cast_precision_loss, reason = "few calls")]
        let bad = bad as f64;
        Observation { value: bad / f64::from(calls), count: f64::from(calls) }
    }
}

fn of(bad: f64, calls: f64) -> Observation {
    Observation { value: bad / calls, count: calls }
}

fn learnt(seed: u64, calls: u32, share: f64, length: u32) -> Counts {
    let mut counts = Counts::new(CountSetting::default()).expect("valid");
    let mut minute = minutes(seed, calls, |_| share);
    (0..length).for_each(|at| {
        counts.observe(minute(at));
    });
    counts
}

#[test]
fn readings_are_powers_of_ten_of_a_healthy_channel() {
    for (calls, share) in [(20, 0.005), (40, 0.05), (300, 0.01)] {
        let mut counts = learnt(1, calls, share, 600);
        let mut minute = minutes(2, calls, |_| share);
        let readings: Vec<f64> = (0..8_000).map(|at| counts.observe(minute(at)).expect("known").oddness).collect();
        // Either of two ways: twice the stated probability at most, with a little room for chance.
        for (oddness, most) in [(1.0, 0.2), (2.0, 0.025), (3.0, 0.004)] {
            let above = readings.iter().filter(|reading| **reading >= oddness).count();
            #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
            let found = above as f64 / 8_000.0;
            assert!(found <= most, "{found} at {oddness} of {calls} calls at {share}");
        }
    }
}

#[test]
fn the_number_of_calls_decides() {
    let mut few = learnt(3, 10, 0.01, 600);
    let mut many = learnt(3, 300, 0.01, 600);
    let (one_of_ten, many_of_many) = (few.observe(of(1.0, 10.0)), many.observe(of(30.0, 300.0)));
    assert!(one_of_ten.expect("known").oddness < 1.6 && many_of_many.expect("known").oddness > 8.0);
}

#[test]
fn a_few_per_cent_for_some_minutes_are_as_odd_as_many_in_one() {
    let counts = learnt(4, 60, 0.003, 1_440);
    let once = counts.clone().observe(of(24.0, 60.0)).expect("known").oddness;
    let mut steady = counts;
    let readings: Vec<f64> = (0..5).map(|_| steady.observe(of(4.0, 60.0)).expect("known").oddness).collect();
    assert!(once > 10.0 && readings[0] < 6.0 && readings[4] > 10.0, "{once}, {readings:?}");
    // When it is over, so is the evidence.
    let after: Vec<f64> = (0..4).map(|_| steady.observe(of(0.0, 60.0)).expect("known").oddness).collect();
    assert!(after[3] < 0.1, "{after:?}");
}

#[test]
fn trouble_does_not_become_usual_and_what_stays_does() {
    let counts = learnt(5, 60, 0.005, 1_440);
    let odd = |counts: &Counts| counts.clone().judge(of(6.0, 60.0)).expect("known").oddness;
    let before = odd(&counts);
    let mut troubled = counts.clone();
    for _ in 0..30 {
        troubled.judge(of(30.0, 60.0));
        troubled.settle(false);
    }
    (0..5).for_each(|_| {
        troubled.observe(of(0.0, 60.0));
    });
    assert!(odd(&troubled) > 0.8 * before, "{} after trouble, {before} before", odd(&troubled));
    let mut changed = counts;
    let mut minute = minutes(6, 60, |_| 0.1);
    (0..600).for_each(|at| {
        changed.observe(minute(at));
    });
    assert!(odd(&changed) < 2.0, "{}", odd(&changed));
}

#[test]
fn bursts_that_are_usual_are_not_odd() {
    // Every minute has a share of its own, between nothing and a fifth.
    let bursty = |minute: u32| if minute % 7 == 3 { 0.2 } else { 0.01 };
    let mut counts = Counts::new(CountSetting::default()).expect("valid");
    let mut minute = minutes(7, 100, bursty);
    (0..1_440).for_each(|at| {
        counts.observe(minute(at));
    });
    let calm = learnt(7, 100, 0.037, 1_440);
    let odd = |counts: &Counts| counts.clone().observe(of(22.0, 100.0)).expect("known").oddness;
    assert!(odd(&counts) < 0.5 * odd(&calm), "{} of a bursty one, {}", odd(&counts), odd(&calm));
}

#[test]
fn a_channel_of_which_nothing_is_known_is_given_the_benefit_of_the_doubt() {
    let mut counts = Counts::new(CountSetting::default()).expect("valid");
    assert!(counts.clone().observe(of(1.0, 5.0)).expect("known").oddness < 1.5);
    (0..20).for_each(|_| {
        counts.observe(of(0.0, 30.0));
    });
    assert!(counts.observe(of(1.0, 30.0)).expect("known").oddness < 2.0);
}

#[test]
fn everything_is_finite_and_a_state_comes_back_bit_for_bit() {
    let odd = [0.0, 1.0, 0.5, -1.0, 1e300, f64::NAN, f64::INFINITY, 1e-300];
    let calls = [1.0, 0.0, 1e300, f64::NAN, 7.4, f64::INFINITY, -2.0];
    let mut counts = Counts::new(CountSetting::default()).expect("valid");
    for step in 0..2_000 {
        let news = Observation { value: odd[step % odd.len()], count: calls[step % calls.len()] };
        let Some(reading) = counts.judge(news) else { continue };
        counts.settle(step % 3 > 0);
        assert!((0.0..=ODDEST).contains(&reading.oddness) && reading.expected.high.is_finite(), "{reading:?}");
    }
    let saved = postcard::to_allocvec(&counts).expect("saved");
    let mut restored: Counts = postcard::from_bytes(&saved).expect("restored");
    assert_eq!(restored.observe(of(3.0, 50.0)), counts.observe(of(3.0, 50.0)));
    assert_eq!(restored, counts);
    assert!(counts.observe(Observation::of(0.5)).is_none() && counts.observe(Observation::of(f64::NAN)).is_none());
}

#[test]
fn parameters_are_checked() {
    let refused = |change: fn(&mut CountSetting)| {
        let mut setting = CountSetting::default();
        change(&mut setting);
        Counts::new(setting).expect_err("refused").parameter
    };
    assert_eq!(refused(|setting| setting.of_late = 0.0), "of_late");
    assert_eq!(refused(|setting| setting.prior_share = 1.5), "prior_share");
    assert_eq!(refused(|setting| setting.rise = f64::NAN), "rise");
}
