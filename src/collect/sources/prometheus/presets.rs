//! Ready-made mappings, as tables. Exact names and traps: read in the sources of LiteLLM 1.106.2, vLLM V1 and Envoy AI
//! Gateway, and for LiteLLM in recorded pages (`tests/fixtures/prometheus`).
//!
//! # LiteLLM
//! - `litellm_deployment_total_requests` is successes plus failures of the same page, so it adds nothing; requests are
//!   taken as successes plus failures. Under retries LiteLLM counts fewer failures than attempts were made (measured:
//!   72 of 103): each attempt that a retry saved is missing from both sums. Errors of this preset are therefore a
//!   lower bound; traces or call records do not have this gap.
//! - `litellm_deployment_state` keeps a value of 2 for ever after a cooldown, under another label set than the one
//!   that later says 0. It is only believed with evidence from the counters of the same interval.
//! - A channel without traffic has no series; one that was seen before gets rows of zeros instead.
//!
//! # vLLM
//! - `abort` is a client that went away, which is no fault of the server: a client error. `error` is the server's.
//! - End-to-end latency and first-token time include aborted requests, because vLLM does not label them.
//!
//! # Envoy AI Gateway
//! - The provider's name comes from the schema, so two backends of one schema share a series. Tell them apart by
//!   adding a label from `metricsRequestHeaderAttributes` to the channel's labels.
//! - The error type is always `_OTHER`: errors have no class.

use crate::collect::sources::prometheus::mapping::{
    ChannelRule, Combine, CounterRule, ExtraRule, FailureClass, HistogramRule, Level, LevelRule, Mapping, Measured,
    Role, Selector,
};
use crate::domain::call::Outcome;

/// Names of the presets, as in configuration.
pub const NAMES: [&str; 3] = ["litellm", "vllm", "envoy-ai-gateway"];

impl Mapping {
    /// The preset called `name`, one of [`NAMES`].
    #[must_use]
    pub fn preset(name: &str) -> Option<Self> {
        match name {
            "litellm" => Some(litellm()),
            "vllm" => Some(vllm()),
            "envoy-ai-gateway" => Some(envoy_ai_gateway()),
            _ => None,
        }
    }
}

