//! Figures as people read them, in both languages.

use crate::domain::language::Language;
use crate::domain::target::{Quantity, Target};
use crate::domain::time::Timestamp;

/// What is not known.
const GAP: &str = "-";

/// A whole number with its thousands apart: `1,234,567`.
#[must_use]
pub fn whole(value: f64) -> String {
    if !value.is_finite() {
        return GAP.to_owned();
    }
    let sign = if value <= -0.5 { "-" } else { "" };
    format!("{sign}{}", grouped(&format!("{:.0}", value.abs())))
}

/// Digits in groups of three: `1,234,567`.
#[must_use]
pub fn grouped(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number with at most `digits` decimals and no trailing zeros; a gap is `-`.
#[must_use]
pub fn decimal(value: Option<f64>, digits: usize) -> String {
    let Some(value) = value else { return GAP.to_owned() };
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// A share as per cent: `97.2 %`.
#[must_use]
pub fn percent(share: f64) -> String {
    let percent = share * 100.0;
    let text = if percent.abs() >= 99.95 || percent.abs() < 0.05 { whole(percent) } else { format!("{percent:.1}") };
    if percent.is_finite() { format!("{} %", text.strip_suffix(".0").unwrap_or(&text)) } else { GAP.to_owned() }
}

/// Money: `0.0123 USD`, `4.10 USD`, `1,234 USD`.
#[must_use]
pub fn usd(value: f64) -> String {
    // The sum of nothing is -0.0, which would show its sign.
    let value = value + 0.0;
    let text = match value.abs() {
        size if size >= 1_000.0 => whole(value),
        size if !(0.000_05..1.0).contains(&size) => format!("{value:.2}"),
        _ => format!("{value:.4}"),
    };
    if value.is_finite() { format!("{text} USD") } else { GAP.to_owned() }
}

/// A value of `target`, with its unit.
#[must_use]
pub fn of(target: Target, value: f64) -> String {
    match target.quantity() {
        Quantity::Duration => format!("{} ms", whole(value)),
        Quantity::Ratio => percent(value),
        Quantity::Money => usd(value),
        Quantity::Count if value.abs() < 9.95 => format!("{value:.1}"),
        Quantity::Count => whole(value),
    }
}

/// A value that may be missing.
#[must_use]
pub fn or_gap(value: Option<f64>, show: impl Fn(f64) -> String) -> String {
    value.filter(|value| value.is_finite()).map_or_else(|| GAP.to_owned(), show)
}

/// A span of time in its largest unit: `40 s`, `12 min`, `3 h`, `2 d`.
#[must_use]
pub fn span(seconds: f64, language: Language) -> String {
    let seconds = seconds.max(0.0);
    let (size, english, korean) = match seconds {
        s if s < 59.5 => (1.0, " s", "초"),
        s if s < 3_570.0 => (60.0, " min", "분"),
        s if s < 84_600.0 => (3_600.0, " h", "시간"),
        _ => (86_400.0, " d", "일"),
    };
    format!("{}{}", whole((seconds / size).round()), language.pick(english, korean))
}

/// An instant as a clock shows it, and how long ago it was: `09:41 UTC, 12 min ago`. With the day if that is another.
#[must_use]
pub fn ago(at: Timestamp, now: Timestamp, language: Language) -> String {
    let span = span(now.seconds_since(at), language);
    match language {
        Language::English => format!("{}, {span} ago", clock(at, now)),
        Language::Korean => format!("{}, {span} 전", clock(at, now)),
    }
}

/// An instant as a clock shows it: `09:41 UTC`, with the day if that is not the one of `now`.
#[must_use]
pub fn clock(at: Timestamp, now: Timestamp) -> String {
    let (text, today) = (at.to_string(), now.to_string());
    let part = |text: &str, from: usize, to: usize| text.get(from..to).unwrap_or_default().to_owned();
    let time = part(&text, 11, 16);
    let (day, same) = (part(&text, 0, 10), part(&today, 0, 10));
    if day == same { format!("{time} UTC") } else { format!("{day} {time} UTC") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::column::Column;

    #[test]
    fn figures_read_well() {
        assert_eq!([whole(0.2), whole(-1_234.0), whole(999.6), whole(f64::NAN)], ["0", "-1,234", "1,000", "-"]);
        assert_eq!([percent(0.9721), percent(1.0), percent(0.5), percent(0.0)], ["97.2 %", "100 %", "50 %", "0 %"]);
        assert_eq!(
            [usd(0.0123), usd(4.1), usd(12_345.6), usd(-0.0)],
            ["0.0123 USD", "4.10 USD", "12,346 USD", "0.00 USD"]
        );
        assert_eq!(of(Target::Column(Column::Requests), 3.24), "3.2");
        let korean = Language::Korean;
        assert_eq!(
            [span(40.0, Language::English), span(720.0, korean), span(86_400.0, korean)],
            ["40 s", "12분", "1일"]
        );
        let (now, then) = (Timestamp::from_seconds(1_795_000_000), Timestamp::from_seconds(1_795_000_000 - 86_400));
        assert_eq!(ago(now.plus_seconds(-600), now, Language::English).split(", ").last(), Some("10 min ago"));
        assert!(clock(then, now).starts_with("2026-11-"), "{}", clock(then, now));
    }
}
