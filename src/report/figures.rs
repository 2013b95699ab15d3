//! The figures of a report: a span, the span of the same length before it, and how they came along in between.

use serde::Serialize;

use crate::domain::time::{Day, Timestamp};
use crate::policy::worth::Worth;
use crate::report::facts::{ClassWorth, Decided, Kept, Spend, Times};
use crate::report::finding::Finding;

/// How long a span a report is about, and what for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// One UTC day: what was, and what to look at.
    Daily,
    /// Fourteen days: what was learnt.
    Fortnightly,
}

impl Kind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Daily, Self::Fortnightly];

    /// The name in the configuration, on the command line and in addresses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Fortnightly => "fortnightly",
        }
    }

    /// The kind called `name`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Days that it is about.
    #[must_use]
    pub const fn days(self) -> u32 {
        match self {
            Self::Daily => 1,
            Self::Fortnightly => 14,
        }
    }
}

/// Everything that a report tells.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Daily or fortnightly.
    pub kind: Kind,
    /// The last day that it is about.
    #[serde(serialize_with = "crate::report::shown::instant")]
    pub day: Day,
    /// Start of the span.
    #[serde(serialize_with = "crate::report::shown::instant")]
    pub from: Timestamp,
    /// End of the span.
    #[serde(serialize_with = "crate::report::shown::instant")]
    pub to: Timestamp,
    /// When it was made; what came in later is not in it.
    #[serde(serialize_with = "crate::report::shown::instant")]
    pub made_at: Timestamp,
    /// What to look at, the most pressing first.
    pub findings: Vec<Finding>,
    /// The span.
    pub now: Figures,
    /// The span of the same length before it.
    pub before: Figures,
    /// How the span came along: hours of a day, days of a fortnight.
    pub course: Vec<Step>,
    /// What was spent up to `made_at` and what will have been; only where a running engine made the report.
    pub spend: Option<Spend>,
}

/// The figures of one span.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Figures {
    /// How promises were kept.
    pub objectives: Vec<Kept>,
    /// What decisions were worth, by route class.
    pub worth: Vec<ClassWorth>,
    /// What was decided.
    pub decided: Decided,
    /// Incidents that were detected in the span.
    pub opened: usize,
    /// Incidents that were over in the span.
    pub resolved: usize,
    /// How long the trouble of those detected in it lasted.
    pub times: Times,
    /// The incidents themselves, the gravest first, as many as a report shows.
    pub incidents: Vec<Incident>,
    /// How right the forecasts that were served have been, by column and horizon.
    pub accuracy: Vec<Accuracy>,
    /// How models did at work.
    pub scores: Vec<Score>,
    /// What was used, by channel, the dearest first.
    pub used: Vec<Used>,
    /// Minutes of columns that were odd.
    pub odd_minutes: u64,
}

/// An incident.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Incident {
    /// Its name.
    pub id: String,
    /// The channel.
    pub channel: String,
    /// Kind of trouble.
    pub kind: String,
    /// How grave at its worst: `P1` to `P4`.
    pub worst: String,
    /// When it was detected.
    #[serde(serialize_with = "crate::report::shown::instant")]
    pub opened: Timestamp,
    /// When it was over; `None` while it is open.
    #[serde(serialize_with = "crate::report::shown::instant_if")]
    pub resolved: Option<Timestamp>,
    /// Seconds from the first sign to the end of the harm.
    pub mitigate_s: Option<f64>,
}

/// How right the forecasts of one column were at one horizon, over all channels.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Accuracy {
    /// The column.
    pub column: String,
    /// Seconds between a forecast and its outcome.
    pub horizon_s: i64,
    /// Forecasts whose outcome is known.
    pub n: u64,
    /// Mean absolute error over that of repeating the last value.
    pub mase: Option<f64>,
    /// Mean absolute percentage error, as a ratio.
    pub mape: Option<f64>,
    /// Share of outcomes inside the 90 % interval.
    pub coverage_90: Option<f64>,
}

/// How a model did at one kind of work.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Score {
    /// The class of work.
    pub class: String,
    /// `L1` to `L4`.
    pub tier: String,
    /// The model.
    pub model: String,
    /// Parts of jobs.
    pub jobs: u64,
    /// Mean worth of a job: 0 if it failed, else its quality, or 1 if nobody judged it.
    pub worth: f64,
    /// Mean worth that is enough for the tier; `None` if it is not known.
    pub enough: Option<f64>,
    /// USD of all of them.
    pub usd: f64,
}

impl Score {
    /// Worth for a USD; `None` if they cost nothing.
    #[must_use]
    pub fn worth_per_usd(&self) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "jobs of a fortnight")]
        let worth = self.worth * self.jobs as f64;
        (self.usd > 0.0).then(|| worth / self.usd)
    }
}

/// What one channel used.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Used {
    /// The channel.
    pub channel: String,
    /// The model behind it, if the configuration names it.
    pub model: Option<String>,
    /// Calls.
    pub requests: u64,
    /// Tokens, prompt and completion together.
    pub tokens: u64,
    /// USD.
    pub usd: f64,
}

/// One hour of a day, or one day of a fortnight.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// When it began.
    #[serde(serialize_with = "crate::report::shown::instant")]
    pub at: Timestamp,
    /// What decisions were worth, over all route classes.
    pub worth: Worth,
    /// Of a day: mean error of the forecasts over that of repeating the last value.
    pub mase: Option<f64>,
    /// Of a day: share of outcomes inside the 90 % interval.
    pub coverage_90: Option<f64>,
    /// Of a day: median seconds from the first sign to the end of the harm.
    pub mitigate_s: Option<f64>,
    /// Of a day: mean worth of a job.
    pub score: Option<f64>,
    /// Of a day: worth of jobs for a USD.
    pub worth_per_usd: Option<f64>,
    /// Of a day: median width of what detectors take as usual, as a part of what they expect, over the odd minutes.
    pub threshold: Option<f64>,
}

impl Figures {
    /// What decisions were worth, over all route classes.
    #[must_use]
    pub fn all_worth(&self) -> Worth {
        let mut sum = Worth::default();
        self.worth.iter().for_each(|of| sum += of.worth);
        sum
    }

    /// USD of all channels.
    #[must_use]
    pub fn usd(&self) -> f64 {
        self.used.iter().map(|used| used.usd).sum()
    }

    /// Mean of `of` over all columns and horizons, each forecast with the same weight; `None` without any.
    #[must_use]
    pub fn forecasts(&self, of: impl Fn(&Accuracy) -> Option<f64>) -> Option<f64> {
        weighted(self.accuracy.iter().filter_map(|line| Some((of(line)?, line.n))))
    }

    /// Mean worth of all jobs.
    #[must_use]
    pub fn score(&self) -> Option<f64> {
        weighted(self.scores.iter().map(|line| (line.worth, line.jobs)))
    }

    /// Worth of all jobs for a USD.
    #[must_use]
    pub fn worth_per_usd(&self) -> Option<f64> {
        let usd: f64 = self.scores.iter().map(|line| line.usd).sum();
        let jobs: u64 = self.scores.iter().map(|line| line.jobs).sum();
        #[expect(clippy::cast_precision_loss, reason = "jobs of a fortnight")]
        let worth = self.score()? * jobs as f64;
        (usd > 0.0).then(|| worth / usd)
    }
}

fn weighted(values: impl Iterator<Item = (f64, u64)>) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "counts of forecasts and jobs")]
    let (sum, weight) =
        values.fold((0.0, 0.0), |(sum, weight), (value, n)| (sum + value * n as f64, weight + n as f64));
    (weight > 0.0).then(|| sum / weight)
}
