//! Rectangles, lines and words as SVG.

use std::fmt::Write as _;

/// A picture that grows downwards.
#[derive(Debug)]
pub(super) struct Canvas {
    width: f64,
    body: String,
    /// Where the last shape ends, for a hint inside it.
    open: Option<&'static str>,
}

impl Canvas {
    pub(super) fn new(width: f64) -> Self {
        Self { width, body: String::new(), open: None }
    }

    fn close(&mut self) {
        if let Some(name) = self.open.take() {
            let _infallible = writeln!(self.body, "</{name}>");
        }
    }

    fn shape(&mut self, name: &'static str, attributes: std::fmt::Arguments<'_>) {
        self.close();
        let _infallible = write!(self.body, "<{name} {attributes}>");
        self.open = Some(name);
    }

    pub(super) fn rect(&mut self, (x, y): (f64, f64), (width, height): (f64, f64), ink: &str, opacity: f64) {
        self.shape(
            "rect",
            format_args!(
                r#"x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}" fill="{ink}" opacity="{opacity}""#
            ),
        );
    }

    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64), ink: &str, opacity: f64) {
        let ((x1, y1), (x2, y2)) = (from, to);
        self.shape(
            "line",
            format_args!(r#"x1="{x1:.1}" y1="{y1:.1}" x2="{x2:.1}" y2="{y2:.1}" stroke="{ink}" opacity="{opacity}""#),
        );
    }

    pub(super) fn path(&mut self, points: &[(f64, f64)], ink: &str) {
        if points.is_empty() {
            return;
        }
        let mut list = String::new();
        for (x, y) in points {
            let _infallible = write!(list, "{x:.1},{y:.1} ");
        }
        let list = list.trim_end();
        self.shape("polyline", format_args!(r#"points="{list}" fill="none" stroke="{ink}" stroke-width="1.3""#));
    }

    pub(super) fn text(&mut self, x: f64, y: f64, anchor: &str, size: f64, ink: &str, text: &str) {
        self.shape(
            "text",
            format_args!(r#"x="{x:.1}" y="{y:.1}" text-anchor="{anchor}" font-size="{size}" fill="{ink}""#),
        );
        self.body.push_str(&escaped(text));
    }

    /// What is shown when the pointer rests on the last shape.
    pub(super) fn hint(&mut self, text: &str) {
        let _infallible = write!(self.body, "<title>{}</title>", escaped(text));
    }

    /// The whole picture, which ends at `height`.
    pub(super) fn finish(mut self, height: f64) -> String {
        self.close();
        let (width, body) = (self.width, self.body);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" \
             height=\"{height:.0}\" font-family=\"sans-serif\">\n{body}</svg>\n"
        )
    }
}

fn escaped(text: &str) -> String {
    let safe = |c: char| match c {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        c if c.is_control() => " ".to_owned(),
        c => c.to_string(),
    };
    text.chars().map(safe).collect()
}
