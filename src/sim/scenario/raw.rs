//! The shape of a scenario file.

use serde::Deserialize;

/// A whole scenario.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Its name, as results show it.
    pub name: String,
    /// What it is about, in a sentence.
    pub about: String,
    /// First instant of the run, RFC 3339, at a whole minute.
    pub start: String,
    /// Minutes of the run.
    pub length_min: u32,
    /// Minutes of the time before it that policies hear of; two days if it is not said.
    #[serde(default = "two_days")]
    pub past_min: u32,
    /// How many seeds it is played with, from 1 on.
    #[serde(default = "one")]
    pub seeds: u64,
    /// Who plays.
    pub policies: Vec<String>,
    /// Who makes the calls.
    #[serde(default)]
    pub client: ClientText,
    /// The channels.
    #[serde(rename = "channel")]
    pub channels: Vec<ChannelText>,
    /// The route classes.
    #[serde(rename = "class")]
    pub classes: Vec<ClassText>,
    /// What goes wrong.
    #[serde(default, rename = "fault")]
    pub faults: Vec<FaultText>,
    /// The file of the engine's configuration whose playbooks run, for those policies that have any.
    pub playbooks: Option<String>,
    /// What the commands of playbooks take here.
    #[serde(default, rename = "command")]
    pub commands: Vec<CommandText>,
    /// How the webhooks of playbooks fare.
    pub webhooks: Option<WebhooksText>,
    /// How quick people are.
    pub people: Option<PeopleText>,
    /// What must come of it.
    #[serde(default, rename = "expect")]
    pub expectations: Vec<ExpectText>,
}

const fn two_days() -> u32 {
    2 * 1_440
}

const fn one() -> u64 {
    1
}

/// Who makes the calls.
#[derive(Debug, Clone, Copy, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientText {
    /// Attempts beyond the first; 2 if it is not said.
    pub retries: Option<usize>,
    /// Seconds after which an attempt is given up; 60 if it is not said.
    pub time_out_s: Option<f64>,
}

/// A command of playbooks.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommandText {
    /// Its name.
    pub name: String,
    /// Seconds that one run takes.
    pub takes_s: f64,
    /// Seconds of these in which the channel refuses all calls; none if it is not said.
    #[serde(default)]
    pub down_s: f64,
    /// Share of runs that fail and do nothing; none if it is not said.
    #[serde(default)]
    pub fails: f64,
    /// Share of runs which did not help that say so by their exit code; none if it is not said.
    #[serde(default)]
    pub tells: f64,
}

/// The webhooks of playbooks.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhooksText {
    /// Seconds until one is delivered; 0.2 if it is not said.
    pub takes_s: Option<f64>,
    /// Share of tries that fail; 0.02 if it is not said.
    pub fails: Option<f64>,
}

/// The people who are alerted.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeopleText {
    /// The time that they take, as a multiple of what the law of [`crate::sim::world::person`] draws; 1 if it is not said.
    pub times: Option<f64>,
}

/// One channel: like a preset, but for what is said.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelText {
    /// Its name.
    pub name: String,
    /// The preset that it is like.
    pub like: String,
    /// Who runs it, for faults of a whole provider; the preset's provider if it is not said.
    pub provider: Option<String>,
    /// Where it is; next to its callers if it is not said.
    pub region: Option<String>,
    /// Milliseconds before the first token that do not depend on the prompt.
    pub base_ms: Option<f64>,
    /// Milliseconds of prefill per prompt token.
    pub prefill_ms_per_token: Option<f64>,
    /// Milliseconds per completion token on an idle channel.
    pub decode_ms_per_token: Option<f64>,
    /// Relative slowdown of decoding with a full batch.
    pub contention: Option<f64>,
    /// Requests served at once; more of them wait.
    pub batch: Option<u32>,
    /// Requests in flight at which everything more is throttled.
    pub max_in_flight: Option<u32>,
    /// Standard deviation of the logarithm of times.
    pub noise: Option<f64>,
    /// Share of requests that fail on daily average.
    pub failing: Option<f64>,
    /// Share of requests that are throttled on daily average.
    pub throttled: Option<f64>,
    /// How much the load by others swings over the day, 0 to 1, and the UTC hour of its peak.
    pub swing: Option<f64>,
    /// UTC hour at which the load by others is highest.
    pub peak_hour: Option<f64>,
    /// USD per million prompt tokens.
    pub usd_prompt: Option<f64>,
    /// USD per million completion tokens.
    pub usd_completion: Option<f64>,
    /// Requests granted in a clock minute.
    pub rpm: Option<u32>,
    /// Tokens granted in a clock minute.
    pub tpm: Option<u64>,
}

/// One route class.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassText {
    /// Its name.
    pub name: String,
    /// Milliseconds within which a call must be done.
    pub limit_ms: f64,
    /// Largest share of calls that may take longer.
    pub slow: f64,
    /// Largest share of calls that may fail.
    pub failing: f64,
    /// Calls a second on daily average; not with a trace.
    pub rate: Option<f64>,
    /// How much demand swings over the day, 0 to 1.
    #[serde(default)]
    pub swing: f64,
    /// UTC hour at which demand is highest.
    #[serde(default)]
    pub peak_hour: f64,
    /// Tokens of the median prompt; 400 if it is not said.
    pub prompt_tokens: Option<f64>,
    /// Tokens of every answer; drawn if it is not said.
    pub answer_tokens: Option<u32>,
    /// Recorded calls instead of drawn ones: the file.
    pub trace: Option<String>,
    /// Channels that may serve it; all if it is not said.
    pub channels: Option<Vec<String>>,
    /// Where the callers are.
    pub region: Option<String>,
}

/// Something that goes wrong.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultText {
    /// The channel.
    pub channel: Option<String>,
    /// Or every channel of this provider.
    pub provider: Option<String>,
    /// What: step, ramp, failing, dead, throttling, time-outs, daily-peak or price.
    pub kind: String,
    /// How many times, or which share of the calls; nothing for dead.
    pub amount: Option<f64>,
    /// Minutes from the beginning of the run; not with daily-peak, which holds in the past too.
    pub at_min: Option<f64>,
    /// Minutes that it lasts; if it is not said, drawn from the law of real incidents, or without end if somebody mends it.
    pub for_min: Option<f64>,
    /// Seconds that it is there and then away, again and again.
    pub flapping_s: Option<[f64; 2]>,
    /// The command that ends it before its time, or `person` if only people can; people can end those of commands too. If
    /// it is not said nobody can, as with what goes wrong at a provider.
    pub mended_by: Option<String>,
    /// Share of the runs of that command that end it; all of them if it is not said.
    pub helps: Option<f64>,
    /// UTC hour of the middle of a daily peak.
    pub hour: Option<f64>,
    /// Hours of a daily peak.
    pub hours: Option<f64>,
}

/// What must come of it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectText {
    /// Whose measure.
    pub policy: String,
    /// Which measure.
    pub measure: String,
    /// Not itself, but as a multiple of that of this policy.
    pub against: Option<String>,
    /// It must not be less.
    pub at_least: Option<f64>,
    /// It must not be more.
    pub at_most: Option<f64>,
    /// Over the seeds: the median, or every one of them.
    #[serde(default)]
    pub of: Of,
}

/// Which of several seeds are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Of {
    /// The median over the seeds.
    #[default]
    Median,
    /// The mean over the seeds.
    Mean,
    /// Every seed.
    Every,
}
