//! From what the configuration says about a scraped page to what the source understands.
//!
//! The two sides know nothing of each other: `config` is data that people write, `collect` is what a page means.

use crate::collect::sources::prometheus::mapping::{
    ChannelRule, Combine, CounterRule, ExtraRule, FailureClass, HistogramRule, Level, LevelRule, Mapping, Matcher,
    Measured, Role, Selector,
};
use crate::config::valid as config;

/// The meaning of the page that `source` describes; `None` for a preset that the collector does not have.
pub(super) fn of(source: &config::Prometheus) -> Option<Mapping> {
    let mut mapping = match &source.meaning {
        config::Meaning::Preset(preset) => Mapping::preset(preset.name())?,
        config::Meaning::Mapping(rules) => custom(rules),
    };
    name_channels(&mut mapping.channel, &source.channel);
    Some(mapping)
}

fn name_channels(rule: &mut ChannelRule, naming: &config::ChannelNaming) {
    if let Some(channel) = &naming.fixed {
        rule.fixed = Some(channel.to_string());
    }
    if let Some(labels) = &naming.labels {
        rule.labels.clone_from(labels);
    }
    rule.names.extend(naming.names.iter().map(|(from, to)| (from.clone(), to.to_string())));
}

fn custom(rules: &config::Mapping) -> Mapping {
    let counters =
        rules.counters.iter().map(|rule| CounterRule { select: select(&rule.select), role: role(&rule.counts) });
    let histograms = rules.histograms.iter().map(|rule| HistogramRule {
        select: select(&rule.select),
        measure: match rule.measures {
            config::Measures::Latency => Measured::Latency,
            config::Measures::Ttft => Measured::Ttft,
        },
        unit_ms: f64::from(rule.unit_ms),
    });
    let levels = rules.levels.iter().map(|rule| LevelRule {
        select: select(&rule.select),
        level: match rule.tells {
            config::Tells::InFlight => Level::InFlight,
            config::Tells::Queue => Level::Queue,
        },
    });
    let extras = rules.gauges.iter().map(|rule| ExtraRule {
        select: select(&rule.select),
        keep: rule.keep.clone(),
        combine: match rule.combine {
            config::Combine::Sum => Combine::Sum,
            config::Combine::Max => Combine::Max,
            config::Combine::Min => Combine::Min,
        },
    });
    Mapping {
        counters: counters.collect(),
        histograms: histograms.collect(),
        levels: levels.collect(),
        extras: extras.collect(),
        ..Mapping::default()
    }
}

fn select(select: &config::Select) -> Selector {
    let condition = |negated| {
        move |(label, value): (&String, &String)| Matcher { label: label.clone(), values: vec![value.clone()], negated }
    };
    let matchers = select.only.iter().map(condition(false)).chain(select.except.iter().map(condition(true)));
    Selector { names: select.metrics.clone(), matchers: matchers.collect() }
}

fn role(counts: &config::Counts) -> Role {
    match counts {
        config::Counts::Requests => Role::Requests,
        config::Counts::Successes => Role::Successes,
        config::Counts::Failures(class) => Role::Failures(match class {
            config::FailureClass::Unknown => FailureClass::Unknown,
            config::FailureClass::Fixed(outcome) => FailureClass::Fixed(*outcome),
            config::FailureClass::Labels { status, exception } => {
                FailureClass::Labels { status: status.clone(), exception: exception.clone() }
            }
        }),
        config::Counts::Retries => Role::Retries,
        config::Counts::TokensPrompt => Role::TokensPrompt,
        config::Counts::TokensCompletion => Role::TokensCompletion,
        config::Counts::TokensCached => Role::TokensCached,
        config::Counts::CostUsd => Role::CostUsd,
    }
}
