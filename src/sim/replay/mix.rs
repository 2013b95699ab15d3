//! Mixes of up to three channels on a grid: few enough to try all of them, fine enough to compare with.

/// Steps of a pair's shares, and of a triple's.
const PAIR: u32 = 20;
const TRIPLE: u32 = 10;

/// Channels with their shares, which add up to 1.
pub type Mix = Vec<(usize, f64)>;

/// Every single one of `channels`, every pair by twentieths and every triple by tenths.
#[must_use]
pub fn mixes(channels: &[usize]) -> Vec<Mix> {
    let part = |of: u32, steps: u32| f64::from(of) / f64::from(steps);
    let mut all: Vec<Mix> = channels.iter().map(|channel| vec![(*channel, 1.0)]).collect();
    for (at, one) in channels.iter().enumerate() {
        for (next, two) in channels.iter().enumerate().skip(at + 1) {
            all.extend((1..PAIR).map(|n| vec![(*one, part(n, PAIR)), (*two, part(PAIR - n, PAIR))]));
            for three in channels.iter().skip(next + 1) {
                let pairs = (1..TRIPLE - 1).flat_map(|n| (1..TRIPLE - n).map(move |m| (n, m)));
                let share = |n| part(n, TRIPLE);
                all.extend(
                    pairs.map(|(n, m)| vec![(*one, share(n)), (*two, share(m)), (*three, share(TRIPLE - n - m))]),
                );
            }
        }
    }
    all
}

/// The mix as shares of all `channels` of a scene.
#[must_use]
pub fn spread(mix: &Mix, channels: usize) -> Vec<f64> {
    let share = |channel| mix.iter().find(|(of, _)| *of == channel).map_or(0.0, |(_, share)| *share);
    (0..channels).map(share).collect()
}

/// What a mix does to its callers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Worth {
    /// By how much promises are broken, each as a part of itself; 0 if they are kept.
    pub broken: f64,
    /// Share of calls that fail or are slow.
    pub harm: f64,
    /// USD of a call.
    pub cost_usd: f64,
}

/// The index of the mix that keeps the promises for least; if none does, of the one that breaks them least.
#[must_use]
pub fn cheapest(worth: &[Worth]) -> Option<usize> {
    best(worth, |worth| (worth.broken, worth.cost_usd))
}

/// The index of the mix that harms least.
#[must_use]
pub fn gentlest(worth: &[Worth]) -> Option<usize> {
    best(worth, |worth| (worth.harm, worth.cost_usd))
}

fn best(worth: &[Worth], key: impl Fn(&Worth) -> (f64, f64)) -> Option<usize> {
    let order = |a: &Worth, b: &Worth| {
        let ((a1, a2), (b1, b2)) = (key(a), key(b));
        a1.total_cmp(&b1).then(a2.total_cmp(&b2))
    };
    worth.iter().enumerate().min_by(|(_, a), (_, b)| order(a, b)).map(|(at, _)| at)
}

/// By how much `value` exceeds `most`, as a part of it.
#[must_use]
pub fn excess(value: f64, most: f64) -> f64 {
    ((value - most) / most.max(1e-3)).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mixes_are_all_there_and_whole() {
        let all = mixes(&[0, 2, 5, 7]);
        assert_eq!(all.len(), 4 + 6 * 19 + 4 * 36);
        let sum = |mix: &Mix| mix.iter().map(|(_, share)| share).sum::<f64>();
        assert!(all.iter().all(|mix| (sum(mix) - 1.0).abs() < 1e-12 && mix.iter().all(|(_, share)| *share > 0.0)));
        assert_eq!(spread(&vec![(2, 0.25), (0, 0.75)], 4), [0.75, 0.0, 0.25, 0.0]);
    }

    #[test]
    fn promises_come_before_cost() {
        let worth = |broken, harm, cost_usd| Worth { broken, harm, cost_usd };
        let all = [worth(0.0, 0.02, 3.0), worth(0.5, 0.2, 1.0), worth(0.0, 0.04, 2.0)];
        assert_eq!((cheapest(&all), gentlest(&all)), (Some(2), Some(0)));
        assert_eq!(cheapest(&[worth(0.5, 0.2, 1.0), worth(0.4, 0.3, 9.0)]), Some(1));
        assert!((excess(0.06, 0.05) - 0.2).abs() < 1e-9 && excess(0.01, 0.05) == 0.0);
    }
}
