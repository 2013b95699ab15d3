use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::*;
use crate::domain::call::{Call, Outcome};
use crate::domain::gauge::{Gauge, GaugeMinute};
use crate::domain::ids::ChannelId;
use crate::domain::sample::{Distribution, ProbeResult, Sample, Summary};
use crate::domain::time::Minute;
use crate::domain::units::{MicroUsd, Millis};

pub(crate) fn any_channel() -> impl Strategy<Value = ChannelId> {
    prop::sample::select(vec!["a", "openai/gpt-4o eu", "c"]).prop_map(|name| ChannelId::new(name).expect("valid name"))
}

/// Whole microseconds: what the log keeps of a call's duration.
fn any_millis() -> impl Strategy<Value = Option<Millis>> {
    prop::option::of((0..86_400_000_000_u64).prop_map(|us| {
        #[expect(clippy::cast_precision_loss, reason = "below 2^53")]
        Millis::new(us as f64 / 1_000.0).expect("at most a day")
    }))
}

prop_compose! {
    fn any_call()(
        (ts, channel, outcome, probe) in (any::<i64>(), any_channel(), 0..6_usize, any::<bool>()),
        (latency, ttft) in (any_millis(), any_millis()),
        tokens in prop::array::uniform3(any::<Option<u64>>()),
        cost in any::<Option<i64>>(),
        (retries, in_flight, queue) in (any::<u32>(), any::<Option<u32>>(), any::<Option<u32>>()),
    ) -> Call {
        let mut call = Call::new(Timestamp::from_micros(ts), channel);
        (call.outcome, call.probe) = (Outcome::ALL[outcome], probe);
        (call.latency, call.ttft) = (latency, ttft);
        [call.tokens_prompt, call.tokens_completion, call.tokens_cached] = tokens;
        call.cost = cost.map(MicroUsd);
        (call.retries, call.in_flight, call.queue) = (retries, in_flight, queue);
        call
    }
}

fn any_distribution() -> impl Strategy<Value = Distribution> {
    prop_oneof![
        Just(Distribution::Empty),
        prop::collection::vec(0.0f64..1e6, 0..20).prop_map(|values| {
            let mut all = Distribution::Empty;
            for value in values {
                all.insert(value);
            }
            all
        }),
        prop::array::uniform6(prop::option::of(0.0f64..1e9)).prop_map(|[mean, p50, p90, p95, p99, max]| {
            Distribution::Stated(Box::new(Summary { mean, p50, p90, p95, p99, max }))
        }),
    ]
}

prop_compose! {
    fn any_sample()(
        (channel, minute, revision, coverage_s) in (any_channel(), any::<u32>(), 0..3_u32, 0..61_u32),
        counts in prop::array::uniform8(0..4_u64),
        tokens in prop::array::uniform3(any::<Option<u64>>()),
        cost in any::<Option<i64>>(),
        (latency, ttft) in (any_distribution(), any_distribution()),
        (in_flight_max, queue_max) in (any::<Option<u32>>(), any::<Option<u32>>()),
        probe in prop::option::of((any::<bool>(), prop::option::of(0.0f64..1e9))),
    ) -> Sample {
        let mut sample = Sample::new(channel, Minute(minute));
        (sample.revision, sample.coverage_s) = (revision, coverage_s);
        let c = &mut sample.counts;
        [c.requests, c.errors, c.timeouts, c.throttled, c.errors_client, c.errors_server, c.errors_network, c.retries] = counts;
        [sample.tokens_prompt, sample.tokens_completion, sample.tokens_cached] = tokens;
        sample.cost = cost.map(MicroUsd);
        (sample.latency, sample.ttft) = (latency, ttft);
        (sample.in_flight_max, sample.queue_max) = (in_flight_max, queue_max);
        sample.probe = probe.map(|(ok, latency_ms)| ProbeResult { ok, latency_ms });
        sample
    }
}

fn any_labels() -> impl Strategy<Value = BTreeMap<String, String>> {
    prop::collection::btree_map("[a-c]{0,3}", "[x-z]{0,3}", 0..3)
}

fn any_gauge() -> impl Strategy<Value = Gauge> {
    (any::<i64>(), "[a-c]{1,4}", any_labels(), -1e9f64..1e9).prop_map(|(ts, metric, labels, value)| Gauge {
        ts: Timestamp::from_micros(ts),
        metric,
        labels,
        value,
    })
}

fn few<T: std::fmt::Debug>(one: impl Strategy<Value = T>) -> impl Strategy<Value = Vec<T>> {
    prop::collection::vec(one, 0..4)
}

fn any_key() -> impl Strategy<Value = IdempotencyKey> {
    "[a-z]{1,9}".prop_map(|key| IdempotencyKey::new(&key).expect("valid key"))
}

prop_compose! {
    pub(crate) fn any_batch()(
        (received_at, key) in (any::<i64>(), prop::option::of(any_key())),
        calls in few(any_call()),
        (partials, replacements) in (few(any_sample()), few(any_sample())),
        gauges in few(any_gauge()),
        cursors in any_labels(),
        watched in any::<Option<(i64, i64)>>(),
    ) -> Batch {
        let at = Timestamp::from_micros;
        let watched = watched.map(|(from, to)| (at(from), at(to)));
        Batch { received_at: at(received_at), key, calls, partials, replacements, gauges, cursors, watched }
    }
}

