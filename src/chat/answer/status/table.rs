//! Channels as tables, each with a small chart of its last hour.

use super::FAILING;
use crate::chat::facts::Channel;
use crate::chat::figure;
use crate::chat::page::{Align, Line, Table, Tone};
use crate::chat::spark::spark;
use crate::domain::language::Language;

/// The last hour of a channel as a small chart of its latency, each step in the colour of its failures.
#[must_use]
pub fn course(channel: &Channel) -> Line {
    let mut line = Line::default();
    for (at, letter) in spark(&channel.last_hour_p95_ms).chars().enumerate() {
        let failing = channel.last_hour_failing.get(at).copied().flatten();
        line = line.and(letter.to_string(), failing_tone(failing));
    }
    line
}

fn failing_tone(failing: Option<f64>) -> Tone {
    match failing {
        Some(share) if share >= FAILING.1 => Tone::Bad,
        Some(share) if share >= FAILING.0 => Tone::Warn,
        _ => Tone::Plain,
    }
}

/// The channels as a chat has room for.
#[must_use]
pub fn narrow(channels: &[Channel], language: Language) -> Table {
    let mut table = Table::new([
        (language.pick("channel", "채널"), Align::Left),
        (language.pick("p95, last hour", "p95, 지난 1시간"), Align::Left),
        ("p95 ms", Align::Right),
        (language.pick("failing", "실패"), Align::Right),
        (language.pick("calls", "호출"), Align::Right),
    ]);
    for channel in channels {
        table.row([
            name(channel),
            course(channel),
            Line::plain(figure::or_gap(channel.latency_p95_ms, figure::whole)),
            Line::new(figure::or_gap(channel.failing(), figure::percent), failing_tone(channel.failing())),
            Line::plain(figure::or_gap(channel.requests, figure::whole)),
        ]);
    }
    table
}

/// The channels as a terminal has room for; the headings are the same in both languages, for programs look for them.
#[must_use]
pub fn wide(channels: &[Channel]) -> Table {
    let mut table = Table::new([
        ("channel", Align::Left),
        ("requests", Align::Right),
        ("errors", Align::Right),
        ("error %", Align::Right),
        ("p50 ms", Align::Right),
        ("p95 ms", Align::Right),
        ("tokens out", Align::Right),
        ("USD", Align::Right),
        ("p95, last hour", Align::Left),
    ]);
    let plain = |value: Option<f64>, digits: usize| Line::plain(figure::decimal(value, digits));
    for channel in channels {
        let failing = figure::decimal(channel.failing().map(|share| share * 100.0), 2);
        table.row([
            name(channel),
            plain(channel.requests, 0),
            plain(channel.errors, 0),
            Line::new(failing, failing_tone(channel.failing())),
            plain(channel.latency_p50_ms, 1),
            plain(channel.latency_p95_ms, 1),
            plain(channel.tokens_completion, 0),
            plain(channel.cost_usd, 4),
            course(channel),
        ]);
    }
    table
}

/// The name of a channel, marked where an incident is open.
fn name(channel: &Channel) -> Line {
    let line = Line::plain(channel.channel.clone());
    if channel.is_in_trouble { line.and(" !", Tone::Bad) } else { line }
}
