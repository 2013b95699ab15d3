//! Whole pages in, partial minutes out: recorded pages, the known traps, and conservation under resets and gaps.

use proptest::prelude::*;

use super::*;
use crate::domain::sample::Sample;
use crate::domain::time::Minute;
use crate::domain::units::MicroUsd;

const LITELLM: [&str; 3] = [
    include_str!("../../../../tests/fixtures/prometheus/litellm-1-healthy.txt"),
    include_str!("../../../../tests/fixtures/prometheus/litellm-2-outage.txt"),
    include_str!("../../../../tests/fixtures/prometheus/litellm-3-recovered.txt"),
];
const LITELLM_OPENMETRICS: &str =
    include_str!("../../../../tests/fixtures/prometheus/litellm-3-recovered.openmetrics.txt");
const VLLM: [&str; 2] = [
    include_str!("../../../../tests/fixtures/prometheus/vllm-1.txt"),
    include_str!("../../../../tests/fixtures/prometheus/vllm-2.txt"),
];
const ENVOY: [&str; 2] = [
    include_str!("../../../../tests/fixtures/prometheus/envoy-ai-gateway-1.txt"),
    include_str!("../../../../tests/fixtures/prometheus/envoy-ai-gateway-2.txt"),
];

/// 2027-01-15T08:00:00Z, a full minute.
const START: Timestamp = Timestamp::from_seconds(1_800_000_000);

fn source(preset: &str) -> PrometheusSource {
    PrometheusSource::new("page", Mapping::preset(preset).expect("a preset"), 60.0).expect("valid mapping")
}

/// Scrapes `body` `second` seconds after the start and accepts the harvest.
fn scrape(source: &mut PrometheusSource, second: i64, body: &str) -> Harvest {
    let admission = Admission::open(START.plus_seconds(second));
    let harvest = source.parse(body.as_bytes(), &admission).expect("readable");
    source.accepted();
    harvest
}

fn row<'a>(harvest: &'a Harvest, channel: &str, minute: u32) -> &'a Sample {
    let minute = Minute(START.minute().0 + minute);
    let found = harvest.batch.partials.iter().find(|row| row.channel.as_str() == channel && row.minute == minute);
    found.expect("a row of this channel and minute")
}

fn reading(harvest: &Harvest, metric: &str, channel: &str) -> Option<String> {
    let named = |gauge: &&Gauge| gauge.metric == metric;
    let of = |gauge: &&Gauge| channel.is_empty() || gauge.labels.get("channel").is_some_and(|name| name == channel);
    harvest.batch.gauges.iter().filter(named).find(of).map(|gauge| gauge.value.to_string())
}

#[test]
fn litellm_pages_become_minutes() {
    let mut source = source("litellm");
    let first = scrape(&mut source, 0, LITELLM[0]);
    assert_eq!((first.rejects.as_slice(), first.batch.partials.len()), ([].as_slice(), 0), "only a baseline");

    let outage = scrape(&mut source, 60, LITELLM[1]);
    let bad = row(&outage, "chan-a", 0);
    assert_eq!((bad.counts.requests, bad.counts.errors, bad.counts.errors_server), (3, 3, 3));
    assert_eq!((bad.latency.mean(), bad.coverage_s, bad.cost), (None, 60, Some(MicroUsd(0))));
    let good = row(&outage, "chan-b", 0);
    assert_eq!((good.counts.requests, good.counts.errors), (30, 0));
    assert_eq!(good.latency.sketch().map(crate::stats::ddsketch::DdSketch::count), Some(30));
    assert_eq!((good.tokens_prompt, good.tokens_completion, good.tokens_cached), (Some(360), Some(150), Some(120)));
    assert_eq!(good.cost, Some(MicroUsd(960)));

    let recovered = scrape(&mut source, 120, LITELLM[2]);
    assert_eq!(row(&recovered, "chan-a", 1).counts.requests, 11);
    assert_eq!(row(&recovered, "chan-b", 1).counts.requests, 19);
    assert!(row(&recovered, "chan-b", 1).latency.mean().is_some_and(|ms| (80.0..200.0).contains(&ms)));
}

