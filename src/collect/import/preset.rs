//! Ready-made mappings for published traces. Data only: a preset can do nothing that `--map` cannot.

use std::collections::BTreeMap;

use crate::collect::import::mapping::field::Field;
use crate::collect::import::mapping::template::Template;
use crate::collect::import::mapping::{Kind, MappingError, SkipRule, fits, must_fit};

/// A published trace.
#[derive(Debug)]
pub struct Preset {
    /// Name on the command line.
    pub name: &'static str,
    /// What it is and what to know about it.
    pub about: &'static str,
    /// The forms it comes in.
    pub layouts: &'static [Layout],
}

/// One form of a trace.
#[derive(Debug)]
pub struct Layout {
    /// What rows are.
    pub kind: Kind,
    /// Template of the channel's name.
    pub channel: &'static str,
    /// Field and column.
    pub fields: &'static [(&'static str, &'static str)],
    /// Column and values of rows to leave out.
    pub skip: Option<(&'static str, &'static [&'static str])>,
}

/// Calls that only tell their tokens.
const TOKENS_ONLY: Layout = Layout {
    kind: Kind::Calls,
    channel: "{channel}",
    fields: &[("ts", "ts"), ("tokens_prompt", "prompt_tokens"), ("tokens_completion", "completion_tokens")],
    skip: None,
};

/// Minutes of such calls.
const TOKENS_ONLY_MINUTES: Layout = Layout {
    kind: Kind::Samples,
    channel: "{channel}",
    fields: &[
        ("ts", "ts"),
        ("requests", "requests"),
        ("tokens_prompt", "prompt_tokens"),
        ("tokens_completion", "completion_tokens"),
    ],
    skip: None,
};

/// Every preset, those with the most telling columns first: `auto` takes the first that fits.
pub const PRESETS: [Preset; 7] = [
    Preset {
        name: "vllm-bench",
        about: "vLLM serving benchmark of AIBrix: latency and first token of every call, or minutes of them",
        layouts: &[
            Layout {
                kind: Kind::Samples,
                channel: "{channel}",
                fields: &[
                    ("ts", "ts"),
                    ("requests", "requests"),
                    ("tokens_prompt", "prompt_tokens"),
                    ("tokens_completion", "completion_tokens"),
                    ("latency_mean_ms", "latency_mean_ms"),
                    ("latency_p50_ms", "latency_p50_ms"),
                    ("latency_p95_ms", "latency_p95_ms"),
                    ("latency_p99_ms", "latency_p99_ms"),
                    ("latency_max_ms", "latency_max_ms"),
                    ("ttft_p50_ms", "ttft_p50_ms"),
                    ("ttft_p95_ms", "ttft_p95_ms"),
                ],
                skip: None,
            },
            Layout {
                kind: Kind::Calls,
                channel: "{channel}",
                fields: &[
                    ("ts", "ts"),
                    ("tokens_prompt", "prompt_tokens"),
                    ("tokens_completion", "completion_tokens"),
                    ("ttft_ms", "ttft_ms"),
                    ("latency_ms", "e2e_ms"),
                ],
                skip: None,
            },
        ],
    },
    Preset {
        name: "gentd26",
        about: "image generation at Alibaba: calls that are still PENDING or PROCESSING have no end and are left out",
        layouts: &[
            Layout {
                kind: Kind::Samples,
                channel: "{channel}",
                fields: &[
                    ("ts", "ts"),
                    ("requests", "requests"),
                    ("errors", "failures"),
                    ("latency_mean_ms", "latency_mean_ms"),
                    ("latency_p50_ms", "latency_p50_ms"),
                    ("latency_p95_ms", "latency_p95_ms"),
                    ("latency_p99_ms", "latency_p99_ms"),
                    ("latency_max_ms", "latency_max_ms"),
                ],
                skip: None,
            },
            Layout {
                kind: Kind::Calls,
                channel: "{channel}",
                fields: &[("ts", "ts"), ("failed", "failed"), ("latency_s", "exec_time_s")],
                skip: Some(("status", &["PENDING", "PROCESSING"])),
            },
        ],
    },
    Preset {
        name: "thefastest",
        about: "probes of commercial APIs by thefastest.ai, taken as ordinary calls, so that the latency columns fill; \
                one channel per provider, model and region; failed probes are absent from the source",
        layouts: &[Layout {
            kind: Kind::Calls,
            channel: "{provider}/{model}@{region}",
            fields: &[
                ("ts", "ts"),
                ("ttft_ms", "ttft_ms"),
                ("latency_ms", "total_ms"),
                ("tokens_completion", "completion_tokens"),
            ],
            skip: None,
        }],
    },
    Preset {
        name: "llmperf",
        about: "LLMPerf leaderboard: no timestamps, so each run is laid out as one call per second from --start; any \
                error code counts as a failure",
        layouts: &[Layout {
            kind: Kind::Calls,
            channel: "{provider}/{model}",
            fields: &[
                ("offset_s", "seq"),
                ("error_code", "error_code"),
                ("tokens_prompt", "prompt_tokens"),
                ("tokens_completion", "completion_tokens"),
                ("ttft_ms", "ttft_ms"),
                ("latency_ms", "e2e_ms"),
            ],
            skip: None,
        }],
    },
    Preset {
        name: "servegen",
        about: "ServeGen of Alibaba, calls resampled from the published fits, or minutes of them: tokens, no latency",
        layouts: &[TOKENS_ONLY_MINUTES, TOKENS_ONLY],
    },
    Preset {
        name: "azure",
        about: "Azure LLM inference trace of 2023, calls or minutes: tokens, no latency",
        layouts: &[TOKENS_ONLY_MINUTES, TOKENS_ONLY],
    },
    Preset {
        name: "mooncake",
        about: "Mooncake conversations, calls or minutes: tokens, no latency; the epoch is arbitrary",
        layouts: &[TOKENS_ONLY_MINUTES, TOKENS_ONLY],
    },
];

impl Layout {
    /// Field and column of everything it maps.
    ///
    /// # Errors
    /// [`MappingError::UnknownField`] if the table names no field.
    pub fn fields(&self) -> Result<BTreeMap<Field, String>, MappingError> {
        let pair = |&(field, column): &(&str, &str)| Ok((Field::parse(self.kind, field)?, column.to_owned()));
        self.fields.iter().map(pair).collect()
    }

    /// The rows it leaves out.
    #[must_use]
    pub fn skip(&self) -> Option<SkipRule> {
        let values = |values: &[&str]| values.iter().map(|&value| value.to_owned()).collect();
        self.skip.map(|(column, unwanted)| SkipRule { column: column.to_owned(), values: values(unwanted) })
    }

    /// Every column it needs.
    ///
    /// # Errors
    /// [`MappingError::BadTemplate`] if the channel's template does not parse.
    pub fn needed(&self) -> Result<Vec<String>, MappingError> {
        let mut needed: Vec<String> = self.fields.iter().map(|&(_, column)| column.to_owned()).collect();
        needed.extend(Template::parse(self.channel)?.columns().map(str::to_owned));
        needed.extend(self.skip.map(|(column, _)| column.to_owned()));
        Ok(needed)
    }
}

/// The layout of the preset called `name` that fits `columns` and `kind`; with `auto` or no name, of the first
/// preset that fits, if one does.
///
/// # Errors
/// [`MappingError`] if the preset does not exist, or has no layout whose columns are all there.
pub fn layout(
    name: Option<&str>,
    kind: Option<Kind>,
    columns: &[String],
) -> Result<Option<&'static Layout>, MappingError> {
    let wanted = |layout: &&Layout| kind.is_none_or(|kind| kind == layout.kind);
    let Some(name) = name.filter(|&name| name != "auto") else {
        let mut all = PRESETS.iter().flat_map(|preset| preset.layouts);
        return Ok(all.find(|layout| wanted(layout) && fits(layout, columns)));
    };
    let preset = PRESETS.iter().find(|preset| preset.name == name).ok_or_else(|| MappingError::UnknownPreset {
        name: name.to_owned(),
        known: PRESETS.iter().map(|preset| preset.name).collect::<Vec<_>>().join(", "),
    })?;
    let candidates = || preset.layouts.iter().filter(wanted);
    if let Some(layout) = candidates().find(|layout| fits(layout, columns)) {
        return Ok(Some(layout));
    }
    // The form with calls is the one that people mean when nothing fits; it comes last.
    let kind = kind.unwrap_or(Kind::Calls).name();
    let nearest = candidates().next_back().ok_or(MappingError::NoLayout { preset: preset.name, kind })?;
    must_fit(nearest, columns).map(|()| Some(nearest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_names_fields_that_exist() {
        for preset in &PRESETS {
            for layout in preset.layouts {
                assert!(layout.fields().is_ok_and(|fields| fields.len() == layout.fields.len()), "{}", preset.name);
                assert!(layout.needed().is_ok(), "{}", preset.name);
            }
        }
    }
}
