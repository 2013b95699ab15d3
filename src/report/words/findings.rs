//! What to look at.

use crate::domain::language::Language;
use crate::report::document::{Block, Section};
use crate::report::finding::{Finding, Weight, What};
use crate::report::words::number::{calls, percent, plain, span, usd};
use crate::report::words::{Pen, section};

/// The section of findings.
pub(super) fn section_of(pen: Pen<'_>) -> Section {
    let heading = pen.say("What to look at", "살펴볼 점");
    if pen.report.findings.is_empty() {
        let words = pen.say(
            "Nothing stands out: promises were kept, nothing is open, and forecasts were honest.",
            "특이 사항 없음: 약속이 지켜졌고, 열린 인시던트가 없으며, 예측이 정직했습니다.",
        );
        return section(heading, vec![Block::Words(words.to_owned())]);
    }
    let line = |finding: &Finding| {
        let mark = match finding.weight {
            Weight::Broken => pen.say("Broken", "위반"),
            Weight::Warning => pen.say("Warning", "경고"),
            Weight::Note => pen.say("Note", "참고"),
        };
        (format!("{mark}: {}", sentence(pen, finding)), Some(finding.place.clone()))
    };
    section(heading, vec![Block::List(pen.report.findings.iter().map(line).collect())])
}

/// A finding in words.
pub(super) fn sentence(pen: Pen<'_>, finding: &Finding) -> String {
    match pen.language {
        Language::English => english(&finding.what),
        Language::Korean => korean(&finding.what),
    }
}

fn english(what: &What) -> String {
    match what {
        What::Broken { class, promise, ratio, target } => {
            format!("{class} kept {promise} for {} of {} promised.", percent(*ratio), percent(*target))
        }
        What::Overdrawn { class, promise, left } => {
            format!("The error budget of {class} for {promise} is used up ({} left).", percent(*left))
        }
        What::Budget { class, monthly, usd: limit, chance } => {
            let period = if *monthly { "month" } else { "day" };
            format!(
                "The budget of {class} for the {period}, {}, is exceeded with a probability of {}.",
                usd(*limit),
                percent(*chance)
            )
        }
        What::Open { channel, kind, severity } => format!("An incident goes on: {kind} on {channel} ({severity})."),
        What::Harmful { decisions } => format!("{decisions} decisions of the last day did harm."),
        What::Worse { class, calls: more } => {
            format!("Even shares would have harmed {} fewer calls of {class}.", calls(*more))
        }
        What::Unknown { class, known } => {
            format!("What even shares would have met is known for {} of the calls of {class} only.", percent(*known))
        }
        What::InVain { in_vain, foreseen } => {
            format!(
                "Channels were left {in_vain} times for trouble that did not come, {foreseen} times for some that did."
            )
        }
        What::Coverage { column, horizon_s, coverage } => format!(
            "The 90 % intervals of {column}, {} ahead, hold {} of what came.",
            span(seconds(*horizon_s)),
            percent(*coverage)
        ),
        What::Useless { column, horizon_s, mase } => format!(
            "Forecasts of {column}, {} ahead, err {} times as much as repeating the last value.",
            span(seconds(*horizon_s)),
            plain(*mase)
        ),
        What::Slower { now_s, before_s } => {
            format!("Harm took {} to end, {} before.", span(*now_s), span(*before_s))
        }
        What::NotEnough { class, tier, model, worth, enough } => {
            format!("{model} reaches {} at {class} {tier}, where {} is enough.", plain(*worth), plain(*enough))
        }
        What::Waiting { changes } => format!("{changes} changes wait for approval."),
    }
}

fn korean(what: &What) -> String {
    match what {
        What::Broken { class, promise, ratio, target } => {
            format!(
                "{class}의 {promise} 약속 준수율이 {}로, 목표 {}에 못 미쳤습니다.",
                percent(*ratio),
                percent(*target)
            )
        }
        What::Overdrawn { class, promise, left } => {
            format!("{class}의 {promise} 오류 예산이 소진되었습니다 (잔여 {}).", percent(*left))
        }
        What::Budget { class, monthly, usd: limit, chance } => {
            let period = if *monthly { "월" } else { "일" };
            format!("{class}의 {period} 예산 {}를 초과할 확률이 {}입니다.", usd(*limit), percent(*chance))
        }
        What::Open { channel, kind, severity } => format!("진행 중인 인시던트: {channel}의 {kind} ({severity})."),
        What::Harmful { decisions } => format!("지난 하루 동안 해를 끼친 결정이 {decisions}건 있습니다."),
        What::Worse { class, calls: more } => {
            format!("{class}에서는 균등 배분이 피해 호출을 {}건 더 줄였을 것입니다.", calls(*more))
        }
        What::Unknown { class, known } => {
            format!("{class}의 호출 중 {}에 대해서만 균등 배분과 비교할 수 있습니다.", percent(*known))
        }
        What::InVain { in_vain, foreseen } => {
            format!("채널을 미리 떠난 경우 중 {in_vain}번은 장애가 오지 않았고, {foreseen}번은 왔습니다.")
        }
        What::Coverage { column, horizon_s, coverage } => format!(
            "{column} {} 앞 예측의 90 % 구간이 실제 값의 {}를 포함합니다.",
            span(seconds(*horizon_s)),
            percent(*coverage)
        ),
        What::Useless { column, horizon_s, mase } => format!(
            "{column} {} 앞 예측의 오차가 마지막 값을 반복할 때의 {}배입니다.",
            span(seconds(*horizon_s)),
            plain(*mase)
        ),
        What::Slower { now_s, before_s } => {
            format!("피해가 끝나기까지 {} 걸렸습니다 (이전 {}).", span(*now_s), span(*before_s))
        }
        What::NotEnough { class, tier, model, worth, enough } => {
            format!("{class} {tier}에서 {model}의 점수는 {}로, 기준 {}에 못 미칩니다.", plain(*worth), plain(*enough))
        }
        What::Waiting { changes } => format!("승인을 기다리는 변경이 {changes}건 있습니다."),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a horizon of hours")]
const fn seconds(seconds: i64) -> f64 {
    seconds as f64
}
