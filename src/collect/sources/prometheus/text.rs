//! The text formats of Prometheus, line by line: text 0.0.4 (also 1.0.0 with quoted names) and OpenMetrics 1.0.
//!
//! One reader serves both, because they differ only in what surrounds a series: `# EOF`, exemplars after ` # `, and
//! timestamps in seconds instead of milliseconds. Timestamps are checked and dropped: a counter is read as of the
//! scrape, and mixing in the exporter's clock would put minutes at the mercy of a second clock.
//!
//! A line is understood or it is a problem with a reason; a problem never spoils the lines around it.

use std::borrow::Cow;

/// Longest accepted line in bytes. The longest of LiteLLM, with every identity label, is below 2 KB.
pub const MAX_LINE_BYTES: usize = 64 * 1024;

/// Most labels of one series.
pub const MAX_LABELS: usize = 64;

/// Names and values of the labels, in the order of the line; names are distinct.
pub type Labels<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

/// One series and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Point<'a> {
    /// Name of the series, suffixes included (`_total`, `_bucket`, ...).
    pub name: Cow<'a, str>,
    /// The labels, `le` included.
    pub labels: Labels<'a>,
    /// The value; NaN and infinities are values too.
    pub value: f64,
}

impl Point<'_> {
    /// The value of the label `name`; a label that is absent is the same as an empty one.
    #[must_use]
    pub fn label(&self, name: &str) -> &str {
        self.labels.iter().find(|(label, _)| label == name).map_or("", |(_, value)| value)
    }
}

/// What a line holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Line<'a> {
    /// A series.
    Point(Point<'a>),
    /// Nothing that matters here: blank, `# HELP`, `# TYPE`, `# UNIT`, a comment.
    Other,
    /// `# EOF`: nothing may follow.
    Eof,
}

impl<'a> Line<'a> {
    /// The series, if the line holds one.
    #[must_use]
    pub fn into_point(self) -> Option<Point<'a>> {
        match self {
            Self::Point(point) => Some(point),
            Self::Other | Self::Eof => None,
        }
    }
}

/// The lines of `body` with their numbers, counted from 1.
pub fn lines(body: &[u8]) -> impl Iterator<Item = (u64, Result<Line<'_>, String>)> {
    let mut ended = false;
    body.split(|&byte| byte == b'\n').zip(1..).map(move |(line, number)| {
        let parsed = parse_line(line);
        if ended && parsed.as_ref().is_ok_and(|line| matches!(line, Line::Point(_))) {
            return (number, Err("follows `# EOF`".to_owned()));
        }
        ended |= parsed == Ok(Line::Eof);
        (number, parsed)
    })
}

/// Parses one line without its line break.
///
/// # Errors
/// What is wrong with it, as the end of a sentence.
pub fn parse_line(line: &[u8]) -> Result<Line<'_>, String> {
    if line.len() > MAX_LINE_BYTES {
        return Err(format!("has {} bytes; at most {MAX_LINE_BYTES} are read", line.len()));
    }
    let text = str::from_utf8(line).map_err(|_| "is not UTF-8".to_owned())?.trim();
    if let Some(comment) = text.strip_prefix('#') {
        return Ok(if comment.trim() == "EOF" { Line::Eof } else { Line::Other });
    }
    if text.is_empty() {
        return Ok(Line::Other);
    }
    let name_bytes = text.bytes().position(|byte| !is_name_byte(byte)).unwrap_or(text.len());
    let (name, rest) = text.split_at(name_bytes);
    let rest = rest.trim_start();
    let (name, labels, rest) = match rest.strip_prefix('{') {
        Some(inside) => parse_labels(name, inside)?,
        None => (Cow::Borrowed(name), Labels::new(), rest),
    };
    if name.is_empty() {
        return Err("does not begin with a metric name".to_owned());
    }
    if name.as_bytes()[0].is_ascii_digit() {
        return Err(format!("begins with `{name}`, which is not a metric name"));
    }
    Ok(Line::Point(Point { name, labels, value: parse_value(rest)? }))
}

const fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b':'
}

