//! The words by which topics, columns and spans are known, in English and in Korean.
//!
//! English words are whole, or beginnings where they end with `*`. Korean words are parts, for particles and endings hang on
//! to them; one with `^` begins a word. A weight tells how clearly a word speaks of its topic.

use crate::chat::intent::{Span, Topic};
use crate::chat::word::{Word, is_hangul};
use crate::domain::column::Column;
use crate::domain::target::Target;

/// A word that names its topic.
const CLEAR: u8 = 4;
/// A word that often stands with it.
const HINT: u8 = 2;
/// A word that says little.
const FAINT: u8 = 1;

/// How alike a word must be to the name of a topic (Jaro-Winkler, 0 to 1) for that to be offered.
const ALIKE: f64 = 0.8;

/// Topic, weight, words.
const TOPICS: &[(Topic, u8, &[&str])] = &[
    (Topic::Approve, CLEAR, &["approve*", "approval*", "approving", "승인", "허가"]),
    (Topic::Approve, HINT, &["waits", "waiting", "pending", "대기"]),
    (Topic::Reject, CLEAR, &["reject*", "decline*", "veto*", "거절", "거부", "반려", "기각"]),
    (Topic::Mode, CLEAR, &["mode*", "모드"]),
    (Topic::Why, CLEAR + 1, &["why", "^왜"]),
    (Topic::Why, CLEAR, &["explain*", "reason*", "이유", "원인", "설명"]),
    (Topic::Why, HINT, &["decision*", "decide*", "moved", "결정"]),
    (Topic::Status, CLEAR, &["status*", "overview", "health*", "상태", "현황", "상황", "건강"]),
    (
        Topic::Status,
        HINT + 1,
        &["doing", "summary", "어때", "어떄", "괜찮", "어떻", "어떤가", "잘돼", "잘되", "요약", "정상"],
    ),
    (Topic::Status, HINT, &["ok", "okay", "fine", "alright", "going", "things", "everything", "share*", "이상", "잘"]),
    (Topic::Status, FAINT, &["now", "지금", "현재"]),
    (Topic::Report, CLEAR, &["report*", "보고서", "리포트", "레포트", "보고해", "일보"]),
    (Topic::Report, HINT, &["daily", "fortnight*", "biweekly", "일간", "일일", "격주", "주간"]),
    (Topic::Forecast, CLEAR, &["forecast*", "predict*", "outlook", "예측", "전망", "예상", "예보"]),
    (Topic::Forecast, HINT, &["will", "expect*", "soon", "next", "future", "앞으로", "미래", "곧"]),
    (Topic::Cost, CLEAR, &["cost*", "spend*", "spent", "budget*", "money", "비용", "예산", "지출", "요금", "^돈"]),
    (
        Topic::Cost,
        HINT + 1,
        &["usd", "dollar*", "bill", "bills", "price*", "expensive", "saved", "saving*", "절감", "비싸"],
    ),
    (Topic::Cost, HINT, &["much", "얼마"]),
    (Topic::Incidents, CLEAR, &["incident*", "outage*", "alert*", "alarm*", "장애", "사고", "인시던트", "경보"]),
    (
        Topic::Incidents,
        HINT + 1,
        &["trouble*", "problem*", "issue*", "wrong", "잘못", "broken", "failing", "문제", "고장", "오류났"],
    ),
    (Topic::Incidents, HINT, &["down", "broke", "failed", "죽었"]),
    (Topic::Help, CLEAR, &["help", "commands", "usage", "도움", "명령", "사용법"]),
    (Topic::Help, HINT, &["도와"]),
];

/// Sayings that mean more than their words.
const SAYINGS: &[(Topic, &str)] = &[
    (Topic::Help, "what can you"),
    (Topic::Help, "what can i"),
    (Topic::Help, "뭐 할 수"),
    (Topic::Help, "뭘 할 수"),
    (Topic::Help, "무엇을 할 수"),
    (Topic::Why, "how come"),
    (Topic::Incidents, "what's wrong"),
    (Topic::Incidents, "what is wrong"),
    (Topic::Status, "how are we"),
    (Topic::Status, "how is it"),
    (Topic::Status, "how's it"),
];

/// Columns, by how people call them.
const COLUMNS: &[(Target, &[&str])] = &[
    (Target::Column(Column::TtftP95), &["ttft", "first-token", "첫토큰"]),
    (Target::Column(Column::LatencyP50), &["p50", "median", "중앙값"]),
    (Target::Column(Column::LatencyP99), &["p99"]),
    (Target::Column(Column::LatencyP95), &["latency", "p95", "slow", "delay*", "지연", "레이턴시", "응답시간", "느려"]),
    (Target::ThrottledRatio, &["throttl*", "429", "429s", "스로틀", "제한"]),
    (Target::ErrorRatio, &["error", "errors", "failure*", "오류", "에러", "실패"]),
    (
        Target::Column(Column::Requests),
        &["request*", "calls", "demand", "traffic", "load", "요청", "호출", "트래픽", "수요", "부하"],
    ),
    (Target::Column(Column::TokensCompletion), &["token*", "토큰"]),
    (Target::Column(Column::Cost), &["cost", "costs", "spend", "비용", "요금"]),
];

