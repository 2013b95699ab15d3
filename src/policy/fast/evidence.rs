//! How much speaks for a fault: calls in a row, and a cumulative sum of likelihood ratios.
//!
//! Each call adds the logarithm of how much likelier it is under a fault than under the usual share of bad calls; the sum
//! never falls below zero (the Bernoulli CUSUM; Page, Biometrika 41, 1954; Reynolds and Stoumbos, Journal of Quality
//! Technology 31, 1999). What it holds is therefore the exact counts of a window which begins where they speak most for
//! a fault. A tail probability over windows of fixed length is the obvious alternative, and worse: a window of seconds sees
//! too few calls of a quiet channel, and on a busy one the calls before the fault dilute those since. Of all rules
//! with as many false alarms this sum has the shortest worst mean delay (Moustakides, Annals of Statistics 14, 1986), it
//! does not depend on how fast calls come, and a call costs an addition.
//!
//! The sum has its minimum volume built in: with the default settings five bad calls at least. Beside it runs the count of
//! bad calls in a row, which is the same sum for a fault that spares no call.
//!
//! Throttled calls count half in both: a channel that refuses is well, and says so. So do calls that just miss their limit.

use serde::{Deserialize, Serialize};

use crate::policy::fast::setting::Suspect;

/// Largest share of bad calls that is taken as usual: beyond, nothing could be told from it.
const LARGEST_USUAL: f64 = 0.5;
/// How many times the usual share a fault has at least.
const TIMES: f64 = 2.5;
/// How unlikely so many bad calls in a row must be under the usual share, as a logarithm: one in a million. At ten calls
/// a second such a row begins once a day.
const RUN_LINE: f64 = 14.0;
/// Largest share that is looked for, so that a good call is never impossible.
const LARGEST_FAULT: f64 = 0.95;

/// What a call is worth as evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Weight {
    /// It went well.
    Good,
    /// It was refused, or just missed its limit.
    Half,
    /// It was bad.
    Bad,
}

impl Weight {
    /// As halves of a bad call.
    const fn halves(self) -> u32 {
        match self {
            Self::Good => 0,
            Self::Half => 1,
            Self::Bad => 2,
        }
    }
}

/// What good and bad calls add, given what is usual.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Steps {
    good: f64,
    bad: f64,
    /// Halves of bad calls in a row that trip.
    run: u32,
    /// The share of bad calls taken as usual.
    usual: f64,
}

impl Steps {
    /// The steps for a channel of which the share `usual` of calls is bad.
    #[must_use]
    pub fn new(suspect: &Suspect, usual: f64) -> Self {
        let usual = usual.max(suspect.floor).min(LARGEST_USUAL);
        let fault = suspect.fault.max(TIMES * usual).min(LARGEST_FAULT);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small and positive")]
        let run = (RUN_LINE / -usual.ln()).ceil() as u32;
        Self {
            good: ((1.0 - fault) / (1.0 - usual)).ln(),
            bad: (fault / usual).ln(),
            run: 2 * run.max(suspect.run),
            usual,
        }
    }
}

/// How evidence crossed the line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Finding {
    /// Whether calls in a row did it.
    pub in_a_row: bool,
    /// Whether most of it were half bad calls: refusals, where calls that fail are looked for.
    pub is_mild: bool,
    /// The share of calls that was bad since it began, 0 to 1, half bad ones included.
    pub share: f64,
    /// The share taken as usual.
    pub usual: f64,
}

impl Finding {
    /// What is found where no call ends at all.
    #[must_use]
    pub fn of_stall(suspect: &Suspect) -> Self {
        Self { in_a_row: true, is_mild: false, share: 1.0, usual: suspect.floor }
    }
}

/// Evidence for a fault.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    sum: f64,
    /// Calls since the sum was last zero, and the bad and half bad ones among them.
    calls: u32,
    bad: u32,
    mild: u32,
    /// Halves of bad calls in a row.
    run: u32,
}

impl Evidence {
    /// Evidence that begins halfway to `line`, so that a fault which is not over is found in half the time; a channel that
    /// is well wears it off (the head start of Lucas and Crosier, Technometrics 24, 1982).
    #[must_use]
    pub fn halfway(line: f64) -> Self {
        Self { sum: line / 2.0, ..Self::default() }
    }

    /// Whether so much speaks for a fault that its calls are not learnt as usual.
    #[must_use]
    pub fn is_strong(&self, line: f64) -> bool {
        self.sum > line / 2.0
    }

