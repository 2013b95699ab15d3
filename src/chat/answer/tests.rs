use super::*;
use crate::chat::facts::{
    Ahead, Budget, Change, Channel, Class, Dear, Incident, Outlook, Promise, Risk, Share, Spend, Status, Trust, Worth,
};
use crate::domain::column::Column;
use crate::domain::ids::ChannelId;
use crate::domain::target::Target;
use crate::domain::time::Timestamp;
use crate::policy::report::{Because, Binding, Reason, Report};

fn now() -> Timestamp {
    Timestamp::parse_rfc3339("2026-11-22T09:41:30Z").expect("an instant")
}

fn share(channel: &str, share: f64) -> Share {
    Share { channel: channel.to_owned(), share }
}

fn incident() -> Incident {
    Incident {
        id: "3f0a91c2b47d5e68".to_owned(),
        severity: "P2".to_owned(),
        kind: "latency".to_owned(),
        channel: "mini".to_owned(),
        since: now().plus_seconds(-720),
        blamed: vec!["latency_p95_ms".to_owned()],
        is_acknowledged: true,
    }
}

fn spend() -> Spend {
    Spend {
        today_usd: 4.1,
        day_expected_usd: Some(9.0),
        day_between_usd: Some((8.0, 10.5)),
        month_usd: 81.0,
        month_expected_usd: None,
        budget: Some(Budget {
            class: "chat".to_owned(),
            usd: 10.0,
            per: "day",
            used_usd: 4.1,
            exceed_probability: Some(0.2),
            runs_out: None,
        }),
        saved_usd: Some(1.25),
        channels: vec![Dear { channel: "large".to_owned(), today_usd: 3.9 }],
    }
}

fn status() -> Status {
    let promise = |promise: &str, limit_ms, kept| Promise {
        promise: promise.to_owned(),
        target: 0.95,
        limit_ms,
        kept,
        budget_left: 0.4,
    };
    let channel = Channel {
        channel: "mini".to_owned(),
        requests: Some(1_200.0),
        errors: Some(60.0),
        latency_p95_ms: Some(812.4),
        last_hour_p95_ms: vec![Some(100.0), None, Some(200.0)],
        last_hour_failing: vec![None, None, Some(0.2)],
        is_in_trouble: true,
        ..Channel::default()
    };
    Status {
        at: now(),
        newest: Some(now().minute()),
        classes: vec![Class {
            class: "chat".to_owned(),
            mode: Some("auto"),
            promises: vec![promise("latency", Some(3_000.0), Some(0.972)), promise("error_ratio", None, None)],
            shares: vec![share("large", 0.98), share("mini", 0.02), share("spot", 0.0)],
            waiting: Some("chat@1795168800000000".to_owned()),
        }],
        channels: vec![channel],
        more_channels: 2,
        incidents: vec![incident()],
        risks: vec![
            Risk { channel: "mini".to_owned(), class: "chat".to_owned(), probability: 0.8 },
            Risk { channel: "large".to_owned(), class: "chat".to_owned(), probability: 0.05 },
        ],
        worth: Some(Worth {
            calls: 9_000.0,
            harmed: 90.0,
            unmanaged_harmed: Some(1_000.0),
            avoided: Some(910.0),
            saved_usd: None,
            known: Some(1.0),
        }),
        spend: Some(spend()),
    }
}

