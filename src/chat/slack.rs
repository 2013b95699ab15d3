//! Slack's form of text: escaping, limits, and pages as blocks.
//!
//! Slack takes 50 blocks, 150 characters in a head and 3,000 in a section
//! (<https://docs.slack.dev/reference/block-kit/blocks>).

use serde_json::{Value, json};

use crate::chat::page::{Ink, Line, Page, Part, Tone};

/// Blocks in one message.
const BLOCKS: usize = 50;
/// Characters of a head.
const HEAD: usize = 150;
/// Characters of a section.
pub const SECTION: usize = 2_900;

/// What Slack's own form needs: <https://docs.slack.dev/messaging/formatting-message-text#escaping>.
#[must_use]
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// At most `most` characters, the last of them dots if there are more.
#[must_use]
pub fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// A head of plain words.
#[must_use]
pub fn header(text: &str) -> Value {
    json!({"type": "header", "text": {"type": "plain_text", "text": cut(text, HEAD)}})
}

/// A section of escaped text.
#[must_use]
pub fn section(text: &str) -> Value {
    json!({"type": "section", "text": {"type": "mrkdwn", "text": text}})
}

/// `page` as blocks.
#[must_use]
pub fn blocks(page: &Page) -> Vec<Value> {
    let title: String = page.title.0.iter().map(|ink| ink.text.as_str()).collect();
    let mut texts: Vec<String> = Vec::new();
    let mut open = false;
    for part in &page.parts {
        match part {
            Part::Line(of) => {
                let line = cut(&line(of), SECTION);
                match texts.last_mut().filter(|last| open && last.chars().count() + line.chars().count() < SECTION) {
                    Some(last) => *last = format!("{last}\n{line}"),
                    None => texts.push(line),
                }
                open = true;
            }
            Part::Table(table) => {
                texts.extend(fenced(&escape(table.print(false).trim_end())));
                open = false;
            }
        }
    }
    let mut blocks = vec![header(&title)];
    blocks.extend(texts.iter().map(|text| section(text)));
    blocks.truncate(BLOCKS);
    blocks
}

fn line(line: &Line) -> String {
    let ink = |ink: &Ink| match ink.tone {
        // Slack has no colours in text; what is bold must not begin or end with a blank or hold the mark itself.
        Tone::Strong if !ink.text.contains('*') && ink.text.trim() == ink.text && !ink.text.is_empty() => {
            format!("*{}*", escape(&ink.text))
        }
        _ => escape(&ink.text),
    };
    line.0.iter().map(ink).collect()
}

/// Lines in a fixed width, in as many pieces as fit into sections.
fn fenced(text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    for line in text.lines() {
        let line = cut(line, SECTION - 8);
        match pieces.last_mut().filter(|last| last.chars().count() + line.chars().count() < SECTION - 8) {
            Some(last) => *last = format!("{last}\n{line}"),
            None => pieces.push(line),
        }
    }
    pieces.into_iter().map(|piece| format!("```\n{piece}\n```")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::page::{Align, Table};

    #[test]
    fn a_page_fits_into_blocks_and_is_escaped() {
        let mut page = Page::new("a <b> & c");
        page.say(Line::new("eu", Tone::Strong).and(" <slow>", Tone::Bad));
        page.say("second");
        let mut table = Table::new([("channel", Align::Left)]);
        (0..400).for_each(|at| table.row([format!("<{at}> {}", "ä".repeat(30))]));
        page.show(table);
        page.say("last");
        let blocks = blocks(&page);
        assert_eq!(blocks[0]["text"], json!({"type": "plain_text", "text": "a <b> & c"}));
        assert_eq!(blocks[1]["text"]["text"], "*eu* &lt;slow&gt;\nsecond");
        let texts = || blocks[1..].iter().filter_map(|block| block["text"]["text"].as_str());
        assert!(texts().all(|text| text.chars().count() <= 3_000) && blocks.len() <= BLOCKS);
        assert!(
            texts().nth(1).is_some_and(|text| text.starts_with("```\nchannel\n&lt;0&gt;") && text.ends_with("```"))
        );
        assert_eq!(texts().next_back(), Some("last"));
    }
}
