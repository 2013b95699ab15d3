//! `[[source]]` as meant.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use super::{Channel, Mapping, unique_name};
use crate::config::check::Checker;
use crate::config::document::Path;
use crate::config::elements::cron::Cron;
use crate::config::elements::duration;
use crate::config::elements::secret::{Secret, SecretRef};
use crate::config::elements::url::HttpUrl;
use crate::config::raw;
use crate::domain::ids::ChannelId;
use crate::domain::units::MicroUsd;

/// Something that is read on a schedule.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// Name in metrics and cursors; unique.
    pub name: String,
    /// When it is read.
    pub cron: Cron,
    /// What it is.
    pub settings: SourceSettings,
}

/// What a source is.
#[derive(Debug, Clone, PartialEq)]
pub enum SourceSettings {
    /// A scraped endpoint.
    Prometheus(Prometheus),
    /// A probed channel.
    Probe(Probe),
    /// A followed file.
    Tail(Tail),
}

impl SourceSettings {
    /// Name of the kind in the configuration.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Prometheus(_) => "prometheus",
            Self::Probe(_) => "probe",
            Self::Tail(_) => "tail",
        }
    }
}

/// An endpoint that speaks the Prometheus text format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prometheus {
    /// The endpoint.
    pub url: HttpUrl,
    /// What its series mean.
    pub meaning: Meaning,
    /// How its series name their channel.
    pub channel: ChannelNaming,
    /// Bearer token.
    pub auth: Option<Secret>,
    /// Longest time for one scrape.
    pub timeout: Duration,
}

/// What the series of a scraped endpoint mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// What the maker of the endpoint says.
    Preset(Preset),
    /// What the operator says.
    Mapping(Mapping),
}

/// How the series of a scraped endpoint name their channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelNaming {
    /// The page speaks of this channel only.
    pub fixed: Option<ChannelId>,
    /// Labels whose values, joined with `/`, name the channel; `None` are those of the preset.
    pub labels: Option<Vec<String>>,
    /// From what the labels say to the channel's name, where they differ.
    pub names: BTreeMap<String, ChannelId>,
}

/// Whose metrics a scraped endpoint serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    /// LiteLLM proxy.
    Litellm,
    /// vLLM engine.
    Vllm,
    /// Envoy AI Gateway.
    EnvoyAiGateway,
}

impl Preset {
    /// Name in the configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Litellm => "litellm",
            Self::Vllm => "vllm",
            Self::EnvoyAiGateway => "envoy-ai-gateway",
        }
    }
}

/// A channel that is asked a question with a known answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// The channel.
    pub channel: ChannelId,
    /// Base address of its OpenAI-compatible interface.
    pub base_url: HttpUrl,
    /// The model to ask.
    pub model: String,
    /// API key.
    pub key: Option<Secret>,
    /// What to ask, with what the answer must contain; `None` is the built-in question.
    pub question: Option<(String, String)>,
    /// Longest time for one probe.
    pub timeout: Duration,
    /// What the probes of one UTC day may cost.
    pub max_per_day: MicroUsd,
}

/// A file of call records that grows and rotates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tail {
    /// The file.
    pub path: PathBuf,
}

impl Source {
    pub(super) fn check_all(
        raw: &[raw::Source],
        cron: &Cron,
        channels: &[Channel],
        path: &Path,
        checker: &mut Checker<'_>,
    ) -> Vec<Self> {
        let mut taken = BTreeSet::new();
        let check = |(at, source): (usize, &raw::Source)| {
            let path = path.at(at);
            let (name, own_cron) = common(source);
            let settings = SourceSettings::check(source, channels, &path, checker);
            let cron = match own_cron {
                Some(text) => checker.take(&path.key("cron"), Cron::parse(text)),
                // A rotation is only over after two quiet looks, so a file is looked at more often than a page.
                None if matches!(source, raw::Source::Tail { .. }) => Some(Cron::every_five_seconds()),
                None => Some(cron.clone()),
            };
            let name = unique_name(name, &path.key("name"), &mut taken, checker);
            Some(Self { name: name?, cron: cron?, settings: settings? })
        };
        raw.iter().enumerate().filter_map(check).collect()
    }
}

/// What every kind of source has: its name, the kind if it has none of its own, and its schedule.
fn common(source: &raw::Source) -> (&str, Option<&str>) {
    let (kind, name, cron) = match source {
        raw::Source::Prometheus { name, cron, .. } => ("prometheus", name, cron),
        raw::Source::Probe { name, cron, .. } => ("probe", name, cron),
        raw::Source::Tail { name, cron, .. } => ("tail", name, cron),
    };
    (name.as_deref().unwrap_or(kind), cron.as_deref())
}

impl SourceSettings {
    fn check(source: &raw::Source, channels: &[Channel], path: &Path, checker: &mut Checker<'_>) -> Option<Self> {
        match source {
            raw::Source::Prometheus { .. } => Prometheus::check(source, path, checker).map(Self::Prometheus),
            raw::Source::Probe { .. } => Probe::check(source, channels, path, checker).map(Self::Probe),
            raw::Source::Tail { path: file, .. } => Some(Self::Tail(Tail { path: file.clone() })),
        }
    }
}