#[test]
fn a_state_that_stays_after_recovery_is_not_believed() {
    let stale = r#"litellm_deployment_state{api_base="http://127.0.0.1:18081/v1",api_provider="openai",litellm_model_name="chat",model_id="chan-a"} 2.0"#;
    assert!(LITELLM[1].contains(stale) && LITELLM[2].contains(stale), "the trap is in the recording");
    let mut source = source("litellm");
    scrape(&mut source, 0, LITELLM[0]);
    let told = |harvest: &Harvest| reading(harvest, "litellm_deployment_state", "chan-a");
    assert_eq!(told(&scrape(&mut source, 60, LITELLM[1])).as_deref(), Some("2"));
    assert_eq!(told(&scrape(&mut source, 120, LITELLM[2])).as_deref(), Some("0"));
    assert_eq!(told(&scrape(&mut source, 180, LITELLM[2])), None, "no traffic, no evidence");
}

#[test]
fn openmetrics_says_the_same_as_text() {
    let mut text = source("litellm");
    let mut open = source("litellm");
    for source in [&mut text, &mut open] {
        scrape(source, 0, LITELLM[0]);
    }
    let (text, open) = (scrape(&mut text, 60, LITELLM[2]), scrape(&mut open, 60, LITELLM_OPENMETRICS));
    assert_eq!(open.rejects, []);
    assert_eq!(text.batch.partials, open.batch.partials);
}

#[test]
fn vllm_engines_are_one_channel_with_a_queue() {
    let mut source = source("vllm");
    scrape(&mut source, 0, VLLM[0]);
    let harvest = scrape(&mut source, 60, VLLM[1]);
    let row = row(&harvest, "llama-3.1-8b", 0);
    let counts = row.counts;
    assert_eq!((counts.requests, counts.errors, counts.errors_client, counts.errors_server), (56, 6, 4, 2));
    assert_eq!((row.tokens_prompt, row.tokens_completion), (Some(45_619 - 18_727), Some(11_096 - 4_692)));
    assert_eq!((row.in_flight_max, row.queue_max), (Some(10), Some(7)));
    assert!(row.ttft.quantile(0.5).is_some_and(|ms| (20.0..90.0).contains(&ms)));
    assert_eq!(reading(&harvest, "vllm:kv_cache_usage_perc", "llama-3.1-8b").as_deref(), Some("0.93"));
}

#[test]
fn envoy_failures_stay_out_of_the_latency() {
    let mut source = source("envoy-ai-gateway");
    scrape(&mut source, 0, ENVOY[0]);
    let harvest = scrape(&mut source, 60, ENVOY[1]);
    let row = row(&harvest, "openai/gpt-4o-mini", 0);
    assert_eq!((row.counts.requests, row.counts.errors), (20, 5));
    assert_eq!(row.latency.sketch().map(crate::stats::ddsketch::DdSketch::count), Some(15));
    assert!(row.latency.quantile(0.0).is_some_and(|ms| ms > 160.0), "the 20 ms failures are not in it");
    assert_eq!((row.tokens_prompt, row.tokens_completion), (Some(1_575 - 600), Some(300)));
}

/// A page of the general mapping below with one channel.
fn page(requests: u64, started: u64) -> String {
    format!("process_start_time_seconds {started}\nhits{{backend=\"b\",user=\"u\"}} {requests}\n")
}

fn general() -> PrometheusSource {
    let mut mapping = Mapping::default();
    mapping.channel.labels = vec!["backend".into()];
    let select = mapping::Selector::named(&["hits"]);
    mapping.counters.push(mapping::CounterRule { select, role: mapping::Role::Requests });
    PrometheusSource::new("page", mapping, 60.0).expect("valid mapping")
}

fn requests(harvest: &Harvest) -> Vec<(u32, u64, u32)> {
    let of = |row: &Sample| (row.minute.0 - START.minute().0, row.counts.requests, row.coverage_s);
    harvest.batch.partials.iter().map(of).collect()
}

#[test]
fn growth_is_shared_out_at_the_full_minute_and_coverage_adds_up() {
    let mut source = general();
    scrape(&mut source, 45, &page(0, 1));
    assert_eq!(requests(&scrape(&mut source, 105, &page(60, 1))), [(0, 15, 15), (1, 45, 45)]);
    assert_eq!(requests(&scrape(&mut source, 120, &page(60, 1))), [(1, 0, 60)], "15 s more of the same minute");
}

#[test]
fn a_quiet_channel_is_a_zero_and_a_missing_page_a_gap() {
    let mut source = general();
    scrape(&mut source, 0, &page(5, 1));
    assert_eq!(requests(&scrape(&mut source, 60, "process_start_time_seconds 1\n")), [(0, 0, 60)]);
    // The page of second 120 is missing: what was counted is kept, the time is not covered.
    assert_eq!(requests(&scrape(&mut source, 180, &page(15, 1))), [(1, 5, 0), (2, 5, 0)]);
    assert_eq!(requests(&scrape(&mut source, 300, &page(15, 1))), [], "a gap without counts has no row");
    let day = 86_400 + 300;
    assert_eq!(requests(&scrape(&mut source, day + 600, &page(16, 1))), [(5, 1, 0)], "too long ago to be placed");
}

