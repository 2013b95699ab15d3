use super::*;
use crate::domain::call::{Call, Outcome};
use crate::domain::sample::Sample;
use crate::domain::time::Timestamp;
use crate::domain::units::{MicroUsd, Millis};
use crate::stats::ddsketch::DdSketch;
use proptest::prelude::*;

macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!("../../../../tests/fixtures/otlp/", $name))
    };
}

/// The minute of the recording, and a little later.
fn door() -> Admission {
    Admission::open(Timestamp::parse_rfc3339("2026-11-21T00:50:00Z").expect("valid RFC 3339"))
}

/// What the sender printed: totals per channel.
fn told(totals: &[u8]) -> BTreeMap<String, BTreeMap<String, f64>> {
    serde_json::from_slice(totals).expect("totals are JSON")
}

#[expect(clippy::cast_precision_loss, reason = "small counts")]
fn totals<'a>(samples: impl Iterator<Item = &'a Sample>) -> BTreeMap<String, BTreeMap<String, f64>> {
    let mut sums: BTreeMap<String, BTreeMap<String, f64>> = BTreeMap::new();
    for sample in samples {
        let of_channel = sums.entry(sample.channel.to_string()).or_default();
        let latency_sum_ms = sample.latency.sketch().map_or(0.0, DdSketch::sum);
        for (name, value) in [
            ("requests", sample.counts.requests as f64),
            ("errors", sample.counts.errors as f64),
            ("throttled", sample.counts.throttled as f64),
            ("timeouts", sample.counts.timeouts as f64),
            ("latency_sum_ms", latency_sum_ms),
            ("tokens_prompt", sample.tokens_prompt.unwrap_or(0) as f64),
            ("tokens_completion", sample.tokens_completion.unwrap_or(0) as f64),
            ("tokens_cached", sample.tokens_cached.unwrap_or(0) as f64),
        ] {
            *of_channel.entry(name.to_owned()).or_default() += value;
        }
    }
    sums
}

fn agree(told: &BTreeMap<String, BTreeMap<String, f64>>, read: &BTreeMap<String, BTreeMap<String, f64>>) {
    assert_eq!(told.keys().collect::<Vec<_>>(), read.keys().collect::<Vec<_>>());
    for (channel, columns) in read {
        for (column, value) in columns {
            let expected = told[channel].get(column).copied().unwrap_or(0.0);
            assert!((value - expected).abs() < 0.5, "{channel} {column}: read {value}, sent {expected}");
        }
    }
}

fn minutes_of(calls: &[Call]) -> Vec<Sample> {
    let mut minutes: BTreeMap<_, Sample> = BTreeMap::new();
    for call in calls {
        let minute = (call.channel.clone(), call.ts.minute());
        minutes.entry(minute).or_insert_with(|| Sample::new(call.channel.clone(), call.ts.minute())).record(call);
    }
    minutes.into_values().collect()
}

#[test]
fn spans_of_the_python_sdk_become_the_calls_that_were_sent() {
    let reading = Otlp::default().traces(fixture!("traces-1.bin"), Encoding::Protobuf, &door()).expect("readable");
    assert_eq!((reading.harvest.rejects.len(), reading.ignored), (0, 2), "an agent's span and a health check");
    let calls = &reading.harvest.batch.calls;
    assert_eq!(calls.len(), 40);
    assert_eq!(calls[3].ttft.map(Millis::get), Some(130.0));
    agree(&told(fixture!("traces.json")), &totals(minutes_of(calls).iter()));
}

