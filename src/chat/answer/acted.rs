//! Modes, what waits, and what became of an order.

use crate::chat::answer::status::mode_word;
use crate::chat::answer::{reasons, shares};
use crate::chat::facts::{Mode, Waiting, Why};
use crate::chat::figure;
use crate::chat::intent::Reach;
use crate::chat::names::Names;
use crate::chat::page::{Line, Page, Tone};
use crate::domain::language::Language;
use crate::domain::time::Timestamp;

/// What came of a yes or a no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Came {
    /// It is decided: the number of the decision, if it is one of routing.
    Decided(Option<u64>),
    /// Another operator must approve it too.
    Waits,
    /// It is dropped.
    Rejected,
}

/// The page of modes.
#[must_use]
pub fn modes(modes: &[Mode], language: Language) -> Page {
    if modes.is_empty() {
        return Page::new(language.pick(
            "Nothing is decided here: there is no `[[route]]` in the configuration.",
            "결정하는 대상이 없습니다. 설정에 `[[route]]`가 없습니다.",
        ));
    }
    let mut page = Page::new(language.pick("What may be done about each class", "클래스별 모드"));
    for of in modes {
        let line =
            Line::new(of.class.clone(), Tone::Strong).and(format!(": {}", mode_word(of.mode, language)), Tone::Plain);
        page.say(match &of.set {
            Some((by, reason)) => line.and(
                match language {
                    Language::English => format!(" (configured: {}; set by {by}: {reason})", of.configured),
                    Language::Korean => format!(" (설정값 {}; {by} 변경: {reason})", of.configured),
                },
                Tone::Dim,
            ),
            None => line,
        });
    }
    page
}

/// The page of what waits.
#[must_use]
pub fn waiting(waiting: &[Waiting], now: Timestamp, language: Language) -> Page {
    let Some(first) = waiting.first() else {
        return Page::new(language.pick("Nothing waits for approval.", "승인을 기다리는 것이 없습니다."));
    };
    let mut page = Page::new(match (waiting.len(), language) {
        (1, Language::English) => "1 change waits for approval.".to_owned(),
        (n, Language::English) => format!("{n} changes wait for approval."),
        (n, Language::Korean) => format!("승인 대기 {n}건"),
    });
    for of in waiting {
        let until = figure::clock(of.expires, now);
        let line = Line::new(of.id.clone(), Tone::Strong);
        page.say(match language {
            Language::English => line.and(format!(": {}, until {until}", of.about), Tone::Plain),
            Language::Korean => line.and(format!(": {}, {until}까지", of.about), Tone::Plain),
        });
        if !of.shares.is_empty() {
            page.say(format!("  {}", shares(&of.shares)));
        }
        match &of.why {
            Why::Report(report) => {
                report
                    .reasons
                    .iter()
                    .take(4)
                    .for_each(|why| page.say(format!("  • {}", reasons::sentence(why, language))));
            }
            Why::Said(text) => page.say(format!("  • {text}")),
        }
        if of.needed > 1 {
            let by = if of.approved_by.is_empty() { "-".to_owned() } else { of.approved_by.join(", ") };
            page.say(match language {
                Language::English => format!("  needs {} operators; approved so far by {by}", of.needed),
                Language::Korean => format!("  운영자 {}명 필요, 지금까지 승인: {by}", of.needed),
            });
        }
    }
    page.say(Line::new(how_to(&first.id, language), Tone::Dim));
    page
}

/// How something is approved.
fn how_to(id: &str, language: Language) -> String {
    match language {
        Language::English => format!("To approve: approve {id} because REASON"),
        Language::Korean => format!("승인하려면: 승인 {id} 이유 사유"),
    }
}

/// The page for an order without a reason: what it should have said.
#[must_use]
pub fn no_reason(order: &str, language: Language) -> Page {
    let mut page =
        Page::new(language.pick("Say why: it goes into the journal.", "이유를 말해 주세요. 기록에 남습니다."));
    page.say(Line::new(
        match language {
            Language::English => format!("{order} because REASON"),
            Language::Korean => format!("{order} 이유 사유"),
        },
        Tone::Strong,
    ));
    page
}

/// The page after a yes or a no of `by` to `id`.
#[must_use]
pub fn verdict(id: &str, by: &str, came: &Came, language: Language) -> Page {
    Page::new(match (came, language) {
        (Came::Decided(Some(generation)), Language::English) => {
            format!("{by} approved {id}: decision {generation} holds.")
        }
        (Came::Decided(Some(generation)), Language::Korean) => {
            format!("{by} 승인: {id}, 결정 {generation}번이 적용됩니다.")
        }
        (Came::Decided(None), Language::English) => format!("{by} approved {id}: it runs."),
        (Came::Decided(None), Language::Korean) => format!("{by} 승인: {id}, 실행합니다."),
        (Came::Waits, Language::English) => format!("{by} approved {id}; another operator must approve it too."),
        (Came::Waits, Language::Korean) => format!("{by} 승인: {id}. 다른 운영자의 승인이 더 필요합니다."),
        (Came::Rejected, Language::English) => format!("{by} rejected {id}: it is dropped."),
        (Came::Rejected, Language::Korean) => format!("{by} 거절: {id}, 폐기했습니다."),
    })
}

/// The page after `by` set a mode.
#[must_use]
pub fn mode_set(by: &str, now: &[Mode], language: Language) -> Page {
    let mut page = modes(now, language);
    page.title = Line::plain(match language {
        Language::English => format!("{by} set the mode."),
        Language::Korean => format!("{by} 모드 변경 완료"),
    });
    page
}

/// The page for a mode whose class is not said, or is none.
#[must_use]
pub fn which_class(reach: &Reach, mode: &str, names: &Names, language: Language) -> Page {
    let title = match (reach, language) {
        (Reach::Stranger(name), Language::English) => format!("There is no route class `{name}`."),
        (Reach::Stranger(name), Language::Korean) => format!("`{name}`이라는 클래스는 없습니다."),
        (_, Language::English) => "Which class? Name one, or `all`.".to_owned(),
        (_, Language::Korean) => "어느 클래스인가요? 이름이나 `전체`를 말해 주세요.".to_owned(),
    };
    let mut page = Page::new(title);
    for class in names.classes.iter().take(10) {
        page.say(Line::new(
            match language {
                Language::English => format!("mode {class} {mode} because REASON"),
                Language::Korean => format!("모드 {class} {mode} 이유 사유"),
            },
            Tone::Strong,
        ));
    }
    page
}

/// The page for an order that was not carried out, because of `why`.
#[must_use]
pub fn refused(why: &str, language: Language) -> Page {
    let mut page = Page::new(Line::new(language.pick("Nothing was done.", "아무것도 바뀌지 않았습니다."), Tone::Warn));
    page.say(why);
    page
}
