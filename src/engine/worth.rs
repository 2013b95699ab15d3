//! What decisions were worth, minute by minute: the yardstick ([`crate::policy::worth`]) over the store.
//!
//! A minute whose neighbours within reach are sealed never changes, so its worth is kept, for a month; the newest ones are
//! measured again every minute. What a question misses is read in stretches of some hours, and a task keeps up with the last
//! day, so that whoever asks finds it there.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::domain::ids::ChannelId;
use crate::domain::tally::Slow;
use crate::domain::time::{MINUTES_PER_DAY, Minute, Timestamp};
use crate::engine::machine::Class;
use crate::engine::tasks::wait;
use crate::engine::{Engine, Settings, View};
use crate::policy::worth::{Lane, REACH, Worth, worth};
use crate::report::facts::ClassWorth;
use crate::store::query::{self, QueryError, TallyQuery};

/// Minutes that are read at once.
const STRETCH: u32 = 360;
/// Minutes that are kept: 31 days.
const KEPT: u32 = 31 * MINUTES_PER_DAY;
/// Seconds between two looks of the task.
const EVERY_S: i64 = 120;

/// What was measured.
#[derive(Debug, Default)]
pub(super) struct Measured(Mutex<BTreeMap<String, Course>>);

/// One route class.
#[derive(Debug, Default)]
struct Course {
    /// Minutes that do not change any more.
    settled: BTreeMap<Minute, Worth>,
    /// The newest minutes as they were in one of them, from its first one on.
    newest: Option<(Minute, Minute, Vec<Worth>)>,
}

/// A route class as the yardstick needs it.
#[derive(Debug, Clone)]
pub struct Measure {
    class: String,
    channels: Vec<ChannelId>,
    slow: Option<Slow>,
    /// How many classes each channel serves.
    serves: Vec<u32>,
}

impl Measure {
    /// Every class that something is decided about, or promised to.
    #[must_use]
    pub fn all(settings: &Settings) -> Vec<Self> {
        let decided =
            settings.decide.as_ref().map(|decide| decide.book.routes.iter().map(|route| &route.class).collect());
        let promised = || settings.detect.as_ref().map(|detect| detect.book.classes.iter().collect());
        let classes: Vec<&Class> = decided.or_else(promised).unwrap_or_default();
        let serves = |channel: &ChannelId| {
            let count = classes.iter().filter(|class| class.channels.contains(channel)).count();
            u32::try_from(count).unwrap_or(u32::MAX)
        };
        let measure = |class: &&Class| Self {
            class: class.name.clone(),
            channels: class.channels.iter().cloned().collect(),
            slow: class.slow(),
            serves: class.channels.iter().map(serves).collect(),
        };
        classes.iter().map(measure).collect()
    }

    /// The name of the class.
    #[must_use]
    pub fn class(&self) -> &str {
        &self.class
    }

    /// The worth of each of `minutes` as `view` shows them, which must reach [`REACH`] minutes further on both sides.
    ///
    /// # Errors
    /// [`QueryError`].
    pub fn read(&self, view: &View, minutes: Range<Minute>) -> Result<Vec<Worth>, QueryError> {
        let (from, to) = (minutes.start.minus(REACH), minutes.end.plus(REACH));
        let query = TallyQuery { channels: &self.channels, from, to, slow: self.slow };
        let tallies = query::tallies(&view.snapshot, &view.fresh, &query)?;
        let lanes = tallies.iter().zip(&self.serves).map(|(tallies, &classes)| Lane { tallies, classes });
        let wanted = (minutes.start.0 - from.0) as usize..(minutes.end.0 - from.0) as usize;
        Ok(worth(&lanes.collect::<Vec<_>>(), wanted))
    }
}

impl Measured {
    /// Kept minutes are each put there whole.
    fn courses(&self) -> MutexGuard<'_, BTreeMap<String, Course>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine {
    /// What the decisions of `[from, to)` were worth, by route class in the order of the configuration. Blocks, the first time
    /// for long spans of many channels for seconds.
    ///
    /// # Errors
    /// [`QueryError`].
    pub fn worth(&self, from: Minute, to: Minute) -> Result<Vec<ClassWorth>, QueryError> {
        let measures = Measure::all(self.settings());
        measures.iter().map(|measure| self.worth_of(measure, from, to)).collect()
    }