#[test]
fn histograms_of_the_python_sdk_become_the_minutes_that_were_recorded() {
    type Case = (&'static [&'static [u8]], &'static [u8]);
    let cases: [Case; 3] = [
        (
            &[
                fixture!("metrics-cumulative-1.bin"),
                fixture!("metrics-cumulative-2.bin"),
                fixture!("metrics-cumulative-3.bin"),
            ],
            fixture!("metrics-cumulative.json"),
        ),
        (
            &[fixture!("metrics-delta-1.bin"), fixture!("metrics-delta-2.bin"), fixture!("metrics-delta-3.bin")],
            fixture!("metrics-delta.json"),
        ),
        (
            &[
                fixture!("metrics-exponential-1.bin"),
                fixture!("metrics-exponential-2.bin"),
                fixture!("metrics-exponential-3.bin"),
            ],
            fixture!("metrics-exponential.json"),
        ),
    ];
    for (bodies, sent) in cases {
        let mut otlp = Otlp::default();
        let mut pieces = Vec::new();
        for body in bodies {
            let reading = otlp.metrics(body, Encoding::Protobuf, &door()).expect("readable");
            assert_eq!(reading.harvest.rejects, []);
            // A restart between any two bodies changes nothing: what is known is in the cursors.
            let mut restarted = Otlp::default();
            restarted.commit(&otlp.baselines.cursors(otlp.baselines.all(), 1_000));
            restarted.feeds = std::mem::take(&mut otlp.feeds);
            let again = restarted.metrics(body, Encoding::Protobuf, &door()).expect("readable");
            assert_eq!(again.harvest.batch.partials, reading.harvest.batch.partials);
            otlp = restarted;
            otlp.commit(&reading.harvest.batch.cursors);
            pieces.extend(reading.harvest.batch.partials);
        }
        agree(&told(sent), &totals(pieces.iter()));
    }
}

#[test]
fn a_batch_that_was_not_accepted_is_not_lost() {
    let mut otlp = Otlp::default();
    let read = |otlp: &Otlp, body| otlp.metrics(body, Encoding::Protobuf, &door()).expect("readable").harvest.batch;
    let refused = read(&otlp, fixture!("metrics-cumulative-1.bin"));
    // Nothing was committed, so the next export carries everything.
    let accepted = read(&otlp, fixture!("metrics-cumulative-2.bin"));
    otlp.commit(&accepted.cursors);
    let requests = |batch: &Batch| batch.partials.iter().map(|piece| piece.counts.requests).sum::<u64>();
    assert_eq!((requests(&refused), requests(&accepted)), (40, 80));
    let repeated = otlp.metrics(fixture!("metrics-cumulative-2.bin"), Encoding::Protobuf, &door()).expect("readable");
    assert_eq!(requests(&repeated.harvest.batch), 0);
    assert!(repeated.harvest.rejects.iter().all(|reject| reject.problem == "is not after the point before it"));
    assert_eq!(repeated.harvest.batch.key, accepted.key, "equal bodies have equal keys");
}

#[test]
fn an_exporter_that_ran_before_we_listened_only_sets_its_marks() {
    let mut request: ExportMetricsServiceRequest =
        Message::decode(&fixture!("metrics-cumulative-1.bin")[..]).expect("readable");
    let later = |request: &mut ExportMetricsServiceRequest| {
        use opentelemetry_proto::tonic::metrics::v1::metric::Data;
        let scopes = request.resource_metrics.iter_mut().flat_map(|resource| &mut resource.scope_metrics);
        for metric in scopes.flat_map(|scope| &mut scope.metrics) {
            if let Some(Data::Histogram(histogram)) = &mut metric.data {
                histogram.data_points.iter_mut().for_each(|point| point.time_unix_nano += 300_000_000_000);
            }
        }
    };
    later(&mut request);
    let reading = Otlp::default().metrics(&request.encode_to_vec(), Encoding::Protobuf, &door()).expect("readable");
    assert_eq!((reading.harvest.batch.partials.len(), reading.harvest.rejected()), (0, 0));
}

