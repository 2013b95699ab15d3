use super::*;
use crate::collect::source::NewChannels;
use crate::domain::time::Timestamp;
use crate::domain::units::Millis;
use proptest::prelude::*;

const GOOD: &str = r#"{"id":"a1","ts":"2026-11-20T11:59:30.5Z","channel":"openai-eu","status":200,"latency_ms":812.5,"ttft_ms":120,"tokens_prompt":900,"tokens_completion":120,"tokens_cached":300,"cost_usd":0.0031,"retries":1,"in_flight":7,"queue":2}"#;

fn door() -> Admission {
    Admission::open(Timestamp::parse_rfc3339("2026-11-20T12:00:00Z").expect("valid RFC 3339"))
}

fn read(body: &str) -> Harvest {
    parse(body.as_bytes(), Limits::default(), &door())
}

fn problems(harvest: &Harvest) -> Vec<String> {
    harvest.rejects.iter().map(ToString::to_string).collect()
}

#[test]
fn a_full_record_becomes_a_call() {
    let harvest = read(GOOD);
    assert_eq!(problems(&harvest), Vec::<String>::new());
    let call = &harvest.batch.calls[0];
    assert_eq!((call.channel.as_str(), call.outcome), ("openai-eu", Outcome::Ok));
    assert_eq!(call.ts.to_string(), "2026-11-20T11:59:30.500Z");
    assert_eq!(call.latency.map(Millis::get), Some(812.5));
    assert_eq!(call.ttft.map(Millis::get), Some(120.0));
    assert_eq!((call.tokens_prompt, call.tokens_completion, call.tokens_cached), (Some(900), Some(120), Some(300)));
    assert_eq!(call.cost.map(|cost| cost.0), Some(3_100));
    assert_eq!((call.retries, call.in_flight, call.queue, call.probe), (1, Some(7), Some(2), false));
}

#[test]
fn array_lines_and_single_object_are_the_same_to_us() {
    let other = GOOD.replace("a1", "a2");
    let lines = read(&format!("{GOOD}\r\n\n{other}\n"));
    let array = read(&format!(" [{GOOD} ,\n{other}]\n"));
    assert_eq!(lines.batch, array.batch);
    assert_eq!(lines.batch.calls.len(), 2);
    let pretty = read("{\n  \"ts\": 1763639970,\n  \"channel\": \"c\"\n}\n");
    assert_eq!((pretty.batch.calls.len(), pretty.rejected()), (1, 0));
    assert!(read("").rejects.is_empty() && read(" \n").rejects.is_empty() && read("[]").rejects.is_empty());
}