/// Value, optional timestamp, optional exemplar.
fn parse_value(rest: &str) -> Result<f64, String> {
    let mut fields = rest.split_ascii_whitespace().take_while(|field| !field.starts_with('#'));
    let value = fields.next().ok_or_else(|| "has no value".to_owned())?;
    let number = value.parse().map_err(|_| format!("has the value `{}`, which is not a number", shorten(value)))?;
    if let Some(timestamp) = fields.next()
        && timestamp.parse::<f64>().is_err()
    {
        return Err(format!("has the timestamp `{}`, which is not a number", shorten(timestamp)));
    }
    match fields.next() {
        Some(more) => Err(format!("goes on with `{}` after value and timestamp", shorten(more))),
        None => Ok(number),
    }
}

/// Everything up to the closing brace: labels, and the metric name if it stands quoted among them.
fn parse_labels<'a>(name: &'a str, inside: &'a str) -> Result<(Cow<'a, str>, Labels<'a>, &'a str), String> {
    let mut name = Cow::Borrowed(name);
    let mut labels = Labels::new();
    let mut rest = inside.trim_start();
    loop {
        if let Some(rest) = rest.strip_prefix('}') {
            return Ok((name, labels, rest));
        }
        let (label, after) = parse_label_name(rest)?;
        let after = after.trim_start();
        if let Some(value) = after.strip_prefix('=') {
            let value = value.trim_start().strip_prefix('"').ok_or_else(|| unquoted(&label))?;
            let (value, after) = unquote(value)?;
            if labels.len() == MAX_LABELS {
                return Err(format!("has more than {MAX_LABELS} labels"));
            }
            if labels.iter().any(|(known, _)| *known == label) {
                return Err(format!("has the label `{}` twice", shorten(&label)));
            }
            labels.push((label, value));
            rest = after.trim_start();
        } else if name.is_empty() && rest.starts_with('"') {
            name = label;
            rest = after;
        } else {
            return Err(format!("has a label `{}` without a value", shorten(&label)));
        }
        rest = match rest.strip_prefix(',') {
            Some(next) => next.trim_start(),
            None if rest.starts_with('}') => rest,
            None => return Err("has labels without a comma or a closing brace between them".to_owned()),
        };
    }
}

fn parse_label_name(text: &str) -> Result<(Cow<'_, str>, &str), String> {
    if let Some(quoted) = text.strip_prefix('"') {
        return unquote(quoted);
    }
    let end = text.bytes().position(|byte| !is_name_byte(byte)).unwrap_or(text.len());
    if end == 0 {
        return Err("has labels that do not end".to_owned());
    }
    let (name, rest) = text.split_at(end);
    Ok((Cow::Borrowed(name), rest))
}

/// The text up to the closing quote, escapes resolved. `\\`, `\"` and `\n` are escapes; any other backslash stands
/// for itself, as OpenMetrics has it.
fn unquote(text: &str) -> Result<(Cow<'_, str>, &str), String> {
    let mut owned: Option<String> = None;
    let mut from = 0;
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => {
                let rest = &text[at + 1..];
                let tail = &text[from..at];
                return Ok(match owned {
                    Some(head) => (Cow::Owned(head + tail), rest),
                    None => (Cow::Borrowed(tail), rest),
                });
            }
            b'\\' => {
                let escaped = match bytes.get(at + 1) {
                    Some(b'n') => '\n',
                    Some(b'"') => '"',
                    Some(b'\\') => '\\',
                    _ => {
                        at += 1;
                        continue;
                    }
                };
                let head = owned.get_or_insert_default();
                head.push_str(&text[from..at]);
                head.push(escaped);
                at += 2;
                from = at;
            }
            _ => at += 1,
        }
    }
    Err("has a quote that does not end".to_owned())
}

fn unquoted(label: &str) -> String {
    format!("has a label `{}` whose value is not quoted", shorten(label))
}

