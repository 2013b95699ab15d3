//! "What is wrong?"

use crate::chat::facts::Incident;
use crate::chat::figure;
use crate::chat::page::{Line, Page, Tone};
use crate::domain::language::Language;
use crate::domain::time::Timestamp;

/// Incidents that are told; Slack has no room for more.
const MOST: usize = 20;

/// The page of open `incidents`, of `about` only if that is named.
#[must_use]
pub fn page(incidents: &[Incident], about: Option<&str>, now: Timestamp, language: Language) -> Page {
    let of = about.map(|name| match language {
        Language::English => format!(" on {name}"),
        Language::Korean => format!(" ({name})"),
    });
    let of = of.unwrap_or_default();
    let mut page = Page::new(match (incidents.len(), language) {
        (0, Language::English) => Line::new(format!("No incident is open{of}."), Tone::Good),
        (0, Language::Korean) => Line::new(format!("진행 중인 장애가 없습니다{of}."), Tone::Good),
        (1, Language::English) => Line::new(format!("1 incident is open{of}."), Tone::Strong),
        (open, Language::English) => Line::new(format!("{open} incidents are open{of}."), Tone::Strong),
        (open, Language::Korean) => Line::new(format!("진행 중인 장애 {open}건{of}"), Tone::Strong),
    });
    for incident in incidents.iter().take(MOST) {
        page.say(line(incident, now, language));
    }
    if let Some(more @ 1..) = incidents.len().checked_sub(MOST) {
        page.say(match language {
            Language::English => format!("and {more} more, at /v1/incidents?state=open"),
            Language::Korean => format!("외 {more}건: /v1/incidents?state=open"),
        });
    }
    page
}

/// An incident in one line.
#[must_use]
pub fn line(incident: &Incident, now: Timestamp, language: Language) -> Line {
    let tone = if matches!(incident.severity.as_str(), "P1" | "P2") { Tone::Bad } else { Tone::Warn };
    let kind = kind(&incident.kind, language);
    let since = figure::ago(incident.since, now, language);
    let blamed = incident.blamed.join(", ");
    let line = Line::new(incident.severity.clone(), tone);
    let line = match language {
        Language::English => line.and(format!(" {kind} on {} since {since}", incident.channel), Tone::Plain),
        Language::Korean => line.and(format!(" {} {kind}, 시작 {since}", incident.channel), Tone::Plain),
    };
    let line = if blamed.is_empty() {
        line
    } else {
        line.and(format!("; {} {blamed}", language.pick("to blame:", "원인:")), Tone::Plain)
    };
    let taken = language.pick(", taken on", ", 담당자 있음");
    line.and(if incident.is_acknowledged { taken } else { "" }, Tone::Dim).and(format!(" [{}]", incident.id), Tone::Dim)
}

/// A kind of trouble in words.
fn kind(kind: &str, language: Language) -> &str {
    match kind {
        "absence" => language.pick("silence", "무응답"),
        "errors" => language.pick("errors", "오류"),
        "throttling" => language.pick("throttling", "호출 제한"),
        "latency" => language.pick("latency", "지연"),
        "cost" => language.pick("cost", "비용 이상"),
        "traffic" => language.pick("traffic", "트래픽 이상"),
        other => other,
    }
}
