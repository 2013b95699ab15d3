//! From a page of text to the values that a mapping asks for.

use std::collections::{BTreeMap, HashMap};

use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use crate::collect::source::{Admission, CollectFailure, Harvest};
use crate::collect::sources::prometheus::extras;
use crate::collect::sources::prometheus::histogram::Builder;
use crate::collect::sources::prometheus::mapping::{Level, Mapping, Role, Selector};
use crate::collect::sources::prometheus::page::{CounterSeries, MAX_SERIES, Reading, Slot, fixed};
use crate::collect::sources::prometheus::text::{self, Labels, Line, Point};
use crate::domain::ids::ChannelId;

/// A rule of the mapping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum RuleId {
    Counter(usize),
    Histogram(usize),
    Level(usize),
    State,
    Extra(usize),
}

/// A mapping with an index of its names.
#[derive(Debug, Clone)]
pub struct Reader {
    mapping: Mapping,
    /// Rules by name, each with the name's place in the order of preference.
    plain: HashMap<String, Vec<(RuleId, usize)>>,
    histograms: HashMap<String, Vec<(RuleId, usize)>>,
}

/// A series that a rule asks for.
struct Hit {
    rule: RuleId,
    /// Index into the points of the page.
    point: usize,
    preference: usize,
    /// Bytes of the point's name that name the rule's metric: all, or all but `_bucket`, `_sum`, `_count`.
    stem: usize,
}

impl Reader {
    /// Indexes `mapping`.
    #[must_use]
    pub fn new(mapping: Mapping) -> Self {
        let mut reader = Self { mapping: Mapping::default(), plain: HashMap::new(), histograms: HashMap::new() };
        let mut plain = Vec::new();
        plain.extend(mapping.counters.iter().enumerate().map(|(n, rule)| (RuleId::Counter(n), &rule.select)));
        plain.extend(mapping.levels.iter().enumerate().map(|(n, rule)| (RuleId::Level(n), &rule.select)));
        plain.extend(mapping.extras.iter().enumerate().map(|(n, rule)| (RuleId::Extra(n), &rule.select)));
        plain.extend(mapping.state.iter().map(|select| (RuleId::State, select)));
        for (rule, select) in plain {
            enter(&mut reader.plain, rule, select, "_total");
        }
        for (n, rule) in mapping.histograms.iter().enumerate() {
            enter(&mut reader.histograms, RuleId::Histogram(n), &rule.select, "_seconds");
        }
        reader.mapping = mapping;
        reader
    }

    /// The mapping.
    #[must_use]
    pub const fn mapping(&self) -> &Mapping {
        &self.mapping
    }

