//! Quantities as people read them.

use crate::chat::figure::grouped;

pub use crate::chat::figure::decimal;

/// Bytes with a binary unit: `1.5 MiB`.
#[must_use]
pub fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if bytes < 1_024 {
        return format!("{bytes} B");
    }
    #[expect(clippy::cast_precision_loss, reason = "one decimal is shown")]
    let mut value = bytes as f64;
    let mut unit = "B";
    for next in UNITS {
        // 1023.95 and more would be shown as 1024.0 of the smaller unit.
        if value < 1_023.95 {
            break;
        }
        value /= 1_024.0;
        unit = next;
    }
    format!("{value:.1} {unit}")
}

/// A whole number with its thousands apart: `1,234,567`.
#[must_use]
pub fn count(n: u64) -> String {
    grouped(&n.to_string())
}

/// A span of time in its largest two units: `45 s`, `3 m 20 s`, `2 h 5 m`, `4 d 1 h`.
#[must_use]
pub fn seconds(total_s: u64) -> String {
    const UNITS: [(u64, &str); 4] = [(86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")];
    let first = UNITS.iter().position(|(unit_s, _)| total_s >= *unit_s).unwrap_or(UNITS.len() - 1);
    let (unit_s, unit) = UNITS[first];
    let head = format!("{} {unit}", total_s / unit_s);
    match UNITS.get(first + 1) {
        Some((next_s, next)) if total_s % unit_s >= *next_s => {
            format!("{head} {} {next}", total_s % unit_s / next_s)
        }
        _ => head,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_read_well() {
        assert_eq!([bytes(0), bytes(1_023), bytes(1_536)], ["0 B", "1023 B", "1.5 KiB"]);
        assert_eq!([bytes(1_048_575), bytes(u64::MAX)], ["1.0 MiB", "16384.0 PiB"]);
        assert_eq!([count(0), count(999), count(1_234_567)], ["0", "999", "1,234,567"]);
        assert_eq!([decimal(None, 1), decimal(Some(2.50), 3), decimal(Some(100.0), 0)], ["-", "2.5", "100"]);
        assert_eq!([seconds(0), seconds(45), seconds(200), seconds(7_500)], ["0 s", "45 s", "3 m 20 s", "2 h 5 m"]);
        assert_eq!([seconds(3_600), seconds(349_200)], ["1 h", "4 d 1 h"]);
    }
}
