//! How long it took to detect, to mitigate and to recover, and how often playbooks went well.

use serde::{Deserialize, Serialize};

use crate::domain::ids::ChannelId;
use crate::domain::time::Timestamp;
use crate::policy::healing::order::Ending;

/// A run that is over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Past {
    /// Its name.
    pub run: String,
    /// Its channel.
    pub channel: ChannelId,
    /// Its playbook.
    pub playbook: String,
    /// Why it ran.
    pub cause: String,
    /// When it began.
    pub began: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// How it ended.
    pub ending: Ending,
    /// Why it ended so.
    pub why: String,
    /// When the first sign of the trouble was seen, if that is known.
    pub first_sign: Option<Timestamp>,
    /// When calls were first kept away from the channel.
    pub mitigated: Option<Timestamp>,
    /// When what must hold began to hold, of a run that is [`Ending::Done`].
    pub recovered: Option<Timestamp>,
}

impl Past {
    fn since(&self) -> Timestamp {
        self.first_sign.unwrap_or(self.began)
    }

    /// Seconds from the first sign to the beginning of the run; `None` where no first sign is known.
    #[must_use]
    pub fn to_detect_s(&self) -> Option<f64> {
        self.first_sign.map(|sign| self.began.seconds_since(sign).max(0.0))
    }

    /// Seconds from the first sign, else from the beginning, until calls were kept away; where nothing was drained, until
    /// it recovered.
    #[must_use]
    pub fn to_mitigate_s(&self) -> Option<f64> {
        self.mitigated.or(self.recovered).map(|at| at.seconds_since(self.since()).max(0.0))
    }

    /// Seconds from the first sign, else from the beginning, until it recovered.
    #[must_use]
    pub fn to_recover_s(&self) -> Option<f64> {
        self.recovered.map(|at| at.seconds_since(self.since()).max(0.0))
    }
}

/// Spans of several runs, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Spans {
    /// The mean.
    pub mean_s: f64,
    /// The middle one; of an even number the lower of the two.
    pub median_s: f64,
    /// The longest.
    pub longest_s: f64,
}

/// What came of the runs of a playbook.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Tally {
    /// Runs that were begun and are over.
    pub runs: usize,
    /// Of these, those that went well.
    pub done: usize,
    /// Those that were taken back.
    pub rolled_back: usize,
    /// Those that a person had to see to.
    pub handed_over: usize,
    /// Those that people did not want; these count as no runs.
    pub declined: usize,
    /// Part of the runs that went well; `None` without runs.
    pub success: Option<f64>,
    /// From the first sign to the beginning of the run.
    pub to_detect: Option<Spans>,
    /// From the first sign until calls were kept away.
    pub to_mitigate: Option<Spans>,
    /// From the first sign until it was well.
    pub to_recover: Option<Spans>,
}

impl Tally {
    /// What came of `past`.
    #[must_use]
    pub fn of<'a>(past: impl Iterator<Item = &'a Past> + Clone) -> Self {
        let count = |ending| past.clone().filter(|it| it.ending == ending).count();
        let [done, rolled_back, handed_over, declined] =
            [Ending::Done, Ending::RolledBack, Ending::HandedOver, Ending::Declined].map(count);
        let runs = done + rolled_back + handed_over;
        #[expect(clippy::cast_precision_loss, reason = "counts of runs")]
        let success = (runs > 0).then(|| done as f64 / runs as f64);
        Self {
            runs,
            done,
            rolled_back,
            handed_over,
            declined,
            success,
            to_detect: spans(past.clone().filter_map(Past::to_detect_s)),
            to_mitigate: spans(past.clone().filter_map(Past::to_mitigate_s)),
            to_recover: spans(past.filter_map(Past::to_recover_s)),
        }
    }
}

fn spans(seconds: impl Iterator<Item = f64>) -> Option<Spans> {
    let mut seconds: Vec<f64> = seconds.collect();
    seconds.sort_by(f64::total_cmp);
    #[expect(clippy::cast_precision_loss, reason = "counts of runs")]
    let mean_s = seconds.iter().sum::<f64>() / seconds.len() as f64;
    let median_s = *seconds.get(seconds.len().saturating_sub(1) / 2)?;
    Some(Spans { mean_s, median_s, longest_s: *seconds.last()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_begin_with_the_first_sign_and_declined_runs_do_not_count() {
        let at = |second: i64| Timestamp::from_seconds(1_000 + second);
        let one = Past {
            run: "r".to_owned(),
            channel: ChannelId::new("eu").expect("valid"),
            playbook: "p".to_owned(),
            cause: String::new(),
            began: at(30),
            ended: at(600),
            ending: Ending::Done,
            why: String::new(),
            first_sign: Some(at(0)),
            mitigated: Some(at(31)),
            recovered: Some(at(500)),
        };
        let other =
            Past { first_sign: None, mitigated: None, recovered: None, ending: Ending::HandedOver, ..one.clone() };
        let declined = Past { ending: Ending::Declined, ..other.clone() };
        let tally = Tally::of([one, other, declined].iter());
        assert_eq!((tally.runs, tally.done, tally.handed_over, tally.declined), (2, 1, 1, 1));
        assert_eq!(tally.success, Some(0.5));
        let alone = |seconds| Some(Spans { mean_s: seconds, median_s: seconds, longest_s: seconds });
        assert_eq!((tally.to_detect, tally.to_mitigate, tally.to_recover), (alone(30.0), alone(31.0), alone(500.0)));
        assert_eq!(Tally::of([].iter()), Tally::default());
    }
}