#[test]
fn the_status_is_told_in_both_languages() {
    let text = |language| status::page(&status(), status::narrow(&status().channels, language), language).print(false);
    let english = "\
1 incident is open. A change waits for approval.
chat (auto): under 3,000 ms 97.2 % (promised 95 %); without failure - (promised 95 %)
  large 98 %, mini 2 %
  waits for approval: chat@1795168800000000
Harm avoided in the last day: 910 of 1,000 calls that even shares would have harmed
Spent today: 4.10 USD, 9.00 USD by midnight; 41 % of the day's budget of chat
P2 latency on mini since 09:29 UTC, 12 min ago; to blame: latency_p95_ms, taken on [3f0a91c2b47d5e68]
mini breaks its promise to chat within the hour: 80 %

channel  p95, last hour  p95 ms  failing  calls
mini !   ▁·█                812      5 %  1,200
and 2 more channels; name one to see it";
    assert_eq!(text(Language::English), english);
    let korean = "\
진행 중인 장애가 1건 있습니다. 승인을 기다리는 변경이 있습니다.
chat (자동 auto): 3,000 ms 이내 97.2 % (목표 95 %); 성공 - (목표 95 %)
  large 98 %, mini 2 %
  승인 대기: chat@1795168800000000
지난 하루 피한 피해: 910건 (균등 분배라면 1,000건)
오늘 지출: 4.10 USD, 9.00 USD 자정까지 예상; chat 하루 예산의 41 %
P2 mini 지연, 시작 09:29 UTC, 12분 전; 원인: latency_p95_ms, 담당자 있음 [3f0a91c2b47d5e68]
mini이(가) 한 시간 안에 chat 목표를 어길 확률: 80 %

채널    p95, 지난 1시간  p95 ms  실패   호출
mini !  ▁·█                 812   5 %  1,200
외 채널 2개. 이름을 말하면 보여 줍니다";
    assert_eq!(text(Language::Korean), korean);
    let coloured = status::course(&status().channels[0]);
    assert_eq!(coloured.0.last().map(|ink| ink.tone), Some(Tone::Bad), "the step that failed is red");
    let silent = Status { newest: None, incidents: Vec::new(), ..status() };
    let told = status::page(&silent, status::wide(&[]), Language::English).print(false);
    assert!(told.starts_with("Nothing has been heard yet."), "{told}");
    let failing = Channel { errors: Some(300.0), ..status().channels[0].clone() };
    let failing = Status { incidents: Vec::new(), channels: vec![failing], ..status() };
    let told = status::page(&failing, status::wide(&[]), Language::English).print(false);
    assert!(told.starts_with("No incident is open yet, but 25 % of the calls on mini fail. A change waits"), "{told}");
}

#[test]
fn reasons_money_and_the_future_are_told_in_plain_words() {
    let channel = |name: &str| ChannelId::new(name).expect("a name");
    let moved =
        Reason::Moved { channel: channel("mini"), from: 0.6, to: 0.02, because: Because::WillBeSlow { share: 0.25 } };
    let other = Reason::Spared { channel: channel("spot"), because: Because::Dearer };
    let report = Report { reasons: vec![moved, other], binding: vec![Binding::Budget] };
    let change = Change {
        class: "chat".to_owned(),
        generation: 7,
        at: now().plus_seconds(-60),
        shares: vec![share("large", 0.98), share("mini", 0.02)],
        report,
    };
    let why = why::page(std::slice::from_ref(&change), Some("mini"), now(), Language::Korean).print(false);
    assert_eq!(
        why,
        "mini에 대한 결정\nchat: 결정 7번, 09:40 UTC, 1분 전\n  large 98 %, mini 2 %\n  • mini 60 % → 2 %: 호출의 25 %가 느려질 \
         것으로 예측됨.\n  • 배분을 제한하는 조건: 더 쓸 수 없음."
    );
    let why = why::page(&[change], None, now(), Language::English).print(false);
    assert!(why.contains("spot gets only what") && why.ends_with("no more may be spent."), "{why}");

    let cost = cost::page(&spend(), now(), Language::English).print(false);
    assert_eq!(
        cost,
        "4.10 USD spent today\nExpected by midnight UTC: 9.00 USD (8.00 USD to 10.50 USD)\nThis month: 81.00 USD\nBudget of chat \
         for the day: 41 % of 10.00 USD used; runs out with 20 %\nSaved today against even shares: 1.25 USD\n  large 3.90 USD"
    );

    let outlook = Outlook {
        channel: "mini".to_owned(),
        column: Target::Column(Column::LatencyP95),
        now: Some(812.0),
        ahead: vec![Ahead { minutes: 15, mean: 840.0, low: 700.0, high: 1_050.0 }],
        last_hour: vec![Some(0.0), None],
        next_hour: vec![Some(8.0)],
        trust: Some(Trust { coverage_90: Some(0.7), mape: Some(0.12), outcomes: 480 }),
    };
    let page = forecast::page(&[outlook], None, Language::English);
    assert_eq!(
        page.print(false),
        "The next hour\nmini latency_p95_ms: now 812 ms\n  ▁·│█\n  in 15 min 840 ms (700 ms to 1,050 ms)\n  Trust: 70 % of 480 \
         outcomes were inside the 90 % interval, mean error 12 %."
    );
    assert!(page.print(true).contains("\x1b[33m  Trust"), "an interval that does not hold is marked");
    assert!(forecast::page(&[], None, Language::English).print(false).starts_with("There is no forecast yet"));
    assert_eq!(
        incidents::page(&[], Some("mini"), now(), Language::English).print(false),
        "No incident is open on mini."
    );
}
