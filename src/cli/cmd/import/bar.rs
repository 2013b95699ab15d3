//! The progress bar: bytes done, rows, rows per second. Nothing of it without a terminal or with `--quiet`.

use std::path::Path;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::cli::output::count;
use crate::clock::Stopwatch;
use crate::engine::import::Progress;

const TEMPLATE: &str = "{prefix} [{bar:30}] {bytes}/{total_bytes} {msg} (left: {eta})";

/// A bar for one file.
pub(super) struct Bar {
    bar: ProgressBar,
    started: Stopwatch,
}

impl Bar {
    /// A bar that shows the file's name; it hides itself where standard error is no terminal.
    pub(super) fn new(path: &Path, quiet: bool) -> Self {
        let bar = ProgressBar::new(0);
        bar.set_draw_target(if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() });
        bar.set_style(ProgressStyle::with_template(TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_prefix(path.file_name().unwrap_or_default().to_string_lossy().into_owned());
        Self { bar, started: Stopwatch::start() }
    }

    /// Shows how far the import is.
    pub(super) fn show(&self, progress: Progress) {
        self.bar.set_length(progress.bytes_total);
        self.bar.set_position(progress.bytes);
        let per_second = per_second(progress.rows, self.started.elapsed().as_secs_f64());
        self.bar.set_message(format!("{} rows, {} rows/s", count(progress.rows), count(per_second)));
    }

    /// Takes the bar away.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// Rows per second, rounded; 0 while no time has passed.
pub(super) fn per_second(rows: u64, seconds: f64) -> u64 {
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = rows as f64 / seconds;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "float casts saturate")]
    if rate.is_finite() { rate.round() as u64 } else { 0 }
}
