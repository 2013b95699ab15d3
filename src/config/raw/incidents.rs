//! `[incidents]` as written.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::elements::url::UrlText;

/// When odd minutes are an incident, and what it is worth.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct Incidents {
    /// Odd minutes that open an incident, at most `within`.
    #[schemars(range(min = 1, max = 60))]
    pub open_after: u32,
    /// Minutes within which they must lie.
    #[schemars(range(min = 1, max = 60))]
    pub within: u32,
    /// Calm minutes in a row that close it.
    #[schemars(range(min = 1, max = 1_440))]
    pub close_after: u32,
    /// Whether a channel of which nothing is heard is trouble.
    pub absence: bool,
    /// Minutes without a sign of a channel that open an incident.
    #[schemars(range(min = 1, max = 60))]
    pub absent_after: u32,
    /// A score from which one minute alone opens an incident.
    #[schemars(range(min = 0.5, max = 1))]
    pub certain: f64,
    /// A minute is calm if every score is below this; above 0, below 0.5.
    #[schemars(range(min = 0, max = 0.5))]
    pub calm_below: f64,
    /// Minutes after its end within which the same trouble takes an incident up again; 0 is never.
    #[schemars(range(min = 0, max = 1_440))]
    pub join_within: u32,
    /// Minutes after which a new level that does no harm is taken as the usual one.
    #[schemars(range(min = 60, max = 43_200))]
    pub adopt_after: u32,
    /// Minutes after which a silent channel is taken as gone.
    #[schemars(range(min = 60, max = 43_200))]
    pub gone_after: u32,
    /// How grave an incident is.
    pub severity: SeverityScale,
    /// When incidents of several channels are one matter.
    pub group: Grouping,
    /// What to read about each kind of trouble.
    pub runbooks: Runbooks,
}

impl Default for Incidents {
    fn default() -> Self {
        Self {
            open_after: 2,
            within: 5,
            close_after: 10,
            absence: true,
            absent_after: 5,
            certain: 0.75,
            calm_below: 0.25,
            join_within: 15,
            adopt_after: 360,
            gone_after: 1_440,
            severity: SeverityScale::default(),
            group: Grouping::default(),
            runbooks: Runbooks::default(),
        }
    }
}

/// How grave an incident is: P1 to P4, by harm and by the share of traffic that suffers it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct SeverityScale {
    /// Largest share of calls that may fail where no objective says so; above 0.
    #[schemars(range(min = 0, max = 1))]
    pub error_limit: f64,
    /// Errors are severe from this multiple of their limit.
    #[schemars(range(min = 1))]
    pub severe_errors: f64,
    /// Errors are severe from this share in any case; above 0.
    #[schemars(range(min = 0, max = 1))]
    pub severe_ratio: f64,
    /// Latency is severe from this multiple of its limit.
    #[schemars(range(min = 1))]
    pub severe_latency: f64,
    /// Share of all calls from which a channel carries much traffic; above 0.
    #[schemars(range(min = 0, max = 1))]
    pub wide_share: f64,
    /// Minutes in a row that must be worse before severity rises.
    #[schemars(range(min = 1, max = 1_440))]
    pub raise_after: u32,
    /// Minutes in a row that must be better before it falls.
    #[schemars(range(min = 1, max = 1_440))]
    pub lower_after: u32,
}

impl Default for SeverityScale {
    fn default() -> Self {
        Self {
            error_limit: 0.05,
            severe_errors: 10.0,
            severe_ratio: 0.5,
            severe_latency: 3.0,
            wide_share: 0.25,
            raise_after: 2,
            lower_after: 10,
        }
    }
}

/// When incidents of channels that share a region, a deployment, a provider or a model are one matter.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct Grouping {
    /// Minutes within which they must have opened.
    #[schemars(range(min = 1, max = 1_440))]
    pub within: u32,
    /// Channels that must be ill.
    #[schemars(range(min = 2, max = 10_000))]
    pub least: u32,
    /// Share of the channels that must be ill; above 0.
    #[schemars(range(min = 0, max = 1))]
    pub share: f64,
    /// Minutes after its end within which a group is taken up again; 0 is never.
    #[schemars(range(min = 0, max = 1_440))]
    pub join_within: u32,
}

impl Default for Grouping {
    fn default() -> Self {
        Self { within: 15, least: 2, share: 0.6, join_within: 15 }
    }
}

/// What to read about each kind of trouble: a link that every incident of the kind carries.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct Runbooks {
    /// Nothing is heard of the channel.
    #[schemars(with = "Option<UrlText>")]
    pub absence: Option<String>,
    /// Calls fail.
    #[schemars(with = "Option<UrlText>")]
    pub errors: Option<String>,
    /// Calls are refused for load or quota.
    #[schemars(with = "Option<UrlText>")]
    pub throttling: Option<String>,
    /// Calls take long.
    #[schemars(with = "Option<UrlText>")]
    pub latency: Option<String>,
    /// Money runs at another rate than usual.
    #[schemars(with = "Option<UrlText>")]
    pub cost: Option<String>,
    /// More or fewer calls or tokens than usual.
    #[schemars(with = "Option<UrlText>")]
    pub traffic: Option<String>,
    /// Everything else.
    #[schemars(with = "Option<UrlText>")]
    pub other: Option<String>,
}
