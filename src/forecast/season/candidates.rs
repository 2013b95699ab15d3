//! Periods worth a closer look.

use crate::forecast::season::{Candidate, LEAST_PERIOD};
use crate::stats::fft;

/// Seconds of an hour, a day and a week.
const CALENDAR_S: [u32; 3] = [3_600, 86_400, 604_800];
/// So many peaks of the periodogram are tried.
const PEAKS: usize = 8;
/// A peak holds at least this many times the mean power: white noise of some thousand steps hardly reaches it.
const PROMINENT: f64 = 8.0;
/// Autocorrelation on top of a hill that confirms a peak.
const CONFIRMS: f64 = 0.1;

/// Calendar periods of which there are two cycles, and confirmed peaks of which there are three; shortest first.
/// `values` have mean zero; of finds within 5 % of each other the strongest stays, and
/// none has more than `longest` steps.
pub fn candidates(values: &[f64], step_s: u32, longest: usize) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = CALENDAR_S
        .into_iter()
        .filter(|seconds| step_s > 0 && seconds.is_multiple_of(step_s))
        .filter_map(|seconds| usize::try_from(seconds / step_s).ok())
        .filter(|period| *period >= LEAST_PERIOD && 2 * period <= values.len())
        .map(|period| Candidate { period, calendar: true })
        .collect();
    for period in from_data(values, longest) {
        let is_known = |known: &Candidate| known.period == period || !known.calendar && is_near(known.period, period);
        if !found.iter().any(is_known) {
            found.push(Candidate { period, calendar: false });
        }
    }
    found.sort_unstable();
    found
}

/// Whether two periods are within 5 % of each other.
pub fn is_near(one: usize, other: usize) -> bool {
    one.abs_diff(other) <= one.max(other) / 20
}

/// Periods of the strongest peaks of the periodogram that lie on a hill of the autocorrelation, strongest first.
fn from_data(values: &[f64], longest: usize) -> Vec<usize> {
    let longest = longest.min(values.len() / 3);
    if longest < LEAST_PERIOD {
        return Vec::new();
    }
    let acf = fft::autocorrelation(values, longest + longest / 2);
    let power = periodogram(values);
    let size = 2 * power.len();
    #[expect(clippy::cast_precision_loss, reason = "at most some thousand steps")]
    let mean = power.iter().sum::<f64>() / power.len() as f64;
    let mut peaks: Vec<usize> = (2..power.len().saturating_sub(1))
        .filter(|k| power[*k] > PROMINENT * mean && power[*k] >= power[k - 1] && power[*k] > power[k + 1])
        .collect();
    peaks.sort_by(|a, b| power[*b].total_cmp(&power[*a]));
    let mut periods = Vec::new();
    for k in peaks.into_iter().take(PEAKS) {
        // The true period lies between those of the neighbouring frequencies.
        let (low, high) = ((size / (k + 1)).max(LEAST_PERIOD), (size / (k - 1)).min(longest));
        let top = (low..=high).max_by(|a, b| acf[*a].total_cmp(&acf[*b]));
        if let Some(top) = top.filter(|top| is_hill(&acf, *top)) {
            periods.push(top);
        }
    }
    periods
}

/// Whether the autocorrelation at `lag` is high and has fallen a quarter of a period away on both sides.
fn is_hill(acf: &[f64], lag: usize) -> bool {
    let aside = (lag / 4).max(1);
    let after = acf.get(lag + aside).copied().unwrap_or(f64::INFINITY);
    acf[lag] >= CONFIRMS && acf[lag] > acf[lag - aside] && acf[lag] > after
}

/// Power at the frequencies 0 .. n/2 of the series padded with zeros to a power of two n; gaps count as the mean.
fn periodogram(values: &[f64]) -> Vec<f64> {
    let size = values.len().next_power_of_two();
    let (mut re, mut im) = (vec![0.0; size], vec![0.0; size]);
    for (re, value) in re.iter_mut().zip(values) {
        *re = if value.is_finite() { *value } else { 0.0 };
    }
    fft::transform(&mut re, &mut im);
    re.iter().zip(&im).take(size / 2).map(|(re, im)| re * re + im * im).collect()
}