#[test]
fn resets_count_from_zero_and_are_told() {
    let mut source = general();
    scrape(&mut source, 0, &page(50, 1));
    let fell = scrape(&mut source, 60, &page(7, 1));
    assert_eq!((requests(&fell), reading(&fell, RESETS, "").as_deref()), (vec![(0, 7, 60)], Some("1")));
    let restarted = scrape(&mut source, 120, &page(9, 2));
    assert_eq!(requests(&restarted), [(1, 9, 60)], "more than before, but another process");
}

#[test]
fn a_refused_page_is_contained_in_the_next() {
    let mut source = general();
    scrape(&mut source, 0, &page(0, 1));
    let lost = source.parse(page(6, 1).as_bytes(), &Admission::open(START.plus_seconds(60))).expect("readable");
    assert_eq!(requests(&lost), [(0, 6, 60)]);
    assert_eq!(requests(&scrape(&mut source, 120, &page(10, 1))), [(0, 5, 0), (1, 5, 0)], "never accepted");
}

#[test]
fn a_restart_continues_from_the_cursor_and_another_mapping_does_not() {
    let mut source = general();
    scrape(&mut source, 30, &page(4, 1));
    let cursor = scrape(&mut source, 60, &page(8, 1)).batch.cursors["page"].clone();
    let mut restarted = general();
    restarted.resume(&cursor).expect("its own cursor");
    assert_eq!(requests(&scrape(&mut restarted, 120, &page(18, 1))), [(1, 10, 60)]);
    let problem = self::source("vllm").resume(&cursor).expect_err("another mapping");
    assert!(problem.contains("another mapping"), "{problem}");
}

#[test]
fn a_series_hidden_by_a_bad_line_does_not_count_its_past() {
    let mut source = general();
    scrape(&mut source, 0, "hits{backend=\"b\" 500\nup 1\n");
    assert_eq!(requests(&scrape(&mut source, 60, &page(501, 1))), [(0, 0, 60)]);
    assert_eq!(requests(&scrape(&mut source, 120, &page(503, 1))), [(1, 2, 60)]);
    let bad = scrape(&mut source, 180, "hits{backend=\"b\" 500\nup 1\n");
    assert_eq!(reading(&bad, BAD_LINES, "").as_deref(), Some("1"));
}

/// What becomes of a scrape.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fate {
    Fails,
    Refused,
    Accepted,
}

/// What happens between two scrapes of the simulated exporter.
#[derive(Debug, Clone)]
struct Step {
    /// Seconds until the next scrape.
    after_s: i64,
    /// Calls until then, by channel and user.
    calls: [u64; 3],
    /// Whether the exporter restarted before these calls.
    restart: bool,
    /// What becomes of the scrape.
    fate: Fate,
    /// Whether the program restarts afterwards and resumes from the last accepted cursor.
    resumes: bool,
}

fn any_step() -> impl Strategy<Value = Step> {
    let chance = prop::bool::weighted;
    let fate = prop_oneof![1 => Just(Fate::Fails), 1 => Just(Fate::Refused), 4 => Just(Fate::Accepted)];
    (1_i64..200, prop::array::uniform3(0_u64..50), chance(0.15), fate, chance(0.2))
        .prop_map(|(after_s, calls, restart, fate, resumes)| Step { after_s, calls, restart, fate, resumes })
}

/// A page with the histogram and the counter of three series: two users of one channel, one of another.
fn simulated_page(counts: [u64; 3], started: u64) -> String {
    let series = [("a", "x"), ("a", "y"), ("b", "x")];
    let lines = series.iter().zip(counts).filter(|&(_, n)| n > 0).map(|((channel, user), n)| {
        let labels = format!("model_id=\"{channel}\",user=\"{user}\"");
        let histogram = format!("litellm_llm_api_latency_metric_bucket{{{labels}");
        format!(
            "litellm_deployment_success_responses_total{{{labels}}} {n}\n\
             litellm_spend_metric_total{{{labels}}} 0.{:06}\n\
             {histogram},le=\"0.5\"}} {}\n{histogram},le=\"+Inf\"}} {n}\n\
             litellm_llm_api_latency_metric_sum{{{labels}}} {n}\n",
            n * 123,
            n / 2,
        )
    });
    format!("process_start_time_seconds {started}\n{}", lines.collect::<String>())
}

