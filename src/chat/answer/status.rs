//! "How is everything?"

mod table;
mod title;

use crate::chat::answer::{incidents, shares};
use crate::chat::facts::{Class, Promise, Risk, Spend, Status, Worth};
use crate::chat::figure;
use crate::chat::page::{Line, Page, Table, Tone};
use crate::domain::language::Language;

pub use table::{course, narrow, wide};

/// Incidents that are told one by one.
const MOST_INCIDENTS: usize = 5;
/// Risks that are told one by one.
const MOST_RISKS: usize = 3;
/// The probability from which a risk is told, and from which it is more likely than not.
const RISKY: (f64, f64) = (0.1, 0.5);
/// The share of failed calls from which a channel is worth a look, and from which it does harm.
const FAILING: (f64, f64) = (0.02, 0.1);

/// The page of `status`; `table` is how its channels are shown.
#[must_use]
pub fn page(status: &Status, table: Table, language: Language) -> Page {
    let mut page = Page::new(title::title(status, language));
    for class in &status.classes {
        for line in promised(class, language) {
            page.say(line);
        }
    }
    if let Some(line) = status.worth.as_ref().and_then(|worth| avoided(worth, language)) {
        page.say(line);
    }
    if let Some(spend) = &status.spend {
        page.say(spent(spend, language));
    }
    for incident in status.incidents.iter().take(MOST_INCIDENTS) {
        page.say(incidents::line(incident, status.at, language));
    }
    if let Some(more @ 1..) = status.incidents.len().checked_sub(MOST_INCIDENTS) {
        page.say(format!("{} {more}", language.pick("and more:", "외 장애:")));
    }
    let told = status.risks.iter().filter(|risk| risk.probability >= RISKY.0);
    for of in told.take(MOST_RISKS) {
        page.say(risk(of, language));
    }
    page.show(table);
    if status.more_channels > 0 {
        page.say(match language {
            Language::English => format!("and {} more channels; name one to see it", status.more_channels),
            Language::Korean => format!("외 채널 {}개. 이름을 말하면 보여 줍니다", status.more_channels),
        });
    }
    page
}

fn is_broken(promise: &Promise) -> bool {
    promise.kept.is_some_and(|kept| kept < promise.target)
}

/// Mode, promises and shares of a class, a line for what there is.
fn promised(class: &Class, language: Language) -> Vec<Line> {
    let mut line = Line::new(class.class.clone(), Tone::Strong);
    if let Some(mode) = class.mode {
        line = line.and(format!(" ({})", mode_word(mode, language)), Tone::Dim);
    }
    for (at, promise) in class.promises.iter().enumerate() {
        line = line.and(if at == 0 { ": " } else { "; " }, Tone::Plain);
        let tone = if is_broken(promise) { Tone::Bad } else { Tone::Good };
        let kept = figure::or_gap(promise.kept, figure::percent);
        line = line.and(format!("{} ", promise_word(promise, language)), Tone::Plain).and(kept, tone);
        let target = figure::percent(promise.target);
        line = line.and(format!(" ({} {target})", language.pick("promised", "목표")), Tone::Dim);
    }
    let mut lines = vec![line];
    if !class.shares.is_empty() {
        lines.push(Line::plain(format!("  {}", shares(&class.shares))));
    }
    lines.extend(class.waiting.iter().map(|id| {
        let text = language.pick("waits for approval:", "승인 대기:");
        Line::new(format!("  {text} {id}"), Tone::Warn)
    }));
    lines
}

/// A promise in a few words.
fn promise_word(promise: &Promise, language: Language) -> String {
    match (promise.promise.as_str(), promise.limit_ms) {
        ("latency", Some(limit)) => match language {
            Language::English => format!("under {} ms", figure::whole(limit)),
            Language::Korean => format!("{} ms 이내", figure::whole(limit)),
        },
        ("error_ratio", _) => language.pick("without failure", "성공").to_owned(),
        ("availability", _) => language.pick("available", "가용").to_owned(),
        (other, _) => other.to_owned(),
    }
}

/// A mode in the language of the answer, with its name where that differs.
#[must_use]
pub fn mode_word(mode: &str, language: Language) -> String {
    let korean = match mode {
        "observe" => "관찰",
        "advise" => "조언",
        "approve" => "승인",
        "auto" => "자동",
        _ => return mode.to_owned(),
    };
    match language {
        Language::English => mode.to_owned(),
        Language::Korean => format!("{korean} {mode}"),
    }
}

/// Harm that was avoided.
fn avoided(worth: &Worth, language: Language) -> Option<Line> {
    let (avoided, unmanaged) = worth.avoided.zip(worth.unmanaged_harmed)?;
    let (calls, harmed) = (figure::whole(avoided.abs()), figure::whole(unmanaged));
    Some(match (avoided < 0.0, language) {
        (false, Language::English) => Line::plain("Harm avoided in the last day: ")
            .and(calls, Tone::Good)
            .and(format!(" of {harmed} calls that even shares would have harmed"), Tone::Plain),
        (true, Language::English) => Line::plain("Harm in the last day: ")
            .and(calls, Tone::Warn)
            .and(format!(" calls more than the {harmed} that even shares would have harmed"), Tone::Plain),
        (false, Language::Korean) => Line::plain("지난 하루 피한 피해: ")
            .and(format!("{calls}건"), Tone::Good)
            .and(format!(" (균등 분배라면 {harmed}건)"), Tone::Plain),
        (true, Language::Korean) => Line::plain("지난 하루 피해: ")
            .and(format!("{calls}건"), Tone::Warn)
            .and(format!(" 더 많음 (균등 분배라면 {harmed}건)"), Tone::Plain),
    })
}

/// What is spent, in one line.
fn spent(spend: &Spend, language: Language) -> Line {
    let mut line = Line::plain(match language {
        Language::English => format!("Spent today: {}", figure::usd(spend.today_usd)),
        Language::Korean => format!("오늘 지출: {}", figure::usd(spend.today_usd)),
    });
    if let Some(expected) = spend.day_expected_usd {
        let text = language.pick("by midnight", "자정까지 예상");
        line = line.and(format!(", {} {text}", figure::usd(expected)), Tone::Plain);
    }
    if let Some(budget) = &spend.budget {
        let part = figure::percent(budget.used_usd / budget.usd);
        let is_short = budget.exceed_probability.is_some_and(|p| p >= 0.5);
        let tone = if is_short { Tone::Bad } else { Tone::Plain };
        line = line.and(
            match language {
                Language::English => format!("; {part} of the {}'s budget of {}", budget.per, budget.class),
                Language::Korean => {
                    format!("; {} {} 예산의 {part}", budget.class, if budget.per == "day" { "하루" } else { "한 달" })
                }
            },
            tone,
        );
    }
    line
}

/// A risk in one line.
fn risk(risk: &Risk, language: Language) -> Line {
    let tone = if risk.probability >= RISKY.1 { Tone::Bad } else { Tone::Warn };
    let probability = figure::percent(risk.probability);
    match language {
        Language::English => {
            Line::plain(format!("{} breaks its promise to {} within the hour: ", risk.channel, risk.class))
        }
        Language::Korean => {
            Line::plain(format!("{}이(가) 한 시간 안에 {} 목표를 어길 확률: ", risk.channel, risk.class))
        }
    }
    .and(probability, tone)
}