    /// A hash that changes with the mapping: counters of another mapping are no baseline for this one.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        xxh3_64(format!("{:?}", self.mapping).as_bytes())
    }

    /// Reads `body`; what cannot be understood is rejected in `harvest` line by line.
    ///
    /// # Errors
    /// [`CollectFailure::Parse`] if there is no series at all, or more than [`MAX_SERIES`] that rules ask for.
    pub fn read(
        &self,
        source: &str,
        body: &[u8],
        admission: &Admission,
        harvest: &mut Harvest,
    ) -> Result<Reading, CollectFailure> {
        let rejected_before = harvest.rejected();
        let (points, hits, started_ms) = self.find(body, harvest)?;
        let mut reading = Reading { started_ms, ..Reading::default() };
        let mut door = Door { admission, known: HashMap::new() };
        let mut histograms: BTreeMap<u64, Builder> = BTreeMap::new();
        let mut extras = extras::Extras::new(source, &self.mapping, admission.at);
        for hit in preferred(hits, &points) {
            let (line, point) = &points[hit.point];
            let name = self.mapping.channel.name(point);
            let channel = name.and_then(|name| door.channel(&name, *line, harvest));
            let outcome = match hit.rule {
                RuleId::Counter(n) => self.counter(n, point, channel, &mut reading),
                RuleId::Histogram(n) => {
                    let seed = HISTOGRAM_SEEDS + n as u64;
                    let key = series_key(seed, &point.name[..hit.stem], &point.labels);
                    let rule = &self.mapping.histograms[n];
                    let builder = histograms.entry(key).or_insert_with(|| Builder::new(rule, channel, *line));
                    builder.take(&point.name[hit.stem..], point)
                }
                RuleId::Level(n) => level(&mut reading, channel, self.mapping.levels[n].level, point.value),
                RuleId::State => state(&mut reading, channel, point.value),
                RuleId::Extra(n) => extras.take(n, channel.as_ref(), point),
            };
            if let Err(problem) = outcome {
                harvest.reject(*line, &point.name, problem);
            }
        }
        for (key, builder) in histograms {
            let (line, name) = (builder.line, "histogram");
            match builder.finish() {
                Ok(histogram) => drop(reading.histograms.insert(key, histogram)),
                Err(problem) => harvest.reject(line, name, problem),
            }
        }
        reading.extras = extras.finish();
        reading.clean = harvest.rejected() == rejected_before;
        Ok(reading)
    }

    /// Every series that a rule asks for, and the start of the process.
    #[expect(clippy::type_complexity, reason = "used once, taken apart at once")]
    fn find<'a>(
        &self,
        body: &'a [u8],
        harvest: &mut Harvest,
    ) -> Result<(Vec<(u64, Point<'a>)>, Vec<Hit>, Option<u64>), CollectFailure> {
        let (mut points, mut hits, mut started_ms) = (Vec::new(), Vec::new(), None);
        let mut any = false;
        for (line, parsed) in text::lines(body) {
            let point = match parsed {
                Ok(Line::Point(point)) => point,
                Ok(Line::Other | Line::Eof) => continue,
                Err(problem) => {
                    harvest.reject(line, "", problem);
                    continue;
                }
            };
            any = true;
            if point.name == "process_start_time_seconds" {
                started_ms = fixed(point.value, 1_000.0).ok();
            }
            let before = hits.len();
            self.ask(&point, points.len(), &mut hits);
            if hits.len() > before {
                points.push((line, point));
            }
            if points.len() > MAX_SERIES {
                return Err(CollectFailure::Parse(format!("more than {MAX_SERIES} series match the mapping")));
            }
        }
        if any {
            return Ok((points, hits, started_ms));
        }
        let why = harvest.rejects.first().map_or_else(|| "the page is empty".to_owned(), ToString::to_string);
        Err(CollectFailure::Parse(format!("no series found; {why}")))
    }

    /// Adds a hit for every rule that asks for `point`.
    fn ask(&self, point: &Point<'_>, index: usize, hits: &mut Vec<Hit>) {
        let mut push = |rules: Option<&Vec<(RuleId, usize)>>, stem: usize| {
            for &(rule, preference) in rules.into_iter().flatten() {
                if self.select(rule).is_some_and(|select| select.admits(point)) {
                    hits.push(Hit { rule, point: index, preference, stem });
                }
            }
        };
        push(self.plain.get(&canonical(&point.name, "_total")), point.name.len());
        let stem = ["_bucket", "_sum", "_count"].iter().find_map(|suffix| point.name.strip_suffix(suffix));
        if let Some(stem) = stem {
            push(self.histograms.get(&canonical(stem, "_seconds")), stem.len());
        }
    }

    fn select(&self, rule: RuleId) -> Option<&Selector> {
        match rule {
            RuleId::Counter(n) => self.mapping.counters.get(n).map(|rule| &rule.select),
            RuleId::Histogram(n) => self.mapping.histograms.get(n).map(|rule| &rule.select),
            RuleId::Level(n) => self.mapping.levels.get(n).map(|rule| &rule.select),
            RuleId::State => self.mapping.state.as_ref(),
            RuleId::Extra(n) => self.mapping.extras.get(n).map(|rule| &rule.select),
        }
    }

    fn counter(
        &self,
        rule: usize,
        point: &Point<'_>,
        channel: Option<ChannelId>,
        reading: &mut Reading,
    ) -> Result<(), String> {
        let key = series_key(rule as u64, &point.name, &point.labels);
        let (slot, scale) = match &self.mapping.counters[rule].role {
            Role::Requests => (Slot::Requests, 1.0),
            Role::Successes => (Slot::Successes, 1.0),
            Role::Failures(class) => (Slot::Failures(class.of(point)), 1.0),
            Role::Retries => (Slot::Retries, 1.0),
            Role::TokensPrompt => (Slot::TokensPrompt, 1.0),
            Role::TokensCompletion => (Slot::TokensCompletion, 1.0),
            Role::TokensCached => (Slot::TokensCached, 1.0),
            Role::CostUsd => (Slot::Cost, 1e6),
            Role::Evidence => (Slot::Evidence, 1.0),
        };
        let value = fixed(point.value, scale)?;
        match reading.counters.insert(key, CounterSeries { channel, slot, value }) {
            None => Ok(()),
            Some(_) => Err("is on the page twice".to_owned()),
        }
    }
}

