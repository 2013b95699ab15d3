//! Backfill: a file's rows to published minutes, each once, however often the import is started or stopped.
//!
//! An import is identified by what it would bring: the file's content, the mapping, and the sizes that decide where
//! it is cut. Minutes are published in pieces, each together with a mark that says after which row it was cut. The
//! same identity cuts at the same rows, so a run that finds a mark reads the file again from its start, rebuilds what
//! was held back at that row, throws away what was published before, and goes on from there. Since a piece and its
//! mark become visible at one instant, an interruption anywhere neither loses nor repeats a row.
//!
//! Prices are not part of the identity: a file imported under old prices is not counted again under new ones.

use std::path::{Path, PathBuf};

use crate::clock::Stopwatch;
use crate::collect::import::fold::{Fold, HELD_MINUTES};
use crate::collect::import::mapping::{Kind, Mapping, MappingError, Wishes};
use crate::collect::import::read::{Chunk, ReadError, Reader};
use crate::collect::import::row::{Row, RowParser};
use crate::collect::source::Admission;
use crate::domain::batch::{Amendment, Mode, Reject};
use crate::domain::call::Call;
use crate::domain::price::{PriceList, Usage};
use crate::domain::sample::Sample;

pub mod identity;
pub mod summary;
pub mod target;

pub use summary::{Summary, Verdict};
pub use target::{DryRun, Piece, StoreTarget, Target, TargetError};

/// Where an import is cut. Part of its identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cuts {
    /// Rows read at a time; minutes are published between two such chunks.
    pub chunk_rows: usize,
    /// Minutes held before some are published.
    pub held_minutes: usize,
}

impl Default for Cuts {
    fn default() -> Self {
        Self { chunk_rows: 8_192, held_minutes: HELD_MINUTES }
    }
}

/// One file to import.
#[derive(Debug)]
pub struct Import<'a> {
    /// The file.
    pub path: &'a Path,
    /// What the operator asked for.
    pub wishes: &'a Wishes,
    /// What rows are let in.
    pub admission: &'a Admission,
    /// Prices for rows that do not state their cost.
    pub prices: Option<&'a PriceList>,
    /// Where to cut.
    pub cuts: Cuts,
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Rows read.
    pub rows: u64,
    /// Bytes of the file consumed.
    pub bytes: u64,
    /// Bytes of the file.
    pub bytes_total: u64,
}

/// Why an import did not end.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// There is no way to understand the file; nothing was done.
    #[error("cannot import {}", path.display())]
    Mapping {
        /// The file.
        path: PathBuf,
        /// What is missing.
        source: MappingError,
    },
    /// The file cannot be opened; nothing was done.
    #[error("cannot import {}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: ReadError,
    },
    /// The file cannot be read to its end. Rows up to `rows_published` are in the store.
    #[error("import of {} stopped, with {rows_published} rows published", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Rows that are in the store.
        rows_published: u64,
        /// What is wrong.
        source: ReadError,
    },
    /// Minutes cannot be published. Rows up to `rows_published` are in the store; the same command goes on from
    /// there.
    #[error("import of {} stopped, with {rows_published} rows published", path.display())]
    Publish {
        /// The file.
        path: PathBuf,
        /// Rows that are in the store.
        rows_published: u64,
        /// What is wrong.
        source: TargetError,
    },
}

impl Import<'_> {
    /// Imports the file into `target`, telling `watch` how far it is after each chunk.
    ///
    /// # Errors
    /// [`ImportError`] if the file cannot be understood, read to its end, or published. Single bad rows are counted
    /// in the summary and are no error.
    pub fn run(&self, target: &mut dyn Target, watch: &mut dyn FnMut(Progress)) -> Result<Summary, ImportError> {
        let watch_started = Stopwatch::start();
        let open = |source| ImportError::Open { path: self.path.to_owned(), source };
        let mut reader = Reader::open(self.path).map_err(open)?;
        let mapping = Mapping::choose(self.wishes, reader.columns())
            .map_err(|source| ImportError::Mapping { path: self.path.to_owned(), source })?;
        let id = identity::of(self.path, &mapping, self.cuts).map_err(open)?;
        let mut summary = Summary::new(self.path, reader.format(), &mapping, reader.columns());
        let before = target.mark(&id);
        if let Some(mark) = before.as_ref().filter(|mark| mark.complete) {
            summary.verdict = Verdict::AlreadyImported { source: mark.source.clone() };
            return Ok(summary);
        }
        let published = before.map_or(0, |mark| mark.rows_done);
        summary.verdict = target.verdict(published);
        let parser = RowParser::new(&mapping);
        reader.select(parser.columns()).map_err(open)?;
        let fold = Fold::new(self.cuts.held_minutes);
        let mut run = Run { import: self, id, kind: mapping.kind, reader, parser, fold, published, summary };
        run.work(target, watch)?;
        run.summary.seconds = watch_started.elapsed().as_secs_f64();
        Ok(run.summary)
    }
}

