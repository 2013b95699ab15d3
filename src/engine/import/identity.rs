//! What makes two imports the same.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::Cuts;
use crate::collect::import::mapping::Mapping;
use crate::collect::import::read::ReadError;

/// Raised when equal files begin to give other minutes, or other cuts.
const VERSION: u32 = 1;

/// The identity of importing `path` with `mapping` and `cuts`: 64 hexadecimal digits. The file's name is not part of
/// it, its content is.
///
/// # Errors
/// [`ReadError`] if the file cannot be read.
pub fn of(path: &Path, mapping: &Mapping, cuts: Cuts) -> Result<String, ReadError> {
    let mut hash = Sha256::new();
    let Cuts { chunk_rows, held_minutes } = cuts;
    hash.update(format!("foreroute import {VERSION}\ncuts={chunk_rows},{held_minutes}\n{}\n", mapping.canonical()));
    feed(path, &mut hash).map_err(|source| ReadError::Io { path: path.to_owned(), row: 0, source })?;
    let mut id = String::with_capacity(64);
    for byte in hash.finalize() {
        // Writing to a `String` cannot fail.
        let _infallible = write!(id, "{byte:02x}");
    }
    Ok(id)
}

fn feed(path: &Path, hash: &mut Sha256) -> io::Result<()> {
    let mut file = BufReader::new(File::open(path)?);
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(()),
            count => hash.update(&buffer[..count]),
        }
    }
}
