//! Why a plan is as it is: typed, and in plain words.

use serde::{Deserialize, Serialize};

use crate::domain::ids::ChannelId;
use crate::incident::severity::Severity;
use crate::policy::input::TripReason;

mod words;

/// Everything that shaped a plan.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// What shaped it, the weightiest first.
    pub reasons: Vec<Reason>,
    /// Constraints of the programme that hold with equality.
    pub binding: Vec<Binding>,
}

/// A constraint that a cheaper mix would break.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Binding {
    /// No more calls may be slow.
    Slow,
    /// No more calls may fail.
    Failing,
    /// No more risk is taken.
    Risk,
    /// No more may be spent.
    Budget,
    /// The channel has no more room.
    Room {
        /// The channel.
        channel: ChannelId,
    },
}

/// One thing that shaped a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Nothing was changed.
    Nothing {
        /// Because of this.
        because: Because,
    },
    /// A channel is kept out, but for single calls.
    Rejected {
        /// The channel.
        channel: ChannelId,
        /// Because of this.
        because: Because,
    },
    /// Calls are moved from one channel to others.
    Moved {
        /// The channel that loses or wins most.
        channel: ChannelId,
        /// Its share before.
        from: f64,
        /// Its share by the plan.
        to: f64,
        /// Because of this.
        because: Because,
    },
    /// A channel gets only what is needed to know it.
    Spared {
        /// The channel.
        channel: ChannelId,
        /// Because of this.
        because: Because,
    },
    /// The change is made in steps, and this is not the last one.
    Step {
        /// The part of the calls that moves now.
        part: f64,
        /// The part that is still to move.
        left: f64,
    },
    /// Nobody is fit to serve: the least bad ones do.
    LeastBad,
    /// The plan had a fault and is not adopted.
    Refused {
        /// The first fault.
        fault: String,
    },
    /// A promise cannot be kept by any mix; this is the least bad one.
    Broken {
        /// The promise.
        promise: Binding,
        /// The share or the USD by which it is missed.
        by: f64,
    },
}

/// A cause.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Because {
    /// The mix is as good as it can be.
    Optimal,
    /// The gain is not worth a change.
    TooSmall {
        /// The part of the calls that would have moved.
        part: f64,
    },
    /// The last change is too fresh.
    Dwell {
        /// Seconds until the next one may come.
        seconds: f64,
    },
    /// Too little is known.
    Unknown,
    /// There is only one channel.
    Alone,
    /// The fast lane shut it.
    Shut {
        /// Why.
        reason: TripReason,
    },
    /// An incident is open.
    Incident {
        /// How bad it is.
        severity: Severity,
    },
    /// It is likely to break its promise.
    Risk {
        /// The probability.
        probability: f64,
    },
    /// Too many of its calls are slow.
    Slow {
        /// The share that is, 0 ..= 1.
        share: f64,
    },
    /// Too many of its calls will be slow, and are not yet.
    WillBeSlow {
        /// The share that will be, 0 ..= 1.
        share: f64,
    },
    /// Too many of its calls fail.
    Failing {
        /// The share that does, 0 ..= 1.
        share: f64,
    },
    /// Nothing was heard of it for long.
    Stale,
    /// It is no longer among those that may serve the class.
    Gone,
    /// It has no room for more.
    Full,
    /// It comes back in steps.
    SlowStart {
        /// The part of its share that it may have by now.
        part: f64,
    },
    /// Others keep the promises for less.
    Dearer,
    /// Others keep the promises better.
    Worse,
    /// It keeps the promises for less.
    Cheaper,
    /// It is needed to keep the promises.
    Needed,
}
