//! "What will it do?"

use crate::chat::facts::{Ahead, Outlook, Trust};
use crate::chat::figure;
use crate::chat::page::{Line, Page, Tone};
use crate::chat::spark::spark;
use crate::domain::language::Language;
use crate::domain::target::Target;

/// Outcomes below which a forecast's record says little.
const FEW: i64 = 30;
/// How far the share of outcomes inside the 90 % interval may be from 90 %.
const HONEST: f64 = 0.05;

/// The page of `outlooks`; of `about` only if that is named.
#[must_use]
pub fn page(outlooks: &[Outlook], about: Option<&str>, language: Language) -> Page {
    if outlooks.is_empty() {
        let none = language.pick(
            "There is no forecast yet: it takes some minutes of calls, and the first fit after them.",
            "아직 예측이 없습니다. 호출이 몇 분 쌓이고 첫 학습이 끝나야 합니다.",
        );
        return Page::new(Line::new(none, Tone::Warn));
    }
    let mut page = Page::new(match (about, language) {
        (Some(name), Language::English) => format!("The next hour of {name}"),
        (Some(name), Language::Korean) => format!("{name}의 다음 한 시간"),
        (None, _) => language.pick("The next hour", "다음 한 시간").to_owned(),
    });
    for outlook in outlooks {
        let name = if about.is_some() { String::new() } else { format!("{} ", outlook.channel) };
        let now = figure::or_gap(outlook.now, |value| figure::of(outlook.column, value));
        let line = Line::new(format!("{name}{}", outlook.column), Tone::Strong);
        page.say(line.and(format!(": {} {now}", language.pick("now", "현재")), Tone::Plain));
        page.say(format!("  {}", course(outlook)));
        let ahead: Vec<String> = outlook.ahead.iter().map(|of| self::ahead(outlook.column, of, language)).collect();
        page.say(format!("  {}", ahead.join("; ")));
        page.say(trust(outlook.trust.as_ref(), language));
    }
    page
}

/// The last and the next hour on one scale, with a bar between them.
fn course(outlook: &Outlook) -> String {
    let both: Vec<Option<f64>> = outlook.last_hour.iter().chain(&outlook.next_hour).copied().collect();
    let mut letters: Vec<char> = spark(&both).chars().collect();
    letters.insert(outlook.last_hour.len().min(letters.len()), '│');
    letters.into_iter().collect()
}

fn ahead(column: Target, ahead: &Ahead, language: Language) -> String {
    let show = |value: f64| figure::of(column, value);
    let within = figure::span(f64::from(ahead.minutes) * 60.0, language);
    let (mean, low, high) = (show(ahead.mean), show(ahead.low), show(ahead.high));
    match language {
        Language::English => format!("in {within} {mean} ({low} to {high})"),
        Language::Korean => format!("{within} 뒤 {mean} ({low} ~ {high})"),
    }
}

/// How far to trust it, in one line.
fn trust(trust: Option<&Trust>, language: Language) -> Line {
    let Some(Trust { coverage_90: Some(coverage), mape, outcomes }) = trust.filter(|trust| trust.outcomes > 0) else {
        let none = language.pick(
            "  Trust: not known yet; no such forecast has an outcome.",
            "  신뢰도: 아직 결과가 나온 예측이 없습니다.",
        );
        return Line::new(none, Tone::Dim);
    };
    let (inside, n) = (figure::percent(*coverage), figure::whole(as_float(*outcomes)));
    let error = mape.map(|mape| match language {
        Language::English => format!(", mean error {}", figure::percent(mape)),
        Language::Korean => format!(", 평균 오차 {}", figure::percent(mape)),
    });
    let tone = if *outcomes >= FEW && (coverage - 0.9).abs() > HONEST { Tone::Warn } else { Tone::Dim };
    let few = if *outcomes < FEW { language.pick(" (few)", " (적음)") } else { "" };
    let error = error.unwrap_or_default();
    Line::new(
        match language {
            Language::English => {
                format!("  Trust: {inside} of {n} outcomes{few} were inside the 90 % interval{error}.")
            }
            Language::Korean => format!("  신뢰도: 결과 {n}건{few} 중 {inside}가 90 % 구간 안{error}."),
        },
        tone,
    )
}

#[expect(clippy::cast_precision_loss, reason = "a count that is shown")]
const fn as_float(count: i64) -> f64 {
    count as f64
}
