//! A report as a document: headings, words, tables and charts, before it is Markdown or HTML.

use crate::domain::language::Language;

/// A document.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// What it is written in.
    pub language: Language,
    /// Its title.
    pub title: String,
    /// What stands below the title.
    pub about: String,
    /// Its sections.
    pub sections: Vec<Section>,
}

/// A part of a document under a heading.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// Its heading.
    pub heading: &'static str,
    /// What stands there, in order.
    pub blocks: Vec<Block>,
}

/// What a section is made of. Texts are plain: whoever writes them escapes what its format needs.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// Words.
    Words(String),
    /// One thing below the other, each with the address where more is to be seen, if there is one.
    List(Vec<(String, Option<String>)>),
    /// A table; the first column is of names, the others are of numbers.
    Table {
        /// What the columns are called.
        head: Vec<&'static str>,
        /// Its rows, each as wide as the head.
        rows: Vec<Vec<String>>,
    },
    /// A chart.
    Chart(Chart),
}

/// Curves over time.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// What it shows.
    pub title: &'static str,
    /// What its values are.
    pub unit: &'static str,
    /// Each curve with its name: seconds since 1970 and values, NaN for gaps.
    pub curves: Vec<(&'static str, Vec<(f64, f64)>)>,
}

impl Chart {
    /// Whether there is anything to see: at least two values of a curve.
    #[must_use]
    pub fn is_worth_drawing(&self) -> bool {
        self.curves.iter().any(|(_, points)| points.iter().filter(|(_, value)| value.is_finite()).count() > 1)
    }
}
