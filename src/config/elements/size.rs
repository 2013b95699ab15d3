//! Sizes in bytes: `64KiB`, `16MiB`, `2GiB`.

use super::{ElementError, string_element};

/// The schema of a size.
pub struct SizeText;

string_element!(
    SizeText,
    "Size",
    "A size: a whole number with its unit B, KiB, MiB or GiB.",
    Some("^[0-9]+ ?(B|KiB|MiB|GiB)$"),
    &["64KiB", "16MiB", "2GiB"]
);

const EXPECTED: &str = "a size such as \"64KiB\", \"16MiB\" or \"2GiB\"";

/// Reads a size as bytes.
///
/// # Errors
/// [`ElementError`] if it is no size, zero, or 2^53 bytes or more.
pub fn parse(text: &str) -> Result<u64, ElementError> {
    let wrong = || ElementError::expected(EXPECTED, text);
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit: u64 = match &text[number.len()..] {
        "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return Err(wrong()),
    };
    let number = number.strip_suffix(' ').unwrap_or(number);
    if !number.bytes().all(|b| b.is_ascii_digit()) {
        return Err(wrong());
    }
    let number: u64 = number.parse().map_err(|_| wrong())?;
    number.checked_mul(unit).filter(|bytes| (1..1 << 53).contains(bytes)).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_binary_and_not_zero() {
        assert_eq!((parse("64KiB"), parse("2 GiB"), parse("10B")), (Ok(65_536), Ok(1 << 31), Ok(10)));
        for wrong in ["", "10", "10MB", "0KiB", "-1B", "1.5GiB", "99999999999GiB"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
