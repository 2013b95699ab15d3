//! Facts as pages: short, in the language that was asked in, and in plain words.

pub mod acted;
pub mod cost;
pub mod forecast;
pub mod incidents;
pub mod reasons;
pub mod status;
pub mod why;

use crate::chat::facts::Share;
use crate::chat::figure;
use crate::chat::help;
use crate::chat::intent::{Span, Subject, Topic};
use crate::chat::names::Names;
use crate::chat::page::{Line, Page, Tone};
use crate::domain::language::Language;

/// The page for a phrase that means nothing we know, or perhaps `nearest`.
#[must_use]
pub fn unknown(nearest: Option<Topic>, names: &Names, language: Language) -> Page {
    let lead = match nearest {
        Some(topic) => match language {
            Language::English => format!("That I do not understand; did you mean `{}`? You can ask:", topic.name()),
            Language::Korean => format!("이해하지 못했습니다. `{}`을(를) 뜻하셨나요? 이렇게 물어보세요:", topic.name()),
        },
        None => language
            .pick("That I do not understand. You can ask:", "이해하지 못했습니다. 이렇게 물어보세요:")
            .to_owned(),
    };
    help::page(&lead, names, language)
}

/// The page for `name`, which is nobody's, perhaps a slip of one of `names`.
#[must_use]
pub fn stranger(name: &str, names: &Names, language: Language) -> Page {
    let mut page = Page::new(match language {
        Language::English => format!("There is no channel and no class `{name}`."),
        Language::Korean => format!("`{name}`이라는 채널이나 클래스는 없습니다."),
    });
    if let Some(nearest) = names.nearest(name) {
        page.say(match language {
            Language::English => format!("Did you mean `{nearest}`?"),
            Language::Korean => format!("`{nearest}`을(를) 뜻하셨나요?"),
        });
    } else {
        let known: Vec<&str> = names.channels.iter().take(12).map(String::as_str).collect();
        page.say(format!("{} {}", language.pick("There are", "채널:"), known.join(", ")));
    }
    page
}

/// The page of a report: what it says in `short`, if that is known, and where all of it is.
#[must_use]
pub fn report(span: Span, short: Option<&str>, link: &str, language: Language) -> Page {
    let title = match (span, language) {
        (Span::Daily, Language::English) => "The report of the day",
        (Span::Daily, Language::Korean) => "일간 보고서",
        (Span::Fortnightly, Language::English) => "The report of the fortnight",
        (Span::Fortnightly, Language::Korean) => "격주 보고서",
    };
    let mut page = Page::new(Line::new(title, Tone::Strong));
    if let Some(short) = short {
        page.say(short);
    }
    page.say(link);
    page
}

/// Shares in one line, the largest first; those below a thousandth are left out.
#[must_use]
pub fn shares(shares: &[Share]) -> String {
    let told = shares.iter().filter(|share| share.share >= 0.000_5);
    let each = told.map(|share| format!("{} {}", share.channel, figure::percent(share.share)));
    each.collect::<Vec<_>>().join(", ")
}

/// What is asked about, if that is somebody we know: a channel or a class.
#[must_use]
pub fn known(subject: Option<&Subject>) -> (Option<&str>, Option<&str>) {
    match subject {
        Some(Subject::Channel(name)) => (Some(name), None),
        Some(Subject::Class(name)) => (None, Some(name)),
        Some(Subject::Stranger(_)) | None => (None, None),
    }
}

#[cfg(test)]
mod tests;