/// An import under way.
struct Run<'a> {
    import: &'a Import<'a>,
    id: String,
    kind: Kind,
    reader: Reader,
    parser: RowParser,
    fold: Fold,
    /// Rows that the store has: what is cut at or before this row is thrown away.
    published: u64,
    summary: Summary,
}

impl Run<'_> {
    fn work(&mut self, target: &mut dyn Target, watch: &mut dyn FnMut(Progress)) -> Result<(), ImportError> {
        while let Some(chunk) = self.next_chunk()? {
            for row in 0..chunk.len() {
                self.take(&chunk, row);
            }
            let settled = self.fold.settled();
            if !settled.is_empty() {
                self.publish(target, settled, false)?;
            }
            let (bytes, bytes_total) = self.reader.progress();
            watch(Progress { rows: self.summary.rows, bytes, bytes_total });
        }
        let rest = self.fold.drain();
        self.publish(target, rest, true)
    }

    fn next_chunk(&mut self) -> Result<Option<Chunk>, ImportError> {
        self.reader.next_chunk(self.import.cuts.chunk_rows).map_err(|source| ImportError::Read {
            path: self.import.path.to_owned(),
            rows_published: self.published,
            source,
        })
    }

    /// Sorts one row into the fold or the summary.
    fn take(&mut self, chunk: &Chunk, row: usize) {
        self.summary.rows += 1;
        match self.parser.parse(chunk, row, self.import.admission) {
            Row::Skipped(value) => self.summary.skip(value),
            Row::Rejected(reject) => self.summary.reject(reject),
            Row::Call(mut call) => {
                self.price_call(&mut call);
                self.summary.accept_call(&call);
                self.fold.add_call(&call);
            }
            Row::Minute(mut sample) => {
                self.price_minute(&mut sample);
                let (channel, minute) = (sample.channel.clone(), sample.minute);
                let accepted = sample.clone();
                if self.fold.add_minute(sample) {
                    self.summary.accept_minute(&accepted);
                } else {
                    let problem = format!("repeats the minute {minute} of `{channel}`; the first such row counts");
                    let line = chunk.first_row + row as u64;
                    self.summary.reject(Reject { line, field: String::new(), problem });
                }
            }
        }
    }

    fn price_call(&self, call: &mut Call) {
        let usage =
            Usage { prompt: call.tokens_prompt, completion: call.tokens_completion, cached: call.tokens_cached };
        call.cost = call.cost.or_else(|| self.import.prices?.cost(&call.channel, call.ts, usage));
    }

    fn price_minute(&self, sample: &mut Sample) {
        let usage =
            Usage { prompt: sample.tokens_prompt, completion: sample.tokens_completion, cached: sample.tokens_cached };
        sample.cost = sample.cost.or_else(|| self.import.prices?.cost(&sample.channel, sample.minute.start(), usage));
    }

    /// Publishes `samples`, cut after the rows read so far, unless the store has them.
    fn publish(&mut self, target: &mut dyn Target, samples: Vec<Sample>, complete: bool) -> Result<(), ImportError> {
        self.summary.minutes += samples.len() as u64;
        if self.summary.rows <= self.published && !complete {
            return Ok(());
        }
        let mode = match self.kind {
            Kind::Calls => Mode::Add,
            Kind::Samples => Mode::Replace,
        };
        let piece = Piece {
            id: self.id.clone(),
            source: format!("{} at {}", self.import.path.display(), self.import.admission.at),
            rows_done: self.summary.rows,
            complete,
            samples: samples.into_iter().map(|sample| Amendment { sample, mode }).collect(),
        };
        target.publish(piece).map_err(|source| ImportError::Publish {
            path: self.import.path.to_owned(),
            rows_published: self.published,
            source,
        })?;
        self.published = self.summary.rows;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
