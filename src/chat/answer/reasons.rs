//! Reasons of decisions in both languages. The English is that of the decision itself.

use crate::chat::figure::percent;
use crate::domain::language::Language;
use crate::policy::input::TripReason;
use crate::policy::report::{Because, Binding, Reason};

/// Whether `reason` says something of `channel`: it is about that one, or about what none can do anything against.
#[must_use]
pub fn is_about(reason: &Reason, channel: &str) -> bool {
    match reason {
        Reason::Rejected { channel: of, .. }
        | Reason::Moved { channel: of, .. }
        | Reason::Spared { channel: of, .. } => of.as_str() == channel,
        Reason::Nothing { .. } => false,
        Reason::Step { .. } | Reason::LeastBad | Reason::Refused { .. } | Reason::Broken { .. } => true,
    }
}

/// `reason` as a sentence.
#[must_use]
pub fn sentence(reason: &Reason, language: Language) -> String {
    if language == Language::English {
        return reason.to_string();
    }
    match reason {
        Reason::Nothing { because: why } => format!("변경하지 않음: {}.", because(why)),
        Reason::Rejected { channel, because: why } => format!("{channel} 제외: {}.", because(why)),
        Reason::Moved { channel, from, to, because: why } => {
            format!("{channel} {} → {}: {}.", percent(*from), percent(*to), because(why))
        }
        Reason::Spared { channel, because: why } => format!("{channel}에는 상태 확인용 호출만 보냄: {}.", because(why)),
        Reason::Step { part, left } => {
            format!("지금 호출의 {}를 옮기고 나머지 {}는 나중에 옮김.", percent(*part), percent(*left))
        }
        Reason::LeastBad => "쓸 만한 채널이 없어 가장 덜 나쁜 채널을 사용함.".to_owned(),
        Reason::Refused { fault } => format!("계획에 결함이 있어 채택하지 않음: {fault}."),
        Reason::Broken { promise: promise @ Binding::Budget, by } => {
            format!("어떤 배분으로도 지킬 수 없음: {} (호출당 {by:.6} USD 초과).", binding(promise, language))
        }
        Reason::Broken { promise, by } => {
            format!("어떤 배분으로도 지킬 수 없음: {} (호출의 {} 초과).", binding(promise, language), percent(*by))
        }
    }
}

/// A constraint that binds.
#[must_use]
pub fn binding(binding: &Binding, language: Language) -> String {
    if language == Language::English {
        return binding.to_string();
    }
    match binding {
        Binding::Slow => "느린 호출이 더 늘면 안 됨".to_owned(),
        Binding::Failing => "실패한 호출이 더 늘면 안 됨".to_owned(),
        Binding::Risk => "위험을 더 질 수 없음".to_owned(),
        Binding::Budget => "더 쓸 수 없음".to_owned(),
        Binding::Room { channel } => format!("{channel}에 여유가 없음"),
    }
}

/// A cause in Korean.
fn because(because: &Because) -> String {
    match because {
        Because::Optimal => "지금 배분이 최선임".to_owned(),
        Because::TooSmall { part } => format!("호출의 {}만 옮기는 것은 변경할 가치가 없음", percent(*part)),
        Because::Dwell { seconds } => format!("마지막 변경이 너무 최근이라 {seconds:.0}초 뒤에야 다시 바꿀 수 있음"),
        Because::Unknown => "알려진 것이 너무 적음".to_owned(),
        Because::Alone => "채널이 하나뿐임".to_owned(),
        Because::Shut { reason } => trip(*reason).to_owned(),
        Because::Incident { severity } => format!("심각도 {severity} 장애가 진행 중임"),
        Because::Risk { probability } => format!("15분 안에 목표를 어길 확률이 {}임", percent(*probability)),
        Because::Slow { share } => format!("호출의 {}가 느림", percent(*share)),
        Because::WillBeSlow { share } => format!("호출의 {}가 느려질 것으로 예측됨", percent(*share)),
        Because::Failing { share } => format!("호출의 {}가 실패함", percent(*share)),
        Because::Stale => "오랫동안 소식이 없음".to_owned(),
        Because::Gone => "더 이상 이 클래스를 맡지 않음".to_owned(),
        Because::Full => "여유가 없음".to_owned(),
        Because::SlowStart { part } => format!("단계적으로 복귀 중이며 지금은 제 몫의 {}까지 가능함", percent(*part)),
        Because::Dearer => "다른 채널이 더 싸게 목표를 지킴".to_owned(),
        Because::Worse => "다른 채널이 목표를 더 잘 지킴".to_owned(),
        Because::Cheaper => "더 싸게 목표를 지킴".to_owned(),
        Because::Needed => "목표를 지키는 데 필요함".to_owned(),
    }
}

const fn trip(reason: TripReason) -> &'static str {
    match reason {
        TripReason::Consecutive => "연속으로 여러 호출이 실패함",
        TripReason::FailureRate => "너무 많은 호출이 실패함",
        TripReason::Throttled => "너무 많은 호출이 부하로 거절됨",
        TripReason::Slow => "너무 많은 호출이 오래 걸림",
        TripReason::Forecast => "목표를 어길 것으로 예측됨",
        TripReason::Drained => "플레이북이 호출을 막고 있음",
    }
}
