//! A document as one HTML file that needs nothing else: no scripts, no fonts, no pictures from elsewhere.

use std::fmt::Write as _;

use crate::report::chart;
use crate::report::document::{Block, Document};

/// Looks of a page on light and dark screens and on paper.
const STYLE: &str = "\
:root { color-scheme: light dark; --text: #161616; --soft: #525252; --page: #ffffff; --line: #d0d0d0; --layer: #f4f4f4 }
@media (prefers-color-scheme: dark) {
  :root { --text: #f4f4f4; --soft: #c6c6c6; --page: #161616; --line: #525252; --layer: #262626 }
}
@media print { :root { --text: #000; --soft: #333; --page: #fff; --layer: #fff } }
* { box-sizing: border-box }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, 'Noto Sans KR', sans-serif }
main { max-width: 60rem; margin: 0 auto; padding: 2rem 1rem 4rem }
h1 { font-size: 1.75rem; font-weight: 400; line-height: 1.25; margin: 0 0 .25rem }
h2 { font-size: 1.25rem; font-weight: 600; margin: 2.5rem 0 .5rem; border-top: 1px solid var(--line); padding-top: 1rem }
p { max-width: 44rem; margin: .5rem 0 }
header p { color: var(--soft) }
.wide { overflow-x: auto; margin: 1rem 0 }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th, td { padding: .4rem .75rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap }
th { background: var(--layer); font-weight: 600 }
th:first-child, td:first-child { text-align: left; white-space: normal }
ol { padding-left: 1.5rem } li { margin: .35rem 0 } code { color: var(--soft); font-size: .875em }
figure { margin: 1rem 0 } svg { width: 100%; height: auto }
";

/// Writes `document`.
#[must_use]
pub fn html(document: &Document) -> String {
    let (title, about) = (escape(&document.title), escape(&document.about));
    let mut text = format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<header>\n<h1>{title}</h1>\n<p>{about}</p>\n</header>\n",
        document.language
    );
    for section in &document.sections {
        // Writing to a string cannot fail.
        let _written = write!(text, "<section>\n<h2>{}</h2>\n", escape(section.heading));
        section.blocks.iter().for_each(|block| write_block(&mut text, block));
        text.push_str("</section>\n");
    }
    text.push_str("</main>\n</body>\n</html>\n");
    text
}

fn write_block(text: &mut String, block: &Block) {
    match block {
        Block::Words(words) => {
            let _written = writeln!(text, "<p>{}</p>", escape(words));
        }
        Block::List(lines) => {
            text.push_str("<ol>\n");
            for (line, place) in lines {
                let place = place.as_deref().map(|place| format!(" <code>{}</code>", escape(place)));
                let _written = writeln!(text, "<li>{}{}</li>", escape(line), place.unwrap_or_default());
            }
            text.push_str("</ol>\n");
        }
        Block::Table { head, rows } => {
            let cells = |tag: &str, cells: &mut dyn Iterator<Item = &str>| {
                let cells: Vec<String> = cells.map(|cell| format!("<{tag}>{}</{tag}>", escape(cell))).collect();
                cells.concat()
            };
            let names = cells("th", &mut head.iter().copied());
            let _written = writeln!(text, "<div class=\"wide\"><table>\n<thead><tr>{names}</tr></thead>\n<tbody>");
            for row in rows {
                let _written = writeln!(text, "<tr>{}</tr>", cells("td", &mut row.iter().map(String::as_str)));
            }
            text.push_str("</tbody>\n</table></div>\n");
        }
        Block::Chart(of) => {
            // What cannot be drawn is left out: the tables tell the same.
            if let Ok(picture) = chart::svg(of) {
                let _written =
                    writeln!(text, "<figure role=\"img\" aria-label=\"{}\">{picture}</figure>", escape(of.title));
            }
        }
    }
}

/// `text` with everything escaped that means something in HTML, attributes included.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            letter if letter.is_control() => escaped.push(' '),
            letter => escaped.push(letter),
        }
    }
    escaped
}
