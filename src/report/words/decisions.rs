//! Decisions, and what they were worth.

use crate::policy::worth::Worth;
use crate::report::document::{Block, Chart, Section};
use crate::report::figures::Kind;
use crate::report::words::number::{calls, percent, usd};
use crate::report::words::{Pen, section};

/// Decisions and their worth.
pub(super) fn section_of(pen: Pen<'_>) -> Section {
    let heading = pen.say("Decisions and their worth", "결정과 그 가치");
    let (now, past) = (&pen.report.now, &pen.report.before);
    let [this, before] = pen.spans();
    let row = |name: &str, show: &dyn Fn(&crate::report::facts::Decided) -> String| {
        vec![name.to_owned(), show(&now.decided), show(&past.decided)]
    };
    let decided = vec![
        row(pen.say("decisions", "결정"), &|of| of.made.to_string()),
        row(pen.say("changes of shares", "비중 변경"), &|of| of.changes.to_string()),
        row(pen.say("left in time, trouble came", "사전 회피 (장애 발생)"), &|of| of.foreseen.to_string()),
        row(pen.say("left in vain", "사전 회피 (장애 없음)"), &|of| of.in_vain.to_string()),
        row(pen.say("did harm in the last day", "지난 하루 유해 결정"), &|of| {
            of.harmful.map_or_else(|| pen.unknown().to_owned(), |harmful| harmful.to_string())
        }),
    ];
    let mut blocks = vec![Block::Table { head: vec!["", this, before], rows: decided }];
    if !now.worth.is_empty() {
        let head = vec![
            pen.say("route class", "경로 등급"),
            pen.say("calls", "호출"),
            pen.say("harmed", "피해"),
            pen.say("by even shares", "균등 배분 시"),
            pen.say("calls kept from harm", "피해를 막은 호출"),
            before,
            pen.say("saved", "절감"),
            pen.say("known", "비교 가능"),
        ];
        let line = |name: &str, worth: &Worth, past: Option<&Worth>| {
            vec![
                name.to_owned(),
                calls(worth.calls),
                pen.value(worth.harmed_ratio(), percent),
                pen.value(worth.even_ratio(), percent),
                pen.value(worth.avoided(), calls),
                pen.value(past.and_then(Worth::avoided), calls),
                pen.value(worth.saved_usd(), usd),
                pen.value(worth.known(), percent),
            ]
        };
        let of = |class: &str| past.worth.iter().find(|known| known.class == class).map(|known| &known.worth);
        let mut rows: Vec<Vec<String>> =
            now.worth.iter().map(|class| line(&class.class, &class.worth, of(&class.class))).collect();
        rows.push(line(pen.say("all", "전체"), &now.all_worth(), Some(&past.all_worth())));
        blocks.push(Block::Table { head, rows });
        blocks.push(Block::Words(about(pen).to_owned()));
        blocks.extend(chart(pen).map(Block::Chart));
    }
    section(heading, blocks)
}

const fn about(pen: Pen<'_>) -> &'static str {
    pen.say(
        "Harmed calls failed or were slower than promised. The yardstick of even shares splits the same calls evenly over the \
         channels of their class, each failing, slow and as dear as it was in that minute; it assumes that a channel is no \
         better or worse for carrying another load.",
        "피해 호출은 실패했거나 약속보다 느린 호출입니다. 균등 배분 기준은 같은 호출을 등급의 채널에 고르게 나누고, 각 채널이 \
         그 분에 보인 실패율, 지연, 비용을 그대로 적용합니다. 채널의 품질이 부하에 따라 달라지지 않는다고 가정합니다.",
    )
}

/// Shares of harmed calls over the span.
fn chart(pen: Pen<'_>) -> Option<Chart> {
    let curve = |of: fn(&Worth) -> Option<f64>| {
        let point = |step: &crate::report::figures::Step| {
            let percent = of(&step.worth).map_or(f64::NAN, |ratio| ratio * 100.0);
            (super::accuracy::second(step.at), percent)
        };
        pen.report.course.iter().map(point).collect::<Vec<_>>()
    };
    let chart = Chart {
        title: match pen.report.kind {
            Kind::Daily => pen.say("Harmed calls by the hour", "시간별 피해 호출"),
            Kind::Fortnightly => pen.say("Harmed calls by the day", "일별 피해 호출"),
        },
        unit: "%",
        curves: vec![
            (pen.say("as decided", "결정대로"), curve(Worth::harmed_ratio)),
            (pen.say("even shares (reckoned)", "균등 배분 (추정)"), curve(Worth::even_ratio)),
        ],
    };
    chart.is_worth_drawing().then_some(chart)
}
