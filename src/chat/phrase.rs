//! What a phrase means.
//!
//! Phrases that act are tried first and read strictly ([`order`]). Any other is read by what its words speak of: the topic of
//! which they speak most clearly is meant, wherever they stand and whatever hangs on to them.

use std::collections::BTreeMap;

use crate::chat::intent::{Asked, Intent, Subject, Topic, Verdict};
use crate::chat::lexicon;
use crate::chat::names::{Found, Names};
use crate::chat::order;
use crate::chat::word::{self, Word};
use crate::domain::column::Column;
use crate::domain::target::Target;

/// Words that are read of a text; nobody asks in more.
const MOST_WORDS: usize = 200;
/// How clearly a word must speak of something, all words together, for that to be meant.
const ENOUGH: u8 = 2;

/// What `text` means where there are the channels and classes `names`. Any text has a meaning, if only
/// [`Intent::Unknown`].
#[must_use]
pub fn parse(text: &str, names: &Names) -> Asked {
    let mut words = word::words(text);
    words.truncate(MOST_WORDS);
    Asked { intent: intent(&words, names), language: word::language(text) }
}

fn intent(words: &[Word], names: &Names) -> Intent {
    let found = names.find(words);
    if let Some(verdict) = order::verdict(words, &["approve"], &["승인", "허가"]) {
        return Intent::Approve(verdict);
    }
    if let Some(verdict) = order::verdict(words, &["reject", "decline", "veto"], &["거절", "거부", "반려", "기각"])
    {
        return Intent::Reject(verdict);
    }
    if let Some(order) = order::set_mode(words, &found) {
        return Intent::Mode(Some(order));
    }
    let subject = || subject(words, &found, names);
    match topic(words) {
        Some(Topic::Approve) => Intent::Approve(Verdict::default()),
        Some(Topic::Reject) => Intent::Reject(Verdict::default()),
        Some(Topic::Mode) => Intent::Mode(None),
        Some(Topic::Why) => Intent::Why(subject()),
        Some(Topic::Report) => Intent::Report(words.iter().find_map(lexicon::span).unwrap_or_default()),
        Some(Topic::Forecast) => match (subject(), words.iter().find_map(lexicon::column)) {
            // What will be spent is told with what is; of one channel it is a forecast.
            (None, Some(Target::Column(Column::Cost))) => Intent::Cost,
            (subject, column) => Intent::Forecast(subject, column),
        },
        Some(Topic::Cost) => Intent::Cost,
        Some(Topic::Incidents) => Intent::Incidents(subject()),
        Some(Topic::Status) => Intent::Status(subject()),
        Some(Topic::Help) => Intent::Help,
        None if words.is_empty() => Intent::Help,
        None if !found.is_empty() => Intent::Status(subject()),
        None => Intent::Unknown(lexicon::nearest(words)),
    }
}

/// What `words` speak of most clearly.
fn topic(words: &[Word]) -> Option<Topic> {
    let mut clear: BTreeMap<Topic, u8> = BTreeMap::new();
    let mut add = |(topic, weight): (Topic, u8)| {
        let sum = clear.entry(topic).or_default();
        *sum = sum.saturating_add(weight);
    };
    for word in words {
        lexicon::weights(word).for_each(&mut add);
        if lexicon::weights(word).next().is_none() && !lexicon::is_empty(word) {
            lexicon::slip(word).map(|topic| (topic, ENOUGH)).into_iter().for_each(&mut add);
        }
    }
    let joined: Vec<&str> = words.iter().map(|word| word.plain.as_str()).collect();
    lexicon::sayings(&joined.join(" ")).for_each(&mut add);
    let of = |topic: Topic| clear.get(&topic).copied().unwrap_or(0);
    // Of equally clear ones the first counts, and `max_by_key` takes the last.
    Topic::ALL.into_iter().rev().max_by_key(|topic| of(*topic)).filter(|topic| of(*topic) >= ENOUGH)
}

/// Whom `words` are about: the first channel, else the first class, else what looks like a name.
fn subject(words: &[Word], found: &[Found], names: &Names) -> Option<Subject> {
    let channel = found.iter().find(|found| matches!(found.subject, Subject::Channel(_)));
    if let Some(found) = channel.or(found.first()) {
        return Some(found.subject.clone());
    }
    let is_free = |word: &&Word| {
        !lexicon::is_empty(word)
            && lexicon::column(word).is_none()
            && lexicon::weights(word).next().is_none()
            && lexicon::slip(word).is_none()
    };
    words.iter().filter(is_free).find_map(|word| names.stranger(word))
}

#[cfg(test)]
mod tests;