#[test]
fn outcome_is_more_exact_than_status() {
    let outcome = |fields: &str| read(&format!(r#"{{"ts":1763639970,"channel":"c"{fields}}}"#)).batch.calls[0].outcome;
    assert_eq!(outcome(""), Outcome::Ok);
    assert_eq!(outcome(r#","status":429"#), Outcome::Throttled);
    assert_eq!(outcome(r#","status":500,"outcome":"timeout""#), Outcome::Timeout);
    assert_eq!(outcome(r#","outcome":"error","status":null"#), Outcome::ServerError);
}

/// The table of bad input: what is sent, and the answer, word for word.
#[test]
fn every_kind_of_bad_line_has_its_answer() {
    let deep = format!(r#"{{"ts":1,"channel":"c","x":{}1{}}}"#, "[".repeat(200), "]".repeat(200));
    let table = [
        (r#"{"channel":"c"}"#, "`ts` is missing"),
        (r#"{"ts":1763639970}"#, "`channel` is missing"),
        (r#"{"ts":1763639970,"channel":""}"#, "`channel` is empty"),
        (r#"{"ts":1763639970,"channel":7}"#, "`channel` must be a text, not a number"),
        (r#"{"ts":"yesterday","channel":"c"}"#, "`ts` is not RFC 3339 (such as 2026-11-20T23:54:00Z) and not a number"),
        (r#"{"ts":true,"channel":"c"}"#, "`ts` must be RFC 3339 text or a number, not true or false"),
        (r#"{"ts":-5,"channel":"c"}"#, "`ts` is negative"),
        (
            r#"{"ts":1763639970000000000,"channel":"c"}"#,
            "`ts` is too large: give seconds, milliseconds or microseconds since 1970",
        ),
        (
            r#"{"ts":12,"channel":"c"}"#,
            "`ts` is 1970-01-01T00:00:12Z, before the year 2000: check the unit (RFC 3339, or seconds since 1970)",
        ),
        (
            r#"{"ts":"3000-01-01T00:00:00Z","channel":"c"}"#,
            "`ts` is 3000-01-01T00:00:00Z, more than 300 s ahead of this server's clock (2026-11-20T12:00:00Z)",
        ),
        (r#"{"ts":1763639970,"channel":"c","tokens_prompt":-3}"#, "`tokens_prompt` is negative"),
        (r#"{"ts":1763639970,"channel":"c","tokens_prompt":1.5}"#, "`tokens_prompt` must be a whole number"),
        (r#"{"ts":1763639970,"channel":"c","tokens_cached":1e12}"#, "`tokens_cached` must be a whole number"),
        (
            r#"{"ts":1763639970,"channel":"c","tokens_completion":99999999999}"#,
            "`tokens_completion` is larger than 1000000000 tokens",
        ),
        (
            r#"{"ts":1763639970,"channel":"c","tokens_prompt":"12"}"#,
            "`tokens_prompt` must be a whole number, not a text",
        ),
        (r#"{"ts":1763639970,"channel":"c","latency_ms":"NaN"}"#, "`latency_ms` is `NaN`: leave unknown values out"),
        (
            r#"{"ts":1763639970,"channel":"c","latency_ms":NaN}"#,
            "`latency_ms` is `NaN`, which JSON does not have: leave unknown values out",
        ),
        (
            r#"{"ts":1763639970,"channel":"c","cost_usd":-Infinity}"#,
            "`cost_usd` is `-Infinity`, which JSON does not have: leave unknown values out",
        ),
        (r#"{"ts":1763639970,"channel":"c","latency_ms":-1}"#, "`latency_ms` is negative"),
        (r#"{"ts":1763639970,"channel":"c","latency_ms":-0.5}"#, "`latency_ms` is negative"),
        (r#"{"ts":1763639970,"channel":"c","latency_ms":1e300}"#, "`latency_ms` is larger than 86400000 ms"),
        (
            r#"{"ts":1763639970,"channel":"c","latency_ms":1e999}"#,
            "`latency_ms` is not valid JSON at column 49: number out of range",
        ),
        (r#"{"ts":1763639970,"channel":"c","latency_ms":[1]}"#, "`latency_ms` must be a number, not a list"),
        (r#"{"ts":1763639970,"channel":"c","ttft_ms":{"a":1}}"#, "`ttft_ms` must be a number, not an object"),
        (r#"{"ts":1763639970,"channel":"c","cost_usd":2e6}"#, "`cost_usd` is larger than 1000000 USD"),
        (r#"{"ts":1763639970,"channel":"c","status":42}"#, "`status` is 42, which is not an HTTP status (100 to 599)"),
        (
            r#"{"ts":1763639970,"channel":"c","outcome":"fine"}"#,
            "`outcome` must be one of ok, throttled, timeout, client_error, server_error, network_error",
        ),
        (r#"{"ts":1763639970,"channel":"c","retries":5000000000}"#, "`retries` is larger than 4294967295"),
        (r#"{"ts":1763639970,"channel":"c","probe":1}"#, "`probe` must be true or false, not a number"),
        (r#"{"ts":1763639970,"ts":1763639970,"channel":"c"}"#, "`ts` appears twice"),
        (r#"{"ts":1763639970,"channel":"c""#, "is not valid JSON at column 30: EOF while parsing an object"),
        (
            r#"{"ts":1763639970,"channel":"c","latency_ms":}"#,
            "`latency_ms` is not valid JSON at column 45: expected value",
        ),
        (r#"{"ts":1763639970,"channel":"c"} {}"#, "is not valid JSON at column 33: trailing characters"),
        ("17", "must be a JSON object"),
        ("oops", "is not valid JSON at column 1: expected value"),
        (deep.as_str(), "`x` is nested more than 128 levels deep"),
    ];
    for (line, answer) in table {
        let harvest = read(&format!("{GOOD}\n{line}\n{}", GOOD.replace("a1", "a2")));
        assert_eq!(problems(&harvest), [format!("line 2: {answer}")], "{line}");
        assert_eq!(harvest.batch.calls.len(), 2, "the good lines around it are kept: {line}");
        let array = read(&format!("[{GOOD},{line},{}]", GOOD.replace("a1", "a2")));
        if !line.ends_with(r#""c""#) {
            assert_eq!(array.batch.calls.len(), 2, "as an element: {line}");
        }
    }
}

#[test]
fn a_channel_that_is_not_let_in_is_named() {
    let mut door = door();
    door.new_channels = NewChannels::Refuse;
    let harvest = parse(GOOD.as_bytes(), Limits::default(), &door);
    assert_eq!(problems(&harvest), ["line 1: `channel` names `openai-eu`, which is not a configured channel"]);
}

#[test]
fn a_repeated_id_counts_once() {
    let harvest = read(&format!("{GOOD}\n{GOOD}\n[]\n"));
    assert_eq!(harvest.batch.calls.len(), 1);
    assert_eq!(problems(&harvest)[0], "line 2: `id` is the same as on line 1; the first of them counts");
}

#[test]
fn a_rejected_line_does_not_take_its_id_with_it() {
    let broken = GOOD.replace("812.5", "-1");
    let harvest = read(&format!("{broken}\n{GOOD}\n"));
    assert_eq!((harvest.batch.calls.len(), harvest.rejected()), (1, 1));
}

#[test]
fn long_lines_many_lines_and_bad_text_are_told() {
    let long = format!(r#"{{"ts":1763639970,"channel":"c","prompt":"{}"}}"#, "x".repeat(10_000_000));
    let harvest = read(&format!("{long}\n{GOOD}"));
    assert_eq!(problems(&harvest), ["line 1: has 10000043 bytes; at most 1000000 are allowed"]);
    assert_eq!(harvest.batch.calls.len(), 1);

    let limits = Limits { calls: 2, ..Limits::default() };
    let many = parse(r#"{"ts":1763639970,"channel":"c"}"#.repeat(3).replace("}{", "}\n{").as_bytes(), limits, &door());
    assert_eq!((many.batch.calls.len(), many.rejected()), (2, 1));

    let mut bytes = GOOD.as_bytes().to_vec();
    bytes.extend_from_slice(b"\n{\"ts\":1,\"channel\":\"\xff\"}\n");
    let harvest = parse(&bytes, Limits::default(), &door());
    assert_eq!(problems(&harvest), ["line 2: is not valid UTF-8 (byte 20 of the line)"]);
    assert_eq!(harvest.batch.calls.len(), 1);

    let noise = read(&"x\n".repeat(5_000));
    assert_eq!((noise.rejects.len(), noise.rejected()), (Harvest::MAX_REJECTS, 5_000));
}

#[test]
fn content_has_nowhere_to_go() {
    let secret = "the launch code is 0000";
    let body = include_bytes!("../../../../tests/fixtures/calls/with_content.ndjson");
    assert!(String::from_utf8_lossy(body).contains(secret), "the fixture holds the secret");
    let harvest = parse(body, Limits::default(), &door());
    assert!(harvest.batch.calls.len() >= 2);
    assert!(!format!("{harvest:?}").contains("launch code"));
}

/// Bytes near enough to a real body that they reach every corner: a good body with some bytes changed or cut out.
fn mangled() -> impl Strategy<Value = Vec<u8>> {
    let edits = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 0..12);
    let mutated = (edits, any::<bool>()).prop_map(|(edits, array)| {
        let mut body = if array { format!("[{GOOD},{GOOD}]") } else { format!("{GOOD}\n{GOOD}\n") }.into_bytes();
        for (place, byte, kind) in edits {
            let at = place.index(body.len());
            match kind {
                0 => body[at] = byte,
                1 => body.insert(at, b"\"{}[],:\\\n-e"[usize::from(byte) % 11]),
                _ => {
                    body.drain(at..(at + usize::from(byte) / 8 + 1).min(body.len() - 1).max(at));
                }
            }
        }
        body
    });
    prop_oneof![3 => mutated, 1 => prop::collection::vec(any::<u8>(), 0..400)]
}

fn survives(body: &[u8]) -> Result<(), TestCaseError> {
    let harvest = parse(body, Limits::default(), &door());
    for call in &harvest.batch.calls {
        prop_assert!(door().check_ts(call.ts).is_ok());
    }
    // Every record is either a call or a reject, and has at least one byte.
    prop_assert!(harvest.rejected() + harvest.batch.calls.len() as u64 <= body.len() as u64 + 1);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// No bytes make the reader panic, and nothing gets past the door.
    #[test]
    fn hostile_bytes_are_refused(body in mangled()) {
        survives(&body)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// As above, a hundred thousand times.
    #[test]
    #[ignore = "long; `.ci/run hostile` runs it"]
    fn many_hostile_call_bodies(body in mangled()) {
        survives(&body)?;
    }
}
