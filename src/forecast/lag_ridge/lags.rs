//! Which lags the regression looks at.
//!
//! The cost of a fit grows with the square of their number, and neighbouring lags of a smooth series say nearly the
//! same, so there are at most about 64: all lags of two days where a day has up to 24 steps; for longer seasons the
//! recent ones, some spread over the season, and those around the season itself, whose phase may be off by a few
//! steps.

/// Longest season of which every lag up to two of them is used.
const DENSE: usize = 24;

/// Lags used for longer seasons: the recent ones and some that stand for an hour, a quarter or half of the season.
const RECENT: usize = 20;
const SPREAD: [usize; 12] = [25, 30, 40, 50, 60, 90, 120, 180, 240, 360, 480, 720];

/// Steps on either side of a long season, and of the second one.
const AROUND: usize = 4;
const BEFORE_SECOND: usize = 8;

/// Most lags without any season.
const PLAIN: usize = 48;

/// The lags for a history of `len` steps with these seasons, ascending: the richest set for which there are at least as
/// many rows as lags, else plain recent ones.
pub(super) fn choose(seasons: &[usize], len: usize) -> Vec<usize> {
    (1..=seasons.len())
        .rev()
        .map(|count| with_seasons(&seasons[..count]))
        .find(|lags| lags.last().is_some_and(|longest| longest + lags.len() <= len))
        .unwrap_or_else(|| (1..=PLAIN.min(len / 6).max(1)).collect())
}

fn with_seasons(seasons: &[usize]) -> Vec<usize> {
    let mut lags: Vec<usize> = match seasons.first() {
        Some(&first) if first <= DENSE => (1..=2 * first + 2).collect(),
        Some(&first) => {
            let spread = SPREAD.into_iter().filter(|lag| *lag < first);
            let season = first - AROUND..=first + AROUND;
            (1..=RECENT).chain(spread).chain(season).chain([2 * first]).collect()
        }
        None => Vec::new(),
    };
    if let Some(&second) = seasons.get(1) {
        lags.extend(second.saturating_sub(BEFORE_SECOND).max(1)..=second + AROUND);
    }
    lags.sort_unstable();
    lags.dedup();
    lags
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_look_two_days_and_a_week_back() {
        let lags = choose(&[24, 168], 960);
        assert_eq!(lags.len(), 63);
        assert_eq!((lags[49], lags[50], lags[62]), (50, 160, 172));
        assert_eq!(choose(&[24, 168], 200).last(), Some(&50), "too short for a week");
        assert_eq!(choose(&[24], 60), (1..=10).collect::<Vec<_>>(), "too short for two days");
        assert_eq!(choose(&[], 10_000).len(), 48);
        assert_eq!(choose(&[], 3), [1]);
    }

    #[test]
    fn minutes_have_few_lags_that_reach_a_week() {
        let lags = choose(&[1_440, 10_080], 30_000);
        assert!(lags.len() <= 64 && lags.is_sorted(), "{lags:?}");
        assert!([1, 20, 60, 1_440, 2_880, 10_080].iter().all(|lag| lags.contains(lag)));
        assert!(choose(&[25], 1_000).iter().all(|lag| *lag >= 1 && *lag <= 50));
    }
}
