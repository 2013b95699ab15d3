//! `[[source]]` as written.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::mapping::Mapping;
use crate::config::elements::cron::CronText;
use crate::config::elements::duration::DurationText;
use crate::config::elements::secret::SecretRef;
use crate::config::elements::url::UrlText;

/// Where calls and metrics are fetched from, by `kind`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub(in crate::config) enum Source {
    /// Scrape an endpoint that speaks the Prometheus text format.
    Prometheus {
        /// Name in metrics and cursors; the kind if absent.
        name: Option<String>,
        /// The endpoint.
        #[schemars(with = "UrlText")]
        url: String,
        /// Whose metrics they are. Either this or `mapping` is needed.
        preset: Option<Preset>,
        /// What the series mean, where no preset knows.
        mapping: Option<Mapping>,
        /// The page speaks of this channel only.
        channel: Option<String>,
        /// Labels whose values, joined with `/`, name the channel; those of the preset if absent.
        channel_labels: Option<Vec<String>>,
        /// From what the labels say to the channel's name, where they differ.
        #[serde(default)]
        channel_names: BTreeMap<String, String>,
        /// Bearer token that is sent along.
        auth: Option<SecretRef>,
        /// When to scrape; `collect.cron` if absent.
        #[schemars(with = "Option<CronText>")]
        cron: Option<String>,
        /// Longest time for one scrape; 10 s if absent.
        #[schemars(with = "Option<DurationText>")]
        timeout: Option<String>,
    },
    /// Ask a channel a question with a known answer, and time it.
    Probe {
        /// Name in metrics and cursors; the kind if absent.
        name: Option<String>,
        /// The channel that is probed.
        channel: String,
        /// Base address of its OpenAI-compatible interface, such as `https://api.openai.com/v1`.
        #[schemars(with = "UrlText")]
        base_url: String,
        /// The model to ask; the channel's model if absent.
        model: Option<String>,
        /// API key.
        key: Option<SecretRef>,
        /// What to ask; a sum if absent. Needs `expect`.
        prompt: Option<String>,
        /// What the answer must contain.
        expect: Option<String>,
        /// Longest time for one probe; 20 s if absent.
        #[schemars(with = "Option<DurationText>")]
        timeout: Option<String>,
        /// What the probes of one UTC day may cost, in USD; 1 if absent.
        #[schemars(range(min = 0, max = 1_000_000))]
        max_usd_per_day: Option<f64>,
        /// When to probe; `collect.cron` if absent.
        #[schemars(with = "Option<CronText>")]
        cron: Option<String>,
    },
    /// Follow a file of call records, one JSON object per line, across rotation.
    Tail {
        /// Name in metrics and cursors; the kind if absent.
        name: Option<String>,
        /// The file.
        path: PathBuf,
        /// When to look for new lines; every five seconds if absent (`*/5 * * * * *`): a rotated file is only left after
        /// two looks that found nothing new.
        #[schemars(with = "Option<CronText>")]
        cron: Option<String>,
    },
}

/// Whose metrics a scraped endpoint serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::config) enum Preset {
    /// LiteLLM proxy.
    Litellm,
    /// vLLM engine.
    Vllm,
    /// Envoy AI Gateway.
    EnvoyAiGateway,
}
