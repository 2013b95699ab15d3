//! Objectives and their error budgets; incidents, and how long they lasted.

use crate::report::document::{Block, Section};
use crate::report::figures::{Figures, Incident};
use crate::report::words::number::{count, percent, span};
use crate::report::words::{Pen, section};

/// Objectives and error budgets.
pub(super) fn objectives(pen: Pen<'_>) -> Section {
    let heading = pen.say("Objectives and error budget", "목표와 오류 예산");
    let now = &pen.report.now;
    if now.objectives.is_empty() {
        let words = pen
            .say("Nothing is promised, or nothing was judged yet.", "약속된 목표가 없거나 아직 판정되지 않았습니다.");
        return section(heading, vec![Block::Words(words.to_owned())]);
    }
    let [this, before] = pen.spans();
    let head = vec![
        pen.say("promise", "약속"),
        pen.say("target", "목표"),
        this,
        before,
        pen.say("events", "대상"),
        pen.say("broken", "위반"),
        pen.say("budget left", "예산 잔여"),
    ];
    let rows = now.objectives.iter().map(|kept| {
        let same = |known: &&crate::report::facts::Kept| known.class == kept.class && known.promise == kept.promise;
        let past = pen.report.before.objectives.iter().find(same).and_then(crate::report::facts::Kept::ratio);
        vec![
            format!("{} {}", kept.class, kept.promise),
            percent(kept.target),
            pen.value(kept.ratio(), percent),
            pen.value(past, percent),
            count(kept.events),
            count(kept.bad),
            percent(kept.budget_left),
        ]
    });
    let about = pen.say(
        "What is left of the budget is of the last thirty days. Events of more than six hours ago are told apart by the hour.",
        "예산 잔여는 최근 30일 기준입니다. 6시간 이전의 사건은 시간 단위로 구분됩니다.",
    );
    section(heading, vec![Block::Table { head, rows: rows.collect() }, Block::Words(about.to_owned())])
}

/// Incidents and times to recover.
pub(super) fn incidents(pen: Pen<'_>) -> Section {
    let heading = pen.say("Incidents and times to recover", "인시던트와 복구 시간");
    let (now, past) = (&pen.report.now, &pen.report.before);
    let [this, before] = pen.spans();
    let whole = |of: usize| count(u64::try_from(of).unwrap_or(u64::MAX));
    let row = |name: &str, show: &dyn Fn(&Figures) -> String| vec![name.to_owned(), show(now), show(past)];
    let rows = vec![
        row(pen.say("detected", "감지"), &|of| whole(of.opened)),
        row(pen.say("over", "종료"), &|of| whole(of.resolved)),
        row(pen.say("to detection, median", "감지까지 (중앙값)"), &|of| pen.value(of.times.detect_s, span)),
        row(pen.say("to the end of harm, median", "피해 종료까지 (중앙값)"), &|of| {
            pen.value(of.times.mitigate_s, span)
        }),
        row(pen.say("to the end, median", "종료까지 (중앙값)"), &|of| pen.value(of.times.resolve_s, span)),
    ];
    let mut blocks = vec![Block::Table { head: vec!["", this, before], rows }];
    if !now.incidents.is_empty() {
        let head = vec![
            pen.say("channel", "채널"),
            pen.say("kind", "종류"),
            pen.say("worst", "최고 심각도"),
            pen.say("detected (UTC)", "감지 (UTC)"),
            pen.say("harm ended after", "피해 종료까지"),
            pen.say("state", "상태"),
        ];
        let line = |of: &Incident| {
            let over = of.resolved.is_some();
            vec![
                of.channel.clone(),
                of.kind.clone(),
                of.worst.clone(),
                of.opened.to_string(),
                pen.value(of.mitigate_s, span),
                if over { pen.say("over", "종료") } else { pen.say("open", "진행 중") }.to_owned(),
            ]
        };
        blocks.push(Block::Table { head, rows: now.incidents.iter().map(line).collect() });
    }
    section(heading, blocks)
}
