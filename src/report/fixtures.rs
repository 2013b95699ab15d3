//! A small report that is known by heart, for tests.

use crate::domain::time::{Day, Timestamp};
use crate::policy::worth::{Felt, Paid, Worth};
use crate::report::facts::{ClassWorth, Decided, Expected, Kept, Limit, Line, Span, Spend, Times};
use crate::report::figures::{Accuracy, Figures, Incident, Kind, Report, Score, Step, Used};
use crate::report::finding::findings;

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).expect("valid RFC 3339")
}

fn worth(calls: f64, harmed: f64, even: f64) -> Worth {
    Worth {
        calls,
        harmed,
        usd: calls / 1_000.0,
        felt: Felt { calls, harmed, even },
        paid: Paid { calls, usd: calls / 1_000.0, even_usd: calls / 800.0 },
    }
}

fn figures(calls: f64, mase: f64) -> Figures {
    Figures {
        objectives: vec![
            Kept {
                class: "chat".into(),
                promise: "latency".into(),
                target: 0.95,
                limit_ms: Some(2_000.0),
                events: 98_000,
                bad: 7_000,
                budget_left: -0.41,
            },
            Kept {
                class: "chat".into(),
                promise: "error_ratio".into(),
                target: 0.99,
                limit_ms: None,
                events: 100_000,
                bad: 200,
                budget_left: 0.8,
            },
        ],
        worth: vec![ClassWorth { class: "chat".into(), worth: worth(calls, 0.02 * calls, 0.05 * calls) }],
        decided: Decided { made: 41, changes: 9, harmful: Some(0), foreseen: 3, in_vain: 1, waiting: 0 },
        opened: 2,
        resolved: 1,
        times: Times { detect_s: Some(70.0), mitigate_s: Some(412.0), resolve_s: None },
        incidents: vec![Incident {
            id: "3f0a91c2b47d5e68".into(),
            channel: "<script>alert(1)</script>".into(),
            kind: "latency".into(),
            worst: "P2".into(),
            opened: at("2026-11-21T14:03:10Z"),
            resolved: None,
            mitigate_s: None,
        }],
        accuracy: vec![Accuracy {
            column: "requests".into(),
            horizon_s: 900,
            n: 12_000,
            mase: Some(mase),
            mape: Some(0.08),
            coverage_90: Some(0.78),
        }],
        scores: vec![Score {
            class: "code".into(),
            tier: "L2".into(),
            model: "small|cheap".into(),
            jobs: 40,
            worth: 0.61,
            enough: Some(0.8),
            usd: 1.9,
        }],
        used: vec![
            Used { channel: "eu".into(), model: Some("large".into()), requests: 80_000, tokens: 9_100_000, usd: 81.5 },
            Used { channel: "us & co".into(), model: None, requests: 20_000, tokens: 100, usd: 18.5 },
        ],
        odd_minutes: 17,
    }
}

fn spend() -> Spend {
    let span = |spent_usd, limit| Span {
        spent_usd,
        tokens: 9_100_100,
        requests: 100_000,
        expected: Some(Expected { usd: 140.0, low_usd: Some(120.0), high_usd: Some(166.0) }),
        limit,
        limit_tokens: None,
    };
    let limit = Limit { usd: 130.0, exceeds: Some(0.81), runs_out: [None, Some(at("2026-11-22T21:00:00Z")), None] };
    let line = |name: &str, limit| Line { name: name.into(), day: span(60.0, limit), month: span(1_900.0, None) };
    Spend {
        day: Day::parse("2026-11-22").expect("a day"),
        now: at("2026-11-22T08:00:00Z"),
        total: line("total", None),
        channels: Vec::new(),
        models: Vec::new(),
        tiers: Vec::new(),
        classes: vec![line("chat", Some(limit))],
        saved: Worth::default(),
    }
}

/// The report of `kind`.
pub(crate) fn report(kind: Kind) -> Report {
    let day = Day::parse("2026-11-21").expect("a day");
    let first = day.minus(kind.days() - 1);
    let step = |number: u32| {
        let part = f64::from(number);
        Step {
            at: first.first_minute().plus(number * if kind == Kind::Daily { 60 } else { 1_440 }).start(),
            worth: worth(1_000.0, 10.0 + part, 40.0 - part),
            mase: Some(1.0 - part / 40.0),
            coverage_90: (number != 3).then_some(0.86),
            mitigate_s: number.is_multiple_of(5).then_some(600.0),
            score: None,
            worth_per_usd: Some(10.0 + part),
            threshold: Some(0.4),
        }
    };
    let mut report = Report {
        kind,
        day,
        from: first.first_minute().start(),
        to: Day(day.0 + 1).first_minute().start(),
        made_at: at("2026-11-22T08:00:00Z"),
        findings: Vec::new(),
        now: figures(100_000.0, 0.91),
        before: figures(90_000.0, 1.02),
        course: (0..14).map(step).collect(),
        spend: Some(spend()),
    };
    report.findings = findings(&report);
    report
}