#[test]
fn json_is_read_as_protobuf_is() {
    let reading = Otlp::default().traces(fixture!("traces.otlp.json"), Encoding::Json, &door()).expect("readable");
    let calls = &reading.harvest.batch.calls;
    assert_eq!((calls.len(), reading.ignored), (2, 2), "the outer of two nested calls and a tool are left out");
    let call = &calls[0];
    assert_eq!((call.channel.as_str(), call.outcome), ("azure/gpt-4o", Outcome::Ok));
    assert_eq!((call.latency, call.ttft), (Millis::new(1_400.0).ok(), Millis::new(250.0).ok()));
    assert_eq!((call.tokens_prompt, call.tokens_completion), (Some(412), Some(96)));
    assert_eq!(call.cost, Some(MicroUsd(2_100)));
    assert_eq!((calls[1].channel.as_str(), calls[1].outcome), ("azure-eu", Outcome::Throttled));
    let reply = success(Signal::Traces, Encoding::Json, &reading);
    assert_eq!(
        String::from_utf8_lossy(&reply),
        r#"{"partialSuccess":{"rejectedSpans":1,"errorMessage":"item 3: `gen_ai.usage.input_tokens` is negative"}}"#
    );

    let reading = Otlp::default().metrics(fixture!("metrics.otlp.json"), Encoding::Json, &door()).expect("readable");
    let piece = &reading.harvest.batch.partials[0];
    assert_eq!((piece.channel.as_str(), piece.counts.requests), ("openai/gpt-4o", 4));
    assert_eq!(piece.minute.to_string(), "2026-11-20T23:53:00Z", "a point on the border tells of the minute before");
    assert_eq!((piece.latency.mean(), piece.latency.max()), (Some(1_500.0), Some(3_000.0)));
    assert_eq!(reading.harvest.batch.gauges.len(), 1);
    assert_eq!(reading.harvest.batch.gauges[0].labels.keys().collect::<Vec<_>>(), ["cluster", "service.name"]);
    let problems: Vec<_> = reading.harvest.rejects.iter().map(ToString::to_string).collect();
    assert_eq!(
        problems,
        ["line 2: `count` is 9, but the buckets hold 4", "line 4: `value` is missing or not a number"]
    );
}

#[test]
fn replies_in_protobuf_decode_as_the_protocol_says() {
    use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceResponse;
    let reading = Otlp::default().metrics(fixture!("metrics.otlp.json"), Encoding::Json, &door()).expect("readable");
    let reply = success(Signal::Metrics, Encoding::Protobuf, &reading);
    let decoded = ExportMetricsServiceResponse::decode(&reply[..]).expect("an export response");
    assert_eq!(decoded.partial_success.map(|partial| partial.rejected_data_points), Some(2));
    assert!(success(Signal::Traces, Encoding::Protobuf, &Reading::default()).is_empty(), "plain success is no bytes");
}

#[test]
fn spans_speak_for_a_channel_before_histograms_do() {
    let mut otlp = Otlp::default();
    let mut spans = otlp.traces(fixture!("traces.otlp.json"), Encoding::Json, &door()).expect("readable").harvest.batch;
    spans.calls[0].channel = crate::domain::ids::ChannelId::new("openai/gpt-4o").expect("valid name");
    spans.cursors.clear();
    Feeds::default().note_calls(&mut spans);
    otlp.commit(&spans.cursors);
    let reading = otlp.metrics(fixture!("metrics.otlp.json"), Encoding::Json, &door()).expect("readable");
    assert_eq!((reading.harvest.batch.partials.len(), reading.ignored), (0, 1));
}

#[test]
fn the_address_is_part_of_the_channel_only_if_asked_for() {
    let channel = ChannelRule { with_address: true, ..ChannelRule::default() };
    let otlp = Otlp::new(Options { channel, ..Options::default() });
    let reading = otlp.traces(fixture!("traces.otlp.json"), Encoding::Json, &door()).expect("readable");
    assert_eq!(reading.harvest.batch.calls[0].channel.as_str(), "azure/gpt-4o@eu.openai.azure.com");
}

