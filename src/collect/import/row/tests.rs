use super::*;
use crate::collect::import::mapping::Wishes;
use crate::collect::import::read::Reader;
use crate::domain::call::Outcome;
use crate::domain::column::Column;
use crate::domain::units::MicroUsd;
use std::io::Write;

/// Parses every row of `csv` as `wishes` say.
fn rows(wishes: &Wishes, csv: &str) -> Vec<Row> {
    let mut file = tempfile::NamedTempFile::new().expect("temporary file");
    file.write_all(csv.as_bytes()).expect("written");
    let mut reader = Reader::open(file.path()).expect("opens");
    let mapping = Mapping::choose(wishes, reader.columns()).expect("the mapping fits");
    let mut parser = RowParser::new(&mapping);
    reader.select(parser.columns()).expect("columns are of use");
    let door = Admission::open(Timestamp::parse_rfc3339("2026-11-20T12:00:00Z").expect("valid RFC 3339"));
    let chunk = reader.next_chunk(1_000).expect("readable").expect("has rows");
    (0..chunk.len()).map(|row| parser.parse(&chunk, row, &door)).collect()
}

fn call(row: &Row) -> &Call {
    let call = if let Row::Call(call) = row { Some(call) } else { None };
    call.expect("the row is a call")
}

fn minute(row: &Row) -> &Sample {
    let minute = if let Row::Minute(minute) = row { Some(minute) } else { None };
    minute.expect("the row is a minute")
}

fn problem(row: &Row) -> String {
    let reject = if let Row::Rejected(reject) = row { Some(reject) } else { None };
    reject.expect("the row is rejected").to_string()
}

#[test]
fn a_row_becomes_a_call_with_units_applied() {
    let csv = "ts,channel,status,latency_s,ttft_ms,tokens_prompt,tokens_cached,cost_usd,retries\n\
               2026-11-20T11:00:00Z,eu,429,1.25,300,1000,400,0.0125,2\n";
    let rows = rows(&Wishes::default(), csv);
    let call = call(&rows[0]);
    assert_eq!((call.channel.as_str(), call.outcome), ("eu", Outcome::Throttled));
    assert_eq!(call.latency.map(crate::domain::units::Millis::get), Some(1_250.0));
    assert_eq!((call.tokens_cached, call.tokens_completion), (Some(400), None));
    assert_eq!((call.cost, call.retries), (Some(MicroUsd(12_500)), 2));
}

#[test]
fn every_bad_field_is_named_with_its_row() {
    let csv = "ts,channel,latency_ms,tokens_prompt,outcome\n\
               2026-11-20T11:00:00Z,eu,fast,1,\n\
               2026-11-20T11:00:00Z,eu,-1,1,\n\
               2026-11-20T11:00:00Z,eu,5,-1,\n\
               2026-11-20T11:00:00Z,eu,NaN,1,\n\
               3000-01-01T00:00:00Z,eu,5,1,\n\
               ,eu,5,1,\n\
               2026-11-20T11:00:00Z,,5,1,\n\
               2026-11-20T11:00:00Z,eu,5,1,fine\n\
               2026-11-20T11:00:00Z,eu,5,1,timeout\n";
    let rows = rows(&Wishes::default(), csv);
    let problems: Vec<String> = rows[..8].iter().map(problem).collect();
    assert_eq!(problems[0], "line 1: `latency_ms` is `fast`, not a number");
    assert_eq!(problems[1], "line 2: `latency_ms` is negative");
    assert_eq!(problems[2], "line 3: `tokens_prompt` is -1, a negative number");
    assert_eq!(problems[3], "line 4: `latency_ms` is NaN, not a finite number");
    assert!(problems[4].starts_with("line 5: `ts` is 3000-01-01T00:00:00Z, more than 300 s ahead"), "{}", problems[4]);
    assert_eq!(problems[5], "line 6: `ts` is missing");
    assert_eq!(problems[6], "line 7: `channel` is missing, and names the channel");
    assert!(problems[7].starts_with("line 8: `outcome` is `fine`, not one of ok, throttled"), "{}", problems[7]);
    assert_eq!(call(&rows[8]).outcome, Outcome::Timeout);
}

#[test]
fn a_column_that_says_failed_overrules_one_that_says_ok() {
    let csv = "ts,channel,status,failed\n1795000000,c,200,1\n1795000000,c,504,0\n1795000000,c,,0\n";
    let rows = rows(&Wishes::default(), csv);
    let outcomes: Vec<Outcome> = rows.iter().map(|row| call(row).outcome).collect();
    assert_eq!(outcomes, [Outcome::ServerError, Outcome::Timeout, Outcome::Ok]);
}

#[test]
fn a_trace_without_timestamps_is_laid_out_from_its_start() {
    let start = Timestamp::parse_rfc3339("2024-01-01T00:00:00Z");
    let wishes = Wishes { preset: Some("llmperf".into()), start, ..Wishes::default() };
    let csv = "provider,model,seq,error_code,prompt_tokens,completion_tokens,ttft_ms,e2e_ms\n\
               p,m,0,,550,151,557.5,1528\np,m,61,429.0,,,,\np,m,62,-100.0,1,1,1,1\n";
    let rows = rows(&wishes, csv);
    assert_eq!(call(&rows[1]).ts.to_string(), "2024-01-01T00:01:01Z");
    let outcomes: Vec<Outcome> = rows.iter().map(|row| call(row).outcome).collect();
    assert_eq!(outcomes, [Outcome::Ok, Outcome::Throttled, Outcome::ServerError]);
    assert_eq!(call(&rows[0]).channel.as_str(), "p/m");
}

#[test]
fn unfinished_calls_are_left_out_and_named() {
    let csv = "ts,channel,status,failed,exec_time_s\n1795000000,,PENDING,0,0\n1795000000,m,FAILED,1,3\n";
    let rows = rows(&Wishes { preset: Some("gentd26".into()), ..Wishes::default() }, csv);
    assert_eq!(rows[0], Row::Skipped("PENDING".into()));
    assert_eq!(call(&rows[1]).outcome, Outcome::ServerError);
}

#[test]
fn a_minute_keeps_what_it_states() {
    let csv = "ts,channel,requests,errors,latency_p95_ms,cost_usd,coverage_s\n\
               2026-11-20T11:00:42Z,eu,10,1,812.5,0.5,\n\
               2026-11-20T11:01:00Z,eu,10,11,,,\n\
               2026-11-20T11:02:00Z,eu,,0,,,\n\
               2026-11-20T11:03:00Z,eu,1,0,,,3600\n";
    let rows = rows(&Wishes::default(), csv);
    let minute = minute(&rows[0]);
    assert_eq!(minute.minute.to_string(), "2026-11-20T11:00:00Z");
    assert_eq!((minute.revision, minute.coverage_s, minute.cost), (1, 60, Some(MicroUsd(500_000))));
    assert_eq!(Column::LatencyP95.value(minute), Some(812.5));
    assert_eq!(Column::LatencyP99.value(minute), None);
    assert_eq!(problem(&rows[1]), "line 2: `errors` is 11, more than the 10 requests");
    assert_eq!(problem(&rows[2]), "line 3: `requests` is missing");
    assert!(problem(&rows[3]).contains("rows must be minutes"));
}
