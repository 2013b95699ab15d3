//! How a row's channel is named: fixed text with columns in braces, such as `{provider}/{model}@{region}`.

use std::fmt;

use super::MappingError;

/// A parsed template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// Its parts, in order.
    pub parts: Vec<Part>,
}

/// One part of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Text as it stands.
    Text(String),
    /// The value of a column.
    Column(String),
}

impl Template {
    /// Parses `text`.
    ///
    /// # Errors
    /// [`MappingError::BadTemplate`] if a brace has no partner.
    pub fn parse(text: &str) -> Result<Self, MappingError> {
        let bad = || MappingError::BadTemplate(text.to_owned());
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(open) = rest.find(['{', '}']) {
            let (before, braced) = rest.split_at(open);
            let (column, after) = braced.strip_prefix('{').and_then(|inner| inner.split_once('}')).ok_or_else(bad)?;
            if column.is_empty() || column.contains('{') {
                return Err(bad());
            }
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            parts.push(Part::Column(column.to_owned()));
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Self { parts })
    }

    /// The template that is one column.
    #[must_use]
    pub fn column(name: &str) -> Self {
        Self { parts: vec![Part::Column(name.to_owned())] }
    }

    /// The columns it names.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Column(name) => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts.iter().try_for_each(|part| match part {
            Part::Text(text) => f.write_str(text),
            Part::Column(name) => write!(f, "{{{name}}}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_parse_print_and_name_their_columns() {
        let template = Template::parse("{provider}/{model}@{region}").expect("braces match");
        assert_eq!(template.columns().collect::<Vec<_>>(), ["provider", "model", "region"]);
        assert_eq!(template.to_string(), "{provider}/{model}@{region}");
        assert_eq!(Template::parse("gpt-4o eu").expect("no braces").columns().count(), 0);
        for bad in ["{a", "a}", "{}", "{a{b}}"] {
            assert!(Template::parse(bad).is_err(), "{bad}");
        }
    }
}
