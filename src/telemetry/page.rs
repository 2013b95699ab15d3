//! Gauges that are written from what is known when somebody asks, as Prometheus text.
//!
//! A gauge that is set and kept says its last value for ever, also of a channel that is gone. What is written from the
//! state itself ends with what it was about: Prometheus takes a row that is missing from a page as the end of its series.

use std::fmt::{self, Write};

use crate::telemetry::names::Metric;

/// Prometheus text (format 0.0.4) in the making.
#[derive(Debug, Default)]
pub struct Page(String);

impl Page {
    /// Adds every row of `metric`: the values of its labels, in the order of the table of metrics, and the gauge's value.
    /// Without rows nothing is added.
    pub fn gauge<L: AsRef<str>, const N: usize>(
        &mut self,
        metric: Metric,
        rows: impl IntoIterator<Item = ([L; N], f64)>,
    ) {
        let mut rows = rows.into_iter().peekable();
        if rows.peek().is_none() {
            return;
        }
        let spec = metric.spec();
        // Writing to a string cannot fail.
        let _written = writeln!(self.0, "# HELP {0} {1}\n# TYPE {0} gauge", spec.name, spec.help);
        for (values, value) in rows {
            let labels = Labels { names: spec.labels, values: &values };
            let _written = writeln!(self.0, "{}{labels} {}", spec.name, Number(value));
        }
        self.0.push('\n');
    }

    /// The text.
    #[must_use]
    pub fn into_text(self) -> String {
        self.0
    }
}

/// The labels of one row, in braces; nothing if there are none.
struct Labels<'a, L> {
    names: &'a [&'a str],
    values: &'a [L],
}

impl<L: AsRef<str>> fmt::Display for Labels<'_, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (name, value)) in self.names.iter().zip(self.values).enumerate() {
            write!(f, "{}{name}=\"{}\"", if at == 0 { '{' } else { ',' }, Escaped(value.as_ref()))?;
        }
        if self.values.is_empty() { Ok(()) } else { f.write_char('}') }
    }
}

/// The value of a label, with what would end it escaped.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| match c {
            '\\' => f.write_str("\\\\"),
            '"' => f.write_str("\\\""),
            '\n' => f.write_str("\\n"),
            plain => f.write_char(plain),
        })
    }
}

/// A value as Prometheus writes it.
struct Number(f64);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            f64::INFINITY => f.write_str("+Inf"),
            f64::NEG_INFINITY => f.write_str("-Inf"),
            value => write!(f, "{value}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_have_their_labels_in_order_and_escaped() {
        let mut page = Page::default();
        page.gauge(Metric::StoreFiles, [(["samples"], 3.0), (["a\"b\\c\nd"], f64::INFINITY)]);
        page.gauge::<&str, 0>(Metric::Channels, [([], f64::NAN)]);
        page.gauge::<&str, 1>(Metric::IncidentsOpen, []);
        let expected = "# HELP foreroute_store_files Live files of a table.\n# TYPE foreroute_store_files gauge\n\
                        foreroute_store_files{table=\"samples\"} 3\n\
                        foreroute_store_files{table=\"a\\\"b\\\\c\\nd\"} +Inf\n\n\
                        # HELP foreroute_channels Channels known by now.\n# TYPE foreroute_channels gauge\n\
                        foreroute_channels NaN\n\n";
        assert_eq!(page.into_text(), expected);
    }
}
