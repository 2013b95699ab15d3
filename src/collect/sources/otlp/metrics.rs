//! Metrics to pieces of minutes and gauges.
//!
//! GenAI histograms become pieces of their channel's minutes: the operation's duration counts requests, errors (by
//! `error.type`) and latency; first-token time, token usage and cost fill their columns. A point that covers two
//! minutes goes to the one that holds its middle. Gauges and sums of any other name become gauges; other histograms
//! and summaries are ignored and counted.

use std::collections::BTreeMap;

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value;
use opentelemetry_proto::tonic::metrics::v1::{AggregationTemporality, DataPointFlags, Metric, NumberDataPoint};

use crate::collect::source::Admission;
use crate::collect::sources::otlp::attributes::Attributes;
use crate::collect::sources::otlp::baseline::{Baselines, Exporter, News};
use crate::collect::sources::otlp::feeds::{Feeds, Rank};
use crate::collect::sources::otlp::points::{Fault, Point, Tally};
use crate::collect::sources::otlp::spans::instant;
use crate::collect::sources::otlp::{Options, Reading, errors};
use crate::domain::call::Outcome;
use crate::domain::gauge::Gauge;
use crate::domain::ids::ChannelId;
use crate::domain::sample::Sample;
use crate::domain::time::{Minute, Timestamp};
use crate::domain::units::MicroUsd;

/// Longest metric name kept, in bytes.
const MAX_METRIC_BYTES: usize = 200;

/// Resource attributes that tell exporters apart; the rest of a resource is long and says nothing about the value.
const RESOURCE_LABELS: [&str; 7] = [
    "service.name",
    "service.namespace",
    "service.instance.id",
    "deployment.environment",
    "deployment.environment.name",
    "cloud.region",
    "host.name",
];

/// The column that an instrument fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Measure {
    /// Duration of whole calls: requests, errors and latency.
    Requests,
    Ttft,
    Tokens,
    Cost,
}

impl Measure {
    const fn name(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Ttft => "ttft",
            Self::Tokens => "tokens",
            Self::Cost => "cost",
        }
    }
}

/// GenAI histograms that are understood. `gen_ai.usage.cost` and `gen_ai.client.token.cost` are LiteLLM's own.
const INSTRUMENTS: [(&str, Measure, Rank); 7] = [
    ("gen_ai.client.operation.duration", Measure::Requests, Rank::Client),
    ("gen_ai.server.request.duration", Measure::Requests, Rank::Server),
    ("gen_ai.client.operation.time_to_first_chunk", Measure::Ttft, Rank::Client),
    ("gen_ai.server.time_to_first_token", Measure::Ttft, Rank::Server),
    ("gen_ai.client.token.usage", Measure::Tokens, Rank::Client),
    ("gen_ai.usage.cost", Measure::Cost, Rank::Client),
    ("gen_ai.client.token.cost", Measure::Cost, Rank::Client),
];

/// What holds for every point of one metric.
struct Context<'a> {
    resource: Attributes<'a>,
    exporter: String,
    metric: &'a Metric,
    scope: &'a str,
    cumulative: bool,
}

/// One pass over one body.
pub(super) struct Pass<'a> {
    options: &'a Options,
    baselines: &'a Baselines,
    feeds: &'a Feeds,
    admission: &'a Admission,
    reading: &'a mut Reading,
    exporters: BTreeMap<String, Exporter>,
    pieces: BTreeMap<(ChannelId, Minute), Sample>,
    position: u64,
}

impl<'a> Pass<'a> {
    pub(super) fn new(
        options: &'a Options,
        baselines: &'a Baselines,
        feeds: &'a Feeds,
        admission: &'a Admission,
        reading: &'a mut Reading,
    ) -> Self {
        let (exporters, pieces) = (BTreeMap::new(), BTreeMap::new());
        Self { options, baselines, feeds, admission, reading, exporters, pieces, position: 0 }
    }