/// Words that say nothing about what is wanted; they are never taken for names.
const EMPTY: &[&str] = &[
    "a",
    "an",
    "and",
    "any",
    "are",
    "at",
    "be",
    "can",
    "could",
    "did",
    "do",
    "does",
    "for",
    "foreroute",
    "from",
    "get",
    "give",
    "has",
    "have",
    "hey",
    "hour",
    "how",
    "i",
    "in",
    "is",
    "it",
    "its",
    "just",
    "last",
    "let",
    "list",
    "look",
    "me",
    "my",
    "of",
    "on",
    "open",
    "our",
    "out",
    "over",
    "please",
    "pls",
    "show",
    "so",
    "tell",
    "that",
    "the",
    "there",
    "this",
    "to",
    "today",
    "us",
    "was",
    "we",
    "were",
    "what",
    "what's",
    "when",
    "where",
    "which",
    "who",
    "with",
    "would",
    "you",
    "your",
    "today's",
];

fn fits(word: &str, known: &str) -> bool {
    if let Some(start) = known.strip_prefix('^') {
        return word.starts_with(start);
    }
    if known.chars().any(is_hangul) {
        return word.contains(known);
    }
    known.strip_suffix('*').map_or(word == known, |start| word.starts_with(start))
}

/// How clearly `word` speaks of each topic that it speaks of.
pub fn weights(word: &Word) -> impl Iterator<Item = (Topic, u8)> {
    TOPICS
        .iter()
        .filter(|(.., known)| known.iter().any(|known| fits(&word.plain, known)))
        .map(|(topic, w, _)| (*topic, *w))
}

/// Topics of which a whole saying in `text`, in lower case with single blanks, speaks.
pub fn sayings(text: &str) -> impl Iterator<Item = (Topic, u8)> {
    SAYINGS.iter().filter(|(_, saying)| text.contains(saying)).map(|(topic, _)| (*topic, CLEAR))
}

/// The column that `word` calls, by its name or by how people call it.
#[must_use]
pub fn column(word: &Word) -> Option<Target> {
    let called = || COLUMNS.iter().find(|(_, known)| known.iter().any(|known| fits(&word.plain, known)));
    Target::parse(&word.plain).or_else(|| called().map(|(target, _)| *target))
}

/// The span of a report that `word` names.
#[must_use]
pub fn span(word: &Word) -> Option<Span> {
    let fortnightly = ["fortnight*", "biweekly", "learning", "격주", "2주", "학습", "이주간"];
    let daily = ["daily", "day", "today*", "yesterday*", "일간", "일일", "오늘", "어제", "하루"];
    let is = |known: &[&str]| known.iter().any(|known| fits(&word.plain, known));
    if is(&fortnightly) { Some(Span::Fortnightly) } else { is(&daily).then_some(Span::Daily) }
}

/// Whether `word` says nothing about what is wanted.
#[must_use]
pub fn is_empty(word: &Word) -> bool {
    word.is_one_of(EMPTY)
}

/// The topic of which `word` is a slip of the pen; short words are too like each other to tell.
#[must_use]
pub fn slip(word: &Word) -> Option<Topic> {
    let letters = word.plain.chars().count();
    let most = match letters {
        0..=4 => return None,
        5..=7 => 1,
        _ => 2,
    };
    let near = |topic: &Topic| strsim::osa_distance(&word.plain, topic.name()) <= most;
    Topic::ALL.into_iter().find(near)
}

/// The topic whose name one of `words` is like, though not enough to be taken for it.
#[must_use]
pub fn nearest(words: &[Word]) -> Option<Topic> {
    let likeness = |topic: Topic, word: &Word| strsim::jaro_winkler(&word.plain, topic.name());
    let of_word = |word: &Word| Topic::ALL.map(|topic| (topic, likeness(topic, word)));
    let alike = words.iter().filter(|word| !is_empty(word)).flat_map(of_word).filter(|(_, alike)| *alike >= ALIKE);
    alike.max_by(|one, other| one.1.total_cmp(&other.1)).map(|(topic, _)| topic)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::word::words;

    fn word(text: &str) -> Word {
        words(text).remove(0)
    }

    #[test]
    fn particles_and_endings_do_not_matter() {
        for (text, topic) in [
            ("forecasts", Topic::Forecast),
            ("상태를", Topic::Status),
            ("현재상태는요", Topic::Status),
            ("왜죠", Topic::Why),
            ("비용이", Topic::Cost),
            ("승인해줘", Topic::Approve),
        ] {
            assert!(weights(&word(text)).any(|(known, _)| known == topic), "{text}");
        }
        assert_eq!((slip(&word("statsu")), slip(&word("incidnets"))), (Some(Topic::Status), Some(Topic::Incidents)));
        assert_eq!((slip(&word("cast")), slip(&word("harbor"))), (None, None));
    }

    #[test]
    fn columns_have_their_names_and_those_that_people_give_them() {
        assert_eq!(column(&word("latency_p99_ms")), Some(Target::Column(Column::LatencyP99)));
        assert_eq!(column(&word("지연은")), Some(Target::Column(Column::LatencyP95)));
        assert_eq!((column(&word("오류율")), column(&word("weather"))), (Some(Target::ErrorRatio), None));
        assert_eq!([span(&word("격주")), span(&word("yesterday's"))], [Some(Span::Fortnightly), Some(Span::Daily)]);
    }
}
