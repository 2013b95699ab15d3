//! An answer as something that can be shown: lines and tables of inked text, printed plainly or for a terminal.

use unicode_width::UnicodeWidthStr;

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

/// Which edge of its column a cell keeps to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Names and words.
    Left,
    /// Numbers, so that digits of equal weight stand below each other.
    Right,
}

/// A table: headings with their alignment, then rows. Columns are as wide as their widest cell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    headings: Vec<(Line, Align)>,
    rows: Vec<Vec<Line>>,
}

impl Table {
    /// An empty table with `headings`.
    #[must_use]
    pub fn new<S: Into<String>>(headings: impl IntoIterator<Item = (S, Align)>) -> Self {
        let heading = |(text, align): (S, Align)| (Line::new(text, Tone::Strong), align);
        Self { headings: headings.into_iter().map(heading).collect(), rows: Vec::new() }
    }

    /// Adds a row. Missing cells stay empty, cells beyond the headings are not shown.
    pub fn row<L: Into<Line>>(&mut self, cells: impl IntoIterator<Item = L>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The table as text, one line per row, in colour if `styled`.
    #[must_use]
    pub fn print(&self, styled: bool) -> String {
        let headings: Vec<Line> = self.headings.iter().map(|(heading, _)| heading.clone()).collect();
        let all = || std::iter::once(&headings).chain(&self.rows);
        let width = |at: usize| all().filter_map(|row| row.get(at)).map(Line::width).max().unwrap_or(0);
        let widths: Vec<usize> = (0..self.headings.len()).map(width).collect();
        all().map(|row| self.print_row(row, &widths, styled) + "\n").collect()
    }

    fn print_row(&self, cells: &[Line], widths: &[usize], styled: bool) -> String {
        let (mut text, mut gap) = (String::new(), 0);
        for (at, ((_, align), width)) in self.headings.iter().zip(widths).enumerate() {
            let empty = Line::default();
            let cell = cells.get(at).unwrap_or(&empty);
            let room = width - cell.width();
            let (before, after) = if *align == Align::Left { (0, room) } else { (room, 0) };
            gap += before;
            // Blanks are only written before something, so that none trail.
            if cell.width() > 0 {
                text.push_str(&" ".repeat(gap));
                text.push_str(&cell.print(styled));
                gap = 0;
            }
            gap += after + 2;
        }
        text
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
    fn columns_line_up_also_with_wide_letters_and_colour() {
        let mut table = Table::new([("채널", Align::Left), ("ms", Align::Right), ("note", Align::Left)]);
        table.row([Line::plain("eu"), Line::new("812", Tone::Bad), Line::plain("")]);
        table.row(["harbor", "7", "cold\x1b[2J"]);
        assert_eq!(table.print(false), "채널     ms  note\neu      812\nharbor    7  cold\u{fffd}[2J\n");
        assert!(table.print(true).contains("eu      \x1b[31m812\x1b[0m\n"), "{}", table.print(true));
    }

    #[test]
    fn a_page_prints_its_title_first_and_no_blanks_at_its_end() {
        let mut page = Page::new("all is well");
        page.say("one line");
        page.show(Table::new([("empty", Align::Left)]));
        assert_eq!(page.print(false), "all is well\none line");
    }
}
