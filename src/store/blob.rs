//! Durable immutable files behind the `object_store` interface.
//!
//! Everything but the log goes through [`ObjectStore`], so that a bucket is a setting later. The local implementation
//! is ours, because `object_store` 0.13's `LocalFileSystem` never syncs: a file is written aside, synced, given its
//! name (renamed, or linked if it must be new), and its folder is synced. A reader never sees half a file, and what
//! was reported as written survives a power cut.

use std::collections::BTreeSet;
use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::executor::block_on;
use futures::stream::{self, BoxStream, StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{
    Attributes, CopyMode, CopyOptions, GetOptions, GetResult, GetResultPayload, ListResult, MultipartUpload,
    ObjectMeta, ObjectStore, ObjectStoreExt, PutMode, PutMultipartOptions, PutOptions, PutPayload, PutResult,
    UploadPart,
};

use crate::store::disk::{Disk, DiskFile, Source, ensure_dir, parent_of};
use crate::store::error::StoreError;

/// Ending of files that are still being written.
pub(crate) const TEMPORARY: &str = ".tmp";
/// Bytes buffered before they are handed to the object store: above the least part size of every bucket.
const PART_BYTES: usize = 8 * 1024 * 1024;
/// Name of this implementation in messages of `object_store`.
const NAME: &str = "durable local disk";

/// An [`ObjectStore`] on a [`Disk`] whose writes are durable when they return.
#[derive(Debug, Clone)]
pub struct DurableLocal {
    disk: Arc<dyn Disk>,
    /// Directories that this process has made durable; each costs its syncs once.
    dirs: Arc<Mutex<BTreeSet<String>>>,
}

impl DurableLocal {
    /// Objects are files of `disk`.
    #[must_use]
    pub fn new(disk: Arc<dyn Disk>) -> Self {
        Self { disk, dirs: Arc::default() }
    }

    fn ensure_dir(&self, dir: &str) -> io::Result<()> {
        let mut dirs = self.dirs.lock().unwrap_or_else(PoisonError::into_inner);
        if !dirs.contains(dir) {
            ensure_dir(&*self.disk, dir)?;
            dirs.insert(dir.to_owned());
        }
        Ok(())
    }

    /// A file that will become `path`, under its temporary name. A leftover of an earlier try is replaced.
    fn begin(&self, path: &str) -> io::Result<Staged> {
        self.ensure_dir(parent_of(path))?;
        let temporary = format!("{path}{TEMPORARY}");
        let file = match self.disk.create_new(&temporary) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                self.disk.remove(&temporary)?;
                self.disk.create_new(&temporary)?
            }
            other => other?,
        };
        Ok(Staged { disk: self.disk.clone(), path: path.to_owned(), temporary, file })
    }

    fn meta(&self, path: &str) -> io::Result<ObjectMeta> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let entries = self.disk.list(parent_of(path))?;
        let entry = entries.into_iter().find(|entry| entry.name == name && !entry.is_dir);
        let entry = entry.ok_or(io::ErrorKind::NotFound)?;
        Ok(meta_of(path, entry.bytes, entry.modified))
    }

    fn walk(&self, dir: &str, into: &mut Vec<ObjectMeta>) -> io::Result<()> {
        for entry in self.disk.list(dir)? {
            let path = if dir.is_empty() { entry.name } else { format!("{dir}/{}", entry.name) };
            if entry.is_dir {
                self.walk(&path, into)?;
            } else {
                into.push(meta_of(&path, entry.bytes, entry.modified));
            }
        }
        Ok(())
    }
}

fn meta_of(path: &str, size: u64, last_modified: DateTime<Utc>) -> ObjectMeta {
    ObjectMeta { location: Path::from(path), last_modified, size, e_tag: None, version: None }
}

/// A file on its way to its name.
#[derive(Debug)]
struct Staged {
    disk: Arc<dyn Disk>,
    path: String,
    temporary: String,
    file: Box<dyn DiskFile>,
}

impl Staged {
    /// Makes contents and name durable. With `exclusive`, fails with `AlreadyExists` if the name is taken.
    fn finish(mut self, exclusive: bool) -> io::Result<()> {
        self.file.sync()?;
        if exclusive {
            let linked = self.disk.hard_link(&self.temporary, &self.path);
            let removed = self.disk.remove(&self.temporary);
            linked.and(removed)?;
        } else {
            self.disk.rename(&self.temporary, &self.path)?;
        }
        self.disk.sync_dir(parent_of(&self.path))
    }

