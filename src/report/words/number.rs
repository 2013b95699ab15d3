//! Numbers as people read them.

/// A ratio as a percentage: more digits the smaller it is.
pub(super) fn percent(ratio: f64) -> String {
    let percent = ratio * 100.0;
    // Shares near the whole are told apart by what they lack.
    let telling = percent.abs().min((100.0 - percent).abs());
    let digits = match telling {
        ..0.0995 if telling > 0.0 => 3,
        0.0995..9.95 => 2,
        _ => 1,
    };
    format!("{percent:.digits$} %")
}

/// US dollars.
pub(super) fn usd(usd: f64) -> String {
    let digits = if usd != 0.0 && usd.abs() < 0.995 { 4 } else { 2 };
    // A sum of nothing is -0.
    let (sign, usd) = if usd < 0.0 { ("-", -usd) } else { ("", usd.abs()) };
    format!("{sign}{} USD", grouped(&format!("{usd:.digits$}")))
}

/// A count, with commas between thousands.
pub(super) fn count(n: u64) -> String {
    grouped(&n.to_string())
}

/// A number of calls that may be a part of one.
pub(super) fn calls(calls: f64) -> String {
    let (sign, calls) = if calls < -0.5 { ("-", -calls) } else { ("", calls.abs()) };
    format!("{sign}{}", grouped(&format!("{calls:.0}")))
}

/// A plain number with two digits.
pub(super) fn plain(value: f64) -> String {
    grouped(&format!("{value:.2}"))
}

/// Seconds in the two units that matter.
pub(super) fn span(seconds: f64) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "float casts saturate")]
    let s = seconds.max(0.0).round() as u64;
    let (days, hours, minutes) = (s / 86_400, s / 3_600 % 24, s / 60 % 60);
    let (first, second) = match (days, hours, minutes) {
        (0, 0, 0) => return format!("{s} s"),
        (0, 0, _) => ((minutes, "min"), (s % 60, "s")),
        (0, _, _) => ((hours, "h"), (minutes, "min")),
        _ => ((days, "d"), (hours, "h")),
    };
    let rest = if second.0 > 0 { format!(" {} {}", second.0, second.1) } else { String::new() };
    format!("{} {}{rest}", first.0, first.1)
}

fn grouped(text: &str) -> String {
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut grouped = String::with_capacity(text.len() + whole.len() / 3);
    for (at, letter) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) && grouped != "-" {
            grouped.push(',');
        }
        grouped.push(letter);
    }
    grouped + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_in_as_many_digits_as_matter() {
        assert_eq!(
            [0.0, 0.000_31, 0.0123, 0.5, 0.9991, 1.0].map(percent),
            ["0.0 %", "0.031 %", "1.23 %", "50.0 %", "99.910 %", "100.0 %"]
        );
        assert_eq!([0.0, 0.0042, 1_234.5, -3.0].map(usd), ["0.00 USD", "0.0042 USD", "1,234.50 USD", "-3.00 USD"]);
        assert_eq!((count(1_234_567), calls(-0.2), calls(-1_000.4)), ("1,234,567".into(), "0".into(), "-1,000".into()));
        assert_eq!([7.0, 900.0, 7_260.0, 180_000.0].map(span), ["7 s", "15 min", "2 h 1 min", "2 d 2 h"]);
    }
}
