//! Names of channels and route classes in a text, however they are spelt there.

use crate::chat::intent::Subject;
use crate::chat::word::{Word, is_hangul};

/// Words that a name may be spread over: "harbor mini" is `harbor-mini`.
const WIDEST: usize = 3;
/// How alike a word must be to a name (Jaro-Winkler, 0 to 1) to be a slip of it.
const ALIKE: f64 = 0.87;

/// The names there are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// Channels.
    pub channels: Vec<String>,
    /// Route classes.
    pub classes: Vec<String>,
}

/// A name that was found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Whose it is.
    pub subject: Subject,
    /// Its first word.
    pub at: usize,
    /// Its words.
    pub width: usize,
}

impl Names {
    /// Every name among `words`: of channels first where a channel and a class have the same, and the longest where several
    /// begin with the same word.
    #[must_use]
    pub fn find(&self, words: &[Word]) -> Vec<Found> {
        let channels = self.channels.iter().map(|name| (bare(name), Subject::Channel(name.clone())));
        let classes = self.classes.iter().map(|name| (bare(name), Subject::Class(name.clone())));
        let known: Vec<(String, Subject)> = channels.chain(classes).filter(|(bare, _)| !bare.is_empty()).collect();
        let mut found = Vec::new();
        let mut at = 0;
        while at < words.len() {
            let widths = (1..=WIDEST.min(words.len() - at)).rev();
            let mut hits = widths.filter_map(|width| {
                let spelt: String = words[at..at + width].iter().map(|word| word.plain.as_str()).collect();
                // A word of Hangul alone is not what hangs on to the name before it.
                let may_trail = width == 1 || !words[at + width - 1].plain.chars().all(is_hangul);
                let spellings = if may_trail { spellings(&spelt) } else { vec![bare(&spelt)] };
                let hit = known.iter().find(|(name, _)| spellings.contains(name));
                hit.map(|(_, subject)| (subject.clone(), width))
            });
            match hits.next() {
                Some((subject, width)) => {
                    found.push(Found { subject, at, width });
                    at += width;
                }
                None => at += 1,
            }
        }
        found
    }

    /// What `word` is, if it is no name but looks like one: it has the marks of names, or is nearly one.
    #[must_use]
    pub fn stranger(&self, word: &Word) -> Option<Subject> {
        let latin: String = word.plain.chars().filter(|c| !is_hangul(*c)).collect();
        let has_marks = latin.chars().any(|c| c.is_ascii_digit() || matches!(c, '-' | '_' | '/'))
            && latin.chars().any(|c| c.is_ascii_alphabetic());
        let is_near = |name: &String| strsim::jaro_winkler(&bare(&latin), &bare(name)) >= ALIKE;
        let is_name = has_marks || (latin.len() > 3 && self.channels.iter().chain(&self.classes).any(is_near));
        is_name.then_some(Subject::Stranger(latin))
    }

    /// The name that `stranger` is most like.
    #[must_use]
    pub fn nearest(&self, stranger: &str) -> Option<&str> {
        let likeness = |name: &str| strsim::jaro_winkler(&bare(stranger), &bare(name));
        let all = self.channels.iter().chain(&self.classes).map(String::as_str);
        let best = all.max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
        best.filter(|name| likeness(name) >= ALIKE - 0.12)
    }
}

/// A name without case and without what stands between its parts.
fn bare(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// What may be meant by `spelt`: itself, or without what English and Korean hang on to a name.
fn spellings(spelt: &str) -> Vec<String> {
    let own = ["'s", "’s"].iter().find_map(|own| spelt.strip_suffix(own));
    // A Latin name carries its particle in Hangul; of a name in Hangul, a particle of one or two letters is cut off.
    let latin = spelt.trim_end_matches(is_hangul);
    let mut all = vec![bare(spelt)];
    all.extend(own.map(bare));
    if latin.is_empty() {
        let letters = spelt.chars().count();
        all.extend((1..=2).filter(|cut| *cut < letters).map(|cut| spelt.chars().take(letters - cut).collect()));
    } else {
        all.push(bare(latin));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::word::words;

    fn names() -> Names {
        let owned = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        Names {
            channels: owned(&["harbor", "harbor-mini", "openai/gpt-4o", "서울"]),
            classes: owned(&["chat", "code review"]),
        }
    }

    fn found(text: &str) -> Vec<Subject> {
        names().find(&words(text)).into_iter().map(|found| found.subject).collect()
    }

    #[test]
    fn names_are_found_however_they_are_spelt() {
        let channel = |name: &str| Subject::Channel(name.to_owned());
        assert_eq!(found("why is Harbor mini out"), [channel("harbor-mini")]);
        assert_eq!(found("harbor-mini는 왜"), [channel("harbor-mini")]);
        assert_eq!(found("harbor's errors"), [channel("harbor")]);
        assert_eq!(found("openai/gpt-4o 그리고 서울은"), [channel("openai/gpt-4o"), channel("서울")]);
        assert_eq!(
            found("Code-Review and chat"),
            [Subject::Class("code review".to_owned()), Subject::Class("chat".to_owned())]
        );
        assert!(found("harbour status").is_empty());
    }

    #[test]
    fn what_looks_like_a_name_is_a_stranger_with_a_nearest_name() {
        let stranger = |text: &str| names().stranger(&words(text)[0]);
        assert_eq!(stranger("harbour-minni가"), Some(Subject::Stranger("harbour-minni".to_owned())));
        assert_eq!(stranger("harbour"), Some(Subject::Stranger("harbour".to_owned())));
        assert_eq!((stranger("everything"), stranger("15")), (None, None));
        assert_eq!(names().nearest("harbour-minni"), Some("harbor-mini"));
        assert_eq!(names().nearest("zzz"), None);
    }
}