    /// Writes and finishes; on failure tries to leave nothing behind (what stays is removed at the next opening).
    fn put(mut self, payload: &PutPayload, exclusive: bool) -> io::Result<()> {
        let (disk, temporary) = (self.disk.clone(), self.temporary.clone());
        let written = payload.iter().try_for_each(|part| self.file.write_all(part));
        let done = written.and_then(|()| self.finish(exclusive));
        if done.is_err() {
            let _best_effort = disk.remove(&temporary);
        }
        done
    }
}

/// Turns an error of the operating system into one of `object_store`.
fn object_error(path: &str, source: io::Error) -> object_store::Error {
    let path = path.to_owned();
    match source.kind() {
        io::ErrorKind::NotFound => object_store::Error::NotFound { path, source: Box::new(source) },
        io::ErrorKind::AlreadyExists => object_store::Error::AlreadyExists { path, source: Box::new(source) },
        io::ErrorKind::PermissionDenied => object_store::Error::PermissionDenied { path, source: Box::new(source) },
        _ => object_store::Error::Generic { store: NAME, source: Box::new(source) },
    }
}

impl fmt::Display for DurableLocal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(NAME)
    }
}

#[async_trait]
impl ObjectStore for DurableLocal {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> object_store::Result<PutResult> {
        let exclusive = match options.mode {
            PutMode::Overwrite => false,
            PutMode::Create => true,
            PutMode::Update(_) => {
                let operation = "put with PutMode::Update".to_owned();
                return Err(object_store::Error::NotImplemented { operation, implementer: NAME.to_owned() });
            }
        };
        let put = self.begin(location.as_ref()).and_then(|staged| staged.put(&payload, exclusive));
        put.map_err(|error| object_error(location.as_ref(), error))?;
        Ok(PutResult { e_tag: None, version: None })
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        _options: PutMultipartOptions,
    ) -> object_store::Result<Box<dyn MultipartUpload>> {
        let staged = self.begin(location.as_ref()).map_err(|error| object_error(location.as_ref(), error))?;
        Ok(Box::new(Upload(Some(staged))))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> object_store::Result<GetResult> {
        let path = location.as_ref();
        let failed = |error| object_error(path, error);
        let meta = self.meta(path).map_err(failed)?;
        options.check_preconditions(&meta)?;
        let whole = 0..meta.size;
        let range = match &options.range {
            None => whole,
            Some(range) => range
                .as_range(meta.size)
                .map_err(|error| object_store::Error::Generic { store: NAME, source: Box::new(error) })?,
        };
        let payload = match self.disk.open(path).map_err(failed)? {
            Source::File(file, full) => GetResultPayload::File(file, full),
            Source::Bytes(bytes) => {
                let part = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
                let bytes = bytes.slice(part(range.start)..part(range.end));
                GetResultPayload::Stream(stream::once(async move { Ok(bytes) }).boxed())
            }
        };
        Ok(GetResult { payload, meta, range, attributes: Attributes::default() })
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, object_store::Result<Path>>,
    ) -> BoxStream<'static, object_store::Result<Path>> {
        let disk = self.disk.clone();
        locations
            .map(move |location| {
                let location = location?;
                disk.remove(location.as_ref()).map_err(|error| object_error(location.as_ref(), error))?;
                Ok(location)
            })
            .boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, object_store::Result<ObjectMeta>> {
        let dir = prefix.map_or("", |prefix| prefix.as_ref());
        let mut found = Vec::new();
        let walked = self.walk(dir, &mut found).map_err(|error| object_error(dir, error));
        let results: Vec<_> = walked.err().into_iter().map(Err).chain(found.into_iter().map(Ok)).collect();
        stream::iter(results).boxed()
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> object_store::Result<ListResult> {
        let dir = prefix.map_or("", |prefix| prefix.as_ref());
        let entries = self.disk.list(dir).map_err(|error| object_error(dir, error))?;
        let mut result = ListResult { common_prefixes: Vec::new(), objects: Vec::new() };
        for entry in entries {
            let path = if dir.is_empty() { entry.name } else { format!("{dir}/{}", entry.name) };
            if entry.is_dir {
                result.common_prefixes.push(Path::from(path));
            } else {
                result.objects.push(meta_of(&path, entry.bytes, entry.modified));
            }
        }
        Ok(result)
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> object_store::Result<()> {
        let bytes = self.get(from).await?.bytes().await?;
        let mode = match options.mode {
            CopyMode::Overwrite => PutMode::Overwrite,
            CopyMode::Create => PutMode::Create,
        };
        self.put_opts(to, bytes.into(), mode.into()).await?;
        Ok(())
    }
}

/// A file that arrives in parts, in order.
#[derive(Debug)]
struct Upload(Option<Staged>);

impl Upload {
    fn gone() -> object_store::Error {
        object_store::Error::Generic { store: NAME, source: "the upload has ended".into() }
    }
}

#[async_trait]
impl MultipartUpload for Upload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        let result = self.0.as_mut().ok_or_else(Self::gone).and_then(|staged| {
            let written = data.iter().try_for_each(|part| staged.file.write_all(part));
            written.map_err(|error| object_error(&staged.path, error))
        });
        Box::pin(async move { result })
    }

    async fn complete(&mut self) -> object_store::Result<PutResult> {
        let staged = self.0.take().ok_or_else(Self::gone)?;
        let path = staged.path.clone();
        staged.finish(false).map_err(|error| object_error(&path, error))?;
        Ok(PutResult { e_tag: None, version: None })
    }

    async fn abort(&mut self) -> object_store::Result<()> {
        let Some(staged) = self.0.take() else { return Ok(()) };
        staged.disk.remove(&staged.temporary).map_err(|error| object_error(&staged.temporary, error))
    }
}

/// Synchronous use of an object store: the few operations that the store needs.
///
/// Must not be called from within another `futures` executor; a thread of tokio is fine.
#[derive(Debug, Clone)]
pub(crate) struct Blobs {
    objects: Arc<dyn ObjectStore>,
}

impl Blobs {
    pub(crate) fn new(objects: Arc<dyn ObjectStore>) -> Self {
        Self { objects }
    }