    /// Adds everything in `request` to the reading.
    pub(super) fn read(mut self, request: &ExportMetricsServiceRequest) {
        for of_resource in &request.resource_metrics {
            let resource = Attributes(of_resource.resource.as_ref().map_or(&[], |resource| &resource.attributes));
            let exporter = format!("{:016x}", resource.fingerprint(0));
            for of_scope in &of_resource.scope_metrics {
                let scope = of_scope.scope.as_ref().map_or("", |scope| scope.name.as_str());
                for metric in &of_scope.metrics {
                    let cumulative = is_cumulative(metric);
                    self.metric(&Context { resource, exporter: exporter.clone(), metric, scope, cumulative });
                }
            }
        }
        let batch = &mut self.reading.harvest.batch;
        batch.partials = self.pieces.into_values().collect();
        batch.cursors.extend(self.baselines.cursors(self.exporters, self.options.max_exporters));
    }

    fn metric(&mut self, context: &Context<'_>) {
        let instrument = INSTRUMENTS.iter().find(|(name, ..)| *name == context.metric.name);
        match &context.metric.data {
            Some(Data::Gauge(gauge)) => self.gauges(context, &gauge.data_points),
            Some(Data::Sum(sum)) => self.gauges(context, &sum.data_points),
            Some(Data::Histogram(histogram)) if instrument.is_some() => {
                for point in &histogram.data_points {
                    self.point(context, instrument, point.flags, Point::explicit(point));
                }
            }
            Some(Data::ExponentialHistogram(histogram)) if instrument.is_some() => {
                for point in &histogram.data_points {
                    self.point(context, instrument, point.flags, Point::exponential(point));
                }
            }
            Some(Data::Histogram(histogram)) => self.ignore(histogram.data_points.len()),
            Some(Data::ExponentialHistogram(histogram)) => self.ignore(histogram.data_points.len()),
            Some(Data::Summary(summary)) => self.ignore(summary.data_points.len()),
            // Either the protocol has a kind of data that is newer than this code, or JSON of a known kind is broken.
            None => {
                self.position += 1;
                self.reading.harvest.reject(self.position, "data", "is missing or cannot be read");
            }
        }
    }

    fn ignore(&mut self, points: usize) {
        self.position += points as u64;
        self.reading.ignored += points as u64;
    }

    fn gauges(&mut self, context: &Context<'_>, points: &[NumberDataPoint]) {
        for point in points {
            self.position += 1;
            if has_no_value(point.flags) {
                self.reading.ignored += 1;
                continue;
            }
            match self.gauge(context, point) {
                Ok(gauge) => self.reading.harvest.batch.gauges.push(gauge),
                Err((field, problem)) => self.reading.harvest.reject(self.position, field, problem),
            }
        }
    }

    fn gauge(&self, context: &Context<'_>, point: &NumberDataPoint) -> Result<Gauge, Fault> {
        let metric = &context.metric.name;
        if metric.is_empty() || metric.len() > MAX_METRIC_BYTES {
            return Err(("name", format!("has {} bytes; 1 to {MAX_METRIC_BYTES} are allowed", metric.len())));
        }
        let ts = self.instant(point.time_unix_nano)?;
        #[expect(clippy::cast_precision_loss, reason = "a gauge is a float")]
        let value = match point.value {
            Some(Value::AsDouble(value)) => value,
            Some(Value::AsInt(value)) => value as f64,
            None => return Err(("value", "is missing or not a number".to_owned())),
        };
        if !value.is_finite() {
            return Err(("asDouble", "is not a finite number".to_owned()));
        }
        let mut labels = BTreeMap::new();
        Attributes(&point.attributes).add_labels(&mut labels);
        context.resource.pick_labels(&RESOURCE_LABELS, &mut labels);
        while labels.len() > self.options.max_labels {
            labels.pop_last();
        }
        Ok(Gauge { ts, metric: metric.clone(), labels, value })
    }