fn simulate(steps: &[Step]) -> Result<(), TestCaseError> {
    let mut source = source("litellm");
    let (mut now, mut counts, mut started) = (START, [0_u64; 3], 1);
    let mut cursor = scrape(&mut source, 0, &simulated_page(counts, started)).batch.cursors["page"].clone();
    // What a perfect reader of the accepted pages would count: counts since the last accepted page, or since the
    // restart of the exporter if there was one.
    let (mut accepted, mut accepted_started, mut expected) = (counts, started, 0_u64);
    let (mut seen, mut in_sketches, mut cost) = (0_u64, 0_u64, 0_i64);
    for step in steps {
        now = now.plus_seconds(step.after_s);
        if step.restart {
            (counts, started) = ([0; 3], started + 1);
        }
        for (count, calls) in counts.iter_mut().zip(step.calls) {
            *count += calls;
        }
        if step.fate == Fate::Fails {
            continue;
        }
        let page = simulated_page(counts, started);
        let harvest = source.parse(page.as_bytes(), &Admission::open(now)).expect("readable");
        if step.fate == Fate::Accepted {
            source.accepted();
            let base = if accepted_started == started { accepted } else { [0; 3] };
            expected += counts.iter().zip(base).map(|(now, before)| now - before).sum::<u64>();
            (accepted, accepted_started) = (counts, started);
            for row in &harvest.batch.partials {
                seen += row.counts.requests;
                in_sketches += row.latency.sketch().map_or(0, crate::stats::ddsketch::DdSketch::count);
                cost += row.cost.map_or(0, |cost| cost.0);
                prop_assert!(row.coverage_s <= 60 && row.minute <= now.minute());
            }
            cursor.clone_from(&harvest.batch.cursors["page"]);
        }
        if step.resumes {
            source = self::source("litellm");
            source.resume(&cursor).expect("its own cursor");
        }
    }
    prop_assert_eq!((seen, in_sketches), (expected, expected));
    prop_assert_eq!(cost, i64::try_from(expected * 123).expect("small"));
    Ok(())
}

fn survives(body: &[u8], again: &[u8]) {
    let mut source = source("litellm");
    for (second, body) in [(0, body), (60, again), (120, body)] {
        let parsed = source.parse(body, &Admission::open(START.plus_seconds(second)));
        if parsed.is_ok_and(|harvest| harvest.batch.cursors.contains_key("page")) {
            source.accepted();
        }
    }
}

/// Pages of true names, labels and suffixes with hostile values, orders and omissions.
fn hostile_page() -> impl Strategy<Value = Vec<u8>> {
    let name = prop::sample::select(vec![
        "litellm_llm_api_latency_metric_bucket",
        "litellm_llm_api_latency_metric_sum",
        "litellm_llm_api_latency_metric_count",
        "litellm_spend_metric_total",
        "litellm_deployment_failure_responses",
        "litellm_deployment_state",
        "litellm_in_flight_requests",
        "process_start_time_seconds",
    ]);
    let number = prop::sample::select(vec!["0", "1", "7", "-1", "NaN", "+Inf", "1e15", "1e300", "0.1", "-0", "x"]);
    let line = (name, number.clone(), number, "[ab]?", any::<bool>()).prop_map(|(name, value, le, id, end)| {
        let comma = if end { "," } else { "" };
        format!("{name}{{le=\"{le}\",model_id=\"{id}\",exception_status=\"{value}\"{comma}}} {value}\n")
    });
    let lines = prop::collection::vec(line, 0..12).prop_map(|lines| lines.concat().into_bytes());
    prop_oneof![6 => lines, 1 => prop::collection::vec(any::<u8>(), 0..60)]
}

proptest! {
    /// For any sequence of calls, exporter restarts, failed scrapes, refused batches and program restarts: every call
    /// that a page showed is counted exactly once, in requests, in the latency sketch and in money.
    #[test]
    fn counts_are_conserved(steps in prop::collection::vec(any_step(), 1..20)) {
        simulate(&steps)?;
    }

    /// Whatever two pages hold, nothing panics.
    #[test]
    fn hostile_pages_never_panic(body in hostile_page(), again in hostile_page()) {
        survives(&body, &again);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100_000))]

    /// As above, a hundred thousand times.
    #[test]
    #[ignore = "long; `.ci/run hostile` runs it"]
    fn many_hostile_prometheus_pages(body in hostile_page(), again in hostile_page()) {
        survives(&body, &again);
    }
}