    /// Writes a whole object, replacing what was there.
    pub(crate) fn put(&self, path: &str, bytes: Bytes) -> Result<(), StoreError> {
        let location = Path::from(path);
        block_on(self.objects.put(&location, bytes.into())).map_err(StoreError::object("write", path))?;
        Ok(())
    }

    /// Writes a whole object if there is none of that name; `false` if there is.
    pub(crate) fn put_if_absent(&self, path: &str, bytes: Bytes) -> Result<bool, StoreError> {
        let location = Path::from(path);
        match block_on(self.objects.put_opts(&location, bytes.into(), PutMode::Create.into())) {
            Ok(_) => Ok(true),
            Err(object_store::Error::AlreadyExists { .. }) => Ok(false),
            Err(error) => Err(StoreError::object("write", path)(error)),
        }
    }

    /// The bytes of an object.
    pub(crate) fn get(&self, path: &str) -> Result<Bytes, StoreError> {
        let location = Path::from(path);
        let bytes = block_on(async { self.objects.get(&location).await?.bytes().await });
        bytes.map_err(StoreError::object("read", path))
    }

    /// An object opened for random access: a file where it is one, else its bytes.
    pub(crate) fn open(&self, path: &str) -> Result<Source, StoreError> {
        let location = Path::from(path);
        let found = block_on(self.objects.get(&location)).map_err(StoreError::object("open", path))?;
        match found.payload {
            GetResultPayload::File(file, full) => Ok(Source::File(file, full)),
            GetResultPayload::Stream(_) => {
                let bytes = block_on(found.bytes()).map_err(StoreError::object("read", path))?;
                Ok(Source::Bytes(bytes))
            }
        }
    }

    /// A writer for an object of any size; nothing can be seen of it before [`BlobWriter::finish`].
    pub(crate) fn writer(&self, path: &str) -> Result<BlobWriter, StoreError> {
        let upload =
            block_on(self.objects.put_multipart(&Path::from(path))).map_err(StoreError::object("create", path))?;
        let crc = crc32fast::Hasher::new();
        Ok(BlobWriter { upload, is_finished: false, buffer: Vec::new(), crc, bytes: 0, path: path.to_owned() })
    }

    /// Removes an object; it is no error if there is none.
    pub(crate) fn delete(&self, path: &str) -> Result<(), StoreError> {
        match block_on(self.objects.delete(&Path::from(path))) {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(StoreError::object("delete", path)(error)),
        }
    }

