//! The languages in which people are answered.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A language of answers, reports and pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub enum Language {
    /// English, the default.
    #[default]
    #[serde(rename = "en")]
    English,
    /// Korean.
    #[serde(rename = "ko")]
    Korean,
}

/// A text that is no language we speak.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a language we speak; expected `en` or `ko`")]
pub struct UnknownLanguage(String);

impl Language {
    /// Every language, in the order in which they are offered.
    pub const ALL: [Self; 2] = [Self::English, Self::Korean];

    /// The language's tag (BCP 47): `en` or `ko`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Korean => "ko",
        }
    }

    /// The one of two texts that is in this language.
    #[must_use]
    pub const fn pick<'a>(self, english: &'a str, korean: &'a str) -> &'a str {
        match self {
            Self::English => english,
            Self::Korean => korean,
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.into_iter().find(|language| language.tag() == text);
        known.ok_or_else(|| UnknownLanguage(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_name_languages_and_nothing_else_does() {
        for language in Language::ALL {
            assert_eq!(language.to_string().parse(), Ok(language));
        }
        let refused = "fr".parse::<Language>().expect_err("not ours");
        assert_eq!(refused.to_string(), "`fr` is not a language we speak; expected `en` or `ko`");
        assert_eq!(Language::Korean.pick("yes", "예"), "예");
    }
}
