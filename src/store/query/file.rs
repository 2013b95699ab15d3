//! An immutable file, ready to be queried: its source, its metadata and its channel index.
//!
//! Metadata of a day of 1,000 channels takes longer to parse than a query for one channel takes to answer, and never
//! changes, so parsed metadata is kept for the whole process, up to a stated size.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};

use crate::store::catalog::LiveFile;
use crate::store::parquet::{ChannelIndex, FileSource, ParquetError, read};
use crate::store::schema::{KEY_CHANNELS, KEY_SUMMARIES, sample_schema};
use crate::store::snapshot::Snapshot;

/// Parsed metadata kept, in bytes.
const CACHE_BYTES: usize = 48 << 20;

/// What the footer says.
#[derive(Debug)]
pub(super) struct Meta {
    pub parquet: Arc<ParquetMetaData>,
    pub channels: ChannelIndex,
    /// Whether rows may hold a summary in place of a sketch.
    pub has_summaries: bool,
    /// First row of each row group, and the number of rows at the end.
    pub group_starts: Vec<u64>,
    bytes: usize,
}

/// A file that is open for queries.
#[derive(Debug, Clone)]
pub(super) struct OpenFile {
    pub source: FileSource,
    pub meta: Arc<Meta>,
}

impl OpenFile {
    /// Opens `file` of `snapshot`, parsing its metadata unless that was done before.
    pub fn open(snapshot: &Snapshot, file: &LiveFile) -> Result<Self, ParquetError> {
        let key = (snapshot.path(file), file.crc32);
        let source = FileSource::open(&key.0)?;
        if let Some(meta) = cache().get(&key) {
            return Ok(Self { source, meta });
        }
        let meta = Arc::new(Meta::parse(&source)?);
        cache().put(key, Arc::clone(&meta));
        Ok(Self { source, meta })
    }
}

impl Meta {
    fn parse(source: &FileSource) -> Result<Self, ParquetError> {
        let reader = ParquetMetaDataReader::new().with_offset_index_policy(PageIndexPolicy::Required);
        let parquet = reader.parse_and_finish(source)?;
        read::check_table(parquet.file_metadata(), &sample_schema())?;
        let text = read::footer(parquet.file_metadata(), KEY_CHANNELS).unwrap_or_default();
        let channels = ChannelIndex::from_text(text).map_err(ParquetError::NotATable)?;
        let has_summaries = read::footer(parquet.file_metadata(), KEY_SUMMARIES) != Some("0");
        let mut group_starts = vec![0];
        let mut rows = 0;
        for group in parquet.row_groups() {
            rows += u64::try_from(group.num_rows()).unwrap_or(0);
            group_starts.push(rows);
        }
        let indexed = channels.spans().last().map_or(0, |span| span.first_row + span.rows);
        if indexed != rows {
            let problem = format!("its channel index covers {indexed} of {rows} rows");
            return Err(ParquetError::NotATable(problem));
        }
        let bytes = parquet.memory_size() + channels.spans().len() * 96;
        Ok(Self { parquet: Arc::new(parquet), channels, has_summaries, group_starts, bytes })
    }
}

/// Path and CRC-32 of the bytes, which tells apart two files that had the same name one after the other.
type Key = (PathBuf, u32);

/// Least recently used metadata goes first.
#[derive(Default)]
struct Cache {
    entries: BTreeMap<Key, (u64, Arc<Meta>)>,
    bytes: usize,
    uses: u64,
}

impl Cache {
    fn get(&mut self, key: &Key) -> Option<Arc<Meta>> {
        self.uses += 1;
        let (used, meta) = self.entries.get_mut(key)?;
        *used = self.uses;
        Some(Arc::clone(meta))
    }

    fn put(&mut self, key: Key, meta: Arc<Meta>) {
        self.bytes += meta.bytes;
        if let Some((_, replaced)) = self.entries.insert(key, (self.uses, meta)) {
            self.bytes -= replaced.bytes;
        }
        while self.bytes > CACHE_BYTES && self.entries.len() > 1 {
            let oldest = self.entries.iter().min_by_key(|(_, (used, _))| *used).map(|(key, _)| key.clone());
            let Some((_, dropped)) = oldest.and_then(|key| self.entries.remove(&key)) else { return };
            self.bytes -= dropped.bytes;
        }
    }
}

fn cache() -> std::sync::MutexGuard<'static, Cache> {
    static CACHE: LazyLock<Mutex<Cache>> = LazyLock::new(Mutex::default);
    // Every change of the cache is complete before anything can panic.
    CACHE.lock().unwrap_or_else(PoisonError::into_inner)
}