    /// Paths and sizes of all objects below `prefix`, in path order.
    pub(crate) fn list(&self, prefix: &str) -> Result<Vec<(String, u64)>, StoreError> {
        let location = Path::from(prefix);
        let found: Result<Vec<ObjectMeta>, _> = block_on(self.objects.list(Some(&location)).try_collect());
        let found = found.map_err(StoreError::object("list", prefix))?;
        let mut paths: Vec<_> = found.into_iter().map(|meta| (meta.location.to_string(), meta.size)).collect();
        paths.sort();
        Ok(paths)
    }
}

/// Writes one object in parts, and sums it up on the way. Dropping it unfinished removes what was written, as far as
/// that works.
#[derive(Debug)]
pub(crate) struct BlobWriter {
    upload: Box<dyn MultipartUpload>,
    is_finished: bool,
    buffer: Vec<u8>,
    crc: crc32fast::Hasher,
    bytes: u64,
    path: String,
}

/// Size and checksum of a written object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Written {
    /// Size in bytes.
    pub(crate) bytes: u64,
    /// CRC-32 (IEEE) of all bytes.
    pub(crate) crc32: u32,
}

impl BlobWriter {
    fn send(&mut self) -> io::Result<()> {
        let part = std::mem::take(&mut self.buffer);
        block_on(self.upload.put_part(part.into())).map_err(io::Error::other)
    }

    /// Makes the object durable and visible.
    pub(crate) fn finish(mut self) -> Result<Written, StoreError> {
        if !self.buffer.is_empty() {
            self.send().map_err(StoreError::io("write", &self.path))?;
        }
        block_on(self.upload.complete()).map_err(StoreError::object("write", &self.path))?;
        self.is_finished = true;
        Ok(Written { bytes: self.bytes, crc32: self.crc.clone().finalize() })
    }
}

impl Drop for BlobWriter {
    fn drop(&mut self) {
        if !self.is_finished {
            let _best_effort = block_on(self.upload.abort());
        }
    }
}

impl Write for BlobWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        self.crc.update(bytes);
        self.bytes += bytes.len() as u64;
        if self.buffer.len() >= PART_BYTES {
            self.send()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::disk::LocalDisk;

    fn blobs() -> (tempfile::TempDir, Blobs) {
        let dir = tempfile::tempdir().expect("temporary directory");
        let disk = LocalDisk::create(dir.path()).expect("directory");
        (dir, Blobs::new(Arc::new(DurableLocal::new(Arc::new(disk)))))
    }

    #[test]
    fn objects_are_written_read_listed_and_removed() {
        let (_dir, blobs) = blobs();
        blobs.put("a/b/one", Bytes::from_static(b"1")).expect("written");
        blobs.put("a/b/one", Bytes::from_static(b"22")).expect("replaced");
        assert_eq!(blobs.get("a/b/one").expect("there"), Bytes::from_static(b"22"));
        assert!(blobs.put_if_absent("a/two", Bytes::from_static(b"2")).expect("absent"));
        assert!(!blobs.put_if_absent("a/two", Bytes::from_static(b"3")).expect("present"));
        assert_eq!(blobs.list("a").expect("listed"), [("a/b/one".to_owned(), 2), ("a/two".to_owned(), 1)]);
        blobs.delete("a/two").expect("removed");
        blobs.delete("a/two").expect("nothing to remove is fine");
        assert!(blobs.get("a/two").expect_err("gone").is_not_found());
    }

    #[test]
    fn parts_become_visible_only_when_finished() {
        let (_dir, blobs) = blobs();
        let mut writer = blobs.writer("t/x.parquet").expect("created");
        let chunk = vec![7; PART_BYTES / 2 + 1];
        for _ in 0..3 {
            writer.write_all(&chunk).expect("written");
        }
        assert!(blobs.get("t/x.parquet").is_err());
        let written = writer.finish().expect("finished");
        let bytes = blobs.get("t/x.parquet").expect("there");
        assert_eq!((written.bytes, written.crc32), (bytes.len() as u64, crc32fast::hash(&bytes)));
        drop(blobs.writer("t/y.parquet").expect("created"));
        assert_eq!(blobs.list("t").expect("listed").len(), 1);
    }
}
