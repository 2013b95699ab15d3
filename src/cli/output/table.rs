//! Aligned columns for people.

use std::fmt::Write as _;

/// Which edge of its column a cell keeps to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Names and words.
    Left,
    /// Numbers, so that digits of equal weight stand below each other.
    Right,
}

/// A table: headings with their alignment, then rows. Columns are as wide as their widest cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    headings: Vec<(String, Align)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty table with `headings`.
    #[must_use]
    pub fn new<S: Into<String>>(headings: impl IntoIterator<Item = (S, Align)>) -> Self {
        let headings = headings.into_iter().map(|(heading, align)| (heading.into(), align)).collect();
        Self { headings, rows: Vec::new() }
    }

    /// Adds a row. Missing cells stay empty, cells beyond the headings are not shown.
    pub fn row<S: Into<String>>(&mut self, cells: impl IntoIterator<Item = S>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The table as text, one line per row, with the headings in bold if `styled`.
    #[must_use]
    pub fn render(&self, styled: bool) -> String {
        let headings: Vec<String> = self.headings.iter().map(|(heading, _)| heading.clone()).collect();
        let widths = self.widths();
        let mut text = String::new();
        let (bold, plain) = if styled { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
        let _infallible = writeln!(text, "{bold}{}{plain}", self.line(&headings, &widths));
        for row in &self.rows {
            text.push_str(&self.line(row, &widths));
            text.push('\n');
        }
        text
    }

    fn widths(&self) -> Vec<usize> {
        let column = |at: usize| self.rows.iter().filter_map(move |row| row.get(at));
        let width = |text: &String| text.chars().count();
        self.headings
            .iter()
            .enumerate()
            .map(|(at, (heading, _))| column(at).map(width).max().unwrap_or(0).max(width(heading)))
            .collect()
    }

    fn line(&self, cells: &[String], widths: &[usize]) -> String {
        let mut line = String::new();
        for (at, ((_, align), &width)) in self.headings.iter().zip(widths).enumerate() {
            // A control character from outside must not reach the terminal.
            let cell: String = cells.get(at).into_iter().flat_map(|cell| cell.chars()).map(visible).collect();
            let gap = if at == 0 { "" } else { "  " };
            let _infallible = match align {
                Align::Left => write!(line, "{gap}{cell:<width$}"),
                Align::Right => write!(line, "{gap}{cell:>width$}"),
            };
        }
        line.truncate(line.trim_end().len());
        line
    }
}

fn visible(c: char) -> char {
    if c.is_control() { '\u{fffd}' } else { c }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_lines_carry_no_trailing_blanks() {
        let mut table = Table::new([("channel", Align::Left), ("requests", Align::Right), ("note", Align::Left)]);
        table.row(["openai-eu", "7", ""]);
        table.row(["a", "12,345", "cold\x1b[2J"]);
        let expected = "\
channel    requests  note
openai-eu         7
a            12,345  cold\u{fffd}[2J
";
        assert_eq!(table.render(false), expected);
        assert!(table.render(true).starts_with("\x1b[1mchannel"));
    }
}
