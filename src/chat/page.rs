//! An answer as something that can be shown: lines and tables of inked text, printed plainly or for a terminal.

mod table;

use unicode_width::UnicodeWidthStr;

pub use table::{Align, Table};

/// What a piece of text says by its colour. Nothing is said by colour alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// As it is.
    Plain,
    /// It matters most.
    Strong,
    /// It matters least.
    Dim,
    /// All is well.
    Good,
    /// Look at it.
    Warn,
    /// Harm.
    Bad,
}

impl Tone {
    /// The parameter of the terminal's sequence (ECMA-48, SGR) for it.
    const fn code(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Strong => Some("1"),
            Self::Dim => Some("2"),
            Self::Good => Some("32"),
            Self::Warn => Some("33"),
            Self::Bad => Some("31"),
        }
    }
}

/// A piece of text in one tone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ink {
    /// The text.
    pub text: String,
    /// Its tone.
    pub tone: Tone,
}

/// One line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line(pub Vec<Ink>);

impl Line {
    /// A line of one tone.
    #[must_use]
    pub fn new(text: impl Into<String>, tone: Tone) -> Self {
        Self::default().and(text, tone)
    }

    /// A line without colour.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        Self::new(text, Tone::Plain)
    }

    /// The line with more behind it.
    #[must_use]
    pub fn and(mut self, text: impl Into<String>, tone: Tone) -> Self {
        // A control character from outside must not reach a terminal.
        let visible = |c: char| if c.is_control() { '\u{fffd}' } else { c };
        let text: String = text.into().chars().map(visible).collect();
        match self.0.last_mut().filter(|last| last.tone == tone) {
            Some(last) => last.text.push_str(&text),
            None => self.0.push(Ink { text, tone }),
        }
        self
    }

    /// Columns that it takes in a terminal: a letter of Hangul takes two.
    #[must_use]
    pub fn width(&self) -> usize {
        self.0.iter().map(|ink| ink.text.width()).sum()
    }

    fn print(&self, styled: bool) -> String {
        let print = |ink: &Ink| match ink.tone.code().filter(|_| styled && !ink.text.is_empty()) {
            Some(code) => format!("\x1b[{code}m{}\x1b[0m", ink.text),
            None => ink.text.clone(),
        };
        self.0.iter().map(print).collect()
    }
}

impl From<String> for Line {
    fn from(text: String) -> Self {
        Self::plain(text)
    }
}

impl From<&str> for Line {
    fn from(text: &str) -> Self {
        Self::plain(text)
    }
}

/// A part of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A line.
    Line(Line),
    /// A table.
    Table(Table),
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// What it says in one sentence.
    pub title: Line,
    /// The rest.
    pub parts: Vec<Part>,
}

impl Page {
    /// A page that says `title`.
    #[must_use]
    pub fn new(title: impl Into<Line>) -> Self {
        Self { title: title.into(), parts: Vec::new() }
    }

    /// Adds a line.
    pub fn say(&mut self, line: impl Into<Line>) {
        self.parts.push(Part::Line(line.into()));
    }

    /// Adds a table, unless it is empty.
    pub fn show(&mut self, table: Table) {
        if !table.is_empty() {
            self.parts.push(Part::Table(table));
        }
    }

    /// The page as text, without a line break at its end; in colour if `styled`.
    #[must_use]
    pub fn print(&self, styled: bool) -> String {
        let mut text = self.title.print(styled);
        for part in &self.parts {
            text.push('\n');
            match part {
                Part::Line(line) => text.push_str(&line.print(styled)),
                Part::Table(table) => {
                    text.push('\n');
                    text.push_str(table.print(styled).trim_end_matches('\n'));
                }
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_prints_its_title_first_and_no_blanks_at_its_end() {
        let mut page = Page::new("all is well");
        page.say("one line");
        page.show(Table::new([("empty", Align::Left)]));
        assert_eq!(page.print(false), "all is well\none line");
    }
}
