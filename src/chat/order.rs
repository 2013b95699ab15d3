//! The phrases that act. They are read strictly: an order is its verb, what it is given to, and after a word such as
//! "because" the reason; nothing else may stand in it but courtesies. A phrase with anything more, which may deny, ask or
//! put off, only shows what could be ordered.

use crate::chat::intent::{ModeOrder, Reach, Subject, Verdict};
use crate::chat::names::Found;
use crate::chat::word::{Word, is_hangul};
use crate::policy::authority::Mode;

/// After these comes the reason.
const REASONS: &[&str] = &[
    "because",
    "reason",
    "since",
    "as",
    "cuz",
    "-",
    "–",
    "—",
    "이유",
    "이유는",
    "사유",
    "사유는",
    "왜냐하면",
    "왜냐면",
];
/// What may stand anywhere in an order and means nothing.
const FILLERS: &[&str] = &[
    "please",
    "pls",
    "kindly",
    "hey",
    "foreroute",
    "ok",
    "okay",
    "yes",
    "then",
    "now",
    "and",
    "i",
    "the",
    "this",
    "it",
    "to",
    "for",
    "in",
    "on",
    "of",
    "change",
    "proposal",
    "decision",
    "run",
    "class",
    "=",
    "->",
    "변경",
    "변경을",
    "제안",
    "제안을",
    "실행",
    "실행을",
    "좀",
    "그럼",
    "네",
    "예",
    "해",
    "해줘",
    "해주세요",
    "부탁해",
    "부탁해요",
    "클래스",
    "클래스를",
    "을",
    "를",
];
/// What may hang on to a Korean verb of an order. Anything else asks, denies or tells.
const ENDINGS: &[&str] = &[
    "",
    "해",
    "해줘",
    "해줘요",
    "해주세요",
    "해주십시오",
    "하세요",
    "하십시오",
    "합니다",
    "할게",
    "할게요",
    "하자",
    "해라",
    "함",
    "바람",
    "바랍니다",
    "부탁",
    "부탁해",
    "부탁해요",
    "부탁드립니다",
];
/// Verbs that set a mode.
const SETTERS: &[&str] = &["mode", "set", "switch", "put", "turn"];
/// The same in Korean.
const KOREAN_SETTERS: &[&str] = &["변경", "전환", "설정"];
/// Other forms of the same.
const CHANGED: &[&str] = &["바꿔", "바꿔줘", "바꿔줘요", "바꿔주세요", "바꿔라", "바꾸자", "모드", "모드를", "모드로"];
/// All classes.
const ALL: &[&str] = &["all", "everything", "전체", "모두", "전부"];

/// The order without its reason, and the reason if it is marked.
fn parts(words: &[Word]) -> (&[Word], Option<String>) {
    let Some(at) = words.iter().position(|word| word.is_one_of(REASONS)) else { return (words, None) };
    let text: Vec<&str> = words[at + 1..].iter().map(|word| word.written.as_str()).collect();
    (&words[..at], (!text.is_empty()).then(|| text.join(" ")))
}

/// "can you" and the like, which begin an order that is put as a question.
fn courtesy(words: &[Word]) -> usize {
    match words {
        [can, you, ..] if can.is_one_of(&["can", "could", "would", "will"]) && you.is("you") => 2,
        _ => 0,
    }
}

/// Whether the phrase asks.
fn asks(head: &[Word], words: &[Word]) -> bool {
    head.iter().chain(words.last()).any(|word| word.asks)
}

/// Whether `word` can be the name of what waits: a change, `chat@1795168800000000`, or the run of a playbook, of which eight
/// hexadecimal digits will do.
fn is_id(word: &Word) -> bool {
    let is_change = word
        .plain
        .rsplit_once('@')
        .is_some_and(|(class, at)| !class.is_empty() && at.len() >= 8 && at.chars().all(|c| c.is_ascii_digit()));
    let is_run = (8..=16).contains(&word.plain.len())
        && word.plain.chars().all(|c| c.is_ascii_hexdigit())
        && word.plain.chars().any(|c| c.is_ascii_digit());
    is_change || is_run
}

