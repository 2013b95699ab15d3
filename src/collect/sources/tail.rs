//! Follows a file of lines that grows and rotates, and continues where it stopped.
//!
//! # Rotation
//! - *Rename and create*: the old file is known by device and inode, and read to its end under its new name before the
//!   new one is begun. A writer may go on writing to the old file for a moment, so it counts as finished only when two
//!   passes in a row found nothing new in it; then a last line without a line break counts as a line.
//! - *Copy and truncate*: the file is suddenly shorter, or begins differently. If a copy with the same beginning lies
//!   beside it, the copy is read to its end first; then reading begins again at 0. Lines that were written between
//!   copy and truncation are lost to everybody.
//! - Several rotations between two passes are followed from file to file in the order of their last change, as long as
//!   they are named like the file with a number or a date behind it and are not packed.
//! - If the old file cannot be found any more, that is counted ([`LOST`]) and reading begins with the new one.
//!
//! A pass reads a bounded number of bytes. The position moves only when the harvest was made durable
//! ([`Tail::accepted`]); it travels in the batch as the cursor, so that lines and position are one.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::collect::pull::{Gather, Pass, failed, gauge};
use crate::collect::source::{Admission, CollectFailure, Harvest};
use crate::collect::sources::calls;
use crate::collect::sources::tail::cut::cut;
use crate::collect::sources::tail::position::Position;
use crate::domain::batch::Batch;

pub mod cut;
pub mod find;
pub mod position;

/// Gauge: 1 when the file was found truncated and was begun again.
pub const TRUNCATED: &str = "foreroute_tail_truncated";

/// Gauge: 1 when the file being read could not be found any more; what was not read of it is lost.
pub const LOST: &str = "foreroute_tail_lost_file";

/// What one pass may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TailLimits {
    /// Bytes read at most; raised to twice `line_bytes` if it is less.
    pub pass_bytes: usize,
    /// The longest line; longer ones are passed over and rejected.
    pub line_bytes: usize,
}

impl Default for TailLimits {
    /// 8 MB a pass, lines of 1 MB.
    fn default() -> Self {
        Self { pass_bytes: 8_000_000, line_bytes: 1_000_000 }
    }
}

/// A position with its file held open, so that it can be finished even after it was deleted.
#[derive(Debug, Clone)]
struct Spot {
    position: Position,
    file: Arc<File>,
    /// Whether the last pass found the file rotated away and nothing new in it.
    quiet: bool,
}

/// A file being followed.
#[derive(Debug)]
pub struct Tail {
    name: String,
    path: PathBuf,
    limits: TailLimits,
    /// From a cursor, until the file is found.
    resume: Option<Position>,
    at: Option<Spot>,
    pending: Option<Spot>,
}

impl Tail {
    /// Follows `path` from its beginning, as the source `name`.
    #[must_use]
    pub fn new(name: &str, path: &Path, limits: TailLimits) -> Self {
        let pass_bytes = limits.pass_bytes.max(limits.line_bytes.saturating_mul(2));
        let limits = TailLimits { pass_bytes, ..limits };
        Self { name: name.to_owned(), path: path.to_owned(), limits, resume: None, at: None, pending: None }
    }

    /// The source's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Continues from a cursor of an earlier run.
    ///
    /// # Errors
    /// Why the cursor cannot be used; reading then begins at the beginning of the file.
    pub fn resume(&mut self, cursor: &str) -> Result<(), String> {
        (self.at, self.pending) = (None, None);
        self.resume = Position::decode(cursor);
        self.resume.map(|_| ()).ok_or_else(|| "is not a cursor of this source".to_owned())
    }

    /// Says that the last harvest is durable.
    pub fn accepted(&mut self) {
        if let Some(spot) = self.pending.take() {
            self.at = Some(spot);
            self.resume = None;
        }
    }

    /// Reads on. `parse` is given whole lines only; the line numbers of its rejects are made those of the file. A
    /// harvest whose batch is empty needs no acceptance.
    ///
    /// # Errors
    /// [`CollectFailure::Io`] if the file is not there or cannot be read.
    pub fn pass(
        &mut self,
        admission: &Admission,
        parse: impl FnOnce(&[u8], &Admission) -> Harvest,
    ) -> Result<Harvest, CollectFailure> {
        let path = self.path.display().to_string();
        let io_failure = |error: io::Error| CollectFailure::Io(format!("{path}: {error}"));
        let mut events = Vec::new();
        let mut spot = self.locate(&mut events).map_err(io_failure)?;
        let mut piece = self.read(&spot).map_err(io_failure)?;
        let rotated = self.is_rotated(&spot);
        // Quiet means: nothing but, at most, a line that nobody ends.
        let nothing_new = cut(&piece, self.limits.line_bytes, spot.position.skipping, false).consumed == 0;
        let finished = rotated && nothing_new && spot.quiet;
        if finished && piece.is_empty() {
            spot = spot_at(find::following(&self.path, &spot.file).map_err(io_failure)?).map_err(io_failure)?;
            piece = self.read(&spot).map_err(io_failure)?;
        }
        let last_line = finished && !piece.is_empty() && spot.quiet;
        let cut = cut(&piece, self.limits.line_bytes, spot.position.skipping, last_line);
        let mut harvest =
            if cut.lines.is_empty() { Harvest::default() } else { parse(&piece[cut.lines.clone()], admission) };
        harvest.batch.received_at = admission.at;
        for reject in &mut harvest.rejects {
            reject.line += spot.position.line + cut.before;
        }
        if cut.overlong {
            let line = spot.position.line + cut.ended + 1;
            harvest.reject(line, "", format!("is longer than {} bytes", self.limits.line_bytes));
        }
        let quiet = rotated && nothing_new;
        let moved_on = self.advance(spot, &cut, quiet).map_err(io_failure)?;
        self.report(&events, moved_on, &mut harvest.batch);
        Ok(harvest)
    }