    /// Hears a call; a finding if there is enough to trip.
    pub fn hear(&mut self, weight: Weight, steps: &Steps, line: f64) -> Option<Finding> {
        let halves = weight.halves();
        self.sum = (self.sum + steps.good + f64::from(halves) / 2.0 * (steps.bad - steps.good)).max(0.0);
        self.run = if halves == 0 { 0 } else { self.run.saturating_add(halves) };
        if self.sum <= 0.0 {
            (self.calls, self.bad, self.mild) = (0, 0, 0);
            return None;
        }
        self.calls = self.calls.saturating_add(1);
        self.bad = self.bad.saturating_add(u32::from(weight == Weight::Bad));
        self.mild = self.mild.saturating_add(u32::from(weight == Weight::Half));
        let in_a_row = self.run >= steps.run;
        let trips = halves > 0 && (in_a_row || self.sum >= line);
        trips.then(|| Finding {
            in_a_row,
            is_mild: self.mild > self.bad,
            share: f64::from(self.bad.saturating_add(self.mild)) / f64::from(self.calls),
            usual: steps.usual,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::fast::setting::LaneSetting;

    fn until_found(calls: &[Weight]) -> Option<(usize, Finding)> {
        let setting = LaneSetting::default();
        let steps = Steps::new(&setting.failing, 0.0);
        let mut evidence = Evidence::default();
        calls.iter().enumerate().find_map(|(count, weight)| {
            evidence.hear(*weight, &steps, setting.line).map(|finding| (count + 1, finding))
        })
    }

    #[test]
    fn five_failures_in_a_row_or_twice_as_many_half_bad_ones() {
        let (calls, finding) = until_found(&[Weight::Bad; 10]).expect("found");
        assert_eq!((calls, finding.in_a_row, finding.is_mild), (5, true, false));
        let (calls, finding) = until_found(&[Weight::Half; 20]).expect("found");
        assert_eq!((calls, finding.in_a_row, finding.is_mild), (10, true, true));
        assert!((finding.share - 1.0).abs() < 1e-12);
    }

    /// Python 3 with numpy 2.4.6: `s = max(0, s + good + v * (bad - good))` over the calls below, with
    /// `good = np.log(0.6 / 0.965)` and `bad = np.log(0.4 / 0.035)`, half bad calls counting 0.5.
    #[test]
    fn the_sum_is_that_of_numpy() {
        let calls = [0, 2, 0, 0, 1, 2, 0, 2, 0, 0, 0, 2, 1, 0, 2];
        let expected = [
            0.0,
            2.436_116_485_619,
            1.960_918_039_496,
            1.485_719_593_373,
            2.466_178_613_121,
            4.902_295_098_739,
            4.427_096_652_616,
            6.863_213_138_235,
            6.388_014_692_112,
            5.912_816_245_989,
            5.437_617_799_867,
            7.873_734_285_485,
            8.854_193_305_233,
            8.378_994_859_110,
            10.815_111_344_729,
        ];
        let setting = LaneSetting::default();
        let steps = Steps::new(&Suspect { floor: 0.035, fault: 0.4, run: 5 }, 0.0);
        let mut evidence = Evidence::default();
        for (halves, expected) in calls.into_iter().zip(expected) {
            let weight = [Weight::Good, Weight::Half, Weight::Bad][halves];
            assert_eq!(evidence.hear(weight, &steps, setting.line), None);
            assert!((evidence.sum - expected).abs() < 1e-9, "{} {expected}", evidence.sum);
        }
        assert!(evidence.hear(Weight::Bad, &steps, setting.line).is_some_and(|finding| !finding.in_a_row));
    }

    #[test]
    fn every_third_call_is_found_and_every_twentieth_is_not() {
        let every = |n: usize| (0..3_000).map(move |call| if call % n == 0 { Weight::Bad } else { Weight::Good });
        let (calls, finding) = until_found(&every(3).collect::<Vec<_>>()).expect("found");
        assert!(calls <= 30 && !finding.in_a_row, "{calls} {finding:?}");
        assert!(until_found(&every(20).collect::<Vec<_>>()).is_none());
    }

    #[test]
    fn more_is_needed_where_more_is_usual() {
        let setting = LaneSetting::default();
        let runs = [0.0, 0.05, 0.1, 0.3, 1.0, f64::NAN].map(|usual| Steps::new(&setting.failing, usual).run / 2);
        assert_eq!(runs, [5, 5, 7, 12, 21, 5]);
    }
}
