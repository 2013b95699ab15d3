//! Reads every live file from its first to its last byte.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::store::parquet::{GaugeReader, RecordReader, SampleReader};
use crate::store::schema::{self, RowKind};
use crate::store::{LiveFile, Snapshot};

/// Something wrong with one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// The file, relative to the data directory.
    pub(super) path: String,
    /// What is wrong with it.
    pub(super) problem: String,
}

/// What is wrong with the live files of `snapshot`.
pub(super) fn faults(snapshot: &Snapshot) -> Vec<Fault> {
    let fault = |file: &LiveFile| {
        let problem = check(file, &snapshot.path(file)).err()?;
        Some(Fault { path: file.path.clone(), problem })
    };
    snapshot.catalog().files.iter().filter_map(fault).collect()
}

fn check(file: &LiveFile, path: &Path) -> Result<(), String> {
    let (bytes, crc32) = checksum(path).map_err(|error| format!("cannot be read: {error}"))?;
    if bytes != file.bytes {
        return Err(format!("has {bytes} bytes, the catalog says {}", file.bytes));
    }
    if crc32 != file.crc32 {
        return Err(format!("has the checksum {crc32:08x}, the catalog says {:08x}", file.crc32));
    }
    let rows = rows(file, path)?;
    if rows != file.rows {
        return Err(format!("has {rows} rows, the catalog says {}", file.rows));
    }
    Ok(())
}

fn checksum(path: &Path) -> io::Result<(u64, u32)> {
    let mut file = File::open(path)?;
    let mut hasher = crc32fast::Hasher::new();
    let mut buffer = vec![0; 1 << 16];
    let mut bytes = 0;
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok((bytes, hasher.finalize()));
        }
        hasher.update(&buffer[..read]);
        bytes += read as u64;
    }
}

/// Decodes every row, which also finds what a checksum cannot: files that were written wrong.
fn rows(file: &LiveFile, path: &Path) -> Result<u64, String> {
    fn count<T, E: std::error::Error>(rows: Result<impl Iterator<Item = Result<T, E>>, E>) -> Result<u64, E> {
        rows?.try_fold(0, |count, row| row.map(|_| count + 1))
    }
    let counted = match schema::table(&file.table).map(|table| table.rows) {
        Some(RowKind::Samples) => count(SampleReader::open(path)),
        Some(RowKind::Gauges) => count(GaugeReader::open(path)),
        Some(RowKind::Records(_)) => count(RecordReader::open(path)),
        None => return Err("belongs to no known table".to_owned()),
    };
    counted.map_err(|error| error.to_string())
}