    /// The position after `cut`; whether it differs from the accepted one.
    fn advance(&mut self, mut spot: Spot, cut: &cut::Cut, quiet: bool) -> io::Result<bool> {
        let position = &mut spot.position;
        position.offset += cut.consumed as u64;
        position.line += cut.ended;
        position.skipping = cut.skipping;
        if position.head.length < position::HEAD_BYTES {
            position.head = find::head_of(&spot.file, position.offset)?;
        }
        spot.quiet = quiet;
        let accepted = self.at.as_ref().map(|spot| spot.position).or(self.resume);
        if accepted == Some(spot.position) {
            // Nothing to make durable, so nobody will call `accepted`: what is known of the file is kept here.
            self.at = Some(spot);
            self.pending = None;
            return Ok(false);
        }
        self.pending = Some(spot);
        Ok(true)
    }

    fn report(&self, events: &[&str], moved_on: bool, batch: &mut Batch) {
        let readings = events.iter().map(|event| gauge(event, batch.received_at, &[("source", &self.name)], 1.0));
        batch.gauges.extend(readings);
        if let Some(spot) = self.pending.as_ref().filter(|_| moved_on) {
            batch.cursors.insert(self.name.clone(), spot.position.encode());
        }
    }

    /// The file to read from, after whatever happened to it since the last pass.
    fn locate(&self, events: &mut Vec<&str>) -> io::Result<Spot> {
        let known = match (&self.at, self.resume) {
            (Some(spot), _) => Some((spot.position, Some(spot.clone()))),
            (None, Some(position)) => Some((position, None)),
            (None, None) => None,
        };
        let Some((position, held)) = known else { return spot_at(File::open(&self.path)?) };
        let same = |file: &File| file.metadata().is_ok_and(|metadata| find::id_of(&metadata) == position.file);
        let held = match held {
            Some(spot) => Some(spot),
            None => File::open(&self.path).ok().filter(same).map(|file| at_position(position, file)),
        };
        if let Some(spot) = held {
            if find::continues(&spot.file, &position)? {
                return Ok(spot);
            }
            events.push(TRUNCATED);
            // The copy, if there is one, holds what was not yet read.
            if let Some(copy) = find::moved(&self.path, &position).filter(|copy| !same(copy)) {
                let file = find::id_of(&copy.metadata()?);
                return Ok(at_position(Position { file, ..position }, copy));
            }
            return spot_at(File::open(&self.path)?);
        }
        if let Some(file) = find::moved(&self.path, &position) {
            let id = find::id_of(&file.metadata()?);
            return Ok(at_position(Position { file: id, ..position }, file));
        }
        events.push(LOST);
        spot_at(File::open(&self.path)?)
    }

    /// Whether the live file is another one than that of `spot`.
    fn is_rotated(&self, spot: &Spot) -> bool {
        self.path.metadata().is_ok_and(|metadata| find::id_of(&metadata) != spot.position.file)
    }

    fn read(&self, spot: &Spot) -> io::Result<Vec<u8>> {
        let left = spot.file.metadata()?.len().saturating_sub(spot.position.offset);
        let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(self.limits.pass_bytes);
        let mut piece = vec![0; wanted];
        let mut have = 0;
        while have < wanted {
            match spot.file.read_at(&mut piece[have..], spot.position.offset + have as u64)? {
                0 => break,
                read => have += read,
            }
        }
        piece.truncate(have);
        Ok(piece)
    }
}

fn spot_at(file: File) -> io::Result<Spot> {
    let position = Position::start(find::id_of(&file.metadata()?));
    Ok(at_position(position, file))
}

fn at_position(position: Position, file: File) -> Spot {
    Spot { position, file: Arc::new(file), quiet: false }
}

impl Gather for Tail {
    fn name(&self) -> &str {
        Self::name(self)
    }

    async fn gather(&mut self, admission: impl Fn() -> Admission + Send) -> Pass {
        let admission = admission();
        let limits = calls::Limits { line_bytes: self.limits.line_bytes, ..calls::Limits::default() };
        match self.pass(&admission, |lines, admission| calls::parse_lines(lines, limits, admission)) {
            Ok(harvest) => Pass { harvest, failure: None },
            Err(failure) => failed(&self.name, failure, admission.at),
        }
    }

    fn accepted(&mut self) {
        Self::accepted(self);
    }
}

#[cfg(test)]
mod tests;