    fn instant(&self, nanos: u64) -> Result<Timestamp, Fault> {
        let ts = instant(nanos).ok_or(("timeUnixNano", "is missing".to_owned()))?;
        self.admission.check_ts(ts).map_err(|problem| ("timeUnixNano", problem))?;
        Ok(ts)
    }

    fn point(
        &mut self,
        context: &Context<'_>,
        instrument: Option<&(&str, Measure, Rank)>,
        flags: u32,
        point: Result<Point<'_>, Fault>,
    ) {
        self.position += 1;
        let Some(&(_, measure, rank)) = instrument.filter(|_| self.options.genai_metrics && !has_no_value(flags))
        else {
            self.reading.ignored += 1;
            return;
        };
        let read = point.and_then(|point| self.histogram(context, measure, rank, &point));
        match read {
            Ok(true) => {}
            Ok(false) => self.reading.ignored += 1,
            Err((field, problem)) => self.reading.harvest.reject(self.position, field, problem),
        }
    }

    /// Adds one histogram point to its channel's minute; false if a better feed speaks for the channel.
    fn histogram(
        &mut self,
        context: &Context<'_>,
        measure: Measure,
        rank: Rank,
        point: &Point<'_>,
    ) -> Result<bool, Fault> {
        self.instant(point.time_nanos)?;
        let rule = &self.options.channel;
        let name =
            rule.name(point.attributes, context.resource).ok_or(("gen_ai.request.model", "is missing".to_owned()))?;
        let channel = self.admission.channel(&name).map_err(|problem| ("channel", problem))?;
        // The mark moves in any case, so that a feed that takes over later begins where it is, not at its start.
        let Some((since, news)) = self.news(context, point)? else { return Ok(true) };
        let minute = middle(since, point.time_nanos);
        if !self.feeds.allows(measure.name(), channel.as_str(), rank, minute) {
            return Ok(false);
        }
        self.reading.harvest.batch.cursors.extend(self.feeds.note(measure.name(), channel.as_str(), rank, minute));
        let piece = piece(&channel, minute, measure, context, point, &news)?;
        self.pieces.entry((channel, minute)).and_modify(|known| known.merge(&piece)).or_insert(piece);
        Ok(true)
    }

    /// What the point says that was not known, and since when; `None` if nothing.
    fn news(&mut self, context: &Context<'_>, point: &Point<'_>) -> Result<Option<(u64, Tally)>, Fault> {
        if !context.cumulative {
            return Ok(Some((point.start_nanos, point.tally.clone())));
        }
        let (baselines, time) = (self.baselines, point.time_nanos);
        if self.exporters.len() >= self.options.max_exporters && !self.exporters.contains_key(&context.exporter) {
            let problem = format!("is one of more than {} exporters in one body", self.options.max_exporters);
            return Err(("resource", problem));
        }
        let exporter = self
            .exporters
            .entry(context.exporter.clone())
            .or_insert_with(|| baselines.exporter(&context.exporter, time));
        let series = point.attributes.fingerprint(series_seed(context, point.start_nanos));
        match exporter.news(series, point.start_nanos, time, &point.tally, self.options.max_series) {
            News::Since(since, tally) => Ok(Some((since, tally))),
            News::Mark => Ok(None),
            News::Old => Err(("timeUnixNano", "is not after the point before it".to_owned())),
            News::Full => Err(("", format!("its exporter has more than {} instruments", self.options.max_series))),
        }
    }
}

fn is_cumulative(metric: &Metric) -> bool {
    let temporality = match &metric.data {
        Some(Data::Histogram(histogram)) => histogram.aggregation_temporality,
        Some(Data::ExponentialHistogram(histogram)) => histogram.aggregation_temporality,
        _ => return false,
    };
    temporality != AggregationTemporality::Delta as i32
}

