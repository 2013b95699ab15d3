use proptest::prelude::*;

use super::*;
use crate::domain::call::{Call, Outcome};
use crate::domain::ids::IdempotencyKey;
use crate::domain::units::{MicroUsd, Millis};

const LATE_S: i64 = 120;

fn channel(name: &str) -> ChannelId {
    ChannelId::new(name).expect("valid name")
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(6_000_000 + seconds)
}

fn minute(number: i64) -> Minute {
    at(number * 60).minute()
}

fn call(name: &str, seconds: i64) -> Call {
    let mut call = Call::new(at(seconds), channel(name));
    call.latency = Millis::new(100.0).ok();
    call
}

fn batch(received: i64, calls: Vec<Call>) -> Batch {
    Batch { calls, ..Batch::new(at(received)) }
}

fn requests(rows: &[Amendment]) -> Vec<(Minute, &str, u64, u32)> {
    let row = |row: &Amendment| {
        let sample = &row.sample;
        (sample.minute, sample.counts.requests, sample.coverage_s)
    };
    rows.iter().map(|r| (row(r).0, r.sample.channel.as_str(), row(r).1, row(r).2)).collect()
}

#[test]
fn a_minute_closes_when_its_late_window_has_passed() {
    let mut state = Accumulator::new(LATE_S);
    state.apply(&batch(5, vec![call("a", 1), call("a", 59), call("b", 61)]));
    assert!(state.drain_sealed(at(60 + LATE_S - 1)).is_empty());
    let drained = state.drain_sealed(at(60 + LATE_S));
    assert_eq!(requests(&drained.samples), [(minute(0), "a", 2, 0)]);
    assert_eq!(state.open_rows(), 1, "the next minute stays");
}

#[test]
fn an_empty_cursor_forgets_its_source() {
    let mut state = Accumulator::new(LATE_S);
    let cursors = |entries: &[(&str, &str)]| {
        let cursors = entries.iter().map(|(name, at)| ((*name).to_owned(), (*at).to_owned())).collect();
        Batch { cursors, ..Batch::new(at(0)) }
    };
    state.apply(&cursors(&[("file", "120"), ("exporter", "7")]));
    state.apply(&cursors(&[("exporter", ""), ("never seen", "")]));
    assert_eq!(state.cursors(), &cursors(&[("file", "120")]).cursors);
    assert_eq!((state.cursor("exporter"), state.checkpoint().cursors.len()), (None, 1));
}

#[test]
fn late_calls_amend_inside_the_window_and_are_kept_aside_beyond_it() {
    let mut state = Accumulator::new(LATE_S);
    let inside = state.apply(&batch(60 + LATE_S - 1, vec![call("a", 30)]));
    let beyond = state.apply(&batch(60 + LATE_S, vec![call("a", 31)]));
    assert_eq!((inside.late, beyond.late), (0, 1));
    let drained = state.drain_sealed(at(60 + LATE_S));
    assert_eq!(requests(&drained.samples), [(minute(0), "a", 1, 0)]);
    assert_eq!(drained.late.iter().map(|late| late.counts.requests).sum::<u64>(), 1);
}

#[test]
fn a_key_counts_once_and_its_answer_is_remembered() {
    let mut state = Accumulator::new(LATE_S);
    let mut keyed = batch(5, vec![call("a", 1), call("a", 2)]);
    keyed.key = IdempotencyKey::new("k").ok();
    assert_eq!(state.apply(&keyed), Applied { calls: 2, late: 0, duplicate: false });
    let mut restored = Accumulator::restore(state.checkpoint(), LATE_S);
    assert_eq!(restored.apply(&keyed), Applied { calls: 2, late: 0, duplicate: true });
    assert_eq!(restored.open(None, minute(0), minute(1))[0].sample.counts.requests, 2);
}

#[test]
fn watched_minutes_without_calls_are_zeros_and_unwatched_ones_are_gaps() {
    let mut state = Accumulator::new(LATE_S);
    state.apply(&batch(5, vec![call("a", 1)]));
    // Watching from second 30 of minute 0 to second 20 of minute 2; minute 3 was not watched.
    state.apply(&Batch { watched: Some((at(30), at(140))), ..Batch::new(at(140)) });
    let drained = state.drain_sealed(at(600));
    let expected = [(minute(0), "a", 1, 30), (minute(1), "a", 0, 60), (minute(2), "a", 0, 20)];
    assert_eq!(requests(&drained.samples), expected);
}