impl Prometheus {
    fn check(source: &raw::Source, path: &Path, checker: &mut Checker<'_>) -> Option<Self> {
        let raw::Source::Prometheus { url, preset, mapping, auth, timeout, channel_labels, .. } = source else {
            return None;
        };
        let url = checker.take(&path.key("url"), HttpUrl::parse(url));
        let meaning = match (preset, mapping) {
            (Some(preset), None) => Some(Meaning::Preset((*preset).into())),
            (None, Some(mapping)) => Some(Meaning::Mapping(Mapping::check(mapping, &path.key("mapping"), checker))),
            _ => {
                checker.fail(path, "say what the series mean: either `preset` or `mapping`");
                None
            }
        };
        let channel = ChannelNaming::check(source, path, checker);
        if mapping.is_some() && channel_labels.is_none() && channel.fixed.is_none() {
            checker.fail(path, "say how series name their channel: `channel` or `channel_labels`");
        }
        Some(Self {
            auth: secret(auth.as_ref(), &path.key("auth"), checker),
            timeout: limit(timeout.as_deref(), Duration::from_secs(10), path, checker),
            url: url?,
            meaning: meaning?,
            channel,
        })
    }
}

impl ChannelNaming {
    fn check(source: &raw::Source, path: &Path, checker: &mut Checker<'_>) -> Self {
        let raw::Source::Prometheus { channel, channel_labels, channel_names, .. } = source else {
            return Self { fixed: None, labels: None, names: BTreeMap::new() };
        };
        let fixed = channel.as_ref().and_then(|name| checker.take(&path.key("channel"), ChannelId::new(name)));
        if fixed.is_some() && (channel_labels.is_some() || !channel_names.is_empty()) {
            checker.fail(path, "a page of one `channel` has no use for `channel_labels` or `channel_names`");
        }
        if channel_labels.as_ref().is_some_and(|labels| labels.is_empty() || labels.iter().any(String::is_empty)) {
            checker.fail(&path.key("channel_labels"), "name at least one label");
        }
        let rename = |(from, name): (&String, &String)| {
            let path = path.key("channel_names").key(from);
            Some((from.clone(), checker.take(&path, ChannelId::new(name))?))
        };
        let names = channel_names.iter().filter_map(rename).collect();
        Self { fixed, labels: channel_labels.clone(), names }
    }
}

impl From<raw::Preset> for Preset {
    fn from(raw: raw::Preset) -> Self {
        match raw {
            raw::Preset::Litellm => Self::Litellm,
            raw::Preset::Vllm => Self::Vllm,
            raw::Preset::EnvoyAiGateway => Self::EnvoyAiGateway,
        }
    }
}

impl Probe {
    fn check(source: &raw::Source, channels: &[Channel], path: &Path, checker: &mut Checker<'_>) -> Option<Self> {
        let raw::Source::Probe { channel, base_url, model, key, prompt, expect, timeout, max_usd_per_day, .. } = source
        else {
            return None;
        };
        let known = channels.iter().find(|known| known.name.as_str() == channel);
        if known.is_none() {
            checker.fail(&path.key("channel"), format!("there is no `[[channel]]` with the name `{channel}`"));
        }
        let model = model.clone().or_else(|| known.and_then(|channel| channel.model.clone()));
        if known.is_some() && model.is_none() {
            let message = "say which model to ask, here or at the channel";
            checker.fail(&path.key("model"), message);
        }
        let question = match (prompt, expect) {
            (Some(prompt), Some(expect)) => Some((prompt.clone(), expect.clone())),
            (None, None) => None,
            _ => {
                checker.fail(path, "`prompt` and `expect` belong together: give both or neither");
                None
            }
        };
        let base_url = checker.take(&path.key("base_url"), HttpUrl::parse(base_url));
        let max_per_day = MicroUsd::from_usd(max_usd_per_day.unwrap_or(1.0));
        Some(Self {
            key: secret(key.as_ref(), &path.key("key"), checker),
            timeout: limit(timeout.as_deref(), Duration::from_secs(20), path, checker),
            max_per_day: checker.take_or(&path.key("max_usd_per_day"), max_per_day, MicroUsd(0)),
            question,
            channel: known?.name.clone(),
            base_url: base_url?,
            model: model?,
        })
    }
}

fn secret(reference: Option<&SecretRef>, path: &Path, checker: &mut Checker<'_>) -> Option<Secret> {
    let reference = reference?;
    checker.take(path, reference.check())?;
    Some(checker.secret(path, reference))
}

fn limit(text: Option<&str>, default: Duration, path: &Path, checker: &mut Checker<'_>) -> Duration {
    let Some(text) = text else { return default };
    checker.take_or(&path.key("timeout"), duration::parse_within(text, "100ms", "10m"), default)
}
