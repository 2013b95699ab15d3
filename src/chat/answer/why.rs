//! "Why do calls go where they go?"

use crate::chat::answer::{reasons, shares};
use crate::chat::facts::Change;
use crate::chat::figure;
use crate::chat::page::{Line, Page, Tone};
use crate::domain::language::Language;
use crate::domain::time::Timestamp;

/// The page of the last changes; with a `channel`, of the last decisions about it, with its reasons only.
#[must_use]
pub fn page(changes: &[Change], channel: Option<&str>, now: Timestamp, language: Language) -> Page {
    let Some(first) = changes.first() else {
        return Page::new(match (channel, language) {
            (Some(name), Language::English) => format!("Nothing was decided about {name} in the last day."),
            (Some(name), Language::Korean) => format!("지난 하루 동안 {name}에 대해 결정된 것이 없습니다."),
            (None, _) => {
                language.pick("Nothing was changed in the last day.", "지난 하루 동안 변경이 없었습니다.").to_owned()
            }
        });
    };
    let mut page = Page::new(match (channel, changes.len(), language) {
        (Some(name), _, Language::English) => format!("What is decided about {name}"),
        (Some(name), _, Language::Korean) => format!("{name}에 대한 결정"),
        (None, 1, Language::English) => format!("The last change of {}", first.class),
        (None, 1, Language::Korean) => format!("{}의 마지막 변경", first.class),
        (None, n, Language::English) => format!("The last changes of {n} classes"),
        (None, n, Language::Korean) => format!("클래스 {n}개의 마지막 변경"),
    });
    for change in changes {
        let at = figure::ago(change.at, now, language);
        let number = match language {
            Language::English => format!(": decision {}, {at}", change.generation),
            Language::Korean => format!(": 결정 {}번, {at}", change.generation),
        };
        page.say(Line::new(change.class.clone(), Tone::Strong).and(number, Tone::Plain));
        page.say(Line::new(format!("  {}", shares(&change.shares)), Tone::Dim));
        let of_channel =
            change.report.reasons.iter().filter(|reason| channel.is_none_or(|name| reasons::is_about(reason, name)));
        let mut any = false;
        for reason in of_channel {
            page.say(format!("  • {}", reasons::sentence(reason, language)));
            any = true;
        }
        if !any {
            page.say(match channel {
                Some(name) => match language {
                    Language::English => format!("  • {name} has no reason of its own in it."),
                    Language::Korean => format!("  • {name}에만 해당하는 이유는 없습니다."),
                },
                None => format!("  • {}", language.pick("No reason was given.", "이유가 기록되지 않았습니다.")),
            });
        }
        let binding: Vec<String> = change.report.binding.iter().map(|of| reasons::binding(of, language)).collect();
        if !binding.is_empty() {
            let lead = language.pick("What holds the mix back:", "배분을 제한하는 조건:");
            page.say(format!("  • {lead} {}.", binding.join("; ")));
        }
    }
    page
}