#[test]
fn content_never_reaches_the_harvest() {
    let otlp = Otlp::default();
    let secret = "launch code";
    let traces: [(&[u8], Encoding); 2] =
        [(fixture!("traces-1.bin"), Encoding::Protobuf), (fixture!("traces.otlp.json"), Encoding::Json)];
    let metrics: [(&[u8], Encoding); 2] =
        [(fixture!("metrics-cumulative-1.bin"), Encoding::Protobuf), (fixture!("metrics.otlp.json"), Encoding::Json)];
    for (body, encoding) in traces.iter().chain(&metrics) {
        assert!(String::from_utf8_lossy(body).contains(secret), "the secret was planted");
        let readings = [otlp.traces(body, *encoding, &door()), otlp.metrics(body, *encoding, &door())];
        for reading in readings.into_iter().flatten() {
            assert!(!format!("{reading:?}").contains(secret));
            let reply = success(Signal::Traces, Encoding::Json, &reading);
            assert!(!String::from_utf8_lossy(&reply).contains(secret));
        }
    }
}

#[test]
fn what_is_not_otlp_is_refused_as_a_whole() {
    let otlp = Otlp::default();
    assert!(matches!(otlp.traces(b"\xff\xff", Encoding::Protobuf, &door()), Err(OtlpError::Protobuf(_))));
    let refusal = otlp.metrics(br#"{"resourceMetrics":"the launch code"}"#, Encoding::Json, &door());
    let Err(OtlpError::Json(place)) = refusal else { unreachable!("not a message") };
    assert_eq!(place.to_string(), "wrong at line 1 column 36", "the body is not quoted");
    let heavy = b"{".repeat(1_000_000);
    assert!(matches!(otlp.traces(&heavy, Encoding::Json, &door()), Err(OtlpError::TooLarge { .. })));
    assert_eq!(Encoding::from_content_type("application/json; charset=utf-8"), Some(Encoding::Json));
    assert_eq!(Encoding::from_content_type("text/plain"), None);
}

/// Bodies that are nearly right: recorded ones with bytes changed, put in or cut out.
fn mangled() -> impl Strategy<Value = (Vec<u8>, bool)> {
    let bodies: [(&'static [u8], bool); 5] = [
        (fixture!("metrics-delta-3.bin"), false),
        (fixture!("metrics-exponential-1.bin"), false),
        (&fixture!("traces-1.bin")[..], false),
        (fixture!("traces.otlp.json"), true),
        (fixture!("metrics.otlp.json"), true),
    ];
    let edits = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 1..10);
    let near = (prop::sample::select(bodies.to_vec()), edits).prop_map(|((body, json), edits)| {
        let mut body = body[..body.len().min(6_000)].to_vec();
        for (place, byte, kind) in edits {
            let at = place.index(body.len());
            match kind {
                0 => body[at] = byte,
                1 => body.insert(at, byte),
                _ => {
                    body.drain(at..(at + usize::from(byte) / 16 + 1).min(body.len() - 1).max(at));
                }
            }
        }
        (body, json)
    });
    prop_oneof![4 => near, 1 => (prop::collection::vec(any::<u8>(), 0..300), any::<bool>())]
}

fn survives(body: &[u8], json: bool) -> Result<(), TestCaseError> {
    let encoding = if json { Encoding::Json } else { Encoding::Protobuf };
    let mut otlp = Otlp::default();
    for reading in [otlp.traces(body, encoding, &door()), otlp.metrics(body, encoding, &door())].into_iter().flatten() {
        let batch = &reading.harvest.batch;
        prop_assert!(batch.gauges.iter().all(|gauge| gauge.value.is_finite()));
        prop_assert!(!success(Signal::Traces, Encoding::Json, &reading).is_empty());
        otlp.commit(&batch.cursors);
    }
    // Once more, now against the marks that the body itself has set.
    let _ = otlp.metrics(body, encoding, &door());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// No bytes make the reader panic, and no value that is no number gets through.
    #[test]
    fn hostile_bytes_are_refused((body, json) in mangled()) {
        survives(&body, json)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// As above, a hundred thousand times.
    #[test]
    #[ignore = "long; `.ci/run hostile` runs it"]
    fn many_hostile_otlp_bodies((body, json) in mangled()) {
        survives(&body, json)?;
    }
}
