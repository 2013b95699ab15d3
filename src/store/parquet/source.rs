//! A file as the parquet crate reads it, by position.
//!
//! The crate's own implementation for `File` duplicates the descriptor and moves its shared offset for every page;
//! positioned reads need neither and are safe from several threads.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use parquet::errors::Result;
use parquet::file::reader::{ChunkReader, Length};

use crate::store::parquet::ParquetError;

/// An open immutable file. Cheap to clone; stays readable after the file is deleted.
#[derive(Debug, Clone)]
pub struct FileSource(Kind);

#[derive(Debug, Clone)]
enum Kind {
    File { file: Arc<File>, bytes: u64 },
    Memory(Bytes),
}

impl FileSource {
    /// Opens `path`.
    ///
    /// # Errors
    /// [`ParquetError::Open`] with the path.
    pub fn open(path: &Path) -> std::result::Result<Self, ParquetError> {
        let opened = File::open(path).and_then(Self::from_file);
        opened.map_err(|source| ParquetError::Open { path: path.to_owned(), source })
    }

    /// An already open file.
    ///
    /// # Errors
    /// If its size cannot be found out.
    pub fn from_file(file: File) -> io::Result<Self> {
        Ok(Self(Kind::File { bytes: file.metadata()?.len(), file: Arc::new(file) }))
    }

    /// A file's bytes, from anywhere.
    #[must_use]
    pub const fn from_bytes(bytes: Bytes) -> Self {
        Self(Kind::Memory(bytes))
    }
}

impl Length for FileSource {
    fn len(&self) -> u64 {
        match &self.0 {
            Kind::File { bytes, .. } => *bytes,
            Kind::Memory(bytes) => bytes.len() as u64,
        }
    }
}

impl ChunkReader for FileSource {
    type T = BufReader<FromPosition>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        Ok(BufReader::new(FromPosition { source: self.clone(), at: start }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        match &self.0 {
            Kind::File { file, .. } => {
                let mut buffer = vec![0; length];
                file.read_exact_at(&mut buffer, start)?;
                Ok(buffer.into())
            }
            Kind::Memory(bytes) => bytes.get_bytes(start, length),
        }
    }
}

/// Reads on from a position without touching the file's own.
#[derive(Debug)]
pub struct FromPosition {
    source: FileSource,
    at: u64,
}

impl Read for FromPosition {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = match &self.source.0 {
            Kind::File { file, .. } => file.read_at(buffer, self.at)?,
            Kind::Memory(bytes) => {
                let start = usize::try_from(self.at).unwrap_or(usize::MAX).min(bytes.len());
                (&bytes[start..]).read(buffer)?
            }
        };
        self.at += read as u64;
        Ok(read)
    }
}