#[test]
fn open_minutes_know_how_long_they_were_watched() {
    let mut state = Accumulator::new(LATE_S);
    state.apply(&batch(5, vec![call("a", 1)]));
    state.apply(&Batch { watched: Some((at(30), at(140))), ..Batch::new(at(140)) });
    let watched = |from, to| state.watched_s(minute(from), minute(to)).into_values().collect::<Vec<_>>();
    assert_eq!((watched(0, 3), watched(1, 2), watched(3, 9)), (vec![110], vec![60], vec![0]));
}

#[test]
fn watched_spans_that_overlap_count_each_second_once() {
    let mut state = Accumulator::new(LATE_S);
    state.apply(&batch(5, vec![call("a", 1)]));
    for (from, to) in [(0, 20), (10, 30), (30, 30), (50, 40)] {
        state.apply(&Batch { watched: Some((at(from), at(to))), ..Batch::new(at(to)) });
    }
    assert_eq!(requests(&state.drain_sealed(at(600)).samples), [(minute(0), "a", 1, 30)]);
}

#[test]
fn a_whole_minute_replaces_pieces_and_older_revisions() {
    let mut state = Accumulator::new(LATE_S);
    state.apply(&batch(5, vec![call("a", 1), call("a", 2)]));
    let whole = |revision, requests| {
        let mut sample = Sample::new(channel("a"), minute(0));
        sample.revision = revision;
        sample.counts.requests = requests;
        sample
    };
    for (revision, requests) in [(2, 7), (1, 9)] {
        state.apply(&Batch { replacements: vec![whole(revision, requests)], ..Batch::new(at(10)) });
    }
    let rows = state.open(None, minute(0), minute(1));
    assert_eq!((rows[0].sample.counts.requests, rows[0].mode), (7, Mode::Replace));
}

#[test]
fn a_clock_that_steps_backwards_loses_nothing() {
    let mut state = Accumulator::new(LATE_S);
    state.apply(&batch(500, vec![call("a", 480)]));
    let before = state.drain_sealed(at(700));
    // The clock steps back by ten minutes; calls of the published minute arrive again inside their window.
    assert_eq!(state.apply(&batch(490, vec![call("a", 481)])).late, 0);
    let after = state.drain_sealed(at(700));
    assert_eq!(requests(&before.samples), requests(&after.samples), "a further piece, to be merged by the store");
}

fn any_call() -> impl Strategy<Value = Call> {
    (0..3_usize, 0..300_i64, 0..6_usize, 0.0f64..1e4, any::<bool>()).prop_map(|(name, second, outcome, ms, probe)| {
        let mut call = call(["a", "b", "c"][name], second);
        call.outcome = Outcome::ALL[outcome];
        call.latency = Millis::new(ms).ok();
        call.cost = Some(MicroUsd(second));
        call.probe = probe;
        call
    })
}

proptest! {
    /// For any calls received at one instant, their order and the batches they come in do not change any minute.
    #[test]
    fn order_of_calls_does_not_matter(calls in prop::collection::vec(any_call(), 0..60), turn in 0..60_usize, cut in 0..60_usize) {
        let mut once = Accumulator::new(LATE_S);
        once.apply(&batch(300, calls.clone()));
        let mut turned = calls.clone();
        turned.rotate_left(turn.min(calls.len()));
        let tail = turned.split_off(cut.min(turned.len()));
        let mut twice = Accumulator::new(LATE_S);
        twice.apply(&batch(300, tail));
        twice.apply(&batch(300, turned));
        prop_assert_eq!(once.checkpoint(), twice.checkpoint());
        prop_assert_eq!(once.drain_sealed(at(900)), twice.drain_sealed(at(900)));
    }

    /// A checkpoint taken at any point loses nothing: restoring it and going on equals never having stopped.
    #[test]
    fn restoring_equals_never_having_stopped(calls in prop::collection::vec(any_call(), 1..40), cut in 0..40_usize) {
        let (before, after) = calls.split_at(cut.min(calls.len()));
        let mut straight = Accumulator::new(LATE_S);
        straight.apply(&batch(200, before.to_vec()));
        let mut restored = Accumulator::restore(straight.checkpoint(), LATE_S);
        for state in [&mut straight, &mut restored] {
            state.apply(&batch(310, after.to_vec()));
            state.apply(&Batch { watched: Some((at(0), at(200))), ..Batch::new(at(310)) });
        }
        prop_assert_eq!(straight.checkpoint(), restored.checkpoint());
        prop_assert_eq!(straight.drain_sealed(at(900)), restored.drain_sealed(at(900)));
    }
}