/// One name with its role.
type Row<'a> = (&'a [&'a str], Role);

fn counters(rows: &[Row<'_>]) -> Vec<CounterRule> {
    rows.iter().map(|(names, role)| CounterRule { select: Selector::named(names), role: role.clone() }).collect()
}

fn seconds(names: &[&str], measure: Measured) -> HistogramRule {
    HistogramRule { select: Selector::named(names), measure, unit_ms: 1_000.0 }
}

fn extra(names: &[&str], keep: &[&str], combine: Combine) -> ExtraRule {
    let keep = keep.iter().map(|&label| label.to_owned()).collect();
    ExtraRule { select: Selector::named(names), keep, combine }
}

fn channel_of(labels: &[&str]) -> ChannelRule {
    ChannelRule { labels: labels.iter().map(|&label| label.to_owned()).collect(), ..ChannelRule::default() }
}

fn litellm() -> Mapping {
    let by_label =
        FailureClass::Labels { status: "exception_status".to_owned(), exception: "exception_class".to_owned() };
    Mapping {
        channel: channel_of(&["model_id"]),
        counters: counters(&[
            (&["litellm_deployment_success_responses"], Role::Successes),
            (&["litellm_deployment_failure_responses"], Role::Failures(by_label)),
            (&["litellm_deployment_cooled_down"], Role::Evidence),
            (&["litellm_input_tokens_metric"], Role::TokensPrompt),
            (&["litellm_output_tokens_metric"], Role::TokensCompletion),
            (&["litellm_input_cached_tokens_metric"], Role::TokensCached),
            (&["litellm_spend_metric"], Role::CostUsd),
        ]),
        histograms: vec![
            seconds(&["litellm_llm_api_latency_metric"], Measured::Latency),
            seconds(&["litellm_llm_api_time_to_first_token_metric"], Measured::Ttft),
        ],
        levels: Vec::new(),
        state: Some(Selector::named(&["litellm_deployment_state"])),
        extras: vec![
            extra(&["litellm_in_flight_requests"], &[], Combine::Sum),
            extra(&["litellm_remaining_requests_metric"], &[], Combine::Min),
            extra(&["litellm_remaining_tokens_metric"], &[], Combine::Min),
            extra(&["litellm_deployment_rpm_limit"], &[], Combine::Max),
            extra(&["litellm_deployment_tpm_limit"], &[], Combine::Max),
            extra(&["litellm_provider_remaining_budget_metric"], &["api_provider"], Combine::Min),
        ],
    }
}

fn vllm() -> Mapping {
    let finished = |reason: &str, outcome| CounterRule {
        select: Selector::named(&["vllm:request_success"]).with("finished_reason", reason),
        role: Role::Failures(FailureClass::Fixed(outcome)),
    };
    let mut counters = counters(&[
        (&["vllm:request_success"], Role::Requests),
        (&["vllm:prompt_tokens"], Role::TokensPrompt),
        (&["vllm:generation_tokens"], Role::TokensCompletion),
    ]);
    counters.push(finished("abort", Outcome::ClientError));
    counters.push(finished("error", Outcome::ServerError));
    Mapping {
        channel: channel_of(&["model_name"]),
        counters,
        histograms: vec![
            seconds(&["vllm:e2e_request_latency_seconds"], Measured::Latency),
            seconds(&["vllm:time_to_first_token_seconds"], Measured::Ttft),
        ],
        levels: vec![
            LevelRule { select: Selector::named(&["vllm:num_requests_running"]), level: Level::InFlight },
            LevelRule { select: Selector::named(&["vllm:num_requests_waiting"]), level: Level::Queue },
        ],
        state: None,
        extras: vec![
            extra(&["vllm:num_requests_running"], &[], Combine::Sum),
            extra(&["vllm:num_requests_waiting"], &[], Combine::Sum),
            extra(&["vllm:kv_cache_usage_perc", "vllm:gpu_cache_usage_perc"], &[], Combine::Max),
        ],
    }
}

fn envoy_ai_gateway() -> Mapping {
    let counts = ["gen_ai_server_request_duration_seconds_count", "gen_ai_server_request_duration_count"];
    let tokens = |kind: &str, role| CounterRule {
        select: Selector::named(&[
            "gen_ai_client_token_usage_token_sum",
            "gen_ai_client_token_usage_tokens_sum",
            "gen_ai_client_token_usage_sum",
        ])
        .with("gen_ai_token_type", kind),
        role,
    };
    let good = |name: &str, measure| HistogramRule {
        select: Selector::named(&[name]).with("error_type", ""),
        measure,
        unit_ms: 1_000.0,
    };
    Mapping {
        channel: channel_of(&["gen_ai_provider_name", "gen_ai_request_model"]),
        counters: vec![
            CounterRule { select: Selector::named(&counts), role: Role::Requests },
            CounterRule {
                select: Selector::named(&counts).without("error_type", ""),
                role: Role::Failures(FailureClass::Unknown),
            },
            tokens("input", Role::TokensPrompt),
            tokens("output", Role::TokensCompletion),
            tokens("cached_input", Role::TokensCached),
        ],
        histograms: vec![
            good("gen_ai_server_request_duration_seconds", Measured::Latency),
            good("gen_ai_server_time_to_first_token_seconds", Measured::Ttft),
        ],
        ..Mapping::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_is_complete() {
        for name in NAMES {
            let mapping = Mapping::preset(name).expect("listed");
            assert_eq!(mapping.check(), Ok(()), "{name}");
            assert!(mapping.counts_failures(), "{name}");
        }
        assert_eq!(Mapping::preset("kong"), None);
    }
}
