//! Cuts a JSON array into its elements without reading them, so that one broken element does not spoil the rest.

/// What a byte can mean to the cutter.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Plain,
    Quote,
    Open,
    Close,
    Comma,
}

/// The class of every byte: one look-up per byte is what makes this fast enough.
const CLASSES: [Class; 256] = {
    let mut classes = [Class::Plain; 256];
    classes[b'"' as usize] = Class::Quote;
    classes[b'[' as usize] = Class::Open;
    classes[b'{' as usize] = Class::Open;
    classes[b']' as usize] = Class::Close;
    classes[b'}' as usize] = Class::Close;
    classes[b',' as usize] = Class::Comma;
    classes
};

/// The elements of an array as slices of its text, in order.
#[derive(Debug)]
pub(super) struct Elements<'a> {
    rest: &'a [u8],
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the first element or after a comma.
    Inside,
    /// After the closing bracket.
    Closed,
    /// The text ended before the closing bracket.
    Cut,
}

impl<'a> Elements<'a> {
    /// The elements of `body`, whose first byte that is not blank is `[`.
    pub(super) fn new(body: &'a [u8]) -> Self {
        let body = body.trim_ascii_start();
        Self { rest: body.strip_prefix(b"[").unwrap_or(body), state: State::Inside }
    }

    /// What is wrong with the array as a whole, once all elements are out.
    pub(super) fn problem(&self) -> Option<&'static str> {
        match self.state {
            State::Cut => Some("the body ends before the array's closing bracket"),
            State::Closed if !self.rest.trim_ascii().is_empty() => Some("text follows the array's closing bracket"),
            _ => None,
        }
    }

    /// Where the element at the head of the text ends, and the byte that ends it.
    fn end(&self) -> Option<(usize, Class)> {
        let (mut depth, mut at) = (0_usize, 0);
        while let Some(&byte) = self.rest.get(at) {
            match CLASSES[usize::from(byte)] {
                Class::Quote => at += string_end(&self.rest[at + 1..])? + 1,
                Class::Open => depth += 1,
                end @ (Class::Close | Class::Comma) if depth == 0 => return Some((at, end)),
                Class::Close => depth -= 1,
                Class::Plain | Class::Comma => {}
            }
            at += 1;
        }
        None
    }
}

/// Offset of the quote that closes the string which begins at the head of `text`.
fn string_end(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        match text.get(at)? {
            b'"' => return Some(at),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if self.state != State::Inside {
            return None;
        }
        let Some((at, end)) = self.end() else {
            self.state = State::Cut;
            let element = std::mem::take(&mut self.rest);
            return (!element.trim_ascii().is_empty()).then_some(element);
        };
        let element = &self.rest[..at];
        self.rest = &self.rest[at + 1..];
        if end == Class::Close {
            self.state = State::Closed;
            // `[]` and a trailing comma have nothing before the bracket.
            return (!element.trim_ascii().is_empty()).then_some(element);
        }
        Some(element)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> (Vec<&str>, Option<&'static str>) {
        let mut elements = Elements::new(text.as_bytes());
        let texts = elements.by_ref().map(|element| std::str::from_utf8(element).expect("cut between characters"));
        (texts.collect(), elements.problem())
    }

    #[test]
    fn brackets_and_commas_inside_strings_do_not_cut() {
        let (elements, problem) = cut(r#" [{"a":"],\"}"},{"b":[1,{}]}, nonsense ,3] "#);
        assert_eq!(elements, [r#"{"a":"],\"}"}"#, r#"{"b":[1,{}]}"#, " nonsense ", "3"]);
        assert_eq!(problem, None);
        assert_eq!(cut("[]"), (vec![], None));
    }

    #[test]
    fn a_cut_or_overlong_array_is_told() {
        assert_eq!(cut("[1,2"), (vec!["1", "2"], Some("the body ends before the array's closing bracket")));
        assert_eq!(cut(r#"[1,"\"#), (vec!["1", r#""\"#], Some("the body ends before the array's closing bracket")));
        assert_eq!(cut("[1] 2"), (vec!["1"], Some("text follows the array's closing bracket")));
    }
}
