//! What decisions were worth: calls as they went, beside the same calls shared out evenly.
//!
//! Nobody can see what would have come without decisions. The yardstick is what a gateway does that decides nothing: in every
//! minute the same number of calls of a route class is split evenly over the channels of the class, and each channel harms
//! them (fails, or is slower than promised) and charges for them as it did for the calls that it had in that minute. Where it
//! had fewer than [`ENOUGH`], the calls of the minutes around are taken in, one more on either side until there are enough, up
//! to [`REACH`] minutes away. Where a channel had no call at all in reach, nothing is known of what it would have done, and the
//! minute stands outside of every comparison.
//!
//! What this assumes: that a channel is no better or worse for carrying another load. A channel that was spared because it
//! was near its limit would have done worse than this says; one that was overrun with the calls of others, better. And a
//! channel in trouble that was left alone is judged by the few calls that still tried it, blurred by those around them.
//!
//! Samples do not tell of which class a call was, so the calls of a channel count in equal parts for every class that it serves.

use std::ops::{AddAssign, Range};

use serde::{Deserialize, Serialize};

use crate::domain::tally::Tally;

/// Calls that tell what a channel does to calls: with fewer, the minutes around are taken in.
pub const ENOUGH: u64 = 10;
/// How many minutes on either side are taken in at most.
pub const REACH: u32 = 30;

/// One channel of a route class, minute by minute.
#[derive(Debug, Clone, Copy)]
pub struct Lane<'t> {
    /// What it did in each minute; `None` where nobody watched.
    pub tallies: &'t [Option<Tally>],
    /// How many classes it serves, this one included.
    pub classes: u32,
}

/// Calls beside the yardstick, of one minute or of many: all parts add up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Worth {
    /// Calls.
    pub calls: f64,
    /// Calls that failed or were slower than promised.
    pub harmed: f64,
    /// Money spent, in USD, as far as it is known.
    pub usd: f64,
    /// Of minutes for which the yardstick is known, what callers felt.
    pub felt: Felt,
    /// Of minutes for which it is known also in money, what was paid.
    pub paid: Paid,
}

/// What callers felt, on both sides.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Felt {
    /// Calls.
    pub calls: f64,
    /// Calls that were harmed.
    pub harmed: f64,
    /// Calls that even shares would have harmed.
    pub even: f64,
}

/// What was paid, on both sides.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Paid {
    /// Calls.
    pub calls: f64,
    /// USD.
    pub usd: f64,
    /// USD that even shares would have cost.
    pub even_usd: f64,
}

impl Worth {
    /// Share of all calls that lie in minutes for which the yardstick is known, 0 ..= 1; `None` without calls.
    #[must_use]
    pub fn known(&self) -> Option<f64> {
        ratio(self.felt.calls, self.calls)
    }

    /// Share of calls that were harmed; `None` without calls.
    #[must_use]
    pub fn harmed_ratio(&self) -> Option<f64> {
        ratio(self.harmed, self.calls)
    }

    /// Share of calls that even shares would have harmed; `None` where that is not known.
    #[must_use]
    pub fn even_ratio(&self) -> Option<f64> {
        ratio(self.felt.even, self.felt.calls)
    }

    /// Calls that decisions kept from harm; below 0 if even shares would have harmed fewer. `None` where that is not known.
    #[must_use]
    pub fn avoided(&self) -> Option<f64> {
        (self.felt.calls > 0.0).then_some(self.felt.even - self.felt.harmed)
    }

    /// USD that decisions saved; below 0 if even shares would have cost less. `None` where that is not known.
    #[must_use]
    pub fn saved_usd(&self) -> Option<f64> {
        (self.paid.calls > 0.0).then_some(self.paid.even_usd - self.paid.usd)
    }

    /// What the harmed calls that were avoided would have cost by even shares: USD that were not spent in vain.
    #[must_use]
    pub fn avoided_usd(&self) -> Option<f64> {
        Some(self.avoided()? * ratio(self.paid.even_usd, self.paid.calls)?)
    }
}

impl AddAssign for Worth {
    fn add_assign(&mut self, other: Self) {
        self.calls += other.calls;
        self.harmed += other.harmed;
        self.usd += other.usd;
        self.felt.calls += other.felt.calls;
        self.felt.harmed += other.felt.harmed;
        self.felt.even += other.felt.even;
        self.paid.calls += other.paid.calls;
        self.paid.usd += other.paid.usd;
        self.paid.even_usd += other.paid.even_usd;
    }
}

