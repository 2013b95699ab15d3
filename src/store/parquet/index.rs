//! Where each channel's rows lie in a file, kept in the footer.
//!
//! With it a query finds a channel's rows, and knows whether they have gaps, without decoding `channel` or `ts`.
//! The text has one line per channel in file order: the name, and, where they differ from the line before, a tab and
//! the number of rows, the first and the last minute. (Names hold no control characters.) A day of channels that
//! were all watched all day costs little more than their names.

use std::fmt::Write as _;

use crate::domain::ids::ChannelId;
use crate::domain::time::Minute;

/// The rows of one channel in one file; they lie together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelSpan {
    /// The channel.
    pub channel: ChannelId,
    /// Its first row in the file.
    pub first_row: u64,
    /// Its rows.
    pub rows: u64,
    /// Minute of its first row.
    pub first: Minute,
    /// Minute of its last row.
    pub last: Minute,
}

impl ChannelSpan {
    /// Whether there is a row for every window of `width_minutes` from the first to the last. Only meaningful in
    /// tables with unique rows.
    #[must_use]
    pub fn is_dense(&self, width_minutes: u32) -> bool {
        u64::from((self.last.0 - self.first.0) / width_minutes.max(1)) + 1 == self.rows
    }
}

/// The spans of a file in file order, which is ascending by channel.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChannelIndex {
    spans: Vec<ChannelSpan>,
}

impl ChannelIndex {
    /// Notes the next row of the file. Rows must come sorted by channel, then minute.
    pub fn push(&mut self, channel: &ChannelId, minute: Minute) {
        match self.spans.last_mut() {
            Some(span) if span.channel == *channel => {
                span.rows += 1;
                span.last = minute;
            }
            previous => {
                let first_row = previous.map_or(0, |span| span.first_row + span.rows);
                let channel = channel.clone();
                self.spans.push(ChannelSpan { channel, first_row, rows: 1, first: minute, last: minute });
            }
        }
    }

    /// Every channel in file order.
    #[must_use]
    pub fn spans(&self) -> &[ChannelSpan] {
        &self.spans
    }

    /// The rows of `channel`, if it has any.
    #[must_use]
    pub fn find(&self, channel: &str) -> Option<&ChannelSpan> {
        let at = self.spans.binary_search_by(|span| span.channel.as_str().cmp(channel)).ok()?;
        self.spans.get(at)
    }

    /// The footer text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::with_capacity(self.spans.len() * 24);
        let mut previous = None;
        for span in &self.spans {
            text.push_str(span.channel.as_str());
            let shape = (span.rows, span.first.0, span.last.0);
            if previous != Some(shape) {
                // Writing to a string cannot fail.
                let _written = write!(text, "\t{}\t{}\t{}", shape.0, shape.1, shape.2);
                previous = Some(shape);
            }
            text.push('\n');
        }
        text
    }

    /// Reads what [`ChannelIndex::to_text`] wrote.
    ///
    /// # Errors
    /// The line, counted from 1, that is not an entry or is out of order.
    pub fn from_text(text: &str) -> Result<Self, String> {
        let mut index = Self::default();
        let mut shape = None;
        for (number, line) in text.lines().enumerate() {
            let wrong = || format!("line {} of the channel index is not an entry", number + 1);
            let mut fields = line.split('\t');
            let channel = ChannelId::new(fields.next().unwrap_or_default()).map_err(|_| wrong())?;
            let numbers: Vec<&str> = fields.collect();
            if let [rows, first, last] = numbers[..] {
                let minute = |text: &str| text.parse().map(Minute).ok();
                shape = rows.parse().ok().zip(minute(first)).zip(minute(last));
            } else if !numbers.is_empty() {
                return Err(wrong());
            }
            let ((rows, first), last) = shape.ok_or_else(wrong)?;
            let previous = index.spans.last();
            let in_order = previous.is_none_or(|span| span.channel < channel) && first <= last && rows > 0;
            let first_row = previous.map_or(Some(0), |span| span.first_row.checked_add(span.rows));
            let (true, Some(first_row)) = (in_order, first_row) else { return Err(wrong()) };
            index.spans.push(ChannelSpan { channel, first_row, rows, first, last });
        }
        Ok(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn id(name: &str) -> ChannelId {
        ChannelId::new(name).expect("valid name")
    }

    #[test]
    fn repeated_shapes_cost_only_the_name() {
        let mut index = ChannelIndex::default();
        for name in ["a", "b", "c"] {
            for minute in 10..13 {
                index.push(&id(name), Minute(minute));
            }
        }
        index.push(&id("c"), Minute(20));
        assert_eq!(index.to_text(), "a\t3\t10\t12\nb\nc\t4\t10\t20\n");
        assert_eq!(ChannelIndex::from_text(&index.to_text()), Ok(index.clone()));
        let c = index.find("c").expect("present");
        assert_eq!((c.first_row, c.is_dense(1)), (6, false));
        assert!(index.find("b").is_some_and(|b| b.is_dense(1)));
        assert_eq!(index.find("bb"), None);
    }

    proptest! {
        /// No text makes the parser panic, and what it accepts it writes back to the same index.
        #[test]
        fn hostile_text_is_refused_or_kept(text in "([a-c]{0,2}(\t[0-9]{1,3}){0,4}\n?){0,6}") {
            if let Ok(index) = ChannelIndex::from_text(&text) {
                prop_assert_eq!(ChannelIndex::from_text(&index.to_text()), Ok(index));
            }
        }
    }
}
