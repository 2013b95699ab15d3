//! A document as Markdown (CommonMark with the tables of GitHub).

use std::fmt::Write as _;

use crate::report::document::{Block, Document};

/// Writes `document`. Charts are left out: what they show stands in the tables.
#[must_use]
pub fn markdown(document: &Document) -> String {
    let mut text = format!("# {}\n\n{}\n", escape(&document.title), escape(&document.about));
    for section in &document.sections {
        // Writing to a string cannot fail.
        let _written = write!(text, "\n## {}\n", section.heading);
        section.blocks.iter().for_each(|block| write_block(&mut text, block));
    }
    text
}

fn write_block(text: &mut String, block: &Block) {
    match block {
        Block::Words(words) => {
            let _written = write!(text, "\n{}\n", escape(words));
        }
        Block::List(lines) => {
            text.push('\n');
            for (number, (line, place)) in lines.iter().enumerate() {
                let place = place.as_deref().map(|place| format!(" (`{place}`)")).unwrap_or_default();
                let _written = writeln!(text, "{}. {}{place}", number + 1, escape(line));
            }
        }
        Block::Table { head, rows } => {
            let ruler = std::iter::once("---").chain(head.iter().skip(1).map(|_| "---:")).collect::<Vec<_>>();
            let _written = write!(text, "\n| {} |\n|{}|\n", head.join(" | "), ruler.join("|"));
            for row in rows {
                let cells: Vec<String> = row.iter().map(|cell| escape(cell)).collect();
                let _written = writeln!(text, "| {} |", cells.join(" | "));
            }
        }
        Block::Chart(_) => {}
    }
}

/// `text` with everything escaped that means something in Markdown, or as HTML within it.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' => escaped.extend(['\\', letter]),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            letter if letter.is_control() => escaped.push(' '),
            letter => escaped.push(letter),
        }
    }
    escaped
}
