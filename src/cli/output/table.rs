//! Aligned columns for people.

use crate::chat::page;

pub use page::Align;

/// A table: headings with their alignment, then rows. Columns are as wide as their widest cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table(page::Table);

impl Table {
    /// An empty table with `headings`.
    #[must_use]
    pub fn new<S: Into<String>>(headings: impl IntoIterator<Item = (S, Align)>) -> Self {
        Self(page::Table::new(headings))
    }

    /// Adds a row. Missing cells stay empty, cells beyond the headings are not shown.
    pub fn row<S: Into<String>>(&mut self, cells: impl IntoIterator<Item = S>) {
        self.0.row(cells.into_iter().map(|cell| page::Line::plain(cell)));
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The table as text, one line per row, with the headings in bold if `styled`.
    #[must_use]
    pub fn render(&self, styled: bool) -> String {
        self.0.print(styled)
    }
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