const fn has_no_value(flags: u32) -> bool {
    flags & DataPointFlags::NoRecordedValueMask as u32 != 0
}

/// Tells apart points of equal attributes: by instrument and by the start of its run.
fn series_seed(context: &Context<'_>, start_nanos: u64) -> u64 {
    let name = [context.scope.as_bytes(), &[0], context.metric.name.as_bytes()].concat();
    xxhash_rust::xxh3::xxh3_64_with_seed(&name, start_nanos)
}

/// The minute that holds the middle of the span between two instants.
fn middle(since_nanos: u64, time_nanos: u64) -> Minute {
    let since = if since_nanos == 0 { time_nanos } else { since_nanos.min(time_nanos) };
    // A point on the border of two minutes tells of the minute that ended.
    let at = since + (time_nanos - since).div_euclid(2);
    instant(at.saturating_sub(u64::from(since == time_nanos))).unwrap_or_default().minute()
}

/// Seconds of `minute` that the exporter was watching: all of it, unless its run is known to have begun inside.
fn watched_s(minute: Minute, start_nanos: Option<u64>) -> u32 {
    let begun = start_nanos.and_then(instant).unwrap_or_default().max(minute.start());
    u32::try_from(minute.end().seconds() - begun.seconds()).unwrap_or(0).min(60)
}

/// What a point of `measure` says about its channel's minute.
fn piece(
    channel: &ChannelId,
    minute: Minute,
    measure: Measure,
    context: &Context<'_>,
    point: &Point<'_>,
    news: &Tally,
) -> Result<Sample, Fault> {
    let mut piece = Sample::new(channel.clone(), minute);
    let (unit_ms, whole) = (unit_ms(&context.metric.unit), !context.cumulative);
    piece.coverage_s = watched_s(minute, context.cumulative.then_some(point.start_nanos));
    match measure {
        Measure::Requests => {
            piece.counts.requests = news.count;
            match point.attributes.text("error.type") {
                Some(error_type) => count_errors(&mut piece, errors::outcome(error_type), news.count),
                None => piece.latency = point.distribution(news, unit_ms, whole),
            }
        }
        Measure::Ttft => piece.ttft = point.distribution(news, unit_ms, whole),
        Measure::Tokens => count_tokens(&mut piece, point.attributes.text("gen_ai.token.type"), news.sum),
        Measure::Cost => {
            let cost = news.sum.map(MicroUsd::from_usd).transpose();
            piece.cost = cost.map_err(|error| ("sum", error.to_string()))?;
        }
    }
    Ok(piece)
}

fn count_errors(piece: &mut Sample, outcome: Outcome, count: u64) {
    piece.counts.errors = count;
    match outcome {
        Outcome::Ok => {}
        Outcome::Throttled => piece.counts.throttled = count,
        Outcome::Timeout => piece.counts.timeouts = count,
        Outcome::ClientError => piece.counts.errors_client = count,
        Outcome::ServerError => piece.counts.errors_server = count,
        Outcome::NetworkError => piece.counts.errors_network = count,
    }
}

/// Token types of the conventions and of Envoy AI Gateway; reasoning tokens are part of the output already.
fn count_tokens(piece: &mut Sample, token_type: Option<&str>, sum: Option<f64>) {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "float casts saturate")]
    let tokens = sum.map(|sum| sum.round() as u64);
    match token_type {
        Some("input" | "prompt") => piece.tokens_prompt = tokens,
        Some("output" | "completion") => piece.tokens_completion = tokens,
        Some("cached_input" | "input_cached" | "cache_read") => piece.tokens_cached = tokens,
        _ => {}
    }
}

/// Milliseconds in one unit of a duration; the conventions say seconds.
fn unit_ms(unit: &str) -> f64 {
    match unit {
        "ms" => 1.0,
        "us" => 1e-3,
        "ns" => 1e-6,
        "min" => 60_000.0,
        _ => 1_000.0,
    }
}
