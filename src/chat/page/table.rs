//! Aligned columns.

use super::{Line, Tone};

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
}
