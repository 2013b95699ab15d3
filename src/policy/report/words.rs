//! Reports in plain English: one sentence for each thing.

use std::fmt::{self, Display, Formatter};

use crate::policy::input::TripReason;
use crate::policy::report::{Because, Binding, Reason, Report};

impl Display for Report {
    /// The reasons, then what binds, a sentence each, on one line.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut sentences = self.reasons.iter().map(ToString::to_string).collect::<Vec<_>>();
        if !self.binding.is_empty() {
            let limits: Vec<_> = self.binding.iter().map(ToString::to_string).collect();
            sentences.push(format!("What holds the mix back: {}.", limits.join("; ")));
        }
        f.write_str(&sentences.join(" "))
    }
}

impl Display for Reason {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing { because } => write!(f, "Nothing is changed: {because}."),
            Self::Rejected { channel, because } => write!(f, "{channel} is kept out: {because}."),
            Self::Spared { channel, because } => {
                write!(f, "{channel} gets only what is needed to know it: {because}.")
            }
            Self::Moved { channel, from, to, because } => {
                write!(f, "{channel} goes from {} to {} of the calls: {because}.", Percent(*from), Percent(*to))
            }
            Self::Step { part, left } => {
                write!(f, "{} of the calls move now, {} later.", Percent(*part), Percent(*left))
            }
            Self::LeastBad => f.write_str("No channel is fit to serve; the least bad ones do."),
            Self::Refused { fault } => write!(f, "The plan is not adopted, for it has a fault: {fault}."),
            Self::Broken { promise: promise @ Binding::Budget, by } => {
                write!(f, "No mix keeps this: {promise}; it is missed by {by:.6} USD a call.")
            }
            Self::Broken { promise, by } => {
                write!(f, "No mix keeps this: {promise}; it is missed by {} of the calls.", Percent(*by))
            }
        }
    }
}

impl Display for Binding {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Slow => f.write_str("no more calls may be slow"),
            Self::Failing => f.write_str("no more calls may fail"),
            Self::Risk => f.write_str("no more risk is taken"),
            Self::Budget => f.write_str("no more may be spent"),
            Self::Room { channel } => write!(f, "{channel} has no more room"),
        }
    }
}

impl Display for Because {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Optimal => f.write_str("the mix is as good as it can be"),
            Self::TooSmall { part } => write!(f, "moving {} of the calls is not worth a change", Percent(*part)),
            Self::Dwell { seconds } => write!(f, "the last change is too fresh, the next may come in {seconds:.0} s"),
            Self::Unknown => f.write_str("too little is known"),
            Self::Alone => f.write_str("there is only one channel"),
            Self::Shut { reason } => f.write_str(trip(*reason)),
            Self::Incident { severity } => write!(f, "an incident of severity {severity} is open"),
            Self::Risk { probability } => {
                write!(f, "it is likely to break its promise ({} within a quarter of an hour)", Percent(*probability))
            }
            Self::Slow { share } => write!(f, "{} of its calls are slow", Percent(*share)),
            Self::WillBeSlow { share } => write!(f, "{} of its calls will be slow", Percent(*share)),
            Self::Failing { share } => write!(f, "{} of its calls fail", Percent(*share)),
            Self::Stale => f.write_str("nothing was heard of it for long"),
            Self::Gone => f.write_str("it no longer serves this class"),
            Self::Full => f.write_str("it has no room for more"),
            Self::SlowStart { part } => {
                write!(f, "it comes back in steps and may have {} of its share by now", Percent(*part))
            }
            Self::Worse => f.write_str("others keep the promises better"),
            Self::Cheaper => f.write_str("it keeps the promises for less"),
            Self::Dearer => f.write_str("others keep the promises for less"),
            Self::Needed => f.write_str("it is needed to keep the promises"),
        }
    }
}

const fn trip(reason: TripReason) -> &'static str {
    match reason {
        TripReason::Consecutive => "several calls in a row failed",
        TripReason::FailureRate => "too many calls failed",
        TripReason::Throttled => "too many calls were refused for load",
        TripReason::Slow => "too many calls took too long",
        TripReason::Forecast => "it is forecast to break its promise",
        TripReason::Drained => "a playbook keeps calls away from it",
    }
}

/// A share as per cent, with as many digits as tell it from none.
struct Percent(f64);

impl Display for Percent {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let percent = self.0 * 100.0;
        let digits = if percent == 0.0 || percent.abs() >= 9.5 { 0 } else { 1 + usize::from(percent.abs() < 0.1) };
        write!(f, "{percent:.digits$} %")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::ChannelId;

    #[test]
    fn a_report_reads_as_sentences() {
        let channel = ChannelId::new("east").expect("valid");
        let report = Report {
            reasons: vec![
                Reason::Moved {
                    channel: channel.clone(),
                    from: 0.6,
                    to: 0.0,
                    because: Because::Shut { reason: TripReason::Consecutive },
                },
                Reason::Broken { promise: Binding::Slow, by: 0.025 },
            ],
            binding: vec![Binding::Slow, Binding::Room { channel }],
        };
        assert_eq!(
            report.to_string(),
            "east goes from 60 % to 0 % of the calls: several calls in a row failed. No mix keeps this: no more calls may \
             be slow; it is missed by 2.5 % of the calls. What holds the mix back: no more calls may be slow; east has no \
             more room."
        );
        let nothing = Reason::Nothing { because: Because::Dwell { seconds: 61.2 } };
        assert_eq!(nothing.to_string(), "Nothing is changed: the last change is too fresh, the next may come in 61 s.");
    }
}
