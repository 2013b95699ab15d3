//! The member that knows how many calls are behind a share, with the tail of its readings.

use serde::{Deserialize, Serialize};

use crate::anomaly::counts::{CountSetting, Counts};
use crate::anomaly::fuse;
use crate::anomaly::series::member::Said;
use crate::anomaly::tail::{Tail, TailSetting};
use crate::anomaly::verdict::Vote;
use crate::anomaly::voice::Opinion;
use crate::forecast::history::Observation;
use crate::forecast::model::ParameterError;

/// Two ways to be odd make either twice as likely.
const WAYS: f64 = 2.0;

/// The detector of counts and its tail.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Share {
    counts: Counts,
    tail: Tail,
    /// The newest reading, until it is decided whether the tail learns it.
    fresh: Option<f64>,
}

impl Share {
    pub(super) const NAME: &'static str = "counts";

    pub(super) fn new(setting: CountSetting, tail: TailSetting) -> Result<Self, ParameterError> {
        Ok(Self { counts: Counts::new(setting)?, tail: Tail::new(tail)?, fresh: None })
    }

    /// What the counts say of a step, which [`Share::settle`] has them learn or not. Nothing while the tail warms up.
    pub(super) fn observe(&mut self, news: Observation) -> Said {
        let counts = self.judge(news);
        Said { opinions: [counts, None, None, None], surprise: counts.map(|it| fuse::surprise(it.vote.p)) }
    }

    /// A reading is a probability of its own already. The tail corrects it where the series is wilder than it assumes;
    /// that the series was calmer up to now makes nothing rarer.
    fn judge(&mut self, news: Observation) -> Option<Opinion> {
        self.fresh = None;
        let reading = self.counts.judge(news)?;
        self.fresh = Some(reading.oddness);
        let stated = (WAYS * 10f64.powf(-reading.oddness)).min(1.0);
        let p = self.tail.p(reading.oddness)?.max(stated);
        Some(Opinion { vote: Vote { detector: Self::NAME, p }, expected: reading.expected })
    }

    /// A step of which nothing is known.
    pub(super) fn skip(&mut self) {
        self.observe(Observation::of(f64::NAN));
    }

    /// Has the newest step learnt, as usual if it `counts`, else as trouble.
    pub(super) fn settle(&mut self, counts: bool) {
        self.counts.settle(counts);
        if let Some(size) = self.fresh.take().filter(|_| counts) {
            self.tail.learn(size);
        }
    }

    /// Takes over what `other` has learnt of readings.
    pub(super) fn take_tail(&mut self, other: Self) {
        self.tail = other.tail;
    }

    /// Fits the tail to all that it learnt.
    pub(super) fn fit(&mut self) {
        self.tail.fit();
    }
}
