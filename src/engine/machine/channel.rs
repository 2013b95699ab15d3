//! One channel: its detectors, its incidents, its usual traffic.

use serde::{Deserialize, Serialize};

use crate::anomaly::channel::{ChannelDetector, ChannelMinute, Judgement};
use crate::anomaly::features::TARGETS;
use crate::anomaly::verdict::Verdict;
use crate::domain::ids::ChannelId;
use crate::domain::sample::Sample;
use crate::domain::target::Target;
use crate::domain::time::{Minute, Timestamp};
use crate::engine::machine::Heard;
use crate::engine::machine::pools::Sibling;
use crate::engine::machine::rulebook::{LEVELS, Rulebook};
use crate::forecast::history::Observation;
use crate::incident::change::Change;
use crate::incident::kind::Kind;
use crate::incident::severity::Harm;
use crate::incident::watch::{Report, Watch};

/// Quantiles that were forecast of a minute, for each of [`Target::ALL`] at the levels of [`LEVELS`].
pub type Expected = [Option<[f64; LEVELS.len()]>; TARGETS];

/// Detectors that saw nothing for longer begin anew: a month of gaps says nothing about the next day.
const LONGEST_GAP: u32 = 43_200;
/// Weight of a minute in the usual share of traffic: a few hours.
const SHARE_RATE: f64 = 1.0 / 240.0;

/// Everything that is known of one channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Channel {
    /// The minute that the detectors wait for.
    next: Option<Minute>,
    detector: ChannelDetector,
    pub(super) watch: Watch,
    /// Usual share of all calls; `None` before the first minute with calls.
    share: Option<f64>,
}

impl Channel {
    pub(super) fn new(book: &Rulebook, name: &ChannelId) -> Option<Self> {
        let place = book.topology.place(name).cloned().unwrap_or_default();
        Some(Self { next: None, detector: book.detector(name)?, watch: Watch::new(name.clone(), place), share: None })
    }

    /// Learns a minute of the past.
    pub(super) fn learn(&mut self, book: &Rulebook, sample: &Sample) {
        let heard = Heard { sample: Some(sample.clone()), ..Heard::default() };
        self.judge(book, &sample.channel, sample.minute, &heard, None);
    }

    /// What is said of `minute`.
    pub(super) fn judge(
        &mut self,
        book: &Rulebook,
        name: &ChannelId,
        minute: Minute,
        heard: &Heard,
        peers: Option<&Sibling>,
    ) -> Judgement {
        let next = *self.next.get_or_insert(minute);
        let gap = minute.0.saturating_sub(next.0);
        if gap > LONGEST_GAP {
            if let Some(fresh) = book.detector(name) {
                self.detector = fresh;
            }
        } else {
            for skipped in next.0..minute.0 {
                self.step(book, name, Minute(skipped), &Heard::default(), None);
            }
        }
        self.next = Some(minute.plus(1).max(next));
        if minute < next {
            return Judgement { verdicts: Vec::new(), surprises: [f64::NAN; TARGETS] };
        }
        self.step(book, name, minute, heard, peers)
    }

    fn step(
        &mut self,
        book: &Rulebook,
        name: &ChannelId,
        minute: Minute,
        heard: &Heard,
        peers: Option<&Sibling>,
    ) -> Judgement {
        let controls = book.controls.of(name);
        let forecast: [Option<&[f64]>; TARGETS] = std::array::from_fn(|slot| {
            let row = heard.expected.as_ref().and_then(|expected| expected.get(slot))?;
            row.as_ref().map(<[f64; LEVELS.len()]>::as_slice)
        });
        let nobody: Sibling = [None; TARGETS];
        let minute = ChannelMinute {
            at: minute.start(),
            values: &values(heard.sample.as_ref()),
            forecast: &forecast,
            peers: peers.unwrap_or(&nobody),
            controls,
            in_trouble: self.watch.open().next().is_some(),
        };
        self.detector.observe(&book.forecasts, &minute)
    }

    /// What the minute did to callers, where `all` is how many calls there were on all channels.
    pub(super) fn harm(&mut self, book: &Rulebook, name: &ChannelId, sample: Option<&Sample>, all: u64) -> Harm {
        let requests = sample.map_or(0, |sample| sample.counts.requests);
        if requests > 0 {
            let now = ratio(requests, all);
            let usual = self.share.get_or_insert(now);
            *usual += (now - *usual) * SHARE_RATE;
        }
        let traffic_share = if requests > 0 { ratio(requests, all) } else { self.share.unwrap_or(f64::NAN) };
        let (error_limit, latency_ratio) = book.limits(name, sample);
        let errors = sample.map_or(0, |sample| sample.counts.errors);
        let error_ratio = if requests > 0 { ratio(errors, requests) } else { f64::NAN };
        Harm { error_ratio, error_limit, latency_ratio, traffic_share }
    }

    /// What that means for incidents. Traffic that `is_moved` by decisions, and what it costs, is no sign of trouble.
    pub(super) fn conclude(
        &mut self,
        book: &Rulebook,
        now: Timestamp,
        (minute, is_moved): (Minute, bool),
        verdicts: &[(Target, Verdict)],
        harm: Harm,
    ) -> Vec<Change> {
        let column = |(target, verdict): &(Target, Verdict)| {
            let is_ours = is_moved && matches!(Kind::of_column(target.name()), Kind::Traffic | Kind::Cost);
            (target.name(), Verdict { anomaly: verdict.anomaly && !is_ours, ..verdict.clone() })
        };
        let columns: Vec<(&str, Verdict)> = verdicts.iter().map(column).collect();
        self.watch.observe(&book.rules, now, &Report { minute, columns: &columns, harm })
    }
}

/// What `sample` says of every column.
pub(super) fn values(sample: Option<&Sample>) -> [Observation; TARGETS] {
    Target::ALL.map(|target| match sample {
        Some(sample) => {
            let (value, count) = target.observe(sample);
            Observation { value, count }
        }
        None => Observation::of(f64::NAN),
    })
}

#[expect(clippy::cast_precision_loss, reason = "calls of a minute")]
fn ratio(part: u64, whole: u64) -> f64 {
    part as f64 / whole.max(1) as f64
}