/// Whether `word` is a Korean order to do `verb`.
fn orders(word: &Word, verb: &str) -> bool {
    word.plain.strip_prefix(verb).is_some_and(|ending| ENDINGS.contains(&ending))
}

/// A yes or a no, by its verbs in both languages; `None` if `words` are no order of that kind.
#[must_use]
pub fn verdict(words: &[Word], english: &[&str], korean: &[&str]) -> Option<Verdict> {
    let (head, reason) = parts(&words[courtesy(words)..]);
    let is_verb = |word: &Word| word.is_one_of(english) || korean.iter().any(|verb| orders(word, verb));
    let is_known = |word: &Word| is_id(word) || is_verb(word) || word.is_one_of(FILLERS);
    let mut ids = head.iter().filter(|word| is_id(word));
    let (id, is_alone) = (ids.next()?, ids.next().is_none());
    let is_order = is_alone && head.iter().any(is_verb) && head.iter().all(is_known) && !asks(head, words);
    is_order.then(|| Verdict { id: Some(id.written.clone()), reason })
}

/// The mode that `word` names.
fn mode(word: &Word) -> Option<Mode> {
    let korean = [("관찰", Mode::Observe), ("조언", Mode::Advise), ("승인", Mode::Approve), ("자동", Mode::Auto)];
    let hung_on = |rest: &str| matches!(rest, "" | "으로" | "로" | "모드" | "모드로");
    let is = |(name, _): &&(&str, Mode)| word.plain.strip_prefix(name).is_some_and(hung_on);
    let english = match word.plain.as_str() {
        "automatic" => Some(Mode::Auto),
        "approval" => Some(Mode::Approve),
        plain => Mode::parse(plain),
    };
    english.or_else(|| korean.iter().find(is).map(|(_, mode)| *mode))
}

/// An order to set a mode; `None` if `words` are none. `found` are the names among `words`.
#[must_use]
pub fn set_mode(words: &[Word], found: &[Found]) -> Option<ModeOrder> {
    let begin = courtesy(words);
    let (head, reason) = parts(&words[begin..]);
    let value = head.iter().position(|word| mode(word).is_some())?;
    let is_korean = |word: &Word| word.is_one_of(CHANGED) || KOREAN_SETTERS.iter().any(|verb| orders(word, verb));
    let is_setter = |word: &Word| word.is_one_of(SETTERS) || is_korean(word) || word.plain.ends_with("모드로");
    let first = head.iter().find(|word| !word.is_one_of(FILLERS) || word.is_one_of(SETTERS))?;
    // In English an order begins with its verb: "is chat in auto mode" has all of its words.
    if asks(head, words) || !(first.is_one_of(SETTERS) || head.iter().any(|word| !word.is("mode") && is_setter(word))) {
        return None;
    }
    let place = |at: usize| at + begin;
    let class = found
        .iter()
        .find(|found| matches!(found.subject, Subject::Class(_)) && (begin..place(head.len())).contains(&found.at));
    let is_class = |at: usize| class.is_some_and(|class| (class.at..class.at + class.width).contains(&place(at)));
    let is_all = |word: &Word| word.is_one_of(ALL);
    let means = |(at, word): &(usize, &Word)| {
        *at == value || is_class(*at) || is_setter(word) || is_all(word) || word.is_one_of(FILLERS)
    };
    let odd: Vec<&Word> = head.iter().enumerate().filter(|pair| !means(pair)).map(|(_, word)| word).collect();
    let reach = match (class.map(|class| &class.subject), head.iter().any(is_all), &odd[..]) {
        (Some(Subject::Class(name)), false, []) => Reach::Class(name.clone()),
        (None, true, []) => Reach::All,
        (None, false, []) => Reach::Unsaid,
        (None, false, [odd]) => Reach::Stranger(odd.written.trim_end_matches(is_hangul).to_owned()),
        _ => return None,
    };
    Some(ModeOrder { reach, mode: mode(&head[value])?, reason })
}