    fn worth_of(&self, measure: &Measure, from: Minute, to: Minute) -> Result<ClassWorth, QueryError> {
        let now = self.clock().now();
        let to = to.min(now.minute().plus(1));
        let settled = self.settled(now).clamp(from, to.max(from));
        let mut sum = Worth::default();
        for (minute, worth) in self.settled_worth(measure, from, settled)? {
            debug_assert!(minute < settled);
            sum += worth;
        }
        for worth in self.newest_worth(measure, settled, to, now.minute())? {
            sum += worth;
        }
        Ok(ClassWorth { class: measure.class.clone(), worth: sum })
    }

    /// The first minute that may still change at `now`, or whose neighbours may.
    fn settled(&self, now: Timestamp) -> Minute {
        now.plus_seconds(-self.settings().late_window_s - 60).minute().minus(REACH)
    }

    /// The minutes of `[from, to)`, all settled, that have a worth.
    pub(super) fn settled_worth(
        &self,
        measure: &Measure,
        from: Minute,
        to: Minute,
    ) -> Result<Vec<(Minute, Worth)>, QueryError> {
        let read = |missing: Range<Minute>| {
            let view = self.view(None, missing.start.minus(REACH), missing.end.plus(REACH));
            measure.read(&view, missing)
        };
        // Nobody reads the same stretch twice at once.
        let mut courses = self.0.measured.courses();
        let course = courses.entry(measure.class.clone()).or_default();
        let mut next = from;
        while next < to {
            if course.settled.contains_key(&next) {
                next = next.plus(1);
                continue;
            }
            let end =
                course.settled.range(next..).next().map_or(to, |(known, _)| (*known).min(to)).min(next.plus(STRETCH));
            course.settled.extend((next.0..).map(Minute).zip(read(next..end)?));
            next = end;
        }
        let found = course.settled.range(from..to).map(|(minute, worth)| (*minute, *worth)).collect();
        let oldest = self.clock().now().minute().minus(KEPT);
        course.settled = course.settled.split_off(&oldest.min(from));
        Ok(found)
    }

    /// The minutes of `[from, to)`, which may still change.
    fn newest_worth(&self, measure: &Measure, from: Minute, to: Minute, now: Minute) -> Result<Vec<Worth>, QueryError> {
        if from >= to {
            return Ok(Vec::new());
        }
        let mut courses = self.0.measured.courses();
        let course = courses.entry(measure.class.clone()).or_default();
        let known = course.newest.as_ref().filter(|(at, first, worth)| {
            *at == now && *first <= from && first.0 as usize + worth.len() >= to.0 as usize
        });
        if known.is_none() {
            let first = self.settled(self.clock().now()).min(from);
            let view = self.view(None, first.minus(REACH), to.plus(REACH));
            course.newest = Some((now, first, measure.read(&view, first..to)?));
        }
        let (first, worth) =
            course.newest.as_ref().map(|(_, first, worth)| (*first, worth.as_slice())).unwrap_or_default();
        let wanted = (from.0 - first.0) as usize..(to.0 - first.0) as usize;
        Ok(worth.get(wanted).unwrap_or_default().to_vec())
    }
}

/// Keeps up with the last day, so that nobody waits for it.
pub(super) async fn measuring(engine: Engine, mut stop: watch::Receiver<bool>) {
    loop {
        let measuring = engine.clone();
        let done = tokio::task::spawn_blocking(move || {
            let to = measuring.clock().now().minute().plus(1);
            measuring.worth(to.minus(MINUTES_PER_DAY), to).map(drop)
        });
        if let Ok(Err(error)) = done.await {
            tracing::warn!(%error, "what decisions were worth could not be measured; it will be tried again");
        }
        let next = engine.clock().now().plus_seconds(EVERY_S);
        if !wait(&engine, next, &mut stop).await {
            return;
        }
    }
}
