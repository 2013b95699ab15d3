//! "What is spent?"

use crate::chat::facts::{Budget, Spend};
use crate::chat::figure::{self, usd};
use crate::chat::page::{Line, Page, Tone};
use crate::domain::language::Language;
use crate::domain::time::Timestamp;

/// Channels that are told one by one.
const MOST: usize = 5;

/// The page of `spend`.
#[must_use]
pub fn page(spend: &Spend, now: Timestamp, language: Language) -> Page {
    let mut page = Page::new(match language {
        Language::English => format!("{} spent today", usd(spend.today_usd)),
        Language::Korean => format!("오늘 지출 {}", usd(spend.today_usd)),
    });
    if let Some(expected) = spend.day_expected_usd {
        let between = spend.day_between_usd.map_or_else(String::new, |(low, high)| match language {
            Language::English => format!(" ({} to {})", usd(low), usd(high)),
            Language::Korean => format!(" ({} ~ {})", usd(low), usd(high)),
        });
        let lead = language.pick("Expected by midnight UTC:", "UTC 자정까지 예상:");
        page.say(format!("{lead} {}{between}", usd(expected)));
    }
    let month = language.pick("This month:", "이번 달:");
    let expected = spend.month_expected_usd.map_or_else(String::new, |expected| {
        format!(", {} {}", language.pick("expected by its end:", "월말 예상:"), usd(expected))
    });
    page.say(format!("{month} {}{expected}", usd(spend.month_usd)));
    match &spend.budget {
        Some(budget) => page.say(line(budget, now, language)),
        None => page.say(Line::new(language.pick("No budget is configured.", "설정된 예산이 없습니다."), Tone::Dim)),
    }
    if let Some(saved) = spend.saved_usd {
        let text = match (saved < 0.0, language) {
            (false, Language::English) => format!("Saved today against even shares: {}", usd(saved)),
            (true, Language::English) => format!("Spent today on top of even shares: {}", usd(-saved)),
            (false, Language::Korean) => format!("균등 분배 대비 오늘 절감: {}", usd(saved)),
            (true, Language::Korean) => format!("균등 분배 대비 오늘 추가 지출: {}", usd(-saved)),
        };
        page.say(Line::new(text, if saved < 0.0 { Tone::Plain } else { Tone::Good }));
    }
    for dear in spend.channels.iter().take(MOST) {
        page.say(format!("  {} {}", dear.channel, usd(dear.today_usd)));
    }
    page
}

fn line(budget: &Budget, now: Timestamp, language: Language) -> Line {
    let (used, all) = (figure::percent(budget.used_usd / budget.usd), usd(budget.usd));
    let line = Line::plain(match language {
        Language::English => format!("Budget of {} for the {}: {used} of {all} used", budget.class, budget.per),
        Language::Korean => {
            format!(
                "{} {} 예산: {all} 중 {used} 사용",
                budget.class,
                if budget.per == "day" { "하루" } else { "한 달" }
            )
        }
    });
    let Some(probability) = budget.exceed_probability else { return line };
    let tone = match probability {
        p if p >= 0.5 => Tone::Bad,
        p if p >= 0.1 => Tone::Warn,
        _ => Tone::Good,
    };
    let chance = figure::percent(probability);
    let when = budget.runs_out.map_or_else(String::new, |at| match language {
        Language::English => format!(", probably at {}", figure::clock(at, now)),
        Language::Korean => format!(", 예상 시각 {}", figure::clock(at, now)),
    });
    line.and(
        match language {
            Language::English => format!("; runs out with {chance}{when}"),
            Language::Korean => format!("; 소진 확률 {chance}{when}"),
        },
        tone,
    )
}
