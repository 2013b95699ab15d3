//! What the dashboard begins with: the summary of a span, and what was spent.

use foreroute::config;
use foreroute::domain::batch::{Amendment, Mode};
use foreroute::domain::call::{Call, Outcome};
use foreroute::domain::ids::ChannelId;
use foreroute::domain::sample::Sample;
use foreroute::domain::time::Minute;
use foreroute::domain::units::{MicroUsd, Millis};
use foreroute::engine;
use foreroute::store::{Publication, Store, StoreOptions};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::live::now;
use super::server::{TestServer, json as answer};

const FILE: &str = r#"
    [[channel]]
    name = "eu"
    model = "large"
    [[channel]]
    name = "us"
    model = "large"
    [[route]]
    class = "chat"
    channels = ["eu", "us"]
    objective = { error_ratio = 0.05, latency = { percentile = 95, ms = 2000 }, budget = { usd = 5, per = "day" } }
    [forecast]
    enabled = false
"#;

/// Two hours in which one channel has nine of ten calls, and the other fails half of its few.
fn server() -> TestServer {
    let data = tempfile::tempdir().expect("temporary folder");
    let sample = |name: &str, minute: Minute| {
        let channel = ChannelId::new(name).expect("a name");
        let mut sample = Sample { coverage_s: 60, ..Sample::new(channel.clone(), minute) };
        let (calls, failing) = if name == "eu" { (90, 0) } else { (10, 5) };
        for at in 0..calls {
            sample.record(&Call {
                latency: Millis::new(300.0).ok(),
                outcome: if at < failing { Outcome::ServerError } else { Outcome::Ok },
                cost: Some(MicroUsd(1_000)),
                tokens_prompt: Some(10),
                ..Call::new(minute.start(), channel.clone())
            });
        }
        Amendment { sample, mode: Mode::Add }
    };
    let first = now().minute().minus(120);
    let samples = ["eu", "us"].iter().flat_map(|name| (0..120).map(|at| sample(name, first.plus(at)))).collect();
    let (store, _recovery) = Store::open(data.path(), StoreOptions::default(), now()).expect("a new store");
    store.publish(Publication { samples, ..Publication::default() }, now()).expect("published");
    drop(store);
    let config = config::parse(FILE, &|_| Ok(String::new())).expect("a valid file").config;
    TestServer::start_on(data, foreroute::api::Settings::default(), engine::Settings::of(&config))
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}

#[tokio::test]
async fn a_span_is_summed_up_beside_what_even_shares_would_have_met() {
    let server = server();
    let (status, body) = answer(server.get("/v1/summary?from=-3h")).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let harm = body["harm"].as_array().expect("rows");
    assert_eq!((harm.len(), &harm[0]["class"], &harm[1]["class"]), (2, &json!("chat"), &Value::Null));
    assert_eq!((number(&harm[0]["calls"]), number(&harm[0]["harmed"])), (12_000.0, 600.0), "{harm:?}");
    assert!((number(&harm[1]["unmanaged_ratio"]) - 0.25).abs() < 1e-9, "{harm:?}");
    assert!((number(&harm[1]["avoided"]) - 2_400.0).abs() < 1e-6, "{harm:?}");
    assert!(number(&harm[1]["saved_usd"]).abs() < 1e-6, "both cost the same");
    assert_eq!(body["modes"], json!([{"class": "chat", "mode": "advise"}]));
    assert_eq!(body["decisions"]["made"], json!(0));
    assert!((number(&body["spend"]["today_usd"]) - 12.0).abs() < 1e-9, "{}", body["spend"]);
    let budget = &body["spend"]["budget"];
    assert_eq!((&budget["class"], &budget["per"]), (&json!("chat"), &json!("day")));
    assert_eq!(budget["exceed_probability"], json!(1.0), "12 of 5 USD are gone");

    let (status, problem) = answer(server.get("/v1/summary?from=-40d")).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("31 days")), "{problem}");
}

