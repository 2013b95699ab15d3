//! A TOML document as plain values that still know where they stood.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use serde_json::{Map, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::Problem;

/// A key path: `server.listen`, `channel[0].limits.rpm`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Path(String);

impl Path {
    /// The path of `key` in the table at this path.
    pub(super) fn key(&self, key: &str) -> Self {
        // A key that TOML would quote is quoted here as well, so that the path stays readable.
        let bare = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        let key = if bare { Cow::Borrowed(key) } else { Cow::Owned(format!("{key:?}")) };
        if self.0.is_empty() { Self(key.into_owned()) } else { Self(format!("{}.{key}", self.0)) }
    }

    /// The path of element `at` of the list at this path.
    pub(super) fn at(&self, at: usize) -> Self {
        Self(format!("{}[{at}]", self.0))
    }

    /// The path of the table or list that holds this one; the root for the root.
    fn parent(&self) -> Self {
        Self(self.0.rfind(['.', '[']).map_or_else(String::new, |end| self.0[..end].to_owned()))
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Which end of `key = value` a problem points at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Point {
    /// The key.
    Key,
    /// The value.
    Value,
}

/// Values and their positions.
pub(super) struct Document<'t> {
    text: &'t str,
    value: Value,
    /// Byte offsets of key and value by path. List elements have no key; theirs is that of the value.
    offsets: BTreeMap<Path, (usize, usize)>,
    problems: Vec<Problem>,
}

impl<'t> Document<'t> {
    /// Reads TOML.
    ///
    /// # Errors
    /// Every syntax error, and every number that is not finite or too large.
    pub(super) fn parse(text: &'t str) -> Result<Self, Vec<Problem>> {
        let (table, errors) = DeTable::parse_recoverable(text);
        let mut document =
            Self { text, value: Value::Null, offsets: BTreeMap::from([(Path::default(), (0, 0))]), problems: vec![] };
        for error in errors {
            let Range { start, .. } = error.span().unwrap_or(0..0);
            document.problem_at(start, &Path::default(), format!("not valid TOML: {}", error.message()));
        }
        document.value = document.table(table.into_inner(), &Path::default());
        if document.problems.is_empty() { Ok(document) } else { Err(document.problems) }
    }

    /// The document as JSON; dates are strings.
    pub(super) const fn value(&self) -> &Value {
        &self.value
    }

    /// A problem with what stands at `path`, or with the nearest thing around it that does exist.
    pub(super) fn problem(&self, path: &Path, point: Point, message: String) -> Problem {
        let mut nearest = path.clone();
        let (key, value) = loop {
            match self.offsets.get(&nearest) {
                Some(offsets) => break *offsets,
                None => nearest = nearest.parent(),
            }
        };
        let (line, column) = self.line_and_column(if point == Point::Key { key } else { value });
        Problem { line, column, path: path.to_string(), message }
    }

    fn problem_at(&mut self, offset: usize, path: &Path, message: String) {
        let (line, column) = self.line_and_column(offset);
        self.problems.push(Problem { line, column, path: path.to_string(), message });
    }

    fn line_and_column(&self, offset: usize) -> (usize, usize) {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }

    fn table(&mut self, table: DeTable<'_>, path: &Path) -> Value {
        let mut map = Map::new();
        for (key, value) in table {
            let path = path.key(key.get_ref());
            self.offsets.insert(path.clone(), (key.span().start, value.span().start));
            let value = self.convert(value, &path);
            map.insert(key.into_inner().into_owned(), value);
        }
        Value::Object(map)
    }

    fn convert(&mut self, value: Spanned<DeValue<'_>>, path: &Path) -> Value {
        let start = value.span().start;
        match value.into_inner() {
            DeValue::String(text) => Value::String(text.into_owned()),
            DeValue::Boolean(flag) => Value::Bool(flag),
            DeValue::Datetime(at) => Value::String(at.to_string()),
            DeValue::Table(table) => self.table(table, path),
            DeValue::Integer(digits) => match i64::from_str_radix(digits.as_str(), digits.radix()) {
                Ok(number) => Value::from(number),
                Err(_) => self.bad_number(start, path),
            },
            DeValue::Float(digits) => {
                let number = digits.as_str().parse().ok().and_then(serde_json::Number::from_f64);
                number.map_or_else(|| self.bad_number(start, path), Value::Number)
            }
            DeValue::Array(array) => {
                let elements = array.into_iter().enumerate().map(|(at, element)| {
                    let path = path.at(at);
                    self.offsets.insert(path.clone(), (element.span().start, element.span().start));
                    self.convert(element, &path)
                });
                Value::Array(elements.collect())
            }
        }
    }

    fn bad_number(&mut self, offset: usize, path: &Path) -> Value {
        self.problem_at(offset, path, "expected a finite number that fits into 64 bits".to_owned());
        Value::Null
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_those_of_the_text() {
        let text = "[server]\nlisten = \"x\"\n\n[[channel]]\nname = \"ä\" # c\nlimits = { rpm = 5 }\n[[channel]]\n";
        let document = Document::parse(text).expect("valid TOML");
        let root = Path::default();
        let at = |path: &Path, point| {
            let problem = document.problem(path, point, String::new());
            (problem.line, problem.column)
        };
        let channel = root.key("channel").at(0);
        assert_eq!(at(&root.key("server").key("listen"), Point::Value), (2, 10));
        assert_eq!(at(&channel.key("limits").key("rpm"), Point::Key), (6, 12));
        assert_eq!(at(&channel.key("no such key"), Point::Value), (4, 1));
        assert_eq!(at(&root.key("channel").at(1), Point::Value), (7, 1));
        assert_eq!(channel.key("a b").to_string(), "channel[0].\"a b\"");
    }

    #[test]
    fn every_syntax_error_and_every_impossible_number_is_found() {
        let problems = Document::parse("a = nan\nb = 99999999999999999999\nc = \n").err().unwrap_or_default();
        let lines: Vec<usize> = problems.iter().map(|problem| problem.line).collect();
        assert!(lines.contains(&1) && lines.contains(&2) && lines.contains(&3), "{problems:?}");
    }
}
