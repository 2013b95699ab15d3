//! What was learnt: forecasts, scores of models, thresholds.

use crate::domain::time::Timestamp;
use crate::report::document::{Block, Chart, Section};
use crate::report::figures::{Figures, Score, Step};
use crate::report::words::number::{count, percent, plain, span, usd};
use crate::report::words::{Pen, section};

/// How right forecasts were.
pub(super) fn section_of(pen: Pen<'_>) -> Section {
    let heading = pen.say("Forecast accuracy", "예측 정확도");
    let now = &pen.report.now;
    if now.accuracy.is_empty() {
        let words = pen.say("No forecast of the span has an outcome yet.", "결과가 확인된 예측이 아직 없습니다.");
        return section(heading, vec![Block::Words(words.to_owned())]);
    }
    let [_, before] = pen.spans();
    let head = vec![
        pen.say("column, ahead", "항목, 앞선 시간"),
        pen.say("forecasts", "예측 수"),
        pen.say("error (MASE)", "오차 (MASE)"),
        before,
        pen.say("in the 90 % interval", "90 % 구간 적중"),
        before,
    ];
    let rows = now.accuracy.iter().map(|line| {
        let past = pen.report.before.accuracy.iter();
        let past = past.clone().find(|known| known.column == line.column && known.horizon_s == line.horizon_s);
        #[expect(clippy::cast_precision_loss, reason = "a horizon of hours")]
        let ahead = span(line.horizon_s as f64);
        vec![
            format!("{}, {ahead}", line.column),
            count(line.n),
            pen.value(line.mase, plain),
            pen.value(past.and_then(|past| past.mase), plain),
            pen.value(line.coverage_90, percent),
            pen.value(past.and_then(|past| past.coverage_90), percent),
        ]
    });
    let about = pen.say(
        "Over all channels. An error of 1 is that of repeating the last value one step ahead; 90 % of what comes belongs in \
         the interval.",
        "모든 채널 기준. 오차 1은 마지막 값을 한 단계 반복할 때의 오차이며, 실제 값의 90 %가 구간 안에 있어야 합니다.",
    );
    section(heading, vec![Block::Table { head, rows: rows.collect() }, Block::Words(about.to_owned())])
}

/// How models did at work.
pub(super) fn scores(pen: Pen<'_>) -> Section {
    let heading = pen.say("Model scores per tier", "등급별 모델 점수");
    let now = &pen.report.now;
    if now.scores.is_empty() {
        let words = pen.say("No job was done.", "처리된 작업이 없습니다.");
        return section(heading, vec![Block::Words(words.to_owned())]);
    }
    let [_, before] = pen.spans();
    let head = vec![
        pen.say("work, model", "작업, 모델"),
        pen.say("jobs", "작업 수"),
        pen.say("worth", "점수"),
        before,
        pen.say("enough", "기준"),
        pen.say("worth per USD", "USD당 가치"),
        before,
        pen.say("spent", "비용"),
    ];
    let rows = now.scores.iter().map(|score| {
        let same =
            |known: &&Score| (&known.class, &known.tier, &known.model) == (&score.class, &score.tier, &score.model);
        let past = pen.report.before.scores.iter().find(same);
        vec![
            format!("{} {}, {}", score.class, score.tier, score.model),
            count(score.jobs),
            plain(score.worth),
            pen.value(past.map(|past| past.worth), plain),
            pen.value(score.enough, plain),
            pen.value(score.worth_per_usd(), plain),
            pen.value(past.and_then(Score::worth_per_usd), plain),
            usd(score.usd),
        ]
    });
    section(heading, vec![Block::Table { head, rows: rows.collect() }])
}

/// A figure of learning: its name in both languages, what it is, whether more is better, and how much of a change is one.
type Measure = ((&'static str, &'static str), fn(&Figures) -> Option<f64>, fn(f64) -> String, bool);

const MEASURES: [Measure; 6] = [
    (("forecast error (MASE)", "예측 오차 (MASE)"), |of| of.forecasts(|line| line.mase), plain, false),
    (("distance of the 90 % interval from 90 %", "90 % 구간 적중률과 90 %의 차이"), distance, percent, false),
    (("mean worth of a job", "작업 평균 점수"), Figures::score, plain, true),
    (("worth per USD", "USD당 가치"), Figures::worth_per_usd, plain, true),
    (("time to the end of harm", "피해 종료까지의 시간"), |of| of.times.mitigate_s, span, false),
    (("share of harmed calls", "피해 호출 비율"), |of| of.all_worth().harmed_ratio(), percent, false),
];

fn distance(of: &Figures) -> Option<f64> {
    of.forecasts(|line| line.coverage_90).map(|coverage| (coverage - 0.9).abs())
}

/// Change below which nothing was learnt, as a part of what was before.
const LEAST: f64 = 0.02;

/// What was learnt and what was not, with its curves.
pub(super) fn learnt(pen: Pen<'_>) -> Section {
    let heading = pen.say("What was learnt", "학습 결과");
    let [this, before] = pen.spans();
    let rows = MEASURES.iter().map(|((english, korean), of, show, more_is_better)| {
        let (now, past) = (of(&pen.report.now), of(&pen.report.before));
        let verdict = match now.zip(past) {
            None => pen.unknown(),
            Some((now, past)) if (now - past).abs() <= LEAST * past.abs() => pen.say("as before", "변화 없음"),
            Some((now, past)) if (now > past) == *more_is_better => pen.say("better", "개선"),
            Some(_) => pen.say("worse", "악화"),
        };
        let name = pen.language.pick(english, korean).to_owned();
        vec![name, pen.value(now, show), pen.value(past, show), verdict.to_owned()]
    });
    let head = vec!["", this, before, pen.say("verdict", "판정")];
    let mut blocks = vec![Block::Table { head, rows: rows.collect() }];
    let charts = [
        (pen.say("Forecast error by the day", "일별 예측 오차"), "MASE", curve(pen, |step| step.mase)),
        (
            pen.say("Outcomes inside the 90 % interval", "90 % 구간 적중률"),
            "%",
            curve(pen, |step| step.coverage_90.map(|coverage| coverage * 100.0)),
        ),
        (pen.say("Mean worth of a job", "작업 평균 점수"), "0..1", curve(pen, |step| step.score)),
        (pen.say("Worth per USD", "USD당 가치"), "1/USD", curve(pen, |step| step.worth_per_usd)),
        (
            pen.say("Width of what detectors take as usual", "감지기가 평소로 보는 폭"),
            pen.say("of expected", "기대값 대비"),
            curve(pen, |step| step.threshold),
        ),
        (
            pen.say("Time to the end of harm", "피해 종료까지의 시간"),
            pen.say("min", "분"),
            curve(pen, |step| step.mitigate_s.map(|seconds| seconds / 60.0)),
        ),
    ];
    for (title, unit, points) in charts {
        let chart = Chart { title, unit, curves: vec![(pen.say("by the day", "일별"), points)] };
        blocks.extend(chart.is_worth_drawing().then_some(Block::Chart(chart)));
    }
    section(heading, blocks)
}

fn curve(pen: Pen<'_>, of: impl Fn(&Step) -> Option<f64>) -> Vec<(f64, f64)> {
    pen.report.course.iter().map(|step| (second(step.at), of(step).unwrap_or(f64::NAN))).collect()
}

/// Seconds since 1970.
pub(super) fn second(at: Timestamp) -> f64 {
    at.seconds_since(Timestamp::default())
}