#[tokio::test]
async fn what_was_spent_is_told_by_channel_model_and_class() {
    let server = server();
    let (status, body) = answer(server.get("/v1/spend")).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    assert_eq!((&body["day"], &body["month"]), (&json!("2026-11-20"), &json!("2026-11")));
    let name = |line: &Value| line["name"].as_str().unwrap_or_default().to_owned();
    let lines = |of: &str| body[of].as_array().expect("lines").iter().map(name).collect::<Vec<_>>();
    assert_eq!(lines("channels"), ["eu", "us"]);
    assert_eq!(
        (lines("models"), lines("classes"), lines("tiers")),
        (vec!["large".into()], vec!["chat".into()], vec![])
    );
    let total = &body["total"]["day"];
    assert_eq!((&total["requests"], &total["tokens"]), (&json!(12_000), &json!(120_000)));
    assert!((number(&total["spent_usd"]) - 12.0).abs() < 1e-9);
    assert_eq!((&total["expected_usd"], &total["limit_usd"]), (&Value::Null, &json!(5.0)), "nothing is forecast");
    assert_eq!(total["runs_out"]["median"], body["now"], "it is gone");
    assert!((number(&body["channels"][0]["month"]["spent_usd"]) - 10.8).abs() < 1e-9);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn heat_tells_of_every_channel_what_callers_felt() {
    let server = server();
    let (status, heat) = answer(server.get("/v1/heat?from=-90m&step=30m")).await;
    assert_eq!(status, StatusCode::OK, "{heat}");
    let channels = heat["channels"].as_array().expect("a list");
    let names: Vec<&str> = channels.iter().filter_map(|channel| channel["channel"].as_str()).collect();
    assert_eq!(names, ["eu", "us"]);
    for (channel, bad) in channels.iter().zip([0.0, 0.5]) {
        let steps = channel["bad"].as_array().expect("a list");
        assert!((number(&channel["harmed"]) / number(&channel["calls"]) - bad).abs() < 1e-9, "{channel}");
        assert!(steps.len() >= 3 && steps[..3].iter().all(|step| step == &json!(bad)), "{channel}");
    }
    assert!(channels[0]["calls"].as_u64() > channels[1]["calls"].as_u64(), "{heat}");
}

#[tokio::test]
async fn reports_are_told_in_both_languages_and_three_forms() {
    let server = server();
    let ask = async |query: &str| {
        let answer = server.get(&format!("/v1/reports/{query}")).send().await.expect("an answer");
        let media_type = answer.headers()["content-type"].to_str().expect("text").to_owned();
        (answer.status(), media_type, answer.text().await.expect("text"))
    };
    let (status, media_type, text) = ask("daily?day=2026-11-20").await;
    assert_eq!((status, media_type.as_str()), (StatusCode::OK, "text/markdown; charset=utf-8"), "{text}");
    assert!(
        text.starts_with("# Daily report, 2026-11-20\n")
            && text.contains("| chat | 12,000 | 5.00 % | 25.0 % | 2,400 |"),
        "{text}"
    );
    let (_, media_type, page) = ask("daily?day=2026-11-20&language=ko&as=html").await;
    assert!(media_type.starts_with("text/html") && page.contains("<h1>일일 보고서, 2026-11-20</h1>"), "{page}");
    let (_, media_type, json) = ask("fortnightly?as=json&day=2026-11-20").await;
    let json: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(
        (media_type.as_str(), &json["from"], &json["course"][13]["worth"]["calls"]),
        ("application/json", &json!("2026-11-07T00:00:00Z"), &json!(12_000.0))
    );
    for (wrong, status, why) in [
        ("weekly", StatusCode::NOT_FOUND, "there are `daily` and `fortnightly`"),
        ("daily?as=pdf", StatusCode::BAD_REQUEST, "expected `markdown`, `html` or `json`"),
        ("daily?language=fr", StatusCode::BAD_REQUEST, "expected `en` or `ko`"),
        ("daily?day=2026-13-01", StatusCode::BAD_REQUEST, "expected a day such as"),
        ("daily?day=2026-12-01", StatusCode::BAD_REQUEST, "still to come"),
    ] {
        let (found, _, problem) = ask(wrong).await;
        assert!(found == status && problem.contains(why), "{wrong}: {found} {problem}");
    }
}
