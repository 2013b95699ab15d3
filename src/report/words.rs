//! A report in words: English, or Korean.

mod accuracy;
mod decisions;
mod findings;
mod number;
mod promises;
mod spend;

use crate::domain::language::Language;
use crate::report::document::{Block, Document, Section};
use crate::report::figures::{Kind, Report};
use crate::report::words::number::percent;

/// What words are written in, and about.
#[derive(Clone, Copy)]
struct Pen<'r> {
    language: Language,
    report: &'r Report,
}

impl Pen<'_> {
    /// The one of two texts that is in the language.
    const fn say(&self, english: &'static str, korean: &'static str) -> &'static str {
        self.language.pick(english, korean)
    }

    /// What is written where nothing is known.
    const fn unknown(&self) -> &'static str {
        self.say("not known", "알 수 없음")
    }

    /// What a column of the span is called, and that of the span before it.
    const fn spans(&self) -> [&'static str; 2] {
        match self.report.kind {
            Kind::Daily => [self.say("this day", "당일"), self.say("day before", "전날")],
            Kind::Fortnightly => [self.say("this fortnight", "이번 2주"), self.say("fortnight before", "지난 2주")],
        }
    }

    /// A value, or that it is not known.
    fn value(&self, value: Option<f64>, show: impl Fn(f64) -> String) -> String {
        value.map_or_else(|| self.unknown().to_owned(), show)
    }
}

/// Writes `report` in `language`.
#[must_use]
pub fn document(report: &Report, language: Language) -> Document {
    let pen = Pen { language, report };
    let mut sections = vec![findings::section_of(pen)];
    match report.kind {
        Kind::Daily => sections.extend([
            promises::objectives(pen),
            promises::incidents(pen),
            accuracy::section_of(pen),
            decisions::section_of(pen),
            accuracy::scores(pen),
            spend::section_of(pen),
        ]),
        Kind::Fortnightly => sections.extend([
            accuracy::learnt(pen),
            accuracy::section_of(pen),
            decisions::section_of(pen),
            accuracy::scores(pen),
            promises::incidents(pen),
            promises::objectives(pen),
            spend::section_of(pen),
        ]),
    }
    Document { language, title: title(pen), about: about(pen), sections }
}

/// The report in one or two plain sentences, for those who read no more.
#[must_use]
pub fn in_short(report: &Report, language: Language) -> String {
    let pen = Pen { language, report };
    let worth = report.now.all_worth();
    let harmed = pen.value(worth.harmed_ratio(), percent);
    let even = pen.value(worth.even_ratio(), percent);
    let incidents = report.now.opened;
    let usd = number::usd(report.now.usd());
    let first = match language {
        Language::English => format!(
            "{}: {harmed} of calls were harmed ({even} by even shares), {incidents} incidents, {usd}.",
            title(pen)
        ),
        Language::Korean => {
            format!("{}: 피해 호출 {harmed} (균등 배분 시 {even}), 인시던트 {incidents}건, 비용 {usd}.", title(pen))
        }
    };
    match report.findings.first() {
        Some(finding) => format!("{first} {}", findings::sentence(pen, finding)),
        None => first,
    }
}

fn title(pen: Pen<'_>) -> String {
    let day = pen.report.day;
    match (pen.report.kind, pen.language) {
        (Kind::Daily, Language::English) => format!("Daily report, {day}"),
        (Kind::Daily, Language::Korean) => format!("일일 보고서, {day}"),
        (Kind::Fortnightly, Language::English) => format!("Learning report, fortnight to {day}"),
        (Kind::Fortnightly, Language::Korean) => format!("학습 보고서, {day}까지 2주"),
    }
}

fn about(pen: Pen<'_>) -> String {
    let (from, to, made_at) = (pen.report.from, pen.report.to, pen.report.made_at);
    match pen.language {
        Language::English => format!("From {from} to {to} (UTC), as known at {made_at}."),
        Language::Korean => format!("{from}부터 {to}까지 (UTC), {made_at} 기준."),
    }
}

fn section(heading: &'static str, blocks: Vec<Block>) -> Section {
    Section { heading, blocks }
}

#[cfg(test)]
mod tests;