/// Where the seeds of histograms begin, away from those of counters.
const HISTOGRAM_SEEDS: u64 = 1 << 32;

fn enter(index: &mut HashMap<String, Vec<(RuleId, usize)>>, rule: RuleId, select: &Selector, suffix: &str) {
    for (preference, name) in select.names.iter().enumerate() {
        let rules = index.entry(canonical(name, suffix)).or_default();
        // Two spellings of one name in a list are one name.
        if rules.iter().all(|&(known, _)| known != rule) {
            rules.push((rule, preference));
        }
    }
}

/// A name as it is looked up: underscores for dots, without the suffix that exporters may add or leave out.
fn canonical(name: &str, suffix: &str) -> String {
    let name = name.replace('.', "_");
    name.strip_suffix(suffix).map_or_else(|| name.clone(), str::to_owned)
}

/// For every rule, the hits of the best name that is on the page.
fn preferred(hits: Vec<Hit>, points: &[(u64, Point<'_>)]) -> Vec<Hit> {
    let mut best: BTreeMap<RuleId, (usize, String)> = BTreeMap::new();
    let stem = |hit: &Hit| points[hit.point].1.name[..hit.stem].to_owned();
    for hit in &hits {
        let candidate = (hit.preference, stem(hit));
        let chosen = best.entry(hit.rule).or_insert_with(|| candidate.clone());
        if candidate < *chosen {
            *chosen = candidate;
        }
    }
    let chosen =
        |hit: &Hit| best.get(&hit.rule).is_some_and(|(rank, name)| *rank == hit.preference && *name == stem(hit));
    hits.into_iter().filter(chosen).collect()
}

/// Admission with a memory, so that a refused channel is reported once per page and not once per series.
struct Door<'a> {
    admission: &'a Admission,
    known: HashMap<String, Option<ChannelId>>,
}

impl Door<'_> {
    fn channel(&mut self, name: &str, line: u64, harvest: &mut Harvest) -> Option<ChannelId> {
        if let Some(known) = self.known.get(name) {
            return known.clone();
        }
        let channel = match self.admission.channel(name) {
            Ok(channel) => Some(channel),
            Err(problem) => {
                harvest.reject(line, "channel", problem);
                None
            }
        };
        self.known.insert(name.to_owned(), channel.clone());
        channel
    }
}

fn level(reading: &mut Reading, channel: Option<ChannelId>, level: Level, value: f64) -> Result<(), String> {
    fixed(value, 1.0)?;
    if let Some(channel) = channel {
        *reading.levels.entry((channel, level)).or_insert(0.0) += value;
    }
    Ok(())
}

fn state(reading: &mut Reading, channel: Option<ChannelId>, value: f64) -> Result<(), String> {
    fixed(value, 1.0)?;
    if let Some(channel) = channel {
        let worst = reading.states.entry(channel).or_insert(0.0);
        *worst = worst.max(value);
    }
    Ok(())
}