/// The beginning of foreign text, for messages.
fn shorten(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn point(line: &str) -> Point<'_> {
        parse_line(line.as_bytes()).expect("understood").into_point().expect("a series")
    }

    #[test]
    fn both_formats_are_read() {
        let classic = point(r#"http_requests_total{method="post",path="C:\\DIR\n\"x\" \d",} 1027 1395066363000"#);
        assert_eq!((&*classic.name, classic.value), ("http_requests_total", 1027.0));
        assert_eq!(classic.label("path"), "C:\\DIR\n\"x\" \\d");
        assert_eq!(classic.label("absent"), "");
        let exemplar = point(r#"foo_bucket{le="0.1"} 8 1520879607.789 # {trace_id="KOO"} 0.05 1520879607.7"#);
        assert_eq!((exemplar.label("le"), exemplar.value), ("0.1", 8.0));
        let quoted = point(r#"{"gen_ai.server.request.duration_count", "error.type"="_OTHER"} 3"#);
        assert_eq!((&*quoted.name, quoted.label("error.type")), ("gen_ai.server.request.duration_count", "_OTHER"));
        let odd =
            ["vllm:num_requests_waiting 2.5e1", r#"a_bucket{le="+Inf"} 17 # {} 9.8"#, "a { } 1\r", "a +Inf", "a -Inf"];
        assert_eq!(odd.map(|line| point(line).value.to_string()), ["25", "17", "1", "inf", "-inf"]);
        assert!(point("a NaN").value.is_nan());
    }

    #[test]
    fn comments_and_the_end_are_told_apart() {
        let body = b"# HELP a \"unfinished\n# TYPE a counter\n# UNIT a seconds\n\n#\na 1\n# EOF\n\na 2\n";
        let lines: Vec<_> = lines(body).collect();
        assert_eq!(lines.iter().filter(|(_, line)| matches!(line, Ok(Line::Point(_)))).count(), 1);
        let problems: Vec<_> = lines.iter().filter_map(|(at, line)| Some((*at, line.clone().err()?))).collect();
        assert_eq!(problems, [(9, "follows `# EOF`".to_owned())]);
    }

    #[test]
    fn bad_lines_say_why() {
        let table: [(&[u8], &str); 13] = [
            (b"a", "has no value"),
            (b"a{", "has labels that do not end"),
            (b"a{b", "has a label `b` without a value"),
            (b"a{b=c} 1", "has a label `b` whose value is not quoted"),
            (b"a{b=\"c} 1", "has a quote that does not end"),
            (b"a{b=\"c\" d=\"e\"} 1", "has labels without a comma or a closing brace between them"),
            (b"a{b=\"c\",b=\"d\"} 1", "has the label `b` twice"),
            (b"a one", "has the value `one`, which is not a number"),
            (b"a 1 soon", "has the timestamp `soon`, which is not a number"),
            (b"a 1 2 3", "goes on with `3` after value and timestamp"),
            (b"1a 1", "begins with `1a`, which is not a metric name"),
            (b"<html>", "does not begin with a metric name"),
            (b"a{b=\"\xff\"} 1", "is not UTF-8"),
        ];
        for (line, problem) in table {
            assert_eq!(parse_line(line), Err(problem.to_owned()), "{}", line.escape_ascii());
        }
        let long = vec![b'a'; MAX_LINE_BYTES + 1];
        assert!(parse_line(&long).is_err_and(|problem| problem.contains("at most")));
        let many = (0..=MAX_LABELS).map(|n| format!("l{n}=\"\"")).collect::<Vec<_>>().join(",");
        assert!(parse_line(format!("a{{{many}}} 1").as_bytes()).is_err_and(|problem| problem.contains("64 labels")));
    }

    /// Text that looks enough like the format to reach every branch.
    fn hostile() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop::sample::select(vec![
            "a", "_bucket", "{", "}", "\"", "\\", "=", ",", "le", "+Inf", "NaN", " ", "1", "-", "#", "# EOF", "\n",
            "é", ".", "1e999", "\u{0}", "\r", "\t",
        ]);
        let words = prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat().into_bytes());
        prop_oneof![4 => words, 1 => prop::collection::vec(any::<u8>(), 0..80)]
    }

    fn survives(body: &[u8]) {
        for (_, line) in lines(body) {
            if let Ok(Line::Point(point)) = line {
                assert!(!point.name.is_empty());
            }
        }
    }

    proptest! {
        /// Whatever the bytes, every line is understood or refused, without a panic.
        #[test]
        fn hostile_text_never_panics(body in hostile()) {
            survives(&body);
        }

        /// Every label value survives being escaped and read back.
        #[test]
        fn labels_round_trip(value in "[a-z\\\\\"\n{}=, é]{0,20}") {
            let escaped = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let line = format!("a{{b=\"{escaped}\"}} 1");
            let read = point(&line);
            prop_assert_eq!(read.label("b"), value);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100_000))]

        /// As above, a hundred thousand times.
        #[test]
        #[ignore = "long; `.ci/run hostile` runs it"]
        fn many_hostile_prometheus_texts(body in hostile()) {
            survives(&body);
        }
    }
}
