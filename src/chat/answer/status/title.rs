//! How everything is, in a sentence or two.

use super::{FAILING, RISKY, is_broken};
use crate::chat::facts::{Channel, Status};
use crate::chat::figure;
use crate::chat::page::{Line, Tone};
use crate::domain::language::Language;

/// Calls below which a failing channel says little.
const FEW_CALLS: f64 = 10.0;
/// Seconds after which the newest minute is old.
const OLD_S: f64 = 300.0;

/// The worst that is known, what waits, and how old that is.
pub(super) fn title(status: &Status, language: Language) -> Line {
    if status.newest.is_none() && status.incidents.is_empty() {
        return Line::new(language.pick("Nothing has been heard yet.", "아직 들어온 데이터가 없습니다."), Tone::Warn);
    }
    let (text, tone) = worst(status, language);
    let mut line = Line::new(text, tone);
    if status.classes.iter().any(|class| class.waiting.is_some()) {
        line =
            line.and(language.pick(" A change waits for approval.", " 승인을 기다리는 변경이 있습니다."), Tone::Warn);
    }
    let age_s = status.newest.map(|newest| status.at.seconds_since(newest.end()));
    let Some(age_s) = age_s.filter(|age_s| *age_s >= OLD_S) else { return line };
    let age = figure::span(age_s, language);
    line.and(
        match language {
            Language::English => format!(" The newest minute known is {age} old."),
            Language::Korean => format!(" 마지막 데이터는 {age} 전입니다."),
        },
        Tone::Warn,
    )
}

/// Incidents, else what fails, else what was promised and not kept, else what is at risk.
fn worst(status: &Status, language: Language) -> (String, Tone) {
    let broken = status.classes.iter().flat_map(|class| &class.promises).filter(|promise| is_broken(promise)).count();
    let is_at_risk = status.risks.iter().any(|risk| risk.probability >= RISKY.1);
    match (status.incidents.len(), failing(&status.channels), broken) {
        (0, Some((channel, share)), _) => (
            match language {
                Language::English => format!("No incident is open yet, but {share} of the calls on {channel} fail."),
                Language::Korean => format!("아직 장애는 없지만 {channel} 호출의 {share}가 실패합니다."),
            },
            Tone::Bad,
        ),
        (0, None, 0) if is_at_risk => {
            let text = language.pick("All is well, but a promise is at risk.", "지금은 정상이지만 목표가 위험합니다.");
            (text.to_owned(), Tone::Warn)
        }
        (0, None, 0) => (language.pick("All is well.", "모두 정상입니다.").to_owned(), Tone::Good),
        (0, None, broken) => (
            match language {
                Language::English if broken == 1 => "1 promise was not kept in the last day.".to_owned(),
                Language::English => format!("{broken} promises were not kept in the last day."),
                Language::Korean => format!("지난 하루 동안 지키지 못한 목표가 {broken}개 있습니다."),
            },
            Tone::Warn,
        ),
        (open, ..) => incidents(status, open, language),
    }
}

fn incidents(status: &Status, open: usize, language: Language) -> (String, Tone) {
    let is_grave = status.incidents.iter().any(|incident| matches!(incident.severity.as_str(), "P1" | "P2"));
    let text = match language {
        Language::English if open == 1 => "1 incident is open.".to_owned(),
        Language::English => format!("{open} incidents are open."),
        Language::Korean => format!("진행 중인 장애가 {open}건 있습니다."),
    };
    if is_grave {
        return (text, Tone::Bad);
    }
    let mild = match language {
        Language::English if open == 1 => " It is not grave.",
        Language::English => " None of them is grave.",
        Language::Korean => " 심각한 것은 없습니다.",
    };
    (text + mild, Tone::Warn)
}

/// The channel of which most fails, if that does harm, with the share that does.
fn failing(channels: &[Channel]) -> Option<(&str, String)> {
    let enough = channels.iter().filter(|of| of.requests.is_some_and(|calls| calls >= FEW_CALLS));
    let shares = enough.filter_map(|of| Some((of.channel.as_str(), of.failing()?)));
    let worst = shares.max_by(|one, other| one.1.total_cmp(&other.1)).filter(|(_, share)| *share >= FAILING.1);
    worst.map(|(channel, share)| (channel, figure::percent(share)))
}
