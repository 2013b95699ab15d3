//! What can be asked.

use crate::chat::intent::Topic;
use crate::chat::names::Names;
use crate::chat::page::{Line, Page, Tone};
use crate::domain::language::Language;

/// Something that can be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Example {
    /// What it is about.
    pub topic: Topic,
    /// Whether it changes something.
    pub acts: bool,
    /// In English.
    pub english: &'static str,
    /// In Korean.
    pub korean: &'static str,
    /// What comes of it, in English.
    pub about: &'static str,
    /// The same in Korean.
    pub about_korean: &'static str,
}

/// Everything that can be said, an example of each.
pub const EXAMPLES: &[Example] = &[
    Example {
        topic: Topic::Status,
        acts: false,
        english: "status",
        korean: "상태 보여줘",
        about: "how everything is; with a name, one channel",
        about_korean: "전체 현황, 이름을 붙이면 채널 하나",
    },
    Example {
        topic: Topic::Forecast,
        acts: false,
        english: "forecast harbor-large latency",
        korean: "harbor-large 지연 예측",
        about: "the next hour of a channel, and how far to trust it",
        about_korean: "채널의 다음 한 시간과 그 신뢰도",
    },
    Example {
        topic: Topic::Why,
        acts: false,
        english: "why is harbor-mini out",
        korean: "harbor-mini 왜 빠졌어",
        about: "the reasons of the last change",
        about_korean: "마지막 변경의 이유",
    },
    Example {
        topic: Topic::Incidents,
        acts: false,
        english: "incidents",
        korean: "장애 목록",
        about: "what is wrong, since when, and what is to blame",
        about_korean: "진행 중인 장애와 원인, 시작 시각",
    },
    Example {
        topic: Topic::Cost,
        acts: false,
        english: "cost",
        korean: "비용",
        about: "spent, expected and saved",
        about_korean: "지출, 예상, 절감액",
    },
    Example {
        topic: Topic::Report,
        acts: false,
        english: "report daily",
        korean: "일간 보고서",
        about: "the report of a day, or of a fortnight",
        about_korean: "일간 또는 격주 보고서",
    },
    Example {
        topic: Topic::Mode,
        acts: false,
        english: "mode",
        korean: "모드",
        about: "what may be done about each class",
        about_korean: "클래스별 모드",
    },
    Example {
        topic: Topic::Mode,
        acts: true,
        english: "mode chat auto because it advised well",
        korean: "모드 chat 자동 이유 일주일간 안정적",
        about: "set it (operators)",
        about_korean: "모드 변경 (운영자)",
    },
    Example {
        topic: Topic::Approve,
        acts: false,
        english: "what waits for approval",
        korean: "승인 대기 목록",
        about: "changes that wait for a person",
        about_korean: "사람의 승인을 기다리는 변경",
    },
    Example {
        topic: Topic::Approve,
        acts: true,
        english: "approve chat@1795168800000000 because seen it too",
        korean: "승인 chat@1795168800000000 이유 확인함",
        about: "say yes (operators)",
        about_korean: "승인 (운영자)",
    },
    Example {
        topic: Topic::Reject,
        acts: true,
        english: "reject chat@1795168800000000 because the test ends at noon",
        korean: "거절 chat@1795168800000000 이유 정오에 시험 종료",
        about: "say no (operators)",
        about_korean: "거절 (운영자)",
    },
    Example {
        topic: Topic::Help,
        acts: false,
        english: "help",
        korean: "도움말",
        about: "this list",
        about_korean: "이 목록",
    },
];

/// What can be asked, after `lead`; the examples speak of channels and classes that there are, as far as there are any.
#[must_use]
pub fn page(lead: &str, names: &Names, language: Language) -> Page {
    let mut page = Page::new(lead);
    let (large, mini) = (names.channels.first(), names.channels.last());
    for example in EXAMPLES {
        let mut said = language.pick(example.english, example.korean).to_owned();
        for (stands_for, name) in [("harbor-large", large), ("harbor-mini", mini), ("chat", names.classes.first())] {
            said = name.map_or_else(|| said.clone(), |name| said.replacen(stands_for, name, 1));
        }
        let said = Line::new(said, Tone::Strong);
        page.say(said.and(format!(": {}", language.pick(example.about, example.about_korean)), Tone::Plain));
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_speak_of_what_there_is() {
        let owned = |name: &str| vec![name.to_owned()];
        let names = Names { channels: owned("eu"), classes: owned("review") };
        let text = page("You can ask:", &names, Language::English).print(false);
        assert!(text.contains("\nwhy is eu out: ") && text.contains("approve review@17"), "{text}");
        assert!(page("", &Names::default(), Language::Korean).print(false).contains("harbor-mini 왜 빠졌어"));
    }
}