/// A key for a series: its rule, its name and its labels without `le`, in any order.
fn series_key(seed: u64, name: &str, labels: &Labels<'_>) -> u64 {
    let mut sorted: Vec<_> = labels.iter().filter(|(label, _)| label != "le").collect();
    sorted.sort_unstable();
    let mut bytes = Vec::with_capacity(256);
    for part in std::iter::once(name).chain(sorted.into_iter().flat_map(|(label, value)| [&**label, &**value])) {
        bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    xxh3_64_with_seed(&bytes, seed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::source::NewChannels;
    use crate::domain::time::Timestamp;

    fn read(preset: &str, body: &str) -> (Reading, Harvest) {
        let mapping = Mapping::preset(preset).expect("a preset");
        let mut harvest = Harvest::default();
        let admission = Admission::open(Timestamp::from_seconds(1_800_000_000));
        let reading = Reader::new(mapping).read("s", body.as_bytes(), &admission, &mut harvest).expect("readable");
        (reading, harvest)
    }

    fn values(reading: &Reading) -> Vec<(Slot, u64)> {
        let mut values: Vec<_> = reading.counters.values().map(|series| (series.slot, series.value)).collect();
        values.sort_unstable();
        values
    }

    #[test]
    fn suffixes_may_or_may_not_be_there() {
        for name in ["litellm_input_tokens_metric_total", "litellm_input_tokens_metric", "litellm.input.tokens.metric"]
        {
            let (reading, _) = read("litellm", &format!("{{\"{name}\",model_id=\"a\"}} 7\n"));
            assert_eq!(values(&reading), [(Slot::TokensPrompt, 7)], "{name}");
        }
    }

    #[test]
    fn of_two_spellings_only_one_counts() {
        let page = "vllm:prompt_tokens{model_name=\"m\"} 5\nvllm:prompt_tokens_total{model_name=\"m\"} 5\n";
        assert_eq!(values(&read("vllm", page).0), [(Slot::TokensPrompt, 5)]);
        let page = "vllm:gpu_cache_usage_perc{model_name=\"m\"} 0.5\nvllm:kv_cache_usage_perc{model_name=\"m\"} 0.7\n";
        let extras = read("vllm", page).0.extras;
        assert_eq!(extras.len(), 1);
        assert_eq!(
            (extras[0].metric.as_str(), extras[0].value.to_string()),
            ("vllm:kv_cache_usage_perc", "0.7".into())
        );
    }

    #[test]
    fn what_is_wrong_is_told_by_line_and_spoils_nothing() {
        let page = "vllm:prompt_tokens{model_name=\"m\"} NaN\nvllm:prompt_tokens{model_name=\"n\"} -1\n?\n\
                    vllm:generation_tokens{model_name=\"m\"} 3\nvllm:generation_tokens{model_name=\"m\"} 4\n";
        let (reading, harvest) = read("vllm", page);
        assert_eq!(values(&reading).len(), 1);
        assert!(!reading.clean);
        assert_eq!(harvest.rejects.iter().map(|reject| reject.line).collect::<Vec<_>>(), [3, 1, 2, 5]);
    }

    #[test]
    fn a_page_without_series_is_a_failure() {
        let reader = Reader::new(Mapping::preset("vllm").expect("a preset"));
        let admission = Admission::open(Timestamp::from_seconds(1_800_000_000));
        let read = |body: &[u8]| reader.read("s", body, &admission, &mut Harvest::default()).map(|_| ());
        assert_eq!(read(b""), Err(CollectFailure::Parse("no series found; the page is empty".into())));
        assert!(read(b"<html>busy</html>").is_err_and(|failure| failure.to_string().contains("line 1")));
        assert_eq!(read(b"up 1\n"), Ok(()), "a quiet exporter is not a failure");
    }

    #[test]
    fn a_refused_channel_is_followed_but_told_once() {
        let page = "vllm:prompt_tokens{model_name=\"m\"} 1\nvllm:generation_tokens{model_name=\"m\"} 1\n";
        let mut admission = Admission::open(Timestamp::from_seconds(1_800_000_000));
        admission.new_channels = NewChannels::Refuse;
        let mut harvest = Harvest::default();
        let reader = Reader::new(Mapping::preset("vllm").expect("a preset"));
        let reading = reader.read("s", page.as_bytes(), &admission, &mut harvest).expect("readable");
        assert_eq!(reading.counters.values().filter(|series| series.channel.is_none()).count(), 2);
        assert_eq!(harvest.rejects.len(), 1);
    }
}
