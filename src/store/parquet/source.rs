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
pub struct FileSource {
    file: Arc<File>,
    bytes: u64,
}

impl FileSource {
    /// Opens `path`.
    ///
    /// # Errors
    /// [`ParquetError::Open`] with the path.
    pub fn open(path: &Path) -> std::result::Result<Self, ParquetError> {
        let opened = File::open(path).and_then(|file| Ok(Self { bytes: file.metadata()?.len(), file: Arc::new(file) }));
        opened.map_err(|source| ParquetError::Open { path: path.to_owned(), source })
    }
}

impl Length for FileSource {
    fn len(&self) -> u64 {
        self.bytes
    }
}

impl ChunkReader for FileSource {
    type T = BufReader<FromPosition>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        Ok(BufReader::new(FromPosition { file: Arc::clone(&self.file), at: start }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let mut buffer = vec![0; length];
        self.file.read_exact_at(&mut buffer, start)?;
        Ok(buffer.into())
    }
}

/// Reads on from a position without touching the file's own.
#[derive(Debug)]
pub struct FromPosition {
    file: Arc<File>,
    at: u64,
}

impl Read for FromPosition {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(buffer, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}
