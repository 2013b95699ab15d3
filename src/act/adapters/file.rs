//! Files that others read while they are replaced.

use std::io::Write as _;
use std::path::Path;
use std::{fs, io};

use crate::act::adapters::AdapterError;

/// Replaces `path` as a whole: readers see the old text or the new one, also after a power cut. Its permissions stay.
pub(super) async fn replace(path: &Path, text: &str) -> Result<(), AdapterError> {
    let (to, text) = (path.to_owned(), text.to_owned());
    let done = tokio::task::spawn_blocking(move || write(&to, &text)).await.unwrap_or_else(|error| Err(error.into()));
    done.map_err(|error| AdapterError::File { path: path.to_owned(), error })
}

/// The text of `path`; `None` if it cannot be read.
pub(super) async fn read(path: &Path) -> Option<String> {
    let path = path.to_owned();
    tokio::task::spawn_blocking(move || fs::read_to_string(path).ok()).await.ok().flatten()
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    let name = path.file_name().ok_or_else(|| io::Error::other("it has no name"))?;
    let mut aside = name.to_owned();
    aside.push(".new");
    let aside = path.with_file_name(aside);
    let mut file = fs::File::create(&aside)?;
    file.write_all(text.as_bytes())?;
    if let Ok(known) = fs::metadata(path) {
        file.set_permissions(known.permissions())?;
    }
    file.sync_all()?;
    fs::rename(&aside, path)?;
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::File::open(directory)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_is_replaced_as_a_whole_and_nothing_is_left_beside_it() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("upstream.conf");
        for text in ["one", "two"] {
            replace(&path, text).await.expect("written");
            assert_eq!(read(&path).await.as_deref(), Some(text));
        }
        assert_eq!(fs::read_dir(dir.path()).expect("listed").count(), 1);
        let error = replace(&dir.path().join("none/upstream.conf"), "x").await.expect_err("no directory");
        assert!(error.to_string().contains("none/upstream.conf"), "{error}");
    }
}
