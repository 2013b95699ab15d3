//! Money and tokens.

use std::collections::BTreeSet;

use crate::domain::language::Language;
use crate::report::document::{Block, Section};
use crate::report::facts::{Line, Spend};
use crate::report::figures::Used;
use crate::report::words::number::{count, percent, usd};
use crate::report::words::{Pen, section};

/// Channels that are listed; the others are told together.
const MOST: usize = 12;

/// Spend and forecast.
pub(super) fn section_of(pen: Pen<'_>) -> Section {
    let heading = pen.say("Spend and forecast", "비용과 예측");
    let (now, past) = (&pen.report.now, &pen.report.before);
    let [this, before] = pen.spans();
    let mut blocks = vec![Block::Words(match pen.language {
        Language::English => {
            format!("{this}: {}; {before}: {}.", usd(now.usd()), usd(past.usd()))
        }
        Language::Korean => format!("{this} {}, {before} {}.", usd(now.usd()), usd(past.usd())),
    })];
    if !now.used.is_empty() {
        let head =
            |name| vec![name, pen.say("calls", "호출"), pen.say("tokens", "토큰"), pen.say("spent", "비용"), before];
        let (rows, models) = (by_channel(pen), by_model(pen));
        blocks.push(Block::Table { head: head(pen.say("channel", "채널")), rows });
        if !models.is_empty() {
            blocks.push(Block::Table { head: head(pen.say("model", "모델")), rows: models });
        }
    }
    if let Some(spend) = &pen.report.spend {
        blocks.push(outlook(pen, spend));
    } else {
        let words = pen.say(
            "What will have been spent is only known to the running server: ask it for the report.",
            "예상 비용은 실행 중인 서버만 알 수 있습니다. 서버에 보고서를 요청하세요.",
        );
        blocks.push(Block::Words(words.to_owned()));
    }
    section(heading, blocks)
}

fn row(name: String, now: &[&Used], past: &[&Used]) -> Vec<String> {
    let money = |of: &[&Used]| usd(of.iter().map(|used| used.usd).sum());
    let (requests, tokens) = (now.iter().map(|used| used.requests).sum(), now.iter().map(|used| used.tokens).sum());
    vec![name, count(requests), count(tokens), money(now), money(past)]
}

fn by_channel(pen: Pen<'_>) -> Vec<Vec<String>> {
    let (now, past) = (&pen.report.now.used, &pen.report.before.used);
    let of = |channel: &str| past.iter().filter(|used| used.channel == channel).collect::<Vec<_>>();
    let shown = now.iter().take(MOST);
    let mut rows: Vec<_> = shown.map(|used| row(used.channel.clone(), &[used], &of(&used.channel))).collect();
    let others: Vec<&Used> = now.iter().skip(MOST).collect();
    if !others.is_empty() {
        let before: Vec<&Used> = others.iter().flat_map(|used| of(&used.channel)).collect();
        rows.push(row(format!("{} ({})", pen.say("others", "그 외"), others.len()), &others, &before));
    }
    rows
}

fn by_model(pen: Pen<'_>) -> Vec<Vec<String>> {
    let of = |all: &'_ [Used], name: &str| {
        all.iter().filter(|used| used.model.as_deref() == Some(name)).cloned().collect::<Vec<_>>()
    };
    let names: BTreeSet<&str> = pen.report.now.used.iter().filter_map(|used| used.model.as_deref()).collect();
    let line = |name: &str| {
        let (now, past) = (of(&pen.report.now.used, name), of(&pen.report.before.used, name));
        row(name.to_owned(), &now.iter().collect::<Vec<_>>(), &past.iter().collect::<Vec<_>>())
    };
    names.into_iter().map(line).collect()
}

/// What will have been spent at the end of today and of the month.
fn outlook(pen: Pen<'_>, spend: &Spend) -> Block {
    let head = vec![
        pen.say("as of now (UTC)", "현재 기준 (UTC)"),
        pen.say("spent", "사용"),
        pen.say("expected at the end", "기말 예상"),
        pen.say("90 % interval", "90 % 구간"),
        pen.say("budget", "예산"),
        pen.say("exceeded with", "초과 확률"),
    ];
    let lines = std::iter::once(&spend.total).chain(&spend.classes);
    let rows = lines.flat_map(|line| {
        let name =
            if std::ptr::eq(line, &raw const spend.total) { pen.say("all", "전체") } else { line.name.as_str() };
        periods(pen, name, line)
    });
    Block::Table { head, rows: rows.collect() }
}

fn periods(pen: Pen<'_>, name: &str, line: &Line) -> Vec<Vec<String>> {
    let periods = [(pen.say("today", "오늘"), &line.day), (pen.say("month", "이번 달"), &line.month)];
    let row = |(period, span): (&str, &crate::report::facts::Span)| {
        let interval = span.expected.and_then(|expected| Some((expected.low_usd?, expected.high_usd?)));
        let interval = interval.map(|(low, high)| format!("{} - {}", usd(low), usd(high)));
        let limit = span.limit;
        vec![
            format!("{name}, {period}"),
            usd(span.spent_usd),
            pen.value(span.expected.map(|expected| expected.usd), usd),
            interval.unwrap_or_else(|| pen.unknown().to_owned()),
            limit.map_or_else(|| pen.say("none", "없음").to_owned(), |limit| usd(limit.usd)),
            limit.map_or_else(|| "-".to_owned(), |limit| pen.value(limit.exceeds, percent)),
        ]
    };
    periods.into_iter().map(row).collect()
}