fn ratio(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}

/// The worth of each of the `minutes` of one class with these `lanes`, which begin together; what lies around `minutes` in the
/// lanes is looked at where a minute alone says too little.
#[must_use]
pub fn worth(lanes: &[Lane<'_>], minutes: Range<usize>) -> Vec<Worth> {
    let courses: Vec<Course> = lanes.iter().map(Course::of).collect();
    minutes.map(|minute| of_minute(&courses, minute)).collect()
}

fn of_minute(courses: &[Course], minute: usize) -> Worth {
    let mut of = Worth::default();
    let mut is_priced = true;
    for course in courses {
        let own = course.between(minute, minute + 1);
        of.calls += own.calls * course.part;
        of.harmed += own.harmed * course.part;
        of.usd += own.usd * course.part;
        is_priced &= own.priced >= own.calls;
    }
    if of.calls <= 0.0 {
        return of;
    }
    #[expect(clippy::cast_precision_loss, reason = "channels of a class")]
    let each = of.calls / courses.len().max(1) as f64;
    let rates: Option<Vec<Rate>> = courses.iter().map(|course| course.rate(minute)).collect();
    let Some(rates) = rates else { return of };
    let even = rates.iter().map(|rate| rate.harmed * each).sum();
    of.felt = Felt { calls: of.calls, harmed: of.harmed, even };
    let usd: Option<f64> = rates.iter().map(|rate| rate.usd.map(|usd| usd * each)).sum();
    if let Some(even_usd) = usd.filter(|_| is_priced) {
        of.paid = Paid { calls: of.calls, usd: of.usd, even_usd };
    }
    of
}

/// What a channel does to one call.
#[derive(Debug, Clone, Copy)]
struct Rate {
    harmed: f64,
    usd: Option<f64>,
}

/// Counts of some minutes.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    calls: f64,
    harmed: f64,
    /// Calls in minutes whose cost is known.
    priced: f64,
    usd: f64,
}

/// One channel, with sums from the beginning up to each minute: those of any window are a difference.
struct Course {
    sums: Vec<Sums>,
    /// Part of its calls that counts for the class.
    part: f64,
}

impl Course {
    fn of(lane: &Lane<'_>) -> Self {
        let mut sum = Sums::default();
        let mut sums = Vec::with_capacity(lane.tallies.len() + 1);
        sums.push(sum);
        for tally in lane.tallies {
            if let Some(tally) = tally {
                #[expect(clippy::cast_precision_loss, reason = "calls of some days are far below 2^52")]
                let (calls, harmed) = (tally.calls as f64, tally.harmed().min(tally.calls) as f64);
                sum.calls += calls;
                sum.harmed += harmed;
                if let Some(cost) = tally.cost {
                    sum.priced += calls;
                    sum.usd += cost.usd();
                }
            }
            sums.push(sum);
        }
        Self { sums, part: 1.0 / f64::from(lane.classes.max(1)) }
    }

    /// What lies in `[from, to)`, as far as there are such minutes.
    fn between(&self, from: usize, to: usize) -> Sums {
        let at = |minute: usize| self.sums.get(minute).or(self.sums.last()).copied().unwrap_or_default();
        let (before, after) = (at(from), at(to));
        Sums {
            calls: after.calls - before.calls,
            harmed: after.harmed - before.harmed,
            priced: after.priced - before.priced,
            // Sums of floats are not exact: what cost nothing does not cost less.
            usd: (after.usd - before.usd).max(0.0),
        }
    }

    /// What it does to a call in `minute`; `None` if it had none in reach.
    #[expect(clippy::cast_precision_loss, reason = "a handful of calls")]
    fn rate(&self, minute: usize) -> Option<Rate> {
        let around = |reach: usize| self.between(minute.saturating_sub(reach), minute + reach + 1);
        let reach = (0..=REACH as usize).find(|&reach| around(reach).calls >= ENOUGH as f64).unwrap_or(REACH as usize);
        let Sums { calls, harmed, priced, usd } = around(reach);
        let harmed = ratio(harmed, calls)?;
        Some(Rate { harmed, usd: ratio(usd, priced) })
    }
}

#[cfg(test)]
mod tests;
