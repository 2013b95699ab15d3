//! Server-sent events, as far as streamed completions use them: the `data` of each event.
//!
//! Reference: WHATWG HTML, section 9.2 (event streams). Lines end with LF, CRLF or CR; an event ends with an empty
//! line; several `data` lines are joined with a line break; other fields and comments are passed over.

/// Most bytes of one event. A chunk of a completion has a few hundred.
const MAX_EVENT_BYTES: usize = 1_000_000;

/// Cuts a byte stream into events.
#[derive(Debug, Clone, Default)]
pub struct Decoder {
    line: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
    after_cr: bool,
}

/// An event is larger than is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an event is larger than {MAX_EVENT_BYTES} bytes")]
pub struct EventTooLarge;

impl Decoder {
    /// Takes the next bytes and returns the data of the events they complete.
    ///
    /// # Errors
    /// [`EventTooLarge`]; the stream cannot be read on then.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<String>, EventTooLarge> {
        let mut events = Vec::new();
        for &byte in bytes {
            let line_ends = byte == b'\r' || (byte == b'\n' && !self.after_cr);
            let second_half = byte == b'\n' && self.after_cr;
            self.after_cr = byte == b'\r';
            if line_ends {
                events.extend(self.end_line());
            } else if !second_half {
                self.line.push(byte);
            }
            if self.line.len() + self.data.len() > MAX_EVENT_BYTES {
                return Err(EventTooLarge);
            }
        }
        Ok(events)
    }

    fn end_line(&mut self) -> Option<String> {
        let line = std::mem::take(&mut self.line);
        if line.is_empty() {
            let complete = std::mem::take(&mut self.has_data);
            let data = std::mem::take(&mut self.data);
            return complete.then(|| String::from_utf8_lossy(&data).into_owned());
        }
        if let Some(value) = line.strip_prefix(b"data:") {
            if self.has_data {
                self.data.push(b'\n');
            }
            self.has_data = true;
            self.data.extend_from_slice(value.strip_prefix(b" ").unwrap_or(value));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn events_are_cut_at_empty_lines() {
        let stream =
            b": keep-alive\r\n\r\nevent: x\ndata: {\"a\":1}\n\ndata:b\rdata: c\r\rdata: [DONE]\n\ndata: unfinished";
        assert_eq!(Decoder::default().push(stream), Ok(vec!["{\"a\":1}".into(), "b\nc".into(), "[DONE]".into()]));
    }

    #[test]
    fn an_endless_event_is_refused() {
        let mut decoder = Decoder::default();
        assert_eq!(decoder.push(&vec![b'x'; MAX_EVENT_BYTES + 1]), Err(EventTooLarge));
    }

    proptest! {
        /// However the stream is cut into pieces, the events are the same.
        #[test]
        fn pieces_do_not_matter(stream in "(data: ?[a-z]{0,3}|:x|[a-z]|\r|\n|\r\n|\n\n){0,30}", cut in 0_usize..200) {
            let whole = Decoder::default().push(stream.as_bytes());
            let (left, right) = stream.as_bytes().split_at(cut.min(stream.len()));
            let mut decoder = Decoder::default();
            let mut pieces = decoder.push(left).expect("short");
            pieces.extend(decoder.push(right).expect("short"));
            prop_assert_eq!(whole, Ok(pieces));
        }
    }
}