prop_compose! {
    fn any_checkpoint()(
        open in few((any_sample(), any::<bool>())),
        late in few(any_sample()),
        gauges in few(any_gauge()),
        watched in few((any::<u32>(), any::<u64>())),
        channels in few((any_channel(), any::<u32>(), any::<u32>())),
        keys in few((any_key(), any::<i64>(), any::<u64>())),
        cursors in any_labels(),
    ) -> Checkpoint {
        let mode = |replace| if replace { Mode::Replace } else { Mode::Add };
        Checkpoint {
            open: open.into_iter().map(|(sample, replace)| Amendment { sample, mode: mode(replace) }).collect(),
            late,
            gauges: gauges.iter().map(GaugeMinute::from_reading).collect(),
            watched: watched.into_iter().map(|(minute, seconds)| (Minute(minute), seconds)).collect(),
            channels: channels
                .into_iter()
                .map(|(channel, first, last)| ChannelSeen { channel, first: Minute(first), last: Minute(last) })
                .collect(),
            keys: keys
                .into_iter()
                .map(|(key, at, calls)| CountedKey { key, received_at: Timestamp::from_micros(at), calls })
                .collect(),
            cursors,
        }
    }
}

proptest! {
    /// Every batch survives.
    #[test]
    fn batches_round_trip(batch in any_batch()) {
        prop_assert_eq!(decode(&encode(&batch)), Ok(batch));
    }

    /// Every checkpoint survives.
    #[test]
    fn checkpoints_round_trip(checkpoint in any_checkpoint()) {
        prop_assert_eq!(decode_checkpoint(&encode_checkpoint(&checkpoint)), Ok(checkpoint));
    }

    /// A message that is cut short is refused.
    #[test]
    fn no_part_of_a_message_is_a_message(batch in any_batch(), cut in any::<prop::sample::Index>()) {
        let bytes = encode(&batch);
        prop_assert!(decode(&bytes[..cut.index(bytes.len())]).is_err());
    }

    /// A message that is changed or invented is decoded or refused, never a panic.
    #[test]
    fn hostile_bytes_are_refused(bytes in mangled()) {
        survives(&bytes)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100_000))]

    /// As above, a hundred thousand times.
    #[test]
    #[ignore = "long; `.ci/run hostile` runs it"]
    fn many_hostile_wal_messages(bytes in mangled()) {
        survives(&bytes)?;
    }
}

/// Some valid messages of both kinds, the same in every run.
fn messages() -> Vec<Vec<u8>> {
    let mut runner = TestRunner::deterministic();
    let (batches, checkpoints) = (any_batch().prop_map(|batch| encode(&batch)), any_checkpoint());
    let checkpoints = checkpoints.prop_map(|checkpoint| encode_checkpoint(&checkpoint));
    let both = (batches, checkpoints);
    let trees = (0..50).map(|_| both.new_tree(&mut runner).expect("a value"));
    trees.flat_map(|tree| <[Vec<u8>; 2]>::from(tree.current())).collect()
}

/// Messages with bytes changed, and noise behind a valid start.
fn mangled() -> impl Strategy<Value = Vec<u8>> {
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4);
    let near = (prop::sample::select(messages()), changes).prop_map(|(mut bytes, changes)| {
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        bytes
    });
    let noise = (prop::sample::select(vec![BATCH, CHECKPOINT]), prop::collection::vec(any::<u8>(), 0..100));
    prop_oneof![3 => near, 1 => noise.prop_map(|(kind, noise)| [&[kind, VERSION], noise.as_slice()].concat())]
}

/// What can be read can be written, and reads as the same again.
fn survives(bytes: &[u8]) -> Result<(), TestCaseError> {
    if let Ok(batch) = decode(bytes) {
        let again = encode(&batch);
        prop_assert_eq!(decode(&again).map(|batch| encode(&batch)), Ok(again));
    }
    if let Ok(checkpoint) = decode_checkpoint(bytes) {
        let again = encode_checkpoint(&checkpoint);
        prop_assert_eq!(decode_checkpoint(&again).map(|checkpoint| encode_checkpoint(&checkpoint)), Ok(again));
    }
    Ok(())
}

#[test]
fn counts_beyond_the_bytes_are_refused_before_anything_is_reserved() {
    let mut bytes = vec![BATCH, VERSION];
    crate::stats::varint::put(&mut bytes, u64::MAX / 2);
    assert_eq!(decode(&bytes), Err(CodecError::Truncated));
}

#[test]
fn newer_messages_are_named_as_such() {
    assert_eq!(decode(&[BATCH, 9, 0]), Err(CodecError::Unknown { kind: BATCH, version: 9 }));
    assert_eq!(decode(&[]), Err(CodecError::Truncated));
}

#[test]
fn a_probe_keeps_its_duration_exactly_and_a_call_to_the_microsecond() {
    let mut call = Call::new(Timestamp::from_seconds(1), ChannelId::new("c").expect("valid name"));
    call.latency = Millis::new(1.234_567_8).ok();
    let mut probe = call.clone();
    probe.probe = true;
    let batch = Batch { calls: vec![call, probe], ..Batch::default() };
    let back = decode(&encode(&batch)).expect("decodes");
    assert_eq!(back.calls[0].latency.map(Millis::get), Some(1.235));
    assert_eq!(back.calls[1].latency.map(Millis::get), Some(1.234_567_8));
}

#[test]
fn outcome_codes_are_their_places_for_ever() {
    for (code, outcome) in Outcome::ALL.into_iter().enumerate() {
        assert_eq!(outcome as usize, code);
    }
}

#[test]
fn names_are_written_once() {
    let channel = ChannelId::new("a-rather-long-channel-name").expect("valid name");
    let calls = (0..100).map(|n| Call::new(Timestamp::from_seconds(n), channel.clone())).collect();
    let bytes = encode(&Batch { calls, ..Batch::default() });
    assert!(bytes.len() < 100 * 7 + 60, "{} bytes", bytes.len());
}
