//! How a text is cut into words.

use crate::domain::language::Language;

/// What may stand around a word and is no part of it.
const MARKS: &str = "?？!！.。,，、;；:：\"'`“”‘’«»()（）[]{}<>…*~|";

/// One word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// As it was written, without the marks around it.
    pub written: String,
    /// The same in lower case.
    pub plain: String,
    /// Whether a question mark follows.
    pub asks: bool,
}

impl Word {
    /// Whether it is this word.
    #[must_use]
    pub fn is(&self, word: &str) -> bool {
        self.plain == word
    }

    /// Whether it is one of these.
    #[must_use]
    pub fn is_one_of(&self, words: &[&str]) -> bool {
        words.contains(&self.plain.as_str())
    }
}

/// The words of `text`, in order; those of nothing but marks are none.
#[must_use]
pub fn words(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    for piece in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        let asks = piece.ends_with(['?', '？']);
        let written = piece.trim_matches(|c| MARKS.contains(c));
        if written.is_empty() {
            // A mark that stands alone belongs to the word before it.
            if let Some(last) = words.last_mut() {
                last.asks |= asks;
            }
            continue;
        }
        words.push(Word { written: written.to_owned(), plain: written.to_lowercase(), asks });
    }
    words
}

/// Whether `c` is a letter of Hangul: a syllable, or a part of one.
#[must_use]
pub const fn is_hangul(c: char) -> bool {
    matches!(c, '\u{ac00}'..='\u{d7a3}' | '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}')
}

/// The language that `text` is in: Korean as soon as there is a letter of it, for names are Latin in both.
#[must_use]
pub fn language(text: &str) -> Language {
    if text.chars().any(is_hangul) { Language::Korean } else { Language::English }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_no_part_of_words_and_questions_are_seen() {
        let cut = words("  Why is `Harbor-Mini` out ?  \"chat@17…\"");
        let plain: Vec<&str> = cut.iter().map(|word| word.plain.as_str()).collect();
        assert_eq!(plain, ["why", "is", "harbor-mini", "out", "chat@17"]);
        assert_eq!(cut[2].written, "Harbor-Mini");
        assert_eq!(cut.iter().map(|word| word.asks).collect::<Vec<_>>(), [false, false, false, true, false]);
        assert!(words(" ?! \u{0} ").is_empty());
        assert_eq!([language("harbor-mini 왜?"), language("why")], [Language::Korean, Language::English]);
    }
}
