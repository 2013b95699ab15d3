//! Which complete lines a piece of a file holds. Pure.

use std::ops::Range;

/// The complete lines of a piece, and what to remember.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cut {
    /// The bytes of the complete lines.
    pub lines: Range<usize>,
    /// Bytes done with: the lines, and what was passed over.
    pub consumed: usize,
    /// Lines that end in the consumed bytes.
    pub ended: u64,
    /// Line breaks before `lines`: 1 if a line that was too long ended here.
    pub before: u64,
    /// Whether the piece ends inside a line that is too long.
    pub skipping: bool,
    /// Whether a line that is too long began here.
    pub overlong: bool,
}

/// Cuts `piece`. A last line without a line break waits for the rest of it, unless it is longer than `line_bytes`, which
/// no line may be, or the file is `finished`: then there is no rest to wait for. `skipping` carries over from the piece
/// before.
#[must_use]
pub fn cut(piece: &[u8], line_bytes: usize, skipping: bool, finished: bool) -> Cut {
    let mut start = 0;
    if skipping {
        match piece.iter().position(|&byte| byte == b'\n') {
            Some(end) => start = end + 1,
            None => return Cut { consumed: piece.len(), skipping: !finished, ..Cut::default() },
        }
    }
    let before = u64::from(skipping);
    let end = piece.iter().rposition(|&byte| byte == b'\n').map_or(start, |last| (last + 1).max(start));
    let rest = piece.len() - end;
    let too_long = rest > line_bytes;
    let last_is_whole = finished && rest > 0 && !too_long;
    let lines = start..if last_is_whole { piece.len() } else { end };
    let consumed = if too_long { piece.len() } else { lines.end };
    let breaks = piece[..end].split(|&byte| byte == b'\n').count() - 1;
    Cut {
        lines,
        consumed,
        ended: breaks as u64 + u64::from(last_is_whole),
        before,
        skipping: too_long && !finished,
        overlong: too_long,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_partial_line_waits_unless_the_file_is_finished() {
        let waiting = cut(b"a\nb\nc", 10, false, false);
        assert_eq!((waiting.lines, waiting.consumed, waiting.ended), (0..4, 4, 2));
        let finished = cut(b"a\nb\nc", 10, false, true);
        assert_eq!((finished.lines, finished.consumed, finished.ended), (0..5, 5, 3));
    }

    #[test]
    fn a_line_that_is_too_long_is_passed_over() {
        let begins = cut(b"a\nbbbbbb", 4, false, false);
        assert_eq!((begins.lines, begins.consumed, begins.skipping, begins.overlong), (0..2, 8, true, true));
        let goes_on = cut(b"bbb", 4, true, false);
        assert_eq!((goes_on.consumed, goes_on.skipping, goes_on.overlong), (3, true, false));
        let ends = cut(b"b\nc\nd", 4, true, false);
        assert_eq!((ends.lines, ends.consumed, ends.ended, ends.skipping), (2..4, 4, 2, false));
    }

    proptest! {
        /// However a text is cut into pieces, its lines come out whole, once and in order.
        #[test]
        fn lines_survive_any_pieces(lines in prop::collection::vec("[a-z]{0,6}\n", 0..20), sizes in prop::collection::vec(1_usize..9, 1..40)) {
            let text = lines.concat();
            let (mut offset, mut out) = (0, String::new());
            for size in sizes.into_iter().cycle().take(400) {
                // What was not consumed is read again, with what came after it.
                let piece = &text.as_bytes()[offset..(offset + size.max(7)).min(text.len())];
                let cut = cut(piece, 6, false, false);
                out.push_str(str::from_utf8(&piece[cut.lines.clone()]).expect("ASCII"));
                offset += cut.consumed;
            }
            prop_assert_eq!(out, text);
        }
    }
}
